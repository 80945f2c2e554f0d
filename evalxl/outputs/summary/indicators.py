"""指标汇总: the indicators of all workbooks that count, one row each, with their origin.

Very many are drawn by the processes that had read them, some thousand at a time: drawing them is a third of what the
parent of a large run would otherwise do alone.
"""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from xlsxwriter.format import Format

from evalxl.district.tables import Row
from evalxl.layout import INDICATORS
from evalxl.outputs.field_columns import field_column, field_columns
from evalxl.outputs.summary.sheet import (
    HELD,
    MORE,
    ORIGIN_WORDS,
    Senders,
    Spread,
    few_or_many,
    origin_columns,
    sender_columns,
    wide_page,
)
from evalxl.outputs.summary.tally import Tally, rate
from evalxl.sheets.book import Book, LoosePage
from evalxl.sheets.columns import Column, Size
from evalxl.sheets.table import (
    FIRST_ROW,
    MOST_ROWS,
    Elsewhere,
    Placed,
    Stream,
    Values,
    draw,
    measure,
    put_rows,
    values_of,
    write_columns,
)
from evalxl.sheets.xlsxwriter_inside import numbered_look
from evalxl.store import schema
from evalxl.store.parts import Parts

_WHOLE = "（部门整体）"
_KEYS = (*INDICATORS.by_key, "row")
_AT_ONCE = 4_096  # rows that a process draws at least, when it draws some


def write_indicators(book: Book, tally: Tally, spread: Spread | None) -> Placed | None:
    """Write 指标汇总; None, and no sheet, where no workbook gives an indicator. ``spread`` is where rows are drawn."""
    count = len(tally.counted.indicators)
    if not count:
        return None
    columns, values = _columns(tally), _values(tally, count)
    if spread and tally.parts and book.fast and count > HELD:
        values = _Elsewhere(tally, spread)
    return write_columns(
        wide_page(book, "指标汇总", count), "指标汇总", columns, values, note=f"{ORIGIN_WORDS}。", unit="单位：分",
        autofilter=True, more=MORE,
    )  # fmt: skip


def _columns(senders: Senders) -> list[Column]:
    instead = {
        "project": [field_column(INDICATORS, "project", of=lambda each: each["project"] or _WHOLE)],
        "points": [
            field_column(INDICATORS, "points"),
            Column("得分率", "rate", of=lambda each: rate(each["points"], each["weight"])),
        ],
        "cause": [field_column(INDICATORS, "cause", optional=True)],
    }
    return [
        *sender_columns(senders, 22), *field_columns(INDICATORS, instead), *origin_columns(senders, INDICATORS.key),
    ]  # fmt: skip


def _values(tally: Tally, count: int) -> Sequence[Values] | Stream[Values] | Elsewhere:
    columns = _columns(tally)
    return few_or_many(count, lambda: values_of(columns, _records(tally.rows(INDICATORS.key, *_KEYS))))


def _records(rows: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    for values in rows:
        yield dict(zip(("workbook", *_KEYS), values, strict=True))


# ---------------------------------------------------------------- rows that other processes draw


class _Some(NamedTuple):
    """Whose the rows of a piece are, without the rest of the district."""

    names: dict[str, str]
    levels: dict[str, str]
    titles: dict[str, str]
    sources: dict[str, str]

    def sheet_title(self, workbook: str, _sheet: str) -> str:
        return self.titles[workbook]

    def source(self, workbook: str) -> str:
        return self.sources[workbook]


class _Drawing(NamedTuple):
    """How the columns of a piece are drawn that are shown, and into which file."""

    shown: Sequence[int]
    widths: Sequence[float]
    looks: Sequence[int]
    first: int  # of its rows, counted from 0
    target: Path


class _Piece(NamedTuple):
    """The indicators of some workbooks."""

    parts: Parts
    senders: _Some
    room: int  # how many of them the sheet has room for

    def values(self, columns: Sequence[Column], first: int = 0) -> Iterator[Values]:
        rows = self.parts.rows(schema.LONG["indicators"], *_KEYS)
        return values_of(columns, islice(_records(rows), self.room), first=first + 1)


class _Elsewhere:
    """The indicators of a district, measured and drawn piece by piece by other processes."""

    def __init__(self, tally: Tally, spread: Spread) -> None:
        rows = Counter(tally.counted.indicators["workbook"].tolist())
        self.count, self._spread = sum(rows.values()), spread
        self._pieces: list[_Piece] = []
        room = MOST_ROWS
        for parts in (tally.parts or Parts()).pieces(rows, _AT_ONCE):
            senders = _some(tally, parts)
            own = min(sum(rows[book] for book in senders.names), room)
            room -= own
            self._pieces += [_Piece(parts, senders, own)] if own else []

    def measured(self) -> Sequence[Size]:
        sizes = list(self._spread(measured, self._pieces))
        return [
            Size(max(each.widest for each in own), any(each.filled for each in own)) for own in zip(*sizes, strict=True)
        ]

    def drawn(self, shown: Sequence[int], widths: Sequence[float], looks: Sequence[int]) -> Iterator[tuple[int, Path]]:
        with tempfile.TemporaryDirectory() as folder:
            orders, first = [], 0
            for piece in self._pieces:
                target = Path(folder) / f"{first}.xml"
                orders.append((piece, _Drawing(shown, widths, looks, first, target)))
                first += piece.room
            for piece, target in zip(self._pieces, self._spread(drawn, orders), strict=True):
                yield piece.room, target
                target.unlink()


def _some(tally: Tally, parts: Parts) -> _Some:
    books = [part.prefix + book for part in parts.parts for book in part.workbooks]
    return _Some(
        {book: tally.names[book] for book in books},
        {book: tally.levels[book] for book in books if book in tally.levels},
        {book: tally.sheet_title(book, INDICATORS.key) for book in books},
        {book: tally.source(book) for book in books},
    )


def measured(piece: _Piece) -> list[Size]:
    """How wide the columns of a piece stand."""
    columns, looks = _columns(piece.senders), _Looks({})
    batches = (draw(columns, values, looks) for values in piece.values(columns))
    return [each.size for each in measure(columns, batches)]


def drawn(order: tuple[_Piece, _Drawing]) -> Path:
    """The rows of a piece as XML, in a file."""
    piece, drawing = order
    every = _columns(piece.senders)
    columns = [every[at] for at in drawing.shown]
    looks = _Looks({column.look: number for column, number in zip(columns, drawing.looks, strict=True)})
    text = io.StringIO()
    page, row = LoosePage(text), FIRST_ROW + drawing.first
    for values in piece.values(columns, drawing.first):
        put_rows(page, row, draw(columns, values, looks), drawing.widths)
        row += len(values[0])
    drawing.target.write_bytes(text.getvalue().encode())
    return drawing.target


class _Looks:
    """The looks of columns by the numbers that they have in the workbook."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._looks = {name: numbered_look(number) for name, number in numbers.items()}
        self._any = numbered_look(0)

    def look(self, name: str, mark: str = "") -> Format:
        """The look of a column; while rows are only measured, any."""
        if mark:
            raise ValueError(f"no cell here is marked: {mark}")
        return self._looks.get(name, self._any)
