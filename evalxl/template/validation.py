"""What may be typed into a field, and what the accountant reads while typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalxl.layout import INDICATORS, PROJECTS, UNITS, Field, Sheet, cell
from evalxl.template.page import FormPage
from evalxl.template.references import column_of, in_row
from evalxl.values.kinds import Kind

_CEILING = 90_000_000_000  # beyond it, whole fen are no longer exact
_TITLE, _TEXT = 32, 255  # characters that Excel has room for

_SUGGESTIONS = {(PROJECTS.key, "unit"): "list_units", (INDICATORS.key, "project"): "list_projects"}
_UNIQUE = {(UNITS.key, "name"): ("name",), (PROJECTS.key, "name"): ("name", "unit")}


def of_field(page: FormPage, sheet: Sheet, field: Field, rows: Sequence[int], hint: str = "") -> None:
    """Lay a field's input message and test over its cells in some rows."""
    if field.computed or field.key == "index":
        return
    column = sheet.column(field.key)
    options = _test(sheet, field, cell(rows[0], column), rows[0]) | {"ignore_blank": True}
    message = hint or field.hint
    if message:
        options |= {"input_title": field.header[:_TITLE], "input_message": message[:_TEXT]}
    page.validate(rows, column, options)


def _test(sheet: Sheet, field: Field, own: str, row: int) -> dict[str, Any]:
    place = (sheet.key, field.key)
    if place in _SUGGESTIONS:  # offers what has been listed, accepts anything
        return {"validate": "list", "source": f"={_SUGGESTIONS[place]}", "show_error": False}
    if place in _UNIQUE:
        return _unique(sheet, _UNIQUE[place], row)
    if field.kind is Kind.CHOICE:
        return {"validate": "list", "source": f"=list_{field.choices}"} | _stop("请从下拉列表中选取。")
    return _numeric(field.kind, own)


def _numeric(kind: Kind, own: str) -> dict[str, Any]:
    if kind is Kind.AMOUNT:
        rule: dict[str, Any] = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": _CEILING}
        return rule | _stop("填数字，单位见表头，不要写“万元”二字；没有发生额填 0。")
    if kind is Kind.SCORE:
        formula = f"=AND(ISNUMBER({own}),{own}>=0,{own}<=100,ROUND({own},2)={own})"
        return {"validate": "custom", "value": formula} | _stop("填 0 至 100 的数字，最多两位小数，不要写“分”字。")
    if kind is Kind.COUNT:
        return {"validate": "integer", "criteria": ">=", "value": 0} | _stop("填整数，不要写“人”“个”等字。")
    if kind is Kind.YEAR:
        rule = {"validate": "integer", "criteria": "between", "minimum": 2000, "maximum": 2100}
        return rule | _stop("填四位数字的年度，如 2023，不加“年”字。")
    return {"validate": "any"}


def _unique(sheet: Sheet, keys: tuple[str, ...], row: int) -> dict[str, Any]:
    """One row per name; a warning, for two units may run projects of one name before either is entered."""
    own = in_row(sheet, keys[0], row)
    if len(keys) == 1:
        formula = f"=COUNTIF({column_of(sheet, keys[0])},{own})=1"
    else:
        same = "*".join(f"({column_of(sheet, key)}={in_row(sheet, key, row)})" for key in keys)
        formula = f"=SUMPRODUCT({same})=1"
    words = "、".join(sheet.by_key[key].header for key in keys)
    message = f"{words}与已填的另一行相同，一个只填一行。确需保留请选“是”。"
    return {"validate": "custom", "value": formula} | _stop(message) | {"error_type": "warning"}


def _stop(message: str) -> dict[str, Any]:
    return {"error_type": "stop", "error_title": "请检查", "error_message": message}
