"""Publishing what a run has found: reports and summary that everybody may read, and the ledger of them."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from evalxl.bureau.ledger import Entry, Key, key_of, read_ledger
from evalxl.district.findings import Status
from evalxl.district.tables import District, rows_of
from evalxl.facts.grade import Grades
from evalxl.facts.publication import Withheld, public, sensitive, stated
from evalxl.outputs.publication import SUMMARY, Line, write_ledger, write_public_summary
from evalxl.outputs.summary.tally import Department, Tally
from evalxl.outputs.word import write_report
from evalxl.policy.policy import Policy
from evalxl.store.earlier import check_policy, load
from evalxl.store.files import LEDGER, file_names, replacing, sha256_of
from evalxl.store.opening import check_whole
from evalxl.values.errors import UsageError

WHOLE = "全部门汇总"  # what the ledger calls the summary
READY = "可公开"  # the folder that may be published whole: the ledger, which names what is not public, is not in it


class Publication(NamedTuple):
    """The files that are ready to be published, the ledger, what is to be looked into, and how much is left out."""

    folder: Path  # of the files
    ledger: Path
    files: tuple[str, ...]
    remarks: tuple[str, ...]  # each a sentence
    withheld: Mapping[str, int]  # by department, how many projects: its texts may speak of them in other words


def publish(outbox: Path, folder: Path, policy: Policy) -> Publication:
    """Write into a folder what may be published of an outbox; UsageError for a merged run or another policy."""
    check_whole(outbox)
    run = load(outbox)
    check_policy(run.path, run.record, policy)
    if run.record.districts:
        raise UsageError(f"{outbox} 是合并的结果，请到各区县的结果夹生成公开版。")
    tally = Tally(run.district, run.findings, Grades(run.grades), policy, came=run.record.attendance)
    return _Publishing(tally, folder, read_ledger(folder / LEDGER)).write()


@dataclass
class _Publishing:
    """The ledger against the run, entry by entry."""

    tally: Tally
    folder: Path
    known: Mapping[Key, Entry]
    lines: list[Line] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def write(self) -> Publication:
        """Write everything: first aside, then, if nobody has changed what lies there, into the folder."""
        ready = self._ready()
        names = file_names((each.workbook, each.name) for each in ready)
        files = {each.workbook: f"{names[each.workbook]}.docx" for each in ready}
        projects = {each.workbook: list(self._projects(each)) for each in ready}
        withheld = [hidden for own in projects.values() for _, hidden in own if hidden is not None]
        shown = self._shown(list(files), withheld)
        with tempfile.TemporaryDirectory(prefix="evalxl-") as folder:
            stage = Path(folder)
            write_public_summary(stage / SUMMARY, shown)
            self._enter(WHOLE, stage / SUMMARY)
            for book, one in shown.d.split():
                self._write_report(book, one, shown, stage / files[book])
                self.lines += [line for line, _ in projects[book]]
            self._say_gone()
            write_ledger(stage / LEDGER, self.tally.scope, self.lines)
            written = (SUMMARY, *files.values())
            self._refuse_changed(stage, written)
            stale = self._stale(written)
            for name in (*written, LEDGER):
                with replacing(self._path(name)) as temporary:
                    shutil.copyfile(stage / name, temporary)
            for path in stale:
                path.unlink(missing_ok=True)
        counts = Counter(self.tally.names[each.workbook] for each in withheld)
        return Publication(self.folder / READY, self.folder / LEDGER, written, tuple(self.remarks), counts)

    def _path(self, name: str) -> Path:
        return self.folder / name if name == LEDGER else self.folder / READY / name

    def _ready(self) -> list[Department]:
        """The departments that are through, and whose report nobody has kept back."""
        counted = [each for each in self.tally.departments if each.workbook not in self.tally.left_out]
        through = [each for each in counted if each.status in (Status.ACCEPTED, Status.EXPLAINED)]
        waiting = [each.name for each in counted if each not in through]
        if waiting:
            self.remarks.append(f"还没有通过的 {len(waiting)} 个部门没有生成公开版：{'、'.join(waiting)}。")
        if not through:
            raise UsageError("还没有一个部门通过，没有可以公开的；请办完待办的部门，再运行一次。")
        kept = [each for each in through if (known := self.known.get(key_of(each.name))) and not known.public]
        for each in kept:
            self._keep_back(self.known[key_of(each.name)])
        return [each for each in through if each not in kept]

    def _keep_back(self, entry: Entry) -> None:
        """A report that the ledger keeps back: no file of it may lie there."""
        path = self._path(entry.file)
        if entry.file and path.is_file():
            if sha256_of(path) != entry.sha256:
                raise UsageError(f"{path} 已改过，而台账写明不公开：请先移走它，再运行。")
            path.unlink()
        doubt = "已公开，现在写明不公开，请撤下" if entry.published else ""
        self._doubt(entry.department, doubt)
        self.lines.append(Line(_without_file(entry), doubt))

    def _projects(self, department: Department) -> Iterator[tuple[Line, Withheld | None]]:
        """The entries of a department's projects, each with the project where it is left out."""
        filed = stated(self.tally.d)
        words = {(book, row): word for book, row, word in sensitive(self.tally.d)}
        for row in rows_of(self.tally.d.projects):
            if row["workbook"] != department.workbook or not row["name"]:
                continue
            place = (row["workbook"], row["row"])
            known = self.known.get(key_of(department.name, row["name"], row["unit"]))
            public, reason = filed.get(place, (True, ""))
            entry = Entry(department.name, row["name"], row["unit"], public, reason, "", "", "", "", "")
            if known is not None:
                entry = known._replace(public=known.public and public, reason=known.reason or reason)
            doubt = _doubt_of(entry, words.get(place, ""))
            self._doubt(f"{department.name}“{row['name']}”", doubt)
            hidden = None if entry.public else Withheld(*place, row["name"])
            yield Line(entry, doubt), hidden

    def _doubt(self, what: str, doubt: str) -> None:
        if doubt:
            self.remarks.append(f"{what}：{doubt}。")

    def _shown(self, books: list[str], withheld: list[Withheld]) -> Tally:
        """What everybody may read, as the writers take it; grades are those of all projects."""
        findings = [each for each in self.tally.findings if each.workbook in books]
        all_of_it = self.tally
        d = public(all_of_it.d, books, withheld)
        return Tally(d, findings, all_of_it.grades, all_of_it.policy, came=all_of_it.came)

    def _refuse_changed(self, stage: Path, files: tuple[str, ...]) -> None:
        """A file that is neither as it was written nor as it is to be has been changed by hand: it is not replaced."""
        hashes = {entry.file: entry.sha256 for entry in self.known.values() if entry.file}
        for name in files:
            path = self._path(name)
            if path.exists() and sha256_of(path) not in (hashes.get(name), sha256_of(stage / name)):
                raise UsageError(f"{path} 不是上次生成的样子，为免覆盖改过的内容没有写；请换一个文件夹，或先移走它。")

    def _stale(self, written: tuple[str, ...]) -> list[Path]:
        """The files of earlier versions that are not written again: what lies in the folder is published whole."""
        stale = []
        for entry in self.known.values():
            path = self._path(entry.file)
            if entry.file and entry.file not in written and path.is_file():
                if sha256_of(path) != entry.sha256:
                    raise UsageError(f"{path} 已改过，而这次没有它的公开版：请先移走它，再运行。")
                stale.append(path)
        return stale

    def _write_report(self, book: str, one: District, shown: Tally, path: Path) -> None:
        words = shown.d.bureau.withheld
        bureau = replace(one.bureau, withheld={book: words[book]} if book in words else {})
        write_report(path, replace(one, bureau=bureau), shown.grades.of(book), shown.policy)
        self._enter(self.tally.names[book], path)

    def _enter(self, department: str, path: Path) -> None:
        """The entry of a whole file, held against the one that was published."""
        known, sha256 = self.known.get(key_of(department)), sha256_of(path)
        entry, doubt = Entry(department, "", "", True, "", "", "", path.name, sha256, ""), ""
        if known is not None:
            entry = known._replace(file=path.name, sha256=sha256, version=_version(known))
            if entry.version and not entry.version.endswith(f" {sha256[:12]}"):
                doubt = f"{known.date or '以前'}公开以后有改动，请重新公开，并更新公开日期"
        self._doubt(department, doubt)
        self.lines.append(Line(entry, doubt))

    def _say_gone(self) -> None:
        """What the ledger knows and the run does not is kept in it, and said."""
        here = {key_of(line.entry.department, line.entry.name, line.entry.unit) for line in self.lines}
        for key, entry in self.known.items():
            if key not in here:
                doubt = f"不在这批可以公开的结果里{'，而已公开，请核对' if entry.published else ''}"
                self._doubt(f"{entry.department}{f'“{entry.name}”' if entry.name else ''}", doubt)
                self.lines.append(Line(_without_file(entry), doubt))


def _without_file(entry: Entry) -> Entry:
    """An entry whose file is there no longer; which version was published is kept."""
    return entry._replace(file="", sha256="", version=_version(entry))


def _version(known: Entry) -> str:
    """Which version is published: the day, and the beginning of the hash that lay there when the day was filled in."""
    if not known.published:
        return ""
    day, _, _ = known.version.rpartition(" ")
    return known.version if known.version and day == known.date else f"{known.date} {known.sha256[:12]}"


def _doubt_of(entry: Entry, word: str) -> str:
    """What is to be looked into about a project's entry; '' where all is well."""
    if not entry.public and entry.published:
        return "已公开，现在不公开，请撤下或说明"
    if not entry.public and not entry.reason:
        return "不公开而没有写原因，请补填"
    if entry.public and word and not entry.published:
        return f"名称里有“{word}”，请确认可以公开"
    return ""
