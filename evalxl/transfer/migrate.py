"""A workbook of an older template, or of another layout, moved into the current one; nothing goes missing unsaid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evalxl import layout
from evalxl.district.tables import District
from evalxl.intake.probe import Unreadable, probe
from evalxl.intake.read import read
from evalxl.intake.read.cells import Grid
from evalxl.intake.read.findings_list import is_findings_sheet
from evalxl.intake.read.opening import open_book
from evalxl.layout import Shape, Sheet
from evalxl.policy.policy import Policy
from evalxl.store.files import replacing
from evalxl.template import build
from evalxl.transfer.filling import beyond, entries_of
from evalxl.transfer.leftovers import leftovers
from evalxl.values.errors import UsageError
from evalxl.values.folding import clean
from evalxl.values.quantities import given


@dataclass(frozen=True)
class Migrated:
    """What became of a workbook, in one sentence each."""

    moved: list[str]  # sheet by sheet
    left: list[str]  # with sheet and cell of the old workbook
    as_written: int  # of these moved as they were written, to be mended


def migrate(old: Path, out: Path, policy: Policy) -> Migrated:
    """Write the current template with the data of an older workbook, and say what moved and what did not.

    UsageError where ``out`` exists, the old workbook cannot be read, or none of the template's sheets is in it.
    """
    if out.exists():
        raise UsageError(f"{out} 已经存在，为免覆盖填好的内容，请换一个文件名，或先移走它。")
    d = read([(old.name, old)], policy)
    if not d.workbooks["readable"].iloc[0]:
        reason = d.notes[d.notes["kind"] == "unreadable"].iloc[0]
        raise UsageError(f"{old} {reason['value']}；{reason['detail']}。")
    if not d.places:
        raise UsageError(f"{old} 里没有找到《{layout.GENERAL.title}》等填报表，请确认它是部门填报的工作簿。")
    filled = entries_of(d, policy)
    grids, unread = _grids(old)
    left = [*filled.left_out, *leftovers(d, grids), *unread]
    with replacing(out) as temporary:
        build(temporary, policy, None, filled.entries)
    return Migrated([_moved(d, old.name, sheet) for sheet in layout.DATA_SHEETS], left, len(filled.as_written))


def _grids(path: Path) -> tuple[dict[str, Grid], list[str]]:
    """The cells of every sheet, from the first on, and in one sentence each what cannot be read of the others."""
    book = open_book(probe(path))
    grids, unread = {}, []
    for title in book.titles:
        try:
            grid = book.grid(title)
        except Unreadable as error:  # none of the template's sheets: those have been read
            unread.append(f"《{clean(title)}》{error.found}，没有移入。")
            continue
        if is_findings_sheet(grid):
            unread.append(f"《{clean(title)}》是退回件所附的问题清单，没有移入；其中写了说明的，请写到新的退回件里。")
        else:
            grids[title] = grid
    return grids, unread


def _moved(d: District, workbook: str, sheet: Sheet) -> str:
    place = d.place(workbook, sheet.key)
    if place is None:
        return f"{sheet.title}：原工作簿没有这张表。"
    table = d.table(sheet.key)
    renamed = f"（原表名“{place.title}”）" if place.title != sheet.title else ""
    if sheet.shape is Shape.FORM:
        filled = [value for key in sheet.by_key for value in table[key] if value != "" and given(value)]
        return f"{sheet.title}{renamed}：移入 {len(filled)} 栏。"
    return f"{sheet.title}{renamed}：移入 {len(table)} 行{beyond(sheet, len(table))}。"
