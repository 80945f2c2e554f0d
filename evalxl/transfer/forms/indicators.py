"""The grid of indicators: each value under its header whatever columns there are, levels filled down."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalxl.intake.forms.declaration import NONE
from evalxl.intake.forms.recognition import is_indicator_header
from evalxl.intake.read.cells import Odd
from evalxl.policy.policy import Policy
from evalxl.transfer.forms import numbers
from evalxl.transfer.forms.form import NO_PLACE, SEVERAL, Indicator, Reading, Said, Untaken
from evalxl.transfer.forms.headers import ACROSS, Column, only, reaches_over, under
from evalxl.transfer.forms.pages import Spot
from evalxl.values.folding import fold, label_key
from evalxl.values.targets import has_sign

_TOTALS = {"总分", "合计", "总计", "总得分", "自评总分", "合计得分", "总分合计", "自评得分", "小计"}
_PARTIAL = {"小计"}
_LEVELS = ("level1", "level2")
_NAMELESS = "指标的名称不能确定"
_WORDS = ("level3", "target", "measure_unit", "achieved", "cause", "scoring")
_OF_GROUP = re.compile(r"[（(]\s*\d+(?:\.\d+)?\s*[分%]?\s*[)）]$")  # 产出指标（50分）
_NUMBERED = re.compile(r"^指标\s*\d{1,2}\s*[:：.、]\s*")
_NOT_SAID = re.compile(r"[.…。\s]*")
_OTHER = "同一栏另取了“{}”列的“{}”"
_LAST_SUB_HEADER = 2


def heads_indicators(reading: Reading, row: int) -> bool:
    """Whether a row heads indicators."""
    return is_indicator_header([spot.text for spot in reading.page.row(row) if spot.row == row], reading.form)


def read_indicators(reading: Reading, rows: Sequence[int], policy: Policy) -> None:
    """Read the grid under a row of headers down to the last of ``rows``, the line of the total with it."""
    columns, first = _columns(reading, rows)
    above: dict[str, Spot] = {}
    for row in rows[first:]:
        starting = [spot for spot in reading.page.row(row) if spot.row == row]
        if not starting:
            continue
        if any(label_key(spot.text) in _TOTALS for spot in starting[:2]):
            _read_total(reading, row, columns)
        elif reading.form.entry(starting[0].text) is None or _is_beneath(starting[0], columns):
            _read_row(reading, row, columns, above, policy)


def _is_beneath(spot: Spot, columns: list[Column]) -> bool:
    """Whether a text stands where an indicator's own words do, whatever it says: 备注 as the name of one."""
    return any(column.key == "level3" and column.header.column <= spot.column for column in columns)


def _columns(reading: Reading, rows: Sequence[int]) -> tuple[list[Column], int]:
    """The columns by their lowest headers, and how many of the rows are headers."""
    page, form = reading.page, reading.form
    heads = [spot for spot in page.row(rows[0]) if spot.row == rows[0] or form.indicator(spot.text)]
    heads = [spot for spot in heads if not spot.is_number]
    depth = 1
    for row in rows[1:_LAST_SUB_HEADER]:
        starting = [spot for spot in page.row(row) if spot.row == row]
        below = [spot for spot in starting if form.indicator(spot.text)]
        if len(below) >= 2 and len(below) == len(starting):
            depth += 1
            covered = {column for spot in below for column in range(spot.column, spot.right + 1)}
            split = [spot for spot in heads if covered & {*range(spot.column, spot.right + 1)} and spot.bottom < row]
            reading.take(*split)
            heads = [spot for spot in heads if spot not in split] + below
    found = []
    for spot in sorted(heads, key=lambda spot: spot.column):
        key, rank = form.indicator(spot.text) or (NONE, 0)
        found.append(Column(key, rank, spot))
        reading.take(spot)
    level3 = [column for column in found if column.key == "level3"]
    if not level3:  # the name of an indicator stands at the lowest level there is
        lowest = max((column for column in found if column.key in _LEVELS), key=lambda column: column.key)
        found[found.index(lowest)] = lowest._replace(key="level3")
    return found, depth


def _read_row(reading: Reading, row: int, columns: list[Column], above: dict[str, Spot], policy: Policy) -> None:
    cells = {column.header: _cells(reading, row, column) for column in columns}
    given = {header: [spot for spot in spots if spot.text] for header, spots in cells.items()}
    _carry_levels(columns, given, above)
    name = next(("".join(s.text for s in given[c.header]) for c in columns if c.key == "level3"), "")
    values = [
        spot for c in columns if c.key not in (*_LEVELS, "level3", NONE) for spot in given[c.header]
        if numbers.is_given(spot) and spot.row == row
    ]  # fmt: skip
    name = _NUMBERED.sub("", name).strip()
    if _NOT_SAID.fullmatch(name) and not values:
        for column in columns:
            for spot in cells[column.header]:
                says = spot.is_number or (column.key == NONE and numbers.is_given(spot))
                if says and spot.row == row and not reading.is_done(spot):
                    reading.leave(spot, column.label, NO_PLACE)
                reading.take(spot)
        return
    if not name or _NOT_SAID.fullmatch(name):
        return  # told with everything that is not accounted for
    indicator: Indicator = {}
    for key in dict.fromkeys(column.key for column in columns):
        ranked = sorted((column for column in columns if column.key == key), key=lambda column: column.rank)
        _fill(reading, indicator, key, [(column, _own(reading, column, columns, given)) for column in ranked], policy)
    sign = indicator.pop("sign", None)
    if sign is not None:
        reading.untaken.append(
            Untaken(sign.file, sign.page, sign.cell, "符号", sign.raw, "没有指标值，或者指标值已有符号")
        )
    if "level3" in indicator:
        reading.indicators.append(indicator)
        return
    labels = {column.key: column.label for column in reversed(columns)}
    for key, said in indicator.items():
        reading.untaken.append(Untaken(said.file, said.page, said.cell, labels[key], said.raw, _NAMELESS))


def _own(reading: Reading, column: Column, columns: list[Column], given: dict[Spot, list[Spot]]) -> list[Spot]:
    """What stands below one header; a number that stands below several is left out, and named."""
    spots = given[column.header]
    if column.key not in ("weight", "points"):
        return spots
    across = [spot for spot in spots if reaches_over(spot, column, columns)]
    for spot in across:
        if not reading.is_done(spot):
            reading.leave(spot, column.label, ACROSS)
    return [spot for spot in spots if spot not in across]


def _cells(reading: Reading, row: int, column: Column) -> list[Spot]:
    """What stands in a row below a header and is not an earlier row's; a name merged down counts for each row."""
    shared = column.key not in ("weight", "points")
    return [
        spot
        for spot in under(reading.page, row, column)
        if (shared or spot.row == row) and not (spot.row != row and spot.row <= column.header.bottom)
    ]


def _carry_levels(columns: list[Column], given: dict[Spot, list[Spot]], above: dict[str, Spot]) -> None:
    """Levels that are written in their first row only hold for the rows below it."""
    for column in columns:
        if column.key not in _LEVELS:
            continue
        own = given[column.header]
        if own:
            if above.get(column.key) not in own and column.key == "level1":
                above.pop("level2", None)
            above[column.key] = own[0]
        elif column.key in above:
            given[column.header] = [above[column.key]]


def _fill(
    reading: Reading, indicator: Indicator, key: str, ranked: list[tuple[Column, list[Spot]]], policy: Policy
) -> None:
    """One field of an indicator from the columns that may say it; the first that does counts, others are named."""
    chosen: tuple[Column, Spot] | None = None
    for column, spots in ranked:
        stated = [spot for spot in spots if numbers.is_given(spot) or key in _WORDS]
        reading.take(*spots)
        if not stated:
            continue
        spot = only(stated)
        if spot is None:
            for each in stated:
                reading.leave(each, column.label, SEVERAL)
        elif key == NONE:
            reading.leave(spot, column.label, NO_PLACE)
        elif chosen is not None:
            if fold(spot.text) != fold(chosen[1].text):
                reading.leave(spot, column.label, _OTHER.format(chosen[0].label, chosen[1].text))
        else:
            said = _value(reading, indicator, key, column, spot, policy)
            if said is not None:
                indicator[key], chosen = said, (column, spot)


def _value(reading: Reading, indicator: Indicator, key: str, column: Column, spot: Spot, policy: Policy) -> Said | None:
    if isinstance(spot.raw, Odd):
        reading.leave(spot, column.label, spot.raw.words())
        return None
    if key in ("weight", "points"):
        number, why = numbers.points(spot)
        if why:
            reading.leave(spot, column.label, why)
            return None
        return reading.of(number, spot)
    if key == "direction":
        word = policy.standard("direction", spot.text)
        if word:
            return reading.of(word, spot)
        if has_sign(spot.text) and "target" not in indicator:
            indicator["sign"] = reading.of(spot.text, spot)  # < and > are no directions: they go with the target
        else:
            reading.leave(spot, column.label, "不是模板的指标性质")
        return None
    if key in _LEVELS:
        return reading.of(_OF_GROUP.sub("", "".join(spot.text.split())), spot)
    text = _NUMBERED.sub("", spot.text) if key == "level3" else spot.text
    if key == "target" and "sign" in indicator and not has_sign(text):
        text = f"{indicator.pop('sign').value}{text}"
    if key in ("level3", "target", "measure_unit", "achieved"):
        text = " ".join(text.split())
    return reading.of(text, spot)


def _read_total(reading: Reading, row: int, columns: list[Column]) -> None:
    """总分: the weights together and the score, each in its column."""
    starting = [spot for spot in reading.page.row(row) if spot.row == row]
    label = next(spot for spot in starting if label_key(spot.text) in _TOTALS)
    reading.take(label)
    if label_key(label.text) in _PARTIAL:
        return
    field = "projects.score" if reading.form.key == "project" else "general.score"
    for key in ("weight", "points"):
        for column in sorted((each for each in columns if each.key == key), key=lambda each: each.rank)[:1]:
            spot = only([spot for spot in under(reading.page, row, column) if spot != label and spot.row == row])
            if spot is None or reading.is_done(spot) or not numbers.is_given(spot):
                continue
            number, why = numbers.points(spot)
            if why:
                reading.leave(spot, f"总分·{column.label}", why)
            elif key == "points":
                reading.say(field, number, spot, "总分")
            elif number == 100:
                reading.take(spot)
            else:
                reading.leave(spot, "分值合计", NO_PLACE)
