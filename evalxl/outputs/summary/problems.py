"""问题清单, 未报送与未读取, and 说明与豁免: what was found, what is not in the sums, and what was answered."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

from evalxl.district.findings import Finding, Severity, Status
from evalxl.facts.submissions import RULE_IN_WORDS
from evalxl.outputs.finding_columns import finding_columns, leave_figures_as_text
from evalxl.outputs.summary.sheet import MORE, Links, few_or_many, level_column, linked, wide_page
from evalxl.outputs.summary.tally import Tally
from evalxl.sheets.book import Book, Page
from evalxl.sheets.columns import NUMBER, Cell, Column
from evalxl.sheets.table import Placed, values_of, write_columns, write_records

_UNREADABLE_RULE = "F12"
_WHOLE_DISTRICT = "（全区）"


def findings_page(book: Book, tally: Tally) -> Page:
    """The sheet 问题清单, to be written later: its rows are linked to files that are written meanwhile."""
    return wide_page(book, "问题清单", len(tally.findings))


def write_findings(page: Page, tally: Tally, links: Links) -> Placed:
    """Write 问题清单: every finding, linked to the marked copy of the workbook, or to its result."""
    targets = {**links.results, **links.returned}
    columns = [
        NUMBER, *level_column(tally, _workbook),
        Column("部门", most=34, of=lambda each: linked(_department(tally, each), targets.get(each.workbook, ""))),
        *finding_columns(), Column("来源文件", most=30, of=_workbook),
    ]  # fmt: skip
    note = "点击部门名称，可打开标注了问题的退回件；没有退回件的，打开审核结果。" if targets else ""
    count = len(tally.findings)
    placed = write_columns(
        page, "问题清单", columns,
        few_or_many(count, lambda: values_of(columns, tally.findings)), note=note, unit="金额单位：万元",
        empty="没有发现问题", autofilter=True, more=MORE,
    )  # fmt: skip
    leave_figures_as_text(placed)
    return placed


def _workbook(finding: Finding) -> str:
    return finding.workbook


def _department(tally: Tally, finding: Finding) -> str:
    return tally.names.get(finding.workbook, "") if finding.workbook else _WHOLE_DISTRICT


class _Absent(NamedTuple):
    """A department or file whose figures are not in the sums, or which needs a look, and why."""

    state: object
    level: str
    department: str
    file: str
    reason: str
    remedy: str
    contact: str = ""
    phone: str = ""


def write_unreported(book: Book, tally: Tally) -> None:
    """Write 未报送与未读取: the departments and files whose figures are not in the sums, and why."""
    columns = [
        NUMBER, Column("情况", "centre", least=12, of=attrgetter("state")),
        *([Column("区县", most=20, of=attrgetter("level"))] if tally.levels else []),
        Column("部门", least=22, most=30, of=attrgetter("department")),
        Column("文件", least=26, most=36, of=attrgetter("file")), Column("说明", least=34, of=attrgetter("reason")),
        Column("怎样处理", least=34, of=attrgetter("remedy")),
        Column("联系人", "centre", optional=True, of=attrgetter("contact")),
        Column("联系电话", "centre", optional=True, of=attrgetter("phone")),
    ]  # fmt: skip
    came = tally.attendance
    note = "未报送、未读取、重复未计入的，都不在各项汇总数之内。"
    if came:
        reserve = f"（{came.reserve}）" if came.reserve else ""
        note += f"应报 {came.expected} 个部门，已报 {came.present} 个{reserve}。"
    else:
        note += "没有给出名册，未核对哪些部门没有报送。"
    note += f"重复报送的，{RULE_IN_WORDS}。" if tally.superseded else ""
    rows = list(_unreported(tally))
    page = book.page("未报送与未读取", landscape=True)
    write_records(page, "未报送、未读取和重复报送", columns, rows, note=note, empty="无", autofilter=bool(rows))


def _unreported(tally: Tally) -> Iterator[_Absent]:
    came, reasons = tally.attendance, {each.workbook: each for each in tally.findings if each.rule == _UNREADABLE_RULE}

    def file(state: object, book: str, reason: str, remedy: str) -> _Absent:
        return _Absent(state, tally.levels.get(book, ""), tally.names[book], book, reason, remedy)

    for missing in came.missing if came else ():
        what = ("名册上有，没有收到", "请催报；不应报送的，从名册中删去", missing.contact, missing.phone)
        yield _Absent(Cell("未报送", "returned"), missing.level, missing.name, "", *what)
    for each in tally.departments:
        if each.status is Status.REFUSED and each.workbook not in tally.answers:
            found = reasons.get(each.workbook)
            why = (found.statement, found.fix) if found else ("文件打不开", "请用 WPS 或 Excel 另存为 .xlsx 后重报")
            yield _Absent(Cell("未读取", "refused"), tally.levels.get(each.workbook, ""), "", each.workbook, *why)
    for book, counted in tally.superseded.items():
        reason = f"同一部门同一年度的多份之一，以“{counted}”为准"
        yield file(Cell("重复未计入", "explain"), book, reason, "无须处理；取错了的，把不要的一份移出收件夹")
    for book in came.extra if came else ():
        if book not in tally.left_out:
            reason = "名册上没有这个部门，数已计入汇总"
            yield file("名册外", book, reason, "请核对部门名称；确应报送的，补入名册")
    books = tally.d.workbooks
    own_names = dict(zip(books["workbook"], books["department"], strict=True))
    for book, _ in came.renamed if came else ():
        if book not in tally.left_out:
            reason = f"工作簿中写的是“{own_names[book]}”，按名册认作这个部门，数已计入汇总"
            yield file("名称不同", book, reason, "请核对是否同一部门；以后请用名册上的名称")


class _Remark(NamedTuple):
    """An explanation or a waiver, what it is about, and what has become of it."""

    kind: str
    finding: Finding
    department: str
    words: str
    state: Cell


def write_remarks(book: Book, tally: Tally) -> None:
    """Write 说明与豁免: every explanation with what has become of it, every waiver, and those that did nothing."""
    columns = [
        NUMBER, Column("类别", "centre", least=8, of=attrgetter("kind")),
        *level_column(tally, attrgetter("finding.workbook")),
        Column("部门", most=24, of=attrgetter("department")), Column("规则", "centre", of=attrgetter("finding.rule")),
        Column("位置", most=20, of=attrgetter("finding.place")),
        Column("行/栏目", most=20, of=attrgetter("finding.label")),
        Column("发现的问题", most=40, least=20, of=attrgetter("finding.statement")),
        Column("说明或豁免理由", most=46, least=30, of=attrgetter("words")),
        Column("状态", "centre", least=26, most=30, of=attrgetter("state")),
    ]  # fmt: skip
    note = "说明只能答复提醒，错误须改正；数据变了，原说明即失效。豁免须有理由、批准人，过期即失效。"
    rows = list(_remarks(tally))
    write_records(
        book.page("说明与豁免", landscape=True), "部门说明与财政部门豁免", columns, rows, note=note,
        empty="没有说明和豁免", autofilter=bool(rows),
    )  # fmt: skip


def _remarks(tally: Tally) -> Iterator[_Remark]:
    for each in tally.findings:
        if each.explanation:
            yield _Remark("说明", each, _department(tally, each), each.explanation, _state(each))
    for each in tally.findings:
        if each.waiver:
            state = Cell("有效，不计入错误和提醒", "accepted")
            yield _Remark("豁免", each, _department(tally, each), each.waiver, state)
    for row in tally.d.bureau.idle_waivers.to_dict("records"):
        about = Finding("", row["rule_waived"], Severity.INFO, "", "", "", row["label"], "", "")
        state = Cell(f"未起作用：{row['found']}", "explain")
        yield _Remark("豁免", about, row["department"], f"豁免清单第 {row['row']:.0f} 行", state)


def _state(finding: Finding) -> Cell:
    if finding.lapsed and finding.severity is Severity.INFO:
        return Cell("数据已变；是提示，不必再说明", "accepted")
    if finding.lapsed:
        return Cell("失效：数据已变，须重新说明", "explain")
    if finding.idle:
        return Cell("不能接受：没有写明原因", "returned")
    if finding.severity is Severity.ERROR:
        return Cell("不能接受：错误须改正", "returned")
    return Cell("有效", "accepted")
