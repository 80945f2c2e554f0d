"""A workbook of XlsxWriter with some things done otherwise: the texts its sheets share, its usual looks, its zip.

XlsxWriter takes a text that begins with <r> and ends with </r> for runs of rich text and stores it as it stands, so
that a department of such a name would get a workbook that no program opens. It also spends 3 µs on each text, this 0.5.
"""

from __future__ import annotations

import io
import os
import re
import time
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings, SharedStringTable

from evalxl.sheets.looks import palette
from evalxl.sheets.zipped import LEVEL, member, zipped
from evalxl.values.recall import remembered

_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")  # what XlsxWriter escapes as _xHHHH_


# Addresses, levels, units and names come back in every workbook; the length is in characters.
of_short_texts = remembered(longest=60, most=4_096)


@of_short_texts
def text_xml(text: str) -> str:
    """A text as a cell or the shared strings hold it; blanks at its ends are kept, control characters escaped."""
    if _ODD.search(text):
        text = str(SharedStrings._escape_control_characters(text))
    kept = "" if text == text.strip() else ' xml:space="preserve"'
    return f"<t{kept}>{escape(text)}</t>"


class Strings(SharedStringTable):  # type: ignore[misc]
    """The texts that sheets share, each with its number, and how many cells hold one."""

    count: int
    string_table: dict[str, int]

    def number(self, text: str) -> int:
        """The number of a text, which it gets when it comes first."""
        return self.string_table.setdefault(text, len(self.string_table))

    def _get_shared_string_index(self, string: str) -> int:
        self.count += 1
        return self.number(string)

    def _sort_string_data(self) -> None:
        self.string_array = list(self.string_table)
        self.unique_count = len(self.string_array)


class PlainWorkbook(Workbook):  # type: ignore[misc]
    """A workbook whose texts are never markup; XlsxWriter makes its parts, they are packed here."""

    filename: Any  # XlsxWriter's: where the workbook goes
    parts: list[tuple[Any, str]]  # content (or where it lies on disk), and name

    def __init__(self, filename: Any, options: dict[str, Any]) -> None:
        super().__init__(filename, options)
        self.str_table = Strings()

    def _get_packager(self) -> Packager:
        return _PlainPackager()

    def _store_workbook(self) -> None:
        target, self.filename = self.filename, io.BytesIO()
        super()._store_workbook()  # packs nothing, see below
        if self.in_memory:
            target.write(zipped(member(name, content.getvalue().encode()) for content, name in self.parts))
        else:
            _zip_files(target, [(Path(file), name) for file, name in self.parts])

    def close(self) -> None:
        """Store the workbook; what it was made of is free at once, where Python would have to find it first."""
        super().close()
        self.worksheets_objs.clear()  # each of them knows its workbook
        self.sheetnames.clear()
        self.parts.clear()

    def looks_as_usual(self) -> bool:
        """Whether its formats are those of the palette, whose part is at hand."""
        return bool(self.in_memory and self.formats == palette().formats)

    def _prepare_format_properties(self) -> None:
        if not self.looks_as_usual():
            super()._prepare_format_properties()


def _zip_files(target: Any, parts: list[tuple[Path, str]]) -> None:
    """Pack parts that lie on disk, each of which goes as soon as it is packed."""
    first = time.mktime((1980, 1, 31, 0, 0, 0, 0, 0, -1))  # of the dates that zip has: the same input, the same bytes
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as package:
        for file, name in parts:
            os.utime(file, (first, first))
            package.write(file, name)
            file.unlink()


class _PlainPackager(Packager):  # type: ignore[misc]
    def _create_package(self) -> list[Any]:
        self.workbook.parts = [(content, name) for content, name, _ in super()._create_package()]
        return []

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            strings = _PlainStrings()
            strings.string_table = self.workbook.str_table
            strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            strings._assemble_xml_file()

    def _write_styles_file(self) -> None:
        if self.workbook.looks_as_usual():
            self._filename("xl/styles.xml").write(palette().styles)
        else:
            super()._write_styles_file()


class _PlainStrings(SharedStrings):  # type: ignore[misc]
    def _write_sst_strings(self) -> None:
        self.fh.write("".join([f"<si>{text_xml(text)}</si>" for text in self.string_table.string_array]))
