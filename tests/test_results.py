"""The result and the summary: what is written is what was read, nothing a sender wrote acts, and totals are right."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from departments import (  # noqa: F401 - fixtures
    HOSTILE,
    POLICY,
    Checked,
    columns,
    department,
    one,
    put,
    result,
    run,
    several,
    sheet,
    summary,
)

from evalxl import layout
from evalxl.district.findings import Severity
from evalxl.facts.grade import grade
from evalxl.intake import read
from evalxl.layout import BUDGET, GENERAL, NARRATIVE, PROJECTS, template_cell
from evalxl.outputs.result.workbook import pieces, write_result
from evalxl.rules.engine import check
from evalxl.sheets import xlsxwriter_inside
from evalxl.sheets.columns import shown
from evalxl.sheets.measure import CUT, TEXT_LIMIT, cell_text, width


def wan(fen: list[float]) -> list[Any]:
    return ["" if value != value else value / 1e6 for value in fen]


def test_result_shows_what_was_read(one: Checked, tmp_path: Path) -> None:
    path = result(tmp_path / "a.xlsx", one)
    budget = columns(path, "收支", len(one.d.budget))
    for key in layout.AMOUNT_COLUMNS:
        assert budget[BUDGET.by_key[key].header] == wan(one.d.budget[key].tolist())
    projects = columns(path, "项目", len(one.d.projects))
    assert projects["项目名称"] == one.d.projects["name"].tolist()
    assert projects["全年执行数"] == wan(one.d.projects["executed"].tolist())
    assert projects["计算执行率"] == pytest.approx([1 / 1.05, 1 / 1.05])
    assert columns(path, "评价组", 3)["姓名"] == one.d.reviewers["name"].tolist()
    assert len(columns(path, "问题", len(one.findings))["规则"]) == len(one.findings)


def test_every_row_names_its_source(one: Checked, tmp_path: Path) -> None:
    path = result(tmp_path / "a.xlsx", one)
    last = layout.column_letter(len(PROJECTS.fields))
    assert columns(path, "项目", 2)["来源"] == [f"A{row:.0f}:{last}{row:.0f}" for row in one.d.projects["row"]]
    assert columns(path, "文字说明", 1)["来源"] == [template_cell(NARRATIVE, "overview")]


def test_findings_lead_to_the_figure(one: Checked, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(result(tmp_path / "a.xlsx", one))
    listed = book["问题"]
    links = {row[3].value: row[3].hyperlink.location for row in listed.iter_rows(min_row=4) if row[3].hyperlink}
    title, address = links[f"预算!{template_cell(BUDGET, 'final', 'expenditure_total')}"].replace("'", "").split("!")
    marked = book[title][address]
    assert marked.value == 123_456_789.12
    assert marked.fill.fgColor.rgb == "FFFFC7CE"


def test_identities_are_formulas_with_their_results(one: Checked, tmp_path: Path) -> None:
    path = result(tmp_path / "a.xlsx", one)
    rows = [row for row in sheet(path, "收支") if str(row[0]).startswith("决算数：本年支出合计＝基本支出")]
    left, right, difference, _, verdict = rows[0][1:6]
    assert (left, right, verdict) == (123_456_789.12, 859.16, "× 不符")
    assert difference == pytest.approx(left - right)


def test_summary_shows_every_file(several: Checked, tmp_path: Path) -> None:
    path = summary(tmp_path / "s.xlsx", several, {"00.xlsx": "结果/鹿泉区政协.xlsx", "01.xlsx": "../../etc#x"})
    listed = columns(path, "部门汇总", 5)
    assert listed["来源文件"] == several.d.workbooks["workbook"].tolist()
    assert listed["状态"] == [
        "待说明",  # its short sections are the others', word for word: N06
        "退回",
        "待说明",
        "待说明",
        "未读取",
    ]  # the third spends a thousandth of the others: B08
    final = several.d.budget[several.d.budget["key"] == "expenditure_total"]["final"].tolist()
    assert listed["本年支出合计"] == [*wan(final), ""]
    assert columns(path, "未报送与未读取", 1)["文件"] == ["坏0.xlsx"]
    cells = [cell for row in openpyxl.load_workbook(path)["部门汇总"].iter_rows() for cell in row if cell.hyperlink]
    assert [(cell.coordinate, cell.hyperlink.target) for cell in cells] == [
        (layout.cell(4, 2), "结果\\鹿泉区政协.xlsx")
    ]


def test_totals_are_formulas_with_their_results(several: Checked, tmp_path: Path) -> None:
    path = summary(tmp_path / "s.xlsx", several)
    projects = several.d.projects
    at = 3 + len(projects)
    rows, formulas = sheet(path, "项目汇总"), openpyxl.load_workbook(path)["项目汇总"]
    headers = rows[2]
    for header, key in (("全年预算数", "revised"), ("全年执行数", "executed")):
        assert rows[at][headers.index(header)] == projects[key].sum() / 1e6
        assert str(formulas.cell(at + 1, headers.index(header) + 1).value).startswith("=SUM(")
    assert rows[at][headers.index("执行率")] == projects["executed"].sum() / projects["revised"].sum()
    departments = sheet(path, "部门汇总")
    assert departments[8][departments[2].index("整体自评得分")] == 92.1
    overview = [value for row in sheet(path, "总览") for value in row]
    assert departments[8][departments[2].index("本年支出合计")] in overview
    assert any("占全部支出合计的" in str(value) for value in overview)


def test_text_stays_text(tmp_path: Path) -> None:
    departments = []
    for text in HOSTILE:
        entries = department(text)
        for key in ("name", "cause"):
            put(entries, PROJECTS, key, text, 5)
        put(entries, NARRATIVE, "overview", text)
        departments.append(entries)
    checked = run(tmp_path, departments)
    path = summary(tmp_path / "汇总.xlsx", checked, {name: f"结果/{name}" for name in checked.d.workbooks["workbook"]})
    paths = [path]
    for workbook, d in checked.d.split():
        findings = [each for each in checked.findings if each.workbook == workbook]
        paths.append(tmp_path / f"结果{workbook}")
        write_result(paths[-1], d, findings, grade(d, POLICY), POLICY)
    for each in paths:
        for page in openpyxl.load_workbook(each):
            for cell in (cell for row in page.iter_rows() for cell in row):
                if cell.data_type == "f":
                    assert not any(text in str(cell.value) for text in HOSTILE), cell.value
                assert (
                    cell.hyperlink is None or cell.hyperlink.location or str(cell.hyperlink.target).startswith("结果\\")
                )
    assert "=1+1" in columns(path, "项目汇总", 3)["项目名称"]


def test_long_text_is_cut_and_says_so() -> None:
    assert cell_text("x" * 40_000).endswith(CUT)
    assert len(cell_text("𠮷" * 20_000).encode("utf-16-le")) // 2 <= TEXT_LIMIT
    assert cell_text("a\x07b\x00c") == "abc"


def test_narrative_goes_on_in_further_rows(tmp_path: Path) -> None:
    text = "\n".join("存在的问题较多。" * (50 * number) for number in range(1, 8))
    assert "".join(pieces(text)).replace("\n", "") == text.replace("\n", "")
    entries = department("鹿泉区政协")
    put(entries, NARRATIVE, "problems", text)
    checked = run(tmp_path, [entries])
    rows = sheet(result(tmp_path / "a.xlsx", checked), "文字说明")
    shown_text = "".join(str(row[1]) for row in rows if str(row[0]).startswith("存在的问题"))
    assert shown_text.replace("\n", "") == text.replace("\n", "")


def test_empty_and_single_districts_are_written(tmp_path: Path) -> None:
    nobody = run(tmp_path, [])
    rows = sheet(summary(tmp_path / "n.xlsx", nobody), "总览")
    assert any("没有收到工作簿" in str(value) for row in rows for value in row)
    alone = run(tmp_path, [department("鹿泉区政协")])
    path = summary(tmp_path / "e.xlsx", alone)
    assert sheet(path, "总览")[0][0] == "石家庄市鹿泉区2023年度部门整体支出绩效自评汇总"
    assert sheet(path, "问题清单")[3][0] == "没有发现问题"
    assert sheet(result(tmp_path / "r.xlsx", alone), "问题")[3][0] == "没有发现问题"


def test_a_workbook_without_most_sheets_is_written(tmp_path: Path) -> None:
    path = tmp_path / "少.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(GENERAL.title)
    for field in GENERAL.fields:
        page.write_string(GENERAL.row(field.key) - 1, 0, field.title)
    book.close()
    d = read.read([("少.xlsx", path)], POLICY)
    findings = check(d, POLICY).findings
    write_result(tmp_path / "r.xlsx", d, findings, grade(d, POLICY), POLICY)
    assert "没有这张表" in str(sheet(tmp_path / "r.xlsx", "项目")[3][0])
    assert {each.severity for each in findings} >= {Severity.ERROR}


def numbers(path: Path) -> Iterator[tuple[str, str, float]]:
    """Every number of a workbook as its format shows it, with the width of its column or merged columns."""
    for page in openpyxl.load_workbook(path, data_only=True):
        joined = {area.coord.split(":")[0]: area for area in page.merged_cells.ranges}
        widths: dict[int, float] = {}
        for dimension in page.column_dimensions.values():
            widths |= dict.fromkeys(range(dimension.min, dimension.max + 1), dimension.width)
        for cell in (cell for row in page.iter_rows() for cell in row):
            if not isinstance(cell.value, int | float) or cell.alignment.shrink_to_fit:
                continue
            looks = {"#,##0.00": "money", "0.00%": "rate", "0.0%": "rate", "#,##0": "count", "0": "index"}
            area = joined.get(cell.coordinate)
            last = area.max_col if area else cell.column
            room = sum(widths.get(column, 8.43) for column in range(cell.column, last + 1))
            text = shown(looks.get(cell.number_format, "amount"), cell.value)
            yield f"{page.title}!{cell.coordinate} {text}", text, room


def test_no_number_is_wider_than_its_column(one: Checked, several: Checked, tmp_path: Path) -> None:
    for path in (result(tmp_path / "a.xlsx", one), summary(tmp_path / "s.xlsx", several)):
        narrow = [where for where, text, room in numbers(path) if width(text) + 1 > room]
        assert not narrow


def test_every_sheet_is_set_up_for_printing(one: Checked, several: Checked, tmp_path: Path) -> None:
    for path in (result(tmp_path / "a.xlsx", one), summary(tmp_path / "s.xlsx", several)):
        for page in openpyxl.load_workbook(path):
            wide = page.page_setup.orientation == "landscape" and path.name == "s.xlsx"
            assert page.page_setup.paperSize in ((8, 9) if wide else (9,))  # A3 for the wide tables of a summary
            assert page.sheet_properties.pageSetUpPr.fitToPage
            assert page.page_setup.fitToWidth in (None, 1)
            foot = "".join(
                each.text or "" for each in (page.oddFooter.left, page.oddFooter.center, page.oddFooter.right)
            )
            assert "第 &P 页" in foot.replace("&[Page]", "&P")


def test_another_program_computes_the_same(several: Checked, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("soffice is not installed: nothing here can recompute the formulas")
    path = summary(tmp_path / "s.xlsx", several)
    stripped = openpyxl.load_workbook(path)  # openpyxl drops the results, so that they must be computed anew
    stripped.save(tmp_path / "without.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "out"),
        str(tmp_path / "without.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    formulas, compared = openpyxl.load_workbook(path), 0
    for title in formulas.sheetnames:
        mine, theirs = sheet(path, title), sheet(tmp_path / "out" / "without.xlsx", title)
        for cell in (cell for row in formulas[title].iter_rows() for cell in row if cell.data_type == "f"):
            at = (cell.row - 1, cell.column - 1)
            ours, other = mine[at[0]][at[1]], theirs[at[0]][at[1]]
            if isinstance(ours, str):  # a verdict, or the difference of two blanks
                assert ours == other, f"{title}!{cell.coordinate}"
                continue
            assert math.isclose(float(ours), float(other), rel_tol=1e-12, abs_tol=1e-9), f"{title}!{cell.coordinate}"
            compared += 1
    assert compared > 20


def test_one_module_reaches_into_xlsxwriter() -> None:
    public = {"xlsxwriter", "xlsxwriter.exceptions", "xlsxwriter.format"}
    reaching = set()
    for path in Path(xlsxwriter_inside.__file__).parents[1].rglob("*.py"):
        names = set(re.findall(r"^(?:from|import) (xlsxwriter[.\w]*)", path.read_text(encoding="utf-8"), re.MULTILINE))
        reaching |= {path.name} if names - public else set()
    assert reaching == {"xlsxwriter_inside.py"}
