"""Cells as finished XML: XlsxWriter's own bytes at a tenth of its time for a cell.

XlsxWriter keeps the workbook: formats, widths, links, charts, the parts. Only cells are put into words here, those of
a table a column at a time; XlsxWriter takes 7 µs to store and write a cell, this 0.5. It relies on private parts of
XlsxWriter, which pyproject.toml keeps below its next major version; a test holds every byte against XlsxWriter's.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast
from xml.sax.saxutils import escape

from xlsxwriter.format import Format
from xlsxwriter.url import Url
from xlsxwriter.worksheet import Worksheet

from evalxl.layout import column_letter
from evalxl.sheets.strings import text_xml

_SPAN = 16  # rows that state their first and last column together

_COLUMNS: dict[float, Any] = {}  # width → XlsxWriter's word for a column of that width, the same on every sheet

Ends = Callable[[Sequence[str]], Sequence[str]]  # texts → how the cells end that hold them


class Formula(NamedTuple):
    """A formula of our own, without its equals sign, and its result."""

    text: str
    result: float


class RowSheet(Worksheet):  # type: ignore[misc]
    """A sheet that also takes cells as XML: whole rows of them, and single ones, which replace those of a row.

    Not so where rows go to disk one by one (XlsxWriter's constant_memory): there each is written once, in order.
    """

    fh: Any  # XlsxWriter's: the file or text it writes to
    previous_row: int  # and the last row that has gone to disk

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[int, Sequence[str]] = {}  # row, counted from 0 → its cells from the first column on
        self._cells: dict[int, dict[int, str]] = {}  # row → column → cell
        self._heights: dict[float, Any] = {}  # points → XlsxWriter's word for a row of that height
        self._tags: dict[tuple[str | None, float | None], str] = {}  # span and height → the rest of a row's tag

    def write_lines(self, first: int, lines: Sequence[Sequence[str]]) -> None:
        """Take rows of equally many cells; ValueError where a sheet has no such rows."""
        if self.constant_memory and (first < self.previous_row or self.table.get(first)):
            raise ValueError(f"row {first + 1} has been written")
        self._reach(first, first + len(lines) - 1, 0, len(lines[0]) - 1)
        if self.constant_memory:
            self._to_disk(first, lines)
        else:
            self._lines.update(enumerate(lines, first))

    def _to_disk(self, first: int, lines: Sequence[Sequence[str]]) -> None:
        if self.table:  # the row before, where XlsxWriter has its cells
            self._write_single_row(first)
        for row, cells in enumerate(lines, first):
            self.fh.write(f'<row r="{row + 1}"{self._tag(None, self.row_info.pop(row, None))}{"".join(cells)}</row>')
        self.previous_row = first + len(lines)

    def write_cell(self, row: int, column: int, cell: str) -> None:
        """Take a cell of a sheet that is held in memory; ValueError where there is none such."""
        self._reach(row, row, column, column)
        self._cells.setdefault(row, {})[column] = cell

    def _reach(self, first: int, last: int, left: int, right: int) -> None:
        """Note how far the sheet reaches; ValueError where no sheet does."""
        if self.dim_rowmin is not None and self.dim_colmin is not None:
            rows = self.dim_rowmin <= first and last <= self.dim_rowmax
            if rows and self.dim_colmin <= left and right <= self.dim_colmax:
                return
        if self._check_dimensions(first, left) or self._check_dimensions(last, right):
            raise ValueError(f"no such cells: rows {first + 1} to {last + 1}, columns {left + 1} to {right + 1}")

    def rise(self, row: int, points: float) -> None:
        """Fix a row's height."""
        info = self._heights.get(points)
        if info is None:
            self.set_row(row, points)
            self._heights[points] = self.row_info[row]
            return
        self._reach(row, row, self.dim_colmin or 0, self.dim_colmin or 0)
        self.row_info[row] = info
        if not self.constant_memory:  # for charts and pictures, of which there are none where rows go to disk
            self.row_sizes[row] = [info.height, False]

    def widen(self, column: int, width: float) -> None:
        """Set a column's width."""
        if width not in _COLUMNS:
            self.set_column(column, column, width)
            _COLUMNS[width] = self.col_info[column]
        self.col_info[column] = _COLUMNS[width]
        self.col_size_changed = True

    def link(self, row: int, column: int, target: str, text: str) -> None:
        """Make a cell a link; the text in it is written like any other."""
        url = Url(target)
        url._text = text
        self.hyperlinks[row][column] = url

    def _prepare_formula(self, formula: str, _expand: bool = False) -> str:
        """Our formulas have none of the thirty functions for which XlsxWriter searches every one of them."""
        return formula.removeprefix("=")

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, object]] = ()) -> None:
        """A text is never markup, whatever it looks like (see strings.py)."""
        self._xml_inline_string(string, False, attributes)

    def _write_rows(self) -> None:
        spans, lines, pieces = self._spans(), self._lines, []
        own = {row: cells for row, cells in self.table.items() if cells}
        for row in sorted({*lines, *self._cells, *self.row_info, *own}):
            span, info, cells = spans.get(row // _SPAN), self.row_info.get(row), lines.get(row, ())
            if row in own or row in self._cells:
                cells = self._laid_over(row, cells, own.get(row, {}))
            if cells:
                pieces.append(f'<row r="{row + 1}"{self._tag(span, info)}{"".join(cells)}</row>')
            else:
                pieces.append(self._said(partial(self._write_empty_row, row, span, info)))
        self.fh.write("".join(pieces))

    def _tag(self, span: str | None, info: Any) -> str:
        """What follows the number of a row in its tag, as XlsxWriter writes it; only heights tell our rows apart."""
        key = span, info.height if info else None
        if key not in self._tags:
            self._tags[key] = self._said(partial(self._write_row, 0, span, info)).removeprefix('<row r="1"')
        return self._tags[key]

    def _laid_over(self, row: int, line: Sequence[str], own: dict[int, Any]) -> list[str]:
        """The cells of a row: over those of the line the single ones, over both XlsxWriter's (formulas, charts)."""
        cells = dict(enumerate(line)) | self._cells.get(row, {})
        for column, cell in own.items():
            cells[column] = self._said(partial(self._write_cell, row, column, cell))
        return [cells[column] for column in sorted(cells)]

    def _said(self, write: Callable[[], None]) -> str:
        """What XlsxWriter writes."""
        sheet, self.fh = self.fh, io.StringIO()
        write()
        said: str = self.fh.getvalue()
        self.fh = sheet
        return said

    def _spans(self) -> dict[int, str]:
        """The first and last column of every block of rows."""
        extents = [(row, 0, len(line) - 1) for row, line in self._lines.items()]
        extents += [(row, min(cells), max(cells)) for row, cells in self._cells.items()]
        extents += [(row, min(cells), max(cells)) for row, cells in self.table.items() if cells]
        blocks: dict[int, tuple[int, int]] = {}
        for row, first, last in extents:
            low, high = blocks.get(row // _SPAN, (first, last))
            blocks[row // _SPAN] = min(low, first), max(high, last)
        return {block: f"{low + 1}:{high + 1}" for block, (low, high) in blocks.items()}


def column_xml(
    column: int, rows: Sequence[int], values: Sequence[object], look: Format, odd: Mapping[int, Format], ends: Ends
) -> list[str]:
    """The cells of a column, counted from 1, in some rows; ``odd`` are the looks of those that look otherwise."""
    head, style = f'<c r="{column_letter(column)}', f'" s="{look.xf_index}"'
    ended = _ended(values, ends)
    cells = [f"{head}{row}{style}{end}" for row, end in zip(rows, ended, strict=True)]
    for offset, other in odd.items():
        cells[offset] = f'{head}{rows[offset]}" s="{other.xf_index}"{ended[offset]}'
    return cells


def row_xml(row: int, values: Sequence[object], looks: Sequence[Format], ends: Ends) -> list[str]:
    """The cells of a row, counted from 1, from the first column on."""
    return [cell_xml(row, at, *cell, ends) for at, cell in enumerate(zip(values, looks, strict=True), 1)]


def cell_xml(row: int, column: int, value: object, look: Format, ends: Ends) -> str:
    """A single cell."""
    return f'<c r="{column_letter(column)}{row}" s="{look.xf_index}"{_end(value, ends)}'


def _ended(values: Sequence[object], ends: Ends) -> Sequence[str]:
    """How cells end that hold these values."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return ends(cast("Sequence[str]", values))
    if kinds <= {float, int} and math.inf not in values and -math.inf not in values:
        numbers = cast("Sequence[float]", values)
        return [f"><v>{value:.16G}</v></c>" if value == value else "/>" for value in numbers]
    return [_end(value, ends) for value in values]


def _end(value: object, ends: Ends) -> str:
    if isinstance(value, str):
        return ends([value])[0]
    if isinstance(value, int | float):
        if math.isinf(value):
            raise ValueError("a cell cannot hold an infinite number")
        return f"><v>{value:.16G}</v></c>" if value == value else "/>"
    return f"><f>{escape(value.text)}</f><v>{value.result}</v></c>" if isinstance(value, Formula) else "/>"


def inline_text(text: str) -> str:
    """How a cell ends that has its text for itself, as on sheets that are written to disk row by row."""
    if not text:
        return "/>"
    return f' t="inlineStr"><is>{text_xml(text)}</is></c>'
