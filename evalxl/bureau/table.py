"""A small table that the bureau keeps, as a workbook or as CSV: found by its headers, read as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from evalxl import layout
from evalxl.intake.probe import Unreadable, probe
from evalxl.intake.read.cells import Odd, Raw
from evalxl.intake.read.opening import open_book
from evalxl.intake.read.outputs import POLICY, RECHECKS, ROSTER, own_output
from evalxl.values.errors import UsageError
from evalxl.values.file_content import content_of
from evalxl.values.folding import clean, fold

_LARGEST = 64 << 20  # bytes of a list as text
_HEADER_WITHIN = 20  # rows; above the headers stand a title and how to fill in


class Heading(NamedTuple):
    """A column by its key and the headers it may carry, the first of them its own."""

    key: str
    headers: tuple[str, ...]
    required: bool = False


_OPTIONS = {ROSTER: "--roster", RECHECKS: "--recheck", POLICY: "--policy"}  # by which the bureau gives what we wrote
Record = dict[str, str]
Cells = Sequence[Sequence[Raw]]


def read_table(
    path: Path, what: str, headings: Sequence[Heading], sheet: str = "", *, ours: Collection[str] = ()
) -> list[tuple[int, Record]]:
    """The records of a table with the row each stands in; UsageError says what is wrong with the file.

    A cell in a column of the table that the reader cannot value is wrong too: as a blank it would mean something else.
    So is another output of ours than those that hold such a table, for many have a column of departments.
    """
    if not path.exists() and not path.is_symlink():
        raise UsageError(f"{what} {path}：没有这个文件，请检查路径。")
    grids = _grids(path, what)
    if any(title == layout.GENERAL.title for title, _ in grids):
        raise UsageError(f"{path} 是填报用的工作簿，不是{what}，请检查路径。")
    known = own_output([title for title, _ in grids], dict(grids).__getitem__, str)
    if known and known not in ours:
        option = f"；{known}用 {_OPTIONS[known]} 给出" if known in _OPTIONS else ""
        raise UsageError(f"{path} 是本程序的{known}，不是{what}，请给出{what}{option}。")
    for title, grid in grids:
        if sheet and fold(title) != fold(sheet):
            continue
        for number, row in enumerate(grid[:_HEADER_WITHIN]):
            columns = _columns(row, headings)
            if all(heading.key in columns for heading in headings if heading.required):
                where = f"{what} {path}{f'《{clean(title)}》' if title else ''}"
                if path.suffix.lower() == ".csv":
                    _refuse_ragged(grid, number, where)
                _refuse_twins(grid, number, columns, headings, where)
                return _records(grid, number, columns, headings, where)
    wanted = "、".join(heading.headers[0] for heading in headings if heading.required)
    raise UsageError(f"{what} {path} 里没有找到表头（{wanted}），请对照空白表改正后再运行。")


def _records(
    grid: Cells, header: int, columns: dict[str, int], headings: Sequence[Heading], where: str
) -> list[tuple[int, Record]]:
    records = []
    for number, row in enumerate(grid[header + 1 :], header + 2):
        record = {each.key: "" for each in headings}
        for each in headings:
            raw = row[columns[each.key]] if columns.get(each.key, len(row)) < len(row) else ""
            if isinstance(raw, Odd):
                told = f"{each.headers[0]}{raw.words(clean(raw.text)[:20])}"
                raise UsageError(f"{where} 第 {number} 行的{told}，请用 WPS 或 Excel 打开，改为数值、保存后再运行。")
            record[each.key] = _text(raw)
        if any(record.values()):
            records.append((number, record))
    return records


def _columns(row: Sequence[Raw], headings: Sequence[Heading]) -> dict[str, int]:
    texts = ["" if isinstance(raw, Odd) else _header(raw) for raw in row]
    written = {text: column for column, text in reversed(list(enumerate(texts))) if text}
    found = {}
    for heading in headings:
        column = next((written[fold(each)] for each in heading.headers if fold(each) in written), None)
        if column is not None:
            found[heading.key] = column
    return found


def _grids(path: Path, what: str) -> list[tuple[str, Cells]]:
    if path.suffix.lower() == ".csv":
        return [("", _csv(path, what))]
    try:
        book = open_book(probe(path))
        return [(title, book.grid(title)) for title in book.titles]
    except Unreadable as error:
        raise UsageError(f"{what} {path} {error.found}；{error.remedy}。") from None


def _csv(path: Path, what: str) -> list[list[str]]:
    data = content_of(path, f"{what} {path}", _LARGEST)
    for encoding in ("utf-8-sig", "gb18030"):  # Excel on a Chinese Windows saves CSV in GBK
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            return [[clean(value) for value in row] for row in reader]
        except csv.Error:  # a quotation mark without its fellow, or a text that no cell can hold
            told = f"第 {reader.line_num} 行的引号不成对，或有一格过长"
            raise UsageError(f"{what} {path} {told}，请用 WPS 或 Excel 改正，另存为 .xlsx 后再运行。") from None
    raise UsageError(f"{what} {path} 不是 UTF-8 或 GBK 文本，请另存为 .xlsx 或 UTF-8 的 .csv。")


def _refuse_ragged(grid: Cells, header: int, where: str) -> None:
    """A row with a comma too many or too few stands under the wrong headers, and nobody would see it."""
    columns = _width(grid[header])
    for number, row in enumerate(grid[header + 1 :], header + 2):
        if any(row) and not _width(row) <= columns <= len(row):
            raise UsageError(
                f"{where} 第 {number} 行的格数与表头的 {columns} 格不一致，"
                "可能多了或少了逗号；请改正，或另存为 .xlsx 后再运行。"
            )


def _refuse_twins(grid: Cells, header: int, columns: dict[str, int], headings: Sequence[Heading], where: str) -> None:
    """Two columns under one header that do not say the same: nobody can tell which of them is meant."""
    names = ["" if isinstance(raw, Odd) else _header(raw) for raw in grid[header]]
    for each in (each for each in headings if each.key in columns):
        first = columns[each.key]
        for other in (at for at, name in enumerate(names) if name == names[first] and at != first):
            for number, row in enumerate(grid[header + 1 :], header + 2):
                cells = [row[at] if at < len(row) else "" for at in (first, other)]
                if any(isinstance(raw, Odd) for raw in cells) or _said(cells[0]) != _said(cells[1]):
                    raise UsageError(
                        f"{where} 有两列“{clean(str(grid[header][first]))}”，第 {number} 行的内容不一样，"
                        "请只留一列后再运行。"
                    )


def _said(raw: Raw) -> str:
    return "" if isinstance(raw, Odd) else _text(raw)


def _header(raw: Raw) -> str:
    """A header as it is compared with those that are known."""
    return fold(_text(raw)).rstrip("*")


def _width(row: Sequence[Raw]) -> int:
    """How many cells a row has up to its last that holds something."""
    return max((position for position, raw in enumerate(row, 1) if raw), default=0)


def _text(value: Raw) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(str(value))
