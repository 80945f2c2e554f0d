"""The file that declares a bureau's own template: named in the environment, for a run and all its processes."""

from __future__ import annotations

import contextlib
import os
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

OPTION = "--layout"
_VARIABLE = "EVALXL_LAYOUT"
_BESIDE = "evalxl.toml"  # may name the file as well, beside the inbox
_SERVE = "serve"  # the command that is given the folder itself that inboxes lie in


def named() -> Path | None:
    """The file, or None for the standard template."""
    text = os.environ.get(_VARIABLE, "")
    return Path(text) if text else None


@contextlib.contextmanager
def named_to_new_processes(path: Path | None) -> Iterator[None]:
    """Name another file to the processes that are started meanwhile; this one keeps the template it has.

    Where none is named, theirs is the one that was typed here; one that was only found written here is not theirs.
    """
    own = os.environ.get(_VARIABLE)
    if path is not None:
        os.environ[_VARIABLE] = str(path.absolute())
    elif own is not None and own == _found[0]:
        del os.environ[_VARIABLE]
    try:
        yield
    finally:
        if own is None:
            os.environ.pop(_VARIABLE, None)
        else:
            os.environ[_VARIABLE] = own


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
    beside = "" if _VARIABLE in os.environ else _beside(rest)
    if beside:
        os.environ[_VARIABLE] = _found[0] = beside
    return rest


_found = [""]  # the file that was not typed, but is named by the bureau's choices


def _beside(arguments: Sequence[str]) -> str:
    """The file that the bureau's choices name, beside an inbox or in the folder that is served.

    Whoever reads all of the choices says what is wrong there.
    """
    served = arguments[:1] == [_SERVE]
    for path in (Path(each) for each in arguments[1:] if each and not each.startswith("-")):
        try:
            if served and not path.is_dir():  # what an option is given
                continue
            folder = path.absolute() if path.is_dir() else path.absolute().parent
            choices = (folder if served else folder.parent) / _BESIDE
            written = tomllib.loads(choices.read_text(encoding="utf-8-sig")) if choices.is_file() else {}
        except (OSError, ValueError, RecursionError):  # no path at all, or a file whose reader will say what is wrong
            continue
        named_ = written.get("layout")
        if isinstance(named_, str) and named_:
            return str(choices.parent / named_)
    return ""
