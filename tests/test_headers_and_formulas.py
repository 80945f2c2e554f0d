"""Headers over several columns, results that programs left behind, links to other files."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from amounts import (
    FILE,
    Change,
    Read,
    changed,  # noqa: F401 - fixtures
    read_amounts,
)
from conftest import fill
from forms import members_of, zipped

from evalxl.intake.probe.formulas import formulas_in, moved
from evalxl.intake.probe.references import leads_outside, outside_names
from evalxl.policy.policy import Policy


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
        return read_amounts(path, policy)

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
