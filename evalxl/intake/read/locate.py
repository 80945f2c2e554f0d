"""Finding the sheets of the layout in a workbook, however they were moved, renamed, copied or misspelt."""

from __future__ import annotations

from collections.abc import Callable

from evalxl import layout
from evalxl.intake.read.cells import Grid, Notebook
from evalxl.intake.read.findings_list import is_findings_sheet
from evalxl.intake.read.guess import nearest
from evalxl.intake.read.headers import Found, headers_in
from evalxl.intake.read.surplus import note_surplus
from evalxl.layout import Sheet
from evalxl.values.folding import label_key


def locate_sheets(titles: list[str], load: Callable[[str], Grid], notebook: Notebook) -> dict[str, Found]:
    """The sheets of the layout by key: by name, by alias, and what is still missing by its headers.

    A list of findings is none of them: its 行/栏目 quotes their labels.
    """
    found: dict[str, Found] = {}
    free = list(titles)
    for sheet in layout.DATA_SHEETS:
        title = _by_name(sheet, free)
        if title is not None:
            free.remove(title)
            grid = load(title)
            if is_findings_sheet(grid):
                continue
            found[sheet.key] = Found(title, grid)
            if title not in (sheet.title, sheet.key):
                notebook.add("sheet_alias", sheet, title=title, label=sheet.title, raw=title)
    free = [title for title in free if title not in (layout.INSTRUCTIONS.title, layout.LISTS)]
    grids = {title: load(title) for title in free} if len(found) < len(layout.DATA_SHEETS) else {}
    grids = {title: grid for title, grid in grids.items() if not is_findings_sheet(grid)}
    for sheet in layout.DATA_SHEETS:
        if sheet.key in found:
            continue
        title = _by_content(sheet, grids)
        if title is not None:
            found[sheet.key] = Found(title, grids.pop(title))
            notebook.add("sheet_alias", sheet, title=title, label=sheet.title, raw=title)
    for sheet in layout.DATA_SHEETS:
        if sheet.required and sheet.key not in found:
            guess = nearest((sheet.title, *sheet.aliases), grids)
            notebook.add("missing_sheet", sheet, title=sheet.title, label=sheet.title, detail=guess)
    note_surplus(titles, found, load, notebook)
    return found


def _by_name(sheet: Sheet, titles: list[str]) -> str | None:
    names = [label_key(name) for name in (sheet.title, *sheet.aliases)]
    keys = {label_key(title): title for title in reversed(titles)}
    if sheet.title in titles:
        return sheet.title
    return next((keys[name] for name in names if name in keys), None)


def _by_content(sheet: Sheet, grids: dict[str, Grid]) -> str | None:
    """The sheet that shows most of the headers, provided it shows every required one."""
    best, most = None, 0
    needed = {field.key for field in sheet.fields if field.required}
    for title, grid in grids.items():
        keys = headers_in(sheet, grid).keys()
        if len(keys) > most and keys >= needed and len(keys) > len(sheet.fields) / 2:
            best, most = title, len(keys)
    return best
