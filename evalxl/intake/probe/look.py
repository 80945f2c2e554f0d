"""One look at every part of a workbook: each is bounded, and brought into a form that the searches know."""

from __future__ import annotations

from evalxl.intake.probe import canonical, cells, markup
from evalxl.intake.probe.book import Book, SheetPart
from evalxl.intake.probe.contents import Oddity, Veil
from evalxl.intake.probe.encodings import as_utf8
from evalxl.intake.probe.limits import MAX_AREA, MAX_CELLS, MAX_MARKS_ANEW
from evalxl.intake.probe.package import Package
from evalxl.intake.probe.refusals import too_far
from evalxl.intake.probe.saved import PROPERTIES, iso_text


class Look:
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
        elif part == PROPERTIES:
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
