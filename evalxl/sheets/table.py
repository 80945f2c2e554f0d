"""A table on a sheet: title, unit, headers, rows and a line of totals, printed on A4 under repeated headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from evalxl import layout
from evalxl.sheets.book import ROW_LIMIT, Page
from evalxl.sheets.columns import WRAPPING, Column, Drawn, Looks, Measured, Size, Total
from evalxl.sheets.measure import height, lines
from evalxl.sheets.rows import Formula
from evalxl.sheets.xlsxwriter_inside import number_of
from evalxl.values.quantities import NAN, given

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
    mark: str = ""  # what is laid over the note, where it must not be missed


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


@runtime_checkable
class Elsewhere(Protocol):
    """Rows that other processes measure and draw, as far as a sheet has room for them; of columns without totals."""

    count: int

    def measured(self) -> Sequence[Size]:
        """How wide each column stands."""

    def drawn(self, shown: Sequence[int], widths: Sequence[float], looks: Sequence[int]) -> Iterator[tuple[int, Path]]:
        """Some rows after others as XML in a file, of the columns shown: their widths, their looks' numbers."""


def in_columns(rows: Iterable[Sequence[object]]) -> Iterator[Values]:
    """The columns of some thousand rows after others."""
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield list(zip(*batch, strict=True))


def values_of(
    columns: Sequence[Column], records: Iterable[object], batch_size: int = BATCH, first: int = 1
) -> Iterator[Values]:
    """The values of columns in some thousand records after others; ``first`` is the number of the first record."""
    records = iter(records)
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
    values: Sequence[Values] | Stream[Values] | Elsewhere,
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
        words = f"共 {table.in_all:,} 行，超过一张工作表的行数，本表只列出前 {table.count:,} 行{more}。"
        page.put(placed.below, 1, words, page.book.look("note"))
    return placed


def draw(columns: Sequence[Column], values: Values, book: Looks) -> list[Drawn]:
    """The values of some rows as they will stand."""
    return [Drawn(*each, book) for each in zip(columns, values, strict=True)]


def measure(columns: Sequence[Column], batches: Iterable[list[Drawn]]) -> list[Measured]:
    """The columns as all their values make them."""
    measured = [Measured(column) for column in columns]
    for drawn in batches:
        by_header = {each.column.header: each for each in drawn}
        for each, own in zip(measured, drawn, strict=True):
            each.add(own, by_header)
    return measured


def put_rows(page: Page, first: int, drawn: Sequence[Drawn], widths: Sequence[float]) -> None:
    """Write some rows, each as high as its texts need."""
    tall: dict[int, int] = {}
    for each, room in zip(drawn, widths, strict=True):
        each.unlink(room)
        for offset, count in each.tall_rows(room).items():
            tall[offset] = max(count, tall.get(offset, 1))
    for offset, count in tall.items():
        page.rows(first + offset, height(count))
    page.block(first, [(each.values, each.look, each.odd) for each in drawn])
    for position, each in enumerate(drawn, 1):
        for offset, cell in each.links.items():
            page.link(first + offset, position, cell.link, str(cell.value), each.odd[offset])


class _Table:
    HEADER_ROW = FIRST_ROW - 1

    def __init__(
        self,
        page: Page,
        columns: Sequence[Column],
        values: Sequence[Values] | Stream[Values] | Elsewhere,
        autofilter: bool,
        paper: Paper | None,
    ) -> None:
        self.page, self.book, self.autofilter = page, page.book, autofilter
        self._all = columns
        self.in_all = 0  # rows, of which those that a sheet has no room for are only counted
        self._drawn: Iterable[list[Drawn]] | Elsewhere
        measured = self._measured_elsewhere(values) if isinstance(values, Elsewhere) else self._measured(values)
        self._filled = [at for at, each in enumerate(measured) if each.filled]
        self.columns = [columns[at] for at in self._filled]
        self.count = min(self.in_all, MOST_ROWS)
        self.at = {column.header: position for position, column in enumerate(self.columns, 1)}
        self.totals = {columns[at].header: measured[at].total() for at in self._filled if columns[at].total}
        self.widths = [measured[at].width(autofilter and not paper) for at in self._filled]
        self.printed = self.at[paper.last] if paper else 0
        if paper:
            self._fit(paper, [measured[at] for at in self._filled])

    def _measured(self, values: Sequence[Values] | Stream[Values]) -> list[Measured]:
        def draw() -> Iterator[list[Drawn]]:
            return self._draw(values)

        self._drawn = Stream(draw) if isinstance(values, Stream) else list(draw())
        return measure(self._all, self._drawn)

    def _measured_elsewhere(self, values: Elsewhere) -> list[Measured]:
        self.in_all, self._drawn = values.count, values
        return [Measured(*each) for each in zip(self._all, values.measured(), strict=True)]

    def _fit(self, paper: Paper, measured: Sequence[Measured]) -> None:
        """Narrow the columns until those printed fit the paper, each by the same share of what it may lose.

        Texts are broken sooner; where that is not enough, headers are.
        """
        for at in range(self.printed):
            self.widths[at] -= self.columns[at].look not in WRAPPING
        texts = [at for at in range(self.printed) if self.columns[at].look in WRAPPING]
        self._narrow(paper.room, {at: max(_NARROWEST, measured[at].least()) for at in texts})
        tight = [each.width(filtered=False, tight=True) for each in measured]
        self._narrow(paper.room, {at: tight[at] - (at not in texts) for at in range(self.printed)})

    def _narrow(self, room: float, least: Mapping[int, float]) -> None:
        spare = {at: max(self.widths[at] - width, 0) for at, width in least.items()}
        over, able = sum(self.widths[: self.printed]) - room, sum(spare.values())
        if over > 0 and able:
            for at in spare:
                self.widths[at] = round(self.widths[at] - spare[at] * min(over / able, 1), 1)

    def _draw(self, values: Iterable[Values]) -> Iterator[list[Drawn]]:
        """The values as they will stand, as far as a sheet has rows for them."""
        self.in_all = 0
        for batch in values:
            room = MOST_ROWS - self.in_all
            self.in_all += len(batch[0])
            if room > 0 and len(batch[0]):
                cut = batch if len(batch[0]) <= room else [column[:room] for column in batch]
                yield draw(self._all, cut, self.book)

    def head(self, title: str, note: str, unit: str, paper: Paper | None) -> None:
        page, last = self.page, len(self.columns)
        page.merge(1, 1, self.printed or last, title, self.book.look("title"))
        page.rows(1, 30)
        if self.printed:
            self._long_note(f"{unit}　　{note}", paper)
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

    def _long_note(self, words: str, paper: Paper | None) -> None:
        """Unit and note over the columns that are printed, broken where the paper ends."""
        self.page.merge(2, 1, self.printed, words, self.book.look("long note", paper.mark if paper else ""))
        if paper and paper.aside:
            self.page.put(2, self.printed + 1, paper.aside, self.book.look("note"))
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
        return Placed(self.page, first, last, self.at, below, self.totals, self.in_all > self.count, self.printed)

    def _rows(self, first: int) -> None:
        if isinstance(self._drawn, Elsewhere):
            looks = [number_of(self.book.look(column.look)) for column in self.columns]
            for count, xml in self._drawn.drawn(self._filled, self.widths, looks):
                self.page.sheet.take_rows(first - 1, count, len(self.columns), xml)
                first += count
            return
        for batch in self._drawn:
            drawn = [batch[at] for at in self._filled]
            put_rows(self.page, first, drawn, self.widths)
            first += len(drawn[0].values)

    def _total_row(self, first: int, last: int, word: str) -> None:
        values: list[object] = []
        for position, column in enumerate(self.columns, 1):
            result = self.totals.get(column.header, NAN)
            if given(result):
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
