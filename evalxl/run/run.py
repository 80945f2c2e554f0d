"""The run: a folder of workbooks in, results, summary and records out.

First every workbook is read and checked, chunk by chunk; then the district is judged as a whole, once; then every file
is written, once, from everything that is known.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from evalxl.bureau.rechecks import read_rechecks
from evalxl.bureau.review import Round
from evalxl.district.sample import Sample
from evalxl.district.tables import Bureau, without_texts
from evalxl.intake.inbox import Source, inventory
from evalxl.outputs import department
from evalxl.outputs.department import Due, Order, Written
from evalxl.run import chunk, pool, reuse
from evalxl.run.chunk import Chunk, Judged, read_and_check
from evalxl.run.district import Ended, Outcome, dues, judged, names_of_whole, write_district
from evalxl.run.hashes import files_key, roster_key
from evalxl.run.memory import give_back, seldom_collecting
from evalxl.run.reuse import Reusable
from evalxl.run.settings import Settings
from evalxl.store import files as out
from evalxl.store.earlier import sample_of, year_of
from evalxl.store.outbox import filling
from evalxl.store.parts import Part
from evalxl.values.errors import UsageError
from evalxl.values.progress import Progress, unwatched

if TYPE_CHECKING:
    from evalxl.outputs.summary.sheet import Spread  # needs XlsxWriter, which is not needed to check

CHUNK = 50  # workbooks at most; past about 100 the columns leave the processor's cache
INLINE = 150  # workbooks; below this, starting a pool costs more than it saves

C = TypeVar("C", Chunk, Order)
R = TypeVar("R")
S = TypeVar("S")


@dataclass(frozen=True)
class Run:
    """A finished run: its outcome, and the files it wrote (paths below the outbox)."""

    outcome: Outcome
    files: list[str]
    reused: int = 0  # workbooks whose files an earlier run into the same outbox had written, and which hold

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return self.outcome.exit_code


def check_files(sources: list[Source], settings: Settings, progress: Progress = unwatched) -> Outcome:
    """Check workbooks as one district, writing nothing."""
    chunks = _split(Chunk(sources, settings.policy, settings.bureau.roster), settings)
    return judged(_read(chunks, settings, progress, len(sources)), settings)


@seldom_collecting()
def run(inbox: Path, outbox: Path, settings: Settings, progress: Progress = unwatched) -> Run:
    """Process an inbox into an outbox; UsageError for a wrong call, OutputError when a file cannot be written."""
    _check_folders(inbox, outbox)
    if settings.cluster:  # its workers are elsewhere
        inbox, outbox = inbox.absolute(), outbox.absolute()
    sources = inventory(inbox)
    if not sources:
        raise UsageError(f"收件夹 {inbox} 里没有文件，请检查路径。")
    states = {workbook: _state(path) for workbook, path in sources}
    with filling(outbox) as stage:
        like = Chunk([], settings.policy, settings.bureau.roster, stage, roster_key=roster_key(settings.bureau.roster))
        reusable = Reusable() if settings.fresh else reuse.find(outbox, stage, sources, like.policy, like.roster_key)
        chunks = _plan(sources, settings, like, reusable.tables)
        parts = _without_changed(_read(chunks, settings, progress, 2 * len(sources)), dict(sources), states, like)
        form = _state(outbox / out.RECHECKS)
        settings = replace(settings, round=_with_own(settings.round, outbox), bureau=_with_form(settings, outbox))
        outcome = judged(parts, settings)
        if not inbox.is_dir():
            raise UsageError(
                f"收件夹 {inbox} 在处理过程中移走了，或者所在的磁盘断开了；原有的结果没有改动，请再运行一次。"
            )
        outcome = replace(outcome, district=without_texts(outcome.district))
        give_back()
        due = dues(outcome, dict(sources), settings)
        keys = {each.workbook: files_key(each, outcome.digests[each.workbook], settings.policy) for each in due}
        carried = reuse.carry_over(reusable, due, keys, stage)
        progress(len(sources) - len(due) + len(carried), 2 * len(sources))
        orders = _orders(outcome, [each for each in due if each.workbook not in carried], keys, settings, stage)
        with _writing(orders, settings, progress, 2 * len(sources)) as wait:

            def ended() -> Ended:
                written = carried | {each.workbook: each for some in wait() for each in some}
                return _ended(outcome, dict(sorted(written.items())), keys, settings)

            end = _write_whole(stage, outcome, ended, settings, _sampled(outcome, outbox, settings))
        if _state(outbox / out.RECHECKS) != form:  # what was filled in meanwhile would be lost
            raise out.OutputError(
                f"{outbox / out.RECHECKS} 在处理过程中被改动，结果没有替换；请保存、关闭它，再运行一次。"
            )
        return Run(end.outcome, end.record["files"], len(carried))


def _with_form(settings: Settings, outbox: Path) -> Bureau:
    """The bureau with the scores that stand in the outbox's own 抽查表: this run writes it anew, and none is lost."""
    form = outbox / out.RECHECKS
    if not settings.bureau.rechecks.empty or not form.is_file():
        return settings.bureau
    return replace(settings.bureau, rechecks=read_rechecks(form, settings.policy))


def _sampled(outcome: Outcome, outbox: Path, settings: Settings) -> Sample | None:
    """What was drawn for rechecking earlier in the year, here or by an earlier run; drawn anew on request."""
    if settings.redraw:
        return Sample(reason=settings.redraw)
    return sample_of((outbox, *settings.previous), outcome.district.year)


def _with_own(known: Round, outbox: Path) -> Round:
    """The round with the outbox's own last run, where there is one that can be read: its explanations are not lost."""
    try:
        return replace(known, own=outbox, own_year=year_of(outbox))
    except UsageError:
        return known


# ---------------------------------------------------------------- reading


def _plan(sources: list[Source], settings: Settings, like: Chunk, known: Sequence[Part]) -> list[Chunk]:
    """The chunks of a run: those that are read, and those whose tables an earlier run has left."""
    held = {workbook for part in known for workbook in part.workbooks}
    chunks = _split(replace(like, files=[source for source in sources if source[0] not in held]), settings)
    files = dict(sources)
    for part in known:
        for start in range(0, len(part.workbooks), CHUNK):
            books = part.workbooks[start : start + CHUNK]
            own = [(book, files[book]) for book in books]
            chunks.append(replace(like, files=own, known=part._replace(workbooks=books)))
    return chunks


def _split(whole: Chunk, settings: Settings) -> list[Chunk]:
    size = _chunk_size(len(whole.files), settings)
    return [replace(whole, files=whole.files[start : start + size]) for start in range(0, len(whole.files), size)]


def _read(chunks: list[Chunk], settings: Settings, progress: Progress, steps: int) -> list[Judged]:
    done = []
    for each, result in _each(chunks, settings, pool.Work(read_and_check, chunk.halves, chunk.give_up)):
        done.append(result)
        progress(len(each.files), steps)
    return done


State = tuple[int, int, int] | None


def _state(path: Path) -> State:
    """What tells, without opening a file, that it has been written since."""
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_size, known.st_mtime_ns, known.st_ino


def _without_changed(
    parts: list[Judged], files: Mapping[str, Path], states: Mapping[str, State], like: Chunk
) -> Iterator[Judged]:
    """The same with every file refused that is no longer what was read: nobody could trace its figures.

    The list is used up, so that a part is gone when it has been joined to the others.
    """
    while parts:
        part = parts.pop(0)
        books = part.district.workbooks
        read = dict(zip(books["workbook"][books["readable"]], books["sha256"][books["readable"]], strict=True))
        changed = {book for book, sha256 in read.items() if _has_changed(files[book], states[book], sha256)}
        if not changed or part.part is None:
            yield part
            continue
        rest = [book for book in part.part.workbooks if book not in changed]
        if rest:
            known = part.part._replace(workbooks=rest, whole=False)
            yield read_and_check(replace(like, files=[(book, files[book]) for book in rest], known=known))
        for book in sorted(changed):
            yield chunk.refused(replace(like, files=[(book, files[book])]), "changed")


def _has_changed(path: Path, before: State, sha256: str) -> bool:
    if before is not None and _state(path) == before:
        return False
    try:
        return out.sha256_of(path) != sha256
    except OSError:
        return True


# ---------------------------------------------------------------- writing


def _writing(
    orders: list[Order], settings: Settings, progress: Progress, steps: int
) -> AbstractContextManager[Callable[[], list[list[Written]]]]:
    """The files of departments, each written once; by other processes, while this one is at those of the whole."""

    def written() -> Generator[list[Written]]:
        work = pool.Work(department.write_files, department.halves, department.give_up)
        for order, results in _each(orders, settings, work):
            progress(len(order.dues), steps)
            yield results

    if settings.cluster or _workers(sum(map(_count, orders)), settings) > 1:
        return pool.beside(written())
    done = list(written())
    return nullcontext(lambda: done)


def _ended(outcome: Outcome, written: dict[str, Written], keys: Mapping[str, str], settings: Settings) -> Ended:
    """The outcome with what came of writing the files of departments, and run.json."""
    from evalxl.outputs import records

    rows = [each.row(keys[book]) for book, each in written.items() if not each.failed]
    outcome = replace(outcome, written=written, written_rows=rows)
    files = [name for each in written.values() for name in each.files] + names_of_whole(report=settings.report)
    record = records.run_record(outcome.district, outcome.findings, settings.policy, outcome.exit_code, files)
    return Ended(outcome, record | ({"made_from": dict(settings.made_from)} if settings.made_from else {}))


def _orders(outcome: Outcome, due: list[Due], keys: Mapping[str, str], settings: Settings, stage: Path) -> list[Order]:
    by_workbook = {each.workbook: each for each in due}
    grades = outcome.grades.departments
    size = _chunk_size(len(due), settings)
    orders = []
    for part in outcome.parts.parts:
        own = [by_workbook[book] for book in part.workbooks if book in by_workbook]
        for start in range(0, len(own), size):
            some = own[start : start + size]
            books = [each.workbook for each in some]
            rows = grades[grades["workbook"].isin(books)]
            orders.append(Order(part, some, [keys[book] for book in books], rows, settings.policy, stage))
    return orders


def _write_whole(
    stage: Path, outcome: Outcome, ended: Callable[[], Ended], settings: Settings, earlier: Sample | None
) -> Ended:
    from evalxl.outputs.summary import Tally

    d, findings, grades = outcome.district, outcome.findings, outcome.grades
    tally = Tally(d, findings, grades, settings.policy, parts=outcome.parts, earlier=earlier)
    return write_district(stage, tally, outcome, ended, spread=_spread(settings), report=settings.report)


# ---------------------------------------------------------------- how the work is done


def _each(work_items: Sequence[C], settings: Settings, work: pool.Work[C, R]) -> Iterator[tuple[C, R]]:
    """Chunks or orders done in this process, on several, or on a cluster, each as it gets done."""
    if settings.cluster and work_items:
        return pool.clustered(work, work_items, settings.cluster, _folders(work_items))
    workers = _workers(sum(map(_count, work_items)), settings)
    return pool.inline(work, work_items) if workers == 1 else pool.pooled(work, work_items, workers)


def _spread(settings: Settings) -> Spread | None:
    """Pieces of work on a pool of processes, where there is more than one."""
    workers = 1 if settings.cluster else settings.jobs or os.cpu_count() or 1

    def spread(do: Callable[[S], R], pieces: Sequence[S], /) -> Iterator[R]:
        places = {id(piece): at for at, piece in enumerate(pieces)}
        done: dict[int, R] = {}
        at = 0
        for piece, result in pool.pooled(pool.Work(do, lambda _: [], do), pieces, workers):
            done[places[id(piece)]] = result
            while at in done:
                yield done.pop(at)
                at += 1

    return spread if workers > 1 else None


def _count(item: Chunk | Order) -> int:
    return len(item.files) if isinstance(item, Chunk) else len(item.dues)


def _folders(work_items: Sequence[Chunk | Order]) -> list[Path]:
    """The folders that whoever does this work must see; that for the results is made now, to be seen."""
    stages = {item.stage for item in work_items if item.stage is not None}
    for stage in stages:
        stage.mkdir(parents=True, exist_ok=True)
    sources = {
        path.parent
        for item in work_items
        for path in ([path for _, path in item.files] if isinstance(item, Chunk) else [due.source for due in item.dues])
    }
    return sorted(stages | sources)


def _chunk_size(count: int, settings: Settings) -> int:
    """Small enough that every worker has something to do; below some fifteen workbooks the fixed costs prevail."""
    workers = _workers(count, settings)
    return min(CHUNK, max(15, math.ceil(count / workers / 2))) if workers > 1 else CHUNK


def _workers(count: int, settings: Settings) -> int:
    return settings.jobs or (1 if count <= INLINE or settings.cluster else os.cpu_count() or 1)


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
