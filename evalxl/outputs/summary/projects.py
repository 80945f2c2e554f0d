"""项目汇总: the projects of all workbooks that count, one row each, with their origin."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from evalxl.district.tables import Row, each_row, rows_of
from evalxl.layout import PROJECTS
from evalxl.outputs.field_columns import completion, field_column, field_columns, grade_columns
from evalxl.outputs.summary.sheet import (
    MORE,
    ORIGIN_WORDS,
    ROOM,
    few_or_many,
    origin_columns,
    sender_columns,
    sign,
    signing_page,
)
from evalxl.outputs.summary.tally import Tally
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Column, Total
from evalxl.sheets.table import Paper, Placed, values_of, write_columns, write_records
from evalxl.values.quantities import NAN, given

_LAST = "备注"  # the last column that is printed


def write_published_projects(book: Book, tally: Tally) -> None:
    """Write 项目汇总 as it is published: what the departments say of their projects, and what is left out."""
    table = tally.counted.projects
    decided = ("是否公开", "不公开原因")  # what is not public is not here
    rows, every = rows_of(table), field_columns(PROJECTS, _amounts())
    fields = [each for each in every if not each.optional or any(row[each.field] for row in rows)]
    *others, last = [each for each in fields if each.header not in decided]
    columns = [*sender_columns(tally, 24), *others, replace(last, optional=False)]  # the paper ends with it
    withheld = [f"{tally.names[book]}：{words}" for book, words in tally.d.bureau.withheld.items()]
    write_records(
        signing_page(book, "项目汇总"), "项目绩效自评汇总表", columns, rows,
        note="".join(["执行率由执行数和预算数计算；得分合计为平均数。", *withheld]),
        unit=f"{tally.scope}　　单位：万元、分", total="所列合计" if withheld else "合计", empty="没有项目",
        paper=Paper(last.header, ROOM),
    )  # fmt: skip


def _amounts() -> dict[str, list[Column]]:
    """The columns of 项目 that stand otherwise in a summary."""
    return {
        "index": [],
        **{key: [field_column(PROJECTS, key, look="money")] for key in ("initial", "revised", "executed")},
        "code": [field_column(PROJECTS, "code", optional=False)],
        "rate": [completion("执行率")],
        "score": [field_column(PROJECTS, "score", total=Total.MEAN)],
    }


def write_projects(book: Book, tally: Tally) -> Placed:
    """Write 项目汇总; every total is a formula over its column."""
    table, grade = tally.counted.projects, cache(tally.policy.grade)

    def earned(project: Row) -> str:
        return grade(project["score"]) if given(project["score"]) else ""

    def rechecked(project: Row) -> float:
        return tally.rechecked.get((project["workbook"], project["row"]), NAN)

    stated, due = grade_columns(earned)
    columns = [
        *sender_columns(tally, 24), *field_columns(PROJECTS, _amounts() | {"grade": [stated]}),
        Column("复核得分", "score", of=rechecked),
        Column("差异", "score", of=lambda each: round(each["score"] - rechecked(each), 6)),
        *_by_hand(), due, *origin_columns(tally, PROJECTS.key),
    ]  # fmt: skip

    note = "执行率由执行数和预算数重新计算；自报等级与得分不符的用黄色标出；差异为自评减复核；得分合计为平均数。"
    placed = write_columns(
        signing_page(book, "项目汇总", len(table)), "项目绩效自评汇总表", columns,
        few_or_many(len(table), lambda: values_of(columns, each_row(table))), note=note,
        unit=f"{tally.scope}　　单位：万元、分", total="合计", empty="没有项目", autofilter=True, more=MORE,
        paper=Paper(_LAST, ROOM, f"不打印。{ORIGIN_WORDS}。"),
    )  # fmt: skip
    sign(placed)
    return placed


def _by_hand() -> list[Column]:
    """What the bureau writes in, unless its own template asks the departments for it; the last is always there."""
    asked = {field.header for field in PROJECTS.fields}
    return [
        Column(header, look, of=lambda _: "")
        for header, look in (("是否公开", "centre"), (_LAST, "text"))
        if header == _LAST or header not in asked
    ]
