"""抽查名单 and 复核差异: the projects drawn for rechecking, and what rechecking them has shown."""

from __future__ import annotations

from evalxl.district.tables import Row, each_row
from evalxl.facts.rechecks import recheck_gaps, rechecked_projects, unmatched
from evalxl.layout import PROJECTS
from evalxl.outputs.field_columns import field_column
from evalxl.outputs.summary.sheet import (
    MORE,
    few_or_many,
    level_column,
    origin_columns,
    sender_columns,
    wide_page,
)
from evalxl.outputs.summary.tally import Tally
from evalxl.sheets.book import Book
from evalxl.sheets.columns import NUMBER, Cell, Column, Total
from evalxl.sheets.table import values_of, write_columns, write_records
from evalxl.values.quantities import NAN


def write_sample(book: Book, tally: Tally) -> None:
    """Write 抽查名单: the projects drawn, with room to write the result."""
    columns = [
        *sender_columns(tally, 24), field_column(PROJECTS, "name", most=36), field_column(PROJECTS, "unit", most=24),
        field_column(PROJECTS, "executed", total=Total.NONE), field_column(PROJECTS, "score"),
        field_column(PROJECTS, "grade", header="自报等级"), Column("复核得分", "score", least=12, of=lambda _: NAN),
        Column("复核等级", "centre", least=12, of=_blank), Column("复核说明", least=30, of=_blank),
        *origin_columns(tally, PROJECTS.key),
    ]  # fmt: skip
    count = len(tally.sampled)
    write_columns(
        wide_page(book, "抽查名单", count), "抽查复核名单", columns,
        few_or_many(count, lambda: values_of(columns, each_row(tally.sampled))), note=how(tally),
        unit="单位：万元、分", empty="没有项目", more=MORE,
    )  # fmt: skip


def _blank(_: object) -> str:
    """What is to be written by hand."""
    return ""


def how(tally: Tally) -> str:
    """How the projects were drawn, what has changed since, and what is to be done with the list."""
    lot = tally.policy.sampling
    drawn = "按风险加权抽取" if lot.weighted else "随机抽取"
    words = f"每个部门{drawn} {lot.share:.0%} 的项目，至少 {lot.least} 个；随机种子 {lot.seed}，抽定后本年度不变。"
    if lot.amount_share:
        words += f"抽中项目的全年执行数合计不足本部门 {lot.amount_share:.0%} 的，继续抽取。"
    if lot.weighted:
        words += "权重为 1，项目有一条错误加 2、一条提醒加 1，执行数高于本部门平均的加 1。"
    if tally.earlier and tally.earlier.reason:
        words += f"曾重新抽取，原因：{tally.earlier.reason}。"
    if tally.unsampled:
        words += f"原来抽中的 {len(tally.unsampled)} 个项目已不在报送件中。"
    return words + "复核得分填在《抽查表》里，用 --recheck 交回。"


def write_differences(book: Book, tally: Tally) -> None:
    """Write 复核差异, where rechecks have come back: both scores and grades, the difference and the verdict (D05)."""
    if tally.d.bureau.rechecks.empty:
        return
    policy = tally.policy
    verdicts = {(row["workbook"], row["row"]): row["found"] for row in recheck_gaps(tally.counted, policy)}
    pairs = rechecked_projects(tally.counted)

    def own_grade(pair: tuple[Row, Row]) -> str:
        return policy.grade(pair[0]["score"]) or str(pair[0]["grade_standard"])

    def grade(pair: tuple[Row, Row]) -> str:
        return policy.standard("grade", pair[1]["grade"]) or policy.grade(pair[1]["score"])

    def verdict(pair: tuple[Row, Row]) -> Cell:
        found = verdicts.get((pair[0]["workbook"], pair[0]["row"]), "")
        return Cell(found or "一致", "warning" if found else "accepted")

    columns = [
        NUMBER, *level_column(tally, lambda pair: str(pair[0]["workbook"])),
        Column("部门", most=24, of=lambda pair: tally.names[pair[0]["workbook"]]),
        Column("项目名称", most=36, of=lambda pair: pair[0]["name"]),
        Column("实施单位", most=24, optional=True, of=lambda pair: pair[0]["unit"]),
        Column("自评得分", "score", of=lambda pair: pair[0]["score"]), Column("自评等级", "centre", of=own_grade),
        Column("复核得分", "score", of=lambda pair: pair[1]["score"]), Column("复核等级", "centre", of=grade),
        Column("差异", "score", of=lambda pair: round(pair[0]["score"] - pair[1]["score"], 6)),
        Column("结论", least=26, of=verdict), Column("复核说明", least=24, of=lambda pair: pair[1]["remark"]),
        *origin_columns(tally, "projects", lambda pair: str(pair[0]["workbook"]), lambda pair: float(pair[0]["row"])),
    ]  # fmt: skip
    missed = unmatched(tally.counted)
    note = f"差异为自评减复核；超过 {policy.value('recheck_gap'):g} 分，或等级不同的，为不一致。"
    note += f"抽中的 {len(tally.sampled)} 个项目中 {tally.awaited} 个还没有复核结果。" if tally.awaited else ""
    note += f"交回的复核结果中有 {missed} 项没有对上本批项目。" if missed else ""
    write_records(
        wide_page(book, "复核差异"), "自评与复核对照", columns, pairs, note=note, unit="单位：分",
        empty="没有对上的项目",
    )  # fmt: skip
