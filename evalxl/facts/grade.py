"""Grades: what each score earns under the policy, declared beside computed, with the lines that show how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from evalxl.district.tables import District, Row, RowsByWorkbook, frame, rows_of
from evalxl.facts.execution import execution_rows
from evalxl.facts.indicators import Group, groups
from evalxl.facts.scoring import Due, band, execution_due, points_due
from evalxl.policy.policy import Policy
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, given, show, show_amount
from evalxl.values.rounding import exact_mean
from evalxl.values.targets import QUALITATIVE

MODES = {"declared": "部门自报", "weighted": "按执行数加权", "mean": "简单平均"}
WHOLE = "部门整体"
COMMON = "共性指标"


class DepartmentGrade(NamedTuple):
    """What a department declared, what is in force, and the reference that its projects give."""

    workbook: str
    declared_score: float
    declared_grade: str
    score: float
    grade: str  # by the policy's bands; '' without a score
    mode: str
    reference_score: float
    reference_grade: str
    reference_mode: str


class GradeLine(NamedTuple):
    """Of a project or a department one item: its points, the reason, and the cell that the declared ones stand in."""

    workbook: str
    subject: str
    item: str
    possible: float
    due: float
    declared: float
    reason: str
    sheet: str
    cell: str


DEPARTMENT_COLUMNS, LINE_COLUMNS = DepartmentGrade._fields, GradeLine._fields


def _departments_frame(rows: Sequence[DepartmentGrade]) -> pd.DataFrame:
    return frame(DEPARTMENT_COLUMNS, rows, {"declared_score", "score", "reference_score"})


def _lines_frame(rows: Sequence[GradeLine]) -> pd.DataFrame:
    return frame(LINE_COLUMNS, rows, {"possible", "due", "declared"})


@dataclass(frozen=True)
class Grades:
    """One row per readable workbook, and the lines of every score, where they are in memory."""

    departments: pd.DataFrame
    lines: pd.DataFrame = field(default_factory=lambda: _lines_frame(()))

    def of(self, workbook: str) -> Grades:
        """The grades of one workbook."""
        return Grades(*(part.of(workbook) for part in self._parts))

    @cached_property
    def _parts(self) -> tuple[RowsByWorkbook, RowsByWorkbook]:
        return RowsByWorkbook(self.departments), RowsByWorkbook(self.lines)


def grade(d: District, policy: Policy) -> Grades:
    """Grade every readable workbook of a district."""
    projects = d.by_workbook("projects")
    scored = _scored_groups(d, policy)
    stated = {row["workbook"]: (row["score"], row["grade"]) for row in rows_of(d.general)}
    departments: list[DepartmentGrade] = []
    lines: list[GradeLine] = []
    for workbook in d.workbooks["workbook"][d.workbooks["readable"]]:
        declared, written = stated.get(workbook, (NAN, ""))  # nothing is, where there is no 基本信息
        rows = projects.get(workbook, [])
        weighted, mean = weighted_score(rows), mean_score(rows)
        reference, mode = (weighted, "weighted") if given(weighted) else (mean, "mean")
        in_force = {"declared": declared, "weighted": weighted, "mean": mean}[policy.head.overall]
        departments.append(
            DepartmentGrade(
                workbook,
                declared,
                written,
                score=in_force,
                grade=policy.grade(in_force),
                mode=MODES[policy.head.overall],
                reference_score=reference,
                reference_grade=policy.grade(reference),
                reference_mode=MODES[mode] if given(reference) else "",
            )
        )
        lines += _project_lines(d, rows, policy, scored)
        title, cell = d.cell(workbook, "general", "score", NAN)
        reason = f"参考：各项目得分{MODES[mode]}" if given(reference) else "项目得分不全，无法计算参考分"
        lines.append(GradeLine(workbook, WHOLE, "整体自评得分", 100.0, reference, declared, reason, title, cell))
        lines += scored[workbook, ""].lines if (workbook, "") in scored else []
        lines += _common_lines(d, workbook)
    return Grades(_departments_frame(departments), _lines_frame(lines))


def _project_lines(
    d: District, rows: list[Row], policy: Policy, scored: dict[tuple[str, str], _Scored]
) -> list[GradeLine]:
    """Each project's own line, with the score its indicators give, and below it one line per indicator."""
    lines: list[GradeLine] = []
    for project in rows:
        workbook, score = project["workbook"], project["score"]
        title, cell = d.cell(workbook, "projects", "score", project["row"])
        due = policy.grade(score)
        reason = f"得分对应等级“{due}”" if due else "没有得分，不分等"
        if due and project["grade_standard"] and project["grade_standard"] != due:
            reason += f"，自填“{project['grade_standard']}”"
        indicators = scored.get((workbook, project["key"])) if project["key"] else None
        if indicators:
            reason += f"；{indicators.reason}"
        computed = indicators.due if indicators else NAN
        lines.append(GradeLine(workbook, project["name"], "自评得分", 100.0, computed, score, reason, title, cell))
        lines += indicators.lines if indicators else []
    return lines


class _Scored(NamedTuple):
    """What a project's indicators give: its score (NaN where one cannot be computed), how, and a line for each."""

    due: float
    reason: str
    lines: list[GradeLine]


def _scored_groups(d: District, policy: Policy) -> dict[tuple[str, str], _Scored]:
    execution = execution_rows(d)
    rates = dict(zip(execution.index, execution["execution"], strict=True))
    return {(group.workbook, group.project): _score_group(d, group, rates, policy) for group in groups(d)}


def _score_group(d: District, group: Group, rates: dict[int, float], policy: Policy) -> _Scored:
    lines: list[GradeLine] = []
    points: list[float] = []
    qualitative = 0
    for at, row in zip(group.index, group.rows, strict=True):
        if row in group.parents:
            continue
        earned = _earned(row, rates.get(at, NAN), policy)
        title, cell = d.cell(group.workbook, "indicators", "points", row["row"])
        name = row["level3"] or row["level2"] or row["level1"]
        where = (earned.reason, title, cell)
        lines.append(GradeLine(group.workbook, group.name, name, row["weight"], earned.points, row["points"], *where))
        by_judgement = not given(earned.points) and earned.reason.startswith(QUALITATIVE)
        qualitative += by_judgement
        points.append(row["points"] if by_judgement else earned.points)
    lacking = sum(not given(each) for each in points)
    if group.total != 100:
        return _Scored(NAN, "分值合计不是 100，得分不重算", lines)
    if lacking:
        return _Scored(NAN, f"有 {lacking} 项指标无法计算，得分不重算", lines)
    due = min(policy.rounded(math.fsum(points)), _cap(group, d, policy))
    counted = f"（其中定性 {qualitative} 项按自评分计）" if qualitative else ""
    return _Scored(due, f"按指标重算为 {due:.2f}{counted}", lines)


def _cap(group: Group, d: District, policy: Policy) -> float:
    """The most points the project's execution rate allows; infinite where the policy sets no cap."""
    if not policy.execution_caps or not group.project:
        return math.inf
    rows = [row for row in d.by_workbook("projects").get(group.workbook, []) if row["key"] == group.project]
    rates = [row["executed"] / row["revised"] for row in rows if row["revised"]]
    return min((policy.cap(rate) for rate in rates), default=math.inf)


def _earned(row: Row, rate: float, policy: Policy) -> Due:
    weight, points = row["weight"], row["points"]
    if row["executes"]:
        return execution_due(rate, weight, policy, row["standard"])
    due = points_due(row["outcome"], weight, policy, row["standard"])
    judged = band(points, weight, policy) if due.reason.startswith(QUALITATIVE) else ""
    return Due(due.points, f"定性，自评属“{judged}”一档，不重算") if judged else due


class _Rate(NamedTuple):
    """A common indicator: its name, the figure above the line, the one below it and what that one is called."""

    name: str
    above: tuple[str, str]
    below: tuple[str, str]
    called: str


_RATES = (
    _Rate("预算完成率", ("expenditure_total", "final"), ("expenditure_total", "revised"), "预算数"),
    _Rate("预算调整率", ("expenditure_total", "revised"), ("expenditure_total", "initial"), "年初预算数"),
    _Rate("结转结余率", ("closing", "final"), ("expenditure_total", "revised"), "支出预算数"),
    _Rate("公用经费控制率", ("operating", "final"), ("operating", "revised"), "公用经费预算数"),
    _Rate("三公经费控制率", ("three_public", "final"), ("three_public", "revised"), "三公经费预算数"),
    _Rate("政府采购执行率", ("procurement", "final"), ("procurement", "revised"), "政府采购预算数"),
)


def _common_lines(d: District, workbook: str) -> list[GradeLine]:
    """The common indicators whose figures the workbook has: no points, only how they come about."""
    lines: list[GradeLine] = []
    budget = {row["key"]: row for row in d.by_workbook("budget").get(workbook, [])}
    for rate in _RATES:
        above, below = (budget[key][column] if key in budget else NAN for key, column in (rate.above, rate.below))
        if given(above) and given(below):
            reason = _formula(above, below, rate)
            place = d.cell(workbook, "budget", rate.above[1], budget[rate.above[0]]["row"])
            lines.append(GradeLine(workbook, COMMON, rate.name, NAN, NAN, NAN, reason, *place))
    units = d.by_workbook("units").get(workbook, [])
    staff, posts = (sum(unit[column] for unit in units) for column in ("staff", "posts"))
    if units and given(staff) and given(posts):
        reason = f"{staff:.0f}÷{posts:.0f}＝{show(Kind.RATE, staff / posts)}" if posts else "无法计算：编制人数为 0"
        place = d.cell(workbook, "units", "staff", units[0]["row"])
        lines.append(GradeLine(workbook, COMMON, "在职人员控制率", NAN, NAN, NAN, reason, *place))
    return lines


def _formula(above: float, below: float, rate: _Rate) -> str:
    if below == 0:
        return f"无法计算：{rate.called}为 0"
    shown = show_amount(above)
    if rate.name == "预算调整率":
        shown, above = f"|{shown}－{show_amount(below)}|", abs(above - below)
    return f"{shown}÷{show_amount(below)}＝{show(Kind.RATE, above / below)}"


def weighted_score(projects: list[Row]) -> float:
    """Σ(score × executed) ÷ Σ executed, half-up to two decimals; NaN when a score or an amount is missing."""
    scores, executed = [row["score"] for row in projects], [row["executed"] for row in projects]
    if any(map(math.isnan, scores)) or not sum(executed) > 0:
        return NAN
    return exact_mean(scores, executed)


def mean_score(projects: list[Row]) -> float:
    """The plain mean of the projects' scores, half-up to two decimals; NaN when one is missing."""
    scores = [row["score"] for row in projects]
    return NAN if not scores or any(map(math.isnan, scores)) else exact_mean(scores)


def merge(parts: list[Grades]) -> Grades:
    """The grades of several chunks as one, by workbook."""
    if not parts:
        return Grades(_departments_frame(()))
    departments = pd.concat([part.departments for part in parts], ignore_index=True)
    lines = pd.concat([part.lines for part in parts], ignore_index=True)
    return Grades(
        departments.sort_values("workbook", kind="stable", ignore_index=True),
        lines.sort_values("workbook", kind="stable", ignore_index=True),
    )
