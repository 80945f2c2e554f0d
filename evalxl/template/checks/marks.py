"""Which cells turn red, by what the check beside them says."""

from __future__ import annotations

from evalxl import layout
from evalxl.layout import BUDGET, PROJECTS, Shape, Sheet
from evalxl.template.checks import projects
from evalxl.template.checks.verdicts import FAILED


def wrong_cells(sheet: Sheet) -> list[tuple[str, str]]:
    """The fields whose cell turns red with what the check beside it says: the field and the words that accuse it."""
    if sheet is PROJECTS:
        words = {
            "revised": projects.UNBUDGETED,
            "executed": projects.OVERSPENT,
            "cause": projects.UNEXPLAINED,
            "score": projects.SCORE_WRONG,
            "grade": projects.GRADE_WRONG,
            "name": projects.REPEATED,
            "rate": projects.RATE_WRONG,
            "code": projects.CODE_WRONG,
        }
        return list(words.items())
    if sheet is BUDGET:
        return [(key, f"{FAILED} {BUDGET.by_key[key].header}：") for key in layout.AMOUNT_COLUMNS]
    return [(field.key, FAILED) for field in sheet.fields] if sheet.shape is Shape.FORM else []
