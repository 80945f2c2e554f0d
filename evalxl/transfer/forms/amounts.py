"""The block of amounts: lines below each other under headers, or lines as headers with one row per year's figure.

The total must be the sum of its parts; where it is not, it is not filled in. What the template has no place for is
named with its number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from evalxl.intake.forms.declaration import NONE, TOTAL, AmountLine, keys_of
from evalxl.intake.forms.recognition import amount_headers
from evalxl.transfer.forms import numbers
from evalxl.transfer.forms.form import NO_PLACE, SEVERAL, Reading, Untaken
from evalxl.transfer.forms.headers import ACROSS, Column, only, reaches_over, under
from evalxl.transfer.forms.pages import Spot
from evalxl.values.kinds import Kind
from evalxl.values.money_units import Statement, stated
from evalxl.values.quantities import given, read_number, show_amount

AMOUNTS = ("initial", "revised", "executed")
_ROUNDING = 5_000.0  # fen: half of the last digit of an amount in 万元 with two decimals
_OF_INCOME = f"{NO_PLACE}（按资金性质列的是支出来源，不是决算的收入）"
_RATE_ROUNDING = 0.006  # rates are written with two decimals, or as whole per cents
_ALL = "合计"


class Amount(NamedTuple):
    """A number of the block: its line and column, and the cell."""

    line: AmountLine
    column: str
    label: str
    fen: float
    spot: Spot


def is_across(reading: Reading, row: int) -> bool:
    """Whether a row has lines of the budget as headers beside each other: 基本支出 | 项目支出."""
    lines = {line.line for spot in reading.page.row(row) if (line := reading.form.line(spot.text))}
    return len(lines - {"", TOTAL}) >= 2


def heads_amounts(reading: Reading, row: int) -> bool:
    """Whether a row heads lines that stand below each other."""
    return len(amount_headers([spot.text for spot in reading.page.row(row) if spot.row == row], reading.form)) >= 2


def read_amounts(reading: Reading, rows: range, unit: str) -> None:
    """Read the block under a row of headers down to the last of ``rows``; ``unit`` is what the form states."""
    page, form = reading.page, reading.form
    heads = page.row(rows[0])
    columns = [Column(form.column(spot.text), 0, spot) for spot in heads if form.column(spot.text)]
    first = min(column.header.column for column in columns)
    unknown = [
        Column(NONE, 0, spot)
        for spot in heads
        if spot.column > first and not form.column(spot.text) and spot.row == rows[0] and not spot.is_number
    ]
    reading.take(
        *(column.header for column in (*columns, *unknown)),
        *(spot for spot in heads if spot.column < first and not spot.is_number),
    )
    if rows[0] > 1:  # the headers of groups: 预算数 over 年初预算数 and 全年预算数
        reading.take(*(spot for spot in page.row(rows[0] - 1) if form.column(spot.text) and spot.column >= first))
    units = {column.header: _unit_of(column.header, unit) for column in columns}
    amounts: list[Amount] = []
    for row in rows[1:]:
        labels = [spot for spot in page.row(row) if spot.column < first and not spot.is_number]
        line = next((found for spot in reversed(labels) if (found := form.line(spot.text))), None)
        if line is None:
            _pass_over_heading(reading, row, labels)
            continue
        label = next("".join(spot.text.split()) for spot in reversed(labels) if form.line(spot.text))
        reading.take(*labels)
        for column in (*columns, *unknown):
            spots = [spot for spot in under(page, row, column) if not reading.is_done(spot)]
            for spot in spots:
                if numbers.is_given(spot) and reaches_over(spot, column, columns):
                    reading.leave(spot, f"{label}·{column.label}", ACROSS)
            spots = [spot for spot in spots if not reading.is_done(spot)]
            _read_cell(reading, line, label, column, spots, amounts, units.get(column.header, unit))
    _settle(reading, amounts)
    _settle_rate(reading, amounts)


def _is_nil(spot: Spot) -> bool:
    return not spot.text.strip("0.%") and "0" in spot.text


def _settle_rate(reading: Reading, amounts: list[Amount]) -> None:
    """The rate as a percentage, where it is that of the amounts; one that is not is named, and told by neither."""
    said = reading.said.pop("execution.rate", None)
    if said is None:
        return
    total = {each.column: each.fen for each in amounts if each.line.line == TOTAL and given(each.fen)}
    text = str(said.value)
    number = read_number(text, Kind.RATE).value
    due = total["executed"] / total["revised"] if total.get("revised") and "executed" in total else math.nan
    shares = [number] if text.endswith("%") else [number, number / 100]
    share = next((each for each in shares if abs(each - due) <= _RATE_ROUNDING), math.nan)
    if text.endswith("%") and not given(due) and given(number):
        reading.said["execution.achieved"] = said
    elif given(share):
        shown = text if text.endswith("%") else f"{share * 100:.6g}%"
        reading.said["execution.achieved"] = said._replace(value=shown)
    else:
        why = f"按金额计算的执行率是 {due:.2%}，没有填入，请核对" if given(due) else "没有金额可以核对，没有填入"
        reading.untaken.append(Untaken(said.file, said.page, said.cell, "执行率", said.raw, why))


def _pass_over_heading(reading: Reading, row: int, labels: list[Spot]) -> None:
    """A row that only says how the next are divided (按支出性质分：—); one with a number is told at the end."""
    rest = [spot for spot in reading.page.row(row) if spot not in labels and not reading.is_done(spot)]
    if not any(numbers.is_given(spot) for spot in rest):
        reading.take(*labels, *rest)


def _unit_of(header: Spot, unit: str) -> str:
    said: Statement | None = stated(header.text, header=True)
    return said.unit if said is not None else unit


def _read_cell(
    reading: Reading, line: AmountLine, label: str, column: Column, spots: list[Spot], amounts: list[Amount], unit: str
) -> None:
    stated_ = [spot for spot in spots if numbers.is_given(spot)]
    reading.take(*spots)
    spot = only(stated_)
    name = f"{label}·{column.label}"
    if not stated_:
        return
    if spot is None:
        for each in stated_:
            reading.leave(each, name, SEVERAL)
    elif column.key in AMOUNTS:
        fen, why = numbers.amount(spot, unit, reading.form.doubtful)
        if why:
            reading.leave(spot, name, why)
        amounts.append(Amount(line, column.key, name, fen, spot))
    elif line.line == TOTAL and column.key in ("weight", "points"):
        value, why = numbers.points(spot)
        if why:
            reading.leave(spot, name, why)
        else:
            reading.say(f"execution.{column.key}", value, spot, name)
    elif line.line == TOTAL and column.key == "rate":
        reading.say("execution.rate", spot.text, spot, name)
    elif column.key != "rate" and not _is_nil(spot):
        reading.leave(spot, name, NO_PLACE)


def _settle(reading: Reading, amounts: list[Amount]) -> None:
    """Fill in what has a place and is the sum of its parts; name everything else."""
    by_column: dict[str, list[Amount]] = {}
    for each in amounts:
        by_column.setdefault(each.column, []).append(each)
    for column, stated_ in by_column.items():
        total = next((each for each in stated_ if each.line.line == TOTAL), None)
        wrong = _contradiction(total, stated_)
        for each in stated_:
            if not given(each.fen):
                continue
            path = _path(reading, each.line, column)
            if path and wrong:
                reading.dispute(path, reading.of(each.fen, each.spot))
                reading.leave(each.spot, each.label, wrong)
            elif path:
                reading.say(path, each.fen, each.spot, each.label)
            elif each.line.line == TOTAL and not wrong and _is_made_of(each, stated_):
                reading.take(each.spot)
            elif each.line.line == TOTAL and not wrong:
                reading.leave(each.spot, each.label, "没有分基本支出和项目支出，合计由公式得出")
            elif each.fen:
                reading.leave(each.spot, each.label, wrong or _why(reading, each.line))


def _is_made_of(total: Amount, amounts: list[Amount]) -> bool:
    """Whether a total follows from lines that are filled in."""
    lines = [each for each in amounts if each.line.line not in ("", TOTAL) and given(each.fen)]
    return bool(lines) and abs(sum(each.fen for each in lines) - total.fen) <= _ROUNDING * (len(lines) + 1)


def _why(reading: Reading, line: AmountLine) -> str:
    return _OF_INCOME if reading.form.key == "department" and not line.line else NO_PLACE


def _path(reading: Reading, line: AmountLine, column: str) -> str:
    """Where an amount is filled in; '' for nowhere."""
    if reading.form.key == "project":
        return f"projects.{column}" if line.line == TOTAL else ""
    final = "final" if column == "executed" else column
    return f"budget.{line.line}.{final}" if line.line not in ("", TOTAL) else ""


def _contradiction(total: Amount | None, amounts: list[Amount]) -> str:
    """Why a total is not what its parts add up to; '' where it is, or where that cannot be told."""
    divisions: dict[str, list[Amount]] = {}
    for each in amounts:
        if each.line.line not in (TOTAL, "personnel", "operating"):
            divisions.setdefault(each.line.parts, []).append(each)
    for parts in divisions.values():
        if total is None or not all(given(part.fen) for part in (*parts, total)):
            continue
        added = sum(part.fen for part in parts)
        gap = added - total.fen
        if abs(gap) <= _ROUNDING * (len(parts) + 1) or not added:
            continue
        if gap > 0 or len(parts) > 1:
            return f"总额写 {show_amount(total.fen)} 万元，各项之和是 {show_amount(added)} 万元，没有填入，请核对"
    return ""


# ---------------------------------------------------------------- 横排


def read_across(reading: Reading, rows: range, unit: str) -> None:
    """Read lines that stand beside each other as headers, with the figures of the year above them or to the left."""
    page, form = reading.page, reading.form
    heads = [(line, spot) for spot in page.row(rows[0]) if (line := form.line(spot.text))]
    reading.take(*(spot for _, spot in heads))
    first = min(spot.column for _, spot in heads)
    found: dict[str, list[tuple[AmountLine, str, Spot, str]]] = {}
    for row in rows[1:]:
        labels = [spot for spot in page.row(row) if spot.column < first and not spot.is_number]
        label = "".join("".join(spot.text.split()) for spot in labels[-1:])
        left = form.column(label)
        reading.take(*labels)
        for line, header in heads:
            above = _figure_above(reading, rows[0], header)
            for spot in under(page, row, Column("", 0, header)):
                if not reading.is_done(spot) and numbers.is_given(spot):
                    who = "" if left else label
                    found.setdefault(who, []).append((line, left or above, spot, unit))
                    reading.take(spot)
    _settle_across(reading, found)


def _figure_above(reading: Reading, row: int, header: Spot) -> str:
    """Which figure of the year a column is for, by the group that its header stands in."""
    for above in range(row - 1, max(row - 4, 0), -1):
        spot = reading.page.at(above, header.column)
        if spot is not None and (key := reading.form.column(spot.text)):
            reading.take(spot)
            return key
    return ""


def _settle_across(reading: Reading, found: Mapping[str, list[tuple[AmountLine, str, Spot, str]]]) -> None:
    """Of several units only their total counts; without one nothing is added up for them."""
    totals = [who for who in found if who == "" or any(key in (_ALL, "总计", "小计") for key in keys_of(who))]
    counted = totals[:1] if totals else list(found) if len(found) == 1 else []
    for who, cells in found.items():
        amounts = []
        for line, column, spot, unit in cells:
            label = "·".join(filter(None, (who, line.labels[0])))
            if column not in AMOUNTS:
                reading.leave(spot, label, "没有写明是预算数还是执行数" if column != NONE else NO_PLACE)
            elif who not in counted:
                reading.leave(
                    spot, label, "分单位列出，没有合计行，不代为相加" if not counted else "分单位列出，只取合计"
                )
            else:
                fen, why = numbers.amount(spot, unit, reading.form.doubtful)
                if why:
                    reading.leave(spot, label, why)
                amounts.append(Amount(line, column, label, fen, spot))
        _settle(reading, amounts)
