"""Sums inside a sentence: a total and its parts, where the sentence says that they are all, or the parts exceed it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from evalxl.facts.passages import MONEY, NUMBER, Amount, amount, sentences
from evalxl.facts.sentences.contexts import PARTS

_MONEY = re.compile(rf"({NUMBER})({MONEY})(?![左右余多以~\-—至/])")
_PART = re.compile(r"(?P<by>[、，,；;和及]|以及)?(?P<name>[^、，,；;。：:（）()\d%占比较增减]{1,18})[:：为是共]?")
_BARE = re.compile(r"[、和及]")  # 分别为114万元、80万元、56万元，合计250万元: the names stand before all of them
_FIRST_PART = re.compile(r"[，,（(]?其中[:：，,]?(?P<name>[^、，,；;。：:（）()\d%占比较增减]{1,18})[:：为是共]?")
_MADE_OF = re.compile(r"[，,]?(?:分别)?由[^、，,；;。：:（）()\d%]{1,18}[:：为]?")
_COMPOSED = re.compile(r"(?:这?[两二三四五六七]?(?:个?部分|项))?(?:组成|构成)")
_TOGETHER = re.compile(r"[，,、；;]?(?:以上|上述)?(?:[两二三四五六七各]项)?(?:合计|共计|总计)(?:为|金额|支出|资金)?")
_OTHER_KIND = re.compile(
    r"结余|结转|节约|上年|去年|每|人均|其他单位|剩余|尚|未|带动|争取|累计|计划|目标|预算|增长|收回|20\d\d年"
)
# 其中：中央60万元、省级60万元，已支出114万元: what has been done with the total is none of its parts.
_ACT = re.compile(
    r"[，,；;](?:本年|当年|全年|年底|年末|目前|实际|累计|现|均|共|已经?){0,3}"
    r"(?P<act>支出|支付|使用|执行|拨付|到位|完成|兑付|兑现|列支|发放|报销|结算|成交|中标|审定|验收|下达|交付)"
)


_MOST = 9  # parts and their sum; who lists more has a table


class ListedSum(NamedTuple):
    """A total, its parts, and whether they are said to be all of it."""

    words: str
    total: Amount
    parts: tuple[Amount, ...]
    complete: bool


def listed_sums(text: str) -> Iterator[ListedSum]:
    """The totals of a plain text that stand beside their parts."""
    for sentence in sentences(text):
        figures = list(_MONEY.finditer(sentence))
        if len(figures) > 2:
            yield from _in_sentence(sentence, figures)


def _in_sentence(sentence: str, figures: list[re.Match[str]]) -> Iterator[ListedSum]:
    amounts = [amount(each[1], each[2]) for each in figures]
    ends = [0, *(each.end() for each in figures)]
    gaps = [sentence[begin : each.start()] for begin, each in zip(ends, figures, strict=False)]
    for at in range(len(figures) - 1):
        made, listed = _MADE_OF.fullmatch(gaps[at + 1]), _FIRST_PART.fullmatch(gaps[at + 1])
        if not (made or listed) or _OTHER_KIND.search(gaps[at + 1]):
            continue
        last = _run(gaps, at + 1)
        complete = made is not None and _COMPOSED.match(sentence, figures[last].end()) is not None
        parts = tuple(amounts[at + 1 : last + 1])
        parts = parts if complete else _up_to(amounts[at], parts)
        if len(parts) > 1 and (complete or listed):
            begin = max(sentence.rfind(mark, 0, figures[at].start()) for mark in "，；：") + 1
            yield ListedSum(sentence[begin : figures[last].end()], amounts[at], parts, complete)
    for at in range(2, len(figures)):
        if _TOGETHER.fullmatch(gaps[at]):
            first = at - 1
            while first > max(at - _MOST, 0) and (_is_part(gaps[first]) or _BARE.fullmatch(gaps[first])):
                first -= 1
            yield from _together(sentence, figures[first : at + 1], amounts[first : at + 1])


def _up_to(total: Amount, parts: tuple[Amount, ...]) -> tuple[Amount, ...]:
    """The parts as far as they come to the total; all, where none do. What follows then is something else."""
    return next((parts[:end] for end in range(2, len(parts)) if follows(total, parts[:end])), parts)


def _run(gaps: list[str], first: int) -> int:
    """The last part of a list that goes on in the same way."""
    last, by = first, ""
    while last + 1 < len(gaps):
        part = _PART.fullmatch(gaps[last + 1])
        mark = part["by"] or "" if part else ""
        act = _ACT.match(gaps[last + 1])
        if act is not None and act["act"] not in gaps[first]:  # 其中支付工资60万元，支付补贴30万元: both are parts
            break
        if _TOGETHER.fullmatch(gaps[last + 1]):  # 会议费3万元，其中线上2万元，合计11万元: of more than the parts
            break
        if part is None or not _is_part(gaps[last + 1]) or (by and mark not in (by, "和", "及", "以及")):
            break
        by, last = by or mark, last + 1
    return last


def _is_part(gap: str) -> bool:
    return _PART.fullmatch(gap) is not None and PARTS.search(gap) is None and _OTHER_KIND.search(gap) is None


def _together(sentence: str, figures: list[re.Match[str]], amounts: list[Amount]) -> Iterator[ListedSum]:
    """Parts and what they come to, 合计; whichever of the amounts before it are meant."""
    *parts, total = amounts
    if not 2 <= len(parts) < _MOST:
        return
    fits = any(follows(total, some) for size in range(2, len(parts) + 1) for some in combinations(parts, size))
    if not fits:
        begin = max(sentence.rfind(mark, 0, figures[0].start()) for mark in "，；：、") + 1
        yield ListedSum(sentence[begin : figures[-1].end()], total, tuple(parts), complete=True)


def follows(total: Amount, parts: tuple[Amount, ...] | list[Amount]) -> bool:
    """Whether parts come to a total, within what their decimals leave open; whole 万元 are taken at their word."""
    exact = all("." not in each.shown and "亿" not in each.shown for each in (total, *parts))
    slack = 0.0 if exact else (total.ulp + sum(each.ulp for each in parts)) / 2
    return abs(sum(each.size for each in parts) - total.size) <= slack + 0.5
