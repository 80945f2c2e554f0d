"""A zip as a set of parts, inflated within bounds: what its directory claims is held against what comes out."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from urllib.parse import unquote

from evalxl.probe.limits import MAX_MEMBERS, MAX_PART, MAX_UNPACKED
from evalxl.probe.refusals import refusal

_DIRECTORY_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER = b"PK\x03\x04"
_LOCAL_HEADER_SIZE = 30
_SMALL = 8 * 2**20  # bytes unpacked; of a package up to here parts are kept, a larger one would take too much memory


def plain(name: str) -> str:
    """A part's name as all spreadsheet programs compare it: forward slashes, no upper case."""
    return name.replace("\\", "/").lstrip("/").casefold()


def resolve(folder: str, target: str) -> str:
    """The plain name of the part that a relation in a folder points to."""
    written = unquote(target.replace("\\", "/"))
    return plain(posixpath.normpath(written if written.startswith("/") else f"{folder}/{written}"))


class Package:
    """The parts of a zip by their plain names; opening one refuses what is built to do harm."""

    def __init__(self, data: bytes) -> None:
        # Counted before the directory is parsed: a million entries would cost seconds and half a gigabyte.
        if data.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:
            raise refusal("bomb")
        self.data = data
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            members = [member for member in package.infolist() if not member.is_dir()]
        self.size = sum(member.file_size for member in members)
        if self.size > MAX_UNPACKED:
            raise refusal("bomb")
        if sum(member.compress_size for member in members) > len(data):
            raise refusal("bomb")  # members that share their bytes
        if any(member.flag_bits & 1 for member in members):
            raise refusal("encrypted")
        self.parts = {plain(member.filename): member for member in members}
        if len(self.parts) < len(members):
            raise refusal("duplicate")
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

    def keep(self, name: str, content: bytes) -> None:
        """Have a part read as this from now on, where the package is small; a large one is unpacked each time."""
        if self.small:
            self._kept[name] = content

    def _unpacked(self, member: zipfile.ZipInfo) -> bytes:
        start = member.header_offset
        if self.data[start : start + 4] != _LOCAL_HEADER:
            raise refusal("damaged")
        name_size, extra_size = struct.unpack_from("<HH", self.data, start + 26)
        start += _LOCAL_HEADER_SIZE + name_size + extra_size
        packed = self.data[start : start + member.compress_size]
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
