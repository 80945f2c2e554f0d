"""A workbook and its sheets while they are written: looks, widths, heights, and cells by what they hold.

Cells are counted from 1, as people and the layout count them. Only typed writes are used, so nothing that a sender
wrote can become a formula or a link.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format

from evalxl import layout
from evalxl.sheets.looks import Look, palette, properties
from evalxl.sheets.rows import Ends, Formula, RowSheet, cell_xml, column_xml, inline_text, row_xml
from evalxl.sheets.strings import PlainWorkbook, Strings, of_short_texts
from evalxl.values.folding import clean

ROW_LIMIT = 1_048_576  # of Excel and WPS
LINK_LIMIT = 65_530  # links a sheet may hold
TEXT_LIMIT = 32_767  # UTF-16 units in a cell
CUT = "……（已截断）"
WIDEST = 50
LINE_POINTS, ROW_POINTS, MOST_POINTS = 13.5, 19.0, 409.0

_CREATED = dt.datetime(2000, 1, 1)  # fixed: the same figures give the same bytes
_MAXIMUM = 2_000  # links longer than this are refused by Excel

Column = tuple[Sequence[object], Format, Mapping[int, Format]]  # values, their look, and the look of those that differ


class _Widths(dict[str, int]):
    """Columns each character takes: two for Chinese characters and everything drawn as wide as they are."""

    def __missing__(self, character: str) -> int:
        self[character] = 2 if unicodedata.east_asian_width(character) in "WFA" else 1
        return self[character]


_widths = _Widths()


def width(text: str) -> int:
    """How wide a text stands, in half-width characters; of several lines the widest."""
    if "\n" in text:
        return max(map(width, text.split("\n")))
    return len(text) if text.isascii() else _sum_of_widths(text)


@of_short_texts
def _sum_of_widths(text: str) -> int:
    return sum(map(_widths.__getitem__, text))


def lines(text: str, column: float) -> int:
    """The lines a text takes in a column of a given width; a broken line loses a little where it may not break."""
    room = max(column - 1.5, 2)
    broken = max(column - 3, 2)
    if "\n" in text:
        return sum(lines(line, column) for line in text.split("\n"))
    needed = width(text)
    return 1 if needed <= room else math.ceil(needed / broken)


def height(count: int) -> float:
    """The height of a row of so many lines, in points."""
    return ROW_POINTS if count <= 1 else min(count * LINE_POINTS + 6, MOST_POINTS)


@of_short_texts
def cell_text(text: str) -> str:
    """A sender's text as a cell can hold it: no control characters, cut where Excel would refuse it."""
    text = clean(text)
    if len(text) * 2 <= TEXT_LIMIT or len(text.encode("utf-16-le")) // 2 <= TEXT_LIMIT:
        return text
    kept = text.encode("utf-16-le")[: (TEXT_LIMIT - len(CUT)) * 2]
    return kept.decode("utf-16-le", "ignore") + CUT


class Book:
    """A workbook being written; closed, and so stored, at the end of its ``with`` block."""

    def __init__(self, path: Path, title: str) -> None:
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.path = path
        self.content = io.BytesIO()  # stored in one go; what is too large for that goes to the path itself
        self.workbook: Any = PlainWorkbook(self.content, options)
        self.workbook.set_properties({"title": cell_text(title), "author": "evalxl", "created": _CREATED})
        self.workbook.set_size(2400, 1600)
        usual = palette()
        self.workbook.formats = list(usual.formats)
        self.workbook.xf_format_indices = dict(usual.numbers)
        self._made: dict[Look, Format] = dict(usual.made)
        self._numbered: dict[int, Format] = {each.xf_index: each for each in usual.formats}
        self._texts = _SharedTexts(self.workbook.str_table)

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.workbook.fileclosed = True  # half a workbook must not be stored, nor be warned about
            return
        if not self.workbook.in_memory:
            self.workbook.filename = self.path  # too large to be held
        try:
            self.workbook.close()
        except XlsxWriterException as failure:
            system = failure.args[0] if failure.args else failure
            raise system if isinstance(system, OSError) else OSError(str(failure)) from failure
        if self.workbook.in_memory:
            self.path.write_bytes(self.content.getbuffer())

    def look(self, name: str, mark: str = "", number_format: str = "") -> Format:
        """The format of a cell by its part in the form, what is laid over it, and another number format if need be."""
        key = (name, mark, number_format)
        made = self._made.get(key)
        if made is None:
            made = self.workbook.add_format(properties(*key))
            # Numbered now, not when the workbook is stored: cells of XML name the number. Looks alike share one.
            made = self._made[key] = self._numbered.setdefault(made._get_xf_index(), made)
        return made

    def texts(self, texts: Sequence[str]) -> Sequence[str]:
        """How cells end that hold a sender's texts: with their numbers among the strings that the sheets share."""
        strings, known = self.workbook.str_table, self._texts
        strings.count += len(texts) - texts.count("")
        return [known[text] for text in texts]

    def page(self, title: str, *, landscape: bool = False, pages_high: int = 0, charted: bool = False) -> Page:
        """A new sheet, set up for A4, one page wide, with page numbers in the footer; ``charted`` if charts show it."""
        sheet = self.workbook.add_worksheet(title, RowSheet)
        sheet.hide_gridlines(2)
        sheet.set_default_row(ROW_POINTS)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, pages_high)
        sheet.set_footer("&C&9第 &P 页 共 &N 页")
        return Page(self, title, sheet, charted or sheet.constant_memory)


class Page:
    """One sheet while it is drawn."""

    def __init__(self, book: Book, title: str, sheet: Any, theirs: bool) -> None:
        self.book, self.title, self.sheet = book, title, sheet
        self._theirs = theirs  # XlsxWriter must know the single cells: charts take their texts from it, rows on disk
        self._links = 0

    def put(self, row: int, column: int, value: object, look: Format) -> None:
        """Write a value as what it is: text as text, a number as a number, a blank as a blank."""
        if not self._theirs:
            self.sheet.write_cell(row - 1, column - 1, cell_xml(row, column, value, look, self.book.texts))
        elif isinstance(value, Formula):
            self.formula(row, column, value.text, value.result, look)
        elif isinstance(value, str) and value:
            _written(self.sheet.write_string(row - 1, column - 1, cell_text(value), look))
        elif isinstance(value, int | float) and value == value:
            _written(self.sheet.write_number(row - 1, column - 1, value, look))
        else:
            _written(self.sheet.write_blank(row - 1, column - 1, None, look))

    def line(self, row: int, values: Sequence[object], looks: Sequence[Format]) -> None:
        """Write a row from the first column on, each value as what it is: the same as one by one, ten times sooner."""
        self.sheet.write_lines(row - 1, [row_xml(row, values, looks, self._ends())])

    def block(self, first: int, columns: Sequence[Column]) -> None:
        """Write rows from the first column on, given as columns."""
        rows, ends = range(first, first + len(columns[0][0])), self._ends()
        drawn = [column_xml(at, rows, *column, ends) for at, column in enumerate(columns, 1)]
        self.sheet.write_lines(first - 1, list(zip(*drawn, strict=True)))

    def _ends(self) -> Ends:
        return _own_texts if self.sheet.constant_memory else self.book.texts

    def formula(self, row: int, column: int, formula: str, result: float | str, look: Format) -> None:
        """Write a formula with its result, so that programs that do not compute show it too."""
        _written(self.sheet.write_formula(row - 1, column - 1, "=" + formula, look, result))

    def link(self, row: int, column: int, target: str, text: str) -> None:
        """Make a cell that holds a text a link to a place of our own, where Excel would take the link."""
        if len(target) <= _MAXIMUM and self._links < LINK_LIMIT:
            self._links += 1
            self.sheet.link(row - 1, column - 1, target, cell_text(text))

    def merge(self, row: int, first: int, last: int, value: object, look: Format, down: int = 0) -> None:
        """Join cells of a row, or of ``down`` more rows below it, and write a value into them."""
        if last == first and not down:
            self.put(row, first, value, look)
            return
        self.sheet.merge.append([row - 1, first - 1, row - 1 + down, last - 1])
        for each in range(row, row + down + 1):
            for column in range(first, last + 1):
                self.put(each, column, value if (each, column) == (row, first) else None, look)

    def rows(self, row: int, points: float) -> None:
        """Fix a row's height."""
        self.sheet.rise(row - 1, points)

    def columns(self, widths: list[float]) -> None:
        """Set the columns' widths, from the first column on."""
        for column, each in enumerate(widths):
            self.sheet.widen(column, each)

    def at(self, row: int, column: int) -> str:
        """An address on this sheet as a formula elsewhere in the workbook names it."""
        return f"'{self.title}'!{layout.cell(row, column)}"


class _SharedTexts(dict[str, str]):
    """How a cell ends that holds a text, by the text; Book.texts counts them."""

    def __init__(self, strings: Strings) -> None:
        super().__init__({"": "/>"})
        self._strings = strings

    def __missing__(self, text: str) -> str:
        end = self[text] = f' t="s"><v>{self._strings.number(cell_text(text))}</v></c>'
        return end


def _own_texts(texts: Sequence[str]) -> list[str]:
    return list(map(_own_text, texts))


@of_short_texts
def _own_text(text: str) -> str:
    return inline_text(cell_text(text))


def _written(code: Any) -> None:
    """XlsxWriter reports what it refused as a number; a cell left out unseen would be a wrong result."""
    if code:
        raise ValueError(f"XlsxWriter refused a cell (code {code})")
