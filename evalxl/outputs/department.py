"""What a department gets: its result, its own workbook back with the faults marked in it, and its report; once each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from evalxl.district.findings import Finding, Past, Severity, Status, status
from evalxl.district.tables import District
from evalxl.facts.grade import Grades
from evalxl.facts.identities import keep_checks
from evalxl.outputs.result.workbook import write_result
from evalxl.outputs.returned import CannotMark, list_alone, returned_copy
from evalxl.policy.policy import Policy
from evalxl.store import files as out
from evalxl.store.parts import Part, note_written, read_part
from evalxl.values.clock import TimeIsUp, limited

SECONDS = 30.0  # of computing, for all files of a department; usually it takes a thousandth of that


@dataclass(frozen=True)
class Due:
    """One workbook's files, and all that they are written from beside its tables."""

    workbook: str
    source: Path
    sha256: str  # of the bytes that were read
    department: str
    name: str  # of its files, without extension
    findings: tuple[Finding, ...]
    fixed: tuple[Past, ...]
    report: bool  # with a Word report, where no error stands

    @property
    def returned(self) -> bool:
        """Whether the workbook goes back: its department still has something to correct or to explain."""
        return status(True, self.findings) in (Status.RETURNED, Status.EXPLAIN)

    @property
    def reported(self) -> bool:
        """Whether a report is written."""
        return self.report and not any(each.severity is Severity.ERROR and not each.waiver for each in self.findings)

    @property
    def result_file(self) -> str:
        """Where its result lies, below the outbox; the other two likewise."""
        return f"{out.RESULTS}/{self.name}.xlsx"

    @property
    def returned_file(self) -> str:  # noqa: D102
        return f"{out.RETURNED}/{self.name}.xlsx"

    @property
    def report_file(self) -> str:  # noqa: D102
        return f"{out.REPORTS}/{self.name}.docx"

    @property
    def files(self) -> list[str]:
        """Every file that is written, below the outbox."""
        due = {self.result_file: True, self.returned_file: self.returned, self.report_file: self.reported}
        return [name for name, wanted in due.items() if wanted]


class Order(NamedTuple):
    """Some workbooks of one part, whose files are to be written into a stage."""

    part: Part
    dues: Sequence[Due]
    keys: Sequence[str]  # what the files of each are made from, hashed
    grades: pd.DataFrame  # of these departments
    policy: Policy
    stage: Path


@dataclass(frozen=True)
class Written:
    """What came of writing a workbook's files."""

    workbook: str
    files: dict[str, str] = field(default_factory=dict)  # below the outbox → sha256
    unmarked: str = ""  # why it could not be marked itself
    blanks: tuple[str, ...] = ()  # what its report leaves to be filled in
    failed: str = ""  # why nothing was written
    passing: bool = False  # whether it could not be marked only because it was changed meanwhile, or out of reach

    @property
    def reported(self) -> bool:
        """Whether a report was written."""
        return any(name.startswith(f"{out.REPORTS}/") for name in self.files)

    def row(self, key: str) -> tuple[str, ...]:
        """As the table ``written`` holds it; without a key where the next run may well do better."""
        return (
            self.workbook,
            "" if self.passing else key,
            json.dumps(self.files),
            self.unmarked,
            json.dumps(self.blanks),
        )


def write_files(order: Order) -> list[Written]:
    """Write the files of every workbook of an order."""
    books = [due.workbook for due in order.dues]
    d, lines = read_part(order.part, books)
    grades = Grades(order.grades, lines)
    districts = dict(keep_checks(d, d.split(), order.policy))
    written = []
    for due in order.dues:
        try:
            with limited(SECONDS):
                one = _write(due, districts[due.workbook], grades.of(due.workbook), order.policy, order.stage)
        except TimeIsUp:
            one = Written(due.workbook, failed="的结果没有写成，内容过多，在限定的时间内写不完")
        written.append(one)
    finished = [each.row(key) for each, key in zip(written, order.keys, strict=True) if not each.failed]
    note_written(order.stage, finished)
    return written


def halves(order: Order) -> list[Order]:
    """An order as two; nothing, of one workbook."""
    middle = len(order.dues) // 2
    ends = ((0, middle), (middle, len(order.dues))) if middle else ()
    return [order._replace(dues=order.dues[first:last], keys=order.keys[first:last]) for first, last in ends]


def give_up(order: Order) -> list[Written]:
    """A workbook whose files could not be written: the process died, or took for ever."""
    return [Written(due.workbook, failed="的结果没有写成，程序在写它时中止") for due in order.dues]


def _write(due: Due, d: District, grades: Grades, policy: Policy, stage: Path) -> Written:
    unmarked, passing, blanks = "", False, []
    with out.replacing(stage / due.result_file) as temporary:
        write_result(temporary, d, list(due.findings), grades, policy, due.fixed)
    if due.returned:
        unmarked, passing = _give_back(stage / due.returned_file, due)
    if due.reported:
        from evalxl.outputs.word import write_report  # needs python-docx, which not everybody has

        with out.replacing(stage / due.report_file) as temporary:
            blanks = write_report(temporary, d, grades, policy)
    files = {name: out.sha256_of(stage / name) for name in due.files}
    return Written(due.workbook, files, unmarked, tuple(blanks), passing=passing)


def _give_back(path: Path, due: Due) -> tuple[str, bool]:
    """Write the marked copy, or a list of the faults where the workbook cannot be marked.

    Gives back why it cannot, and whether the file alone is the reason: when it was put right, it can be marked.
    """
    standing, passing = [each for each in due.findings if not each.waiver], False
    try:
        content, reason = returned_copy(_same_bytes(due), due.department, due.workbook, standing, SECONDS / 2)
    except CannotMark as error:
        reason, passing = str(error), True
        content = list_alone(due.department, due.workbook, standing, reason)
    with out.replacing(path) as temporary:
        temporary.write_bytes(content)
    return reason, passing


def _same_bytes(due: Due) -> bytes:
    """The bytes that were judged; CannotMark when the file has changed since, for what it says now was not."""
    try:
        data = due.source.read_bytes()
    except OSError:
        raise CannotMark("在处理过程中不能再打开，不能在原表上标注") from None
    if hashlib.sha256(data).hexdigest() != due.sha256:
        raise CannotMark("在处理过程中被改动，不能在原表上标注")
    return data
