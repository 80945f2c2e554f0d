"""Tables as evalxl.sqlite stores them: amounts in whole fen, in columns ending in ``_fen``; blanks are NULL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from evalxl.district.tables import stored


def write(connection: sqlite3.Connection, name: str, table: pd.DataFrame) -> None:
    """Write a table into a database that has none of this name."""
    create(connection, name, table)
    columns = [_plain(table[each], kind) for each, kind in _kinds(name, table).items()]
    insert(connection, name, len(columns), zip(*columns, strict=True))


def insert(connection: sqlite3.Connection, name: str, columns: int, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows as they are stored into a table of so many columns."""
    connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * columns)})', rows)  # noqa: S608 - our own names


def create(connection: sqlite3.Connection, name: str, like: pd.DataFrame) -> None:
    """Make a table without rows, with columns and types of another."""
    columns = dict(zip(stored(name, like), _kinds(name, like).values(), strict=True))
    described = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    connection.execute(f'CREATE TABLE "{name}" ({described})')


def _kinds(name: str, table: pd.DataFrame) -> dict[str, str]:
    """The kind of each column, by its name in the table."""
    pairs = zip(table.columns, stored(name, table), strict=True)
    return {column: _affinity(own, table[column]) for column, own in pairs}


def _affinity(column: str, values: pd.Series[Any]) -> str:
    if pd.api.types.is_bool_dtype(values) or pd.api.types.is_integer_dtype(values):
        return "INTEGER"
    if not pd.api.types.is_float_dtype(values):
        return "TEXT"
    return "INTEGER" if column.endswith("_fen") or column in ("row", "year", "size") else "REAL"


def _plain(values: pd.Series[Any], kind: str) -> list[Any]:
    """Values that SQLite stores as it should: NaN as NULL, and what is whole as an integer, it does by itself."""
    listed: list[Any] = values.tolist()
    if kind == "TEXT":
        return listed if set(map(type, listed)) <= {str} else [str(value) for value in listed]
    if kind == "INTEGER" and values.dtype.kind == "f":
        listed = np.trunc(values.to_numpy()).tolist()
    return listed
