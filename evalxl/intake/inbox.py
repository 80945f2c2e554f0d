"""The inbox: every file that lies in it, by a name that is its own and that everybody can read."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from evalxl.intake.probe import is_litter
from evalxl.values.errors import UsageError, cause
from evalxl.values.folding import clean
from evalxl.values.names import own_name

Source = tuple[str, Path]  # path below the inbox with /, path on disk


def inventory(inbox: Path) -> list[Source]:
    """Every file of an inbox except what operating systems leave about, by path; none is passed over unseen."""
    found: dict[str, Path] = {}
    for folder, folders, names in os.walk(inbox, onerror=_unreadable_folder):
        folders.sort()  # so that like names are numbered alike on every disk
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]  # listed, not followed
        for name in sorted([*names, *linked]):
            if not is_litter(name):
                path = Path(folder) / name
                found[known_as(path.relative_to(inbox), found)] = path
    return sorted(found.items())


def known_as(path: Path, taken: Mapping[str, Path]) -> str:
    """The name a file is known by: readable whatever its encoding, harmless to show, and its own."""
    written = os.fsencode(path.as_posix()).split(b"/")
    name = clean(re.sub(r"[\t\r\n]", " ", "/".join(map(_decoded, written))))
    return own_name(name, taken.__contains__)  # two may differ only in how they compose a character


def _decoded(part: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):  # archives packed on Windows unpack here with GBK names
        with contextlib.suppress(UnicodeDecodeError):
            return part.decode(encoding)
    return part.decode("ascii", "backslashreplace")


def _unreadable_folder(error: OSError) -> None:
    raise UsageError(f"文件夹 {error.filename} 打不开（{cause(error)}），其中的工作簿会漏掉；请检查权限后再运行。")
