"""The batch run: a folder of workbooks in, results, summary and records out.

The work is done chunk by chunk by one plain function, inline or on a process pool, with the same bytes. Rules that
must see the whole district run on what the chunks return; the few workbooks they touch are then written again.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

from evalxl.bureau.review import Round, idle_waivers, review
from evalxl.district.directory import identities
from evalxl.district.findings import Coverage, Finding, Severity
from evalxl.district.tables import Bureau, District, concat
from evalxl.facts import grade as grading
from evalxl.facts.submissions import superseded
from evalxl.intake.inbox import Source, inventory
from evalxl.policy.policy import Policy
from evalxl.rules import RULES, Scope
from evalxl.rules.engine import Checked, check
from evalxl.run import pool, rerun
from evalxl.run.chunks import Chunk, Outcome, give_up, halves, process, rewrite, seldom_collecting, unwritten
from evalxl.run.whole import names_of_whole, write_whole
from evalxl.store import files as out
from evalxl.store.earlier import by_year, last_year
from evalxl.store.outbox import filling
from evalxl.store.spill import Spilled, scratch
from evalxl.values.errors import UsageError
from evalxl.values.folding import name_key

CHUNK = 50  # workbooks at most; past about 100 the columns leave the processor's cache (performance.md section 5)
INLINE = 150  # workbooks; below this, starting a pool costs more than it saves

R = TypeVar("R")
Progress = Callable[[int, int], None]  # workbooks just done, workbooks in all


def _unwatched(_done: int, _total: int) -> None:
    """Nobody watches the progress."""


@dataclass(frozen=True)
class Given:
    """What a run is made with beside the inbox: the policy, what the bureau knows, what is known of findings."""

    policy: Policy
    bureau: Bureau = field(default_factory=Bureau)
    round: Round = field(default_factory=Round)
    report: bool = False  # with a Word report for each department without errors
    previous: tuple[Path, ...] = ()  # outboxes of earlier runs, the last year's among them
    jobs: int | None = None
    fresh: bool = False  # process also what an earlier run into the same outbox has processed and has not changed
    cluster: str = ""  # the address of a Dask scheduler; '' works on this machine
    progress: Progress = _unwatched


def check_files(
    sources: list[Source], policy: Policy, jobs: int | None = None, progress: Progress = _unwatched, **more: Any
) -> Outcome:
    """Check workbooks as one district, writing nothing; ``more`` is what else a run may be given (class Given)."""
    given = _asking(Given(policy, jobs=jobs, progress=progress, **more))
    outcome, checked = _check_district(_process_all(sources, given, None), given)
    return _finish(outcome, checked, given)


@dataclass(frozen=True)
class Run:
    """A finished run: its outcome, exit code and the files it wrote (paths below the outbox)."""

    outcome: Outcome
    exit_code: int
    files: list[str]
    reused: int = 0  # workbooks that an earlier run into the same outbox had processed and that have not changed


@seldom_collecting()
def run(
    inbox: Path, outbox: Path, policy: Policy, jobs: int | None = None, progress: Progress = _unwatched, **more: Any
) -> Run:
    """Process an inbox into an outbox; UsageError for a wrong call, OutputError when a file cannot be written.

    ``more`` is what else a run may be given (class Given): bureau, round, report, previous, fresh, cluster.
    """
    given = _asking(Given(policy, jobs=jobs, progress=progress, **more))
    _check_folders(inbox, outbox)
    if given.cluster:  # its workers are elsewhere
        inbox, outbox = inbox.absolute(), outbox.absolute()
    sources = inventory(inbox)
    if not sources:
        raise UsageError(f"收件夹 {inbox} 里没有文件，请检查路径。")
    with filling(outbox) as stage, scratch(stage):
        made = rerun.made_from(sources, given.policy, given.round, given.bureau.roster, report=given.report)
        kept = rerun.Kept() if given.fresh else rerun.still_good(outbox, made)
        outcome, checked = _check_district(_process_all(sources, given, stage, kept), given)
        names = out.file_names(_departments(outcome.district))
        outcome, again = _write_again(sources, given, stage, names, checked.findings, outcome)
        reused = {workbook: files for workbook, files in kept.files.items() if workbook not in again}
        rerun.carry_over(outbox, stage, [name for files in reused.values() for name in files])
        made = {workbook: each for workbook, each in made.items() if workbook not in again}
        outcome = _finish(outcome, checked, given)
        finished = _write_district(stage, outcome, given, names, made)
        return replace(finished, reused=len(reused))


def _asking(given: Given) -> Given:
    """The same, with the rules that this run does not ask: what they found before is not therefore corrected."""
    off = {rule for rule, level in given.policy.severity.items() if level == "off"}
    absent = {"D09"} | ({"D01"} if given.bureau.roster.empty else set())
    absent |= {"D05"} if given.bureau.rechecks.empty else set()
    absent |= set() if any(year < given.round.year for year in by_year(given.previous)) else {"X01", "X02", "X03"}
    return replace(given, round=replace(given.round, skipped=frozenset(off | absent)))


def _process_all(sources: list[Source], given: Given, outbox: Path | None, kept: rerun.Kept | None = None) -> Outcome:
    kept = kept or rerun.Kept()
    like = Chunk([], given.policy, outbox, given.round, given.report, given.bureau.roster)
    chunks = _chunks([source for source in sources if source[0] not in kept.files], given, like)
    files = dict(sources)
    for part in rerun.parts(kept.district, CHUNK):
        known = [(workbook, files[workbook]) for workbook in part.workbooks["workbook"]]
        chunks.append(replace(like, files=known, known=part))
    done = []
    for chunk, outcome in _run_chunks(chunks, given, process, give_up):
        done.append(outcome)
        given.progress(len(chunk.files), len(sources))
    whole = _join(done)
    return replace(whole, unmarked=whole.unmarked | kept.unmarked, blanks=whole.blanks | kept.blanks)


def _check_district(outcome: Outcome, given: Given) -> tuple[Outcome, Checked]:
    """Attach what the bureau knows, and hold the whole against the rules of districts."""
    d = outcome.district
    bureau = replace(given.bureau, last_year=last_year(given.previous, d.year)) if given.previous else given.bureau
    outcome = replace(outcome, district=replace(d, bureau=bureau))
    return outcome, check(outcome.district, given.policy, Scope.DISTRICT)


def _finish(outcome: Outcome, checked: Checked, given: Given) -> Outcome:
    """The outcome with the district's findings, reviewed as a whole, and what the review itself finds."""
    d = outcome.district
    reviewed = review(d, [*outcome.findings, *checked.findings], given.round)
    counted = set(d.workbooks["workbook"]) - set(superseded(d))
    fixed = reviewed.fixed(counted)
    d = replace(
        d,
        bureau=replace(
            d.bureau,
            idle_waivers=idle_waivers(d, reviewed, given.round),
            waivers_given=d.bureau.waivers_given or bool(given.round.waivers.waivers),
        ),
    )
    last = check(d, given.policy, Scope.REVIEW)
    findings = sorted([*reviewed.findings, *last.findings], key=lambda finding: finding.order)
    coverage = [*outcome.coverage, *checked.coverage, *last.coverage]
    coverage.sort(key=lambda each: list(RULES).index(each.rule))
    return replace(outcome, district=d, findings=findings, coverage=coverage, fixed=fixed, past=reviewed.carried(fixed))


def _chunks(sources: list[Source], given: Given, like: Chunk) -> list[Chunk]:
    size = _chunk_size(len(sources), given)
    return [replace(like, files=sources[start : start + size]) for start in range(0, len(sources), size)]


def _chunk_size(count: int, given: Given) -> int:
    """Small enough that every worker has something to do; below some fifteen workbooks the fixed costs prevail."""
    workers = _workers(count, given)
    return min(CHUNK, max(15, math.ceil(count / workers / 2))) if workers > 1 else CHUNK


def _workers(count: int, given: Given) -> int:
    return given.jobs or (1 if count <= INLINE or given.cluster else os.cpu_count() or 1)


def _run_chunks(
    chunks: list[Chunk], given: Given, do: Callable[[Chunk], R], without: Callable[[Chunk], R]
) -> Iterator[tuple[Chunk, R]]:
    work = pool.Work(do, halves, without)
    if given.cluster and chunks:
        return pool.clustered(work, chunks, given.cluster, _folders(chunks))
    workers = _workers(sum(len(chunk.files) for chunk in chunks), given)
    return pool.inline(work, chunks) if workers == 1 else pool.pooled(work, chunks, workers)


def _folders(chunks: list[Chunk]) -> list[Path]:
    """The folders that whoever does these chunks must see; that for the results is made now, to be seen."""
    outboxes = {chunk.outbox for chunk in chunks if chunk.outbox}
    for outbox in outboxes:
        outbox.mkdir(parents=True, exist_ok=True)
    return sorted(outboxes | {path.parent for chunk in chunks for _, path in chunk.files})


def _join(outcomes: list[Outcome]) -> Outcome:
    coverage: dict[str, list[Coverage]] = {}
    for outcome in outcomes:
        for each in outcome.coverage:
            coverage.setdefault(each.rule, []).append(each)
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    return Outcome(
        concat([outcome.district for outcome in outcomes]),
        sorted(findings, key=lambda finding: finding.order),
        grading.merge([outcome.grades for outcome in outcomes]),
        [reduce(Coverage.__add__, each) for each in coverage.values()],
        unmarked={book: why for outcome in outcomes for book, why in outcome.unmarked.items()},
        blanks={book: left for outcome in outcomes for book, left in outcome.blanks.items()},
        spilled=Spilled([part for outcome in outcomes for part in outcome.spilled.parts]),
        digests={book: digest for outcome in outcomes for book, digest in outcome.digests.items()},
    )


def _departments(d: District) -> list[tuple[str, str]]:
    """The readable workbooks with their departments; of several of one department the one that counts first."""
    books, later = d.workbooks[d.workbooks["readable"]], superseded(d)
    return sorted(zip(books["workbook"], books["department"], strict=True), key=lambda each: (each[0] in later, each))


def _write_again(
    sources: list[Source], given: Given, outbox: Path, names: dict[str, str], findings: list[Finding], outcome: Outcome
) -> tuple[Outcome, set[str]]:
    """Write once more what a district rule found something in, or what the first pass wrote under a shared name.

    Gives back, beside the outcome, which workbooks these were.
    """
    by_workbook: dict[str, list[Finding]] = {}
    for finding in findings:
        by_workbook.setdefault(finding.workbook, []).append(finding)
    touched = {*by_workbook, *_once_touched(outcome.district, given.round)}
    first = {workbook: out.safe_name(department).casefold() for workbook, department in _departments(outcome.district)}
    times = Counter(first.values())
    numbered = {name.casefold() for workbook, name in names.items() if name.casefold() != first[workbook]}
    shared = {book for book, name in first.items() if times[name] > 1 or name in numbered}
    again = [source for source in sources if source[0] in names and source[0] in touched | shared]
    chunks = _chunks(
        again,
        given,
        Chunk([], given.policy, outbox, given.round, given.report, given.bureau.roster, names, by_workbook),
    )
    unmarked, blanks = dict(outcome.unmarked), dict(outcome.blanks)
    for _, written in _run_chunks(chunks, given, rewrite, unwritten):
        unmarked |= written.unmarked
        blanks |= written.blanks
    outcome = replace(outcome, unmarked=dict(sorted(unmarked.items())), blanks=dict(sorted(blanks.items())))
    return outcome, {workbook for workbook, _ in again}


def _once_touched(d: District, known: Round) -> set[str]:
    """The workbooks whose department had a finding of a district rule in the earlier round: it may be gone now."""
    if known.earlier is None:
        return set()
    past = review(d, [], known).past.values()
    wide = {
        name_key(each.department) for each in past if each.rule not in RULES or RULES[each.rule].scope is Scope.DISTRICT
    }
    return {workbook for workbook, department in identities(d).items() if name_key(department) in wide}


def _check_folders(inbox: Path, outbox: Path) -> None:
    if not inbox.is_dir():
        raise UsageError(f"没有收件夹 {inbox}，请检查路径。")
    if all((inbox / name).is_file() for name in (out.RUN_JSON, out.DATABASE)):
        raise UsageError(f"{inbox} 是以前运行的结果文件夹，不是收件夹，请检查路径。")
    if outbox.exists() and not outbox.is_dir():
        raise out.OutputError(f"{outbox} 是文件，不是文件夹；请另指定存放结果的文件夹。")
    if outbox.resolve().is_relative_to(inbox.resolve()):
        raise UsageError(f"存放结果的文件夹 {outbox} 不能在收件夹 {inbox} 里面，请另指定一个。")
    for folder in (*out.FOLDERS, out.UNFINISHED):
        if inbox.resolve().is_relative_to((outbox / folder).resolve()):
            raise UsageError(f"收件夹 {inbox} 在结果文件夹里，其中的工作簿会被改写；请另指定收件夹。")


def _write_district(
    outbox: Path, outcome: Outcome, given: Given, names: Mapping[str, str], made: Mapping[str, str]
) -> Run:
    from evalxl.outputs import records
    from evalxl.outputs.departments import copies_due, reports_due
    from evalxl.outputs.summary import Beside

    d, findings, report = outcome.district, outcome.findings, given.report
    results = {workbook: f"{out.RESULTS}/{name}.xlsx" for workbook, name in names.items()}
    returned = {workbook: f"{out.RETURNED}/{names[workbook]}.xlsx" for workbook in copies_due(d, findings)}
    due = reports_due(d, findings) if report else ()
    reports = {workbook: f"{out.REPORTS}/{names[workbook]}.docx" for workbook in due}
    written = [*results.values(), *returned.values(), *reports.values(), *names_of_whole(report=report)]
    files = {
        book: [each[book] for each in (results, returned, reports) if book in each]
        for book in results
        if made.get(book)
    }
    code = exit_code(outcome)
    write_whole(
        outbox,
        outcome,
        given.policy,
        records.run_record(d, findings, given.policy, code, written),
        Beside(results, returned, outcome.unmarked, len(outcome.fixed), spilled=outcome.spilled),
        report=report,
        told={"fixed": [records.corrected(each) for each in outcome.fixed], "blanks": outcome.blanks},
        kept=rerun.to_keep(
            outcome.digests, made, outbox, files, rerun.Kept(unmarked=outcome.unmarked, blanks=outcome.blanks)
        ),
    )
    return Run(outcome, code, written)


def exit_code(outcome: Outcome) -> int:
    """0 all accepted · 1 some workbook has errors · 3 some file could not be read."""
    if not outcome.district.workbooks["readable"].all():
        return 3
    return int(any(each.severity is Severity.ERROR and not each.waiver for each in outcome.findings))


__all__ = ["Chunk", "Outcome", "Run", "Source", "check_files", "exit_code", "inventory", "process", "run"]
