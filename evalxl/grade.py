"""Grades: what each score earns under the policy, declared beside computed, with the lines that show how."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evalxl.district import District, frame
from evalxl.policy import Policy, round_half_up
from evalxl.quantities import NAN

DEPARTMENT_COLUMNS = (
    "workbook",
    "declared_score",
    "declared_grade",
    "score",
    "grade",
    "mode",
    "reference_score",
    "reference_grade",
    "reference_mode",
)
LINE_COLUMNS = ("workbook", "subject", "item", "possible", "due", "declared", "reason", "sheet", "cell")
MODES = {"declared": "部门自报", "weighted": "按执行数加权", "mean": "简单平均"}
WHOLE = "部门整体"


@dataclass(frozen=True)
class Grades:
    """One row per readable workbook, and the grade lines of every score.

    ``departments``: the declared score and grade, the one in force (``score``, ``grade`` by the policy's bands, ''
    without a score) and the reference computed from the projects. ``lines``: per project and department the item,
    the points possible, due and declared, the reason and the cell the declared points stand in.
    """

    departments: pd.DataFrame
    lines: pd.DataFrame

    def of(self, workbook: str) -> Grades:
        """The grades of one workbook."""
        return Grades(
            self.departments[self.departments["workbook"] == workbook], self.lines[self.lines["workbook"] == workbook]
        )


def grade(d: District, policy: Policy) -> Grades:
    """Grade every readable workbook of a district."""
    projects = dict(iter(d.projects.groupby("workbook", sort=False)))
    departments, lines = [], []
    for general in d.general.to_dict("records"):
        workbook = general["workbook"]
        rows = projects.get(workbook, d.projects.iloc[:0])
        weighted, mean = weighted_score(rows), mean_score(rows)
        reference, mode = (weighted, "weighted") if weighted == weighted else (mean, "mean")
        in_force = {"declared": general["score"], "weighted": weighted, "mean": mean}[policy.head.overall]
        departments.append(
            (
                workbook,
                general["score"],
                general["grade"],
                in_force,
                policy.grade(in_force),
                MODES[policy.head.overall],
                reference,
                policy.grade(reference),
                MODES[mode] if reference == reference else "",
            )
        )
        lines += _project_lines(d, rows, policy)
        title, cell = d.cell(workbook, "general", "score", NAN)
        reason = f"参考：各项目得分{MODES[mode]}" if reference == reference else "项目得分不全，无法计算参考分"
        lines.append((workbook, WHOLE, "整体自评得分", 100.0, reference, general["score"], reason, title, cell))
    numeric = {"declared_score", "score", "reference_score"}
    return Grades(
        frame(DEPARTMENT_COLUMNS, departments, numeric), frame(LINE_COLUMNS, lines, {"possible", "due", "declared"})
    )


def _project_lines(d: District, rows: pd.DataFrame, policy: Policy) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = []
    for project in rows.to_dict("records"):
        title, cell = d.cell(project["workbook"], "projects", "score", project["row"])
        due = policy.grade(project["score"])
        reason = f"得分对应等级“{due}”" if due else "没有得分，不分等"
        if due and project["grade_standard"] and project["grade_standard"] != due:
            reason += f"，自填“{project['grade_standard']}”"
        lines.append(
            (project["workbook"], project["name"], "自评得分", 100.0, NAN, project["score"], reason, title, cell)
        )
    return lines


def weighted_score(projects: pd.DataFrame) -> float:
    """Σ(score × executed) ÷ Σ executed, half-up to two decimals; NaN when a score or an amount is missing."""
    executed, scores = projects["executed"], projects["score"]
    if projects.empty or executed.isna().any() or scores.isna().any() or executed.sum() <= 0:
        return NAN
    return float(round_half_up(float((scores * executed).sum() / executed.sum())))


def mean_score(projects: pd.DataFrame) -> float:
    """The plain mean of the projects' scores, half-up to two decimals; NaN when one is missing."""
    if projects.empty or projects["score"].isna().any():
        return NAN
    return float(round_half_up(float(projects["score"].mean())))


def merge(parts: list[Grades]) -> Grades:
    """The grades of several chunks as one, by workbook."""
    if not parts:
        return Grades(frame(DEPARTMENT_COLUMNS, [], set()), frame(LINE_COLUMNS, [], set()))
    departments = pd.concat([part.departments for part in parts], ignore_index=True)
    lines = pd.concat([part.lines for part in parts], ignore_index=True)
    return Grades(
        departments.sort_values("workbook", kind="stable", ignore_index=True),
        lines.sort_values("workbook", kind="stable", ignore_index=True),
    )
