"""Who of the roster has reported: told by name, former name or code; of a file that cannot be read, by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from evalxl.district.directory import Directory, of_roster
from evalxl.district.tables import District


@dataclass(frozen=True)
class Missing:
    """A department of the roster that sent nothing, and whom to ask; ``level`` is its 区县 in a merged summary."""

    name: str
    contact: str = ""
    phone: str = ""
    level: str = ""


@dataclass(frozen=True)
class Attendance:
    """How many departments are expected, which are missing, and which files the roster does not know as they stand."""

    expected: int
    missing: tuple[Missing, ...] = ()
    extra: tuple[str, ...] = ()  # workbooks of departments that are not on the roster
    renamed: tuple[tuple[str, str], ...] = ()  # workbook, the roster's name for its department

    @property
    def present(self) -> int:
        """The departments of the roster from which a file has come, readable or not."""
        return self.expected - len(self.missing)

    def below(self, name: str) -> Attendance:
        """The same as a part of a merged run, under a name."""
        return Attendance(
            self.expected,
            tuple(replace(each, level=f"{name}/{each.level}" if each.level else name) for each in self.missing),
            tuple(f"{name}/{workbook}" for workbook in self.extra),
            tuple((f"{name}/{workbook}", known) for workbook, known in self.renamed),
        )

    def to_dict(self) -> dict[str, Any]:
        """As the run's record keeps it."""
        return asdict(self)


def from_dict(record: Mapping[str, Any]) -> Attendance:
    """An attendance as a run's record keeps it; KeyError or TypeError for anything else."""
    return Attendance(
        int(record["expected"]),
        tuple(Missing(**each) for each in record["missing"]),
        tuple(record["extra"]),
        tuple((workbook, name) for workbook, name in record["renamed"]),
    )


def joined(parts: Sequence[Attendance]) -> Attendance:
    """Several attendances as one."""
    return Attendance(
        sum(each.expected for each in parts),
        tuple(missing for each in parts for missing in each.missing),
        tuple(workbook for each in parts for workbook in each.extra),
        tuple(pair for each in parts for pair in each.renamed),
    )


def attendance(d: District) -> Attendance | None:
    """Who of the roster has reported; None where the bureau gave no roster."""
    roster = d.bureau.roster
    if roster.empty:
        return None
    names = roster["name"].tolist()
    directory = Directory(of_roster(roster))
    received, extra, renamed = _by_file(d, directory), [], []
    for workbook, key, code in zip(*(d.general[name] for name in ("workbook", "department_key", "code")), strict=True):
        known = directory.find([key], code) if key else None
        if known is None and key:
            extra.append(workbook)
        elif known is not None:
            received.add(known)
            if key != roster["key"].iloc[known]:
                renamed.append((workbook, names[known]))
    people = zip(names, roster["contact"], roster["phone"], strict=True)
    missing = [Missing(*person) for index, person in enumerate(people) if index not in received]
    return Attendance(len(names), tuple(missing), tuple(extra), tuple(renamed))


def _by_file(d: District, directory: Directory) -> set[int]:
    """The departments whose files do not say whose they are, told by the file's name; a lock file is nobody's."""
    named = set(d.general["workbook"][d.general["department_key"] != ""])
    locks = set(d.notes["workbook"][(d.notes["kind"] == "unreadable") & d.notes["raw"].isin(("lock", "answer", "own"))])
    silent = [workbook for workbook in d.workbooks["workbook"] if workbook not in named | locks]
    found = (directory.named_in(workbook.rpartition("/")[2]) for workbook in silent)
    return {each for each in found if each is not None}
