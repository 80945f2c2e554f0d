"""What is filled in while the template is written, and what the formulas make of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from evalxl import layout
from evalxl.layout import BUDGET, GENERAL, PROJECTS, Sheet
from evalxl.policy.policy import Policy

_KEY = re.compile(r"([^!]+)!([A-Z]{1,3})([1-9][0-9]*)")


class EmptyText(str):
    """The stored result of a formula that shows nothing.

    XlsxWriter takes a plain '' for "no result at all", which readers must distrust; this one it stores as a text.
    """

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EmptyText)


EMPTY = EmptyText()


class Entries:
    """Values by sheet, row and column; KeyError for an address that is on none of the template's sheets."""

    def __init__(self, entries: Mapping[str, object]) -> None:
        titles = {sheet.title for sheet in layout.SHEETS}
        self._cells: dict[str, dict[tuple[int, int], object]] = {title: {} for title in titles}
        for key, value in entries.items():
            match = _KEY.fullmatch(key)
            if match is None or match[1] not in titles:
                raise KeyError(key)
            self._cells[match[1]][int(match[3]), layout.column_number(match[2])] = value

    def on(self, title: str) -> dict[tuple[int, int], object]:
        """The entries of one sheet."""
        return self._cells.get(title, {})

    def has(self, sheet: Sheet, row: int, column: int) -> bool:
        """Whether an entry says what stands in a cell (also when it says: nothing)."""
        return (row, column) in self._cells[sheet.title]

    def value(self, sheet: Sheet, row: int, column: int) -> object:
        """What an entry puts into a cell; None for nothing."""
        return self._cells[sheet.title].get((row, column))

    def number(self, sheet: Sheet, row: int, column: int) -> Decimal | None:
        """The number an entry puts into a cell; None for a blank or a text, which formulas pass over."""
        return _decimal(self.value(sheet, row, column))


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def parts_of_totals(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The lines that each computed line of the budget adds up, by the policy's identities."""
    parts = policy.grand_totals | {identity.total: identity.parts for identity in policy.sums}
    return {line.key: parts[line.key] for line in BUDGET.lines if line.computed and line.key in parts}


def budget_figure(entries: Entries, totals: Mapping[str, tuple[str, ...]], line: str, column: int) -> Decimal | None:
    """A line's amount as the workbook would show it: entered, or added up where the line is a total left alone."""
    row = BUDGET.row(line)
    if line not in totals or entries.has(BUDGET, row, column):
        return entries.number(BUDGET, row, column)
    parts = [budget_figure(entries, totals, part, column) for part in totals[line]]
    numbers = [part for part in parts if part is not None]
    return sum(numbers, Decimal(0)) if numbers else None


def execution_rate(entries: Entries, row: int) -> float | str:
    """执行率 of one project: 全年执行数 ÷ 全年预算数, nothing where it cannot be computed."""
    revised = entries.number(PROJECTS, row, PROJECTS.column("revised"))
    executed = entries.number(PROJECTS, row, PROJECTS.column("executed"))
    if executed is None or not revised:
        return EMPTY
    return float(executed) / float(revised)


def formula_result(amount: Decimal | None) -> float | str:
    """A computed amount as the stored result of its formula."""
    return EMPTY if amount is None else float(amount)


def sheet_title(entries: Entries, sheet: Sheet) -> str:
    """The first line of a sheet as its formula shows it."""
    year = entries.number(GENERAL, GENERAL.row("year"), GENERAL.column("year"))
    return ("" if year is None else f"{year.normalize():f}年度") + title_tail(sheet)


def title_tail(sheet: Sheet) -> str:
    """The part of a sheet's first line that never changes."""
    return f"{layout.TITLE} — {sheet.title}"


def department_and_unit(entries: Entries, *, money: bool) -> str:
    """The line above the headers as its formula shows it: whose sheet this is, and the unit of its amounts."""
    parts = [_text(entries, "department")]
    if money:
        parts.append(f"金额单位：{_text(entries, 'money_unit') or '万元'}")
    return "　".join(part for part in parts if part) or EMPTY


def _text(entries: Entries, key: str) -> str:
    value = entries.value(GENERAL, GENERAL.row(key), GENERAL.column(key))
    return "" if value is None else str(value)
