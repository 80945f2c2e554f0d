"""Words merged down a column of a table count for every row they stand beside, as people read them.

What is a number counts once: three indicators that share one weight do not have it three times.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping

from evalxl.district.tables import Place
from evalxl.intake.probe.contents import Area
from evalxl.intake.read.cells import Grid, Notebook, Raw, is_blank, is_nothing
from evalxl.layout import Field, Shape, Sheet
from evalxl.values.quantities import given

_SHARED_SCORES = {("projects", "score")}  # rows of one project, by unit or source of money: the project has one score


def is_shared(sheet: Sheet, field: Field) -> bool:
    """Whether what is merged down a field's column counts for each of the rows."""
    return not field.kind.numeric or (sheet.key, field.key) in _SHARED_SCORES


def shared_merges(sheet: Sheet, columns: Mapping[str, int], merges: Iterable[Area]) -> list[Area]:
    """The merges down a column, or from one on, whose words count for each of their rows."""
    if sheet.shape is not Shape.TABLE:
        return []
    shared = {column for key, column in columns.items() if is_shared(sheet, sheet.by_key[key])}
    return [merge for merge in merges if merge.bottom > merge.top and merge.left in shared]


def share(sheet: Sheet, grid: Grid, header: int, columns: Mapping[str, int], merges: Iterable[Area]) -> None:
    """Write the words of merged cells below the headers into each of their rows in which something was entered."""
    inside = [
        (top, column, min(bottom, len(grid)))
        for top, column, bottom, _ in shared_merges(sheet, columns, merges)
        if header < top <= len(grid)
    ]
    if sum(bottom - top for top, _, bottom in inside) > len(grid) * len(columns):
        return  # merges that overlap, as no program writes them
    entries = [column - 1 for key, column in columns.items() if key != "index" and not sheet.by_key[key].computed]
    rows = {row for top, _, bottom in inside for row in range(top, bottom + 1)}
    entered = {row for row in rows if _has_entry(grid[row - 1], entries)}
    for top, column, bottom in inside:
        for row in range(top + 1, bottom + 1):
            if row in entered:
                grid[row - 1][column - 1] = grid[top - 1][column - 1]


def _has_entry(row: list[Raw], columns: list[int]) -> bool:
    return any(not is_blank(row[column]) and not is_nothing(row[column]) for column in columns)


def note_merges(sheet: Sheet, read: Iterable[float], place: Place, merges: Iterable[Area], notebook: Notebook) -> None:
    """Note what of a sheet was read from merged cells, once for names, other words, and what counts once (rule F10)."""
    rows = sorted(row for row in read if given(row))
    columns = set(place.columns.values())
    last, top = (rows[-1], rows[0]) if rows else (0, 1)
    inside = [
        each
        for each in merges
        if each.top <= last and each.bottom >= top and columns & {*range(each.left, each.right + 1)}
    ]
    of_words = shared_merges(sheet, place.columns, inside)
    shared = {each for each in of_words if each.left == each.right}  # of others a column is lost
    name = place.columns.get(sheet.name)
    names = {
        each
        for each in shared
        if each.left == name and bisect_right(rows, each.bottom) - bisect_left(rows, each.top) > 1
    }
    others = {each for each in inside if each not in shared}
    for kind, some in (("merged_names", names), ("merged_words", shared - names), ("merged", others)):
        if some:
            first = min(some)
            notebook.add(
                kind, sheet, title=place.title, row=first.top, column=first.left, label=sheet.title,
                value=str(len(some)),
                detail="、".join(dict.fromkeys(f"{each.top}-{each.bottom}" for each in sorted(some))),
            )  # fmt: skip
