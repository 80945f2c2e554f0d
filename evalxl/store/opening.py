"""An evalxl.sqlite opened for reading: ordinary tables only, with the declared columns, and never for ever.

The file may come from another machine, or from anybody: it may hold views that never end, triggers, other columns or
other values. Whatever is wrong with it is one sentence.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple
from urllib.parse import quote

import pandas as pd

from evalxl.store.files import DATABASE, RUN_JSON, sha256_of
from evalxl.store.schema import Damaged, Table
from evalxl.values.errors import UsageError

_SECONDS = 120.0  # to read a database in, and for each further MB of it
_SECONDS_PER_MB = 1.0
_STEPS = 100_000  # of SQLite's machine between two looks at the clock
_LONGEST = 16 << 20  # bytes of one value


class Where(NamedTuple):
    """Which rows of a table are meant: a condition of SQL, and its values."""

    condition: str
    values: Sequence[str] = ()


EVERY_ROW = Where("")


def among(column: str, values: Sequence[str], *, others: bool = False) -> Where:
    """The rows whose value of a column is one of some; or the ``others``, as far as they have a value."""
    condition = f"<> '' AND {column} NOT IN" if others else "IN"
    return Where(f"WHERE {column} {condition} (SELECT value FROM json_each(?))", (json.dumps(values),))  # noqa: S608 - declared names


class Database:
    """A database opened for reading; Damaged where a table is not what the schema says."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: set[str] = set()

    def rows(self, table: Table, names: Sequence[str] = (), where: Where = EVERY_ROW) -> sqlite3.Cursor:
        """Some columns of a table's rows as they are stored, in the order in which they were written."""
        self.check(table)
        return self._connection.execute(f"{table.select(names)} {where.condition} ORDER BY rowid", where.values)

    def frame(self, table: Table, names: Sequence[str] = (), where: Where = EVERY_ROW) -> pd.DataFrame:
        """The same as one of the program's tables."""
        return table.frame(self.rows(table, names, where), names)

    def check(self, table: Table) -> None:
        """See that a table is an ordinary one with all the columns, else Damaged: a view may never end."""
        if table.name in self._known:
            return
        made = self._connection.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", (table.name,)).fetchall()
        if len(made) != 1 or made[0][0] != "table" or not str(made[0][1]).startswith("CREATE TABLE "):
            raise Damaged(table.name)
        columns = self._connection.execute(f'PRAGMA table_xinfo("{table.name}")').fetchall()
        ordinary = {row[1] for row in columns if not row[6]}  # neither hidden nor computed
        if not {each.stored for each in table.columns} <= ordinary:
            raise Damaged(table.name)
        self._known.add(table.name)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Database]:
    """The database of an outbox, or a database file, for reading; UsageError for whatever is wrong with it."""
    file = database_of(path)
    if not file.is_file() or (file == path and file.suffix != Path(DATABASE).suffix):
        raise UsageError(f"{path} 不是 evalxl 的结果文件夹（里面没有 {DATABASE}），请检查路径。")
    try:
        with contextlib.closing(sqlite3.connect(f"{address(file.absolute())}?mode=ro", uri=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.set_progress_handler(_deadline(file), _STEPS)
            yield Database(connection)
    except (sqlite3.Error, Damaged, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise UsageError(f"{file} 已损坏，或由不同版本的 evalxl 生成，请重新运行那一批后再用。") from None


def check_whole(path: Path) -> None:
    """UsageError where the database of an outbox is not the one that run.json beside it names.

    A byte that was changed on the way may leave a database that reads well and says something else. One that is given
    alone is taken at its word.
    """
    file, record = database_of(path), path / RUN_JSON
    if not (file.is_file() and record.is_file()):
        return
    try:
        known = json.loads(record.read_bytes())["written"][DATABASE]
    except KeyError:
        return  # written before hashes were
    except (OSError, ValueError, TypeError, RecursionError):
        raise UsageError(f"{record} 已损坏，或由不同版本的 evalxl 生成，请重新运行那一批后再用。") from None
    if known != sha256_of(file):
        raise UsageError(
            f"{file} 与 {RUN_JSON} 所记的不一致，那次运行没有做完，或者文件已损坏、被改动；请重新运行那一批后再用。"
        )


def _deadline(file: Path) -> Callable[[], bool]:
    """Whether the time for reading a database is over."""
    end = time.monotonic() + _SECONDS + file.stat().st_size / (1 << 20) * _SECONDS_PER_MB
    return lambda: time.monotonic() > end


def database_of(path: Path) -> Path:
    """The database of an outbox, which may itself be what is named."""
    return path / DATABASE if path.is_dir() else path


def address(file: PurePath) -> str:
    r"""The address of a file for SQLite, which takes no server in it: \\server\share is file:////server/share.

    It is made of the bytes of the name: not every folder on Linux has a name in UTF-8.
    """
    path = file.as_posix()
    return "file://" + ("" if path.startswith("/") else "/") + quote(os.fsencode(path), safe="/:")
