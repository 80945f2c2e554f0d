"""Scores in cells that show per cents: 0.882 in a cell that shows 88.2% was typed, and is meant, as 88.2 points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from evalxl import layout
from evalxl.district.notes import Note
from evalxl.district.tables import Place
from evalxl.intake.probe.formats import Formats
from evalxl.intake.read.cells import Notebook
from evalxl.intake.read.records import Records
from evalxl.layout import Field, Shape, Sheet
from evalxl.values.kinds import Kind
from evalxl.values.number_formats import look_of
from evalxl.values.quantities import show

_LARGEST_FRACTION = 2.0  # above, a score was typed as points, and its cell made to show per cents afterwards: 8820%
_PERCENT = -2  # the power of ten that a per cent format shifts by
_SHEETS = tuple(sheet for sheet in layout.DATA_SHEETS if any(field.kind is Kind.SCORE for field in sheet.fields))


class _Score(NamedTuple):
    sheet: Sheet
    field: Field
    number: int  # of the record
    row: int
    column: int
    stored: float


def settle_percent_scores(
    sheets: Mapping[str, Records], places: Mapping[str, Place], formats: Callable[[str], Formats], notebook: Notebook
) -> None:
    """Read scores that are shown as per cents as they are shown; told once a workbook, for all were typed alike."""
    found = [
        score
        for sheet in _SHEETS
        if sheet.key in places and (scores := list(_fractions(sheet, sheets[sheet.key], places[sheet.key])))
        for score in _shown_as_percent(scores, formats(places[sheet.key].title))
    ]
    notes = []
    for sheet, field, number, row, column, stored in found:
        points = round(stored * 100, 6)
        sheets[sheet.key].columns[field.key][number] = points
        at = (float(row), layout.cell(row, column), field.header)
        where = (notebook.workbook, _KIND, sheet.key, places[sheet.key].title, field.key)
        notes.append(Note(*where, *at, f"{points:g}%", show(Kind.SCORE, points), ""))
    typed = [note for note in notebook.notes if _is_typed(note)]
    notes += [note._replace(kind=_KIND) for note in typed]
    if notes:
        notebook.notes = [note for note in notebook.notes if note not in typed]
        notebook.notes.append(_together(notes))


_KIND = "percent_scores"
_SCORES = {(sheet.key, field.key) for sheet in _SHEETS for field in sheet.fields if field.kind is Kind.SCORE}
_SIGNS = ("%", "％")


def _is_typed(note: Note) -> bool:
    """Whether a note tells of a score that was typed as a text with the sign of per cents."""
    return note.kind == "normalised" and note.raw.rstrip().endswith(_SIGNS) and (note.sheet, note.field) in _SCORES


def _together(notes: list[Note]) -> Note:
    """One note in place of many of one kind, in the order of the sheets: the first, with how many others there are."""
    order = [sheet.key for sheet in _SHEETS]
    first, *others = sorted(notes, key=lambda note: order.index(note.sheet))
    cells = [f"{note.sheet_title}!{note.cell}" for note in others]
    more = f"；{cells[0]}{f' 等 {len(cells)} 格' if len(cells) > 1 else ''}也是这样" if cells else ""
    return first._replace(detail=more)


def _fractions(sheet: Sheet, records: Records, place: Place) -> Iterator[_Score]:
    """The scores that may be per cents, with where they stand; few workbooks have any."""
    for field in sheet.fields:
        if field.kind is Kind.SCORE and field.key in place.columns:
            for number, value in enumerate(records.columns[field.key]):
                if isinstance(value, float) and 0 < value <= _LARGEST_FRACTION:
                    row = place.rows[field.key] if sheet.shape is Shape.FORM else int(records.rows[number])
                    yield _Score(sheet, field, number, row, place.columns[field.key], value)


def _shown_as_percent(scores: list[_Score], formats: Formats) -> Iterator[_Score]:
    for score in scores:
        code = formats.get((score.row, score.column), "")
        if code and look_of(code, score.stored).power == _PERCENT:
            yield score
