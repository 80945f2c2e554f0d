"""What is honest and looks wrong to a program: every finding it gives, silence included, and what is read of it."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import TYPED, brief, fill
from forms import Cells, ods, xls
from structures import After
from submissions import (
    ChangeAndCheck,
    after,  # noqa: F401 - fixtures
    put,
)

from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings


@pytest.mark.parametrize(
    ("listed", "named"),
    [
        ("青少年成长中心", "青少年成⻓中⼼"),
        ("“十四五”规划编制", '"十四五"规划编制'),
        ("“十四五”规划编制", "「十四五」规划编制"),
        ("城乡环境——整治", "城乡环境-整治"),
        ("2022～2023年度养护", "2022-2023年度养护"),
        ("阿依古丽·工作室", "阿依古丽•工作室"),
        ("文化馆（二期）", "文化馆\u200b[二期]\ufeff"),
        ("图书馆购书经费", "13012120230001-图书馆购书经费"),
        ("图书馆购书经费", "13012123P00001410004X 图书馆购书经费"),
        ("[13012120230001]图书馆购书经费", "图书馆购书经费"),
        ("13012120230001图书馆购书经费", "图书馆购书经费"),
    ],
)
def test_a_name_written_otherwise_on_another_sheet_is_the_same_project(
    after: ChangeAndCheck, listed: str, named: str
) -> None:
    def change(book: Any) -> None:
        book["项目"]["B6"] = listed
        book["文字说明"]["B6"] = (
            "丰富馆藏，按计划购书并严格新书验收，吸引读者到馆，做好服务，使读者满意，全年购书不少于八千册。"
        )
        for row in range(5, 10):
            book["指标"].cell(row, 1).value = named

    result = after(change)
    assert result.findings == []
    assert result.d.indicators["project_key"].unique().tolist() == [result.d.projects["key"].iloc[1]]


def test_two_projects_that_differ_by_their_code_only_are_not_taken_for_one_another(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        book["项目"]["B5"], book["项目"]["B6"] = "130121202301-图书馆购书经费", "130121202302-图书馆购书经费"

    assert after(change).findings == ["I21 指标!A5 提醒"]


@pytest.mark.parametrize(
    "label", ['"三公"经费合计', "「三公」經費合計", "〝三公〞经费合计", "三公經費合計", "‘三公’经费合计"]
)
def test_a_line_is_known_whatever_its_quotation_marks(after: ChangeAndCheck, label: str) -> None:
    result = after(put("预算", {"A26": label}))
    assert result.findings == []
    assert result.final("three_public") == 12e6


def test_headers_in_traditional_characters_are_known(after: ChangeAndCheck) -> None:
    headers = {"B4": "項目名稱", "E4": "年初預算數", "G4": "全年執行數", "I4": "自評得分*", "J4": "評價等級"}
    result = after(put("项目", dict(headers)))
    assert result.findings == []
    assert result.d.projects["score"].to_list() == [94.5, 98, 79.5, 72]


def _as_percent(book: Any) -> None:
    for sheet, cells in {"基本信息": ["B11"], "项目": ["I5", "I6", "I7", "I8"]}.items():
        for cell in cells:
            book[sheet][cell] = book[sheet][cell].value / 100
            book[sheet][cell].number_format = "0.0%"


def test_scores_shown_as_per_cents_are_read_as_shown_and_told_once(after: ChangeAndCheck) -> None:
    result = after(_as_percent)
    assert result.findings == ["F04 基本信息!B11 提示"]
    assert "单元格显示的是 88.2%，读作：88.20；项目!I5 等 4 格也是这样。" in result.words
    assert result.d.projects["score"].to_list() == [94.5, 98, 79.5, 72]
    assert result.d.general["score"].to_list() == [88.2]


def test_weights_and_points_shown_as_per_cents_are_read_as_shown(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        for row in range(5, 10):
            for column in (9, 10):
                cell = book["指标"].cell(row, column)
                cell.value, cell.number_format = cell.value / 100, "0%"

    result = after(change)
    assert result.findings == ["F04 指标!I5 提示"]
    assert result.d.indicators["points"].to_list() == [10, 30, 20, 28, 10]


def test_a_score_of_one_point_is_one_point(after: ChangeAndCheck) -> None:
    result = after(put("项目", {"I8": 0.5, "J8": "较差"}))
    assert result.findings == []
    assert result.d.projects["score"].iloc[3] == 0.5


def test_points_in_a_cell_that_shows_per_cents_afterwards_are_points(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        book["基本信息"]["B11"].number_format = "0%"

    result = after(change)
    assert result.findings == []
    assert result.d.general["score"].to_list() == [88.2]


def test_a_score_typed_with_the_sign_is_that_many_points(after: ChangeAndCheck) -> None:
    result = after(put("项目", {"I5": "94.5%", "I6": "98％", "I7": "79.5 %", "I8": "72%"}))
    assert result.findings == ["F04 项目!I5 提示"]
    assert "单元格显示的是 94.5%，读作：94.50；项目!I6 等 3 格也是这样。" in result.words
    assert result.d.projects["score"].to_list() == [94.5, 98, 79.5, 72]


@pytest.mark.parametrize("rate", [95, "95%", "95", "９５％", "95.0 %"])
def test_a_rate_is_read_however_it_is_written(after: ChangeAndCheck, rate: object) -> None:
    result = after(put("项目", {"H5": rate}))
    assert result.findings == ["F04 项目!H5 提示"]
    assert result.d.projects["rate"].iloc[0] == 0.95


@pytest.mark.parametrize(
    "year",
    [
        dt.date(2023, 1, 1), dt.datetime(2023, 12, 31), "2023年", "2023年度", "二〇二三年", "二○二三年度", "2023.0", "２０２３",
        "2023-12-31", "2023年1-12月", "'2023", "2023 年 度", "贰零贰叁年",
    ],
)  # fmt: skip
def test_a_year_is_read_however_it_is_written(after: ChangeAndCheck, year: object) -> None:
    result = after(put("基本信息", {"B8": year}))
    assert result.findings == ["F04 基本信息!B8 提示"]
    assert result.d.workbooks["year"].to_list() == [2023]


@pytest.mark.parametrize("year", ["2022-2023", "2023、2024", "今年", "202", 20231231])
def test_what_is_no_one_year_is_asked_for(after: ChangeAndCheck, year: object) -> None:
    result = after(put("基本信息", {"B8": year}))
    assert result.findings == ["F03 基本信息!B8"]
    assert f"填的是“{year}”，不是一个年度。请填四位数的年度" in result.words


@pytest.mark.parametrize(
    ("name", "findings"),
    [
        ("鹿财绩〔2021〕12号 示范区文化局.xlsx", []),
        ("（2025）第3号_示范区文化局.xlsx", []),
        ("2021年第12号通知-示范区文化局2023年度.xlsx", []),
        ("示范区文化局2021.xlsx", ["F07 基本信息!B8"]),
        ("〔2023〕5号 示范区文化局2021年度.xlsx", ["F07 基本信息!B8"]),
    ],
)
def test_the_number_of_a_notice_is_no_year(tmp_path: Path, policy: Policy, name: str, findings: list[str]) -> None:
    path = fill(tmp_path / "a.xlsx", {})
    assert brief(check_files([(name, path)], Settings(policy)).findings) == findings


def _unnamed(*rows: int) -> dict[str, object]:
    return {f"A{row}": None for row in rows}


def test_a_name_merged_over_its_indicators_counts_for_each(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        sheet = book["指标"]
        for row in range(6, 10):
            sheet.cell(row, 1).value = None
        sheet.merge_cells("A5:A9")
        sheet["B7"] = None
        sheet.merge_cells("B6:B7")

    result = after(change)
    assert result.findings == ["F10 指标!A5 提示"]
    assert "数据区有 2 处竖向合并的文字（第 5 至 9、6 至 7 行），已按各行都填了同样的文字读取。" in result.words
    assert result.d.indicators["project"].to_list() == ["图书馆购书经费"] * 5
    assert result.d.indicators["level1"].to_list()[1:3] == ["产出指标"] * 2


def test_a_merge_that_reaches_below_the_last_indicator_makes_no_records(after: ChangeAndCheck) -> None:
    result = after(put("指标", _unnamed(6, 7, 8, 9), "A5:A30"))
    assert result.findings == ["F10 指标!A5 提示"]
    assert len(result.d.indicators) == 5


def test_a_weight_merged_over_indicators_counts_once(after: ChangeAndCheck) -> None:
    result = after(put("指标", {"I7": None}, "I6:I7"))
    assert result.findings == ["F10 指标!I6 提醒"]
    assert result.d.indicators["weight"].isna().to_list() == [False, False, True, False, False]


def test_a_workplace_merged_over_reviewers_counts_for_each(after: ChangeAndCheck) -> None:
    result = after(put("评价组", {"C6": "示范区财政局", "C7": None}, "C6:C7"))
    assert result.findings == ["F10 评价组!C6 提示"]
    assert result.d.reviewers["workplace"].to_list() == ["示范区文化局", "示范区财政局", "示范区财政局"]


def test_a_project_merged_over_two_rows_loses_no_money_and_is_told_once(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        sheet = book["项目"]
        for cell, value in {
            "D9": "示范区图书馆",
            "E8": 20,
            "F8": 25,
            "G8": 15,
            "E9": 20,
            "F9": 25,
            "G9": 15,
            "H9": 0.6,
        }.items():
            sheet[cell] = value
        for column in "BIJKL":
            sheet.merge_cells(f"{column}8:{column}9")

    result = after(change)
    assert result.findings == ["F10 项目!B8 提醒", "F10 项目!I8 提示"]
    assert result.d.projects["executed"].sum() == 280e6
    assert result.d.projects["name"].to_list()[3:] == ["群众文化活动"] * 2
    assert result.d.projects["score"].to_list()[3:] == [72, 72]


def test_unnamed_indicators_below_a_named_one_are_its_project_where_the_weights_say_so(after: ChangeAndCheck) -> None:
    result = after(put("指标", _unnamed(6, 7, 8, 9)))
    assert result.findings == ["F04 指标!A6 提示"]
    assert result.d.indicators["project"].to_list() == ["图书馆购书经费"] * 5


def test_unnamed_indicators_below_a_whole_project_are_the_departments(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        sheet = book["指标"]
        for row in range(10, 15):
            for column in range(2, 12):
                sheet.cell(row, column).value = sheet.cell(row - 5, column).value
        sheet["H10"], sheet["J10"], book["基本信息"]["B11"] = "93%", 9.3, 97.3

    result = after(change)
    assert result.findings == []
    assert result.d.indicators["project"].to_list() == ["图书馆购书经费"] * 5 + [""] * 5


@pytest.mark.parametrize("write", [xls, ods])
def test_merged_names_of_other_formats_count_for_each_row(
    tmp_path: Path, policy: Policy, write: Callable[[dict[str, Cells]], bytes]
) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed")
    form = write.__name__
    path = fill(tmp_path / "a.xlsx", TYPED)
    book = openpyxl.load_workbook(path)
    put("指标", _unnamed(6, 7, 8, 9), "A5:A9")(book)
    book.save(path)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(tmp_path / "out"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    result = After(tmp_path / "out" / f"a.{form}", policy)
    assert [each for each in result.findings if each != "F12 ! 提示"] == ["F10 指标!A5 提示"]
    assert result.d.indicators["project"].to_list() == ["图书馆购书经费"] * 5
