"""Tables of the budget that run across: its lines as headers beside each other, a unit or the whole in each row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evalxl.layout import BUDGET
from evalxl.transfer.report.pieces import Grid
from evalxl.transfer.report.tables import Amount, Printed, Tables, is_of_this_year, is_planned, unit_in
from evalxl.values.folding import clean, fold, label_key
from evalxl.values.kinds import Kind
from evalxl.values.quantities import FEN_PER, given, read_number

_LEAST = 3  # lines beside each other; fewer are chance
_HEADER_ROWS = 4
_SLACK = 5_000  # fen
_APPROPRIATION = "appropriation"
_NONE = "none"  # a part of the total that the template has no line for
# Headers that only tables of this kind print; several of them together are 财政拨款收入.
_WORDS: Mapping[str, tuple[str, ...]] = {
    _APPROPRIATION: (
        "财政拨款", "公共财政拨款", "一般公共预算", "一般公共预算拨款", "一般公共预算拨款收入",
        "一般公共预算财政拨款", "一般公共预算财政拨款收入", "政府基金拨款", "政府性基金", "政府性基金拨款",
        "政府性基金预算", "政府性基金预算财政拨款", "政府性基金预算财政拨款收入", "国有资本经营预算",
        "国有资本经营预算拨款", "国有资本经营预算财政拨款",
    ),
    _NONE: ("纳入专户管理的非税收入拨款", "纳入专户管理的非税收入", "财政专户管理资金", "非税收入"),
    "income_total": ("收入合计", "收入总额"),
    "expenditure_total": ("支出合计", "支出总额"),
    "opening": ("上年结转", "上年结转结余", "上年结余", "年初结转", "年初结余"),
    "closing": ("当年结余", "年末结转", "年末结余", "结转下年", "结余结转"),
    "personnel": ("人员支出", "人员经费支出"),
    "operating": ("公用支出", "公用经费支出", "日常公用支出"),
    "vehicle_running": ("公务用车运维费", "公车运行维护费", "公务用车运行费"),
    "vehicle_purchase": ("公车购置费", "公务用车购置"),
    "abroad": ("因公出国费", "因公出国(境)费", "因公出国（境）费用"),
    "three_public": ("三公经费合计", "三公经费支出"),
}  # fmt: skip
_KEYS = {label_key(name): key for key, names in _WORDS.items() for name in names}
_SUMS = {
    "income_total": {_APPROPRIATION, "superior_grant", "service_income", "business_income", "affiliate_remittance",
                     "other_income", "opening", _NONE},
    "expenditure_total": {"basic", "project", "remittance", "business", "affiliate_grant"},
    "basic": {"personnel", "operating"},
}  # fmt: skip
_ALL = re.compile(r"合计|总计|小计|本部门|部门合计")


class _Column(NamedTuple):
    at: int
    line: str
    header: str


def is_across(grid: Grid) -> bool:
    """Whether a row has several lines of the budget beside each other, and no row below begins with one."""
    return bool(_head(grid))


def _head(grid: Grid) -> int:
    """How many rows the headers take; 0 where the table is none of this kind."""
    most = 0
    for number, row in enumerate(grid.rows[:_HEADER_ROWS], 1):
        if len({line for text in row if (line := _line(text))}) >= _LEAST:
            most = number
    below = [row for row in grid.rows[most:] if row and _line(row[0])]
    return most if most and not below else 0


def _line(text: str) -> str:
    key = label_key(text)
    line = BUDGET.line_by_label.get(key)
    return _KEYS.get(key) or (line.key if line is not None else "")


def read_across(table: Printed, found: Tables) -> None:
    """The row of the whole, or the only one; which of several units is meant cannot be told."""
    head = _head(table.grid)
    columns = _columns(table.grid.rows[:head])
    width = max(map(len, table.grid.rows))
    full = [(*row, *[""] * (width - len(row))) for row in table.grid.rows[head:]]
    rows = [row for row in full if any(re.search(r"\d", text) for text in row[1:])]
    whole = [row for row in rows if _ALL.fullmatch(fold(row[0]))] or rows
    heads = [text for row in table.grid.rows[:head] for text in row]
    if len(whole) != 1 or is_planned(table, heads) or not is_of_this_year(table, heads):
        found.loose.extend(rows)
        return
    found.loose.extend(row for row in rows if row is not whole[0])
    unit = table.unit or unit_in(table.grid.rows[:head])
    numbers = {column: _fen(whole[0], column, unit) for column in columns}
    known = {column: fen for column, fen in numbers.items() if fen is not None}
    by_line: dict[str, float] = {}
    for column, fen in known.items():
        by_line[column.line] = by_line.get(column.line, 0.0) + fen
    wrong = {total for total, parts in _SUMS.items() if not _adds_up(total, parts, by_line)}
    source = f"取自报告表格行“{'｜'.join(clean(part).replace(chr(10), ' ') for part in whole[0] if part)}”"
    left: list[str] = [text for text in (whole[0][column.at] for column in columns if column not in known) if text]
    for line, fen in by_line.items():
        if line == _NONE or any(line == total or line in _SUMS[total] for total in wrong):
            left += [whole[0][column.at] for column in known if column.line == line and (fen or line != _NONE)]
            continue
        grand = line == "income_total" and by_line.get("opening")
        found.amounts.append(Amount("income_grand" if grand else line, "final", fen, source))
    others = {column.at for column in columns} | {0}
    left += [text for index, text in enumerate(whole[0]) if index not in others and re.search(r"\d", text)]
    if left:
        found.loose.append((whole[0][0], *left))


def _columns(heads: Sequence[Sequence[str]]) -> list[_Column]:
    """The columns by the lowest header that names a line."""
    width = max(map(len, heads))
    found = []
    for index in range(width):
        named = [(line, row[index]) for row in heads if index < len(row) and (line := _line(row[index]))]
        if named:
            found.append(_Column(index, *named[-1]))
    return found


def _adds_up(total: str, parts: set[str], by_line: Mapping[str, float]) -> bool:
    """Whether the parts that a table shows come to the total it shows; a part twice is none of the whole."""
    own = [fen for line, fen in by_line.items() if line in parts]
    return total not in by_line or not own or abs(sum(own) - by_line[total]) <= _SLACK


def _fen(row: Sequence[str], column: _Column, unit: str) -> float | None:
    """An amount in fen; None where there is none, or where it cannot be told in which unit it is."""
    text = clean(row[column.at]) if column.at < len(row) else ""
    if not unit and not text.endswith(tuple(FEN_PER)):
        return None
    reading = read_number(text, Kind.AMOUNT, unit or "万元")
    return reading.value if given(reading.value) else None
