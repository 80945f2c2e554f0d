"""Findings: what was found, where, with both numbers and the remedy; values, never exceptions."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple

from evalxl import layout
from evalxl.values.grounds import answers


class Severity(StrEnum):
    """How grave a finding is: the regulation says must, should, or nothing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def word(self) -> str:
        """The Chinese word users read."""
        return {"error": "错误", "warning": "提醒", "info": "提示"}[self.value]

    @property
    def rank(self) -> int:
        """Its place among the severities, the gravest first."""
        return list(Severity).index(self)


class Status(StrEnum):
    """What becomes of a workbook."""

    ACCEPTED = "accepted"
    EXPLAINED = "accepted-with-explanation"
    EXPLAIN = "explain"
    RETURNED = "returned"
    REFUSED = "refused"

    @property
    def word(self) -> str:
        """The Chinese word users read."""
        return _STATUS_WORDS[self.value]

    @property
    def mark(self) -> str:
        """The colour it is shown in: an explained workbook is as good as an accepted one."""
        return "accepted" if self is Status.EXPLAINED else self.value


_STATUS_WORDS = {
    "accepted": "通过",
    "accepted-with-explanation": "说明后通过",
    "explain": "待说明",
    "returned": "退回",
    "refused": "未读取",
}


class Change(StrEnum):
    """What became of a finding since the earlier run of the same year."""

    NEW = "new"
    OPEN = "open"
    BACK = "back"
    FIXED = "fixed"

    @property
    def word(self) -> str:
        """The Chinese word users read."""
        return {"new": "新增", "open": "未改", "back": "再次出现", "fixed": "已改正"}[self.value]


_PLACE = re.compile(r"(?:[^\s，。；：、（）“”!]{0,31}!)?[A-Z]{1,3}\d{1,7}")  # 预算!D22, D15
# Of a text like others' (N06): which these are, and how much of it is alike. Both change by what others send.
_OTHERS = re.compile(r"与《.+?(?=的文字相似：)|(?<=[^\d.]) \d{1,3}%")
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
    change: str = ""  # new | open | back, where an earlier run is known
    explanation: str = ""  # what the sender wrote in 说明
    lapsed: bool = False  # the figures have changed since the explanation was written
    waiver: str = ""  # why, and by whom, the bureau waived it

    @property
    def place(self) -> str:
        """Where it stands, in the sender's workbook; '' for a finding about the whole district."""
        if not self.sheet:
            return "整本工作簿" if self.workbook else ""
        return f"{self.sheet}!{self.cell}" if self.cell else f"《{self.sheet}》"

    @property
    def statement(self) -> str:
        """What was found, without the place, which stands in a column of its own or is the cell itself."""
        return self.message.removeprefix(self.place or "整本工作簿").strip(" ：") or self.message

    @property
    def explained(self) -> bool:
        """Whether an explanation stands that gives a ground and still fits the figures."""
        return bool(self.explanation) and not self.lapsed and answers(self.explanation)

    @property
    def idle(self) -> bool:
        """Whether what stands as an explanation gives no ground: 无, 情况属实."""
        return bool(self.explanation) and not answers(self.explanation)

    @property
    def evidence(self) -> str:
        """The figures and words it rests on, wherever they stand: an explanation holds as long as these do.

        What other departments send is no part of it: nobody has to explain anew what is unchanged in the own workbook.
        """
        words = _PLACE.sub("", self.message)
        if "的文字相似：" in words:
            words = _OTHERS.sub("", words)
        figures = (self.expected, self.actual, *(each.value for each in self.operands))
        return hashlib.sha256("\x1f".join((words, *figures)).encode(errors="surrogatepass")).hexdigest()[:8]

    @property
    def order(self) -> tuple[object, ...]:
        """Its place in reading order: by workbook, sheet, row and column."""
        position = _POSITIONS.get(self.sheet, -1)
        match = re.fullmatch(r"([A-Z]+)(\d+)", self.cell)
        row, column = (int(match[2]), (len(match[1]), match[1])) if match else (0, (0, ""))
        return self.workbook, position, row, column, self.rule, self.id

    def to_dict(self) -> dict[str, Any]:
        """Every field, for tables: what ``asdict`` gives, in a quarter of its time."""
        operands = tuple(dict(zip(_OPERAND, _of_operand(each), strict=True)) for each in self.operands)
        return dict(zip(_FIELDS, _of_finding(self), strict=True)) | {"operands": operands}

    def to_json(self) -> dict[str, Any]:
        """The finding as in findings.json, with what became of it where something did."""
        return {name: value for name, value in self.to_dict().items() if value or name not in LATER}


_FIELDS = tuple(each.name for each in fields(Finding))
_of_finding: Callable[[Finding], tuple[Any, ...]] = attrgetter(*_FIELDS)
_OPERAND = tuple(each.name for each in fields(Operand))
_of_operand: Callable[[Operand], tuple[Any, ...]] = attrgetter(*_OPERAND)


def in_reading_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings sorted workbook by workbook: keys for all of a district's at once would take as much room as they do."""
    apart = by_workbook(findings)
    return [each for book in sorted(apart) for each in sorted(apart[book], key=attrgetter("order"))]


def by_workbook(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """The findings of each workbook that has any, in their order; those of the whole district stand under ''."""
    found: dict[str, list[Finding]] = {}
    for each in findings:
        found.setdefault(each.workbook, []).append(each)
    return found


LATER = ("change", "explanation", "lapsed", "waiver")  # in findings.json only where there is something to say


PASSED, FAILED, NOT_APPLICABLE, NOT_EVALUATED = "pfnu"  # the answers of a rule that is asked of one workbook


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one rule could be applied; counted in workbooks (district rules: in districts), so nothing is unseen."""

    rule: str
    passed: int = 0
    failed: int = 0
    not_applicable: int = 0
    not_evaluated: int = 0

    @classmethod
    def counted(cls, rule: str, answers: Iterable[str]) -> Coverage:
        """How often each answer came."""
        counts = Counter(answers)
        return cls(rule, *(counts[each] for each in (PASSED, FAILED, NOT_APPLICABLE, NOT_EVALUATED)))

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.rule,
            self.passed + other.passed,
            self.failed + other.failed,
            self.not_applicable + other.not_applicable,
            self.not_evaluated + other.not_evaluated,
        )

    @property
    def evaluated(self) -> int:
        """How many it was applied to."""
        return self.passed + self.failed

    def to_dict(self) -> dict[str, Any]:
        """The coverage as in findings.json."""
        return {"rule": self.rule, "evaluated": self.evaluated} | asdict(self)


def fingerprint(rule: str, department: str, row_key: str, field: str) -> str:
    """A finding's stable id: it survives resubmission, moved rows and reworded messages."""
    return hashlib.sha256("\x1f".join((rule, department, row_key, field)).encode()).hexdigest()[:16]


def status(readable: bool, findings: Iterable[Finding]) -> Status:
    """The status of a workbook from its findings; what the bureau waived does not count, errors are never explained."""
    if not readable:
        return Status.REFUSED
    standing = [each for each in findings if not each.waiver]
    if any(each.severity is Severity.ERROR for each in standing):
        return Status.RETURNED
    warnings = [each for each in standing if each.severity is Severity.WARNING]
    if any(not each.explained for each in warnings):
        return Status.EXPLAIN
    return Status.EXPLAINED if warnings else Status.ACCEPTED


@dataclass(frozen=True)
class Past:
    """A finding of the earlier round; ``fixed`` when it had been corrected by then, or is corrected now."""

    id: str
    rule: str
    severity: str
    workbook: str
    department: str
    message: str
    evidence: str
    explanation: str
    fixed: bool


class Explanation(NamedTuple):
    """What a department wrote beside a finding, and the evidence that the finding then rested on."""

    text: str
    evidence: str


class Verdict(StrEnum):
    """How far a rule could be applied to a workbook."""

    EVALUATED = "evaluated"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUATED = "not_evaluated"


class Figure(NamedTuple):
    """A number a rule used: sheet and field by key, row, the words for it and its value in the table's unit."""

    sheet: str
    field: str
    row: float
    label: str
    value: float
