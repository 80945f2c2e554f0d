"""A district's results counted and added up once, for all sheets of its summary."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property

from evalxl import layout
from evalxl.district import District
from evalxl.findings import Finding, Severity, Status
from evalxl.grade import Grades
from evalxl.policy import Policy
from evalxl.quantities import NAN
from evalxl.write.records import statuses


@dataclass(frozen=True)
class Department:
    """One file received, as the summary lists it; amounts in fen."""

    workbook: str
    name: str
    code: str
    year: float
    status: Status
    errors: int
    warnings: int
    infos: int


@dataclass(frozen=True)
class Tally:
    """A district's results with what several sheets of the summary need, each derived once."""

    d: District
    findings: list[Finding]
    grades: Grades
    policy: Policy

    @cached_property
    def departments(self) -> list[Department]:
        """Every file received, readable or not."""
        judged = statuses(self.d, self.findings)
        books = self.d.workbooks
        names = ("workbook", "department", "code", "year")
        rows = []
        for workbook, name, code, year in zip(*(books[key].tolist() for key in names), strict=True):
            state, counts = judged[workbook]
            rows.append(Department(workbook, name, code, year, state, *(counts[each] for each in Severity)))
        return rows

    @cached_property
    def names(self) -> dict[str, str]:
        """The department of every workbook."""
        return {each.workbook: each.name for each in self.departments}

    @cached_property
    def statuses(self) -> Counter[Status]:
        """How many workbooks have each status."""
        return Counter(each.status for each in self.departments)

    @cached_property
    def amounts(self) -> dict[tuple[str, str], tuple[float, ...]]:
        """The budget's amounts in fen (initial, revised, final), by workbook and line."""
        table = self.d.budget
        keys = zip(table["workbook"].tolist(), table["key"].tolist(), strict=True)
        figures = zip(*(table[column].tolist() for column in layout.AMOUNT_COLUMNS), strict=True)
        return dict(zip(keys, figures, strict=True))

    def amount(self, workbook: str, line: str, column: str = "final") -> float:
        """One amount of one workbook's budget, in fen; NaN where it is not given."""
        found = self.amounts.get((workbook, line))
        return found[layout.AMOUNT_COLUMNS.index(column)] if found else NAN

    @cached_property
    def due(self) -> list[str]:
        """The grade each project's score earns, in the order of the projects."""
        grade = cache(self.policy.grade)
        return [grade(score) if score == score else "" for score in self.d.projects["score"].tolist()]

    @cached_property
    def title(self) -> str:
        """The title with region and year, as far as all workbooks agree on them."""
        read = self.d.workbooks[self.d.workbooks["readable"]]
        regions = {region for region in read["region"] if region}
        years = {year for year in read["year"] if year == year}
        region = regions.pop() if len(regions) == 1 else ""
        year = f"{years.pop():.0f}年度" if len(years) == 1 else ""
        return f"{region}{year}{layout.TITLE}汇总"


def rate(above: float, below: float) -> float:
    """A rate of completion; NaN without a denominator."""
    return above / below if below > 0 else NAN
