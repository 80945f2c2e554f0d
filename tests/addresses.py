"""Cells as the rulebook's cases name them: 项目!自评得分@7, 预算!决算数@本年支出合计, 基本信息!部门名称.

The header says which cell is meant, so that a column put into the middle of a sheet breaks no case; tests/test_layout.py
alone pins the letters. An address by letters (项目!Z7) is taken as it is, for cells that no field of the layout has.
"""

from __future__ import annotations

import re

from evalxl import layout
from evalxl.layout import Shape, Sheet

_LETTERS = re.compile(r"([A-Z]{1,3})(\d+)")
_SHEETS = {name: sheet for sheet in layout.SHEETS for name in (*sheet.aliases, sheet.title)}


def cell_of(address: str) -> str:
    """The address by letters of a cell; ValueError for a sheet, header or line that the layout does not have."""
    title, _, place = address.partition("!")
    if not place or _LETTERS.fullmatch(place) or title not in _SHEETS:
        return address
    sheet, (header, _, row) = _SHEETS[title], place.partition("@")
    title = sheet.title
    fields = [field.key for field in sheet.fields if header in (field.header, *field.aliases[-1:])]  # the old name last
    if len(fields) != 1:
        raise ValueError(f"{address}: the sheet {title} has no header {header}")
    if sheet.shape is Shape.FORM:
        return f"{title}!{layout.template_cell(sheet, fields[0])}"
    if sheet.shape is Shape.TABLE or row.isdigit():
        return f"{title}!{layout.cell(int(row), sheet.column(fields[0]))}"
    lines = [line.key for line in sheet.lines if line.label == row]
    if len(lines) != 1:
        raise ValueError(f"{address}: the sheet {title} has no line {row}")
    return f"{title}!{layout.template_cell(sheet, fields[0], lines[0])}"


def named(address: str) -> str:
    """The same cell by its header, where the layout has a field there."""
    title, _, place = address.partition("!")
    match = _LETTERS.fullmatch(place)
    sheet = _SHEETS.get(title)
    return address if match is None or sheet is None else _by_header(sheet, match[1], int(match[2])) or address


def _by_header(sheet: Sheet, letters: str, row: int) -> str:
    if sheet.shape is Shape.FORM:
        forms = [field.header for field in sheet.fields if layout.template_cell(sheet, field.key) == f"{letters}{row}"]
        return f"{sheet.title}!{forms[0]}" if forms else ""
    headers = [field.header for field in sheet.fields if layout.column_letter(sheet.column(field.key)) == letters]
    if not headers:
        return ""
    if sheet.shape is Shape.TABLE:
        return f"{sheet.title}!{headers[0]}@{row}" if row >= sheet.HEADER_ROW else ""
    lines = [line.label for line in sheet.lines if sheet.row(line.key) == row]
    return f"{sheet.title}!{headers[0]}@{lines[0]}" if lines else ""


def finding_by_letters(brief: str) -> str:
    """A finding as the cases state it (规则 工作表!单元格 提醒), its cell by letters."""
    rule, address, *severity = brief.split(" ")
    return " ".join([rule, cell_of(address), *severity])


def finding_by_header(brief: str) -> str:
    """The same with the cell by its header, as the cases write it."""
    rule, address, *severity = brief.split(" ")
    return " ".join([rule, named(address), *severity])
