"""The library: all that the command line, the page and other programs ask of evalxl (face.py lists it).

Nothing of it is imported before something is asked for, so that help answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalxl.library.face import *  # noqa: F403 - the list stands there
else:

    def __getattr__(name: str) -> object:
        face = import_module("evalxl.library.face")  # "from" would ask this function for it

        if name not in face.__all__:
            raise AttributeError(f"module 'evalxl.library' has no attribute {name!r}")
        return getattr(face, name)
