"""The result workbook of one department: what was read, what was found, and how every total and grade came about.

Every row names the cells of the sender's workbook it was read from, so that each figure can be traced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalxl import layout
from evalxl.district.findings import Change, Finding, Past, Severity, Verdict
from evalxl.district.tables import District
from evalxl.facts.grade import Grades
from evalxl.facts.identities import Held, held
from evalxl.intake.read import remarks as words
from evalxl.layout import Sheet
from evalxl.outputs.finding_columns import finding_columns, leave_figures_as_text
from evalxl.outputs.result.cover import write_cover
from evalxl.policy.policy import Policy
from evalxl.sheets.book import Book, Page
from evalxl.sheets.columns import FEN_PER_WAN, NUMBER, Cell, Column, Total, shown
from evalxl.sheets.measure import height, lines, width
from evalxl.sheets.rows import Formula
from evalxl.sheets.table import Placed, values_of, write_columns, write_table
from evalxl.values.quantities import NAN

_BREATH = 24  # lines of a narrative that fit one printed row; longer texts go on in further rows
_NARRATIVE = 92  # width of the narrative's column
_LABELS = {key: line.label.removeprefix("其中：") for key, line in layout.BUDGET.line_by_key.items()}
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
        _narrative(result)
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

    def records(
        self, sheet: Sheet, page: Page, title: str, columns: list[_Values], *, unit: str = "", total: str = ""
    ) -> Placed:
        """Write the records of a sheet as a table, each with the cells it was read from, and mark what was found."""
        numbers = list(map(int, self.d.columns(sheet.key)["row"]))
        place = self.d.place(self.workbook, sheet.key)
        where = place.title if place else sheet.title
        letters = {key: layout.column_letter(column) for key, column in place.columns.items()} if place else {}
        ends = [layout.column_letter(pick(place.columns.values())) for pick in (min, max)] if letters and place else []
        data = [list(each.values) for each in columns]
        data.append([f"{ends[0]}{number}:{ends[1]}{number}" if ends else "" for number in numbers])
        offsets = {number: offset for offset, number in enumerate(numbers)}
        positions = {letters[each.key]: position for position, each in enumerate(columns) if each.key in letters}
        addressed = []  # rows and columns of values at which something was found
        for cell in sorted({cell for title, cell in self.marks if title == where}):
            letter = cell.rstrip("0123456789")
            offset, position = offsets.get(int(cell[len(letter) :] or 0)), positions.get(letter)
            if offset is not None and position is not None:
                addressed.append((offset, columns[position].column.header, cell))
                data[position][offset] = self._marked(data[position][offset], self.mark(where, cell))
        placed = write_columns(
            page, title, [*(each.column for each in columns), Column("来源", "source", least=10)],
            [data] if numbers else [], note=f"来源：报送工作簿《{where}》", unit=unit, total=total, empty=_NO_SHEET,
        )  # fmt: skip
        for offset, header, cell in addressed:
            if header in placed.columns:
                self.shown[where, cell] = page.at(placed.first + offset, placed.columns[header])
        return placed

    @staticmethod
    def _marked(value: object, mark: str) -> Cell:
        """A value with its mark."""
        return value._replace(mark=mark or value.mark) if isinstance(value, Cell) else Cell(value, mark)


@dataclass(frozen=True)
class _Values:
    """A column of the result, the field it shows ('' for what was computed) and its values."""

    column: Column
    key: str
    values: list[object]


def _columns(result: _Result, sheet: Sheet, looks: dict[str, Column]) -> list[_Values]:
    """Fields of a sheet as columns of the result."""
    table = result.d.columns(sheet.key)
    return [_Values(column, key, table[key]) for key, column in looks.items()]


def _standard(result: _Result, sheet: Sheet, key: str) -> list[object]:
    """A choice field in the standard words; as written where it is none of them."""
    table = result.d.columns(sheet.key)
    return [known or written for known, written in zip(table[f"{key}_standard"], table[key], strict=True)]


def _units(result: _Result) -> None:
    sheet = layout.UNITS
    columns = [
        _Values(Column("序号", "index"), "", list(range(1, len(result.d.units) + 1))),
        *_columns(result, sheet, {"name": Column("单位名称", least=30)}),
        _Values(Column("单位基本性质", "centre"), "nature", _standard(result, sheet, "nature")),
        _Values(Column("经费形式", "centre"), "funding", _standard(result, sheet, "funding")),
        *_columns(
            result, sheet,
            {"posts": Column("编制人数", "count", Total.SUM), "staff": Column("在职人数", "count", Total.SUM)},
        ),
    ]  # fmt: skip
    result.records(sheet, result.book.page("单位"), "独立核算单位", columns, unit="单位：人", total="合计")


def _budget(result: _Result) -> None:
    sheet, page = layout.BUDGET, result.book.page("收支")
    keys = result.d.columns(sheet.key)["key"]
    lines_ = [sheet.line_by_key[key] for key in keys]
    labels = [
        Cell(line.label, "subtotal" if line.computed else "", look="detail" if line.detail else "") for line in lines_
    ]
    columns = [_Values(Column("项目", least=38), "line", list(labels))]
    every = held(result.d, result.policy)
    room = _room(result, every)
    looks = {key: Column(sheet.by_key[key].header, "amount", least=max(14, room)) for key in layout.AMOUNT_COLUMNS}
    for each in _columns(result, sheet, looks):
        totals = [
            Cell(value, "subtotal") if line.computed else value for value, line in zip(each.values, lines_, strict=True)
        ]
        columns.append(_Values(each.column, each.key, totals))
    columns += _columns(result, sheet, {"note": Column("备注", most=26, least=12)})
    placed = result.records(sheet, page, "收入支出预决算", columns, unit="单位：万元")
    _identities(result, placed, every, {key: placed.first + offset for offset, key in enumerate(keys)})


def _room(result: _Result, every: list[Held]) -> int:
    """The width of the amount columns: one for all, because the identities below put any amount into any of them."""
    amounts = [value for key in layout.AMOUNT_COLUMNS for value in result.d.columns("budget")[key]]
    for each in every:
        amounts += [each.judgement.total, each.judgement.expected, each.judgement.difference]
    return max((width(shown("amount", value / FEN_PER_WAN)) + 3 for value in amounts), default=0)


def _identities(result: _Result, placed: Placed, every: list[Held], rows: dict[str, int]) -> None:
    """Every identity that was held, below the table: both sides as formulas into it, the difference and the verdict."""
    page, look = placed.page, result.book.look
    applied = [each for each in every if each.judgement.verdict is not Verdict.NOT_APPLICABLE]
    top = placed.below + 1
    page.merge(top, 1, 6, "合计与平衡关系核对", look("section"))
    for column, header in enumerate(("核对关系", "等号左边", "等号右边", "差额", "允许尾差", "结论"), 1):
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


def _identity(result: _Result, placed: Placed, rows: dict[str, int], each: Held, row: int) -> None:
    page, look, judgement = placed.page, result.book.look, each.judgement
    sheet = layout.BUDGET
    header = sheet.by_key[each.lines.column].header
    sides = [[key for key, sign in each.figures if sign == side and key in rows] for side in (1, -1)]
    words = f"{header}：{'＝'.join('＋'.join(_LABELS[key] for key in side) for side in sides)}"
    page.rows(row, height(lines(words, 38)))
    if judgement.verdict is Verdict.NOT_EVALUATED:
        page.line(row, [words, *[""] * 4, "未核对"], [look("text"), *[look("amount")] * 4, look("centre")])
        return
    title, cell = result.d.cell(result.workbook, sheet.key, each.lines.column, each.lines.rows.get(each.at, NAN))
    mark = (result.mark(title, cell) or "error") if judgement.failed else ""
    column = placed.columns[header]
    left, right = ("+".join(layout.cell(rows[key], column) for key in side) or "0" for side in sides)
    difference = f"ROUND({layout.cell(row, 2)}-{layout.cell(row, 3)},6)"
    verdict = "× 不符" if judgement.failed else "√ 尾差" if judgement.difference else "√ 相符"
    values = (
        words, Formula(left, judgement.total / FEN_PER_WAN), Formula(right, judgement.expected / FEN_PER_WAN),
        Formula(difference, judgement.difference / FEN_PER_WAN), judgement.tolerance / FEN_PER_WAN, verdict,
    )  # fmt: skip
    amount = look("amount", mark)
    page.line(row, values, (look("text"), amount, amount, amount, look("amount"), look("centre", mark)))


def _projects(result: _Result) -> None:
    sheet, d = layout.PROJECTS, result.d
    given = d.columns(sheet.key)
    pairs = zip(given["executed"], given["revised"], strict=True)
    rates: list[object] = [above / below if below > 0 else NAN for above, below in pairs]
    due: list[object] = [result.policy.grade(score) for score in given["score"]]
    grades: list[object] = [
        Cell(written, "warning") if written and known != earned else written
        for written, known, earned in zip(given["grade"], given["grade_standard"], due, strict=True)
    ]
    over = ("全年执行数", "全年预算数")
    columns = [
        _Values(Column("序号", "index"), "", list(range(1, len(d.projects) + 1))),
        *_columns(
            result, sheet,
            {
                "name": Column("项目名称", most=34), "code": Column("项目编码", most=22, optional=True),
                "unit": Column("实施单位", most=20, optional=True),
                "initial": Column("年初预算数", "amount", Total.SUM),
                "revised": Column("全年预算数", "amount", Total.SUM),
                "executed": Column("全年执行数", "amount", Total.SUM),
            },
        ),
        _Values(Column("计算执行率", "rate", Total.RATIO, over=over), "", rates),
        *_columns(
            result, sheet,
            {"rate": Column("填报执行率", "rate", optional=True), "score": Column("自评得分", "score")},
        ),
        _Values(Column("自报等级", "centre"), "grade", grades),
        _Values(Column("应评等级", "centre"), "", due),
        *_columns(
            result, sheet,
            {
                "cause": Column("偏差原因", most=26, optional=True),
                "measure": Column("改进措施", most=26, optional=True),
            },
        ),
    ]  # fmt: skip
    page = result.book.page("项目", landscape=True)
    result.records(sheet, page, "项目支出绩效自评", columns, unit="单位：万元", total="合计")


def _indicators(result: _Result) -> None:
    if result.d.indicators.empty:
        return
    centre = ("direction", "measure_unit")
    looks = {
        each.key: Column(
            each.header, "score" if each.kind.numeric else "centre" if each.key in centre else "text", most=26
        )
        for each in layout.INDICATORS.fields
    }
    columns = _columns(result, layout.INDICATORS, looks)
    result.records(layout.INDICATORS, result.book.page("指标", landscape=True), "绩效指标完成情况", columns)


def _reviewers(result: _Result) -> None:
    sheet = layout.REVIEWERS
    looks = {each.key: Column(each.header, most=34, least=12) for each in sheet.fields[1:]}
    columns = [
        _Values(Column("序号", "index"), "", list(range(1, len(result.d.reviewers) + 1))),
        *_columns(result, sheet, looks),
    ]
    result.records(sheet, result.book.page("评价组"), "自评工作组成员", columns)


def _narrative(result: _Result) -> None:
    sheet = layout.NARRATIVE
    values = {key: own[0] for key, own in result.d.columns(sheet.key).items() if own}
    rows: list[list[object]] = []
    addresses: list[tuple[tuple[str, str], int]] = []
    for each in sheet.fields if values else ():
        address = result.d.cell(result.workbook, sheet.key, each.key, NAN)
        addresses.append((address, len(rows)))
        for position, piece in enumerate(pieces(str(values[each.key]))):
            label = each.header if not position else f"{each.header}（续）"
            rows.append([Cell(label, look="label"), Cell(piece, result.mark(*address)), address[1]])
    columns = [
        Column("栏目", least=18),
        Column("内容", most=_NARRATIVE, least=_NARRATIVE),
        Column("来源", "source", least=6),
    ]
    place = result.d.place(result.workbook, sheet.key)
    note = f"来源：报送工作簿《{place.title if place else sheet.title}》"
    placed = write_table(result.book.page("文字说明"), "文字说明", columns, rows, note=note, empty=_NO_SHEET)
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
    columns = [
        Column("对象", most=34), Column("评分项"), Column("满分", "score"), Column("参考分", "score"),
        Column("自评分", "score"), Column("说明", least=36), Column("来源", "source", least=14),
    ]  # fmt: skip
    lines_ = grades.lines
    names = ("subject", "item", "possible", "due", "declared", "reason")
    places = zip(lines_["sheet"].tolist(), lines_["cell"].tolist(), strict=True)
    where = [f"{sheet}!{cell}" if cell else sheet for sheet, cell in places]
    rows = list(zip(*(lines_[name].tolist() for name in names), where, strict=True))
    page = result.book.page("评分明细")
    write_table(page, "评分明细", columns, rows, note="每个得分的来由；参考分只作对照，不代替自评分。", unit="单位：分")


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
