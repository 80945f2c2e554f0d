"""A name that nothing else has: numbered as people and file managers do it, （2）, （3）."""

from __future__ import annotations

from collections.abc import Callable


def own_name(name: str, taken: Callable[[str], bool]) -> str:
    """A name, with a number behind it where it is taken."""
    number, own = 1, name
    while taken(own):
        number += 1
        own = f"{name}（{number}）"
    return own
