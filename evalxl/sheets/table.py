"""A table on a sheet: title, unit, headers, rows and a line of totals, printed on A4 under repeated headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, NamedTuple, TypeVar

from evalxl import layout
from evalxl.sheets.book import ROW_LIMIT, Page
from evalxl.sheets.columns import WRAPPING, Column, Drawn, Measured, Total
from evalxl.sheets.measure import height, lines
from evalxl.sheets.rows import Formula
from evalxl.values.quantities import NAN

FIRST_ROW = 4  # of a table's own: above it stand title, note and unit, headers
MOST_ROWS = ROW_LIMIT - 6  # of a table
BATCH = 4_096  # rows

_NARROWEST = 8  # characters of a column of text on paper

T = TypeVar("T")
Values = Sequence[Sequence[Any]]  # of some rows, column by column


class Paper(NamedTuple):
    """What of a table is printed: its columns up to one, in so many characters that the type stays readable."""

    last: str  # the header of the last column that is printed
    room: float
    aside: str = ""  # what is said above the columns that are not


@dataclass(frozen=True)
class Placed:
    """Where a table stands on its sheet, for links and formulas that point into it."""

    page: Page
    first: int
    last: int  # = first - 1 for a table without rows
    columns: dict[str, int]
    below: int  # the first free row below the table
    totals: dict[str, float] = field(default_factory=dict)
    cut: bool = False  # there are more rows than a sheet has room for; what is beyond is in the database alone
    printed: int = 0  # the columns that are printed; 0: all

    @property
    def total_row(self) -> int:
        """The row of the totals."""
        return self.last + 1

    def total_at(self, header: str) -> str:
        """The address of a column's total."""
        return self.page.at(self.total_row, self.columns[header])


class Stream(Generic[T]):
    """What is too much to be held: made anew each time it is gone through, some thousand rows at a time."""

    def __init__(self, make: Callable[[], Iterator[T]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[T]:
        return self._make()


def in_columns(rows: Iterable[Sequence[object]]) -> Iterator[Values]:
    """The columns of some thousand rows after others."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield list(zip(*batch, strict=True))


def values_of(columns: Sequence[Column], records: Iterable[object], batch_size: int = BATCH) -> Iterator[Values]:
    """The values of columns in some thousand records after others."""
    records, first = iter(records), 1
    while batch := list(islice(records, batch_size)):
        last = first + len(batch)
        yield [list(map(each.of, batch)) if each.of else range(first, last) for each in columns]
        first = last


def write_records(page: Page, title: str, columns: Sequence[Column], records: Iterable[object], **more: Any) -> Placed:
    """Write a table of records, of which every column takes its value; ``more`` is what ``write_columns`` takes."""
    return write_columns(page, title, columns, list(values_of(columns, records)), **more)


def write_table(
    page: Page, title: str, columns: Sequence[Column], rows: Sequence[Sequence[object]], **more: Any
) -> Placed:
    """Write a table by its rows; ``more`` is what ``write_columns`` takes beside them."""
    return write_columns(page, title, columns, list(in_columns(rows)), **more)


def write_columns(
    page: Page,
    title: str,
    columns: Sequence[Column],
    values: Sequence[Values] | Stream[Values],
    *,
    note: str = "",
    unit: str = "",
    total: str = "",
    empty: str = "无",
    autofilter: bool = False,
    more: str = "",
    paper: Paper | None = None,
) -> Placed:
    """Write a table by the values of its columns, some rows after others.

    ``total`` is the word for the line of totals, ``more`` where rows beyond the limit are, ``paper`` what is printed.
    """
    table = _Table(page, columns, values, autofilter, paper)
    table.head(title, note, unit, paper)
    placed = table.body(empty, total)
    if placed.cut:
        words = f"共 {table.given:,} 行，超过一张工作表的行数，本表只列出前 {table.count:,} 行{more}。"
        page.put(placed.below, 1, words, page.book.look("note"))
    return placed


class _Table:
    HEADER_ROW = FIRST_ROW - 1

    def __init__(
        self,
        page: Page,
        columns: Sequence[Column],
        values: Sequence[Values] | Stream[Values],
        autofilter: bool,
        paper: Paper | None,
    ) -> None:
        self.page, self.book, self.autofilter = page, page.book, autofilter
        self._all, self._values = columns, values
        self.given = 0  # rows, of which those that a sheet has no room for are only counted
        self._drawn = Stream(self._draw) if isinstance(values, Stream) else list(self._draw())
        measured = [Measured(column) for column in columns]
        for drawn in self._drawn:
            by_header = {each.column.header: each for each in drawn}
            for each, own in zip(measured, drawn, strict=True):
                each.add(own, by_header)
        self._filled = [at for at, each in enumerate(measured) if each.filled]
        self.columns = [columns[at] for at in self._filled]
        self.count = min(self.given, MOST_ROWS)
        self.at = {column.header: position for position, column in enumerate(self.columns, 1)}
        self.totals = {columns[at].header: measured[at].total() for at in self._filled if columns[at].total}
        self.widths = [measured[at].width(autofilter and not paper) for at in self._filled]
        self.printed = self.at[paper.last] if paper else 0
        if paper:
            self._fit(paper, [measured[at].width(filtered=False, tight=True) for at in self._filled])

    def _fit(self, paper: Paper, tight: Sequence[float]) -> None:
        """Narrow the columns until those printed fit the paper, each by the same share of what it may lose.

        Texts are broken sooner; where that is not enough, headers are.
        """
        for at in range(self.printed):
            self.widths[at] -= self.columns[at].look not in WRAPPING
        texts = [at for at in range(self.printed) if self.columns[at].look in WRAPPING]
        self._narrow(paper.room, {at: max(_NARROWEST, self.columns[at].least) for at in texts})
        self._narrow(paper.room, {at: tight[at] - (at not in texts) for at in range(self.printed)})

    def _narrow(self, room: float, least: Mapping[int, float]) -> None:
        spare = {at: max(self.widths[at] - width, 0) for at, width in least.items()}
        over, able = sum(self.widths[: self.printed]) - room, sum(spare.values())
        if over > 0 and able:
            for at in spare:
                self.widths[at] = round(self.widths[at] - spare[at] * min(over / able, 1), 1)

    def _draw(self) -> Iterator[list[Drawn]]:
        """The values as they will stand, as far as a sheet has rows for them."""
        self.given = 0
        for batch in self._values:
            room = MOST_ROWS - self.given
            self.given += len(batch[0])
            if room > 0 and len(batch[0]):
                cut = batch if len(batch[0]) <= room else [values[:room] for values in batch]
                yield [Drawn(column, values, self.book) for column, values in zip(self._all, cut, strict=True)]

    def head(self, title: str, note: str, unit: str, paper: Paper | None) -> None:
        page, last = self.page, len(self.columns)
        page.merge(1, 1, self.printed or last, title, self.book.look("title"))
        page.rows(1, 30)
        if self.printed:
            self._long_note(f"{unit}　　{note}", paper.aside if paper else "")
        elif note:
            page.put(2, 1, note, self.book.look("note"))
        if unit and not self.printed:
            page.put(2, last, unit, self.book.look("unit"))
        tallest = max(lines(column.header, each) for column, each in zip(self.columns, self.widths, strict=True))
        page.rows(self.HEADER_ROW, max(24.0, height(tallest)))
        page.line(self.HEADER_ROW, [each.header for each in self.columns], [self.book.look("header")] * last)
        page.columns(self.widths)
        page.sheet.freeze_panes(self.HEADER_ROW, 0)
        page.sheet.repeat_rows(self.HEADER_ROW - 1)

    def _long_note(self, words: str, aside: str) -> None:
        """Unit and note over the columns that are printed, broken where the paper ends."""
        self.page.merge(2, 1, self.printed, words, self.book.look("long note"))
        if aside:
            self.page.put(2, self.printed + 1, aside, self.book.look("note"))
        self.page.rows(2, height(lines(words, sum(self.widths[: self.printed]))))

    def body(self, empty: str, total: str) -> Placed:
        first, last = FIRST_ROW, FIRST_ROW + self.count - 1
        if not self.count:
            self.page.merge(first, 1, len(self.columns), empty, self.book.look("centre"))
            return Placed(self.page, first, last, self.at, first + 1, printed=self.printed)
        self._rows(first)
        if self.autofilter:
            self.page.sheet.autofilter(self.HEADER_ROW - 1, 0, last - 1, len(self.columns) - 1)
        if total:
            self._total_row(first, last, total)
        below = last + (2 if total else 1)
        return Placed(self.page, first, last, self.at, below, self.totals, self.given > self.count, self.printed)

    def _rows(self, first: int) -> None:
        for batch in self._drawn:
            drawn = [batch[at] for at in self._filled]
            self._batch(first, drawn)
            first += len(drawn[0].values)

    def _batch(self, first: int, drawn: list[Drawn]) -> None:
        tall: dict[int, int] = {}
        for each, room in zip(drawn, self.widths, strict=True):
            for offset, count in each.tall_rows(room).items():
                tall[offset] = max(count, tall.get(offset, 1))
        for offset, count in tall.items():
            self.page.rows(first + offset, height(count))
        self.page.block(first, [(each.values, each.look, each.odd) for each in drawn])
        for position, each in enumerate(drawn, 1):
            for offset, cell in each.links.items():
                self.page.link(first + offset, position, cell.link, str(cell.value), each.odd[offset])

    def _total_row(self, first: int, last: int, word: str) -> None:
        values: list[object] = []
        for position, column in enumerate(self.columns, 1):
            result = self.totals.get(column.header, NAN)
            if result == result:
                values.append(Formula(self._total_formula(column, position, first, last), result))
            elif word and not column.total and column.look in WRAPPING:
                values.append(word)
                word = ""  # it stands once
            else:
                values.append(None)
        self.page.line(last + 1, values, [self.book.look(column.look, "total") for column in self.columns])

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
