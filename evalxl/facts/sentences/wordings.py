"""The words that sentences name figures with: which line of the budget, which column, whose, and when.

A number is understood only where the words right before it are wholly of this grammar: 财政拨款基本支出 is not
基本支出, 争取上级资金 is nothing that the tables hold. Whatever else is written there makes the number unknown.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from evalxl import layout

INITIAL, REVISED, FINAL = "initial", "revised", "final"

# A name in the text becomes one character, so that the grammar sees whose figure it is.
PROJECT, UNIT, OWNER = 0xE000, 0xE800, 0xF000
OWN = "[\uf000-\uf00f]"  # the department, by whichever of its names
_PROJECT, _UNIT = "[\ue000-\ue7ff]", "[\ue800-\uefff]"
A_NAME = re.compile("[\ue000-\uefff]")

# 收入合计 is often written where 收入总计 is meant, and the other way round.
GRAND_OF = {"income_total": "income_grand", "expenditure_total": "expenditure_grand"}
TOTAL_OF = {grand: total for total, grand in GRAND_OF.items()}

_ENDINGS = (
    *("合计", "总计", "总额", "支出", "收入", "经费", "费"),
    *("结转和结余", "结转结余", "结余分配", "非财政拨款结余"),
)
_VAGUE = ("政府采购支出",)  # of what, a sentence rarely makes clear
# The budget's lines as sentences name them; names that also mean something else (其他, 事业, 财政拨款) are left out.
BUDGET_WORDS = {
    re.sub(r"其中：|[“”（）]", "", name): line.key
    for line in layout.BUDGET.lines
    for name in (line.label, *line.aliases)
    if name.endswith(_ENDINGS)
    and name not in _VAGUE
} | {
     "总收入": "income_total", "总支出": "expenditure_total",
     "全年收入": "income_total", "全年支出": "expenditure_total",
     "年度支出": "expenditure_total", "部门支出": "expenditure_total", "整体支出": "expenditure_total",
     "决算支出": "expenditure_total", "决算收入": "income_total", "收支总计": "income_grand",
     "收支总额": "income_grand",
     "支出总数": "expenditure_total", "收入总数": "income_total"}  # fmt: skip
SOURCES = {line.key for line in layout.BUDGET.lines if line.label.endswith("收入")}  # of money, each of a kind
LINE = "|".join(sorted(map(re.escape, BUDGET_WORDS), key=len, reverse=True))
LINE_NAME = re.compile(LINE)

YEAR = (
    r"(?:20\d\d(?=年[初末]结)|(?:截[至止])?20\d\d年(?:度|[末底])?|截[至止]年[末底]|年[末底]|本年度?|当年|今年"
    r"|上一?年度?|去年|下一?年度?|明年|次年)"
)
_OWNER = rf"(?:{OWN}|我|本|全|部门|单位|局|委|办|院|会|校|中心|机关|整体|总体|年度|全年)"
_STAGES = {
    INITIAL: r"年初(?:部门)?预算|年初(?:批复|核定|安排)(?:的?预算)?",
    REVISED: r"(?:年中|(?:年度)?执行中)?调整(?:为|至|到)(?:部门)?(?:预算)?"
    r"|全年(?:部门)?预算|(?:年中)?调整后?的?(?:部门)?预算|年终预算",
    FINAL: r"决算|实际|全年执行|预算执行|执行|完成|发生|实现|使用|支付",
    "budget": r"部门预算|预算",
}
_STAGE = "|".join(rf"(?P<{{0}}{name}>{words})" for name, words in _STAGES.items())
_SET = r"(?:安排|批复|下达|编制)?(?:的)?(?:总额|总计|合计|金额|资金|数额|数)?"
LINK = r"(?:共计|总计|合计|共|总额|数|额|支出|资金|金额|为|是|均|都|达到|达|仅|只有|人民币|完成|[:：]){0,4}"
_LEAD = (
    r"(?:其中|包括|含|即|而|[一二三四五六七八九]是|\d{1,2}[.、])?[:：,，]?(?P<share>占)?(?P<than>[比较与]|相比)?(?:于)?"
)

HEAD = re.compile(
    rf"{_LEAD}{_OWNER}{{0,3}}?(?P<year>{YEAR})?的?{_OWNER}{{0,4}}?的?(?:(?:(?P<project>{_PROJECT})(?:项目|专项)?|(?P<unit>{_UNIT}))的?(?P<year_then>{YEAR})?{_OWNER}{{0,3}}?)?"
    rf"(?:(?:{_STAGE.format('a_')})(?:安排|批复)?的?(?:{_OWNER}){{0,2}})?"
    rf"(?:总的?)??(?:(?P<item>{LINE})(?:(?<=费)用?(?:支出)?)?|(?P<bare>支出|收入|总额)(?!率))?(?:同期)?"
    rf"(?:(?:{_STAGE.format('b_')}){_SET})?{LINK}"
)
RATE = re.compile(
    rf"{_LEAD}{_OWNER}{{0,3}}?(?P<year>{YEAR})?的?{_OWNER}{{0,4}}?(?:(?P<project>{_PROJECT})(?:项目|专项)?)?的?{_OWNER}{{0,3}}?"
    rf"(?P<item>{LINE})?的?(?:[总整]体)?(?P<rate>(?:部门)?预算(?:资金)?执行率|预算完成率|(?:预算)?支出执行率|资金(?:预算)?执行率|资金支付率|资金使用率"
    rf"|执行率|支出完成率|(?:部门)?(?:预算|资金)?(?:支出|支付|执行)进度"
    rf"|(?P<loose>(?:部门)?(?:预算)?(?:资金)?支出率|(?<=[总整]体)支付率))(?:分别)?{LINK}"
)
SHARE = re.compile(
    rf"(?:(?:其中)?[:：]?{_OWNER}{{0,3}}(?P<part>{LINE}))?占(?P<year>{YEAR})?{_OWNER}{{0,4}}(?P<stage>{_STAGE.format('a_')})?"
    rf"(?P<item>{LINE}|支出|收入)?(?:支出)?(?:总额|总数|总量|合计|数)?的?(?:比重|比例|比)?(?:为|达到?|[:：])?"
)
SCORE = re.compile(
    rf"{_LEAD}{_OWNER}{{0,3}}?(?P<year>{YEAR})?(?:{_OWNER}|支出|绩效|自我?评价?|评价|综合|最终|[经过]|[:：]){{0,10}}?"
    rf"(?P<project>{_PROJECT})?(?P<of>(?:项目|支出|绩效|自我?评价?|评价|综合|总体|整体|部门|最终|的|总){{0,8}}?)"
    r"(?:得分|总分|总评分|评分|分数|总得分|得|自我?评|评)(?:合计|总计|情况)?(?:为|是|达到?|[:：]){0,2}"
)
GRADE = re.compile(
    rf"{_LEAD}{_OWNER}{{0,3}}?(?P<year>{YEAR})?(?P<project>{_PROJECT})?"
    rf"(?P<of>(?:{_OWNER}|支出|项目|绩效|自我?评价?|评价|综合|最终|[:：]){{0,10}}?)"
    r"(?P<called>(?:等级|等次|结果|结论){1,2})?(?:为|是|属于?|[评确]?定(?:等级)?为|评为|评定|达到|[:：]){0,2}"
)
STAFF = re.compile(
    rf"(?:其中)?[:：]?{_OWNER}{{0,3}}?(?P<year>{YEAR})?(?:{_OWNER}|(?<=[局委办])本级|现|实|核定|批准|实际|目前|[,，共有的]){{0,6}}(?:(?:下[设属辖]|所属|直属)?(?P<unit>{_UNIT}))?(?:现|实|核定|批准|实际|目前|[共有总]){{0,3}}"
    r"(?:(?P<posts>(?:人员|(?P<kind>行政|事业))?编制)|(?P<staff>(?:在职(?:在编)?|(?P<present>在编在岗|在岗在编|(?:(?<=[实现]有)|(?<=年[末底]))在编))(?:人员|干部职工|职工|干部|员工)?"
    r"|在编在职(?:人员|职工)?))"
    r"(?:总数|总额|人数|员额|数)?(?:共计|合计|共有?|有|为|是|[:：]){0,2}"
)

# 未发生公务接待费: a line of which there was nothing. 公务接待 alone is what is paid for, beside an amount.
NONE_WORDS = BUDGET_WORDS | {"公务接待": "reception", "政府采购支出": "procurement", "政府采购": "procurement"}
_NONE_OF = "|".join(sorted(map(re.escape, NONE_WORDS), key=len, reverse=True))
NONE = (
    rf"(?P<none>(?:(?:未|没有)(?:实际)?(?:发生|产生|安排|编制|开支|列支|支出)|无)(?P<none_of>{_NONE_OF})(?:支出|费用|预算|开支)?)"
    r"(?=[，,。；;）)\n]|$)"
)
BEFORE_NONE = re.compile(rf"{_OWNER}{{0,3}}(?P<year>{YEAR})?{_OWNER}{{0,3}}[均都也]?")

# 追加30万元: by how much an amount changed, which is no amount of a line.
CHANGE = re.compile(
    r"(?:其中)?(?:年中|年终|年末|本年|全年|实际)?(?:共)?(?:追加|调增|调减|追减|核减|调整|压减|净增|增加|减少|节约|节省|结余|盘活|收回|下达|到位|多支出|少支出|超支|差额|增长|下降)"
    r"(?:年初|预算|资金|财政|经费|支出|收入|数|额|了|为|率){0,3}"
)
# 财政拨款 is a line where income is spoken of, 安排资金 a budget where a project is, 合计29人 a sum of people.
_LOW_RATE = re.compile(
    r"(?:^|[，,；;、：:）)])([^，,；;、：:（）()\d]{0,24}执行率)(?:相对|比较|仍然|[较偏过还仍]){0,2}(?:不够?)?[低高][，,]$"
)
_ONLY = re.compile(r"(?:仅仅?|只有?|[为是达到]){1,3}")
ARRANGED = re.compile(
    r"(?P<project>[\ue000-\ue7ff])?(?:项目)?(?:共|共计|本年|全年|实际|当年){0,2}(?:(?:安排|到位|落实)(?:项目|财政|专项)?资金|(?:项目|财政)?资金(?:全部)?(?:安排|到位))(?:共|共计|为)?"
)
APPROPRIATION = re.compile(r"(?:其中)?[:：]?(?:本年|当年|全年|年度)?财政拨款")
INCOME = re.compile(r"(?:^|[，；])收入方面[，：:]|(?:总收入|收入(?:合计|总计|总额))[^。；支]{0,40}其中")
# 在编在岗46人，借调2人: who is on the staff but not there is counted in 在职, and perhaps who is there without a post.
AWAY_STAFF = re.compile(
    r"不在岗|离岗|借[调用]|抽调|挂职|派驻|驻村|病[休假]|产假|停薪|待岗|聘|编外|临时|合同|派遣|公益|(?<!在编)在岗(?!在编)"
)
MOVED_STAFF = re.compile(r"(?:收回|核减|核增|增编|减编|划[出入转])了?(?:人员|编制)?\d")  # 编制15名，收回3名，现有12名
# 参评资金：项目支出340万元: what has been evaluated may be a budget or what was spent of it.
EVALUATED = re.compile(
    r"参评|自我?评价?(?:工作)?[共总]?(?:涉及|覆盖|包括|包含|范围|对象|资金|金额)|(?:纳入|参加|列入|开展)[^，。；\d]{0,12}自我?评价?[的，]"
)
TOGETHER = re.compile(
    r"(?:以上)?(?:合计|共计|总计|共(?!有))(?:核定)?(?:(?P<posts>编制)|(?P<staff>在职(?:人员|职工)?))?(?:人数|总数)?[为有是]?"
)


class Head(NamedTuple):
    """What the words before a number name."""

    item: str  # the budget line as it is called
    lines: tuple[str, ...]  # budget lines, the likely one first; none where only a column is named
    side: tuple[str, ...]  # the totals of which side it may be, where only 收入 or 支出 is named beside a column
    stages: tuple[str, ...]  # columns of the budget
    year: str  # as written
    than: bool  # compared with: 比上年支出合计850万元
    project: int | None
    unit: int | None
    words: str
    implied: bool = False  # 支出 alone: what was spent, or what the column spoken of has to be spent


def lines_of(item: str) -> tuple[str, ...]:
    """The budget lines that a name may mean, the likely one first."""
    key = BUDGET_WORDS.get(item) or {"支出": "expenditure_total", "收入": "income_total"}[item]
    other = GRAND_OF.get(key) or TOTAL_OF.get(key)
    return (key, other) if other else (key,)


def stage_of(match: re.Match[str]) -> tuple[str, ...]:
    """The columns that the words of a head name; none where they do not say."""
    given = match.groupdict()
    named = [name for name in _STAGES if given.get(f"a_{name}") or given.get(f"b_{name}")]
    if not named:
        return ()
    if FINAL in named and len(named) > 1:
        return ("unclear",)  # 预算执行 of 年初预算: which of them cannot be told
    if named == ["budget"]:  # 预算支出 is what may be spent or what has been
        return (INITIAL, REVISED, FINAL) if re.search("预算(?:支出|收入)", match[0]) else (INITIAL, REVISED)
    return (named[0],)


def wholly(pattern: re.Pattern[str], words: str) -> re.Match[str] | None:
    """What some words say, if all of them are of a pattern; very many are of none."""
    return pattern.fullmatch(words) if len(words) <= _LONGEST else None


def head_of(words: str) -> Head | None:
    """What some words name as a whole; None where they say more than this grammar knows."""
    match = wholly(HEAD, words)
    if match is None:
        return None
    stages = stage_of(match)
    item = match["item"] or ""
    token, unit = match["project"], match["unit"]
    if not (item or stages or token or match["bare"] or match["than"]):
        return None
    implied = not stages and match["bare"] == "支出"
    if implied:
        stages = (FINAL,)
    return Head(
        item,
        lines_of(item) if item else (),
        lines_of(match["bare"]) if match["bare"] in ("收入", "支出") else (),
        stages,
        match["year"] or match["year_then"] or "",
        bool(match["than"]),
        ord(token) - PROJECT if token else None,
        ord(unit) - UNIT if unit else None,
        words,
        implied,
    )


def rate_of(free: str, words: str) -> str:
    """The words that name a rate, where a comma stands between it and its number: 执行率偏低，仅为71.21%."""
    before = _LOW_RATE.search(free[-40:]) if _ONLY.fullmatch(words) else None
    return before[1] + words if before else words


_LONGEST = 60
