"""Findings: what was found, where, with both numbers and the remedy; values, never exceptions."""

from __future__ import annotations

import errno
import hashlib
import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from evalxl import layout


class UsageError(Exception):
    """The command was used wrongly (exit code 2); the message is the one sentence the operator reads."""


_CAUSES = {
    errno.ENOENT: "不存在",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENOTEMPTY: "被同名的文件夹占用",
    errno.ENOSPC: "磁盘空间不足",
    errno.EROFS: "磁盘是只读的",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ELOOP: "链接循环",
    errno.EIO: "磁盘读写出错",
}


def cause(error: OSError) -> str:
    """Why the system would not read or write a file, in words an operator knows."""
    return _CAUSES.get(error.errno or 0, error.strerror or "原因不明")


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


_POSITIONS = {sheet.title: position for position, sheet in enumerate(layout.SHEETS)}


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

    @property
    def order(self) -> tuple[object, ...]:
        """Its place in reading order: by workbook, sheet, row and column."""
        position = _POSITIONS.get(self.sheet, -1)
        match = re.fullmatch(r"([A-Z]+)(\d+)", self.cell)
        row, column = (int(match[2]), (len(match[1]), match[1])) if match else (0, (0, ""))
        return self.workbook, position, row, column, self.rule, self.id

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
