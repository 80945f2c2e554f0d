"""The engine: holds a district against the rulebook and turns the rows that break a rule into findings.

Every finding is given here its address, words, severity and fingerprint; rules only say which rows break them.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from evalxl import layout
from evalxl.district.directory import identities
from evalxl.district.findings import (
    FAILED,
    NOT_APPLICABLE,
    NOT_EVALUATED,
    PASSED,
    Coverage,
    Finding,
    Operand,
    Severity,
    fingerprint,
    in_reading_order,
)
from evalxl.district.tables import District, Row, rows_of
from evalxl.layout import Shape
from evalxl.policy.policy import Policy
from evalxl.rules import RULES, Rule, Scope, Verdict
from evalxl.rules.own import own_rules
from evalxl.rules.wording import Address, Figures, Words, listed_cells, sentence, text_in
from evalxl.values.errors import RuleBug
from evalxl.values.quantities import show


@dataclass(frozen=True)
class Checked:
    """The findings in reading order, and how far each rule could be applied.

    ``answers`` has, by workbook, a letter for each rule of that scope (district.findings.PASSED and so on).
    """

    findings: list[Finding]
    coverage: list[Coverage]
    answers: dict[str, str] = field(default_factory=dict)


def in_force(policy: Policy) -> list[Rule]:
    """The rulebook, and the rules that the policy declares."""
    return [*RULES.values(), *own_rules(policy)]


def check(d: District, policy: Policy, scope: Scope = Scope.WORKBOOK) -> Checked:
    """Hold a district against every rule of one scope; RuleBug when a rule itself fails."""
    engine = _Engine(d, policy)
    coverage = [engine.apply(rule) for rule in asked(policy, scope)]
    return Checked(
        in_reading_order(engine.found), coverage, {book: "".join(each) for book, each in engine.said.items()}
    )


def asked(policy: Policy, scope: Scope = Scope.WORKBOOK) -> list[Rule]:
    """The rules of one scope that the policy asks, in the order of their answers."""
    return [rule for rule in in_force(policy) if rule.scope is scope and policy.asks(rule.id)]


def answered(said: Mapping[str, tuple[Sequence[Finding], str]], policy: Policy) -> Checked:
    """What ``check`` said of each of some workbooks, put together; ValueError where these are not the answers it gives."""
    answers = {book: each for book, (_, each) in said.items()}
    columns = zip(*answers.values(), strict=True)
    coverage = [Coverage.counted(rule.id, each) for rule, each in zip(asked(policy), columns, strict=True)]
    if any(each.evaluated + each.not_applicable + each.not_evaluated != len(said) for each in coverage):
        raise ValueError("no answer")
    return Checked(in_reading_order(chain.from_iterable(found for found, _ in said.values())), coverage, answers)


@dataclass
class _Engine:
    d: District
    policy: Policy
    found: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.departments = identities(self.d)
        unread = self.d.unread
        self.unread = set(zip(unread["workbook"], unread["sheet"], unread["field"], unread["row"], strict=True))
        self.fields_unread = {(workbook, sheet, key) for workbook, sheet, key, _ in self.unread}
        self.workbooks = frozenset(self.d.workbooks["workbook"])
        books = zip(self.d.workbooks["workbook"], self.d.workbooks["readable"], strict=True)
        self.read = frozenset(workbook for workbook, readable in books if readable)
        self.said: dict[str, list[str]] = {workbook: [] for workbook in self.workbooks}
        self.filled: dict[str, _Filled] = {}
        self.seen: dict[tuple[str, ...], int] = defaultdict(int)
        self.texts: dict[str, str] = {}

    def apply(self, rule: Rule) -> Coverage:
        try:
            broken = self._readable(rule, rows_of(rule.breaks(self.d, self.policy)))
            for row in broken:
                self._add(rule, row)
            return self._coverage(rule, {row["workbook"] for row in broken})
        except Exception as error:
            raise RuleBug(f"规则 {rule.id} 运行出错：{type(error).__name__}: {error}") from error

    def _readable(self, rule: Rule, broken: Sequence[Row]) -> Sequence[Row]:
        """Leave out rows one of whose values could not be read: reading has reported that, once."""
        if not rule.at or not self.unread:
            return broken
        return [row for row in broken if not self._has_unread(rule, row)]

    def _has_unread(self, rule: Rule, row: Row) -> bool:
        sheet, main = text_in(row, "sheet") or rule.sheet, text_in(row, "field") or rule.field
        line = row.get("row", math.nan)
        return any(self._is_unread(row["workbook"], sheet, each, line) for each in {main, *rule.needs, *rule.shows})

    def _is_unread(self, workbook: str, sheet: str, field_key: str, row: float) -> bool:
        at: float | None = row
        if layout.BY_KEY[sheet].shape is Shape.FORM:
            place = self.d.place(workbook, sheet)
            at = place.rows.get(field_key) if place else None
        return (workbook, sheet, field_key, at) in self.unread

    def _add(self, rule: Rule, row: Row) -> None:
        address = Address(self.d, rule, row)
        numbers = Figures(row, address)
        severity = self._severity(rule, text_in(row, "severity"), address)
        if severity is None:
            return
        operands = self._operands(rule, row, address)
        words = Words(numbers.words | {"cells": listed_cells(operands, address.title)}, row, address)
        department = self.departments.get(row["workbook"], "")
        # What reading notes has no key of its own: there the words for the value tell it from others of its kind.
        own = text_in(row, "key" if "key" in row else "label")
        # Of several sentences in one cell each is known by its words: one that is mended must not give another its id.
        own += _FIGURES.sub("", text_in(row, "said"))
        key = (rule.id, department, own, f"{address.sheet}.{address.field}")
        occurrence = self.seen[row["workbook"], *key]
        self.seen[row["workbook"], *key] += 1
        finding = Finding(
            id=fingerprint(*key[:3], key[3] + (f"#{occurrence}" if occurrence else "")),
            rule=rule.id,
            severity=severity,
            workbook=row["workbook"],
            sheet=self._once(address.title),
            cell=self._once(address.cell),
            label=self._once(address.label),
            message=sentence(address.where, rule.message.format_map(words)),
            fix=self._once(rule.fix.format_map(words)),
            operands=tuple(operands),
            expected=numbers.json["expected"],
            actual=numbers.json["actual"],
            difference=numbers.json["difference"],
            tolerance=numbers.json["tolerance"],
        )
        self.found.append(finding)

    def _once(self, text: str) -> str:
        """The same text for all findings that have it: a district has hundreds of thousands of them."""
        return self.texts.setdefault(text, text)

    def _severity(self, rule: Rule, own: str, address: Address) -> Severity | None:
        """The rule's severity as the policy sets it, for this place or at all; None where it is switched off here.

        A milder case of a rule stays milder than its main one.
        """
        case = Severity(own) if own else rule.severity
        places = (f"{rule.id}.{address.header}", f"{rule.id}.{address.of_sheet}", rule.id)
        set_by_policy = next((self.policy.severity[each] for each in places if each in self.policy.severity), None)
        if set_by_policy is None:
            return case
        if set_by_policy == "off":
            return None
        main = Severity(set_by_policy)
        return main if case is rule.severity else max(main, case, key=list(Severity).index)

    def _operands(self, rule: Rule, row: Row, address: Address) -> list[Operand]:
        listed = row.get("operands")
        if isinstance(listed, list):
            return [self._operand(row["workbook"], *each) for each in listed]
        return [
            self._operand(
                row["workbook"],
                address.sheet,
                key,
                address.row,
                layout.BY_KEY[address.sheet].by_key[key].header,
                row[key],
            )
            for key in rule.shows
            if key in row
        ]

    def _operand(self, workbook: str, sheet: str, field_key: str, row: float, label: str, value: Any) -> Operand:
        title, cell = self.d.cell(workbook, sheet, field_key, row)
        return Operand(title, cell, label, show(layout.BY_KEY[sheet].by_key[field_key].kind, value))

    def _coverage(self, rule: Rule, failed: set[str]) -> Coverage:
        """Each workbook once (rules of wider scope: the district once)."""
        if rule.scope is not Scope.WORKBOOK:
            missing = bool(rule.bureau) and not failed and not _has(getattr(self.d.bureau, rule.bureau))
            passed = not failed and not missing
            return Coverage(rule.id, failed=int(bool(failed)), passed=int(passed), not_applicable=int(missing))
        answers = dict(self._answers(rule, failed))
        for workbook, answer in answers.items():
            self.said[workbook].append(answer)
        return Coverage.counted(rule.id, answers.values())

    def _answers(self, rule: Rule, failed: set[str]) -> Iterator[tuple[str, str]]:
        judged = rule.judged(self.d, self.policy) if rule.judged else {}
        filled = self._filled_in(rule) if rule.at and not rule.judged else frozenset()
        for workbook in self.workbooks:
            if workbook in failed:
                yield workbook, FAILED
            elif workbook not in self.read:
                yield workbook, NOT_EVALUATED
            elif workbook in filled or not rule.at:
                yield workbook, PASSED
            else:
                yield workbook, _ANSWERS[judged.get(workbook) or self._why_not(rule, workbook)]

    def _filled_in(self, rule: Rule) -> frozenset[str]:
        if rule.sheet not in self.filled:
            self.filled[rule.sheet] = _Filled(self.d.tables[rule.sheet])
        return self.filled[rule.sheet].workbooks(rule.needs)

    def _why_not(self, rule: Rule, workbook: str) -> Verdict:
        """The verdict on a workbook in which nothing could be held against a rule."""
        if self.d.place(workbook, rule.sheet) is None:
            required = layout.BY_KEY[rule.sheet].required
            return Verdict.NOT_EVALUATED if required else Verdict.NOT_APPLICABLE
        fields = {rule.field, *rule.needs}
        hidden = any((workbook, rule.sheet, key) in self.fields_unread for key in fields)
        return Verdict.NOT_EVALUATED if hidden else Verdict.NOT_APPLICABLE


_ANSWERS = {
    Verdict.EVALUATED: PASSED,
    Verdict.NOT_APPLICABLE: NOT_APPLICABLE,
    Verdict.NOT_EVALUATED: NOT_EVALUATED,
}


class _Filled:
    """The workbooks in which something of a sheet is filled in; each column is looked at once for all rules."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self.numbers, self.names = pd.factorize(table["workbook"])
        self.columns: dict[str, npt.NDArray[np.bool_]] = {}
        self.answers: dict[tuple[str, ...], frozenset[str]] = {}

    def workbooks(self, fields: tuple[str, ...]) -> frozenset[str]:
        """Those with at least one row in which all of some fields are filled in."""
        if fields not in self.answers:
            filled = np.ones(len(self.table), dtype=bool)
            for key in fields:
                filled &= self._column(key)
            self.answers[fields] = frozenset(self.names[np.unique(self.numbers[filled])])
        return self.answers[fields]

    def _column(self, key: str) -> npt.NDArray[np.bool_]:
        if key not in self.columns:
            column = self.table[key].to_numpy()
            self.columns[key] = pd.notna(column) if column.dtype == float else column != ""
        return self.columns[key]


_FIGURES = re.compile(r"[\d.,]+")


def _has(content: object) -> bool:
    """Whether the bureau has handed something in."""
    return not content.empty if isinstance(content, pd.DataFrame) else bool(content)
