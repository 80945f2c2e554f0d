"""收支汇总: every budget line summed over the departments that count, beside last year's where that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from evalxl import layout
from evalxl.district.tables import District
from evalxl.facts.submissions import superseded
from evalxl.outputs.summary.sheet import sign
from evalxl.outputs.summary.tally import Tally, rate
from evalxl.sheets.book import Book
from evalxl.sheets.columns import FEN_PER_WAN, Cell, Column
from evalxl.sheets.table import Placed, write_records
from evalxl.values.quantities import NAN, given

LAST, MORE_THAN_LAST, BY_SHARE = "上年决算数", "增减额", "增减率"


class Sums(NamedTuple):
    """One budget line over all departments: the sum of each column in fen, and how many departments fill it."""

    amounts: dict[str, float]
    departments: int


class _Row(NamedTuple):
    """A line with its sums of this year and, where it is known, of the last."""

    line: layout.Line
    now: Sums
    then: Sums

    @property
    def final(self) -> float:
        return self.now.amounts["final"]

    @property
    def last(self) -> float:
        return self.then.amounts["final"]

    @property
    def change(self) -> float:
        return self.final - self.last


_NOTHING = Sums(dict.fromkeys(layout.AMOUNT_COLUMNS, NAN), 0)


def sums_of(d: District) -> dict[str, Sums]:
    """The budget lines of a district, summed."""
    columns = list(layout.AMOUNT_COLUMNS)
    sums = d.budget.groupby("key")[columns].sum(min_count=1)
    filled = d.budget[d.budget[columns].notna().any(axis=1)].groupby("key")["workbook"].nunique().to_dict()
    return {
        str(key): Sums(dict(zip(columns, row, strict=True)), int(filled.get(key, 0)))
        for key, *row in sums.itertuples(name=None)
    }


def write_budget(book: Book, tally: Tally, *, signed: bool = True) -> Placed:
    """Write the sheet; the change since last year is a formula. Its totals go by line and column ("basic final")."""
    now, last = sums_of(tally.counted), tally.d.bureau.last_year
    then = sums_of(_counted(last)) if last is not None else {}
    rows = [_Row(each, now.get(each.key, _NOTHING), then.get(each.key, _NOTHING)) for each in layout.BUDGET.lines]
    note = "各部门填报数相加；合计行是各部门所填合计数之和，不是由上面各行重新算出。"
    note += "上年数为上年结果中全部部门之和，部门数不同的，增减额含部门增减的影响。" if last is not None else ""
    page = book.page("收支汇总", landscape=last is not None)
    placed = write_records(page, "收支汇总", _columns(last is not None), rows, note=note, unit="单位：万元")
    if last is not None:
        _write_changes(placed, rows)
    if signed:
        sign(placed)
    shown = {
        f"{key} {column}": amount / FEN_PER_WAN for key, line in now.items() for column, amount in line.amounts.items()
    }
    return replace(placed, totals=shown)


def _columns(with_last: bool) -> list[Column]:
    def marked(header: str, look: str, of: Callable[[_Row], float], least: int = 0) -> Column:
        return Column(header, look, least=least, of=lambda row: Cell(of(row), _mark(row)))

    def amount(header: str, of: Callable[[_Row], float]) -> Column:
        return marked(header, "money", of, 16)

    def label(row: _Row) -> Cell:
        return Cell(row.line.label, _mark(row), look="detail" if row.line.detail else "")

    def amount_of(key: str) -> Column:
        return amount(layout.BUDGET.by_key[key].header, lambda row: row.now.amounts[key])

    columns = [
        Column("项目", least=34, of=label), *map(amount_of, layout.AMOUNT_COLUMNS),
        marked("填列部门数", "count", lambda row: row.now.departments),
    ]  # fmt: skip
    if with_last:
        columns += [
            amount(LAST, attrgetter("last")), marked("上年填列部门数", "count", lambda row: row.then.departments),
            amount(MORE_THAN_LAST, attrgetter("change")),
            marked(BY_SHARE, "rate", lambda row: rate(row.change, row.last), 10),
        ]  # fmt: skip
    return columns


def _mark(row: _Row) -> str:
    return "subtotal" if row.line.computed else ""


def _write_changes(placed: Placed, rows: list[_Row]) -> None:
    """Put the formulas of the change over its values."""
    page, at = placed.page, placed.columns
    for number, row in enumerate(rows, placed.first):
        final, last = (layout.cell(number, at[header]) for header in (layout.BUDGET.by_key["final"].header, LAST))
        change = layout.cell(number, at[MORE_THAN_LAST])
        for header, look, formula, value in (
            (MORE_THAN_LAST, "money", f"{final}-{last}", row.change / FEN_PER_WAN),
            (BY_SHARE, "rate", f"{change}/{last}", rate(row.change, row.last)),
        ):
            if given(value):
                page.formula(number, at[header], formula, value, page.book.look(look, _mark(row)))


def _counted(last: District) -> District:
    """Last year's workbooks without those that a later one replaced."""
    out = superseded(last)
    return District(budget=last.budget[~last.budget["workbook"].isin(out)])
