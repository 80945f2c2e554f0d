"""六、与上年比较: the departments that reported in both years, side by side."""

from __future__ import annotations

from typing import NamedTuple

from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.analysis.wording import name_of, named, share, table
from evalxl.outputs.word.blocks import Block, Column, Paragraph
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_rounded
from evalxl.values.rounding import exact_mean

_FALL = 5.0  # points that a department's score must fall by to be named


class _Pair(NamedTuple):
    """A figure of a department in both years."""

    workbook: str
    now: float
    then: float


def comparison(tally: Tally) -> list[Block]:
    """The chapter."""
    if tally.d.bureau.last_year is None:
        return [Paragraph("没有提供上年的结果，未作比较。")]
    both = [book for book in tally.before if tally.by_workbook[book].counted]
    if not both:
        return [Paragraph("没有两年都报送的部门，未作比较。")]
    spent = _pairs(tally, both, "final")
    planned = _pairs(tally, both, "revised")
    scores = _both([_Pair(book, tally.scores[book].declared, tally.before[book].score) for book in both])
    rows = [_amounts("全年支出预算（万元）", planned), _amounts("本年支出合计（万元）", spent)]
    if scores:
        now, then = (exact_mean([getattr(each, year) for each in scores]) for year in ("now", "then"))
        rows.append((f"平均得分（{len(scores)}个部门）", f"{then:.2f}", f"{now:.2f}", f"{now - then:+.2f}", "—"))
    columns = (
        Column("项目", 52, "left"), Column("上年", 28, "right"), Column("本年", 28, "right"),
        Column("增减", 26, "right"), Column("增减率", 22, "right"),
    )  # fmt: skip
    fallen = sorted((each.now - each.then, each.workbook) for each in scores if each.then - each.now >= _FALL)
    names = named([f"{name_of(tally, book)}（{show(Kind.SCORE, abs(change))}分）" for change, book in fallen])
    text = f"两年都报送的部门{len(both)}个，比较如下。"
    text += f"得分比上年低{_FALL:g}分以上的{len(fallen)}个：{names}。" if fallen else ""
    return [Paragraph(text), *table("与上年比较表", columns, rows, "汇总表《部门汇总》")]


def _pairs(tally: Tally, books: list[str], column: str) -> list[_Pair]:
    """The amounts of the departments that state one in both years."""
    return _both(
        [
            _Pair(book, tally.amount(book, "expenditure_total", column), getattr(tally.before[book], column))
            for book in books
        ]
    )


def _both(pairs: list[_Pair]) -> list[_Pair]:
    """The figures that are given in both years."""
    return [each for each in pairs if given(each.now) and given(each.then)]


def _amounts(words: str, pairs: list[_Pair]) -> tuple[str, ...]:
    now, then = sum(each.now for each in pairs), sum(each.then for each in pairs)
    sign = "+" if now > then else ""
    return words, show_rounded(then), show_rounded(now), f"{sign}{show_rounded(now - then)}", share(now - then, then)
