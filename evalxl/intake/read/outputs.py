"""What this program has written itself, or left blank for others to fill in: never a submission, never in a sum.

Recognised by the words of its sheets, which whoever saves it again leaves alone; and by its author, where sheets were
taken out. Our own list of findings that comes back is for ``findings_list``; a returned copy is a submission, for it
has 基本信息.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from evalxl import layout
from evalxl.district.notes import Note
from evalxl.district.tables import UNREAD
from evalxl.intake.read.cells import is_blank, to_text
from evalxl.intake.read.records import Records
from evalxl.layout import BUDGET, GENERAL, INDICATORS, NARRATIVE, PROJECTS
from evalxl.values.folding import fold
from evalxl.values.quantities import given

AUTHOR = "evalxl"
RESULT, SUMMARY, ROSTER, HANDBOOK = "审核结果", "汇总表", "名册", "规则手册"
RECHECKS, PENDING, LEDGER, AUDIT, POLICY = "抽查表", "待办", "公开台账", "审计结论", "规则参数表"

Cells = Sequence[Sequence[object]]  # of a sheet, or of a list as text
_HEAD_ROWS = 5  # somebody may have put rows above a title
_TITLES = {
    fold(f"{layout.TITLE}审核结果"): RESULT,
    fold("抽查复核名单"): SUMMARY,
    fold("预算部门名册"): ROSTER,
    fold("规则手册"): HANDBOOK,
}
_ENDS = {  # of titles that begin with the district and the year
    fold("绩效自评抽查复核表"): RECHECKS,
    fold("绩效自评待办"): PENDING,
    fold("绩效自评公开台账"): LEDGER,
    fold("汇总表审计"): AUDIT,
}
_START_OF_POLICY = fold("规则参数：")  # its name follows
_END_OF_SUMMARY = fold("绩效自评汇总")
# Sheets of a summary, as their titles have it; a department may well call one of its own so, hardly two.
_OF_SUMMARY = {
    fold(title)
    for title in (
        "部门汇总", "项目汇总", "部门绩效自评汇总表", "项目绩效自评汇总表",
        "收支汇总", "指标汇总", "未报送、未读取和重复报送", "部门说明与财政部门豁免",
        "汇总数核对", "规则覆盖",
    )
}  # fmt: skip
_OF_ROSTER = {fold("部门名称"), fold("部门编码")}


def own_output(titles: list[str], load: Callable[[str], Cells], author: Callable[[], str]) -> str:
    """Which of our outputs a workbook is; '' for none. One that has the form with the department's name is none."""
    if GENERAL.title in titles:
        return ""
    of_summary = 0
    for title in titles:
        head = _head(load(title))
        known = next((ours for text in head if (ours := _titled(text))), "")
        if known:
            return known
        of_summary += not _OF_SUMMARY.isdisjoint(head)
        if of_summary > 1 or (any(text.endswith(_END_OF_SUMMARY) for text in head) and len(titles) > 1):
            return SUMMARY
    if any(fold(title) == fold(ROSTER) and _texts(load(title)) >= _OF_ROSTER for title in titles):
        return ROSTER
    return RESULT if author() == AUTHOR else ""


def _titled(text: str) -> str:
    """Which of our outputs has a title; '' for none."""
    if text.startswith(_START_OF_POLICY):
        return POLICY
    return _TITLES.get(text) or next((ours for end, ours in _ENDS.items() if text.endswith(end)), "")


def _head(grid: Cells) -> list[str]:
    """The first text of each of the first rows of a sheet."""
    firsts = (next((raw for raw in row if not is_blank(raw)), "") for row in grid[:_HEAD_ROWS])
    return [fold(raw) for raw in firsts if isinstance(raw, str) and raw]


def _texts(grid: Cells) -> set[str]:
    return {fold(to_text(raw)).rstrip("*") for row in grid[:_HEAD_ROWS] for raw in row}


# What the template may come with: the department's name, and last year's units and reviewers.
_ENTERED = {
    GENERAL.key: ("score", "grade", "preparer", "phone", "date", "head"),
    BUDGET.key: layout.AMOUNT_COLUMNS,
    PROJECTS.key: ("name", "initial", "revised", "executed", "score"),
    INDICATORS.key: ("level3", "target", "achieved", "weight", "points"),
    NARRATIVE.key: tuple(NARRATIVE.by_key),
}


def is_blank_template(sheets: Mapping[str, Records], found: Mapping[str, object], notes: list[Note]) -> bool:
    """Whether a workbook is the template and nothing was entered in it, whatever we had filled in ourselves."""
    if not {GENERAL.key, BUDGET.key, PROJECTS.key, NARRATIVE.key} <= found.keys():
        return False
    if any(note.kind in _ENTRIES_ELSEWHERE for note in notes):
        return False
    values = (value for key, fields in _ENTERED.items() for name in fields for value in sheets[key].columns[name])
    return all(value in ("", 0.0) or not given(value) for value in values)


_ENTRIES_ELSEWHERE = {*UNREAD, "second_sheet", "second_general", "two_departments", "header_guess", "unknown_line"}
