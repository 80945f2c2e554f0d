"""The one thing of Excel's own that XlsxWriter does not write: rows that start tall and still grow with their text.

It overrides a private method of XlsxWriter, which pyproject.toml therefore keeps below its next major version.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter.worksheet import Worksheet


class TemplateWorksheet(Worksheet):  # type: ignore[misc]
    """A worksheet with rows whose height is not fixed, although it is given."""

    def __init__(self) -> None:
        super().__init__()
        self._natural: dict[int, float] = {}

    def natural_height(self, row: int, points: float) -> None:
        """The height a row has now; unlike one set by hand, it changes when what is in the row changes."""
        self._natural[row] = points

    def _write_row(self, row: int, spans: Any, row_info: Any = None, empty_row: bool = False) -> None:
        if row not in self._natural or row_info is not None or empty_row:
            super()._write_row(row, spans, row_info, empty_row)
        else:
            self._xml_start_tag_unencoded("row", [("r", row + 1), ("ht", f"{self._natural[row]:g}")])
