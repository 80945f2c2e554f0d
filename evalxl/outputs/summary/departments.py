"""部门汇总: one row per file received, those replaced by a later one left out."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter

from evalxl.district.findings import Status
from evalxl.layout import GENERAL, Field
from evalxl.outputs.field_columns import field_column
from evalxl.outputs.summary.sheet import (
    MORE,
    ORIGIN_WORDS,
    Links,
    level_column,
    linked,
    origin_columns,
    sign,
    wide_page,
)
from evalxl.outputs.summary.tally import Before, Department, Tally, rate
from evalxl.sheets.book import Book
from evalxl.sheets.columns import NUMBER, Cell, Column, Total
from evalxl.sheets.table import Placed, write_records
from evalxl.values.quantities import NAN

SPENT, PLANNED, LAST_SPENT = "本年支出合计", "全年支出预算", "上年支出合计"
_NOTHING = Before(NAN, NAN, NAN, "")
_workbook = attrgetter("workbook")


def write_departments(book: Book, tally: Tally, links: Links) -> Placed:
    """Write the sheet; every total is a formula over its column."""
    listed = [each for each in tally.departments if each.workbook not in tally.superseded]
    notes = ["参考得分由项目得分计算，不代替自评得分", "预算完成率的合计只计填了全年预算数的部门", "得分合计为平均数"]
    notes += ["增减为本年减上年"] if tally.before else []
    notes += ["重复报送的只列为准的一份", f"{ORIGIN_WORDS}（行：《预算》的本年支出合计）"]
    placed = write_records(
        wide_page(book, "部门汇总", len(listed)), "部门汇总", _columns(tally, links), listed,
        note="；".join(notes) + "。", unit="单位：万元、分", total="合计", empty="没有收到文件", autofilter=True,
        more=MORE,
    )  # fmt: skip
    sign(placed)
    return placed


def _own_columns(tally: Tally) -> list[Column]:
    """What a bureau has added to 基本信息, by department."""
    own = [each for each in GENERAL.fields if each.own and not each.left_out]
    general = tally.d.general

    def column(field: Field) -> Column:
        said = dict(zip(general["workbook"], general[field.key], strict=True))
        blank = NAN if field.kind.numeric else ""
        return field_column(GENERAL, field.key, total=Total.NONE, of=lambda each: said.get(each.workbook, blank))

    return [column(field) for field in own]


def _columns(tally: Tally, links: Links) -> list[Column]:
    projects = Counter(tally.counted.projects["workbook"].tolist())
    totals = tally.counted.budget[tally.counted.budget["key"] == "expenditure_total"]
    at = dict(zip(totals["workbook"], totals["row"], strict=True))

    def amount(header: str, line: str, column: str = "final") -> Column:
        return Column(header, "amount", Total.SUM, of=lambda each: tally.amount(each.workbook, line, column))

    def score(each: Department) -> tuple[float, str, str, float]:
        return tally.scores.get(each.workbook, (NAN, "", "", NAN))

    return [
        NUMBER, *level_column(tally, _workbook),
        Column("部门", most=34, least=18, of=lambda each: linked(each.name, links.results.get(each.workbook, ""))),
        Column("部门编码", "centre", optional=True, of=attrgetter("code")),
        Column("年度", "year", optional=True, of=lambda each: each.year if tally.several_years else NAN),
        *_own_columns(tally),
        amount("本年收入合计", "income_total"), amount(SPENT, "expenditure_total"),
        amount("其中：项目支出", "project"), amount(PLANNED, "expenditure_total", "revised"),
        Column(
            "预算完成率", "rate", Total.RATIO, over=(SPENT, PLANNED), of=lambda each: tally.completion(each.workbook)
        ),
        Column(
            "项目数", "count", Total.SUM,
            of=lambda each: NAN if each.status is Status.REFUSED else projects[each.workbook],
        ),
        Column("整体自评得分", "score", Total.MEAN, of=lambda each: score(each)[0]),
        Column("自报等级", "centre", of=lambda each: score(each)[1]),
        Column("应评等级", "centre", of=lambda each: score(each)[2]),
        Column("参考得分", "score", of=lambda each: score(each)[3]),
        Column("错误", "count", Total.SUM, of=attrgetter("errors")),
        Column("提醒", "count", Total.SUM, of=attrgetter("warnings")),
        Column("提示", "count", Total.SUM, of=attrgetter("infos")),
        Column("状态", "centre", least=10, of=lambda each: Cell(each.status.word, each.status.mark)),
        *(_changes(tally) if tally.before else []),
        *origin_columns(tally, "budget", _workbook, lambda each: at.get(each.workbook, NAN)),
    ]  # fmt: skip


def _changes(tally: Tally) -> list[Column]:
    """What the departments submitted last year, and how this year differs."""
    order = {band.grade: band.start for band in tally.policy.scheme.bands}

    def then(each: Department) -> Before:
        return tally.before.get(each.workbook, _NOTHING)

    def spent(each: Department, column: str = "final") -> float:
        return tally.amount(each.workbook, "expenditure_total", column)

    def scored(each: Department) -> tuple[float, str]:
        score, _, due, _ = tally.scores.get(each.workbook, (NAN, "", "", NAN))
        return score, due

    def grade_change(each: Department) -> Cell:
        earlier, due = then(each).grade, scored(each)[1]
        if not earlier or not due:
            return Cell("")
        now, before = order[due], order.get(earlier)
        mark = "" if now == before else "accepted" if now > (before or 0) else "explain"
        return Cell(f"{earlier}→{due}", mark)

    return [
        Column("预算增减", "amount", of=lambda each: spent(each, "revised") - then(each).revised),
        Column(LAST_SPENT, "amount", Total.SUM, of=lambda each: then(each).final),
        Column("支出增减", "amount", of=lambda each: spent(each) - then(each).final),
        Column(
            "完成率增减", "rate",
            of=lambda each: tally.completion(each.workbook) - rate(then(each).final, then(each).revised),
        ),
        Column("得分增减", "score", of=lambda each: round(scored(each)[0] - then(each).score, 6)),
        Column("等级变化", "centre", least=14, of=grade_change),
    ]  # fmt: skip
