"""五、复核情况: the projects drawn, what rechecking them has shown, and whom to recheck first."""

from __future__ import annotations

from evalxl.facts.rechecks import recheck_gaps, rechecked_projects
from evalxl.outputs.summary.tally import Department, Tally
from evalxl.outputs.word.analysis.wording import name_of, share, table
from evalxl.outputs.word.blocks import Block, Column, Paragraph
from evalxl.values.folding import clean
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show
from evalxl.values.rounding import exact_mean


def rechecks(tally: Tally) -> list[Block]:
    """The chapter."""
    return [Paragraph(_drawn(tally)), *(_came_back(tally) if len(tally.d.bureau.rechecks) else ()), *_doubtful(tally)]


def _drawn(tally: Tally) -> str:
    drawn = tally.sampled
    text = f"按《抽查名单》抽取{drawn['workbook'].nunique()}个部门的{len(drawn)}个项目复核"
    return text + ("。" if len(tally.d.bureau.rechecks) else "，复核结果尚未交回。")


def _came_back(tally: Tally) -> list[Block]:
    pairs, gaps = rechecked_projects(tally.counted), recheck_gaps(tally.counted, tally.policy)
    if not pairs:
        return [Paragraph("交回的复核结果没有对上本批项目。")]
    differences = [row["score"] - checked["score"] for row, checked in pairs if given(row["score"] - checked["score"])]
    agreed = len(pairs) - len(gaps)
    text = f"已复核{len(pairs)}个项目，与自评一致{agreed}个，占{share(agreed, len(pairs))}"
    text += f"，自评平均比复核高{exact_mean(differences):.2f}分。" if differences else "。"
    if not gaps:
        return [Paragraph(text)]
    rows = [
        (name_of(tally, row["workbook"]), clean(row["name"]), row["declared"], row["rechecked"], row["found"])
        for row in gaps
    ]
    columns = (
        Column("部门", 34, "left"), Column("项目", 40, "left"), Column("自评", 24), Column("复核", 24),
        Column("结论", 34, "left"),
    )  # fmt: skip
    return [Paragraph(text), *table("自评与复核不一致的项目", columns, rows, "汇总表《复核差异》")]


def _doubtful(tally: Tally) -> list[Block]:
    doubtful = [each for each in tally.departments if each.counted and (each.errors or each.warnings)]
    if not doubtful:
        return [Paragraph("各部门均无错误和提醒，按《抽查名单》复核即可。")]
    doubtful.sort(key=lambda each: (-each.errors, -each.warnings, each.workbook))
    text = f"有错误或提醒的部门{len(doubtful)}个，建议优先复核下列部门。"
    rows = [_row(tally, number, each) for number, each in enumerate(doubtful, 1)]
    columns = (
        Column("序号", 14), Column("部门", 66, "left"), Column("错误", 16), Column("提醒", 16), Column("得分", 22),
        Column("状态", 22),
    )  # fmt: skip
    return [Paragraph(text), *table("建议优先复核的部门", columns, rows, "汇总表《部门汇总》")]


def _row(tally: Tally, number: int, each: Department) -> tuple[str, ...]:
    score = show(Kind.SCORE, tally.scores[each.workbook].declared)
    return str(number), name_of(tally, each.workbook), str(each.errors), str(each.warnings), score, each.status.word
