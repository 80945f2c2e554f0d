"""Growth as a sentence states it: this year's number, the one before, by how much and by what share it grew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from evalxl.facts.passages import MONEY, NUMBER, Amount, amount, places, value

_UP = "净?增加|净?增长|上升|提高|提升|增多|扩大"
_DOWN = "净?减少|下降|降低|压减|缩减"
_WAY = f"{_UP}|{_DOWN}"
_UNIT = rf"(?:{MONEY}|%|[\u4e00-\u9fff]{{1,4}}?)"
_THAN = r"(?:20\d\d年度?)?[^，。；、\d（）]{0,12}?"
_GREW = rf"[，,、（(](?:同比|比上年)?(?:{_WAY}|增幅|降幅|增长率|增减率)(?:比例|率|幅度)?(?:了|为|达到?)?"
_SHARE = rf"{_GREW}(?P<share>{NUMBER})%"
_EXACT = r"(?![左右多余以~\-—至])"
# 6482户，比上年的5930户增加552户，增长9.31%
_COMPARED = re.compile(
    rf"(?:(?P<cur>{NUMBER})(?P<cur_unit>{_UNIT})[，,（(]?)?(?:同比|(?:同比)?[比较与](?P<than>{_THAN})"
    rf"(?:(?P<base>{NUMBER})(?P<base_unit>{_UNIT})(?:相比)?[，,]?)?)(?:相比[，,]?)?"
    rf"(?P<way>{_WAY})了?(?:(?P<pct>{NUMBER})%|(?P<delta>{NUMBER})(?P<delta_unit>{MONEY}|个百分点|[\u4e00-\u9fff]{{1,4}}?(?![\u4e00-\u9fff]))(?:{_SHARE})?){_EXACT}"
)
_REACHED = r"(?:降|减|压缩|升|增)"  # 由15万元降至12万元
# 由5930户增加到6482户，增长9.31%
_FROM_TO = re.compile(
    rf"[由从](?P<than>{_THAN})(?P<base>{NUMBER})(?P<base_unit>{_UNIT})(?P<way>{_WAY}|{_REACHED})[到至为](?P<than2>{_THAN})(?P<cur>{NUMBER})(?P<cur_unit>{_UNIT})"
    rf"{_GREW}(?:(?P<pct>{NUMBER})%|(?P<delta>{NUMBER})(?P<delta_unit>{MONEY}|个百分点|[\u4e00-\u9fff]{{1,4}}?(?![\u4e00-\u9fff])))(?P<share>(?!))?{_EXACT}"
)
_POINTS = "个百分点"
_PLAN, _LAST_YEAR = re.compile("预算|计划|目标|年初"), re.compile("同比|比上年")


class Growth(NamedTuple):
    """A statement of growth; what it does not state is None."""

    words: str
    up: bool
    current: Amount | None
    base: Amount | None
    change: Amount | None
    share: Amount | None  # in per cent
    money: bool
    earlier: tuple[Amount, ...]  # numbers of its unit before it in the sentence, any of which may be what has grown


def growths(text: str) -> Iterator[Growth]:
    """The statements of growth in a plain text whose numbers are of one kind."""
    for pattern in (_COMPARED, _FROM_TO):
        for match in pattern.finditer(text):
            found = _growth(match)
            if found is not None:
                yield found


def _growth(match: re.Match[str]) -> Growth | None:
    units = {match[name] for name in ("cur_unit", "base_unit", "delta_unit") if match[name]}
    money = any(re.fullmatch(MONEY, unit) for unit in units)
    rates = units in ({"%", _POINTS}, {"%"}, {_POINTS})
    alike = all(re.fullmatch(MONEY, unit) for unit in units) if money else len(units) <= 1 or rates
    written = match["pct"] or match["share"]
    if not alike or (rates and written):  # 95%，比上年提高3%: of what, nobody can tell
        return None
    if _PLAN.search(match["than"] or "") and _LAST_YEAR.search(match[0]):  # 由预算15万元降至12万元，同比下降17%
        return None
    share = Amount(value(written), 10.0 ** -places(written), f"{written}%") if written else None
    current, base, change = (_number(match[name], match[f"{name}_unit"]) for name in ("cur", "base", "delta"))
    up = re.fullmatch(f"{_UP}|升|增", match["way"]) is not None
    return Growth(match[0], up, current, base, change, share, money, _earlier(match) if current else ())


def _earlier(match: re.Match[str]) -> tuple[Amount, ...]:
    """演出120场、培训30场，比上年增加12场: the thirty need not be what has grown, nor need they alone."""
    unit, text = match["cur_unit"], match.string
    before = text[max(text.rfind("。", 0, match.start()), match.start() - 200) + 1 : match.start()]
    figures = re.findall(rf"({NUMBER})({MONEY if re.fullmatch(MONEY, unit) else re.escape(unit)})", before)
    return tuple(each for written in figures if (each := _number(*written)) is not None)


def _number(written: str | None, unit: str) -> Amount | None:
    if written is None:
        return None
    if re.fullmatch(MONEY, unit):
        return amount(written, unit)
    return Amount(value(written), 10.0 ** -places(written), f"{written}{unit}")
