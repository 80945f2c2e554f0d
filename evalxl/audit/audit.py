"""An outbox audited: against its hashes, against the inbox it was made from or its districts, figure by figure."""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalxl.audit import reading
from evalxl.audit.cells import UNREAD, Cell, Place, Reasons, by_workbook, places_of
from evalxl.audit.chain import Fault, files_changed, record_of
from evalxl.audit.figures import Figure, Rows, Sums, agrees, different, figures, is_number, sheets_of
from evalxl.audit.reading import Book, Raw
from evalxl.bureau.roster import read_roster
from evalxl.district.rechecks import to_table
from evalxl.district.tables import Bureau, District
from evalxl.facts.grade import Grades
from evalxl.intake.inbox import inventory
from evalxl.outputs.summary import About, write_summary
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.summary.workbook import SIGNED
from evalxl.policy.policy import Policy
from evalxl.run import pool
from evalxl.run.merge import levels_of
from evalxl.store import files as out
from evalxl.store.earlier import Earlier, check_policy, load, load_district
from evalxl.values.errors import UsageError
from evalxl.values.progress import Progress


@dataclass(frozen=True)
class Audit:
    """What an audit has found: faults, the figures added again, and the cells that were taken otherwise."""

    faults: list[Fault]
    figures: list[Figure]
    derived: int  # numbers of the signed sheets that follow from the figures: counts, shares, rates, means
    cells: list[Cell]
    remarks: list[str] = field(default_factory=list)
    scope: str = ""  # district and year; '' where the database cannot be read
    sha256: str = ""  # of the summary as it lies there

    @property
    def otherwise(self) -> list[Cell]:
        """The cells that were not taken as they stand."""
        return [each for each in self.cells if not each.stands]

    @property
    def exit_code(self) -> int:
        """0 when every figure is accounted for, else 1."""
        return int(bool(self.faults))


@dataclass(frozen=True)
class Call:
    """What is to be audited, with what it was made with."""

    outbox: Path
    sources: tuple[Path, ...]  # the inbox; of a merged run the districts' outboxes
    policy: Policy
    previous: tuple[Path, ...] = ()
    lists: Mapping[str, Path] = field(default_factory=dict)  # the roster and others, by option
    jobs: int = 1


def audit(call: Call, progress: Progress) -> Audit:
    """Audit an outbox; UsageError when something that was named is no outbox, no inbox, or another one."""
    record, sha256 = record_of(call.outbox), out.sha256_or_blank(call.outbox / out.SUMMARY)
    faults = list(files_changed(call.outbox, record))
    made_from = _made_from(record)
    merged = "districts" in made_from
    try:
        run = load(call.outbox)
        check_policy(run.path, run.record, call.policy)
        sheets = sheets_of(call.outbox / out.SUMMARY)
    except UsageError as error:
        if not faults:
            raise
        # What has been changed cannot be read: which file, is said.
        return Audit(faults, [], 0, [], [str(error)], sha256=sha256)
    earlier = {out.origin_of(path): path for path in call.previous}
    faults += _earlier_faults(made_from, earlier)
    faults += _list_faults(made_from, call.lists)
    tally = _tally(run, call, made_from)
    places = list(places_of(tally.d, tally.left_out))
    remarks: list[str] = []
    if merged:
        raws, more = _of_districts(made_from["districts"], call.sources, places)
    else:
        raws, more, remarks = _of_inbox(run, call, places, progress)
    faults += more
    reasons = Reasons(run.district, run.findings)
    # What could not be read again is at fault by itself; in the sums it counts as it was taken, to accuse no other.
    cells = [reasons.of(each, raws[each]) if each in raws else Cell(each, None, UNREAD) for each in places]
    faults += [_unexplained(each) for each in cells if not each.explained]
    known, wrong = _added(sheets, Sums(cells, tally.levels))
    derived = 0
    if lacking := _lacking(made_from, earlier, tally):
        remarks.append(f"没有给出{lacking}，由各数推算的比例、增减、等级没有核对。")
    else:
        drawn = _drawn_again(tally, run)
        seen = {(each.where, each.cell) for each in wrong}
        wrong += [each for each in different(sheets, drawn, SIGNED) if (each.where, each.cell) not in seen]
        numbers = sum(is_number(value) for title in SIGNED for row in drawn.get(title, ()) for value in row)
        derived = numbers - sum(each.value is not None for each in known)
    remarks += _not_here(made_from, earlier, call.lists)
    return Audit(faults + wrong, known, derived, cells, remarks, tally.scope, sha256)


def _lacking(made_from: Mapping[str, object], earlier: Container[str], tally: Tally) -> str:
    """What the summary cannot be drawn again without, and is not here as it was; '' where all is."""
    if _earlier_not_here(made_from, earlier):
        return "那次运行对照的结果夹"
    compared = tally.d.bureau.last_year is not None
    return "那次运行所用的名册" if compared and "roster" in made_from and tally.d.bureau.roster.empty else ""


def _made_from(record: Mapping[str, object]) -> dict[str, object]:
    found = record.get("made_from")
    return dict(found) if isinstance(found, dict) else {}


def _tally(run: Earlier, call: Call, made_from: Mapping[str, object]) -> Tally:
    """The run's tables as the summary was drawn from them."""
    d, year = run.district, run.record.year
    last = next((each for each in map(load, call.previous) if year and each.record.year == year - 1), None)
    roster = call.lists.get("roster")
    is_its_own = roster is not None and out.sha256_or_blank(roster) == made_from.get("roster")
    bureau = Bureau(
        read_roster(roster) if roster and is_its_own else Bureau().roster,
        to_table(run.record.rechecks),
        last_year=last.district if last else None,
    )
    d = replace(d, bureau=bureau)
    levels = levels_of(run) if run.record.districts else {}
    return Tally(d, run.findings, Grades(run.grades), call.policy, levels, run.record.attendance)


def _drawn_again(tally: Tally, run: Earlier) -> dict[str, Rows]:
    """The summary drawn anew from the tables whose cells have been read again."""
    with tempfile.TemporaryDirectory(prefix="evalxl-") as folder:
        path = Path(folder) / out.SUMMARY
        write_summary(path, tally, run.coverage, About)
        return sheets_of(path)


def _added(sheets: Mapping[str, Rows], sums: Sums) -> tuple[list[Figure], list[Fault]]:
    known, wrong = [], []
    for figure, shown in figures(sheets, sums):
        known.append(figure)
        if not agrees(figure, shown):
            value = "空白" if figure.value is None else f"{figure.value:f}"
            words = f"{figure.what}：汇总表中是 {'空白' if shown is None else shown}，重新相加是 {value}"
            wrong.append(Fault(figure.sheet, figure.cell, words))
    return known, wrong


def _unexplained(cell: Cell) -> Fault:
    place = cell.place
    taken = "空白" if place.exact is None else f"{place.exact:f}"
    raw = "空白" if cell.raw is None else str(cell.raw)[:60]
    return Fault(
        f"{place.workbook}：{place.at.title}", place.address, f"报送的是 {raw}，计入的是 {taken}，没有说明原因"
    )


# ---------------------------------------------------------------- against what it was made from


def _of_inbox(
    run: Earlier, call: Call, places: Sequence[Place], progress: Progress
) -> tuple[dict[Place, Raw], list[Fault], list[str]]:
    """The cells as they stand in the inbox, read again; the inputs that are missing or changed; files that are new."""
    if len(call.sources) != 1 or not call.sources[0].is_dir():
        raise UsageError("请在结果夹后面给出那次运行的收件夹（只有一个）。")
    files = dict(inventory(call.sources[0]))
    books, faults = run.district.workbooks, []
    hashes = dict(zip(books["workbook"], books["sha256"], strict=True))
    own = by_workbook(places)
    asked = []
    for book, sha256 in hashes.items():
        if book not in files:
            faults.append(Fault(book, "", "不在收件夹里了"))
        elif book in own:
            asked.append(Book(book, files[book], sha256, tuple(each.at for each in own[book])))
        elif sha256 and out.sha256_or_blank(files[book]) != sha256:
            faults.append(Fault(book, "", "与运行时的不是同一内容，已被改动或调换"))
    raws: dict[Place, Raw] = {}
    for book, again in sorted(_again(asked, call.jobs, progress)):
        if again.fault:
            faults.append(Fault(book, "", again.fault))
        else:
            raws |= {each: again.values[each.at] for each in own[book]}
    new = sorted(set(files) - set(hashes))
    remarks = [f"收件夹里有运行以后才放进来的 {len(new)} 个文件（{'、'.join(new[:3])}），不在汇总数内。"] if new else []
    return raws, faults, remarks


def _again(books: Sequence[Book], jobs: int, progress: Progress) -> Iterator[tuple[str, reading.Again]]:
    chunks = [books[at : at + reading.CHUNK] for at in range(0, len(books), reading.CHUNK)]
    work = pool.Work(reading.read_again, reading.halves, reading.give_up)
    for chunk, found in pool.pooled(work, chunks, jobs):
        yield from found.items()
        progress(len(chunk), len(books))


def _of_districts(
    named: object, outboxes: Sequence[Path], places: Sequence[Place]
) -> tuple[dict[Place, Raw], list[Fault]]:
    """The cells as they stand in the districts' own outboxes, each with its chain walked."""
    if not isinstance(named, dict) or not outboxes:
        raise UsageError("请在合并的结果夹后面给出各区县的结果夹。")
    hashes = {sha256: name for name, sha256 in named.items()}
    faults: list[Fault] = []
    tables: dict[str, District] = {}
    for path in outboxes:
        name = hashes.get(out.sha256_or_blank(path / out.RUN_JSON))
        if name is None:
            faults.append(Fault(str(path), "", "不是合并时所用的结果夹，或已被改动"))
            continue
        faults += [each._replace(where=f"{name}/{each.where}") for each in files_changed(path, record_of(path))]
        tables[name] = load_district(path)
    faults += [Fault(name, "", "没有给出这个区县合并时所用的结果夹") for name in sorted(set(named) - set(tables))]
    values: dict[tuple[str, str, str, int], Raw] = {}
    for name, d in tables.items():
        for each in places_of(d, ()):
            exact = each.exact
            key = (f"{name}/{each.workbook}", each.sheet.key, each.field.key, each.row)
            values[key] = None if exact is None else float(exact)
    found = {
        each: values[key]
        for each in places
        if (key := (each.workbook, each.sheet.key, each.field.key, each.row)) in values
    }
    missing = sorted({each.workbook for each in places if each not in found and each.workbook.split("/")[0] in tables})
    return found, faults + [Fault(book, "", "有数不在区县的结果夹里") for book in missing]


def _earlier_faults(made_from: Mapping[str, object], earlier: Mapping[str, Path]) -> Iterable[Fault]:
    """The earlier runs that are here, but are not the ones that the run was held against, or have been changed."""
    hashes = _earlier_hashes(made_from)
    for sha256, path in earlier.items():
        if sha256 not in hashes:
            yield Fault(str(path), "", "不是那次运行对照的结果夹，或已被改动")
        elif path.is_dir():
            yield from (each._replace(where=f"{path}/{each.where}") for each in files_changed(path, record_of(path)))


def _earlier_hashes(made_from: Mapping[str, object]) -> list[str]:
    """The hashes of the earlier runs that a run was held against and that it did not replace."""
    hashes = made_from.get("previous", [])
    return [str(each) for each in hashes] if isinstance(hashes, list) else []


def _earlier_not_here(made_from: Mapping[str, object], earlier: Container[str]) -> list[str]:
    """Those of the earlier runs that nobody has shown."""
    return [each for each in _earlier_hashes(made_from) if each not in earlier]


_LISTS = {"roster": "名册", "waivers": "豁免清单", "recheck": "抽查表"}


def _list_faults(made_from: Mapping[str, object], lists: Mapping[str, Path]) -> Iterator[Fault]:
    """The lists that are here, but are not the ones that the run was made with."""
    for name, path in lists.items():
        if name not in made_from:
            yield Fault(str(path), "", f"那次运行没有用{_LISTS[name]}")
        elif out.sha256_or_blank(path) != made_from[name]:
            yield Fault(str(path), "", f"不是那次运行所用的{_LISTS[name]}，或已被改动")


def _not_here(made_from: Mapping[str, object], earlier: Container[str], lists: Mapping[str, Path]) -> Iterator[str]:
    """The earlier runs and lists that the run was made with, and that nobody has shown or can show."""
    if "replaced" in made_from:
        yield "那次运行还对照了这个结果夹里原来的结果，它已被替换，不能再核对。"
    if lacking := _earlier_not_here(made_from, earlier):
        yield f"那次运行对照的以前的结果有 {len(lacking)} 个没有给出，没有核对它是否改动过，可用 --previous 给出。"
    for name, words in _LISTS.items():
        if name in made_from and name not in lists:
            yield f"那次运行所用的{words}没有给出，没有核对它是否改动过，可用 --{name} 给出。"
