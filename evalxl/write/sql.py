"""Tables as evalxl.sqlite stores them: amounts in whole fen, in columns ending in ``_fen``; blanks are NULL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import pandas as pd

from evalxl.district import stored


def write(connection: sqlite3.Connection, name: str, table: pd.DataFrame) -> None:
    """Write a table into a database that has none of this name."""
    kinds = _kinds(name, table)
    insert(connection, name, table, zip(*(_plain(table[each], kind) for each, kind in kinds.items()), strict=True))


def insert(connection: sqlite3.Connection, name: str, like: pd.DataFrame, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows as they are stored, into a new table with columns and types of another."""
    columns = dict(zip(stored(name, like), _kinds(name, like).values(), strict=True))
    described = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    connection.execute(f'CREATE TABLE "{name}" ({described})')
    marks = ", ".join("?" * len(columns))
    connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608 - names are our own


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
    """Python values as SQLite stores them: NaN as NULL, whole numbers as integers."""
    if kind == "TEXT":
        return [str(value) for value in values]
    convert = int if kind == "INTEGER" else float
    return [None if value != value else convert(value) for value in values.to_list()]
