"""Results of the template's own formulas that are not what their operands give: old or empty ones a program left.

A program that fills in a workbook stores its numbers and seldom computes the formulas; what Excel and WPS do when they
open it, calamine does not. A total that was typed over is no formula, and its rules judge it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from evalxl import layout
from evalxl.district.tables import Place
from evalxl.intake.probe.formulas import Formulas
from evalxl.intake.read.cells import Grid, Notebook, Raw, is_blank, to_text
from evalxl.intake.read.records import Records
from evalxl.layout import BUDGET, PROJECTS, cell, column_number
from evalxl.values.quantities import Formatted

_ARGUMENTS = r"[A-Z$0-9:,]{2,600}"
_OWN_SUM = re.compile(rf'IF\(COUNT\((?P<counted>{_ARGUMENTS})\)=0,"",SUM\((?P<added>{_ARGUMENTS})\)\)')
_SUM = re.compile(rf"SUM\((?P<added>{_ARGUMENTS})\)")
_PLUS = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]{1,7}(?:\+\$?[A-Z]{1,3}\$?[0-9]{1,7}){1,40}")
_OPERAND = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")
_DIVISION = re.compile(r"\b([A-Z]{1,3}[0-9]{1,7})/([A-Z]{1,3}[0-9]{1,7})\b")
_MOST_OPERANDS = 2_000
_DEEPEST = 5  # totals of totals of totals

Result = float | str | None  # '' for a formula that shows nothing, None where it cannot be told


def add_up_stale_totals(records: Records, place: Place, grid: Grid, formulas: Formulas, notebook: Notebook) -> None:
    """Give the totals of the budget what their formula comes to, where another result is stored, and note it."""
    sums = _Sums(grid, formulas)
    for number, key in enumerate(records.columns["key"]):
        row = int(records.rows[number])
        for field in layout.AMOUNT_COLUMNS:
            column = place.columns.get(field, 0)
            if (row, column) not in formulas or not BUDGET.line_by_key[str(key)].computed:
                continue
            line = BUDGET.line_by_key[str(key)]
            label = line.label if field == "final" else f"{line.label}（{BUDGET.by_key[field].header}）"
            stored, true = _at(grid, row, column), sums.result(row, column)
            if not isinstance(true, float) or not _differ(stored, true):
                continue
            shown = Formatted(true, notebook.formats.get((row, column), "General"))
            records.columns[field][number] = notebook.number(shown, BUDGET.by_key[field], row).value
            notebook.add(
                _kind(stored), BUDGET, title=place.title, field=field, row=row, column=column, label=label,
                raw=to_text(stored), value=f"{true:.10g}",
            )  # fmt: skip


def divide_stale_rates(records: Records, place: Place, grid: Grid, formulas: Formulas, notebook: Notebook) -> None:
    """The same of the projects' rates of execution."""
    columns = [place.columns.get(key, 0) for key in ("rate", "executed", "revised")]
    if not all(columns):
        return
    rate, executed, revised = columns
    for number, row in enumerate(map(int, records.rows)):
        division = _DIVISION.findall(formulas.get((row, rate), ""))
        if division != [(cell(row, executed), cell(row, revised))]:
            continue
        stored, true = _at(grid, row, rate), _quotient(_at(grid, row, executed), _at(grid, row, revised))
        if isinstance(true, float) and _differ(stored, true):
            records.columns["rate"][number] = true
            notebook.add(
                _kind(stored), PROJECTS, title=place.title, field="rate", row=row, column=rate,
                label=f"{records.columns['name'][number]}·{PROJECTS.by_key['rate'].header}",
                raw=to_text(stored), value=f"{true:.10g}",
            )  # fmt: skip


def _kind(stored: Raw) -> str:
    return "recomputed" if is_blank(stored) else "stale"


def _differ(stored: Raw, true: float) -> bool:
    """Whether what is stored is not what a formula gives; errors and formulas without any result are told already."""
    if isinstance(stored, float):
        return not math.isclose(stored, true, rel_tol=1e-9, abs_tol=1e-7)
    return is_blank(stored)


def _at(grid: Grid, row: int, column: int) -> Raw:
    cells = grid[row - 1] if 0 < row <= len(grid) else []
    return cells[column - 1] if 0 < column <= len(cells) else ""


def _quotient(executed: Raw, revised: Raw) -> Result:
    if isinstance(executed, float) and isinstance(revised, float):
        return executed / revised if revised else ""
    return "" if all(isinstance(raw, float | str) for raw in (executed, revised)) else None


class _Sums:
    """The sums of a sheet as its formulas give them; texts do not count, as in every spreadsheet program."""

    def __init__(self, grid: Grid, formulas: Formulas) -> None:
        self.grid, self.formulas = grid, formulas
        self.known: dict[tuple[int, int], Result] = {}

    def result(self, row: int, column: int, depth: int = 0) -> Result:
        """What a formula gives; None where it is no plain sum, or adds up what has no number."""
        place = row, column
        if place not in self.known:
            self.known[place] = None  # a formula that refers to itself gives nothing
            self.known[place] = self._result(place, depth)
        return self.known[place]

    def _result(self, place: tuple[int, int], depth: int) -> Result:
        formula = self.formulas[place].replace("$", "").replace(" ", "").lstrip("=").upper()
        added = _added(formula)
        if added is None or depth > _DEEPEST:
            return None
        numbers: list[float] = []
        for row, column in _cells(added):
            own = (row, column) in self.formulas
            raw = self.result(row, column, depth + 1) if own else _at(self.grid, row, column)
            if own and raw is None:
                raw = _at(self.grid, row, column)  # some other formula: its stored result
            if isinstance(raw, float):
                numbers.append(raw)
            elif not isinstance(raw, str | bool):
                return None
        empty = "" if formula.startswith("IF(") else 0.0
        return math.fsum(numbers) if numbers else empty


def _added(formula: str) -> str | None:
    """The operands of a formula that adds up cells, and does nothing else."""
    own = _OWN_SUM.fullmatch(formula)
    if own is not None:
        return own["added"] if own["added"] == own["counted"] else None
    plain = _SUM.fullmatch(formula)
    if plain is not None:
        return plain["added"]
    return formula.replace("+", ",") if _PLUS.fullmatch(formula) else None


def _cells(operands: str) -> Iterator[tuple[int, int]]:
    left = _MOST_OPERANDS
    for operand in operands.split(","):
        match = _OPERAND.fullmatch(operand)
        if match is None:
            continue
        first, top, last, bottom = match.groups()
        columns = range(column_number(first), column_number(last or first) + 1)
        for row in range(int(top), min(int(bottom or top), int(top) + left) + 1):
            for column in columns[:left]:
                yield row, column
