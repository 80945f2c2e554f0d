"""Where on a sheet a form begins, and which one: by its first label and the blocks below that, whatever its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from evalxl import layout
from evalxl.intake.forms.declaration import LONGEST_LABEL, NONE, Form, load
from evalxl.values.folding import clean, fold

_MOST_ROWS = 500  # a workbook of forms begins with one
_ABOVE = 8  # rows; a title stands so near above the first label
_APART = 6  # rows; nearer to the name of a project stands no other form's first label
_LEAST_HEADERS, _LEAST_AMOUNTS = 3, 2
_OWN_TITLES = ("自评", "绩效")

Texts = Sequence[Sequence[object]]  # a sheet's cells row by row; what is no text is passed over


class Start(NamedTuple):
    """A form on a sheet: which, and its rows (1-based) from its title to the last before the next form."""

    form: Form
    first: int
    name: int  # the row of its first label
    last: int


def inline(text: str) -> tuple[str, str]:
    """A label with its value behind a colon in one cell; the whole text and '' where there is none."""
    label, colon, value = text.replace("：", ":").partition(":")
    return (label, clean(value)) if colon and clean(value) and len(label) <= LONGEST_LABEL else (text, "")


def starts(rows: Texts, forms: Sequence[Form]) -> list[Start]:
    """The forms on a sheet, from above; none where a first label has no block of a form below it."""
    blocks = {form.key: _heads_up_to(rows, form) for form in forms}
    found: list[_Begun] = []
    for form, name in _first_labels(rows, forms):
        above = found[-1].name if found else 0
        near = range(name, max(above, name - _ABOVE), -1)
        title = next((row for row in near if _titled(rows[row - 1], form)), 0)
        if not title and _near_another(rows, form, name, forms):
            continue
        of_another = any(_titled(rows[row - 1], each) for row in near for each in forms if each != form)
        begun = found and not title and not _has_block(blocks, found[-1], name)
        if not begun and (title or not of_another):
            found.append(_Begun(form, title or name, name))
    kept = [each for each, end in _with_ends(found, len(rows)) if _has_block(blocks, each, end)]
    firsts = [1, *(each.first for each in kept[1:])]  # what stands above the first form is told with it
    return [
        Start(each.form, first, each.name, end)
        for (each, end), first in zip(_with_ends(kept, len(rows)), firsts[: len(kept)], strict=True)
    ]


class _Begun(NamedTuple):
    form: Form
    first: int  # the row of its title, or of its first label
    name: int  # the row of its first label


def _with_ends(found: list[_Begun], last: int) -> list[tuple[_Begun, int]]:
    """Each form with the last row before the next."""
    return [(each, after.first - 1 if after else last) for each, after in zip(found, [*found[1:], None], strict=False)]


def _heads_up_to(rows: Texts, form: Form) -> list[int]:
    """How many rows up to each one head the amounts or the indicators of a form."""
    return [0, *accumulate(is_header(row, form) for row in rows)]


def _has_block(blocks: Mapping[str, list[int]], each: _Begun, end: int) -> bool:
    """Whether the amounts or the indicators of a form stand below its first label."""
    heads = blocks[each.form.key]
    return heads[max(end, each.name)] > heads[each.name]


def _first_labels(rows: Texts, forms: Sequence[Form]) -> list[tuple[Form, int]]:
    """The forms whose first label stands in a row, with the row; a header of a table is none."""
    return [
        (form, number)
        for number, row in enumerate(rows, 1)
        for form in forms
        if any(form.entry(inline(text)[0]) is form.own_name for text in row if isinstance(text, str) and text)
        and not is_header(row, form)
    ]


def _titled(row: Sequence[object], form: Form) -> bool:
    """Whether a row holds the title of a form: 2023年度项目支出绩效自评表."""
    folded = [fold(each) for each in row if isinstance(each, str) and each and len(each) <= 60]
    return any(
        any(word in text for word in _OWN_TITLES) and "表" in text and any(fold(word) in text for word in form.titles)
        for text in folded
        if not (form.key == "project" and "整体" in text)
    )


def _near_another(rows: Texts, form: Form, name: int, forms: Sequence[Form]) -> bool:
    """Whether a form's first label stands among those of a form declared before it: 单位名称 below 项目名称."""
    before = forms[: [each.key for each in forms].index(form.key)]
    near = rows[max(name - _APART - 1, 0) : name + _APART]
    return any(
        other.entry(inline(each)[0]) is other.own_name
        for other in before
        for row in near
        for each in row
        if isinstance(each, str) and each
    )


def is_header(row: Sequence[object], form: Form) -> bool:
    """Whether a row heads the amounts or the indicators of a form."""
    return len(amount_headers(row, form)) >= _LEAST_AMOUNTS or is_indicator_header(row, form)


def amount_headers(row: Sequence[object], form: Form) -> set[str]:
    """The columns of amounts that a row shows the headers of."""
    keys = {form.column(each) for each in row if isinstance(each, str) and each}
    return keys & {"initial", "revised", "executed"}


def is_indicator_header(row: Sequence[object], form: Form) -> bool:
    """Whether a row heads the indicators: a level, a target or a result, and one more."""
    known = {found[0] for each in row if isinstance(each, str) and each and (found := form.indicator(each))} - {NONE}
    levels, results = known & {"level1", "level2", "level3"}, known & {"target", "achieved"}
    return len(known) >= _LEAST_HEADERS and bool(levels) and bool(results)


def forms_in(titles: Sequence[str], load_grid: Callable[[str], Texts]) -> list[str]:
    """The titles of the forms that a workbook consists of; none of one that has the template's own 基本信息."""
    if layout.GENERAL.title in titles:
        return []
    found = [start.form.title for title in titles for start in starts(load_grid(title)[:_MOST_ROWS], load())]
    return list(dict.fromkeys(found))
