"""A small table that the bureau keeps, as a workbook or as CSV: found by its headers, read as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from evalxl.findings import UsageError, cause
from evalxl.folding import clean, fold
from evalxl.probe import Unreadable, probe
from evalxl.read.cells import Odd
from evalxl.read.opening import open_book

_HEADER_WITHIN = 20  # rows; above the headers stand a title and how to fill in


class Heading(NamedTuple):
    """A column by its key and the headers it may carry, the first of them its own."""

    key: str
    headers: tuple[str, ...]
    required: bool = False


Record = dict[str, str]


def read_table(path: Path, what: str, headings: Sequence[Heading], sheet: str = "") -> list[tuple[int, Record]]:
    """The records of a table with the row each stands in; UsageError says what is wrong with the file."""
    for title, grid in _grids(path, what):
        if sheet and fold(title) != fold(sheet):
            continue
        for number, row in enumerate(grid[:_HEADER_WITHIN]):
            columns = _columns(row, headings)
            if all(heading.key in columns for heading in headings if heading.required):
                return _records(grid, number, columns, headings)
    wanted = "、".join(heading.headers[0] for heading in headings if heading.required)
    raise UsageError(f"{what} {path} 里没有找到表头（{wanted}），请对照空白表改正后再运行。")


def _records(
    grid: list[list[str]], header: int, columns: dict[str, int], headings: Sequence[Heading]
) -> list[tuple[int, Record]]:
    records = []
    for number, row in enumerate(grid[header + 1 :], header + 2):
        record = {
            each.key: row[columns[each.key]] if each.key in columns and columns[each.key] < len(row) else ""
            for each in headings
        }
        if any(record.values()):
            records.append((number, record))
    return records


def _columns(row: Sequence[str], headings: Sequence[Heading]) -> dict[str, int]:
    written = {fold(text).rstrip("*"): column for column, text in reversed(list(enumerate(row))) if text}
    found = {}
    for heading in headings:
        column = next((written[fold(each)] for each in heading.headers if fold(each) in written), None)
        if column is not None:
            found[heading.key] = column
    return found


def _grids(path: Path, what: str) -> list[tuple[str, list[list[str]]]]:
    if path.suffix.lower() == ".csv":
        return [("", _csv(path, what))]
    try:
        book = open_book(probe(path))
        return [(title, [[_text(value) for value in row] for row in book.grid(title)]) for title in book.titles]
    except Unreadable as error:
        raise UsageError(f"{what} {path} {error.found}；{error.remedy}。") from None


def _csv(path: Path, what: str) -> list[list[str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{what} {path} 打不开（{cause(error)}），请检查路径。") from None
    for encoding in ("utf-8-sig", "gb18030"):  # Excel on a Chinese Windows saves CSV in GBK
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return [[clean(value) for value in row] for row in csv.reader(io.StringIO(text, newline=""))]
    raise UsageError(f"{what} {path} 不是 UTF-8 或 GBK 文本，请另存为 .xlsx 或 UTF-8 的 .csv。")


def _text(value: object) -> str:
    """A cell as text; a broken one is a blank, and what needs it says so."""
    if isinstance(value, Odd):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(str(value))
