"""Senders' workbooks as they come, and how a returned copy is held against them."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import xlsxwriter
from conftest import fill
from python_calamine import CalamineWorkbook

from evalxl.district.findings import Finding, Severity
from evalxl.intake.read import findings_list as words

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
    """Everything openpyxl would lose or that a patch could break."""
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
                text = content[name].decode()
                text = (text.partition("?>")[2] or text).strip()
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
    value = getattr(cell.value, "text", cell.value)  # a formula of arrays is compared by its text
    return value, cell.number_format, cell.quotePrefix, *map(bare, styles)


OURS = '"evalxl"="evalxl"'  # the formula that our formats by condition are known by


def conditions(sheet: Any) -> list[tuple[str, str, tuple[str, ...], str]]:
    """The sender's formats by condition: where, what, and in which order they count."""
    rules = [
        (rule.priority, str(area.sqref), rule.type, tuple(rule.formula), repr(rule.dxf))
        for area in sheet.conditional_formatting
        for rule in area.rules
        if rule.formula != [OURS]
    ]
    return [rule[1:] for rule in sorted(rules)]


def on_top(sheet: Any, cell: str) -> str | None:
    """The pattern that the foremost format by condition gives a cell: Excel goes by number, LibreOffice by order."""
    rules = [rule for area in sheet.conditional_formatting if cell in area for rule in area.rules]
    foremost = min(rules, key=lambda rule: rule.priority, default=None)
    if foremost is None or foremost is not rules[0] or foremost.formula != [OURS] or not foremost.stopIfTrue:
        return None
    return str(foremost.dxf.fill.patternType)


def compare(before: bytes, after: bytes, marks: Mapping[str, Severity]) -> None:
    """Every cell as it was in both readings of openpyxl, but for the fill and note of the marked ones, which are seen."""
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
            assert conditions(twin) == conditions(sheet)
            if sheet.conditional_formatting:
                assert {place: on_top(twin, place.rpartition("!")[2]) for place in own} == {
                    place: pattern for place, (pattern, _) in own.items()
                }


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
    blocks = new.findall(f"{MAIN}conditionalFormatting")
    ours = [block for block in blocks if block.findtext(f"{MAIN}cfRule/{MAIN}formula") == OURS]
    for block in ours:
        new.remove(block)
    for rule in new.iter(f"{MAIN}cfRule"):  # moved up, all by as much
        rule.set("priority", str(int(rule.get("priority", "")) - len(ours)))
    if old.find(f"{MAIN}legacyDrawing") is None:
        new.remove(new.find(f"{MAIN}legacyDrawing"))  # type: ignore[arg-type]
    for a, b in zip(old.iter(), new.iter(), strict=True):
        drop = {"s"} if a.get("r") in marks and a.tag == f"{MAIN}c" else {"tabSelected", "spans"}
        assert (a.tag, a.text) == (b.tag, b.text)
        assert {k: v for k, v in a.items() if k not in drop} == {k: v for k, v in b.items() if k not in drop}


def is_listed(data: bytes) -> bool:
    """Whether a workbook holds a list of findings that is recognised when it comes back."""
    return any(words.is_findings_sheet(grid(data, title)) for title in book(data).sheetnames)
