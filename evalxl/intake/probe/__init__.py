"""What a file is, whether it is safe to open, and what the value reader would not tell us about its cells.

Judged by content, never by extension. The value reader (calamine) must not see a file before this package has bounded
it: one stray cell in XFD1048576 ends the process (hazards.md finding 4), error cells and formulas without a stored
result come back from it as blanks (findings 1 and 3).
"""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from evalxl.intake.probe import canonical, cells, kinds, markup, older
from evalxl.intake.probe.book import Book, SheetPart, find_book, for_reader, is_ods
from evalxl.intake.probe.contents import Cells, Contents, Oddity, Veil
from evalxl.intake.probe.encodings import as_utf8
from evalxl.intake.probe.formats import Formats, formatted_cells, telling_styles
from evalxl.intake.probe.formulas import Formulas, formulas_in, is_formula_in
from evalxl.intake.probe.limits import MAX_AREA, MAX_CELLS, MAX_FILE, MAX_MARKS_ANEW, MAX_REPEATED
from evalxl.intake.probe.package import Package
from evalxl.intake.probe.pictures import Area, pictures_on
from evalxl.intake.probe.refusals import Unreadable, refusal, too_far
from evalxl.intake.probe.saved import iso_text, text_of
from evalxl.values.errors import cause
from evalxl.values.quantities import Epoch

__all__ = ["MAX_FILE", "Oddity", "Probe", "Unreadable", "Veil", "author_of", "is_litter", "probe", "refusal"]

_LITTER = {".ds_store", "thumbs.db", "desktop.ini"}
_LOCKS = ("~$", ".~")  # of Excel, Word and WPS; of LibreOffice
_PROPERTIES = "docprops/core.xml"


@dataclass(frozen=True)
class Probe:
    """A file that is safe to read, and what of each sheet the value reader gets wrong or does not tell."""

    data: bytes  # what the value reader may be given; empty when the cells have been read already
    sha256: str
    size: int
    sheets: tuple[str, ...]  # the worksheets, in the workbook's order
    oddities: dict[str, tuple[Oddity, ...]]  # sheet name → cells
    veils: dict[str, Veil]  # sheet name → what is hidden or merged, where anything is
    saved: str = ""  # when it says it was saved, ISO text in UTC
    long_texts: bool = False  # whether some text may be longer than a cell can hold
    grids: dict[str, Cells] = field(default_factory=dict)  # sheet name → cells, of an older or other format
    format: str = ""  # which one: xls | ods
    package: Package | None = None  # what the sheets were looked at in, and by what name each is there
    book: Book | None = None
    parts: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, list[Area]] = field(default_factory=dict)  # of an older or other format: sheet name → pictures
    written: Mapping[str, bytes] = field(default_factory=dict)  # sheet name → its XML, where formulas were taken out
    epoch: Epoch = Epoch.EXCEL  # where its dates count from
    styles: Mapping[int, str] = field(default_factory=dict)  # by number, those that show numbers as others
    # Of an older or other format: sheet name → cells that may show a number as another, cells that hold a formula.
    shown: Mapping[str, Formats] = field(default_factory=dict)
    computed: Mapping[str, frozenset[tuple[int, int]]] = field(default_factory=dict)

    def formulas(self, sheet: str, columns: Collection[int]) -> Formulas:
        """The formulas in some columns of a sheet, by row and column; older formats do not tell."""
        return formulas_in(self._written(sheet), columns) if self.package else {}

    def is_formula(self, sheet: str, row: int, column: int) -> bool:
        """Whether a cell holds a formula."""
        if self.package is None:
            return (row, column) in self.computed.get(sheet, ())
        return is_formula_in(self._written(sheet), row, column)

    def _written(self, sheet: str) -> bytes:
        if sheet in self.written or self.package is None:
            return self.written.get(sheet, b"")
        return self.package.read(self.parts[sheet])

    def formats(self, sheet: str) -> Formats:
        """The cells of a sheet that may show a number as another, each with its number format."""
        if self.package is None:
            return self.shown.get(sheet, {})
        return formatted_cells(self.package.read(self.parts[sheet]), self.styles)

    def pictures(self, sheet: str) -> list[Area]:
        """The cells of a sheet that pictures lie over; the oldest format does not tell."""
        if self.package is None:
            return self.drawn.get(sheet, [])
        return pictures_on(self.package, self.parts[sheet])

    def anew(self) -> bytes:
        """What the value reader may be given where it fails on the data: the same, each sheet written anew."""
        if self.package is None or self.book is None:
            raise refusal("unreadable")
        contents = {sheet: self.package.read(sheet.part) for sheet in self.book.sheets}
        if sum(map(markup.weight, contents.values())) > MAX_MARKS_ANEW:
            raise refusal("unreadable")
        try:
            for sheet, content in contents.items():
                self.package.replace(sheet.part, canonical.worksheet(content, sheet.title))
        except (expat.ExpatError, ValueError):
            raise refusal("unreadable") from None
        return for_reader(self.package, self.book)


def author_of(probed: Probe) -> str:
    """The author that a workbook's properties state; older and other formats are not asked."""
    package = probed.package
    if package is None or _PROPERTIES not in package.parts:
        return ""
    return text_of(package.read(_PROPERTIES), b"creator")


def is_litter(name: str) -> bool:
    """Whether a file is what operating systems leave about; such files are no department's and are passed over."""
    return name.casefold() in _LITTER or name.startswith("._")


def probe(path: Path) -> Probe:
    """Look at a file; raises Unreadable when it is not a workbook that can be read safely."""
    if path.name.startswith(_LOCKS) or path.suffix.lower() == ".tmp":
        raise refusal("lock")
    data = _load(path)
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        if kinds.may_be_biff(data):
            return _older("xls", older.read_xls(data), sha256, len(data))
        if data.startswith(kinds.OLE):
            raise kinds.what_ole(data)
        if not data.startswith(kinds.ZIP):
            raise kinds.what_else(data)
        package = Package(data)
        if is_ods(package):
            return _older("ods", older.read_ods(data), sha256, len(data))
        return _workbook(package, sha256)
    except (zipfile.BadZipFile, struct.error, zlib.error, EOFError, LookupError, ValueError, expat.ExpatError):
        raise refusal("damaged") from None
    except (NotImplementedError, RuntimeError, OverflowError):
        raise refusal("unreadable") from None
    except MemoryError:
        raise refusal("bomb") from None


def _load(path: Path) -> bytes:
    try:
        if path.is_symlink() and not path.exists():
            raise refusal("dangling")
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # opening a pipe or device could wait for ever
            raise refusal("special")
        if facts.st_size > MAX_FILE:
            raise refusal("large")
        with path.open("rb") as file:
            return file.read(facts.st_size or MAX_FILE)  # room for MAX_FILE would be set aside each time
    except OSError as error:
        raise refusal("unopenable", cause(error)) from None


def _older(kind: str, contents: Contents, sha256: str, size: int) -> Probe:
    return Probe(
        b"",
        sha256,
        size,
        tuple(contents.grids),
        contents.oddities,
        contents.veils,
        contents.saved,
        grids=contents.grids,
        format=kind,
        drawn=contents.pictures,
        epoch=contents.epoch,
        shown=contents.formats,
        computed=contents.formulas,
    )


def _workbook(package: Package, sha256: str) -> Probe:
    book = find_book(package)
    look = _Look(book, package)
    for part in package.parts:
        look.at(part, package.read(part))
    if max(look.string_sizes, default=0) * (package.size // cells.LEAST_CELL) > MAX_REPEATED:
        repeated = sum(cells.repeated_text(package.read(sheet.part), look.string_sizes) for sheet in book.sheets)
        if repeated > MAX_REPEATED:
            raise refusal("bomb")
    return Probe(
        for_reader(package, book),
        sha256,
        len(package.data),
        tuple(sheet.title for sheet in book.sheets),
        look.oddities,
        look.veils,
        look.saved,
        look.long_texts,
        package=package,
        book=book,
        parts={sheet.title: sheet.part for sheet in book.sheets},
        written=look.written if package.small else {},
        epoch=book.epoch,
        styles=telling_styles(package.read(book.shared["styles"])) if "styles" in book.shared else {},
    )


class _Look:
    """One look at the parts of a workbook that hold values; each is bounded, and from then on has a known form."""

    def __init__(self, book: Book, package: Package) -> None:
        self.package = package
        self.outside = book.outside
        self.sheets = {sheet.part: sheet for sheet in book.sheets}
        self.strings, self.styles = (book.shared.get(kind) for kind in ("sharedStrings", "styles"))
        # What a sheet holds at most will do, unless there are many sheets or large ones.
        self.exact = len(self.sheets) * cells.NEAR_AREA > MAX_AREA or package.size > cells.LEAST_CELL * MAX_CELLS
        self.cells = self.area = self.marks = 0
        self.oddities: dict[str, tuple[Oddity, ...]] = {}
        self.veils: dict[str, Veil] = {}
        self.string_sizes: list[int] = []
        self.written: dict[str, bytes] = {}
        self.saved, self.long_texts = "", False

    def at(self, part: str, content: bytes) -> None:
        """Look at a part."""
        if part in self.sheets:
            self._at_sheet(self.sheets[part], content)
        elif part == self.strings:
            content = self._known_form(part, content, "sst")
            cells.refuse_stated_counts(content)
            self.long_texts |= cells.may_hold_long_text(content, b"<si")
            self.string_sizes = cells.string_sizes(content)
        elif part == self.styles:
            self._known_form(part, content, "styleSheet")
        elif part == _PROPERTIES:
            self.saved = iso_text(content, b"modified")

    def _known_form(self, part: str, content: bytes, root: str) -> bytes:
        usual = as_utf8(content)
        if not canonical.is_usual(usual, root):
            self._bound_marks(usual, part)
            usual = canonical.part(usual)
        if usual is not content:
            self.package.replace(part, usual)
        return usual

    def _at_sheet(self, sheet: SheetPart, content: bytes) -> None:
        content, lean, form = self._formed(sheet, content)
        self._bound(content, sheet.title, form)
        self.long_texts |= cells.may_hold_long_text(content, b"<c ")
        odd = cells.odd_cells(content, sheet.title, form, lean, self.outside)
        if odd:
            self.oddities[sheet.title] = odd
        if lean is not content:
            self.written[sheet.title] = content
        veil = cells.veil(lean, sheet.title, hidden=sheet.hidden)
        if veil != Veil():
            self.veils[sheet.title] = veil
        self.package.keep(sheet.part, lean)

    def _formed(self, sheet: SheetPart, written: bytes) -> tuple[bytes, bytes, cells.Form]:
        """A sheet, the same without its formulas, and its form, which is one of the known ones."""
        content = as_utf8(written)
        lean = cells.without_formulas(content)
        form = cells.form_of(lean)
        if form is cells.Form.OTHER:
            self._bound_marks(content, sheet.title)
            content = canonical.worksheet(content, sheet.title)
            lean, form = cells.without_formulas(content), cells.Form.USUAL
        elif form is not cells.Form.NEAR:
            lean = content
        if content is not written:
            self.package.replace(sheet.part, content)
        return content, lean, form

    def _bound_marks(self, content: bytes, title: str) -> None:
        self.marks += markup.weight(content)
        if self.marks > MAX_MARKS_ANEW:
            raise too_far(title, content.count(b"row"))

    def _bound(self, content: bytes, title: str, form: cells.Form) -> None:
        reach = cells.measured(content, title) if self.exact else cells.extent(content, title, form)
        self.cells += reach.cells
        self.area += reach.area
        if self.cells > MAX_CELLS or self.area > MAX_AREA:
            raise too_far(title, content.count(b"<row"))
