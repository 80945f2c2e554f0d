"""收支汇总: every budget line summed over the departments that count, beside last year's where that is known."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from evalxl import layout
from evalxl.district.tables import District
from evalxl.facts.submissions import superseded
from evalxl.outputs.summary.sheet import sign
from evalxl.outputs.summary.tally import Tally, rate
from evalxl.sheets.book import Book
from evalxl.sheets.columns import FEN_PER_WAN, Cell, Column
from evalxl.sheets.table import Placed, write_table
from evalxl.values.quantities import NAN

LAST, MORE_THAN_LAST, BY_SHARE = "上年决算数", "增减额", "增减率"


class Line(NamedTuple):
    """One budget line over all departments: the sum of each column in fen, and how many departments fill it."""

    sums: tuple[float, ...]
    departments: int


def lines_of(d: District) -> dict[str, Line]:
    """The budget lines of a district, summed."""
    columns = list(layout.AMOUNT_COLUMNS)
    sums = d.budget.groupby("key")[columns].sum(min_count=1)
    filled = d.budget[d.budget[columns].notna().any(axis=1)].groupby("key")["workbook"].nunique().to_dict()
    return {str(key): Line(tuple(row), int(filled.get(key, 0))) for key, *row in sums.itertuples(name=None)}


def write_budget(book: Book, tally: Tally) -> Placed:
    """Write the sheet; the change since last year is a formula. Its totals go by line and column ("basic final")."""
    now, last = lines_of(tally.counted), tally.d.bureau.last_year
    then = lines_of(_counted(last)) if last is not None else {}
    nothing = Line((NAN,) * len(layout.AMOUNT_COLUMNS), 0)
    rows = []
    for line in layout.BUDGET.lines:
        mark, look = "subtotal" if line.computed else "", "detail" if line.detail else ""
        own, before = now.get(line.key, nothing), then.get(line.key, nothing)
        numbers: list[float] = [*own.sums, own.departments]
        if last is not None:
            final, earlier = own.sums[-1], before.sums[-1]
            change = final - earlier if final == final and earlier == earlier else NAN
            numbers += [earlier, before.departments, change, rate(change, earlier)]
        rows.append((Cell(line.label, mark, look=look), *(Cell(value, mark) for value in numbers)))
    note = "各部门填报数相加；合计行是各部门所填合计数之和，不是由上面各行重新算出。"
    note += "上年数为上年结果中全部部门之和，部门数不同的，增减额含部门增减的影响。" if last is not None else ""
    page = book.page("收支汇总", landscape=last is not None)
    placed = write_table(page, "收支汇总", _columns(last is not None), rows, note=note, unit="单位：万元")
    _write_changes(placed, rows)
    sign(placed)
    shown = {
        f"{key} {column}": amount / FEN_PER_WAN
        for key, line in now.items()
        for column, amount in zip(layout.AMOUNT_COLUMNS, line.sums, strict=True)
    }
    return replace(placed, totals=shown)


def _columns(with_last: bool) -> list[Column]:
    fields = [layout.BUDGET.by_key[key] for key in layout.AMOUNT_COLUMNS]
    columns = [
        Column("项目", least=34), *(Column(each.header, "amount", least=16) for each in fields),
        Column("填列部门数", "count"),
    ]  # fmt: skip
    if with_last:
        columns += [
            Column(LAST, "amount", least=16), Column("上年填列部门数", "count"),
            Column(MORE_THAN_LAST, "amount", least=16), Column(BY_SHARE, "rate", least=10),
        ]  # fmt: skip
    return columns


def _write_changes(placed: Placed, rows: list[tuple[Cell, ...]]) -> None:
    """Put the formulas of the change over its values."""
    if LAST not in placed.columns:
        return
    page, at = placed.page, placed.columns
    for row, cells in enumerate(rows, placed.first):
        final, last = (layout.cell(row, at[header]) for header in ("决算数", LAST))
        change = layout.cell(row, at[MORE_THAN_LAST])
        formulas = ((MORE_THAN_LAST, "amount", f"{final}-{last}"), (BY_SHARE, "rate", f"{change}/{last}"))
        for header, look, formula in formulas:
            cell = cells[at[header] - 1]
            value = float(str(cell.value)) / (FEN_PER_WAN if look == "amount" else 1)
            if value == value:
                page.formula(row, at[header], formula, value, page.book.look(look, cell.mark))


def _counted(last: District) -> District:
    """Last year's workbooks without those that a later one replaced."""
    out = superseded(last)
    return District(budget=last.budget[~last.budget["workbook"].isin(out)])
