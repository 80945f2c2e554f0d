"""What follows from the tables, at its boundaries: just below, at and just above; blanks, nil and the finest amounts."""

from __future__ import annotations

import math

import pytest

from evalxl import layout
from evalxl.district.findings import Verdict
from evalxl.facts.identities import (
    NOT_APPLICABLE,
    NOT_EVALUATED,
    Judgement,
    Lines,
    any_unread,
    judge_balance,
    judge_grand_total,
    judge_sum,
    tolerance,
)
from evalxl.facts.passages import Amount, odd_numbering, plain, whole
from evalxl.facts.scoring import band
from evalxl.facts.slips import ONE_DIGIT, SWAPPED, TENFOLD, slip_between
from evalxl.policy.policy import Policy
from evalxl.rules.b_budget.magnitudes import unit_slip
from evalxl.rules.i_indicators.groups import schemes
from evalxl.values.grounds import answers, explains, says_nothing

CENTS = 10_000.0  # fen: 0.01 万元, the last digit of most tables


def _lines(**stated: float) -> Lines:
    """A budget column in which some lines are stated, in 0.01 万元; the sheet has every line but 三公经费合计."""
    rows = {line.key: float(layout.BUDGET.row(line.key)) for line in layout.BUDGET.lines if line.key != "three_public"}
    return Lines("a.xlsx", "final", CENTS, {key: amount * CENTS for key, amount in stated.items()}, rows)


@pytest.mark.parametrize(
    ("amounts", "allowed"),
    [
        ([30_000.0, 10_000.0], 10_000.0),
        ([1_000_000.0, 10_000.0], 10_000.0),  # a round figure is as fine as the finest of the others
        ([1_000_000.0, 100.0], 100.0),
        ([1_010_000.0, 100.0], 5_050.0),
        ([30_000.0, 100.0], 5_050.0),
        ([0.0, 30_000.0, 100.0], 5_100.0),
        ([0.0, 1_000_000.0], 10_000.0),  # none says how fine it is: the last digit of the table
    ],
)
def test_the_tail_to_allow(amounts: list[float], allowed: float) -> None:
    assert tolerance(amounts, CENTS) == allowed


def test_a_difference_as_large_as_the_tail_is_no_failure() -> None:
    assert not Judgement(Verdict.EVALUATED, 110.0, 100.0, 10.0).failed
    assert Judgement(Verdict.EVALUATED, 110.0, 100.0, 9.0).failed
    assert Judgement(Verdict.EVALUATED, 90.0, 100.0, 9.0).failed
    assert not Judgement(Verdict.NOT_EVALUATED, 110.0, 100.0, 9.0).failed
    assert NOT_APPLICABLE == (Verdict.NOT_APPLICABLE, 0.0, 0.0, 0.0)


def test_a_blank_line_counts_as_nil_and_is_listed_so() -> None:
    lines = _lines(income_total=501)
    assert lines.operand("opening") == ("budget", "final", 13.0, "年初结转和结余", 0.0)
    assert math.isnan(lines.operand("three_public").row)
    assert lines.add(("income_total", "opening")) == 501 * CENTS


def test_a_line_that_the_sheet_does_not_have_is_not_unread() -> None:
    lines = _lines()
    assert any_unread(lines, ("opening",), {("a.xlsx", "final", 13.0)})
    assert not any_unread(lines, ("opening",), {("a.xlsx", "revised", 13.0)})
    assert not any_unread(lines, ("three_public",), {("a.xlsx", "final", row) for row in (0.0, 1.0, 2.0)})


def _grand(lines: Lines, policy: Policy) -> Judgement:
    ((grand, parts), *_) = policy.grand_totals.items()
    return judge_grand_total(lines, grand, parts, policy, set())


def test_a_grand_total_is_judged_where_it_its_total_and_a_carry_over_are_given(policy: Policy) -> None:
    whole = {"income_grand": 603, "income_total": 501, "opening": 101}
    assert _grand(_lines(**whole), policy) == (Verdict.EVALUATED, 603 * CENTS, 602 * CENTS, 2 * CENTS)
    for absent in whole:
        rest = {key: amount for key, amount in whole.items() if key != absent}
        assert _grand(_lines(**rest), policy) == NOT_APPLICABLE
    for carried in ("surplus_used", "opening", "distribution", "closing"):
        assert _grand(_lines(income_grand=501, income_total=501, **{carried: 0}), policy).verdict is Verdict.EVALUATED


def test_a_grand_total_that_only_repeats_a_wrong_total_is_no_second_mistake(policy: Policy) -> None:
    parts = {"appropriation": 401, "superior_grant": 51, "opening": 101}  # come to 452, the total says 501
    assert judge_sum(_lines(**parts, income_total=501), policy.sums[0], set()).failed
    right, off = ({**parts, "income_total": 501, "income_grand": grand} for grand in (553, 558))
    assert _grand(_lines(**right), policy) == NOT_EVALUATED
    assert _grand(_lines(**off), policy).failed


def test_another_total_that_fails_by_as_much_explains_nothing(policy: Policy) -> None:
    income = {"appropriation": 450, "superior_grant": 51, "income_total": 501, "opening": 101, "income_grand": 612}
    assert _grand(_lines(**income, basic=500, project=41, expenditure_total=531), policy).failed
    assert _grand(_lines(**income, basic=500, project=41, expenditure_total=541), policy).failed


def test_both_sides_are_held_against_each_other_where_both_totals_are_given(policy: Policy) -> None:
    whole = {"income_total": 501, "opening": 101, "expenditure_total": 551, "closing": 53}
    judged = judge_balance(_lines(**whole), policy, set())
    assert judged == (Verdict.EVALUATED, 604 * CENTS, 602 * CENTS, judged.tolerance)
    assert judged.tolerance == len((*policy.balance.income, *policy.balance.expenditure)) * CENTS / 2
    for absent in ("income_total", "expenditure_total"):
        rest = {key: amount for key, amount in whole.items() if key != absent}
        assert judge_balance(_lines(**rest), policy, set()) == NOT_APPLICABLE


def test_without_a_carry_over_the_grand_totals_count_only_where_they_say_more(policy: Policy) -> None:
    totals = {"income_total": 501, "expenditure_total": 551}
    for one in ({"income_grand": 603}, {"expenditure_grand": 603}, {"income_grand": 501, "expenditure_grand": 551}):
        assert judge_balance(_lines(**totals, **one), policy, set()) == NOT_APPLICABLE
    both = judge_balance(_lines(**totals, income_grand=603, expenditure_grand=604), policy, set())
    assert both == (Verdict.EVALUATED, 604 * CENTS, 603 * CENTS, CENTS)


@pytest.mark.parametrize(
    ("written", "correct", "slip"),
    [
        (10.0, 100.0, TENFOLD),
        (100.0, 10.0, TENFOLD),
        (1.0, 10.0, TENFOLD),
        (10.0, 1.0, TENFOLD),
        (110.0, 10.0, ""),
        (3.0, 5.0, ONE_DIGIT),
        (30_000.0, 90_000.0, ONE_DIGIT),
        (30_005.0, 90_000.0, ""),
        (90_000.0, 30_005.0, ""),
        (120_000.0, 210_000.0, SWAPPED),
        (120_000.0, 310_000.0, ""),
        (1_230_000.0, 3_210_000.0, ""),
        (123_000.0, 123_000.0, ""),
        (0.0, 10.0, ""),
        (0.0, 5.0, ""),
        (5.0, 0.0, ""),
        (15.0, -5.0, ""),
        (-5.0, 15.0, ""),
    ],
)
def test_one_slip(written: float, correct: float, slip: str) -> None:
    assert slip_between(written, correct) == slip


@pytest.mark.parametrize(
    ("times", "slipped"),
    [(10_000, True), (10_099, True), (10_101, False), (9_901, True), (9_899, False), (1, False), (1_000, False)],
)
def test_ten_thousand_times_with_a_hundredth_to_spare(policy: Policy, times: float, *, slipped: bool) -> None:
    for amount in (1.0, 37.0):
        assert unit_slip(amount, amount * times, policy) is slipped
        assert unit_slip(amount * times, amount, policy) is slipped
        assert not unit_slip(-amount, -amount * times, policy)
    assert not unit_slip(0.0, 0.0, policy)


@pytest.mark.parametrize(
    ("points", "weight", "words"),
    [
        (8.0, 10.0, "达成"),
        (0.4, 0.5, "达成"),
        (7.99, 10.0, "部分达成"),
        (6.0, 10.0, "部分达成"),
        (5.99, 10.0, "未达成"),
        (0.0, 10.0, "未达成"),
        (math.nan, 10.0, ""),
        (0.0, 0.0, ""),
        (5.0, math.nan, ""),
    ],
)
def test_bands_of_qualitative_points(policy: Policy, points: float, weight: float, words: str) -> None:
    assert band(points, weight, policy) == words


@pytest.mark.parametrize(
    ("han", "number"),
    [
        ("3", 3), ("零", 0), ("九", 9), ("两", 2), ("十", 10), ("十一", 11), ("二十", 20), ("二十三", 23), ("两百", 200), ("一百零三", 103),
        ("一百一十", 110), ("一百二十三", 123), ("九百九十九", 999), ("一百二", 0), ("一百零十", 0), ("一百零", 0), ("十一百", 0), ("二三", 0),
        ("一千", 0), ("", 0),
    ],
)  # fmt: skip
def test_a_whole_number_in_chinese(han: str, number: int) -> None:
    assert whole(han) == number


@pytest.mark.parametrize(
    ("true", "slack", "prints"),
    [
        (92.5, 0.0, True), (92.49, 0.0, False), (93.0, 0.0, True), (93.99, 0.0, True), (94.0, 0.0, False),
        (92.4, 0.1, True), (92.39, 0.1, False), (94.09, 0.1, True), (94.1, 0.1, False), (-93.0, 0.0, True),
    ],
)  # fmt: skip
def test_a_printed_number_is_a_true_one_rounded_or_cut(true: float, slack: float, prints: bool) -> None:
    assert Amount(93.0, 1.0, "93%").prints(true, slack) is prints


@pytest.mark.parametrize(
    ("other", "finest", "agrees"),
    [
        (88.2, 0.0, True),
        (88.29, 0.0, True),
        (88.11, 0.0, True),
        (88.3, 0.0, False),
        (88.1, 0.0, False),
        (88.3, 0.2, True),
        (88.9, 0.0, False),
    ],
)
def test_two_printed_numbers_agree_within_the_last_digit(other: float, finest: float, agrees: bool) -> None:
    assert Amount(88.2, 0.1, "88.2分").agrees(other, finest) is agrees
    assert finest or Amount(88.2, 0.1, "88.2分").agrees(other) is agrees


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("（一）甲。（二）乙。", ""),
        ("一、甲。1.乙。2.丙。二、丁。1.戊。", ""),
        ("（一）甲。（一）乙。", "序号“（一）”重复"),
        ("1.甲。2.乙。2.丙。", "序号“2.”重复"),
        ("（一）甲。2.乙。", "序号“（一）”之后接“2.”，样式前后不一"),
        ("（1）甲。(2)乙。", ""),  # brackets of either width are one style
        ("1.甲。（1）乙。2.丙。", ""),
    ],
)
def test_what_is_odd_about_a_numbering(text: str, odd: str) -> None:
    assert odd_numbering(plain(text)) == odd


@pytest.mark.parametrize(
    ("text", "nothing", "ground"),
    [
        ("无", True, False), ("无。", True, False), ("暂无", True, False), ("目前没有发现问题。", True, False), ("（无）", True, False),
        ("不存在明显问题", True, False), ("—", False, False), ("N/A", False, False), ("0", False, False), ("", False, False),
        ("无障碍设施不足", False, True), ("没有完成年度目标", False, True), ("场地改造", False, True),
    ],
)  # fmt: skip
def test_what_says_nothing_is_no_ground(text: str, nothing: bool, ground: bool) -> None:
    assert (says_nothing(text), explains(text)) == (nothing, ground)


_MOF = {"execution": 10.0, "cost": 0.0, "output": 50.0, "benefit": 30.0, "satisfaction": 10.0}
_COST = {"execution": 10.0, "cost": 20.0, "output": 40.0, "benefit": 20.0, "satisfaction": 10.0}
_TWENTY = {"execution": 20.0, "cost": 0.0, "output": 60.0, "benefit": 10.0, "satisfaction": 10.0}


def test_points_are_spread_in_the_ways_of_the_policy_or_in_those_it_chooses(policy: Policy) -> None:
    assert schemes(policy) == {"mof2020": _MOF, "cost2021": _COST, "twenty": _TWENTY}
    head = policy.head.model_copy(update={"weights": ["cost2021"]})
    assert schemes(policy.model_copy(update={"head": head})) == {"cost2021": _COST}


@pytest.mark.parametrize(
    "text", ["情况属实", "情况属实。", "属实", "已核实", "核对无误", "已确认", "同意！", "无", "—"]
)
def test_that_it_is_so_explains_nothing(text: str) -> None:
    assert not answers(text)


@pytest.mark.parametrize("text", ["情况属实，因场地改造推迟", "已核实为退役军人安置增加", "经核实，年中追加"])
def test_a_reason_given_with_assent_is_a_reason(text: str) -> None:
    assert answers(text)
