"""What a browser sends, read bit by bit into memory and no further than allowed; names never become paths."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Container
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from evalxl.library import safe_name

MOST_FILES = 5
MOST_BYTES = 6 * 2**20  # of a file; a filled template has 50 KB
MOST_OF_A_FORM = 64 * 2**10  # of everything in a request but the files
_PART = 128  # bytes that a part counts for by itself
MOST_DISCARDED = 64 * 2**20  # read and thrown away, so that the browser sees the answer rather than a broken connection
SECONDS = 120.0  # to send it all
HELD = 512 * 2**20  # bytes of all uploads that are being sent or checked

TOO_LARGE = (
    f"文件太大：一次最多 {MOST_FILES} 个工作簿，每个不超过 {MOST_BYTES // 2**20} MB。"
    "填好的模板一般只有几十 KB，请删去其中的图片和多余的工作表再试。"
)
TOO_MANY = f"一次最多 {MOST_FILES} 个工作簿，请分几次。"
NOTHING = "没有收到工作簿，请先选择文件再点“检查”。"
GARBLED = "没有收完整，请重新选择文件再试。"
CROWDED = "现在检查的人太多，请过一分钟再试。"


class Refused(Exception):
    """Why an upload is not taken, with the status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass
class Form:
    """What was sent: files by a name that is safe to show, and fields."""

    files: dict[str, bytes] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Room:
    """How many bytes of all uploads are held."""

    held: int = 0


async def read_upload(request: Request, room: Room) -> Form:
    """The files and fields of a multipart form; Refused with 400, 413 or 503 says why not."""
    try:
        kind, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary or len(boundary) > 70:
            raise Refused(400, NOTHING)
        if _stated(request) > MOST_FILES * MOST_BYTES + MOST_OF_A_FORM:
            raise Refused(413, TOO_LARGE)
        reading = _Reading(boundary, room)
        try:
            async with asyncio.timeout(SECONDS):
                async for chunk in request.stream():
                    reading.feed(chunk)
            return reading.form()
        finally:
            room.held -= reading.size
    except (TimeoutError, ClientDisconnect):
        raise Refused(408, GARBLED) from None
    except FormParserError:
        await _discard(request)
        raise Refused(400, GARBLED) from None
    except Refused:
        await _discard(request)
        raise


async def read_fields(request: Request) -> dict[str, str]:
    """The fields of a small form; Refused for a large one."""
    from urllib.parse import parse_qsl

    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MOST_OF_A_FORM:
            raise Refused(413, GARBLED)
    return dict(parse_qsl(data.decode("utf-8", "replace")))


def _stated(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if re.fullmatch(r"\d{1,15}", length) else 0


async def _discard(request: Request) -> None:
    """Take in what is still being sent: a browser that is not listened to shows no answer."""
    size = 0
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MOST_DISCARDED:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):
        return


class _Reading:
    """The parts of a form as they come in."""

    def __init__(self, boundary: bytes, room: Room) -> None:
        self.size = self._other = 0
        self._room, self._whole = room, Form()
        self._header, self._value, self._disposition = bytearray(), bytearray(), b""
        self._name: str | None = None  # of the file that is being read; None for a field
        self._field, self._data, self._ended = "", bytearray(), False
        self._count = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header_part(self._header, data[start:end]),
                "on_header_value": lambda data, start, end: self._header_part(self._value, data[start:end]),
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        self.size += len(chunk)
        self._room.held += len(chunk)
        if self._room.held > HELD:
            raise Refused(503, CROWDED)
        if self.size > MOST_FILES * MOST_BYTES + MOST_OF_A_FORM:
            raise Refused(413, TOO_LARGE)
        self._parser.write(chunk)

    def form(self) -> Form:
        """The whole, once all has come."""
        if not self._ended:
            raise Refused(400, GARBLED)
        if not self._whole.files:
            raise Refused(400, NOTHING)
        return self._whole

    def _begin(self) -> None:
        self._count_other(_PART)
        self._disposition, self._data = b"", bytearray()

    def _header_part(self, of: bytearray, data: bytes) -> None:
        self._count_other(len(data))
        of.extend(data)

    def _count_other(self, size: int) -> None:
        """Everything but what files hold is little: fields, names, and how many parts there are."""
        self._other += size
        if self._other > MOST_OF_A_FORM:
            raise Refused(413, TOO_LARGE)

    def _header_end(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        sent = options.get(b"filename")
        self._name = None if sent is None else _shown(sent)
        if self._name:
            self._count += 1
            if self._count > MOST_FILES:
                raise Refused(413, TOO_MANY)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._name is None:
            self._count_other(end - start)
        elif len(self._data) + end - start > MOST_BYTES:
            raise Refused(413, TOO_LARGE)
        self._data += data[start:end]

    def _part_end(self) -> None:
        if self._name is None:
            self._whole.fields[self._field] = self._data.decode("utf-8", "replace")
        elif self._field == "files" and self._name:
            self._whole.files[free_name(self._name, self._whole.files)] = bytes(self._data)

    def _end(self) -> None:
        self._ended = True


def _shown(sent: bytes) -> str:
    """A file's name as it is shown; '' where no file was chosen. Old browsers send the whole path."""
    try:
        name = sent.decode("utf-8")
    except UnicodeDecodeError:
        name = sent.decode("gb18030", "replace")
    last = re.split(r"[/\\]", name)[-1]
    return safe_name(last) if last else ""


def free_name(name: str, taken: Container[str]) -> str:
    """A name that is not taken: with a number, where it is."""
    stem, dot, suffix = name.rpartition(".")
    number, own = 1, name
    while own in taken:
        number += 1
        own = f"{stem}（{number}）.{suffix}" if dot else f"{name}（{number}）"
    return own
