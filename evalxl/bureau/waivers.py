"""The bureau's waivers: findings it has decided not to pursue, each with a reason, an approver and a last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evalxl.bureau.table import Heading, read_table
from evalxl.district.findings import Finding
from evalxl.facts.submissions import iso_date
from evalxl.rules import RULES
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold, name_key

HEADINGS = (
    Heading("rule", ("规则", "规则号", "rule"), required=True),
    Heading("department", ("部门", "部门名称", "department"), required=True),
    Heading("label", ("行", "栏目", "项目", "row")),
    Heading("reason", ("理由", "原因", "reason"), required=True),
    Heading("approver", ("批准人", "审批人", "approver"), required=True),
    Heading("until", ("有效期至", "有效期", "valid_until", "until")),
)


@dataclass(frozen=True)
class Waiver:
    """One waiver: a rule for a department, for one row of it where ``label`` says which."""

    row: int
    rule: str
    department: str
    label: str
    reason: str
    approver: str
    until: str  # the last day it holds, '' for ever

    def expired(self, today: dt.date) -> bool:
        """Whether its last day has passed."""
        return bool(self.until) and self.until < today.isoformat()

    def covers(self, finding: Finding, department: str) -> bool:
        """Whether it is about a finding of a department (expired or not)."""
        same = finding.rule == self.rule and name_key(department) == name_key(self.department)
        parts = {fold(finding.label), *map(fold, finding.label.split("·"))}
        return same and (not self.label or fold(self.label) in parts)

    @property
    def words(self) -> str:
        """Why and by whom, as the outputs say it."""
        return f"{self.reason}（{self.approver} 批准{f'，有效期至 {self.until}' if self.until else ''}）"


@dataclass(frozen=True)
class Waivers:
    """All waivers of a run and the day they are judged on."""

    waivers: tuple[Waiver, ...] = ()
    today: dt.date = dt.date.min

    def of(self, finding: Finding, department: str) -> str:
        """The words of the waiver that holds for a finding, '' without one."""
        for waiver in self.waivers:
            if waiver.covers(finding, department) and not waiver.expired(self.today):
                return waiver.words
        return ""

    def idle(self, findings: Iterable[tuple[Finding, str]]) -> list[tuple[Waiver, str]]:
        """The waivers that did nothing, each with why: expired, or no such finding (any more)."""
        found = list(findings)
        idle = []
        for waiver in self.waivers:
            if waiver.expired(self.today):
                idle.append((waiver, f"已于 {waiver.until} 到期，不再生效"))
            elif not any(waiver.covers(*each) for each in found):
                idle.append((waiver, "本次没有对应的问题，没有用到"))
        return idle


def read_waivers(path: Path, today: dt.date) -> Waivers:
    """The waivers of a file (.xlsx or .csv); UsageError names the row that is incomplete or cannot be understood."""
    waivers = []
    for number, record in read_table(path, "豁免清单", HEADINGS):
        blank = next((each.headers[0] for each in HEADINGS if each.required and not record[each.key]), "")
        if blank:
            raise UsageError(f"豁免清单 {path} 第 {number} 行没有填{blank}，请补填或删除这一行。")
        rule = record["rule"].upper()
        if rule not in RULES:
            raise UsageError(f"豁免清单 {path} 第 {number} 行的规则“{rule}”不存在，用 evalxl rules 可列出全部规则。")
        until = iso_date(record["until"])
        if record["until"] and not until:
            raise UsageError(
                f"豁免清单 {path} 第 {number} 行的有效期“{record['until']}”不是日期，请写成 2024-12-31 的形式。"
            )
        fields = (rule, record["department"], record["label"], record["reason"], record["approver"], until)
        waivers.append(Waiver(number, *fields))
    return Waivers(tuple(waivers), today)
