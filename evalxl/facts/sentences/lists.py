"""Lists of names with lists of figures, told apart into one statement for each."""

from __future__ import annotations

import re

from evalxl.facts.passages import MONEY, NUMBER
from evalxl.facts.sentences import wordings

_PARTED = re.compile(
    r"(?P<names>(?:[^，。；：、,\d（）]{2,14}[、和与及]){1,5}[^，。；：、,\d（）和与及]{2,14}?)"
    rf"分别(?:为|是|达到?)?(?P<figures>(?:{NUMBER}(?:{MONEY}|%|分)[、，和与及]?){{2,6}})"
)
_YEARS_PARTED = re.compile(
    r"(?P<years>(?:20\d\d年度?[、和与及]){1,3}20\d\d年度?)(?P<name>[^，。；：、,\d（）和与及]{2,14}?)"
    rf"分别(?:为|是|达到?)?(?P<figures>(?:{NUMBER}(?:{MONEY}|%|分)[、，和与及]?){{2,4}})"
)
_ALL_THE_SAME = re.compile(
    rf"(?P<names>(?:(?:20\d\d年度?)?(?:{wordings.LINE})[、和与及]){{1,5}}(?:{wordings.LINE}))(?:均|都|各)(?:为|是|达到?)?"
    rf"(?P<figure>{NUMBER}{MONEY})"
)
# 基本支出、 before 项目支出合计930万元; not the numbering 一、
_BEFORE_THE_LAST = re.compile(
    r"(?:^|[，,；;：:（(）)])(?!(?:[一二三四五六七八九十]{1,3}|\d{1,2})、$)[^，,；;：:（()）]+、$"
)
_AN_ITEM = re.compile(r"(?:^|[，,；;：:（(])[^，,；;：:（()\d]{1,14}(?:费|支出|收入)[，,]$")
_TOGETHER = re.compile(rf"(?:{wordings.LINE})(?:合计|共计|总计|共)")
_BOTH = re.compile(r"收(?:入)?[、和与]?支(?:出)?(?=总计|总额|总预算)")


def told_apart(text: str) -> str:
    """基本支出、项目支出分别为650万元、280万元 as two statements."""

    def apart(match: re.Match[str]) -> str:
        listed = re.split(r"[、和与及]", match["names"])
        figures = [each[0] for each in re.finditer(rf"{NUMBER}(?:{MONEY}|%|分)", match["figures"])]
        if len(listed) != len(figures):
            return match[0]
        return "、".join(f"{name}{figure}" for name, figure in zip(listed, figures, strict=True))

    def of_years(match: re.Match[str]) -> str:
        years = re.findall(r"20\d\d年度?", match["years"])
        figures = [each[0] for each in re.finditer(rf"{NUMBER}(?:{MONEY}|%|分)", match["figures"])]
        if len(years) != len(figures):
            return match[0]
        return "，".join(f"{year}{match['name']}{figure}" for year, figure in zip(years, figures, strict=True))

    def each_of(match: re.Match[str]) -> str:
        return "、".join(f"{name}{match['figure']}" for name in re.split(r"[、和与及](?!结余)", match["names"]))

    text = _ALL_THE_SAME.sub(each_of, _BOTH.sub("收支", text))
    return _PARTED.sub(apart, _YEARS_PARTED.sub(of_years, text)) if "分别" in text else text


def is_listed(before: str, words: str) -> bool:
    """Whether words name the last of a list, so that their number is of all: 培训费，会议费合计."""
    together = _TOGETHER.match(words) is not None and _AN_ITEM.search(before) is not None
    return together or _BEFORE_THE_LAST.search(before) is not None
