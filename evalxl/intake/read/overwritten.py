"""Totals of the template that somebody typed over, with the very number the formula gave: told, for it goes stale.

A total that is off, be it by a rounding, is rule B01's or its siblings' to report, and one that has no result is
recomputed. A sheet none of whose totals is a formula was not drawn by the template, or was pasted as values on purpose:
nothing to tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from evalxl import layout
from evalxl.district.tables import Place
from evalxl.intake.read.cells import Notebook
from evalxl.intake.read.records import Records
from evalxl.policy.policy import Policy
from evalxl.values.quantities import given


def note_overwritten(
    records: Records, place: Place, formulas: Collection[tuple[int, int]], notebook: Notebook, policy: Policy
) -> None:
    """Note, once, the totals of the budget that are numbers where others are still formulas (rule F09)."""
    cells = [(int(row), place.columns[key], true) for row, key, true in _totals(records, place, policy)]
    typed = sorted((row, column) for row, column, true in cells if true and (row, column) not in formulas)
    if typed and any((row, column) in formulas for row, column, _ in cells):
        listed = "、".join(layout.cell(*each) for each in typed)
        row, column = typed[0]
        notebook.add("overwritten", layout.BUDGET, title=place.title, row=row, column=column, detail=listed)


def _totals(records: Records, place: Place, policy: Policy) -> Iterator[tuple[float, str, bool]]:
    """Row and column of each total, and whether it is exactly what its parts add up to."""
    lines = {str(key): number for number, key in enumerate(records.columns["key"])}
    for total, parts in policy.totals:
        if total not in lines or not layout.BUDGET.line_by_key[total].computed:
            continue
        for key in layout.AMOUNT_COLUMNS:
            if key in place.columns:
                amounts = records.columns[key]
                own = [float(amounts[lines[part]]) for part in parts if part in lines]
                filled = [amount for amount in own if given(amount)]
                yield records.rows[lines[total]], key, bool(filled) and amounts[lines[total]] == sum(filled)
