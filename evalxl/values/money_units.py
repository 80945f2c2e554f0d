"""Units of money as people state them in a workbook: 决算数【元】, 单位：万  元, 人民币（元）, 注：以上金额单位为元.

A unit is believed only where it is stated as one: in brackets or behind a stroke, behind 单位, or alone in its cell.
元 is otherwise part of many words (元氏县, 单元), and an amount with its unit (12万元) states nothing of others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

FEN_PER = {  # what ends with another stands before it
    "亿元": 10**10,
    "亿": 10**10,
    "千万元": 10**9,
    "百万元": 10**8,
    "十万元": 10**7,
    "万元": 10**6,
    "万": 10**6,
    "千元": 10**5,
    "百元": 10**4,
    "元": 100,
}
LONGEST = 200  # characters of a statement; what is longer is prose


class Statement(NamedTuple):
    """A unit that a text states: as amounts are converted by it ('' where none can be), as written, and how sure."""

    unit: str
    written: str
    labelled: bool  # said of amounts in so many words (金额单位：元), not merely in brackets or alone


# What is written otherwise and means the same; the traditional characters of the words below.
_BRACKETS = "﹙﹚〔〕[]【】〖〗〘〙〚〛〈〉《》「」『』﹁﹂﹃﹄{}<>«»‹›"
_SAME = str.maketrans(
    "單萬億圓圆幣計額為數幹仟佰拾￥" + _BRACKETS,
    "单万亿元元币计额为数干千百十¥" + "()" * (len(_BRACKETS) // 2),
)
_COLONS = dict.fromkeys(map(ord, "︰∶꞉ː﹕"), ":")  # NFKC makes two points of the first
_BLANKS = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]+")


def _spaced(words: Iterable[str]) -> str:
    """Words between whose characters there may be a blank, as forms are spaced out."""
    return "|".join(" ?".join(map(re.escape, word)) for word in words)


_OURS = rf"(?:{_spaced(('人民币',))}|rmb|cny|¥)"
_FOREIGN = (
    r"(?:美|港|欧|日|韩|澳|加|新 ?台|台|泰) ?[元币]|"
    + _spaced(("美金", "英镑", "法郎", "卢布", "泰铢", "澳门元"))
    + r"|usd|hkd|eur|jpy|gbp|us\$|hk\$|\$|€|£"
)
_KNOWN = _spaced(sorted(FEN_PER, key=len, reverse=True))
_COINS = _spaced(("元角分", "角分", "角", "分"))


def _money(name: str) -> str:
    unit = f"{_FOREIGN}|{_COINS}|{_KNOWN}"
    return rf"\(? ?(?:{_OURS} ?:? ?)?\(? ?(?P<{name}>{unit})(?: ?\)){{0,2}}(?: ?[整正])?"


# Whose unit it is when somebody's place of work is meant: 填报单位：元氏县教育局.
_OFFICES = "核算 填报 编制 报送 主管 预算 实施 所属 工作 责任 牵头 用款 报告 项目 执行 申报 评价 采购 施工 建设"
_NOT_AN_OFFICE = "".join(f"(?<!{word})" for word in _OFFICES.split())
_FOLLOWS = "部门 填报 填表 编制 编报 日期 时间 公开 审核 年度 以下 下同 人民币 为单位 计 的 表"
_END = rf"(?=$|[^一-鿿]|{_FOLLOWS.replace(' ', '|')})"
_IS = r"(?: ?(?:[:=;.·,、_|/—–-]|均为|都为|一律为|全部为|统一为|为|是|用|以)){0,3} ?"
_LABELLED = re.compile(rf"{_NOT_AN_OFFICE}单 ?位 ?\(?{_IS}{_money('a')}{_END}", re.IGNORECASE)
_SENTENCE = re.compile(
    rf"(?:以|按) ?{_money('b')} ?(?:为 ?(?:计 ?[量算] ?)?单 ?位|计|填|列)"
    rf"|金 ?额 ?(?:均|都|一律|全部)?(?:为|是|:) ?{_money('c')}{_END}",
    re.IGNORECASE,
)
_MORE = r"(?: ?[,，、;/] ?[^()]{0,8})?"  # （万元，%）
_SAID_OF = r"(?:金 ?额|货 ?币)? ?(?:计 ?[量价])? ?(?:单 ?位)? ?[:=为]? ?以?"
_BRACKETED = re.compile(rf"\( ?{_SAID_OF}{_money('d')} ?(?:为单位|计)?{_MORE} ?(?:\)|$)", re.IGNORECASE)
_BEHIND = r"(?<=[一-鿿)])"
_TRAILING = re.compile(rf"{_BEHIND} ?[/_|\-—:]+ ?{_money('e')}$|{_BEHIND} {_money('f')}$", re.IGNORECASE)
_ALONE = re.compile(rf"(?:金额)? ?{_money('g')}", re.IGNORECASE)
_ANY_UNIT = re.compile(r"[元圓圆角分万萬亿億币幣$€£]|美金|英镑|英鎊|法郎|卢布|泰铢|usd|hkd|eur|jpy|gbp", re.IGNORECASE)
_NO_STATEMENT = re.compile(r"默认|可选|可以|或|不写|不要|不得|不含|大写|小写|[元万亿] ?[/、] ?[万亿千百]?元")
_MEANT = {"元角分": "元"}  # yuan, written to the fen


def canonical(text: str) -> str:
    """A text in the one way the patterns here know: widths, brackets and characters, each run of blanks one blank."""
    folded = unicodedata.normalize("NFKC", text.translate(_COLONS)).translate(_SAME)
    return _BLANKS.sub(" ", folded).strip()


def mentions_unit(text: str) -> bool:
    """Whether a text may state a unit at all."""
    return _ANY_UNIT.search(text) is not None


def stated(text: str, *, header: bool = False) -> Statement | None:
    """The unit of money that a text states, if it does.

    ``header`` says that the text heads amounts, so that a unit in brackets or behind a stroke (决算数/元) is theirs.
    """
    if not 0 < len(text) <= LONGEST or not _ANY_UNIT.search(text):
        return None
    return _stated(text, header)


@lru_cache(maxsize=1024)  # headers and corners are alike from one workbook to the next
def _stated(text: str, header: bool) -> Statement | None:
    plain = canonical(text)
    if _NO_STATEMENT.search(plain):
        return None
    found = [match for pattern in (_LABELLED, _SENTENCE) for match in pattern.finditer(plain)]
    labelled = bool(found)
    if not found:
        alone = _ALONE.fullmatch(plain)
        found = [alone] if alone else []
    if not found and header:
        found = list(_BRACKETED.finditer(plain)) or [each for each in [_TRAILING.search(plain)] if each]
    if not found:
        return None
    units = {_unit_of(match) for match in found}
    if units == {"分"} and not labelled:
        return None  # 自评得分（分）
    written = units.pop() if len(units) == 1 else "、".join(sorted(units))
    return Statement(written if written in FEN_PER else "", written, labelled)


def _unit_of(match: re.Match[str]) -> str:
    written = next(text for text in match.groupdict().values() if text)
    unit = written.replace(" ", "")
    return _MEANT.get(unit, unit)


def without_unit(text: str) -> str:
    """A label without the unit of money it states at its end; itself where it states none."""
    if not (_ANY_UNIT.search(text) and len(text) <= LONGEST):
        return text
    plain = canonical(text)
    bracket = next((each for each in _BRACKETED.finditer(plain) if each.end() == len(plain)), None)
    end = bracket or _TRAILING.search(plain)
    return plain[: end.start()] if end is not None and end.start() else text
