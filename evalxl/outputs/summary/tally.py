"""A district's results counted and added up once, for all sheets of its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, NamedTuple

import pandas as pd

from evalxl import layout
from evalxl.district.attendance import Attendance
from evalxl.district.findings import Finding, Severity, Status
from evalxl.district.sample import Drawn, Sample
from evalxl.district.tables import District, of_tables
from evalxl.facts.attendance import answers, attendance, strays
from evalxl.facts.grade import Grades
from evalxl.facts.last_year import last_year_of
from evalxl.facts.rechecks import rechecked_projects
from evalxl.facts.sampling import draw, identities, kept, risks
from evalxl.facts.submissions import superseded
from evalxl.outputs.records import statuses
from evalxl.policy.policy import Policy
from evalxl.store import schema
from evalxl.store.parts import Parts
from evalxl.values.quantities import NAN, given

# The budget lines that the summary lists by department.
KEY_LINES = ("income_total", "expenditure_total", "project", "three_public")


@dataclass(frozen=True)
class Department:
    """One file received, as the summary lists it."""

    workbook: str
    name: str  # the roster's, where the roster knows the department
    code: str
    year: float
    sha256: str
    level: str
    status: Status
    errors: int
    warnings: int
    infos: int
    counted: bool


class Staff(NamedTuple):
    """A department's accounting units, their posts and their people; NaN where none of them says."""

    units: int
    posts: float
    staff: float


class Evaluated(NamedTuple):
    """A department's projects, those that have a score, and the budgets of both in fen."""

    projects: float
    scored: float
    budget: float  # NaN where none is stated
    scored_budget: float
    grades: Counter[str]


class Score(NamedTuple):
    """A department's score and grade as declared, the grade that the score earns, and the reference score."""

    declared: float = NAN
    grade: str = ""
    due: str = ""
    reference: float = NAN


class Before(NamedTuple):
    """What a department submitted last year; amounts in fen, NaN and '' where it did not say."""

    revised: float
    final: float
    score: float
    grade: str


@dataclass(frozen=True)
class Tally:
    """A district's results with what several sheets of the summary need, each derived once.

    ``levels`` names the 区县 of every workbook of a merged run, ``came`` who reported where the roster is not at hand,
    ``parts`` has the tables that are too large for the memory; without it they are in the district. ``earlier`` is
    what was drawn for rechecking earlier in the year.
    """

    d: District
    findings: list[Finding]
    grades: Grades
    policy: Policy
    levels: Mapping[str, str] = field(default_factory=dict)
    came: Attendance | None = None
    parts: Parts | None = None
    earlier: Sample | None = None

    @cached_property
    def departments(self) -> list[Department]:
        """Every file received, readable or not: by 区县, in the roster's order, and without it by code and name."""
        judged = statuses(self.d, self.findings)
        books = self.d.workbooks
        listed = dict(self.attendance.renamed) if self.attendance else {}
        rows = []
        for workbook, name, code, year, sha256 in _rows(books, "workbook", "department", "code", "year", "sha256"):
            state, counts = judged[workbook]
            found = (counts[Severity.ERROR], counts[Severity.WARNING], counts[Severity.INFO])
            about = (workbook, listed.get(workbook, name), code, year, sha256, self.levels.get(workbook, ""), state)
            rows.append(Department(*about, *found, workbook not in self.left_out))
        places = {workbook: at for at, workbook in enumerate(self.attendance.known if self.attendance else ())}

        def order(each: Department) -> tuple[object, ...]:
            by_code = (each.status is Status.REFUSED, not each.code, each.code, each.name, each.workbook)
            return each.level, places.get(each.workbook, len(places)), *by_code

        return sorted(rows, key=order)

    @cached_property
    def listed(self) -> list[Department]:
        """The departments that 部门汇总 lists: none twice, and no file that is no department's report."""
        unlisted = self.superseded.keys() | self.strays | self.answers
        return [each for each in self.departments if each.workbook not in unlisted]

    @cached_property
    def strays(self) -> set[str]:
        """The files that are no department's report: all the same they were received, and could not be read."""
        return strays(self.d, self.attendance, self.levels) - self.answers

    @cached_property
    def answers(self) -> set[str]:
        """The lists of findings that came back, whose explanations have been read: no file that anybody waits for."""
        return answers(self.d)

    @property
    def received(self) -> int:
        """How many files have come, readable or not."""
        return len(self.departments) - len(self.answers)

    @cached_property
    def names(self) -> dict[str, str]:
        """The department of every file received, by its path."""
        return {each.workbook: each.name for each in self.departments}

    @cached_property
    def by_workbook(self) -> dict[str, Department]:
        """Every file received, by its path."""
        return {each.workbook: each for each in self.departments}

    def sheet_title(self, workbook: str, sheet: str) -> str:
        """What the sender calls a sheet; '' where there is none."""
        place = self.d.place(workbook, sheet)
        return place.title if place else ""

    def source(self, workbook: str) -> str:
        """The hash of a workbook, in short."""
        return self.by_workbook[workbook].sha256[:12]

    @cached_property
    def superseded(self) -> dict[str, str]:
        """The workbooks that do not count, each with the one that does; in a merged run judged within each district."""
        if not self.levels:
            return superseded(self.d)
        found: dict[str, str] = {}
        parts = (dict(iter(_by_level(table, self.levels))) for table in (self.d.workbooks, self.d.general))
        books, general = parts
        for level in general:
            found |= superseded(District(workbooks=books[level], general=general[level]))
        return found

    @cached_property
    def left_out(self) -> dict[str, str]:
        """The workbooks whose figures the summary does not contain, each with the reason."""
        books = self.d.workbooks
        out = dict.fromkeys(books["workbook"][~books["readable"]], "文件未读取")
        return out | {book: f"重复报送，以 {counted} 为准" for book, counted in self.superseded.items()}

    @cached_property
    def counted(self) -> District:
        """The tables of the workbooks that count: all sums of the summary are sums of these.

        Projects stand in the order of the departments.
        """
        out = self.left_out
        tables = {
            name: table[~table["workbook"].isin(out)].reset_index(drop=True) if out else table
            for name, table in self.d.tables.items()
        }
        places = {each.workbook: at for at, each in enumerate(self.departments)}
        by_department = tables["projects"]["workbook"].map(places)
        if not by_department.is_monotonic_increasing:  # else a copy would only take room
            order = by_department.argsort(kind="stable")
            tables["projects"] = tables["projects"].iloc[order].reset_index(drop=True)
        return replace(of_tables(tables, self.d.places), bureau=self.d.bureau)

    def rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The workbook and some columns of a table that may be on disk, as far as it counts; a blank is NaN or None."""
        if self.parts and self.parts.parts:
            rows: Iterable[tuple[Any, ...]] = self.parts.rows(schema.LONG[table], *columns)
        else:
            rows = _rows(self.d.table(table), "workbook", *columns)
        return (row for row in rows if row[0] not in self.left_out)

    @cached_property
    def standing(self) -> list[Finding]:
        """The findings that the bureau has not waived."""
        return [each for each in self.findings if not each.waiver]

    @cached_property
    def statuses(self) -> Counter[Status]:
        """How many workbooks have each status, those that do not count left out; files that cannot be read are in."""
        apart = self.superseded.keys() | self.answers
        return Counter(each.status for each in self.departments if each.workbook not in apart)

    @cached_property
    def attendance(self) -> Attendance | None:
        """Who of the roster has reported; None without a roster."""
        return self.came or attendance(self.d)

    @cached_property
    def _amounts(self) -> dict[tuple[str, str], tuple[float, ...]]:
        return _amounts(self.counted.budget)

    def amount(self, workbook: str, line: str, column: str = "final") -> float:
        """An amount of one of KEY_LINES in a counted workbook, in fen; NaN where it is not given."""
        found = self._amounts.get((workbook, line))
        return found[layout.AMOUNT_COLUMNS.index(column)] if found else NAN

    def completion(self, workbook: str) -> float:
        """A counted workbook's rate of completion of the budget; NaN where it cannot be computed."""
        final, revised = (self.amount(workbook, "expenditure_total", column) for column in ("final", "revised"))
        return rate(final, revised)

    @cached_property
    def scores(self) -> dict[str, Score]:
        """What each counted workbook scores."""
        columns = ("workbook", "declared_score", "declared_grade", "grade", "reference_score")
        found = dict.fromkeys((each.workbook for each in self.departments if each.counted), Score())
        rows = _rows(self.counted_grades, *columns)  # earlier versions graded nothing without a 基本信息
        return found | {book: Score(*each) for book, *each in rows}

    def score(self, workbook: str) -> Score:
        """What a file received scores: nothing where it does not count."""
        return self.scores.get(workbook, Score())

    @cached_property
    def counted_grades(self) -> pd.DataFrame:
        """The departments' grades of the workbooks that count."""
        table = self.grades.departments
        return table[~table["workbook"].isin(self.left_out)] if self.left_out else table

    @cached_property
    def due(self) -> list[str]:
        """The grade each counted project's score earns, in the order of the projects."""
        grade = cache(self.policy.grade)
        return [grade(score) if given(score) else "" for score in self.counted.projects["score"].tolist()]

    @cached_property
    def staff(self) -> dict[str, Staff]:
        """The units of each counted workbook that lists any."""
        units = self.counted.units[self.counted.units["key"] != ""].groupby("workbook")
        sums = units[["posts", "staff"]].sum(min_count=1)
        rows = zip(sums.index, units.size(), sums["posts"], sums["staff"], strict=True)
        return {str(book): Staff(int(count), posts, staff) for book, count, posts, staff in rows}

    @cached_property
    def evaluated(self) -> dict[str, Evaluated]:
        """The projects of each counted workbook that lists any: all of them are to be evaluated."""
        found: dict[str, Evaluated] = {}
        table = self.counted.projects
        for (book, score, revised), grade in zip(_rows(table, "workbook", "score", "revised"), self.due, strict=True):
            known = found.get(book) or Evaluated(0, 0, NAN, NAN, Counter())
            scored = given(score)
            if grade:
                known.grades[grade] += 1
            found[book] = Evaluated(
                known.projects + 1, known.scored + scored, _plus(known.budget, revised),
                _plus(known.scored_budget, revised if scored else NAN), known.grades,
            )  # fmt: skip
        return found

    @cached_property
    def rechecked(self) -> dict[tuple[str, float], float]:
        """The bureau's score of each project that it has rechecked, by workbook and row."""
        pairs = rechecked_projects(self.counted) if len(self.d.bureau.rechecks) else []
        return {(row["workbook"], row["row"]): checked["score"] for row, checked in pairs}

    @cached_property
    def _drawn(self) -> tuple[pd.DataFrame, list[Drawn]]:
        d, sampling = self.counted, self.policy.sampling
        drawn = draw(d, self.policy, risks(d, self.standing) if sampling.weighted else None)
        return kept(d, drawn, self.earlier, self.levels)

    @property
    def sampled(self) -> pd.DataFrame:
        """The projects that the bureau is to recheck, as rows of the counted projects."""
        return self._drawn[0]

    @property
    def unsampled(self) -> list[Drawn]:
        """The projects that were drawn and that nobody reports any longer."""
        return self._drawn[1]

    @cached_property
    def awaited(self) -> int:
        """How many of the projects drawn have no recheck yet, once the first have come back; 0 before."""
        if self.d.bureau.rechecks.empty:
            return 0
        return sum(place not in self.rechecked for place in _rows(self.sampled, "workbook", "row"))

    @cached_property
    def sample(self) -> Sample:
        """What the run's record keeps of the draw; what is reported no longer may come back."""
        drawn = (*identities(self.counted, self.levels, self.sampled.index), *self.unsampled)
        return Sample(drawn, self.earlier.reason if self.earlier else "")

    @cached_property
    def before(self) -> dict[str, Before]:
        """What the department of each workbook submitted last year; empty without last year's run."""
        last = self.d.bureau.last_year
        if last is None:
            return {}
        amounts = _amounts(last.budget)
        grades = {book: (score, grade) for book, score, grade in _rows(last.general, "workbook", "score", "grade")}
        found = {}
        for workbook, then in last_year_of(self.d).items():
            _, revised, final = amounts.get((then, "expenditure_total"), (NAN, NAN, NAN))
            score, grade = grades[then]
            found[workbook] = Before(revised, final, score, self.policy.grade(score) or grade)
        return found

    @cached_property
    def several_years(self) -> bool:
        """Whether the workbooks state more than one year."""
        books = self.d.workbooks
        return books["year"][books["readable"]].nunique(dropna=False) > 1

    @cached_property
    def title(self) -> str:
        """The title of the whole."""
        return f"{self.scope}{layout.TITLE}汇总"

    @cached_property
    def scope(self) -> str:
        """The year that the batch is about, after the region as far as all workbooks agree on it."""
        read = self.d.workbooks[self.d.workbooks["readable"]]
        regions = {region for region in read["region"] if region}
        region = regions.pop() if len(regions) == 1 else _common(regions)
        year = f"{self.d.year}年度" if self.d.year else ""
        return f"{region}{year}"


def rate(above: float | None, below: float | None) -> float:
    """A rate of completion; NaN where there is nothing to divide, or to divide by."""
    return above / below if above is not None and below is not None and below > 0 else NAN


def _plus(known: float, amount: float) -> float:
    """A sum in which a blank adds nothing, and of blanks alone is a blank."""
    return (known + amount if given(known) else amount) if given(amount) else known


def _rows(table: pd.DataFrame, *names: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(table[name].tolist() for name in names), strict=True)


def _amounts(budget: pd.DataFrame) -> dict[tuple[str, str], tuple[float, ...]]:
    """The amounts of KEY_LINES (initial, revised, final), by workbook and line."""
    table = budget[budget["key"].isin(KEY_LINES)]
    return {(book, key): tuple(rest) for book, key, *rest in _rows(table, "workbook", "key", *layout.AMOUNT_COLUMNS)}


def _by_level(table: pd.DataFrame, levels: Mapping[str, str]) -> Iterable[tuple[Any, pd.DataFrame]]:
    own = pd.Series([levels.get(workbook, "") for workbook in table["workbook"]], table.index, dtype=object)
    return table.groupby(own, sort=True)


def _common(regions: set[str]) -> str:
    """What several regions' names begin with, as far as it is a region itself: 石家庄市 of two of its districts."""
    ordered = sorted(regions)
    if not ordered:
        return ""
    first, last = ordered[0], ordered[-1]
    same = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    end = max(first.rfind(word, 0, same) for word in ("省", "市", "州", "盟", "区"))
    return first[: end + 1]
