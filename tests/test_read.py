"""Reading: what people do to sheets, and what the tables then hold; what had to be done is noted."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import TYPED, brief, fill

from evalxl.district.tables import District
from evalxl.intake import read as reading
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings

Change = Callable[[Any], None]
Reread = Callable[[Change], tuple[District, list[str]]]


@pytest.fixture
def reread(tmp_path: Path, policy: Policy) -> Reread:
    """The good workbook changed with openpyxl, as a program or a person would, and what is then read and found.

    openpyxl keeps no results of formulas, so the totals are typed in first.
    """

    def change_and_read(change: Change) -> tuple[District, list[str]]:
        path = fill(tmp_path / "示范区文化局.xlsx", TYPED)
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        sources = [(path.name, path)]
        return reading.read(sources, policy), brief(check_files(sources, Settings(policy)).findings)

    return change_and_read


def _final(d: District, line: str) -> float:
    return float(d.budget[d.budget["key"] == line]["final"].iloc[0])


def test_amounts_are_whole_fen_and_rows_are_those_of_the_sheet(tmp_path: Path, policy: Policy) -> None:
    path = fill(tmp_path / "w.xlsx", {})
    d = reading.read([("w.xlsx", path)], policy)
    assert _final(d, "income_total") == 955_620_000
    assert d.projects[["row", "name", "executed", "score", "grade_standard"]].values.tolist() == [
        [5, "公共文化服务体系建设", 114e6, 94.5, "优秀"],
        [6, "图书馆购书经费", 80e6, 98, "优秀"],
        [7, "文物保护维修", 56e6, 79.5, "良好"],
        [8, "群众文化活动", 30e6, 72, "一般"],
    ]
    assert d.units["key"].to_list() == ["示范区文化局", "示范区图书馆"]
    assert d.workbooks["year"].to_list() == [2023]
    assert d.notes["kind"].unique().tolist() == ["title_year"]


def test_inserted_rows_move_nothing(reread: Reread) -> None:
    def insert(book: Any) -> None:
        for title in ("基本信息", "单位", "预算", "项目", "指标", "评价组", "文字说明"):
            book[title].insert_rows(1, 3)

    d, findings = reread(insert)
    assert findings == []
    assert _final(d, "expenditure_total") == 930e6


def test_moved_columns_are_found_by_their_header(reread: Reread) -> None:
    def swap(book: Any) -> None:
        sheet = book["项目"]
        for row in range(4, 9):
            sheet.cell(row, 7).value, sheet.cell(row, 9).value = sheet.cell(row, 9).value, sheet.cell(row, 7).value

    d, findings = reread(swap)
    assert findings == []
    assert d.projects["score"].to_list() == [94.5, 98, 79.5, 72]
    assert d.cell("示范区文化局.xlsx", "projects", "score", 5) == ("项目", "G5")


def test_extra_sheets_and_columns_are_passed_over(reread: Reread) -> None:
    def add(book: Any) -> None:
        book.create_sheet("附件", 0)["A1"] = "项目名称"
        book["单位"]["I4"] = "备注"
        book["单位"]["I5"] = "撤并中"

    assert reread(add)[1] == []


@pytest.mark.parametrize(("old", "new"), [("单位", "单位 "), ("预算", "收支预决算"), ("评价组", "工作组名册")])
def test_a_renamed_sheet_is_recognised_and_said_so(reread: Reread, old: str, new: str) -> None:
    def rename(book: Any) -> None:
        book[old].title = new

    assert reread(rename)[1] == [f"F01 {new}! 提示"]


@pytest.mark.parametrize("name", ["units", "budget", "projects", "reviewers"])
def test_english_sheet_names_are_accepted(reread: Reread, name: str) -> None:
    titles = {"units": "单位", "budget": "预算", "projects": "项目", "reviewers": "评价组"}

    def rename(book: Any) -> None:
        book[titles[name]].title = name

    assert reread(rename)[1] == []


@pytest.mark.parametrize("title", ["基本信息", "单位", "预算", "项目", "评价组", "文字说明"])
def test_a_missing_sheet_is_one_finding(reread: Reread, title: str) -> None:
    def remove(book: Any) -> None:
        del book[title]

    expected = [f"F01 {title}!"]
    if title == "单位":
        expected = ["F01 单位!"]
    assert reread(remove)[1] == expected


def test_a_header_with_breaks_and_units_is_understood(reread: Reread) -> None:
    def decorate(book: Any) -> None:
        book["项目"]["F4"] = "全年\n预算数（万元）"

    assert reread(decorate)[1] == ["F02 项目!F4 提示"]


def test_a_header_twice_is_an_error_and_read_from_neither(reread: Reread) -> None:
    def double(book: Any) -> None:
        book["预算"]["H4"] = "决算数"

    d, findings = reread(double)
    assert findings == ["F02 预算!D4"]
    assert math.isnan(_final(d, "basic"))


def test_a_hand_typed_total_and_a_footnote_are_no_projects(reread: Reread) -> None:
    def add(book: Any) -> None:
        book["项目"]["B9"], book["项目"]["G9"] = "合  计", 280
        book["项目"]["B11"] = "注：以上金额单位为万元。"

    d, findings = reread(add)
    assert findings == []
    assert len(d.projects) == 4


def test_an_unknown_budget_line_with_money_is_named(reread: Reread) -> None:
    def add(book: Any) -> None:
        book["预算"]["A33"], book["预算"]["D33"] = "债务还本支出", 12

    assert reread(add)[1] == ["F02 预算!D33 提醒"]


def test_a_budget_line_twice_is_an_error(reread: Reread) -> None:
    def add(book: Any) -> None:
        book["预算"]["A33"], book["预算"]["D33"] = "基本支出", 12

    assert reread(add)[1] == ["F02 预算!A33"]


def test_formulas_without_results_are_added_up_here_and_said_once(tmp_path: Path, policy: Policy) -> None:
    path = fill(tmp_path / "w.xlsx", {})
    openpyxl.load_workbook(path).save(path)
    sources = [("w.xlsx", path)]
    assert brief(check_files(sources, Settings(policy)).findings) == ["F09 预算!B11 提示", "F09 项目!H5 提示"]
    d = reading.read(sources, policy)
    assert _final(d, "income_grand") == 1000e6
    assert d.projects["rate"].to_list() == pytest.approx([0.95, 1, 56 / 90, 0.6])


def test_a_formula_of_ones_own_without_result_is_an_error(reread: Reread) -> None:
    def write(book: Any) -> None:
        book["预算"]["D15"] = "=520+130"

    assert reread(write)[1] == ["F09 预算!D15"]


@pytest.mark.parametrize("code", ["#REF!", "#DIV/0!", "#N/A", "#VALUE!"])
def test_an_error_cell_is_no_blank(reread: Reread, code: str) -> None:
    def write(book: Any) -> None:
        book["预算"]["D31"] = code
        book["预算"]["D31"].data_type = "e"

    assert reread(write)[1] == ["F09 预算!D31"]


def test_a_formula_reading_another_file_is_an_error(reread: Reread) -> None:
    def write(book: Any) -> None:
        book["预算"]["D31"] = "=[1]决算!A1"

    assert reread(write)[1] == ["F09 预算!D31"]


def test_two_units_of_money_in_one_workbook_are_an_error_and_the_nearer_one_is_followed(reread: Reread) -> None:
    def write(book: Any) -> None:
        book["预算"]["D4"] = "决算数（元）"
        for (cell,) in book["预算"]["D5:D31"]:
            cell.value = cell.value * 10_000 if isinstance(cell.value, int | float) else cell.value

    d, findings = reread(write)
    assert findings == ["F11 预算!D4"]
    assert (_final(d, "expenditure_total"), _final(d, "procurement")) == (930e6, 60e6)


def test_another_year_in_the_title_is_an_error(reread: Reread) -> None:
    def write(book: Any) -> None:
        book["预算"]["A1"] = "2022年度部门整体支出绩效自评"

    assert reread(write)[1] == ["F07 基本信息!B8"]


def test_hidden_rows_and_columns_and_merged_cells_are_named(reread: Reread) -> None:
    def veil(book: Any) -> None:
        book["项目"].row_dimensions[7].hidden = True
        book["项目"].row_dimensions[60].hidden = True  # blank: nobody's business
        book["单位"].column_dimensions["F"].hidden = True
        book["评价组"].merge_cells("C5:C6")

    d, findings = reread(veil)
    assert findings == ["F10 单位! 提醒", "F10 项目!A7 提醒", "F10 评价组!C5 提示", "R06 评价组!C5 提示"]
    assert len(d.projects) == 4


def test_a_hidden_sheet_with_data_is_named_and_the_templates_own_is_not(reread: Reread) -> None:
    def hide(book: Any) -> None:
        assert book["列表"].sheet_state == "hidden"
        book["评价组"].sheet_state = "hidden"

    assert reread(hide)[1] == ["F10 评价组! 提醒"]


def _indicators(*rows: tuple[str, float]) -> dict[str, object]:
    edit: dict[str, object] = {}
    for number, (project, weight) in enumerate(rows, 5):
        cells = {"A": project or None, "B": "产出指标", "D": f"指标{number}", "I": weight, "J": weight}
        edit |= {f"指标!{column}{number}": value for column, value in cells.items()}
    return edit


@pytest.mark.parametrize(
    ("rows", "read_as"),
    [
        ([("", 60), ("", 40), ("甲", 70), ("甲", 30), ("甲", 0)], ["", "", "甲", "甲", "甲"]),
        ([("", 60), ("", 40), ("甲", 70), ("", 20), ("", 10)], ["", "", "甲", "甲", "甲"]),
        ([("", 60), ("", 30), ("甲", 70), ("", 20), ("", 10)], ["", "", "甲", "甲", "甲"]),
    ],
)
def test_indicators_above_all_names_are_of_the_department(
    tmp_path: Path, policy: Policy, rows: list[tuple[str, float]], read_as: list[str]
) -> None:
    d = reading.read([("a.xlsx", fill(tmp_path / "a.xlsx", _indicators(*rows)))], policy)
    assert d.indicators["project"].tolist() == read_as
    told = d.notes[d.notes["kind"] == "names_continued"]
    assert told["value"].tolist() == (["2"] if rows[3][0] == "" else [])
    assert set(told["raw"]) <= {"甲"}
