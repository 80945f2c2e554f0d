"""The file that declares a bureau's own template: named in the environment, for a run and all its processes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

OPTION = "--layout"
_VARIABLE = "EVALXL_LAYOUT"


def named() -> Path | None:
    """The file, or None for the standard template."""
    text = os.environ.get(_VARIABLE, "")
    return Path(text) if text else None


def choose(arguments: Sequence[str]) -> list[str]:
    """Take ``--layout FILE`` out of a command's arguments, wherever it stands, and name the file."""
    rest: list[str] = []
    coming = iter(arguments)
    for argument in coming:
        if argument == "--":
            return [*rest, argument, *coming]
        name, equals, value = argument.partition("=")
        if name != OPTION:
            rest.append(argument)
            continue
        os.environ[_VARIABLE] = str(Path(value if equals else next(coming, "")).absolute())
    return rest
