"""区县汇总: a merged run by district, one row each, with the totals of the whole."""

from __future__ import annotations

from collections import Counter, defaultdict

from evalxl.district.findings import Status
from evalxl.facts.grade import exact_mean
from evalxl.outputs.summary.departments import PLANNED, SPENT
from evalxl.outputs.summary.sheet import sign
from evalxl.outputs.summary.tally import Department, Tally, rate
from evalxl.sheets.book import Page
from evalxl.sheets.columns import Column, Total
from evalxl.sheets.table import Placed, write_table
from evalxl.values.quantities import NAN

_MEAN = "平均自评得分"
_SCORED = "评分部门数"
_RATE = "预算完成率"
_PASSED = (Status.ACCEPTED, Status.EXPLAINED)


def write_districts(page: Page, tally: Tally, departments: Placed) -> Placed:
    """Write the sheet; the mean score and the rate of the whole are those of 部门汇总, not of the rows above them."""
    by_level: dict[str, list[Department]] = defaultdict(list)
    for each in tally.departments:
        by_level[each.level].append(each)
    projects = Counter(tally.levels[book] for book in tally.counted.projects["workbook"])
    missing = Counter(each.level for each in tally.attendance.missing) if tally.attendance else Counter()
    rows = [
        (number, level, *_row(tally, listed, projects[level], missing[level] if tally.attendance else NAN))
        for number, (level, listed) in enumerate(sorted(by_level.items()), 1)
    ]
    note = "预算完成率只计填了全年预算数的部门；支出、预算、项目和得分只计入汇总的部门；错误、提醒、提示不含已豁免的。"
    page.sheet.set_paper(8)
    placed = write_table(page, "分区县汇总", _columns(tally), rows, note=note, unit="单位：万元、分", total="合计")
    for header, of, look in ((_MEAN, "整体自评得分", "score"), (_RATE, _RATE, "rate")):
        value = departments.totals.get(of, NAN)
        if rows and value == value:
            at = (placed.total_row, placed.columns[header])
            page.formula(*at, departments.total_at(of), value, page.book.look(look, "total"))
    sign(placed)
    return placed


def _columns(tally: Tally) -> list[Column]:
    counts = ["收到文件", "计入汇总", "通过", "待说明", "退回", "未读取", "重复"]
    return [
        Column("序号", "index"), Column("区县", least=18, most=30),
        *(Column(each, "count", Total.SUM) for each in counts),
        *([Column("未报送", "count", Total.SUM)] if tally.attendance else []),
        Column(SPENT, "amount", Total.SUM), Column(PLANNED, "amount", Total.SUM),
        Column(_RATE, "rate"), Column("项目数", "count", Total.SUM),
        Column(_MEAN, "score"), Column(_SCORED, "count", Total.SUM), *_grade_columns(tally),
        *(Column(each, "count", Total.SUM) for each in ("错误", "提醒", "提示")),
    ]  # fmt: skip


def _grade_columns(tally: Tally) -> list[Column]:
    columns = []
    for grade in _grades(tally):
        columns += [
            Column(grade, "count", Total.SUM),
            Column(f"{grade}占比", "rate", Total.RATIO, over=(grade, _SCORED)),
        ]
    return columns


def _grades(tally: Tally) -> list[str]:
    return [band.grade for band in sorted(tally.policy.scheme.bands, key=lambda band: -band.start)]


def _row(tally: Tally, listed: list[Department], projects: int, missing: float) -> list[object]:
    counted = [each.workbook for each in listed if each.counted]
    statuses = Counter(each.status for each in listed if each.workbook not in tally.superseded)
    repeated = sum(each.workbook in tally.superseded for each in listed)
    spent, planned, both = NAN, NAN, [0.0, 0.0]
    for book in counted:
        final, revised = (tally.amount(book, "expenditure_total", column) for column in ("final", "revised"))
        spent, planned = _plus(spent, final), _plus(planned, revised)
        if revised > 0 and final == final:
            both = [both[0] + final, both[1] + revised]
    graded = [tally.scores[book] for book in counted]
    scores = [score for score, *_ in graded if score == score]
    grades = Counter(due for _, _, due, _ in graded)
    scored = sum(grades[grade] for grade in _grades(tally))
    spread = [
        figure for grade in _grades(tally) for figure in (grades[grade], grades[grade] / scored if scored else NAN)
    ]
    whole = [each for each in listed if each.workbook not in tally.superseded]
    return [
        len(listed), len(counted), sum(statuses[each] for each in _PASSED), statuses[Status.EXPLAIN],
        statuses[Status.RETURNED], statuses[Status.REFUSED], repeated, *([missing] if tally.attendance else []),
        spent, planned, rate(*both), projects, exact_mean(scores) if scores else NAN, scored, *spread,
        *(sum(getattr(each, name) for each in whole) for name in ("errors", "warnings", "infos")),
    ]  # fmt: skip


def _plus(total: float, value: float) -> float:
    """A sum in which a blank adds nothing, and of blanks alone is a blank."""
    if value != value:
        return total
    return value if total != total else total + value
