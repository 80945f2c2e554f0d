"""三、预算执行情况: rates of completion, the projects that spent least of their budget, and the reasons they give."""

from __future__ import annotations

from typing import NamedTuple

from evalxl.outputs.summary.ranking import bands
from evalxl.outputs.summary.tally import Tally, rate
from evalxl.outputs.word.analysis.wording import counted, money, name_of, named, share, table
from evalxl.outputs.word.blocks import Block, Column, Paragraph
from evalxl.values.folding import clean, short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_rounded

_REASON = 60  # characters of a reason that the table repeats


class _Project(NamedTuple):
    """A project that was to explain its rate; amounts in fen."""

    workbook: str
    name: str
    budget: float
    executed: float
    cause: str

    @property
    def unspent(self) -> float:
        return self.budget - self.executed


def execution(tally: Tally) -> list[Block]:
    """The chapter."""
    return [*_departments(tally), *_projects(tally)]


def _departments(tally: Tally) -> list[Block]:
    limit = tally.policy.value("explain_rate")
    pairs = {book: _pair(tally, book) for book in counted(tally)}
    both = {book: (spent, planned) for book, (spent, planned) in pairs.items() if planned > 0 and given(spent)}
    if not both:
        return [Paragraph("各部门都没有填列全年预算数，未计算预算完成率。")]
    spent, planned = (sum(pair[at] for pair in both.values()) for at in (0, 1))
    text = f"填列全年预算数的部门{len(both)}个，全年支出预算{money(planned)}，支出{money(spent)}，"
    text += f"预算完成率{share(spent, planned)}。"
    low = sorted((rate(*pair), book) for book, pair in both.items() if rate(*pair) < limit)
    if low:
        names = named([f"{name_of(tally, book)}（{show(Kind.RATE, reached)}）" for reached, book in low])
        text += f"完成率低于{limit:.0%}的部门{len(low)}个：{names}。"
    rows = [(each.words, str(each.departments), show_rounded(each.spent)) for each in bands(tally)]
    columns = (Column("预算完成率", 56), Column("部门数", 40), Column("本年支出合计（万元）", 60, "right"))
    return [Paragraph(text), *table("预算完成率分布表", columns, rows, "汇总表《总览》")]


def _pair(tally: Tally, workbook: str) -> tuple[float, float]:
    return tally.amount(workbook, "expenditure_total"), tally.amount(workbook, "expenditure_total", "revised")


def slow_projects(tally: Tally) -> list[_Project]:
    """The projects whose rate is to be explained, those that left most unspent first."""
    table_, limit = tally.counted.projects, tally.policy.value("explain_rate")
    rows = zip(*(table_[each] for each in ("workbook", "name", "revised", "executed", "cause")), strict=True)
    found = [_Project(*row) for row in rows if row[2] > 0 and given(row[3]) and row[3] / row[2] < limit]
    return sorted(found, key=lambda each: (-each.unspent, each.workbook, each.name))


def _projects(tally: Tally) -> list[Block]:
    slow, limit = slow_projects(tally), tally.policy.value("explain_rate")
    if not slow:
        return [Paragraph(f"填列预算数和执行数的项目，执行率都不低于{limit:.0%}。")]
    silent = sum(not each.cause.strip() for each in slow)
    text = f"执行率低于{limit:.0%}的项目{len(slow)}个，未执行{money(sum(each.unspent for each in slow))}"
    text += f"；其中{silent}个没有填写偏差原因。" if silent else "，都填写了偏差原因。"
    rows = [
        (
            name_of(tally, each.workbook), clean(each.name), show_rounded(each.budget), show_rounded(each.executed),
            share(each.executed, each.budget), short(clean(each.cause), _REASON) or "没有填写",
        )
        for each in slow
    ]  # fmt: skip
    columns = (
        Column("部门", 28, "left"), Column("项目", 32, "left"), Column("预算数", 20, "right"),
        Column("执行数", 20, "right"), Column("执行率", 20), Column("偏差原因", 40, "left"),
    )  # fmt: skip
    return [Paragraph(text), *table("执行率偏低的项目（万元）", columns, rows, "汇总表《项目汇总》")]
