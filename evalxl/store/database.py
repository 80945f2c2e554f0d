"""evalxl.sqlite: the long tables, findings, grades and coverage of a run, for any SQL tool and for merging.

How values are stored is in sql.py.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pandas as pd

from evalxl.district.directory import identities
from evalxl.district.findings import Coverage, Finding, Past
from evalxl.district.tables import District
from evalxl.facts.grade import Grades
from evalxl.store.earlier import address
from evalxl.store.files import replacing
from evalxl.store.spill import TABLES, Spilled
from evalxl.store.sql import write
from evalxl.values.folding import name_key


def write_database(
    path: Path,
    d: District,
    findings: list[Finding],
    fixed: list[Past],
    grades: Grades,
    coverage: list[Coverage],
    run: dict[str, Any],
    spilled: Spilled,
    kept: pd.DataFrame | None = None,
) -> None:
    """Write the tables of a run into a new database file.

    ``spilled`` has the large tables, ``kept`` is for the next run into the same outbox (rerun).
    """
    with replacing(path) as temporary:
        temporary.unlink(missing_ok=True)
        file = address(temporary.absolute())
        with contextlib.closing(sqlite3.connect(file, uri=True, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")  # it is stored when it is whole
            database.execute("PRAGMA journal_mode = MEMORY")
            for name, table in d.tables.items():
                if name in TABLES:
                    spilled.copy(name, database)
                else:
                    _write(database, {name: table})
            _write(database, {"places": _places(d), "grades": grades.departments})
            spilled.copy("grade_lines", database)
            meta = [(key, value if isinstance(value, str) else _json(value)) for key, value in run.items()]
            rest = {
                "findings": _findings(findings),
                "history": _history(d, findings, fixed),
                "coverage": pd.DataFrame([each.to_dict() for each in coverage]),
                "run": pd.DataFrame(meta, columns=["key", "value"]),
            }
            _write(database, rest if kept is None else rest | {"kept": kept})
        _settle(temporary)


def _write(database: sqlite3.Connection, tables: dict[str, pd.DataFrame]) -> None:
    database.execute("BEGIN")
    for name, table in tables.items():
        write(database, name, table)
    database.execute("COMMIT")


def _settle(file: Path) -> None:
    """Forget how often the file was written: that differs with the number of chunks, and nobody asks for it."""
    with file.open("r+b") as stream:
        for place in (24, 92):  # two counters that must agree, by SQLite's file format
            stream.seek(place)
            stream.write(b"\0\0\0\2")


def _findings(findings: list[Finding]) -> pd.DataFrame:
    columns = {each.name: [getattr(finding, each.name) for finding in findings] for each in fields(Finding)}
    columns["operands"] = [_json([asdict(each) for each in finding.operands]) for finding in findings]
    return pd.DataFrame(columns)


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
    each = {id(place): place for place in d.places.values()}  # most workbooks have theirs from one template
    told = {key: (place.title, _json(place.columns), _json(place.rows)) for key, place in each.items()}
    rows = [(*place, *told[id(d.places[place])]) for place in sorted(d.places)]
    return pd.DataFrame(rows, columns=["workbook", "sheet", "title", "columns", "rows"])


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
