"""The file that a call is to make."""

from __future__ import annotations

from pathlib import Path

from evalxl.values.errors import UsageError


def new_file(out: Path, name: str, endings: tuple[str, ...] = (".xlsx",)) -> Path:
    """The file that a command is to make: never over one that is there."""
    file = out / name if out.is_dir() else out
    if file.suffix.lower() not in endings:
        raise UsageError(f"文件名 {file.name} 须以 {' 或 '.join(endings)} 结尾，或给出已有的文件夹。")
    if file.exists():
        raise UsageError(f"{file} 已经存在，为免覆盖填好的内容，请换一个文件名，或先移走它。")
    return file
