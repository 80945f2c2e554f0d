"""Amounts, read as a person sees them: number formats, headers over several columns, epochs, stale results, links."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from conftest import brief, fill
from forms import Cells, Shown, members_of, ods_of, table, xls, zipped
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from test_read import TYPED

from evalxl.intake import read as reading
from evalxl.intake.probe import probe
from evalxl.intake.probe.formats import formatted_cells, telling_styles
from evalxl.intake.probe.formulas import formulas_in, moved
from evalxl.intake.probe.references import leads_outside, outside_names
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings

FILE = "示范区文化局.xlsx"


class Read(NamedTuple):
    """What is read of a workbook and found in it: amounts of the budget in 万元, by line and column."""

    amounts: dict[str, tuple[float, float, float]]
    findings: list[str]
    words: str
    rates: list[float]

    def final(self, key: str) -> float:
        return self.amounts[key][2]


def _read(path: Path, policy: Policy) -> Read:
    sources = [(path.name, path)]
    d = reading.read(sources, policy)
    found = check_files(sources, Settings(policy)).findings
    columns = (d.budget[name] / 1e6 for name in ("initial", "revised", "final"))
    amounts = {key: values for key, *values in zip(d.budget["key"], *columns, strict=True)}
    words = "\n".join(f"{each.message} → {each.fix}" for each in found)
    return Read(
        {key: tuple(values) for key, values in amounts.items()},
        brief(found),
        words,
        d.projects["rate"].round(4).to_list(),
    )


Change = Callable[[Any], None]


@pytest.fixture
def changed(tmp_path: Path, policy: Policy) -> Callable[[Change], Read]:
    """What is read after a change that openpyxl makes; as it keeps no results, the totals are typed in first."""

    def change_and_read(change: Change) -> Read:
        path = fill(tmp_path / FILE, TYPED)
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        return _read(path, policy)

    return change_and_read


# --- number formats


def test_a_line_that_shows_wan_is_read_as_shown_and_told(changed: Callable[[Change], Read]) -> None:
    def show(book: Any) -> None:
        book["预算"]["D31"] = 600_123
        book["预算"]["D31"].number_format = '0!.0,"万元"'

    result = changed(show)
    assert result.findings == ["F04 预算!D31 提示"]
    assert result.final("procurement") == 60.0123
    assert "预算!D31 政府采购支出：存的是 600123，按数字格式显示为 60.0万元，读作：60.0123 万元" in result.words


def test_a_whole_workbook_that_shows_wan_is_read_as_shown(changed: Callable[[Change], Read]) -> None:
    def show(book: Any) -> None:
        for title, columns in (("预算", "BCD"), ("项目", "EFG")):
            for column in columns:
                for (cell,) in book[title][f"{column}5:{column}31"]:
                    if isinstance(cell.value, int | float):
                        cell.value, cell.number_format = cell.value * 10_000, '0!.0,"万元"'

    result = changed(show)
    first = [f"F04 预算!{column}5 提示" for column in "BCD"] + [f"F04 项目!{column}5 提示" for column in "EFG"]
    assert result.findings == first  # once a column, with every cell
    assert "这一列有 17 格如此（B5:B7、B10:B11、B13:B18、B22、B25:B26、B29:B31），都按所见读取" in result.words
    assert (result.final("expenditure_total"), result.final("procurement")) == (930, 60)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("0.00%", "显示为百分数"),
        ("#,##0,", "按比例缩小显示，而没有写明单位"),
        (";;;", "不显示"),
        ("[$$-409]#,##0.00", "显示为外币"),
    ],
)
def test_what_a_format_makes_doubtful_is_an_error_and_a_blank(
    changed: Callable[[Change], Read], code: str, why: str
) -> None:
    def show(book: Any) -> None:
        book["预算"]["D31"].number_format = code

    result = changed(show)
    assert result.findings == ["F03 预算!D31"]
    assert why in result.words
    assert math.isnan(result.final("procurement"))


@pytest.mark.parametrize("code", ["#,##0.00", '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', '0.00"万元"'])
def test_an_honest_format_is_not_worth_a_word(changed: Callable[[Change], Read], code: str) -> None:
    def show(book: Any) -> None:
        for (cell,) in book["预算"]["D5:D31"]:
            cell.number_format = code
        book["项目"]["I5"].number_format = '0.00"分"'
        book["单位"]["F5"].number_format = '0"人"'

    assert changed(show).findings == []


_STYLES = (
    b'<styleSheet><numFmts><numFmt numFmtId="164" formatCode="0!.0,&quot;\xe4\xb8\x87\xe5\x85\x83&quot;"/>'
    b'<numFmt formatCode="0.00" numFmtId="165"/></numFmts><cellStyleXfs><xf numFmtId="164"/></cellStyleXfs>'
    b'<cellXfs><xf numFmtId="0"/><xf numFmtId="164" fontId="0"/><xf numFmtId="165"/><xf numFmtId="44"/>'
    b'<xf numFmtId="10"/></cellXfs></styleSheet>'
)


def test_only_styles_that_tell_are_looked_for() -> None:
    assert telling_styles(_STYLES) == {1: '0!.0,"万元"', 4: "0.00%"}


@pytest.mark.parametrize(
    ("rows", "cells"),
    [
        (b'<row r="2"><c r="A2" s="1"><v>1</v></c><c r="B2" s="2"/></row>', {(2, 1): "x"}),
        (b"<row r='2'><c r='A2' s='1'><v>1</v></c></row>", {(2, 1): "x"}),
        (b'<row><c s="1"><v>1</v></c></row><row><c/><c s="1"/></row>', {(1, 1): "x", (2, 2): "x"}),
        (b'<row r="2"><c r="A2" s="11"/><c r="B2"/></row>', {}),
    ],
)
def test_formatted_cells_are_found_however_they_are_written(rows: bytes, cells: Mapping[tuple[int, int], str]) -> None:
    assert formatted_cells(rows, {1: "x"}) == cells


def test_cells_that_name_no_style_have_the_first() -> None:
    assert formatted_cells(b'<row r="1"><c r="A1"/><c r="B1" s="2"/></row>', {0: "x"}) == {(1, 1): "x"}


# --- the older formats


def _grid(procurement: object) -> Cells:
    return [
        ["项目", "年初预算数", "全年预算数", "决算数"],
        ["本年收入合计", 930.0, 930.0, 930.0],
        ["本年支出合计", 930.0, 930.0, 930.0],
        ["政府采购支出", 70.0, 70.0, procurement],
    ]


def _of_budget(findings: list[str]) -> list[str]:
    return [each for each in findings if each.startswith(("F03", "F04", "F11", "B"))]


@pytest.mark.parametrize("code", ['0!.0,"万元"', '0\\!.0,"万元"'])
def test_xls_is_read_as_it_shows(tmp_path: Path, policy: Policy, code: str) -> None:
    path = tmp_path / "文化局.xls"
    path.write_bytes(xls({"预算": _grid(Shown(600_000.0, code))}))
    result = _read(path, policy)
    assert result.final("procurement") == 60
    assert _of_budget(result.findings) == ["F04 预算!D4 提示"]


def test_xls_in_which_it_cannot_be_told_what_is_shown(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "文化局.xls"
    path.write_bytes(xls({"预算": _grid(Shown(0.6, "0%"))}))
    result = _read(path, policy)
    assert math.isnan(result.final("procurement"))
    assert _of_budget(result.findings) == ["F03 预算!D4"]


_ODS_STYLES = {
    "WPS's point": '<number:number number:decimal-places="0" number:min-integer-digits="2" number:display-factor="1000">'
    '<number:embedded-text number:position="1">.</number:embedded-text></number:number><number:text>万元</number:text>',
    "LibreOffice's": '<number:number number:decimal-places="1" number:min-integer-digits="1" number:display-factor="1000">'
    '<number:embedded-text number:position="0">!</number:embedded-text></number:number><number:text>万元</number:text>',
    "thousands": '<number:number number:min-integer-digits="1" number:grouping="true" number:display-factor="1000"/>'
    "<number:text>千元</number:text>",
    "yuan": '<number:number number:min-integer-digits="1"/><number:text>元</number:text>',
}


@pytest.mark.parametrize("style", _ODS_STYLES)
@pytest.mark.parametrize("place", ["cell", "column", "row", "parent"])
def test_ods_is_read_as_it_shows(tmp_path: Path, policy: Policy, style: str, place: str) -> None:
    styles = (
        f'<number:number-style style:name="N1">{_ODS_STYLES[style]}</number:number-style>'
        '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
        '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="ce1"/>'
    )
    own = {"cell": ' table:style-name="ce1"', "parent": ' table:style-name="ce2"'}.get(place, "")
    default = ' table:default-cell-style-name="ce1"'
    columns = '<table:table-column table:number-columns-repeated="3"/>'
    columns += f"<table:table-column{default if place == 'column' else ''}/>"
    rows = "".join(_ods_row(row) for row in _grid(None)[:3])
    last = (
        f"<table:table-row{default if place == 'row' else ''}>{_ods_cell('政府采购支出')}{_ods_cell('')}{_ods_cell('')}"
    )
    last += f'<table:table-cell{own} office:value-type="float" office:value="600000"/></table:table-row>'
    path = tmp_path / "文化局.ods"
    path.write_bytes(ods_of(table(columns + rows + last), styles))
    result = _read(path, policy)
    assert result.final("procurement") == 60
    expected = ["F04 预算!D4 提示"]
    if place == "column":  # the other amounts of the column are shown so too
        expected = [each for each in _of_budget(result.findings) if each.startswith("F04")]
    assert [each for each in _of_budget(result.findings) if each.startswith("F0")] == expected


def _ods_row(values: list[object]) -> str:
    return "<table:table-row>" + "".join(map(_ods_cell, values)) + "</table:table-row>"


def _ods_cell(value: object) -> str:
    if isinstance(value, float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    text = f"<text:p>{value}</text:p>" if value else ""
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'


def test_ods_shows_by_ranges_of_numbers(tmp_path: Path) -> None:
    whole = '<number:number number:min-integer-digits="1"/>'
    styles = (
        f'<number:number-style style:name="N1P0">{_ODS_STYLES["thousands"]}</number:number-style>'
        f'<number:number-style style:name="N1">{whole}<style:map style:condition="value()&gt;=10000" '
        'style:apply-style-name="N1P0"/></number:number-style>'
        '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
    )
    cell = '<table:table-cell table:style-name="ce1" office:value-type="float" office:value="5"/>'
    path = tmp_path / "w.ods"
    path.write_bytes(ods_of(table(f"<table:table-row>{cell}</table:table-row>"), styles))
    assert probe(path).formats("预算") == {(1, 1): '[>=10000]0,"千元";0'}


# --- dates


@pytest.mark.parametrize(("number", "read"), [(60, 60.0), (859.16, 859.16), (1522, 1522.0), (33_000, math.nan)])
def test_an_amount_in_a_date_format_counts_from_the_workbooks_own_epoch(
    changed: Callable[[Change], Read], number: float, read: float
) -> None:
    def catch(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        book["基本信息"]["B15"] = dt.date(2024, 3, 15)
        book["预算"]["D31"] = number
        book["预算"]["D31"].number_format = "yyyy-mm-dd"

    result = changed(catch)
    assert result.final("procurement") == pytest.approx(read, nan_ok=True)
    doubted = [each for each in result.findings if each.startswith("F0")]
    assert doubted == ["F03 预算!D31" if math.isnan(read) else "F04 预算!D31 提示"]


def test_dates_of_1904_are_dates(tmp_path: Path, policy: Policy) -> None:
    path = fill(tmp_path / FILE, TYPED)
    book = openpyxl.load_workbook(path)
    book.epoch = CALENDAR_MAC_1904
    book["基本信息"]["B15"] = dt.date(2024, 3, 15)
    book.save(path)
    assert reading.read([(FILE, path)], policy).general["date"].to_list() == ["2024-03-15"]


def test_xls_and_ods_count_from_their_own_epoch_too(tmp_path: Path, policy: Policy) -> None:
    of_1904 = dt.date(1904, 3, 1)
    path = tmp_path / "文化局.xls"
    path.write_bytes(xls({"预算": _grid(of_1904)}, since_1904=True))
    assert _read(path, policy).final("procurement") == 60
    for null_date, written, read in (
        ("1904-01-01", "1904-03-01", 60),
        ("1899-12-30", "1900-01-29", 30),
        ("", "1900-02-28", 60),
    ):
        settings = f'<table:calculation-settings><table:null-date table:date-value="{null_date}"/></table:calculation-settings>'
        rows = "".join(_ods_row(row) for row in _grid(None)[:3])
        last = f'<table:table-cell office:value-type="date" office:date-value="{written}"/>'
        path = tmp_path / "文化局.ods"
        cells = _ods_cell("政府采购支出") + _ods_cell("") * 2 + last
        path.write_bytes(
            ods_of((settings if null_date else "") + table(f"{rows}<table:table-row>{cells}</table:table-row>"))
        )
        assert _read(path, policy).final("procurement") == read


# --- a header over several columns


def _spread(subs: list[object], shares: list[float | None], *, merge: bool = True) -> Change:
    """Have 决算数 stand over several columns; each holds a share of the amounts."""

    def spread(book: Any) -> None:
        sheet, more = book["预算"], len(subs) - 1
        sheet.insert_rows(5)
        sheet.insert_cols(5, more)
        for at, sub in enumerate(subs):
            sheet.cell(5, 4 + at).value = sub
        for row in range(6, 33):
            amount = sheet.cell(row, 4).value
            for at, share in enumerate(shares if isinstance(amount, int | float) else []):
                sheet.cell(row, 4 + at).value = None if share is None else amount * share
        if merge:
            sheet.merge_cells(start_row=4, end_row=4, start_column=4, end_column=4 + more)
            sheet.merge_cells("A4:A5")

    return spread


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize(
    ("subs", "shares"),
    [
        (["财政拨款", "其他资金", "合计"], [0.9, 0.1, 1]),
        (["合计", "财政拨款", "其他资金"], [1, 0.9, 0.1]),
        (["财政拨款小计", "小计", "合  计"], [0.9, 0.9, 1]),
        (["2022年", "2023年"], [0.5, 1]),
        (["2023年度", "2022年度"], [1, 0.5]),
        (["上年数", "本年数"], [0.5, 1]),
        (["一般公共预算", "政府性基金"], [1, None]),
    ],
)
def test_of_several_columns_the_total_or_the_years_is_read(
    changed: Callable[[Change], Read], subs: list[object], shares: list[float | None], merge: bool
) -> None:
    result = changed(_spread(subs, shares, merge=merge))
    assert result.findings == ["F02 预算!D4 提示"]
    assert (result.final("expenditure_total"), result.final("procurement")) == (930, 60)


@pytest.mark.parametrize(
    ("subs", "shares"),
    [
        (["财政拨款", "其他资金"], [0.9, 0.1]),
        (["2021年", "2022年"], [1, 0.5]),
        (["合计", "合计"], [1, 1]),
        ([None, None], [1, 0.5]),
    ],
)
def test_where_no_column_can_be_told_none_is_read(
    changed: Callable[[Change], Read], subs: list[object], shares: list[float | None]
) -> None:
    result = changed(_spread(subs, shares))
    assert result.findings == ["F02 预算!D4"]
    assert "分了几列" in result.words
    assert math.isnan(result.final("expenditure_total"))


def test_years_written_as_numbers_tell_too(changed: Callable[[Change], Read]) -> None:
    assert changed(_spread([2022, 2023], [0.5, 1])).final("procurement") == 60


def test_a_header_merged_for_looks_is_read_as_it_stands(changed: Callable[[Change], Read]) -> None:
    def merge(book: Any) -> None:
        sheet = book["预算"]
        sheet.insert_cols(5)
        for row in range(4, 32):
            sheet.merge_cells(start_row=row, end_row=row, start_column=4, end_column=5)

    result = changed(merge)
    assert [each for each in result.findings if not each.startswith("F10")] == []
    assert result.final("procurement") == 60


def test_two_years_side_by_side_are_told_apart_by_what_stands_above(changed: Callable[[Change], Read]) -> None:
    def double(book: Any) -> None:
        sheet = book["预算"]
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.delete_cols(5, 2)
        for row in range(4, 32):
            for column in (2, 3, 4):
                value = sheet.cell(row, column).value
                sheet.cell(row, column + 3).value = value
                sheet.cell(row, column).value = value / 2 if isinstance(value, int | float) else value
        for first, last, year in ((2, 4, 2022), (5, 7, 2023)):
            sheet.cell(3, first).value = f"{year}年"
            sheet.merge_cells(start_row=3, end_row=3, start_column=first, end_column=last)

    result = changed(double)
    assert result.findings == []
    assert result.amounts["procurement"] == (70, 70, 60)


def test_the_parts_of_a_projects_amount_are_no_project(changed: Callable[[Change], Read]) -> None:
    def split(book: Any) -> None:
        sheet = book["项目"]
        sheet.insert_rows(5)
        sheet.insert_cols(8)
        sheet["G5"], sheet["H5"] = "财政拨款", "合计"
        for row in range(6, 10):
            sheet.cell(row, 8).value = sheet.cell(row, 7).value
            sheet.cell(row, 7).value = 1
        sheet.merge_cells("G4:H4")

    assert changed(split).findings == ["F02 项目!G4 提示"]


def test_a_unit_in_a_column_that_is_not_read_says_nothing_of_the_others(changed: Callable[[Change], Read]) -> None:
    def add(book: Any) -> None:
        book["预算"]["F4"] = "上年决算数（元）"
        for row in range(5, 32):
            book["预算"].cell(row, 6).value = 5_000_000

    assert changed(add).findings == []


# --- results of formulas


@pytest.fixture
def patched(tmp_path: Path, policy: Policy) -> Callable[..., Read]:
    """What is read of the good workbook after its XML was changed: cells of one sheet, and names of the workbook."""

    def patch(changes: Mapping[str, str], part: int = 4, names: str = "") -> Read:
        path = fill(tmp_path / FILE, {})
        members = members_of(path.read_bytes())
        sheet = f"xl/worksheets/sheet{part}.xml"
        content = members[sheet].decode()
        for pattern, new in changes.items():
            content, count = re.subn(pattern, new, content)
            assert count, pattern
        members[sheet] = content.encode()
        names_of = members["xl/workbook.xml"]
        members["xl/workbook.xml"] = names_of.replace(b"<definedNames>", f"<definedNames>{names}".encode())
        path.write_bytes(zipped(members))
        return _read(path, policy)

    return patch


_TOTALS = r'(<c r="[BCD](?:11|14|22|25|26)"[^>]*?)(?: t="str")?>(<f>[^<]*</f>)<v>[^<]*</v>'


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        (r'\1 t="str">\2<v></v>', "没有计算结果"),
        (r"\1>\2<v>0</v>", "的结果是旧的（存的是 0，应为 905）"),
        (r"\1>\2<v>77</v>", "的结果是旧的（存的是 77，应为 905）"),
        (r"\1>\2", "没有计算结果"),
    ],
)
def test_totals_that_a_program_left_behind_are_added_up(patched: Callable[..., Read], stored: str, kind: str) -> None:
    result = patched({_TOTALS: stored})
    assert result.findings == ["F09 预算!B11 提示"]
    assert f"共 15 处模板公式{kind}" in result.words
    assert result.amounts["expenditure_total"] == pytest.approx((949.38, 1000, 930))
    assert result.amounts["income_grand"] == pytest.approx((949.38, 1000, 1000))


def test_one_stale_total_is_not_accused_of_not_adding_up(patched: Callable[..., Read]) -> None:
    result = patched({r'(<c r="D22"[^>]*>)(<f>[^<]*</f>)<v>930[^<]*</v>': r"\1\2<v>900</v>"})
    assert result.findings == ["F09 预算!D22 提示"]
    assert result.final("expenditure_total") == 930


def test_a_total_typed_over_wrongly_is_accused(patched: Callable[..., Read]) -> None:
    result = patched({r'(<c r="D22"[^>]*>)<f>[^<]*</f><v>930[^<]*</v>': r"\1<v>931</v>"})
    assert "B01 预算!D22" in result.findings


def test_a_formula_that_leaves_a_part_out_is_accused_with_what_it_comes_to(patched: Callable[..., Read]) -> None:
    result = patched({r'(<c r="D22"[^>]*>)<f>[^<]*</f><v>930[^<]*</v>': r"\1<f>SUM(D15,D19:D21)</f><v>900</v>"})
    assert "B01 预算!D22" in result.findings
    assert result.final("expenditure_total") == 650


def test_formulas_that_cells_share_are_followed(patched: Callable[..., Read]) -> None:
    first = r'(<c r="B22"[^>]*>)<f>([^<]*)</f><v>[^<]*</v>'
    others = r'(<c r="[CD]22"[^>]*>)<f>[^<]*</f><v>[^<]*</v>'
    result = patched(
        {
            first: r'\1<f t="shared" ref="B22:D22" si="3">\2</f><v>0</v>',
            others: r'\1<f t="shared" si="3"/><v>0</v>',
        }
    )
    assert result.findings == ["F09 预算!B22 提示"]
    assert result.amounts["expenditure_total"] == pytest.approx((949.38, 1000, 930))


def test_rates_that_a_program_left_behind_are_computed(patched: Callable[..., Read]) -> None:
    result = patched({r'(<c r="H[5-8]"[^>]*?)>(<f>[^<]*</f>)<v>[^<]*</v>': r"\1>\2<v>0</v>"}, part=5)
    assert result.findings == ["F09 项目!H5 提示"]
    assert result.rates == [0.95, 1, 0.6222, 0.6]


def test_a_shared_formula_reads_otherwise_in_another_cell() -> None:
    assert moved('IF($A$1="B2",B2,SUM(B3:$C4))+LOG10(2)+表1!D4', 2, 1) == 'IF($A$1="B2",C4,SUM(C5:$C6))+LOG10(2)+表1!D4'
    content = (
        b'<c r="B2"><f>SUM(A1,&quot;x&quot;)</f></c><c r="C2"><f>1</f></c><c r="B3" s="4"><f t="shared" si="1"/></c>'
    )
    assert formulas_in(content, [2]) == {(2, 2): 'SUM(A1,"x")', (3, 2): ""}


# --- links to other files


@pytest.mark.parametrize(
    "formula",
    [
        "[2]Sheet1!$B$2", "[10]决算!A1", "'[x.xlsx]Sheet 1'!A1", "'C:\\d\\[决算.xls]表 1'!A1", "[1]!外部数", "SUM([3]a!A1:A5)+1",
        "VLOOKUP(A31,'[7]决算 表'!$A:$B,2,0)", "B1*[1]a!B2",
    ],
)  # fmt: skip
def test_a_link_to_another_file_is_an_error(patched: Callable[..., Read], formula: str) -> None:
    assert leads_outside(formula)
    written = formula.replace("\\", r"\\")
    result = patched({r'(<c r="D31"[^>]*>)<v>60</v>': rf"\1<f>{written}</f><v>60</v>"})
    assert result.findings == ["F09 预算!D31"]
    assert "引用了其他文件" in result.words
    assert math.isnan(result.final("procurement"))


@pytest.mark.parametrize(
    "formula",
    [
        "SUM(表1[2023])",
        "表1[[#This Row],[2023]]",
        "SUM(Table1[[#All],[决算数]])",
        'LEN("[1]a!A")',
        "预算!D30",
        "表1[@2023]",
        "SUM(表_1[数])*预算!A1",
    ],
)
def test_a_column_of_a_table_is_no_other_file(patched: Callable[..., Read], formula: str) -> None:
    assert not leads_outside(formula)
    written = formula.replace('"', "&quot;").replace("\\", r"\\")
    result = patched({r'(<c r="D31"[^>]*>)<v>60</v>': rf"\1<f>{written}</f><v>60</v>"})
    assert result.findings == []
    assert result.final("procurement") == 60


def test_a_name_that_stands_for_another_file_is_a_link(patched: Callable[..., Read]) -> None:
    defined = {"外部数": "[3]决算!$B$2", "折算": "外部数/10000", "本表数": "预算!$D$30"}
    assert outside_names(defined.items()) == {"外部数", "折算"}
    names = "".join(f'<definedName name="{name}">{formula}</definedName>' for name, formula in defined.items())
    for formula, found in (("ROUND(折算,2)", ["F09 预算!D31"]), ("外部数", ["F09 预算!D31"]), ("本表数", [])):
        assert patched({r'(<c r="D31"[^>]*>)<v>60</v>': rf"\1<f>{formula}</f><v>60</v>"}, names=names).findings == found


def test_a_link_that_cells_share_is_told_in_each(patched: Callable[..., Read]) -> None:
    result = patched(
        {
            r'(<c r="B31"[^>]*>)<v>70</v>': r'\1<f t="shared" ref="B31:C31" si="1">[4]a!B1</f><v>70</v>',
            r'(<c r="C31"[^>]*>)<v>70</v>': r'\1<f t="shared" si="1"/><v>70</v>',
        }
    )
    assert result.findings == ["F09 预算!B31", "F09 预算!C31"]
