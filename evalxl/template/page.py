"""One sheet while it is drawn: every cell goes through here, so that an entry can take its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

from evalxl.policy.policy import Policy
from evalxl.template.entries import EMPTY, Entries
from evalxl.template.style import ONE_LINE, SONG, Styles, tall
from evalxl.template.worksheet import TemplateWorksheet
from evalxl.values.folding import clean


@dataclass(frozen=True)
class Book:
    """The workbook being written, with all that its sheets need to know."""

    workbook: xlsxwriter.Workbook
    styles: Styles
    policy: Policy
    entries: Entries
    notes: Entries  # what is said of cells, in notes that show when one points at them


_AUTHOR = "evalxl"
_NOTE_WIDTH = 36  # half-width characters
_NOTE = {"author": _AUTHOR, "font_name": SONG, "font_size": 9, "width": 250, "visible": False}
_NOTE_MOST = 2_000  # characters; nobody reads more beside a cell
_PIXELS = 4 / 3  # per point


class Page:
    """One sheet; rows and columns are counted from 1, as people and the layout count them."""

    def __init__(self, book: Book, title: str) -> None:
        self.book = book
        self.styles = book.styles
        self.sheet: Any = book.workbook.add_worksheet(title, TemplateWorksheet)
        self._entries, self._notes = book.entries.on(title), book.notes.on(title)
        self._drawn: set[tuple[int, int]] = set()
        self._columns: dict[int, Format] = {}
        self._widths: dict[int, float] = {}
        self._heights: dict[int, float] = {}

    def column(self, column: int, width: float, look: Format) -> None:
        """Set a column's width and the format of the cells that are not drawn."""
        self._columns[column] = look
        self._widths[column] = width
        self.sheet.set_column(column - 1, column - 1, width, look)

    def height(self, row: int, points: float) -> None:
        """Fix a row's height; rows left alone grow with their text."""
        self.sheet.set_row(row - 1, points)

    def put(self, row: int, column: int, value: object, look: Format) -> None:
        """Write a value, never a formula, unless an entry takes its place."""
        self._drawn.add((row, column))
        self._write(row, column, self._entries.get((row, column), value), look)

    def formula(self, row: int, column: int, formula: str, look: Format, result: float | str = EMPTY) -> None:
        """Write a formula with the result that programs show which do not compute, unless an entry takes its place."""
        if (row, column) in self._entries:
            self.put(row, column, None, look)
            return
        self._drawn.add((row, column))
        self.sheet.write_formula(row - 1, column - 1, "=" + formula, look, result)

    def merge(self, row: int, first: int, last: int, look: Format) -> None:
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
            "format": self.styles.mark(mark),
            "stop_if_true": stop,
        }
        self.sheet.conditional_format(first[0] - 1, first[1] - 1, last[0] - 1, last[1] - 1, options)

    def validate(self, rows: Sequence[int], column: int, options: dict[str, Any]) -> None:
        """Lay an input message and a test of what is typed over some rows of a column."""
        runs = [[row - 1, column - 1, row - 1, column - 1] for row in rows[:1]]
        for row in rows[1:]:
            if row - 2 == runs[-1][2]:
                runs[-1][2] = row - 1
            else:
                runs.append([row - 1, column - 1, row - 1, column - 1])
        self.sheet.data_validation(*runs[0], options | {"other_cells": runs[1:]})

    def finish(self) -> None:
        """Write the entries for which no cell was drawn, in the format of their column, and what is said of cells."""
        for row, column in sorted(set(self._entries) - self._drawn):
            self._write(row, column, self._entries[row, column], self._columns.get(column))
        for row, points in self._heights.items():
            self.sheet.natural_height(row - 1, points)
        for (row, column), note in sorted(self._notes.items()):
            text = clean(str(note))[:_NOTE_MOST]
            size = {"height": (tall(text, _NOTE_WIDTH) + ONE_LINE) * _PIXELS}
            self.sheet.write_comment(row - 1, column - 1, text, _NOTE | size)

    def _write(self, row: int, column: int, value: object, look: Format | None) -> None:
        at = (row - 1, column - 1)
        if value is None:
            self.sheet.write_blank(*at, None, look)
        elif isinstance(value, bool):
            self.sheet.write_boolean(*at, value, look)
        elif isinstance(value, int | float | Decimal):
            self.sheet.write_number(*at, float(value), look)
        elif isinstance(value, dt.date | dt.time):
            self.sheet.write_datetime(*at, value, look)
        else:
            self.sheet.write_string(*at, str(value), look)
            points = tall(str(value), self._widths.get(column, 0))
            if points > self._heights.get(row, ONE_LINE):
                self._heights[row] = points
