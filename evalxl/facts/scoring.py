"""What an indicator earns: the points that follow from target and result (财预〔2020〕10号), or its own standard."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from evalxl.policy.policy import Policy
from evalxl.values import targets
from evalxl.values.folding import short
from evalxl.values.quantities import NAN, given
from evalxl.values.standards import Standard
from evalxl.values.targets import Outcome, Written

_CENT = Decimal("0.01")


class Due(NamedTuple):
    """The points an indicator earns, NaN where no formula gives them, and why, in words.

    ``others`` are points that its scoring standard allows as well, where it leaves open on which side a line falls.
    """

    points: float
    reason: str
    others: tuple[float, ...] = ()

    def gap(self, points: float) -> float:
        """How far declared points are from the nearest that are allowed; NaN where no formula gives any."""
        return min((abs(points - each) for each in (self.points, *self.others)), default=NAN)


def points_due(outcome: Outcome, weight: float, policy: Policy, own: Standard | None = None) -> Due:
    """Full weight for a target that is met, the share done of one that is missed; half-up to two decimals.

    Where the indicator has a scoring standard of its own, that decides about a target that is missed.

    A reverse indicator earns target ÷ actual, a share below ``proportional_floor`` nothing; a result far above its
    target loses ``far_above_deduction`` points (both 0, that is not in use, unless the district decides otherwise).
    """
    if not given(weight):
        return Due(NAN, "未填分值")
    if outcome.reached is None:
        return Due(NAN, _unknown(outcome))
    told = _told(outcome)
    if outcome.reached:
        deducted = policy.value("far_above_deduction")
        off = deducted if deducted and is_far(outcome, policy) else 0.0
        points = _half_up(max(_exact(weight) - _exact(off), Decimal(0)))
        return Due(points, f"{told}，达到目标" + (f"，但偏离目标较大，扣 {off:g} 分" if off else ""))
    if own is not None:
        return _by_standard(own, weight, (float(outcome.goal), float(outcome.got)), reverse=outcome.sign in ("≤", "<"))
    if outcome.share is None:
        why = "时间指标不按比例计分" if outcome.target and outcome.target.kind is Written.DATE else outcome.why
        return Due(NAN, f"无法计算：{why or targets.AT_STRICT}（{told}）")
    if outcome.share < _exact(policy.value("proportional_floor")):
        return Due(0.0, f"{told}，低于计分下限，得 0 分")
    points = _half_up(min(_exact(weight) * outcome.share, _exact(weight)))
    above, below = (outcome.goal, outcome.got) if outcome.sign in "≤<" else (outcome.got, outcome.goal)
    return Due(points, f"{told}，按比例 {weight:g}×{_plain(above)}/{_plain(below)}＝{points:.2f}")


def execution_due(rate: float, weight: float, policy: Policy, own: Standard | None = None) -> Due:
    """The points of the execution row: weight times rate, the rate counted up to 100 %, unless by another standard.

    A standard of the row's own comes first, then the policy's steps. A rate that is on a line only when it is rounded
    to two decimals, as it is shown, may stand on either side of it.
    """
    if not given(weight) or not given(rate):
        return Due(NAN, "无法计算：没有预算数或执行数" if given(weight) else "未填分值")
    if own is not None and rate < 1:
        return _by_standard(own, weight, (100.0, float(_exact(rate) * 100)))
    shown = (_exact(rate) * 100).quantize(_CENT, ROUND_HALF_UP)
    if policy.execution.steps:
        points, other = (_by_steps(each, weight, policy) for each in (float(shown / 100), rate))
        reason = f"执行率 {shown}%，按档次（{policy.execution.words}）得 {points:.2f}"
        return Due(points, reason, () if points == other else (other,))
    points = _half_up(_exact(weight) * min(max(_exact(rate), Decimal(0)), Decimal(1)))
    return Due(points, f"执行率 {shown}%，{weight:g}×{min(shown, Decimal(100)):f}%＝{points:.2f}")


def _by_steps(rate: float, weight: float, policy: Policy) -> float:
    """What a rate earns by the step of the policy that it has reached."""
    step = policy.execution.step(rate)
    share = 0.0 if step is None else rate if step.share is None else step.share
    return _half_up(_exact(weight) * min(_exact(share), Decimal(1)))


def _by_standard(own: Standard, weight: float, numbers: tuple[float, float], *, reverse: bool = False) -> Due:
    """What a target and a result earn by the standard that is written for the indicator."""
    allowed = own.due(weight, *numbers, reverse=reverse)
    words = f"按所写的评分标准“{short(own.text, 40)}”"
    if not allowed:
        return Due(NAN, f"{words}，程序不能计算")
    return Due(allowed[0], f"{words}应得 {' 或 '.join(f'{points:.2f}' for points in allowed)}", allowed[1:])


def band(points: float, weight: float, policy: Policy) -> str:
    """Which of the three bands of a qualitative indicator the declared points lie in: 达成, 部分达成, 未达成."""
    if not weight > 0 or not given(points):
        return ""
    share = points / weight + 1e-9
    if share >= policy.value("qualitative_reached"):
        return "达成"
    return "部分达成" if share >= policy.value("qualitative_partly") else "未达成"


def is_far(outcome: Outcome, policy: Policy) -> bool:
    """Whether a result lies so far beyond its target that the target was set too low: ≥130 %, of a reverse one ≤70 %.

    Nothing at all of what should be kept low (≤3 complaints, none received) is no deviation.
    """
    relation = outcome.relation
    if not outcome.reached or relation is None:
        return False
    if outcome.sign in "≤<":
        return 0 < relation <= _exact(policy.value("far_below"))
    return relation >= _exact(policy.value("far_above"))


def _told(outcome: Outcome) -> str:
    """Target and result in words: 目标 ≥98%，完成 96%."""
    target, achieved = outcome.target, outcome.achieved
    if target is None or achieved is None:
        return ""
    wanted = target.text
    if target.kind is Written.NUMBER and not target.sign:
        wanted = outcome.sign + wanted
    return f"目标 {wanted}，完成 {achieved.text}"


def _unknown(outcome: Outcome) -> str:
    if outcome.why == targets.QUALITATIVE:
        return "定性，不重算"
    return f"无法计算：{outcome.why}"


def _exact(number: float) -> Decimal:
    return _exactly(number) if number else Decimal(repr(float(number)))  # -0.0 must not be taken for 0.0


@lru_cache(maxsize=4096)  # weights and thresholds are few
def _exactly(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def _half_up(number: Decimal) -> float:
    return float(number.quantize(_CENT, ROUND_HALF_UP))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
