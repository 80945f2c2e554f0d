"""What a text says of every project at once: 各项目执行率均达到100%, 四个项目执行率均在90%以上."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from evalxl.facts.passages import NUMBER, Amount, places, sentences, value, whole


class Every(NamedTuple):
    """The rate of execution in per cent that every project is said to have, or at least."""

    words: str
    rate: Amount
    projects: int  # of how many projects; 0: of all


_EVERY = re.compile(
    r"(?:^|(?<=[，。；：]))(?P<year>20\d\d年度?|本年度?|全年)?(?:[我本全](?:部门|单位|局|委|办|院|会|校|中心))?"
    r"(?:各个?|(?:全部|所有)?的?(?P<count>\d{1,3}|[一二三四五六七八九十两]{1,3})个|全部|所有)"
    r"(?:预算|支出)?项目(?:支出|资金)?的?(?:预算|资金|支出){0,2}执行率(?:均|都|全部)(?:已|为|是|在|达到?|超过|高于|不低于|实现|了){0,3}"
    rf"(?P<number>{NUMBER})%(?:及?以上)?(?=[，。；]|$)"
)
# Some of them, another time, or what is to come.
_NOT_ALL = re.compile(
    r"其[他余中]|重点|主要|以下|[上去下明次]一?年|季度|半年|\d月|月[底末]|力争|目标|计划|要求|确保|争取|预计|中央|上级|[省市县区]级|直达"
    r"|转移支付|专项债|下属|所属|本级|机关|科室|街道|乡镇|民生|结转|追加|调整后|到位|[馆站院校所队]|中心|公司|企业"
)
_BUT = re.compile(r"除|[之以]?外[，。]|不含|扣除|剔除|部分|个别|但|仅|未(?:达|能)")
_HEADING = re.compile(r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．].{2,24}")


def of_every_project(text: str, year: int) -> Iterator[Every]:
    """What a plain text states of all projects of the department in the year of the report."""
    others = False
    for sentence in sentences(text):
        if _HEADING.fullmatch(sentence):
            others = _NOT_ALL.search(sentence) is not None
        for match in () if others or _BUT.search(sentence) else _EVERY.finditer(sentence):
            years = re.findall(r"20\d\d", match["year"] or "")
            if years in ([], [str(year)]) and not _NOT_ALL.search(sentence, 0, match.start()):
                written = match["number"]
                rate = Amount(value(written), 10.0 ** -places(written), f"{written}%")
                yield Every(match[0], rate, whole(match["count"]) if match["count"] else 0)
