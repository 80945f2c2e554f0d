"""All that evalxl uses of XlsxWriter beyond its public calls, and why; nothing else names a private part of it.

It is there for speed (a result takes half the time that XlsxWriter takes for its cells alone), and for two things that
XlsxWriter does otherwise: rows that start tall and still grow with their text, and texts that are never markup.
pyproject.toml keeps XlsxWriter below its next minor version; a test holds every byte against XlsxWriter's own, and
EVALXL_XLSXWRITER=public draws the same cells without this module.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings, SharedStringTable
from xlsxwriter.url import Url
from xlsxwriter.worksheet import Worksheet

from evalxl.sheets.looks import RESULT, USUAL, Look, properties
from evalxl.sheets.measure import of_short_texts
from evalxl.sheets.zipped import LEVEL, member, zipped

_SPAN = 16  # rows that state their first and last column together
_COLUMNS: dict[float, Any] = {}  # width → XlsxWriter's word for a column of that width, the same on every sheet
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")  # what XlsxWriter escapes as _xHHHH_

number_of: Callable[[Format], int] = attrgetter("xf_index")  # a look as cells name it


@of_short_texts
def text_xml(text: str) -> str:
    """A text as a cell or the shared strings hold it; blanks at its ends are kept, control characters escaped."""
    if _ODD.search(text):
        text = str(SharedStrings._escape_control_characters(text))
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f"<t{space}>{escape(text)}</t>"


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

    @property
    def to_disk(self) -> bool:
        """Whether its rows go to disk one by one."""
        return bool(self.constant_memory)

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

    def take_rows(self, first: int, count: int, columns: int, xml: Path) -> None:
        """Take finished rows, which a sheet without workbook has been given (``loose_sheet``), from disk to disk."""
        self._reach(first, first + count - 1, 0, columns - 1)
        if self.table:
            self._write_single_row(first)
        with xml.open(encoding="utf-8", newline="") as rows:
            shutil.copyfileobj(rows, self.fh)
        self.previous_row = first + count

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

    def join(self, row: int, first: int, last: int) -> None:
        """Join cells of a row, each of which is written like any other."""
        self.merge.append([row, first, row, last])

    def _prepare_formula(self, formula: str, _expand: bool = False) -> str:
        """Our formulas have none of the thirty functions for which XlsxWriter searches every one of them."""
        return formula.removeprefix("=")

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, object]] = ()) -> None:
        """A text is never markup, whatever it looks like (see PlainWorkbook)."""
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
                pieces.append(self._xml_of(partial(self._write_empty_row, row, span, info)))
        self.fh.write("".join(pieces))

    def _tag(self, span: str | None, info: Any) -> str:
        """What follows the number of a row in its tag, as XlsxWriter writes it; only heights tell our rows apart."""
        key = span, info.height if info else None
        if key not in self._tags:
            self._tags[key] = self._xml_of(partial(self._write_row, 0, span, info)).removeprefix('<row r="1"')
        return self._tags[key]

    def _laid_over(self, row: int, line: Sequence[str], own: dict[int, Any]) -> list[str]:
        """The cells of a row: over those of the line the single ones, over both XlsxWriter's (formulas, charts)."""
        cells = dict(enumerate(line)) | self._cells.get(row, {})
        for column, cell in own.items():
            cells[column] = self._xml_of(partial(self._write_cell, row, column, cell))
        return [cells[column] for column in sorted(cells)]

    def _xml_of(self, write: Callable[[], None]) -> str:
        """What XlsxWriter writes."""
        sheet, self.fh = self.fh, io.StringIO()
        write()
        xml: str = self.fh.getvalue()
        self.fh = sheet
        return xml

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


def loose_sheet(default: float, into: io.StringIO) -> RowSheet:
    """A sheet of no workbook, whose rows go into a text, for a process that draws some rows of a large sheet."""
    sheet = RowSheet()
    sheet.set_default_row(default)
    sheet.constant_memory, sheet.fh = True, into
    return sheet


def numbered_look(number: int) -> Format:
    """What stands for a look of which only its number in the workbook is known."""
    look = Format()
    look.xf_index = number
    return look


class GrowingSheet(Worksheet):  # type: ignore[misc]
    """A sheet with rows whose height is not fixed, although it is given."""

    def __init__(self) -> None:
        super().__init__()
        self._natural: dict[int, float] = {}

    def natural_height(self, row: int, points: float) -> None:
        """The height a row has now; unlike one set by hand, it changes when what is in the row changes."""
        self._natural[row] = points

    def _write_row(self, row: int, spans: Any, row_info: Any = None, empty_row: bool = False) -> None:
        if row not in self._natural or row_info is not None or empty_row:
            super()._write_row(row, spans, row_info, empty_row)
        else:
            self._xml_start_tag_unencoded("row", [("r", row + 1), ("ht", f"{self._natural[row]:g}")])

    def _prepare_formula(self, formula: str, _expand: bool = False) -> str:
        """The template calls no function younger than 2010, and XlsxWriter searches every formula for thirty of them.

        That was more than half of the time that drawing a template took.
        """
        return formula.removeprefix("{").removeprefix("=").removesuffix("}")


class Strings(SharedStringTable):  # type: ignore[misc]
    """The texts that sheets share, each with its number, and how many cells hold one."""

    count: int
    string_table: dict[str, int]

    def number(self, text: str) -> int:
        """The number of a text, which it gets when it comes first."""
        return self.string_table.setdefault(text, len(self.string_table))

    def _get_shared_string_index(self, string: str) -> int:
        self.count += 1
        return self.number(string)

    def _sort_string_data(self) -> None:
        self.string_array = list(self.string_table)
        self.unique_count = len(self.string_array)


class _Palette(NamedTuple):
    """The usual looks as formats of XlsxWriter, made and numbered once for all workbooks; none of them may change."""

    formats: list[Format]  # by number, after the two that every workbook of XlsxWriter begins with
    by_look: Mapping[Look, Format]
    numbers: Mapping[str, int]  # XlsxWriter's key of a format → its number
    styles: str  # the part of a workbook that says what these formats are


@cache
def _palette() -> _Palette:
    """What nearly every result is drawn with: making formats anew for each took a tenth of writing it."""
    workbook = Workbook(io.BytesIO(), {"in_memory": True})
    by_look = {look: workbook.add_format(properties(RESULT, *look)) for look in USUAL}
    seen: dict[int, Format] = {}
    by_look = {look: seen.setdefault(each._get_xf_index(), each) for look, each in by_look.items()}
    workbook.formats = [*workbook.formats[:2], *seen.values()]
    workbook._prepare_format_properties()
    packager = Packager()
    packager.workbook, packager.in_memory = workbook, True
    packager._write_styles_file()
    return _Palette(workbook.formats, by_look, workbook.xf_format_indices, packager.filenames[0][0].getvalue())


class PlainWorkbook(Workbook):  # type: ignore[misc]
    """A workbook whose texts are never markup; XlsxWriter makes its parts, they are packed here.

    XlsxWriter takes a text that begins with <r> and ends with </r> for runs of rich text and stores it as it stands, so
    that a department of such a name would get a workbook that no program opens. It also spends 3 µs on each text, this
    0.5.
    """

    filename: Any  # XlsxWriter's: where the workbook goes
    in_memory: bool  # whether its parts are held until it is stored
    parts: list[tuple[Any, str]]  # content (or where it lies on disk), and name

    def __init__(self, filename: Any, options: dict[str, Any]) -> None:
        super().__init__(filename, options)
        self.str_table = self.strings = Strings()
        self._numbered: dict[int, Format] = {}

    def begin_with_palette(self) -> dict[Look, Format]:
        """Take the usual looks, ready and numbered."""
        usual = _palette()
        self.formats, self.xf_format_indices = list(usual.formats), dict(usual.numbers)
        self._numbered = {each.xf_index: each for each in usual.formats}
        return dict(usual.by_look)

    def add_numbered(self, look: Mapping[str, object]) -> Format:
        """A format numbered now, not when the workbook is stored: cells of XML name it. Looks alike share one."""
        added = self.add_format(look)
        return self._numbered.setdefault(added._get_xf_index(), added)

    def add_sheet(self, title: str, *, to_disk: bool = False) -> RowSheet:
        """A sheet; one of very many rows goes to disk as it grows, and so do the parts of the file."""
        self.in_memory, self.constant_memory = self.in_memory and not to_disk, to_disk
        sheet = self.add_worksheet(title, RowSheet)
        self.constant_memory = False
        return sheet  # type: ignore[no-any-return]

    def store(self, path: Path) -> None:
        """Store the workbook, in one go unless it is too large to be held; what it was made of is free at once."""
        content, self.filename = self.filename, self.filename if self.in_memory else path
        self.close()
        if self.in_memory:
            path.write_bytes(content.getbuffer())
        self.worksheets_objs.clear()  # each of them knows its workbook, and Python would have to find it first
        self.sheetnames.clear()
        self.parts.clear()

    def _get_packager(self) -> Packager:
        return _PlainPackager()

    def _store_workbook(self) -> None:
        target, self.filename = self.filename, io.BytesIO()
        super()._store_workbook()  # packs nothing, see below
        if self.in_memory:
            target.write(zipped(member(name, content.getvalue().encode()) for content, name in self.parts))
        else:
            _zip_files(target, [(Path(file), name) for file, name in self.parts])

    def looks_as_usual(self) -> bool:
        """Whether its formats are those of the palette, whose part is at hand."""
        return bool(self._numbered and self.in_memory and self.formats == _palette().formats)

    def _prepare_format_properties(self) -> None:
        if not self.looks_as_usual():
            super()._prepare_format_properties()


def _zip_files(target: Any, parts: list[tuple[Path, str]]) -> None:
    """Pack parts that lie on disk, each of which goes as soon as it is packed."""
    first = time.mktime((1980, 1, 31, 0, 0, 0, 0, 0, -1))  # of the dates that zip has: the same input, the same bytes
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as package:
        for file, name in parts:
            os.utime(file, (first, first))
            package.write(file, name)
            file.unlink()


class _PlainPackager(Packager):  # type: ignore[misc]
    def _create_package(self) -> list[Any]:
        self.workbook.parts = [(content, name) for content, name, _ in super()._create_package()]
        return []

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            strings = _PlainStrings()
            strings.string_table = self.workbook.str_table
            strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            strings._assemble_xml_file()

    def _write_styles_file(self) -> None:
        if self.workbook.looks_as_usual():
            self._filename("xl/styles.xml").write(_palette().styles)
        else:
            super()._write_styles_file()


class _PlainStrings(SharedStrings):  # type: ignore[misc]
    def _write_sst_strings(self) -> None:
        self.fh.write("".join([f"<si>{text_xml(text)}</si>" for text in self.string_table.string_array]))
