"""The second reader: cells read anew by openpyxl, in processes of their own, with limits of memory and time.

Only what the first reading has accepted is read, and only while its bytes are still the same. Formats that openpyxl
does not know are read by calamine, which is the first reader of others alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalxl.values.clock import TimeIsUp, limited

Raw = float | str | None
At = tuple[str, int, int]  # title, row, column
_MEMORY = 4 << 30  # bytes that a process of the second reader may take
_SECONDS = 30.0  # of computing for one workbook
CHUNK = 20  # workbooks


@dataclass(frozen=True)
class Book:
    """A workbook that is to be read again: where it lies, its hash, and the cells that are asked for."""

    workbook: str
    path: Path
    sha256: str
    cells: tuple[At, ...]


@dataclass(frozen=True)
class Again:
    """What the second reader found: the cells' values, or what was wrong with the file."""

    values: Mapping[At, Raw]
    fault: str = ""


@dataclass(frozen=True)
class Books:
    """Some workbooks to read again."""

    listed: Sequence[Book]


def read_again(books: Books) -> dict[str, Again]:
    """Read some workbooks again; in a process of its own."""
    _limit_memory()
    return {each.workbook: _read(each) for each in books.listed}


def halves(books: Books) -> list[Books]:
    """Some workbooks as two parts; nothing, of one."""
    middle = len(books.listed) // 2
    return [replace(books, listed=part) for part in (books.listed[:middle], books.listed[middle:])] if middle else []


def give_up(books: Books) -> dict[str, Again]:
    """A workbook whose process died."""
    return {each.workbook: Again({}, "第二次读取时进程中断") for each in books.listed}


def _limit_memory() -> None:
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY if most < 0 else min(_MEMORY, most), most))


def _read(book: Book) -> Again:
    try:
        if not book.path.is_file():
            return Again({}, "不在收件夹里了，或打不开")
        data = book.path.read_bytes()
    except OSError:
        return Again({}, "不在收件夹里了，或打不开")
    if hashlib.sha256(data).hexdigest() != book.sha256:
        return Again({}, "与运行时读取的不是同一内容，已被改动或调换")
    readers = (_openpyxl, _written_anew) if data[:2] == b"PK" and b"opendocument" not in data[:200] else (_calamine,)
    for reader in readers:
        try:
            with limited(_SECONDS):
                return Again(reader(data, book))
        except (Exception, TimeIsUp):  # noqa: S112 - whatever a reader fails with, the next one is asked
            continue
    return Again({}, "第二种读取方法读不了")


def _openpyxl(data: bytes, book: Book) -> dict[At, Raw]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        sheets = {title: opened[title]._cells for title in {title for title, *_ in book.cells}}
    return _values(book, lambda at: cell.value if (cell := sheets[at[0]].get(at[1:])) is not None else None)


def _written_anew(data: bytes, book: Book) -> dict[At, Raw]:
    """A workbook written in a form of XML that openpyxl does not know, as the probe has put it into the common one."""
    from evalxl.intake.probe import probe

    probed = probe(book.path)
    if probed.sha256 != hashlib.sha256(data).hexdigest():
        raise ValueError
    try:
        return _openpyxl(probed.data, book)
    except Exception:
        return _openpyxl(probed.anew(), book)


def _calamine(data: bytes, book: Book) -> dict[At, Raw]:
    from python_calamine import CalamineWorkbook

    opened = CalamineWorkbook.from_filelike(io.BytesIO(data))
    titles = {title for title, *_ in book.cells}
    grids = {title: opened.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in titles}

    def value(at: At) -> object:
        grid, (row, column) = grids[at[0]], at[1:]
        return grid[row - 1][column - 1] if row <= len(grid) and column <= len(grid[row - 1]) else None

    return _values(book, value)


def _values(book: Book, value: Callable[[At], object]) -> dict[At, Raw]:
    return {at: _plain(value(at)) for at in book.cells}


def _plain(value: object) -> Raw:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return value
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return str(value)
    return None if value is None or value == "" else str(value)
