"""Processes as Linux lists them: which somebody has started, and which still live."""

from __future__ import annotations

from pathlib import Path


def below(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    try:
        lists = [path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return set()
    own = {int(each) for text in lists for each in text.split()}
    return own.union(*map(below, own))


def lives(pid: int) -> bool:
    """Whether a process does anything still; one that nobody has asked after yet does not."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return False
