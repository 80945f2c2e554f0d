"""Builds the sample district: `python samples/build.py [FOLDER]` writes samples/luquan-2023/ from stories.toml.

Every department is facts and, told in the accountant's words, the mistakes planted in them. 鹿泉区政协 is the faithful
copy of a published report on sheets typed by hand, with that report's own four-part budget.
"""

from __future__ import annotations

import datetime as dt
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from evalxl import layout
from evalxl.layout import BUDGET, GENERAL, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Sheet, template_cell
from evalxl.policy import policy
from evalxl.template import build

HERE = Path(__file__).parent
DISTRICT = "luquan-2023"
YEAR = 2023
CLEAR = "空"

_PROJECT_FIELDS = ("name", "unit", "initial", "revised", "executed", "score", "grade", "cause", "measure")
_UNIT_FIELDS = ("name", "nature", "funding", "posts", "staff")
_REVIEWER_FIELDS = ("name", "workplace", "duty", "title")


def build_all(folder: Path) -> None:
    """Write every workbook of the district, and what else lies in its inbox."""
    folder.mkdir(parents=True, exist_ok=True)
    stories = tomllib.loads((HERE / "stories.toml").read_text(encoding="utf-8"))
    for department, facts in stories.items():
        path = folder / f"{department}.xlsx"
        edits = {cell: None if value == CLEAR else value for cell, value in facts.get("edit", {}).items()}
        build(path, policy.load(), None, entries(department, facts) | edits)
        if "cut" in facts:
            path.write_bytes(path.read_bytes()[: facts["cut"]])
    faithful_copy(folder / "鹿泉区政协.xlsx")
    # What Excel leaves beside a workbook that someone has open: the owner's name, padded to 165 bytes.
    (folder / "~$鹿泉区审计局.xlsx").write_bytes(b"\x06Gaoxin".ljust(165, b" "))


def entries(department: str, facts: dict[str, Any]) -> dict[str, object]:
    """A department's facts as entries of the template, by cell."""
    cells: dict[str, object] = {}
    general = {
        "department": department,
        "code": facts["code"],
        "region": "石家庄市鹿泉区",
        "year": YEAR,
        "unit_count": len(facts["unit"]),
        "money_unit": facts.get("money_unit", "万元"),
        "score": facts["score"],
        "grade": facts["grade"],
        "preparer": "填报员",
        "phone": "0311-00000000",
        "date": "2024-03-20",
        "head": "负责人",
    }
    for key, value in general.items():
        cells[_place(GENERAL, key)] = value
    _add_records(cells, UNITS, _UNIT_FIELDS, facts["unit"])
    _add_records(cells, PROJECTS, _PROJECT_FIELDS, facts["project"])
    _add_records(cells, REVIEWERS, _REVIEWER_FIELDS, facts["reviewer"])
    given = facts["budget"]
    for line in BUDGET.lines:
        amounts = given.get(line.label.removeprefix("其中："))
        if amounts is None and (line.computed or line.key in ("personnel", "operating")):
            continue  # totals are the template's formulas; the breakdown of 基本支出 may be left out
        for column, amount in zip(layout.AMOUNT_COLUMNS, amounts or (0, 0, 0), strict=True):
            cells[_place(BUDGET, column, line.key)] = amount
    for field in NARRATIVE.fields:
        if field.header in facts["narrative"]:
            cells[_place(NARRATIVE, field.key)] = facts["narrative"][field.header]
    return cells


def _place(sheet: Sheet, key: str, row_or_line: int | str = 0) -> str:
    return f"{sheet.title}!{template_cell(sheet, key, row_or_line)}"


def _add_records(cells: dict[str, object], sheet: Sheet, keys: Iterable[str], records: list[list[object]]) -> None:
    for row, record in enumerate(records, sheet.FIRST_ROW):
        for key, value in zip(keys, record, strict=True):
            if value != "":
                cells[_place(sheet, key, row)] = value


def faithful_copy(path: Path) -> None:
    """鹿泉区政协's own report, typed onto plain sheets as the department printed it."""
    sheets = tomllib.loads((HERE / "faithful-copy.toml").read_text(encoding="utf-8"))
    with xlsxwriter.Workbook(path, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        workbook.set_properties({"created": dt.datetime(2024, 3, 1)})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        for title, rows in sheets.items():
            sheet = workbook.add_worksheet(title)
            sheet.set_column(0, 0, 30)
            sheet.set_column(1, 1, 60 if title == NARRATIVE.title else 24, wrapped)
            sheet.set_column(2, 6, 18)
            for row, values in enumerate(rows["row"]):
                sheet.write_row(row, 0, values)


if __name__ == "__main__":
    build_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / DISTRICT)
