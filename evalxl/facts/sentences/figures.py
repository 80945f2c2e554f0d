"""What a text states: one figure each, of what, for which year and column, with the words."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from evalxl.facts.passages import Amount

TOTALS = ("expenditure_total", "expenditure_grand", "income_total", "income_grand")


class About(StrEnum):
    """What a statement gives."""

    AMOUNT = "amount"
    RATE = "rate"
    SHARE = "share"
    SCORE = "score"
    GRADE = "grade"
    POSTS = "posts"
    STAFF = "staff"


class Statement(NamedTuple):
    """One figure as a text states it; money in fen, rates and shares in per cent, people by number."""

    about: About
    words: str
    year: int  # 0 where neither the text nor the report has one
    number: Amount = Amount(0.0, 0.0, "")
    grade: str = ""
    item: str = ""  # the budget line as it is called
    lines: tuple[str, ...] = ()  # budget lines, any of which may be meant, the likely one first
    stages: tuple[str, ...] = ()  # columns of the budget, any of which may be meant
    project: int | None = None  # by its place among the names
    unit: int | None = None
    part: tuple[str, ...] = ()  # of a share: the lines it is of; lines are then its base
    of: Amount | None = None  # of a share: the amount it is of
    base: Amount | None = None  # of a share: its base, where the sentence states it
    ours: bool = True  # of the year of the report
    sure: bool = True  # nobody else has been spoken of before it
    at_most: bool = False  # of people: perhaps some of them only (行政编制)
    alone: bool = False  # of people: of the department without the units below it (机关)
    either: bool = False  # of people: 合计29人, after both posts and staff
    arranged: Amount | None = None  # the funds said to be a project's, before its execution or its rate
    bare: bool = False  # a project's amount that is called neither budget nor execution
