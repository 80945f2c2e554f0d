"""区县汇总: a merged run by district, one row each, with the totals of the whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from operator import attrgetter

from evalxl.district.findings import Status
from evalxl.outputs.summary.departments import PLANNED, SPENT, grade_shares
from evalxl.outputs.summary.sheet import ROOM, sign
from evalxl.outputs.summary.tally import Department, Tally, rate
from evalxl.sheets.book import Page
from evalxl.sheets.columns import NUMBER, Column, Total
from evalxl.sheets.measure import height, lines
from evalxl.sheets.table import Paper, Placed, write_records
from evalxl.values.quantities import NAN, given
from evalxl.values.rounding import exact_mean

_MEAN = "平均自评得分"
_SCORED = "评分部门数"
_RATE = "预算完成率"
_GRADES = "部门等级及占比"  # the last column that is printed: with one for each grade, the type would be too small
_GRADES_WIDTH = 14


def write_districts(page: Page, tally: Tally, departments: Placed) -> Placed:
    """Write the sheet; the mean score and the rate of the whole are those of 部门汇总, not of the rows above them."""
    by_level: dict[str, list[Department]] = defaultdict(list)
    for each in tally.departments:
        by_level[each.level].append(each)
    rows = [_District(tally, level, listed) for level, listed in sorted(by_level.items())]
    note = "预算完成率只计填了全年预算数的部门；支出、预算、项目和得分只计入汇总的部门；占比只计有得分的部门。"
    placed = write_records(
        page, "分区县汇总", _columns(tally), rows, note=note, unit="单位：万元、分", total="合计",
        paper=Paper(_GRADES, ROOM, "不打印。各等级的部门数和占比；错误、提醒、提示不含已豁免的。"),
    )  # fmt: skip
    for header, of, look in ((_MEAN, "整体自评得分", "score"), (_RATE, _RATE, "rate")):
        value = departments.totals.get(of, NAN)
        if rows and given(value):
            at = (placed.total_row, placed.columns[header])
            page.formula(*at, departments.total_at(of), value, page.book.look(look, "total"))
    if rows:
        everywhere = sum((each.grades for each in rows), Counter[str]())
        words = grade_shares(tally, everywhere)
        page.put(placed.total_row, placed.columns[_GRADES], words, page.book.look("text", "total"))
        page.rows(placed.total_row, height(lines(words, _GRADES_WIDTH)))
    sign(placed)
    return placed


class _District:
    """One district: its files, those that count, and what they add up to."""

    def __init__(self, tally: Tally, level: str, listed: list[Department]) -> None:
        self.level, self.listed = level, listed
        self.whole = [each for each in listed if each.workbook not in tally.superseded.keys() | tally.answers]
        self.statuses = Counter(each.status for each in self.whole)
        self.counted = [each.workbook for each in listed if each.counted]
        figures = [tally.scores[book] for book in self.counted]
        self.scores = [each.declared for each in figures if given(each.declared)]
        self.grades = Counter(each.due for each in figures)
        self.scored = sum(self.grades[grade] for grade in _grades(tally))
        amounts = [
            tuple(tally.amount(book, "expenditure_total", column) for column in ("final", "revised"))
            for book in self.counted
        ]
        self.spent, self.planned = (_sum([pair[at] for pair in amounts]) for at in (0, 1))
        both = [(final, revised) for final, revised in amounts if revised > 0 and given(final)]
        self.rate = rate(sum(final for final, _ in both), sum(revised for _, revised in both))


def _columns(tally: Tally) -> list[Column]:
    projects = Counter(tally.levels[book] for book in tally.counted.projects["workbook"])
    came = tally.attendance
    missing = Counter(each.level for each in came.missing) if came else Counter()

    def count(header: str, of: Callable[[_District], float]) -> Column:
        return Column(header, "count", Total.SUM, of=of)

    def found(header: str, name: str) -> Column:
        return count(header, lambda each: sum(getattr(department, name) for department in each.whole))

    return [
        NUMBER, Column("区县", least=18, most=30, of=attrgetter("level")),
        count("收到文件", lambda each: len(each.listed)), count("计入汇总", lambda each: len(each.counted)),
        count("通过", lambda each: each.statuses[Status.ACCEPTED] + each.statuses[Status.EXPLAINED]),
        count("待说明", lambda each: each.statuses[Status.EXPLAIN]),
        count("退回", lambda each: each.statuses[Status.RETURNED]),
        count("未读取", lambda each: each.statuses[Status.REFUSED]),
        count("重复", lambda each: len(each.listed) - len(each.whole)),
        *([count("未报送", lambda each: missing[each.level] if came.covers(each.level) else NAN)] if came else []),
        Column(SPENT, "money", Total.SUM, of=attrgetter("spent")),
        Column(PLANNED, "money", Total.SUM, of=attrgetter("planned")),
        Column(_RATE, "rate", of=attrgetter("rate")), count("项目数", lambda each: projects[each.level]),
        Column(_MEAN, "score", of=lambda each: exact_mean(each.scores) if each.scores else NAN),
        count(_SCORED, attrgetter("scored")),
        Column(_GRADES, least=_GRADES_WIDTH, most=24, of=lambda each: grade_shares(tally, each.grades)),
        *(each for grade in _grades(tally) for each in _grade_columns(grade)),
        found("错误", "errors"), found("提醒", "warnings"), found("提示", "infos"),
    ]  # fmt: skip


def _grade_columns(grade: str) -> tuple[Column, Column]:
    """How many departments earn a grade, and their share of those that have a score."""

    def share(each: _District) -> float:
        return each.grades[grade] / each.scored if each.scored else NAN

    return (
        Column(grade, "count", Total.SUM, of=lambda each: each.grades[grade]),
        Column(f"{grade}占比", "rate", Total.RATIO, over=(grade, _SCORED), of=share),
    )


def _grades(tally: Tally) -> list[str]:
    return [band.grade for band in sorted(tally.policy.scheme.bands, key=lambda band: -band.start)]


def _sum(amounts: list[float]) -> float:
    """A sum in which a blank adds nothing, and of blanks alone is a blank."""
    numbers = [amount for amount in amounts if given(amount)]
    return sum(numbers) if numbers else NAN
