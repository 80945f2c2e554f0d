"""Amounts, read as a person sees them: number formats, headers over several columns, epochs, stale results, links."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from amounts import (
    FILE,
    Change,
    Read,
    changed,  # noqa: F401 - fixtures
    read_amounts,
)
from conftest import TYPED, fill
from forms import Cells, Shown, ods_of, table, xls
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from evalxl.intake import read as reading
from evalxl.intake.probe import probe
from evalxl.intake.probe.formats import formatted_cells, telling_styles
from evalxl.policy.policy import Policy


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
    result = read_amounts(path, policy)
    assert result.final("procurement") == 60
    assert _of_budget(result.findings) == ["F04 预算!D4 提示"]


def test_xls_in_which_it_cannot_be_told_what_is_shown(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "文化局.xls"
    path.write_bytes(xls({"预算": _grid(Shown(0.6, "0%"))}))
    result = read_amounts(path, policy)
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
    result = read_amounts(path, policy)
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
    assert read_amounts(path, policy).final("procurement") == 60
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
        assert read_amounts(path, policy).final("procurement") == read
