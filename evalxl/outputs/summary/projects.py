"""项目汇总 and 指标汇总: the projects and indicators of all workbooks that count, one row each, with their origin."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.outputs.summary.sheet import (
    MORE,
    ORIGIN,
    ORIGIN_WORDS,
    few_or_many,
    level_column,
    origins,
    senders,
    sign,
    wide_page,
)
from evalxl.outputs.summary.tally import Tally, rate
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Cell, Column, Total
from evalxl.sheets.table import BATCH, Placed, Values, in_columns, write_columns

_WHOLE = "（部门整体）"


def write_projects(book: Book, tally: Tally) -> Placed:
    """Write 项目汇总; every total is a formula over its column."""
    over = ("全年执行数", "全年预算数")
    columns = [
        Column("序号", "index"), *level_column(tally), Column("部门", most=24), Column("项目名称", most=34),
        Column("项目编码", most=22, optional=True), Column("实施单位", most=20, optional=True),
        Column("年初预算数", "amount", Total.SUM), Column("全年预算数", "amount", Total.SUM),
        Column("全年执行数", "amount", Total.SUM), Column("执行率", "rate", Total.RATIO, over=over),
        Column("自评得分", "score", Total.MEAN), Column("自报等级", "centre"), Column("应评等级", "centre"),
        Column("偏差原因", most=26, optional=True), Column("改进措施", most=26, optional=True), *ORIGIN,
    ]  # fmt: skip
    keys = ("workbook", "name", "code", "unit", "initial", "revised", "executed", "score", "grade", "grade_standard",
            "cause", "measure", "row")  # fmt: skip
    table, due = tally.counted.projects, tally.due

    def values() -> Iterator[Values]:
        for first in range(0, len(table), BATCH):
            part = table.iloc[first : first + BATCH]
            books, name, code, unit, initial, revised, executed, score, grades, known, cause, measure, row = (
                part[key].tolist() for key in keys
            )
            earned = due[first : first + BATCH]
            declared = [
                Cell(grade, "warning") if grade and standard != right else grade
                for grade, standard, right in zip(grades, known, earned, strict=True)
            ]
            yield [
                list(range(first + 1, first + len(part) + 1)), *senders(tally, books), name, code, unit, initial,
                revised, executed, list(map(rate, executed, revised)), score, declared, earned, cause, measure,
                *origins(tally, books, "projects", row),
            ]  # fmt: skip

    note = f"执行率由执行数和预算数重新计算；自报等级与得分不符的用黄色标出；得分合计为平均数；{ORIGIN_WORDS}。"
    placed = write_columns(
        wide_page(book, "项目汇总", len(table)), "项目汇总", columns, few_or_many(len(table), values), note=note,
        unit="单位：万元、分", total="合计", empty="没有项目", autofilter=True, more=MORE,
    )  # fmt: skip
    sign(placed)
    return placed


def write_indicators(book: Book, tally: Tally) -> Placed | None:
    """Write 指标汇总; None, and no sheet, where no workbook gives an indicator."""
    if tally.counted.indicators.empty:
        return None
    columns = [
        Column("序号", "index"), *level_column(tally), Column("部门", most=22), Column("项目名称", most=26),
        Column("一级指标", most=12), Column("二级指标", most=14), Column("三级指标", most=24),
        Column("指标性质", "centre"), Column("年度指标值", most=16), Column("计量单位", "centre", most=10),
        Column("实际完成值", most=16), Column("分值", "score"), Column("得分", "score"), Column("得分率", "rate"),
        Column("偏差原因及改进措施", most=26, optional=True), *ORIGIN,
    ]  # fmt: skip
    keys = ("project", "level1", "level2", "level3", "direction", "target", "measure_unit", "achieved",
            "weight", "points", "cause", "row")  # fmt: skip

    def values() -> Iterator[Values]:
        first = 1
        for books, projects, *words, weight, points, cause, at in in_columns(tally.indicators(*keys)):
            yield [
                list(range(first, first + len(books))), *senders(tally, books),
                [each or _WHOLE for each in projects], *words, weight, points,
                list(map(rate, points, weight)), cause, *origins(tally, books, "indicators", at),
            ]  # fmt: skip
            first += len(books)

    count = len(tally.counted.indicators)
    placed = write_columns(
        wide_page(book, "指标汇总", count), "指标汇总", columns, few_or_many(count, values),
        note=f"{ORIGIN_WORDS}。", unit="单位：分", autofilter=True, more=MORE,
    )  # fmt: skip
    sign(placed)
    return placed
