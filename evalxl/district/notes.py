"""What reading notices beside the values; the F rules turn it into findings."""

from __future__ import annotations

from typing import NamedTuple


class Note(NamedTuple):
    """One thing that reading noticed: a row of the table of notes."""

    workbook: str
    kind: str
    sheet: str
    sheet_title: str
    field: str
    row: float
    cell: str
    label: str
    raw: str
    value: str
    detail: str


NOTE_COLUMNS = Note._fields
