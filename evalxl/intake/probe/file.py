"""What a file is, whether it is safe to open, and what the value reader would not tell us about its cells.

Judged by content, never by extension. The value reader (calamine) must not see a file before this package has bounded
it: one stray cell in XFD1048576 ends the process, error cells and formulas without a stored
result come back from it as blanks.
"""

from __future__ import annotations

import hashlib
import stat
import struct
import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from evalxl.intake.probe import cells, kinds, older
from evalxl.intake.probe.book import find_book, for_reader, is_ods
from evalxl.intake.probe.contents import Contents
from evalxl.intake.probe.facts import Probe
from evalxl.intake.probe.formats import telling_styles
from evalxl.intake.probe.limits import MAX_FILE, MAX_REPEATED
from evalxl.intake.probe.look import Look
from evalxl.intake.probe.package import Package
from evalxl.intake.probe.refusals import refusal
from evalxl.values.errors import cause

_LITTER = {".ds_store", "thumbs.db", "desktop.ini"}
LOCKS = ("~$", ".~")  # how the files begin that Excel, Word and WPS, and LibreOffice, leave beside an open document


def is_litter(name: str) -> bool:
    """Whether a file is what operating systems leave about; such files are no department's and are passed over."""
    return name.casefold() in _LITTER or name.startswith("._")


def probe(path: Path) -> Probe:
    """Look at a file; raises Unreadable when it is not a workbook that can be read safely."""
    if path.name.startswith(LOCKS) or path.suffix.lower() == ".tmp":
        raise refusal("lock")
    data = _load(path)
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        if kinds.may_be_biff(data):
            return _older("xls", older.read_xls(data), sha256, len(data))
        if data.startswith(kinds.OLE):
            raise kinds.what_ole(data)
        if not data.startswith(kinds.ZIP):
            raise kinds.what_else(data)
        package = Package(data)
        if is_ods(package):
            return _older("ods", older.read_ods(data), sha256, len(data))
        return _workbook(package, sha256)
    except (zipfile.BadZipFile, struct.error, zlib.error, EOFError, LookupError, ValueError, expat.ExpatError):
        raise refusal("damaged") from None
    except (NotImplementedError, RuntimeError, OverflowError):
        raise refusal("unreadable") from None
    except MemoryError:
        raise refusal("bomb") from None


def _load(path: Path) -> bytes:
    try:
        if path.is_symlink() and not path.exists():
            raise refusal("dangling")
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # opening a pipe or device could wait for ever
            raise refusal("special")
        if path.is_symlink():  # it may lead out of the inbox, to what nobody has sent
            raise refusal("link")
        if facts.st_size > MAX_FILE:
            raise refusal("large")
        with path.open("rb") as file:
            return file.read(facts.st_size or MAX_FILE)  # room for MAX_FILE would be set aside each time
    except OSError as error:
        raise refusal("unopenable", cause(error)) from None


def _older(kind: str, contents: Contents, sha256: str, size: int) -> Probe:
    return Probe(
        b"",
        sha256,
        size,
        tuple(contents.grids),
        contents.oddities,
        contents.veils,
        contents.saved,
        grids=contents.grids,
        format=kind,
        drawn=contents.pictures,
        epoch=contents.epoch,
        shown=contents.formats,
        computed=contents.formulas,
    )


def _workbook(package: Package, sha256: str) -> Probe:
    book = find_book(package)
    look = Look(book, package)
    for part in package.parts:
        look.at(part, package.read(part))
    if max(look.string_sizes, default=0) * (package.size // cells.LEAST_CELL) > MAX_REPEATED:
        repeated = sum(cells.repeated_text(package.read(sheet.part), look.string_sizes) for sheet in book.sheets)
        if repeated > MAX_REPEATED:
            raise refusal("bomb")
    return Probe(
        for_reader(package, book),
        sha256,
        len(package.data),
        tuple(sheet.title for sheet in book.sheets),
        look.oddities,
        look.veils,
        look.saved,
        look.long_texts,
        package=package,
        book=book,
        parts={sheet.title: sheet.part for sheet in book.sheets},
        written=look.written if package.small else {},
        epoch=book.epoch,
        styles=telling_styles(package.read(book.shared["styles"])) if "styles" in book.shared else {},
    )
