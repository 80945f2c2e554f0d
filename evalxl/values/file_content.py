"""The content of a file that a bureau hands in: no pipe that never ends, and no more than anybody writes by hand."""

from __future__ import annotations

from pathlib import Path

from evalxl.values.errors import UsageError, cause


def content_of(path: Path, name: str, largest: int) -> bytes:
    """The bytes of a file of so many bytes at most; UsageError, with the ``name`` it goes by, for any other."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise UsageError(f"{name} 不是普通文件，请检查路径。")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise UsageError(f"{name} 打不开（{cause(error)}），请检查路径。") from None
    if len(content) > largest:
        raise UsageError(f"{name} 过大（超过 {largest >> 20} MB），请检查路径。")
    return content
