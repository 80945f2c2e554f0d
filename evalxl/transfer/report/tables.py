"""What the tables of a report hold, as it is handed from their reading to the draft."""

from __future__ import annotations

from typing import NamedTuple

from evalxl.layout import Sheet
from evalxl.transfer.report.pieces import Grid


class Printed(NamedTuple):
    """A table as it is printed, with what stands above it."""

    grid: Grid
    unit: str  # the unit of money printed above or in the table; "" where none is
    above: str
    year: int = 0  # of the report


class Record(NamedTuple):
    """One record of a table: values by field (amounts in fen), and the row as printed."""

    sheet: Sheet
    values: dict[str, str | float]
    source: str


class Amount(NamedTuple):
    """An amount that a table gives for a budget line, in fen."""

    line: str
    column: str
    fen: float
    source: str
    follows: bool = False  # not stated, but following from what is


class Tables(NamedTuple):
    """What the tables of a report say, and what of them could not be taken."""

    records: list[Record]
    amounts: list[Amount]
    pairs: list[tuple[str, str]]  # label and value beside it, of form-like tables
    headed: list[tuple[str, str]]  # label and value below it
    doubts: list[str]
    loose: list[tuple[str, ...]]  # of rows that were read, what was not taken
    unread: list[tuple[str, ...]]  # rows of no known table, some of whose values may have been taken
