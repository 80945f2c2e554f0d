"""The inboxes below the operator's folder, and the files of their outboxes; a browser names them by number alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evalxl import library
from evalxl.library import LEDGER, RUN_JSON, files_of_last_run

RESULTS = "核对结果"  # as run.bat calls it: the outbox stands beside the inbox
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
_DEEPEST = 3
_MOST = 200


@dataclass(frozen=True)
class Inbox:
    """A folder that workbooks lie in."""

    path: Path
    name: str  # below the root
    workbooks: int

    @property
    def key(self) -> str:
        """What a browser calls it."""
        return hashlib.sha256(self.name.encode(errors="surrogateescape")).hexdigest()[:16]

    @property
    def outbox(self) -> Path:
        """Where its results go."""
        return self.path.parent / f"{self.path.name}-{RESULTS}"

    @property
    def files(self) -> list[str]:
        """The files that the last finished run has left, below the outbox, the summary first."""
        if self.outbox.is_symlink():  # it may lead anywhere
            return []
        inside = self.outbox.resolve()
        named = sorted(files_of_last_run(self.outbox), key=lambda name: ("/" in name, not name.endswith(".xlsx"), name))
        return [name for name in named if (self.outbox / name).resolve().is_relative_to(inside)]


def inboxes(root: Path) -> list[Inbox]:
    """The inboxes below a root, itself included, by name; outboxes are none, and links are not followed."""
    return sorted(_below(root, root, 0), key=lambda each: each.name)[:_MOST]


def _below(root: Path, folder: Path, depth: int) -> Iterator[Inbox]:
    try:
        entries = sorted(os.scandir(folder), key=lambda each: each.name)
    except OSError:
        return
    names = {each.name for each in entries}
    if names & {RUN_JSON, LEDGER}:  # results, and what is published of them
        return
    lists = _lists(folder)
    count = sum(
        each.name.lower().endswith(_WORKBOOKS) and each.is_file(follow_symlinks=False) and each.name not in lists
        for each in entries
    )
    if count:
        name = "（本文件夹）" if folder == root else folder.relative_to(root).as_posix()
        yield Inbox(folder, name, count)
    for each in entries:
        if depth < _DEEPEST and not each.name.startswith(".") and each.is_dir(follow_symlinks=False):
            yield from _below(root, Path(each.path), depth + 1)


def _lists(folder: Path) -> frozenset[str]:
    """The files in a folder that its evalxl.toml names, such as the roster: they are nobody's report."""
    try:
        return frozenset(each.name for each in library.choices_in(folder).files if each.parent == folder)
    except library.UsageError:  # what is wrong with it is said at the run
        return frozenset()


def find(root: Path, key: str) -> Inbox | None:
    """The inbox that a browser means, if there is one."""
    return next((each for each in inboxes(root) if each.key == key), None)
