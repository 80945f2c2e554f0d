"""Whole rows as finished XML: XlsxWriter's own bytes at a tenth of its time for a cell.

XlsxWriter keeps the workbook: formats, widths, merged cells, links, charts, the package. Only whole rows, nine cells
in ten, are put into words here; XlsxWriter takes 7 µs to store and write a cell, this 0.8. It relies on private parts
of XlsxWriter, which pyproject.toml keeps below its next major version; a test holds every byte against XlsxWriter's.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evalxl.layout import column_letter
from evalxl.write.strings import text_xml

_CELL = re.compile(r"<c [^>]*/>|<c .*?</c>")  # one cell of a line; texts stand in it as numbers only
_SPAN = 16  # rows that state their first and last column together


class Formula(NamedTuple):
    """A formula of our own, without its equals sign, and its result."""

    text: str
    result: float


class RowSheet(Worksheet):  # type: ignore[misc]
    """A sheet that also takes whole rows, kept as XML; cells that XlsxWriter is given in such a row replace theirs.

    Not so where rows go to disk one by one (XlsxWriter's constant_memory): there each is written once, in order.
    """

    fh: Any  # XlsxWriter's: the file or text it writes to
    previous_row: int  # and the last row that has gone to disk

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[int, tuple[int, str]] = {}  # row, counted from 0 → its number of cells, and these as XML
        self._tags: dict[tuple[str | None, float | None], str] = {}  # span and height → the rest of a row's tag

    def write_line(self, row: int, count: int, xml: str) -> None:
        """Take a row of so many cells from the first column on; ValueError where a sheet has no such cells."""
        if self.constant_memory and (row < self.previous_row or self.table.get(row)):
            raise ValueError(f"row {row + 1} has been written")
        if self._check_dimensions(row, 0) or self._check_dimensions(row, count - 1):
            raise ValueError(f"no such row: {row + 1}")
        if not self.constant_memory:
            self._lines[row] = count, xml
            return
        if self.table:  # the row before, where XlsxWriter has its cells
            self._write_single_row(row)
        self._write_row(row, None, self.row_info.get(row))
        self.fh.write(xml + "</row>")
        self.previous_row = row + 1

    def _prepare_formula(self, formula: str, _expand: bool = False) -> str:
        """Our formulas have none of the thirty functions for which XlsxWriter searches every one of them."""
        return formula.removeprefix("=")

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, object]] = ()) -> None:
        """A text is never markup, whatever it looks like (see strings.py)."""
        self._xml_inline_string(string, False, attributes)

    def _write_rows(self) -> None:
        spans = self._spans()
        for row in sorted({*self._lines, *self.row_info, *(row for row, cells in self.table.items() if cells)}):
            span, info, own = spans.get(row // _SPAN), self.row_info.get(row), self.table.get(row)
            if row not in self._lines and not own:
                self._write_empty_row(row, span, info)
                continue
            self.fh.write(f'<row r="{row + 1}"{self._tag(span, info)}')
            line = self._lines[row][1] if row in self._lines else ""
            if own:
                self._write_over(own, row, _CELL.findall(line))
            else:
                self.fh.write(line)
            self.fh.write("</row>")

    def _tag(self, span: str | None, info: Any) -> str:
        """What follows the number of a row in its tag, as XlsxWriter writes it; only heights tell our rows apart."""
        key = span, info.height if info else None
        if key not in self._tags:
            sheet, self.fh = self.fh, io.StringIO()
            self._write_row(0, span, info)
            self._tags[key] = self.fh.getvalue().removeprefix('<row r="1"')
            self.fh = sheet
        return self._tags[key]

    def _write_over(self, own: dict[int, Any], row: int, line: list[str]) -> None:
        """XlsxWriter's cells of a row, and those of the line that they do not replace."""
        for column in sorted({*own, *range(len(line))}):
            if column in own:
                self._write_cell(row, column, own[column])
            else:
                self.fh.write(line[column])

    def _spans(self) -> dict[int, str]:
        """The first and last column of every block of rows."""
        extents = [(row, 0, count - 1) for row, (count, _) in self._lines.items()]
        extents += [(row, min(cells), max(cells)) for row, cells in self.table.items() if cells]
        blocks: dict[int, tuple[int, int]] = {}
        for row, first, last in extents:
            low, high = blocks.get(row // _SPAN, (first, last))
            blocks[row // _SPAN] = min(low, first), max(high, last)
        return {block: f"{low + 1}:{high + 1}" for block, (low, high) in blocks.items()}


def row_xml(row: int, values: Sequence[object], looks: Sequence[Format], text: Callable[[str], str]) -> str:
    """The cells of a row, counted from 1, from the first column on; ``text`` says how a cell ends that holds a text."""
    cells = []
    for letter, value, look in zip(_letters(len(values)), values, looks, strict=True):
        if isinstance(value, str):
            end = text(value) if value else "/>"
        elif isinstance(value, int | float):
            end = f"><v>{value:.16G}</v></c>" if math.isfinite(value) else _blank(value)
        else:
            end = _formula(value) if isinstance(value, Formula) else "/>"
        cells.append(f'<c r="{letter}{row}" s="{look.xf_index}"{end}')
    return "".join(cells)


def _blank(number: float) -> str:
    if math.isinf(number):
        raise ValueError("a cell cannot hold an infinite number")
    return "/>"


def _formula(formula: Formula) -> str:
    return f"><f>{escape(formula.text)}</f><v>{formula.result}</v></c>"


def shared_text(index: int) -> str:
    """How a cell ends that holds a text of the strings which the sheets share."""
    return f' t="s"><v>{index}</v></c>'


def inline_text(text: str) -> str:
    """How a cell ends that has its text for itself, as on sheets that are written to disk row by row."""
    return f' t="inlineStr"><is>{text_xml(Worksheet._escape_control_characters(text))}</is></c>'


@lru_cache(maxsize=64)  # the rows of a table are all of one length
def _letters(count: int) -> tuple[str, ...]:
    return tuple(column_letter(column) for column in range(1, count + 1))
