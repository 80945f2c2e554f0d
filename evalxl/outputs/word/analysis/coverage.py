"""一、基本情况与自评覆盖: who reported, how large they are, and how much of them was evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.district.findings import Status
from evalxl.facts.submissions import RULE_IN_WORDS
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.analysis.wording import counted, money, named, share, table, total
from evalxl.outputs.word.blocks import Block, Column, Paragraph
from evalxl.values.quantities import given, show_rounded
from evalxl.values.rounding import exact_mean


def coverage(tally: Tally) -> list[Block]:
    """The chapter."""
    blocks: list[Block] = [Paragraph(text) for text in (*_reported(tally), _size(tally), *_evaluated(tally))]
    blocks += _coverage_table(tally)
    return blocks + (_by_district(tally) if tally.levels else [])


def _reported(tally: Tally) -> Iterator[str]:
    received, counts, came = tally.received, tally.statuses, tally.attendance
    if came:
        reached = share(came.present, came.expected)
        reserve = f"（{came.reserve}）" if came.reserve else ""
        words = f"按名册应报{came.expected}个部门{reserve}，已报{came.present}个，报送率{reached}"
        absent = named([each.name for each in came.missing])
        yield f"{words}；未报送{len(came.missing)}个：{absent}。" if came.missing else f"{words}。"
    states = "，".join(f"{state.word}{counts[state]}个" for state in Status if counts[state])
    strays = f"（其中{len(tally.strays)}个不是自评表）" if tally.strays else ""
    yield f"共收到文件{received}个{strays}，经核对，{states or '没有可以核对的'}。"
    if tally.superseded:
        yield f"同一部门重复报送的，{RULE_IN_WORDS}，{len(tally.superseded)}个不计入汇总。"
    if counts[Status.REFUSED]:
        yield f"{counts[Status.REFUSED]}个文件未能读取，不在本报告各项数字之内。"


def _size(tally: Tally) -> str:
    staff = tally.staff.values()
    income, spent, projects = (_sum(tally, line) for line in ("income_total", "expenditure_total", "project"))
    text = f"纳入汇总的部门{len(counted(tally))}个"
    if staff:
        units, posts, people = sum(each.units for each in staff), *(_people(staff_of) for staff_of in _columns(tally))
        text += f"，独立核算单位{units}个，编制{posts}人，在职{people}人"
    text += f"；本年收入合计{money(income)}，本年支出合计{money(spent)}，其中项目支出{money(projects)}"
    return text + (f"，占支出的{share(projects, spent)}。" if spent else "。")


def _columns(tally: Tally) -> tuple[list[float], list[float]]:
    return [each.posts for each in tally.staff.values()], [each.staff for each in tally.staff.values()]


def _people(numbers: list[float]) -> str:
    return f"{sum(each for each in numbers if given(each)):.0f}"


def _evaluated(tally: Tally) -> Iterator[str]:
    if not tally.evaluated:
        yield "各部门都没有填列项目。"
        return
    projects, scored, budget, scored_budget = _projects(tally)
    yield (
        f"应自评项目{projects}个、全年预算数{money(budget)}，已自评{scored}个、{money(scored_budget)}，"
        f"按个数覆盖{share(scored, projects)}，按金额覆盖{share(scored_budget, budget)}。"
    )


def _projects(tally: Tally) -> tuple[int, int, float, float]:
    all_of = tally.evaluated.values()
    counts = int(sum(each.projects for each in all_of)), int(sum(each.scored for each in all_of))
    return *counts, total(each.budget for each in all_of), total(each.scored_budget for each in all_of)


def _coverage_table(tally: Tally) -> list[Block]:
    books = counted(tally)
    scored = [book for book in books if given(tally.scores[book].declared)]
    spent, scored_spent = (total(tally.amount(book, "expenditure_total") for book in some) for some in (books, scored))
    projects, scored_projects, budget, scored_budget = _projects(tally)
    rows = [
        _row("部门整体", _expected(tally), len(scored), spent, scored_spent),
        _row("项目", projects, scored_projects, budget, scored_budget),
    ]
    columns = (
        Column("对象", 24, "left"), Column("应评个数", 20), Column("已评个数", 20), Column("覆盖率", 22),
        Column("应评金额", 26, "right"), Column("已评金额", 26, "right"), Column("覆盖率", 22),
    )  # fmt: skip
    return table(
        "自评覆盖情况表（万元）",
        columns,
        rows,
        f"汇总表《部门汇总》，部门整体为本年支出合计，项目为全年预算数{_reserve(tally)}",
    )


def _reserve(tally: Tally) -> str:
    """What the amounts cannot contain, and what is counted as it came."""
    came = tally.attendance
    words = "；未报送部门的金额不详，不在内" if came and came.missing else ""
    return words + ("；没有给名册的区县按收到的计" if came and came.unlisted else "")


def _expected(tally: Tally) -> int:
    """The departments that are to evaluate themselves: the roster's, and whoever reported without being on it."""
    came = tally.attendance
    if came is None:
        return len(counted(tally))
    beside = {book for book in counted(tally) if not came.covers(tally.levels.get(book, ""))}
    return came.expected + len(beside | {book for book in came.extra if book not in tally.left_out})


def _row(words: str, due: int, done: int, amount: float, done_amount: float) -> tuple[str, ...]:
    amounts = show_rounded(amount), show_rounded(done_amount), share(done_amount, amount)
    return words, str(due), str(done), share(done, due), *amounts


def _by_district(tally: Tally) -> list[Block]:
    rows = []
    for level in sorted({each.level for each in tally.departments}):
        books = [each.workbook for each in tally.departments if each.counted and each.level == level]
        scores = [score for book in books if given(score := tally.scores[book].declared)]
        spent = total(tally.amount(book, "expenditure_total") for book in books)
        rows.append((level, str(len(books)), show_rounded(spent), f"{exact_mean(scores):.2f}" if scores else ""))
    columns = (
        Column("区县", 62, "left"), Column("部门数", 22), Column("本年支出合计（万元）", 44, "right"),
        Column("平均得分", 28),
    )  # fmt: skip
    return table("分区县情况表", columns, rows, "汇总表《区县汇总》")


def _sum(tally: Tally, line: str) -> float:
    return total(tally.amount(book, line) for book in counted(tally))
