"""Error codes that the value reader does not know: one #SPILL! makes it fail the whole sheet."""

from __future__ import annotations

import io
import re
import zipfile

# What a tag says is tested in one lookahead, so that a tag that repeats itself costs its length and not its square.
_ERROR_CELL = re.compile(
    rb"(<(?:\w+:)?c\b(?=[^<>]*\bt\s*=\s*[\"']e[\"'])[^<>]*>"
    rb"(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<>]*</(?:\w+:)?f>))?<(?:\w+:)?v>)[^<>]*"
)
_KNOWN = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


def is_unknown(code: str) -> bool:
    """Whether the value reader stumbles over an error code."""
    return code not in _KNOWN


def known_errors(content: bytes) -> bytes:
    """A worksheet's XML in which every error is #N/A."""
    return _ERROR_CELL.sub(rb"\1#N/A", content)


def with_known_errors(data: bytes) -> bytes:
    """A workbook in whose sheets every error is #N/A; the probe keeps what it was. The same bytes for the same file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as mended:
        for name in package.namelist():
            content = package.read(name)
            if b"sheetData" in content:
                content = known_errors(content)
            mended.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()
