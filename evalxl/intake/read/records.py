"""The records of a sheet, column by column: what is plain is typed as a column, the rest cell by cell, with its notes.

Of the 1,300 cells of a filled workbook about 20 have something to tell. Asked one by one, with label and address at
hand, the others took 4 ms a workbook; as columns they take 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from evalxl.district.tables import Place
from evalxl.intake.read.cells import Grid, Notebook, Raw, Value, choices_missed, is_blank, to_text
from evalxl.intake.read.declared import Units
from evalxl.layout import Field, Sheet
from evalxl.values.folding import clean, cleaned
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, Formatted, plain_numbers


class Records(NamedTuple):
    """What was read from a sheet: the row of each record (NaN for a form), and the values of each column."""

    rows: list[float]
    columns: dict[str, list[Value]]


def raw_columns(grid: Grid, rows: Sequence[int], columns: dict[str, int]) -> dict[str, list[Raw]]:
    """What stands in some rows, by field; rows and columns 1-based."""
    return {key: [grid[row - 1][column - 1] for row in rows] for key, column in columns.items()}


def read_columns(
    sheet: Sheet, place: Place, rows: Sequence[int], raws: dict[str, list[Raw]],
    label: Callable[[int, Field], str], notebook: Notebook,
) -> Records:  # fmt: skip
    """The records of some rows; ``label`` says what the field of a record, by its number, is called in messages."""
    columns: dict[str, list[Value]] = {}
    for field in sheet.fields:
        if field.key not in raws:
            columns[field.key] = [blank(field)] * len(rows)
            continue
        column, cells = place.columns[field.key], raws[field.key]
        if field.own and field.required:  # no rule asks for it by name
            for number in (at for at, raw in enumerate(cells) if is_blank(raw)):
                notebook.add(
                    "blank_required", sheet, title=place.title, field=field.key, row=rows[number], column=column,
                    label=label(number, field),
                )  # fmt: skip
        for number, raw in enumerate(cells if field.own else ()):
            if choices := choices_missed(raw, field):
                notebook.add(
                    "unknown_choice", sheet, title=place.title, field=field.key, row=rows[number], column=column,
                    label=label(number, field), raw=to_text(raw), detail=choices,
                )  # fmt: skip
        if notebook.formats and field.kind in _FORMATTED:
            cells = [
                Formatted(raw, code)
                if isinstance(raw, float) and (code := notebook.formats.get((row, column)))
                else raw
                for raw, row in zip(cells, rows, strict=True)
            ]
        plain = _amounts(cells, rows, notebook.units, field) if field.kind is Kind.AMOUNT else _plain(cells, field.kind)
        if None not in plain:
            columns[field.key] = cast("list[Value]", plain)
            continue
        columns[field.key] = [
            notebook.read(cells[number], field, sheet, place.title, rows[number], column, label(number, field))
            if value is None
            else value
            for number, value in enumerate(plain)
        ]
    return Records([float(row) for row in rows], columns)


def blank(field: Field) -> Value:
    """What stands for a value that is not there."""
    return NAN if field.kind.numeric else ""


_FORMATTED = (Kind.AMOUNT, Kind.COUNT, Kind.SCORE)  # what may be shown as another number than it is stored


def _amounts(raws: Sequence[Raw], rows: Sequence[int], units: Units, field: Field) -> list[Value | None]:
    """The amounts that there is nothing to tell about: none whose unit is in doubt or differs from its column's."""
    unit = units.of(field.key)
    plain = plain_numbers(raws, Kind.AMOUNT, unit) if unit else [NAN if raw == "" else None for raw in raws]
    if not units.rows:
        return cast("list[Value | None]", plain)
    return [None if row in units.rows else value for row, value in zip(rows, plain, strict=True)]


def _plain(raws: Sequence[Raw], kind: Kind) -> list[Value | None]:
    """The values of a column that there is nothing to tell about; None for the others."""
    if kind.numeric:
        return cast("list[Value | None]", plain_numbers(raws, kind))
    if set(map(type, raws)) <= {str}:
        return cast("list[Value | None]", cleaned(cast("list[str]", raws)))
    return [clean(raw) if isinstance(raw, str) else None for raw in raws]
