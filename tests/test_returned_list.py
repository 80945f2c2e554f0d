"""The list of findings in a returned copy: as it is read, printed, clicked through and read back."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from copies import INFO, RICH, WARNING, book, changed, filled, finding, grid, is_listed, plain, replacing, rich

from evalxl.district.findings import Change, Severity
from evalxl.intake.read import findings_list as words
from evalxl.outputs.returned import mark, write_findings_workbook

# What openpyxl cannot read is the very thing that must not be lost; parts are compared byte by byte as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

LISTED = [
    finding("预算!D22", expected="930.00", actual="903.00", difference="-27.00", change=Change.OPEN),
    finding("项目!C5", WARNING, change=Change.NEW, explanation="合同未到期。"),
    finding("", INFO, explanation="去年的原因。", lapsed=True),
]


def test_the_list_as_it_is_read(tmp_path: Path) -> None:
    rows = grid(mark(filled(tmp_path), "文化局", LISTED))
    assert rows[0][0] == "文化局绩效自评问题清单"
    assert rows[1][0] == "共 3 条：错误 1 条，提醒 1 条，提示 1 条。金额单位：万元。"
    assert [value for value in rows[4] if value] == [
        "序号", "级别", "规则", "位置", "行/栏目", "发现的问题", "怎样处理", "应为", "实为", "差额", "变化", "说明", words.ID,
        words.MARKED, words.FILL,
    ]  # fmt: skip
    found = "本年支出合计 859.61，各项之和 859.16。"
    assert [row[:12] for row in rows[5:]] == [
        [1.0, "错误", "B01", "预算!D22", "本年支出合计", found, "请核对。", "930.00", "903.00", "-27.00", "未改", ""],
        [2.0, "提醒", "B01", "项目!C5", "本年支出合计", found, "请核对。", "", "", "", "新增", "合同未到期。"],
        [3.0, "提示", "B01", "整本工作簿", "本年支出合计", found, "请核对。", "", "", "", "", ""],
    ]
    assert words.explanations(rows) == {LISTED[1].id: ("合同未到期。", LISTED[1].evidence)}


@pytest.mark.parametrize(
    ("severity", "lapsed", "explanation", "said"),
    [
        (WARNING, True, "去年的原因。", "未改；数据已变，原说明失效，请重写（原写：去年的原因。）"),
        (WARNING, False, "无", "未改；原说明没有写明原因，请重写（原写：无）"),
        (WARNING, False, "去年的原因。", "未改"),
        (INFO, True, "去年的原因。", "未改"),  # what is only told needs no answer
        (INFO, False, "无", "未改"),
    ],
)
def test_what_became_of_an_explanation(
    tmp_path: Path, severity: Severity, lapsed: bool, explanation: str, said: str
) -> None:
    one = finding("预算!D22", severity, change=Change.OPEN, explanation=explanation, lapsed=lapsed)
    rows = grid(mark(filled(tmp_path), "局", [one]))
    at = next(row for row in rows if "变化" in row).index("变化")
    assert rows[5][at] == said


def test_columns_without_anything_are_left_out(tmp_path: Path) -> None:
    headers = [value for value in grid(mark(filled(tmp_path), "局", [finding("预算!D22")]))[4] if value]
    assert headers == [
        "序号", "级别", "规则", "位置", "行/栏目", "发现的问题", "怎样处理", "说明", words.ID, words.MARKED, words.FILL,
    ]  # fmt: skip


def test_the_list_leads_to_the_cells_and_prints() -> None:
    data = mark(rich(), "局", RICH)
    sheet = book(data)["问题清单"]
    links = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links["预算!B5"] == "'预算'!B5"
    assert links["甲's 表!A1"] == "'甲''s 表'!A1"
    assert links["《预算》"] == "'预算'!A1"
    assert "没有这张表!A1" not in links
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        "landscape",
        9,
        True,
    )
    assert (sheet.page_setup.fitToHeight, sheet.print_title_rows, sheet.freeze_panes) == (0, "$5:$5", "A6")
    assert not sheet.protection.sheet
    hidden = [cell.value for cell in sheet[5] if sheet.column_dimensions[cell.column_letter].hidden]
    assert hidden[:1] == [words.ID]
    writing = next(cell for cell in sheet[5] if cell.value == "说明").column
    assert sheet.cell(6, writing).fill.fgColor.rgb == "FFFFF8DC"
    assert not sheet.cell(6, writing).protection.locked


def test_a_sheet_of_that_name_by_the_sender_stays() -> None:
    data = changed(plain(), replacing("xl/workbook.xml", ('name="表"', 'name="问题清单"')))
    assert not is_listed(data)
    once = mark(data, "局", [finding("问题清单!B3")])
    assert book(once).sheetnames == ["问题清单（2）", "问题清单"]
    assert is_listed(once)
    assert mark(once, "局", [finding("问题清单!B3")]) == once


def test_explanations_come_back_and_other_sheets_have_none(tmp_path: Path) -> None:
    data = mark(filled(tmp_path), "局", [replace(each, explanation="") for each in LISTED])
    assert is_listed(data)
    workbook = book(data)
    sheet = workbook["问题清单"]
    writing = next(cell for cell in sheet[5] if cell.value == "说明").column
    sheet.cell(7, writing).value = " 合同约定\n次年支付 "
    stream = io.BytesIO()
    workbook.save(stream)
    assert words.explanations(grid(stream.getvalue())) == {LISTED[1].id: ("合同约定\n次年支付", LISTED[1].evidence)}
    assert words.explanations(grid(data, "预算")) == {}
    assert not words.is_findings_sheet([["序号", "说明"]])
    assert not words.is_findings_sheet([])


HOSTILE = [
    "=1+1",
    "</t></is></c>",
    "<&>'\"]]>",
    "甲\x00\x07乙",
    "_x0041_",
    "长" * 40_000,
    "𝒜" * 20_000,
    "x" * 5_000,
    "【核对意见完】尾",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_any_text_survives(text: str) -> None:
    hostile = finding("表!B3", message=f"起{text}止", fix=text, explanation=text)
    data = mark(plain(), text, [hostile])
    assert mark(data, text, [hostile]) == data
    said = grid(data)[5][5]
    assert said.startswith("起")
    assert len(said.encode("utf-16-le")) // 2 <= 32_767
    note = book(data)["表"]["B3"].comment.text
    assert note.endswith("【核对意见完】")
    assert len(note.encode("utf-16-le")) // 2 <= 32_767
    if len(text) < 100:
        kept = text.replace("\x00", "").replace("\x07", "").replace("_x0041_", "").replace("\ud800", "")
        assert said == f"起{kept}止"
    assert book(mark(data, "局", []))["表"]["B3"].comment is None
    for row in book(data)["问题清单"].iter_rows():
        assert all(cell.data_type != "f" for cell in row)


def test_the_list_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    for _ in range(2):
        write_findings_workbook(path, "文化局", "=报送.xls", LISTED, "是旧格式（.xls），不能在原表上标注")
        first = path.read_bytes()
    assert first == path.read_bytes()
    rows = grid(first)
    assert rows[1][0] == (
        "报送的工作簿“=报送.xls”是旧格式（.xls），不能在原表上标注，因此只列出问题清单。"
        "请对照“位置”在原工作簿中改正后，连同本清单一并报回；本清单请改名，如“问题清单.xlsx”，不要与工作簿同名。"
    )
    assert [row[3] for row in rows[6:]] == ["预算!D22", "项目!C5", "整本工作簿"]
    assert words.explanations(rows) == {LISTED[1].id: ("合同未到期。", LISTED[1].evidence)}
    assert is_listed(first)
