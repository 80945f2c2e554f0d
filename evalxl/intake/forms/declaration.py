"""The declaration of a form: by which labels its parts are known, where their values stand, which field they fill.

The two forms of the Ministry are declared in forms.toml with what provinces call their parts; a bureau whose form says
something else adds its own words in a file. A form is data: no province has code of its own.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import TypeVar

from evalxl import layout
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold, label_key
from evalxl.values.money_units import FEN_PER
from evalxl.values.toml_file import read_toml

Table = dict[str, object]
Known = TypeVar("Known")

TOTAL = "total"  # the line that the others are parts of
NONE = "none"  # a column that is known, and that the template has no place for
LONGEST_LABEL = 40  # characters
_CIRCLED = re.compile("[①-⑳⑴-⒇Ⓐ-ⓩⅠ-Ⅻ]")
_BRACKETS = re.compile(r"\([^()]{0,30}\)")
_FORMULA = re.compile(r"(?<=[一-鿿])[a-z0-9=+*/×÷%.:;、()-]+$")  # 执行率=b/a, 全年预算数a


@lru_cache(maxsize=4096)  # each text of a form is held against several kinds of labels
def keys_of(text: str) -> tuple[str, ...]:
    """A label as it is looked up, from as it stands to without numbers, brackets and formulas: 全年执行数（B）④."""
    if not 0 < len(text) <= LONGEST_LABEL:
        return ()
    key = label_key(_CIRCLED.sub("", text)).rstrip("=+-*/×÷")
    plain = _BRACKETS.sub("", key)
    return tuple(dict.fromkeys(each for each in (key, plain, _FORMULA.sub("", plain)) if each))


@dataclass(frozen=True)
class Entry:
    """A label with one value: where that stands, and the field of the template that it fills ('' for none).

    ``aside`` says of one without, why a field of a like name is not meant.
    """

    labels: tuple[str, ...]
    field: str = ""
    value: str = "right"  # right | below
    aside: str = ""


@dataclass(frozen=True)
class AmountLine:
    """A line of the block of amounts: the total, a line of the budget, or a part that the template has no place for."""

    labels: tuple[str, ...]
    line: str = ""
    parts: str = ""  # into which division of the total it belongs


@dataclass(frozen=True)
class Form:
    """One form, as departments have it in their hands."""

    key: str
    title: str
    titles: tuple[str, ...]
    names: tuple[str, ...]
    headings: tuple[str, ...]
    entries: tuple[Entry, ...]
    columns: Mapping[str, tuple[str, ...]]
    lines: tuple[AmountLine, ...]
    indicators: Mapping[str, tuple[str, ...]]
    unit: str = ""
    doubtful: float = 0.0  # 万元

    @cached_property
    def own_name(self) -> Entry:
        """The first entry: whose form it is."""
        return Entry(self.names, "projects.name" if self.key == "project" else "general.department")

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return _by_key((each.labels, each) for each in (self.own_name, *self.entries))

    @cached_property
    def _lines(self) -> dict[str, AmountLine]:
        return _by_key((each.labels, each) for each in self.lines)

    @cached_property
    def _columns(self) -> dict[str, str]:
        return _by_key((labels, key) for key, labels in self.columns.items())

    @cached_property
    def _indicators(self) -> dict[str, tuple[str, int]]:
        return _by_key(
            ((label,), (key, rank)) for key, labels in self.indicators.items() for rank, label in enumerate(labels)
        )

    @cached_property
    def _headings(self) -> frozenset[str]:
        return frozenset(key for label in self.headings for key in keys_of(label)[:1])

    def is_heading(self, text: str) -> bool:
        """Whether a text is but a heading of a block, which says nothing of its own."""
        return not self._headings.isdisjoint(keys_of(text))

    def entry(self, text: str) -> Entry | None:
        """The entry that a label belongs to."""
        return _found(self._entries, text)

    def line(self, text: str) -> AmountLine | None:
        """The line of amounts that a label belongs to."""
        return _found(self._lines, text)

    def column(self, text: str) -> str:
        """The column of amounts that a header belongs to; '' for none."""
        return _found(self._columns, text) or ""

    def indicator(self, text: str) -> tuple[str, int] | None:
        """The column of indicators that a header belongs to, and its rank among those for the same field."""
        return _found(self._indicators, text)


def _by_key(pairs: Iterable[tuple[Sequence[str], Known]]) -> dict[str, Known]:
    """Each thing by the keys of its labels; the first that claims a label has it."""
    found: dict[str, Known] = {}
    for labels, thing in pairs:
        for label in labels:
            for key in keys_of(label)[:1]:
                found.setdefault(key, thing)
    return found


def _found(index: Mapping[str, Known], text: str) -> Known | None:
    return next((index[key] for key in keys_of(text) if key in index), None)


@lru_cache(maxsize=8)
def load(path: Path | None = None) -> tuple[Form, ...]:
    """The declared forms, with a bureau's own words if a file is given; UsageError says in a sentence what is wrong."""
    shipped = tomllib.loads(resources.files("evalxl.intake.forms").joinpath("forms.toml").read_text(encoding="utf-8"))
    own = read_toml(path, "表样文件", "请对照操作指南中的例子改正")[0] if path is not None else {}
    for key in own:
        if key not in shipped:
            raise UsageError(f"表样文件 {path}：没有“{key}”这种表，可用的有 {'、'.join(shipped)}。")
    try:
        return tuple(_form(key, _table(own.get(key, {}), key), table) for key, table in shipped.items())
    except _Wrong as wrong:
        raise UsageError(f"表样文件 {path}：{wrong}。") from None


class _Wrong(Exception):
    """What is wrong with a bureau's own declaration."""


_ITEMS = ("title", "titles", "names", "headings", "unit", "doubtful", "entries", "columns", "lines", "indicators")


def _form(key: str, own: Table, shipped: Table) -> Form:
    """A form as shipped, with a bureau's own words before the shipped ones."""
    for item in own:
        _one_of(item, _ITEMS, f"{key} 里没有“{item}”这一项")
    unit, doubtful = own.get("unit", shipped["unit"]), own.get("doubtful", shipped["doubtful"])
    if not isinstance(unit, str) or (unit and unit not in FEN_PER):
        raise _Wrong(f"{key}.unit 写的是“{unit}”，应为 万元、元 等金额单位")
    if isinstance(doubtful, bool) or not isinstance(doubtful, int | float) or not doubtful > 0:
        raise _Wrong(f"{key}.doubtful 应为大于 0 的数字（万元）")
    title = own.get("title", shipped["title"])
    if not isinstance(title, str) or not title.strip():
        raise _Wrong(f"{key}.title 应为文字")
    return Form(
        key=key,
        title=title,
        titles=_list(own, shipped, "titles", key),
        names=_list(own, shipped, "names", key),
        headings=_list(own, shipped, "headings", key),
        entries=tuple(_entry(each, f"{key}.entries") for each in _tables(own, shipped, "entries", key)),
        columns=_words(own, shipped, "columns", key),
        lines=tuple(_line(each, f"{key}.lines") for each in _tables(own, shipped, "lines", key)),
        indicators=_words(own, shipped, "indicators", key),
        unit=unit,
        doubtful=float(doubtful),
    )


def _list(own: Table, shipped: Table, item: str, key: str) -> tuple[str, ...]:
    return (*_texts(own.get(item, []), f"{key}.{item}"), *_texts(shipped[item], item))


def _words(own: Table, shipped: Table, item: str, key: str) -> dict[str, tuple[str, ...]]:
    """The labels of each column; a label that a bureau gives to another column is taken from the shipped one."""
    given, known = _table(own.get(item, {}), f"{key}.{item}"), _table(shipped[item], item)
    for name in given:
        _one_of(name, tuple(known), f"{key}.{item} 没有“{name}”这一列")
    theirs = {name: _texts(labels, f"{key}.{item}.{name}") for name, labels in given.items()}
    claimed = {fold(label) for labels in theirs.values() for label in labels}
    return {
        name: (*theirs.get(name, []), *(each for each in _texts(labels, name) if fold(each) not in claimed))
        for name, labels in known.items()
    }


def _tables(own: Table, shipped: Table, item: str, key: str) -> list[Table]:
    given = own.get(item, [])
    if not isinstance(given, list):
        raise _Wrong(f"{key}.{item} 应写成 [[{key}.{item}]]，一项一段")
    known = shipped[item]
    known = known if isinstance(known, list) else []
    return [_table(each, f"{key}.{item}") for each in (*given, *known)]


def _entry(each: Table, at: str) -> Entry:
    for item in each:
        _one_of(item, ("labels", "field", "value", "aside"), f"{at} 里没有“{item}”这一项")
    where, to = each.get("value", "right"), each.get("field", "")
    _one_of(where, ("right", "below"), f"{at} 的 value 写的是“{where}”")
    _one_of(to, ("", *_FIELDS), f"{at} 的 field 写的是“{to}”，模板没有这一栏")
    aside = each.get("aside", "")
    if not isinstance(aside, str):
        raise _Wrong(f"{at} 的 aside 应为文字")
    return Entry(tuple(_labels(each, at)), str(to), str(where), aside)


def _line(each: Table, at: str) -> AmountLine:
    for item in each:
        _one_of(item, ("labels", "line", "parts"), f"{at} 里没有“{item}”这一项")
    line, parts = each.get("line", ""), each.get("parts", "")
    _one_of(line, ("", TOTAL, *layout.BUDGET.line_by_key), f"{at} 的 line 写的是“{line}”，预算表没有这一行")
    return AmountLine(tuple(_labels(each, at)), str(line), str(parts))


def _labels(each: Table, at: str) -> list[str]:
    labels = _texts(each.get("labels", []), f"{at} 的 labels")
    if not labels:
        raise _Wrong(f"{at} 的 labels 至少要写一个")
    return labels


# What a form may fill in, beside the amounts and the indicators; names of records come from the form's own name.
_FIELDS = tuple(
    f"{sheet.key}.{each.key}"
    for sheet in (layout.GENERAL, layout.PROJECTS, layout.NARRATIVE)
    for each in sheet.fields
    if each.key not in ("index", "money_unit", "rate", "name")
)


def _one_of(given: object, known: Sequence[str], wrong: str) -> None:
    if given not in known:
        raise _Wrong(f"{wrong}，可用的有 {'、'.join(filter(None, known))}")


def _table(given: object, at: str) -> Table:
    if not isinstance(given, dict):
        raise _Wrong(f"{at} 应写成一段（[{at}]）")
    return given


def _texts(given: object, at: str) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(each, str) and each.strip() for each in given):
        raise _Wrong(f'{at} 应写成 ["…", "…"]')
    return given
