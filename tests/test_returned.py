"""The returned copy: nothing of the sender's is lost, every faulty cell is marked, and marks come off again."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
import xlsxwriter
from conftest import fill
from openpyxl.comments import Comment
from python_calamine import CalamineWorkbook

from evalxl.findings import Change, Finding, Severity
from evalxl.read import remarks as words
from evalxl.returned import CannotMark, mark, write_findings_workbook

# What openpyxl cannot read is the very thing that must not be lost; parts are compared byte by byte as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"
PATTERNS = {ERROR: "lightUp", WARNING: "gray125", INFO: "gray0625"}
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Parts = dict[str, bytes]


def finding(place: str, severity: Severity = ERROR, message: str = "", fix: str = "请核对。", **more: Any) -> Finding:
    sheet, _, cell = place.partition("!")
    told = message or f"{place} 本年支出合计 859.61，各项之和 859.16。"
    return Finding(
        more.pop("id", f"id-{place}-{severity}"),
        "B01",
        severity,
        "a.xlsx",
        sheet,
        cell,
        "本年支出合计",
        told,
        fix,
        **more,
    )


def parts(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(content: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in content.items():
            package.writestr(name, part)
    return stream.getvalue()


def changed(data: bytes, edit: Callable[[Parts], None]) -> bytes:
    content = parts(data)
    edit(content)
    return packed(content)


def replacing(name: str, *pairs: tuple[str, str]) -> Callable[[Parts], None]:
    def edit(content: Parts) -> None:
        text = content[name].decode()
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        content[name] = text.encode()

    return edit


def book(data: bytes, **options: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data), **options)


def grid(data: bytes, title: str = "问题清单") -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(title).to_python(skip_empty_area=False)


def values(data: bytes, title: str) -> dict[tuple[int, int], Any]:
    """What the value reader sees on a sheet."""
    rows = enumerate(grid(data, title))
    return {(row, column): value for row, cells in rows for column, value in enumerate(cells) if value != ""}


# ---------------------------------------------------------------- what senders send

FORM = "[Content_Types].xml"


def png() -> io.BytesIO:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">2L5B", 1, 1, 8, 2, 0, 0, 0))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b""))


def rich() -> bytes:
    """Everything openpyxl would lose or that a patch could break: see hazards.md 1.2."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    workbook.set_properties({"created": dt.datetime(2024, 1, 1)})
    money = workbook.add_format({"num_format": "#,##0.00", "bg_color": "#FFF8DC", "border": 1, "locked": False})
    bold = workbook.add_format({"bold": True, "font_color": "red", "bg_color": "#00FF00", "pattern": 4})
    other, first, hidden = (workbook.add_worksheet(name) for name in ("甲's 表", "预算", "藏"))
    hidden.hide()
    first.activate()
    other.set_first_sheet()
    first.write_comment("B3", "原有批注", {"author": "张三", "visible": True})
    first.write_comment("D9", "另一条批注")
    for row in range(2, 12):
        first.write(row - 1, 0, f"项目{row}", bold if row % 2 else None)
        first.write_number(row - 1, 1, row * 10.25, money)
    first.write_formula("B12", "=SUM(B2:B11)", money, 666.25)
    first.write_rich_string("A13", "其中", bold, "加粗", "<尾&>")
    first.set_column("E:F", 12, money)
    first.set_row(19, 30, bold)
    first.merge_range("C2:D3", "合并", money)
    first.conditional_format("B2:B11", {"type": "data_bar", "data_bar_2010": True})
    first.conditional_format("B2:B11", {"type": "cell", "criteria": ">", "value": 50, "format": bold})
    first.data_validation("A2:A9", {"validate": "list", "source": ["甲", "乙>丙"]})
    first.add_sparkline("G2", {"range": "预算!B2:B11"})
    chart = workbook.add_chart({"type": "column"})
    chart.add_series({"values": "=预算!$B$2:$B$11"})
    first.insert_chart("H2", chart)
    first.insert_image("H20", "点.png", {"image_data": png()})
    first.protect("", {"sort": True})
    first.repeat_rows(0, 1)
    first.print_area("A1:F20")
    first.add_table("J2:K4", {"columns": [{"header": "列一"}, {"header": "列二"}]})
    first.ignore_errors({"number_stored_as_text": "A1:A9"})
    first.write_url("A15", "internal:'预算'!B2", string="去")
    first.set_header("&C页眉")
    other.repeat_rows(2)
    other.write("A1", "一")
    workbook.define_name("局部", "=预算!$B$2")
    workbook.define_name("预算!本表", "=预算!$B$3")
    workbook.close()
    return stream.getvalue()


RICH = [
    finding("预算!B5"), finding("预算!B5", WARNING, id="second"), finding("预算!B12", WARNING), finding("预算!B3", INFO),
    finding("预算!E6"), finding("预算!D3", WARNING), finding("预算!C20"), finding("预算!B40", INFO), finding("甲's 表!A1"),
    finding("藏!C3"), finding("预算!"), finding(""), finding("没有这张表!A1"), finding("预算!B2:B9"),
]  # fmt: skip
# D3 lies in a merged area: its first cell is marked.
RICH_MARKS = {
    "预算!B5": ERROR, "预算!B12": WARNING, "预算!B3": INFO, "预算!E6": ERROR, "预算!C2": WARNING, "预算!C20": ERROR,
    "预算!B40": INFO, "甲's 表!A1": ERROR, "藏!C3": ERROR,
}  # fmt: skip


# Cells that were not stored and showed the look of their column or row; once marked they are stored, with that look.
STORED = {"预算!E6": "B6", "预算!C20": "A3"}


def filled(tmp_path: Path) -> bytes:
    return fill(tmp_path / "局.xlsx", {}).read_bytes()


TEMPLATE = [
    finding("预算!D22"),
    finding("项目!C5", WARNING),
    finding("指标!A300", INFO),
    finding("文字说明!B5"),
    finding("预算!D15", INFO),
]
TEMPLATE_MARKS = {each.sheet + "!" + each.cell: each.severity for each in TEMPLATE}


def plain(*rows: str, head: str = "", tail: str = "", open_: str = "<sheetData>", close: str = "</sheetData>") -> bytes:
    """A small workbook whose one sheet (表) is written by hand."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    workbook.add_worksheet("表").write("A1", 1, workbook.add_format({"bold": True}))
    workbook.close()
    xml = f'<worksheet xmlns="{MAIN[1:-1]}">{head}{open_}{"".join(rows)}{close}{tail}</worksheet>'

    def edit(content: Parts) -> None:
        content["xl/worksheets/sheet1.xml"] = xml.encode()

    return changed(stream.getvalue(), edit)


def with_prefix(data: bytes) -> bytes:
    """The same workbook as other programs write it: every element under a prefix, single quotes."""

    def edit(content: Parts) -> None:
        for name in list(content):
            if re.fullmatch(r"xl/(styles|workbook|worksheets/sheet\d)\.xml", name):
                text = content[name].decode().partition("?>")[2].strip()
                text = re.sub(r"<(/?)(?=[a-z]\w*[\s/>])", r"<\1x:", text).replace("xmlns=", "xmlns:x=")
                content[name] = re.sub(r"(\w)=\"([^\"']*)\"", r"\1='\2'", text).encode()

    return changed(data, edit)


def strict(data: bytes) -> bytes:
    """The same workbook in the strict variant of the format."""

    def edit(content: Parts) -> None:
        for name, part in content.items():
            part = part.replace(MAIN[1:-1].encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main")
            kinds = b"http://schemas.openxmlformats.org/officeDocument/2006/"
            content[name] = part.replace(kinds, b"http://purl.oclc.org/ooxml/officeDocument/")

    return changed(data, edit)


# ---------------------------------------------------------------- nothing is lost


def bare(proxy: Any) -> Any:
    """A part of a format as itself: what openpyxl hands out cannot be compared."""
    return proxy._StyleProxy__target


def looks(cell: Any) -> tuple[Any, ...]:
    styles = (cell.font, cell.border, cell.alignment, cell.protection)
    return cell.value, cell.number_format, cell.quotePrefix, *map(bare, styles)


def compare(before: bytes, after: bytes, marks: Mapping[str, Severity]) -> None:
    """Every cell as it was in both readings of openpyxl, but for the fill and note of the marked ones."""
    for title in book(before).sheetnames:
        assert values(after, title) == values(before, title)
    for options in ({"data_only": True}, {"rich_text": True}):
        old, new = book(before, **options), book(after, **options)
        assert new.sheetnames == ["问题清单", *old.sheetnames]
        assert new.active.title == "问题清单"
        for sheet in old:
            twin = new[sheet.title]
            assert twin.sheet_state == sheet.sheet_state
            assert not twin.sheet_view.tabSelected
            assert twin.merged_cells.ranges == sheet.merged_cells.ranges
            assert twin.print_title_rows == sheet.print_title_rows
            assert twin.print_area == sheet.print_area
            assert twin.protection.sheet == sheet.protection.sheet
            rows, columns = max(sheet.max_row, twin.max_row), max(sheet.max_column, twin.max_column)
            found = {}
            for row in range(1, rows + 1):
                for column in range(1, columns + 1):
                    a, b = sheet.cell(row, column), twin.cell(row, column)
                    place = f"{sheet.title}!{a.coordinate}"
                    if place in STORED and place not in marks and b.has_style and not a.has_style:
                        a = sheet[STORED[place]]
                        b.value = a.value  # only the look is compared
                    if place not in marks:
                        assert bare(b.fill) == bare(a.fill), place
                        assert (b.comment and b.comment.text) == (a.comment and a.comment.text), place
                    else:
                        found[place] = b.fill.patternType, b.comment is not None
                    if a.has_style or place not in marks:
                        assert looks(a) == looks(b), place
            own = {
                place: (PATTERNS[each], True)
                for place, each in marks.items()
                if place.rpartition("!")[0] == sheet.title
            }
            assert found == own


def check_parts(before: bytes, after: bytes, touched: set[str]) -> None:
    """The parts in their order; those not touched with the very bytes they were packed into."""
    with zipfile.ZipFile(io.BytesIO(before)) as a, zipfile.ZipFile(io.BytesIO(after)) as b:
        assert b.testzip() is None
        assert b.namelist()[: len(a.namelist())] == a.namelist()
        for old, new in zip(a.infolist(), b.infolist(), strict=False):
            if old.filename not in touched:
                assert (new.CRC, new.compress_size, new.date_time) == (old.CRC, old.compress_size, old.date_time)
                raw = [
                    data[i.header_offset + 30 + len(i.filename.encode()) :][: i.compress_size]
                    for data, i in ((after, new),)
                ]
                skip = struct.unpack_from("<2H", before, old.header_offset + 26)
                assert raw[0] == before[old.header_offset + 30 + sum(skip) :][: old.compress_size]


def check_sheet(before: bytes, after: bytes, marks: set[str]) -> None:
    """A sheet's XML element by element: only styles of marked cells, cells and rows that were not stored, and the note's drawing."""
    old, new = ElementTree.fromstring(before), ElementTree.fromstring(after)
    for cells in new.iter(f"{MAIN}row"):
        stored = {c.get("r") for r in old.iter(f"{MAIN}row") if r.get("r") == cells.get("r") for c in r}
        for c in [c for c in cells if c.get("r") in marks - stored]:
            assert not len(c)
            assert set(c.attrib) == {"r", "s"}
            cells.remove(c)
    data = new.find(f"{MAIN}sheetData")
    assert data is not None
    for row in [
        row for row in data if not len(row) and row.get("r") not in {r.get("r") for r in old.iter(f"{MAIN}row")}
    ]:
        data.remove(row)
    if old.find(f"{MAIN}legacyDrawing") is None:
        new.remove(new.find(f"{MAIN}legacyDrawing"))  # type: ignore[arg-type]
    for a, b in zip(old.iter(), new.iter(), strict=True):
        drop = {"s"} if a.get("r") in marks and a.tag == f"{MAIN}c" else {"tabSelected", "spans"}
        assert (a.tag, a.text) == (b.tag, b.text)
        assert {k: v for k, v in a.items() if k not in drop} == {k: v for k, v in b.items() if k not in drop}


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


# ---------------------------------------------------------------- the notes


def test_a_note_says_every_finding_of_its_cell_and_where_they_stand() -> None:
    texts = book(mark(rich(), "局", RICH))["预算"]
    assert texts["B5"].comment.text == (
        "【核对意见】\n错误 B01：本年支出合计 859.61，各项之和 859.16。\n处理：请核对。\n"
        "提醒 B01：本年支出合计 859.61，各项之和 859.16。\n处理：请核对。\n（《问题清单》第 6、11 条）\n【核对意见完】"
    )


def test_a_note_that_was_there_stays_above_ours_and_remains() -> None:
    once = mark(rich(), "局", RICH)
    assert book(once)["预算"]["B3"].comment.text.startswith("原有批注\n【核对意见】\n提示 B01：")
    assert book(once)["预算"]["B3"].comment.author == "张三"
    off = book(mark(once, "局", []))["预算"]
    assert {c.coordinate: c.comment.text for row in off.iter_rows() for c in row if c.comment} == {
        "B3": "原有批注",
        "D9": "另一条批注",
    }


def test_what_somebody_adds_to_our_note_stays() -> None:
    data = mark(plain(), "局", [finding("表!B3")])
    later = changed(data, replacing("xl/comments1.xml", ("【核对意见完】", "【核对意见完】已与财政局核对")))
    assert book(mark(later, "局", []))["表"]["B3"].comment.text == "已与财政局核对"


def test_boxes_of_notes_have_numbers_of_their_own() -> None:
    drawing = parts(mark(rich(), "局", RICH))["xl/drawings/vmlDrawing1.vml"].decode()
    numbers = re.findall(r'<v:shape id="(_x0000_s\d+)"', drawing)
    assert len(numbers) == len(set(numbers)) == 2 + 6  # one of our seven notes is below one that was there
    assert drawing.count("<v:shapetype ") == 1
    for kind in ("Row", "Column"):
        assert drawing.count(f"<x:{kind}>") == 8


# ---------------------------------------------------------------- marks come off


@pytest.mark.parametrize("make", [rich, lambda: with_prefix(rich())], ids=["rich", "prefixed"])
def test_marking_twice_is_marking_once(make: Callable[[], bytes]) -> None:
    data = make()  # once: what zipfile writes carries the time
    once = mark(data, "局", RICH)
    assert mark(once, "局", RICH) == once
    assert mark(data, "局", RICH) == once


def test_corrected_cells_get_back_what_they_had() -> None:
    before = rich()
    some = [each for each in RICH if each.cell in ("B5", "C20")]
    after = mark(mark(before, "局", RICH), "局", some)
    compare(before, after, {"预算!B5": ERROR, "预算!C20": ERROR})
    clean = mark(after, "局", [])
    compare(before, clean, {})
    assert grid(clean)[1][0] == "没有发现问题。"


def test_marks_come_off_wherever_they_went_and_whoever_saved() -> None:
    """Saved by another program, with rows moved: styles renumbered, parts renamed."""
    data = mark(rich(), "局", RICH)
    workbook = book(data)
    sheet = workbook["预算"]
    for old, new in (("B5", "B25"), ("E6", "E26"), ("C20", "B26")):
        sheet[new].value, sheet[new]._style = 5, sheet[old]._style
        sheet[new].comment = Comment(sheet[old].comment.text, "别人")
        sheet[old].comment = None
        sheet[old].style = "Normal"
    sheet["C30"]._style = sheet["B12"]._style  # copied, without a note
    stream = io.BytesIO()
    workbook.save(stream)
    off = book(mark(stream.getvalue(), "局", []))["预算"]
    origin = book(rich())["预算"]
    assert bare(off["B25"].fill) == bare(origin["B5"].fill)
    assert bare(off["E26"].fill) == bare(origin["B5"].fill)  # the look of its column
    assert bare(off["B26"].fill) == bare(origin["A3"].fill)  # as its note's item of the list says
    assert bare(off["B12"].fill) == bare(origin["B12"].fill)
    patterns = {cell.fill.patternType for row in off.iter_rows() for cell in row}
    assert patterns == {None, "solid", "lightGray"}  # those of the sender
    assert [c.coordinate for row in off.iter_rows() for c in row if c.comment] == ["B3", "D9"]


def test_a_list_that_was_deleted_leaves_no_mark_behind() -> None:
    workbook = book(mark(rich(), "局", RICH))
    del workbook["问题清单"]
    stream = io.BytesIO()
    workbook.save(stream)
    again = mark(stream.getvalue(), "局", [finding("预算!B5")])
    sheet = book(again)["预算"]
    assert [c.coordinate for row in sheet.iter_rows() for c in row if c.fill.patternType == "lightUp"] == ["B5"]
    assert sheet["B12"].fill.fgColor.rgb == "FFFFF8DC"  # as in other cells of its look
    assert sheet["B5"].comment.text.count("【核对意见】") == 1
    assert {c.coordinate for row in sheet.iter_rows() for c in row if c.comment} == {"B3", "B5", "D9"}


def test_a_note_on_the_list_itself_goes_with_it() -> None:
    workbook = book(mark(rich(), "局", RICH))
    workbook["问题清单"]["A1"].comment = Comment("已阅", "李四")
    stream = io.BytesIO()
    workbook.save(stream)
    clean = mark(stream.getvalue(), "局", [])
    assert book(clean)["问题清单"]["A1"].comment is None
    assert book(clean)["预算"]["B3"].comment.text == "原有批注"


def test_a_fill_that_the_department_chose_itself_stays() -> None:
    workbook = book(mark(rich(), "局", RICH))
    workbook["预算"]["B12"].fill = openpyxl.styles.PatternFill("solid", fgColor="FF92D050")
    stream = io.BytesIO()
    workbook.save(stream)
    assert book(mark(stream.getvalue(), "局", []))["预算"]["B12"].fill.fgColor.rgb == "FF92D050"


@pytest.mark.parametrize(
    "text",
    [
        "<fill><patternFill patternType='solid'/></fill>",
        "<fill></fill></fills><evil/>",
        '<fill><patternFill patternType="solid"></fill>',
        '<fill><stop x="&#1;"/></fill>',
        "x" * 5000,
    ],
)
def test_a_fill_that_somebody_rewrote_is_no_fill(text: str) -> None:
    workbook = book(mark(rich(), "局", RICH))
    sheet = workbook["问题清单"]
    column = next(cell.column for cell in sheet[5] if cell.value == words.FILL)
    for row in range(6, sheet.max_row + 1):
        sheet.cell(row, column).value = text
    stream = io.BytesIO()
    workbook.save(stream)
    data = mark(stream.getvalue(), "局", [])
    assert b"evil" not in parts(data)["xl/styles.xml"]
    assert book(data)["预算"]["B5"].fill.patternType is None


# ---------------------------------------------------------------- the list

LISTED = [
    finding("预算!D22", expected="930.00", actual="903.00", difference="-27.00", change=Change.OPEN),
    finding("项目!C5", WARNING, change=Change.NEW, explanation="合同未到期。"),
    finding("", INFO, explanation="去年的原因。", lapsed=True),
]


def is_listed(data: bytes) -> bool:
    """Whether a workbook holds a list of findings that is recognised when it comes back."""
    return any(words.is_findings_sheet(grid(data, title)) for title in book(data).sheetnames)


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
        [
            3.0,
            "提示",
            "B01",
            "整本工作簿",
            "本年支出合计",
            "本年支出合计 859.61，各项之和 859.16。",
            "请核对。",
            "",
            "",
            "",
            "数据已变，原说明失效，请重写（原写：去年的原因。）",
            "",
        ],
    ]
    assert words.explanations(rows) == {LISTED[1].id: ("合同未到期。", LISTED[1].evidence)}


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
    assert words.explanations(grid(data, "预算")) is None
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
        "utf-16": lambda content: content.update({sheet: content[sheet].decode().replace("UTF-8", "UTF-16").encode("utf-16")}),
        "gbk": replacing(sheet, ('encoding="UTF-8"', 'encoding="GBK"')),
        "entities": replacing(sheet, ("<worksheet", "<!DOCTYPE a [<!ENTITY b '1'>]><worksheet")),
        "rows mixed up": replacing(sheet, ('<row r="5"', '<row r="15"')),
        "cells twice": replacing(sheet, ('r="B5"', 'r="A5"')),
        "cell of another row": replacing(sheet, ('r="B5"', 'r="B6"')),
        "not closed": replacing(sheet, ("</worksheet>", "")),
        "comment in the rows": replacing(sheet, ("<sheetData>", "<sheetData><!-- <c r='B5'/> -->")),
        "number left out": replacing(sheet, ('<col min="5"', '<col min=""')),
        "style out of range": replacing(sheet, ('<c r="B5" s="', '<c r="B5" s="999')),
    }  # fmt: skip
    return changed(data, edits[name])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("macros", "含有宏"), ("template", "不是普通的 .xlsx 工作簿"), ("signature", "带有数字签名"), ("shared", "多人共享编辑"),
        ("no styles", "没有样式部件"), ("no sheet", "缺少部件"), ("utf-16", "编码"), ("gbk", "编码"), ("entities", "XML 声明"),
        ("rows mixed up", "行次序混乱"), ("cells twice", "单元格次序混乱"), ("cell of another row", "单元格次序混乱"),
        ("not closed", "内部结构有错"), ("comment in the rows", "写法特殊"), ("style out of range", "格式编号有误"), ("number left out", "无法识别"),
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


def test_the_list_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    for _ in range(2):
        write_findings_workbook(path, "文化局", "=报送.xls", LISTED, "是旧格式（.xls），不能在原表上标注")
        first = path.read_bytes()
    assert first == path.read_bytes()
    rows = grid(first)
    assert rows[1][0] == (
        "报送的工作簿“=报送.xls”是旧格式（.xls），不能在原表上标注，因此只列出问题清单。"
        "请对照“位置”在原工作簿中改正后，连同本清单一并报回。"
    )
    assert [row[3] for row in rows[6:]] == ["预算!D22", "项目!C5", "整本工作簿"]
    assert words.explanations(rows) == {LISTED[1].id: ("合同未到期。", LISTED[1].evidence)}
    assert is_listed(first)
