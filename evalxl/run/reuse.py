"""What earlier runs into the same outbox have done and need not do again, as make does it.

The *tables* of a workbook hold, and what the rules said of it alone, while its bytes, its name, the policy, the roster
and the program are the same; its *files* while, beside that, everything is the same that was said of it: findings with
what became of them, grades, name, report. What is taken over is compared with what was noted when it was made. The
rules of the district are always asked again, and every workbook is graded again. A run that died, was killed or
interrupted has left its parts and files in a folder of the outbox, and they count as well.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from evalxl.district.tables import District
from evalxl.intake.inbox import Source
from evalxl.intake.probe import MAX_FILE
from evalxl.outputs.department import Due, Written
from evalxl.policy.policy import Policy
from evalxl.rules.engine import Checked, answered
from evalxl.run.hashes import digests, tables_key
from evalxl.store import schema
from evalxl.store.files import DATABASE, sha256_or_blank, unwritable
from evalxl.store.findings import unpack
from evalxl.store.opening import opened
from evalxl.store.outbox import LEFT
from evalxl.store.parts import FOLDER, Part, read_made
from evalxl.store.schema import Damaged
from evalxl.values.errors import UsageError


class _Left(NamedTuple):
    """The files of a workbook that an earlier run has written: in which folder, from what (hashed), and which."""

    folder: Path
    key: str
    written: Written


@dataclass(frozen=True)
class Reusable:
    """What earlier runs have left for these very files: their tables, by part, and by workbook what was written."""

    tables: list[Part] = field(default_factory=list)
    files: dict[str, _Left] = field(default_factory=dict)


def find(outbox: Path, stage: Path, sources: list[Source], policy: Policy, roster: str) -> Reusable:
    """What an outbox, and what unfinished runs have left for this one's stage, hold of some files."""
    folders = [*sorted((stage / LEFT).glob("*")), outbox]
    databases = [
        path for folder in folders for path in [*sorted((folder / FOLDER).glob("*.sqlite")), folder / DATABASE]
    ]
    databases = [path for path in databases if path.is_file()]
    if not databases:
        return Reusable()
    keys = {workbook: tables_key(workbook, path, _content(path), policy, roster) for workbook, path in sources}
    found = Reusable()
    wanted = set(keys)
    for path in databases:
        with contextlib.suppress(UsageError), opened(path) as database:  # by an older version, or damaged: done again
            folder = path.parent.parent if path.parent.name == FOLDER else path.parent
            for workbook, key, *rest in database.rows(schema.WRITTEN):
                found.files.setdefault(workbook, _Left(folder, key, _written(workbook, *rest)))
            same = {
                book for book, key in database.rows(schema.MADE, ("workbook", "key")) if key and keys.get(book) == key
            } & wanted
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


def known_of(part: Part, policy: Policy) -> tuple[District, Checked] | None:
    """The tables of a part and what the rules said of them, if they are still what was noted when they were made."""
    with contextlib.suppress(UsageError, Damaged, ValueError):
        d, made = read_made(part)
        if digests(d) == {book: digest for book, (digest, _) in made.items()}:
            return d, answered({book: unpack(book, answers) for book, (_, answers) in made.items()}, policy)
    return None


def carry_over(reusable: Reusable, dues: Iterable[Due], keys: Mapping[str, str], stage: Path) -> dict[str, Written]:
    """Put the files that would come out the same among those of this run; OutputError when they cannot be."""
    carried = {}
    for due in dues:
        left = reusable.files.get(due.workbook)
        if left is not None and left.key and left.key == keys[due.workbook] and _lie_there(left, due.files):
            for name in left.written.files:
                _link(left.folder / name, stage / name)
            carried[due.workbook] = left.written
    return carried


def _lie_there(left: _Left, files: list[str]) -> bool:
    """Whether these very files were written, and are still as they were."""
    hashes = left.written.files
    return [*hashes] == files and all(sha256_or_blank(left.folder / name) == hashes[name] for name in files)


def _link(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.hardlink_to(source)
        except OSError:  # some disks know no second names
            shutil.copyfile(source, target)
    except OSError as error:
        raise unwritable(target, error) from None


def _content(path: Path) -> str:
    """The hash of a workbook; '' of what is larger than any that is read."""
    with contextlib.suppress(OSError):
        return sha256_or_blank(path) if path.stat().st_size <= MAX_FILE else ""
    return ""
