"""How formulas name the cells of the template; every address comes from the layout."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evalxl.layout import BUDGET, Shape, Sheet, cell, column_letter, template_cell
from evalxl.values.kinds import Kind

_PLAIN = re.compile(r"[\u4e00-\u9fff]{1,31}")  # A1 or R1 would be a cell
_LEFT_PART = 40  # half-width characters that the line above the headers keeps for department and unit


def absolute(address: str) -> str:
    """An address that does not move when its formula is copied or laid over a block."""
    return re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", address)


def quoted(title: str) -> str:
    """A sheet's name as formulas write it."""
    return title if _PLAIN.fullmatch(title) else "'" + title.replace("'", "''") + "'"


def away(sheet: Sheet, address: str) -> str:
    """An address as formulas on other sheets write it."""
    return f"{quoted(sheet.title)}!{absolute(address)}"


def field_away(sheet: Sheet, key: str) -> str:
    """A form's field as formulas on other sheets write it."""
    return away(sheet, template_cell(sheet, key))


def column_of(sheet: Sheet, key: str) -> str:
    """All of a field's cells in the block, without the sheet's name."""
    letter = column_letter(sheet.column(key))
    return f"${letter}${sheet.FIRST_ROW}:${letter}${sheet.last_row}"


def column_away(sheet: Sheet, key: str) -> str:
    """All of a field's cells in the block as formulas on other sheets write them."""
    return f"{quoted(sheet.title)}!{column_of(sheet, key)}"


def in_row(sheet: Sheet, key: str, row: int) -> str:
    """A field's cell in one row; the column stays where it is when a rule is laid over several columns."""
    return f"${column_letter(sheet.column(key))}{row}"


def checks_of(sheet: Sheet) -> str:
    """All cells of the check column beside the block, without the sheet's name."""
    letter = column_letter(sheet.check_column)
    return f"${letter}${sheet.FIRST_ROW}:${letter}${sheet.last_row}"


def verdict_column(sheet: Sheet) -> int:
    """Where the sheet's check line begins in the row above the headers; department and unit stand left of it."""
    if sheet.shape is Shape.FORM:
        return 1
    width = 0
    for column, field in enumerate(sheet.fields, 1):
        width += field.width
        if width >= _LEFT_PART:
            return column + 1
    return len(sheet.fields)


def verdict_cell(sheet: Sheet) -> str:
    """The sheet's check line."""
    return cell(sheet.HEADER_ROW - 1, verdict_column(sheet))


def has_money(sheet: Sheet) -> bool:
    """Whether a sheet holds amounts, so that it must say in which unit."""
    return any(field.kind is Kind.AMOUNT for field in sheet.fields)


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Rows or columns as stretches of neighbours, each with its first and last."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = found[-1][0], number
        else:
            found.append((number, number))
    return found


def lines(keys: Iterable[str], column: int) -> str:
    """Some lines of the budget in one column, as the arguments of a SUM: neighbours are written as a range."""
    spans = runs(BUDGET.row(key) for key in keys)
    return ",".join(_range(cell(first, column), cell(last, column)) for first, last in spans)


def fields_in_row(sheet: Sheet, keys: Iterable[str], row: int) -> str:
    """Some fields' cells in one row, as the arguments of a COUNT; the columns stay where they are."""
    spans = runs(sheet.column(key) for key in keys)
    return ",".join(_range(f"${cell(row, first)}", f"${cell(row, last)}") for first, last in spans)


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}:{last}"
