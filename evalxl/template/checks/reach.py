"""Which rules the template asks by itself while it is filled in, and why it cannot ask the others."""

from __future__ import annotations

from evalxl.layout import PROJECTS
from evalxl.policy.policy import Policy
from evalxl.template.checks import budget, general, projects, tables

# Rules of errors and warnings that no formula of a blank workbook can ask; every rule is told here or has a check.
BEYOND = {
    "要看整个收件夹、名册、上年或复核的结果": "F06 F12 N04 N06 X01 X03 D01 D05 D07 D09 G07",
    "要读懂文字": "N03 N05 N07 N10 N11 N12 N13 N14 N16 B11 B16 G03 P13 P16 P19 P20 I12",
    "要把一个项目的几行指标放在一起看": "I02 I15 I19",
    "程序汇总时才有": "D06",
    "规则文件另有规定时才核对": "P10",
    "动了表样才会有，表样已锁定": "F01 F09 F10 P02",
}


def live(policy: Policy) -> frozenset[str]:
    """The ids of the rules that at least one check asks."""
    checks = [
        *(check for line in budget.line_checks(policy).values() for check in line),
        *projects.row_checks(PROJECTS.FIRST_ROW, policy),
        *projects.list_checks(policy),
        *tables.all_checks(policy),
        *general.all_checks(policy),
    ]
    return frozenset(rule for check in checks for rule in check.rules.split())
