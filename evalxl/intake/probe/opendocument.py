"""The OpenDocument form (.ods): values, error cells, formulas without a result, what is hidden or merged.

A cell or row may be said to repeat a million times in twenty bytes, so everything is counted before it is laid out.
"""

from __future__ import annotations

import copy
import datetime as dt
import re

from evalxl.intake.probe import markup
from evalxl.intake.probe.contents import Area, Cells, Contents, Oddity, Veil
from evalxl.intake.probe.encodings import as_utf8
from evalxl.intake.probe.flat import is_flat
from evalxl.intake.probe.limits import (
    MAX_AREA,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_INDEX,
    MAX_MERGES,
    MAX_ODD_CELLS,
    MAX_SHEETS,
    MAX_TAGS,
    MAX_TEXT,
)
from evalxl.intake.probe.opendocument_formats import NumberStyles
from evalxl.intake.probe.package import Package
from evalxl.intake.probe.pictures import MAX_PICTURES
from evalxl.intake.probe.refusals import refusal, too_far
from evalxl.intake.probe.saved import iso_text
from evalxl.values.quantities import Epoch

_PREFIXES = {
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0": "number",
    "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0": "calcext",
}
_MANIFEST = "meta-inf/manifest.xml"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_HIDDEN = ("collapse", "filter")
_ERROR = re.compile(r"#[A-Z/0]{1,10}[!?]?|#N/A|Err:[0-9]{3}")
_OTHER_FILE = re.compile(r"\['?(?:file:|https?:)|'(?:file:|https?:)[^']*'#")

Attributes = dict[str, str]


def read_opendocument(data: bytes) -> Contents:
    """The contents of a spreadsheet; Unreadable where it is encrypted or too large."""
    package = Package(data)
    manifest = package.read(_MANIFEST, MAX_INDEX) if _MANIFEST in package.parts else b""
    if b"encryption-data" in manifest:
        raise refusal("encrypted")
    common = markup.run(as_utf8(package.read("styles.xml")), _Tables) if "styles.xml" in package.parts else None
    contents = markup.run(as_utf8(package.read("content.xml")), lambda: _Tables(common)).contents
    if not contents.grids:
        raise refusal("sheetless")
    if "meta.xml" in package.parts:
        contents.saved = iso_text(package.read("meta.xml", MAX_INDEX), b"date")
    return contents


class _Tables(markup.Handler):
    """One pass over a part: styles, and tables, rows and cells as they open and close; ``common`` are other styles."""

    def __init__(self, common: _Tables | None = None) -> None:
        self.contents = Contents(epoch=Epoch.ODS)
        # Copied, as a part is read twice where a prefix was never declared.
        self.formats: NumberStyles = copy.deepcopy(common.formats) if common else NumberStyles()
        self.tags = self.cells = self.area = 0
        self.names: dict[str, str] = {}  # as expat gives them → with the usual prefix
        self.style = ""
        self.hidden_styles: set[str] = set(common.hidden_styles) if common else set()
        # Of rows and columns that nobody can see.
        self.flat_styles: set[str] = set(common.flat_styles) if common else set()
        self.aside = 0  # depth at which a comment or drawing began; its text is no cell's
        self.sheet: _Sheet | None = None

    def name(self, written: str) -> str:
        known = self.names.get(written)
        if known is None:
            namespace, local = markup.split(written)
            usual = namespace if namespace in _PREFIXES.values() else "other"  # a prefix that was never declared
            known = self.names[written] = f"{_PREFIXES.get(namespace, usual)}:{local}"
        return known

    def start(self, tag: str, written: Attributes) -> None:
        self.tags += 1
        super().start(tag, written)
        if self.tags > MAX_TAGS:
            raise refusal("slow")
        name = self.name(tag)
        attributes = {self.name(key): value for key, value in written.items()}
        if self.aside:
            return
        if self.sheet is None:
            self._outside(name, attributes)
        elif name == "office:annotation" or name.startswith("other:") or name == "table:table":
            if markup.local(tag) == "frame":
                self.sheet.note_picture()
            self.aside = self.depth
        else:
            self.sheet.start(name, attributes)

    def _outside(self, name: str, attributes: Attributes) -> None:
        self.formats.start(name, attributes)
        if name == "style:style":
            self.style = attributes.get("style:name", "")
        elif name == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden_styles.add(self.style)
        elif is_flat(attributes.get("style:row-height", ""), attributes.get("style:column-width", "")):
            self.flat_styles.add(self.style)
        elif name == "table:null-date" and attributes.get("table:date-value", "").startswith("1904"):
            self.contents.epoch = Epoch.MAC
        elif name == "table:table":
            title = attributes.get("table:name", "")
            if len(self.contents.grids) >= MAX_SHEETS:
                raise refusal("sheets")
            if title in self.contents.grids:
                raise refusal("duplicate")
            hidden = attributes.get("table:style-name", "") in self.hidden_styles
            self.sheet = _Sheet(title, hidden=hidden, flat_styles=self.flat_styles)
            self.contents.grids[title] = []
            self.table_depth = self.depth

    def end(self, tag: str) -> None:
        if self.aside:
            if self.depth == self.aside:
                self.aside = 0
        elif self.sheet is not None:
            if self.depth == self.table_depth:
                self._finish(self.sheet)
                self.sheet = None
            else:
                self.sheet.end(self.name(tag))
        else:
            self.formats.end(self.name(tag))
        self.depth -= 1

    def _finish(self, sheet: _Sheet) -> None:
        grid = sheet.rectangle()
        self.area += len(grid) * len(grid[0]) if grid else 0
        self.cells += sheet.cells
        if self.area > MAX_AREA or self.cells > MAX_CELLS:
            raise too_far(sheet.title, len(grid))
        self.contents.grids[sheet.title] = grid
        formats = {place: code for place, style in sheet.styles.items() if (code := self.formats.code(style))}
        if formats:
            self.contents.formats[sheet.title] = formats
        if sheet.formulas:
            self.contents.formulas[sheet.title] = frozenset(sheet.formulas)
        if sheet.odd:
            self.contents.oddities[sheet.title] = tuple(sheet.odd)
        if sheet.pictures:
            self.contents.pictures[sheet.title] = sheet.pictures
        if sheet.veil() != Veil():
            self.contents.veils[sheet.title] = sheet.veil()

    def characters(self, text: str) -> None:
        if self.sheet is None:
            self.formats.characters(text)
        elif not self.aside:
            self.sheet.characters(text)


class _Sheet:
    """One table being read; rows and columns that say nothing are only counted."""

    def __init__(self, title: str, *, hidden: bool, flat_styles: set[str]) -> None:
        self.title, self.hidden, self.flat_styles = title, hidden, flat_styles
        self.rows: Cells = []
        self.row: list[object] = []
        self.blank_rows = self.blank_cells = self.cells = 0
        self.row_count = self.column_count = 0
        self.odd: list[Oddity] = []
        self.formulas: set[tuple[int, int]] = set()
        self.styles: dict[tuple[int, int], str] = {}  # of the cells that hold numbers
        self.column_styles: list[tuple[int, str]] = []  # the last column of each run, its style
        self.merges: list[Area] = []
        self.pictures: list[Area] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.cell: Attributes = {}
        self.paragraphs: list[str] = []
        self.in_text = False

    @property
    def at(self) -> tuple[int, int]:
        """Row and column of the cell that is open, 1-based."""
        return len(self.rows) + self.blank_rows + 1, len(self.row) + self.blank_cells + 1

    def start(self, name: str, attributes: Attributes) -> None:
        if name in _CELLS:
            self.cell, self.paragraphs = attributes, []
        elif name == "text:p":
            self.paragraphs.append("")
            self.in_text = True
        elif name == "text:s":
            self.characters(" " * min(_repeats(attributes, "text:c"), MAX_TEXT))
        elif name in ("text:tab", "text:line-break"):
            self.characters("\t" if name == "text:tab" else "\n")
        elif name == "table:table-row":
            self.row, self.blank_cells = [], 0
            self.row_style = attributes.get("table:default-cell-style-name", "")
            self.row_count = _repeats(attributes, "table:number-rows-repeated")
            self.row_hidden = self._is_hidden(attributes)
        elif name == "table:table-column":
            count = _repeats(attributes, "table:number-columns-repeated")
            if self._is_hidden(attributes):
                last = min(self.column_count + count, MAX_COLUMNS)
                self.hidden_columns |= set(range(self.column_count + 1, last + 1))
            self.column_count += count
            self.column_styles.append((self.column_count, attributes.get("table:default-cell-style-name", "")))

    def _is_hidden(self, attributes: Attributes) -> bool:
        return attributes.get("table:visibility") in _HIDDEN or attributes.get("table:style-name") in self.flat_styles

    def characters(self, text: str) -> None:
        if self.in_text and self.paragraphs:
            self.paragraphs[-1] += text
            if len(self.paragraphs[-1]) > MAX_TEXT:
                raise refusal("text_length")

    def end(self, name: str) -> None:
        if name == "text:p":
            self.in_text = False
        elif name in _CELLS:
            self._close_cell()
        elif name == "table:table-row":
            self._close_row()

    def _close_cell(self) -> None:
        row, column = self.at
        kind, text = _oddity(self.cell, self.paragraphs)
        value = "" if kind else _value(self.cell, self.paragraphs)
        if kind:
            self.odd.append(Oddity(row, column, kind, text))
        self._note_merge(row, column)
        count = _repeats(self.cell, "table:number-columns-repeated")
        if value == "" and not kind:
            self.blank_cells += count
            return
        self._count(self.blank_cells + count)
        if "table:formula" in self.cell:
            self.formulas.add((row, column))
        if isinstance(value, float):
            self._note_styles(row, column, count)
        self.row += [""] * self.blank_cells + [value] * count
        self.blank_cells = 0

    def note_picture(self) -> None:
        """Note that a picture, or another frame, lies over the cell that is open."""
        if len(self.pictures) < MAX_PICTURES:
            self.pictures.append(Area(*self.at, *self.at))

    def _note_styles(self, row: int, column: int, count: int) -> None:
        style = self.cell.get("table:style-name", "") or self.row_style
        for at in range(column, min(column + count, MAX_COLUMNS)):
            own = style or next((name for last, name in self.column_styles if at <= last), "")
            if own and len(self.styles) < MAX_ODD_CELLS:
                self.styles[row, at] = own

    def _note_merge(self, row: int, column: int) -> None:
        high = _repeats(self.cell, "table:number-rows-spanned")
        wide = _repeats(self.cell, "table:number-columns-spanned")
        if high > 1 or wide > 1:
            self.merges.append(Area(row, column, row + high - 1, min(column + wide - 1, MAX_COLUMNS)))
            if len(self.merges) > MAX_MERGES:
                raise refusal("merges", self.title[:31])

    def _close_row(self) -> None:
        first = len(self.rows) + self.blank_rows + 1
        if self.row_hidden and self.row:
            self.hidden_rows |= set(range(first, first + min(self.row_count, MAX_AREA)))
        if not self.row:
            self.blank_rows += self.row_count
            return
        self._count(self.blank_rows + self.row_count * len(self.row))
        self.rows += [[] for _ in range(self.blank_rows)] + [self.row] * self.row_count
        self.blank_rows = 0

    def _count(self, more: int) -> None:
        self.cells += more
        if self.cells > MAX_CELLS:
            raise too_far(self.title, len(self.rows) + self.blank_rows)

    def rectangle(self) -> Cells:
        width = max(map(len, self.rows), default=0)
        if width * len(self.rows) > MAX_AREA:
            raise too_far(self.title, len(self.rows))
        return [row + [""] * (width - len(row)) for row in self.rows]

    def veil(self) -> Veil:
        return Veil(self.hidden, frozenset(self.hidden_rows), frozenset(self.hidden_columns), tuple(self.merges))


def _repeats(attributes: Attributes, key: str) -> int:
    """How often something is said to repeat; no sheet has more rows than that."""
    written = attributes.get(key, "1")
    return min(int(written[:8]), 1_048_576) if written.isascii() and written.isdigit() else 1


def _oddity(cell: Attributes, paragraphs: list[str]) -> tuple[str, str]:
    """The kind of an odd cell and its error code or formula; nothing for a sound one."""
    shown = "\n".join(paragraphs).strip()
    formula = cell.get("table:formula")
    if cell.get("calcext:value-type") == "error" or (formula is not None and _ERROR.fullmatch(shown)):
        return "error_cell", shown[:20]
    if formula is None:
        return "", ""
    formula = formula.partition(":=")[2] or formula.lstrip("=")
    if _OTHER_FILE.search(formula):
        return "external", formula[:MAX_TEXT]
    # A formula that gave an empty text has an empty paragraph; one that was never computed has none.
    if "office:value-type" not in cell and not paragraphs:
        return "no_value", formula[:MAX_TEXT]
    return "", ""


def _value(cell: Attributes, paragraphs: list[str]) -> object:
    kind = cell.get("office:value-type", "")
    if kind in ("float", "percentage", "currency"):
        return float(cell.get("office:value", "nan"))
    if kind == "boolean":
        return cell.get("office:boolean-value") == "true"
    if kind == "time":
        return _time(cell.get("office:time-value", ""))
    if kind == "date":
        return _date(cell.get("office:date-value", ""))
    text = cell.get("office:string-value") or "\n".join(paragraphs)
    if len(text) > MAX_TEXT:
        raise refusal("text_length")
    return text


def _date(written: str) -> object:
    try:
        moment = dt.datetime.fromisoformat(written)
    except ValueError:
        return written
    return moment.date() if moment.time() == dt.time() else moment


_DURATION = re.compile(r"PT([0-9]{1,6})H([0-9]{1,2})M([0-9]{1,2})(?:[.,]([0-9]{1,9}))?S")


def _time(written: str) -> object:
    """A time of day, or how long something takes, as the value reader gives them."""
    match = _DURATION.fullmatch(written)
    if match is None:
        return written
    hours, minutes, seconds = (int(match[number]) for number in (1, 2, 3))
    span = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds, microseconds=int(f"{match[4] or 0:0<6}"[:6]))
    return span if span.days else (dt.datetime.min + span).time()
