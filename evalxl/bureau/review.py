"""What is known of findings beside the workbook: the earlier round, the sender's explanations, the bureau's waivers.

A finding is recognised by its fingerprint. None of this changes what was found; it says what became of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from evalxl.bureau.waivers import Waivers
from evalxl.district.directory import Directory, identities, of_roster
from evalxl.district.findings import Change, Explanation, Finding, Past
from evalxl.district.tables import IDLE_WAIVER_COLUMNS, District, Likenesses, frame
from evalxl.rules import RULES
from evalxl.store.earlier import read_departments, read_findings, read_history
from evalxl.values.errors import UsageError
from evalxl.values.folding import name_key

_COPIED = "N06"  # a text that is like another's
_REPEATED = "F06"  # stands at the copies that do not count, and is not gone for that

# The outbox's own database is about to be replaced: whoever runs again because it is damaged must not be refused.
_AS_FAR_AS_IT_GOES = suppress(UsageError)


@dataclass(frozen=True)
class Round:
    """What a run is reviewed with: the earlier round's database, if there was one, and the waivers."""

    earlier: Path | None = None  # the outbox of the earlier round
    year: int = 0  # the year it was about; workbooks of other years have no earlier round
    waivers: Waivers = field(default_factory=Waivers)
    skipped: frozenset[str] = frozenset()  # rules that are not asked this time: what they found is not therefore fixed
    own: Path | None = None  # the outbox itself, of whose last run the explanations hold where nothing else has any
    own_year: int = 0

    def about(self, year: int | None) -> Iterator[tuple[Path, AbstractContextManager[object]]]:
        """The databases that tell of a year, the earlier round's first, each with how far its damage counts."""
        if self.earlier is not None and self.year == year:
            yield self.earlier, nullcontext()
        if self.own is not None and self.own_year == year:
            yield self.own, _AS_FAR_AS_IT_GOES


@dataclass(frozen=True)
class Reviewed:
    """Findings with what became of them, and what the earlier round found in the same departments."""

    findings: list[Finding]
    past: dict[str, Past] = field(default_factory=dict)  # by id
    departments: dict[str, str] = field(default_factory=dict)  # workbook → whose it is
    skipped: frozenset[str] = frozenset()
    taken: int = 0  # explanations that the last run into the same outbox had
    absent: tuple[Past, ...] = ()  # of departments of which nothing could be read this time: they come again

    def fixed(self, workbooks: Collection[str]) -> list[Past]:
        """What was open in the earlier round, could have been found again, and is in none of some workbooks."""
        if not self.past:
            return []
        names = {name_key(self.departments[workbook]) for workbook in workbooks if workbook in self.departments}
        now = self._repeated.union(*(self._ids[workbook] for workbook in workbooks if workbook in self._ids))
        gone = [
            replace(each, fixed=True)
            for name in names for each in self._open.get(name, ())
            if each.id not in now and each.rule in RULES and each.rule not in self.skipped
        ]  # fmt: skip
        return sorted(gone, key=lambda each: (each.workbook, each.rule, each.id))

    @cached_property
    def _open(self) -> dict[str, list[Past]]:
        found: dict[str, list[Past]] = {}
        for each in self.past.values():
            if not each.fixed:
                found.setdefault(name_key(each.department), []).append(each)
        return found

    @cached_property
    def _ids(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for each in self.findings:
            found.setdefault(each.workbook, set()).add(each.id)
        return found

    @cached_property
    def _repeated(self) -> set[str]:
        return {each.id for each in self.findings if each.rule == _REPEATED}

    def carried(self, fixed: Iterable[Past]) -> list[Past]:
        """What the next round has to know beside this one's findings: what is fixed, not asked or not read."""
        now, done = {each.id for each in self.findings}, {each.id: each for each in fixed}
        return [done.get(each.id, each) for each in (*self.past.values(), *self.absent) if each.id not in now]


def review(d: District, findings: Iterable[Finding], known: Round) -> Reviewed:
    """Attach change, explanation and waiver to the findings of some workbooks."""
    departments = identities(d)
    again = _of_year(d, known.year) if known.earlier else set()
    past = read_history(known.earlier, {name_key(departments[book]) for book in again}) if known.earlier else {}
    written = _explanations(d)
    last = _last_explanations(d, known, departments)
    reviewed = [
        _review(
            each, departments.get(each.workbook, ""), known.waivers, past if each.workbook in again else None, written
        )
        for each in findings
    ]
    taken = [
        replace(each, explanation=last[each.id].text, lapsed=last[each.id].evidence != each.evidence)
        if each.id in last and not each.explanation
        else each
        for each in reviewed
    ]
    count = sum(new is not old for new, old in zip(taken, reviewed, strict=True))
    absent = tuple(
        replace(each, explanation=written[each.id].text)
        if each.id in written and written[each.id].evidence == each.evidence  # a list came back without its workbook
        else each
        for each in _of_absent(d, known, departments)
    )
    return Reviewed(taken, past, {book: departments[book] for book in again}, known.skipped, count, absent)


def _of_year(d: District, year: int) -> set[str]:
    """The workbooks about a year; where none is filled in, it is that of the batch."""
    about = d.workbooks["year"] == year
    if d.year == year:
        about |= d.workbooks["year"].isna()
    return set(d.workbooks["workbook"][d.workbooks["readable"] & about])


def _of_absent(d: District, known: Round, departments: Mapping[str, str]) -> Iterator[Past]:
    """What is known of departments of this year of which no workbook can be read now: by the last run that read one."""
    read = {name_key(departments[book]) for book in d.workbooks["workbook"][d.workbooks["readable"]]}
    found: dict[str, list[Past]] = {}
    for outbox, readable in known.about(d.year):
        by_department: dict[str, list[Past]] = {}
        with readable:
            for each in read_history(outbox, read, others=True).values():
                by_department.setdefault(name_key(each.department), []).append(each)
        found |= by_department
    for some in found.values():
        yield from some


def _last_explanations(d: District, known: Round, departments: Mapping[str, str]) -> dict[str, Explanation]:
    """What the last run into the same outbox knew of explanations, by the finding's id."""
    names = {name_key(departments[book]) for book in (_of_year(d, known.own_year) if known.own else ())}
    past: dict[str, Past] = {}
    with _AS_FAR_AS_IT_GOES:
        past = read_history(known.own, names) if known.own and names else {}
    return {each.id: Explanation(each.explanation, each.evidence) for each in past.values() if each.explanation}


def likenesses(known: Round, year: int | None, roster: pd.DataFrame) -> Likenesses:
    """What the earlier round, or the last run into the same outbox, said of texts that are like others'.

    A department is known by the roster of today: it may have filed under another of its names then.
    """
    directory, names = Directory(of_roster(roster)), roster["name"].to_list()
    for path, readable in known.about(year):
        with readable:
            departments = {}
            for book, key, code in read_departments(path):
                listed = directory.find([key], code) if key else None
                departments[book] = key if listed is None else name_key(names[listed])
            return Likenesses(departments, read_findings(path, _COPIED))
    return Likenesses()


def _review(
    finding: Finding,
    department: str,
    waivers: Waivers,
    past: Mapping[str, Past] | None,
    written: Mapping[str, Explanation],
) -> Finding:
    before = past.get(finding.id) if past else None
    change = ""
    if past is not None:
        change = (Change.NEW if before is None else Change.BACK if before.fixed else Change.OPEN).value
    carried = Explanation(before.explanation, before.evidence) if before else Explanation("", "")
    explanation, evidence = written.get(finding.id, carried)
    lapsed = bool(explanation) and evidence != finding.evidence
    waiver = waivers.of(finding, department)
    if not (change or explanation or waiver):
        return finding  # of nearly all nothing more is known, and a district has hundreds of thousands
    return replace(finding, change=change, explanation=explanation, lapsed=lapsed, waiver=waiver)


def _explanations(d: District) -> dict[str, Explanation]:
    """What senders wrote in 说明 of a returned copy or list, by the finding's id."""
    notes = d.notes[d.notes["kind"] == "explanation"]
    written = zip(notes["raw"], notes["value"], notes["detail"], strict=True)
    return {finding: Explanation(*each) for finding, *each in written}


def idle_waivers(d: District, reviewed: Reviewed, known: Round) -> pd.DataFrame:
    """The waivers that did nothing, each with why (columns IDLE_WAIVER_COLUMNS): they are to be struck off the list."""
    names = identities(d)
    found = [(each, names.get(each.workbook, "")) for each in reviewed.findings]
    rows = [
        (float(waiver.row), waiver.rule, waiver.department, waiver.label, why)
        for waiver, why in known.waivers.idle(found)
    ]
    return frame(IDLE_WAIVER_COLUMNS, rows, {"row"})
