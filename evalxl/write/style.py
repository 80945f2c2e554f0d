"""How everything evalxl hands back looks: fonts, colours, number formats and widths, each named once.

Cells are counted from 1, as people and the layout count them. Only typed writes are used, so nothing that a sender
wrote can become a formula or a link.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format

from evalxl import layout
from evalxl.folding import clean
from evalxl.write.rows import Formula, RowSheet, inline_text, row_xml, shared_text
from evalxl.write.strings import PlainWorkbook

SONG, HEI = "宋体", "黑体"
NAVY, BLUE, GOLD, GREY = "#1F3864", "#3E6A9E", "#C9A24B", "#595959"
_LINE = "#BFBFBF"  # thin lines between cells
_PALE = "#F3F6FA"

AMOUNT_FORMAT = "#,##0.00####"  # 万元: two decimals, up to six where they are not nil
_BOX: dict[str, Any] = {"border": 1, "border_color": _LINE}
_HEAD: dict[str, Any] = _BOX | {"font_name": HEI, "bg_color": "#DCE6F1", "align": "center", "text_wrap": True}
_CARD: dict[str, Any] = {"bg_color": _PALE, "align": "center"}

LOOKS: dict[str, dict[str, Any]] = {
    "title": {"font_name": HEI, "font_size": 16, "align": "center"},
    "great title": {"font_name": HEI, "font_size": 20, "align": "center", "font_color": NAVY, "text_wrap": True},
    "subtitle": {"font_size": 10, "align": "center", "font_color": GREY, "text_wrap": True},
    "section": {"font_name": HEI, "font_size": 11, "font_color": NAVY, "bottom": 2, "bottom_color": NAVY},
    "note": {"font_size": 9, "font_color": GREY},
    "sentence": {"font_size": 10, "text_wrap": True, "valign": "vcenter"},
    "unit": {"font_size": 9, "font_color": GREY, "align": "right"},
    "header": _HEAD,
    "label": _BOX | {"font_name": HEI, "bg_color": _PALE, "text_wrap": True, "indent": 1},
    "text": _BOX | {"text_wrap": True, "indent": 1},
    "detail": _BOX | {"text_wrap": True, "indent": 2},
    "centre": _BOX | {"text_wrap": True, "align": "center"},
    "figure": _BOX | {"align": "right", "text_wrap": True},  # a number in a finding's own words
    "amount": _BOX | {"num_format": AMOUNT_FORMAT, "align": "right"},
    "rate": _BOX | {"num_format": "0.00%", "align": "right"},
    "score": _BOX | {"num_format": "0.00####", "align": "right"},
    "count": _BOX | {"num_format": "#,##0", "align": "right"},
    "tally": _BOX | {"num_format": "#,##0", "align": "center"},
    "share": _BOX | {"num_format": "0.0%", "align": "center"},
    "index": _BOX | {"num_format": "0", "align": "center", "font_color": GREY},
    "year": _BOX | {"num_format": "0", "align": "center"},
    "source": _BOX | {"font_size": 8, "font_color": GREY, "align": "center", "text_wrap": True},
    "link": _BOX | {"font_color": "#0563C1", "underline": 1, "text_wrap": True, "indent": 1},
    "verdict": _BOX | {"font_name": HEI, "font_size": 16, "align": "center"},
    "card label": _CARD | {"font_size": 9, "font_color": GREY, "top": 2, "top_color": BLUE},
    "card": _CARD | {"font_name": HEI, "font_size": 15, "font_color": NAVY, "shrink": True},
    "middle card": _CARD | {"font_name": HEI, "font_size": 12, "font_color": NAVY, "shrink": True},
    "small card": _CARD | {"font_name": HEI, "font_size": 10, "font_color": NAVY, "shrink": True},
    "caution": {"font_size": 10, "text_wrap": True, "indent": 1},
    "card share": _CARD | {"font_size": 9, "font_color": GREY, "text_wrap": True},
    "sign": {"font_size": 10, "bottom": 1, "bottom_color": GREY},
    "sign label": {"font_size": 10, "align": "right"},
}

# What is laid over a look: a severity, a status, a line of totals.
MARKS: dict[str, dict[str, Any]] = {
    "total": {"font_name": HEI, "bg_color": "#EAEAEA", "top": 2, "top_color": GREY},
    "subtotal": {"font_name": HEI, "bg_color": "#EAEAEA"},
    "error": {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
    "warning": {"bg_color": "#FFEB9C", "font_color": "#7F4F00"},
    "info": {"font_color": BLUE},
    "accepted": {"bg_color": "#E2F0D9", "font_color": "#1B7F3B"},
    "explain": {"bg_color": "#FFF2CC", "font_color": "#7F4F00"},
    "returned": {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
    "refused": {"bg_color": "#D9D9D9", "font_color": "#404040"},
}

ROW_LIMIT = 1_048_576  # of Excel and WPS
LINK_LIMIT = 65_530  # links a sheet may hold
TEXT_LIMIT = 32_767  # UTF-16 units in a cell
CUT = "……（已截断）"
WIDEST = 50
LINE_POINTS, ROW_POINTS, MOST_POINTS = 13.5, 19.0, 409.0

_CREATED = dt.datetime(2000, 1, 1)  # fixed: the same figures give the same bytes
_MAXIMUM = 2_000  # links longer than this are refused by Excel


class _Widths(dict[str, int]):
    """Columns each character takes: two for Chinese characters and everything drawn as wide as they are."""

    def __missing__(self, character: str) -> int:
        self[character] = 2 if unicodedata.east_asian_width(character) in "WFA" else 1
        return self[character]


_widths = _Widths()


def width(text: str) -> int:
    """How wide a text stands, in half-width characters; of several lines the widest."""
    if "\n" in text:
        return max(width(line) for line in text.split("\n"))
    return len(text) if text.isascii() else sum(map(_widths.__getitem__, text))


def lines(text: str, column: float) -> int:
    """The lines a text takes in a column of a given width; a broken line loses a little where it may not break."""
    room = max(column - 1.5, 2)
    broken = max(column - 3, 2)
    widths = map(width, text.split("\n"))
    return sum(1 if each <= room else math.ceil(each / broken) for each in widths)


def height(count: int) -> float:
    """The height of a row of so many lines, in points."""
    return ROW_POINTS if count <= 1 else min(count * LINE_POINTS + 6, MOST_POINTS)


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
        self.content = io.BytesIO()  # a full disk must not meet a half-written zip, whose end Python complains of
        self.workbook: Any = PlainWorkbook(self.content, options)
        self.workbook.set_properties({"title": cell_text(title), "author": "evalxl", "created": _CREATED})
        self.workbook.set_size(2400, 1600)
        self._made: dict[tuple[str, str, str], Format] = {}
        self._numbered: dict[int, Format] = {}
        self._texts: dict[str, str] = {}

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.workbook.fileclosed = True  # half a workbook must not be stored, nor be warned about
            return
        try:
            self.workbook.close()
        except XlsxWriterException as failure:
            system = failure.args[0] if failure.args else failure
            raise system if isinstance(system, OSError) else OSError(str(failure)) from failure
        self.path.write_bytes(self.content.getbuffer())

    def look(self, name: str, mark: str = "", number_format: str = "") -> Format:
        """The format of a cell by its part in the form, what is laid over it, and another number format if need be."""
        key = (name, mark, number_format)
        made = self._made.get(key)
        if made is None:
            properties = {"font_name": SONG, "font_size": 10, "valign": "vcenter"} | LOOKS[name] | MARKS.get(mark, {})
            properties |= {"num_format": number_format} if number_format else {}
            made = self.workbook.add_format(properties)
            # Numbered now, not when the workbook is stored: rows of XML name the number. Looks alike share one.
            made = self._made[key] = self._numbered.setdefault(made._get_xf_index(), made)
        return made

    def text(self, text: str) -> str:
        """How a cell ends that holds a sender's text: with its number among the strings that the sheets share."""
        strings, end = self.workbook.str_table, self._texts.get(text)
        if end is None:
            end = self._texts[text] = shared_text(strings._get_shared_string_index(cell_text(text)))
        else:
            strings.count += 1
        return end

    def page(self, title: str, *, landscape: bool = False, pages_high: int = 0) -> Page:
        """A new sheet, set up for A4, one page wide, with page numbers in the footer."""
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
        return Page(self, title, sheet)


class Page:
    """One sheet while it is drawn."""

    def __init__(self, book: Book, title: str, sheet: Any) -> None:
        self.book = book
        self.title = title
        self.sheet = sheet
        self._links = 0

    def put(self, row: int, column: int, value: object, look: Format) -> None:
        """Write a value as what it is: text as text, a number as a number, a blank as a blank."""
        if isinstance(value, Formula):
            self.formula(row, column, value.text, value.result, look)
        elif isinstance(value, str) and value:
            _written(self.sheet.write_string(row - 1, column - 1, cell_text(value), look))
        elif isinstance(value, int | float) and value == value:
            _written(self.sheet.write_number(row - 1, column - 1, value, look))
        else:
            _written(self.sheet.write_blank(row - 1, column - 1, None, look))

    def line(self, row: int, values: Sequence[object], looks: Sequence[Format]) -> None:
        """Write a row from the first column on, each value as what it is: the same as one by one, ten times sooner."""
        text = _own_text if self.sheet.constant_memory else self.book.text
        self.sheet.write_line(row - 1, len(values), row_xml(row, values, looks, text))

    def formula(self, row: int, column: int, formula: str, result: float | str, look: Format) -> None:
        """Write a formula with its result, so that programs that do not compute show it too."""
        _written(self.sheet.write_formula(row - 1, column - 1, "=" + formula, look, result))

    def link(self, row: int, column: int, target: str, text: str, look: Format) -> None:
        """Write a link to a place of our own; plain text where Excel would not take the link."""
        if len(target) > _MAXIMUM or self._links >= LINK_LIMIT:
            self.put(row, column, text, look)
            return
        self._links += 1
        _written(self.sheet.write_url(row - 1, column - 1, target, look, cell_text(text)))

    def merge(self, row: int, first: int, last: int, value: object, look: Format, down: int = 0) -> None:
        """Join cells of a row, or of ``down`` more rows below it, and write a value into them."""
        if last > first or down:
            _written(self.sheet.merge_range(row - 1, first - 1, row - 1 + down, last - 1, "", look))
        self.put(row, first, value, look)

    def rows(self, row: int, points: float) -> None:
        """Fix a row's height."""
        self.sheet.set_row(row - 1, points)

    def columns(self, widths: list[float]) -> None:
        """Set the columns' widths, from the first column on."""
        for column, each in enumerate(widths):
            self.sheet.set_column(column, column, each)

    def at(self, row: int, column: int) -> str:
        """An address on this sheet as a formula elsewhere in the workbook names it."""
        return f"'{self.title}'!{layout.cell(row, column)}"


@lru_cache(maxsize=4096)  # departments, files and levels come back in every row
def _own_text(text: str) -> str:
    return inline_text(cell_text(text))


def _written(code: Any) -> None:
    """XlsxWriter reports what it refused as a number; a cell left out unseen would be a wrong result."""
    if code:
        raise ValueError(f"XlsxWriter refused a cell (code {code})")
