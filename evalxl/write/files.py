"""Output files: safe names, and replacement in one step, so that a file is the old one or the new one, never half."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from evalxl.findings import cause
from evalxl.folding import clean

RESULTS = "结果"
SUMMARY = "汇总表.xlsx"
FINDINGS_JSON, FINDINGS_CSV, RUN_JSON, DATABASE = "findings.json", "findings.csv", "run.json", "evalxl.sqlite"

_MOST_BYTES = 180  # file systems allow 255 bytes; a Chinese character is three, and suffixes are added
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)


class OutputError(Exception):
    """An output could not be written (exit code 5); the message is the one sentence the operator reads."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well, and vanishes when it does not."""
    temporary = path.with_name(f".{hashlib.sha256(path.name.encode()).hexdigest()[:12]}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(
            f"写不了 {path}（{cause(error)}）。请关闭正在打开的同名文件，检查磁盘空间和文件夹权限后再运行。"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def safe_name(name: str) -> str:
    """A department's name as a file name that every system accepts, without extension."""
    text = _FORBIDDEN.sub("_", clean(unicodedata.normalize("NFC", name))).strip(" .")
    if text.startswith("~$") or _RESERVED.match(text):
        text = "_" + text
    if len(text.encode()) > _MOST_BYTES:
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        text = text.encode()[: _MOST_BYTES - 9].decode(errors="ignore") + "_" + digest
    return text or "未命名"


def file_names(departments: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The file name (without extension) of each workbook's outputs, from (workbook, department) in path order.

    Two workbooks whose departments give the same name on any system get （2）, （3） in the order of their paths.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for workbook, department in departments:
        base = name = safe_name(department)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}（{number}）"
        taken.add(name.casefold())
        names[workbook] = name
    return names


def files_of_last_run(outbox: Path) -> set[str]:
    """The files that the last finished run into this outbox wrote; none when there was no such run."""
    try:
        record = json.loads((outbox / RUN_JSON).read_text(encoding="utf-8"))
        return {str(name) for name in record["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
