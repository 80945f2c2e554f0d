"""What people do to the structure of a workbook: every finding it gives, and what is read in spite of it."""

from __future__ import annotations

from typing import Any

import pytest
from structures import (
    FILE,
    ChangeAndCheck,
    after,  # noqa: F401 - a fixture
    put,
)


def test_a_blank_row_among_the_records_is_passed_over(after: ChangeAndCheck) -> None:
    result = after(lambda book: book["项目"].insert_rows(7, 2))
    assert result.findings == []
    assert result.d.projects["row"].to_list() == [5, 6, 9, 10]


def test_a_deleted_line_is_named_beside_the_total_it_spoils(after: ChangeAndCheck) -> None:
    result = after(lambda book: book["预算"].delete_rows(20))  # 经营支出, nil
    assert result.findings == ["F02 预算! 提示"]
    assert "缺少这些行：经营支出，按没有填报处理" in result.words


def test_without_a_total_nothing_is_checked_and_that_is_said(after: ChangeAndCheck) -> None:
    result = after(lambda book: book["预算"].delete_rows(22))
    assert result.findings == ["F02 预算! 提醒"]
    assert "缺少合计行（本年支出合计）" in result.words


@pytest.mark.parametrize(
    "word", ["合计", "合  计", "合计：", "总计", "总 计", "共计", "合计（万元）", "小计", "本页小计"]
)
@pytest.mark.parametrize("column", ["A", "B", "D"])
def test_a_hand_typed_total_is_no_project(after: ChangeAndCheck, word: str, column: str) -> None:
    result = after(put(("项目", f"{column}9", word), ("项目", "G9", 280), ("项目", "H9", None)))
    assert result.findings == []
    assert len(result.d.projects) == 4


def test_a_hand_typed_total_is_held_against_the_sum_and_a_subtotal_is_not(after: ChangeAndCheck) -> None:
    cells = [("项目", "B9", "小计"), ("项目", "G9", 194), ("项目", "B10", "合计"), ("项目", "G10", 281)]
    assert after(put(*cells, ("项目", "H9", None), ("项目", "H10", None))).findings == ["P02 项目!G10"]


def test_a_total_of_people_is_no_unit_and_no_reviewer(after: ChangeAndCheck) -> None:
    result = after(put(("单位", "B9", "合计"), ("单位", "E9", 60), ("评价组", "A9", "共计"), ("评价组", "C9", "3人")))
    assert result.findings == []
    assert (len(result.d.units), len(result.d.reviewers)) == (2, 3)


def test_a_table_that_starts_lower_and_further_right_is_found(after: ChangeAndCheck) -> None:
    def move(book: Any) -> None:
        for title in ("单位", "预算", "项目", "评价组"):
            book[title].insert_rows(1, 5)
            book[title].insert_cols(1, 3)

    result = after(move)
    assert result.findings == []
    assert result.d.cell(FILE, "projects", "score", 10) == ("项目", "L10")


def test_a_header_in_two_rows_is_read_whole(after: ChangeAndCheck) -> None:
    def split(book: Any) -> None:
        sheet = book["项目"]
        sheet.insert_rows(5)
        for column in (5, 6, 7):  # 年初预算数 全年预算数 全年执行数, below one heading
            sheet.cell(5, column).value, sheet.cell(4, column).value = sheet.cell(4, column).value, None
        sheet.cell(4, 5).value = "预算执行情况"

    result = after(split)
    assert result.findings == []
    assert result.d.projects["executed"].sum() == 280e6
    assert result.d.cell(FILE, "projects", "executed", 6) == ("项目", "G6")


def test_a_form_whose_values_stand_two_columns_away_is_read(after: ChangeAndCheck) -> None:
    result = after(lambda book: book["基本信息"].insert_cols(2))
    assert result.findings == []
    assert result.d.cell(FILE, "general", "department", 0) == ("基本信息", "C5")


@pytest.mark.parametrize(
    ("cell", "written", "meant"),
    [("B4", "项日名称", "项目名称"), ("I4", "自评得份", "自评得分")],
)
def test_a_misspelt_required_header_is_missing_and_asked_about(
    after: ChangeAndCheck, cell: str, written: str, meant: str
) -> None:
    result = after(put(("项目", cell, written)))
    assert [each for each in result.findings if each.startswith("F")] == ["F02 项目!"]
    assert f"《项目》 {meant}：缺少这个必填表头；您是否指“{written}”。" in result.words


def test_a_misspelt_optional_header_over_entries_is_asked_about(after: ChangeAndCheck) -> None:
    result = after(put(("项目", "D4", "实施单住")))
    assert result.findings == ["F02 项目!D4 提醒"]
    assert "不是模板的表头，其中的内容没有读取；您是否指“实施单位”" in result.words


@pytest.mark.parametrize("header", ["备注", "资金来源", "是否公开"])
def test_a_header_like_no_other_is_a_column_of_the_departments_own(after: ChangeAndCheck, header: str) -> None:
    assert after(put(("单位", "G4", header), ("单位", "G5", "是"))).findings == []


@pytest.mark.parametrize(
    ("cell", "written", "findings", "meant"),
    [("A8", "评价年庹", ["F02 基本信息!"], "评价年庹"), ("A13", "填报入", ["F02 基本信息!A13 提醒"], "填报人")],
)
def test_a_misspelt_label_of_a_form_is_asked_about(
    after: ChangeAndCheck, cell: str, written: str, findings: list[str], meant: str
) -> None:
    result = after(put(("基本信息", cell, written)))
    assert result.findings == findings
    assert f"您是否指“{meant}”" in result.words


def test_a_misspelt_line_is_not_counted_and_asked_about(after: ChangeAndCheck) -> None:
    result = after(put(("预算", "A31", "政府釆购支出")))
    assert result.findings == ["F02 预算!B31 提醒"]
    assert "未计入；您是否指“政府采购支出”" in result.words


def test_units_in_headers_are_understood(after: ChangeAndCheck) -> None:
    cells = [("预算", f"{column}4", f"{header}（万元）") for column, header in zip("BCD", _BUDGET_HEADERS, strict=True)]
    result = after(put(*cells))
    assert result.findings == []
    assert result.final("expenditure_total") == 930e6


_BUDGET_HEADERS = ("年初预算数", "全年预算数", "决算数")
