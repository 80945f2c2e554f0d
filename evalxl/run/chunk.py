"""One chunk of a run: some workbooks read, checked and graded by one plain function, and their tables left on disk.

It is done in this process, on a process pool or on a cluster, with the same bytes; so what it is given and what it
gives back must be small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from evalxl.district.findings import Coverage, Finding, by_workbook
from evalxl.district.tables import Bureau, District, concat, lean, shared
from evalxl.facts.grade import Grades, grade
from evalxl.intake.inbox import Source
from evalxl.intake.probe.refusals import REFUSALS
from evalxl.intake.read import read, refuse
from evalxl.policy.policy import Policy
from evalxl.rules.engine import Checked, check
from evalxl.run import hashes, reuse
from evalxl.run.memory import seldom_collecting
from evalxl.store.findings import pack
from evalxl.store.parts import Part, write_part
from evalxl.values.clock import TimeIsUp, limited

SECONDS, SECONDS_PER_FILE = 10.0, 1.0  # of computing; a sound file takes a hundredth of that


@dataclass(frozen=True)
class Chunk:
    """Some workbooks to read, and what is asked of them from outside."""

    files: list[Source]
    policy: Policy
    roster: pd.DataFrame = field(default_factory=lambda: Bureau().roster)  # whose workbook is whose
    stage: Path | None = None  # where their tables are left; None keeps them
    known: Part | None = None  # where an earlier run has left the tables of these very files
    roster_key: str = ""  # a hash of the roster, for what later runs may take over


@dataclass(frozen=True)
class Judged:
    """What came of a chunk: tables (the large ones only where they stay in memory), findings, grades and coverage."""

    district: District
    findings: list[Finding]
    grades: Grades
    coverage: list[Coverage]
    part: Part | None = None
    digests: dict[str, str] = field(default_factory=dict)  # workbook → a hash of its tables


@seldom_collecting()
def read_and_check(chunk: Chunk) -> Judged:
    """Read, check and grade the workbooks of a chunk, and leave their tables in the stage.

    A file that takes longer than any sound one is refused, and the others are done without it.
    """
    try:
        with limited(SECONDS + SECONDS_PER_FILE * len(chunk.files)):
            return _read_and_judge(chunk)
    except TimeIsUp:
        slow = {source for source in chunk.files if _is_slow(replace(chunk, files=[source], stage=None, known=None))}
    rest = read([source for source in chunk.files if source not in slow], chunk.policy)
    return _judge(chunk, concat([rest, *(refuse(source, "slow", *REFUSALS["slow"]) for source in sorted(slow))]))


def _is_slow(chunk: Chunk) -> bool:
    try:
        with limited(SECONDS):
            _read_and_judge(chunk)
    except TimeIsUp:
        return True
    return False


def _read_and_judge(chunk: Chunk) -> Judged:
    if chunk.known is not None and (known := reuse.known_of(chunk.known, chunk.policy)):
        return _judge(chunk, *known)
    return _judge(chunk, read(chunk.files, chunk.policy))


def _judge(chunk: Chunk, tables: District, checked: Checked | None = None) -> Judged:
    d = replace(tables, bureau=replace(tables.bureau, roster=chunk.roster))
    checked, grades = checked or check(d, chunk.policy), grade(d, chunk.policy)
    if chunk.stage is None:
        return Judged(shared(lean(d)), checked.findings, grades, checked.coverage)
    digests = hashes.digests(d)
    made = _made_rows(chunk, d, checked, digests)
    part = write_part(chunk.stage, d, grades.lines, made)
    return Judged(shared(lean(d)), checked.findings, Grades(grades.departments), checked.coverage, part, digests)


def _made_rows(
    chunk: Chunk, d: District, checked: Checked, digests: Mapping[str, str]
) -> list[tuple[str, str, str, bytes]]:
    """The table ``made`` of a chunk; without a key for what could not be read, which is tried again."""
    found, files = by_workbook(checked.findings), dict(chunk.files)
    books = zip(*(d.workbooks[name].tolist() for name in ("workbook", "sha256", "readable")), strict=True)
    return [
        (
            book, hashes.tables_key(book, files[book], sha256 if readable else "", chunk.policy, chunk.roster_key),
            digests[book], pack(book, found.get(book, ()), checked.answers[book]),
        )
        for book, sha256, readable in books
    ]  # fmt: skip


def halves(chunk: Chunk) -> list[Chunk]:
    """A chunk as two; nothing, of one file."""
    middle = len(chunk.files) // 2
    return (
        [replace(chunk, files=half, known=None) for half in (chunk.files[:middle], chunk.files[middle:])]
        if middle
        else []
    )


def give_up(chunk: Chunk) -> Judged:
    """A file whose process died, or which takes for ever: refused, and the run goes on."""
    return refused(chunk, "fatal")


def refused(chunk: Chunk, code: str) -> Judged:
    """A file that is not read, for a reason that has a code (intake.probe.refusals)."""
    return _judge(chunk, refuse(chunk.files[0], code, *REFUSALS[code]))
