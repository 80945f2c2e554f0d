"""Processes: the command line in one of its own, which somebody has started, and which still live (Linux)."""

from __future__ import annotations

import subprocess
import sys
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


def program(*arguments: str, source: str = "") -> subprocess.CompletedProcess[str]:
    """The command line, or a program of the tests, in a process of its own."""
    here = Path(__file__).parent
    code = f"import sys; sys.path.insert(0, {str(here)!r})\n{source}" if source else ""
    command = [sys.executable, *(["-c", code] if source else ["-m", "evalxl"]), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, cwd=here.parent)
