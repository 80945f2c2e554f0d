"""Who of the roster has reported: told by name, former name or code; of a file that cannot be read, by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from evalxl.district import District


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
    by_name = {key: index for index, key in enumerate(roster["key"])}
    for index, aliases in enumerate(roster["aliases"]):
        by_name |= {alias: index for alias in aliases.split("|") if alias and alias not in by_name}
    by_code = {code: index for index, code in enumerate(roster["code"]) if code}
    received, extra, renamed = _unread(d, by_name), [], []
    for workbook, key, code in zip(*(d.general[name] for name in ("workbook", "department_key", "code")), strict=True):
        known = by_name.get(key, by_code.get(code) if code else None)
        if known is None and key:
            extra.append(workbook)
        elif known is not None:
            received.add(known)
            if key != roster["key"].iloc[known]:
                renamed.append((workbook, names[known]))
    people = zip(names, roster["contact"], roster["phone"], strict=True)
    missing = [Missing(*person) for index, person in enumerate(people) if index not in received]
    return Attendance(len(names), tuple(missing), tuple(extra), tuple(renamed))


def _unread(d: District, by_name: Mapping[str, int]) -> set[int]:
    """The departments whose files came but could not be read, told by the file's name, the longest name first."""
    found = set()
    for name in d.workbooks["department"][~d.workbooks["readable"]]:
        bare = re.sub(r"\s", "", name)
        longest = max((key for key in by_name if key and key in bare), key=len, default=None)
        if longest is not None:
            found.add(by_name[longest])
    return found
