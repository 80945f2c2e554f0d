"""The formulas of a worksheet: a total without one has been typed over, one whose result is old is added up again."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator, Mapping

from evalxl.layout import cell, column_letter, column_number

Formulas = Mapping[tuple[int, int], str]  # row and column, 1-based → the formula; '' where it is not told


def is_formula_in(content: bytes, row: int, column: int) -> bool:
    """Whether a cell of a worksheet holds a formula."""
    return re.search(rb'<c r="%s"[^<>]*><f\b' % cell(row, column).encode(), content) is not None


_SHARED = re.compile(rb"\bsi=[\"'](\d{1,6})")
_REFERENCE = re.compile(r"\"[^\"]*\"|(?<![\w!'.])(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})(?![\w(!.])")


def formulas_in(content: bytes, columns: Collection[int]) -> Formulas:
    """The formulas in some columns of a worksheet."""
    return dict(_formulas(content, columns)) if b"<f" in content and columns else {}


def _formulas(content: bytes, columns: Collection[int]) -> Iterator[tuple[tuple[int, int], str]]:
    letters = "|".join(map(column_letter, columns)).encode()
    pattern = rb'<c r="(%s)([0-9]{1,7})"[^<>]*><f\b([^<>]*)(?:/>|>([^<]*)</f>)' % letters
    shared: dict[bytes, tuple[int, int, str]] = {}  # by number, where the first stands and what it is
    for name, digits, attributes, written in re.findall(pattern, content):
        row, column = int(digits), column_number(name.decode())
        formula = html.unescape(written.decode(errors="replace"))
        number = _SHARED.search(attributes)
        if number is not None and formula:
            shared[number[1]] = row, column, formula
        elif number is not None and number[1] in shared:
            first_row, first_column, formula = shared[number[1]]
            formula = moved(formula, row - first_row, column - first_column)
        yield (row, column), formula


def moved(formula: str, down: int, right: int) -> str:
    """A formula as it reads in another cell that shares it."""

    def move(match: re.Match[str]) -> str:
        fixed_column, letters, fixed_row, digits = match.groups()
        if letters is None:  # a text
            return match[0]
        column = column_number(letters) + (0 if fixed_column else right)
        row = int(digits) + (0 if fixed_row else down)
        return f"{fixed_column}{column_letter(column)}{fixed_row}{row}" if row > 0 and column > 0 else "#REF!"

    return _REFERENCE.sub(move, formula)
