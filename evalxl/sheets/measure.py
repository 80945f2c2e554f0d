"""How wide and how high texts stand, and what of them a cell can hold."""

from __future__ import annotations

import math
import unicodedata

from evalxl.sheets.looks import RESULT, Style
from evalxl.values.folding import clean
from evalxl.values.recall import remembered

TEXT_LIMIT = 32_767  # UTF-16 units in a cell
CUT = "……（已截断）"
_MOST_POINTS = 409.0  # of a row
_SHRUNK = 0.65  # of its size, at which type can still be read

# Addresses, levels, units and names come back in every workbook; the length is in characters.
of_short_texts = remembered(longest=60, most=4_096)


class _Widths(dict[str, int]):
    """Columns each character takes: two for Chinese characters and everything drawn as wide as they are."""

    def __missing__(self, character: str) -> int:
        self[character] = 2 if unicodedata.east_asian_width(character) in "WFA" else 1
        return self[character]


_widths = _Widths()


def width(text: str) -> int:
    """How wide a text stands, in half-width characters; of several lines the widest."""
    if "\n" in text:
        return max(map(width, text.split("\n")))
    return len(text) if text.isascii() else _sum_of_widths(text)


@of_short_texts
def _sum_of_widths(text: str) -> int:
    return sum(map(_widths.__getitem__, text))


def lines(text: str, column: float, style: Style = RESULT) -> int:
    """The lines a text takes in a column of a given width."""
    room = max(column * style.share - style.edge, 2)
    broken = max(int(column * style.share - style.broken_edge), 2)
    if "\n" in text:
        return sum(lines(line, column, style) for line in text.split("\n"))
    needed = width(text)
    return 1 if needed <= room else math.ceil(needed / broken)


def stands_on_a_line(text: str, column: float) -> bool:
    """Whether a text can be read where its type shrinks until it fits into a column."""
    return width(text) * _SHRUNK <= column


def height(count: int, style: Style = RESULT) -> float:
    """The height of a row of so many lines, in points."""
    return style.row if count <= 1 else min(count * style.line + style.margin, _MOST_POINTS)


@of_short_texts
def cell_text(text: str) -> str:
    """A sender's text as a cell can hold it: no control characters, cut where Excel would refuse it."""
    text = clean(text)
    if len(text) * 2 <= TEXT_LIMIT or len(text.encode("utf-16-le")) // 2 <= TEXT_LIMIT:
        return text
    beginning = text.encode("utf-16-le")[: (TEXT_LIMIT - len(CUT)) * 2]
    return beginning.decode("utf-16-le", "ignore") + CUT
