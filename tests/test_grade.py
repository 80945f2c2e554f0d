"""Grades: the declared score beside the reference computed from the projects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import fill

from evalxl.grade import Grades, grade
from evalxl.policy import Policy
from evalxl.read import read


def _graded(tmp_path: Path, policy: Policy, edit: Mapping[str, object]) -> Grades:
    path = fill(tmp_path / "w.xlsx", edit)
    return grade(read([("w.xlsx", path)], policy), policy)


def _department(grades: Grades) -> dict[str, Any]:
    return {str(key): value for key, value in grades.departments.iloc[0].items()}


def test_the_declared_score_is_in_force_and_the_reference_stands_beside_it(tmp_path: Path, policy: Policy) -> None:
    department = _department(_graded(tmp_path, policy, {}))
    assert (department["score"], department["grade"], department["mode"]) == (88.2, "优秀", "部门自报")
    # (94.5×114 + 98×80 + 79.5×56 + 72×30) ÷ 280 = 90.0893, half-up
    assert (department["reference_score"], department["reference_mode"]) == (90.09, "按执行数加权")


def test_without_amounts_the_reference_is_the_plain_mean(tmp_path: Path, policy: Policy) -> None:
    department = _department(_graded(tmp_path, policy, {"项目!G8": "空"}))
    assert (department["reference_score"], department["reference_mode"]) == (86.0, "简单平均")


def test_without_all_scores_there_is_no_reference(tmp_path: Path, policy: Policy) -> None:
    department = _department(_graded(tmp_path, policy, {"项目!I8": "空", "基本信息!B11": "空"}))
    assert math.isnan(department["reference_score"])
    assert department["grade"] == ""


@pytest.mark.parametrize(("mode", "score"), [("weighted", 90.09), ("mean", 86.0)])
def test_a_district_may_let_the_projects_decide(tmp_path: Path, policy: Policy, mode: str, score: float) -> None:
    own = policy.model_copy(update={"head": policy.head.model_copy(update={"overall": mode})})
    assert _department(_graded(tmp_path, own, {}))["score"] == score


def test_every_score_keeps_its_line_with_the_cell_it_came_from(tmp_path: Path, policy: Policy) -> None:
    lines = _graded(tmp_path, policy, {"项目!J7": "优秀"}).lines
    assert lines[["subject", "declared", "sheet", "cell"]].values.tolist() == [
        ["公共文化服务体系建设", 94.5, "项目", "I5"],
        ["图书馆购书经费", 98, "项目", "I6"],
        ["文物保护维修", 79.5, "项目", "I7"],
        ["群众文化活动", 72, "项目", "I8"],
        ["部门整体", 88.2, "基本信息", "B11"],
    ]
    assert lines["reason"].iloc[2] == "得分对应等级“良好”，自填“优秀”"
