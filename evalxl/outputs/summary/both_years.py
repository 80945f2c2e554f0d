"""Whether this year's sums and last year's are of the same departments, and what those of both years come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from evalxl.district.tables import District
from evalxl.facts.last_year import last_year_of
from evalxl.facts.submissions import superseded
from evalxl.outputs.summary.tally import Tally
from evalxl.values.quantities import NAN, given


class Comparable(NamedTuple):
    """A budget line of the departments that state it in both years: how many, and their sums in fen."""

    departments: int
    now: float
    then: float
    same: bool  # no other department states it in either year

    @property
    def change(self) -> float:
        """By how much these departments' sum has grown."""
        return self.now - self.then


class BothYears(NamedTuple):
    """The departments of this year and of the last, those of both, and their budget lines."""

    now: int
    then: int
    both: int
    lines: Mapping[str, Comparable]

    @property
    def same(self) -> bool:
        """Whether every line is stated by the same departments in both years."""
        return self.now == self.then == self.both and all(line.same for line in self.lines.values())

    @property
    def words(self) -> str:
        """What is to be known before the two years are compared; '' where nothing is."""
        if self.same:
            return ""
        if self.now == self.then == self.both:
            told = f"注意：两年计入的都是这 {self.both} 个部门，但标黄的各行两年填列的部门不同。"
        else:
            told = (
                f"注意：两年的部门不同。本年计入 {self.now} 个部门，上年计入 {self.then} 个，两年都有的 {self.both} 个"
            )
            told += f"（只有本年的 {self.now - self.both} 个，只有上年的 {self.then - self.both} 个）。"
        return told + "标黄的增减含部门增减的影响；可比增减只计两年都填了决算数的部门。"


def both_years(tally: Tally, last: District) -> BothYears:
    """Compare the departments of the summary with those that counted last year."""
    then_books = set(last.general["workbook"]) - superseded(last).keys()
    now_books = set(tally.counted.general["workbook"])
    pairs = {now: then for now, then in last_year_of(tally.d).items() if now in now_books}
    now_lines, then_lines = _finals(tally.counted, now_books), _finals(last, then_books)
    keys = sorted(now_lines.keys() | then_lines.keys())
    lines = {key: _comparable(now_lines.get(key, {}), then_lines.get(key, {}), pairs) for key in keys}
    return BothYears(len(now_books), len(then_books), len(set(pairs.values())), lines)


def _finals(d: District, books: set[str]) -> dict[str, dict[str, float]]:
    """The final amounts that are given, by budget line and workbook."""
    found: dict[str, dict[str, float]] = {}
    for book, key, final in zip(d.budget["workbook"], d.budget["key"], d.budget["final"], strict=True):
        if book in books and given(final):
            found.setdefault(key, {})[book] = final
    return found


def _comparable(now: Mapping[str, float], then: Mapping[str, float], pairs: Mapping[str, str]) -> Comparable:
    both = [(book, pairs[book]) for book in now if pairs.get(book, "") in then]
    if not both:
        return Comparable(0, NAN, NAN, not now and not then)
    sums = sum(now[book] for book, _ in both), sum(then[book] for _, book in both)
    return Comparable(len(both), *sums, len(both) == len(now) == len(then))
