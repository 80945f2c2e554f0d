"""Rules about the amounts a narrative states: against the budget (N05), in themselves (N14), twice over (N16)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Figure
from evalxl.district.tables import District, Row
from evalxl.facts.passages import MONEY, NUMBER, Amount, Passage, amount, passages, value
from evalxl.facts.sentences.figures import TOTALS, About, Statement
from evalxl.facts.sentences.procurement import procured
from evalxl.facts.sentences.sums import follows, listed_sums
from evalxl.facts.sentences.wordings import FINAL, INITIAL, REVISED
from evalxl.facts.sentences.workbooks import names_of_texts, stated
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.quantities import given, last_digit, show_amount

_HEADERS = {key: layout.BUDGET.by_key[key].header for key in layout.AMOUNT_COLUMNS}
PLANS = ("goals", "measures")  # sections that speak of what is to come


class Budget(NamedTuple):
    """The budget of one workbook as texts are held against it."""

    lines: Mapping[str, Row]
    sums: Mapping[str, Sequence[str]]  # the parts of each total
    coarsest: float  # what people round to

    def known(self, statement: Statement) -> Iterator[tuple[str, str, float]]:
        """The amounts any of which a statement may mean, with line and column; blanks left out."""
        for line in statement.lines:
            for stage in statement.stages:
                if line in self.lines and (number := self.lines[line][stage]) == number:
                    yield line, stage, number

    def also_right(self, statement: Statement) -> Iterator[float]:
        """Further amounts that are no mistake of the text: the parts' sum, and of the budget as a whole its appropriation."""
        for stage in statement.stages:
            for line in statement.lines:
                parts = [self.lines[part][stage] for part in self.sums.get(line, ()) if part in self.lines]
                if parts:
                    yield sum(part for part in parts if given(part))
            if stage != FINAL and set(statement.lines) & set(TOTALS) and "appropriation" in self.lines:
                yield self.lines["appropriation"][stage]


def budgets(d: District, p: Policy) -> dict[str, Budget]:
    """The budgets of the district, by workbook."""
    ulps = dict(zip(d.workbooks["workbook"], d.workbooks["ulp"], strict=True))
    sums = {each.total: each.parts for each in p.sums if not each.breakdown}
    return {
        workbook: Budget({row["key"]: row for row in rows}, sums, ulps[workbook])
        for workbook, rows in d.by_workbook("budget").items()
    }


@rule(
    "N05",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，预算表{column}为 {expected_shown} 万元。",
    fix="请核对文字与 {cells}，改正有误的一处。",
)
def amounts_of_the_text(d: District, p: Policy) -> pd.DataFrame:
    """文字中收入、支出各项的年初预算数、全年预算数和决算数，应与预算表一致。
    理由：同一项数在文字和表中不一致，必有一处有误，多是沿用了往年或未定稿的数。
    核对“项名＋为、是、共、合计＋金额”“年初预算、全年预算、全年支出、总支出、部门决算支出、收入总计、支出总计＋金额”“收入方面，财政拨款＋金额”一类写法，
    按文字所写的位数比较，四舍五入或截去尾数相符即可；没有写明年初还是全年的“预算”，与其中一数相符即可。说的是上年、计划、约数、
    下属单位、上级资金或单个项目的，几项合在一起的（“基本支出、项目支出合计930万元”），有下属单位的部门只说局机关的，不核对；
    “公务接待费支出为0”“未发生公务接待费”“未安排政府采购”一类写法，按该项为 0 核对；政府采购的支出，前面写有与表一致的政府采购预算的才核对。
    整体绩效目标、改进措施两栏不核对；合计行本身与各项之和不符、而文字等于各项之和的，只由合计的规则报告。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（文字与表并列同一组数）。
    举例：文字写“项目支出139.2万元”，预算表决算数为 280 万元。
    处理：改正有误的一处。项名前后有别的限定语（如“财政拨款基本支出”）的不作判断。
    局限：没有写明是哪一项、哪一年的数不核对。
    """
    records = []
    known_budgets = budgets(d, p)
    for each, statements in stated(d):
        done: set[tuple[str, ...]] = set()
        budget = known_budgets.get(each.workbook)
        if budget is None or each.sheet == "projects" or each.field in PLANS:
            continue
        spent = _procurement(each.text, names_of_texts(d)[each.workbook].year, budget)
        for one in (*statements, *spent):
            if not _of_the_whole(one) or (one.lines[0], *one.stages) in done:
                continue
            found = _against(budget, one)
            if found:
                done.add((one.lines[0], *one.stages))
                records.append(each.finding(said=short(one.words), **found))
    return table_of(records)


def _procurement(text: str, year: int, budget: Budget) -> Iterator[Statement]:
    """What was spent on procurement, where the budget beside it is that of the whole department."""
    for one, planned in procured(text, year):
        whole = one._replace(number=planned, stages=(INITIAL, REVISED))
        if list(budget.known(whole)) and _against(budget, whole) is None:
            yield one


def _of_the_whole(one: Statement) -> bool:
    """Whether a statement is an amount of the budget of the whole department in the year of the report."""
    return one.about is About.AMOUNT and bool(one.lines) and one.unit is None and one.ours


def _against(budget: Budget, one: Statement) -> dict[str, object] | None:
    """The columns of a finding where a statement agrees with none of the amounts it may mean."""
    known = list(budget.known(one))
    first = budget.lines.get(one.lines[0])
    blank = first is not None and any(not given(first[stage]) for stage in one.stages)
    if not known or blank:  # the text may mean what the sheet does not say
        return None
    numbers = [*(number for *_, number in known), *budget.also_right(one)]
    if any(one.number.agrees(number, last_digit(number, budget.coarsest)) for number in numbers if given(number)):
        return None
    columns = [(line, stage, number) for line, stage, number in known if line == known[0][0]]
    cells = [
        Figure("budget", stage, budget.lines[line]["row"], _label(line, stage), number)
        for line, stage, number in columns
    ]
    shown = " 或 ".join(dict.fromkeys(show_amount(number) for *_, number in columns))
    column = "、".join(dict.fromkeys(_HEADERS[stage] for _, stage, _ in columns))
    return {"column": column, "expected_shown": shown, "operands": cells}


def _label(line: str, stage: str) -> str:
    label = layout.BUDGET.line_by_key[line].name
    return label if stage == FINAL else f"{label}（{_HEADERS[stage]}）"


@rule(
    "N14",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，{found}。",
    fix="请核对总数和各项，改正有误的一数。",
)
def sums_of_the_text(d: District, p: Policy) -> pd.DataFrame:
    """同一句话中的总数，应与所列的各项相符。
    理由：一句话自身不平，必有一数有误，读者一看便知。
    只核对三种写法：“甲若干，由乙若干、丙若干组成”，各项之和应等于总数；“乙若干、丙若干，合计若干”，合计应是前面所列若干项之和；
    “甲若干，其中：乙若干、丙若干”，各项之和不应超过总数（没有列全的不算错，
    前面几项已等于总数的，其后的数和“已支出、实际使用、到位”一类的数不算在内）。允许各数末位的四舍五入；写“约、余、左右”的不核对。
    依据：已公开部门决算说明和自评报告中常见的差错。
    举例：“培训费合计20万元，由师资费8万元、场地费7万元、资料费6万元组成”，各项之和为 21 万元。
    处理：改正有误的一数。“其中”所列各项有交叉的，分句写明。
    局限：没有写明各项已列全的，不核对。
    """
    records = []
    for each in passages(d, "narrative projects budget"):
        for one in listed_sums(each.text):
            total = sum(part.size for part in one.parts)
            wrong = not follows(one.total, one.parts) and (one.complete or total > one.total.size)
            if wrong:
                found = f"所列各项之和为 {show_amount(total)} 万元" + ("" if one.complete else "，超过总数")
                records.append(each.finding(said=short(one.words, 60), found=found))
                break
    return table_of(records)


@rule(
    "N16",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，《{section}》一栏写的是“{other}”。",
    fix="请核对，同一项数前后写成一致。",
)
def totals_stated_once(d: District, p: Policy) -> pd.DataFrame:
    """同一项总数在文字中前后应是同一个数。
    理由：前后两个数，至少有一个是错的；表中没有这项数的，读者无从判断哪个对。
    核对预算各项（同一名称、同一年度、同一口径）和名称完整相同的“……总额、总数、总量、总面积”；与表不符的数已由规则 N05 报告，不重复。
    依据：已公开自评报告中常见的差错。
    举例：部门概况写“收入合计1000万元”，分项目标实现情况写“收入合计955.62万元”。
    处理：核对后改成一致；口径不同的，把口径写进名称。限于名称一字不差的写法。
    局限：两处说的不是同一口径而用同一名称的，须说明。
    """
    known = budgets(d, p)
    first: dict[tuple[str, ...], tuple[Passage, str, Amount]] = {}
    told: set[tuple[str, ...]] = set()
    records = []
    for each, statements in stated(d):
        if each.sheet != "narrative" or each.field in PLANS:
            continue
        budget = known.get(each.workbook)
        for key, words, number in (*_lines_stated(statements, budget), *_totals_named(each.text)):
            at = (each.workbook, *key)
            before = first.setdefault(at, (each, words, number))
            size = before[2].size
            if at not in told and not number.agrees(size) and not before[2].agrees(number.size):
                told.add(at)
                section = layout.NARRATIVE.by_key[before[0].field].header
                records.append(each.finding(said=short(words), other=short(before[1]), section=section))
    return table_of(records)


def _lines_stated(
    statements: Sequence[Statement], budget: Budget | None
) -> Iterator[tuple[tuple[str, ...], str, Amount]]:
    """The lines that statements name outright, but those that the budget itself disproves."""
    for one in statements:
        if one.item and _of_the_whole(one) and len(one.stages) == 1 and not (budget and _against(budget, one)):
            yield (one.item, *one.stages), one.words, one.number


_NAMED_TOTAL = re.compile(
    rf"(?:^|(?<=[，。；：\n]))(?P<name>[^，。；：、\d（）\n]{{4,14}}(?:总额|总数|总量|总面积))(?:共计|共|为|是|达到?)?(?P<number>{NUMBER})(?P<unit>{MONEY}|[\u4e00-\u9fff]{{1,3}})(?=[，。；、\n]|$)"
)
_OTHER_TIME = re.compile(r"[上去明下]年|20\d\d年|季度|计划|目标|预算|截至|月")


def _totals_named(text: str) -> Iterator[tuple[tuple[str, ...], str, Amount]]:
    """Totals of other things, by their whole name."""
    for match in _NAMED_TOTAL.finditer(text):
        before = text[: match.start()].rpartition("。")[2]
        if not _OTHER_TIME.search(before + match["name"]):
            unit = match["unit"]
            money = re.fullmatch(MONEY, unit) is not None
            number = amount(match["number"], unit) if money else Amount(value(match["number"]), 1.0, match["number"])
            yield (match["name"], "" if money else unit), match[0], number
