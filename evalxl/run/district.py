"""The district as a whole: judged once from what its chunks have found, and written once.

Here follows what each department is due, and here the summary, the analysis, the records and the database are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evalxl.bureau.review import idle_waivers, likenesses, review
from evalxl.district.findings import Coverage, Finding, Past, Severity, by_workbook, in_reading_order
from evalxl.district.rechecks import to_records
from evalxl.district.tables import District, concat
from evalxl.facts import grade as grading
from evalxl.facts.attendance import answers, named_by_file
from evalxl.facts.grade import Grades
from evalxl.facts.rechecks import as_filed
from evalxl.facts.submissions import superseded
from evalxl.outputs.department import Due, Written
from evalxl.rules import RULES, Scope
from evalxl.rules.engine import check
from evalxl.run.chunk import Judged
from evalxl.run.settings import Settings
from evalxl.store import files as out
from evalxl.store.database import Contents, new_database
from evalxl.store.earlier import last_year
from evalxl.store.parts import Parts
from evalxl.store.schema import Rows

if TYPE_CHECKING:
    from evalxl.outputs.summary import Tally
    from evalxl.outputs.summary.sheet import Spread


@dataclass(frozen=True)
class Outcome:
    """What came of a run: tables, findings with what became of them, grades, and how far the rules could be applied."""

    district: District
    findings: list[Finding]
    grades: Grades
    coverage: list[Coverage]
    fixed: list[Past] = field(default_factory=list)  # findings of the earlier round that are gone
    past: list[Past] = field(default_factory=list)  # what the next round has to know beside the findings
    corrected: dict[str, list[Past]] = field(default_factory=dict)  # what is fixed, by the workbook that corrects it
    parts: Parts = field(default_factory=Parts)  # the tables that are kept on disk
    digests: dict[str, str] = field(default_factory=dict)  # workbook → a hash of its tables
    written: dict[str, Written] = field(default_factory=dict)  # workbook → what came of writing its files
    written_rows: Rows | None = None  # the same as the next run takes it over; None in a merged run
    drawn: int = 0  # projects to recheck
    awaited: int = 0  # those of them without a recheck, once the first have come back
    taken: int = 0  # explanations taken over from the last run into the same outbox

    @property
    def unmarked(self) -> dict[str, str]:
        """The workbooks that could not be marked themselves, each with the reason."""
        return {book: each.unmarked for book, each in sorted(self.written.items()) if each.unmarked}

    @property
    def failed(self) -> dict[str, str]:
        """The workbooks whose files could not be written, each with the reason."""
        return {book: each.failed for book, each in sorted(self.written.items()) if each.failed}

    @property
    def blanks(self) -> dict[str, list[str]]:
        """What reports leave to be filled in, by workbook."""
        return {book: list(each.blanks) for book, each in sorted(self.written.items()) if each.reported}

    @property
    def results(self) -> dict[str, str]:
        """The result of every workbook that has one, below the outbox."""
        return self._files(out.RESULTS)

    @property
    def returned(self) -> dict[str, str]:
        """The workbooks of which a copy or a list goes back, each with that file, below the outbox."""
        return self._files(out.RETURNED)

    def _files(self, folder: str) -> dict[str, str]:
        named = ((book, name) for book, each in sorted(self.written.items()) for name in each.files)
        return {book: name for book, name in named if name.startswith(f"{folder}/")}

    @property
    def exit_code(self) -> int:
        """0 all accepted · 1 some workbook has errors · 3 some file could not be read · 5 some could not be written."""
        if self.failed:
            return 5
        books = self.district.workbooks
        if set(books["workbook"][~books["readable"]]) - answers(self.district):
            return 3
        return int(any(each.severity is Severity.ERROR and not each.waiver for each in self.findings))


class Ended(NamedTuple):
    """An outcome with what came of writing the files of departments, and what run.json says of the run."""

    outcome: Outcome
    record: Mapping[str, Any]


def judged(read: Iterable[Judged], settings: Settings) -> Outcome:
    """The chunks that have been read as one district, held against its rules, every finding reviewed once.

    Each chunk is asked for once, and its tables are not kept: they would be held twice.
    """
    chunks: list[Judged] = []
    d = _with_bureau(concat(_taken(read, chunks)), settings)
    checked = check(d, settings.policy, Scope.DISTRICT)
    found = [finding for each in chunks for finding in each.findings]
    reviewed = review(d, [*found, *checked.findings], settings.reviewed)
    fixed = reviewed.fixed(set(d.workbooks["workbook"]) - set(superseded(d)))
    idle = idle_waivers(d, reviewed, settings.reviewed)
    listed = d.bureau.waivers_given or bool(settings.round.waivers.waivers)
    d = replace(d, bureau=replace(d.bureau, idle_waivers=idle, waivers_given=listed))
    last = check(d, settings.policy, Scope.REVIEW)
    coverage = joined_coverage(
        [*(each for part in chunks for each in part.coverage), *checked.coverage, *last.coverage]
    )
    return Outcome(
        d,
        in_reading_order([*reviewed.findings, *last.findings]),
        grading.merge([each.grades for each in chunks]),
        coverage,
        fixed=fixed,
        past=reviewed.carried(fixed),
        corrected={book: gone for book in d.workbooks["workbook"] if (gone := reviewed.fixed([book]))},
        parts=Parts([each.part for each in chunks if each.part is not None]),
        digests={book: digest for each in chunks for book, digest in each.digests.items()},
        taken=reviewed.taken,
    )


def _with_bureau(d: District, settings: Settings) -> District:
    """A district with what the bureau knows beside it: last year, the rechecks as filed, and who wrote first."""
    known = likenesses(settings.round, d.year, settings.bureau.roster)
    bureau = replace(settings.bureau, likenesses=known)
    if settings.previous:
        bureau = replace(bureau, last_year=last_year(settings.previous, d.year))
    d = replace(d, bureau=bureau)
    d = replace(d, workbooks=named_by_file(d))  # by the roster, which d knows now
    return replace(d, bureau=replace(bureau, rechecks=as_filed(d)))  # the sheets that are written ask for them too


_WITHOUT_TABLES = District()


def _taken(read: Iterable[Judged], chunks: list[Judged]) -> Iterator[District]:
    """The tables of the chunks; what else came of them is added to a list."""
    for each in read:
        chunks.append(replace(each, district=_WITHOUT_TABLES))
        yield each.district


def joined_coverage(parts: Iterable[Coverage]) -> list[Coverage]:
    """The coverage of several parts as one, rule by rule, in the order of the rulebook."""
    by_rule: dict[str, list[Coverage]] = {}
    for each in parts:
        by_rule.setdefault(each.rule, []).append(each)
    order = {rule: position for position, rule in enumerate(RULES)}
    ranked = sorted(by_rule, key=lambda rule: (order.get(rule, len(order)), rule))
    return [reduce(Coverage.__add__, by_rule[rule]) for rule in ranked]


def dues(outcome: Outcome, files: Mapping[str, Path], settings: Settings) -> list[Due]:
    """What every readable workbook is due, by path."""
    d = outcome.district
    books, later = d.workbooks[d.workbooks["readable"]], superseded(d)
    listed = dict(zip(books["workbook"], books["department"], strict=True))
    # Of several workbooks of one department the one that counts gets the name without a number.
    names = out.file_names(sorted(listed.items(), key=lambda each: (each[0] in later, each)))
    findings = by_workbook(outcome.findings)
    sha256 = dict(zip(books["workbook"], books["sha256"], strict=True))
    return [
        Due(
            workbook, files[workbook], sha256[workbook], department, names[workbook], tuple(findings.get(workbook, ())),
            tuple(outcome.corrected.get(workbook, ())), settings.report,
        )
        for workbook, department in sorted(listed.items())
    ]  # fmt: skip


def names_of_whole(*, report: bool, merged: bool = False) -> list[str]:
    """The files that ``write_district`` writes, below the outbox; from a merged run nothing is sent to departments."""
    names = [out.SUMMARY, out.RECHECKS, out.FINDINGS_JSON, out.FINDINGS_CSV, out.RUN_JSON, out.DATABASE]
    names += [out.ANALYSIS] if report else []
    return names if merged else [*names, out.PENDING]


def write_district(
    stage: Path,
    tally: Tally,
    outcome: Outcome,
    ended: Callable[[], Ended],
    *,
    spread: Spread | None = None,
    report: bool,
) -> Ended:
    """Write the files of the whole, and give back how the run ended; OutputError when one cannot be written.

    ``ended`` waits for the files of departments: what does not tell of them is written before.
    """
    from evalxl.outputs import records  # XlsxWriter is not needed to check
    from evalxl.outputs.recheck_form import write_recheck_form
    from evalxl.outputs.summary import About, Links, write_summary

    d, findings, grades, coverage = outcome.district, outcome.findings, outcome.grades, outcome.coverage
    once = cache(ended)

    def about() -> About:
        end = once().outcome
        return About(Links(end.results, end.returned), len(end.fixed), end.unmarked, end.taken)

    with out.replacing(stage / out.RECHECKS) as temporary:
        write_recheck_form(temporary, tally)
    if report:
        from evalxl.outputs.word.analysis import write_analysis  # needs python-docx, which not everybody has

        with out.replacing(stage / out.ANALYSIS) as temporary:
            write_analysis(temporary, tally)
    records.write_csv(stage / out.FINDINGS_CSV, d, findings)
    tables = Contents(d, findings, outcome.past, grades.departments, coverage, outcome.parts)
    with new_database(stage / out.DATABASE, tables) as note:
        with out.replacing(stage / out.SUMMARY) as temporary:
            write_summary(temporary, tally, coverage, about, spread)
        outcome, record = end = once()
        run = _record(record, tally)
        note(run, outcome.written_rows)
    if not tally.levels:
        from evalxl.outputs.pending import write_pending

        with out.replacing(stage / out.PENDING) as temporary:
            write_pending(temporary, tally, outcome.returned)
    content = records.document(d, findings, grades, coverage, tally.policy)
    records.write_json(stage / out.FINDINGS_JSON, content | records.changes(outcome.fixed, outcome.blanks))
    whole = names_of_whole(report=report, merged=bool(tally.levels))
    records.write_json(stage / out.RUN_JSON, run | {"written": _hashes(stage, outcome, whole)})
    return end._replace(outcome=replace(outcome, drawn=len(tally.sampled), awaited=tally.awaited))


def _record(record: Mapping[str, Any], tally: Tally) -> dict[str, Any]:
    """run.json with who has reported, what was drawn for rechecking, and the rechecks."""
    run = dict(record) | ({"attendance": tally.attendance.to_dict()} if tally.attendance else {})
    run |= {"sample": tally.sample.to_dict()}
    rechecks = tally.d.bureau.rechecks
    return run | ({"rechecks": to_records(rechecks)} if len(rechecks) else {})


def _hashes(stage: Path, outcome: Outcome, whole: Sequence[str]) -> dict[str, str]:
    """The hash of every file that a run has written beside its run.json, which tells of any that is changed."""
    hashes = {name: sha256 for each in outcome.written.values() for name, sha256 in each.files.items()}
    hashes |= {name: out.sha256_of(stage / name) for name in whole if name != out.RUN_JSON}
    return dict(sorted(hashes.items()))
