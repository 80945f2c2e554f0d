"""What tables and files are made from, as hashes: what has the same key as earlier comes out the same."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import evalxl
from evalxl import layout
from evalxl.district.tables import District, RowsByWorkbook
from evalxl.outputs.department import Due
from evalxl.policy.policy import Policy
from evalxl.store.files import sha256_of
from evalxl.values.quantities import given

_LIBRARIES = ("pandas", "numpy", "XlsxWriter", "python-calamine", "xlrd", "python-docx")
_EMPTY = float("nan")  # one for all: NaN is written alike wherever it came from


def roster_key(roster: pd.DataFrame) -> str:
    """A hash of everything that the roster says."""
    return _hash([_listed(roster[column].to_numpy()) for column in roster])


def tables_key(workbook: str, path: Path, sha256: str, policy: Policy, roster: str) -> str:
    """A hash of everything that a workbook's tables, and what the rules say of them, follow from.

    '' for what is not to be used again: a file without a hash could not be read.
    """
    return _hash([*_makers(policy), roster, workbook, path.name, sha256]) if sha256 and _program() else ""


def files_key(due: Due, digest: str, policy: Policy) -> str:
    """A hash of everything that a workbook's files follow from."""
    if not _program():
        return ""
    said = [[each.to_dict() for each in due.findings], [asdict(each) for each in due.fixed]]
    return _hash([*_makers(policy), digest, due.sha256, due.workbook, due.department, due.name, due.report, said])


def _makers(policy: Policy) -> tuple[str, ...]:
    """What made the tables and the files beside the workbook itself: program, template and policy."""
    return _program(), layout.SHA256, policy.sha256


def digests(d: District) -> dict[str, str]:
    """By workbook, a hash of all its rows and places: what comes back from a database must be what went in."""
    hashes = {workbook: hashlib.sha256() for workbook in d.workbooks["workbook"]}
    for name, table in d.tables.items():
        ordered = RowsByWorkbook(table)
        columns = [_listed(ordered.table[column].to_numpy()) for column in ordered.table]
        for workbook, rows in ordered.rows.items():
            hashes[workbook].update(_bytes([name, *(column[rows] for column in columns)]))
    for (workbook, sheet), place in sorted(d.places.items()):
        hashes[workbook].update(_bytes([sheet, *place]))
    return {workbook: each.hexdigest() for workbook, each in hashes.items()}


def _listed(values: Any) -> list[Any]:
    listed: list[Any] = (np.where(given(values), values, _EMPTY) if values.dtype.kind == "f" else values).tolist()
    return listed


def _bytes(values: object) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode()


def _hash(content: object) -> str:
    return hashlib.sha256(_bytes(content)).hexdigest()


@cache
def _program() -> str:
    """A hash of evalxl as it stands here, so that not even an unreleased change of it goes unnoticed.

    Where there are no sources (a frozen build), the program file stands for them; '' where nothing does.
    """
    package = Path(evalxl.__file__).parent
    sources = sorted(
        path
        for path in package.rglob("*")
        if path.suffix in (".py", ".pyc", ".toml") and path.parent.name != "__pycache__"
    )
    hashes = [(path.relative_to(package).as_posix(), sha256_of(path)) for path in sources]
    if not any(path.suffix in (".py", ".pyc") for path in sources):
        if not getattr(sys, "frozen", False):
            return ""
        hashes.append(("program", sha256_of(Path(sys.executable))))
    return _hash([[(name, _version(name)) for name in _LIBRARIES], hashes])


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
