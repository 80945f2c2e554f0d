"""Marking a sender's workbook: a list of findings in front, and a fill and a note on every faulty cell.

No value, formula, stored result or format of the sender's changes: parts are patched inside the zip, and what is not
touched is copied byte for byte. (Reading and saving with openpyxl would lose every stored result, and pictures and
extensions with them.) A workbook that cannot be patched without risk gets a list of its own instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalxl.district.findings import Finding
from evalxl.intake.read.findings_list import TITLE
from evalxl.layout import cell
from evalxl.outputs.returned.cells import Address, SheetPart, address
from evalxl.outputs.returned.listing import MOST_LISTED, Mark, by_gravity, listing, sheet_xml
from evalxl.outputs.returned.markup import CannotMark
from evalxl.outputs.returned.notes import Notes, note
from evalxl.outputs.returned.overlay import lay_over
from evalxl.outputs.returned.package import Package
from evalxl.outputs.returned.styles import Styles
from evalxl.outputs.returned.unmark import unmark
from evalxl.outputs.returned.workbook import Sheet, Workbook
from evalxl.values.names import own_name

_OLD = b"\xd0\xcf\x11\xe0"


def mark(data: bytes, department: str, findings: Sequence[Finding]) -> bytes:
    """The sender's workbook with its findings marked; marks of an earlier return are taken off first.

    ``findings`` are those that stand: what the bureau waived is not listed. ``CannotMark`` says why a workbook cannot
    be marked; nothing is marked halfway. The same input gives the same bytes, and marking twice gives what marking once
    gave.
    """
    try:
        return _mark_workbook(data, department, findings)
    except (ValueError, LookupError, OverflowError, StopIteration):  # a number that is none, a list shorter than stated
        raise CannotMark("内部结构无法识别，不能在原表上标注") from None


def _mark_workbook(data: bytes, department: str, findings: Sequence[Finding]) -> bytes:
    package = _open(data)
    workbook = Workbook(package)
    styles = Styles(package.read(workbook.styles_key()))
    unmark(package, workbook, styles, data)
    marks: dict[str, Mark] = {}
    order = by_gravity(findings, [sheet.title for sheet in workbook.sheets])
    numbers: dict[str, int] = {}
    by_sheet: dict[str, list[Finding]] = {}
    for number, each in enumerate(order[:MOST_LISTED], 1):
        numbers[each.id] = number
        if address(each.cell):
            by_sheet.setdefault(each.sheet, []).append(each)
    for sheet in workbook.sheets:
        if sheet.title in by_sheet and sheet.cells:
            marks |= _mark_sheet(package, workbook, sheet, styles, by_sheet[sheet.title], numbers)
    list_ = listing(department, order, marks)
    titles = {sheet.title for sheet in workbook.sheets}
    xml = sheet_xml(list_, styles, titles, workbook.namespace)
    package.write(workbook.styles_key(), styles.content())
    workbook.insert_first(_free_title(titles), xml, list_.header_row)
    return package.data()


def _open(data: bytes) -> Package:
    if data.startswith(_OLD):
        raise CannotMark("是旧格式（.xls 或 .et），不能在原表上标注")
    if not data.startswith(b"PK"):
        raise CannotMark("不是 .xlsx 格式，不能在原表上标注")
    return Package(data)


def _mark_sheet(
    package: Package,
    workbook: Workbook,
    sheet: Sheet,
    styles: Styles,
    findings: Sequence[Finding],
    numbers: Mapping[str, int],
) -> dict[str, Mark]:
    """Mark the cells of one sheet, gravest findings first; gives the marks by the finding's id."""
    part = SheetPart(package.read(sheet.key))
    places = {each.id: at for each in findings if (at := address(each.cell))}
    anchors = part.anchors(set(places.values()))
    by_cell: dict[Address, list[Finding]] = {}
    for each in findings:
        by_cell.setdefault(anchors[places[each.id]], []).append(each)
    old = part.styles(set(by_cell))
    gravest = {at: own[0].severity for at, own in by_cell.items()}
    new = {at: styles.with_mark(style, gravest[at]) for at, style in old.items()}
    notes = Notes(package, sheet.key, part, workbook.base, workbook.namespace)
    threads = notes.threads()
    edits = notes.add({at: _note(each, numbers) for at, each in by_cell.items() if at not in threads})
    package.edit(sheet.key, [*part.restyle(new), *lay_over(part, styles, gravest), *edits])
    return {
        each.id: Mark(sheet.title, cell(*at), styles.fill(old[at]), noted=at not in threads)
        for at, own in by_cell.items()
        for each in own
    }


def _note(findings: Sequence[Finding], numbers: Mapping[str, int]) -> str:
    """What the note on a cell says: each finding with its remedy, and where in the list they stand."""
    words = []
    for each in findings:
        words.append(f"{each.severity.word} {each.rule}：{each.statement}")
        if each.fix:
            words.append(f"处理：{each.fix}")
    listed = "、".join(str(numbers[each.id]) for each in findings)
    return note([*words, f"（《{TITLE}》第 {listed} 条）"])


def _free_title(titles: set[str]) -> str:
    """The name of the list's sheet; numbered where the sender has a sheet of that name."""
    taken = {title.casefold() for title in titles}
    return own_name(TITLE, taken.__contains__)
