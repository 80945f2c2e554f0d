"""What a probe tells of a file: odd cells, what is hidden or merged, and all of it where it is read at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from evalxl.intake.probe.formats import Formats
from evalxl.values.quantities import Epoch

Cells = list[list[object]]


class Area(NamedTuple):
    """A rectangle of cells, such as are merged; rows and columns 1-based."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """Whether a cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


class Oddity(NamedTuple):
    """A cell whose stored value must not be taken as it is read: an error code, or a formula without a result."""

    row: int
    column: int
    kind: str  # error_cell | no_value | external
    text: str  # the error code, or the formula


class Veil(NamedTuple):
    """What of a sheet a person does not see, and which cells were merged; rows and columns 1-based."""

    sheet: bool = False
    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    merges: tuple[Area, ...] = ()


@dataclass
class Contents:
    """Everything in a file: cells from the first row and column on, odd cells, veils, and when it was saved."""

    grids: dict[str, Cells] = field(default_factory=dict)
    oddities: dict[str, tuple[Oddity, ...]] = field(default_factory=dict)
    veils: dict[str, Veil] = field(default_factory=dict)
    saved: str = ""
    pictures: dict[str, list[Area]] = field(default_factory=dict)
    formats: dict[str, Formats] = field(default_factory=dict)  # cells that may show a number as another
    formulas: dict[str, frozenset[tuple[int, int]]] = field(default_factory=dict)  # cells that hold one
    epoch: Epoch = Epoch.EXCEL
