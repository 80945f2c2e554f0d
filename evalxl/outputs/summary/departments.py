"""部门汇总: one row per file received, those replaced by a later one left out."""

from __future__ import annotations

from collections import Counter

from evalxl.district.findings import Status
from evalxl.outputs.summary.sheet import (
    MORE,
    ORIGIN,
    ORIGIN_WORDS,
    Links,
    level_column,
    level_of,
    linked,
    origin,
    sign,
    wide_page,
)
from evalxl.outputs.summary.tally import Before, Department, Tally, rate
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Cell, Column, Total
from evalxl.sheets.table import Placed, write_table
from evalxl.values.quantities import NAN

SPENT, PLANNED, LAST_SPENT = "本年支出合计", "全年支出预算", "上年支出合计"
_NOTHING = Before(NAN, NAN, NAN, "")


def write_departments(book: Book, tally: Tally, links: Links) -> Placed:
    """Write the sheet; every total is a formula over its column."""
    listed = [each for each in tally.departments if each.workbook not in tally.superseded]
    projects = Counter(tally.counted.projects["workbook"].tolist())
    budget = tally.counted.budget
    totals = budget[budget["key"] == "expenditure_total"]
    at = dict(zip(totals["workbook"], totals["row"], strict=True))
    rows = [
        (
            number, *_row(tally, each, links.results.get(each.workbook, ""), projects[each.workbook]),
            *_change(tally, each), *origin(tally, each.workbook, "budget", at.get(each.workbook, NAN)),
        )
        for number, each in enumerate(listed, 1)
    ]  # fmt: skip
    notes = ["参考得分由项目得分计算，不代替自评得分", "预算完成率的合计只计填了全年预算数的部门", "得分合计为平均数"]
    notes += ["增减为本年减上年"] if tally.before else []
    notes += ["重复报送的只列为准的一份", f"{ORIGIN_WORDS}（行：《预算》的本年支出合计）"]
    placed = write_table(
        wide_page(book, "部门汇总", len(rows)), "部门汇总", _columns(tally), rows, note="；".join(notes) + "。",
        unit="单位：万元、分", total="合计", empty="没有收到文件", autofilter=True, more=MORE,
    )  # fmt: skip
    sign(placed)
    return placed


def _columns(tally: Tally) -> list[Column]:
    columns = [
        Column("序号", "index"), *level_column(tally), Column("部门", most=34, least=18),
        Column("部门编码", "centre", optional=True), Column("年度", "year", optional=True),
        Column("本年收入合计", "amount", Total.SUM), Column(SPENT, "amount", Total.SUM),
        Column("其中：项目支出", "amount", Total.SUM), Column(PLANNED, "amount", Total.SUM),
        Column("预算完成率", "rate", Total.RATIO, over=(SPENT, PLANNED)), Column("项目数", "count", Total.SUM),
        Column("整体自评得分", "score", Total.MEAN), Column("自报等级", "centre"), Column("应评等级", "centre"),
        Column("参考得分", "score"), Column("错误", "count", Total.SUM), Column("提醒", "count", Total.SUM),
        Column("提示", "count", Total.SUM), Column("状态", "centre", least=10),
    ]  # fmt: skip
    if tally.before:
        columns += [
            Column("预算增减", "amount"), Column(LAST_SPENT, "amount", Total.SUM), Column("支出增减", "amount"),
            Column("完成率增减", "rate"), Column("得分增减", "score"), Column("等级变化", "centre", least=14),
        ]  # fmt: skip
    return [*columns, *ORIGIN]


def _row(tally: Tally, each: Department, target: str, projects: int) -> tuple[object, ...]:
    book, amount = each.workbook, tally.amount
    spent, planned = amount(book, "expenditure_total"), amount(book, "expenditure_total", "revised")
    year = each.year if tally.several_years else NAN  # one year stands in the title
    score, declared, due, reference = tally.scores.get(book, (NAN, "", "", NAN))
    return (
        *level_of(tally, book), linked(each.name, target), each.code, year, amount(book, "income_total"), spent,
        amount(book, "project"), planned, rate(spent, planned),
        NAN if each.status is Status.REFUSED else projects, score, declared, due, reference,
        each.errors, each.warnings, each.infos, Cell(each.status.word, each.status.mark),
    )  # fmt: skip


def _change(tally: Tally, each: Department) -> tuple[object, ...]:
    """What the department submitted last year, and how this year differs; nothing where no last year is known."""
    if not tally.before:
        return ()
    then = tally.before.get(each.workbook, _NOTHING)
    spent, planned = (tally.amount(each.workbook, "expenditure_total", column) for column in ("final", "revised"))
    score, _, due, _ = tally.scores.get(each.workbook, (NAN, "", "", NAN))
    moved = f"{then.grade}→{due}" if then.grade and due else ""
    order = {band.grade: band.start for band in tally.policy.scheme.bands}
    mark = "accepted" if moved and order[due] > order.get(then.grade, 0) else "explain"
    return (
        planned - then.revised, then.final, spent - then.final,
        rate(spent, planned) - rate(then.final, then.revised), round(score - then.score, 6),
        Cell(moved, "" if not moved or order[due] == order.get(then.grade) else mark),
    )  # fmt: skip
