"""evalxl.sqlite: the long tables, findings, grades and coverage of a run, for any SQL tool and for merging."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from evalxl.district.directory import identities
from evalxl.district.findings import Coverage, Finding, Past
from evalxl.district.tables import District
from evalxl.store import record, schema
from evalxl.store.files import replacing
from evalxl.store.findings import to_row
from evalxl.store.opening import address
from evalxl.store.parts import Parts, place_rows
from evalxl.store.schema import Rows, Table
from evalxl.values.folding import name_key


@dataclass(frozen=True)
class Contents:
    """What the database of a run holds, beside what is noted of the run itself."""

    district: District  # of whose tables the rows are in the parts
    findings: Sequence[Finding]
    past: Sequence[Past]
    grades: pd.DataFrame
    coverage: Sequence[Coverage]
    parts: Parts


Noted = Callable[[dict[str, Any], Rows | None], None]


@contextlib.contextmanager
def new_database(path: Path, contents: Contents) -> Iterator[Noted]:
    """Write the tables of a run into a new database file; what is given back notes how the run ended.

    It is called with run.json and with the files of departments, for the next run into the same outbox; None in a
    merged run, into which none takes over what this one has made.
    """
    with replacing(path) as temporary:
        temporary.unlink(missing_ok=True)
        file = address(temporary.absolute())
        with contextlib.closing(sqlite3.connect(file, uri=True, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")  # it is stored when it is whole
            database.execute("PRAGMA journal_mode = MEMORY")
            _write_tables(database, contents)
            yield partial(_note, database, contents.parts)
            _index(database)
        _settle(temporary)


def _write_tables(database: sqlite3.Connection, contents: Contents) -> None:
    d = contents.district
    for name, table in d.tables.items():
        if name == "workbooks":
            _frame(database, schema.LONG[name], table)
        else:
            contents.parts.copy(schema.LONG[name], database)
    _rows(database, schema.PLACES, place_rows(d))
    _frame(database, schema.GRADES, contents.grades)
    contents.parts.copy(schema.GRADE_LINES, database)
    _rows(database, schema.FINDINGS, map(to_row, contents.findings))
    _rows(database, schema.HISTORY, _history(d, contents.findings, contents.past))
    _rows(database, schema.COVERAGE, (tuple(each.to_dict().values()) for each in contents.coverage))


def _note(database: sqlite3.Connection, parts: Parts, run: dict[str, Any], written: Rows | None) -> None:
    _rows(database, schema.RUN, record.to_rows(run))
    (Parts() if written is None else parts).copy(schema.MADE, database)
    _rows(database, schema.WRITTEN, written or ())


def _index(database: sqlite3.Connection) -> None:
    for each in (*schema.LONG.values(), schema.PLACES, schema.GRADE_LINES):
        database.execute(f'CREATE INDEX "{each.name}_by_workbook" ON "{each.name}" (workbook)')


def _frame(database: sqlite3.Connection, table: Table, values: pd.DataFrame) -> None:
    database.execute("BEGIN")
    table.write(database, values)
    database.execute("COMMIT")


def _rows(database: sqlite3.Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
    database.execute("BEGIN")
    table.create(database)
    table.insert(database, rows)
    database.execute("COMMIT")


def _settle(file: Path) -> None:
    """Forget how often the file was written: that differs with the number of chunks, and nobody asks for it."""
    with file.open("r+b") as stream:
        for place in (24, 92):  # two counters that must agree, by SQLite's file format
            stream.seek(place)
            stream.write(b"\0\0\0\2")


def _history(d: District, findings: Sequence[Finding], past: Sequence[Past]) -> Iterator[tuple[Any, ...]]:
    """Every finding of this round and every one corrected in any round, for the next round to recognise."""
    names = identities(d)
    now = (
        Past(
            each.id, each.rule, each.severity, each.workbook, names.get(each.workbook, ""), each.message,
            each.evidence, "" if each.lapsed else each.explanation, fixed=False,
        )
        for each in findings
    )  # fmt: skip
    for each in chain(now, past):
        rest = _of_past(each)
        yield *rest[:5], name_key(each.department), *rest[5:]


_of_past: Callable[[Past], tuple[Any, ...]] = attrgetter(*(each.name for each in fields(Past)))
