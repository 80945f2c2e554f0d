"""A header over several columns: 决算数 over 财政拨款, 其他资金, 合计, or over two years. One is meant, or none.

The first of them is never taken because it is first: where neither a total, nor the year, nor the entries tell which
column is meant, none is read (rule F02).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from evalxl.intake.probe.contents import Area
from evalxl.intake.read.cells import Grid, Raw, is_blank, raw_at, to_text
from evalxl.values.folding import clean, label_key

# What the column is called that is meant, of several: the first of these that is there.
_TOTALS = (
    {
        "合计",
        "总计",
        "共计",
        "总额",
        "合计数",
        "总计数",
        "总数",
        "本年合计",
        "资金合计",
        "金额合计",
        "合计金额",
        "资金总额",
    },
    {"小计"},
    {"金额", "数额", "绝对数", "本年数", "本年", "本年度", "当年", "当年数"},
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_MOST_LEVELS = 4


class Spread(NamedTuple):
    """What a header over several columns comes to; rows and columns 0-based."""

    column: int | None  # the one that is meant
    cells: list[tuple[int, int]]  # those that head it, from the header down
    last: int  # the last row of headers below it
    names: list[str]  # of the columns
    chosen: str = ""  # the name of the one


class _Span(NamedTuple):
    first: int
    last: int
    bottom: int  # row


def spread_of(grid: Grid, merges: Iterable[Area], row: int, column: int, year: float) -> Spread | None:
    """The columns under a header, where it has several."""
    merges = tuple(merges)
    cells, names, chosen = [(row, column)], [], ""
    last = row
    for _ in range(_MOST_LEVELS):
        span = _span(grid, merges, row, column)
        if span is None:
            break
        below = span.bottom + 1
        parts = _parts(grid, merges, below, span)
        if not any(text for _, text in parts):
            return _by_entries(grid, span, cells, last)
        last = max(last, below)
        names = [text or "（空）" for _, text in parts]
        found = _choose(grid, below, parts, year)
        if found is None:
            return Spread(None, cells, last, names)
        row, column, chosen = below, found, dict(parts)[found]
        cells.append((row, column))
    return Spread(column, cells, last, names, chosen) if len(cells) > 1 else None


def _span(grid: Grid, merges: tuple[Area, ...], row: int, column: int) -> _Span | None:
    """The columns that a header stands over: merged, or centred over blank cells with headers below."""
    merge = next((each for each in merges if each.covers(row + 1, column + 1)), None)
    if merge is not None:
        return _Span(merge.left - 1, merge.right - 1, merge.bottom - 1) if merge.right > merge.left else None
    below = grid[row + 1] if row + 1 < len(grid) else []
    last = column
    while last + 1 < len(below) and raw_at(grid[row], last + 1) == "" and _is_heading(below[last + 1]):
        last += 1
    blank_left = all(is_blank(raw) for raw in below[: min(column, 1)])
    return _Span(column, last, row) if last > column and blank_left and _is_heading(below[column]) else None


def _is_heading(raw: Raw) -> bool:
    return isinstance(raw, str) and not is_blank(raw) and not any(each.isdigit() for each in _YEAR.sub("", raw))


def _parts(grid: Grid, merges: tuple[Area, ...], row: int, span: _Span) -> list[tuple[int, str]]:
    """The first column and the words of each header below; '' where there is none, or an entry."""
    cells = grid[row] if row < len(grid) else []
    covered = {
        column for top, left, bottom, right in merges if top <= row + 1 <= bottom for column in range(left, right)
    }
    return [
        (column, _words(raw_at(cells, column))) for column in range(span.first, span.last + 1) if column not in covered
    ]


def _words(raw: Raw) -> str:
    if isinstance(raw, float) and 1990 <= raw <= 2100 and raw == int(raw):
        return f"{raw:.0f}"
    return clean(to_text(raw)) if isinstance(raw, str) and (_is_heading(raw) or _YEAR.search(raw)) else ""


def _choose(grid: Grid, row: int, parts: list[tuple[int, str]], year: float) -> int | None:
    if len(parts) == 1:
        return parts[0][0]
    years = {column: {int(each) for each in _YEAR.findall(text)} for column, text in parts}
    if any(years.values()):
        meant = [column for column, stated in years.items() if stated == {year}]
        return meant[0] if len(meant) == 1 else None
    for words in _TOTALS:
        meant = [column for column, text in parts if label_key(text) in words]
        if meant:
            return meant[0] if len(meant) == 1 else None
    return _filled(grid, row, [column for column, _ in parts])


def _filled(grid: Grid, row: int, columns: list[int]) -> int | None:
    """The one column of some that has entries below a row."""
    filled = [column for column in columns if any(not is_blank(raw_at(cells, column)) for cells in grid[row + 1 :])]
    return filled[0] if len(filled) == 1 else None


def _by_entries(grid: Grid, span: _Span, cells: list[tuple[int, int]], last: int) -> Spread | None:
    """Merged headers over cells that are not told apart: for looks, unless several columns have entries."""
    columns = list(range(span.first, span.last + 1))
    filled = [column for column in columns if any(not is_blank(raw_at(row, column)) for row in grid[span.bottom + 1 :])]
    if len(filled) > 1:
        return Spread(None, cells, last, ["（空）"] * len(columns))
    column = filled[0] if filled else cells[-1][1]
    return Spread(column, [*cells, (cells[-1][0], column)], last, [])
