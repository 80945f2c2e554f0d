"""The result workbook of one department: what was read, what was found, and how every total and grade came about.

Every row names the cells of the sender's workbook it was read from, so that each figure can be traced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from xlsxwriter.format import Format

from evalxl import layout
from evalxl.district.findings import Change, Finding, Past, Severity, Verdict
from evalxl.district.tables import District, Row, rows_of
from evalxl.facts.grade import Grades
from evalxl.facts.identities import IdentityCheck, identity_checks
from evalxl.intake.read import findings_list as words
from evalxl.layout import Sheet
from evalxl.outputs.field_columns import completion, field_column, field_columns, grade_columns
from evalxl.outputs.finding_columns import finding_columns, leave_figures_as_text
from evalxl.outputs.result.cover import write_cover
from evalxl.policy.policy import Policy
from evalxl.sheets.book import WIDEST, Book, Page
from evalxl.sheets.columns import FEN_PER_WAN, NUMBER, Cell, Column, Total, shown
from evalxl.sheets.measure import height, lines, width
from evalxl.sheets.rows import Formula
from evalxl.sheets.table import Placed, values_of, write_columns, write_records, write_table
from evalxl.values.quantities import NAN, show

_BREATH = 24  # lines of a narrative that fit one printed row; longer texts go on in further rows
_NARRATIVE = 92  # width of the narrative's column
_LABELS = {key: line.name for key, line in layout.BUDGET.line_by_key.items()}
_RELATION = ("核对关系", "等号左边", "等号右边", "差额", "允许尾差", "结论")  # of an identity, from the first column on
_NO_SHEET = "报送的工作簿没有这张表，或其中没有数据"


def write_result(
    path: Path, d: District, findings: list[Finding], grades: Grades, policy: Policy, fixed: Sequence[Past] = ()
) -> None:
    """Write the result workbook of the one workbook that ``d`` holds; ``fixed`` is what has been corrected since."""
    about = d.columns("workbooks")
    with Book(path, f"{about['department'][0]} 绩效自评审核结果") as book:
        result = _Result(book, d, about["workbook"][0], findings, policy)
        cover = book.page("封面")
        listed = book.page("问题", landscape=True)
        _units(result)
        _budget(result)
        _projects(result)
        _indicators(result)
        _reviewers(result)
        _form(result, layout.NARRATIVE)
        _own(result)
        _grade_lines(result, grades)
        result.shown |= write_cover(cover, d, findings, grades, policy, result.marks, len(fixed))
        _findings(result, listed, fixed)
        cover.sheet.activate()


@dataclass
class _Result:
    book: Book
    d: District
    workbook: str
    findings: list[Finding]
    policy: Policy
    marks: dict[tuple[str, str], str] = field(default_factory=dict)  # sender's sheet and cell → gravest severity
    shown: dict[tuple[str, str], str] = field(default_factory=dict)  # sender's sheet and cell → where it stands here

    def __post_init__(self) -> None:
        for each in sorted(self.findings, key=lambda each: -each.severity.rank):
            self.marks[each.sheet, each.cell] = each.severity.value

    def mark(self, title: str, cell: str) -> str:
        """The fill of a value by the gravest finding at its cell; what is merely noted stays plain."""
        severity = self.marks.get((title, cell), "") if cell else ""
        return "" if severity == Severity.INFO.value else severity

    def records(self, sheet: Sheet, page: Page, title: str, columns: list[Column], **more: Any) -> Placed:
        """Write the records of a sheet as a table, each with the cells it was read from, and mark what was found."""
        records = rows_of(self.d.table(sheet.key))
        place = self.d.place(self.workbook, sheet.key)
        where = place.title if place else sheet.title
        letters = {key: layout.column_letter(column) for key, column in place.columns.items()} if place else {}
        ends = [layout.column_letter(pick(place.columns.values())) for pick in (min, max)] if letters and place else []

        def source(record: Row) -> str:
            return f"{ends[0]}{record['row']:.0f}:{ends[1]}{record['row']:.0f}" if ends else ""

        columns = [*columns, Column("来源", "source", least=10, of=source)]
        data = [list(values) for batch in values_of(columns, records, len(records)) for values in batch]
        offsets = {int(record["row"]): offset for offset, record in enumerate(records)}
        positions = {letters[each.field]: position for position, each in enumerate(columns) if each.field in letters}
        addressed = []  # rows and columns of values at which something was found
        for cell in sorted({cell for title, cell in self.marks if title == where}):
            letter = cell.rstrip("0123456789")
            offset, position = offsets.get(int(cell[len(letter) :] or 0)), positions.get(letter)
            if offset is not None and position is not None:
                addressed.append((offset, columns[position].header, cell))
                data[position][offset] = self._marked(data[position][offset], self.mark(where, cell))
        note = f"来源：报送工作簿《{where}》"
        placed = write_columns(page, title, columns, [data] if data else [], note=note, empty=_NO_SHEET, **more)
        for offset, header, cell in addressed:
            if header in placed.columns:
                self.shown[where, cell] = page.at(placed.first + offset, placed.columns[header])
        return placed

    @staticmethod
    def _marked(value: object, mark: str) -> Cell:
        """A value with its mark."""
        return value._replace(mark=mark or value.mark) if isinstance(value, Cell) else Cell(value, mark)


def _standard(sheet: Sheet, key: str) -> Column:
    """A choice field in the standard words; as written where it is none of them."""
    return field_column(sheet, key, of=lambda record: record[f"{key}_standard"] or record[key])


def _units(result: _Result) -> None:
    sheet = layout.UNITS
    instead = {key: [_standard(sheet, key)] for key in ("nature", "funding")}
    columns = field_columns(sheet, instead | {"name": [field_column(sheet, "name", most=WIDEST, least=30)]})
    result.records(sheet, result.book.page("单位"), "独立核算单位", columns, unit="单位：人", total="合计")


def _line_label(record: Row) -> Cell:
    line = layout.BUDGET.line_by_key[record["key"]]
    return Cell(line.label, "subtotal" if line.computed else "", look="detail" if line.detail else "")


def _line_amount(key: str) -> Callable[[Row], object]:
    lines_ = layout.BUDGET.line_by_key
    return lambda record: Cell(record[key], "subtotal") if lines_[record["key"]].computed else record[key]


def _budget(result: _Result) -> None:
    sheet, page = layout.BUDGET, result.book.page("收支")
    every = identity_checks(result.d, result.policy)
    least = max(14, _room(result, every))
    instead = {
        key: [field_column(sheet, key, total=Total.NONE, least=least, of=_line_amount(key))]
        for key in layout.AMOUNT_COLUMNS
    }
    instead["line"] = [field_column(sheet, "line", least=38, most=WIDEST, of=_line_label)]
    instead["note"] = [field_column(sheet, "note", least=12, optional=False)]
    placed = result.records(sheet, page, "收入支出预决算", field_columns(sheet, instead), unit="单位：万元")
    rows = {key: placed.first + offset for offset, key in enumerate(result.d.columns(sheet.key)["key"])}
    _identities(result, placed, every, rows)


def _room(result: _Result, every: list[IdentityCheck]) -> int:
    """The width of the amount columns: one for all, because the identities below put any amount into any of them."""
    amounts = [value for key in layout.AMOUNT_COLUMNS for value in result.d.columns("budget")[key]]
    for each in every:
        amounts += [each.judgement.total, each.judgement.expected, each.judgement.difference]
    return max((width(shown("amount", value / FEN_PER_WAN)) + 3 for value in amounts), default=0)


def _identities(result: _Result, placed: Placed, every: list[IdentityCheck], rows: dict[str, int]) -> None:
    """Every identity that was held, below the table: both sides as formulas into it, the difference and the verdict."""
    page, look = placed.page, result.book.look
    applied = [each for each in every if each.judgement.verdict is not Verdict.NOT_APPLICABLE]
    top = placed.below + 1
    page.merge(top, 1, len(_RELATION), "合计与平衡关系核对", look("section"))
    for column, header in enumerate(_RELATION, 1):
        page.put(top + 1, column, header, look("header"))
    row = top + 2
    for each in applied:
        _identity(result, placed, rows, each, row)
        row += 1
    skipped = len(every) - len(applied)
    notes = ["尾差：差额不超过四舍五入的允许范围。未核对：有关的数未能读取，或差额来自已经列出的另一处错误。"]
    notes += [f"另有 {skipped} 项核对因有关各行没有填数，不适用。"] if skipped else []
    for offset, note in enumerate(notes):
        page.put(row + offset, 1, note, look("note"))


def _identity(result: _Result, placed: Placed, rows: dict[str, int], each: IdentityCheck, row: int) -> None:
    page, look, judgement = placed.page, result.book.look, each.judgement
    sheet = layout.BUDGET
    header = sheet.by_key[each.lines.column].header
    sides = [[key for key, sign in each.figures if sign == side and key in rows] for side in (1, -1)]
    statement = f"{header}：{'＝'.join('＋'.join(_LABELS[key] for key in side) for side in sides)}"
    page.rows(row, height(lines(statement, 38)))
    amount = look("amount")
    cells: dict[str, tuple[object, Format]] = dict.fromkeys(_RELATION, ("", amount)) | {
        "核对关系": (statement, look("text")),
        "结论": ("未核对", look("centre")),
    }
    if judgement.verdict is not Verdict.NOT_EVALUATED:
        title, cell = result.d.cell(result.workbook, sheet.key, each.lines.column, each.lines.rows.get(each.at, NAN))
        mark = (result.mark(title, cell) or "error") if judgement.failed else ""
        verdict = "× 不符" if judgement.failed else "√ 尾差" if judgement.difference else "√ 相符"
        column, marked = placed.columns[header], look("amount", mark)
        left, right = ("+".join(layout.cell(rows[key], column) for key in side) or "0" for side in sides)
        own_left, own_right = (layout.cell(row, _RELATION.index(name) + 1) for name in ("等号左边", "等号右边"))
        gap = f"ROUND({own_left}-{own_right},6)"
        cells |= {
            "等号左边": (Formula(left, judgement.total / FEN_PER_WAN), marked),
            "等号右边": (Formula(right, judgement.expected / FEN_PER_WAN), marked),
            "差额": (Formula(gap, judgement.difference / FEN_PER_WAN), marked),
            "允许尾差": (judgement.tolerance / FEN_PER_WAN, amount),
            "结论": (verdict, look("centre", mark)),
        }
    page.line(row, *zip(*cells.values(), strict=True))


def _projects(result: _Result) -> None:
    sheet, earned = layout.PROJECTS, result.policy.grade
    instead = {
        "rate": [completion("计算执行率"), field_column(sheet, "rate", header="填报执行率", optional=True)],
        "grade": grade_columns(lambda record: earned(record["score"])),
    }
    page = result.book.page("项目", landscape=True)
    columns = field_columns(sheet, instead)
    result.records(sheet, page, "项目支出绩效自评", columns, unit="单位：万元", total="合计")


def _indicators(result: _Result) -> None:
    sheet = layout.INDICATORS
    if not result.d.indicators.empty:
        columns = [field_column(sheet, each.key, most=26) for each in sheet.fields]
        result.records(sheet, result.book.page("指标", landscape=True), "绩效指标完成情况", columns)


def _reviewers(result: _Result) -> None:
    sheet = layout.REVIEWERS
    fields = [each for each in sheet.fields[1:] if not each.left_out]
    columns = [field_column(sheet, each.key, most=34, least=12, optional=False) for each in fields]
    result.records(sheet, result.book.page("评价组"), "自评工作组成员", [NUMBER, *columns])


def _own(result: _Result) -> None:
    """The sheets that a bureau has added, each as it was filled in."""
    for sheet in layout.OWN_SHEETS:
        if sheet.shape is layout.Shape.FORM:
            _form(result, sheet)
        else:
            columns = [field_column(sheet, each.key, total=Total.NONE) for each in sheet.fields]
            result.records(
                sheet, result.book.page(sheet.title, landscape=sheet.landscape), sheet.title, [NUMBER, *columns]
            )


def _form(result: _Result, sheet: Sheet) -> None:
    """A form's fields one below the other, long texts over several rows."""
    values = {key: own[0] for key, own in result.d.columns(sheet.key).items() if own}
    rows: list[list[object]] = []
    addresses: list[tuple[tuple[str, str], int]] = []
    for each in (each for each in sheet.fields if values and not each.left_out):
        address = result.d.cell(result.workbook, sheet.key, each.key, NAN)
        addresses.append((address, len(rows)))
        for position, piece in enumerate(pieces(show(each.kind, values[each.key]))):
            label = each.header if not position else f"{each.header}（续）"
            rows.append([Cell(label, look="label"), Cell(piece, result.mark(*address)), address[1]])
    columns = [
        Column("栏目", least=18),
        Column("内容", most=_NARRATIVE, least=_NARRATIVE),
        Column("来源", "source", least=6),
    ]
    place = result.d.place(result.workbook, sheet.key)
    note = f"来源：报送工作簿《{place.title if place else sheet.title}》"
    placed = write_table(result.book.page(sheet.title), sheet.title, columns, rows, note=note, empty=_NO_SHEET)
    for address, offset in addresses:
        result.shown[address] = placed.page.at(placed.first + offset, 2)


def pieces(text: str) -> list[str]:
    """A long text in parts that each fit one row; joined again they are the text."""
    parts, room = [""], _BREATH * (_NARRATIVE // 2 - 1)
    for paragraph in text.split("\n"):
        for start in range(0, max(len(paragraph), 1), room):
            chunk = paragraph[start : start + room]
            joined = f"{parts[-1]}\n{chunk}" if parts[-1] else chunk
            if lines(joined, _NARRATIVE) <= _BREATH and not start:
                parts[-1] = joined
            else:
                parts.append(chunk)
    return [part for part in parts if part] or [""]


def _grade_lines(result: _Result, grades: Grades) -> None:
    def source(line: Row) -> str:
        return f"{line['sheet']}!{line['cell']}" if line["cell"] else str(line["sheet"])

    columns = [
        Column("对象", most=34, of=itemgetter("subject")), Column("评分项", of=itemgetter("item")),
        Column("满分", "score", of=itemgetter("possible")), Column("参考分", "score", of=itemgetter("due")),
        Column("自评分", "score", of=itemgetter("declared")), Column("说明", least=36, of=itemgetter("reason")),
        Column("来源", "source", least=14, of=source),
    ]  # fmt: skip
    note = "每个得分的来由；参考分只作对照，不代替自评分。"
    write_records(result.book.page("评分明细"), "评分明细", columns, rows_of(grades.lines), note=note, unit="单位：分")


def _findings(result: _Result, page: Page, fixed: Sequence[Past]) -> None:
    def place(finding: Finding) -> Cell:
        link = result.shown.get((finding.sheet, finding.cell), "")
        return Cell(finding.place, link=f"internal:{link}" if link else "")

    columns = [NUMBER, *finding_columns(sheet=place)]
    ranked = sorted(result.findings, key=lambda each: each.severity.rank)
    rows = [row for batch in values_of(columns, ranked) for row in zip(*batch, strict=True)]
    corrected = Cell(Change.FIXED.word, "accepted")
    for number, past in enumerate(fixed, len(ranked) + 1):
        known = {
            NUMBER.header: number, words.SEVERITY: corrected, words.RULE: past.rule, words.FOUND: past.message,
            words.REMEDY: "无须处理", words.CHANGE: corrected,
        }  # fmt: skip
        rows.append(tuple(known.get(column.header, "") for column in columns))
    note = "点击蓝色的位置，可看到本结果中相应的数。"
    placed = write_table(page, "核对发现的问题", columns, rows, note=note, unit="金额单位：万元", empty="没有发现问题")
    leave_figures_as_text(placed)
