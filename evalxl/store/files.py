"""Output files: safe names, and replacement in one step, so that a file is the old one or the new one, never half."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from evalxl.values.errors import cause
from evalxl.values.folding import clean
from evalxl.values.names import own_name

RESULTS, RETURNED, REPORTS = "结果", "退回", "报告"
FOLDERS = (RESULTS, RETURNED, REPORTS)  # what an earlier run left in them and a run does not write again is removed
UNFINISHED = "未完成"  # what an interrupted run had finished
SUMMARY, ANALYSIS, PENDING, RECHECKS = "汇总表.xlsx", "汇总分析报告.docx", "待办.xlsx", "抽查表.xlsx"
LEDGER = "公开台账.xlsx"  # beside what is published
FINDINGS_JSON, FINDINGS_CSV, RUN_JSON, DATABASE = "findings.json", "findings.csv", "run.json", "evalxl.sqlite"

_MOST_BYTES = 180  # file systems allow 255 bytes; a Chinese character is three, and suffixes are added
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\.|$)", re.IGNORECASE)
_UNSEEN = {"Cf", "Cs"}  # direction marks, joiners, half characters: two names that look alike must not be two files
_BREAKING = {"Cc", "Zl", "Zp"}

_WAITS = (0.1, 0.2, 0.4, 0.8)  # seconds; virus scanners let go of a new file within about one
_STAGE = re.compile(r"\.evalxl-\d+\.tmp")


class OutputError(Exception):
    """An output could not be written (exit code 5); the message is the one sentence the operator reads."""

    disk_full = False


def unwritable(path: Path, error: OSError) -> OutputError:
    """Why a file could not be written, and what to do, as the operator reads it."""
    shown = Path(*(part for part in path.parts if not is_stage(part)))
    refusal = OutputError(
        f"写不了 {shown}（{cause(error)}）。请关闭正在打开的同名文件，检查磁盘空间和文件夹权限后再运行。"
    )
    refusal.disk_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return refusal


def sha256_of(path: Path) -> str:
    """The hash of a file; OSError when it cannot be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_or_blank(path: Path) -> str:
    """The hash of a file; '' where there is none, or it cannot be read."""
    with contextlib.suppress(OSError):
        return sha256_of(path) if path.is_file() else ""
    return ""


def origin_of(path: Path) -> str:
    """The hash that stands for an earlier run: that of its run.json, or of its database where that alone is given."""
    record = path / RUN_JSON
    return sha256_of(record if record.is_file() else path / DATABASE if path.is_dir() else path)


def stage_name() -> str:
    """The name of the folder inside an outbox in which this process prepares its files."""
    return f".evalxl-{os.getpid()}.tmp"


def is_stage(name: str) -> bool:
    """Whether a folder of that name is one that a run prepares its files in, or a killed run prepared them in."""
    return _STAGE.fullmatch(name) is not None


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` that takes its place when the block ends well, and vanishes when it does not.

    It is stored for good at once, except in a stage, which is stored as a whole before it is put in place.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")  # several machines may write the same name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        staged = any(is_stage(part) for part in path.parts)
        if not staged:
            sync_file(temporary)
        put_in_place(temporary, path)
        if not staged:
            sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from None
    except sqlite3.OperationalError as error:
        raise unwritable(path, _system_error(error)) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _system_error(error: sqlite3.OperationalError) -> OSError:
    """What the system refused a database; a mistake in our own SQL is passed on as what it is."""
    code = error.sqlite_errorcode & 0xFF
    if code not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
        raise error
    return OSError(errno.ENOSPC if code == sqlite3.SQLITE_FULL else errno.EIO, str(error))


def put_in_place(new: Path, path: Path) -> None:
    """Rename a file over another in one step; a little patience with what Excel or a virus scanner holds open."""
    for wait in _WAITS:
        try:
            new.replace(path)
        except PermissionError:
            time.sleep(wait)
        else:
            return
    new.replace(path)


def sync_file(path: Path) -> None:
    """Have a file's content stored; OSError when it cannot be."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Have the names in a folder stored, so that a power cut does not undo a rename.

    Windows does so by itself and some network disks cannot: then there is nothing to be done, and nothing to say.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def safe_name(name: str) -> str:
    """A department's name as a file name that every system accepts, without extension."""
    seen = "".join(_part_of_name(character) for character in clean(unicodedata.normalize("NFC", name)))
    text = unicodedata.normalize("NFC", _FORBIDDEN.sub("_", seen)).strip(" .")
    if text.startswith("~$") or _RESERVED.match(text):
        text = "_" + text
    if len(text.encode()) > _MOST_BYTES:
        digest = hashlib.sha256(name.encode(errors="backslashreplace")).hexdigest()[:8]
        text = text.encode()[: _MOST_BYTES - 9].decode(errors="ignore") + "_" + digest
    return text or "未命名"


def _part_of_name(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category in _UNSEEN else "_" if category in _BREAKING else character


def file_names(departments: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The file name (without extension) of each workbook's outputs, from (workbook, department) in path order.

    Two workbooks whose departments give the same name on any system get （2）, （3） in the order of their paths.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for workbook, department in departments:
        name = own_name(safe_name(department), lambda each: each.casefold() in taken)
        taken.add(name.casefold())
        names[workbook] = name
    return names


def files_of_last_run(outbox: Path) -> set[str]:
    """The files that the last finished run into this outbox wrote; none when there was no such run."""
    try:
        record = json.loads((outbox / RUN_JSON).read_text(encoding="utf-8"))
        return {str(name) for name in record["files"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()
