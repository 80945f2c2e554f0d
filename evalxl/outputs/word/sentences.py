"""Sentences about figures: what is nil is said to be nil, what is missing is left blank, and nothing is made up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalxl.layout import AMOUNTS, BUDGET
from evalxl.outputs.word.figures import Figures
from evalxl.policy.policy import Policy
from evalxl.template.instructions import band_words
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_grouped


def income(figures: Figures, policy: Policy, year: str) -> str:
    """What came in: the year's income by source, what was carried in, and the grand total."""
    balance = policy.balance
    sentences = [f"{year}年，本部门{_composed(figures, policy, balance.income[0])}。"]
    sentences += _carried(figures, balance.income[1:], balance.income_grand)
    return "".join(sentences)


def expenditure(figures: Figures, policy: Policy, year: str) -> str:
    """What was spent: the year's expenditure by kind, what was carried out, and the grand total."""
    balance = policy.balance
    sentences = [f"{year}年，本部门{_composed(figures, policy, balance.expenditure[0])}。"]
    sentences += _carried(figures, balance.expenditure[1:], balance.expenditure_grand)
    return "".join(sentences)


def execution(figures: Figures, policy: Policy) -> str:
    """How far the expenditure budget was executed; '' where the workbook states no budget."""
    line = policy.balance.expenditure[0]
    initial, revised, final = (figures.amount(line, column) for column in AMOUNTS)
    if not given(revised):
        return ""
    first = f"本年支出年初预算数{_money(initial)}，" if given(initial) else ""
    sentence = f"{first or '本年支出'}全年预算数{_money(revised)}"
    if not given(final):
        return f"{sentence}。"
    rate = f"预算执行率{_percent(final / revised)}" if revised > 0 else "预算执行率无法计算"
    return f"{sentence}，决算数{_money(final)}，{rate}。"


def others(figures: Figures, policy: Policy) -> str:
    """The three public expenses and procurement, where the workbook states them; '' otherwise."""
    parts = {part for identity in policy.sums for part in identity.parts}
    apart = [identity for identity in policy.sums if identity.breakdown and identity.total not in parts]
    sentences = []
    for identity in apart:
        lines = (identity.total, *identity.parts)
        if any(given(figures.amount(line)) for line in lines):
            sentences.append(f"{_composed(figures, policy, identity.total, shares=False)}。")
    procurement = figures.amount("procurement")
    if given(procurement):
        sentences.append(
            f"{_label('procurement')}{_money(procurement)}。" if procurement else f"没有{_label('procurement')}。"
        )
    return "".join(sentences)


def _composed(figures: Figures, policy: Policy, total: str, *, shares: bool = True) -> str:
    """A total and its parts: 本年收入合计859.16万元，其中：财政拨款收入859.16万元，占100%；没有事业收入。"""
    whole = figures.amount(total)
    clauses, nil = [], []
    for part in _parts(policy, total):
        amount = figures.amount(part)
        if not figures.has_line(part):
            continue
        if amount == 0:
            nil.append(_label(part))
            continue
        share = f"，占{_percent(amount / whole)}" if shares and given(amount) and whole > 0 else ""
        clauses.append(f"{_stated(figures, part)}{_breakdown(figures, policy, part)}{share}")
    if nil:
        clauses.append(_none(nil))
    listed = (
        f"，其中：{'；'.join(clauses)}"
        if clauses and len(clauses) > bool(nil)
        else "".join(f"，{each}" for each in clauses)
    )
    return f"{_stated(figures, total)}{listed}"


def _parts(policy: Policy, total: str) -> Sequence[str]:
    return next((identity.parts for identity in policy.sums if identity.total == total), ())


def _breakdown(figures: Figures, policy: Policy, line: str) -> str:
    """The parts of a part in brackets, where any is stated."""
    parts = [part for part in _parts(policy, line) if figures.has_line(part)]
    if not any(given(figures.amount(part)) for part in parts):
        return ""
    return f"（{'，'.join(_stated(figures, part) for part in parts)}）"


def _carried(figures: Figures, lines: Iterable[str], grand: str) -> list[str]:
    """What is carried in or out, and the grand total that includes it; nothing where the budget has no such lines."""
    there = [line for line in lines if figures.has_line(line)]
    if not there and not figures.has_line(grand):
        return []
    clauses = [_stated(figures, line) for line in there if figures.amount(line) != 0]
    nil = [_label(line) for line in there if figures.amount(line) == 0]
    if nil:
        clauses.append(_none(nil))
    if figures.has_line(grand):
        clauses.append(_stated(figures, grand))
    return [f"{'，'.join(clauses)}。"]


def _stated(figures: Figures, line: str) -> str:
    amount = figures.amount(line)
    if not given(amount):
        return f"{_label(line)}{figures.missing(f'{BUDGET.title} {_label(line)} 决算数')}万元"
    return f"{_label(line)}{_money(amount)}"


def _label(line: str) -> str:
    return BUDGET.line_by_key[line].name


def _none(labels: list[str]) -> str:
    return f"没有{'、'.join(labels)}"


def _money(fen: float) -> str:
    return f"{show_grouped(fen)}万元"


def _percent(fraction: float) -> str:
    """A share without idle zeros: 100%, 96.5%, 93.25%."""
    number, _, rest = show(Kind.RATE, fraction).removesuffix("%").partition(".")
    rest = rest.rstrip("0")
    return f"{number}.{rest}%" if rest else f"{number}%"


def bands(policy: Policy) -> str:
    """The grade bands in force, in words."""
    words = band_words(policy)
    each = "；".join(f"{scores}为{grade}" for grade, scores in words)
    return f"评价结果按百分制计分，分为{'、'.join(grade for grade, _ in words)}{len(words)}个等级：{each}。"


def grade_counts(figures: Figures, policy: Policy) -> str:
    """How many projects were evaluated, and with what grades; grades as declared."""
    grades = [str(row["grade"]) for row in figures.records("projects")]
    order = [*policy.labels("grade"), *sorted(set(grades) - set(policy.labels("grade")) - {""})]
    counted = [f"{grade}{grades.count(grade)}个" for grade in order if grade in grades]
    if "" in grades:
        counted.append(f"未填等级{grades.count('')}个")
    spread = f"等级均为{grades[0]}" if set(grades) == {grades[0]} and grades[0] else f"其中{'、'.join(counted)}"
    return f"本部门对{len(grades)}个项目开展了绩效自评，{spread}，各项目的得分和等级见下表。"


def project_money(figures: Figures) -> str:
    """The projects' budget and execution in all, where every project states both; '' otherwise."""
    rows = figures.records("projects")
    revised, executed = (sum(float(row[key]) for row in rows) for key in ("revised", "executed"))
    if not rows or not given(revised) or not given(executed) or revised <= 0:
        return ""
    return f"项目全年预算数共{_money(revised)}，全年执行数共{_money(executed)}，执行率{_percent(executed / revised)}。"


def points(score: float) -> str:
    """A score without idle zeros: 100, 88.2, 94.55."""
    return show(Kind.SCORE, score).rstrip("0").rstrip(".")
