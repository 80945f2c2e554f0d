"""The binary form of Excel 97 to 2003 and of WPS (.xls, .et), by xlrd: values, error cells, what is hidden or merged.

The file keeps every formula's result, so that none is without; formulas themselves xlrd does not tell.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Iterator
from typing import Any

import xlrd  # type: ignore[import-untyped]
from xlrd.compdoc import CompDoc, CompDocError  # type: ignore[import-untyped]

from evalxl.intake.probe.contents import Area, Cells, Contents, Oddity, Veil
from evalxl.intake.probe.flat import LEAST_HEIGHT, LEAST_WIDTH
from evalxl.intake.probe.formats import OF_THE_SYSTEM, Formats
from evalxl.intake.probe.kinds import OLE, what_ole
from evalxl.intake.probe.limits import MAX_AREA, MAX_CELLS, MAX_COLUMNS, MAX_MERGES, MAX_SHEETS, MAX_TEXT
from evalxl.intake.probe.passwords import opens_by_itself
from evalxl.intake.probe.refusals import Unreadable, refusal, too_far
from evalxl.values.number_formats import is_telling
from evalxl.values.quantities import Epoch


class _Silence:
    """xlrd's remarks on a file go nowhere."""

    def write(self, _text: str) -> None:
        """Forget it."""


_FILEPASS, _CODEPAGE, _EOF = 0x002F, 0x0042, 0x000A
# Of Excel 97 and 5, of 4, of 3, of 2.
_FORMULAS, _BEGINNINGS = (0x0006, 0x0406, 0x0206), (0x0809, 0x0409, 0x0209, 0x0009)
# Names, notes, objects and their texts, links, conditional formats.
_NO_VALUES = frozenset({0x0018, 0x0218, 0x001C, 0x005D, 0x00EC, 0x01B6, 0x01B8, 0x0800, 0x01B0, 0x01B1, 0x015F})
_NOTHING = 0x0FFF
_LOCAL = "gb18030"  # of files by programs that write no code page


def read_biff(data: bytes) -> Contents:
    """The contents of a spreadsheet; Unreadable where it is encrypted, empty or too large, or something else."""
    stream = _stream(data)
    records = _globals(stream)
    if _FILEPASS in records:
        raise refusal("protected" if opens_by_itself(records[_FILEPASS]) else "encrypted")
    encoding = None if _CODEPAGE in records else _LOCAL
    try:
        return _contents(_open(stream, encoding, formats=True), stream)
    except Unreadable:
        raise
    except Exception:  # what is not a value is where files written by programs are broken
        values = _with_values_only(stream)
        return _contents(_open(values, encoding, formats=False), values)


def _stream(data: bytes) -> bytes:
    """The records of a spreadsheet, which lie in a file within the file, or are all there is."""
    if not data.startswith(OLE):
        return data
    try:
        stream = _named_stream(data, lenient=False)
    except CompDocError:  # a table of sectors that does not add up; the stream may be whole
        stream = _named_stream(data, lenient=True)
    if not stream:
        raise what_ole(data)
    return stream


def _named_stream(data: bytes, *, lenient: bool) -> bytes:
    compound = CompDoc(data, logfile=_Silence(), ignore_workbook_corruption=lenient)
    for name in ("Workbook", "Book"):  # in capitals or not
        content, start, size = compound.locate_named_stream(name)
        if content:
            return bytes(content[start : start + size])
    return b""


def _globals(stream: bytes) -> dict[int, bytes]:
    """Of the records up to the first end, those that say how all others are to be read."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind in (_FILEPASS, _CODEPAGE):
            found[kind] = stream[at + 4 : at + 4 + size]
        elif kind == _EOF:
            break
        at += 4 + size
    return found


def _with_values_only(stream: bytes) -> bytes:
    """The records of a spreadsheet; those that say nothing of values under a number that means nothing."""
    changed = bytearray(stream)
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind in _NO_VALUES:
            struct.pack_into("<H", changed, at, _NOTHING)
        at += 4 + size
    return bytes(changed)


def _open(stream: bytes, encoding: str | None, *, formats: bool) -> Any:
    return xlrd.open_workbook(
        file_contents=stream,
        logfile=_Silence(),
        on_demand=True,
        ragged_rows=True,
        formatting_info=formats,
        encoding_override=encoding,
    )


def _contents(book: Any, stream: bytes) -> Contents:
    if not book.nsheets:
        raise refusal("sheetless")
    if book.nsheets > MAX_SHEETS:
        raise refusal("sheets")
    contents, area, cells = Contents(epoch=Epoch.MAC if book.datemode else Epoch.EXCEL), 0, 0
    styles = _telling_styles(book)
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        grid, odd = _cells(sheet, book.datemode)
        area += len(grid) * len(grid[0]) if grid else 0
        cells += sum(map(sheet.row_len, range(sheet.nrows)))
        if area > MAX_AREA or cells > MAX_CELLS:
            raise too_far(sheet.name, sheet.nrows)
        contents.grids[sheet.name] = grid
        contents.formulas[sheet.name] = frozenset(_formulas(stream, book._sh_abs_posn[index]))
        formats = _formatted(sheet, styles)
        if formats:
            contents.formats[sheet.name] = formats
        if odd:
            contents.oddities[sheet.name] = tuple(odd)
        veil = _veil(sheet)
        if veil != Veil():
            contents.veils[sheet.name] = veil
        book.unload_sheet(index)
    return contents


def _cells(sheet: Any, datemode: int) -> tuple[Cells, list[Oddity]]:
    """The cells that hold something, padded to a rectangle, and the error cells among them."""
    rows: Cells = []
    odd: list[Oddity] = []
    for number in range(sheet.nrows):
        row: list[object] = []
        for column, (kind, value) in enumerate(zip(sheet.row_types(number), sheet.row_values(number), strict=True)):
            if kind == xlrd.XL_CELL_ERROR:
                code = xlrd.error_text_from_code.get(value, "#N/A")
                odd.append(Oddity(number + 1, column + 1, "error_cell", code))
            row.append(_value(kind, value, datemode))
        while row and row[-1] == "":
            row.pop()
        rows.append(row)
    while rows and not rows[-1]:
        rows.pop()
    width = max(map(len, rows), default=0)
    if len(rows) * width > MAX_AREA:
        raise too_far(sheet.name, len(rows))
    return [row + [""] * (width - len(row)) for row in rows], odd


def _formulas(stream: bytes, at: int) -> Iterator[tuple[int, int]]:
    """The cells of a sheet that hold a formula, from its records: xlrd gives their results only."""
    depth = 0
    while at + 8 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind in _FORMULAS:
            row, column = struct.unpack_from("<HH", stream, at + 4)
            yield row + 1, column + 1
        depth += (kind in _BEGINNINGS) - (kind == _EOF)  # a chart in a sheet has records of its own
        if not depth:
            return
        at += 4 + size


def _telling_styles(book: Any) -> dict[int, str]:
    """The styles of cells, by number, whose number format may show a number as another."""
    if not book.formatting_info:
        return {}
    codes = {
        key: each.format_str
        for key, each in book.format_map.items()
        if key not in OF_THE_SYSTEM and is_telling(each.format_str or "")
    }
    return {number: codes[style.format_key] for number, style in enumerate(book.xf_list) if style.format_key in codes}


def _formatted(sheet: Any, styles: dict[int, str]) -> Formats:
    """The numbers of a sheet in one of some styles."""
    if not styles:
        return {}
    return {
        (row + 1, column + 1): styles[style]
        for row in range(sheet.nrows)
        for column, kind in enumerate(sheet.row_types(row))
        if kind == xlrd.XL_CELL_NUMBER and (style := sheet.cell_xf_index(row, column)) in styles
    }


def _value(kind: int, value: Any, datemode: int) -> object:
    """A cell as calamine would give it."""
    if kind == xlrd.XL_CELL_TEXT:
        if len(value) > MAX_TEXT:
            raise refusal("text_length")
        return value
    if kind == xlrd.XL_CELL_NUMBER:
        return float(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return _moment(float(value), datemode) if kind == xlrd.XL_CELL_DATE else ""


def _moment(serial: float, datemode: int) -> object:
    try:
        moment: dt.datetime = xlrd.xldate_as_datetime(serial, datemode)
    except (OverflowError, ValueError):
        return serial
    if 0 <= serial < 1:
        return moment.time()
    return moment.date() if moment.time() == dt.time() else moment


_LEAST_HEIGHT = LEAST_HEIGHT * 20  # in twentieths of a point
_LEAST_WIDTH = LEAST_WIDTH * 256  # in 256ths of a character


def _veil(sheet: Any) -> Veil:
    if len(sheet.merged_cells) > MAX_MERGES:
        raise refusal("merges", sheet.name[:31])
    return Veil(
        bool(sheet.visibility),
        frozenset(number + 1 for number, row in sheet.rowinfo_map.items() if row.hidden or row.height < _LEAST_HEIGHT),
        frozenset(
            c + 1
            for c, column in sheet.colinfo_map.items()
            if (column.hidden or column.width < _LEAST_WIDTH) and c < MAX_COLUMNS
        ),
        tuple(
            Area(top + 1, first + 1, bottom, min(last, MAX_COLUMNS)) for top, bottom, first, last in sheet.merged_cells
        ),
    )
