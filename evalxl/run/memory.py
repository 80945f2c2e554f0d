"""The memory of the process that holds a district: looked after where a run of many workbooks would double it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator

_NEW_OBJECTS = 50_000  # after which Python looks for cycles; of itself after 700, which took a tenth of a run


@contextlib.contextmanager
def seldom_collecting() -> Iterator[None]:
    """While this lasts, Python seldom looks for objects that only refer to each other: tables are many, cycles few."""
    usual = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def give_back() -> None:
    """Give the system back what has been freed, where its C library can: small tables of many chunks leave gaps."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # not every Linux has glibc
            ctypes.CDLL(None).malloc_trim(0)
