"""Files made byte by byte: zips, workbooks around a piece of XML, the older binary form, the OpenDocument form."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape

import xlsxwriter

Cells = list[list[object]]


class Shown(NamedTuple):
    """A number in a cell with a number format."""

    number: float
    code: str


HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = b"</sheetData></worksheet>"
SHEET = "xl/worksheets/sheet1.xml"
ONE = b'<row r="1"><c r="A1"><v>1</v></c></row>'


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of some members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def members_of(package: bytes) -> dict[str, bytes]:
    """The members of a zip."""
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        return {name: source.read(name) for name in source.namelist()}


def parts() -> dict[str, bytes]:
    """The parts of a workbook with one sheet, 预算, and one text in it."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.set_properties({"created": dt.datetime(2024, 3, 5)})
        book.add_worksheet("预算").write(0, 0, "项目")
    return members_of(stream.getvalue())


def workbook(sheet: bytes) -> bytes:
    """A workbook around the XML of one sheet."""
    return zipped(parts() | {SHEET: sheet})


def rows(content: bytes, after: bytes = b"") -> bytes:
    """A workbook around the XML of some rows, and of what follows them."""
    return workbook(HEAD + content + b"</sheetData>" + after + b"</worksheet>")


def edited(old: bytes, new: bytes, package: bytes | None = None) -> bytes:
    """A workbook with some bytes of its parts replaced."""
    content = members_of(package or rows(ONE))
    return zipped({name: part.replace(old, new) for name, part in content.items()})


def renamed(names: Mapping[str, str], old: bytes = b"", new: bytes = b"") -> bytes:
    """A workbook whose parts bear other names, and its relations with them."""
    content = members_of(edited(old, new) if old else rows(ONE))
    return zipped({names.get(name, name): part for name, part in content.items()})


def cells(count: int, style: bytes = b"<v>1.5</v></c>") -> bytes:
    """The XML of so many cells, twenty a row."""
    letters = [bytes([65 + column]) for column in range(20)]
    return b"".join(
        b'<row r="%d">%s</row>' % (row, b"".join(b'<c r="%s%d">%s' % (letter, row, style) for letter in letters))
        for row in range(1, count // 20 + 1)
    )


def ole(stream: bytes, name: str = "Workbook") -> bytes:
    """An OLE file that holds one stream."""
    data = stream.ljust(4096, b"\0")
    data += bytes(-len(data) % 512)
    count = len(data) // 512
    tables = -(-(count + 2) // 126)
    fat = [-3] * tables + [-2] + [*range(tables + 2, tables + 1 + count), -2]
    fat += [-1] * (tables * 128 - len(fat))
    header = struct.pack(
        "<8s16s5H6x9I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += struct.pack("<109i", *([*range(tables)] + [-1] * (109 - tables)))
    directory = _entry("Root Entry", 5, 1, -2, 0) + _entry(name, 2, -1, tables + 1, len(data)) + bytes(256)
    return header + struct.pack(f"<{len(fat)}i", *fat) + directory + data


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBiii36xiIi", written, len(written), kind, 1, -1, -1, child, start, size, 0)


def record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _bof(kind: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 0))


def xls(
    sheets: Mapping[str, Cells],
    *,
    hidden: frozenset[int] = frozenset(),
    extra: bytes = b"",
    name: str = "Workbook",
    since_1904: bool = False,
) -> bytes:
    """A workbook in the binary form: text, numbers, truth values, dates, and error codes given as bytes."""
    cells = (value for grid in sheets.values() for row in grid for value in row)
    codes = list(dict.fromkeys(value.code for value in cells if isinstance(value, Shown)))
    epoch = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30)
    bodies = [_bof(16) + _xls_cells(grid, hidden, codes, epoch) + extra + record(0x0A) for grid in sheets.values()]
    formats = record(0x22, struct.pack("<H", since_1904))
    for number, code in enumerate(codes, 164):
        text = code.encode("utf-16-le")
        formats += record(0x041E, struct.pack("<HHB", number, len(text) // 2, 1) + text)
    for number in (0, 14, *range(164, 164 + len(codes))):
        formats += record(0x00E0, struct.pack("<HH16x", 0, number))
    head = _bof(5) + record(0x42, struct.pack("<H", 1200)) + formats
    sizes = [len(_boundsheet(title, 0)) for title in sheets]
    at, listed = len(head) + sum(sizes) + 4, b""
    for title, body in zip(sheets, bodies, strict=True):
        listed += _boundsheet(title, at)
        at += len(body)
    return ole(head + listed + record(0x0A) + b"".join(bodies), name)


def rc4(key: bytes, data: bytes) -> bytes:
    """Data encrypted, or decrypted, with the cipher of the binary form."""
    state, at = list(range(256)), 0
    for number in range(256):
        at = (at + state[number] + key[number % len(key)]) % 256
        state[number], state[at] = state[at], state[number]
    out, at = bytearray(), 0
    for number, byte in enumerate(data, 1):
        at = (at + state[number % 256]) % 256
        state[number % 256], state[at] = state[at], state[number % 256]
        out.append(byte ^ state[(state[number % 256] + state[at]) % 256])
    return bytes(out)


def _boundsheet(title: str, at: int) -> bytes:
    return record(0x85, struct.pack("<IBBBB", at, 0, 0, len(title), 1) + title.encode("utf-16-le"))


_ERRORS = {b"#NULL!": 0, b"#DIV/0!": 7, b"#VALUE!": 15, b"#REF!": 23, b"#N/A": 42}


def _xls_cells(grid: Cells, hidden: frozenset[int], codes: list[str], epoch: dt.datetime) -> bytes:
    out = [record(0x0208, struct.pack("<6HI", row - 1, 0, 1, 255, 0, 0, 0x120)) for row in sorted(hidden)]
    for row, values in enumerate(grid):
        for column, value in enumerate(values):
            at = struct.pack("<HH", row, column)
            if isinstance(value, Shown):
                out.append(record(0x0203, at + struct.pack("<Hd", 2 + codes.index(value.code), value.number)))
            elif isinstance(value, bytes):
                out.append(record(0x0205, at + struct.pack("<HBB", 0, _ERRORS[value], 1)))
            elif isinstance(value, bool):
                out.append(record(0x0205, at + struct.pack("<HBB", 0, value, 0)))
            elif isinstance(value, dt.date):
                serial = (dt.datetime(value.year, value.month, value.day) - epoch).days
                out.append(record(0x0203, at + struct.pack("<Hd", 1, serial)))
            elif isinstance(value, str) and value:
                text = value.encode("utf-16-le")
                out.append(record(0x0204, at + struct.pack("<HHB", 0, len(text) // 2, 1) + text))
            elif isinstance(value, int | float):
                out.append(record(0x0203, at + struct.pack("<Hd", 0, value)))
    return b"".join(out)


_ODS_HEAD = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
    "<office:body><office:spreadsheet>"
)


def ods_of(tables: str, styles: str = "", **more: bytes) -> bytes:
    """A workbook in OpenDocument form around the XML of its tables, and of its styles."""
    body = "<office:body>"
    head = (
        _ODS_HEAD.replace(body, f"<office:automatic-styles>{styles}</office:automatic-styles>{body}")
        if styles
        else _ODS_HEAD
    )
    content = f"{head}{tables}</office:spreadsheet></office:body></office:document-content>"
    mimetype = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": mimetype, "content.xml": content.encode()} | {f"{k}.xml": v for k, v in more.items()})


def table(rows_of_cells: str, title: str = "预算") -> str:
    """The XML of one table."""
    return f'<table:table table:name="{escape(title)}">{rows_of_cells}</table:table>'


def ods(sheets: Mapping[str, Cells]) -> bytes:
    """A workbook in OpenDocument form."""
    return ods_of("".join(table("".join(map(_ods_row, grid)), title) for title, grid in sheets.items()))


def _ods_row(values: list[object]) -> str:
    return "<table:table-row>" + "".join(map(_ods_cell, values)) + "</table:table-row>"


def _ods_cell(value: object) -> str:
    if isinstance(value, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    if isinstance(value, float):
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
    text = "</text:p><text:p>".join(escape(str(value)).split("\n"))
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
