"""Marks lie on top of the sender's own formats by condition, and those count as before once the marks are gone."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from copies import (
    ERROR,
    INFO,
    PATTERNS,
    TEMPLATE,
    WARNING,
    Parts,
    book,
    changed,
    compare,
    conditions,
    filled,
    finding,
    on_top,
    parts,
    plain,
    replacing,
    with_prefix,
)
from soundness import complaints

from evalxl.outputs.returned import mark

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

RULE = '<cfRule type="expression" dxfId="0" priority="{}"{}><formula>{}</formula></cfRule>'


def _conditional(*rules: str, prefix: str = "", after: str = "") -> bytes:
    """A plain workbook with formats by condition on its sheet."""
    blocks = "".join(f'<conditionalFormatting sqref="A1:F99">{rule}</conditionalFormatting>' for rule in rules)
    data = plain('<row r="1"><c r="A1"><v>1</v></c></row>', tail=blocks + after)
    looks = '<dxfs count="1"><dxf><fill><patternFill><bgColor rgb="FFFFF8DC"/></patternFill></fill></dxf></dxfs>'
    data = changed(data, replacing("xl/styles.xml", ('<dxfs count="0"/>', looks)))
    return with_prefix(data) if prefix else data


_X14 = (
    '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    'uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"><x14:conditionalFormattings>'
    '<x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:cfRule type="expression" priority="1" id="{1}"><xm:f>TRUE</xm:f><x14:dxf><fill><patternFill><bgColor '
    'rgb="FF92D050"/></patternFill></fill></x14:dxf></x14:cfRule><xm:sqref>A1:F99</xm:sqref>'
    "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"
)
MARKS = {"表!A1": ERROR, "表!C5": WARNING, "表!B2": INFO, "表!B3": INFO, "表!A2": ERROR}
FINDINGS = [finding(place, severity) for place, severity in MARKS.items()]
SENDERS = {
    "a fill that always holds": _conditional(RULE.format(1, "", "TRUE")),
    "rules that stop": _conditional(RULE.format(1, ' stopIfTrue="1"', "A1=1") + RULE.format(2, "", "TRUE")),
    "gaps in the numbers": _conditional(RULE.format(7, "", "TRUE"), RULE.format(3, "", "A1&gt;0")),
    "signs in an attribute": _conditional(
        '<cfRule type="containsText" dxfId="0" priority="1" operator="containsText" text="/>"><formula>TRUE</formula></cfRule>'
    ),
    "a scale of colours": _conditional(
        '<cfRule type="colorScale" priority="1"><colorScale><cfvo type="min"/><cfvo type="max"/><color rgb="FFFF0000"/>'
        '<color rgb="FF00FF00"/></colorScale></cfRule>'
    ),
    "prefixed": _conditional(RULE.format(1, "", "TRUE"), prefix="x"),
    "validations and links after it": _conditional(
        RULE.format(1, "", "TRUE"),
        after='<dataValidations count="1"><dataValidation type="list" sqref="A1"><formula1>"a&gt;,b"</formula1></dataValidation>'
        '</dataValidations><hyperlinks><hyperlink ref="A1" location="A2"/></hyperlinks>',
    ),
}


@pytest.mark.parametrize("name", SENDERS)
def test_a_mark_lies_on_top_and_comes_off(name: str) -> None:
    before = SENDERS[name]
    after = mark(before, "局", FINDINGS)
    compare(before, after, MARKS)  # which asks of every mark whether it is foremost
    assert complaints(after) - complaints(before) == set()
    assert mark(after, "局", FINDINGS) == after
    clean = mark(after, "局", [])
    compare(before, clean, {})
    assert _rules(clean) == _rules(before)


def _rules(data: bytes) -> list[str]:
    """The rules of the sheet as they are written."""
    return re.findall(r"<(?:\w+:)?cfRule[^>]*>", parts(data)["xl/worksheets/sheet1.xml"].decode())


def test_a_rule_of_the_newer_kind_is_covered_too() -> None:
    before = _conditional(after=_X14)
    after = mark(before, "局", FINDINGS)
    assert complaints(after) == set()
    rules = _rules(after)
    assert [re.findall(r'priority="(\d+)"', rule) for rule in rules] == [["1"], ["2"], ["3"], ["4"]]
    assert rules[3].startswith("<x14:cfRule")
    assert mark(after, "局", FINDINGS) == after
    assert _rules(mark(after, "局", [])) == _rules(before)


def test_a_sheet_without_formats_by_condition_gets_none() -> None:
    assert _rules(mark(plain(), "局", FINDINGS)) == []


def test_cells_below_each_other_are_one_area_and_rules_stay_short() -> None:
    findings = [finding(f"表!A{row}") for row in range(1, 2_001)] + [finding(f"表!C{row}") for row in range(1, 802, 2)]
    after = mark(SENDERS["a fill that always holds"], "局", findings)
    areas = re.findall(r'sqref="([^"]*)"', parts(after)["xl/worksheets/sheet1.xml"].decode())
    assert areas[0].split()[0] == "A1:A2000"
    assert [len(each.split()) for each in areas] == [200, 200, 2, 1]
    assert complaints(after) == set()


def test_what_another_program_made_of_our_rule_is_still_known() -> None:
    """A rule that was copied with its cell, and one that shares its area with the sender's: both are ours."""
    data = mark(SENDERS["a fill that always holds"], "局", FINDINGS)
    name, formula = "xl/worksheets/sheet1.xml", '"evalxl"="evalxl"'

    def mix(content: Parts) -> None:
        text = content[name].decode()
        copied = f'<conditionalFormatting sqref="E5">{RULE.format(9, "", formula)}</conditionalFormatting>'
        shared = f'<conditionalFormatting sqref="F5">{RULE.format(10, "", "A1=2")}{RULE.format(11, "", formula)}</conditionalFormatting>'
        content[name] = text.replace("<conditionalFormatting", copied + shared + "<conditionalFormatting", 1).encode()

    clean = mark(changed(data, mix), "局", [])
    assert re.findall(r"<formula>([^<]*)</formula>", parts(clean)[name].decode()) == ["A1=2", "TRUE"]
    assert complaints(clean) == set()


def test_the_demo_shows_every_mark(tmp_path: Path) -> None:
    """Ten of these marks lay under the template's own fill."""
    before = filled(tmp_path)
    places = {
        "指标!J5": ERROR,
        "指标!I6": WARNING,
        "项目!K5": WARNING,
        "项目!H6": ERROR,
        "基本信息!B11": INFO,
        "预算!D22": ERROR,
    }
    after = mark(before, "局", [finding(place, severity) for place, severity in places.items()])
    assert complaints(after) == set()
    shown = {place: on_top(book(after)[place.partition("!")[0]], place.partition("!")[2]) for place in places}
    assert shown == {place: PATTERNS[severity] for place, severity in places.items()}


def test_a_copy_saved_by_openpyxl_is_cleaned(tmp_path: Path) -> None:
    before = filled(tmp_path)
    workbook = book(mark(before, "局", TEMPLATE))
    stream = io.BytesIO()
    workbook.save(stream)
    clean = mark(stream.getvalue(), "局", [])
    assert complaints(clean) - complaints(stream.getvalue()) == set()
    for sheet in book(before):
        assert conditions(book(clean)[sheet.title]) == conditions(sheet)
        priorities = [rule.priority for area in book(clean)[sheet.title].conditional_formatting for rule in area.rules]
        assert priorities == [rule.priority for area in sheet.conditional_formatting for rule in area.rules]
