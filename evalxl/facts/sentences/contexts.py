"""What a text has said so far: of whom and of when it speaks, which decides what its next number is a figure of."""

from __future__ import annotations

import re
from typing import NamedTuple

from evalxl.facts.passages import GRADES, MONEY, NUMBER, Amount
from evalxl.facts.sentences import wordings
from evalxl.facts.sentences.headings import Heading, Headings


class Names(NamedTuple):
    """What a text may call by name."""

    year: int = 0  # of the report; 0 = not known
    own: tuple[str, ...] = ()  # the department
    projects: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    project: int | None = None  # the one the text is about, where it stands beside a project
    lines: tuple[str, ...] = ()  # the budget line it is about, where it stands beside one


_MEN = r"[一二三四五六七八九十百零两]{1,6}"
FIGURE = re.compile(
    rf"(?P<number>{NUMBER})(?:(?P<money>{MONEY})|(?P<cent>%)|(?P<point>分)(?![之钟别析类公期批项段值管局布配]))"
    rf"|(?P<men>(?<![\d.])\d{{1,6}}(?![\d.,])|(?<![一二三四五六七八九十百零两])(?>{_MEN}))(?P<head>[人名个])(?![次均才大口力以])"
    rf"(?P<called>在职(?:在编)?(?:人员|职工|干部职工)|在编在职人员|(?:人员)?编制(?!外))?"
    rf"|(?<=[为是属于到定级次:：])(?P<grade>{GRADES})(?=[，,。；;、）)\n]|$|[等档]|级别?)"
    rf"|(?P<nil>(?<=[为是])[0零]|(?<=费)零支出)(?=[，,。；;）)\n]|$)|{wordings.NONE}"
)
_COMPARED = re.compile(
    r"(?:同比|[比较与](?:上一?年度?|去年|20\d\d年度?|年初|预算|计划))(?:同期|决算数?|预算数?|相比)?[^，。；、\d]{0,8}"
)
# 目标基本实现，自评得分91分: what has been reached is no plan.
_REACHED = re.compile(
    r"(?:预期|预定|年初|年度|绩效|总体|各项|既定){0,4}目标(?:任务)?(?:已|均|都|全部|基本|全面|较好|如期|圆满|顺利|总体|得到|地){0,3}(?:实现|完成|达成)(?![率度值后时的])"
)
_CARRIED = re.compile(r"上年(?:度|末)?(?:财政拨款|项目|专项)?结[转余]")  # 加上年结转44.38万元: this year's
_YEAR_END = re.compile(r"(?<!\d)12月(?:底|末|31[日号])")
_YEAR = re.compile(rf"{wordings.YEAR}|往年|历年|以前年度|上半年")
_ELSE_WHEN = re.compile(
    r"往年|历年|以前年度|预计|计划|目标|申请|季度|[上下]半年|\d月|月底|月末|截至(?!年|20\d\d年[末底，,])|每|人均|同期|控制在|累计|以来|规划|三年|五年|近年|力争|拟|争取|预期|历史"
)
_ELSEWHERE = re.compile(
    r"本级|机关(?!事业)|下属|所属|下[辖设](?=[^，。；]{0,12}(?:[站所馆院校]|中心|公司|企业))|二级|学校|一般公共|财政拨款|国有资本|专户|上级|中央|省级|市级|区级|县级|基金|政府采购|项目|专项|工程|活动|科室|乡镇|街道|企业|社会资金|兄弟|系统|平均|全[区县市省国](?:[^，。；]{0,6}(?:共有|共计|各|总)|系统|教师|学校|行业|财政)|[各某]|另有|单位资金|追加"
    r"|其中[:：，]?[^，。；]*[局所站馆院校队]|(?<![我本])中心"
)
_OF_A_PROJECT = re.compile(
    r"上级|中央|省级|市级|县级|区级|其中|[一二三四]期|标段|[首尾]款|合同|工程款|每|平均|子项目|财政拨款|一批|招标|中标|计划|自筹|社会|乡镇|街道"
)
WHOLE = re.compile(
    rf"{wordings.OWN}|[我本全](?:部门|单位|局|委|办|院|会|校|中心)|部门(?!预算|决算|收入|支出)|整体|总体"
)
# Words that name nobody and nothing in particular; whatever else stands before a number is its subject.
_NEUTRAL = re.compile(
    rf"{wordings.YEAR}|全年|年度|[我本全](?:部门|单位|局|委|办|院|会|校|中心|区)|部门|单位|整体|总体|收支|收入|支出|预决算|预算|决算"
    r"|执行|完成|情况|方面|来看|综上|所述|按照|根据|依据|经|对照|区?财政局|批复|评价|自我?评|绩效|结果|结论|结算|评定|审定|局务会|党组会|目标|基本|实现"
    r"|从|上|看|其中|总的|较好|良好|全面|整个|因此|同时|此外|工作|指标|体系|评分|逐项|打分|计算|统计|汇总|截[至止]|日|月|底|[一二三四五六七八九十]"
)
_HAN = re.compile(r"[\u4e00-\u9fff\ue000-\uefff]{2}")
_OF_MONEY = re.compile(r"费|资金|款|补[助贴]|采购|账户|基金|党建|工会")
_SUMMED = re.compile(r"以上|上述|各项|合计|总计|共计|小计|汇总|其[余他]|另外")  # of more than the project spoken of
_SHORT = ("中心", "学校", "街道", "医院", "研究院", "图书馆", "档案馆", "文化馆")
_SHORT_NAME = re.compile(r"(?<![我本全])(中心|院|校)[的现实核定批准目前共有总]{0,6}(?:人员)?(?:编制|在职|在编)")
_COLON = re.compile("[：:]")
PARTS = re.compile(r"其中|包括|包含|分别")


class Context:
    """What a sentence has said so far of whom and when it speaks."""

    def __init__(self, names: Names) -> None:
        self.report = self.year = names.year
        self.about = (names.project, names.lines)
        self.has_units = any(names.units)
        self.headings = Headings()
        own = names.own[0] if names.own else ""
        self.own = own
        # 中心为公益一类事业单位: of a department that is one, the word means itself
        word = next((each for each in _SHORT if own.endswith(each)), "")
        self.short = re.compile(rf"^(?:[^，。；\d]{{0,6}}{word})(?=[为是系属现共编核有，])") if word else None
        self.known_subject = True  # the department itself is spoken of, or nobody yet
        self.begin()

    def paragraph(self) -> None:
        """A new paragraph: what a heading says goes on."""
        self.year, self.known_subject = self.report, not self.headings.subject.others

    def heading(self, sentence: str) -> bool:
        """Take in a sentence that is no more than a heading."""
        if not self.headings.is_heading(sentence) or FIGURE.search(sentence):
            return False
        projects = re.findall("[\ue000-\ue7ff]", sentence)
        project = ord(projects[0]) - wordings.PROJECT if len(projects) == 1 else None
        others = bool(_ELSEWHERE.search(sentence)) and project is None
        whole = bool(WHOLE.search(sentence)) and not others
        self.headings.below(Heading("", project, _lines_in(sentence), whole, others), sentence)
        self.known_subject = not self.headings.subject.others
        return True

    def begin(self) -> None:
        """A new sentence: the year goes on, whoever was spoken of does not."""
        self.project, self.lines = self.about
        self.project = self.headings.subject.project if self.project is None else self.project
        self.unit: int | None = None
        self.stages: tuple[str, ...] = ()
        self.listed = False  # 支出预算950万元，其中：…；…: the column goes on to the end of the list
        self.else_when = self.elsewhere = self.unknown = False
        self.spoken_lines = self.headings.lines  # named without a number
        self.part_of_staff = False  # 行政编制 has been spoken of, which leaves open who else there is
        self.alone = False  # 机关 has been spoken of: the department without the units below it
        self.arranged: Amount | None = None  # 安排资金, said of a project: its budget, if it is all of it
        self.spoke = False  # an amount of the budget has been stated
        self.qualified = False  # what is listed is a line of the budget in some sense that is not understood
        self.heard = False  # something has been named that is neither

    def year_of(self, written: str) -> int:
        """The year that words mean: 上年 is the one before the report's."""
        stated = re.search(r"20\d\d", written)
        if stated:
            return int(stated[0])
        if re.search(r"上一?年|去年", written):
            return self.report - 1
        return self.report + 1 if re.search(r"[下明次]", written) else self.report

    def is_of_the_office(self, words: str) -> bool:
        """Whether words before a number speak of the department without the units that it has: 局机关项目支出."""
        return self.has_units and "机关" in re.sub("机关(?:事业|运行)", "", words)

    def is_other(self, words: str) -> bool:
        """Whether the short name before a number of people is that of somebody else: 中心编制12名, said by a bureau."""
        found = _SHORT_NAME.search(words)
        return found is not None and not self.own.endswith(found[1])

    def hear(self, text: str) -> None:
        """Take in words that are no statement themselves."""
        if self.short is not None:
            text = self.short.sub("", text)
        if re.search(r"[；;]", text):
            own = self.headings.subject.project if self.about[0] is None else self.about[0]
            self.qualified = False
            self.elsewhere |= self.project != own or self.unit is not None
            self.project, self.lines = own, self.about[1]
            self.unit, self.spoken_lines, self.spoke = None, self.headings.lines, False
            self.stages = self.stages if self.listed else ()
        self.listed |= bool(self.stages) and _COLON.search(text) is not None
        if self.unknown and PARTS.search(text):
            self.elsewhere = True
        if self.about[0] is None and self.project is not None and _SUMMED.search(text):
            self.project, self.elsewhere = None, True
        for idle in (_COMPARED, _YEAR_END, _REACHED, _CARRIED):
            text = idle.sub("", text)
        projects = {ord(each) - wordings.PROJECT for each in re.findall("[\ue000-\ue7ff]", text)}
        units = {ord(each) - wordings.UNIT for each in re.findall("[\ue800-\uefff]", text)}
        if projects or units:
            one = len(projects) + len(units) == 1
            self.project, self.unit = (next(iter(each), None) if one else None for each in (projects, units))
            self.elsewhere, self.unknown = not one, False
            self.lines = self.stages = ()
            self.part_of_staff = self.alone = False
            self.arranged = None
            self.known_subject, self.heard = False, True
        else:
            self._subject(text)
        years = _YEAR.findall(text)
        if years:
            self.year = self.year_of(years[-1])
        self.else_when |= bool(_ELSE_WHEN.search(text))
        self.elsewhere |= bool(_ELSEWHERE.search(text))
        self.unknown |= self.project is not None and bool(_OF_A_PROJECT.search(text))

    def _subject(self, text: str) -> None:
        """Whether words before a number leave it to be a figure of the whole department."""
        self.spoken_lines = tuple(dict.fromkeys((*self.spoken_lines, *_lines_in(text))))
        subject = _NEUTRAL.sub("", wordings.LINE_NAME.sub("", text))
        if WHOLE.search(text) and not _ELSEWHERE.search(text) and not _OF_MONEY.search(subject):
            self.whole()
        elif _ELSEWHERE.search(text) or _HAN.search(subject):
            self.known_subject, self.heard = False, True

    def whole(self) -> None:
        """The department as a whole is spoken of."""
        self.project = self.unit = None
        self.elsewhere = self.unknown = False
        self.known_subject = True


def _lines_in(text: str) -> tuple[str, ...]:
    return tuple(line for item in wordings.LINE_NAME.findall(text) for line in wordings.lines_of(item))
