"""What a file is that is no workbook of the present form, told by its content."""

from __future__ import annotations

import re

from evalxl.intake.probe.refusals import Unreadable, refusal

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x00\x05\x16\x07", "companion"),  # AppleDouble, whatever its name
    (b"\x00\x05\x16\x00", "companion"),  # AppleSingle
    (b"L\x00\x00\x00\x01\x14\x02\x00", "shortcut"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"BM", "image"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"),
    (b"PK\x05\x06", "archive"),  # a zip with nothing in it
    (b"PK\x07\x08", "archive"),  # one volume of several
    (b"{\\rtf", "word"),
)
_STREAMS: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "word"),
    ("PowerPoint Document", "slides"),
)
_HEAD = 4096
_FLAT = "<office:document"
_SPREADSHEET_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
# C0 controls other than tab, line feed, form feed and carriage return stand in no text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


_JSON = re.compile(r"\{|\[\s*[\[{\"\d\]tfn-]")
# "Book" or "Workbook", which some programs write in capitals, as the name of a stream.
_BOOK = re.compile("book\0".encode("utf-16-le"), re.IGNORECASE)
# The first record of a spreadsheet that lies in no OLE file, of Excel 2 to 5; scripts still write such.
_FIRST_RECORD = re.compile(rb"\x09(?:\x00\x04|[\x02\x04]\x06|\x08[\x06\x08\x10])\x00", re.DOTALL)


def may_be_biff(data: bytes) -> bool:
    """Whether a file may hold a spreadsheet in binary form (.xls, .et); a Word document with one inside it may too."""
    return bool(_BOOK.search(data) if data.startswith(OLE) else _FIRST_RECORD.match(data))


def what_ole(data: bytes) -> Unreadable:
    """The refusal of an OLE file that is no spreadsheet, saying what it really is."""
    return refusal(next((code for name, code in _STREAMS if name.encode("utf-16-le") in data), "foreign"))


def what_else(data: bytes) -> Unreadable:
    """The refusal of what is neither zip nor OLE, saying what it really is."""
    if not data.strip(b"\x00"):
        return refusal("empty")
    for magic, code in _MAGIC:
        if data.startswith(magic):
            return refusal(code)
    head = data[:_HEAD]
    if b"%PDF-" in head[:1024]:
        return refusal("pdf")
    if head[257:262] == b"ustar":
        return refusal("archive")
    text = _as_text(head)
    return refusal("foreign" if text is None else _kind_of_text(text))


def _as_text(head: bytes) -> str | None:
    """The beginning of a file as text in one of the encodings Chinese systems write; None when it is no text."""
    encodings = ["utf-8-sig", "gb18030"]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        for cut in range(4):  # the head may end within a character
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return None if _CONTROLS.search(text) else text
    return None


def _kind_of_text(text: str) -> str:
    start = text.lstrip().lower()
    if start.startswith(("<?xml", "<workbook", "<office:document")):
        if _FLAT in start:
            return "flat"
        return "xml2003" if _SPREADSHEET_2003.decode() in start else "xml"
    if start.startswith("<"):
        return "markup"
    if "mime-version:" in start:
        return "mhtml"
    if start.startswith("[internetshortcut]"):
        return "shortcut"
    if _JSON.match(start):
        return "json"
    # The last line may be cut off; in a table every line has a separator.
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    whole = lines[:-1] if len(lines) > 1 else lines
    if whole and any(all(mark in line for line in whole) for mark in "\t,;，"):
        return "csv"
    return "text"
