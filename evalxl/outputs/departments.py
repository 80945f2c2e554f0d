"""What each department gets: its result, its own workbook back with the faults marked in it, and its report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evalxl.bureau.review import Reviewed
from evalxl.district.findings import Finding, Severity
from evalxl.district.tables import District
from evalxl.facts.grade import Grades
from evalxl.facts.identities import keep_held
from evalxl.outputs.result.workbook import write_result
from evalxl.outputs.returned import CannotMark, mark, write_findings_workbook
from evalxl.policy.policy import Policy
from evalxl.store import files as out


def copies_due(d: District, findings: Iterable[Finding]) -> list[str]:
    """The workbooks that go back: readable, and with an error or a warning that the bureau has not waived."""
    standing = {each.workbook for each in findings if _standing(each)}
    books = d.workbooks[d.workbooks["readable"]]
    return [workbook for workbook in books["workbook"] if workbook in standing]


def reports_due(d: District, findings: Iterable[Finding]) -> list[str]:
    """The workbooks a report is written for: readable, and without an error that stands."""
    wrong = {each.workbook for each in findings if _wrong(each)}
    books = d.workbooks[d.workbooks["readable"]]
    return [workbook for workbook in books["workbook"] if workbook not in wrong]


def _wrong(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and not finding.waiver


def _standing(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO and not finding.waiver


@dataclass(frozen=True)
class Written:
    """What came of writing some departments' files that no file of theirs says."""

    unmarked: dict[str, str] = field(default_factory=dict)  # workbook → why it could not be marked itself
    blanks: dict[str, list[str]] = field(default_factory=dict)  # workbook → what its report leaves to be filled in


@dataclass(frozen=True)
class Departments:
    """The departments of a chunk, with all that their files are written from."""

    outbox: Path
    files: Mapping[str, Path]
    d: District
    reviewed: Reviewed
    grades: Grades
    policy: Policy
    names: Mapping[str, str]  # workbook → file name, once known
    report: bool  # with a Word report

    def write(self) -> Written:
        """Write the files of every readable workbook."""
        by_workbook: dict[str, list[Finding]] = {}
        for finding in self.reviewed.findings:
            by_workbook.setdefault(finding.workbook, []).append(finding)
        readable = dict(zip(self.d.workbooks["workbook"], self.d.workbooks["readable"], strict=True))
        written = Written()
        for workbook, one in keep_held(self.d, self.d.split(), self.policy):
            if readable[workbook]:
                findings = sorted(by_workbook.get(workbook, []), key=lambda finding: finding.order)
                self._write(workbook, one, findings, self.grades.of(workbook), written)
        return written

    def _write(self, workbook: str, one: District, findings: list[Finding], grades: Grades, written: Written) -> None:
        department = str(one.workbooks["department"].iloc[0])
        name = self.names.get(workbook) or out.safe_name(department)
        fixed = self.reviewed.fixed([workbook])
        with out.replacing(self.outbox / out.RESULTS / f"{name}.xlsx") as temporary:
            write_result(temporary, one, findings, grades, self.policy, fixed)
        if any(map(_standing, findings)):
            path = self.outbox / out.RETURNED / f"{name}.xlsx"
            source = _Source(workbook, self.files[workbook], str(one.workbooks["sha256"].iloc[0]))
            why = _give_back(path, source, department, findings)
            if why:
                written.unmarked[workbook] = why
        if self.report and not any(map(_wrong, findings)):
            from evalxl.outputs.word import write_report  # needs python-docx, which not everybody has

            with out.replacing(self.outbox / out.REPORTS / f"{name}.docx") as temporary:
                written.blanks[workbook] = write_report(temporary, one, grades, self.policy)


@dataclass(frozen=True)
class _Source:
    """A workbook as it was when it was checked."""

    workbook: str
    path: Path
    sha256: str

    def content(self) -> bytes:
        """Its bytes; ``CannotMark`` where they are no longer those that were probed and checked."""
        try:
            data = self.path.read_bytes()
        except OSError:
            raise CannotMark("在处理过程中不能再打开，不能在原表上标注") from None
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise CannotMark("在处理过程中被改动，不能在原表上标注")
        return data


def _give_back(path: Path, source: _Source, department: str, findings: list[Finding]) -> str:
    """Write the marked copy, or a list of the faults where the workbook cannot be marked; gives back why it cannot."""
    told = [each for each in findings if not each.waiver]
    with out.replacing(path) as temporary:
        try:
            temporary.write_bytes(mark(source.content(), department, told))
        except CannotMark as error:
            write_findings_workbook(temporary, department, source.workbook, told, str(error))
            return str(error)
    return ""
