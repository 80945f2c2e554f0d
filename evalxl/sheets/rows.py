"""Cells as finished XML: XlsxWriter's own bytes at a tenth of its time for a cell.

Those of a table are put into words a column at a time: XlsxWriter takes 7 µs to store and write a cell, this 0.5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast
from xml.sax.saxutils import escape

from xlsxwriter.format import Format

from evalxl.layout import column_letter
from evalxl.sheets.xlsxwriter_inside import number_of, text_xml

Ends = Callable[[Sequence[str]], Sequence[str]]  # texts → how the cells end that hold them


class Formula(NamedTuple):
    """A formula of our own, without its equals sign, and its result."""

    text: str
    result: float | str


def column_xml(
    column: int, rows: Sequence[int], values: Sequence[object], look: Format, odd: Mapping[int, Format], ends: Ends
) -> list[str]:
    """The cells of a column, counted from 1, in some rows; ``odd`` are the looks of those that look otherwise."""
    head, style = f'<c r="{column_letter(column)}', f'" s="{number_of(look)}"'
    ended = _ended(values, ends)
    cells = [f"{head}{row}{style}{end}" for row, end in zip(rows, ended, strict=True)]
    for offset, other in odd.items():
        cells[offset] = f'{head}{rows[offset]}" s="{number_of(other)}"{ended[offset]}'
    return cells


def row_xml(row: int, values: Sequence[object], looks: Sequence[Format], ends: Ends) -> list[str]:
    """The cells of a row, counted from 1, from the first column on."""
    return [cell_xml(row, at, *cell, ends) for at, cell in enumerate(zip(values, looks, strict=True), 1)]


def cell_xml(row: int, column: int, value: object, look: Format, ends: Ends) -> str:
    """A single cell."""
    return f'<c r="{column_letter(column)}{row}" s="{number_of(look)}"{_end(value, ends)}'


def _ended(values: Sequence[object], ends: Ends) -> Sequence[str]:
    """How cells end that hold these values."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return ends(cast("Sequence[str]", values))
    if kinds <= {float, int} and math.inf not in values and -math.inf not in values:
        numbers = cast("Sequence[float]", values)
        return [f"><v>{value:.16G}</v></c>" if value == value else "/>" for value in numbers]
    return [_end(value, ends) for value in values]


def _end(value: object, ends: Ends) -> str:
    if isinstance(value, str):
        return ends([value])[0]
    if isinstance(value, int | float):
        if math.isinf(value):
            raise ValueError("a cell cannot hold an infinite number")
        return f"><v>{value:.16G}</v></c>" if value == value else "/>"
    if isinstance(value, Formula):
        kind = ' t="str"' if isinstance(value.result, str) and value.result else ""
        return f"{kind}><f>{escape(value.text)}</f><v>{escape(str(value.result))}</v></c>"
    return "/>"


def inline_text(text: str) -> str:
    """How a cell ends that has its text for itself, as on sheets that are written to disk row by row."""
    if not text:
        return "/>"
    return f' t="inlineStr"><is>{text_xml(text)}</is></c>'
