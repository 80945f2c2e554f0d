"""The parts of a run: what each chunk has read, in a small evalxl.sqlite, so that 17,000 workbooks need no memory.

In memory there remains, of the largest tables, whose each row is. Results, summary and database read the rows again.
When runs are merged, their own databases are the parts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from evalxl.district.tables import LARGE, District
from evalxl.store import schema
from evalxl.store.earlier import read_district
from evalxl.store.files import replacing
from evalxl.store.opening import EVERY_ROW, Where, address, among, database_of, opened
from evalxl.store.schema import Rows, Table

FOLDER = "parts"  # in the stage of a run
_AT_ONCE = 10_000  # rows read at a time
_LARGE_TABLES = (*(schema.LONG[name] for name in LARGE), schema.GRADE_LINES)


class Part(NamedTuple):
    """Some workbooks of a database, whose rows are ordered by workbook; in a merged run their paths get a prefix."""

    path: Path
    workbooks: Sequence[str]
    prefix: str = ""
    whole: bool = True  # these are all the workbooks that the database holds


class _Stretch(NamedTuple):
    """Workbooks of one part that follow one another in the whole run."""

    part: Part
    workbooks: Sequence[str]

    @property
    def where(self) -> Where:
        """The condition that picks their rows."""
        whole = self.part.whole and len(self.workbooks) == len(self.part.workbooks)
        return EVERY_ROW if whole else among("workbook", self.workbooks)


@dataclass(frozen=True)
class Parts:
    """All parts of a run."""

    parts: Sequence[Part] = ()

    def copy(self, table: Table, database: sqlite3.Connection) -> None:
        """Make a table in a database, with its rows by workbook: SQLite takes a third of the time that Python needs.

        The connection knows files by their ``address`` and is in no transaction: SQLite opens no other file in one.
        """
        table.create(database)
        for stretch in self._stretches():
            try:
                _copy(table, stretch, database)
            except sqlite3.DatabaseError:  # another encoding, or damaged, which reading tells
                table.insert(database, _stored(table, stretch))

    def rows(self, table: Table, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The workbook and some columns of a table's rows, by workbook; a blank number is NaN."""
        for stretch in self._stretches():
            yield from _rows(table, columns, stretch)

    def pieces(self, rows: Mapping[str, int], least: int) -> Iterator[Parts]:
        """The workbooks that have rows, in pieces of so many rows at least; ``rows`` says how many each has."""
        some: list[Part] = []
        count = 0
        for stretch in self._stretches():
            for book in (each for each in stretch.workbooks if rows.get(stretch.part.prefix + each)):
                if not some or some[-1].path != stretch.part.path:
                    some.append(stretch.part._replace(workbooks=[], whole=False))
                some[-1] = some[-1]._replace(workbooks=[*some[-1].workbooks, book])
                count += rows[stretch.part.prefix + book]
                if count >= least:
                    yield Parts(some)
                    some, count = [], 0
        if some:
            yield Parts(some)

    def _stretches(self) -> Iterator[_Stretch]:
        """The parts by workbook."""
        listed = sorted((part.prefix + book, at, book) for at, part in enumerate(self.parts) for book in part.workbooks)
        for at, stretch in groupby(listed, key=itemgetter(1)):
            yield _Stretch(self.parts[at], [book for _, _, book in stretch])


def _copy(table: Table, stretch: _Stretch, database: sqlite3.Connection) -> None:
    with opened(stretch.part.path) as source:  # tells what is wrong with it before SQLite copies it
        source.check(table)
    condition, values = stretch.where
    names = "".join(f', "{each.stored}"' for each in table.columns[1:])
    query = f'SELECT ? || workbook{names} FROM part."{table.name}" {condition} ORDER BY rowid'  # noqa: S608 - declared names
    database.execute("ATTACH ? AS part", (f"{address(database_of(stretch.part.path).absolute())}?mode=ro",))
    try:
        database.execute(f'INSERT INTO "{table.name}" {query}', (stretch.part.prefix, *values))
    finally:
        database.execute("DETACH part")


def _stored(table: Table, stretch: _Stretch) -> Iterator[tuple[Any, ...]]:
    with opened(stretch.part.path) as database:
        for workbook, *values in database.rows(table, where=stretch.where):
            yield stretch.part.prefix + workbook, *values


def _rows(table: Table, columns: Sequence[str], stretch: _Stretch) -> Iterator[tuple[Any, ...]]:
    prefix = stretch.part.prefix
    names = ("workbook", *columns)
    with opened(stretch.part.path) as database:
        found = database.rows(table, names, stretch.where)
        while some := found.fetchmany(_AT_ONCE):
            books, *values = table.unpack(some, names)
            yield from zip([prefix + book for book in books], *values, strict=True)


def write_part(stage: Path, d: District, lines: pd.DataFrame, made: Rows) -> Part:
    """Write the tables of a chunk, below a stage; ``made`` are the rows of the table of that name."""
    workbooks = d.workbooks["workbook"].tolist()
    with _new_part(stage, ("tables", *workbooks)) as (path, database):
        for name, values in d.tables.items():
            schema.LONG[name].write(database, values)
        schema.GRADE_LINES.write(database, lines)
        for table, rows in ((schema.PLACES, place_rows(d)), (schema.MADE, made), (schema.WRITTEN, ())):
            table.create(database)
            table.insert(database, rows)
    return Part(path, workbooks)


def note_written(stage: Path, written: Sequence[tuple[str, ...]]) -> None:
    """Note which files of a stage are finished (rows of the table ``written``), for the next run if this one dies."""
    with _new_part(stage, ("files", *(row[0] for row in written))) as (_, database):
        for table, rows in ((schema.MADE, ()), (schema.WRITTEN, written)):
            table.create(database)
            table.insert(database, rows)


@contextlib.contextmanager
def _new_part(stage: Path, about: Sequence[str]) -> Iterator[tuple[Path, sqlite3.Connection]]:
    name = hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]
    path = stage / FOLDER / f"{name}.sqlite"
    with replacing(path) as temporary, contextlib.closing(sqlite3.connect(temporary)) as database:
        database.execute("PRAGMA synchronous = OFF")  # it need not outlive a power cut
        with database:
            yield path, database


def place_rows(d: District) -> Iterator[tuple[str, ...]]:
    """Where each sheet lies in each workbook, as the table ``places`` holds it."""
    each = {id(place): place for place in d.places.values()}  # most workbooks have theirs from one template
    stored = {key: (place.title, *map(_json, (place.columns, place.rows))) for key, place in each.items()}
    return ((*key, *stored[id(d.places[key])]) for key in sorted(d.places))


def _json(value: dict[str, int]) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_part(part: Part, workbooks: Sequence[str]) -> tuple[District, pd.DataFrame]:
    """The tables of some workbooks of a part, and their grade lines."""
    where = _Stretch(part, workbooks).where
    with opened(part.path) as database:
        lines = database.frame(schema.GRADE_LINES, where=where)
        return read_district(database, where), lines


def read_made(part: Part) -> tuple[District, dict[str, tuple[str, Any]]]:
    """The tables of a part, and by workbook what the table ``made`` says of it: a hash of them, and the answers."""
    where = _Stretch(part, part.workbooks).where
    with opened(part.path) as database:
        made = database.rows(schema.MADE, ("workbook", "digest", "answers"), where)
        known = {book: (digest, answers) for book, digest, answers in made}
        return read_district(database, where), known


def part_of(outbox: Path, workbooks: Sequence[str], prefix: str) -> Part:
    """The database of a finished run as a part; UsageError when its large tables have other columns."""
    with opened(outbox) as database:
        for table in _LARGE_TABLES:
            database.check(table)
    return Part(outbox, workbooks, prefix)
