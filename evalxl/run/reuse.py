"""What earlier runs into the same outbox have done and need not do again, as make does it.

The *tables* of a workbook hold while its bytes, its name, the policy and the program are the same; its *files* while,
beside that, everything is the same that was said of it: findings with what became of them, grades, name, report. What
is taken over is compared, by hash, with what was noted when it was made. Rules are always asked again. A run that
died, was killed or interrupted has left its parts and files in a folder of the outbox, and they count as well.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import evalxl
from evalxl import layout
from evalxl.district.tables import District, RowsByWorkbook
from evalxl.intake.inbox import Source
from evalxl.intake.probe import MAX_FILE
from evalxl.outputs.department import Due, Written
from evalxl.policy.policy import Policy
from evalxl.store import schema
from evalxl.store.files import unwritable
from evalxl.store.opening import DATABASE, opened
from evalxl.store.outbox import LEFT
from evalxl.store.parts import FOLDER, Part, read_part
from evalxl.store.schema import Damaged
from evalxl.values.errors import UsageError
from evalxl.values.quantities import given

_LIBRARIES = ("pandas", "numpy", "XlsxWriter", "python-calamine", "xlrd", "python-docx")
_EMPTY = float("nan")  # one for all: NaN is written alike wherever it came from


@dataclass(frozen=True)
class Reusable:
    """What earlier runs have left for these very files: their tables, by part, and their files."""

    tables: list[Part] = field(default_factory=list)
    files: dict[str, tuple[Path, str, Written]] = field(default_factory=dict)  # folder, key and what is written there


def find(outbox: Path, stage: Path, sources: list[Source], policy: Policy) -> Reusable:
    """What an outbox, and what unfinished runs have left for this one's stage, hold of some files."""
    folders = [*sorted((stage / LEFT).glob("*")), outbox]
    databases = [
        path for folder in folders for path in [*sorted((folder / FOLDER).glob("*.sqlite")), folder / DATABASE]
    ]
    databases = [path for path in databases if path.is_file()]
    if not databases:
        return Reusable()
    keys = {workbook: tables_key(workbook, path, _content(path), policy) for workbook, path in sources}
    found = Reusable()
    wanted = set(keys)
    for path in databases:
        with contextlib.suppress(UsageError), opened(path) as database:  # by an older version, or damaged: done again
            folder = path.parent.parent if path.parent.name == FOLDER else path.parent
            for workbook, key, *rest in database.rows(schema.WRITTEN):
                found.files.setdefault(workbook, (folder, key, _written(workbook, *rest)))
            same = {book for book, key, _ in database.rows(schema.MADE) if key and keys.get(book) == key} & wanted
            if same:
                found.tables.append(Part(path, sorted(same), whole=False))
                wanted -= same
    return found


def _written(workbook: str, files: str, unmarked: str, blanks: str) -> Written:
    names, left = json.loads(files), json.loads(blanks)
    if not isinstance(names, dict) or not isinstance(left, list):
        raise Damaged("written")
    texts = [*names, *names.values(), *left, unmarked]
    if not all(isinstance(text, str) for text in texts) or any(".." in name.split("/") for name in names):
        raise Damaged("written")
    return Written(workbook, names, unmarked, tuple(left))


def tables_of(part: Part) -> District | None:
    """The tables of a part, if they are still what was noted when they were made."""
    with contextlib.suppress(UsageError), opened(part.path) as database:
        noted = {book: digest for book, _, digest in database.rows(schema.MADE)}
        d, _ = read_part(part, part.workbooks)
        if digests(d) == {book: noted[book] for book in part.workbooks}:
            return d
    return None


def carry_over(reusable: Reusable, dues: Iterable[Due], keys: Mapping[str, str], stage: Path) -> dict[str, Written]:
    """Put the files that would come out the same among those of this run; OutputError when they cannot be."""
    carried = {}
    for due in dues:
        folder, key, written = reusable.files.get(due.workbook, (stage, "", Written(due.workbook)))
        same = bool(key) and key == keys[due.workbook] and [*written.files] == due.files
        if same and all(_sha256(folder / name) == sha256 for name, sha256 in written.files.items()):
            for name in written.files:
                _link(folder / name, stage / name)
            carried[due.workbook] = written
    return carried


def _link(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(source)
        except OSError:  # some disks know no second names
            shutil.copyfile(source, target)
    except OSError as error:
        raise unwritable(target, error) from None


# ---------------------------------------------------------------- what things are made from


def made_rows(
    d: District, files: Mapping[str, Path], policy: Policy, digests: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """The table ``made`` of some workbooks; without a key for what could not be read, which is tried again."""
    books = zip(*(d.workbooks[name].tolist() for name in ("workbook", "sha256", "readable")), strict=True)
    return [
        (book, tables_key(book, files[book], sha256, policy) if readable else "", digests[book])
        for book, sha256, readable in books
    ]


def tables_key(workbook: str, path: Path, sha256: str, policy: Policy) -> str:
    """A hash of everything that a workbook's tables follow from; '' for what is not to be used again."""
    return _hash([*_makers(policy), workbook, path.name, sha256]) if sha256 and _program() else ""


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
    hashes = [(path.relative_to(package).as_posix(), _sha256(path)) for path in sources]
    if not any(path.suffix in (".py", ".pyc") for path in sources):
        if not getattr(sys, "frozen", False):
            return ""
        hashes.append(("program", _sha256(Path(sys.executable))))
    return _hash([[(name, _version(name)) for name in _LIBRARIES], hashes])


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _content(path: Path) -> str:
    """The hash of a workbook; '' of what is larger than any that is read."""
    with contextlib.suppress(OSError):
        return _sha256(path) if path.stat().st_size <= MAX_FILE else ""
    return ""


def _sha256(path: Path) -> str:
    """The hash of a file's bytes; '' where there is no such file, or it cannot be read."""
    with contextlib.suppress(OSError):
        if path.is_file():
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
    return ""
