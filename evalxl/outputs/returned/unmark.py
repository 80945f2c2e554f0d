"""A returned copy that came back: its marks are taken off again, whatever program saved it in between.

What the fill of a cell was stands in hidden columns of the list of findings, for style numbers change when Excel, WPS
or LibreOffice save. A mark is found by its fill, by its note, or by where it was put, as rows may have been inserted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from python_calamine import CalamineWorkbook

from evalxl.intake.probe import package as probing
from evalxl.intake.probe.book import find_book, for_reader
from evalxl.intake.read import findings_list as words
from evalxl.outputs.returned.cells import Address, SheetPart, address
from evalxl.outputs.returned.markup import CannotMark
from evalxl.outputs.returned.notes import Notes, has_ours
from evalxl.outputs.returned.overlay import lift
from evalxl.outputs.returned.package import Package
from evalxl.outputs.returned.styles import Styles, known_fill
from evalxl.outputs.returned.workbook import Sheet, Workbook
from evalxl.values.folding import fold

_ITEM = re.compile(r"《问题清单》第 (\d+)")


@dataclass
class _Record:
    """What the list of findings keeps of the marks: the fill before, by item of the list and by place."""

    by_item: dict[str, str] = field(default_factory=dict)
    by_place: dict[tuple[str, Address], str] = field(default_factory=dict)
    by_column: dict[tuple[str, int], str] = field(default_factory=dict)

    def add(self, row: dict[str, str]) -> None:
        title, _, where = row.get(words.MARKED, "").rpartition("!")
        at, fill = address(where), row.get(words.FILL, "")
        if at and fill:
            self.by_item[row[words.NUMBER]] = known_fill(fill)
            self.by_place[fold(title), at] = known_fill(fill)
            self.by_column.setdefault((fold(title), at[1]), known_fill(fill))

    def places(self, title: str) -> set[Address]:
        """The cells of a sheet that were marked."""
        return {at for sheet, at in self.by_place if sheet == fold(title)}

    def fill(self, title: str, at: Address, note: str) -> str:
        """The fill of a cell before: as its note's item says, as its place says, as another's of its column; or ''."""
        match = _ITEM.search(note)
        if match and match[1] in self.by_item:
            return self.by_item[match[1]]
        key = fold(title)
        return self.by_place.get((key, at)) or self.by_column.get((key, at[1]), "")


def findings_sheets(data: bytes, titles: list[str]) -> dict[str, list[dict[str, str]]]:
    """The lists of findings among some sheets of a workbook, by title, with their rows."""
    candidates = [title for title in titles if fold(title).startswith(fold(words.TITLE))]
    if not candidates:
        return {}
    try:
        probed = probing.Package(data)
        book = CalamineWorkbook.from_filelike(io.BytesIO(for_reader(probed, find_book(probed))))
        grids = {title: book.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in candidates}
    except BaseException as error:  # the reader's panics are no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise CannotMark("内容有错，不能在原表上标注") from None
    rows = {title: words.listed(grid) for title, grid in grids.items()}
    return {title: each for title, each in rows.items() if each is not None}


def unmark(package: Package, workbook: Workbook, styles: Styles, data: bytes) -> None:
    """Take the old marks off a returned copy, even if its list was deleted; nothing happens to other workbooks."""
    lists = findings_sheets(data, [sheet.title for sheet in workbook.sheets if sheet.cells])
    if not lists and not styles.marks() and not any(map(has_ours, _notes(package))):
        return
    record = _Record()
    for row in (row for rows in lists.values() for row in rows):
        record.add(row)
    for sheet in workbook.sheets:
        if sheet.cells and sheet.title not in lists:
            _unmark_sheet(package, workbook, sheet, styles, record)
    for title in lists:
        workbook.remove(next(sheet for sheet in workbook.sheets if sheet.title == title))


def _notes(package: Package) -> Iterator[bytes]:
    """The parts with the notes of sheets."""
    kinds = {each.part for _, each in package.all_relations() if each.kind == "comments" and each.part in package}
    return map(package.read, sorted(kinds))


def _unmark_sheet(package: Package, workbook: Workbook, sheet: Sheet, styles: Styles, record: _Record) -> None:
    part = SheetPart(package.read(sheet.key))
    notes = Notes(package, sheet.key, part, workbook.base, workbook.namespace)
    ours, edits = notes.ours(), notes.remove()
    marked = part.with_style(styles.marks())
    addresses = record.places(sheet.title) | set(ours)
    marked |= {at: style for at, style in part.styles(addresses).items() if styles.looks_marked(style)}
    plain = {
        at: styles.without_mark(style, record.fill(sheet.title, at, ours.get(at, ""))) for at, style in marked.items()
    }
    package.edit(sheet.key, [*part.restyle(plain), *lift(part), *edits])
