"""A probed file's cells, sheet by sheet, from whichever reader has them; what the reader gets wrong is set right.

Values of .xlsx come from python-calamine through a file object; the cells that calamine shows as blanks although they
are none (errors, formulas without a result) are laid over them. Older formats the probe has read itself.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from python_calamine import CalamineWorkbook

from evalxl.intake.probe import Oddity, Probe, Unreadable, refusal
from evalxl.intake.probe.limits import MAX_TEXT
from evalxl.intake.read.cells import Grid, Odd, blank_covered
from evalxl.intake.read.error_codes import is_unknown, with_known_errors


@dataclass(frozen=True)
class OpenBook:
    """A workbook whose sheets can be read one by one."""

    probed: Probe
    reader: CalamineWorkbook | None  # None when the probe has read the cells
    _grids: dict[str, Grid] = field(default_factory=dict)  # what was read already: several questions are put to a sheet

    @property
    def titles(self) -> list[str]:
        """The names of the worksheets, in the workbook's order; chart sheets are not among them."""
        return list(self.probed.sheets)

    def grid(self, title: str) -> Grid:
        """A sheet's cells from the first row and column on; Unreadable when the reader fails."""
        if title not in self._grids:
            self._grids[title] = self._grid(title)
        return self._grids[title]

    def _grid(self, title: str) -> Grid:
        grid = self._values(title)
        if self.probed.long_texts and any(isinstance(raw, str) and len(raw) > MAX_TEXT for row in grid for raw in row):
            raise refusal("text_length")
        _lay_over(grid, self.probed.oddities.get(title, ()))
        blank_covered(grid, self.probed.veil(title).merges)
        return grid

    def _values(self, title: str) -> Grid:
        if self.reader is None:
            return [list(row) for row in self.probed.grids[title]]
        number = self.titles.index(title)
        try:
            return _read(self.reader, number)
        except BaseException as error:
            _end_if_asked(error)
        return self._read_anew(number)

    def _read_anew(self, number: int) -> Grid:
        """A sheet on which the reader failed, as the probe understands it."""
        try:
            return _read(CalamineWorkbook.from_filelike(io.BytesIO(self.probed.anew())), number)
        except Unreadable:
            raise
        except BaseException as error:
            _end_if_asked(error)
            raise refusal("unreadable") from None


def _read(reader: CalamineWorkbook, number: int) -> Grid:
    return cast("Grid", reader.get_sheet_by_index(number).to_python(skip_empty_area=False))


def _end_if_asked(error: BaseException) -> None:
    """Of what a reader raises, its panics are no Exception either."""
    if isinstance(error, KeyboardInterrupt | SystemExit):
        raise error


def open_book(probed: Probe) -> OpenBook:
    """Open what the probe has found safe; Unreadable when the reader fails."""
    if probed.grids:
        return OpenBook(probed, None)
    errors = (odd.text for cells in probed.oddities.values() for odd in cells if odd.kind == "error_cell")
    data = with_known_errors(probed.data) if any(map(is_unknown, errors)) else probed.data
    try:
        return OpenBook(probed, CalamineWorkbook.from_filelike(io.BytesIO(data)))
    except BaseException as error:
        _end_if_asked(error)
        raise refusal("unreadable") from None


def _lay_over(grid: Grid, oddities: Sequence[Oddity]) -> None:
    """Put odd cells where they stand, in a grid made large enough for them."""
    if not oddities:
        return
    width = max([len(grid[0]) if grid else 0, *(odd.column for odd in oddities)])
    grid += [[] for _ in range(max(odd.row for odd in oddities) - len(grid))]
    for row in grid:
        row.extend([""] * (width - len(row)))
    for odd in oddities:
        grid[odd.row - 1][odd.column - 1] = Odd(odd.kind, odd.text)
