"""The tables of chapter three: every indicator, and what each project says beside its amounts and its score.

``transfer.report.grids`` reads them back by these captions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from evalxl.layout import INDICATORS, PROJECTS, Field
from evalxl.outputs.word.blocks import Block, Column, Heading, Look, Paragraph, Table
from evalxl.outputs.word.figures import Figures
from evalxl.outputs.word.sentences import points
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_grouped

INDICATOR_CAPTION = "绩效指标完成情况表"
WHOLE = "部门整体"
PROJECT_CAPTION = "项目基本情况表"
_WIDTH = 156.0  # millimetres of the type area
_IN_CONCLUSION = ("index", "executed", "rate", "score", "grade")  # which chapter four shows of projects
# Where all columns of a table stand, each is so wide; where some are missing, the others are wider.
_MILLIMETRES = {
    "level1": 14, "level2": 16, "level3": 21, "direction": 11, "target": 18, "measure_unit": 11, "achieved": 18,
    "weight": 10, "points": 10, "cause": 27, "scoring": 24,
    "name": 32, "code": 26, "unit": 24, "initial": 20, "revised": 20, "measure": 27,
}  # fmt: skip


def accomplishment(figures: Figures) -> list[Block]:
    """The section, where the workbook has something for it."""
    indicators, projects = _indicators(figures), _projects(figures)
    heading = "（三）绩效指标完成和项目执行情况" if indicators else "（三）分项执行情况"
    withheld = [Paragraph(figures.withheld)] if figures.withheld else []
    found = [*indicators, *projects, *withheld]
    return [Heading(2, heading), *found] if found else []


def _indicators(figures: Figures) -> list[Block]:
    rows = sorted(figures.records("indicators"), key=lambda row: row["project"] != "")  # the whole department first
    fields = [each for each in INDICATORS.fields if each.key != "project" and not each.left_out]
    blocks: list[Block] = []
    order = list(dict.fromkeys(row["project"] for row in rows))
    for project, own in groupby(sorted(rows, key=lambda row: order.index(row["project"])), lambda row: row["project"]):
        caption = f"“{project}”项目{INDICATOR_CAPTION}" if project else f"{WHOLE}{INDICATOR_CAPTION}"
        blocks += [Paragraph(caption, Look.CAPTION), _table(fields, list(own))]
    return blocks


def _projects(figures: Figures) -> list[Block]:
    rows = figures.records("projects")
    fields = [each for each in PROJECTS.fields if each.key not in _IN_CONCLUSION and not each.left_out]
    if not any(_text(each, row) for row in rows for each in fields if each.key != "name"):
        return []
    return [Paragraph(PROJECT_CAPTION, Look.CAPTION), Paragraph("单位：万元", Look.UNIT), _table(fields, rows)]


def _table(fields: Sequence[Field], rows: Sequence[dict[str, Any]]) -> Table:
    """The fields that any of the records fills in, over the whole width."""
    shown = [each for each in fields if any(_text(each, row) for row in rows)]
    widths = [_MILLIMETRES.get(each.key, each.width) for each in shown]
    columns = tuple(
        Column(each.header, width * _WIDTH / sum(widths), _ALIGNED.get(each.kind, "left"))
        for each, width in zip(shown, widths, strict=True)
    )
    return Table(columns, tuple(tuple(_text(each, row) for each in shown) for row in rows))


_ALIGNED = {Kind.AMOUNT: "right", Kind.SCORE: "center", Kind.CHOICE: "center", Kind.COUNT: "center"}


def _text(field: Field, row: dict[str, Any]) -> str:
    value = row[field.key]
    if field.kind is Kind.SCORE and given(value):
        return points(value)
    if field.kind is Kind.AMOUNT:
        return show_grouped(value)
    if field.kind.numeric:
        return show(field.kind, value) if given(value) else ""
    return str(value).replace("\n", " ")
