"""项目汇总 and 指标汇总: the projects and indicators of all workbooks that count, one row each, with their origin."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.write.columns import Cell, Column, Total
from evalxl.write.style import Book
from evalxl.write.summary.sheet import (
    MORE,
    ORIGIN,
    ORIGIN_WORDS,
    few_or_many,
    level_column,
    level_of,
    origin,
    sign,
    wide_page,
)
from evalxl.write.table import Placed, write_table
from evalxl.write.tally import Tally, rate

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
    table, names = tally.counted.projects, tally.by_workbook

    def rows() -> Iterator[tuple[object, ...]]:
        given = zip(*(table[key].tolist() for key in keys), strict=True)
        for number, (values, due) in enumerate(zip(given, tally.due, strict=True), 1):
            workbook, name, code, unit, initial, revised, executed, score, grade, known, cause, measure, row = values
            declared = Cell(grade, "warning") if grade and known != due else grade
            yield (
                number, *level_of(tally, workbook), names[workbook].name, name, code, unit, initial, revised, executed,
                rate(executed, revised), score, declared, due, cause, measure,
                *origin(tally, workbook, "projects", row),
            )  # fmt: skip

    note = f"执行率由执行数和预算数重新计算；自报等级与得分不符的用黄色标出；得分合计为平均数；{ORIGIN_WORDS}。"
    placed = write_table(
        wide_page(book, "项目汇总", len(table)), "项目汇总", columns, few_or_many(len(table), rows), note=note,
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

    def rows() -> Iterator[tuple[object, ...]]:
        for number, row in enumerate(tally.indicators(*keys), 1):
            workbook, project, *words, weight, points, cause, at = row
            yield (
                number, *level_of(tally, workbook), tally.by_workbook[workbook].name, project or _WHOLE, *words,
                weight, points, rate(points, weight), cause, *origin(tally, workbook, "indicators", at),
            )  # fmt: skip

    count = len(tally.counted.indicators)
    placed = write_table(
        wide_page(book, "指标汇总", count), "指标汇总", columns, few_or_many(count, rows),
        note=f"{ORIGIN_WORDS}。", unit="单位：分", autofilter=True, more=MORE,
    )  # fmt: skip
    sign(placed)
    return placed
