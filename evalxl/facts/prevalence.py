"""Rules that stand at most departments: a warning that everybody gets teaches everybody to ignore warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from evalxl.district.findings import Finding, Severity

LEAST_DEPARTMENTS = 4  # of fewer, more than half says nothing


class Prevalent(NamedTuple):
    """A rule that found something in more than half of the workbooks."""

    rule: str
    severity: Severity
    workbooks: int
    of: int

    def words(self, problem: str) -> str:
        """What stands out, its problem named, and the line of the policy that changes it."""
        error = self.severity is Severity.ERROR
        cause = "请先看是否模板或口径的共同错误；确属本地做法的" if error else "若是本地的通行做法"
        return (
            f"{self.rule}“{problem}”（{self.severity.word}）在 {self.of} 本工作簿中的 {self.workbooks} 本都有："
            f"{cause}，"
            f'可在规则文件的 [severity] 中写 {self.rule} = "info"'
        )


def prevalent_rules(findings: Iterable[Finding], workbooks: Iterable[str]) -> list[Prevalent]:
    """The rules that found something in more than half of some workbooks, the most frequent first."""
    read = set(workbooks)
    if len(read) < LEAST_DEPARTMENTS:
        return []
    books: dict[str, set[str]] = {}
    gravest: dict[str, Severity] = {}
    for each in findings:
        if each.workbook in read and each.severity is not Severity.INFO:  # a hint asks for nothing
            books.setdefault(each.rule, set()).add(each.workbook)
            known = gravest.setdefault(each.rule, each.severity)
            gravest[each.rule] = min(known, each.severity, key=list(Severity).index)
    found = [Prevalent(rule, gravest[rule], len(where), len(read)) for rule, where in books.items()]
    return sorted(
        (each for each in found if 2 * each.workbooks > each.of), key=lambda each: (-each.workbooks, each.rule)
    )
