"""Opening a Word file somebody sent: judged by its content, bounded by the probe, and refused in one sentence."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from evalxl.intake.probe import markup
from evalxl.intake.probe.encodings import as_utf8
from evalxl.intake.probe.kinds import OLE, ZIP, what_else
from evalxl.intake.probe.limits import MAX_FILE
from evalxl.intake.probe.package import Package
from evalxl.intake.probe.refusals import Unreadable
from evalxl.values.errors import UsageError, cause

_DOCUMENT, _STYLES = "word/document.xml", "word/styles.xml"
_MOST = 32 * 2**20  # bytes of the text; a report of 100 pages has 2 MB
_SAVE_AS = "请用 Word 或 WPS 打开，另存为“Word 文档 (*.docx)”后再导入"
_POINT_OUT = "请指定报告的 Word 文件（.docx）"
_TAKE_CARE = "没有导入；请与提供报告的人联系"
_REMEDIES = {
    "encrypted": "请取消打开密码，另存后再导入",
    "damaged": "请用 Word 或 WPS 打开后重新保存，或让对方重发",
    "packing": _SAVE_AS,
    "empty": "请让对方重发",
    "pdf": "请找到原来的 Word 文件，或用 WPS 转为 .docx 后再导入",
    "word": _SAVE_AS,
    "markup": _SAVE_AS,
    "mhtml": _SAVE_AS,
    "archive": "请解压后指定其中报告的 Word 文件",
    "bomb": _TAKE_CARE,
    "hostile": _TAKE_CARE,
    "duplicate": _TAKE_CARE,
}

# LookupError: an encoding that Python does not know; RuntimeError and its kin: a way of packing.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    ValueError,
    RuntimeError,
    expat.ExpatError,
)


class WordParts(NamedTuple):
    """The two parts of a Word file that say what it says."""

    document: bytes
    styles: bytes  # b"" where the file has none


def open_report(path: Path) -> WordParts:
    """The text and styles of a .docx file; UsageError says in one sentence why a file is not read and what to do."""
    data = _load(path)
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UsageError(f"{path} 已加密，{_REMEDIES['encrypted']}。")
        raise UsageError(f"{path} 是旧格式的 Word 文件（.doc 或 .wps），{_SAVE_AS}。")
    try:
        if not data.startswith(ZIP):
            raise what_else(data)
        return _parts(Package(data), path)
    except Unreadable as refused:
        found = refused.found.replace("表格软件", "文字处理软件").replace("工作簿", "Word 文件").replace("Excel ", "")
        raise UsageError(f"{path} {found}，{_REMEDIES.get(refused.code, _POINT_OUT)}。") from None
    except _BROKEN:
        raise UsageError(f"{path} 已损坏，内容不完整，{_REMEDIES['damaged']}。") from None


def _load(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UsageError(f"没有报告 {path}，请检查路径。")
        if path.stat().st_size > MAX_FILE:
            raise UsageError(f"{path} 超过 {MAX_FILE // 2**20} MB，没有导入；请删去图片，另存后再导入。")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} 打不开（{cause(error)}），请检查权限。") from None


def _parts(package: Package, path: Path) -> WordParts:
    if _DOCUMENT not in package.parts:
        raise UsageError(f"{path} 不是 Word 文档（里面没有正文），{_POINT_OUT}。")
    document, styles = (
        as_utf8(package.read(name, _MOST)) if name in package.parts else b"" for name in (_DOCUMENT, _STYLES)
    )
    for content in (document, *filter(None, [styles])):
        markup.run(content, markup.Handler)  # no declarations, no endless nesting, no broken XML
    return WordParts(document, styles)
