"""The budget's identities: a total and its parts, and the balance of income and expenditure, as policy data.

An identity is judged on what is stated. When it fails only because one of its numbers is a total that has itself
failed, and holds with that total recomputed from its parts, the failure is an echo: it is not evaluated, so that one
mistake gives one finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from evalxl import layout
from evalxl.district.findings import Figure, Verdict
from evalxl.district.tables import District, once_per_district
from evalxl.policy.parts import Sum
from evalxl.policy.policy import Policy
from evalxl.values.quantities import given, last_digit

BOTH_SIDES = "收入总计"  # the words for income with what is carried in, against which expenditure is held

Unread = set[tuple[str, str, float]]  # workbook, column, row of the numbers that could not be read

_ROUND = 100  # a figure of whole hundreds of its last digit says nothing of how finely it was rounded


class Lines(NamedTuple):
    """One workbook's budget in one amount column: what is stated, line by line, in fen."""

    workbook: str
    column: str
    ulp: float
    stated: dict[str, float]  # lines that have a number
    rows: dict[str, float]  # lines the sheet has

    def operand(self, key: str) -> Figure:
        """A line as the findings list it; a blank counts as 0 there."""
        label = layout.BUDGET.line_by_key[key].name
        return Figure("budget", self.column, self.rows.get(key, float("nan")), label, self.amount(key))

    def amount(self, key: str) -> float:
        """The number of a line, a blank as 0."""
        return self.stated.get(key, 0.0)

    def add(self, keys: tuple[str, ...]) -> float:
        """The sum of some lines, blanks as 0."""
        return sum([self.amount(key) for key in keys])


@once_per_district
def budgets(d: District) -> list[Lines]:
    """Every workbook's budget, column by column."""
    ulps = dict(zip(d.workbooks["workbook"], d.workbooks["ulp"], strict=True))
    found = []
    for workbook, lines in d.by_workbook("budget").items():
        rows = {line["key"]: line["row"] for line in lines}
        for column in layout.AMOUNT_COLUMNS:
            stated = {line["key"]: line[column] for line in lines if given(line[column])}
            found.append(Lines(workbook, column, ulps[workbook], stated, rows))
    return found


def tolerance(amounts: list[float], ulp: float) -> float:
    """The rounding tail to allow, in fen: half a unit of the last digit for each figure, the total included.

    With figures of two decimals in 万元 this is 0.005 × (addends + 1); figures written more finely allow less.
    A nil or a round figure is taken to be as fine as the finest of the others.
    """
    written = [last_digit(amount, ulp) for amount in amounts if amount % (ulp * _ROUND)]
    finest = min(written, default=ulp)
    return (sum(written) + finest * (len(amounts) - len(written))) / 2


class Judgement(NamedTuple):
    """An identity held against one budget column."""

    verdict: Verdict
    total: float = 0.0
    expected: float = 0.0
    tolerance: float = 0.0

    @property
    def difference(self) -> float:
        """The total less what its parts add up to, in fen."""
        return self.total - self.expected

    @property
    def failed(self) -> bool:
        """Whether the difference is more than a rounding tail."""
        return self.verdict is Verdict.EVALUATED and abs(self.difference) > self.tolerance


NOT_APPLICABLE = Judgement(Verdict.NOT_APPLICABLE)
NOT_EVALUATED = Judgement(Verdict.NOT_EVALUATED)


def judge_sum(lines: Lines, identity: Sum, unread: Unread) -> Judgement:
    """A total against its parts; parts left blank count as 0."""
    present = tuple(part for part in identity.parts if part in lines.rows)
    given = [part for part in present if part in lines.stated]
    if any_unread(lines, (identity.total, *present), unread):
        return NOT_EVALUATED
    if identity.total not in lines.stated or not given:
        return NOT_APPLICABLE
    total = lines.stated[identity.total]
    amounts = [total, *(lines.amount(part) for part in identity.parts)]
    return Judgement(Verdict.EVALUATED, total, lines.add(identity.parts), tolerance(amounts, lines.ulp))


def _echo_or(
    judgement: Judgement, terms: list[tuple[str, int]], lines: Lines, policy: Policy, unread: Unread
) -> Judgement:
    """The judgement, unless it fails only because a total among its terms has itself failed.

    ``terms`` gives each such total with +1 where it counts towards ``expected``, -1 where it counts towards ``total``.
    A breakdown (其中项) explains nothing: its failure is only a warning, which must not hide an error.
    """
    if not judgement.failed:
        return judgement
    corrections = [0.0]
    for key, sign in terms:
        sums = [each for each in policy.sums if each.total == key and not each.breakdown]
        own = [judge_sum(lines, each, unread) for each in sums]
        changes = [0.0, *(-sign * each.difference for each in own if each.failed)]
        corrections = [sum(pair) for pair in product(corrections, changes)]
    explained = any(abs(judgement.difference - change) <= judgement.tolerance for change in corrections[1:])
    return NOT_EVALUATED if explained else judgement


def judge_balance(lines: Lines, policy: Policy, unread: Unread) -> Judgement:
    """Income with what is carried in against expenditure with what is carried out (``total`` is the expenditure).

    Where no carry-over is given at all, the grand totals are held against each other if they state more than this
    year's totals; otherwise nothing is proved. Rule B04 asks for the carry-over.
    """
    balance = policy.balance
    sides = (*balance.income, *balance.expenditure)
    # A sheet's own total leaves out a part that is no number: such a total says nothing about the balance.
    parts = [part for each in policy.sums if each.total in sides for part in each.parts]
    if any_unread(lines, (*sides, *parts), unread):
        return NOT_EVALUATED
    income_total, expenditure_total = balance.income[0], balance.expenditure[0]
    if income_total not in lines.stated or expenditure_total not in lines.stated:
        return NOT_APPLICABLE
    if carry_over_given(lines, policy):
        judgement = Judgement(
            Verdict.EVALUATED,
            lines.add(balance.expenditure),
            lines.add(balance.income),
            tolerance([lines.amount(key) for key in sides], lines.ulp),
        )
        return _echo_or(judgement, [(income_total, +1), (expenditure_total, -1)], lines, policy, unread)
    return _judge_stated_grand_totals(lines, policy)


def _judge_stated_grand_totals(lines: Lines, policy: Policy) -> Judgement:
    balance = policy.balance
    income, expenditure = lines.stated.get(balance.income_grand), lines.stated.get(balance.expenditure_grand)
    if income is None or expenditure is None:
        return NOT_APPLICABLE
    if (income, expenditure) == (lines.stated[balance.income[0]], lines.stated[balance.expenditure[0]]):
        return NOT_APPLICABLE
    return Judgement(Verdict.EVALUATED, expenditure, income, tolerance([expenditure, income], lines.ulp))


def judge_grand_total(lines: Lines, grand: str, parts: tuple[str, ...], policy: Policy, unread: Unread) -> Judgement:
    """A grand total against this year's total and what is carried over."""
    if any_unread(lines, (grand, *parts), unread):
        return NOT_EVALUATED
    if grand not in lines.stated or parts[0] not in lines.stated or not carry_over_given(lines, policy):
        return NOT_APPLICABLE
    amounts = [lines.stated[grand], *(lines.amount(part) for part in parts)]
    judgement = Judgement(Verdict.EVALUATED, amounts[0], lines.add(parts), tolerance(amounts, lines.ulp))
    return _echo_or(judgement, [(parts[0], +1)], lines, policy, unread)


def carry_over_given(lines: Lines, policy: Policy) -> bool:
    """Whether any line of what is carried over has a number; a 0 is a number."""
    balance = policy.balance
    return any(key in lines.stated for key in (*balance.income[1:], *balance.expenditure[1:]))


def any_unread(lines: Lines, keys: tuple[str, ...], unread: Unread) -> bool:
    """Whether a line's number stands there but could not be read."""
    return bool(unread) and any((lines.workbook, lines.column, lines.rows.get(key)) in unread for key in keys)


@once_per_district
def unread_amounts(d: District) -> Unread:
    """The budget's numbers that could not be read."""
    notes = d.unread[d.unread["sheet"] == "budget"]
    return set(zip(notes["workbook"], notes["field"], notes["row"], strict=True))


@once_per_district
def unfilled(d: District) -> set[str]:
    """The workbooks without any final amount: no line has a number, and no total says more than 0."""
    return set(_unfilled(d))


def _unfilled(d: District) -> Iterator[str]:
    unread = unread_amounts(d)
    computed = {line.key for line in layout.BUDGET.lines if line.computed}
    for lines in budgets(d):
        filled = lines.stated.keys() - computed or any(lines.stated.values())
        if lines.column == "final" and not filled and not any_unread(lines, tuple(lines.rows), unread):
            yield lines.workbook


def finals_given(d: District, _p: Policy) -> dict[str, Verdict]:
    """Whether the final amounts, of which a rule speaks, are filled in at all (rule B07 tells where they are not)."""
    empty = unfilled(d)
    return {
        workbook: Verdict.NOT_EVALUATED if workbook in empty else Verdict.EVALUATED
        for workbook in d.budget["workbook"].unique()
    }


class IdentityCheck(NamedTuple):
    """An identity that was held against one budget column: the rule it belongs to, its figures and their words."""

    rule: str
    lines: Lines
    at: str  # the line the finding stands at
    judgement: Judgement
    against: str  # what the total is held against, in words
    figures: tuple[tuple[str, int], ...]  # the lines that take part: +1 towards the total, -1 towards what it should be

    @property
    def place(self) -> tuple[str, str]:
        """The workbook and amount column it was held against."""
        return self.lines.workbook, self.lines.column

    @property
    def operands(self) -> list[Figure]:
        """The lines that take part, beside the one the finding stands at."""
        return [self.lines.operand(key) for key, _ in self.figures if key != self.at and key in self.lines.rows]


@once_per_district
def identity_checks(d: District, policy: Policy) -> list[IdentityCheck]:
    """Every identity of the policy held against every budget column of every workbook; computed once a district."""
    return list(_check(d, policy))


def keep_checks(
    whole: District, parts: Iterable[tuple[str, District]], policy: Policy
) -> Iterator[tuple[str, District]]:
    """The workbooks of a district as parts of it, which need not hold again what has been held in the whole."""
    found: dict[str, list[IdentityCheck]] = defaultdict(list)
    for each in identity_checks(whole, policy):
        found[each.lines.workbook].append(each)
    for workbook, part in parts:
        part.remember(identity_checks, found[workbook], policy)
        yield workbook, part


@once_per_district
def checks_by_rule(d: District, policy: Policy) -> dict[str, list[IdentityCheck]]:
    """The same by the rule that each belongs to."""
    found: dict[str, list[IdentityCheck]] = defaultdict(list)
    for each in identity_checks(d, policy):
        found[each.rule].append(each)
    return dict(found)


def _check(d: District, policy: Policy) -> Iterator[IdentityCheck]:
    unread = unread_amounts(d)
    balance = policy.balance
    for lines in budgets(d):
        for each in policy.sums:
            judgement = judge_sum(lines, each, unread)
            yield IdentityCheck(
                each.rule, lines, each.total, judgement, "各项之和", _figures((each.total,), each.parts)
            )
        rule = balance.rules[lines.column]
        for grand, parts in policy.grand_totals.items():
            judgement = judge_grand_total(lines, grand, parts, policy, unread)
            yield IdentityCheck(rule, lines, grand, judgement, "各项之和", _figures((grand,), parts))
        figures = _figures(balance.expenditure, balance.income)
        if not carry_over_given(lines, policy):
            figures = _figures((balance.expenditure_grand,), (balance.income_grand,))
        at = balance.expenditure_grand if balance.expenditure_grand in lines.rows else balance.expenditure[0]
        yield IdentityCheck(rule, lines, at, judge_balance(lines, policy, unread), BOTH_SIDES, figures)


@lru_cache(maxsize=256)
def _figures(total: tuple[str, ...], parts: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return (*((key, 1) for key in total), *((key, -1) for key in parts))
