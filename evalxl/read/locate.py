"""Finding the sheets and headers of the layout in a workbook, however they were moved, renamed or decorated."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from evalxl import layout
from evalxl.folding import clean, fold, label_key
from evalxl.layout import Field, Shape, Sheet
from evalxl.read.cells import Grid, Notebook, Raw

_HEADER_ROWS = 30  # a header row lies among the first so many
_LEAST_MATCH = 2  # fewer known headers in a row are chance


class Found(NamedTuple):
    """A sheet of the layout in a workbook: its name there and its cells."""

    title: str
    grid: Grid


def locate_sheets(titles: list[str], load: Callable[[str], Grid], notebook: Notebook) -> dict[str, Found]:
    """The sheets of the layout by key: by name, by alias, and what is still missing by its headers."""
    found: dict[str, Found] = {}
    free = list(titles)
    for sheet in layout.DATA_SHEETS:
        title = _by_name(sheet, free)
        if title is not None:
            free.remove(title)
            found[sheet.key] = Found(title, load(title))
            if title not in (sheet.title, sheet.key):
                notebook.add("sheet_alias", sheet, title=title, label=sheet.title, raw=title)
    known = {layout.INSTRUCTIONS.title}
    grids = {title: load(title) for title in free if title not in known} if len(found) < len(layout.DATA_SHEETS) else {}
    for sheet in layout.DATA_SHEETS:
        if sheet.key in found:
            continue
        title = _by_content(sheet, grids)
        if title is not None:
            found[sheet.key] = Found(title, grids.pop(title))
            notebook.add("sheet_alias", sheet, title=title, label=sheet.title, raw=title)
        elif sheet.required:
            notebook.add("missing_sheet", sheet, title=sheet.title, label=sheet.title)
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
        if sheet.shape is Shape.FORM:
            keys = {field.key for field, _, _ in form_labels(sheet, grid)}
        else:
            keys = set(_match(sheet, grid[header_row(sheet, grid)])) if grid else set()
        if len(keys) > most and keys >= needed and len(keys) > len(sheet.fields) / 2:
            best, most = title, len(keys)
    return best


def header_row(sheet: Sheet, grid: Grid) -> int:
    """The index of the row that shows most of a table's headers."""
    best, most = 0, 0
    for index, row in enumerate(grid[:_HEADER_ROWS]):
        count = len(_match(sheet, row))
        if count > most:
            best, most = index, count
        if count == len(sheet.fields):
            break
    return best


def _match(sheet: Sheet, row: list[Raw]) -> dict[str, list[int]]:
    """The 0-based columns of each field whose header stands in a row."""
    matches: dict[str, list[int]] = {}
    for index, raw in enumerate(row):
        field = sheet.by_label.get(label_key(raw)) if isinstance(raw, str) and raw else None
        if field is not None:
            matches.setdefault(field.key, []).append(index)
    return matches


def locate_headers(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[int, dict[str, int]]:
    """The header row (1-based, 0 when there is none) and the 1-based column of each field; what is odd is noted."""
    grid = found.grid
    index = header_row(sheet, grid)
    matches = _match(sheet, grid[index]) if grid else {}
    if len(matches) < _LEAST_MATCH:
        matches, index = {}, -1
    matches = _prefer_headers(sheet, matches, grid[index] if matches else [])
    columns: dict[str, int] = {}
    for field in sheet.fields:
        at = matches.get(field.key, [])
        if len(at) > 1:
            text = "、".join(layout.cell(index + 1, column + 1) for column in at)
            notebook.add(
                "duplicate_header",
                sheet,
                title=found.title,
                field=field.key,
                row=index + 1,
                column=at[0] + 1,
                label=field.header,
                detail=text,
            )
        elif at:
            columns[field.key] = at[0] + 1
            _note_alias(sheet, field, grid[index][at[0]], found.title, index + 1, at[0] + 1, notebook)
        elif field.required:
            notebook.add("missing_header", sheet, title=found.title, field=field.key, label=field.header)
    return index + 1, columns


def _prefer_headers(sheet: Sheet, matches: dict[str, list[int]], row: list[Raw]) -> dict[str, list[int]]:
    """Where a header stands beside one of its own aliases, the header is meant."""
    preferred = {}
    for key, at in matches.items():
        exact = [index for index in at if label_key(str(row[index])) == label_key(sheet.by_key[key].header)]
        preferred[key] = exact if len(at) > 1 and exact else at
    return preferred


def _note_alias(sheet: Sheet, field: Field, raw: Raw, title: str, row: int, column: int, notebook: Notebook) -> None:
    written = str(raw)
    if label_key(written) != label_key(field.header) or fold(written) != fold(clean(written).replace("\n", " ")):
        kind = "header_alias"
    elif clean(written) != written or any(blank in written for blank in " \n\u3000\u00a0"):
        kind = "header_blanks"
    else:
        return
    notebook.add(
        kind, sheet, title=title, field=field.key, row=row, column=column, label=field.header, raw=clean(written)
    )


def form_labels(sheet: Sheet, grid: Grid) -> list[tuple[Field, int, int]]:
    """The fields of a form with the 0-based row and column of their label; the first place of each counts."""
    places: dict[str, tuple[Field, int, int]] = {}
    for row_index, row in enumerate(grid):
        for column_index, raw in enumerate(row):
            field = sheet.by_label.get(label_key(raw)) if isinstance(raw, str) and raw else None
            if field is not None and field.key not in places:
                places[field.key] = (field, row_index, column_index)
                break  # the rest of the row is this label's value and hint
    return list(places.values())
