"""The sheets of a workbook that were not read: second copies of what was, and the template's own with its version.

A second 项目 sheet may hold projects, and a second 基本信息 another department: nothing of them is read, so they are
named (rule F01), unless they are as empty as the template.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from evalxl import layout
from evalxl.intake.read.cells import Grid, Notebook, Odd, Raw, is_blank, raw_at, to_text
from evalxl.intake.read.findings_list import is_findings_sheet
from evalxl.intake.read.headers import Found, form_labels, header_row, headers_in
from evalxl.layout import Shape, Sheet
from evalxl.values.folding import fold, label_key
from evalxl.values.kinds import Kind

_VERSION = re.compile(r"模板版本[:：\s]*([0-9]{1,6}(?:\.[0-9]{1,6}){0,3})")
_LAYOUT = re.compile(r"模板版本[^（]{0,20}表样：([^（）]{1,60})（([0-9a-f]{8})）")
_COPY = re.compile(r"(?:\(\d+\)|\d+|[-_]?(?:副本|复制|备份|copy))+$")  # 项目 (2), 项目2, 项目-副本


def note_surplus(titles: list[str], found: dict[str, Found], load: Callable[[str], Grid], notebook: Notebook) -> None:
    """Note the sheets that hold a second copy of one that was read, and a template of another version."""
    taken = {each.title for each in found.values()}
    seconds: list[tuple[Sheet, str, Grid]] = []
    for title in titles:
        if title == layout.INSTRUCTIONS.title:
            _note_version(title, load(title), notebook)
        elif title not in taken and title != layout.LISTS:
            grid = load(title)
            if is_findings_sheet(grid):
                continue
            sheet = _second_of(title, grid, found)
            if sheet is not None and _has_entries(sheet, grid):
                seconds.append((sheet, title, grid))
    other = next((each for each in seconds if each[0] is layout.GENERAL), None)
    if other is None:
        for sheet, title, _ in seconds:
            notebook.add("second_sheet", sheet, title=title, raw=title, value=found[sheet.key].title)
        return
    names = [_department(grid) for grid in (found[layout.GENERAL.key].grid, other[2])]
    listed = "、".join(title for _, title, _ in seconds)
    same = fold(names[0]) == fold(names[1])
    notebook.add(
        "second_general" if same else "two_departments",
        layout.GENERAL,
        title=other[1],
        raw=listed,
        value=found[layout.GENERAL.key].title,
        detail="" if same else "、".join(names),
    )


def _second_of(title: str, grid: Grid, found: dict[str, Found]) -> Sheet | None:
    """The sheet of the layout that a surplus sheet is a copy of: by its name with a number, else by its headers."""
    base = _COPY.sub("", label_key(title))
    best, most = None, 0.5
    for key in found:
        sheet = layout.BY_KEY[key]
        if base != label_key(title) and base == label_key(sheet.title):
            return sheet
        shown = len(headers_in(sheet, grid)) / len(sheet.fields)
        if shown > most:
            best, most = sheet, shown
    return best


def _has_entries(sheet: Sheet, grid: Grid) -> bool:
    """Whether anything stands in a sheet that the blank template does not have there."""
    if sheet.shape is Shape.FORM:
        return any(_is_entry(row, column + 1) for row, column in ((grid[r], c) for _, r, c in form_labels(sheet, grid)))
    start = header_row(sheet, grid)
    wanted = {
        key: column
        for key, column in headers_in(sheet, grid).items()
        if not sheet.by_key[key].computed and key != "index" and (sheet.shape is Shape.TABLE or _is_amount(sheet, key))
    }
    if not wanted:
        return any(not is_blank(raw) for row in grid for raw in row)
    return any(_is_entry(row, column) for row in grid[start + 1 :] for column in wanted.values())


def _is_amount(sheet: Sheet, key: str) -> bool:
    return sheet.by_key[key].kind is Kind.AMOUNT


def _is_entry(row: list[Raw], column: int) -> bool:
    raw = raw_at(row, column)
    return not is_blank(raw) and not isinstance(raw, Odd)


def _department(grid: Grid) -> str:
    """The department that a form names, as the message quotes it."""
    for field, row, column in form_labels(layout.GENERAL, grid):
        if field.key == "department":
            return to_text(raw_at(grid[row], column + 1))
    return ""


def _note_version(title: str, grid: Grid, notebook: Notebook) -> None:
    for index, row in enumerate(grid):
        for column, raw in enumerate(row):
            match = _VERSION.search(raw) if isinstance(raw, str) else None
            if match is None:
                continue
            version, own = match[1], _LAYOUT.search(match.string)
            if (own[2] if own else "") != (layout.SHA256[:8] if layout.NAME else ""):
                named = own[1] if own else "标准表样"
                notebook.add(
                    "other_layout", layout.INSTRUCTIONS, title=title, row=index + 1, column=column + 1, label="表样",
                    raw=f"{named}（另一版）" if named == layout.NAME else named, value=layout.NAME or "标准表样",
                )  # fmt: skip
            if version != layout.TEMPLATE_VERSION:
                kind = "newer_template" if _parts(version) > _parts(layout.TEMPLATE_VERSION) else "older_template"
                notebook.add(
                    kind, layout.INSTRUCTIONS, title=title, row=index + 1, column=column + 1, label="模板版本",
                    raw=version, value=layout.TEMPLATE_VERSION,
                )  # fmt: skip
            return


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
