"""部门汇总: one row per file received, those replaced by a later one left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from operator import attrgetter

from evalxl.district.findings import Status
from evalxl.layout import GENERAL, Field
from evalxl.outputs.field_columns import field_column
from evalxl.outputs.summary.sheet import (
    MORE,
    ORIGIN_WORDS,
    ROOM,
    Links,
    level_column,
    linked,
    origin_columns,
    sign,
    signing_page,
)
from evalxl.outputs.summary.tally import Before, Department, Evaluated, Staff, Tally, rate
from evalxl.sheets.book import Book, Page
from evalxl.sheets.columns import NUMBER, Cell, Column, Total
from evalxl.sheets.table import Paper, Placed, write_records
from evalxl.values.quantities import NAN

SPENT, PLANNED, LAST_SPENT = "本年支出合计", "全年支出预算", "上年支出合计"
_NOTHING = Before(NAN, NAN, NAN, "")
_LAST = "审核意见"  # the last column that is printed
_NOBODY = Staff(0, NAN, NAN)
_NO_PROJECTS = Evaluated(NAN, NAN, NAN, NAN, Counter())
_workbook = attrgetter("workbook")


def write_published_departments(book: Book, tally: Tally) -> None:
    """Write the sheet as it is published: without codes, findings and where anything comes from."""
    columns = _columns(tally, Links())
    last = [each.header for each in columns].index(_LAST)  # the bureau's own verdict is nobody else's business
    note = f"含审核通过的 {len(tally.departments)} 个部门，其余不在内；"
    note += "应评、已评和等级只计公开的项目；" if tally.d.bureau.withheld else ""
    note += "预算完成率的合计只计填了全年预算数的部门；得分合计为平均数。"
    write_records(
        signing_page(book, "部门汇总"), "部门绩效自评汇总表", columns[:last], tally.departments,
        note=note, unit=f"{tally.scope}　　单位：万元、分", total="合计", empty="没有部门",
        paper=Paper(columns[last - 1].header, ROOM),
    )  # fmt: skip


def departments_page(book: Book, tally: Tally) -> Page:
    """The sheet, to be written later: its rows are linked to files that are written meanwhile."""
    return signing_page(book, "部门汇总", len(tally.listed))


def write_departments(page: Page, tally: Tally, links: Links) -> Placed:
    """Write the sheet; every total is a formula over its column."""
    listed = tally.listed
    notes = ["应评为所列全部项目，已评为其中有自评得分的，金额为全年预算数", "预算完成率的合计只计填了全年预算数的部门"]
    notes += ["得分合计为平均数", "重复报送的只列为准的一份，不是自评表的文件不列", "右侧不打印的各列供核对"]
    aside = f"不打印。{ORIGIN_WORDS}（行：《预算》的本年支出合计）；参考得分由项目得分计算，不代替自评得分"
    aside += "；增减为本年减上年。" if tally.before else "。"
    placed = write_records(
        page, "部门绩效自评汇总表", _columns(tally, links), listed,
        note="；".join(notes) + "。", unit=f"{tally.scope}　　单位：万元、分", total="合计", empty="没有收到文件",
        autofilter=True, more=MORE, paper=Paper(_LAST, ROOM, aside),
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
    totals = tally.counted.budget[tally.counted.budget["key"] == "expenditure_total"]
    at = dict(zip(totals["workbook"], totals["row"], strict=True))

    def amount(header: str, line: str, column: str = "final") -> Column:
        return Column(header, "money", Total.SUM, of=lambda each: tally.amount(each.workbook, line, column))

    projects = {book: each.projects for book, each in tally.evaluated.items()}

    def evaluated(header: str, look: str, of: Callable[[Evaluated], float]) -> Column:
        return Column(header, look, Total.SUM, of=lambda each: of(tally.evaluated.get(each.workbook, _NO_PROJECTS)))

    def staff(header: str, of: Callable[[Staff], float]) -> Column:
        return Column(header, "count", Total.SUM, of=lambda each: of(tally.staff.get(each.workbook, _NOBODY)))

    return [
        NUMBER, *level_column(tally, _workbook),
        Column("部门", most=34, least=13, of=lambda each: linked(each.name, links.results.get(each.workbook, ""))),
        staff("单位数", lambda each: each.units or NAN), staff("编制人数", attrgetter("posts")),
        staff("在职人数", attrgetter("staff")),
        amount(PLANNED, "expenditure_total", "revised"), amount(SPENT, "expenditure_total"),
        Column(
            "预算完成率", "rate", Total.RATIO, over=(SPENT, PLANNED), of=lambda each: tally.completion(each.workbook)
        ),
        amount("三公经费", "three_public"),
        evaluated("应评项目", "count", attrgetter("projects")), evaluated("已评项目", "count", attrgetter("scored")),
        evaluated("应评金额", "money", attrgetter("budget")),
        evaluated("已评金额", "money", attrgetter("scored_budget")),
        Column(
            "项目等级及占比", most=24, least=14,
            of=lambda each: grade_shares(tally, tally.evaluated.get(each.workbook, _NO_PROJECTS).grades),
        ),
        Column("整体自评得分", "score", Total.MEAN, of=lambda each: tally.score(each.workbook).declared),
        Column("应评等级", "centre", of=lambda each: tally.score(each.workbook).due),
        Column(_LAST, "centre", least=9, most=9, of=lambda each: each.status.word),
        Column("部门编码", "centre", optional=True, of=attrgetter("code")),
        Column("年度", "year", optional=True, of=lambda each: each.year if tally.several_years else NAN),
        *_own_columns(tally),
        amount("本年收入合计", "income_total"), amount("其中：项目支出", "project"),
        Column(
            "项目数", "count", Total.SUM,
            of=lambda each: NAN if each.status is Status.REFUSED
            else projects.get(each.workbook, 0),
        ),
        Column("自报等级", "centre", of=lambda each: tally.score(each.workbook).grade),
        Column("参考得分", "score", of=lambda each: tally.score(each.workbook).reference),
        Column("错误", "count", Total.SUM, of=attrgetter("errors")),
        Column("提醒", "count", Total.SUM, of=attrgetter("warnings")),
        Column("提示", "count", Total.SUM, of=attrgetter("infos")),
        Column("状态", "centre", least=10, of=lambda each: Cell(each.status.word, each.status.mark)),
        *(_changes(tally) if tally.before else []),
        *origin_columns(tally, "budget", _workbook, lambda each: at.get(each.workbook, NAN)),
    ]  # fmt: skip


def grade_shares(tally: Tally, grades: Counter[str]) -> str:
    """How many earn each grade, and their share of those that have one."""
    ordered = sorted(tally.policy.scheme.bands, key=lambda band: -band.start)
    counts = {band.grade: grades[band.grade] for band in ordered if grades[band.grade]}
    return "\n".join(f"{grade}{count} ({count / sum(counts.values()):.0%})" for grade, count in counts.items())


def _changes(tally: Tally) -> list[Column]:
    """What the departments submitted last year, and how this year differs."""
    order = {band.grade: band.start for band in tally.policy.scheme.bands}

    def then(each: Department) -> Before:
        return tally.before.get(each.workbook, _NOTHING)

    def spent(each: Department, column: str = "final") -> float:
        return tally.amount(each.workbook, "expenditure_total", column)

    def grade_change(each: Department) -> Cell:
        earlier, due = then(each).grade, tally.score(each.workbook).due
        if not earlier or not due:
            return Cell("")
        now, before = order[due], order.get(earlier)
        mark = "" if now == before else "accepted" if now > (before or 0) else "explain"
        return Cell(f"{earlier}→{due}", mark)

    return [
        Column("预算增减", "money", of=lambda each: spent(each, "revised") - then(each).revised),
        Column(LAST_SPENT, "money", Total.SUM, of=lambda each: then(each).final),
        Column("支出增减", "money", of=lambda each: spent(each) - then(each).final),
        Column(
            "完成率增减", "rate",
            of=lambda each: tally.completion(each.workbook) - rate(then(each).final, then(each).revised),
        ),
        Column("得分增减", "score", of=lambda each: round(tally.score(each.workbook).declared - then(each).score, 6)),
        Column("等级变化", "centre", least=14, of=grade_change),
    ]  # fmt: skip
