"""Who of the roster has reported, and what is open with whom: values that run.json, 待办.xlsx and the desk show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

# Files that are not read and are no report: what programs leave behind, and templates that nobody has filled in.
NOBODYS = frozenset(("lock", "companion", "answer", "own", "blank"))


_NAMED = 3  # districts without a roster that a sentence names


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
    unlisted: tuple[str, ...] = ()  # the districts of a merged run that gave no roster
    known: tuple[str, ...] = ()  # the workbooks of departments that are on the roster, in its order

    @property
    def present(self) -> int:
        """The departments of the roster from which a file has come, readable or not."""
        return self.expected - len(self.missing)

    @property
    def reserve(self) -> str:
        """What the counts leave out, in words; '' where every district has a roster."""
        names = "、".join(self.unlisted[:_NAMED]) + ("等" if len(self.unlisted) > _NAMED else "")
        return f"不含没有给名册的{names}" if names else ""

    def covers(self, level: str) -> bool:
        """Whether a district of a merged run gave a roster, it or the one that it was merged into."""
        return not f"{level}/".startswith(tuple(f"{each}/" for each in self.unlisted))

    def below(self, name: str) -> Attendance:
        """The same as a part of a merged run, under a name."""
        return Attendance(
            self.expected,
            tuple(replace(each, level=f"{name}/{each.level}" if each.level else name) for each in self.missing),
            tuple(f"{name}/{workbook}" for workbook in self.extra),
            tuple((f"{name}/{workbook}", known) for workbook, known in self.renamed),
            tuple(f"{name}/{each}" for each in self.unlisted),
            tuple(f"{name}/{workbook}" for workbook in self.known),
        )

    def to_dict(self) -> dict[str, Any]:
        """As the run's record keeps it."""
        return asdict(self)


def joined(parts: Sequence[Attendance], unlisted: Sequence[str] = ()) -> Attendance | None:
    """Several attendances as one, with the districts that have none; None where no district has one."""
    if not parts:
        return None
    return Attendance(
        sum(each.expected for each in parts),
        tuple(missing for each in parts for missing in each.missing),
        tuple(workbook for each in parts for workbook in each.extra),
        tuple(pair for each in parts for pair in each.renamed),
        (*(name for each in parts for name in each.unlisted), *unlisted),
        tuple(workbook for each in parts for workbook in each.known),
    )


class Pending(NamedTuple):
    """A department with which something is open: what, whom to ask, the file to send along, and the message."""

    department: str
    state: str  # a status's word, or that nothing has come
    mark: str  # the colour that the state is shown in
    matter: str
    contact: str
    phone: str
    file: str  # below the outbox; '' where nothing goes along
    message: str
