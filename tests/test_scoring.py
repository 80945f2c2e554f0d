"""Points that follow from target and result: the formulas of 财预〔2020〕10号, half-up, and never a guess."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalxl.facts.scoring import band, execution_due, is_far, points_due
from evalxl.policy.parts import Execution
from evalxl.policy.policy import Policy, load
from evalxl.values.standards import standard
from evalxl.values.targets import compare


def _with(policy: Policy, **values: float) -> Policy:
    changed = {key: policy.thresholds[key].model_copy(update={"value": value}) for key, value in values.items()}
    return policy.model_copy(update={"thresholds": policy.thresholds | changed})


@pytest.mark.parametrize(
    ("target", "achieved", "direction", "weight", "points", "reason"),
    [
        ("≥98%", "99%", "", 30, 30, "目标 ≥98%，完成 99%，达到目标"),
        ("≥98%", "96%", "", 30, 29.39, "目标 ≥98%，完成 96%，按比例 30×96/98＝29.39"),
        ("120000", "112000", "正向(≥)", 30, 28, "目标 ≥120000，完成 112000，按比例 30×112000/120000＝28.00"),
        ("≤3件", "6件", "", 10, 5, "目标 ≤3件，完成 6件，按比例 10×3/6＝5.00"),
        ("≤0件", "6件", "", 10, 0, "目标 ≤0件，完成 6件，按比例 10×0/6＝0.00"),
        ("12期", "6期", "等于(=)", 10, 5, "目标 =12期，完成 6期，按比例 10×6/12＝5.00"),
        ("≥8", "0", "", 10, 0, "目标 ≥8，完成 0，按比例 10×0/8＝0.00"),
        ("≥16", "15.9", "", 0.8, 0.8, "目标 ≥16，完成 15.9，按比例 0.8×15.9/16＝0.80"),  # 0.795: half-up
    ],
)
def test_points_follow(
    policy: Policy, target: str, achieved: str, direction: str, weight: float, points: float, reason: str
) -> None:
    due = points_due(compare(target, "", achieved, direction), weight, policy)
    assert (due.points, due.reason) == (points, reason)


@pytest.mark.parametrize(
    ("target", "achieved", "direction", "reason"),
    [
        ("≥0", "-1", "", "无法计算：目标或完成值为负数（目标 ≥0，完成 -1）"),
        ("≥-5%", "-8%", "", "无法计算：目标或完成值为负数（目标 ≥-5%，完成 -8%）"),
        ("良好", "良好", "定性", "定性，不重算"),
        ("12期", "11期", "", "无法计算：没有写明是正向还是反向"),
        ("≥12人", "11人次", "", "无法计算：目标与完成值的计量单位不一致"),
        ("≥12期", "很多", "", "无法计算：目标或完成值不是可比较的数值"),
        (">95%", "95%", "", "无法计算：恰等于目标，而目标不含本数（目标 >95%，完成 95%）"),
        (
            "2023年10月底前",
            "2023年11月5日",
            "",
            "无法计算：时间指标不按比例计分（目标 2023年10月底前，完成 2023年11月5日）",
        ),
        ("12期", "13期", "等于(=)", "无法计算：要求等于目标，完成值超过目标，没有计分公式"),
    ],
)
def test_what_no_formula_covers_is_said(
    policy: Policy, target: str, achieved: str, direction: str, reason: str
) -> None:
    due = points_due(compare(target, "", achieved, direction), 10, policy)
    assert math.isnan(due.points)
    assert due.reason == reason


def test_without_a_weight_there_are_no_points(policy: Policy) -> None:
    assert points_due(compare("≥1", "", "2", ""), math.nan, policy).reason == "未填分值"


@pytest.mark.parametrize(("rate", "points"), [(0.804, 8.04), (1.0, 10), (1.2, 10), (0.0, 0), (0.99995, 10)])
def test_execution_points(rate: float, points: float) -> None:
    assert execution_due(rate, 10, _POLICY).points == points


def test_execution_points_in_words() -> None:
    assert execution_due(0.804, 10, _POLICY).reason == "执行率 80.40%，10×80.40%＝8.04"
    assert execution_due(math.nan, 10, _POLICY).reason == "无法计算：没有预算数或执行数"
    assert execution_due(0.5, math.nan, _POLICY).reason == "未填分值"
    assert execution_due(1.005, 10, _POLICY).reason == "执行率 100.50%，10×100%＝10.00"


def test_an_execution_row_has_a_standard_of_its_own_only_where_the_budget_is_not_spent() -> None:
    steps = standard("执行率95%以上得8分，80%—95%得6分")
    assert [execution_due(rate, 10, _POLICY, steps).points for rate in (0.96, 1.0, 1.2)] == [8, 10, 10]
    line = execution_due(0.95, 10, _POLICY, steps)  # on the line between two steps either may be meant
    assert sorted((line.points, *line.others)) == [6, 8]
    each = standard("每低1个百分点扣1分")
    assert [execution_due(rate, 10, _POLICY, each).points for rate in (0.99, 0.95, 0.9)] == [9, 5, 0]


@pytest.mark.parametrize("length", [40, 41])
def test_a_long_standard_is_quoted_in_part(length: int) -> None:
    text = "每低1个百分点扣1分，".ljust(length, "甲")
    own = standard(text)
    quoted = text if length == 40 else f"{text[:40]}…"
    assert execution_due(0.95, 10, _POLICY, own).reason == f"按所写的评分标准“{quoted}”应得 5.00"


def test_execution_points_by_the_steps_of_a_policy(policy: Policy) -> None:
    steps = [{"from": 0.6}, {"from": 0.95, "share": 1}, {"from": 0.8, "share": 0.8}]
    own = policy.model_copy(update={"execution": Execution.model_validate({"steps": steps})})
    rates = (1.2, 0.95, 0.9499, 0.8, 0.7, 0.6, 0.5999, 0)
    assert [execution_due(rate, 20, own).points for rate in rates] == [20, 20, 16, 16, 14, 12, 0, 0]
    words = "执行率 95% 以上得满分，80% 以上得分值的 80%，60% 以上按执行率得分，其余不得分"
    without_share = policy.model_copy(update={"execution": Execution.model_validate({"steps": [{"from": 0.6}]})})
    assert [execution_due(rate, 20, without_share).points for rate in (0.6, 1.0, 1.05)] == [12, 20, 20]
    assert execution_due(0.93, 10, own).reason == f"执行率 93.00%，按档次（{words}）得 8.00"
    assert execution_due(0.949996, 10, own).others == (8.0,)  # shown as 95.00 %, and just below
    assert execution_due(0.93, 10, own, standard("执行率每低1个百分点扣1分")).points == 3
    assert math.isnan(execution_due(math.nan, 10, own).points)


@pytest.mark.parametrize(
    ("points", "word"),
    [(10, "达成"), (8, "达成"), (7.99, "部分达成"), (6, "部分达成"), (5.99, "未达成"), (0, "未达成")],
)
def test_the_bands_of_qualitative_indicators(policy: Policy, points: float, word: str) -> None:
    assert band(points, 10, policy) == word
    assert band(points, 0, policy) == ""


@pytest.mark.parametrize(
    ("target", "achieved", "far"),
    [("≥10", "13", True), ("≥10", "12.9", False), ("≤10", "7", True), ("≤10", "7.1", False), ("≤10", "0", False),
     ("≥0", "5", False), ("≥10", "5", False)],
)  # fmt: skip
def test_far_beyond_the_target(policy: Policy, target: str, achieved: str, far: bool) -> None:
    assert is_far(compare(target, "", achieved, ""), policy) is far


def test_a_district_may_deduct_and_set_a_floor(policy: Policy) -> None:
    own = _with(policy, far_above_deduction=2, proportional_floor=0.6)
    assert points_due(compare("≥10", "", "13", ""), 10, own).points == 8
    assert points_due(compare("≥10", "", "12", ""), 10, own).points == 10
    assert points_due(compare("≥10", "", "13", ""), 1, own).points == 0
    assert points_due(compare("≥10", "", "5.9", ""), 10, own).points == 0
    assert points_due(compare("≥10", "", "6", ""), 10, own).points == 6


_NUMBERS = st.decimals(0, 10**5, places=2)
_POLICY = load()


@given(_NUMBERS, _NUMBERS, st.floats(0, 100).map(lambda weight: round(weight, 2)), st.sampled_from("≥≤="))
def test_points_lie_between_nothing_and_the_weight(goal: Decimal, got: Decimal, weight: float, sign: str) -> None:
    due = points_due(compare(f"{sign}{goal}", "", str(got), ""), weight, _POLICY)
    assert math.isnan(due.points) or 0 <= due.points <= weight


@given(_NUMBERS, _NUMBERS, _NUMBERS)
def test_more_done_never_earns_less(goal: Decimal, one: Decimal, other: Decimal) -> None:
    less, more = sorted((one, other))
    points = [points_due(compare(f"≥{goal}", "", str(got), ""), 30, _POLICY).points for got in (less, more)]
    assert points[0] <= points[1]
