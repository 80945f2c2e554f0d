"""What came of a check, a run or a merge: statuses and findings, as values, as a table and as findings.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evalxl.district.attendance import Attendance, Pending
from evalxl.district.findings import Change, Finding, Severity, Status
from evalxl.district.workbook import Workbook
from evalxl.store.files import PENDING, RETURNED

if TYPE_CHECKING:
    import pandas as pd

    from evalxl.policy.policy import Policy
    from evalxl.run.district import Outcome


@dataclass(frozen=True)
class Result:
    """Workbooks that were checked as one district, and what was found in them."""

    _outcome: Outcome
    _policy: Policy

    @cached_property
    def workbooks(self) -> tuple[Workbook, ...]:
        """Every workbook with its status, in the order of their paths; one that could not be read is among them."""
        from evalxl.outputs.records import workbooks

        return tuple(workbooks(self._outcome.district, self._outcome.findings, self._outcome.grades))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in reading order; one without a workbook is about the whole district."""
        return tuple(self._outcome.findings)

    @property
    def status(self) -> Status:
        """The status of the workbook; of several, the gravest."""
        return max((each.status for each in self.workbooks), key=list(Status).index)

    @property
    def ok(self) -> bool:
        """Whether every file could be read and no error stands."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """The exit code of the command: 0, 1 with errors, 3 where a file could not be read, 5 or written."""
        return self._outcome.exit_code

    def of(self, workbook: str) -> list[Finding]:
        """The findings of one workbook."""
        return [each for each in self._outcome.findings if each.workbook == workbook]

    def to_frame(self) -> pd.DataFrame:
        """The findings as a table with the columns of findings.csv."""
        import pandas as pd

        from evalxl.outputs.records import finding_rows

        header, *rows = finding_rows(self._outcome.district, self._outcome.findings)
        return pd.DataFrame(rows, columns=header)

    def to_csv(self) -> str:
        """The findings as in findings.csv."""
        from evalxl.outputs.records import to_csv

        return to_csv(self._outcome.district, self._outcome.findings)

    def to_json(self) -> str:
        """The result as in findings.json; ``evalxl.schema()`` describes it."""
        from evalxl.outputs import records

        seen = self._outcome
        return records.to_json(records.document(seen.district, seen.findings, seen.grades, seen.coverage, self._policy))


@dataclass(frozen=True)
class RunResult(Result):
    """What a run or a merge has written, beside what was found."""

    outbox: Path
    files: tuple[str, ...]  # paths below the outbox
    reused: int = 0  # workbooks that had not changed since the last run into the same outbox

    @property
    def remarks(self) -> list[str]:
        """What a run has to say that is in no department's row: changes, the district's findings, copies, blanks."""
        merged = PENDING not in self.files
        return [*_doubts(self._outcome, self._policy), *_remarks(self._outcome, merged=merged)]

    @property
    def compared(self) -> bool:
        """Whether an earlier run of the same year was looked at beside it."""
        return any(each.change for each in self._outcome.findings) or bool(self._outcome.fixed)

    @property
    def comparable(self) -> bool:
        """Whether the next run can be held against this one: not where nothing was read that says its year."""
        return self._outcome.district.year is not None

    @property
    def attendance(self) -> Attendance | None:
        """Who of the roster has reported; None without a roster."""
        from evalxl.facts.attendance import attendance

        return attendance(self._outcome.district)

    @cached_property
    def reports(self) -> list[Workbook]:
        """The files without the lists of findings that came back beside a workbook: they are nobody's report."""
        from evalxl.facts.attendance import answers

        lists = answers(self._outcome.district)
        return [each for each in self.workbooks if each.workbook not in lists]

    @cached_property
    def pending(self) -> tuple[Pending, ...]:
        """The departments that are not finished, each with the words to send, as 待办.xlsx; none of a merge."""
        from evalxl.outputs.pending import pending
        from evalxl.outputs.summary.tally import Tally

        if PENDING not in self.files:
            return ()
        seen = self._outcome
        tally = Tally(seen.district, seen.findings, seen.grades, self._policy, parts=seen.parts)
        return tuple(pending(tally, seen.returned))

    @property
    def steps(self) -> list[str]:
        """What is to be done before everything is accepted; nothing, once it is."""
        from evalxl.facts.attendance import strays

        nobodys = strays(self._outcome.district, self.attendance, {})  # nobody can send them again
        idle = sum(each.status is Status.REFUSED for each in self.reports if each.workbook in nobodys)
        outcomes = Counter(each.status for each in self.workbooks if each.workbook not in nobodys)
        waiting = [each for each in (Status.RETURNED, Status.EXPLAIN) if outcomes[each]]
        returned = "，".join(f"{each.word} {outcomes[each]}" for each in waiting)
        steps = {
            "先办好上面列出的全区错误": any(
                each.severity is Severity.ERROR and not each.workbook for each in self.findings
            ),
            f"把“{RETURNED}”里的工作簿发还各部门（{returned}）": bool(returned),
            f"未读取的{_refused(outcomes[Status.REFUSED], idle)}": bool(outcomes[Status.REFUSED]),
        }
        return [words for words, needed in steps.items() if needed]


def _doubts(outcome: Outcome, policy: Policy) -> Iterator[str]:
    """What is to be asked of the policy itself before its findings are believed."""
    deadline, year = policy.head.deadline, outcome.district.year
    if deadline is not None and year is not None and deadline.year <= year:
        yield (
            f"规则文件的截止日期 {deadline:%Y-%m-%d} 不在评价年度（{year} 年）之后，通常应在次年；"
            "可能是沿用了以前年度的规则文件，请核对 deadline，否则都会列为迟报（D08）。"
        )


def _refused(count: int, idle: int) -> str:
    """Who of the files that are not read has to be sent again, and how many are nobody's report."""
    if not idle:
        return f" {count} 个请部门重报"
    return f" {count + idle} 个中 {count} 个请部门重报，另 {idle} 个不是报送件（见《未报送与未读取》）"


def _remarks(outcome: Outcome, *, merged: bool) -> Iterator[str]:
    from evalxl.facts.attendance import attendance
    from evalxl.facts.prevalence import prevalent_rules
    from evalxl.facts.rechecks import unmatched
    from evalxl.outputs.summary.problems_in_words import problem

    changes = Counter(each.change for each in outcome.findings if each.change)
    changes[Change.FIXED.value] = len(outcome.fixed)
    if (len(changes) > 1 or outcome.fixed) and not merged:  # of some districts only it would mislead
        told = "，".join(f"{each.word} {changes[each.value]}" for each in Change if changes[each.value])
        yield f"与上一次相比：{told}。"
    if outcome.taken:
        yield f"从本结果文件夹的上一次运行沿用说明 {outcome.taken} 条。"
    if rechecked := len(outcome.district.bureau.rechecks):
        lost = unmatched(outcome.district)
        told = f"，有 {lost} 项没有对上本批的项目，见《复核差异》" if lost else ""
        told += f"；抽中的 {outcome.drawn} 个项目中 {outcome.awaited} 个还没有复核结果" if outcome.awaited else ""
        yield f"按抽查表（含结果夹里已填的）对照复核得分 {rechecked} 项{told}。"
    came = attendance(outcome.district)
    if came and not came.present:
        yield "名册上的部门一个也没有报来，请先看是否给错了名册或收件夹。"
    yield from (
        f"{each.severity.word} {each.rule} {each.message}{each.fix}" for each in outcome.findings if not each.workbook
    )
    yield from (f"{workbook} {why}，请单独重新处理这一份。" for workbook, why in outcome.failed.items())
    yield from (f"{workbook} {why}，退回的是问题清单。" for workbook, why in sorted(outcome.unmarked.items()))
    read = outcome.district.workbooks["workbook"][outcome.district.workbooks["readable"]]
    yield from (f"{each.words(problem(each.rule))}。" for each in prevalent_rules(outcome.findings, read))
    for workbook, blanks in sorted(outcome.blanks.items()):
        if blanks:
            yield f"{workbook} 的报告留空待填：{'、'.join(blanks)}。"
