"""Error codes that the value reader does not know: one #SPILL! makes it fail the whole sheet (hazards.md finding 2)."""

from __future__ import annotations

import io
import re
import zipfile

_ERROR_CELL = re.compile(
    rb"(<(?:\w+:)?c\b[^<>]*\bt\s*=\s*[\"']e[\"'][^<>]*>(?:<(?:\w+:)?f\b[^<>]*(?:/>|>[^<>]*</(?:\w+:)?f>))?"
    rb"<(?:\w+:)?v>)[^<>]*"
)
_KNOWN = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


def is_unknown(code: str) -> bool:
    """Whether the value reader stumbles over an error code."""
    return code not in _KNOWN


def with_known_errors(data: bytes) -> bytes:
    """A workbook in whose sheets every error is #N/A; the probe keeps what it was. The same bytes for the same file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as mended:
        for name in package.namelist():
            content = package.read(name)
            if b"sheetData" in content:
                content = _ERROR_CELL.sub(rb"\1#N/A", content)
            mended.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()
