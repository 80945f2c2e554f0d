"""One chunk of a run: some workbooks read, checked, graded and their results written, by one plain function.

It is done in this process, on a process pool or on a cluster, with the same bytes; so what it is given and what it
gives back must be small. What is large stays on disk (write.spill).
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from evalxl.bureau.review import Round, review
from evalxl.district.findings import Coverage, Finding, Past
from evalxl.district.tables import Bureau, District, lean, shared
from evalxl.facts.grade import Grades, grade
from evalxl.intake.inbox import Source
from evalxl.intake.probe.refusals import REFUSALS
from evalxl.intake.read import read, refuse
from evalxl.policy.policy import Policy
from evalxl.rules.engine import check
from evalxl.run import rerun
from evalxl.store.spill import TABLES, Spilled, spill

if TYPE_CHECKING:
    from evalxl.outputs.departments import Written


@dataclass(frozen=True)
class Chunk:
    """Some workbooks to process, and what is known about them from the district's point of view."""

    files: list[Source]
    policy: Policy
    outbox: Path | None = None  # where results go; None only checks
    round: Round = field(default_factory=Round)
    report: bool = False
    roster: pd.DataFrame = field(default_factory=lambda: Bureau().roster)  # whose workbook is whose
    names: dict[str, str] = field(default_factory=dict)  # workbook → file name, once known
    findings: dict[str, list[Finding]] = field(default_factory=dict)  # workbook → findings of district rules
    known: District | None = None  # what an earlier run has read of these files, and has written


@dataclass(frozen=True)
class Outcome:
    """What came of some workbooks: their tables, findings, grades, and how far the rules could be applied."""

    district: District
    findings: list[Finding]
    grades: Grades
    coverage: list[Coverage]
    fixed: list[Past] = field(default_factory=list)  # findings of the earlier round that are gone
    past: list[Past] = field(default_factory=list)  # what the next round has to know beside the findings
    unmarked: dict[str, str] = field(default_factory=dict)  # workbook → why it could not be marked itself
    blanks: dict[str, list[str]] = field(default_factory=dict)  # workbook → what its report leaves to be filled in
    spilled: Spilled = field(default_factory=Spilled)  # the tables that a run keeps on disk
    digests: dict[str, str] = field(default_factory=dict)  # workbook → a hash of its tables, for the next run


_NEW_OBJECTS = 50_000  # after which Python looks for cycles; of itself after 700, which took a tenth of a run


@contextlib.contextmanager
def seldom_collecting() -> Iterator[None]:
    """While this lasts, Python seldom looks for objects that only refer to each other: tables are many, cycles few."""
    usual = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@seldom_collecting()
def process(chunk: Chunk) -> Outcome:
    """Read, check and grade the workbooks of a chunk, write their results, and leave on disk what is large."""
    outcome = _judge(chunk, read(chunk.files, chunk.policy) if chunk.known is None else chunk.known)
    if chunk.outbox is not None and chunk.known is None:
        written = _write(chunk, chunk.outbox, outcome)
        outcome = replace(outcome, unmarked=written.unmarked, blanks=written.blanks)
    return _lighter(chunk, outcome)


@seldom_collecting()
def rewrite(chunk: Chunk) -> Written:
    """Write the results of a chunk again, with what the rules of the district have found."""
    if chunk.outbox is None:
        raise ValueError("a chunk whose results are nowhere cannot be written again")
    return _write(chunk, chunk.outbox, _judge(chunk, read(chunk.files, chunk.policy)))


def _judge(chunk: Chunk, d: District) -> Outcome:
    d = replace(d, bureau=Bureau(roster=chunk.roster))
    checked = check(d, chunk.policy)
    return Outcome(d, checked.findings, grade(d, chunk.policy), checked.coverage)


def _write(chunk: Chunk, outbox: Path, outcome: Outcome) -> Written:
    from evalxl.outputs.departments import Departments  # XlsxWriter is not needed to check

    d, files = outcome.district, dict(chunk.files)
    findings = [*outcome.findings, *(each for listed in chunk.findings.values() for each in listed)]
    reviewed = review(d, findings, chunk.round)
    return Departments(outbox, files, d, reviewed, outcome.grades, chunk.policy, chunk.names, chunk.report).write()


def _lighter(chunk: Chunk, outcome: Outcome) -> Outcome:
    """The outcome as it goes back: the memory of a large district is what its chunks give back."""
    d, grades = outcome.district, outcome.grades
    if chunk.outbox is None:
        return replace(outcome, district=shared(lean(d)))
    return replace(
        outcome,
        district=shared(lean(d)),
        grades=replace(grades, lines=TABLES["grade_lines"]),
        spilled=Spilled((spill(chunk.outbox, d, grades),)),
        digests=rerun.digests(d),
    )


def halves(chunk: Chunk) -> list[Chunk]:
    """A chunk as two; nothing, of one file."""
    middle = len(chunk.files) // 2
    return [replace(chunk, files=half) for half in (chunk.files[:middle], chunk.files[middle:])] if middle else []


def give_up(chunk: Chunk) -> Outcome:
    """A file whose process died: refused, and the run goes on."""
    return _lighter(chunk, _judge(chunk, refuse(chunk.files[0], "fatal", *REFUSALS["fatal"])))


def unwritten(_chunk: Chunk) -> Written:
    """A file that was read once, and whose process died when it was to be written again."""
    from evalxl.outputs.departments import Written

    return Written()
