"""Targets and results as people write them: understood exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalxl.values import targets
from evalxl.values.targets import Written, compare, contradicts, same_unit, targets_in, understand, units_agree


@pytest.mark.parametrize(
    ("text", "sign", "number", "scale", "unit"),
    [
        ("≥95%", "≥", "95", 1, "%"),
        ("≧95％", "≥", "95", 1, "%"),
        ("＞＝95 %", "≥", "95", 1, "%"),
        ("不少于3次", "≥", "3", 1, "次"),
        ("不低于 90%", "≥", "90", 1, "%"),
        ("大于等于12", "≥", "12", 1, ""),
        ("达到98%", "≥", "98", 1, "%"),
        ("95%以上", "≥", "95", 1, "%"),
        ("95%及以上", "≥", "95", 1, "%"),
        ("≤5%", "≤", "5", 1, "%"),
        ("不超过5%", "≤", "5", 1, "%"),
        ("控制在5%以内", "≤", "5", 1, "%"),
        ("5个工作日内", "≤", "5", 1, "个工作日"),
        ("=100%", "=", "100", 1, "%"),
        ("等于12期", "=", "12", 1, "期"),
        ("大于95%", ">", "95", 1, "%"),
        ("超过3次", ">", "3", 1, "次"),
        ("小于2件", "<", "2", 1, "个"),
        ("98.5%", "", "98.5", 1, "%"),
        ("98.5百分比", "", "98.5", 1, "%"),
        ("百分之95", "", "95", 1, "%"),
        ("１，２００", "", "1200", 1, ""),
        ("1,200人次", "", "1200", 1, "人次"),
        ("3万人", "", "3", 10**4, "人"),
        ("500万元", "", "500", 10**4, "元"),
        ("1.2亿元", "", "1.2", 10**8, "元"),
        ("-2.5%", "", "-2.5", 1, "%"),
        ("培训12期", "", "12", 1, "期"),
        ("100%完成", "", "100", 1, "%"),
        ("98%（问卷调查）", "", "98", 1, "%"),
        ("不高于500元/人*月", "≤", "500", 1, "元/人·月"),
    ],
)
def test_a_figure_is_understood(text: str, sign: str, number: str, scale: int, unit: str) -> None:
    value = understand(text)
    assert value is not None
    assert (value.kind, value.sign, value.number, value.scale) == (Written.NUMBER, sign, Decimal(number), scale)
    assert value.unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "90%-95%", "3至5次", "约98%", "95%左右", "3万余人", "100多人", "1/2", "第1名", "7,00.0,77", "7.50.", "三次",
        "百分之九十五", "培训3次，参训120人", "98%的群众", "2月30日", "2023.13.01", "≥95%以下", "10月1日起", "A级3个B级2个",
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_not_understood(text: str) -> None:
    assert understand(text) is None


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2023年12月底前", (2023, 12, 31)),
        ("2023年12月31日前", (2023, 12, 31)),
        ("12月31日前", (0, 12, 31)),
        ("2023年2月", (2023, 2, 28)),
        ("2023-06-30", (2023, 6, 30)),
        ("2023年6月上旬", (2023, 6, 10)),
        ("2023年底前完成", (2023, 12, 31)),
    ],
)
def test_a_deadline_is_understood(text: str, last: tuple[int, int, int]) -> None:
    value = understand(text)
    assert value is not None
    assert (value.kind, value.last) == (Written.DATE, last)


@pytest.mark.parametrize("text", ["完成", "已完成", "良好", "达成", "有效提升"])
def test_words_stay_words(text: str) -> None:
    value = understand(text)
    assert value is not None
    assert value.kind is Written.WORDS


@pytest.mark.parametrize(
    ("target", "unit", "achieved", "direction", "reached"),
    [
        ("≥95%", "", "96%", "", True),
        ("≥95%", "", "95%", "", True),
        ("≥95%", "", "94.9%", "", False),
        ("95", "%", "94.9%", "正向(≥)", False),
        ("95", "百分比", "0.96", "正向(≥)", True),
        ("100%", "%", "1", "正向(≥)", True),
        ("12", "期", "12期", "", None),  # no direction
        ("=100%", "", "99%", "正向(≥)", False),
        ("=100%", "", "101%", "正向(≥)", True),
        ("12", "期", "11", "等于(=)", False),
        ("12", "期", "13", "等于(=)", None),
        ("≤3件", "", "4件", "反向(≤)", False),
        ("≤3件", "", "3", "反向(≤)", True),
        ("≤3件", "", "2", "正向(≥)", None),  # sign against direction
        (">95%", "", "95%", "", False),
        ("<5天", "", "5天", "", False),
        ("120人", "", "350人次", "正向(≥)", None),
        ("3", "万人", "28000人", "正向(≥)", False),
        ("3万人", "", "2.8", "正向(≥)", None),  # 2.8 of what
        ("500万元", "万元", "480", "反向(≤)", True),
        ("500", "万元", "5100000元", "反向(≤)", False),
        ("≥95%", "", "≥96%", "", True),
        ("≥95%", "", "≥90%", "", None),
        ("≥95%", "", "达到90%", "", False),
        ("≥95%", "", "完成", "", None),
        ("≥95%", "", "96%", "定性", None),
        ("良好", "", "良好", "定性", None),
        ("2023年12月底前", "", "2023年12月20日", "正向(≥)", True),
        ("2023年10月底前", "", "2023年11月", "定性", None),
        ("2023年10月底前", "", "2023年11月", "", False),
        ("2023年10月底前", "", "2023年10月", "", True),
        ("10月15日前", "", "10月", "", None),
        ("12月底前", "", "2024年1月", "", None),  # of which year
    ],
)
def test_a_result_is_held_against_its_target(
    target: str, unit: str, achieved: str, direction: str, reached: bool | None
) -> None:
    assert compare(target, unit, achieved, direction).reached is reached


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("人", "人次", False), ("%", "%", True), ("", "册", True), ("次/年", "次", True), ("个镇", "个", True),
        ("个镇", "镇", True), ("元", "%", False), ("元/人", "元/户", False), ("期", "次", False),
    ],
)  # fmt: skip
def test_units_are_compared(one: str, other: str, same: bool) -> None:
    assert same_unit(one, other) is same
    assert same_unit(other, one) is same


def test_the_unit_column_speaks_for_a_bare_target() -> None:
    target, achieved = understand("120"), understand("350人次")
    assert target is not None
    assert achieved is not None
    assert not units_agree(target, achieved, "人")
    assert units_agree(target, achieved, "人次")
    assert units_agree(target, achieved, "")


def test_direction_and_sign() -> None:
    assert contradicts("正向(≥)", understand("≤5%"))
    assert contradicts("反向(≤)", understand("不少于5%"))
    assert contradicts("等于(=)", understand("≥5%"))
    assert contradicts("反向(≤)", understand("达到95%"))
    assert contradicts("定性", understand("≥5%"))
    assert not contradicts("定性", understand("100%"))
    assert not contradicts("等于(=)", understand("达到100%"))
    assert not contradicts("反向(≤)", understand("=5%"))
    assert not contradicts("正向(≥)", understand("5%"))
    assert not contradicts("正向(≥)", understand("2023年12月底前"))
    assert not contradicts("", understand("≤5%"))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("培训3次，参训120人", 2), ("≥95%；≥90%", 2), ("1.培训3次;2.参训20人", 2), ("8000册、3000种", 2), ("≥95%", 1),
        ("1,200人", 1), ("2023年6月30日前完成3次", 1), ("90%-95%", 1), ("12个镇（街道、园区）", 1), ("G307、G308国道", 0),
        ("", 0), ("8,000", 0), ("完成", 0), ("培训3次\n参训120人", 2),
    ],
)  # fmt: skip
def test_targets_in_one_cell_are_counted(text: str, count: int) -> None:
    assert targets_in(text) == count


_NUMBERS = st.decimals(0, 10**6, places=2)


@given(
    st.text(max_size=20),
    st.text(max_size=4),
    st.text(max_size=20),
    st.sampled_from(["", "正向(≥)", "反向(≤)", "等于(=)"]),
)
def test_no_text_is_too_odd(target: str, unit: str, achieved: str, direction: str) -> None:
    outcome = compare(target, unit, achieved, direction)
    assert outcome.reached in (None, True, False)
    assert targets_in(target) >= 0


@given(_NUMBERS, _NUMBERS)
def test_forward_and_reverse_mirror_each_other(goal: Decimal, got: Decimal) -> None:
    forward = compare(f"≥{goal}", "次", f"{got}次", "")
    reverse = compare(f"≤{goal}", "次", f"{got}次", "")
    assert forward.reached is (got >= goal)
    assert reverse.reached is (got <= goal)
    for outcome in (forward, reverse):
        assert outcome.share is None or 0 <= outcome.share < 1


@given(_NUMBERS, st.sampled_from(["≥", "≤", "=", ">", "<"]), st.sampled_from(["%", "次", "万元", "人次", ""]))
def test_what_is_written_is_what_is_read(number: Decimal, sign: str, unit: str) -> None:
    value = understand(f"{sign}{number}{unit}")
    assert value is not None
    assert (value.sign, value.number) == (sign, number)


@given(
    st.sampled_from(["", "≥", "≤"]),
    st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,6})?", fullmatch=True),
    st.sampled_from(["", "%"]),
)
def test_the_short_way_to_a_plain_figure_gives_what_the_long_way_gives(sign: str, number: str, unit: str) -> None:
    text = f"{sign}{number}{unit}"
    assert repr(understand(text)) == repr(targets._understood(text))


@pytest.mark.parametrize("text", ["2023", "0", "007", "12.05", "≥2023", "1900%", "1" * 40, "0.98", "9.0"])
def test_no_plain_figure_is_a_date(text: str) -> None:
    assert repr(understand(text)) == repr(targets._understood(text))


@pytest.mark.parametrize(
    ("target", "result", "reached"),
    [
        ("6月底前", "7月上旬", False),
        ("六月底前完成", "7月上旬", False),
        ("十一月中旬", "11月20日", True),
        ("不晚于6月底", "6月下旬", True),
        ("最迟9月末完成", "10月中旬", False),
        ("年底前", "12月下旬", True),
        ("6月中旬完成招标", "6月下旬完成招标", False),
        ("5月上旬", "5月中旬发放完毕", False),
        ("年底前", "2024年1月", None),
        ("6月下旬前", "6月25日", True),
    ],
)
def test_parts_of_a_month_are_dates(target: str, result: str, reached: bool | None) -> None:
    assert compare(target, "", result, "").reached is reached
