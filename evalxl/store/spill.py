"""The largest tables of a run, kept on disk: of 17,000 workbooks they would take 1.4 GB of memory.

Each chunk writes them to a database of its own, in the form of evalxl.sqlite; in memory there remains, of every
indicator and reviewer, whose it is. Summary and database read the rows again in the order of the workbooks. When runs
are merged, their own databases are what is read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from evalxl.district.tables import LARGE, District, frame, stored
from evalxl.facts.grade import LINE_COLUMNS, Grades
from evalxl.store import sql
from evalxl.store.earlier import address, database_of, opened
from evalxl.store.files import replacing

_FOLDER = "parts"  # in the stage of a run
TABLES = {name: District().tables[name] for name in LARGE} | {
    "grade_lines": frame(LINE_COLUMNS, [], {"possible", "due", "declared"})
}  # without rows: their columns and types


class Part(NamedTuple):
    """A database with the rows of some workbooks, ordered by workbook; in a merged run their paths get a prefix."""

    path: Path
    workbooks: Sequence[str]
    prefix: str = ""


@dataclass(frozen=True)
class Spilled:
    """The large tables of a run, in parts."""

    parts: Sequence[Part] = ()

    def copy(self, table: str, database: sqlite3.Connection) -> None:
        """Make a table in a database, with its rows by workbook: SQLite takes a third of the time that Python needs.

        The connection knows files by their ``address`` and is in no transaction: SQLite opens no other file in one.
        """
        columns = stored(table, TABLES[table])[1:]
        sql.create(database, table, TABLES[table])
        rows = _select("part.", table, columns)
        for part, first, last in self._stretches():
            try:
                database.execute("ATTACH ? AS part", (f"{address(database_of(part.path).absolute())}?mode=ro",))
                database.execute(f'INSERT INTO "{table}" {rows}', (part.prefix, first, last))
                database.execute("DETACH part")
            except sqlite3.DatabaseError:  # another encoding, or damaged, which reading tells
                sql.insert(database, table, len(columns) + 1, _rows(part, first, last, table, columns))

    def rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The workbook and some columns of a table's rows, by workbook; a blank number is None."""
        for part, first, last in self._stretches():
            yield from _rows(part, first, last, table, columns)

    def _stretches(self) -> Iterator[tuple[Part, str, str]]:
        """The parts by workbook: each with the first and the last of some of its own that follow one another."""
        listed = sorted((part.prefix + book, at, book) for at, part in enumerate(self.parts) for book in part.workbooks)
        for at, stretch in groupby(listed, key=itemgetter(1)):
            books = [book for _, _, book in stretch]
            yield self.parts[at], books[0], books[-1]


def _rows(part: Part, first: str, last: str, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    with opened(part.path) as connection:
        yield from connection.execute(_select("", table, columns), (part.prefix, first, last))


def _select(source: str, table: str, columns: Sequence[str]) -> str:
    """The rows of some workbooks in a database, their paths with a prefix."""
    names = "".join(f', "{table}"."{column}"' for column in columns)  # a bare name may be taken for a text
    rows = f'FROM {source}"{table}" WHERE workbook BETWEEN ? AND ? ORDER BY rowid'
    return f"SELECT ? || workbook{names} {rows}"


@contextlib.contextmanager
def scratch(stage: Path) -> Iterator[None]:
    """While this lasts, large tables may be spilled into a stage; an interrupted run does not leave them behind."""
    try:
        yield
    finally:
        shutil.rmtree(stage / _FOLDER, ignore_errors=True)


def spill(stage: Path, d: District, grades: Grades) -> Part:
    """Write the large tables of a chunk to a database of its own, below a stage."""
    workbooks = d.workbooks["workbook"].tolist()
    name = hashlib.sha256(repr((workbooks[0], workbooks[-1])).encode()).hexdigest()[:16]
    path = stage / _FOLDER / f"{name}.sqlite"
    tables = {each: d.tables[each] for each in LARGE} | {"grade_lines": grades.lines}
    with replacing(path) as temporary, contextlib.closing(sqlite3.connect(temporary)) as database:
        database.execute("PRAGMA synchronous = OFF")  # it need not outlive a power cut
        with database:
            for each, table in tables.items():
                sql.write(database, each, table)
    return Part(path, workbooks)


def part_of(outbox: Path, workbooks: Sequence[str], prefix: str) -> Part:
    """The database of a finished run as a part; UsageError when its large tables have other columns."""
    part = Part(outbox, workbooks, prefix)
    for table in TABLES:
        next(Spilled((part,)).rows(table, *stored(table, TABLES[table])[1:]), None)
    return part
