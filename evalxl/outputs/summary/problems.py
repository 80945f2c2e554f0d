"""问题清单, 未报送与未读取, and 说明与豁免: what was found, what is not in the sums, and what was answered."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl import layout
from evalxl.district.findings import Finding, Severity, Status
from evalxl.facts.submissions import RULE_IN_WORDS
from evalxl.outputs.result.workbook import change_word, explanation, position, told
from evalxl.outputs.summary.sheet import MORE, Links, few_or_many, level_column, level_of, linked, wide_page
from evalxl.outputs.summary.tally import Tally
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Cell, Column
from evalxl.sheets.table import Placed, in_columns, write_columns, write_table

_UNREADABLE_RULE = "F12"
_WHOLE_DISTRICT = "（全区）"


def write_findings(book: Book, tally: Tally, links: Links) -> Placed:
    """Write 问题清单: every finding, linked to the marked copy of the workbook, or to its result."""
    columns = [
        Column("序号", "index"), *level_column(tally), Column("部门", most=24), Column("级别", "centre"),
        Column("规则", "centre"), Column("位置", most=20), Column("栏目", most=24), Column("发现的问题", most=46),
        Column("怎样处理", most=36), Column("应为", "figure", most=16), Column("实为", "figure", most=16),
        Column("差额", "figure", most=16), Column("变化", "centre", optional=True),
        Column("部门说明", most=30, optional=True), Column("豁免", most=24, optional=True), Column("来源文件", most=30),
    ]  # fmt: skip
    names = {each.workbook: each.name for each in tally.departments}
    targets = {**links.results, **links.returned}

    def rows() -> Iterator[tuple[object, ...]]:
        for number, each in enumerate(tally.findings, 1):
            book_ = each.workbook
            name = names.get(book_, "") if book_ else _WHOLE_DISTRICT
            yield (
                number, *level_of(tally, book_), linked(name, targets.get(book_, "")),
                Cell(each.severity.word, each.severity.value), each.rule, position(each) if book_ else "", each.label,
                told(each), each.fix, each.expected, each.actual, each.difference, change_word(each.change),
                explanation(each), each.waiver, book_,
            )  # fmt: skip

    note = "点击部门名称，可打开标注了问题的退回件；没有退回件的，打开审核结果。" if targets else ""
    count = len(tally.findings)
    page = wide_page(book, "问题清单", count)
    placed = write_columns(
        page, "问题清单", columns, few_or_many(count, lambda: in_columns(rows())), note=note, unit="金额单位：万元",
        empty="没有发现问题", autofilter=True, more=MORE,
    )  # fmt: skip
    first, last = (placed.columns[header] for header in ("应为", "差额"))
    area = f"{layout.cell(1, first)}:{layout.cell(placed.below, last)}"
    page.sheet.ignore_errors({"number_stored_as_text": area})
    return placed


def write_unreported(book: Book, tally: Tally) -> None:
    """Write 未报送与未读取: the departments and files whose figures are not in the sums, and why."""
    columns = [
        Column("序号", "index"), Column("情况", "centre", least=12), *level_column(tally),
        Column("部门", least=22, most=30), Column("文件", least=26, most=36), Column("说明", least=34),
        Column("怎样处理", least=34),
        Column("联系人", "centre", optional=True), Column("联系电话", "centre", optional=True),
    ]  # fmt: skip
    rows = [(number, *row) for number, row in enumerate(_unreported(tally), 1)]
    came = tally.attendance
    note = "未报送、未读取、重复未计入的，都不在各项汇总数之内。"
    note += (
        f"应报 {came.expected} 个部门，已报 {came.present} 个。" if came else "没有给出名册，未核对哪些部门没有报送。"
    )
    note += f"重复报送的，{RULE_IN_WORDS}。" if tally.superseded else ""
    page = book.page("未报送与未读取", landscape=True)
    write_table(page, "未报送、未读取和重复报送", columns, rows, note=note, empty="无", autofilter=bool(rows))


def _unreported(tally: Tally) -> Iterator[tuple[object, ...]]:
    came, reasons = tally.attendance, {each.workbook: each for each in tally.findings if each.rule == _UNREADABLE_RULE}
    names = {each.workbook: each.name for each in tally.departments}
    for missing in came.missing if came else ():
        level = (missing.level,) if tally.levels else ()
        what = ("名册上有，没有收到", "请催报；不应报送的，从名册中删去", missing.contact, missing.phone)
        yield Cell("未报送", "returned"), *level, missing.name, "", *what
    for each in tally.departments:
        if each.status is Status.REFUSED:
            found = reasons.get(each.workbook)
            told_ = (told(found), found.fix) if found else ("文件打不开", "请用 WPS 或 Excel 另存为 .xlsx 后重报")
            yield Cell("未读取", "refused"), *level_of(tally, each.workbook), "", each.workbook, *told_, "", ""
    for book, counted in tally.superseded.items():
        what = (f"同一部门同一年度的多份之一，以“{counted}”为准", "无须处理；取错了的，把不要的一份移出收件夹", "", "")
        yield Cell("重复未计入", "explain"), *level_of(tally, book), names[book], book, *what
    for book in came.extra if came else ():
        if book in tally.left_out:
            continue
        what = ("名册上没有这个部门，数已计入汇总", "请核对部门名称；确应报送的，补入名册", "", "")
        yield "名册外", *level_of(tally, book), names[book], book, *what
    for book, known in came.renamed if came else ():
        if book in tally.left_out:
            continue
        what = (f"按名册认作“{known}”，数已计入汇总", "请核对是否同一部门；以后请用名册上的名称", "", "")
        yield "名称不同", *level_of(tally, book), names[book], book, *what


def write_remarks(book: Book, tally: Tally) -> None:
    """Write 说明与豁免: every explanation with what has become of it, every waiver, and those that did nothing."""
    columns = [
        Column("序号", "index"), Column("类别", "centre", least=8), *level_column(tally), Column("部门", most=24),
        Column("规则", "centre"), Column("位置", most=20), Column("栏目", most=20),
        Column("发现的问题", most=40, least=20), Column("说明或豁免理由", most=46, least=30),
        Column("状态", "centre", least=26, most=30),
    ]  # fmt: skip
    rows = [(number, *row) for number, row in enumerate(_remarks(tally), 1)]
    note = "说明只能答复提醒，错误须改正；数据变了，原说明即失效。豁免须有理由、批准人，过期即失效。"
    page = book.page("说明与豁免", landscape=True)
    write_table(page, "部门说明与财政部门豁免", columns, rows, note=note, empty="没有说明和豁免", autofilter=bool(rows))


def _remarks(tally: Tally) -> Iterator[tuple[object, ...]]:
    names = {each.workbook: each.name for each in tally.departments}

    def about(each: Finding) -> tuple[object, ...]:
        place = (each.rule, position(each) if each.workbook else "", each.label, told(each))
        return *level_of(tally, each.workbook), names.get(each.workbook, _WHOLE_DISTRICT), *place

    for each in tally.findings:
        if each.explanation:
            yield "说明", *about(each), each.explanation, _state(each)
    for each in tally.findings:
        if each.waiver:
            yield "豁免", *about(each), each.waiver, Cell("有效，不计入错误和提醒", "accepted")
    blank = ("",) if tally.levels else ()
    for row in tally.d.bureau.idle_waivers.to_dict("records"):
        place = (row["rule_waived"], "", row["label"], "")
        words = f"豁免清单第 {row['row']:.0f} 行"
        yield "豁免", *blank, row["department"], *place, words, Cell(f"未起作用：{row['found']}", "explain")


def _state(finding: Finding) -> Cell:
    if finding.lapsed:
        return Cell("失效：数据已变，须重新说明", "explain")
    if finding.severity is Severity.ERROR:
        return Cell("不能接受：错误须改正", "returned")
    return Cell("有效", "accepted")
