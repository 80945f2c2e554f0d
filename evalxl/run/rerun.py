"""What an earlier run into the same outbox has done already: workbooks that need not be read and written again.

A workbook is kept when nothing that its tables and files depend on has changed: its bytes and name, the policy, the
program with its libraries, the options. Its tables come back from evalxl.sqlite and its files from the outbox, each
only if it still has the hash that the earlier run noted; whatever does not fit is simply processed again. Rules and
grades are always applied anew. What the whole district touches (a shared name, a finding of a district rule) is not
kept, because it was written from more than its own workbook.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import marshal
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import evalxl
from evalxl.bureau.review import Round
from evalxl.district.tables import District, Parts
from evalxl.intake.inbox import Source
from evalxl.intake.probe import MAX_FILE
from evalxl.policy.policy import Policy
from evalxl.store.earlier import DATABASE, load, opened
from evalxl.store.files import unwritable
from evalxl.values.errors import UsageError
from evalxl.values.quantities import NAN

COLUMNS = ("workbook", "made_from", "tables", "files", "unmarked", "blanks")
_LIBRARIES = ("pandas", "numpy", "XlsxWriter", "python-calamine", "xlrd", "python-docx")


@dataclass(frozen=True)
class Kept:
    """The workbooks of an earlier run that still hold, with all that processing them would give."""

    district: District = field(default_factory=District)
    files: dict[str, list[str]] = field(default_factory=dict)  # workbook → its files, below the outbox
    unmarked: dict[str, str] = field(default_factory=dict)  # workbook → why it could not be marked itself
    blanks: dict[str, list[str]] = field(default_factory=dict)  # workbook → what its report leaves to be filled in


def made_from(
    sources: Iterable[Source], policy: Policy, known: Round, roster: pd.DataFrame, *, report: bool
) -> dict[str, str]:
    """By workbook, a hash of everything that its tables and files are made from; '' for what cannot be read."""
    run = [_program(), policy.sha256, report, repr(known.waivers), known.year, _sha256(known.earlier, DATABASE)]
    run += [sorted(known.skipped), roster.to_csv(index=False)]
    return {
        workbook: _hash([*run, workbook, path.name, content]) if (content := _content(path)) else ""
        for workbook, path in sources
    }


def still_good(outbox: Path, made: Mapping[str, str]) -> Kept:
    """What of the earlier run into an outbox still holds for workbooks made from the same; nothing where none did."""
    try:
        with opened(outbox) as connection:
            noted = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM kept").fetchall()  # noqa: S608 - our own
        same = [row for row in noted if row[1] and made.get(row[0]) == row[1] and _unchanged(outbox, row[3])]
        if not same:
            return Kept()
        d = _only(load(outbox).district, {row[0] for row in same})
    except (UsageError, sqlite3.Error):  # no outbox, one by an older version, or a damaged one
        return Kept()
    known = digests(d)
    good = [row for row in same if known.get(row[0]) == row[2]]
    return Kept(
        _only(d, {row[0] for row in good}),
        {row[0]: list(json.loads(row[3])) for row in good},
        {row[0]: row[4] for row in good if row[4]},
        {row[0]: json.loads(row[5]) for row in good if row[5]},
    )


def carry_over(outbox: Path, stage: Path, files: Iterable[str]) -> None:
    """Put files of the earlier run among those of this one; OutputError when they cannot be."""
    for name in files:
        target = stage / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.hardlink_to(outbox / name)
            except OSError:  # some disks know no second names
                shutil.copyfile(outbox / name, target)
        except OSError as error:
            raise unwritable(target, error) from None


def to_keep(
    digests: Mapping[str, str], made: Mapping[str, str], stage: Path, files: Mapping[str, list[str]], told: Kept
) -> pd.DataFrame:
    """What the next run must know to keep workbooks (columns COLUMNS), for those that ``files`` lists the files of."""
    rows = [
        (
            workbook,
            made.get(workbook, ""),
            digests[workbook],
            json.dumps({name: _sha256(stage / name) for name in names}, ensure_ascii=False),
            told.unmarked.get(workbook, ""),
            json.dumps(told.blanks[workbook], ensure_ascii=False) if workbook in told.blanks else "",
        )
        for workbook, names in sorted(files.items())
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")


def parts(d: District, size: int) -> Iterator[District]:
    """A district in parts of so many workbooks, each as if it had been read by itself."""
    number = {workbook: position // size for position, workbook in enumerate(d.workbooks["workbook"])}
    tables = {name: dict(iter(table.groupby(table["workbook"].map(number)))) for name, table in d.tables.items()}
    for each in range(max(number.values(), default=-1) + 1):
        part: dict[str, Any] = {
            name: grouped.get(each, d.tables[name].iloc[:0]).reset_index(drop=True) for name, grouped in tables.items()
        }
        yield District(**part, places={key: place for key, place in d.places.items() if number[key[0]] == each})


def _only(d: District, workbooks: set[str]) -> District:
    tables: dict[str, Any] = {
        name: table[table["workbook"].isin(workbooks)].reset_index(drop=True) for name, table in d.tables.items()
    }
    return District(**tables, places={key: place for key, place in d.places.items() if key[0] in workbooks})


def digests(d: District) -> dict[str, str]:
    """By workbook, a hash of all its rows and places: what comes back from the database must be what went in."""
    hashes = {workbook: hashlib.sha256() for workbook in d.workbooks["workbook"]}
    for name, table in d.tables.items():
        ordered = Parts(table)
        columns = [_listed(column) for _, column in ordered.table.items()]
        for workbook, rows in ordered.rows.items():
            hashes[workbook].update(_bytes((name, [column[rows] for column in columns])))
    for (workbook, sheet), place in sorted(d.places.items()):
        hashes[workbook].update(_bytes((sheet, tuple(place))))
    return {workbook: each.hexdigest() for workbook, each in hashes.items()}


def _listed(values: pd.Series[Any]) -> list[Any]:
    """The values of a column; every NaN is the same."""
    array = values.to_numpy()
    listed: list[Any] = (np.where(array == array, array, NAN) if array.dtype.kind == "f" else array).tolist()
    return listed


def _bytes(values: Any) -> bytes:
    """Plain values as bytes, equal ones as equal bytes; later versions of marshal tell texts apart by their history."""
    try:
        return marshal.dumps(values, 2)
    except ValueError:  # a value that is not plain
        return repr(values).encode("utf-8", "surrogatepass")


def _unchanged(outbox: Path, files: str) -> bool:
    return all(_sha256(outbox / name) == sha256 for name, sha256 in json.loads(files).items())


@cache
def _program() -> str:
    """A hash of evalxl as it stands here, so that not even an unreleased change of it goes unnoticed."""
    package = Path(evalxl.__file__).parent
    sources = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".toml"))
    libraries = [(name, _version(name)) for name in _LIBRARIES]
    return _hash([libraries, [(path.relative_to(package).as_posix(), _sha256(path)) for path in sources]])


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _content(path: Path) -> str:
    """The hash of a workbook; '' of what is larger than any that is read."""
    with contextlib.suppress(OSError):
        return _sha256(path) if path.stat().st_size <= MAX_FILE else ""
    return ""


def _sha256(path: Path | None, *below: str) -> str:
    """The hash of a file's bytes; '' where there is no such file, or it cannot be read."""
    if path is None:
        return ""
    with contextlib.suppress(OSError):
        whole = path.joinpath(*below) if below and path.is_dir() else path
        if whole.is_file():
            with whole.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
    return ""
