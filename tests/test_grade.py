"""Grades: the declared score beside the reference computed from the projects."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cells import good_tables, with_cells
from conftest import fill

from evalxl.district.tables import District
from evalxl.facts.grade import COMMON, Grades, grade
from evalxl.intake.read import read
from evalxl.policy.parts import Cap
from evalxl.policy.policy import Policy, load
from evalxl.values.rounding import exact_mean


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


def _lines(grades: Grades, subject: str) -> list[list[Any]]:
    lines = grades.lines[grades.lines["subject"] == subject]
    return [
        [None if each != each else each for each in row]
        for row in lines[["item", "possible", "due", "declared", "reason", "cell"]].values.tolist()
    ]


def test_every_score_keeps_its_line_with_the_cell_it_came_from(tmp_path: Path, policy: Policy) -> None:
    lines = _graded(tmp_path, policy, {"项目!J7": "优秀"}).lines
    scores = lines[lines["item"].isin(["自评得分", "整体自评得分"])]
    assert scores[["subject", "declared", "sheet", "cell"]].values.tolist() == [
        ["公共文化服务体系建设", 94.5, "项目", "I5"],
        ["图书馆购书经费", 98, "项目", "I6"],
        ["文物保护维修", 79.5, "项目", "I7"],
        ["群众文化活动", 72, "项目", "I8"],
        ["部门整体", 88.2, "基本信息", "B11"],
    ]
    assert scores["reason"].iloc[2] == "得分对应等级“良好”，自填“优秀”"
    assert scores["possible"].tolist() == [100] * 5


def test_a_project_is_scored_again_from_its_indicators(tmp_path: Path, policy: Policy) -> None:
    edit = {"指标!F7": "≥98%", "指标!H7": "96%", "指标!E9": "定性", "指标!F9": "良好", "指标!H9": "良好"}
    assert _lines(_graded(tmp_path, policy, edit), "图书馆购书经费") == [
        ["自评得分", 100, 97.59, 98, "得分对应等级“优秀”；按指标重算为 97.59（其中定性 1 项按自评分计）", "I6"],
        ["预算执行率", 10, 10, 10, "执行率 100.00%，10×100.00%＝10.00", "J5"],
        ["购书册数", 30, 30, 30, "目标 ≥8000，完成 8200，达到目标", "J6"],
        ["新书验收合格率", 20, 19.59, 20, "目标 ≥98%，完成 96%，按比例 20×96/98＝19.59", "J7"],
        ["到馆读者人次", 30, 28, 28, "目标 ≥120000，完成 112000，按比例 30×112000/120000＝28.00", "J8"],
        ["读者满意度", 10, None, 10, "定性，自评属“达成”一档，不重算", "J9"],
    ]


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"指标!H8": "很多"}, "有 1 项指标无法计算，得分不重算"),
        ({"指标!I8": 31}, "分值合计不是 100，得分不重算"),
        ({"指标!I8": "空"}, "分值合计不是 100，得分不重算"),
        ({"项目!F6": "空"}, "有 1 项指标无法计算，得分不重算"),
    ],
)
def test_where_an_indicator_cannot_be_computed_the_project_is_not(
    tmp_path: Path, policy: Policy, edit: dict[str, object], reason: str
) -> None:
    line = _lines(_graded(tmp_path, policy, edit), "图书馆购书经费")[0]
    assert line[2] is None
    assert line[4].endswith(reason)


def test_a_cap_on_low_execution_holds_for_the_computed_score(tmp_path: Path, policy: Policy) -> None:
    capped = policy.model_copy(update={"execution_caps": (Cap.model_validate({"from": 0.5, "to": 0.6, "cap": 69}),)})
    grades = _graded(tmp_path, capped, {"项目!F6": 145})
    assert _lines(grades, "图书馆购书经费")[0][2] == 69


def test_indicators_of_the_department_stand_below_its_score(tmp_path: Path, policy: Policy) -> None:
    edit = {f"指标!A{row}": "空" for row in range(5, 10)}
    items = [line[0] for line in _lines(_graded(tmp_path, policy, edit), "部门整体")]
    assert items == ["整体自评得分", "预算执行率", "购书册数", "新书验收合格率", "到馆读者人次", "读者满意度"]


def test_common_indicators_show_how_they_come_about(tmp_path: Path, policy: Policy) -> None:
    lines = _lines(_graded(tmp_path, policy, {}), "共性指标")
    assert [[line[0], line[4], line[5]] for line in lines] == [
        ["预算完成率", "930.00÷1000.00＝93.00%", "D22"],
        ["预算调整率", "|1000.00－949.38|÷949.38＝5.33%", "C22"],
        ["结转结余率", "70.00÷1000.00＝7.00%", "D24"],
        ["公用经费控制率", "130.00÷135.00＝96.30%", "D17"],
        ["三公经费控制率", "12.00÷15.00＝80.00%", "D26"],
        ["政府采购执行率", "60.00÷70.00＝85.71%", "D31"],
        ["在职人员控制率", "48÷50＝96.00%", "F5"],
    ]
    assert all(line[1:4] == [None, None, None] for line in lines)


def test_common_indicators_without_figures_are_left_out_and_nil_is_said(tmp_path: Path, policy: Policy) -> None:
    edit = {"预算!C31": 0, "预算!D17": "空", "单位!F6": "空"}
    lines = {line[0]: line[4] for line in _lines(_graded(tmp_path, policy, edit), "共性指标")}
    assert lines["政府采购执行率"] == "无法计算：政府采购预算数为 0"
    assert "公用经费控制率" not in lines
    assert "在职人员控制率" not in lines


def test_means_are_rounded_half_up_on_the_exact_value() -> None:
    assert exact_mean([94.60, 85.23]) == 89.92  # 89.915, which binary fractions put a little below
    assert exact_mean([90, 80], [1, 3]) == 82.5


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> District:
    return good_tables(tmp_path_factory.mktemp("good"), load())


def _reasons(d: District, policy: Policy, project: str) -> list[tuple[str, float, str]]:
    lines = grade(d, policy).lines
    own = lines[lines["subject"] == project]
    return list(zip(own["item"], own["due"].fillna(-1.0), own["reason"], strict=True))


_BOOKS = "图书馆购书经费"


@pytest.mark.parametrize(
    ("cells", "due", "reason"),
    [
        ({}, 98.0, "得分对应等级“优秀”；按指标重算为 98.00"),
        ({"项目!评价等级@6": "良好"}, 98.0, "得分对应等级“优秀”，自填“良好”；按指标重算为 98.00"),
        ({"项目!评价等级@6": "空"}, 98.0, "得分对应等级“优秀”；按指标重算为 98.00"),
        ({"项目!自评得分@6": "空"}, 98.0, "没有得分，不分等；按指标重算为 98.00"),
        ({"指标!分值@9": 9}, -1.0, "得分对应等级“优秀”；分值合计不是 100，得分不重算"),
        ({"指标!实际完成值@9": "空"}, -1.0, "得分对应等级“优秀”；有 1 项指标无法计算，得分不重算"),
        (
            {"指标!实际完成值@9": "空", "指标!实际完成值@8": "空"},
            -1.0,
            "得分对应等级“优秀”；有 2 项指标无法计算，得分不重算",
        ),
        (
            {
                "指标!指标性质@9": "定性",
                "指标!年度指标值@9": "读者满意",
                "指标!实际完成值@9": "基本满意",
                "指标!得分@9": 8.5,
            },
            96.5,
            "得分对应等级“优秀”；按指标重算为 96.50（其中定性 1 项按自评分计）",
        ),
    ],
)
def test_the_line_of_a_project(
    good: District, policy: Policy, cells: dict[str, object], due: float, reason: str
) -> None:
    assert _reasons(with_cells(good, cells), policy, _BOOKS)[0] == ("自评得分", due, reason)


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        ({}, ("在职人员控制率", -1.0, "48÷50＝96.00%")),
        ({"单位!编制人数@5": 0, "单位!编制人数@6": 0}, ("在职人员控制率", -1.0, "无法计算：编制人数为 0")),
        ({"单位!编制人数@5": "空"}, ("政府采购执行率", -1.0, "60.00÷70.00＝85.71%")),
        ({"单位!在职人数@6": "空"}, ("政府采购执行率", -1.0, "60.00÷70.00＝85.71%")),
        (
            {"单位!在职人数@6": "空", "预算!全年预算数@政府采购支出": 0},
            ("政府采购执行率", -1.0, "无法计算：政府采购预算数为 0"),
        ),
        (
            {"单位!在职人数@6": "空", "预算!全年预算数@政府采购支出": "空"},
            ("三公经费控制率", -1.0, "12.00÷15.00＝80.00%"),
        ),
    ],
)
def test_the_last_of_the_common_lines(
    good: District, policy: Policy, cells: dict[str, object], line: tuple[str, float, str]
) -> None:
    assert _reasons(with_cells(good, cells), policy, COMMON)[-1] == line


@pytest.mark.parametrize(
    ("executed", "score", "mode"),
    [
        ((114, 80, 56, 30), 90.09, "按执行数加权"),
        ((0, 0, 0, 0), 86.0, "简单平均"),
        ((0, 0, 0, 0.0000001), 72.0, "按执行数加权"),  # a tenth of a fen is still an amount
        ((0, 0, 0, -1), 86.0, "简单平均"),
        ((114, 80, 56, "空"), 86.0, "简单平均"),
    ],
)
def test_the_reference_is_weighted_where_anything_was_spent(
    good: District, policy: Policy, executed: tuple[object, ...], score: float, mode: str
) -> None:
    cells = {f"项目!全年执行数@{row}": each for row, each in zip((5, 6, 7, 8), executed, strict=True)}
    department = _department(grade(with_cells(good, cells), policy))
    assert (department["reference_score"], department["reference_mode"]) == (score, mode)
