"""What is said about the unit of amounts, of the whole workbook and of each part of a sheet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

WAN = "万元"  # what amounts are in where nothing is said


class Declared(NamedTuple):
    """What is said of the whole workbook: the unit ('' where it is no use), and whether anything is said at all."""

    unit: str
    said: bool


UNDECLARED = Declared(WAN, said=False)


@dataclass
class Units:
    """The unit of each amount of a sheet; '' where it cannot be told."""

    default: str = WAN
    columns: dict[str, str] = field(default_factory=dict)  # by field
    rows: dict[int, str] = field(default_factory=dict)

    def of(self, key: str, row: int = 0) -> str:
        """The unit of a column's amounts, or of its amount in one row."""
        return self.rows.get(row, self.columns.get(key, self.default))
