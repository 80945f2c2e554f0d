"""How a text says that an indicator is scored: in steps, by deductions, all or nothing; what is not understood is told.

Departments write the standard beside the indicator (评分标准), in its name, or in the explanation:
每少一期扣1分，扣完为止; 达到90%得满分，每低1个百分点扣0.5分; ≥90%得10分，80%—90%得8分.
Where nothing of the kind is written, points follow by share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from evalxl.values.folding import fold


class Way(StrEnum):
    """How a standard gives points."""

    STEPS = "steps"
    DEDUCTION = "deduction"
    ALL_OR_NOTHING = "all or nothing"
    UNKNOWN = "unknown"  # another standard than by share, but not one of these


@dataclass(frozen=True)
class Step:
    """From ``low`` to ``high`` (percent) so many points, or that share of the weight."""

    low: float
    high: float
    points: float = 0.0
    share: float | None = None

    def of(self, weight: float) -> float:
        """The points of this step for an indicator of some weight."""
        return self.points if self.share is None else round(self.share * weight, 6)


@dataclass(frozen=True)
class Standard:
    """A scoring standard as written: ``text`` the words, ``by_share`` whether its percentages are of the target."""

    way: Way
    text: str
    steps: tuple[Step, ...] = ()
    each: float = 0.0  # points lost …
    per: float = 1.0  # … for each so many short
    percent: bool = False  # the shortfall counted in percentage points
    full_at: float | None = None  # percent from which there are full points
    by_share: bool = False

    def due(self, weight: float, target: float, got: float, *, reverse: bool = False) -> tuple[float, ...]:
        """The points that the standard allows for a result that missed its target; none where it cannot be told.

        Both numbers are as written, a percentage as 88; of a ``reverse`` indicator less is better. A result on the line
        between two steps may have either.
        """
        if self.way is Way.ALL_OR_NOTHING:
            return (0.0,)
        if self.way is Way.STEPS:
            value = 100 * got / target if self.by_share and target else got
            return tuple(step.of(weight) for step in self.steps if step.low - 1e-9 <= value <= step.high + 1e-9)
        if self.way is Way.DEDUCTION:
            value, aim = got, target
            if self.percent and self.by_share and target:
                value, aim = 100 * got / target, 100.0
            short = (self.full_at if self.full_at is not None else aim) - value
            whole = (-short if reverse else short) / self.per
            counts = {max(whole, 0.0), float(int(whole)), float(-int(-whole // 1))}  # begun units may count or not
            return tuple(sorted({max(round(weight - count * self.each, 6), 0.0) for count in counts}))
        return ()


_N = r"(\d{1,3}(?:\.\d{1,2})?)"
_TO = r"(?:-|—|–|~|～|至|到)+"
_POINTS = (
    rf"(?:的?[,，]?(?:得|计|记|为|，得)?)?(?:{_N}分|(满分|全分)|(\d|[一二三四五六七八九])成(?:的?分)?|(不得分|不计分|零分)"
    rf"|分值的?{_N}%|{_N}%(?:的)?(?:分值|分数|权重))"
)
_BETWEEN = re.compile(rf"{_N}%?(?:[(（](?:不?含|含)[)）])?{_TO}{_N}%(?:[(（](?:不?含|含)[)）])?(?:之间|区间)?{_POINTS}")
_FROM = re.compile(rf"(?:(?:≥|>=|不低于|达到|大于等于){_N}%(?:及?以上)?|{_N}%(?:[(（]含[)）])?及?以上){_POINTS}")
_BELOW = re.compile(rf"(?:(?:<|＜|低于|不足|小于|不到|未达到?){_N}%|{_N}%(?:[(（]不?含[)）])?以下){_POINTS}")
_EACH = re.compile(
    r"每(?:少|低于?|减少|降低|下降|缺|差|超过?|逾期|晚|出现)(?:完成|目标值?|计划)?"
    r"(?:(\d{1,6}|[一二两三四五十])?(万)?(个?百分点|%|[\u4e00-\u9fff]{1,3}?))[,，]?(?:扣减?|减)(?:除|掉)?"
    rf"{_N}分"
)
_FULL_AT = re.compile(rf"(?:(?:达到?|≥|>=|不低于){_N}%(?:及?以上)?|{_N}%(?:及?以上))[,，]?(?:的)?(?:得|计|记)满分")
_ALL = re.compile(r"(?:未|没有|不|否则|反之)[^,，。；;]{0,6}(?:不得分|得0分|0分|不计分)")
_BY_SHARE = re.compile(
    r"(?:按|依)[^,，。；;]{0,8}(?:比例|完成率|执行率|完成比例)[^,，。；;]{0,4}(?:计|得|给|打|评)分|×|比例得分"
)
_OTHER = re.compile(
    r"扣\d|扣分|扣完|分档|档次|分级|不得分|区间计分|得满分|成分|\d成|%(?:及?以上|以下)\d|得\d+(?:\.\d+)?分"
)
_OF_THE_TARGET = re.compile(r"完成|进度|实现率|达成率|计划的|目标的")
_OPEN = float("inf")
_HAN = "零一二三四五六七八九十"


@lru_cache(maxsize=4096)
def standard(text: str) -> Standard | None:
    """The standard that a text states, None where it states none or the usual one by share."""
    folded = fold(text).replace(" ", "")
    if "分" not in folded or not _OTHER.search(folded):
        return None
    by_share = bool(_OF_THE_TARGET.search(folded))
    steps = _steps(folded)
    if len(steps) > 1:
        return Standard(Way.STEPS, text, steps, by_share=by_share)
    each = _EACH.search(folded)
    if each:
        full = _FULL_AT.search(folded)
        full_at = float(full[1] or full[2]) if full else None
        percent = each[3] in ("个百分点", "百分点", "%")
        return Standard(
            Way.DEDUCTION,
            text,
            each=float(each[4]),
            per=_count(each[1]) * (10_000 if each[2] else 1),
            percent=percent,
            full_at=full_at,
            by_share=by_share,
        )
    if _ALL.search(folded) and not steps:
        return Standard(Way.ALL_OR_NOTHING, text)
    if _BY_SHARE.search(folded):
        return None
    return Standard(Way.UNKNOWN, text)


def _count(written: str | None) -> float:
    if not written:
        return 1.0
    if written.isdigit():
        return float(written)
    return float(max(_HAN.find(written.replace("两", "二")), 1))


def _steps(text: str) -> tuple[Step, ...]:
    found = []
    for match in _BETWEEN.finditer(text):
        low, high = sorted((float(match[1]), float(match[2])))
        found.append(_step(low, high, match.groups()[2:]))
    rest = _BETWEEN.sub("|", text)
    tops = [_step(float(match[1] or match[2]), _OPEN, match.groups()[2:]) for match in _FROM.finditer(rest)]
    bounds = [*sorted({step.low for step in tops}), _OPEN]  # 90%以上10分，80%以上8分: each reaches up to the next
    found += [replace(step, high=bounds[bounds.index(step.low) + 1]) for step in tops]
    found += [_step(0.0, float(match[1] or match[2]), match.groups()[2:]) for match in _BELOW.finditer(rest)]
    return tuple(found)


def _step(low: float, high: float, groups: tuple[str | None, ...]) -> Step:
    points, full, tenths, nothing, percent, percent_too = groups
    if nothing:
        return Step(low, high)
    if points:
        return Step(low, high, float(points))
    if full:
        return Step(low, high, share=1.0)
    share = _count(tenths) / 10 if tenths else float(percent or percent_too or 0) / 100
    return Step(low, high, share=share)
