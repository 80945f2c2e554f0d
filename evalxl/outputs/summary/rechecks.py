"""抽查名单 and 复核差异: the projects drawn for rechecking, and what rechecking them has shown."""

from __future__ import annotations

from collections.abc import Iterable

from evalxl.district.tables import Row, rows_of
from evalxl.facts.rechecks import recheck_gaps, rechecked_projects
from evalxl.facts.sampling import draw, risks
from evalxl.outputs.summary.sheet import MORE, ORIGIN, level_column, level_of, origin, sign, wide_page
from evalxl.outputs.summary.tally import Tally
from evalxl.policy.policy import Sampling
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Cell, Column
from evalxl.sheets.table import write_table
from evalxl.values.quantities import NAN


def write_sample(book: Book, tally: Tally) -> None:
    """Write 抽查名单: the projects drawn, with room to write the result."""
    columns = [
        Column("序号", "index"), *level_column(tally), Column("部门", most=24), Column("项目名称", most=36),
        Column("实施单位", most=24, optional=True), Column("全年执行数", "amount"), Column("自评得分", "score"),
        Column("自报等级", "centre"), Column("复核得分", "score", least=12), Column("复核等级", "centre", least=12),
        Column("复核说明", least=30), *ORIGIN,
    ]  # fmt: skip
    lot = tally.policy.sampling
    drawn = draw(tally.counted, tally.policy, risks(tally.counted, tally.standing) if lot.weighted else None)
    keys = ("workbook", "name", "unit", "executed", "score", "grade", "row")
    rows = [
        (
            number, *level_of(tally, workbook), tally.by_workbook[workbook].name, name, unit, executed, score, grade,
            NAN, "", "", *origin(tally, workbook, "projects", row),
        )
        for number, (workbook, name, unit, executed, score, grade, row) in enumerate(
            zip(*(drawn[key].tolist() for key in keys), strict=True), 1
        )
    ]  # fmt: skip
    placed = write_table(
        wide_page(book, "抽查名单", len(rows)), "抽查复核名单", columns, rows, note=_how(lot), unit="单位：万元、分",
        empty="没有项目", more=MORE,
    )  # fmt: skip
    sign(placed)


def _how(lot: Sampling) -> str:
    how = "按风险加权抽取" if lot.weighted else "随机抽取"
    words = (
        f"每个部门{how} {lot.share:.0%} 的项目，至少 {lot.least} 个；随机种子 {lot.seed}，相同的数据抽出相同的名单。"
    )
    if lot.weighted:
        words += "权重为 1，项目有一条错误加 2、一条提醒加 1，执行数高于本部门平均的加 1。"
    return words + "填好复核得分后，用 --recheck 交回本表。"


def write_differences(book: Book, tally: Tally) -> None:
    """Write 复核差异, where rechecks have come back: both scores and grades, the difference and the verdict (D05)."""
    if tally.d.bureau.rechecks.empty:
        return
    policy = tally.policy
    columns = [
        Column("序号", "index"), Column("部门", most=24), Column("项目名称", most=36),
        Column("实施单位", most=24, optional=True), Column("自评得分", "score"), Column("自评等级", "centre"),
        Column("复核得分", "score"), Column("复核等级", "centre"), Column("差异", "score"),
        Column("结论", least=26), Column("复核说明", least=24), *ORIGIN,
    ]  # fmt: skip
    verdicts = {(row["workbook"], row["row"]): row["found"] for row in recheck_gaps(tally.counted, policy)}
    pairs = rechecked_projects(tally.counted)
    rows = []
    for number, (own, checked) in enumerate(pairs, 1):
        found = verdicts.get((own["workbook"], own["row"]), "")
        grade = policy.standard("grade", checked["grade"]) or policy.grade(checked["score"])
        rows.append(
            (
                number, tally.by_workbook[own["workbook"]].name, own["name"], own["unit"], own["score"],
                policy.grade(own["score"]) or own["grade_standard"], checked["score"], grade,
                round(own["score"] - checked["score"], 6), Cell(found or "一致", "warning" if found else "accepted"),
                checked["remark"], *origin(tally, own["workbook"], "projects", own["row"]),
            )
        )  # fmt: skip
    missed = _missed(tally, (checked for _, checked in pairs))
    note = f"差异为自评减复核；超过 {policy.value('recheck_gap'):g} 分，或等级不同的，为不一致。"
    note += f"交回的复核结果中有 {missed} 项没有对上本批项目。" if missed else ""
    placed = write_table(
        wide_page(book, "复核差异"), "自评与复核对照", columns, rows, note=note, unit="单位：分",
        empty="没有对上的项目",
    )  # fmt: skip
    sign(placed)


def _missed(tally: Tally, matched: Iterable[Row]) -> int:
    """How many of the projects rechecked are none of this run's; one recheck may be that of several projects."""
    handed_in = rows_of(tally.d.bureau.rechecks)
    return len({_project(each) for each in handed_in} - {_project(each) for each in matched})


def _project(recheck: Row) -> tuple[str, ...]:
    return recheck["department_key"], recheck["key"], recheck["unit_key"]
