"""A workbook that was read, as entries of the template: last year's, or one in an older or other layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District
from evalxl.intake.read.cells import WITHOUT_VALUE, Odd
from evalxl.layout import BUDGET, GENERAL, PROJECTS, Field, Shape, Sheet, template_address
from evalxl.policy.policy import Policy
from evalxl.sheets.measure import TEXT_LIMIT, cell_text
from evalxl.template.entries import parts_of_totals
from evalxl.values.folding import clean, short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import FEN_PER, NAN, given
from evalxl.values.rounding import round_half_up

_RATE_PLACES = 4  # the template shows 97.78 %

# What became of a value that is no number; {} is what stands in the cell.
_AS_WRITTEN = "写的是“{}”，读不成数字，已照原文移入，请改正。"
_TOTAL_UNREAD = "写的是“{}”，读不成数字，没有移入，改由公式计算。"


Record = dict[str, Any]


@dataclass(frozen=True)
class Filled:
    """Entries for ``build``, and in one sentence each what the template could not take as it was."""

    entries: dict[str, object] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    as_written: list[str] = field(default_factory=list)  # those of them whose text stands in the template all the same


def beyond(sheet: Sheet, count: int) -> str:
    """What is said of more records than a block has rows for; '' where it has."""
    room = sheet.last_row - sheet.FIRST_ROW + 1
    return f"，其中 {count - room} 行接在预留的 {room} 行之后，打印前请重新设置打印区域" if count > room else ""


def entries_of(d: District, policy: Policy) -> Filled:
    """Everything read from one workbook, at the cells where the template has it; ValueError for several workbooks.

    Amounts stand in the unit the new workbook states. Totals and rates stay formulas where they say the same, else the
    stated figure takes the formula's place. Records beyond the block stand below it; rows are numbered anew.
    """
    filling = _Filling(d, policy)
    for sheet in layout.DATA_SHEETS:
        records = records_of(d.table(sheet.key))
        if sheet.shape is Shape.FORM:
            for record in records:
                filling.form(sheet, record)
            if sheet is GENERAL and not records:
                filling.state_unit()
        elif sheet.shape is Shape.LINES:
            filling.lines(records)
        else:
            for row, record in enumerate(records, sheet.FIRST_ROW):
                filling.record(sheet, row, record)
    return filling.filled


def records_of(table: pd.DataFrame) -> list[Record]:
    """A table's rows, each by the names of its columns."""
    return cast("list[Record]", table.to_dict("records"))


class _Filling:
    """The entries while they are gathered."""

    def __init__(self, d: District, policy: Policy) -> None:
        (unit,) = d.workbooks["money_unit"]
        self.filled = Filled()
        self.policy = policy
        self.said = _unit_to_state(d, policy, unit)
        self.fen = FEN_PER[policy.standard("money_unit", self.said) or "万元"]
        self.unread = {
            (note["sheet"], note["field"], 0 if note["sheet"] in _FORMS else _line(note["row"])): note
            for note in records_of(d.unread)
        }

    def state_unit(self) -> None:
        """The unit of the amounts below, where only a sheet's heading said it: there is no 基本信息."""
        if self.said:
            self.filled.entries[template_address(GENERAL, "money_unit")] = self.said

    def form(self, sheet: Sheet, record: Mapping[str, Any]) -> None:
        for each in sheet.fields:
            value = self.said if (sheet, each.key) == (GENERAL, "money_unit") else record[each.key]
            self._put(sheet, each, 0, 0, value)

    def record(self, sheet: Sheet, row: int, record: Mapping[str, Any]) -> None:
        for each in sheet.fields:
            value = record[each.key]
            if each.key == "index":
                value = _number(row, sheet, value)
            elif sheet is PROJECTS and each.key == "rate" and row <= sheet.last_row and _same_rate(record):
                continue
            self._put(sheet, each, row, _line(record["row"]), value)

    def lines(self, records: list[Record]) -> None:
        totals = parts_of_totals(self.policy)
        for each in BUDGET.fields[1:]:
            amounts = {record["key"]: record[each.key] for record in records}
            for record in records:
                key = record["key"]
                if each.kind is Kind.AMOUNT and key in totals and amounts[key] == _sum_of(key, amounts, totals):
                    continue
                self._put(BUDGET, each, key, _line(record["row"]), record[each.key])

    def _put(self, sheet: Sheet, each: Field, at: int | str, source_row: int, value: object) -> None:
        """One value to its cell; what reading could not make a number of stays as it was written."""
        note = self.unread.get((sheet.key, each.key, source_row))
        if note is not None:
            total = each.computed or (isinstance(at, str) and sheet.line_by_key[at].computed)
            raw, valueless = short(note["raw"]), note["kind"] in WITHOUT_VALUE
            words = (_TOTAL_UNREAD if total else _AS_WRITTEN).format(raw)
            self._leave_out(note, f"{Odd(note['kind'], raw).words(raw)}，没有移入，请补填。" if valueless else words)
            value = "" if valueless or total else note["raw"]
            if value != "":
                self.filled.as_written.append(self.filled.left_out[-1])
        if value != "" and given(value):
            address = template_address(sheet, each.key, at)
            self.filled.entries[address] = self._typed(each, address, value)

    def _typed(self, each: Field, address: str, value: Any) -> object:
        if isinstance(value, str):
            text = cell_text(value)
            if text != clean(value):
                self.filled.left_out.append(
                    f"{address} {each.header}超过 {TEXT_LIMIT} 字，单元格放不下，后面的部分没有移入。"
                )
            return text
        if each.kind is Kind.AMOUNT:
            return Decimal(round(value)) / self.fen
        return int(value) if value == int(value) and each.kind is not Kind.RATE else float(value)

    def _leave_out(self, note: Mapping[str, Any], words: str) -> None:
        self.filled.left_out.append(f"{note['sheet_title']}!{note['cell']} {note['label']}{words}")


_FORMS = {sheet.key for sheet in layout.DATA_SHEETS if sheet.shape is Shape.FORM}  # one record, without a row


def _line(row: float) -> int:
    return int(row) if given(row) else 0


def _unit_to_state(d: District, policy: Policy, unit: str) -> str:
    """What the new workbook says of its unit: the sender's own words, or 元 where only a sheet's heading said so."""
    said = str(next(iter(d.general["money_unit"]), ""))
    return unit if not said and unit in policy.labels("money_unit") and unit != "万元" else said


def _number(row: int, sheet: Sheet, written: str) -> object:
    """序号: the template's own number, unless something else than a number was written; below the block, a number."""
    if written and not written.isdecimal():
        return written
    return "" if row <= sheet.last_row else row - sheet.FIRST_ROW + 1


def _same_rate(project: Mapping[str, Any]) -> bool:
    """Whether the template's formula shows the rate that was stated."""
    rate, executed, revised = (float(project[key]) for key in ("rate", "executed", "revised"))
    if not given(rate) or not revised or not given(revised) or not given(executed):
        return False
    return round_half_up(rate, _RATE_PLACES) == round_half_up(executed / revised, _RATE_PLACES)


def _sum_of(line: str, amounts: Mapping[str, float], totals: Mapping[str, tuple[str, ...]]) -> float:
    """What a total's formula would show, from parts that may be such totals themselves; NaN for nothing."""
    stated = [amount for part in totals[line] if given(amount := _stands(part, amounts, totals))]
    return sum(stated) if stated else NAN


def _stands(line: str, amounts: Mapping[str, float], totals: Mapping[str, tuple[str, ...]]) -> float:
    stated = amounts.get(line, NAN)
    return _sum_of(line, amounts, totals) if line in totals and not given(stated) else stated
