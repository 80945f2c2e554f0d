"""The title of a report in lines that break where the sense does, the way GB/T 9704 asks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

_LINE = 20  # characters of the title's size that fit the type area


def title_lines(*parts: str) -> list[str]:
    """The title in the fewest lines, two at least, that break between its parts alone; the first ones are the longest.

    Where the first part, a name, is too long for a line, it is broken into lines alike.
    """
    whole = [part for part in parts if part]
    for count in range(min(2, len(whole)), len(whole) + 1):
        for lines in _arranged(whole, count):
            if all(_width(line) <= _LINE for line in lines):
                return lines
    first, *others = whole
    rest = "".join(others)
    return [*_halved(first), *([rest] if _width(rest) <= _LINE else title_lines(*others))] if others else _halved(first)


def _arranged(parts: Sequence[str], count: int) -> Iterator[list[str]]:
    """The parts in so many lines, in every way."""
    if count == 1:
        yield ["".join(parts)]
        return
    for first in range(len(parts) - count + 1, 0, -1):
        for rest in _arranged(parts[first:], count - 1):
            yield ["".join(parts[:first]), *rest]


def _halved(part: str) -> list[str]:
    """A part in as few lines as hold it, each about as long as the others."""
    count = math.ceil(_width(part) / _LINE) or 1
    size = math.ceil(len(part) / count)
    return [part[at : at + size] for at in range(0, len(part), size)]


def _width(text: str) -> float:
    return sum(0.5 if char.isascii() else 1.0 for char in text)
