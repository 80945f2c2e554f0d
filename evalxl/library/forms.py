"""What is filled in and handed in: templates, blank or filled in, the roster, Word reports and what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evalxl.library.files import new_file
from evalxl.library.policy import PolicySource, in_force
from evalxl.store.files import file_names, replacing
from evalxl.values.errors import UsageError


def template(out: str | Path, *, year: int | None = None, policy: PolicySource = None) -> Path:
    """Write the blank workbook that departments fill in, to a new file or into a folder; gives its path."""
    from evalxl.template import build

    loaded = in_force(policy)
    target = new_file(Path(out), "budget_template.xlsx")
    with replacing(target) as temporary:
        build(temporary, loaded, year)
    return target


def roster_blank(out: str | Path, *, policy: PolicySource = None) -> Path:
    """Write the blank roster that the bureau fills in; gives its path."""
    from evalxl.template.roster import roster_blank as draw

    loaded = in_force(policy)
    target = new_file(Path(out), "名册.xlsx")
    with replacing(target) as temporary:
        draw(temporary, loaded)
    return target


def filled_forms(
    out: Path, roster: Path, *, previous: Path | None = None, year: int | None = None, policy: PolicySource = None
) -> list[Path]:
    """A template for every department of a roster, with what is known of it filled in."""
    from evalxl.bureau.roster import read_roster
    from evalxl.store.earlier import load
    from evalxl.store.opening import check_whole
    from evalxl.transfer.prefill import prefill

    loaded = in_force(policy)
    if out.suffix.lower() == ".xlsx":
        raise UsageError(f"按名册生成的是许多份模板，{out} 要写文件夹的名字。")
    if previous is not None:
        check_whole(previous)
    return prefill(out, read_roster(roster), loaded, year, load(previous).district if previous else None)


@dataclass(frozen=True)
class Transfer:
    """A workbook that was filled in from something older: what went over and what did not, in sentences."""

    path: Path
    moved: int
    lines: tuple[str, ...]
    left: int
    as_written: int  # moved as it was written, which is no number: to be mended


def migrated(old: Path, out: Path, *, policy: PolicySource = None) -> Transfer:
    """The data of an older form in the template of today."""
    from evalxl.transfer.migrate import migrate

    loaded = in_force(policy)
    target = new_file(out, "budget_template.xlsx")
    done = migrate(old, target, loaded)
    lines = (*done.moved, *done.left)
    return Transfer(target, len(done.moved), lines, len(done.left) - done.as_written, done.as_written)


@dataclass(frozen=True)
class Report:
    """A Word report that was written."""

    path: Path
    blanks: tuple[str, ...]  # what is left to be filled in
    wrong: bool  # the workbook has errors
    later: str  # the workbook of the same department that counts; '' for that one itself


def reports(source: Path, out: Path, *, policy: PolicySource = None) -> Iterator[Report]:
    """Write the Word report of a workbook, or of every workbook of an outbox, each as it gets done."""
    from evalxl.district.findings import Severity
    from evalxl.facts.grade import grade
    from evalxl.facts.submissions import superseded
    from evalxl.intake.read import read
    from evalxl.outputs.word import write_report
    from evalxl.rules.engine import check
    from evalxl.store.earlier import load_district_under
    from evalxl.store.opening import check_whole

    loaded = in_force(policy)
    if not source.exists():
        raise UsageError(f"没有 {source} 这个文件或文件夹，请检查路径。")
    check_whole(source)
    d = load_district_under(source, loaded) if source.is_dir() else read([(source.name, source)], loaded)
    books = d.workbooks[d.workbooks["readable"]]
    if books.empty:
        reasons = d.notes[d.notes["kind"] == "unreadable"]["value"].tolist()
        raise UsageError(f"{source} {reasons[0] if reasons else '里没有可以写成报告的工作簿'}，请核对。")
    names = file_names(zip(books["workbook"], books["department"], strict=True))
    there = next((name for name in names.values() if (out / f"{name}.docx").exists()), None)
    if there is not None:
        raise UsageError(f"{out} 里已有 {there}.docx，为免覆盖改过的报告，请换一个文件夹，或先移走它。")
    wrong = {each.workbook for each in check(d, loaded).findings if each.severity is Severity.ERROR}
    later, grades = superseded(d), grade(d, loaded)
    for workbook, one in d.split():
        if workbook in names:
            path = out / f"{names[workbook]}.docx"
            with replacing(path) as temporary:
                blanks = write_report(temporary, one, grades.of(workbook), loaded)
            yield Report(path, tuple(blanks), workbook in wrong, later.get(workbook, ""))
