"""What `evalxl report` writes, `evalxl import` reads back: projects, indicators, units, team and text, without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import fill

from evalxl import library
from evalxl.layout import INDICATORS, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Sheet, column_letter

SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"


def cells(path: Path, sheet: Sheet) -> dict[str, Any]:
    """The cells of a sheet that hold a value, without formulas."""
    page = openpyxl.load_workbook(path)[sheet.title]
    rows = page.iter_rows(min_row=sheet.FIRST_ROW, max_row=sheet.last_row)
    return {
        cell.coordinate: cell.value
        for row in rows for cell in row if cell.value not in (None, "") and cell.data_type != "f"
    }  # fmt: skip


def back(path: Path, folder: Path) -> tuple[Path, library.Gathering]:
    """The workbook that comes of the report of a workbook, and what was said of it."""
    pytest.importorskip("docx", reason="python-docx is not installed")
    list(library.reports(path, folder / "报告"))
    (document,) = (folder / "报告").rglob("*.docx")
    (gathering,) = library.gathered([document], folder / "回.xlsx")
    return folder / "回.xlsx", gathering


ODD = {
    "项目!B5": "“三馆”免费开放《阅读》专项", "项目!C5": "000123", "项目!K5": "一是雨季停工；\n二是招标晚。", "项目!L5": "提前谋划",
    "指标!A5": "“三馆”免费开放《阅读》专项", "指标!L5": "每少一期扣1分，扣完为止", "指标!F6": "≥95%", "指标!H6": "无法衡量",
}  # fmt: skip


@pytest.mark.parametrize("edit", [{}, ODD], ids=["good", "odd"])
def test_nothing_of_the_tables_and_texts_is_lost(edit: dict[str, object], tmp_path: Path) -> None:
    sent = fill(tmp_path / "sent.xlsx", edit)
    came, _ = back(sent, tmp_path)
    signature = column_letter(REVIEWERS.column("signature"))  # made by hand on paper
    for sheet in (UNITS, PROJECTS, INDICATORS, REVIEWERS, NARRATIVE):
        read = cells(came, sheet)
        lost = {
            at: (value, read.get(at))
            for at, value in cells(sent, sheet).items()
            if read.get(at)
            != (value.replace("\n", " ") if isinstance(value, str) and sheet is not NARRATIVE else value)
            and not (sheet is REVIEWERS and at.startswith(signature))
        }
        assert lost == {}, sheet.title


@pytest.mark.parametrize("name", ["鹿泉区卫生健康局", "鹿泉区审计局"])
def test_the_samples_come_back(name: str, tmp_path: Path) -> None:
    sent = SAMPLES / f"{name}.xlsx"
    came, _ = back(sent, tmp_path)
    for sheet in (PROJECTS, INDICATORS, NARRATIVE):
        read = cells(came, sheet)
        assert {at: value for at, value in cells(sent, sheet).items() if read.get(at) != value} == {}, sheet.title


def test_two_tables_that_differ_fill_in_nothing(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    sent = fill(tmp_path / "sent.xlsx", {"项目!E5": 77})
    list(library.reports(sent, tmp_path / "报告"))
    (path,) = (tmp_path / "报告").rglob("*.docx")
    document = docx.Document(str(path))
    tables = [table for table in document.tables if "全年执行数" in [cell.text for cell in table.rows[0].cells]]
    row = tables[0].rows[1]
    name = next(cell.text for cell in row.cells if len(cell.text) > 3)
    more = document.add_table(2, 2)
    for at, text in enumerate(("项目名称", "全年执行数（万元）", name, "1.23")):
        more.rows[at // 2].cells[at % 2].text = text
    document.save(str(path))
    (gathering,) = library.gathered([path], tmp_path / "回.xlsx")
    told = [each for each in gathering.lines if name in each and "两张表写的不同" in each]
    assert len(told) == 1
    assert "1.23" in told[0]
