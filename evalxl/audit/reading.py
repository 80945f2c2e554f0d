"""The second reader: cells read anew by openpyxl, in processes of their own, with limits of memory and time.

Only what the first reading has accepted is read, and only while its bytes are still the same. Formats that openpyxl
does not know are read by calamine, which is the first reader of others alone; and XML that it does not understand, by
the parser of the standard library.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import sys
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, fromstring

from evalxl import layout
from evalxl.values.clock import TimeIsUp, limited

Raw = float | str | None
_MEMORY = 4 << 30  # bytes that a process of the second reader may take
_SECONDS = 30.0  # of computing for one workbook
CHUNK = 20  # workbooks


class At(NamedTuple):
    """A cell of a workbook: the sheet by its title, row and column 1-based."""

    title: str
    row: int
    column: int

    @property
    def address(self) -> str:
        """Its address on the sheet."""
        return layout.cell(self.row, self.column)


@dataclass(frozen=True)
class Book:
    """A workbook that is to be read again: where it lies, its hash, and the cells that are asked for."""

    workbook: str
    path: Path
    sha256: str
    cells: tuple[At, ...]

    @property
    def titles(self) -> set[str]:
        """The sheets that they stand on."""
        return {at.title for at in self.cells}


@dataclass(frozen=True)
class Again:
    """What the second reader found: the cells' values, or what was wrong with the file."""

    values: Mapping[At, Raw]
    fault: str = ""


def read_again(books: Sequence[Book]) -> dict[str, Again]:
    """Read some workbooks again; in a process of its own."""
    _limit_memory()
    return {each.workbook: _read(each) for each in books}


def halves(books: Sequence[Book]) -> list[Sequence[Book]]:
    """Some workbooks as two parts; nothing, of one."""
    middle = len(books) // 2
    return [books[:middle], books[middle:]] if middle else []


def give_up(books: Sequence[Book]) -> dict[str, Again]:
    """A workbook whose process died."""
    return {each.workbook: Again({}, "第二次读取时进程中断") for each in books}


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
    readers = (
        (_openpyxl, _element_by_element) if data[:2] == b"PK" and b"opendocument" not in data[:200] else (_calamine,)
    )
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
        sheets = {title: opened[title]._cells for title in book.titles}
    return _values(book, lambda at: cell.value if (cell := sheets[at.title].get(at[1:])) is not None else None)


def _element_by_element(data: bytes, book: Book) -> dict[At, Raw]:
    """A workbook in a form of XML that openpyxl does not know, put into the common one by the probe and parsed here."""
    from evalxl.intake.probe import probe

    probed = probe(book.path)
    if probed.sha256 != hashlib.sha256(data).hexdigest():
        raise ValueError
    with zipfile.ZipFile(io.BytesIO(probed.anew())) as package:
        names = set(package.namelist())
        strings = _strings(package.read(_STRINGS)) if _STRINGS in names else []
        numbers = {title: number for number, title in enumerate(probed.sheets, 1)}
        found = {
            title: _cells_of(package.read(f"xl/worksheets/sheet{numbers[title]}.xml"), strings) for title in book.titles
        }
    return _values(book, lambda at: found[at.title].get(at.address))


_STRINGS = "xl/sharedStrings.xml"


def _parsed(content: bytes) -> Element:
    """A part that the probe has written anew: without a document type, and no larger than its bounds."""
    root = fromstring(content)  # noqa: S314 - the probe refuses document types and entities
    for each in root.iter():
        each.tag = each.tag.rpartition("}")[2]
    return root


def _strings(content: bytes) -> list[str]:
    return [_text_of(each) for each in _parsed(content).iter("si")]


def _text_of(element: Element) -> str:
    """A text without its phonetic guides."""
    own = [*element.findall("t"), *(each for run in element.findall("r") for each in run.findall("t"))]
    return "".join(each.text or "" for each in own)


def _cells_of(content: bytes, strings: Sequence[str]) -> dict[str, object]:
    """The values of a sheet's cells by address."""
    found: dict[str, object] = {}
    for cell in _parsed(content).iter("c"):
        kind, value = cell.get("t", "n"), cell.findtext("v")
        if kind == "inlineStr":
            found[cell.get("r", "")] = "".join(map(_text_of, cell.findall("is")))
        elif value is not None and value.strip():
            text = strings[int(value)] if kind == "s" else value
            found[cell.get("r", "")] = float(value) if kind == "n" else text
    return found


def _calamine(data: bytes, book: Book) -> dict[At, Raw]:
    from python_calamine import CalamineWorkbook

    opened = CalamineWorkbook.from_filelike(io.BytesIO(data))
    grids = {title: opened.get_sheet_by_name(title).to_python(skip_empty_area=False) for title in book.titles}

    def value(at: At) -> object:
        grid = grids[at.title]
        row = grid[at.row - 1] if at.row <= len(grid) else []
        return row[at.column - 1] if at.column <= len(row) else None

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
