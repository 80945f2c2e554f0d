"""Where the formulas of a worksheet stand: a total without one has been typed over."""

from __future__ import annotations

import re

from evalxl.layout import column_number

_FORMULA = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>]*><f\b')


def formula_cells(content: bytes) -> frozenset[tuple[int, int]]:
    """The cells of a worksheet that hold a formula, as row and column; written otherwise than usual, none is found."""
    if b"<f" not in content:
        return frozenset()
    return frozenset((int(row), column_number(letters.decode())) for letters, row in _FORMULA.findall(content))
