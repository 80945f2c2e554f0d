"""收支汇总: every budget line summed over the departments that count, beside last year's where that is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

from evalxl import layout
from evalxl.district.tables import District
from evalxl.facts.submissions import superseded
from evalxl.outputs.summary.both_years import BothYears, Comparable, both_years
from evalxl.outputs.summary.sheet import ROOM, sign_pages, signing_page
from evalxl.outputs.summary.tally import Tally, rate
from evalxl.sheets.book import Book
from evalxl.sheets.columns import FEN_PER_WAN, Cell, Column
from evalxl.sheets.table import Paper, Placed, write_records
from evalxl.values.quantities import NAN, given

LAST, MORE_THAN_LAST, BY_SHARE = "上年决算数", "增减额", "增减率"
_IN_BOTH, _COMPARABLE, _COMPARABLE_SHARE = "两年都填部门数", "可比增减额", "可比增减率"
_STATED = "各部门填报数相加；合计行是各部门所填合计数之和，不是由上面各行重新算出。"


class Sums(NamedTuple):
    """One budget line over all departments: the sum of each column in fen, and how many departments fill it."""

    amounts: dict[str, float]
    departments: int


class _Row(NamedTuple):
    """A line with its sums of this year and, where it is known, of the last and of the departments of both."""

    line: layout.Line
    now: Sums
    then: Sums
    both: Comparable

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
_NOBODY = Comparable(0, NAN, NAN, same=True)


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
    if last is None:
        placed = _write_one_year(book, now)
    else:
        placed = _write_two_years(book, now, sums_of(_counted(last)), both_years(tally, last))
    if signed:
        sign_pages(placed.page, upright=last is None)
    shown = {
        f"{key} {column}": amount / FEN_PER_WAN for key, line in now.items() for column, amount in line.amounts.items()
    }
    return replace(placed, totals=shown)


def _write_one_year(book: Book, now: dict[str, Sums]) -> Placed:
    rows = [_Row(each, now.get(each.key, _NOTHING), _NOTHING, _NOBODY) for each in layout.BUDGET.lines]
    return write_records(book.page("收支汇总"), "收支汇总", _columns(), rows, note=_STATED, unit="单位：万元")


def _write_two_years(book: Book, now: dict[str, Sums], then: dict[str, Sums], both: BothYears) -> Placed:
    """The sums of both years; where they are of other departments, a warning and the sums of those in both."""
    rows = [
        _Row(each, now.get(each.key, _NOTHING), then.get(each.key, _NOTHING), both.lines.get(each.key, _NOBODY))
        for each in layout.BUDGET.lines
    ]
    columns = _columns() + _last_columns(comparable=not both.same)
    note = f"{both.words}{_STATED}上年数为上年结果中全部部门之和。"
    placed = write_records(
        signing_page(book, "收支汇总"), "收支汇总", columns, rows, note=note, unit="单位：万元",
        paper=Paper(columns[-1].header, ROOM, mark="" if both.same else "explain"),
    )  # fmt: skip
    _write_changes(placed, rows)
    return placed


def _marked(header: str, look: str, of: Callable[[_Row], float], least: int = 0) -> Column:
    return Column(header, look, least=least, of=lambda row: Cell(of(row), _mark(row)))


def _last_columns(*, comparable: bool) -> list[Column]:
    """What stands beside this year's sums: last year's, the change, and the change of the departments of both."""
    columns = [
        _marked(LAST, "money", attrgetter("last")),
        _marked("上年填列部门数", "count", lambda row: row.then.departments),
        Column(MORE_THAN_LAST, "money", of=lambda row: Cell(row.change, _doubt(row))),
        Column(BY_SHARE, "rate", of=lambda row: Cell(rate(row.change, row.last), _doubt(row))),
    ]  # fmt: skip
    if comparable:
        columns += [
            _marked(_IN_BOTH, "count", attrgetter("both.departments")),
            _marked(_COMPARABLE, "money", attrgetter("both.change")),
            _marked(_COMPARABLE_SHARE, "rate", lambda row: rate(row.both.change, row.both.then)),
        ]
    return columns


def _columns() -> list[Column]:
    def amount(header: str, of: Callable[[_Row], float]) -> Column:
        return _marked(header, "money", of, 14)

    def label(row: _Row) -> Cell:
        return Cell(row.line.label, _mark(row), look="detail" if row.line.detail else "")

    def amount_of(key: str) -> Column:
        return amount(layout.BUDGET.by_key[key].header, lambda row: row.now.amounts[key])

    return [
        Column("项目", least=28, of=label), *map(amount_of, layout.AMOUNT_COLUMNS),
        _marked("填列部门数", "count", lambda row: row.now.departments),
    ]  # fmt: skip


def _mark(row: _Row) -> str:
    return "subtotal" if row.line.computed else ""


def _doubt(row: _Row) -> str:
    """The mark of a change that other departments have part in."""
    return _mark(row) if row.both.same else "explain"


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
                page.formula(number, at[header], formula, value, page.book.look(look, _doubt(row)))


def _counted(last: District) -> District:
    """Last year's workbooks without those that a later one replaced."""
    out = superseded(last)
    return District(budget=last.budget[~last.budget["workbook"].isin(out)])
