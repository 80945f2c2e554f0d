"""二、自评结果: scores and grades, of departments and of projects, and the projects that did badly."""

from __future__ import annotations

from collections import defaultdict

from evalxl.outputs.summary.ranking import UNGRADED, grade_spread
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.analysis.wording import name_of, share, table
from evalxl.outputs.word.blocks import Block, Column, Paragraph
from evalxl.values.folding import clean
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_rounded
from evalxl.values.rounding import exact_mean


def results(tally: Tally) -> list[Block]:
    """The chapter."""
    return [Paragraph(_departments(tally)), *_spread(tally), *_low(tally)]


def _departments(tally: Tally) -> str:
    scores = {book: each.declared for book, each in tally.scores.items() if given(each.declared)}
    if not scores:
        return "各部门都没有填报整体自评得分。"
    best, worst = max(scores.values()), min(scores.values())
    text = f"填报整体自评得分的部门{len(scores)}个，平均{exact_mean(list(scores.values())):.2f}分，"
    return text + f"最高{show(Kind.SCORE, best)}分，最低{show(Kind.SCORE, worst)}分。"


def _spread(tally: Tally) -> list[Block]:
    spread = grade_spread(tally)
    departments, projects = sum(each.departments for each in spread), sum(each.projects for each in spread)
    spent: dict[str, float] = defaultdict(float)
    for grade, executed in zip(tally.due, tally.counted.projects["executed"], strict=True):
        spent[grade or UNGRADED] += executed if given(executed) else 0.0
    rows = [
        (
            each.grade, each.words, str(each.departments), share(each.departments, departments), str(each.projects),
            share(each.projects, projects), show_rounded(spent[each.grade]),
        )
        for each in spread
    ]  # fmt: skip
    columns = (
        Column("等级", 16), Column("分数段", 40), Column("部门数", 16), Column("占比", 22), Column("项目数", 16),
        Column("占比", 22), Column("执行数", 28, "right"),
    )  # fmt: skip
    return table("自评等级分布表（个、万元）", columns, rows, "汇总表《总览》")


def _low(tally: Tally) -> list[Block]:
    """The projects below the two best grades: what a reader asks about first."""
    good = [band.grade for band in sorted(tally.policy.scheme.bands, key=lambda band: -band.start)[:2]]
    projects = tally.counted.projects
    listed = zip(*(projects[each] for each in ("workbook", "name", "score", "executed")), tally.due, strict=True)
    low = sorted(
        (score, book, name, executed, due) for book, name, score, executed, due in listed if due and due not in good
    )
    if not low:
        return [Paragraph(f"有得分的项目都在“{'”“'.join(good)}”之内。")]
    rows = [
        (name_of(tally, book), clean(name), show(Kind.SCORE, score), due, show_rounded(executed))
        for score, book, name, executed, due in low
    ]
    columns = (
        Column("部门", 46, "left"), Column("项目", 52, "left"), Column("得分", 16), Column("等级", 16),
        Column("执行数（万元）", 26, "right"),
    )  # fmt: skip
    return [Paragraph(f"得分较低的项目{len(low)}个。"), *table("得分较低的项目", columns, rows, "汇总表《项目汇总》")]
