"""evalxl.sqlite: the long tables, findings, grades and coverage of a run, for any SQL tool and for merging.

Amounts are whole fen; their columns end in ``_fen``. Blanks are NULL.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.directory import identities
from evalxl.district import District
from evalxl.findings import Coverage, Finding
from evalxl.folding import name_key
from evalxl.grade import Grades
from evalxl.layout import Kind
from evalxl.review import Past
from evalxl.write.files import replacing


def write_database(
    path: Path,
    d: District,
    findings: list[Finding],
    fixed: list[Past],
    grades: Grades,
    coverage: list[Coverage],
    run: dict[str, Any],
    kept: pd.DataFrame | None = None,
) -> None:
    """Write the tables of a run into a new database file; ``kept`` is for the next run into the same outbox (rerun)."""
    with replacing(path) as temporary:
        temporary.unlink(missing_ok=True)
        connection = sqlite3.connect(temporary)
        try:
            with connection:
                for name, table in d.tables.items():
                    _write(connection, name, table.rename(columns=_amount_columns(name)))
                _write(connection, "places", _places(d))
                _write(connection, "grades", grades.departments)
                _write(connection, "grade_lines", grades.lines)
                rows = [{**each.to_dict(), "operands": _json(each.to_dict()["operands"])} for each in findings]
                _write(connection, "findings", pd.DataFrame(rows, columns=list(Finding.__dataclass_fields__)))
                _write(connection, "history", _history(d, findings, fixed))
                _write(connection, "coverage", pd.DataFrame([each.to_dict() for each in coverage]))
                meta = [(key, value if isinstance(value, str) else _json(value)) for key, value in run.items()]
                _write(connection, "run", pd.DataFrame(meta, columns=["key", "value"]))
                if kept is not None:
                    _write(connection, "kept", kept)
        finally:
            connection.close()


HISTORY = (
    "id", "rule", "severity", "workbook", "department", "department_key", "message", "evidence", "explanation", "fixed"
)  # fmt: skip


def _history(d: District, findings: list[Finding], fixed: list[Past]) -> pd.DataFrame:
    """Every finding of this round and every one corrected in any round, for the next round to recognise."""
    names = identities(d)
    rows = [
        (each.id, each.rule, each.severity.value, each.workbook, names.get(each.workbook, ""), each.message,
         each.evidence, "" if each.lapsed else each.explanation, 0)
        for each in findings
    ] + [
        (each.id, each.rule, each.severity, each.workbook, each.department, each.message,
         each.evidence, each.explanation, int(each.fixed))
        for each in fixed
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=[column for column in HISTORY if column != "department_key"])
    table.insert(5, "department_key", [name_key(name) for name in table["department"]])
    return table.astype({"fixed": "int64"})


def _places(d: District) -> pd.DataFrame:
    """Where each sheet lies in each workbook, so that a merged figure still leads to its cell."""
    rows = [
        (workbook, sheet, place.title, _json(place.columns), _json(place.rows))
        for (workbook, sheet), place in sorted(d.places.items())
    ]
    return pd.DataFrame(rows, columns=["workbook", "sheet", "title", "columns", "rows"])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _amount_columns(name: str) -> dict[str, str]:
    fields = layout.BY_KEY[name].fields if name in layout.BY_KEY else ()
    return {field.key: f"{field.key}_fen" for field in fields if field.kind is Kind.AMOUNT}


def _write(connection: sqlite3.Connection, name: str, table: pd.DataFrame) -> None:
    kinds = {column: _affinity(column, table[column]) for column in table.columns}
    columns = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
    connection.execute(f'CREATE TABLE "{name}" ({columns})')
    marks = ", ".join("?" * len(kinds))
    rows = zip(*(_plain(table[column], kind) for column, kind in kinds.items()), strict=True)
    connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608 - names are our own


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
