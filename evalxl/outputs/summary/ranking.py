"""What the overview ranks: departments by score and by rate of completion, rules by how often they are broken."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from evalxl.district.findings import Severity
from evalxl.outputs.summary.problems_in_words import problem
from evalxl.outputs.summary.tally import Tally, rate
from evalxl.values.quantities import given
from evalxl.values.rounding import exact_mean

TOP = 12  # categories a chart can name legibly
TOP_RULES = 10
OTHERS = "其他"
_ABSENT = "D01"  # of which a finding without a workbook is a department that sent none
UNGRADED = "未评"
_EDGES = (
    (1.0, "100%及以上"),
    (0.95, "95%—100%"),
    (0.9, "90%—95%"),
    (0.8, "80%—90%"),
    (0.6, "60%—80%"),
    (-1e9, "不足60%"),
)
_NO_RATE = "没有预算数"


class Ranked(NamedTuple):
    """One line of the ranking by score."""

    place: int
    name: str
    score: float
    grade: str
    rate: float


class Band(NamedTuple):
    """The departments within a range of the rate of completion, and what they spent, in fen."""

    words: str
    departments: int
    spent: float


class Spread(NamedTuple):
    """A grade with its band in words, and the departments and projects that earn it."""

    grade: str
    words: str
    departments: int
    projects: int


class Broken(NamedTuple):
    """A rule with what is wrong, how often it is broken, by how many departments, and the gravest severity."""

    rule: str
    problem: str
    times: int
    departments: int
    severity: str


def ranked(tally: Tally) -> tuple[str, list[Ranked], str]:
    """The ranking by score with its title and what is ranked: departments, or the districts of a merged run.

    Departments of equal scores share a place, and stand by name.
    """
    entries = _districts(tally) if tally.levels else _departments(tally)
    of = "区县" if tally.levels else "部门"
    entries.sort(key=lambda each: (-each[1], each[0]))
    first: dict[float, int] = {}  # equal scores share a place
    listed = [Ranked(first.setdefault(each[1], place), *each) for place, each in enumerate(entries, 1)]
    if len(listed) <= TOP:
        return f"{of}得分", listed, of
    half = TOP // 2
    return f"{of}得分（前 {half} 名和后 {half} 名，共 {len(listed)} 个）", [*listed[:half], *listed[-half:]], of


def _departments(tally: Tally) -> list[tuple[str, float, str, float]]:
    found = []
    for workbook, score in tally.scores.items():
        if given(score.declared):
            name = tally.by_workbook[workbook].name or workbook
            found.append((name, score.declared, score.due, tally.completion(workbook)))
    return found


def _districts(tally: Tally) -> list[tuple[str, float, str, float]]:
    scores: dict[str, list[float]] = defaultdict(list)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for workbook, score in tally.scores.items():
        level = tally.levels[workbook]
        if given(score.declared):
            scores[level].append(score.declared)
        final, revised = (tally.amount(workbook, "expenditure_total", column) for column in ("final", "revised"))
        if given(final) and revised > 0:
            sums[level] = [sums[level][0] + final, sums[level][1] + revised]
    means = {level: exact_mean(each) for level, each in scores.items()}
    return [(level, mean, tally.policy.grade(mean), rate(*sums[level])) for level, mean in means.items()]


def grade_spread(tally: Tally) -> list[Spread]:
    """Each grade, best first, with the departments and projects that earn it; ungraded ones last, if any."""
    departments = Counter(grade or UNGRADED for grade in tally.counted_grades["grade"])
    projects = Counter(grade or UNGRADED for grade in tally.due)
    ordered = sorted(tally.policy.scheme.bands, key=lambda band: -band.start)
    listed = [
        Spread(band.grade, f"{band.start:g}（含）—{band.end:g} 分", departments[band.grade], projects[band.grade])
        for band in ordered
    ]
    if departments[UNGRADED] or projects[UNGRADED]:
        listed.append(Spread(UNGRADED, "没有得分", departments[UNGRADED], projects[UNGRADED]))
    return listed


def bands(tally: Tally) -> list[Band]:
    """The counted departments by their rate of completion, the highest first; those without a budget last."""
    counts: Counter[str] = Counter()
    spent: dict[str, float] = defaultdict(float)
    for workbook in tally.counted.workbooks["workbook"]:
        reached = tally.completion(workbook)
        words = next((words for edge, words in _EDGES if reached >= edge), _NO_RATE) if given(reached) else _NO_RATE
        final = tally.amount(workbook, "expenditure_total")
        counts[words] += 1
        spent[words] += final if given(final) else 0.0
    listed = [words for _, words in _EDGES] + ([_NO_RATE] if counts[_NO_RATE] else [])
    return [Band(words, counts[words], spent[words]) for words in listed]


def broken_rules(tally: Tally) -> list[Broken]:
    """The rules broken most often, errors first, hints left out; those beyond the first few as one line."""
    counts: dict[str, Counter[Severity]] = defaultdict(Counter)
    books: dict[str, set[str]] = defaultdict(set)
    for each in tally.standing:
        if each.severity is Severity.INFO:  # a hint asks for nothing, and is no problem
            continue
        counts[each.rule][each.severity] += 1
        books[each.rule] |= {each.workbook or (each.id if each.rule == _ABSENT else "")} - {""}
    order = sorted(counts, key=lambda rule: (*(-counts[rule][each] for each in Severity), rule))
    listed = [
        Broken(rule, problem(rule), counts[rule].total(), len(books[rule]), _gravest(counts[rule]))
        for rule in order[:TOP_RULES]
    ]
    rest = order[TOP_RULES:]
    if rest:
        total = sum(counts[rule].total() for rule in rest)
        departments = len(set().union(*(books[rule] for rule in rest)))
        listed.append(Broken(OTHERS, f"其余 {len(rest)} 类问题，见《问题清单》", total, departments, ""))
    return listed


def _gravest(counts: Counter[Severity]) -> str:
    return next(each.value for each in Severity if counts[each])
