"""The tables of the good workbook with plain values put in their place, without a file; what one rule finds in them.

For boundaries: a value just below, at and just above costs a tenth of what a workbook costs. Keys and standard words are
derived anew, but nothing is read: what reading makes of a cell (a unit, a note) belongs into tests/rulebook or tests/edges.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
from addresses import finding_by_header
from conftest import BLANK, brief, fill

from evalxl import layout
from evalxl.district.findings import FAILED, NOT_APPLICABLE, NOT_EVALUATED, PASSED
from evalxl.district.tables import District, of_tables, rows_of
from evalxl.intake.read import read
from evalxl.intake.read.keys import derived
from evalxl.layout import Shape
from evalxl.policy.policy import Policy, load
from evalxl.rules import RULES
from evalxl.rules.engine import check
from evalxl.values.kinds import Kind
from evalxl.values.quantities import FEN_PER

_SHEETS = {sheet.title: sheet for sheet in layout.SHEETS}


def good_tables(folder: Path, policy: Policy, edit: Mapping[str, object] | None = None) -> District:
    """The good workbook, read once."""
    return read([("w.xlsx", fill(folder / "w.xlsx", edit or {}))], policy)


def with_cells(d: District, cells: Mapping[str, object]) -> District:
    """The same with other values in some cells, named as the rulebook's cases name them; amounts in 万元."""
    tables = {name: table.copy() for name, table in d.tables.items()}
    for address, value in cells.items():
        title, _, place = address.partition("!")
        header, _, row = place.partition("@")
        sheet = _SHEETS[title]
        (field,) = [each for each in sheet.fields if each.header == header]
        table = tables[sheet.key]
        if sheet.shape is Shape.FORM:
            at = table["workbook"] != ""
        elif row.isdigit():
            at = table["row"] == int(row)
        else:
            at = table["key"] == next(line.key for line in sheet.lines if line.label == row)
        assert at.sum() == 1, address
        table[field.key] = table[field.key].mask(at, _entered(value, field.kind))
    lists = {name: {str(key): column.tolist() for key, column in table.items()} for name, table in tables.items()}
    for sheet in (each for each in layout.SHEETS if each.key in lists):
        tables[sheet.key] = tables[sheet.key].assign(**derived(sheet.key, lists, load()))
    return replace(of_tables(tables, d.places), bureau=d.bureau)


def tables_of(d: District, case: Mapping[str, Any]) -> District:
    """The tables of a case of tests/rows: other values in some cells, and what reading is to have noted beside."""
    return _with_notes(with_cells(d, case.get("cells", {})), case.get("notes", []))


def _with_notes(d: District, notes: Sequence[Mapping[str, object]]) -> District:
    blank = dict.fromkeys(d.notes.columns, "") | {"workbook": "w.xlsx", "row": float("nan")}
    added = pd.DataFrame([blank | dict(note) for note in notes], columns=d.notes.columns)
    table = pd.concat([d.notes, added], ignore_index=True).astype(d.notes.dtypes)
    return of_tables(d.tables | {"notes": table}, d.places) if notes else d


def _entered(value: object, kind: Kind) -> Any:
    if value == BLANK:
        return float("nan") if kind.numeric else ""
    return round(value * FEN_PER["万元"], 4) if kind is Kind.AMOUNT and isinstance(value, int | float) else value


def named(d: District, workbook: str) -> District:
    """The same tables as those of another workbook."""
    tables = {name: table.assign(workbook=workbook) for name, table in d.tables.items()}
    return of_tables(tables, {(workbook, key): place for (_, key), place in d.places.items()})


def broken(rule: str, d: District, policy: Policy, *words: str) -> list[tuple[Any, ...]]:
    """All rows that break a rule: the cell as cases name it, and what is said of it under some words."""
    found = []
    for row in rows_of(RULES[rule].breaks(d, policy)):
        sheet = layout.BY_KEY[row.get("sheet") or RULES[rule].sheet]
        field = sheet.by_key[row.get("field") or RULES[rule].field]
        line = next((each.label for each in sheet.lines if each.key == row.get("key")), "") if sheet.lines else ""
        place = "" if sheet.shape is Shape.FORM else f"@{line or int(row['row'])}"
        found.append((f"{sheet.title}!{field.header}{place}", *(row[word] for word in words)))
    return found


def told(rule: str, d: District, policy: Policy) -> list[str]:
    """All that one rule tells of tables, as the cases of tests/rows write it: the cell by its header, then the words."""
    with patch.dict(RULES, {rule: RULES[rule]}, clear=True):
        found = check(d, policy, RULES[rule].scope).findings
    places = [finding_by_header(each).partition(" ")[2] for each in brief(found)]
    words = [each.message.removeprefix(f"{each.sheet}!{each.cell} ") for each in found]
    return [f"{place}：{said}" for place, said in zip(places, words, strict=True)]


def answer(rule: str, d: District, policy: Policy) -> str:
    """How far one rule of single workbooks could be applied to the only one of a district, as the cases write it."""
    with patch.dict(RULES, {rule: RULES[rule]}, clear=True):
        (letter,) = check(d, policy).answers.values()
    return {PASSED: "通过", FAILED: "有问题", NOT_APPLICABLE: "不适用", NOT_EVALUATED: "未核对"}[letter]
