"""Departments' workbooks, and the results that are written of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from evalxl import layout
from evalxl.district.findings import Coverage, Finding
from evalxl.district.tables import District
from evalxl.facts.grade import Grades, grade
from evalxl.intake import read
from evalxl.layout import BUDGET, GENERAL, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Shape, template_cell
from evalxl.outputs.result.workbook import write_result
from evalxl.outputs.summary import About, Links, Tally, write_summary
from evalxl.policy import policy
from evalxl.rules import Scope
from evalxl.rules.engine import check
from evalxl.sheets.measure import TEXT_LIMIT

POLICY = policy.load()


HOSTILE = (
    "=1+1",
    "@x",
    "[red]",
    "http://example.com/a",
    '=HYPERLINK("http://a")',
    "{=1}",
    "a\x07b\x0bc",
    "+1",
    "x" * 40_000,
)


Entries = dict[tuple[str, str], object]


class Checked(NamedTuple):
    d: District
    findings: list[Finding]
    grades: Grades
    coverage: list[Coverage]


def put(entries: Entries, sheet: layout.Sheet, key: str, value: object, row: int | str = 0) -> None:
    entries[sheet.title, template_cell(sheet, key, row)] = value


def department(
    name: str, basic: float = 753.83, projects: tuple[float, ...] = (50.11, 55.22), score: float = 92.1
) -> Entries:
    """What a department enters; every amount balances."""
    entries: Entries = {}
    general = {"department": name, "region": "石家庄市鹿泉区", "year": 2023, "unit_count": 1, "score": score,
               "money_unit": "万元", "grade": POLICY.grade(score), "preparer": "甲", "date": "2024-03-15"}  # fmt: skip
    for key, value in general.items():
        put(entries, GENERAL, key, value)
    for key, value in {
        "name": f"{name}（本级）",
        "nature": "行政单位",
        "funding": "财政拨款",
        "posts": 12,
        "staff": 10,
    }.items():
        put(entries, UNITS, key, value, 5)
    project = round(sum(projects), 6)
    total = round(basic + project, 6)
    amounts = dict.fromkeys((line.key for line in BUDGET.lines[:21] if not line.detail), 0.0)
    amounts |= dict.fromkeys(
        ("appropriation", "income_total", "income_grand", "expenditure_total", "expenditure_grand"), total
    )
    amounts |= {"basic": basic, "project": project}
    for line, amount in amounts.items():
        put(entries, BUDGET, "final", amount, line)
        put(entries, BUDGET, "revised", amount * 2, line)
    for row, amount in enumerate(projects, 5):
        record = {
            "name": f"项目{row}",
            "revised": round(amount * 1.05, 6),
            "executed": amount,
            "score": 88.7 if row % 2 else 80.2,
            "grade": "优秀" if row % 2 else "良好",
            "cause": "进度慢",
        }
        for key, value in record.items():
            put(entries, PROJECTS, key, value, row)
    for row in range(5, 8):
        for key, value in {
            "name": f"评价员{row}",
            "workplace": name if row > 5 else "区财政局",
            "duty": "科长",
            "title": "会计师",
        }.items():
            put(entries, REVIEWERS, key, value, row)
    for each in NARRATIVE.fields:
        put(entries, NARRATIVE, each.key, f"{name}按计划完成了年度各项工作，资金使用规范，{each.header}如实填报。")
    return entries


def make(path: Path, entries: Entries) -> None:
    """A filled-in workbook in the template's places."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    for sheet in layout.SHEETS:
        page = book.add_worksheet(sheet.title)
        for field in sheet.fields:
            at = (sheet.row(field.key) - 1, 0) if sheet.shape is Shape.FORM else (3, sheet.column(field.key) - 1)
            page.write_string(*at, field.title)
        for line in sheet.lines:
            page.write_string(sheet.row(line.key) - 1, 0, line.label)
        for (title, cell), value in entries.items():
            if title == sheet.title and value is not None:
                page.write(cell, value if not isinstance(value, str) else value[:TEXT_LIMIT])
    book.close()


def run(folder: Path, departments: list[Entries], broken: int = 0) -> Checked:
    """Read, check and grade some departments and some files that are no workbooks."""
    files = []
    for number, entries in enumerate(departments):
        path = folder / f"{number:02}.xlsx"
        make(path, entries)
        files.append((path.name, path))
    for number in range(broken):
        path = folder / f"坏{number}.xlsx"
        path.write_bytes(b"no workbook")
        files.append((path.name, path))
    d = read.read(files, POLICY)
    parts = [check(d, POLICY, scope) for scope in (Scope.WORKBOOK, Scope.DISTRICT)]
    findings = [finding for part in parts for finding in part.findings]
    return Checked(d, findings, grade(d, POLICY), [each for part in parts for each in part.coverage])


def wrong(entries: Entries) -> Entries:
    """The same department with a wrong total and a wrong grade."""
    entries = dict(entries)
    put(entries, BUDGET, "final", 123_456_789.12, "expenditure_total")
    put(entries, PROJECTS, "grade", "较差", 5)
    return entries


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    return run(tmp_path_factory.mktemp("one"), [wrong(department("鹿泉区政协"))])


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    departments = [
        department("鹿泉区政协"),
        wrong(department("鹿泉区教育局", 2000.005)),
        department("鹿泉区民政局", 0.1, (0.2, 0.123456)),
    ]
    unscored = department("鹿泉区水利局")
    put(unscored, GENERAL, "score", None)
    put(unscored, GENERAL, "grade", None)
    return run(tmp_path_factory.mktemp("several"), [*departments, unscored], broken=1)


def result(path: Path, checked: Checked) -> Path:
    write_result(path, checked.d, checked.findings, checked.grades, POLICY)
    return path


def summary(path: Path, checked: Checked, links: dict[str, str] | None = None) -> Path:
    tally = Tally(checked.d, checked.findings, checked.grades, POLICY)
    write_summary(path, tally, checked.coverage, lambda: About(Links(links or {})))
    return path


def sheet(path: Path, title: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(title).to_python(skip_empty_area=False)


def columns(path: Path, title: str, count: int) -> dict[str, list[Any]]:
    """A table's values by header."""
    rows = sheet(path, title)
    return {header: [row[at] for row in rows[3 : 3 + count]] for at, header in enumerate(rows[2]) if header}
