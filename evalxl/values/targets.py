"""Targets and results as people write them: ≥95%, 不少于3次, 12期, 2023年12月底前, 完成; understood, or None.

Nothing is guessed: a text that can be read in two ways is not understood, and what is not understood is neither met
nor missed. Rule I08 says how the two are compared.
"""

from __future__ import annotations

import calendar
import operator
import re
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from evalxl.values import folding


class Written(StrEnum):
    """What kind of statement a target or a result is."""

    NUMBER = "数值"
    DATE = "时间"
    WORDS = "文字"


Day = tuple[int, int, int]  # year (0 = not stated), month, day


class Value(NamedTuple):
    """A target or a result as understood; per cents are kept in points, 98.5% is 98.5 with the unit %."""

    kind: Written
    text: str  # folded
    sign: str = ""  # ≥ ≤ = > <, '' where none is written
    number: Decimal = Decimal(0)
    scale: int = 1  # 10,000 for 万人
    unit: str = ""
    first: Day = (0, 0, 0)  # a time is a span: 12月 is the 1st to the 31st
    last: Day = (0, 0, 0)


_SIGNS = {
    "≥": ("≥", "≧", "⩾", ">=", "=>", "大于等于", "大于或等于", "不少于", "不低于", "不小于", "不得少于", "不得低于", "至少",
          "最少", "达到", "≮"),
    "≤": ("≤", "≦", "⩽", "<=", "=<", "小于等于", "小于或等于", "不超过", "不高于", "不大于", "不多于", "不得超过", "不得高于",
          "至多", "最多", "≯"),
    "=": ("=", "═", "等于"),
    ">": (">", "大于", "超过", "高于", "多于"),
    "<": ("<", "小于", "低于", "少于"),
}  # fmt: skip
_SIGN_OF = {word: sign for sign, words in _SIGNS.items() for word in words}
_TAILS = {"及以上": "≥", "以上": "≥", "及以下": "≤", "以下": "≤", "以内": "≤", "之内": "≤", "内": "≤"}
_ANY_SIGN = "|".join(sorted(map(re.escape, _SIGN_OF), key=len, reverse=True))
_SYMBOL = re.compile(r"[≥≧⩾≤≦⩽=═><≮≯]")
_LEAD = (
    r"(?:全年|年度|本年|累计|总计|共计|实际|已|共|完成率?|开展|举办|组织|达|为|控制在|保持在"
    r"|培训|宣传|检查|巡查|新增|新建|改造|维修|建设|采购|购置|发放|印发|服务|慰问){0,6}"
)
_NUMBER = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d.,])"
_UNIT = r"[%‰°℃a-z\u4e00-\u9fff/·*]{0,10}"
_FIGURE = re.compile(
    rf"{_LEAD}(?P<sign>{_ANY_SIGN})?{_LEAD}(?P<cent>百分之)?(?P<number>{_NUMBER})(?P<unit>{_UNIT}?)"
    rf"(?P<tail>{'|'.join(_TAILS)})?(?P<done>完成|达成)?"
)
# Words after a number that make it more than a number with a unit: 3万余人, 98%的群众, 3至5次, 95%左右.
_VAGUE = re.compile(r"[的了和或且是率达约至到余多几近每]|左右|上下|完成|其中|以前|之前|^年$|^月|底|前$|第")
_SCALES = (("亿", 10**8), ("万", 10**4), ("千元", 10**3))
_SAME_UNIT = {
    "百分比": "%", "百分数": "%", "平方米": "m2", "平米": "m2", "公里": "km", "千米": "km", "公斤": "kg", "千克": "kg",
    "项": "个", "件": "个", "圆": "元", "人民币元": "元",
}  # fmt: skip
_NO_UNIT = {"", "-", "--", "/", "\\", "*", "无", "其他", "定性", "文字描述", "文字", "无单位"}
_PLAIN_FIGURE = re.compile(r"([≥≤]?)([0-9]+(?:\.[0-9]+)?)(%?)")
_DIGIT = re.compile(r"\d")
_OF_A_DATE = re.compile(r"[年月./-]")  # one of them stands in every date
_HAN_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
_HAN_MONTH = re.compile(
    r"(?<![一二三四五六七八九十])(十[一二]?|[一二三四五六七八九])月(?=[底末初]|[上中下]旬|份|[之以]?前|$)"
)
_REMARK = re.compile(r"\([^()\d]*\)$")
_HAN_NUMBER = re.compile(
    r"(?<![一二两三四五六七八九十百千])[一二两三四五六七八九十百千]++(?:个|次|期|人|场|项|批|月|季度|天|年|户|成|倍|家|套|名|篇|部|条)|百分之"
)


@lru_cache(maxsize=8192)  # twice what the indicators of a chunk hold
def understand(text: str) -> Value | None:
    """What a target or a result says, or None where it is blank or cannot be read for sure."""
    figure = _PLAIN_FIGURE.fullmatch(text)
    if figure is not None:  # as most are written, and read four times as fast
        return Value(Written.NUMBER, text, figure[1], Decimal(figure[2]), 1, figure[3])
    return _understood(text)


def _understood(text: str) -> Value | None:
    plain = _REMARK.sub("", folding.plain(text)).strip("。;:")
    if not plain:
        return None
    plain = _HAN_MONTH.sub(lambda month: f"{_HAN_MONTHS.index(month[1]) + 1}月", plain)
    if not _DIGIT.search(plain):
        year_end = _date(plain) if "年" in plain else None
        if year_end is not None:
            return year_end
        return None if _HAN_NUMBER.search(plain) else Value(Written.WORDS, plain)
    return (_date(plain) if _OF_A_DATE.search(plain) else None) or _figure(plain)


def _figure(plain: str) -> Value | None:
    match = _FIGURE.fullmatch(plain)
    if match is None:
        return None
    sign, cent, digits, written, tail = match.group("sign", "cent", "number", "unit", "tail")
    if written and _VAGUE.search(written):
        return None
    before, after = _SIGN_OF.get(sign or "", ""), _TAILS.get(tail or "", "")
    if before and after and before != after:
        return None
    unit, scale = base_unit(written)
    if cent:
        if unit:
            return None
        unit = "%"
    number = Decimal(digits.replace(",", ""))
    return Value(Written.NUMBER, plain, after or before, number, scale, unit)


@lru_cache(maxsize=4096)
def base_unit(text: str) -> tuple[str, int]:
    """A unit of measure without its scale, and the scale: 万人 is 人 and 10,000; a unit that says nothing is ''."""
    unit = _SYMBOL.sub("", folding.plain(text)).strip("()")
    if unit in _NO_UNIT:
        return "", 1
    for mark, scale in _SCALES:
        if unit.startswith(mark):
            rest = unit[1:]
            return _SAME_UNIT.get(rest, rest), scale
    return _SAME_UNIT.get(unit, unit.replace("*", "·")), 1


def same_unit(one: str, other: str) -> bool:
    """Whether two units measure the same; a blank one agrees with any, 次/年 agrees with 次, 个镇 with 个 and 镇."""
    if not one or not other or one == other:
        return True
    things = [unit.removeprefix("个") for unit in (one, other)]
    if things[0] == things[1] or ("" in things and one[0] == other[0]):
        return True
    return ("/" in one) != ("/" in other) and one.split("/")[0] == other.split("/")[0]


_YMD = r"(?:(?P<year>(?:19|20)\d\d)年度?)?(?P<month>1[0-2]|0?[1-9])月(?:份|(?P<day>\d{1,2})[日号]|(?P<part>[底末初]|[上中下]旬))?"
_ISO = r"(?P<iso>(?:19|20)\d\d)[-/.](?P<im>\d{1,2})[-/.](?P<id>\d{1,2})"
_YEAR_END = r"(?P<last>年[底末]|年终)"
_WHOLE_YEAR = r"(?P<only>(?:19|20)\d\d)年度?(?P<end>[底末]|内)?"
_DATE = re.compile(
    rf"(?:于|在|截至|截止|(?P<until>不晚于|不迟于|最迟)|{_ANY_SIGN})?(?:{_YMD}|{_ISO}|{_WHOLE_YEAR}|{_YEAR_END})"
    r"(?P<by>之?前|以前|内)?(?:全部|全面|已)?(?:(?:完成|建成|竣工|完工|交付|发放|验收|投入使用)[\u4e00-\u9fff]{0,6})?"
)
_PARTS = {"初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}


def _date(plain: str) -> Value | None:
    match = _DATE.fullmatch(plain)
    if match is None:
        return None
    sign = "≤" if match["by"] or match["until"] else ""
    if match["last"]:
        return Value(Written.DATE, plain, sign, first=(0, 12, 21), last=(0, 12, 31))
    if match["only"]:
        year = int(match["only"])
        first = (year, 12, 21) if match["end"] in ("底", "末") else (year, 1, 1)
        return Value(Written.DATE, plain, sign, first=first, last=(year, 12, 31))
    if match["iso"]:
        year, month, stated = int(match["iso"]), int(match["im"]), match["id"]
    else:
        year, month, stated = int(match["year"] or 0), int(match["month"]), match["day"]
    if not 1 <= month <= 12:
        return None
    end = calendar.monthrange(year or 2024, month)[1]
    begin, finish = (int(stated), int(stated)) if stated else _PARTS.get(match["part"] or "", (1, 31))
    if not 1 <= begin <= end:
        return None
    return Value(Written.DATE, plain, sign, first=(year, month, begin), last=(year, month, min(finish, end)))


# ------------------------------------------------------------------------------------------- target against result


class Outcome(NamedTuple):
    """What comes of a result held against its target.

    ``reached`` is None where that cannot be said; ``why`` then says why not. ``sign`` is the target's in force, after
    the direction. ``share`` is actual ÷ target (of a reverse indicator target ÷ actual), ``relation`` always actual ÷
    target; None where there is none.
    """

    reached: bool | None = None
    why: str = ""
    sign: str = ""
    share: Decimal | None = None
    relation: Decimal | None = None
    target: Value | None = None
    achieved: Value | None = None
    goal: Decimal = Decimal(0)  # the numbers as compared, in one unit
    got: Decimal = Decimal(0)


NOT_READ = "目标或完成值不是可比较的数值"
QUALITATIVE = "定性"
CONTRADICTION = "指标性质与指标值的符号矛盾"
NO_DIRECTION = "没有写明是正向还是反向"
UNITS_DIFFER = "目标与完成值的计量单位不一致"
ZERO = "目标为 0"
NEGATIVE = "目标或完成值为负数"
BOTH_WAYS = "完成值只写了范围"
BEYOND_EQUAL = "要求等于目标，完成值超过目标，没有计分公式"
AT_STRICT = "恰等于目标，而目标不含本数"

_WANTED = {"正向": {"≥", ">"}, "反向": {"≤", "<"}, "等于": {"="}}


def contradicts(direction: str, target: Value | None) -> bool:
    """Whether a target's sign says something else than the indicator's declared direction (正向 with ≤)."""
    if target is None or target.kind is not Written.NUMBER or not target.sign or not direction:
        return False
    if direction[:2] == "定性":
        return True
    if "达到" in target.text and direction[:2] == "等于":
        return False
    wanted = _WANTED.get(direction[:2])
    return wanted is not None and target.sign not in wanted and target.sign != "="


def compare(target_text: str, unit_text: str, achieved_text: str, direction: str) -> Outcome:
    """A result held against its target, in the unit column's unit where a text has none of its own."""
    target, achieved = understand(target_text), understand(achieved_text)
    wanted = direction[:2]
    if wanted == "定性" or (target and target.kind is Written.WORDS):
        return _unsaid(CONTRADICTION if contradicts(direction, target) else QUALITATIVE, target, achieved)
    if target is None or achieved is None or target.kind is not achieved.kind:
        return _unsaid(NOT_READ, target, achieved)
    if target.kind is Written.DATE:
        return _by_date(target, achieved)
    if contradicts(direction, target):
        return _unsaid(CONTRADICTION, target, achieved)
    sign = _SIGN_WANTED.get(wanted, "")
    if target.sign and not (target.sign == "=" and sign):
        sign = target.sign
    if not sign:
        return _unsaid(NO_DIRECTION, target, achieved)
    if not units_agree(target, achieved, unit_text):
        return Outcome(None, UNITS_DIFFER, sign, None, None, target, achieved)
    numbers = _in_one_unit(target, achieved, unit_text)
    if numbers is None:
        return Outcome(None, NOT_READ, sign, None, None, target, achieved)
    goal, got = numbers
    relation = got / goal if goal > 0 else None
    reached, why, share = _by_number(goal, got, sign, achieved)
    return Outcome(reached, why, sign, share, relation, target, achieved, goal, got)


_SIGN_WANTED = {"正向": "≥", "反向": "≤", "等于": "="}


def _unsaid(why: str, target: Value | None, achieved: Value | None) -> Outcome:
    return Outcome(None, why, "", None, None, target, achieved)


def units_agree(target: Value, achieved: Value, unit_text: str) -> bool:
    """Whether target and result are stated in the same unit; the unit column speaks for a bare target."""
    column = base_unit(unit_text)[0]
    return same_unit(target.unit or column, achieved.unit or target.unit or column)


def _in_one_unit(target: Value, achieved: Value, unit_text: str) -> tuple[Decimal, Decimal] | None:
    """Both numbers in one unit, or None where the scale of one of them is a guess (500万元 against 480)."""
    column, scale = base_unit(unit_text)
    numbers = []
    for value, other in ((target, achieved), (achieved, target)):
        if value.unit or value.scale != 1:
            numbers.append(value.number * value.scale)
        elif column and same_unit(column, other.unit):
            numbers.append(value.number * scale)
        elif other.scale != 1:
            return None
        else:
            numbers.append(value.number)
    goal, got = numbers
    if "%" in (target.unit or column, achieved.unit or column):
        if _is_fraction(achieved, got, goal):  # a percentage cell holds 98% as 0.98
            got *= 100
        elif _is_fraction(target, goal, got):
            goal *= 100
    return goal, got


def _is_fraction(value: Value, number: Decimal, other: Decimal) -> bool:
    return not value.unit and Decimal("0.1") <= number <= 1 and other >= 50


def _by_date(target: Value, achieved: Value) -> Outcome:
    if (target.first[0] == 0) != (achieved.first[0] == 0):
        return _unsaid(NOT_READ, target, achieved)
    reached = True if achieved.last <= target.last else False if achieved.first > target.last else None
    return Outcome(reached, "" if reached is not None else BOTH_WAYS, "≤", None, None, target, achieved)


_HOLDS = {"≥": operator.ge, "≤": operator.le, "=": operator.eq, ">": operator.gt, "<": operator.lt}
_Told = tuple[bool | None, str, Decimal | None]  # reached, why, share, as in Outcome


def _by_number(goal: Decimal, got: Decimal, sign: str, achieved: Value) -> _Told:
    reached = bool(_HOLDS[sign](got, goal))
    written = "" if "达到" in achieved.text else achieved.sign
    if written not in ("", "="):
        # ≥98% proves a target of ≥95%, and nothing else.
        proves = reached and ((written in "≥>") == (sign in "≥>")) and sign != "="
        return (True, "", None) if proves else (None, BOTH_WAYS, None)
    if reached:
        return True, "", None
    if sign == "=" and got > goal:
        return None, BEYOND_EQUAL, None
    if got == goal:
        return False, AT_STRICT, None
    return _share(goal, got, sign)


def _share(goal: Decimal, got: Decimal, sign: str) -> _Told:
    """How much of a missed target was done; of a reverse one how much of the limit the result would have allowed."""
    if goal < 0 or got < 0:
        return False, NEGATIVE, None
    above, below = (goal, got) if sign in "≤<" else (got, goal)
    return (False, ZERO, None) if below == 0 else (False, "", above / below)


# ------------------------------------------------------------------------------------------- what one cell holds

_PART = re.compile(r"[;；、，,。\n]|[和及](?=\D)")
_GROUPS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TIMES = re.compile(r"(?:19|20)\d\d年度?|\d{1,2}月(?:\d{1,2}[日号])?|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}")
_ONE = re.compile(rf"(?:{_ANY_SIGN})\d|(?<![a-z\d.])\d+(?:\.\d+)?(?:[%‰]|[a-z\u4e00-\u9fff])")


def targets_in(text: str) -> int:
    """How many targets one cell holds: 培训3次，参训120人 are two; dates, numbering and 1,200 are none of their own."""
    plain = _TIMES.sub("", _GROUPS.sub("", fold_lines(text)))
    return sum(bool(_ONE.search(part)) for part in _PART.split(plain))


def fold_lines(text: str) -> str:
    """Text folded line by line, so that line breaks still part what they part."""
    return "\n".join(folding.plain(line) for line in text.splitlines())


def has_sign(text: str) -> bool:
    """Whether a symbol of comparison stands in a text: ≥95%."""
    return bool(_SYMBOL.search(folding.plain(text)))
