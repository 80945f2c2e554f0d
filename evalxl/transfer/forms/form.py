"""What one form says: values by the field they fill, each with its cell, and everything else that stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from evalxl.intake.forms.declaration import Form
from evalxl.transfer.forms.pages import Page, Spot
from evalxl.values.folding import clean, fold

CONTRADICTS = "同一张表上写了不同的数"
SEVERAL = "一栏里有几个数，不能确定取哪一个"
NO_PLACE = "模板没有对应的栏目"


class Said(NamedTuple):
    """A value as the template's tables have it (amounts in fen), and the cell it comes from."""

    value: str | float
    file: str
    page: str
    cell: str
    raw: str

    @property
    def source(self) -> str:
        """The cell it comes from, for the note on its new one."""
        return f"{self.file}《{self.page}》{self.cell}"


class Untaken(NamedTuple):
    """Something that was not filled in: where it stands, what it is, as it is written, and why."""

    file: str
    page: str
    cell: str
    label: str
    raw: str
    why: str

    @property
    def no_place(self) -> bool:
        """Whether nothing is wrong with it: the template merely has no place for it."""
        return self.why.startswith(NO_PLACE)


Indicator = dict[str, Said]


@dataclass
class Reading:
    """One form while it is read: what was said, what was not taken, and which cells are accounted for."""

    form: Form
    page: Page
    said: dict[str, Said] = field(default_factory=dict)  # by the path of the field, or of the line and column
    indicators: list[Indicator] = field(default_factory=list)
    untaken: list[Untaken] = field(default_factory=list)
    done: set[tuple[int, int]] = field(default_factory=set)  # the first row and column of each cell accounted for
    contradicted: set[str] = field(default_factory=set)
    disputed: dict[str, list[Said]] = field(default_factory=dict)  # what the form itself gainsays, by the same paths

    @property
    def name(self) -> str:
        """The project or department that the form is of."""
        said = self.said.get("projects.name" if self.form.key == "project" else "general.department")
        return str(said.value) if said else ""

    def of(self, value: str | float, spot: Spot) -> Said:
        """A value with the cell it comes from, which is accounted for."""
        self.take(spot)
        return Said(value, self.page.file, self.page.title, self.page.place(spot), spot.text)

    def take(self, *spots: Spot) -> None:
        """Account for some cells."""
        self.done.update((spot.row, spot.column) for spot in spots)

    def is_done(self, spot: Spot) -> bool:
        """Whether a cell is accounted for."""
        return (spot.row, spot.column) in self.done

    def say(self, path: str, value: str | float, spot: Spot, label: str) -> None:
        """A value of a field; two that differ are both left out, and named."""
        said, before = self.of(value, spot), self.said.get(path)
        if path in self.contradicted or (before is not None and not alike(before.value, value)):
            if before is not None:
                self.untaken.append(Untaken(before.file, before.page, before.cell, label, before.raw, CONTRADICTS))
                self.dispute(path, self.said.pop(path))
            self.contradicted.add(path)
            self.dispute(path, said)
            self.leave(spot, label, CONTRADICTS)
        elif before is None:
            self.said[path] = said

    def dispute(self, path: str, said: Said) -> None:
        """A value that is not filled in, yet which another source may not pass over."""
        self.disputed.setdefault(path, []).append(said)

    def leave(self, spot: Spot, label: str, why: str) -> None:
        """Something that is not filled in."""
        self.take(spot)
        place = self.page.place(spot)
        self.untaken.append(Untaken(self.page.file, self.page.title, place, clean(label), spot.text, why))


def alike(one: str | float, other: str | float) -> bool:
    """Whether two statements of one thing agree."""
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str) and fold(one) == fold(other)
    return abs(one - other) < 1e-6
