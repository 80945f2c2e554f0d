"""The sheets and tables that forms lie on: every cell or merged area once, with its value as a person sees it.

A workbook is given to openpyxl for values, number formats and merged ranges at once, and only the parts that the probe
has bounded; the formats that it does not know are read by the probe.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from evalxl import layout
from evalxl.intake.probe import Probe, Unreadable, probe, refusal
from evalxl.intake.probe.contents import Area
from evalxl.intake.probe.formats import Formats
from evalxl.intake.read.cells import Grid, Odd, Raw, is_blank, to_text
from evalxl.intake.read.opening import open_book
from evalxl.values.folding import clean
from evalxl.values.number_formats import look_of
from evalxl.values.quantities import Formatted

_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PERCENT = -2  # the power of ten that a percentage is shown by
_FIGURE = re.compile(r"[-−–+¥￥]?\s?[0-9０-９][0-9０-９,，.．]*\s?[%％]?")
_MOST_AREA = 200_000  # cells of one sheet that a form can reach over


class Spot(NamedTuple):
    """A cell, or a merged area, which counts as one; rows and columns are 1-based."""

    row: int
    column: int
    bottom: int
    right: int
    raw: Raw
    text: str  # as seen; '' for a blank

    @property
    def is_number(self) -> bool:
        """Whether a number is stored, or written and nothing else: such a cell is no label."""
        stored = isinstance(self.raw, int | float | Formatted) and not isinstance(self.raw, bool)
        return stored or _FIGURE.fullmatch(self.text) is not None


@dataclass(frozen=True)
class Page:
    """A sheet of a workbook, or a table of a document with the lines above it."""

    file: str
    title: str
    spots: Mapping[tuple[int, int], Spot]  # every row and column that a spot reaches over
    last: int
    lines: int = -1  # of a document: how many rows are lines above its table
    hidden: bool = False  # a sheet that nobody sees

    def at(self, row: int, column: int) -> Spot | None:
        """What stands at a place; None for a blank."""
        return self.spots.get((row, column))

    @cached_property
    def _rows(self) -> dict[int, list[Spot]]:
        rows: dict[int, list[Spot]] = {}
        for (row, column), spot in sorted(self.spots.items()):
            if column == spot.column:
                rows.setdefault(row, []).append(spot)
        return rows

    def row(self, row: int) -> list[Spot]:
        """What stands in a row, or reaches into it, from the left."""
        return self._rows.get(row, [])

    @cached_property
    def texts(self) -> list[list[str]]:
        """The texts that begin in each row, for what is looked for by its label."""
        return [[spot.text for spot in self.row(row) if spot.row == row] for row in range(1, self.last + 1)]

    def place(self, spot: Spot) -> str:
        """Where something stands, as people say it."""
        if self.lines < 0:
            return layout.cell(spot.row, spot.column)
        return "表格上方" if spot.row <= self.lines else f"第 {spot.row - self.lines} 行"


def page_of(file: str, title: str, grid: Grid, merges: Iterable[Area], lines: int = -1) -> Page:
    """A page from its cells; a merged area has the value of its first cell."""
    spots: dict[tuple[int, int], Spot] = {}
    covered: set[tuple[int, int]] = set()
    area = 0
    for top, left, bottom, right in sorted(merges):
        bottom, right = min(bottom, len(grid)), min(right, max(map(len, grid), default=0))
        area += (bottom - top + 1) * (right - left + 1)
        if area > _MOST_AREA:
            raise refusal("merges", title[:31])
        places = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        if covered.isdisjoint(places) and top <= len(grid) and left <= len(grid[top - 1]):
            covered.update(places)
            raw = grid[top - 1][left - 1]
            if not is_blank(raw):
                spots.update(dict.fromkeys(places, Spot(top, left, bottom, right, raw, seen(raw))))
    for row, cells in enumerate(grid, 1):
        for column, raw in enumerate(cells, 1):
            if (row, column) not in covered and not is_blank(raw):
                spots[row, column] = Spot(row, column, row, column, raw, seen(raw))
    return Page(file, title, spots, len(grid), lines)


def seen(raw: Raw) -> str:
    """A cell as a person reads it: 95% and not 0.95, 2023年12月 and not its first day; exactly, not rounded."""
    if isinstance(raw, Odd):
        return clean(raw.text)
    if isinstance(raw, Formatted):
        look = look_of(raw.code, raw.number)
        if look.power == _PERCENT:
            return f"{_plain(raw.number * 100)}%"
        return _plain(raw.number) if look.power or look.doubt else f"{look.before}{_plain(raw.number)}{look.after}"
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _plain(float(raw))
    return to_text(raw)


def _plain(number: float) -> str:
    return f"{number:.12g}" if abs(number) < 1e12 else f"{number:.0f}"


def workbook_pages(path: Path, name: str) -> list[Page]:
    """The sheets of a workbook; Unreadable says why it is not read."""
    probed = probe(path)
    if probed.grids:
        book = open_book(probed)
        sheets = {
            title: (_formatted(book.grid(title), probed.formats(title)), probed.veil(title).merges)
            for title in book.titles
        }
    else:
        sheets = _by_openpyxl(probed)
    return [
        replace(page_of(name, clean(title), *sheet), hidden=probed.veil(title).sheet) for title, sheet in sheets.items()
    ]


def _formatted(grid: Grid, formats: Formats) -> Grid:
    for (row, column), code in formats.items():
        if row <= len(grid) and column <= len(grid[row - 1]):
            raw = grid[row - 1][column - 1]
            if isinstance(raw, int | float) and not isinstance(raw, bool):
                grid[row - 1][column - 1] = Formatted(float(raw), code)
    return grid


def _by_openpyxl(probed: Probe) -> dict[str, tuple[Grid, tuple[Area, ...]]]:
    """The cells and merged ranges of each sheet, from the parts that the probe has found safe and nothing else."""
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a missing style and the like, which nobody at a desk understands
            book = openpyxl.load_workbook(io.BytesIO(_package(probed)), data_only=True)
        found = {}
        for title, sheet in zip(probed.sheets, book.worksheets, strict=True):
            grid: Grid = [[_raw(cell) for cell in row] for row in sheet.iter_rows()]
            for odd in probed.oddities.get(title, ()):
                if odd.row <= len(grid) and odd.column <= len(grid[odd.row - 1]):
                    grid[odd.row - 1][odd.column - 1] = Odd(odd.kind, odd.text)
            ranges = (
                Area(each.min_row, each.min_col, each.max_row, each.max_col) for each in sheet.merged_cells.ranges
            )
            found[title] = (grid, tuple(ranges))
    except Unreadable:
        raise
    except Exception:  # whatever it raises on a sheet that other programs open
        raise refusal("unreadable") from None
    return found


def _package(probed: Probe) -> bytes:
    """The safe parts with the list of contents that openpyxl looks for."""
    stream = io.BytesIO(probed.data)
    with zipfile.ZipFile(stream, "a") as package:
        kinds = {"xl/workbook.xml": "sheet.main", "xl/sharedStrings.xml": "sharedStrings", "xl/styles.xml": "styles"}
        names = package.namelist()
        parts = {name: kinds.get(name, "worksheet") for name in names if name in kinds or "/worksheets/" in name}
        overrides = "".join(
            f'<Override PartName="/{name}" ContentType="{_CONTENT}.{kind}+xml"/>' for name, kind in parts.items()
        )
        namespace = "http://schemas.openxmlformats.org/package/2006/content-types"
        package.writestr("[Content_Types].xml", f'<Types xmlns="{namespace}">{overrides}</Types>')
    return stream.getvalue()


def _raw(cell: object) -> Raw:
    value, code = getattr(cell, "value", None), getattr(cell, "number_format", "General")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return Formatted(float(value), code) if code != "General" else float(value)
    if isinstance(value, dt.datetime) and "m" in code.lower() and "d" not in code.lower():
        return f"{value.year}年{value.month}月"
    return clean(value) if isinstance(value, str) else value
