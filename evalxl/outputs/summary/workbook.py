"""The sheets of the district summary, drawn one after another into one workbook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evalxl.district.findings import Coverage
from evalxl.outputs.summary.about import About, write_about, write_coverage
from evalxl.outputs.summary.budget import write_budget
from evalxl.outputs.summary.contents import write_contents
from evalxl.outputs.summary.departments import departments_page, write_departments
from evalxl.outputs.summary.districts import write_districts
from evalxl.outputs.summary.indicators import write_indicators
from evalxl.outputs.summary.overview import write_overview
from evalxl.outputs.summary.problems import findings_page, write_findings, write_remarks, write_unreported
from evalxl.outputs.summary.projects import write_projects
from evalxl.outputs.summary.rechecks import write_differences, write_sample
from evalxl.outputs.summary.reconciliation import write_reconciliation
from evalxl.outputs.summary.sheet import Spread, signing_page
from evalxl.outputs.summary.tally import Tally
from evalxl.sheets.book import Book

# The sheets that are signed, and 指标汇总, from which scores follow: an audit adds up every figure of theirs again.
SIGNED = ("总览", "区县汇总", "部门汇总", "项目汇总", "指标汇总", "收支汇总")


def write_summary(
    path: Path,
    tally: Tally,
    coverage: list[Coverage],
    about: Callable[[], About],
    spread: Spread | None = None,
) -> None:
    """Write the summary of a district, or of a merged run.

    ``about``, what only the run knows, is asked for when all is drawn that does not tell of it: the files of
    departments are written meanwhile. ``spread`` are the processes that draw what is very much.
    """
    with Book(path, tally.title) as book:
        overview = book.page("总览", charted=True)
        districts = signing_page(book, "区县汇总") if tally.levels else None
        by_department = departments_page(book, tally)
        projects = write_projects(book, tally)
        budget, signed = write_budget(book, tally), book.titles
        contents = book.page("目录")
        indicators, listed = write_indicators(book, tally, spread), findings_page(book, tally)
        write_unreported(book, tally)
        write_remarks(book, tally)
        write_sample(book, tally)
        write_differences(book, tally)
        added = book.page("核对", landscape=True)
        write_coverage(book, coverage, tally)
        run = about()
        write_about(book, tally, coverage, run)
        departments = write_departments(by_department, tally, run.links)
        if districts:
            write_districts(districts, tally, departments)
        shown = [departments, projects, indicators, budget, write_findings(listed, tally, run.links)]
        write_reconciliation(added, tally, [each for each in shown if each])
        write_contents(contents, signed, [each for each in book.titles if each not in (*signed, contents.title)])
        write_overview(overview, tally, departments, projects)
        overview.sheet.activate()
