"""Findings: what was found, where, with both numbers and the remedy; values, never exceptions."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class UsageError(Exception):
    """The command was used wrongly (exit code 2); the message is the one sentence the operator reads."""


class RuleBug(Exception):
    """A rule raised: a bug of evalxl (exit code 4), for grades computed without a rule would be silently wrong."""


class Severity(StrEnum):
    """How grave a finding is: the regulation says must, should, or nothing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def word(self) -> str:
        """The Chinese word users read."""
        return {"error": "错误", "warning": "提醒", "info": "提示"}[self.value]


class Status(StrEnum):
    """What becomes of a workbook."""

    ACCEPTED = "accepted"
    EXPLAIN = "explain"
    RETURNED = "returned"
    REFUSED = "refused"

    @property
    def word(self) -> str:
        """The Chinese word users read."""
        return {"accepted": "通过", "explain": "待说明", "returned": "退回", "refused": "未读取"}[self.value]


@dataclass(frozen=True, slots=True)
class Operand:
    """One number that took part in a check, with the cell it came from."""

    sheet: str
    cell: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. Amounts are decimal strings in 万元, as everywhere a person or another program reads them."""

    id: str
    rule: str
    severity: Severity
    workbook: str
    sheet: str
    cell: str
    label: str
    message: str
    fix: str
    expected: str = ""
    actual: str = ""
    difference: str = ""
    tolerance: str = ""
    operands: tuple[Operand, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The finding as in findings.json (design.md section 5)."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one rule could be applied; counted in workbooks (district rules: in districts), so nothing is unseen."""

    rule: str
    passed: int = 0
    failed: int = 0
    not_applicable: int = 0
    not_evaluated: int = 0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.rule,
            self.passed + other.passed,
            self.failed + other.failed,
            self.not_applicable + other.not_applicable,
            self.not_evaluated + other.not_evaluated,
        )

    def to_dict(self) -> dict[str, Any]:
        """The coverage as in findings.json."""
        return {
            "rule": self.rule,
            "evaluated": self.passed + self.failed,
            "passed": self.passed,
            "failed": self.failed,
            "not_applicable": self.not_applicable,
            "not_evaluated": self.not_evaluated,
        }


def fingerprint(rule: str, department: str, row_key: str, field: str) -> str:
    """A finding's stable id: it survives resubmission, moved rows and reworded messages."""
    return hashlib.sha256("\x1f".join((rule, department, row_key, field)).encode()).hexdigest()[:16]


def status(readable: bool, errors: int, warnings: int) -> Status:
    """The status of a workbook from its counts."""
    if not readable:
        return Status.REFUSED
    if errors:
        return Status.RETURNED
    return Status.EXPLAIN if warnings else Status.ACCEPTED
