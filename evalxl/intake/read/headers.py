"""Finding the headers of a sheet, in one row or two, and the labels of a form, however they are decorated."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from evalxl import layout
from evalxl.intake.probe.contents import Area
from evalxl.intake.read.cells import Grid, Notebook, Raw, is_blank, raw_at, to_text
from evalxl.intake.read.guess import ALIKE, MOST_GUESSED, VERY_ALIKE, nearest
from evalxl.intake.read.spread import Spread, spread_of
from evalxl.layout import Field, Shape, Sheet
from evalxl.values.folding import clean, fold, label_key

_HEADER_ROWS = 30  # a header row lies among the first so many
_LEAST_MATCH = 2  # fewer known headers in a row are chance


def _no_formula(_row: int, _column: int) -> bool:
    return False


class Found(NamedTuple):
    """A sheet of the layout in a workbook: its name there, its cells, which are merged and which are formulas."""

    title: str
    grid: Grid
    merges: tuple[Area, ...] = ()
    is_formula: Callable[[int, int], bool] = _no_formula


class Headers(NamedTuple):
    """Where the headers of a table are: the last row of them, each field's column and the cells above its entries."""

    last: int  # 1-based, 0 when there is none
    columns: dict[str, int]  # 1-based
    heads: dict[str, list[tuple[int, int]]]  # 1-based rows and columns


def headers_in(sheet: Sheet, grid: Grid) -> dict[str, int]:
    """The fields whose header or label a sheet shows, each with its first 0-based column."""
    if sheet.shape is Shape.FORM:
        return {field.key: column for field, _, column in form_labels(sheet, grid)}
    matches = _match(sheet, grid[header_row(sheet, grid)]) if grid else {}
    return {key: at[0] for key, at in matches.items()}


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


def locate_headers(sheet: Sheet, found: Found, notebook: Notebook) -> Headers:
    """The headers of a table; what is odd about them is noted."""
    grid = found.grid
    main = header_row(sheet, grid)
    matches = _match(sheet, grid[main]) if grid else {}
    if len(matches) < _LEAST_MATCH:
        matches, main = {}, -1
    cells = {key: [(main, column) for column in at] for key, at in _prefer_headers(sheet, matches, grid, main).items()}
    cells |= _second_row(sheet, found, main, matches) if matches else {}
    cells = {key: _of_the_year(found, at, notebook.year) for key, at in cells.items()}
    last = max((at[0][0] for at in cells.values()), default=-1)
    columns: dict[str, int] = {}
    heads: dict[str, list[tuple[int, int]]] = {}
    missing: list[Field] = []
    for field in sheet.fields:
        at = cells.get(field.key, [])
        if len(at) == 1:
            row, column = at[0]
            _note_alias(sheet, field, grid[row][column], found.title, row + 1, column + 1, notebook)
            spread = spread_of(grid, found.merges, row, column, notebook.year)
            if spread is not None:
                last = max(last, spread.last)
                _note_spread(sheet, field, spread, found.title, notebook)
            chosen = spread.column if spread else column
            if chosen is not None:
                columns[field.key] = chosen + 1
                heads[field.key] = [(row + 1, column + 1) for row, column in (spread.cells if spread else at)]
        elif at:
            _note_twice(sheet, field, at, found.title, notebook)
        else:
            missing.append(field)
    _note_missing(sheet, missing, found, main, set(columns.values()), notebook)
    return Headers(last + 1, columns, heads)


def _of_the_year(found: Found, at: list[tuple[int, int]], year: float) -> list[tuple[int, int]]:
    """Of headers that stand under a year each, the one under the year of evaluation."""
    if len(at) < 2:
        return at
    meant = [(row, column) for row, column in at if year in _years_above(found, row, column)]
    return meant if len(meant) == 1 and all(_years_above(found, *each) for each in at) else at


def _years_above(found: Found, row: int, column: int) -> set[float]:
    """The years in the cell above a header, be it merged or not."""
    over = next((each for each in found.merges if each.covers(row, column + 1)), None)
    if over is not None:
        row, column = over.top, over.left - 1
    cells = found.grid[row - 1] if row else []
    raw = raw_at(cells, column)
    if isinstance(raw, float):
        return {raw}
    return {float(year) for year in _YEAR.findall(raw)} if isinstance(raw, str) else set()


_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


def _note_spread(sheet: Sheet, field: Field, spread: Spread, title: str, notebook: Notebook) -> None:
    """Tell which of the columns under a header was read, or that none could be told to be meant."""
    if spread.column is not None and not spread.chosen:
        return  # merged for looks
    row, column = spread.cells[0]
    kind = "header_split" if spread.column is None else "header_part"
    notebook.add(
        kind, sheet, title=title, field=field.key, row=row + 1, column=column + 1, label=field.header,
        raw="、".join(spread.names), value=spread.chosen,
    )  # fmt: skip


def _second_row(
    sheet: Sheet, found: Found, main: int, matches: dict[str, list[int]]
) -> dict[str, list[tuple[int, int]]]:
    """The headers that stand above or below the others, where a heading over several columns takes two rows."""
    grid = found.grid
    taken = {column for at in matches.values() for column in at}
    wide = {
        column
        for column in taken
        for each in found.merges
        if each.covers(main + 1, column + 1) and each.left < each.right
    }
    for index in (main + 1, main - 1):
        row = grid[index] if 0 <= index < len(grid) else []
        if index > main and any(not is_blank(raw_at(row, column)) for column in taken - wide):
            continue  # entries stand below the headers: a record, whatever its words
        more = {key: at for key, at in _match(sheet, row).items() if key not in matches and not taken & {*at}}
        if more:
            return {key: [(index, column) for column in at] for key, at in more.items()}
    return {}


def _note_twice(sheet: Sheet, field: Field, at: list[tuple[int, int]], title: str, notebook: Notebook) -> None:
    text = "、".join(layout.cell(row + 1, column + 1) for row, column in at)
    row, column = at[0]
    notebook.add(
        "duplicate_header", sheet, title=title, field=field.key, row=row + 1, column=column + 1, label=field.header,
        detail=text,
    )  # fmt: skip


def _note_missing(
    sheet: Sheet, missing: list[Field], found: Found, main: int, known: set[int], notebook: Notebook
) -> None:
    """Note required headers that are not there, and any header that a column with entries may have been meant to be."""
    free = {
        to_text(raw): column
        for column, raw in enumerate(found.grid[main][:MOST_GUESSED] if main >= 0 else [])
        if isinstance(raw, str) and column + 1 not in known
    }
    for field in sorted(missing, key=lambda field: not field.required):
        least = ALIKE if field.required else VERY_ALIKE
        guess = nearest((field.header, *field.aliases), free, least)
        column = free.pop(guess) if guess else 0
        if field.required:
            notebook.add(
                "missing_header", sheet, title=found.title, field=field.key, label=field.header, detail=guess
            )  # fmt: skip
        elif guess and any(not is_blank(raw_at(row, column)) for row in found.grid[main + 1 :]):
            notebook.add(
                "header_guess", sheet, title=found.title, field=field.key, row=main + 1, column=column + 1,
                label=guess, raw=guess, value=field.header,
            )  # fmt: skip


def _prefer_headers(sheet: Sheet, matches: dict[str, list[int]], grid: Grid, main: int) -> dict[str, list[int]]:
    """Where a header stands beside one of its own aliases, the header is meant."""
    preferred = {}
    for key, at in matches.items():
        exact = [index for index in at if label_key(str(grid[main][index])) == label_key(sheet.by_key[key].header)]
        preferred[key] = exact if len(at) > 1 and exact else at
    return preferred


def _note_alias(sheet: Sheet, field: Field, raw: Raw, title: str, row: int, column: int, notebook: Notebook) -> None:
    written = str(raw)
    kind = _how_written(written, field.header)
    if kind:
        notebook.add(
            kind, sheet, title=title, field=field.key, row=row, column=column, label=field.header, raw=clean(written)
        )


@lru_cache(maxsize=1024)
def _how_written(written: str, header: str) -> str:
    """What there is to tell of a header as it is written; '' when nothing."""
    if label_key(written) != label_key(header) or fold(written) != fold(clean(written).replace("\n", " ")):
        return "header_alias"
    changed = clean(written) != written or any(blank in written for blank in " \n\u3000\u00a0")
    return "header_blanks" if changed else ""


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
