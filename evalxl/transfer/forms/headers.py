"""The columns below the headers of a block: by the lowest header over each, also where cells are merged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from evalxl.transfer.forms.pages import Page, Spot

ACROSS = "合并的单元格跨了几列，不能确定是哪一列的"


class Column(NamedTuple):
    """A column of a block: the field it is for, its rank among those for the same field, and its header."""

    key: str
    rank: int
    header: Spot

    @property
    def label(self) -> str:
        """The header as it is printed, on one line."""
        return "".join(self.header.text.split())


def under(page: Page, row: int, column: Column) -> list[Spot]:
    """What stands in a row below a header: begins there, or lies mostly below it."""
    left, right = column.header.column, column.header.right
    found = []
    for spot in page.row(row):
        inside = min(spot.right, right) - max(spot.column, left) + 1
        if inside > 0 and (left <= spot.column <= right or inside * 2 > spot.right - spot.column + 1):
            found.append(spot)
    return found


def only(spots: Iterable[Spot]) -> Spot | None:
    """The one thing that stands below a header, however often it is written; None for nothing or for several."""
    found = list(spots)
    return found[0] if found and len({spot.text for spot in found}) == 1 else None


def reaches_over(spot: Spot, column: Column, columns: Iterable[Column]) -> bool:
    """Whether a merged cell stands below other headers as well, so that it cannot be told which it is for."""
    return any(
        spot.column <= other.header.column and other.header.right <= spot.right
        for other in columns
        if other.header != column.header
    )
