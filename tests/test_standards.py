"""Scoring standards as departments write them: understood exactly, or told apart from scoring by share."""

from __future__ import annotations

import pytest

from evalxl.values.standards import Way, standard


@pytest.mark.parametrize(
    ("text", "weight", "target", "got", "due"),
    [
        ("≥90%得10分，80%—90%得8分，60%—80%得6分，低于60%不得分", 10, 100, 86, (8.0,)),
        ("≥90%得10分，80%—90%得8分，60%—80%得6分，低于60%不得分", 10, 100, 90, (8.0, 10.0)),
        ("≥90%得10分，80%—90%得8分，60%—80%得6分，低于60%不得分", 10, 100, 30, (0.0,)),
        ("完成90%以上得满分，80%—90%得8成", 40, 500, 460, (40.0,)),
        ("完成90%以上得满分，80%—90%得8成", 40, 500, 410, (32.0,)),
        ("90%以上10分，80%以上8分，60%以上5分", 10, 90, 88, (8.0,)),
        ("满意度达90%（含）以上的，得10分；80%（含）-90%的，得8分；60%以下不得分", 10, 90, 85, (8.0,)),
        ("完成90%及以上得满分，完成80%以上得80%分值，完成60%以上得60%分值", 20, 100, 83, (16.0,)),
        ("每少一期扣1分，扣完为止", 40, 12, 10, (38.0,)),
        ("每少两期扣3分", 40, 12, 10, (37.0,)),
        ("每少1期扣30分，扣完为止", 40, 12, 10, (0.0,)),
        ("每低1个百分点扣0.5分", 20, 95, 93, (19.0,)),
        ("达到90%得满分，每低1个百分点扣0.5分", 10, 95, 88, (9.0,)),
        ("每减少5%扣1分", 10, 100, 88, (7.0, 7.6, 8.0)),
        ("每少1万人次扣2分", 30, 120_000, 112_000, (28.0, 28.4, 30.0)),
        ("完成得满分，未完成不得分", 10, 5, 4, (0.0,)),
    ],
)
def test_a_standard_gives_these_points(
    text: str, weight: float, target: float, got: float, due: tuple[float, ...]
) -> None:
    own = standard(text)
    assert own is not None
    assert own.due(weight, target, got) == due


def test_of_a_reverse_indicator_more_is_worse() -> None:
    own = standard("每超过1个百分点扣2分")
    assert own is not None
    assert own.due(10, 3, 5, reverse=True) == (6.0,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "按完成率计分",
        "得分=分值×完成率",
        "发放补贴得分依据充分",
        "学分制课程数",
        "优秀10分以内完成",
        "培训12期",
        "积分管理",
        "完成率达到100%",
        "十分满意",
    ],
)
def test_no_standard_is_stated(text: str) -> None:
    assert standard(text) is None


@pytest.mark.parametrize("text", ["按区局评分细则分档次计分", "酌情扣分", "分级赋分，逐级扣分"])
def test_a_standard_that_is_not_understood_is_told_apart(text: str) -> None:
    own = standard(text)
    assert own is not None
    assert own.way is Way.UNKNOWN
    assert own.due(10, 100, 50) == ()
