"""Totals of the template's own formulas that a file holds without a result: added up here, never taken as blanks.

Programs that fill in a workbook leave its formulas without results until Excel or WPS saves it again. What the template
would compute is known, so nothing is lost; rule F09 discloses it.
"""

from __future__ import annotations

from evalxl import layout
from evalxl.district.notes import Note
from evalxl.district.tables import Place
from evalxl.intake.read.cells import Notebook, Value
from evalxl.intake.read.records import Records
from evalxl.policy.policy import Policy
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, given, show


def recompute(sheets: dict[str, Records], notebook: Notebook, policy: Policy) -> None:
    """Fill in the totals of the budget and the rates of the projects whose formula had no result."""
    valueless = {(note.sheet, note.field, note.row) for note in notebook.notes if note.kind == "recomputed"}
    if not valueless:
        return
    rows, columns = sheets["budget"]
    lines = {key: number for number, key in enumerate(columns["key"])}
    for total, parts in policy.totals:
        for column in layout.AMOUNT_COLUMNS:
            if total in lines and (layout.BUDGET.key, column, rows[lines[total]]) in valueless:
                columns[column][lines[total]] = _add([columns[column][lines[part]] for part in parts if part in lines])
    rows, columns = sheets["projects"]
    for number, row in enumerate(rows):
        if (layout.PROJECTS.key, "rate", row) in valueless:
            columns["rate"][number] = _divide(columns["executed"][number], columns["revised"][number])


def settle_rates(projects: Records, place: Place | None, notebook: Notebook) -> None:
    """Read a rate such as 97.8 as a percentage, unless it is the fraction that executed ÷ revised gives (978 %)."""
    said = {note.row: at for at, note in enumerate(notebook.notes) if _is_rate_read(note)}
    rows, columns = projects
    for number, (row, read) in enumerate(zip(rows, columns["rate"], strict=True)):
        rate = float(read)
        if not abs(rate) > _LARGEST_FRACTION:
            continue
        true = _divide(columns["executed"][number], columns["revised"][number])
        if given(true) and abs(rate - true) <= abs(rate / 100 - true):
            continue
        columns["rate"][number] = rate / 100
        value = show(Kind.RATE, rate / 100)
        if row in said:  # a rate written as text: its note tells now what it is taken for
            note = notebook.notes[said[row]]
            notebook.notes[said[row]] = note._replace(value=value)
        elif place is not None:
            name = columns["name"][number]
            notebook.add(
                "normalised", layout.PROJECTS, title=place.title, field="rate", row=int(row),
                column=place.columns["rate"], label=f"{name}·{layout.PROJECTS.by_key['rate'].header}",
                raw=f"{rate:g}", value=value,
            )  # fmt: skip


def _is_rate_read(note: Note) -> bool:
    return (note.kind, note.sheet, note.field) == ("normalised", layout.PROJECTS.key, "rate")


_LARGEST_FRACTION = 2.0  # beyond 200 % a number in a percent field is rather a percentage without its sign


def _add(amounts: list[Value]) -> float:
    filled = [float(amount) for amount in amounts if given(amount)]
    return sum(filled) if filled else NAN


def _divide(executed: Value, revised: Value) -> float:
    return float(executed) / float(revised) if float(revised) > 0 else NAN
