"""What is no record, no result and no submission, and is accused of nothing."""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import BLANK, brief, fill
from forms import HEAD, TAIL, Cells, ods, ods_of, record, table, workbook, xls, zipped
from python_calamine import CalamineWorkbook
from structures import FILE, After
from submissions import (
    ChangeAndCheck,
    after,  # noqa: F401 - fixtures
    put,
)

from evalxl import library
from evalxl.bureau.ledger import read_ledger
from evalxl.bureau.rechecks import read_rechecks
from evalxl.bureau.roster import read_roster
from evalxl.district.tables import Bureau
from evalxl.intake import read as reading
from evalxl.intake.inbox import inventory
from evalxl.intake.probe import Unreadable, Veil, probe
from evalxl.intake.read.signatures import PICTURE
from evalxl.policy import policy as policies
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.template import build
from evalxl.template.roster import roster_blank
from evalxl.transfer.prefill import prefill
from evalxl.values.errors import UsageError


@pytest.mark.parametrize("nothing", [0, "0", "-", "—", "/", "0.00", "无"])
def test_rows_of_nothing_dragged_down_are_one_hint(after: ChangeAndCheck, nothing: object) -> None:
    rows = {f"{column}{row}": nothing for row in (9, 10, 12) for column in "EFGI"}
    result = after(put("项目", rows | {f"A{row}": row - 4 for row in range(9, 40)}))
    assert result.findings == ["F04 项目!B9 提示"]
    assert "第 9 至 10、12 行没有名称，只有 0、短横或“无”，按空行处理。" in result.words
    assert len(result.d.projects) == 4


def test_formulas_that_fetch_blanks_leave_zeros_for_names_too(after: ChangeAndCheck) -> None:
    result = after(put("单位", {f"{column}{row}": 0 for row in range(7, 30) for column in "BCDEF"}))
    assert result.findings == ["F04 单位!B7 提示"]
    assert len(result.d.units) == 2


def test_a_named_project_of_zeros_is_a_project(after: ChangeAndCheck) -> None:
    row = {"B9": "应急维修", "D9": "示范区图书馆", "E9": 0, "F9": 0, "G9": 0, "H9": None}
    assert after(put("项目", dict(row))).findings == ["S06 项目!I9"]


def test_money_without_a_name_is_no_empty_row(after: ChangeAndCheck) -> None:
    result = after(put("项目", {"E9": 0, "F9": 0, "G9": 0.01, "H9": None}))
    assert result.findings == ["P01 项目!B9", "P05 项目!F9", "S06 项目!I9"]


_FOOTNOTES: list[dict[str, object]] = [
    {"B10": "注：1.本表金额单位为万元", "B11": "2.执行率自动计算。", "B12": "（3）没有的填 0"},
    {"A10": "说明：本表由财务科填写"},
    {"B10": "单位负责人（签字）：张三", "E10": "填表人：李四", "I10": "2024年3月1日"},
    {"B10": "填表人：", "C10": "李四", "E10": "联系电话：", "F10": "0311-00000000"},
    {"B10": "审核人：王五"},
]


@pytest.mark.parametrize("row", _FOOTNOTES)
def test_a_footnote_is_no_project(after: ChangeAndCheck, row: dict[str, object]) -> None:
    result = after(put("项目", row | {f"H{number}": None for number in range(9, 14)}))
    assert result.findings == []
    assert len(result.d.projects) == 4


@pytest.mark.parametrize(
    "name", ["审核一体化平台建设", "注册会计师行业管理", "说明牌更换", "负责人培训", "合计划生育奖励", "备注系统"]
)
def test_a_project_that_begins_like_a_footnote_is_a_project(after: ChangeAndCheck, name: str) -> None:
    assert after(put("项目", {"B9": name, "H9": None})).findings == ["S06 项目!I9"]


def test_a_project_with_money_is_never_a_footnote(after: ChangeAndCheck) -> None:
    row: dict[str, object] = {"B8": "审核：群众文化活动"}
    result = after(put("项目", row))
    assert result.findings == []
    assert result.d.projects["executed"].sum() == 280e6


@pytest.mark.parametrize("heading", ["项目合计", "合计（4 个项目）", "总　计", "合計", "全部合计："])
def test_a_total_is_held_against_the_projects(after: ChangeAndCheck, heading: str) -> None:
    row: dict[str, object] = {"B9": heading, "E9": 309.38, "F9": 340, "G9": 281, "H9": None}
    assert after(put("项目", row)).findings == ["P02 项目!G9"]


def test_a_sheet_of_indicators_without_any_result_is_one_error(after: ChangeAndCheck) -> None:
    result = after(put("指标", {f"{column}{row}": None for row in range(6, 10) for column in "HJ"}))
    assert result.findings == ["I04 指标!H6"]
    assert "《指标》的 4 项指标都没有实际完成值，也没有得分。" in result.words


def test_a_column_of_results_that_is_not_there_is_one_error(after: ChangeAndCheck) -> None:
    result = after(put("指标", {f"H{row}": None for row in range(4, 10)}))
    assert result.findings == ["I04 指标!"]
    assert "《指标》的 4 项指标都没有实际完成值，却有得分。" in result.words


def test_a_misspelt_column_of_results_is_asked_about_only(after: ChangeAndCheck) -> None:
    assert after(put("指标", {"H4": "实际完戍值"})).findings == ["F02 指标!H4 提醒"]


def test_one_indicator_without_result_and_points_is_a_warning(after: ChangeAndCheck) -> None:
    assert after(put("指标", {"H7": None, "J7": None})).findings == ["I04 指标!H7 提醒"]


_UNSIGNED: dict[str, object] = {f"F{row}": None for row in (5, 6, 7)}


def _undated(book: Any) -> None:
    book["基本信息"]["B15"] = None
    put("评价组", _UNSIGNED)(book)


def test_who_neither_signed_nor_dated_is_told(after: ChangeAndCheck) -> None:
    assert after(_undated).findings == ["R07 评价组!F5 提示"]


@pytest.mark.parametrize(
    "formula", ['=DISPIMG("ID_1",1)', '=_xlfn.DISPIMG("ID_1",1)', '=IMAGE("https://x/y.png")', "#NAME?"]
)
def test_a_picture_in_the_cell_is_a_signature(after: ChangeAndCheck, formula: str) -> None:
    def change(book: Any) -> None:
        _undated(book)
        book["评价组"]["F5"] = formula

    result = after(change)
    assert result.findings == []
    assert result.d.reviewers["signature"].to_list() == [PICTURE, "", ""]


def _drawing(first: tuple[int, int], last: tuple[int, int]) -> bytes:
    corners = "".join(
        f"<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{row}</xdr:row></xdr:{name}>"
        for name, (row, column) in (("from", first), ("to", last))
    )
    return (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">'
        f"<xdr:twoCellAnchor>{corners}<xdr:pic/></xdr:twoCellAnchor></xdr:wsDr>"
    ).encode()


@pytest.mark.parametrize(
    ("first", "last", "signed"),
    [((4, 5), (5, 6), [PICTURE, PICTURE, ""]), ((3, 4), (6, 5), [PICTURE] * 3), ((4, 0), (6, 1), ["", "", ""])],
)
def test_a_picture_over_the_column_is_a_signature(
    tmp_path: Path, policy: Policy, first: tuple[int, int], last: tuple[int, int], signed: list[str]
) -> None:
    path = fill(tmp_path / FILE, {"基本信息!B15": BLANK} | {f"评价组!{cell}": BLANK for cell in _UNSIGNED})
    part = probe(path).parts["评价组"]
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/drawings/drawing1.xml", _drawing(first, last))
        package.writestr(
            part.replace("worksheets/", "worksheets/_rels/") + ".rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Target="../drawings/drawing1.xml" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing"/></Relationships>',
        )
    result = After(path, policy)
    assert result.d.reviewers["signature"].to_list() == signed
    assert result.findings == ([] if any(signed) else ["R07 评价组!F5 提示"])


@pytest.mark.parametrize("height", [0.01, 0.75, 1.5])
def test_a_row_without_height_is_hidden(after: ChangeAndCheck, height: float) -> None:
    def change(book: Any) -> None:
        book["项目"].row_dimensions[8].height = height
        book["项目"].row_dimensions[60].height = height  # blank: nobody's business

    assert after(change).findings == ["F10 项目!A8 提醒"]


def test_rows_and_columns_without_extent_are_hidden_in_every_format(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    columns = b'<cols><col min="2" max="3" width="0" customWidth="1"/><col min="4" max="4" width="9.5"/></cols>'
    body = b'<row r="1" ht="0" customHeight="1"><c r="A1"><v>1</v></c></row><row ht="1.5" r="2"/><row r="3" ht="10"/>'
    path.write_bytes(workbook(HEAD.replace(b"<sheetData>", columns + b"<sheetData>") + body + TAIL))
    assert probe(path).veils == {"预算": Veil(rows=frozenset({1, 2}), columns=frozenset({2, 3}))}
    flat_row = record(0x0208, struct.pack("<6HI", 0, 0, 1, 20, 0, 0, 0x140))
    flat_column = record(0x007D, struct.pack("<6H", 1, 2, 0, 0, 0, 0))
    path.write_bytes(xls({"预算": [[1.0, 2.0, 3.0]]}, extra=flat_row + flat_column))
    assert probe(path).veils == {"预算": Veil(rows=frozenset({1}), columns=frozenset({2, 3}))}
    styles = (
        '<style:style style:name="r"><style:table-row-properties style:row-height="0cm"/></style:style>'
        '<style:style style:name="c"><style:table-column-properties style:column-width="0.02in"/></style:style>'
    )
    cells = '<table:table-column/><table:table-column table:style-name="c"/><table:table-row table:style-name="r">'
    one = '<table:table-cell office:value-type="float" office:value="1"/>'
    path.write_bytes(ods_of(styles + table(cells + one + "</table:table-row>")))
    assert probe(path).veils == {"预算": Veil(rows=frozenset({1}), columns=frozenset({2}))}


def test_a_low_row_is_seen(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        book["项目"].row_dimensions[8].height = 10

    assert after(change).findings == []


def test_a_column_without_width_is_hidden(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        book["单位"].column_dimensions["F"].width = 0.08

    assert after(change).findings == ["F10 单位! 提醒"]


def _refused(path: Path, policy: Policy) -> str:
    """The words a file is refused with, or '' where it is read."""
    found = check_files([(path.name, path)], Settings(policy)).findings
    assert [each.rule for each in found if "未读取" in each.message] == ["F12"][: len(found)] or len(found) != 1
    return found[0].message if len(found) == 1 and found[0].rule == "F12" else ""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run: a summary, results, returned copies."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "收件").mkdir()
    fill(folder / "收件" / "甲局.xlsx", {"预算!D22": 931})
    fill(folder / "收件" / "乙局.xlsx", {"基本信息!B5": "示范区体育局"})
    batch.run(folder / "收件", folder / "结果夹", Settings(policies.load()))
    roster_blank(folder / "名册.xlsx", policies.load())
    library.audit(folder / "结果夹", [folder / "收件"]).write(folder / "审计.xlsx")
    (folder / "一本").mkdir()
    fill(folder / "一本" / "丙局.xlsx", {})
    library.run(folder / "一本", folder / "一本结果")
    library.publish(folder / "一本结果", folder / "公开")
    library.policy_to_change(None, folder / "本区规则.xlsx")
    return folder


_OUTPUTS = {
    "结果夹/汇总表.xlsx": "本程序的输出（汇总表），不是报送件",
    "结果夹/结果/示范区文化局.xlsx": "本程序的输出（审核结果），不是报送件",
    "名册.xlsx": "本程序的输出（名册），不是报送件",
    "结果夹/抽查表.xlsx": "本程序的输出（抽查表），不是报送件",
    "结果夹/待办.xlsx": "本程序的输出（待办），不是报送件",
    "审计.xlsx": "本程序的输出（审计结论），不是报送件",
    "公开/公开台账.xlsx": "本程序的输出（公开台账），不是报送件",
    "公开/可公开/公开汇总表.xlsx": "本程序的输出（汇总表），不是报送件",
    "本区规则.xlsx": "本程序的输出（规则参数表），不是报送件",
}


@pytest.mark.parametrize("name", _OUTPUTS)
def test_our_own_outputs_are_no_submissions(ran: Path, policy: Policy, name: str) -> None:
    assert _OUTPUTS[name] in _refused(ran / name, policy)


@pytest.mark.parametrize("write", [xls, ods])
@pytest.mark.parametrize("name", _OUTPUTS)
def test_our_own_outputs_are_known_in_other_formats(
    tmp_path: Path, ran: Path, policy: Policy, name: str, write: Callable[[dict[str, Cells]], bytes]
) -> None:
    book = CalamineWorkbook.from_path(ran / name)
    grids = {
        title: [list[object](row) for row in book.get_sheet_by_name(title).to_python(skip_empty_area=False)]
        for title in book.sheet_names
    }
    path = tmp_path / "文化局.xlsx"
    path.write_bytes(write(grids))
    assert _OUTPUTS[name] in _refused(path, policy)


@pytest.mark.parametrize("name", sorted({*_OUTPUTS} - {"名册.xlsx"}))
def test_another_of_our_outputs_is_no_roster(ran: Path, name: str) -> None:
    ours = _OUTPUTS[name].partition("（")[2].partition("）")[0]
    option = {"抽查表": "；抽查表用 --recheck 给出", "规则参数表": "；规则参数表用 --policy 给出"}.get(ours, "")
    with pytest.raises(UsageError) as told:
        read_roster(ran / name)
    assert str(told.value) == f"{ran / name} 是本程序的{ours}，不是名册，请给出名册{option}。"


def test_each_list_is_read_from_the_output_that_holds_it(ran: Path, policy: Policy) -> None:
    for name in ("结果夹/抽查表.xlsx", "结果夹/汇总表.xlsx"):
        assert read_rechecks(ran / name, policy).empty
    assert len(read_ledger(ran / "公开/公开台账.xlsx")) > 1
    assert library.policy_in_words(ran / "本区规则.xlsx").name
    with pytest.raises(UsageError, match="是本程序的名册，不是复核结果，请给出复核结果；名册用 --roster 给出。"):
        read_rechecks(ran / "名册.xlsx", policy)


def test_a_summary_of_which_sheets_were_taken_out_is_known(tmp_path: Path, ran: Path, policy: Policy) -> None:
    path = tmp_path / "复核.xlsx"
    for kept in (["抽查名单"], ["部门汇总", "项目汇总"], ["项目汇总", "规则覆盖"]):
        book = openpyxl.load_workbook(ran / "结果夹/汇总表.xlsx")
        for title in book.sheetnames:
            if title not in kept:
                del book[title]
        book.properties.creator = "某人"
        book.save(path)
        assert "本程序的输出（汇总表），不是报送件" in _refused(path, policy)


def test_a_result_without_its_cover_is_known_by_its_author(tmp_path: Path, ran: Path, policy: Policy) -> None:
    path = tmp_path / "文化局.xlsx"
    book = openpyxl.load_workbook(ran / "结果夹/结果/示范区文化局.xlsx")
    del book["封面"]
    book.save(path)
    assert "本程序的输出" in _refused(path, policy)


def test_a_returned_copy_is_a_submission(ran: Path, policy: Policy) -> None:
    path = ran / "结果夹/退回/示范区文化局.xlsx"
    assert brief(check_files([(path.name, path)], Settings(policy)).findings) == ["B01 预算!D22"]


def test_a_department_may_call_a_sheet_of_its_own_summary(after: ChangeAndCheck) -> None:
    def change(book: Any) -> None:
        book.create_sheet("附表", 0)["A1"] = "项目汇总"

    assert after(change).findings == []


def test_the_blank_template_is_no_submission(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "文化局.xlsx"
    build(path, policy, 2023)
    assert "是空白模板，什么也没有填" in _refused(path, policy)
    book = openpyxl.load_workbook(path)
    book.save(path)  # openpyxl stores no results of formulas
    assert "是空白模板，什么也没有填" in _refused(path, policy)


def test_a_template_that_we_filled_in_ourselves_is_still_blank(tmp_path: Path, policy: Policy) -> None:
    roster_blank(tmp_path / "名册.xlsx", policy)
    book = openpyxl.load_workbook(tmp_path / "名册.xlsx")
    book["名册"]["B4"], book["名册"]["C4"], book["名册"]["G4"] = "205001", "示范区文化局", "石家庄市示范区"
    book.save(tmp_path / "名册.xlsx")
    good = fill(tmp_path / "上年.xlsx", {"基本信息!B8": 2022})
    last_year = reading.read([(good.name, good)], policy)
    roster = read_roster(tmp_path / "名册.xlsx")
    (tmp_path / "模板").mkdir()
    (path,) = prefill(tmp_path / "模板", roster, policy, 2023, last_year)
    assert "是空白模板，什么也没有填" in _refused(path, policy)


@pytest.mark.parametrize("cell", ["预算!D15", "项目!B5", "文字说明!B5", "基本信息!B13", "基本信息!B11"])
def test_a_template_with_anything_entered_is_a_submission(tmp_path: Path, policy: Policy, cell: str) -> None:
    path = tmp_path / "文化局.xlsx"
    build(path, policy, 2023, {"基本信息!B5": "示范区文化局", cell: "约八百万" if cell == "预算!D15" else 88})
    assert _refused(path, policy) == ""


def test_what_is_no_submission_is_no_department_and_in_no_sum(tmp_path: Path, ran: Path, policy: Policy) -> None:
    inbox = tmp_path / "收件"
    inbox.mkdir()
    fill(inbox / "甲局.xlsx", {})
    for name in _OUTPUTS:
        shutil.copy(ran / name, inbox / f"示范区文化局{Path(name).name}")
    build(inbox / "空白.xlsx", policy, 2023)
    roster_blank(tmp_path / "名册.xlsx", policy)
    book = openpyxl.load_workbook(tmp_path / "名册.xlsx")
    book["名册"]["C4"] = "示范区文化局"
    book["名册"]["C5"] = "示范区体育局"
    book.save(tmp_path / "名册.xlsx")
    shutil.copy(ran / "结果夹/结果/示范区体育局.xlsx", inbox / "示范区体育局.xlsx")
    bureau = Bureau(roster=read_roster(tmp_path / "名册.xlsx"))
    outcome = batch.run(inbox, tmp_path / "结果夹", Settings(policy, bureau=bureau)).outcome
    d = outcome.district
    assert d.workbooks[d.workbooks["readable"]]["workbook"].to_list() == ["甲局.xlsx"]
    assert d.budget[d.budget["key"] == "expenditure_total"]["final"].sum() == 930e6
    missing = [each.message for each in outcome.findings if each.rule == "D01"]
    assert missing == ["名册上的“示范区体育局”没有报送。"]  # its result in the inbox is not its report


def _gbk_zip(names: list[str]) -> bytes:
    """A zip as WinRAR in China writes it: names in GBK, and no flag that says so."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for number, _ in enumerate(names):
            package.writestr(f"{number:03}", b"x")
    data = stream.getvalue()
    for number, name in enumerate(names):
        raw = name.encode("gb18030")
        data = data.replace(f"{number:03}".encode(), raw, 2)
        assert len(raw) == 3
    return data


def _held(path: Path) -> tuple[str, str]:
    with pytest.raises(Unreadable) as caught:
        probe(path)
    return caught.value.code, caught.value.found


def test_a_zip_is_said_to_hold_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "包.zip"
    names = [f"报送/{number}局.xlsx" for number in range(1, 8)]
    path.write_bytes(zipped(dict.fromkeys(names, b"x")))
    told = "是压缩包（内有 1局.xlsx、2局.xlsx、3局.xlsx、4局.xlsx、5局.xlsx 等 7 个文件）"
    assert _held(path) == ("zip", told)
    path.write_bytes(_gbk_zip(["甲1", "乙2"]))
    assert _held(path) == ("zip", "是压缩包（内有 甲1、乙2）")


def test_a_zip_of_many_workbooks_is_no_bomb(tmp_path: Path) -> None:
    inner = zipped({f"xl/{number}.xml": b"x" for number in range(30)}, zipfile.ZIP_STORED)
    path = tmp_path / "包.zip"
    path.write_bytes(zipped({f"{number}局.xlsx": inner for number in range(100)}, zipfile.ZIP_STORED))
    assert _held(path)[0] == "zip"


def test_a_zip_with_a_password_says_so(tmp_path: Path) -> None:
    data = bytearray(zipped({"甲局.xlsx": b"x"}))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    path = tmp_path / "包.zip"
    path.write_bytes(bytes(data))
    assert _held(path) == ("zip_encrypted", "是加了密码的压缩包（内有 甲局.xlsx）")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("~$甲局.xlsx", b"\x05user", "lock"),
        (".~lock.甲局.xlsx#", b",user,host,2024;", "lock"),
        ("A1B2C3D4.tmp", b"PK\x03\x04", "lock"),
        ("甲局.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + bytes(40), "shortcut"),
        ("甲局.url", b"[InternetShortcut]\r\nURL=file:///c:/a.xlsx\r\n", "shortcut"),
        ("设置.ini", "[设置]\r\n名称=甲\r\n".encode(), "text"),
        ("数据.json", b'[{"a": 1}]', "json"),
        ("名单.csv", "部门,金额\n甲,1\n".encode(), "csv"),
    ],
)
def test_what_else_lies_in_an_inbox_is_told_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert _held(tmp_path / name)[0] == code
    assert len(inventory(tmp_path)) == 1


@pytest.mark.parametrize("name", ["desktop.ini", "Thumbs.db", ".DS_Store", "._甲局.xlsx"])
def test_what_systems_leave_about_is_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert inventory(tmp_path) == []
