"""One sheet while it is drawn: every cell goes through here, so that an entry can take its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter.format import Format

from evalxl.layout import Field, Shape, Sheet
from evalxl.policy.policy import Policy
from evalxl.sheets.book import Book, Page
from evalxl.sheets.looks import AMOUNT_FORMAT, FORM, SONG
from evalxl.sheets.measure import height, lines
from evalxl.sheets.xlsxwriter_inside import GrowingSheet
from evalxl.template.entries import EMPTY, Entries
from evalxl.template.references import runs
from evalxl.values.folding import clean
from evalxl.values.kinds import Kind

_CREATED = dt.datetime(2026, 1, 1)  # the same whenever it is built, so that the same template is the same file
_NOTE_WIDTH = 36  # half-width characters
_NOTE = {"author": "evalxl", "font_name": SONG, "font_size": 9, "width": 250, "visible": False}
STRONG = "★"  # begins a note that is to be read first
_STRONG = {"color": "#F8CBAD"}
_NOTE_MOST = 2_000  # characters; nobody reads more beside a cell
_PIXELS = 4 / 3  # per point
_LONG = 26  # half-width characters; wider text columns hold sentences
_NUMBER_FORMATS = {
    Kind.AMOUNT: AMOUNT_FORMAT,
    Kind.RATE: "0.00%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.SCORE: "General",
    Kind.COUNT: "General",
    Kind.YEAR: "General",
}


class FormBook(Book):
    """The workbook being written, with all that its sheets need to know; ``notes`` show when one points at a cell."""

    style = FORM

    def __init__(self, path: Path, title: str, policy: Policy, entries: Entries, notes: Entries) -> None:
        super().__init__(path, title)
        self.policy, self.entries, self.notes = policy, entries, notes

    def options(self) -> dict[str, object]:  # noqa: D102
        return super().options() | {
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": SONG, "font_size": FORM.size},
            "default_row_height": 24,  # pixels, 18 points
            "default_column_width": 72,
        }

    def describe(self, title: str, **more: str) -> None:
        """Give the workbook its properties."""
        self.workbook.set_properties({"title": title, "created": _CREATED, **more})

    def add_format(self, look: Mapping[str, Any]) -> Format:  # noqa: D102
        return self.workbook.add_format(dict(look))

    def mark(self, name: str) -> Format:
        """What a conditional format lays over a cell."""
        if (name,) not in self._formats:
            self._formats[name,] = self.add_format(FORM.marks[name])
        return self._formats[name,]

    def value(self, name: str, sheet: Sheet, field: Field) -> Format:
        """The format of a field's cells: what is typed into a text cell stays text, so codes keep their zeros."""
        return self.look(name, _alignment(sheet, field), _number_format(sheet, field))

    def form(self, title: str) -> FormPage:
        """A new sheet."""
        more = (GrowingSheet,) if self.fast else ()
        return FormPage(self, title, self.workbook.add_worksheet(title, *more))


def _number_format(sheet: Sheet, field: Field) -> str:
    """How a field's values are shown; sentences stay General, for old programs show ### for long text cells."""
    if field.kind in _NUMBER_FORMATS:
        return _NUMBER_FORMATS[field.kind]
    long = field.height or sheet.fields[0].height or (field.width >= _LONG and field.key != sheet.name)
    return "General" if long else "@"


def _alignment(sheet: Sheet, field: Field) -> str:
    """Numbers stand right, short choices in the middle, text left; a form's answers all stand left."""
    if sheet.shape is Shape.FORM:
        return "left"
    if field.kind in (Kind.AMOUNT, Kind.RATE):
        return "right"
    return "center" if field.kind in (Kind.CHOICE, Kind.SCORE, Kind.COUNT) else "left"


def text_height(text: str, width: float) -> float:
    """The height in points that a text takes when wrapped in a column."""
    return height(lines(text, width, FORM), FORM) if width else FORM.row


class FormPage(Page):
    """One sheet; rows and columns are counted from 1, as people and the layout count them."""

    book: FormBook

    def __init__(self, book: FormBook, title: str, sheet: Any) -> None:
        super().__init__(book, title, sheet)
        self.look = book.look
        self._entries, self._notes = book.entries.on(title), book.notes.on(title)
        self._drawn: set[tuple[int, int]] = set()
        self._looks: dict[int, Format] = {}
        self._widths: dict[int, float] = {}
        self._heights: dict[int, float] = {}

    def column(self, column: int, width: float, look: Format) -> None:
        """Set a column's width and the format of the cells that are not drawn."""
        self._looks[column] = look
        self._widths[column] = width
        self.sheet.set_column(column - 1, column - 1, width, look)

    def hide_column(self, column: int) -> None:
        """Hide a column that has been set up."""
        self.sheet.set_column(column - 1, column - 1, self._widths[column], self._looks[column], {"hidden": True})

    def hide_row(self, row: int) -> None:
        """Hide a row."""
        self.sheet.set_row(row - 1, None, None, {"hidden": True})

    def put(self, row: int, column: int, value: object, look: Format | None) -> None:
        """Write a value, never a formula, unless an entry takes its place; its row grows with a text."""
        self._drawn.add((row, column))
        value = self._entries.get((row, column), value)
        if isinstance(value, bool):
            self.sheet.write_boolean(row - 1, column - 1, value, look)
        elif isinstance(value, dt.date | dt.time):
            self.sheet.write_datetime(row - 1, column - 1, value, look)
        elif value is None or isinstance(value, int | float | Decimal):
            super().put(row, column, float(value) if isinstance(value, Decimal) else value, look)
        else:
            self.write_text(row, column, str(value), look)
            points = text_height(str(value), self._widths.get(column, 0))
            if points > self._heights.get(row, FORM.row):
                self._heights[row] = points

    def formula(self, row: int, column: int, formula: str, result: float | str, look: Format | None) -> None:
        """Write a formula with the result that programs show which do not compute, unless an entry takes its place."""
        if (row, column) in self._entries:
            self.put(row, column, None, look)
            return
        self._drawn.add((row, column))
        super().formula(row, column, formula, result, look)

    def live(self, row: int, column: int, formula: str, look: Format) -> None:
        """Write a formula that shows nothing as long as nothing is filled in."""
        self.formula(row, column, formula, EMPTY, look)

    def array(self, row: int, column: int, formula: str, look: Format, *, rows: int = 1) -> None:
        """Write one formula of arrays over some cells of a column, which finds nothing while nothing is filled in."""
        self._drawn.update((each, column) for each in range(row, row + rows))
        last = row + rows - 2
        self.sheet.write_array_formula(row - 1, column - 1, last, column - 1, f"{{={formula}}}", look, 0)

    def join(self, row: int, first: int, last: int, look: Format) -> None:
        """Join cells of one row; the first is then written like any other."""
        if last > first:
            self.sheet.merge_range(row - 1, first - 1, row - 1, last - 1, "", look)

    def mark(
        self, first: tuple[int, int], last: tuple[int, int], condition: str, mark: str, *, stop: bool = False
    ) -> None:
        """Lay a conditional format over a block, given by its first and last row and column."""
        options = {
            "type": "formula",
            "criteria": "=" + condition,
            "format": self.book.mark(mark),
            "stop_if_true": stop,
        }
        self.sheet.conditional_format(first[0] - 1, first[1] - 1, last[0] - 1, last[1] - 1, options)

    def validate(self, rows: Sequence[int], column: int, options: dict[str, Any]) -> None:
        """Lay an input message and a test of what is typed over some rows of a column."""
        areas = [[first - 1, column - 1, last - 1, column - 1] for first, last in runs(rows)]
        self.sheet.data_validation(*areas[0], options | {"other_cells": areas[1:]})

    def protect(self) -> None:
        """Let only inputs be changed, without a password; widths and heights stay free."""
        self.sheet.protect("", {"format_columns": True, "format_rows": True})

    def finish(self) -> None:
        """Write the entries for which no cell was drawn, in the format of their column, and what is said of cells."""
        for row, column in sorted(set(self._entries) - self._drawn):
            self.put(row, column, None, self._looks.get(column))
        for row, points in self._heights.items() if self.book.fast else ():
            self.sheet.natural_height(row - 1, points)
        for (row, column), note in sorted(self._notes.items()):
            text = clean(str(note))[:_NOTE_MOST]
            size = {"height": (text_height(text, _NOTE_WIDTH) + FORM.row) * _PIXELS}
            look = _NOTE | size | (_STRONG if text.startswith(STRONG) else {})
            self.sheet.write_comment(row - 1, column - 1, text, look)
