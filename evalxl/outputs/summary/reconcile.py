"""What the summary's totals must be: every figure added once more, workbook by workbook, in whole numbers.

Deliberately by other means than those that fill the sheets: plain loops over the rows as they were read, Python
integers of fen, fractions for means. Nothing here uses the tally's own sums.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Finding, Severity
from evalxl.district.tables import District
from evalxl.outputs.summary.totals import Key
from evalxl.values.quantities import given

_PROJECT_AMOUNTS = ("initial", "revised", "executed")


class Shown(NamedTuple):
    """A total as a sheet shows it: where, what, the formula that fetches it, its value and how it is to be read."""

    sheet: str
    what: str
    formula: str
    value: float
    look: str
    key: Key
    cut: bool = False  # the sheet holds no more rows: what is beyond them is not in its totals


class Added(NamedTuple):
    """A total of a sheet beside the same total added once more; NaN where there is nothing to add."""

    shown: Shown
    value: float

    @property
    def agrees(self) -> bool:
        """Whether both are the same to half a fen."""
        both_blank = not given(self.shown.value) and not given(self.value)
        return self.shown.cut or both_blank or abs(self.shown.value - self.value) < TOLERANCE


TOLERANCE = 5e-7  # half a fen in 万元; what adding decimals in a spreadsheet may lose is far less


def reconcile(
    shown: Iterable[Shown], d: District, left_out: Collection[str], listed: Collection[str], findings: list[Finding]
) -> list[Added]:
    """Each total shown, beside what the inputs give; of their figures those of ``left_out`` do not count.

    What is found counts in the files that are ``listed``, among which are some that cannot be read.
    """
    listed = set(listed)
    sums = _budget(d, left_out) | _projects(d, left_out) | _units(d, left_out) | _scores(d, left_out)
    sums["rows", "indicators"] = Fraction(sum(book not in left_out for book in d.indicators["workbook"].tolist()))
    sums["rows", "findings"] = Fraction(len(findings))
    counts = Counter(each.severity for each in findings if each.workbook in listed and not each.waiver)
    sums |= {("findings", severity.value): Fraction(counts[severity]) for severity in Severity}
    return [Added(each, _value(sums.get(each.key), each.look)) for each in shown]


def last_year_total(last: District, workbooks: Iterable[str]) -> int:
    """What some of last year's workbooks spent, in fen."""
    wanted, total = set(workbooks), 0
    for book, key, final in zip(last.budget["workbook"], last.budget["key"], last.budget["final"], strict=True):
        if key == "expenditure_total" and book in wanted and given(final):
            total += int(final)
    return total


def _budget(d: District, left_out: Collection[str]) -> dict[Key, Fraction]:
    sums: dict[Key, int] = {}
    spent: dict[str, dict[str, int]] = defaultdict(dict)
    columns = [d.budget[column].tolist() for column in layout.AMOUNT_COLUMNS]
    for book, line, *amounts in zip(d.budget["workbook"].tolist(), d.budget["key"].tolist(), *columns, strict=True):
        if book in left_out:
            continue
        for column, amount in zip(layout.AMOUNT_COLUMNS, amounts, strict=True):
            if given(amount):
                sums["budget", line, column] = sums.get(("budget", line, column), 0) + int(amount)
                if line == "expenditure_total":
                    spent[book][column] = int(amount)
    done = [each for each in spent.values() if "final" in each and each.get("revised", 0) > 0]
    whole = {key: Fraction(value) for key, value in sums.items()}
    if done:
        whole["rate", "budget"] = Fraction(sum(each["final"] for each in done), sum(each["revised"] for each in done))
    return whole


def _projects(d: District, left_out: Collection[str]) -> dict[Key, Fraction]:
    sums: dict[Key, int] = {("rows", "projects"): 0, ("scored", "projects"): 0}
    above = below = 0
    columns = [d.projects[column].tolist() for column in _PROJECT_AMOUNTS]
    scores = d.projects["score"].tolist()
    for book, score, *amounts in zip(d.projects["workbook"].tolist(), scores, *columns, strict=True):
        if book in left_out:
            continue
        sums["rows", "projects"] += 1
        sums["scored", "projects"] += int(given(score))
        for column, amount in zip(_PROJECT_AMOUNTS, amounts, strict=True):
            if given(amount):
                sums["projects", column] = sums.get(("projects", column), 0) + int(amount)
        _, revised, executed = amounts
        if given(score) and given(revised):
            sums["scored", "revised"] = sums.get(("scored", "revised"), 0) + int(revised)
        if revised > 0 and given(executed):
            above, below = above + int(executed), below + int(revised)
    whole = {key: Fraction(value) for key, value in sums.items()}
    return whole | ({("rate", "projects"): Fraction(above, below)} if below else {})


def _units(d: District, left_out: Collection[str]) -> dict[Key, Fraction]:
    sums: dict[Key, Fraction] = {("rows", "units"): Fraction(0)}
    columns = [d.units[each].tolist() for each in ("workbook", "key", "posts", "staff")]
    for book, key, *people in zip(*columns, strict=True):
        if book in left_out or not key:
            continue
        sums["rows", "units"] += 1
        for name, count in zip(("posts", "staff"), people, strict=True):
            if given(count):
                sums["units", name] = sums.get(("units", name), Fraction(0)) + Fraction(count)
    return sums


def _scores(d: District, left_out: Collection[str]) -> dict[Key, Fraction]:
    """The mean scores, rounded half-up to two decimals."""
    means: dict[Key, Fraction] = {}
    for name, table in (("general", d.general), ("projects", d.projects)):
        scores = _exact(table, left_out)
        if scores:
            mean = sum(scores, Fraction(0)) / len(scores)
            hundredths = Decimal(mean.numerator) * 100 / Decimal(mean.denominator)
            means["mean", name] = Fraction(int(hundredths.quantize(Decimal(1), ROUND_HALF_UP)), 100)
    return means


def _exact(table: pd.DataFrame, left_out: Collection[str]) -> list[Fraction]:
    pairs = zip(table["workbook"].tolist(), table["score"].tolist(), strict=True)
    return [Fraction(repr(score)) for book, score in pairs if book not in left_out and given(score)]


def _value(total: Fraction | None, look: str) -> float:
    """A sum in the unit it is shown in."""
    if total is None:
        return 0.0 if look == "count" else float("nan")
    return float(total / 1_000_000) if look == "amount" else float(total)
