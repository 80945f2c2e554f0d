"""What is to be checked: paths, folders, or the very bytes of workbooks, as files by the name they are shown by."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from evalxl.values.errors import UsageError, cause

if TYPE_CHECKING:
    from evalxl.intake.inbox import Source

Sources = str | Path | bytes | Iterable[str | Path] | Mapping[str, bytes]
NAMELESS = "工作簿.xlsx"  # what a workbook is called of which only the bytes are there


@contextlib.contextmanager
def files_of(sources: Sources) -> Iterator[list[Source]]:
    """The files that are meant; bytes lie on the disk while the block lasts, under names of ours."""
    if isinstance(sources, bytes):
        sources = {NAMELESS: sources}
    if isinstance(sources, Mapping):
        with _laid_down(sources) as found:
            yield found
    else:
        yield found_below([Path(sources)] if isinstance(sources, str | Path) else [Path(each) for each in sources])


@contextlib.contextmanager
def _laid_down(workbooks: Mapping[str, bytes]) -> Iterator[list[Source]]:
    if not workbooks:
        raise UsageError("没有给出要核对的工作簿。")
    with tempfile.TemporaryDirectory(prefix="evalxl-") as folder:
        found = []
        for number, (name, data) in enumerate(sorted(workbooks.items())):
            path = Path(folder) / f"{number}.xlsx"
            try:
                path.write_bytes(data)
            except OSError as error:
                raise UsageError(f"临时文件夹 {folder} 写不了（{cause(error)}），请检查磁盘空间。") from None
            found.append((name, path))
        yield found


def found_below(paths: list[Path]) -> list[Source]:
    """The workbooks that some paths name; a folder stands for all files below it."""
    from evalxl.intake.inbox import inventory, known_as

    named: dict[Path, Path] = {}  # each file once, however often it is named → the path it is shown by
    for path in paths:
        if path.is_dir():
            named |= {file: Path(known_as(path, {})) / name for name, file in inventory(path)}
        elif path.exists():
            named[path.resolve() if path.is_symlink() else path] = path  # a link that is named is meant
        else:
            raise UsageError(f"没有 {path} 这个文件或文件夹，请检查路径。")
    found: dict[str, Path] = {}
    for file, shown in named.items():
        found[known_as(shown, found)] = file
    if not found:
        raise UsageError(f"{'、'.join(map(str, paths))} 里没有文件，请检查路径。")
    return sorted(found.items())
