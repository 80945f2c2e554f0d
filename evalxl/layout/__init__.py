"""The workbook a department fills in: the standard one, or what a bureau's own file makes of it.

The file is named by an environment variable, which the commands set before anything else is imported; so one run, with
all its processes, speaks one layout, and nobody but this module and the commands knows that there may be another.
"""

from __future__ import annotations

import hashlib

from evalxl.layout import overlay, standard
from evalxl.layout.shapes import Field, Line, Shape, Sheet, cell, column_letter, column_number, ranges
from evalxl.layout.standard import LISTS, SCORE_DIGITS, TEMPLATE_VERSION, TITLE
from evalxl.values.kinds import Kind

__all__ = [
    "AMOUNTS", "AMOUNT_COLUMNS", "BUDGET", "BY_KEY", "DATA_SHEETS", "GENERAL", "INDICATORS", "INSTRUCTIONS", "LISTS",
    "NAME", "NAMES", "NARRATIVE", "OWN_SHEETS", "OWN_VOCABULARIES", "PARTS", "PROJECTS", "REVIEWERS", "SCORE_DIGITS",
    "SHA256", "SHEETS", "TEMPLATE_VERSION", "TITLE", "UNITS", "Field", "Line", "Shape", "Sheet", "cell",
    "column_letter", "column_number", "field", "ranges", "template_address", "template_cell",
]  # fmt: skip

_IN_FORCE = overlay.in_force(standard.SHEETS)
NAME = _IN_FORCE.name  # of the bureau's own layout; "" for the standard one
SHEETS = _IN_FORCE.sheets
INSTRUCTIONS, GENERAL, UNITS, BUDGET, PROJECTS, INDICATORS, REVIEWERS, NARRATIVE = SHEETS[: len(standard.SHEETS)]
OWN_SHEETS = SHEETS[len(standard.SHEETS) :]
OWN_VOCABULARIES = _IN_FORCE.vocabularies  # drop-downs of own columns
PARTS = _IN_FORCE.parts  # own lines of the budget by the total that they are part of
SHA256 = hashlib.sha256(repr((SHEETS, OWN_VOCABULARIES, PARTS)).encode()).hexdigest()  # tells one layout from another
DATA_SHEETS = tuple(sheet for sheet in SHEETS if sheet.shape is not Shape.TEXT)
BY_KEY = {sheet.key: sheet for sheet in SHEETS}
NAMES = frozenset(  # what a policy may name a place by
    {sheet.title for sheet in DATA_SHEETS} | {each.header for sheet in DATA_SHEETS for each in sheet.fields}
)
AMOUNTS = standard.AMOUNTS
AMOUNT_COLUMNS = tuple(
    field.key for field in BUDGET.fields if field.kind is Kind.AMOUNT and field.key in standard.AMOUNTS
)


def field(path: str) -> tuple[Sheet, Field]:
    """The sheet and field that a path such as ``projects.score`` names; KeyError for any other path."""
    sheet_key, _, field_key = path.partition(".")
    sheet = BY_KEY[sheet_key]
    return sheet, sheet.by_key[field_key]


def template_cell(sheet: Sheet, field_key: str, row_or_line: int | str = 0) -> str:
    """The address in the template of a form's field, of a field in a numbered row, or of a field of a fixed line."""
    column = sheet.column(field_key)
    if sheet.shape is Shape.FORM:
        return cell(sheet.row(field_key), column)
    row = sheet.row(row_or_line) if isinstance(row_or_line, str) else row_or_line
    return cell(row, column)


def template_address(sheet: Sheet, field_key: str, row_or_line: int | str = 0) -> str:
    """The same behind the sheet's name, as the entries and notes of a template that is filled in are keyed."""
    return f"{sheet.title}!{template_cell(sheet, field_key, row_or_line)}"
