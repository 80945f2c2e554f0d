"""The fields of a sheet as columns of a table: what the layout declares appears by itself where records are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from evalxl.district.tables import Row
from evalxl.layout import PROJECTS, Sheet
from evalxl.sheets.book import WIDEST
from evalxl.sheets.columns import NUMBER, Cell, Column, Total
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN

_LOOKS = {
    Kind.AMOUNT: ("amount", Total.SUM),
    Kind.COUNT: ("count", Total.SUM),
    Kind.RATE: ("rate", Total.NONE),
    Kind.SCORE: ("score", Total.NONE),
    Kind.YEAR: ("year", Total.NONE),
    Kind.CHOICE: ("centre", Total.NONE),
}
_LEAST_WIDTH = 10  # half-width characters that any text may take
# Widths that suit what is written there better than the template's columns do.
_MOST = {
    "projects": {"name": 34, "code": 22, "unit": 20},
    "indicators": {"project": 26, "level1": 12, "level2": 14, "level3": 24, "target": 16, "achieved": 16, "cause": 26},
}
_CENTRED = {("indicators", "measure_unit")}


def field_column(sheet: Sheet, key: str, **changes: Any) -> Column:
    """A field as a column of a table of records; ``changes`` are those of the column that its kind does not tell."""
    field = sheet.by_key[key]
    look, total = _LOOKS.get(field.kind, ("centre" if (sheet.key, key) in _CENTRED else "text", Total.NONE))
    optional = look == "text" and sheet.required and not field.required
    most = _MOST.get(sheet.key, {}).get(key, max(field.width, _LEAST_WIDTH)) if field.kind is Kind.TEXT else WIDEST
    column = Column(field.header, look, total, most=most, optional=optional, of=itemgetter(key), field=key)
    return replace(column, **changes)


def field_columns(sheet: Sheet, instead: Mapping[str, Sequence[Column]]) -> list[Column]:
    """All fields of a sheet in its order; ``instead`` says by field what stands in its place."""
    columns: list[Column] = []
    for each in (each for each in sheet.fields if not each.left_out):
        usual = [NUMBER] if each.key == "index" else [field_column(sheet, each.key)]
        columns += instead.get(each.key, usual)
    return columns


def completion(header: str) -> Column:
    """The rate of execution of each project, computed anew from its amounts."""
    over = (PROJECTS.by_key["executed"].header, PROJECTS.by_key["revised"].header)

    def of(project: Row) -> float:
        return project["executed"] / project["revised"] if project["revised"] > 0 else NAN

    return Column(header, "rate", Total.RATIO, over=over, of=of)


def grade_columns(earned: Callable[[Row], str]) -> list[Column]:
    """The grade that a project states, marked where its score earns another, and the one that it earns."""

    def stated(project: Row) -> object:
        wrong = project["grade"] and project["grade_standard"] != earned(project)
        return Cell(project["grade"], "warning") if wrong else project["grade"]

    return [
        field_column(PROJECTS, "grade", header="自报等级", of=stated),
        Column("应评等级", "centre", of=earned),
    ]
