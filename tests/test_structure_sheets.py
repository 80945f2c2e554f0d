"""Sheets and cells as people change them: read as they are meant, or told."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import fill
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from structures import (
    FILE,
    After,
    ChangeAndCheck,
    after,  # noqa: F401 - fixtures
    put,
)

from evalxl import layout, library
from evalxl.cli.main import main
from evalxl.district.findings import Finding, Severity
from evalxl.intake import read as reading
from evalxl.intake.read import findings_list
from evalxl.outputs.returned import mark, write_findings_workbook
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings


@pytest.fixture
def after_surgery(tmp_path: Path, policy: Policy) -> Callable[[str, str, str], After]:
    """Replace, in the XML of one sheet of the good workbook, the cell at an address."""

    def operate(sheet: str, address: str, cell: str) -> After:
        path = fill(tmp_path / FILE, {})
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        pattern = re.compile(rb'<c r="%s"[^>]*?(?:/>|>.*?</c>)' % address.encode())
        assert pattern.search(parts[_PARTS[sheet]])
        parts[_PARTS[sheet]] = pattern.sub(cell.encode(), parts[_PARTS[sheet]], count=1)
        with zipfile.ZipFile(path, "w") as package:
            for name, content in parts.items():
                package.writestr(name, content)
        return After(path, policy)

    return operate


_PARTS = {
    "基本信息": "xl/worksheets/sheet2.xml",
    "预算": "xl/worksheets/sheet4.xml",
    "项目": "xl/worksheets/sheet5.xml",
}


Surgery = Callable[[str, str, str], After]


@pytest.mark.parametrize(("title", "written"), [("评价组", "评介组"), ("项目", "项日"), ("文字说明", "文字说眀")])
def test_a_misspelt_sheet_is_known_by_its_headers(after: ChangeAndCheck, title: str, written: str) -> None:
    def rename(book: Any) -> None:
        book[title].title = written

    assert after(rename).findings == [f"F01 {written}! 提示"]


def test_a_sheet_misspelt_beyond_recognition_is_asked_about(after: ChangeAndCheck) -> None:
    def rename(book: Any) -> None:
        book["评价组"].title = "评介组"
        book["评介组"]["B4"] = "名"

    result = after(rename)
    assert result.findings == ["F01 评价组!"]
    assert "《评价组》：缺少这张工作表；您是否指“评介组”。" in result.words


def test_a_workbook_of_something_else_is_not_a_report(tmp_path: Path) -> None:
    for name, titles in (("工资.xlsx", ["工资表"]), ("附件.xlsx", ["一", "二", "三", "四"])):
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title in titles:
            book.create_sheet(title).append(["序号", "姓名", "岗位工资", "合计"])
        book.save(tmp_path / name)
    found = library.check(tmp_path)
    assert [(each.rule, each.statement, each.fix) for each in found.findings] == [
        (
            "F12",
            f"文件“{tmp_path}/{name}”不是自评工作簿，里面是{words}，未读取。",
            "请用模板填好后报送；放错了的，移出收件夹。",
        )
        for name, words in (("工资.xlsx", "《工资表》"), ("附件.xlsx", "《一》、《二》、《三》等 4 张表"))
    ]


def test_a_second_copy_of_a_sheet_with_entries_is_an_error(after: ChangeAndCheck) -> None:
    def copy(book: Any) -> None:
        book.copy_worksheet(book["项目"]).title = "项目 (2)"

    result = after(copy)
    assert result.findings == ["F01 项目 (2)!"]
    assert "《项目 (2)》：也是《项目》表，其中的内容没有读取。" in result.words


def test_an_empty_copy_is_no_matter(after: ChangeAndCheck) -> None:
    def copy(book: Any) -> None:
        for title in ("项目", "评价组"):
            sheet = book.copy_worksheet(book[title])
            sheet.title = f"{title} (2)"
            sheet.delete_rows(5, 200)

    assert after(copy).findings == []


def test_a_continuation_without_headers_is_an_error(after: ChangeAndCheck) -> None:
    def continue_(book: Any) -> None:
        book.create_sheet("项目2")["B1"] = "第五个项目"

    assert after(continue_).findings == ["F01 项目2!"]


def test_two_departments_in_one_workbook_are_one_error(after: ChangeAndCheck) -> None:
    def second(book: Any) -> None:
        for title in ("基本信息", "单位", "预算", "项目"):
            book.copy_worksheet(book[title]).title = f"{title} (2)"
        book["基本信息 (2)"]["B5"] = "示范区体育局"

    result = after(second)
    assert result.findings == ["F01 基本信息 (2)!"]
    assert "一个工作簿里填了两个部门（示范区文化局、示范区体育局），只读取了前一个，" in result.words
    assert result.d.general["department"].to_list() == ["示范区文化局"]


def test_two_forms_of_one_department_are_an_error(after: ChangeAndCheck) -> None:
    def second(book: Any) -> None:
        book.copy_worksheet(book["基本信息"]).title = "基本信息副本"

    result = after(second)
    assert result.findings == ["F01 基本信息副本!"]
    assert "《基本信息》填了两张" in result.words


def test_a_cover_page_is_no_second_form(after: ChangeAndCheck) -> None:
    def cover(book: Any) -> None:
        page = book.create_sheet("封面", 0)
        page["A1"], page["A3"], page["B3"] = "2023年度部门整体支出绩效自评", "部门名称", "示范区文化局"

    assert after(cover).findings == []


@pytest.mark.parametrize(
    ("version", "findings", "words"),
    [
        ("2026.2", ["F01 填报说明!A2 提醒"], "模板是 2026.2 版，比本程序所用的 2026.1 版新"),
        ("2026.10", ["F01 填报说明!A2 提醒"], "比本程序所用的 2026.1 版新"),
        ("2025.3", ["F01 填报说明!A2 提示"], "比本程序所用的 2026.1 版旧，已按表头识别"),
        ("2026.1", [], ""),
    ],
)
def test_another_version_of_the_template_is_said(
    after: ChangeAndCheck, version: str, findings: list[str], words: str
) -> None:
    result = after(put(("填报说明", "A2", f"模板版本 {version}　用 Excel 或 WPS 填写。")))
    assert result.findings == findings
    assert words in result.words


def test_the_simpler_form_in_four_parts_is_read(tmp_path: Path, policy: Policy) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "收支预决算"
    for row in _FOUR_PARTS:
        sheet.append(row)
    path = tmp_path / FILE
    book.save(path)
    result = After(path, policy)
    assert (result.final("income_total"), result.final("expenditure_total")) == (859.16e6, 859.16e6)
    assert [each for each in result.findings if "收支预决算" in each] == [
        "F01 收支预决算! 提示",
        "F02 收支预决算!B2 提示",
    ]


_FOUR_PARTS = [
    ("附件3", "单位：万元"), ("项目", "金额"), ("收入合计", 859.16), ("其中：财政拨款", 859.16), ("事业", 0), ("其他", 0),
    ("支出合计", 859.16), ("其中：基本支出", 753.83), ("项目支出", 105.33), ("经营支出", 0), ("对附属单位补助支出", 0),
]  # fmt: skip


def test_the_year_of_another_report_is_an_error(after: ChangeAndCheck) -> None:
    assert after(put(("基本信息", "B8", 2022), ("预算", "A1", "2023年度部门整体支出绩效自评"))).findings == [
        "F07 基本信息!B8"
    ]


@pytest.mark.parametrize(
    ("cell", "value", "findings", "fen"),
    [
        ('<c r="D31" t="b"><v>1</v></c>', "TRUE", ["F03 预算!D31"], None),
        ('<c r="D31"><v>1e400</v></c>', "inf", ["F03 预算!D31"], None),
        ('<c r="D31"><v>NaN</v></c>', "nan", ["F03 预算!D31"], None),
        ('<c r="D31" t="inlineStr"><is><t>60_x000D_</t></is></c>', "60", ["F04 预算!D31 提示"], 60e6),
        (
            '<c r="D31" t="inlineStr"><is><r><t>6</t></r><r><t>0.5</t></r></is></c>',
            "60.5",
            ["F04 预算!D31 提示"],
            60.5e6,
        ),
        ('<c r="D31" t="inlineStr"><is><t>12.5万/年</t></is></c>', "12.5万/年", ["F03 预算!D31"], None),
        ('<c r="D31" t="inlineStr"><is><t>100 200</t></is></c>', "100 200", ["F05 预算!D31"], None),
        ('<c r="D31" t="inlineStr"><is><t>1.234,5</t></is></c>', "1.234,5", ["F05 预算!D31"], None),
        ('<c r="D31" t="inlineStr"><is><t>5²</t></is></c>', "5²", ["F03 预算!D31"], None),
    ],
)
def test_what_stands_in_an_amount_is_read_exactly_or_refused(
    after_surgery: Surgery, cell: str, value: str, findings: list[str], fen: float | None
) -> None:
    result = after_surgery("预算", "D31", cell)
    assert result.findings == findings
    assert f"“{value}”" in result.words
    final = result.final("procurement")
    assert final == fen if fen is not None else final != final


@pytest.mark.parametrize(
    ("value", "findings", "fen"),
    [
        (859.16, ["F04 预算!D31 提示"], 859.16e6),
        (12.5, ["F04 预算!D31 提示"], 12.5e6),
        (59.5, ["F03 预算!D31"], None),  # spreadsheets know a 29 February 1900, readers do not
        (45366, ["F03 预算!D31"], None),  # 2024-03-15: meant as a date, for all we know
        (0.5, ["F03 预算!D31"], None),  # the reader gives noon, for -0.5 too
    ],
)
def test_an_amount_caught_in_a_date_format_is_turned_back(
    after: ChangeAndCheck, value: float, findings: list[str], fen: float | None
) -> None:
    def catch(book: Any) -> None:
        book["预算"]["D31"] = value
        book["预算"]["D31"].number_format = "yyyy-mm-dd"

    result = after(catch)
    assert result.findings == findings
    final = result.final("procurement")
    assert final == fen if fen is not None else final != final


@pytest.mark.parametrize("rate", [0.95, 95, "95%", "９５％", "95"])
def test_a_rate_is_the_same_as_fraction_and_as_percentage(after: ChangeAndCheck, rate: object) -> None:
    result = after(put(("项目", "H5", rate)))
    assert result.d.projects["rate"].iloc[0] == pytest.approx(0.95)
    assert result.findings == ([] if rate == 0.95 else ["F04 项目!H5 提示"])
    assert rate == 0.95 or "读作：95.00%" in result.words


def test_a_long_code_typed_as_a_number_has_lost_digits_and_is_no_code(after: ChangeAndCheck) -> None:
    result = after(put(("项目", "C5", 130110199001011234), ("项目", "C6", 13011019900101)))
    assert result.findings == ["F05 项目!C5"]
    assert result.d.projects["code"].to_list()[:2] == ["", "13011019900101"]
    assert "只保留了前 15 位" in result.words


def test_text_in_several_styles_is_one_text(after: ChangeAndCheck) -> None:
    text = CellRichText("图书馆", TextBlock(InlineFont(b=True), "购书"), "经费")
    assert after(put(("项目", "B6", text))).findings == []


_CODES = ["#REF!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!", "#NAME?", "#VALUE!"]


_NEWER = ["#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#PYTHON!"]


@pytest.mark.parametrize("code", [*_CODES, *_NEWER])
def test_an_error_cell_is_never_a_blank(after_surgery: Surgery, code: str) -> None:
    result = after_surgery("预算", "D31", f'<c r="D31" t="e"><v>{code}</v></c>')
    assert result.findings == ["F09 预算!D31"]
    assert f"是错误值 {code}，按未填处理" in result.words


@pytest.mark.parametrize(
    ("edit", "findings", "listed"),
    [
        pytest.param({"预算!D22": 930}, ["F09 预算!D22 提示"], "（D22）"),
        pytest.param({"预算!D22": 930.03, "预算!D11": 955.62}, ["F09 预算!D11 提示", "B09 预算!D22 提示"], "（D11）"),
        ({"预算!D22": 931}, ["B01 预算!D22"], ""),  # wrong: the sum's own rule says so
        ({"项目!H5": 0.95}, [], ""),  # a rate is held against its amounts anyway (P03)
    ],
)
def test_a_formula_typed_over_with_its_own_result_is_told(
    tmp_path: Path, policy: Policy, edit: dict[str, object], findings: list[str], listed: str
) -> None:
    result = After(fill(tmp_path / FILE, edit), policy)
    assert result.findings == findings
    assert listed in result.words


def test_values_under_a_merge_are_not_read(after: ChangeAndCheck) -> None:
    def merge(book: Any) -> None:
        sheet = book["项目"]
        sheet.merge_cells("L5:L6")
        sheet._cells[6, 12] = openpyxl.cell.Cell(sheet, 6, 12, "合并前留下的字")  # as WPS leaves it

    result = after(merge)
    assert result.findings == ["F10 项目!L5 提示"]
    assert result.d.projects["measure"].iloc[1] == ""


def test_a_rule_that_asks_never_answers_itself(after: ChangeAndCheck) -> None:
    """A guess is words only: the table holds nothing of the misspelt column."""
    result = after(put(("项目", "D4", "实施单住")))
    assert set(result.d.projects["unit"]) == {""}


def test_without_the_form_amounts_are_in_the_unit_that_the_sheets_state(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        del book["基本信息"]
        book["预算"]["A3"] = "示范区文化局　金额单位：元"
        book["项目"]["A3"] = "示范区文化局"

    result = after(change)
    assert result.d.workbooks["money_unit"].to_list() == ["元"]
    assert result.final("expenditure_total") == 93_000  # 930.00 yuan
    assert {"F01 基本信息!", "F11 预算!A3 提示"} <= set(result.findings)


_FOUND = [  # with the labels of the form that it could be taken for
    Finding(
        f"{number:03}",
        "N01",
        Severity.WARNING,
        FILE,
        "文字说明",
        "",
        field.header,
        f"{field.header}没有写。",
        "请补写。",
    )
    for number, field in enumerate(layout.NARRATIVE.fields)
]


_FOUND[1] = replace(_FOUND[1], explanation="合同未到期。")


def _listing(path: Path, title: str = findings_list.TITLE) -> Path:
    """The list of findings as a workbook of its own, as we send it, with an explanation and the labels of the form."""
    write_findings_workbook(path, "文化局", FILE, _FOUND, "是旧格式（.xls），不能在原表上标注")
    book = openpyxl.load_workbook(path)
    book[findings_list.TITLE].title = title
    book.create_sheet("Sheet1")
    book.save(path)
    return path


@pytest.mark.parametrize("title", [findings_list.TITLE, "文字说明", "Sheet2"])
def test_a_list_of_findings_alone_is_no_department_and_its_explanations_are_kept(
    tmp_path: Path, policy: Policy, title: str
) -> None:
    result = After(_listing(tmp_path / "清单.xlsx", title), policy)
    notes = result.d.notes
    refused = notes[notes["kind"] == "unreadable"]
    assert refused[["raw", "value", "detail"]].values.tolist() == [
        ["answer", "是财政局发出的问题清单，不是工作簿", "其中的说明已读入；工作簿有改动的，请一并报回"]
    ]
    told = notes[notes["kind"] == "explanation"]
    assert told[["raw", "value", "detail"]].values.tolist() == [["001", "合同未到期。", _FOUND[1].evidence]]
    assert len(notes) == 2
    assert result.d.workbooks["readable"].to_list() == [False]
    assert result.d.narrative.empty
    assert result.findings == ["F12 ! 提示"]


def test_a_list_that_came_back_is_no_file_that_anybody_waits_for(tmp_path: Path, policy: Policy) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "文化局.xlsx", {})
    _listing(tmp_path / "in" / "清单.xlsx", "文字说明")
    done = batch.run(tmp_path / "in", tmp_path / "out", Settings(policy))
    assert done.exit_code == 0
    assert [(each.rule, each.severity.value, each.workbook, each.message) for each in done.outcome.findings] == [
        ("F12", "info", "清单.xlsx", "文件“清单.xlsx”是财政局发出的问题清单，不是工作簿，不算一份报送。")
    ]
    book = openpyxl.load_workbook(tmp_path / "out" / "汇总表.xlsx")
    texts = [str(cell.value) for sheet in ("总览", "未报送与未读取") for row in book[sheet].iter_rows() for cell in row]
    assert not [each for each in texts if "清单.xlsx" in each or "未能读取" in each or "非自评表" in each]
    assert "收到的工作簿全部通过。" in texts
    assert [cell.value for cell in book["核对"]["B"] if str(cell.value).endswith(".xlsx")] == [
        "文化局.xlsx",
        "清单.xlsx",
    ]


def test_the_closing_words_count_lists_that_came_back_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "文化局.xlsx", {})
    (tmp_path / "in" / "水利局.pdf").write_bytes(b"%PDF-1.7\n")
    for name in ("清单", "清单二"):
        _listing(tmp_path / "in" / f"{name}.xlsx", "文字说明")
    with pytest.raises(SystemExit) as ended:
        main(["run", str(tmp_path / "in"), str(tmp_path / "out")])
    said = capsys.readouterr().err
    assert ended.value.code == 3
    assert "共 2 个文件：通过 1，未读取 1。另有带着说明单独交回的问题清单 2 份。" in said
    assert "下一步：未读取的 1 个请部门重报；" in said
    assert "清单.xlsx" not in said
    assert "原命令加上 --previous " in said
    (
        tmp_path / "in" / "文化局.xlsx"
    ).unlink()  # of what is left nothing says its year: it would be refused as --previous
    with pytest.raises(SystemExit):
        main(["run", str(tmp_path / "in"), str(tmp_path / "none")])
    assert "放进收件夹替换旧的，原命令再运行。" in capsys.readouterr().err


@pytest.mark.parametrize("title", [findings_list.TITLE, "文字部分", "文字说明 (2)"])
def test_a_list_of_findings_is_never_taken_for_a_sheet_of_the_template(
    tmp_path: Path, policy: Policy, title: str
) -> None:
    without = title != "文字说明 (2)"
    path = fill(tmp_path / FILE, {})
    path.write_bytes(mark(path.read_bytes(), "示范区文化局", _FOUND))
    book = openpyxl.load_workbook(path)
    if without:
        del book["文字说明"]
    book[findings_list.TITLE].title = title
    book.save(path)
    result = reading.read([(FILE, path)], policy)
    assert result.narrative.empty == without
    missing = result.notes[result.notes["kind"].isin(["missing_sheet", "sheet_alias", "second_sheet"])]
    assert missing["label"].to_list() == (["文字说明"] if without and layout.NARRATIVE.required else [])
