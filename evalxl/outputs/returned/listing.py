"""The sheet 问题清单: what was found, where, what to do, and a column to write in; as rows, and as a sheet's XML."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalxl.district.findings import Finding, Severity
from evalxl.intake.read import findings_list as words
from evalxl.layout import cell, column_letter
from evalxl.outputs.finding_columns import FINDING_COLUMNS, change_word
from evalxl.outputs.returned.cells import address
from evalxl.outputs.returned.markup import DECLARATION, quoted, text
from evalxl.outputs.returned.styles import Styles
from evalxl.sheets.columns import Column as SheetColumn
from evalxl.sheets.columns import plain
from evalxl.sheets.looks import HEAD, HEI, LINE, RESULT, properties
from evalxl.sheets.measure import height, lines, stands_on_a_line

MOST_LISTED = 3_000  # findings in a list; nobody works through more at once, and programs open it without delay


@dataclass(frozen=True)
class Mark:
    """Where a finding is marked in the sender's workbook, the fill that was there, and whether a note says it too."""

    sheet: str
    cell: str
    fill: str
    noted: bool = True


@dataclass(frozen=True)
class Column:
    """A column of the list: header, look, width in characters, what it says; hidden ones are for reading it back."""

    header: str
    look: str
    width: float
    said: Callable[[Finding, Mark], str]
    hidden: bool = False
    optional: bool = False


_LOOKS_HERE = {words.SEVERITY: "severity", words.PLACE: "link", words.CHANGE: "text"}


def _changes(finding: Finding) -> str:
    why = "数据已变，原说明失效" if finding.lapsed else "原说明没有写明原因" if finding.idle else ""
    if finding.severity is Severity.INFO:  # what is only told needs no answer
        why = ""
    return "；".join(filter(None, (change_word(finding), why and f"{why}，请重写（原写：{finding.explanation}）")))


_SAID_HERE: dict[str, Callable[[Finding, Mark], str]] = {
    words.REMEDY: lambda each, mark: each.fix + ("" if mark.noted else _THREAD),
    words.CHANGE: lambda each, _: _changes(each),
}


def _column(known: SheetColumn, width: float) -> Column:
    """A column of every list of findings as it is here."""
    said = _SAID_HERE.get(known.header, lambda each, _: str(plain(known.of(each))) if known.of else "")
    look = _LOOKS_HERE.get(known.header, known.look)
    return Column(known.header, look, width, said, optional=known.optional or known.look == "figure")


_COLUMNS = (
    *(_column(each.column, each.width) for each in FINDING_COLUMNS if each.column and each.width),
    Column(words.EXPLANATION, "writing", 30, lambda each, _: each.explanation if each.explained else ""),
    Column(words.ID, "text", 20, lambda each, _: words.identity(each.id, each.evidence), hidden=True),
    Column(words.MARKED, "text", 20, lambda _, mark: f"{mark.sheet}!{mark.cell}" if mark.cell else "", hidden=True),
    Column(words.FILL, "text", 20, lambda _, mark: mark.fill, hidden=True),
)
_NUMBER = Column(words.NUMBER, "centre", 5, lambda *_: "")  # in the list as it is ranked


@dataclass(frozen=True)
class Listing:
    """The list of findings, ready to be drawn: what stands above it, its columns, and a row per finding."""

    heading: str
    guidance: tuple[str, ...]
    columns: tuple[Column, ...]
    findings: tuple[Finding, ...]
    rows: tuple[tuple[str | int, ...], ...]

    @property
    def header_row(self) -> int:
        """The row of the headers: below the heading and the guidance."""
        return len(self.guidance) + 2

    @property
    def last_visible(self) -> int:
        """How many columns are seen."""
        return sum(not column.hidden for column in self.columns)


def by_gravity(findings: Sequence[Finding], titles: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Findings as they are listed: the gravest first, then in the order of the workbook's own sheets."""
    positions = {title: position for position, title in enumerate(titles)}
    return tuple(sorted(findings, key=lambda each: (each.severity.rank, positions.get(each.sheet, -1), each.order)))


def listing(
    department: str,
    findings: Sequence[Finding],
    marks: Mapping[str, Mark],
    first: tuple[str, ...] = (),
) -> Listing:
    """The list of findings as ranked; ``marks`` are by the finding's id, ``first`` says why no cell is.

    An explanation stands in 说明 as long as it holds; one that has lapsed is to be written anew. Of very many findings
    the gravest are listed, and it is said above how many are not.
    """
    listed = tuple(findings[:MOST_LISTED])
    unmarked = Mark("", "", "")
    values = [[column.said(each, marks.get(each.id, unmarked)) for each in listed] for column in _COLUMNS]
    shown = [(each, own) for each, own in zip(_COLUMNS, values, strict=True) if not each.optional or any(own)]
    return Listing(
        f"{department}绩效自评问题清单",
        (*first, _counts(findings), _STEPS, _NO_EXCUSE + ("" if first else _MARKED)),
        (_NUMBER, *(column for column, _ in shown)),
        listed,
        tuple(zip(range(1, len(listed) + 1), *(own for _, own in shown), strict=True)),
    )


_STEPS = (
    "办理顺序：① 改正全部“错误”；② 对“提醒”逐条改正，属实不改的在“说明”栏写明原因；"
    "③ “提示”供参考，不必答复；④ 保存后原样报回，不要删除本表。"
)
_THREAD = "（该单元格已有对话批注，未再加批注，请看本行。）"
_NO_EXCUSE = "错误须改正，不能以说明代替。"
_MARKED = "点“位置”可到该单元格；各表中有底纹和批注的就是有问题的单元格，改正后底纹不必手工清除，下次核对时自动去掉。"


def _counts(findings: Sequence[Finding]) -> str:
    if not findings:
        return "没有发现问题。"
    counts = [(each.word, sum(finding.severity is each for finding in findings)) for each in Severity]
    all_ = f"共 {len(findings)} 条：" + "，".join(f"{word} {count} 条" for word, count in counts) + "。"
    left = len(findings) - MOST_LISTED
    cut = f"条数过多，本表只列出并标注最严重的 {MOST_LISTED} 条，其余 {left} 条改正后再报时列出。" if left > 0 else ""
    return all_ + cut + "金额单位：万元。"


# ---------------------------------------------------------------- as a sheet of the sender's workbook


_SIDES = ("left", "right", "top", "bottom")


def _look_xml(look: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """A look of ours as a part of styles says it: font, fill, border, and how the text lies."""
    line = "<u/>" if "underline" in look else ""
    letters = f'<sz val="{look["font_size"]}"/><color rgb="{_argb(look.get("font_color", "#000000"))}"/>'
    font = f'<font>{line}{letters}<name val="{look["font_name"]}"/><family val="3"/></font>'
    fill = '<patternFill patternType="none"/>'
    if "bg_color" in look:
        colours = f'<fgColor rgb="{_argb(look["bg_color"])}"/><bgColor indexed="64"/>'
        fill = f'<patternFill patternType="solid">{colours}</patternFill>'
    drawn = f' style="thin"><color rgb="{_argb(LINE)}"/></{{}}>' if "border" in look else "/>"
    sides = "".join(f"<{side}{drawn.format(side)}" for side in _SIDES)
    lies = f'horizontal="{look.get("align", "left")}" vertical="center"'
    lies += (' wrapText="1"' if look.get("text_wrap") else "") + (' indent="1"' if look.get("indent") else "")
    lies += ' shrinkToFit="1"' if look.get("shrink") else ""
    locked = "" if look.get("locked", True) else '<protection locked="0"/>'
    return font, f"<fill>{fill}</fill>", f"<border>{sides}<diagonal/></border>", f"<alignment {lies}/>{locked}"


def _argb(colour: str) -> str:
    return "FF" + colour.removeprefix("#")


_SEVERITY = {"bg_color": HEAD}  # behind a severity that has no colour of its own
_SPECIAL: dict[str, dict[str, Any]] = {
    "guidance": properties(RESULT, "sentence"),
    **{each.value: _SEVERITY | properties(RESULT, "centre", each) | {"font_name": HEI} for each in Severity},
}
_NAMES = ("title", "guidance", "header", "text", "centre", "figure", "link", "writing", *Severity)
_LOOKS = {str(name): _look_xml(_SPECIAL.get(name) or properties(RESULT, name)) for name in _NAMES}


def sheet_xml(list_: Listing, styles: Styles, titles: Collection[str], namespace: str) -> str:
    """The list as a worksheet part; places link to their cells where ``titles`` has the sheet."""
    drawn = _Sheet(list_, {name: styles.format(*look) for name, look in _LOOKS.items()})
    return drawn.xml(titles, namespace)


@dataclass(frozen=True)
class _Sheet:
    list_: Listing
    formats: dict[str, int]

    def xml(self, titles: Collection[str], namespace: str) -> str:
        list_, header = self.list_, self.list_.header_row
        last = cell(header + max(len(list_.rows), 1), len(list_.columns))
        below = cell(header + 1, 1)
        pane = f'<pane ySplit="{header}" topLeftCell="{below}" activePane="bottomLeft" state="frozen"/>'
        selection = f'<selection pane="bottomLeft" activeCell="{below}" sqref="{below}"/>'
        view = f'<sheetView showGridLines="0" tabSelected="1" workbookViewId="0">{pane}{selection}</sheetView>'
        pieces = [
            f"{DECLARATION}<worksheet xmlns={quoted(namespace)}>",
            '<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>',
            f'<dimension ref="{cell(1, 1)}:{last}"/><sheetViews>{view}</sheetViews>',
            '<sheetFormatPr defaultRowHeight="18"/>',
            self._columns(),
            "<sheetData>",
            *self._top(),
            *self._rows(),
            "</sheetData>",
            self._merges(),
            self._links(titles),
            '<printOptions horizontalCentered="1"/>',
            '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>',
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>',
            "<headerFooter><oddFooter>&amp;C&amp;9第 &amp;P 页 共 &amp;N 页</oddFooter></headerFooter>",
            self._ignored(),
            "</worksheet>",
        ]
        return "".join(pieces)

    def _columns(self) -> str:
        columns = "".join(
            f'<col min="{at}" max="{at}" width="{column.width + 0.7:g}" customWidth="1"'
            + (' hidden="1"/>' if column.hidden else "/>")
            for at, column in enumerate(self.list_.columns, 1)
        )
        return f"<cols>{columns}</cols>"

    def _cell(self, row: int, column: int, value: str | int, look: str) -> str:
        return f'<c r="{cell(row, column)}" s="{self.formats[look]}"{_ending(value)}'

    def _top(self) -> list[str]:
        """Heading, guidance and headers."""
        list_, rows = self.list_, []
        across = sum(column.width for column in list_.columns if not column.hidden)
        rows.append(f'<row r="1" ht="30" customHeight="1">{self._cell(1, 1, list_.heading, "title")}</row>')
        for number, line in enumerate(list_.guidance, 2):
            tall = height(lines(line, across - 4))
            rows.append(
                f'<row r="{number}" ht="{tall:g}" customHeight="1">{self._cell(number, 1, line, "guidance")}</row>'
            )
        at = list_.header_row
        cells = "".join(self._cell(at, column, each.header, "header") for column, each in enumerate(list_.columns, 1))
        rows.append(f'<row r="{at}" ht="24" customHeight="1">{cells}</row>')
        return rows

    def _rows(self) -> list[str]:
        list_, rows = self.list_, []
        columns = [(column_letter(at), each, self.formats.get(each.look)) for at, each in enumerate(list_.columns, 1)]
        for number, (finding, values) in enumerate(zip(list_.findings, list_.rows, strict=True), list_.header_row + 1):
            tallest, cells = 1, []
            for (letter, column, look), value in zip(columns, values, strict=True):
                look = self.formats[finding.severity.value] if look is None else look
                shrinks = column.look == "link" and stands_on_a_line(str(value), column.width)
                look = self.formats["text"] if column.look == "link" and not shrinks else look
                cells.append(f'<c r="{letter}{number}" s="{look}"{_ending(value)}')
                if value and not column.hidden and isinstance(value, str) and not shrinks:
                    tallest = max(tallest, lines(value, column.width - 1))
            rows.append(f'<row r="{number}" ht="{height(tallest):g}">{"".join(cells)}</row>')
        return rows

    def _merges(self) -> str:
        last = column_letter(self.list_.last_visible)
        rows = range(1, self.list_.header_row)
        areas = "".join(f'<mergeCell ref="{cell(row, 1)}:{last}{row}"/>' for row in rows)
        return f'<mergeCells count="{len(rows)}">{areas}</mergeCells>'

    def _links(self, titles: Collection[str]) -> str:
        column = [each.header for each in self.list_.columns].index(words.PLACE) + 1
        links = []
        for number, each in enumerate(self.list_.findings, self.list_.header_row + 1):
            if each.sheet not in titles:
                continue
            target = each.cell if address(each.cell) else cell(1, 1)
            location = f"{sheet_reference(each.sheet)}!{target}"
            links.append(f'<hyperlink ref="{cell(number, column)}" location={quoted(location)}/>')
        return f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else ""

    def _ignored(self) -> str:
        """Figures are written as the finding words them; no program need complain that they are text."""
        last = cell(self.list_.header_row + max(len(self.list_.rows), 1), len(self.list_.columns))
        area = f"{cell(self.list_.header_row + 1, 1)}:{last}"
        return f'<ignoredErrors><ignoredError sqref="{area}" numberStoredAsText="1"/></ignoredErrors>'


def _ending(value: str | int) -> str:
    """How a cell's XML goes on after its place and its look."""
    if isinstance(value, int):
        return f"><v>{value}</v></c>"
    return f' t="inlineStr"><is><t xml:space="preserve">{text(value)}</t></is></c>' if value else "/>"


def sheet_reference(title: str) -> str:
    """A sheet's name as a reference names it."""
    return "'" + title.replace("'", "''") + "'"
