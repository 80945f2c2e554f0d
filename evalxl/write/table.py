"""A table on a sheet: title, unit, headers, rows and a line of totals, printed on A4 under repeated headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from evalxl import layout
from evalxl.grade import exact_mean
from evalxl.quantities import NAN
from evalxl.write.style import ROW_LIMIT, WIDEST, Page, height, lines, width

FEN_PER_WAN = 1e6

_FORMATS = {"rate": "{:.2%}", "count": "{:,.0f}", "index": "{:.0f}", "year": "{:.0f}"}
_WRAPPING = {"text", "detail", "centre", "link", "source", "figure"}
_TWO_LINES = 6  # a header wider than this may stand on two lines


class Total(StrEnum):
    """What the line of totals says of a column."""

    NONE = ""
    SUM = "sum"
    MEAN = "mean"  # to two decimals, half-up
    RATIO = "ratio"  # of two summed columns, over the rows that have both


class Cell(NamedTuple):
    """A value that needs more than its column's look."""

    value: object
    mark: str = ""
    link: str = ""
    look: str = ""


@dataclass(frozen=True)
class Column:
    """One column: its header, its look (amounts are given in fen), its total and how wide it may be."""

    header: str
    look: str = "text"
    total: Total = Total.NONE
    most: int = WIDEST
    least: int = 0
    over: tuple[str, str] = ("", "")  # RATIO: the headers of numerator and denominator
    optional: bool = False  # left out where no row has a value


@dataclass(frozen=True)
class Placed:
    """Where a table stands on its sheet, for links and formulas that point into it."""

    page: Page
    first: int
    last: int  # = first - 1 for a table without rows
    columns: dict[str, int]
    below: int  # the first free row below the table
    totals: dict[str, float] = field(default_factory=dict)

    @property
    def total_row(self) -> int:
        """The row of the totals."""
        return self.last + 1

    def total_at(self, header: str) -> str:
        """The address of a column's total."""
        return self.page.at(self.total_row, self.columns[header])


def shown(look: str, value: object) -> str:
    """A cell's value as its number format shows it, for measuring; amounts in 万元."""
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float) or value != value:
        return ""
    if look in _FORMATS:
        return _FORMATS[look].format(value)
    text = f"{value:,.6f}"
    return text[:-4] + text[-4:].rstrip("0")


def write_table(
    page: Page,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[object]],
    *,
    note: str = "",
    unit: str = "",
    total: str = "",
    empty: str = "无",
    autofilter: bool = False,
    more: str = "",
) -> Placed:
    """Write a table; ``total`` is the word for the line of totals, ``more`` where rows beyond the limit are."""
    columns, rows = _without_empty(columns, rows)
    count, rows = len(rows), rows[: ROW_LIMIT - 6]
    table = _Table(page, columns, rows, autofilter)
    table.head(title, note, unit)
    placed = table.body(empty, total)
    if count > len(rows):
        words = f"共 {count:,} 行，超过一张工作表的行数，本表只列出前 {len(rows):,} 行{more}。"
        page.put(placed.below, 1, words, page.book.look("note"))
    return placed


def _without_empty(
    columns: Sequence[Column], rows: Sequence[Sequence[object]]
) -> tuple[Sequence[Column], Sequence[Sequence[object]]]:
    empty = {
        position
        for position, column in enumerate(columns)
        if column.optional and not any(_filled(row[position]) for row in rows)
    }
    if not empty:
        return columns, rows
    keep = [position for position in range(len(columns)) if position not in empty]
    return [columns[position] for position in keep], [[row[position] for position in keep] for row in rows]


def _filled(value: object) -> bool:
    value = value.value if isinstance(value, Cell) else value
    return value is not None and value != "" and value == value


class _Table:
    HEADER_ROW = 3  # 1 title, 2 note and unit, 3 headers

    def __init__(
        self, page: Page, columns: Sequence[Column], rows: Sequence[Sequence[object]], autofilter: bool
    ) -> None:
        self.page, self.columns, self.rows, self.autofilter = page, columns, rows, autofilter
        self.book = page.book
        self.totals = {column.header: self._total(position) for position, column in enumerate(columns) if column.total}
        self.at = {column.header: position + 1 for position, column in enumerate(columns)}
        self.widths = [self._width(position) for position in range(len(columns))]

    @staticmethod
    def _value(column: Column, value: object) -> object:
        """A value in the unit it is shown in: fen become 万元, exactly rounded."""
        if isinstance(value, Cell):
            value = value.value
        if column.look == "amount" and isinstance(value, int | float):
            return value / FEN_PER_WAN
        return value

    def _numbers(self, position: int) -> list[float]:
        """A column's numbers as they were given, blanks left out."""
        values = (row[position] for row in self.rows)
        plain = (each.value if isinstance(each, Cell) else each for each in values)
        return [each for each in plain if isinstance(each, int | float) and each == each]

    def _total(self, position: int) -> float:
        """A column's total, summed in whole fen; NaN where there is nothing to sum."""
        column = self.columns[position]
        if column.total is Total.RATIO:
            above, below = self._sum_where(column, 0), self._sum_where(column, 1)
            return above / below if below else NAN
        numbers = self._numbers(position)
        if not numbers:
            return NAN
        if column.total is Total.MEAN:
            return exact_mean(numbers)
        return sum(numbers) / (FEN_PER_WAN if column.look == "amount" else 1)

    def _sum_where(self, ratio: Column, which: int) -> float:
        """The sum of numerator or denominator over the rows that have a ratio."""
        headers = [column.header for column in self.columns]
        own, wanted = headers.index(ratio.header), headers.index(ratio.over[which])
        chosen = [row[wanted] for row in self.rows if _filled(row[own])]
        plain = (each.value if isinstance(each, Cell) else each for each in chosen)
        return sum(each for each in plain if isinstance(each, int | float) and each == each)

    def _width(self, position: int) -> float:
        """A column's width by what it shows: the text measured as it is formatted, two more, capped."""
        column = self.columns[position]
        values = (self._value(column, row[position]) for row in self.rows)
        widest = max((width(shown(column.look, value)) for value in values), default=0)
        total = self.totals.get(column.header, NAN)
        if total == total:
            widest = max(widest, width(shown(column.look, total)) + 1)  # the line of totals is set in bolder type
        header = width(column.header)
        header = (header + 1) // 2 + 1 if header > _TWO_LINES else header
        needed = max(widest, header + (2 if self.autofilter else 0)) + (3 if column.look in _WRAPPING else 2)
        return max(column.least, min(needed, column.most) if column.look in _WRAPPING else needed)

    def head(self, title: str, note: str, unit: str) -> None:
        page, last = self.page, len(self.columns)
        page.merge(1, 1, last, title, self.book.look("title"))
        page.rows(1, 30)
        if note:
            page.put(2, 1, note, self.book.look("note"))
        if unit:
            page.put(2, last, unit, self.book.look("unit"))
        header = self.book.look("header")
        for position, column in enumerate(self.columns):
            page.put(self.HEADER_ROW, position + 1, column.header, header)
        tallest = max(lines(column.header, each) for column, each in zip(self.columns, self.widths, strict=True))
        page.rows(self.HEADER_ROW, max(24.0, height(tallest)))
        page.columns(self.widths)
        page.sheet.freeze_panes(self.HEADER_ROW, 0)
        page.sheet.repeat_rows(self.HEADER_ROW - 1)

    def body(self, empty: str, total: str) -> Placed:
        first = self.HEADER_ROW + 1
        last = first + len(self.rows) - 1
        if not self.rows:
            self.page.merge(first, 1, len(self.columns), empty, self.book.look("centre"))
            return Placed(self.page, first, last, self.at, first + 1)
        for offset, row in enumerate(self.rows):
            self._row(first + offset, row)
        if self.autofilter:
            self.page.sheet.autofilter(self.HEADER_ROW - 1, 0, last - 1, len(self.columns) - 1)
        if total:
            self._total_row(first, last, total)
        below = last + (2 if total else 1)
        return Placed(self.page, first, last, self.at, below, self.totals)

    def _row(self, at: int, row: Sequence[object]) -> None:
        page, look, tallest = self.page, self.book.look, 1
        for position, (column, given) in enumerate(zip(self.columns, row, strict=True)):
            extra, value = given if isinstance(given, Cell) else None, self._value(column, given)
            name, mark = (extra.look or column.look, extra.mark) if extra else (column.look, "")
            if extra and extra.link:
                page.link(at, position + 1, extra.link, str(value), look("link" if not mark else name, mark))
            else:
                page.put(at, position + 1, value, look(name, mark))
            if isinstance(value, str) and len(value) * 2 > self.widths[position] - 2:
                tallest = max(tallest, lines(value, self.widths[position]))
        if tallest > 1:
            page.rows(at, height(tallest))

    def _total_row(self, first: int, last: int, word: str) -> None:
        labelled = False
        for position, column in enumerate(self.columns):
            look = self.book.look(column.look, "total")
            result = self.totals.get(column.header, NAN)
            if result == result:
                formula = self._total_formula(column, position + 1, first, last)
                self.page.formula(last + 1, position + 1, formula, result, look)
            elif not labelled and not column.total and column.look in _WRAPPING:
                self.page.put(last + 1, position + 1, word, look)
                labelled = True
            else:
                self.page.put(last + 1, position + 1, None, look)

    def _total_formula(self, column: Column, position: int, first: int, last: int) -> str:
        own = _range(first, last, position)
        if column.total is Total.SUM:
            return f"SUM({own})"
        if column.total is Total.MEAN:
            return f"ROUND(AVERAGE({own}),2)"
        above, below = (_range(first, last, self.at[header]) for header in column.over)
        return f'SUMIF({own},"<>",{above})/SUMIF({own},"<>",{below})'


def _range(first: int, last: int, column: int) -> str:
    return f"{layout.cell(first, column)}:{layout.cell(last, column)}"
