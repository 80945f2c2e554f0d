"""The returned copy: nothing of the sender's is lost, and what is not understood is not touched."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from copies import (
    FORM,
    RICH,
    RICH_MARKS,
    SAMPLES,
    TEMPLATE,
    TEMPLATE_MARKS,
    WARNING,
    Parts,
    book,
    changed,
    check_parts,
    check_sheet,
    compare,
    filled,
    finding,
    grid,
    packed,
    parts,
    plain,
    replacing,
    rich,
    strict,
    with_prefix,
)

from evalxl.outputs.returned import CannotMark, mark

# What openpyxl cannot read is the very thing that must not be lost; parts are compared byte by byte as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

STRUCTURE = {FORM, "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


def test_a_rich_workbook_keeps_everything() -> None:
    before = rich()
    after = mark(before, "局", RICH)
    compare(before, after, RICH_MARKS)
    sheets = {f"xl/worksheets/sheet{number}.xml" for number in (1, 2, 3)}
    texts = {"xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}  # the notes that were there, added to
    check_parts(before, after, STRUCTURE | sheets | texts)
    a, b = parts(before), parts(after)
    for number, title in enumerate(("甲's 表", "预算", "藏"), 1):
        cells = {place.rpartition("!")[2] for place in RICH_MARKS if place.startswith(title)}
        check_sheet(a[f"xl/worksheets/sheet{number}.xml"], b[f"xl/worksheets/sheet{number}.xml"], cells)
    assert a["xl/drawings/vmlDrawing1.vml"][:-6] in b["xl/drawings/vmlDrawing1.vml"]
    assert book(after).defined_names["局部"].attr_text == "预算!$B$2"
    assert book(after)["预算"].defined_names["本表"].attr_text == "预算!$B$3"


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("鹿泉区[文民水]*.xlsx")), ids=lambda path: path.stem)
def test_a_sample_keeps_everything(sample: Path) -> None:
    before = sample.read_bytes()
    after = mark(before, "局", TEMPLATE)
    compare(before, after, TEMPLATE_MARKS)
    touched = {f"xl/worksheets/sheet{number}.xml" for number in (1, 4, 5, 6, 8)}
    check_parts(before, after, STRUCTURE | touched)


def test_a_filled_template_keeps_everything(tmp_path: Path) -> None:
    before = filled(tmp_path)
    after = mark(before, "局", TEMPLATE)
    compare(before, after, TEMPLATE_MARKS)
    assert [sheet.title for sheet in book(after) if sheet.protection.sheet] == [
        s.title for s in book(before) if s.protection.sheet
    ]
    for number, title in ((4, "预算"), (5, "项目"), (6, "指标"), (8, "文字说明")):
        name = f"xl/worksheets/sheet{number}.xml"
        check_sheet(parts(before)[name], parts(after)[name], {each.cell for each in TEMPLATE if each.sheet == title})


ODD = {
    "no sheet rows": plain(open_="<sheetData/>", close=""),
    "empty row": plain('<row r="3" spans="1:2"/>'),
    "empty row of a look": plain('<row r="3" s="1" customFormat="1"/>'),
    "column of a look": plain('<row r="2"><c r="A2"><v>1</v></c></row>', head='<cols><col min="2" max="9" width="9" style="1"/></cols>'),
    "between cells": plain('<row r="3"><c r="A3"><v>1</v></c><c r="D3" t="str"><v>丁</v></c></row><row r="7"><c r="A7"/></row>'),
    "cells without addresses": plain("<row><c><v>1</v></c></row><row/><row><c s='1'><v>2</v></c></row>"),
    "third cell without address": plain("<row/><row/><row><c><v>1</v></c><c><v>2</v></c></row>"),
    "attributes turned round": plain("<row r='3' ht='20'><c s='1' r='B3' t='n' ><v>2</v></c></row >"),
    "spaces in tags": plain('<row r="3" ><c r="B3" ><v >2</v ></c ></row >', close="</sheetData >"),
    "extensions last": plain('<row r="3"><c r="B3"/></row>', tail='<pageMargins left="1" right="1" top="1" bottom="1" header="0" footer="0"/><extLst/>'),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_every_way_to_write_rows(name: str) -> None:
    before = ODD[name]
    after = mark(before, "局", [finding("表!B3", WARNING)])
    compare(before, after, {"表!B3": WARNING})
    if "look" in name:
        assert book(after)["表"]["B3"].font.b
    assert mark(after, "局", [finding("表!B3", WARNING)]) == after
    again = book(mark(after, "局", []))
    assert again["表"]["B3"].fill.patternType is None
    assert again["表"]["B3"].comment is None


def test_what_is_added_stands_where_the_standard_wants_it() -> None:
    margins = '<pageMargins left="1" right="1" top="1" bottom="1" header="0" footer="0"/>'
    controls = '<a:AlternateContent xmlns:a="urn:a"><a:Choice Requires="x"><controls/></a:Choice></a:AlternateContent>'
    before = plain(
        '<row r="3" spans="1:2"><c r="A3"/></row>', '<row r="4" spans="1:2"/>', tail=f"{margins}{controls}<extLst/>"
    )
    after = parts(mark(before, "局", [finding("表!E3"), finding("表!F4"), finding("表!A3")]))
    sheet = after["xl/worksheets/sheet1.xml"].decode()
    assert re.findall(r"<(\w*:?\w+)[ />]", sheet.partition("</sheetData>")[2])[:3] == [
        "pageMargins",
        "legacyDrawing",
        "a:AlternateContent",
    ]
    assert "spans" not in sheet
    assert re.findall(r' r="([A-Z]\d)"', sheet) == ["A3", "E3", "F4"]
    marked = re.findall(r's="(\d+)"', sheet)
    formats = re.findall(r"<xf [^>]*>", after["xl/styles.xml"].decode().partition("<cellXfs")[2])
    assert {'applyFill="1"' in formats[int(style)] for style in marked} == {True}


def test_prefixes_and_single_quotes() -> None:
    before = with_prefix(rich())
    after = mark(before, "局", RICH)
    compare(before, after, RICH_MARKS)
    assert mark(after, "局", RICH) == after


def test_names_with_backslashes_and_absolute_targets() -> None:
    def edit(content: Parts) -> None:
        for name in list(content):
            part = content.pop(name)
            content[name if name == FORM else name.replace("/", "\\")] = part
        content["docs\\附注.xml"] = b"<a/>"
        name = "xl\\_rels\\workbook.xml.rels"
        content[name] = content[name].replace(b'Target="worksheets', b'Target="/xl/worksheets')

    before = changed(rich(), edit)
    after = mark(before, "局", RICH)
    assert [row[3] for row in grid(after)[5:7]] == ["整本工作簿", "没有这张表!A1"]
    assert parts(after)["docs\\附注.xml"] == b"<a/>"
    plain_names = packed({name.replace("\\", "/"): part for name, part in parts(after).items()})
    compare(rich(), plain_names, RICH_MARKS)


def test_strict_workbooks_stay_strict() -> None:
    after = mark(strict(rich()), "局", RICH)
    new = parts(after)
    assert b"http://purl.oclc.org/ooxml/spreadsheetml/main" in new["xl/worksheets/sheet4.xml"]
    assert b"schemas.openxmlformats.org/officeDocument" not in b"".join(
        part for name, part in new.items() if name != FORM
    )
    assert len(grid(after)) == 5 + len(RICH)
    assert grid(after, "预算")[11][1] == 666.25


# ---------------------------------------------------------------- what cannot be marked


def broken(name: str) -> bytes:
    data = rich()
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    sheet = "xl/worksheets/sheet2.xml"
    relation = '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/{}" Target="x"/></Relationships>'
    edits: dict[str, Callable[[Parts], None]] = {
        "macros": replacing(FORM, (types, "application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
        "template": replacing(FORM, (types, types.replace("sheet.main", "template.main"))),
        "signature": replacing("_rels/.rels", ("</Relationships>", relation.format("package/2006/relationships/digital-signature/origin"))),
        "shared": replacing("xl/_rels/workbook.xml.rels", ("</Relationships>", relation.format("officeDocument/2006/relationships/revisionHeaders"))),
        "no styles": lambda content: content.__delitem__("xl/styles.xml"),
        "no sheet": lambda content: content.__delitem__(sheet),
        "gbk": replacing(sheet, ('encoding="UTF-8"', 'encoding="GBK"')),
        "entities": replacing(sheet, ("<worksheet", "<!DOCTYPE a [<!ENTITY b '1'>]><worksheet")),
        "rows mixed up": replacing(sheet, ('<row r="5"', '<row r="15"')),
        "cells twice": replacing(sheet, ('r="B5"', 'r="A5"')),
        "cell of another row": replacing(sheet, ('r="B5"', 'r="B6"')),
        "not closed": replacing(sheet, ("</worksheet>", "")),
        "number left out": replacing(sheet, ('<col min="5"', '<col min=""')),
        "row beyond all numbers": replacing(sheet, ('<row r="12"', '<row r="99999999999999999999"')),
        "rows under another name": replacing(sheet, ("sheetData", "SheetData")),
        "style out of range": replacing(sheet, ('<c r="B5" s="', '<c r="B5" s="999')),
    }  # fmt: skip
    return changed(data, edits[name])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("macros", "含有宏"), ("template", "不是普通的 .xlsx 工作簿"), ("signature", "带有数字签名"), ("shared", "多人共享编辑"),
        ("no styles", "格式编号有误"), ("no sheet", "缺少部件"), ("gbk", "编码"), ("entities", "XML 声明"),
        ("rows mixed up", "行次序混乱"), ("cells twice", "单元格次序混乱"), ("cell of another row", "单元格次序混乱"),
        ("not closed", "内部结构有错"), ("style out of range", "格式编号有误"), ("number left out", "无法识别"), ("row beyond all numbers", "无法识别"), ("rows under another name", "无法识别"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_not_touched(name: str, reason: str) -> None:
    data = broken(name)
    with pytest.raises(CannotMark, match=reason):
        mark(data, "局", RICH)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100, rich()[:-300], packed({"a.txt": b"1"})]
)
def test_what_is_no_workbook(data: bytes) -> None:
    with pytest.raises(CannotMark, match=r"旧格式|已损坏|缺少必要的部件|不是"):
        mark(data, "局", [])


def test_a_damaged_part_is_noticed() -> None:
    data = bytearray(rich())
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        info = package.getinfo("xl/worksheets/sheet2.xml")
    data[info.header_offset + 200] ^= 0xFF
    with pytest.raises(CannotMark, match="已损坏"):
        mark(bytes(data), "局", RICH)
