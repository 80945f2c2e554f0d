"""How many units and projects a text says there are, and how many projects of each grade."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from evalxl.facts.passages import GRADES, sentences, whole

_CLAUSE = re.compile(r"[^；;]+")


class Counted(StrEnum):
    """What is counted."""

    UNITS = "units"
    PROJECTS = "projects"
    GRADED = "graded"


class Count(NamedTuple):
    """A number of things, as a text states it."""

    counted: Counted
    number: int
    words: str
    grade: str = ""
    below: bool = False  # units below the department, which may leave out itself
    among: int = 0  # of how many projects those of a grade are; 0: of all


_COUNT = r"(?<![\d.一二三四五六七八九十])(?P<count>\d{1,3}|[一二三四五六七八九十两]{1,3})"
_KIND = r"(?:(?:部门)?预算|财政(?:支出)?|支出|绩效|专项|二级)?"
_FREE = (
    r"(?:^|(?<=[，。；：、\n])|(?<=部门)|(?<=单位)|(?<=全年)|(?<=年度)|(?<=[我本全]局)|(?<=本年)|(?<=\d\d\d\d年)"
    r"|(?<=，项目支出)|(?<=^项目支出))"
)
_DO = r"(?:安排|实施|申报|设置|纳入|涉及|开展|收到|收集|填报)?(?:了)?"
_WHOLE = r"(?=[，。；、：（]|均|全部|都|$)"
_STARTED = r"(?:已?完成|纳入|开展|进行|实施|参加)了?"
_EVALUATED = rf"(?:全部|均|都|逐[一项个]|分别)?{_STARTED}(?:部门|单位|本次|此次|绩效){{0,3}}自我?评"
_PROJECTS = (
    re.compile(rf"{_FREE}(?:共有?|总共|共计){_DO}{_COUNT}个{_KIND}项目(?:支出)?{_WHOLE}"),
    re.compile(rf"{_FREE}(?:共有?|总共|共计){_DO}{_KIND}项目(?:支出)?{_COUNT}个{_WHOLE}"),
    re.compile(rf"{_FREE}{_KIND}项目(?:支出)?(?:共有?|共计|合计|总计|总数为?){_COUNT}个{_WHOLE}"),
    re.compile(
        rf"{_FREE}共?(?:收集|汇总|审核|收到|梳理)?了?(?:全部|所有)的?{_COUNT}个{_KIND}项目(?:支出)?(?:均|全部|都|的|[，。]|$)"
    ),
    re.compile(rf"对?(?:全部|所有|本部门|部门|我局)的?{_COUNT}个{_KIND}项目(?:支出)?{_EVALUATED}"),
    re.compile(rf"(?:开展|进行|完成)了?(?:绩效)?自评的{_COUNT}个{_KIND}项目"),
    re.compile(rf"(?:开展|进行|完成|纳入)了?(?:绩效)?自评的?{_KIND}项目(?:共有?|共计|合计|为){_COUNT}个"),
    re.compile(rf"{_COUNT}个{_KIND}项目(?:支出)?(?:全部|均)(?:已?完成|纳入|开展|进行)了?(?:绩效)?自评"),
)
_NOT_OURS = re.compile(r"[上下明去次]年|以前年度|计划|抽查|抽取|选取|重点|下属|所属|招商|续建|新建|在建|签约|随机")
_NOT_ALL = re.compile(
    r"其中|主要|每|第[一二三四]|子项目|工程|[县市省区]级|中央|上级|追加|储备|另有|[财部].{1,2}评价|其[他余]|剩余|除"
)
_GRADED = (
    re.compile(
        rf"{_COUNT}个{_KIND}项目(?:支出)?(?:绩效)?(?:自评|评价)?(?:等级|结果|结论)?(?:均|全部|都)?(?:[评确获]?定?[评为]为?|达到)(?P<grade>{GRADES})(?![\u4e00-\u9fff]*率)"
    ),
    re.compile(
        rf"(?:^|(?<=[，、：；为级]))(?:其中[:：，]?)?(?:自评|评价|[评定]为|评定为|获评|等级){{0,3}}(?P<grade>{GRADES})"
        rf"(?:等级|等次|档次|级)?的?{_KIND}(?:项目)?(?:有|共|为|的){{0,2}}{_COUNT}个(?!单位|百分|指标|科|股|村|乡|镇|社区|企业|县|街)"
    ),
)
# 4个项目中，3个评为优秀、1个评为良好
_AMONG_THEM = re.compile(rf"{_COUNT}个{_KIND}项目中(?P<counted>[^；;]*)")
_OF_THEM = re.compile(
    rf"(?:^|(?<=[，、]))[，,]?有?{_COUNT}个(?:自评|评价|绩效)?(?:等级|结果|结论)?(?:[评确]?定?为|评为|获评|达到)"
    rf"(?P<grade>{GRADES})(?=[，、。等；]|$)"
)
_QUOTED = re.compile(rf"[“‘\"]({GRADES})[”’\"]")
_OF_PROJECTS = re.compile(r"项目.*(?:评|等级|自评)|(?:评|等级).*项目")
_GRADES_OF_OTHERS = re.compile(
    r"[上下明去]年|抽查|复核|满意|考核|财政(?:评价|部门评)|重点评价|部门评价|随机|选取|重点项目"
)
_GRADES_OF_WHAT = re.compile(r"单位|指标|科室|人员|部门|案例|品牌|[（(]\d")
_UNIT = r"(?:独立核算(?:的)?(?:预算|行政|事业|基层){0,2}单位|(?:基层)?预算单位|(?:基层)?预算部门)"
_SCOPE = r"纳入[^，。；\d]{0,24}?(?:范围|编报|汇总)的(?:独立核算|预算|所属|基层|二级|部门){0,3}单位"
_BELOW = r"(?:下设|下属|所属|下辖|直属|二级)"
_UNITS = (
    re.compile(rf"(?:{_SCOPE}|(?P<below>{_BELOW})?{_UNIT})(?:总数)?(?:共计|共有?|合计|有|为)?{_COUNT}[个家]"),
    re.compile(
        rf"(?:共有?|共计|现有|辖有?|(?P<below>{_BELOW}|管理)有?)(?:的)?{_COUNT}[个家](?:二级|下属|所属|基层)?{_UNIT}(?![的中]?(?:人员|收入|支出|经费))"
    ),
)
_UNITS_OF_OTHERS = re.compile(r"[上下明去]年|[全我本][区县市省]|其中|辖区|指导|监督|服务|抽查|选取|新增|撤并|减少|合并")


def counts(text: str, year: int) -> Iterator[Count]:
    """The numbers of units and projects that a plain text states of its own department and year."""
    for sentence in sentences(_QUOTED.sub(r"\1", text)):
        if "个" in sentence or "家" in sentence:
            yield from _in_sentence(sentence, year)


def _in_sentence(sentence: str, year: int) -> Iterator[Count]:
    years = {int(each) for each in re.findall(r"20\d\d(?=年)", sentence)}
    if year and years and not years & {year, year + 1}:
        return
    for clause in _CLAUSE.findall(sentence):
        matches = sorted({match.start("count"): match for each in _PROJECTS for match in each.finditer(clause)}.items())
        for _, match in matches if not _NOT_OURS.search(clause) else ():
            if not any(map(_NOT_ALL.search, _around(clause, match))):
                yield Count(Counted.PROJECTS, whole(match["count"]), match[0])
        for match in (match for each in _UNITS for match in each.finditer(clause)):
            before, _ = _around(clause, match)
            if not _UNITS_OF_OTHERS.search(before):
                yield Count(Counted.UNITS, whole(match["count"]), match[0], below=bool(match["below"]))
    if _OF_PROJECTS.search(sentence) and not _GRADES_OF_OTHERS.search(sentence):
        yield from _graded(sentence)


def _graded(sentence: str) -> Iterator[Count]:
    """The numbers of projects of each grade."""
    for match in (match for each in _GRADED for match in each.finditer(sentence)):
        if not any(map(_GRADES_OF_WHAT.search, _around(sentence, match))):
            yield Count(Counted.GRADED, whole(match["count"]), match[0], match["grade"])
    for some in _AMONG_THEM.finditer(sentence):
        for match in _OF_THEM.finditer(some["counted"]):
            words, among = match[0].lstrip("，,"), whole(some["count"])
            yield Count(Counted.GRADED, whole(match["count"]), words, match["grade"], among=among)


def _around(clause: str, match: re.Match[str]) -> tuple[str, str]:
    """The words before and after a match, between the commas that it stands in."""
    before, after = clause[max(match.start() - 80, 0) : match.start()], clause[match.end() : match.end() + 80]
    return before[before.rfind("，") + 1 :], after.partition("，")[0]
