"""The sheets of the district summary, drawn one after another into one workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evalxl.district.attendance import Attendance
from evalxl.district.findings import Coverage, Finding
from evalxl.district.sample import Sample
from evalxl.district.tables import District
from evalxl.facts.grade import Grades
from evalxl.outputs.summary.about import About, write_about, write_coverage
from evalxl.outputs.summary.budget import write_budget
from evalxl.outputs.summary.contents import write_contents
from evalxl.outputs.summary.departments import write_departments
from evalxl.outputs.summary.districts import write_districts
from evalxl.outputs.summary.indicators import write_indicators
from evalxl.outputs.summary.overview import write_overview
from evalxl.outputs.summary.problems import write_findings, write_remarks, write_unreported
from evalxl.outputs.summary.projects import write_projects
from evalxl.outputs.summary.rechecks import write_differences, write_sample
from evalxl.outputs.summary.reconciliation import write_reconciliation
from evalxl.outputs.summary.sheet import Links, Spread, signing_page
from evalxl.outputs.summary.tally import Tally
from evalxl.policy.policy import Policy
from evalxl.sheets.book import Book
from evalxl.store.parts import Parts

# The sheets that are signed, and 指标汇总, from which scores follow: an audit adds up every figure of theirs again.
SIGNED = ("总览", "区县汇总", "部门汇总", "项目汇总", "指标汇总", "收支汇总")


@dataclass(frozen=True)
class Beside:
    """What a summary is written with beside the results themselves.

    ``links`` and ``returned`` say, by workbook, where its result and its returned copy lie beside the summary;
    ``unmarked`` why a workbook could not be marked itself; ``fixed`` how many findings of the earlier round are gone;
    ``levels`` the 区县 of every workbook of a merged run, and ``came`` who reported in its districts; ``parts`` has
    the tables that the district is without; ``earlier`` what was drawn for rechecking earlier in the year.
    """

    links: Mapping[str, str] = field(default_factory=dict)
    returned: Mapping[str, str] = field(default_factory=dict)
    unmarked: Mapping[str, str] = field(default_factory=dict)
    fixed: int = 0
    levels: Mapping[str, str] = field(default_factory=dict)
    came: Attendance | None = None
    parts: Parts | None = None
    earlier: Sample | None = None
    taken: int = 0  # explanations taken over from the last run into the same outbox
    spread: Spread | None = None  # the processes that draw what is very much


def write_summary(
    path: Path,
    d: District,
    findings: list[Finding],
    grades: Grades,
    coverage: list[Coverage],
    policy: Policy,
    beside: Beside | None = None,
) -> Tally:
    """Write the summary of a district, or of a merged run; gives back what it was counted from."""
    beside = beside or Beside()
    tally = Tally(d, findings, grades, policy, beside.levels, beside.came, beside.parts, beside.earlier)
    links = Links(beside.links, beside.returned)
    with Book(path, tally.title) as book:
        overview = book.page("总览", charted=True)
        districts = signing_page(book, "区县汇总") if beside.levels else None
        departments = write_departments(book, tally, links)
        if districts:
            write_districts(districts, tally, departments)
        projects = write_projects(book, tally)
        budget, signed = write_budget(book, tally), book.titles
        contents = book.page("目录")
        shown = [departments, projects, write_indicators(book, tally, beside.spread), budget]
        shown.append(write_findings(book, tally, links))
        write_unreported(book, tally)
        write_remarks(book, tally)
        write_sample(book, tally)
        write_differences(book, tally)
        write_reconciliation(book, tally, [each for each in shown if each])
        write_coverage(book, coverage, tally)
        write_about(book, tally, coverage, About(beside.fixed, beside.unmarked, beside.taken))
        write_contents(contents, signed, [each for each in book.titles if each not in (*signed, contents.title)])
        write_overview(overview, tally, departments, projects)
        overview.sheet.activate()
    return tally
