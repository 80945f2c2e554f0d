"""What stands in a cell becomes a typed value, and whatever had to be done to it becomes a note."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evalxl import layout
from evalxl.district.notes import Note
from evalxl.intake.probe.contents import Area
from evalxl.intake.probe.formats import Formats
from evalxl.intake.read.declared import UNDECLARED, WAN, Units
from evalxl.layout import Field, Sheet
from evalxl.values.folding import clean, fold
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, Epoch, Formatted, Reading, read_number


class Odd(NamedTuple):
    """What the probe found in a cell that the value reader would have shown as a blank or as a mere value."""

    kind: str  # error_cell | no_value | external; recomputed: a total of the template that we add up ourselves
    text: str

    def words(self, shown: str = "") -> str:
        """Why it has no value, and what it shows instead."""
        return WITHOUT_VALUE.get(self.kind, "读不出它的值").format(shown).rstrip()


WITHOUT_VALUE = {
    "error_cell": "是错误值 {}",
    "no_value": "是没有计算结果的公式",
    "external": "是引用其他文件的公式",
}
_DIGITS_KEPT = 1e15  # a spreadsheet keeps 15 digits of a number: a longer code typed as one has lost its last digits

Raw = object  # str, float, bool, date, datetime, time, timedelta or Odd, as the value reader gives them
Grid = list[list[Raw]]
Value = float | str  # a number of a numeric field, NaN where it is blank; text of any other


def is_blank(raw: Raw) -> bool:
    """Whether a cell says nothing: empty, or blanks and invisible characters only."""
    if isinstance(raw, str):
        return not (raw and (raw[0].isalnum() or clean(raw)))  # cleaning takes no letter away, nor any digit
    return raw is None


def raw_at(row: Sequence[Raw], column: int) -> Raw:
    """What stands in a column, counted from 0, of a row; '' beyond its end, for not all readers pad their rows."""
    return row[column] if column < len(row) else ""


_NOTHING = re.compile(r"0(?:\.0{1,6})?|[-–—―─－/\\*]{1,4}|无|零")


def is_nothing(raw: Raw) -> bool:
    """Whether a cell says that there is nothing: zero, a dash, 无; a row of nothing else was dragged down."""
    if isinstance(raw, str):
        return len(raw) < 10 and _NOTHING.fullmatch(clean(raw)) is not None
    return raw == 0 and not isinstance(raw, bool)


def to_text(raw: Raw) -> str:
    """A cell of a text field as text; numbers as they are shown, dates in ISO form."""
    if isinstance(raw, str):
        return clean(raw)
    if raw is None or isinstance(raw, Odd):
        return ""
    if isinstance(raw, Formatted):
        return to_text(raw.number)
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, float):
        return f"{raw:.0f}" if math.isfinite(raw) and raw == int(raw) else repr(raw)
    if isinstance(raw, dt.datetime) and raw.time() == dt.time():
        return raw.date().isoformat()
    return str(raw)


def blank_covered(grid: Grid, merges: Iterable[Area]) -> None:
    """Blank what lies under merged cells: values from before the merge, which nobody sees and nobody means."""
    budget = 2 * sum(map(len, grid))  # merges do not overlap in an honest workbook
    for top, left, bottom, right in merges:
        for index in range(top - 1, min(bottom, len(grid))):
            row = grid[index]
            covered = range(left if index == top - 1 else left - 1, min(right, len(row)))
            budget -= len(covered) + 1
            if budget < 0:
                return
            for column in covered:
                row[column] = ""


def choices_missed(raw: Raw, field: Field) -> str:
    """What a bureau's own column may hold, where a cell holds something else; '' for a cell that is blank or right."""
    choices = layout.OWN_VOCABULARIES.get(field.choices, ())
    if not choices or isinstance(raw, Odd) or is_blank(raw):
        return ""
    return "" if fold(to_text(raw)) in map(fold, choices) else "、".join(choices)


class Notebook:
    """The notes on one workbook, with its path and what must be known of it to read a cell."""

    def __init__(self, workbook: str) -> None:
        self.workbook = workbook
        self.epoch = Epoch.EXCEL
        self.year = NAN  # of evaluation
        self.declared = UNDECLARED
        self.units = Units()  # of the sheet that is being read, and its number formats
        self.formats: Formats = {}
        self.notes: list[Note] = []

    def guessed(self, kind: str) -> bool:
        """Whether a note of a kind says what may have been meant."""
        return any(each.kind == kind and each.detail for each in self.notes)

    def add(
        self,
        kind: str,
        sheet: Sheet | None = None,
        *,
        title: str = "",
        field: str = "",
        row: int = 0,
        column: int = 0,
        label: str = "",
        raw: str = "",
        value: str = "",
        detail: str = "",
    ) -> None:
        """Note something; ``row`` and ``column`` are 1-based, 0 when it is about no one cell."""
        address = layout.cell(row, column) if row and column else ""
        key = sheet.key if sheet else ""
        line = float(row) if row else NAN
        self.notes.append(Note(self.workbook, kind, key, title, field, line, address, label, raw, value, detail))

    def put_in_order(self, since: int) -> None:
        """Put the notes from a number on in the order of their rows, as a person goes through a sheet."""
        self.notes[since:] = sorted(self.notes[since:], key=lambda note: note.row)

    def read(self, raw: Raw, field: Field, sheet: Sheet, title: str, row: int, column: int, label: str) -> Value:
        """The typed value of one cell; a value that could not be read is a blank, and noted."""

        def note(kind: str, raw: str, value: str = "", detail: str = "") -> None:
            self.add(
                kind, sheet, title=title, field=field.key, row=row, column=column, label=label, raw=raw, value=value,
                detail=detail,
            )  # fmt: skip

        if isinstance(raw, Odd):
            own_formula = raw.kind == "no_value" and field.computed and "/" in raw.text
            note("recomputed" if own_formula else raw.kind, raw.text)
            return NAN if field.kind.numeric else ""
        if not field.kind.numeric:
            if isinstance(raw, float) and not abs(raw) < _DIGITS_KEPT:
                note("damaged", to_text(raw), detail="digits")
                return ""
            return to_text(raw)
        number = self.number(raw, field, row)
        if number.note == "unit_doubtful":
            note(number.note, to_text(raw))
        elif isinstance(raw, Formatted) and number.note:
            note(number.note, to_text(raw), number.shown, raw.seen if number.note == "normalised" else raw.code)
        elif number.note == "not_numeric" and field.kind is Kind.SCORE:
            note("score_not_numeric", to_text(raw))
        elif number.note:
            note(number.note, to_text(raw), number.shown)
        return number.value

    def number(self, raw: Raw, field: Field, row: int) -> Reading:
        """One cell of a numeric field, in the unit that its amounts are in."""
        unit = self.units.of(field.key, row) if field.kind is Kind.AMOUNT else WAN
        if unit:
            return read_number(raw, field.kind, unit, self.epoch)
        # Nil is nil in any unit, and 60万元 says its own.
        readings = {read_number(raw, field.kind, each, self.epoch) for each in (WAN, "元")}
        return readings.pop() if len(readings) == 1 or is_blank(raw) else Reading(NAN, "unit_doubtful")
