"""A workbook and its sheets while they are written: looks, widths, heights, and cells by what they hold.

Cells are counted from 1, as people and the layout count them. Only typed writes are used, so nothing that a sender
wrote can become a formula or a link.
"""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format

from evalxl import layout
from evalxl.sheets.looks import RESULT, Style, properties
from evalxl.sheets.measure import cell_text, of_short_texts
from evalxl.sheets.rows import Ends, Formula, cell_xml, column_xml, inline_text, row_xml
from evalxl.sheets.xlsxwriter_inside import PlainWorkbook, Strings, loose_sheet

ROW_LIMIT = 1_048_576  # of Excel and WPS
LINK_LIMIT = 65_530  # links a sheet may hold
WIDEST = 50

_CREATED = dt.datetime(2000, 1, 1)  # fixed: the same figures give the same bytes
_LONGEST_LINK = 2_000  # longer ones are refused by Excel

Column = tuple[Sequence[object], Format, Mapping[int, Format]]  # values, their look, and the look of those that differ


def public_calls_only() -> bool:
    """Whether XlsxWriter's public calls alone are to draw: the same cells, more slowly, with any release of it."""
    return os.environ.get("EVALXL_XLSXWRITER") == "public"


class Book:
    """A workbook being written; closed, and so stored, at the end of its ``with`` block."""

    style: ClassVar[Style] = RESULT

    def __init__(self, path: Path, title: str) -> None:
        self.path, self.fast = path, not public_calls_only()
        self.titles: list[str] = []  # of its sheets, in their order
        self._content = io.BytesIO()
        self.workbook: Any = (PlainWorkbook if self.fast else Workbook)(self._content, self.options())
        self._formats: dict[tuple[str, ...], Format] = {}
        self._texts = _SharedTexts(self.workbook.strings) if self.fast else {}
        self.describe(title)

    def options(self) -> dict[str, object]:
        """XlsxWriter's settings, made anew each time, for it writes into them."""
        return {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}

    def describe(self, title: str) -> None:
        """Give the workbook its properties and its usual looks."""
        self.workbook.set_properties({"title": cell_text(title), "author": "evalxl", "created": _CREATED})
        self.workbook.set_size(2400, 1600)
        if self.fast:
            self._formats.update(self.workbook.begin_with_palette())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:  # half a workbook must not be stored
            return
        try:
            if self.fast:
                self.workbook.store(self.path)
            else:
                self.workbook.close()
                self.path.write_bytes(self._content.getbuffer())
        except XlsxWriterException as failure:
            system = failure.args[0] if failure.args else failure
            raise system if isinstance(system, OSError) else OSError(str(failure)) from failure

    def look(self, name: str, mark: str = "", number_format: str = "") -> Format:
        """The format of a cell by its part in the form, what is laid over it, and another number format if need be."""
        key = (name, mark, number_format)
        if key not in self._formats:
            self._formats[key] = self.add_format(properties(self.style, *key))
        return self._formats[key]

    def add_format(self, look: dict[str, Any]) -> Format:
        """A format of its own."""
        return self.workbook.add_numbered(look) if self.fast else self.workbook.add_format(look)

    def texts(self, texts: Sequence[str]) -> Sequence[str]:
        """How cells end that hold a sender's texts: with their numbers among the strings that the sheets share."""
        strings, known = self.workbook.strings, self._texts
        strings.count += len(texts) - texts.count("")
        return [known[text] for text in texts]

    def page(self, title: str, *, landscape: bool = False, charted: bool = False, to_disk: bool = False) -> Page:
        """A new sheet, set up for A4, one page wide; ``charted`` if charts show it, ``to_disk`` if its rows are many.

        Charts take their texts from XlsxWriter, which must know the single cells of such a sheet.
        """
        if self.fast:
            sheet = self.workbook.add_sheet(title, to_disk=to_disk)
            page = (Page if charted else FastPage)(self, title, sheet)
        else:
            page = Page(self, title, self.workbook.add_worksheet(title))
        self.titles = [*self.titles, title]
        page.sheet.set_default_row(self.style.row)
        page.paper(landscape=landscape, size="&9")
        return page


class Page:
    """One sheet while it is drawn, by public calls of XlsxWriter."""

    def __init__(self, book: Book, title: str, sheet: Any) -> None:
        self.book, self.title, self.sheet = book, title, sheet
        self._links = 0

    def paper(self, *, landscape: bool, size: str = "") -> None:
        """What all sheets share on paper: A4, one page wide, page numbers in the footer."""
        sheet = self.sheet
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&C{size}第 &P 页 共 &N 页")

    def put(self, row: int, column: int, value: object, look: Format | None) -> None:
        """Write a value as what it is: text as text, a number as a number, a blank as a blank."""
        at = row - 1, column - 1
        if isinstance(value, Formula):
            self.formula(row, column, value.text, value.result, look)
        elif isinstance(value, str) and value:
            self.write_text(row, column, cell_text(value), look)
        elif isinstance(value, int | float) and value == value:
            _accepted(self.sheet.write_number(*at, value, look))
        else:
            _accepted(self.sheet.write_blank(*at, None, look))

    def write_text(self, row: int, column: int, text: str, look: Format | None) -> None:
        """Write a text as it stands, whatever it looks like."""
        at = row - 1, column - 1
        if not self.book.fast and text.startswith("<r>") and text.endswith("</r>"):  # it would be taken for markup
            _accepted(self.sheet.write_rich_string(*at, text[:1], text[1:2], text[2:], look))
        else:
            _accepted(self.sheet.write_string(*at, text, look))

    def line(self, row: int, values: Sequence[object], looks: Sequence[Format]) -> None:
        """Write a row from the first column on, each value as what it is."""
        for column, (value, look) in enumerate(zip(values, looks, strict=True), 1):
            self.put(row, column, value, look)

    def block(self, first: int, columns: Sequence[Column]) -> None:
        """Write rows from the first column on, given as columns."""
        for at, (values, look, odd) in enumerate(columns, 1):
            for offset, value in enumerate(values):
                self.put(first + offset, at, value, odd.get(offset, look))

    def formula(self, row: int, column: int, formula: str, result: float | str, look: Format | None) -> None:
        """Write a formula with its result, so that programs that do not compute show it too."""
        _accepted(self.sheet.write_formula(row - 1, column - 1, "=" + formula, look, result))

    def link(self, row: int, column: int, target: str, text: str, look: Format) -> None:
        """Make a cell that holds a text a link to a place of our own, where Excel would take the link."""
        if len(target) <= _LONGEST_LINK and self._links < LINK_LIMIT:
            self._links += 1
            self._link(row, column, target, cell_text(text), look)

    def _link(self, row: int, column: int, target: str, text: str, look: Format) -> None:
        self.sheet.write_url(row - 1, column - 1, target, look, text)

    def merge(self, row: int, first: int, last: int, value: object, look: Format) -> None:
        """Join cells of a row, and write a value into them."""
        if last > first:
            self.sheet.merge_range(row - 1, first - 1, row - 1, last - 1, "", look)
        self.put(row, first, value, look)

    def rows(self, row: int, points: float) -> None:
        """Fix a row's height."""
        self.sheet.set_row(row - 1, points)

    def columns(self, widths: Sequence[float]) -> None:
        """Set the columns' widths, from the first column on."""
        for column, each in enumerate(widths):
            self.sheet.set_column(column, column, each)

    def at(self, row: int, column: int) -> str:
        """An address on this sheet as a formula elsewhere in the workbook names it."""
        return f"'{self.title}'!{layout.cell(row, column)}"


class FastPage(Page):
    """A sheet drawn with cells as finished XML: the same bytes, ten times sooner."""

    def put(self, row: int, column: int, value: object, look: Format | None) -> None:  # noqa: D102
        if self.sheet.to_disk or look is None:
            super().put(row, column, value, look)
        else:
            self.sheet.write_cell(row - 1, column - 1, cell_xml(row, column, value, look, self.book.texts))

    def line(self, row: int, values: Sequence[object], looks: Sequence[Format]) -> None:  # noqa: D102
        self.sheet.write_lines(row - 1, [row_xml(row, values, looks, self._ends())])

    def block(self, first: int, columns: Sequence[Column]) -> None:  # noqa: D102
        rows, ends = range(first, first + len(columns[0][0])), self._ends()
        drawn = [column_xml(at, rows, *column, ends) for at, column in enumerate(columns, 1)]
        self.sheet.write_lines(first - 1, list(zip(*drawn, strict=True)))

    def _ends(self) -> Ends:
        return _own_texts if self.sheet.to_disk else self.book.texts

    def _link(self, row: int, column: int, target: str, text: str, look: Format) -> None:  # noqa: ARG002
        self.sheet.link(row - 1, column - 1, target, text)

    def merge(self, row: int, first: int, last: int, value: object, look: Format) -> None:  # noqa: D102
        if last > first:
            self.sheet.join(row - 1, first - 1, last - 1)
        for column in range(first, last + 1):
            self.put(row, column, value if column == first else None, look)

    def rows(self, row: int, points: float) -> None:  # noqa: D102
        self.sheet.rise(row - 1, points)

    def columns(self, widths: Sequence[float]) -> None:  # noqa: D102
        for column, each in enumerate(widths):
            self.sheet.widen(column, each)


class LoosePage(FastPage):
    """Rows of a large sheet as XML, drawn apart from the workbook that they are for."""

    def __init__(self, into: io.StringIO) -> None:
        self.sheet, self._links = loose_sheet(RESULT.row, into), 0


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


def _accepted(code: Any) -> None:
    """XlsxWriter reports what it refused as a number; a cell left out unseen would be a wrong result."""
    if code:
        raise ValueError(f"XlsxWriter refused a cell (code {code})")
