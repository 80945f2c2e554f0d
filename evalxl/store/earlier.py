"""The outbox of an earlier run, read back from its evalxl.sqlite: last year's, an earlier round's, or one to merge."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, cast
from urllib.parse import quote

import pandas as pd

from evalxl.district.tables import District, Place, frame, lean, stored
from evalxl.values.errors import UsageError

DATABASE = "evalxl.sqlite"


@dataclass(frozen=True)
class Earlier:
    """A finished run: what it was made with, its tables, and its findings, grades and coverage as plain tables."""

    path: Path
    record: dict[str, Any]
    district: District
    findings: pd.DataFrame
    grades: pd.DataFrame
    coverage: pd.DataFrame

    @property
    def year(self) -> int | None:
        """The year the run was about."""
        year = self.record.get("year")
        return int(year) if year else None


def load(path: Path, *, large: bool = True) -> Earlier:
    """Read an outbox; without its ``large`` tables, of each of their rows only whose it is.

    UsageError when it is none, was made by another layout, or its database is damaged.
    """
    with opened(path) as connection:
        return _load(path, connection, District() if large else lean(District()))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database of an outbox, for reading; whatever is wrong with it is one sentence."""
    file = database_of(path)
    if not file.is_file():
        raise UsageError(f"{path} 不是 evalxl 的结果文件夹（里面没有 {DATABASE}），请检查路径。")
    try:
        with contextlib.closing(sqlite3.connect(f"{address(file.absolute())}?mode=ro", uri=True)) as connection:
            yield connection
    except (sqlite3.Error, ValueError, KeyError, TypeError):
        raise UsageError(f"{file} 已损坏，或由不同版本的 evalxl 生成，请重新运行那一批后再用。") from None


def database_of(path: Path) -> Path:
    """The database of an outbox, which may itself be what is named."""
    return path / DATABASE if path.is_dir() else path


def address(file: PurePath) -> str:
    r"""The address of a file for SQLite, which takes no server in it: \\server\share is file:////server/share.

    It is made of the bytes of the name: not every folder on Linux has a name in UTF-8.
    """
    path = file.as_posix()
    return "file://" + ("" if path.startswith("/") else "/") + quote(os.fsencode(path), safe="/:")


def year_of(path: Path) -> int:
    """The year an outbox is about; UsageError when it is no outbox or states no year."""
    with opened(path) as connection:
        year = _record(connection).get("year")
    if not isinstance(year, int):
        raise UsageError(f"{path} 没有记录评价年度，不能用来对照。")
    return year


def by_year(paths: Iterable[Path]) -> dict[int, Path]:
    """Some outboxes by the year each is about; UsageError when two are about one year."""
    found: dict[int, Path] = {}
    for path in paths:
        year = year_of(path)
        if year in found:
            raise UsageError(f"{found[year]} 和 {path} 都是 {year} 年度的结果，--previous 每个年度只能给一个。")
        found[year] = path
    return found


def last_year(paths: Iterable[Path], year: int | None) -> District | None:
    """Of some outboxes the tables of the one about the year before; None where there is none.

    UsageError for an outbox that is neither of this year nor of the last: it would be compared as if it were.
    """
    known = by_year(paths)
    for each, path in known.items():
        if year is not None and each not in (year, year - 1):
            raise UsageError(
                f"{path} 是 {each} 年度的结果，而本批是 {year} 年度；"
                "--previous 只能给同一年度上一次的或上一年度的结果夹。"
            )
    return load(known[year - 1], large=False).district if year is not None and year - 1 in known else None


def _load(path: Path, connection: sqlite3.Connection, like: District) -> Earlier:
    record = _record(connection)
    tables = {name: _table(connection, name, empty) for name, empty in like.tables.items()}
    spine = tables["workbooks"]
    tables["workbooks"] = spine.assign(readable=spine["readable"].astype(bool))
    places = {
        (workbook, sheet): Place(title, json.loads(columns), json.loads(rows))
        for workbook, sheet, title, columns, rows in connection.execute(
            "SELECT workbook, sheet, title, columns, rows FROM places"
        )
    }
    plain = {name: _plain(connection, name) for name in ("findings", "grades", "coverage")}
    return Earlier(path, record, District(**cast("dict[str, Any]", tables), places=places), **plain)


def _record(connection: sqlite3.Connection) -> dict[str, Any]:
    return {key: _from_json(value) for key, value in connection.execute("SELECT key, value FROM run")}


def _from_json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value  # plain texts are stored as they are


def _table(connection: sqlite3.Connection, name: str, empty: pd.DataFrame) -> pd.DataFrame:
    """A long table with the columns and types that reading gives it."""
    names = [str(column) for column in empty.columns]
    # With the table's name: of a column that is not there SQLite would else make a text.
    columns = ", ".join(f'"{name}"."{column}"' for column in stored(name, empty))
    numeric = {str(column) for column in empty.columns if empty[column].dtype.kind in "fb"}
    rows: Iterable[tuple[Any, ...]] = connection.execute(f'SELECT {columns} FROM "{name}"')  # noqa: S608 - our own names
    blank = [float("nan") if column in numeric else "" for column in names]
    filled = [tuple(other if value is None else value for value, other in zip(row, blank, strict=True)) for row in rows]
    return frame(names, filled, numeric)


def _plain(connection: sqlite3.Connection, name: str) -> pd.DataFrame:
    cursor = connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - our own names
    columns = [each[0] for each in cursor.description]
    return pd.DataFrame(cursor.fetchall(), columns=columns)
