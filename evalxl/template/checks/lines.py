"""The check line of each sheet, above its headers, and the tally of them all on 基本信息."""

from __future__ import annotations

from evalxl import layout
from evalxl.layout import BUDGET, GENERAL, PROJECTS, Shape, Sheet
from evalxl.policy.policy import Policy
from evalxl.template.checks.budget import blank_finals
from evalxl.template.checks.leftovers import leftovers
from evalxl.template.checks.projects import projects_line
from evalxl.template.checks.tables import table_line
from evalxl.template.checks.verdicts import FAILED, PASSED, UNFINISHED, Check, piece, pieces, verdict
from evalxl.template.references import away, checks_of, quoted, verdict_cell

TALLY_FAILED, TALLY_UNFINISHED = "tally_failed", "tally_unfinished"


def sheet_line(sheet: Sheet, policy: Policy) -> str:
    """The check line of a sheet."""
    if sheet is GENERAL:
        return _overall()
    if sheet is BUDGET:
        return _budget_line(policy)
    if sheet is PROJECTS:
        return projects_line(policy)
    return _form_line(sheet) if sheet.shape is Shape.FORM else table_line(sheet, policy)


def _overall() -> str:
    """The line for the whole workbook: how many checks fail, how much is still to be filled in, and where."""
    failed, todo = f"SUM({TALLY_FAILED})", f"SUM({TALLY_UNFINISHED})"
    parts = [
        piece(Check("", f"{failed}>0", f'"尚有 "&{failed}&" 处未通过："&{_per_sheet(TALLY_FAILED)}')),
        piece(Check("", f"{todo}>0", f'"还有 "&{todo}&" 处未填："&{_per_sheet(TALLY_UNFINISHED)}', UNFINISHED)),
    ]
    return verdict(parts, f"全部核对通过 {PASSED}")


def _per_sheet(tally: str) -> str:
    counts = ((sheet.title, f"INDEX({tally},{position})") for position, sheet in enumerate(layout.DATA_SHEETS, 1))
    told = [f'IF({count}>0,"、{title} "&{count}&" 处","")' for title, count in counts]
    return f"MID({'&'.join(told)},2,200)"


def _budget_line(policy: Policy) -> str:
    failed, blank = f'COUNTIF({checks_of(BUDGET)},"*{FAILED}*")', blank_finals(policy)
    parts = [
        piece(Check("", f"{failed}>0", f'{failed}&" 处不符，见右侧核对栏"')),
        piece(Check("", f"{blank}>0", f'"决算数还有 "&{blank}&" 行未填（没有发生额填 0）"', UNFINISHED)),
        *pieces([leftovers(BUDGET)], policy),
    ]
    return verdict(parts, f"{PASSED} 各项合计和收支平衡核对通过")


def _form_line(sheet: Sheet) -> str:
    checks = checks_of(sheet)
    blank, failed = f'COUNTIF({checks},"*{UNFINISHED}*")', f'COUNTIF({checks},"*{FAILED}*")'
    parts = [
        piece(Check("", f"{failed}>0", f'{failed}&" 栏有误，见右侧核对栏"')),
        piece(Check("", f"{blank}>0", f'"还有 "&{blank}&" 栏未写"', UNFINISHED)),
    ]
    return verdict(parts, f"{PASSED} 各栏均已填写")


def failures(sheet: Sheet) -> str:
    """How many checks of a sheet fail: those of its check column, and what its check line says of the sheet itself."""
    return _count(sheet, FAILED)


def unfinished(sheet: Sheet) -> str:
    """How many things of a sheet are still to be filled in."""
    return _count(sheet, UNFINISHED)


def _count(sheet: Sheet, symbol: str) -> str:
    line = away(sheet, verdict_cell(sheet))
    said = f'LEN({line})-LEN(SUBSTITUTE({line},"{symbol}",""))'
    if sheet not in (PROJECTS, BUDGET) and sheet.shape is not Shape.FORM:
        return said
    beside = f'COUNTIF({quoted(sheet.title)}!{checks_of(sheet)},"*{symbol}*")'
    return beside if sheet.shape is Shape.FORM else f"{beside}+{said}-({beside}>0)"  # the line tells of the column
