"""核对: every total of the summary beside the same total added again from the inputs, and every input with its hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter

from evalxl import layout
from evalxl.facts.last_year import last_year_of
from evalxl.outputs.summary.departments import LAST_SPENT
from evalxl.outputs.summary.reconcile import TOLERANCE, Added, Shown, last_year_total, reconcile
from evalxl.outputs.summary.tally import Department, Tally
from evalxl.outputs.summary.totals import ROWS, TOTALS
from evalxl.sheets.book import WIDEST, Page
from evalxl.sheets.columns import FEN_PER_WAN, NUMBER, Cell, Column, plain, shown
from evalxl.sheets.measure import height, lines, width
from evalxl.sheets.table import Placed, write_records
from evalxl.values.quantities import NAN, given

_LISTED, _AGAIN, _GAP, _VERDICT = "汇总表所列", "逐份重加", "差额", "结论"
_LEAST = 18  # characters of a column of numbers


def write_reconciliation(page: Page, tally: Tally, sheets: list[Placed]) -> list[Added]:
    """Write the sheet; gives back what was compared."""
    by_title = {each.page.title: each for each in sheets}
    added = reconcile(
        _shown(by_title), tally.d, tally.left_out, [each.workbook for each in tally.listed], tally.findings
    )
    added += _last_year(tally, by_title["部门汇总"])
    placed = _write_totals(page, added)
    _write_inputs(page, tally, placed.below + 1)
    page.sheet.repeat_rows(0)  # the second table has headers of its own
    page.sheet.set_h_pagebreaks([placed.below + 1])
    return added


def _shown(sheets: Mapping[str, Placed]) -> Iterator[Shown]:
    """Every total the sheets show."""
    for title, totals in TOTALS.items():
        placed = sheets[title]
        for header, (look, key) in totals.items():
            value = placed.totals.get(header, NAN)
            if given(value):
                yield Shown(title, header, placed.total_at(header), value, look, key, placed.cut)
    for title, name in ROWS.items():
        if title in sheets:
            placed = sheets[title]
            area = f"'{title}'!{layout.cell(placed.first, 1)}:{layout.cell(max(placed.last, placed.first), 1)}"
            count = placed.last - placed.first + 1
            yield Shown(title, "行数", f"COUNT({area})", count, "count", ("rows", name), placed.cut)
    placed = sheets["收支汇总"]
    for row, line in enumerate(layout.BUDGET.lines, placed.first):
        for column in layout.AMOUNT_COLUMNS:
            header = layout.BUDGET.by_key[column].header
            value = placed.totals.get(f"{line.key} {column}", NAN)
            if given(value):
                what = f"{line.label}　{header}"
                at = placed.page.at(row, placed.columns[header])
                yield Shown("收支汇总", what, at, value, "amount", ("budget", line.key, column))


def _last_year(tally: Tally, departments: Placed) -> list[Added]:
    header, last = LAST_SPENT, tally.d.bureau.last_year
    if last is None or header not in departments.totals:
        return []
    then = last_year_of(tally.d)
    total = last_year_total(last, [then[each.workbook] for each in tally.listed if each.workbook in then])
    value = departments.totals[header]
    last_year = Shown("部门汇总", header, departments.total_at(header), value, "amount", ("last", "final"))
    return [Added(last_year, total / FEN_PER_WAN)] if given(value) else []


def _write_totals(page: Page, added: list[Added]) -> Placed:
    values = [shown(each.shown.look, value) for each in added for value in (each.shown.value, each.value)]
    room = max([_LEAST, *(width(words) + 3 for words in values)])
    columns = [
        Column("序号", "index", least=6), Column("汇总表", least=30, of=attrgetter("shown.sheet")),
        Column("合计项", least=26, of=attrgetter("shown.what")),
        *(Column(header, "centre", least=room, of=_as_formula) for header in (_LISTED, _AGAIN, _GAP)),
        Column(_VERDICT, "centre", least=36, of=_as_formula),
    ]  # fmt: skip
    wrong = sum(not each.agrees for each in added)
    note = f"全部 {len(added)} 项合计，与按报送文件逐份重新相加的数一致。"
    if wrong:
        note = f"有 {wrong} 项合计与逐份重加的数不符，请不要使用本汇总表，并把本文件发给维护人员。"
    placed = write_records(
        page, "汇总数核对", columns, added, note=note, unit="单位：万元、分、%、个", empty="没有合计"
    )
    for row, each in enumerate(added, placed.first):
        _write_total(placed, row, each)
    return placed


def _as_formula(_: Added) -> str:
    """Each of these is written over the table, in the look of its own total."""
    return ""


def _write_total(placed: Placed, row: int, each: Added) -> None:
    """Both totals, their difference and the verdict, as formulas where they are of this workbook."""
    page, look = placed.page, placed.page.book.look
    listed, again, gap, verdict = (placed.columns[header] for header in (_LISTED, _AGAIN, _GAP, _VERDICT))
    left, right, difference = (layout.cell(row, column) for column in (listed, again, gap))
    apart = each.shown.value - each.value
    page.formula(row, listed, each.shown.formula, each.shown.value, look(each.shown.look))
    page.put(row, again, each.value, look(each.shown.look))
    result = round(apart, 6) + 0.0 if given(apart) else ""
    page.formula(row, gap, f"ROUND({left}-{right},6)", result, look(each.shown.look))
    if each.shown.cut:
        page.put(row, verdict, "只列出前部，其余见 evalxl.sqlite", look("centre", "explain"))
        return
    formula = f'IF(ABS({difference})<{TOLERANCE:.7f},"相符","不符")'
    mark = "accepted" if each.agrees else "returned"
    page.formula(row, verdict, formula, "相符" if each.agrees else "不符", look("centre", mark))


def _write_inputs(page: Page, tally: Tally, top: int) -> None:
    """Every file received: whether it counts, what it adds to the expenditure, and its whole hash."""

    def counted(each: Department) -> Cell:
        reason = tally.left_out.get(each.workbook, "")
        return Cell(f"不计入：{reason}" if reason else "计入", "explain" if reason else "")

    def spent(each: Department) -> float:
        return tally.amount(each.workbook, "expenditure_total") / FEN_PER_WAN

    columns = (  # below those of the totals, whose widths they have
        NUMBER, Column("文件", most=30, of=attrgetter("workbook")), Column("部门", most=26, of=attrgetter("name")),
        Column("状态", "centre", of=lambda each: Cell(each.status.word, each.status.mark)),
        Column("是否计入", "centre", most=18, of=counted),
        Column("本年支出合计", "amount", of=spent),
        Column("校验值", "source", of=attrgetter("sha256")),
    )  # fmt: skip
    look = page.book.look
    page.rows(top, 12)
    words = "逐份清单：每个文件是否计入汇总，不计入的原因，和文件的校验值（sha256）"
    page.merge(top + 1, 1, len(columns), words, look("section"))
    page.rows(top + 1, 24)
    for at, column in enumerate(columns, 1):
        page.put(top + 2, at, column.header, look("header"))
    row = top + 2
    for number, each in enumerate(tally.departments, 1):
        row += 1
        tallest = 2
        for at, column in enumerate(columns, 1):
            value = column.of(each) if column.of else number
            page.put(row, at, plain(value), look(column.look, value.mark if isinstance(value, Cell) else ""))
            if column.most < WIDEST:
                tallest = max(tallest, lines(str(plain(value)), column.most))
        page.rows(row, height(tallest))
