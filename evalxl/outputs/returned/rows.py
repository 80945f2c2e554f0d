"""Where the rows of a sheet lie: found by their tags, held in little memory, for there may be a million."""

from __future__ import annotations

import re
from array import array
from bisect import bisect
from functools import lru_cache
from operator import lt
from typing import NamedTuple

from evalxl.outputs.returned.markup import CannotMark

_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d+)[\"']")


class Row(NamedTuple):
    """One row: its number, its start tag, and where the next row begins, or the rows end."""

    number: int
    tag: re.Match[bytes]
    end: int

    @property
    def empty(self) -> bool:
        """Whether it is written as one tag."""
        return self.tag[0].endswith(b"/>")

    @property
    def numbered(self) -> bool:
        """Whether its number is written in its tag."""
        return _NUMBER.search(self.tag[0]) is not None


class Rows:
    """The rows between two places of a sheet, in the order of their numbers; CannotMark where they are in none."""

    def __init__(self, content: bytes, prefix: bytes, start: int, end: int) -> None:
        self._content, self._end = content, end
        self._pattern = _row_pattern(prefix)
        self._numbers, self._starts = array("q"), array("q")
        for tag in self._pattern.finditer(content, start, end):
            self._numbers.append(int(tag[1]) if tag[1] else self._counted(tag))
            self._starts.append(tag.start())
        if not all(map(lt, self._numbers, memoryview(self._numbers)[1:])):
            raise CannotMark("有工作表的行次序混乱，不能在原表上标注")

    def _counted(self, tag: re.Match[bytes]) -> int:
        """The number of a row, wherever in its tag it stands; a row without one comes after the one before."""
        match = _NUMBER.search(tag[0])
        return int(match[1]) if match else (self._numbers[-1] + 1 if self._numbers else 1)

    def _row(self, position: int) -> Row:
        tag = self._pattern.match(self._content, self._starts[position])
        assert tag is not None  # noqa: S101 (found before)
        last = position + 1 == len(self._starts)
        return Row(self._numbers[position], tag, self._end if last else self._starts[position + 1])

    def get(self, number: int) -> Row | None:
        """The row of a number, if it is stored."""
        position = bisect(self._numbers, number) - 1
        return self._row(position) if position >= 0 and self._numbers[position] == number else None

    def after(self, number: int) -> Row | None:
        """The first row with a higher number."""
        position = bisect(self._numbers, number)
        return self._row(position) if position < len(self._numbers) else None

    def around(self, place: int) -> Row | None:
        """The row that a place in the sheet lies in."""
        position = bisect(self._starts, place) - 1
        return self._row(position) if position >= 0 else None


@lru_cache(maxsize=64)
def _row_pattern(prefix: bytes) -> re.Pattern[bytes]:
    """A row's start tag with its number, where that is written first, as it always is."""
    return re.compile(rb"<%brow(?:\s+r=\"(\d+)\")?(?=[\s/>])[^>]*>" % re.escape(prefix))
