"""A table on a sheet: title, unit, headers, rows and a line of totals, printed on A4 under repeated headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from xlsxwriter.format import Format

from evalxl import layout
from evalxl.grade import exact_mean
from evalxl.quantities import NAN
from evalxl.write.style import ROW_LIMIT, WIDEST, Book, Page, height, lines, width

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


def _plain(value: object) -> object:
    return value.value if isinstance(value, Cell) else value


def _filled(value: object) -> bool:
    value = _plain(value)
    return value is not None and value != "" and value == value


class _Drawn:
    """A column as it will stand on the sheet: its figures as given, its values in the unit they are shown in."""

    def __init__(self, column: Column, given: Sequence[object], book: Book) -> None:
        self.column = column
        self.look = book.look(column.look)
        cells = [(offset, value) for offset, value in enumerate(given) if isinstance(value, Cell)]
        self.odd = {at: book.look(cell.look or column.look, cell.mark) for at, cell in cells}
        self.links = {at: cell for at, cell in cells if cell.link}
        self.figures = [_plain(value) for value in given] if cells else given
        self.values = self.figures
        if column.look == "amount":  # given in fen; dividing once rounds exactly
            self.values = [each / FEN_PER_WAN if isinstance(each, int | float) else each for each in self.figures]

    def numbers(self) -> list[float]:
        """The figures that are numbers, blanks left out."""
        return [each for each in self.figures if isinstance(each, int | float) and each == each]

    def widest(self) -> int:
        """The width of the widest value, as its format shows it."""
        widest = 0
        for words in sorted({shown(self.column.look, value) for value in set(self.values)}, key=len, reverse=True):
            if len(words) * 2 <= widest:  # nor does any that follows stand wider
                break
            widest = max(widest, width(words))
        return widest

    def tall(self, room: float) -> dict[int, int]:
        """The lines of every text that takes more than one, by its place."""
        long = [
            (offset, value)
            for offset, value in enumerate(self.values)
            if isinstance(value, str) and (len(value) * 2 > room - 2 or "\n" in value)  # others fit at any width
        ]
        return {offset: count for offset, value in long if (count := lines(value, room)) > 1}


class _Table:
    HEADER_ROW = 3  # 1 title, 2 note and unit, 3 headers

    def __init__(
        self, page: Page, columns: Sequence[Column], rows: Sequence[Sequence[object]], autofilter: bool
    ) -> None:
        self.page, self.columns, self.count, self.autofilter = page, columns, len(rows), autofilter
        self.book = page.book
        values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        self.drawn = [_Drawn(column, given, page.book) for column, given in zip(columns, values, strict=True)]
        self.at = {column.header: position + 1 for position, column in enumerate(columns)}
        self.totals = {each.column.header: self._total(each) for each in self.drawn if each.column.total}
        self.widths = [self._width(each) for each in self.drawn]

    def _total(self, drawn: _Drawn) -> float:
        """A column's total, summed in whole fen; NaN where there is nothing to sum."""
        column = drawn.column
        if column.total is Total.RATIO:
            above, below = (self._sum_where(drawn, self.drawn[self.at[header] - 1]) for header in column.over)
            return above / below if below else NAN
        numbers = drawn.numbers()
        if not numbers:
            return NAN
        if column.total is Total.MEAN:
            return exact_mean(numbers)
        return sum(numbers) / (FEN_PER_WAN if column.look == "amount" else 1)

    @staticmethod
    def _sum_where(ratio: _Drawn, wanted: _Drawn) -> float:
        """The sum of numerator or denominator over the rows that have a ratio."""
        chosen = [each for own, each in zip(ratio.figures, wanted.figures, strict=True) if _filled(own)]
        return sum(each for each in chosen if isinstance(each, int | float) and each == each)

    def _width(self, drawn: _Drawn) -> float:
        """A column's width by what it shows: the text measured as it is formatted, two more, capped."""
        column, widest = drawn.column, drawn.widest()
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
        tallest = max(lines(column.header, each) for column, each in zip(self.columns, self.widths, strict=True))
        page.rows(self.HEADER_ROW, max(24.0, height(tallest)))
        page.line(self.HEADER_ROW, [each.header for each in self.columns], [self.book.look("header")] * last)
        page.columns(self.widths)
        page.sheet.freeze_panes(self.HEADER_ROW, 0)
        page.sheet.repeat_rows(self.HEADER_ROW - 1)

    def body(self, empty: str, total: str) -> Placed:
        first = self.HEADER_ROW + 1
        last = first + self.count - 1
        if not self.count:
            self.page.merge(first, 1, len(self.columns), empty, self.book.look("centre"))
            return Placed(self.page, first, last, self.at, first + 1)
        self._rows(first)
        if self.autofilter:
            self.page.sheet.autofilter(self.HEADER_ROW - 1, 0, last - 1, len(self.columns) - 1)
        if total:
            self._total_row(first, last, total)
        below = last + (2 if total else 1)
        return Placed(self.page, first, last, self.at, below, self.totals)

    def _rows(self, first: int) -> None:
        tall: dict[int, int] = {}
        for each, room in zip(self.drawn, self.widths, strict=True):
            for offset, count in each.tall(room).items():
                tall[offset] = max(count, tall.get(offset, 1))
        for offset, count in tall.items():
            self.page.rows(first + offset, height(count))
        odd = {offset for each in self.drawn for offset in each.odd}
        linked = {offset for each in self.drawn for offset in each.links}
        plain = [each.look for each in self.drawn]
        for offset, values in enumerate(zip(*(each.values for each in self.drawn), strict=True)):
            looks = [each.odd.get(offset, each.look) for each in self.drawn] if offset in odd else plain
            if offset in linked:
                self._linked_row(first + offset, offset, looks)
            else:
                self.page.line(first + offset, values, looks)

    def _linked_row(self, at: int, offset: int, looks: list[Format]) -> None:
        """A row with links, which XlsxWriter writes cell by cell."""
        for position, (each, look) in enumerate(zip(self.drawn, looks, strict=True), 1):
            cell, value = each.links.get(offset), each.values[offset]
            if cell:
                self.page.link(at, position, cell.link, str(value), look if cell.mark else self.book.look("link"))
            else:
                self.page.put(at, position, value, look)

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
