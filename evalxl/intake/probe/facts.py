"""What is known of a file that is safe to read, and what the value reader would not tell of its cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from evalxl.intake.probe import canonical, markup
from evalxl.intake.probe.book import Book, for_reader
from evalxl.intake.probe.contents import Area, Cells, Oddity, Veil
from evalxl.intake.probe.formats import Formats, formatted_cells
from evalxl.intake.probe.formulas import Formulas, formulas_in, is_formula_in
from evalxl.intake.probe.limits import MAX_MARKS_ANEW
from evalxl.intake.probe.package import Package
from evalxl.intake.probe.pictures import pictures_on
from evalxl.intake.probe.refusals import refusal
from evalxl.intake.probe.saved import PROPERTIES, text_of
from evalxl.values.quantities import Epoch


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

    def veil(self, sheet: str) -> Veil:
        """What of a sheet is hidden or merged."""
        return self.veils.get(sheet, Veil())

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
    if package is None or PROPERTIES not in package.parts:
        return ""
    return text_of(package.read(PROPERTIES), b"creator")
