"""Two things of Excel's own that XlsxWriter does not write: shared formulas, and rows that are tall but not fixed.

Should XlsxWriter change inside, every row would store its own formula and have the default height: nothing breaks.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet


class TemplateWorksheet(Worksheet):  # type: ignore[misc]
    """A worksheet whose rows may share a formula, and whose rows may start tall and still grow with their text."""

    def __init__(self) -> None:
        super().__init__()
        self._share: dict[tuple[int, int], tuple[int, str]] = {}
        self._shares = 0
        self._natural: dict[int, float] = {}

    def share_formula(self, cells: list[tuple[int, int]]) -> None:
        """Store the formula of these cells of one column with the first; rows and columns counted from 0."""
        if len(cells) < 2:
            return
        span = f"{xl_rowcol_to_cell(*cells[0])}:{xl_rowcol_to_cell(*cells[-1])}"
        self._share |= {at: (self._shares, span if at == cells[0] else "") for at in cells}
        self._shares += 1

    def natural_height(self, row: int, points: float) -> None:
        """The height a row has now; unlike one set by hand, it changes when what is in the row changes."""
        self._natural[row] = points

    def _write_row(self, row: int, spans: Any, row_info: Any = None, empty_row: bool = False) -> None:
        if row not in self._natural or row_info is not None or empty_row:
            super()._write_row(row, spans, row_info, empty_row)
            return
        self._xml_start_tag_unencoded("row", [("r", row + 1), ("ht", f"{self._natural[row]:g}")])

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if (row, col) not in self._share:
            super()._write_cell(row, col, cell)
            return
        index, span = self._share[row, col]
        attributes: list[tuple[str, object]] = [("r", xl_rowcol_to_cell(row, col)), ("s", cell.format._get_xf_index())]
        if isinstance(cell.value, str):
            attributes.append(("t", "str"))
        self._xml_start_tag("c", attributes)
        if span:
            self._xml_data_element("f", cell.formula, [("t", "shared"), ("ref", span), ("si", index)])
        else:
            self._xml_empty_tag("f", [("t", "shared"), ("si", index)])
        self._xml_data_element("v", cell.value)
        self._xml_end_tag("c")
