"""What the tables of a report hold, as it is handed from their reading to the draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalxl.layout import Sheet
from evalxl.transfer.report.pieces import Grid
from evalxl.values.money_units import stated


class Printed(NamedTuple):
    """A table as it is printed, with what stands above it."""

    grid: Grid
    unit: str  # the unit of money printed above or in the table; "" where none is
    above: str
    year: int = 0  # of the report


_PLANNED = re.compile(r"预算(?!执行|收支|情况表)|计划|安排|批复")
_DONE = re.compile(r"决算|执行|实际|支出情况|收入情况|收支情况|完成")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)|(?:上年|去年)(?!度?末?结)")


def unit_in(rows: Sequence[Sequence[str]]) -> str:
    """The one unit of money that the headers of a table state; '' where they state none, or two."""
    units = {said.unit for row in rows for text in row if (said := stated(text, header=True))}
    return units.pop() if len(units) == 1 else ""


def is_of_this_year(table: Printed, heads: Sequence[str]) -> bool:
    """Whether a table is of the report's year, by its headers or the nearest line above it that names a year."""
    years = next((years for said in _from_near(table, heads) if (years := _YEAR.findall(said))), [])
    return not years or not table.year or str(table.year) in years


def is_planned(table: Printed, heads: Sequence[str]) -> bool:
    """Whether a table shows what was planned and not what was done, by its headers or what stands above it."""
    near = next((said for said in _from_near(table, heads) if _PLANNED.search(said) or _DONE.search(said)), "")
    return bool(near) and not _DONE.search(near)


def _from_near(table: Printed, heads: Sequence[str]) -> list[str]:
    return ["\n".join(heads), *reversed(table.above.split("\n"))]


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


@dataclass
class Tables:
    """What the tables of a report say, and what of them could not be taken."""

    records: list[Record] = field(default_factory=list)
    amounts: list[Amount] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)  # label and value beside it, of form-like tables
    headed: list[tuple[str, str]] = field(default_factory=list)  # label and value below it
    doubts: list[str] = field(default_factory=list)
    loose: list[tuple[str, ...]] = field(default_factory=list)  # of rows that were read, what was not taken
    unread: list[tuple[str, ...]] = field(default_factory=list)  # rows of no known table; parts may be taken
