"""The template says what evalxl says: every case of the rulebook filled in, recalculated by LibreOffice, and compared.

A case that the template cannot see, because somebody must read words, says so itself (``unseen``).
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from conftest import RULEBOOK, fill

from evalxl.district.findings import Severity
from evalxl.layout import DATA_SHEETS, GENERAL, INDICATORS, PROJECTS, column_number
from evalxl.policy import policy as policies
from evalxl.policy.parts import Execution
from evalxl.policy.shipped import shipped
from evalxl.rules import RULES
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.template.checks import FAILED, PASSED
from evalxl.template.checks.reach import BEYOND, live
from evalxl.template.references import verdict_cell

POLICY = policies.load()
_BEYOND = {rule: why for why, rules in BEYOND.items() for rule in rules.split()}
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>"""
# Each sheet as a text file of its own, cells as shown: written in half the time that a workbook takes.
_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
_PARTS = 8  # starts of LibreOffice, so that several processors share them


class Case(NamedTuple):
    """A case of the rulebook with the findings that evalxl makes of it."""

    name: str
    case: dict[str, Any]

    @property
    def expected(self) -> list[str]:
        """All findings expected, as the rulebook writes them."""
        return list(self.case.get("expect", []))

    @property
    def told_by_the_template(self) -> bool:
        """Whether one of the findings is grave and within the template's reach."""
        grave = (each for each in self.expected if not each.endswith("提示"))
        return "unseen" not in self.case and any(each[:3] not in _BEYOND for each in grave)


def cases() -> Iterator[Case]:
    for rule, kinds in RULEBOOK.items():
        for kind, given in kinds.items():
            for number, case in enumerate(given):
                yield Case(f"{rule}-{kind}-{number}", case)


COMPARED = [case for case in cases() if case.told_by_the_template or not case.expected]


class Said(NamedTuple):
    """What the template says of a case once it is computed."""

    overall: str
    accused: set[str]  # titles of the sheets with a ×
    broken: list[str]  # texts that are errors of formulas


def computed(folder: Path, compared: list[Case]) -> dict[str, Said]:
    """The verdicts on some cases; all are filled in and computed in one start of LibreOffice."""
    (folder / "in").mkdir()
    return _verdicts(folder, [fill(folder / "in" / f"{each.name}.xlsx", each.case["edit"]) for each in compared])


def _verdicts(folder: Path, books: list[Path]) -> dict[str, Said]:
    (folder / "profile" / "user").mkdir(parents=True)
    (folder / "profile" / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", _EVERY_SHEET, "--outdir", str(folder / "out")]
    subprocess.run([*command, *map(str, books)], check=True, capture_output=True, timeout=900)
    return {each.stem: _said(folder / "out", each.stem) for each in books}


def _said(folder: Path, name: str) -> Said:
    accused, broken, overall = set(), [], ""
    for sheet in DATA_SHEETS:
        with (folder / f"{name}-{sheet.title}.csv").open(encoding="utf-8", newline="") as text:
            grid = list(csv.reader(text))
        line = _at(grid, sheet.HEADER_ROW - 1, column_number(verdict_cell(sheet).rstrip("0123456789")))
        beside = [_at(grid, row, sheet.check_column) for row in range(sheet.FIRST_ROW, sheet.last_row + 1)]
        if sheet is GENERAL:
            overall, line = line, ""
        accused |= {sheet.title} if any(FAILED in each for each in (line, *beside)) else set()
        broken += [each for each in (line, *beside) if each.startswith(("#", "Err:"))]
    return Said(overall, accused, broken)


def _at(grid: list[list[str]], row: int, column: int) -> str:
    return grid[row - 1][column - 1] if row <= len(grid) and column <= len(grid[row - 1]) else ""


def test_every_grave_rule_is_asked_by_the_template_or_says_why_not() -> None:
    grave = {rule.id for rule in RULES.values() if rule.severity is not Severity.INFO}
    assert live(POLICY).isdisjoint(_BEYOND)
    assert live(POLICY) | _BEYOND.keys() == grave | (live(POLICY) & RULES.keys())


def test_a_rule_that_the_policy_switches_off_is_not_asked_by_the_template(tmp_path: Path) -> None:
    silent = POLICY.model_copy(update={"severity": {"P09": "off", "G05": "info"}})
    for policy, asks in ((POLICY, True), (silent, False)):
        formulas = _row_of_projects(fill(tmp_path / "a.xlsx", {}, policy))
        assert ("须填偏差原因" in formulas) is asks
        assert ("不应评为" in formulas) is asks


def _row_of_projects(path: Path) -> str:
    sheet = openpyxl.load_workbook(path)[PROJECTS.title]
    return "\n".join(str(cell.value) for cell in sheet[PROJECTS.FIRST_ROW])


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("part", range(_PARTS))
def test_the_template_tells_what_evalxl_finds_and_accuses_nobody_else(tmp_path: Path, part: int) -> None:
    """Both ways, for every case: what is grave is told while filling in, and of an honest case no × is said."""
    compared, passed = COMPARED[part::_PARTS], f"全部核对通过 {PASSED}"
    said = computed(tmp_path, compared)
    silent = {each.name: each.expected for each in compared if each.expected and said[each.name].overall == passed}
    accused = {each.name: said[each.name] for each in compared if not each.expected and said[each.name].accused}
    broken = {name: each.broken for name, each in said.items() if each.broken}
    assert (silent, accused, broken) == ({}, {}, {})


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_execution_points_are_told_by_the_steps_of_the_policy(tmp_path: Path) -> None:
    steps = [{"from": 0.95, "share": 1}, {"from": 0.9}, {"from": 0.6, "share": 0.5}]
    own = POLICY.model_copy(update={"execution": Execution.model_validate({"steps": steps})})
    hunan = policies.load(shipped("hunan"))
    cases = [  # policy, what the project executes of its 80, its points, whether they are right
        (hunan, 74.4, 8, True), (hunan, 74.4, 9.3, False), (hunan, 80, 10, True), (hunan, 40, 0, True),
        (POLICY, 74.4, 9.3, True), (POLICY, 74.4, 8, False),
        (own, 74.4, 9.3, True), (own, 64, 5, True), (own, 64, 8, False), (own, 40, 0, True), (own, 40, 5, False),
        (own, 75.9999, 10, True), (own, 75.9999, 9.5, True), (own, 75.9, 10, False),
    ]  # fmt: skip
    edits = [{"项目!全年执行数@6": executed, "指标!得分@5": points} for _, executed, points, _ in cases]
    books = [
        fill(tmp_path / f"{number}.xlsx", edit, policy)
        for number, (edit, (policy, *_)) in enumerate(zip(edits, cases, strict=True))
    ]
    said = _verdicts(tmp_path, books)
    told = [INDICATORS.title not in said[str(number)].accused for number in range(len(cases))]
    found = [
        check_files([(book.name, book)], Settings(case[0])).findings for book, case in zip(books, cases, strict=True)
    ]
    assert told == [right for *_, right in cases]
    assert ["P08" not in {each.rule for each in every} for every in found] == told
    assert not [each.broken for each in said.values() if each.broken]
