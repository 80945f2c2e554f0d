"""The live checks: formulas that say in words what does not agree, while the accountant fills in.

They ask what the rules ask afterwards, as far as functions of Excel 2010, WPS and LibreOffice reach (``reach.py``).
"""

from evalxl.template.checks.budget import budget_checks
from evalxl.template.checks.general import form_checks
from evalxl.template.checks.leftovers import LEFTOVERS, patterns
from evalxl.template.checks.lines import TALLY_FAILED, TALLY_UNFINISHED, failures, sheet_line, unfinished
from evalxl.template.checks.marks import wrong_cells
from evalxl.template.checks.projects import project_check
from evalxl.template.checks.tables import first_rows
from evalxl.template.checks.verdicts import (
    BAND_FROM,
    BAND_GRADE,
    FAILED,
    HALF_UNIT,
    PASSED,
    PER_UNIT,
    UNFINISHED,
    half_unit,
    per_unit,
    say,
)

__all__ = [
    "BAND_FROM",
    "BAND_GRADE",
    "FAILED",
    "HALF_UNIT",
    "LEFTOVERS",
    "PASSED",
    "PER_UNIT",
    "TALLY_FAILED",
    "TALLY_UNFINISHED",
    "UNFINISHED",
    "budget_checks",
    "failures",
    "first_rows",
    "form_checks",
    "half_unit",
    "patterns",
    "per_unit",
    "project_check",
    "say",
    "sheet_line",
    "unfinished",
    "wrong_cells",
]
