"""What evalxl.sqlite holds, declared once: its tables, their columns, and how values are stored and read back.

Amounts are whole fen in columns whose names end in ``_fen``; a blank number is NULL, a blank text is ''. A part that a
run leaves of some workbooks is a database of the same form, and a merge reads nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from evalxl import layout
from evalxl.district.findings import Coverage, Finding
from evalxl.district.tables import District, frame
from evalxl.facts.grade import DEPARTMENT_COLUMNS, LINE_COLUMNS
from evalxl.values.folding import cleaned
from evalxl.values.kinds import Kind

Rows = Iterable[tuple[Any, ...]]


class Damaged(Exception):
    """A database does not hold what its schema says."""


class Storage(Enum):
    """How the values of a column are stored."""

    TEXT = "TEXT"
    NUMBER = "REAL"
    WHOLE = "INTEGER"
    FLAG = "BOOLEAN"
    PACKED = "BLOB"

    @property
    def affinity(self) -> str:
        """The type that SQLite is told."""
        return "INTEGER" if self is Storage.FLAG else self.value


EXACT = ("workbook", "title")  # names of files and sheets; any other text of whatever machine is cleaned when read
_LARGEST = 2.0**53  # whole numbers beyond are not exact in a table
_TYPES: dict[Storage, set[type]] = {
    Storage.TEXT: {str},
    Storage.NUMBER: {float, int, type(None)},
    Storage.WHOLE: {int, float, type(None)},
    Storage.FLAG: {int},
    Storage.PACKED: {bytes},
}


@dataclass(frozen=True)
class Column:
    """A column: its name in the program's tables, its name in the database, and how its values are stored."""

    name: str
    stored: str
    storage: Storage

    def pack(self, values: pd.Series[Any]) -> list[Any]:
        """The values as SQLite stores them; NaN becomes NULL by itself."""
        if self.storage is Storage.WHOLE and values.dtype.kind == "f":
            packed: list[Any] = np.trunc(values.to_numpy()).tolist()
            return packed
        packed = values.tolist()
        if self.storage is Storage.TEXT and not set(map(type, packed)) <= {str}:
            return [str(value) for value in packed]
        return packed

    def unpack(self, values: Sequence[object]) -> Sequence[Any]:
        """Stored values as the tables hold them; Damaged for what this column never holds."""
        found: set[type] = set(map(type, values))
        if self.storage is Storage.TEXT and type(None) in found:  # a text that was never given
            values, found = ["" if value is None else value for value in values], (found - {type(None)}) | {str}
        if not found <= _TYPES[self.storage]:
            raise Damaged(self.stored)
        if self.storage is Storage.FLAG:
            return [value == 1 for value in values]
        if self.storage is Storage.TEXT:
            return values if self.name in EXACT else cleaned(list(map(str, values)))
        if self.storage is Storage.PACKED:
            return values
        numbers = [float("nan") if value is None else float(cast("float", value)) for value in values]
        if any(abs(number) > _LARGEST for number in numbers):
            raise Damaged(self.stored)
        return numbers


@dataclass(frozen=True)
class Table:
    """A table by name, with its columns in order."""

    name: str
    columns: tuple[Column, ...]

    @cached_property
    def numeric(self) -> set[str]:
        """The columns that the program's table holds as numbers."""
        return {each.name for each in self.columns if each.storage in (Storage.NUMBER, Storage.WHOLE)}

    def create(self, connection: sqlite3.Connection) -> None:
        """Make the table, without rows, in a database that has none of this name."""
        described = ", ".join(f'"{each.stored}" {each.storage.affinity}' for each in self.columns)
        connection.execute(f'CREATE TABLE "{self.name}" ({described})')

    def insert(self, connection: sqlite3.Connection, rows: Rows) -> None:
        """Add rows, their values in the form in which they are stored."""
        marks = ", ".join("?" * len(self.columns))
        connection.executemany(f'INSERT INTO "{self.name}" VALUES ({marks})', rows)  # noqa: S608 - declared names

    def write(self, connection: sqlite3.Connection, table: pd.DataFrame) -> None:
        """Make the table with the rows of one of the program's tables."""
        self.create(connection)
        packed = [column.pack(table[column.name]) for column in self.columns]
        self.insert(connection, zip(*packed, strict=True))

    def select(self, names: Sequence[str]) -> str:
        """The query for some columns, or for all, of every row."""
        wanted = {each.name: each.stored for each in self.columns}
        listed = ", ".join(f'"{self.name}"."{wanted[name]}"' for name in names or wanted)
        return f'SELECT {listed} FROM "{self.name}"'  # noqa: S608 - declared names

    def unpack(self, rows: Rows, names: Sequence[str] = ()) -> list[Sequence[Any]]:
        """The values of some columns, or of all, out of stored rows; Damaged where they are of another kind."""
        known = {each.name: each for each in self.columns}
        wanted = [known[name] for name in names or known]
        columns = list(zip(*rows, strict=True)) or [()] * len(wanted)
        return [column.unpack(values) for column, values in zip(wanted, columns, strict=True)]

    def frame(self, rows: Rows, names: Sequence[str] = ()) -> pd.DataFrame:
        """Stored rows as one of the program's tables; Damaged where they are of another kind."""
        names = names or [each.name for each in self.columns]
        values = self.unpack(rows, names)
        made = frame(names, list(zip(*values, strict=True)), self.numeric)
        flags = [each.name for each in self.columns if each.storage is Storage.FLAG and each.name in names]
        return made.astype(dict.fromkeys(flags, bool))


_WHOLE_NAMES = ("row", "year", "size")  # numbers that are whole, though the tables hold them with blanks as floats


def _long(name: str, table: pd.DataFrame) -> Table:
    """A table of the district as it is stored."""
    own = layout.BY_KEY[name].by_key if name in layout.BY_KEY else {}
    amounts = {key for key, field in own.items() if field.kind is Kind.AMOUNT}
    columns = []
    for key, kind in ((str(key), table[key].dtype.kind) for key in table.columns):
        whole = key in amounts or key in _WHOLE_NAMES
        storage = {"b": Storage.FLAG, "f": Storage.WHOLE if whole else Storage.NUMBER}.get(kind, Storage.TEXT)
        columns.append(Column(key, f"{key}_fen" if key in amounts else key, storage))
    return Table(name, tuple(columns))


def _plain(name: str, columns: Iterable[str], *, numbers: Iterable[str] = (), whole: Iterable[str] = ()) -> Table:
    kinds = dict.fromkeys(numbers, Storage.NUMBER) | dict.fromkeys(whole, Storage.WHOLE)
    return Table(name, tuple(Column(each, each, kinds.get(each, Storage.TEXT)) for each in columns))


LONG = {name: _long(name, table) for name, table in District().tables.items()}
PLACES = _plain("places", ("workbook", "sheet", "title", "columns", "rows"))
GRADES = _plain("grades", DEPARTMENT_COLUMNS, numbers=("declared_score", "score", "reference_score"))
GRADE_LINES = _plain("grade_lines", LINE_COLUMNS, numbers=("possible", "due", "declared"))
FINDINGS = Table(
    "findings",
    tuple(
        Column(each.name, each.name, Storage.FLAG if each.name == "lapsed" else Storage.TEXT)
        for each in fields(Finding)
    ),
)
HISTORY = _plain(
    "history",
    (
        "id", "rule", "severity", "workbook", "department", "department_key",
        "message", "evidence", "explanation", "fixed",
    ),
    whole=("fixed",),
)  # fmt: skip
COVERAGE = _plain("coverage", Coverage("").to_dict(), whole=set(Coverage("").to_dict()) - {"rule"})
RUN = _plain("run", ("key", "value"))
MADE = Table(  # by workbook a hash of what its tables follow from, one of the tables, and what the rules said of them
    "made",
    (
        *(Column(each, each, Storage.TEXT) for each in ("workbook", "key", "digest")),
        Column("answers", "answers", Storage.PACKED),
    ),
)
WRITTEN = _plain("written", ("workbook", "key", "files", "unmarked", "blanks"))  # the same of its files
