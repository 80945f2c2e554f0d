"""What a report says of itself: department, region, year, date, overall score and grade."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evalxl.facts.passages import whole
from evalxl.facts.sentences.figures import About
from evalxl.policy.policy import Policy
from evalxl.transfer.report.amounts import Sentences
from evalxl.values.kinds import Kind
from evalxl.values.quantities import read_number


class Fact(NamedTuple):
    """A value with the line it came from."""

    value: str | float
    source: str


_HAN = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_YEAR = r"(?:19|20)\d\d"
_SUBJECT = r"(?:部门|单位)?(?:\(单位\))?整体(?:支出)?(?:和项目支出)?(?:预算)?绩效"
_TITLES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?P<department>.+?)关于(?:开展|报送|上报)?(?P<year>{_YEAR})年度?(?:市级|区级|县级|省级)?{_SUBJECT}.*报告",
        rf"^(?P<department>.+?)关于{_SUBJECT}.*报告",
        rf"^关于(?P<department>.+?)(?P<year>{_YEAR})年度?{_SUBJECT}.*报告",
        rf"^(?P<year>{_YEAR})年度?(?P<department>.+?){_SUBJECT}.*报告",
        rf"^(?P<department>.+?)(?P<year>{_YEAR})年度?{_SUBJECT}.*报告",
        rf"^(?P<department>.+?){_SUBJECT}.*报告",
    )
)
_TITLE_LINES, _LONGEST_TITLE = 20, 70  # a title stands among the first so many lines, and has no more characters
_YEAR_EVALUATED = re.compile(rf"({_YEAR})年度?(?:预算|部门|整体|支出|绩效|收入|收、?支|我|本)")
# What names of departments end with; 财政部门整体支出… and 岳阳市…部门整体支出 name none.
_BODY = re.compile(r"[局委办室院会厅处心协大部所站校学馆团社队府道镇乡联庭司组园库体署](?:\([^()]+\))?$")
_NO_TITLE = re.compile(r"目录$|第.{1,3}(?:部分|章)|[一二三四五六七八九十]+、")
_ANNEX = re.compile(r"^附件(?:\d{1,2}(?!\d))?:?")
_LABELS = (
    (
        "department",
        r"(?:部门|单位|部门\(单位\)|单位\(部门\)|填报单位|被评价部门|自评单位|预算单位)(?:名称|全称)?",
        r".{2,40}",
    ),
    ("code", r"(?:部门|单位|预算)?(?:预算)?(?:编码|代码)", r"[0-9A-Za-z-]{3,20}"),
    ("region", r"所属地区|地区|行政区划", r".{2,30}"),
    ("year", r"评价年度|自评年度|年度", rf"{_YEAR}年?度?"),
    ("date", r"(?:填报|报告|填表|编制|自评)?(?:日期|时间)", r".{4,20}"),
    ("preparer", r"填报人|填表人|经办人|联系人|填报人员", r".{2,10}"),
    ("phone", r"联系电话|联络电话|电话|联系方式", r"[\d()+-]{7,20}"),
    ("unit_count", r"独立核算(?:预算)?单位(?:数量|个数|总?数|共)", r"\d{1,3}个?"),
    (
        "below",
        r"(?:所属|下属|所辖|下辖)(?:下级|二级|基层)?(?:独立核算|预算){0,2}单位(?:数量|个数|总?数)",
        r"\d{1,3}个?",
    ),
)
_LABELLED = {
    key: re.compile(rf"^(?:{label})(?:\(盖章\)|\(公章\)|\(签章\))?:({value})$") for key, label, value in _LABELS
}
_LABEL_ALONE = {key: re.compile(rf"(?:{label})(?:\(盖章\)|\(公章\)|\(签章\))?:?") for key, label, _ in _LABELS}
_CODED = re.compile(r"^(\d{3,12})[-—–_:.](?=[一-龥])")  # 219-某某局
_YEAR_ALONE = re.compile(rf"^\(?({_YEAR})年度?\)?$")
_ENTRY = re.compile(r"[\s　]{1,80}(?=[^\s　:：]{2,10}[:：])")  # several labels on one line
_MONEY = re.compile(r"(?:人民币)?(?:亿元|万元|元)")
_REGION_LINE = re.compile(
    r"^\(((?:[^\s()]{2,10}(?:省|自治区))?(?:[^\s()]{2,10}(?:市|州|盟|地区))?[^\s()]{1,10}(?:区|县|市|旗))\)$"
)
_REGION_START = re.compile(r"^((?:.{2,8}?(?:省|自治区))?.{2,6}?市.{1,5}?(?:(?<![社小校景园])区|县|旗))(?=.{2})")
_PREAMBLE = 12  # lines before the first chapter
_CHAPTER = re.compile(r"^(?:第[一二三四五六七八九十]+(?:部分|章)|[一二三四五六七八九十]+、)")
_PLACE = "[^按照根据依由经的为贯彻落实，。；：、“”（）()《》]"
_REGION_NAMED = re.compile(
    rf"(?:^|[根依]据|按照|按|依照|贯彻|落实|[由经])"
    rf"((?:{_PLACE}{{2,8}}?(?:省|自治区))?{_PLACE}{{2,6}}?[市州盟]"
    rf"(?P<last>[一-龥]{{1,6}}?(?<![社小校景园地])[区县市旗]))"
    r"(?=财政|人民政府|政府|有关|关于|预算|委|人大|《)"
)
_DATE = re.compile(r"^((?:19|20)\d\d)(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})日?$|^((?:19|20)\d\d)(\d\d)(\d\d)$")
_MONTH_ALONE = re.compile(rf"{_YEAR}(?:年|[-./])\d{{1,2}}月?")  # 2025年7月 is a date with a part missing
_HAN_DAY = re.compile(r"(?<=[年月])([一二三四五六七八九十]{1,3})(?=[月日])")

_SCORE = re.compile(
    r"(?:整体|自评|综合|总体|最终|评价|[我本](?:单位|部门|局|委|办|院|会))(?:绩效)?(?:支出)?(?:绩效)?(?:自评|评价)?(?:综合)?(?:总?得分|总分|评分|分数|分值)"
    r"(?:为|是|共|:|：)?\s*(\d{1,3}(?:\.\d+)?)\s*分"
)
_GRADE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:等级|等次|级别|结果|评定|自评|评价)(?:评定|确定|评)?(?:为|是|:|：)\s*[“\"'‘]?\s*([一-龥]{1,4}?)\s*[”\"'’]?(?=[，。；,;（(]|$)",
        r"(?:为|属于|达到)\s*[“\"'‘]?([一-龥]{1,2})[”\"'’]?(?:等级|等次|档次|级)",
        r"(?:等级|等次)([一-龥]{1,3})(?=[，。；,;]|$)",
        r"(?:等级|等次|结果|结论)\s{0,3}[“\"'‘]([一-龥]{1,3})[”\"'’]",
    )
)
_BAND_WORDS = re.compile(r"以上|以下|\(含\)|（含）|≥|≤|<|＜|之间|分至|[<>]")
_SCALE = re.compile(r"满分|总分|分数|分值")  # of which 100 is what can be reached
_OF_A_PROJECT = re.compile(r"项目(?!支出)|专项")
_OF_THE_WHOLE = re.compile(r"部门|整体|综合|总体|总得?分|最终|我[局委办院会校]|本[局委办院会校]|单位")


def title_facts(lines: list[str]) -> dict[str, Fact]:
    """Department and year from the title, which may run over several lines; the year also from the text."""
    plain = [text for line in lines[:_TITLE_LINES] if not _NO_TITLE.match(text := _plain(line))]
    facts: dict[str, Fact] = {}
    for start in range(len(plain)):
        for length in (1, 2, 3):
            title = _ANNEX.sub("", "".join(plain[start : start + length]))
            if start + length <= len(plain) and len(title) <= _LONGEST_TITLE:
                for key, value in _title(title).items():
                    facts.setdefault(key, Fact(value, title))
    alone = {match[1]: line for line in lines[:_TITLE_LINES] if (match := _YEAR_ALONE.match(_plain(line)))}
    if "year" not in facts and len(alone) == 1:
        ((year, line),) = alone.items()
        facts["year"] = Fact(float(year), line)
    if "year" not in facts:
        named = {match[1]: line for line in lines for match in _YEAR_EVALUATED.finditer(_plain(line))}
        if len(named) == 1:
            ((year, line),) = named.items()
            facts["year"] = Fact(float(year), line)
    return facts


def _title(text: str) -> dict[str, str | float]:
    for pattern in _TITLES:
        match = pattern.match(text)
        if match is None:
            continue
        groups = match.groupdict()
        department = groups["department"].removeprefix("关于").strip(":")
        found: dict[str, str | float] = {}
        if _is_name(department):
            found["department"] = department
        if groups.get("year"):
            found["year"] = float(groups["year"])
        return found
    return {}


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= 40 and not re.search(r"[。;:,_\d]", text) and bool(_BODY.search(text))


def _plain(line: str) -> str:
    """A line without blanks, in one width, years in Arabic figures."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", line))
    return re.sub(r"[二〇○零一三四五六七八九]{4}(?=年)", lambda match: match[0].translate(_HAN), text)


def labelled_facts(lines: Iterable[str]) -> dict[str, Fact]:
    """Fields written as 部门名称：…, the region in brackets below the title, and the date of the report."""
    found: dict[str, Fact] = {}
    for line in (part for whole_line in lines for part in _ENTRY.split(whole_line)):
        text = _plain(line)
        for key, pattern in _LABELLED.items():
            match = pattern.match(text)
            if match and "_" not in match[1] and not _MONEY.fullmatch(match[1]):
                found |= {each: fact for each, fact in fact_of(key, match[1], line).items() if each not in found}
        region = _REGION_LINE.match(text)
        if region:
            found.setdefault("region", Fact(region[1], line))
    return found


def label_of(text: str) -> str:
    """Which field a label on a form is of; '' for none."""
    plain = _plain(text)
    return next((key for key, pattern in _LABEL_ALONE.items() if pattern.fullmatch(plain)), "")


def fact_of(key: str, written: str, source: str) -> dict[str, Fact]:
    """What stands beside a label: a code before a name apart from it; a date that is none is left as ''."""
    text = _plain(written)
    if key == "year":
        year = re.match(_YEAR, text)
        return {key: Fact(float(year[0]), source)} if year else {}
    if key == "date":
        return {key: Fact(_date(text), source)}
    if key in ("unit_count", "below"):
        count = re.match(r"\d{1,3}", text)
        return {key: Fact(float(count[0]), source)} if count else {}
    coded = _CODED.match(text) if key == "department" else None
    if coded:
        return {"code": Fact(coded[1], source), key: Fact(text[coded.end() :], source)}
    return {key: Fact(text, source)}


def region_named(lines: Sequence[str], department: str) -> Fact | None:
    """The region by whose rules a report says it was written, where the department is named after it."""
    found: dict[str, Fact] = {}
    for line in lines[:_PREAMBLE]:
        text = _plain(line)
        if _CHAPTER.match(text):
            break
        for match in _REGION_NAMED.finditer(text):
            if department.startswith(match["last"]):
                found.setdefault(match[1], Fact(match[1], line))
    return next(iter(found.values())) if len(found) == 1 else None


def region_of(department: Fact) -> Fact | None:
    """The region a department's name begins with, when it goes down to the county: 石家庄市鹿泉区文化局."""
    match = _REGION_START.match(str(department.value))
    return Fact(match[1], department.source) if match else None


def closing_date(lines: list[str]) -> Fact | None:
    """The date that stands alone at the end of the report; '' where it lacks the day."""
    for line in reversed(lines[-4:]):
        text = _plain(line)
        if _date(text) or _MONTH_ALONE.fullmatch(text):
            return Fact(_date(text), line)
    return None


def _date(text: str) -> str:
    match = _DATE.match(_HAN_DAY.sub(lambda day: str(whole(day[1])), text))
    if match is None:
        return ""
    year, month, day = (int(part) for part in match.groups() if part)
    return f"{year}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def overall(lines: Iterable[str], policy: Policy) -> tuple[list[Fact], list[Fact]]:
    """The overall scores and grades that sentences state; those of projects and of the bands do not count."""
    scores, grades = [], []
    for line in lines:
        for sentence in re.split(r"(?<=[。；])", line):
            if _BAND_WORDS.search(sentence):
                continue
            for match in _SCORE.finditer(sentence):
                number = read_number(match[1], Kind.SCORE).value
                scale = number == 100 and _SCALE.search(match[0])
                if not _of_a_project(sentence, match) and 0 <= number <= 100 and not scale:
                    scores.append(Fact(number, sentence.strip()))
            for match in (match for pattern in _GRADE for match in pattern.finditer(sentence)):
                known = policy.standard("grade", match[1])
                if known and not _of_a_project(sentence, match):
                    grades.append(Fact(match[1], sentence.strip()))
    return scores, grades


def _of_a_project(sentence: str, match: re.Match[str]) -> bool:
    """Whether a project has been spoken of since the whole was."""
    before = sentence[: match.end()]
    whole_at = max((each.end() for each in _OF_THE_WHOLE.finditer(before)), default=-1)
    return any(each.end() > whole_at for each in _OF_A_PROJECT.finditer(before))


def judged(sentences: Sentences) -> tuple[list[Fact], list[Fact]]:
    """The scores and grades of the whole that sentences anywhere in a report state in so many words."""
    scores, grades = [], []
    for sentence, statements in sentences:
        for each in statements:
            whole_named = _OF_THE_WHOLE.search(each.words)
            if not each.ours or each.project is not None or each.unit is not None or not whole_named:
                continue
            if each.about is About.SCORE and 0 <= each.number.size <= 100 and not _BAND_WORDS.search(sentence):
                scores.append(Fact(each.number.size, sentence.strip()))
            elif each.about is About.GRADE and not _BAND_WORDS.search(sentence):
                grades.append(Fact(each.grade, sentence.strip()))
    return scores, grades
