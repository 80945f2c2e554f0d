"""How wide the columns of a table stand: a number never breaks, so its column is at least as wide as the number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from evalxl.outputs.word.blocks import Table
from evalxl.outputs.word.page import SIZE_5, SMALL_4, SMALL_5, millimetres

SIZES = (SMALL_4, SIZE_5, SMALL_5)  # of a table's type: the largest in which its numbers and a few characters fit
PADDING = 2.2  # millimetres that a cell keeps free beside its text, its edges included
_NUMBER = re.compile(r"[+\-－±<>≤≥]?\d[\d,.]*[%‰]?")
_LONGEST = 16  # characters of a number; what is longer is a code, which may break
_FEWEST = 3  # characters of a text that stand on one line


def fitted(table: Table, room: float) -> Table:
    """The table with type and columns in which no number breaks, no wider than ``room`` (millimetres)."""
    texts = _columns(table)
    needs = {size: [_least(column, size) for column in texts] for size in SIZES}
    size = next((size for size in SIZES if sum(needs[size]) <= room), SIZES[-1])
    least, over = needs[size], sum(needs[size]) / room
    if over > 1:  # even the smallest does not fit: every column gives way alike
        return _with(table, size, [each / over for each in least])
    return _with(table, size, _widened([each.width for each in table.columns], least, room))


def number_width(text: str, size: float) -> float:
    """The millimetres that the widest number in a text takes in type of so many points."""
    numbers = (each for each in _NUMBER.findall(text) if len(each) <= _LONGEST)
    return max((millimetres(size * sum(map(_share, each))) for each in numbers), default=0.0)


def _columns(table: Table) -> list[list[str]]:
    rows = [[each.header for each in table.columns], *table.rows]
    return [list(texts) for texts in zip(*rows, strict=True)]


def _least(texts: Sequence[str], size: float) -> float:
    """What a column needs: its widest number, or some characters of its words."""
    words = max(min(len(text), _FEWEST) for text in texts)
    return max(millimetres(size * words), *(number_width(text, size) for text in texts)) + PADDING


def _share(character: str) -> float:
    """How wide a character of a number stands, as a share of the type's size."""
    return 0.25 if character in ",." else 0.5 if character.isdigit() or character in "+-" else 1.0


def _widened(widths: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """The widths, each at least what its column needs: the table grows to the room, then the others give way."""
    wanted = [max(width, need) for width, need in zip(widths, least, strict=True)]
    over = sum(wanted) - room
    spare = sum(wanted) - sum(least)
    if over <= 0 or not spare:
        return wanted
    return [width - (width - need) * over / spare for width, need in zip(wanted, least, strict=True)]


def _with(table: Table, size: float, widths: Sequence[float]) -> Table:
    columns = tuple(replace(column, width=round(width, 2)) for column, width in zip(table.columns, widths, strict=True))
    return replace(table, columns=columns, size=size)
