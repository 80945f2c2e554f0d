"""A form read from its page: entries, amounts, indicators, and by name everything that was not taken from it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from evalxl.intake.forms.declaration import Entry, Form
from evalxl.intake.forms.recognition import Start, inline, starts
from evalxl.intake.read.cells import Odd
from evalxl.policy.policy import Policy
from evalxl.transfer.forms import numbers
from evalxl.transfer.forms.amounts import heads_amounts, is_across, read_across, read_amounts
from evalxl.transfer.forms.form import NO_PLACE, SEVERAL, Reading
from evalxl.transfer.forms.indicators import heads_indicators, read_indicators
from evalxl.transfer.forms.pages import Page, Spot
from evalxl.values.folding import clean, fold, plain
from evalxl.values.kinds import Kind
from evalxl.values.money_units import stated
from evalxl.values.quantities import given, read_number

_YEAR = re.compile(
    r"^\(?((?:19|20)\d\d)年?度?\)?$|^((?:19|20)\d\d)年度?(?=.{0,40}(?:绩效|自评))|\(((?:19|20)\d\d)年度?\)"
)
_CODE_BEHIND = re.compile(r"(?<=[一-鿿])[-—_（(](\d{3,12})[)）]?$")
_CODE = re.compile(r"^\(?(\d{3,12})\)?\s*[-_—–.:：\s]\s*(?=[一-鿿])|^\(?(\d{3,12})\)?(?=[一-鿿])")
_SAYS_NOTHING = re.compile(r"(?:\(?(?:[①-⑳a-h]|年度?)\)?|附(?:件|表)?[\d\-.]{0,6})?:?")
_LONGEST_UNIT = 40  # characters
_NOT_RECOGNISED = "没有认出是哪一栏"


def read_forms(page: Page, forms: Sequence[Form], policy: Policy) -> list[Reading]:
    """The forms on a page, each with what it says and what was not taken."""
    found = []
    for start in starts(page.texts, forms):
        reading = Reading(start.form, page)
        _read(reading, start, policy)
        found.append(reading)
    return found


def _read(reading: Reading, start: Start, policy: Policy) -> None:
    rows = range(start.first, start.last + 1)
    heads = [row for row in rows if _heads(reading, row)]
    unit = _unit(reading, rows, heads)
    _read_head(reading, range(start.first, start.name + 1))
    within: set[int] = set()
    for head, after in zip(heads, [*heads[1:], start.last + 1], strict=True):
        block = range(head, _end(reading, head, after))
        if heads_indicators(reading, head):
            totals = [row for row in range(block.stop, after) if _is_total(reading, row)]
            read_indicators(reading, [*block, *totals], policy)
            within.update(totals)
        elif heads_amounts(reading, head):
            read_amounts(reading, block, unit)
        else:
            read_across(reading, block, unit)
        within.update(block)
    for row in rows:
        if row not in within:
            _read_entries(reading, row, policy)
    _name_the_rest(reading, rows)


def _heads(reading: Reading, row: int) -> bool:
    return heads_indicators(reading, row) or heads_amounts(reading, row) or is_across(reading, row)


def _end(reading: Reading, head: int, after: int) -> int:
    """The row before which a block ends: the next block, or a row that begins with another entry's label."""
    of_indicators = heads_indicators(reading, head)
    for row in range(head + 1, after):
        starting = [spot for spot in reading.page.row(row) if spot.row == row]
        labels = [entry for spot in starting if (entry := reading.form.entry(inline(spot.text)[0]))]
        if of_indicators:
            first = next((spot for spot in starting if not spot.is_number), None)
            if first and reading.form.entry(inline(first.text)[0]) and not _belongs(reading, row, first):
                return row
        elif labels:
            return row
    return after


def _is_total(reading: Reading, row: int) -> bool:
    """Whether a row is 总分, its numbers beside it each in its column, which may stand below remarks."""
    starting = [spot for spot in reading.page.row(row) if spot.row == row]
    first = starting[0] if starting else None
    return bool(first and _belongs(reading, row, first) and sum(spot.is_number for spot in starting) > 1)


def _belongs(reading: Reading, row: int, first: Spot) -> bool:
    """Whether a row that begins with a known label is one of the indicators all the same: 总分, or a name beside."""
    entry = reading.form.entry(first.text)
    if entry is not None and entry.field.endswith(".score") and not inline(first.text)[1]:
        return True
    return any(spot.row < row and spot.column < first.column for spot in reading.page.row(row))


def _unit(reading: Reading, rows: range, heads: list[int]) -> str:
    """The unit that the form states for its amounts; '' where it states none, or two."""
    said = set()
    for row in rows:
        for spot in reading.page.row(row):
            if spot.row != row or not isinstance(spot.raw, str) or len(spot.text) > _LONGEST_UNIT:
                continue
            beside = _is_beside_amounts(reading, spot, heads)
            statement = stated(spot.text, header=beside)
            if statement is not None and (statement.labelled or beside):
                said.add(statement.unit)
                reading.take(spot)
    return said.pop() if len(said) == 1 else "" if said else reading.form.unit


def _is_beside_amounts(reading: Reading, spot: Spot, heads: list[int]) -> bool:
    """Whether a text is a label left of the amounts: 项目资金（万元）, or （万元） below it."""
    head = heads[max(bisect_right(heads, spot.bottom) - 1, 0)] if heads else 0
    if not 0 < head <= spot.bottom or heads_indicators(reading, head):
        return False
    first = min((each.column for each in reading.page.row(head) if reading.form.column(each.text)), default=0)
    return spot.column < first


# ---------------------------------------------------------------- 表头和各栏


def _read_head(reading: Reading, rows: range) -> None:
    """The title and the year above the first entry."""
    for row in rows:
        for spot in reading.page.row(row):
            text = plain(spot.text)
            year = _YEAR.search(text)
            titled = any(word in text for word in ("自评", "绩效")) and text.rstrip(")").endswith(("表", "度"))
            if year:
                reading.say("general.year", float(next(filter(None, year.groups()))), spot, "年度")
            elif titled:
                reading.take(spot)


def _read_entries(reading: Reading, row: int, policy: Policy) -> None:
    page, form = reading.page, reading.form
    spots = [spot for spot in page.row(row) if spot.row == row]
    for index, spot in enumerate(spots):
        label, value = inline(spot.text)
        entry = form.entry(label)
        if entry is None or reading.is_done(spot):
            continue
        if value:
            _say(reading, entry, label, spot._replace(raw=value, text=value), policy)
            continue
        reading.take(spot)
        beside = list(_values(reading, spots[index + 1 :]))
        if entry.value == "below":
            below = page.at(spot.bottom + 1, spot.column)
            if below is not None and form.entry(inline(below.text)[0]) is None and not _heads(reading, below.row):
                _say(reading, entry, label, below, policy)
            elif beside:
                _say(reading, entry, label, beside[0], policy)
        elif entry.field.endswith(".score"):
            _say_score(reading, entry, label, beside, policy)
        elif beside:
            _say(reading, entry, label, beside[0], policy)


def _values(reading: Reading, spots: Sequence[Spot]) -> Iterator[Spot]:
    """What stands to the right of a label, up to the next label."""
    for spot in spots:
        if reading.form.entry(inline(spot.text)[0]) is not None:
            return
        if not reading.is_done(spot):
            yield spot


def _say_score(reading: Reading, entry: Entry, label: str, beside: list[Spot], policy: Policy) -> None:
    """A score beside its label; behind the full marks where both are written: 总分 | 100 | 95."""
    scores = [spot for spot in beside if numbers.is_given(spot)]
    if len(scores) == 2 and numbers.points(scores[0])[0] == 100:
        reading.take(scores.pop(0))
    if len(scores) == 1:
        _say(reading, entry, label, scores[0], policy)
    for spot in scores if len(scores) > 1 else ():
        reading.leave(spot, label, SEVERAL)


def _say(reading: Reading, entry: Entry, label: str, spot: Spot, policy: Policy) -> None:
    """The value of an entry to its field, or by name among what was not taken."""
    label = "".join(label.split())
    if isinstance(spot.raw, Odd):
        reading.leave(spot, label, spot.raw.words())
        return
    if not entry.field:
        if numbers.is_given(spot):
            reading.leave(spot, label, f"{NO_PLACE}（{entry.aside}）" if entry.aside else NO_PLACE)
        reading.take(spot)
        return
    if entry.field.endswith(".score"):
        number, why = numbers.points(spot)
        if why:
            reading.leave(spot, label, why)
        else:
            reading.say(entry.field, number, spot, label)
    elif entry.field == "general.department":
        _say_department(reading, spot, label)
    elif entry.field == "general.year":
        year = read_number(spot.raw, Kind.YEAR)
        if given(year.value):
            reading.say(entry.field, year.value, spot, label)
        else:
            reading.leave(spot, label, numbers.NOT_A_NUMBER)
    elif entry.field.endswith(".grade") and not policy.standard("grade", spot.text):
        reading.leave(spot, label, "不是评价等级")
    else:
        text = spot.text if entry.field.startswith("narrative.") else " ".join(spot.text.split())
        reading.say(entry.field, text, spot, label)


def _say_department(reading: Reading, spot: Spot, label: str) -> None:
    """A department's name without the code that the system puts before or behind it, which has a field of its own."""
    text = "".join(spot.text.split())
    behind = _CODE_BEHIND.search(text)
    if behind:
        reading.say("general.code", behind[1], spot, f"{label}（编码）")
        text = text[: behind.start()]
    code = None if behind else _CODE.match(text)
    if code:
        reading.say("general.code", next(filter(None, code.groups())), spot, f"{label}（编码）")
    reading.say("general.department", text[code.end() :] if code else text, spot, label)


# ---------------------------------------------------------------- 其余


def _name_the_rest(reading: Reading, rows: range) -> None:
    """Everything in the form that is not accounted for, with the label that stands left of it."""
    for row in rows:
        label = ""
        for spot in reading.page.row(row):
            if spot.row == row and not reading.is_done(spot):
                if _is_label(reading, spot):
                    reading.take(spot)
                else:
                    reading.leave(spot, label or "（没有栏目名）", _NOT_RECOGNISED)
            if not spot.is_number and fold(spot.text):
                label = clean(" ".join(spot.text.split()))[:20]


def _is_label(reading: Reading, spot: Spot) -> bool:
    """Whether a text is but a heading of the form, which says nothing: 绩效指标, 年度总体目标, ①, A."""
    if spot.is_number or isinstance(spot.raw, Odd):
        return False
    return reading.form.is_heading(spot.text) or bool(_SAYS_NOTHING.fullmatch(plain(spot.text)))
