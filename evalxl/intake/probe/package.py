"""A zip as a set of parts, inflated within bounds: what its directory claims is held against what comes out."""

from __future__ import annotations

import contextlib
import io
import posixpath
import struct
import zipfile
import zlib
from urllib.parse import unquote

from evalxl.intake.probe.limits import MAX_MEMBERS, MAX_PART, MAX_UNPACKED
from evalxl.intake.probe.refusals import Unreadable, refusal
from evalxl.sheets.zipped import EPOCH, UTF_8, Member
from evalxl.values.folding import clean

_DIRECTORY_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER = b"PK\x03\x04"
_LOCAL_HEADER_SIZE = 30
_TAIL = 70_000  # bytes from the end within which a zip states its directory
_SMALL = 8 * 2**20  # bytes unpacked; of a package up to here parts are kept, a larger one would take too much memory


# What the zips that documents are have at their top: workbooks, spreadsheets of OpenDocument, OFD, iWork.
_OF_DOCUMENTS = frozenset(
    (
        "[content_types].xml",
        "_rels/.rels",
        "mimetype",
        "content.xml",
        "ofd.xml",
        "index/document.iwa",
    )
)
# And the parts of Office documents whose list of contents is gone.
_MAIN_PARTS = ("xl/workbook", "word/document", "ppt/presentation")
_MOST_NAMES = 5


def _is_of_document(member: zipfile.ZipInfo) -> bool:
    name = plain_name(member.filename)
    return name in _OF_DOCUMENTS or name.startswith(_MAIN_PARTS)


def _archive(members: list[zipfile.ZipInfo]) -> Unreadable:
    """The refusal of a zip that is no document, saying what it holds."""
    if not members:
        return refusal("archive")
    names = [clean(_name(member).replace("\\", "/")).rpartition("/")[2] for member in members]
    held = f"内有 {'、'.join(names[:_MOST_NAMES])}" + (f" 等 {len(names)} 个文件" if len(names) > _MOST_NAMES else "")
    encrypted = any(member.flag_bits & 1 for member in members)
    return refusal("zip_encrypted" if encrypted else "zip", held)


def _directory(data: bytes) -> bytes:
    """The directory of a zip of zips, whose members have their own; all of the zip, where it is not plain to see."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or b"PK\x06\x07" in data[-_TAIL:] or len(data) < end + 22:  # the other is how a larger one is stated
        return data
    (size,) = struct.unpack_from("<I", data, end + 12)
    return data[max(end - size, 0) : end]


def plain_name(name: str) -> str:
    """A part's name as all spreadsheet programs compare it: forward slashes, no upper case."""
    return name.replace("\\", "/").lstrip("/").casefold()


def resolve(folder: str, target: str) -> str:
    """The plain name of the part that a relation in a folder points to."""
    written = target.replace("\\", "/")
    return plain_name(posixpath.normpath(written if written.startswith("/") else f"{folder}/{written}"))


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name; where it is in no stated encoding (programs in Chinese Windows), the one that can be meant."""
    name = member.filename
    if not (name.isascii() or member.flag_bits & UTF_8):
        written = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            with contextlib.suppress(UnicodeDecodeError):
                return written.decode(encoding)
    return name


class Package:
    """The parts of a zip by their plain names; opening one refuses what is built to do harm."""

    def __init__(self, data: bytes) -> None:
        # Counted before the directory is parsed: a million entries would cost seconds and half a gigabyte.
        if data.count(_DIRECTORY_ENTRY) > MAX_MEMBERS and _directory(data).count(_DIRECTORY_ENTRY) > MAX_MEMBERS:
            raise refusal("bomb")
        self.data = data
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = [member for member in package.infolist() if not member.is_dir()]
        if not any(map(_is_of_document, members)):
            raise _archive(members)
        self.size = sum(member.file_size for member in members)
        if self.size > MAX_UNPACKED:
            raise refusal("bomb")
        if sum(member.compress_size for member in members) > len(data):
            raise refusal("bomb")  # members that share their bytes
        if any(member.flag_bits & 1 for member in members):
            raise refusal("encrypted")
        self.parts: dict[str, zipfile.ZipInfo] = {}
        for member in members:
            other = self.parts.setdefault(plain_name(_name(member)), member)
            if (other.CRC, other.file_size) != (member.CRC, member.file_size):
                raise refusal("duplicate")  # programs would not agree on which one is meant
        self.small = self.size <= _SMALL
        self._kept: dict[str, bytes] = {}

    def read(self, name: str, most: int = MAX_PART) -> bytes:
        """A part's bytes by its plain name; KeyError when there is none."""
        member = self.parts[name]
        if member.file_size > most:
            raise refusal("bomb")
        content = self._kept.get(name)
        if content is None:
            content = self._unpacked(member)
            self.keep(name, content)
        return content

    def find(self, name: str) -> str:
        """The name by which a part is here, which may be written with per cent signs on either side; '' for none."""
        if name in self.parts:
            return name
        wanted = unquote(name)
        return next((each for each in self.parts if unquote(each).casefold() == wanted.casefold()), "")

    def holds(self, name: str) -> bool:
        """Whether a part has been unpacked, and stays so."""
        return name in self._kept

    def packed(self, name: str, other: str) -> Member:
        """A part as it lies in the zip, under another name."""
        member = self.parts[name]
        content = self.data[slice(*self._place(member))]
        return Member(other.encode(), UTF_8, member.compress_type, EPOCH, member.CRC, member.file_size, content)

    def replace(self, name: str, content: bytes) -> None:
        """Have a part read as this from now on."""
        self._kept[name] = content

    def keep(self, name: str, content: bytes) -> None:
        """Have a part read as this from now on, where the package is small; a large one is unpacked each time."""
        if self.small:
            self._kept[name] = content

    def _place(self, member: zipfile.ZipInfo) -> tuple[int, int]:
        """Where a member's bytes begin and end."""
        start = member.header_offset
        if self.data[start : start + 4] != _LOCAL_HEADER:
            raise refusal("damaged")
        name_size, extra_size = struct.unpack_from("<HH", self.data, start + 26)
        start += _LOCAL_HEADER_SIZE + name_size + extra_size
        return start, start + member.compress_size

    def _unpacked(self, member: zipfile.ZipInfo) -> bytes:
        packed = self.data[slice(*self._place(member))]
        if member.compress_type == zipfile.ZIP_STORED:
            content = packed
        elif member.compress_type == zipfile.ZIP_DEFLATED:
            content = _inflate(packed, member.file_size)
        else:
            raise refusal("packing")
        if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
            raise refusal("damaged")
        return content


def _inflate(packed: bytes, size: int) -> bytes:
    # zipfile would stop at the size its directory states; the value reader would not.
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    content = stream.decompress(packed, size + 1)
    if len(content) > size:
        raise refusal("bomb")
    if not stream.eof:
        raise refusal("damaged")
    return content
