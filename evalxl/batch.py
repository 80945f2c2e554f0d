"""The batch run: a folder of workbooks in, results, summary and records out.

The work is done chunk by chunk by one plain function, inline or on a process pool, with the same bytes. Rules that
must see the whole district run on what the chunks return; the few workbooks they touch are then written again.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

from evalxl import grade as grading
from evalxl.check import Checked, check
from evalxl.district import District, concat
from evalxl.findings import Coverage, Finding, Severity, UsageError, cause
from evalxl.folding import clean
from evalxl.grade import Grades, grade
from evalxl.policy import Policy
from evalxl.probe import is_litter
from evalxl.read import read, refuse
from evalxl.rules import RULES, Scope
from evalxl.write import files as out

CHUNK = 50  # workbooks; past about 100 the columns leave the processor's cache (performance.md section 5)
INLINE = 150  # workbooks; below this, starting a pool costs more than it saves

Source = tuple[str, Path]  # path below the inbox with /, path on disk
Progress = Callable[[int, int], None]  # workbooks just done, workbooks in all


def _unwatched(_done: int, _total: int) -> None:
    """Nobody watches the progress."""


@dataclass(frozen=True)
class Chunk:
    """Some workbooks to process, and what is known about them from the district's point of view."""

    files: list[Source]
    policy: Policy
    outbox: Path | None = None  # where results go; None only checks
    names: dict[str, str] = field(default_factory=dict)  # workbook → file name, once known
    findings: dict[str, list[Finding]] = field(default_factory=dict)  # workbook → findings of district rules


@dataclass(frozen=True)
class Outcome:
    """What came of some workbooks: their tables, findings, grades, and how far the rules could be applied."""

    district: District
    findings: list[Finding]
    grades: Grades
    coverage: list[Coverage]


def process(chunk: Chunk) -> Outcome:
    """Read, check and grade the workbooks of a chunk, and write their results."""
    d = read(chunk.files, chunk.policy)
    checked = check(d, chunk.policy)
    grades = grade(d, chunk.policy)
    if chunk.outbox is not None:
        _write_results(chunk, chunk.outbox, d, checked, grades)
    return Outcome(d, checked.findings, grades, checked.coverage)


def _write_results(chunk: Chunk, outbox: Path, d: District, checked: Checked, grades: Grades) -> None:
    from evalxl.write.result import write_result  # XlsxWriter is not needed to check

    by_workbook: dict[str, list[Finding]] = {}
    for finding in checked.findings:
        by_workbook.setdefault(finding.workbook, []).append(finding)
    departments = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    for workbook, one in d.split():
        if not one.workbooks["readable"].iloc[0]:
            continue
        name = chunk.names.get(workbook) or out.safe_name(departments[workbook])
        findings = [*by_workbook.get(workbook, []), *chunk.findings.get(workbook, [])]
        findings.sort(key=lambda finding: finding.order)
        with out.replacing(outbox / out.RESULTS / f"{name}.xlsx") as temporary:
            write_result(temporary, one, findings, grades.of(workbook), chunk.policy)


def inventory(inbox: Path) -> list[Source]:
    """Every file of an inbox except what operating systems leave about, by path; none is passed over unseen."""
    found: dict[str, Path] = {}
    for folder, folders, names in os.walk(inbox, onerror=_unreadable_folder):
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]  # listed, not followed
        for name in sorted([*names, *linked]):
            if not is_litter(name):
                path = Path(folder) / name
                found[_key(path.relative_to(inbox), found)] = path
    return sorted(found.items())


def _key(path: Path, taken: Mapping[str, Path]) -> str:
    """The name a file is known by: readable whatever its encoding, and its own."""
    written = os.fsencode(path.as_posix())
    for encoding in ("utf-8", "gb18030"):  # archives packed on Windows unpack here with GBK names
        with contextlib.suppress(UnicodeDecodeError):
            name = clean(written.decode(encoding))
            break
    else:
        name = written.decode("ascii", "backslashreplace")
    number = 1
    key = name
    while key in taken:  # two names that differ only in how they compose a character
        number += 1
        key = f"{name}（{number}）"
    return key


def _unreadable_folder(error: OSError) -> None:
    raise UsageError(f"文件夹 {error.filename} 打不开（{cause(error)}），其中的工作簿会漏掉；请检查权限后再运行。")


def check_files(
    sources: list[Source], policy: Policy, jobs: int | None = None, progress: Progress = _unwatched
) -> Outcome:
    """Check workbooks as one district, writing nothing."""
    outcome = _process_all(sources, policy, None, jobs, progress)
    checked = check(outcome.district, policy, Scope.DISTRICT)
    return _with_district(outcome, checked)


@dataclass(frozen=True)
class Run:
    """A finished run: its outcome, exit code and the files it wrote (paths below the outbox)."""

    outcome: Outcome
    exit_code: int
    files: list[str]


def run(inbox: Path, outbox: Path, policy: Policy, jobs: int | None = None, progress: Progress = _unwatched) -> Run:
    """Process an inbox into an outbox; UsageError for a wrong call, OutputError when a file cannot be written."""
    _check_folders(inbox, outbox)
    sources = inventory(inbox)
    if not sources:
        raise UsageError(f"收件夹 {inbox} 里没有文件，请检查路径。")
    outcome = _process_all(sources, policy, outbox, jobs, progress)
    checked = check(outcome.district, policy, Scope.DISTRICT)
    names = out.file_names(_departments(outcome.district))
    _write_again(sources, policy, outbox, names, checked.findings, outcome.district, jobs)
    outcome = _with_district(outcome, checked)
    return _write_district(outbox, outcome, policy, names)


def _process_all(
    sources: list[Source], policy: Policy, outbox: Path | None, jobs: int | None, progress: Progress
) -> Outcome:
    chunks = _chunks(sources, Chunk([], policy, outbox))
    done = []
    for chunk, outcome in _run_chunks(chunks, jobs):
        done.append(outcome)
        progress(len(chunk.files), len(sources))
    return _join(done)


def _chunks(sources: list[Source], like: Chunk) -> list[Chunk]:
    return [replace(like, files=sources[start : start + CHUNK]) for start in range(0, len(sources), CHUNK)]


def _run_chunks(chunks: list[Chunk], jobs: int | None) -> Iterator[tuple[Chunk, Outcome]]:
    few = sum(len(chunk.files) for chunk in chunks) <= INLINE
    workers = jobs or (1 if few else os.cpu_count() or 1)
    return _inline(chunks) if workers == 1 else _pooled(chunks, workers)


def _inline(chunks: list[Chunk]) -> Iterator[tuple[Chunk, Outcome]]:
    for chunk in chunks:
        yield chunk, process(chunk)


def _pooled(chunks: list[Chunk], workers: int) -> Iterator[tuple[Chunk, Outcome]]:
    """Chunks on a process pool.

    A worker that dies takes the pool with it: what was not done is run again chunk by chunk, and the chunk that kills
    again file by file, to name the file.
    """
    broken: list[Chunk] = []
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        futures: dict[Future[Outcome], Chunk] = {pool.submit(process, chunk): chunk for chunk in chunks}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                broken.append(futures[future])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    for chunk in sorted(broken, key=lambda chunk: chunk.files[0]):
        yield chunk, _alone(chunk) or _join([_one_by_one(replace(chunk, files=[source])) for source in chunk.files])


def _alone(chunk: Chunk) -> Outcome | None:
    """A chunk in a process of its own; None when the process dies."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(process, chunk).result()
        except BrokenProcessPool:
            return None


def _one_by_one(chunk: Chunk) -> Outcome:
    """One file in a process of its own; when that dies, the file is refused and the run goes on."""
    outcome = _alone(chunk)
    if outcome is not None:
        return outcome
    d = refuse(chunk.files[0], "fatal", "使读取程序中止，可能已损坏或含有恶意内容", "请用模板重新填报")
    checked = check(d, chunk.policy)
    return Outcome(d, checked.findings, grade(d, chunk.policy), checked.coverage)


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
    )


def _with_district(outcome: Outcome, checked: Checked) -> Outcome:
    findings = sorted([*outcome.findings, *checked.findings], key=lambda finding: finding.order)
    coverage = sorted([*outcome.coverage, *checked.coverage], key=lambda each: list(RULES).index(each.rule))
    return replace(outcome, findings=findings, coverage=coverage)


def _departments(d: District) -> list[tuple[str, str]]:
    books = d.workbooks[d.workbooks["readable"]]
    return list(zip(books["workbook"], books["department"], strict=True))


def _write_again(
    sources: list[Source],
    policy: Policy,
    outbox: Path,
    names: dict[str, str],
    findings: list[Finding],
    d: District,
    jobs: int | None,
) -> None:
    """Write once more what a district rule found something in, or what the first pass wrote under a shared name."""
    by_workbook: dict[str, list[Finding]] = {}
    for finding in findings:
        by_workbook.setdefault(finding.workbook, []).append(finding)
    first = {workbook: out.safe_name(department).casefold() for workbook, department in _departments(d)}
    written = Counter(first.values())
    numbered = {name.casefold() for workbook, name in names.items() if name.casefold() != first[workbook]}
    shared = {book for book, name in first.items() if written[name] > 1 or name in numbered}
    again = [source for source in sources if source[0] in names and (source[0] in by_workbook or source[0] in shared)]
    for _ in _run_chunks(_chunks(again, Chunk([], policy, outbox, names, by_workbook)), jobs):
        pass


def _check_folders(inbox: Path, outbox: Path) -> None:
    if not inbox.is_dir():
        raise UsageError(f"没有收件夹 {inbox}，请检查路径。")
    if outbox.exists() and not outbox.is_dir():
        raise UsageError(f"{outbox} 是文件，不是文件夹；请另指定存放结果的文件夹。")
    if outbox.resolve().is_relative_to(inbox.resolve()):
        raise UsageError(f"存放结果的文件夹 {outbox} 不能在收件夹 {inbox} 里面，请另指定一个。")
    if inbox.resolve().is_relative_to((outbox / out.RESULTS).resolve()):
        raise UsageError(f"收件夹 {inbox} 在结果文件夹里，其中的工作簿会被改写；请另指定收件夹。")


def _write_district(outbox: Path, outcome: Outcome, policy: Policy, names: dict[str, str]) -> Run:
    from evalxl.write import database, records
    from evalxl.write.summary import write_summary

    d, findings = outcome.district, outcome.findings
    results = {workbook: f"{out.RESULTS}/{name}.xlsx" for workbook, name in names.items()}
    written = [*results.values(), out.SUMMARY, out.FINDINGS_JSON, out.FINDINGS_CSV, out.RUN_JSON, out.DATABASE]
    code = exit_code(outcome)
    record = records.run_record(d, findings, policy, code, written)
    _remove_stale(outbox, set(written))
    with out.replacing(outbox / out.SUMMARY) as temporary:
        write_summary(temporary, d, findings, outcome.grades, outcome.coverage, policy, links=results)
    content = records.document(d, findings, outcome.grades, outcome.coverage, policy)
    records.write_text(outbox / out.FINDINGS_JSON, records.to_json(content))
    records.write_text(outbox / out.FINDINGS_CSV, records.to_csv(d, findings), bom=True)
    database.write_database(outbox / out.DATABASE, d, findings, outcome.grades, outcome.coverage, record)
    records.write_text(outbox / out.RUN_JSON, records.to_json(record))
    return Run(outcome, code, written)


def _remove_stale(outbox: Path, written: set[str]) -> None:
    """Remove results of an earlier run into this outbox that this run has not written; nothing else is touched."""
    kept = {name.casefold() for name in written}
    for name in out.files_of_last_run(outbox):
        folder, _, file = name.partition("/")
        if folder == out.RESULTS and file == out.safe_name(file) and name.casefold() not in kept:
            with contextlib.suppress(OSError):  # open in Excel, or already gone: an old result does no harm
                (outbox / folder / file).unlink()


def exit_code(outcome: Outcome) -> int:
    """0 all accepted · 1 some workbook has errors · 3 some file could not be read."""
    if not outcome.district.workbooks["readable"].all():
        return 3
    return int(any(finding.severity is Severity.ERROR for finding in outcome.findings))
