"""One run at a time into one folder, held by the operating system, so that a killed run leaves nothing locked."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

LOCK = ".evalxl.lock"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold a folder for the block; False when another process holds it. OSError where no lock file can be made.

    The lock is on an open file, not on the file's existence: the system lets go of it when the process dies.
    """
    path = folder / LOCK
    descriptor = _take(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            _let_go(descriptor, path)


def _take(path: Path) -> int | None:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            held = _lock(descriptor)
            if held and _is_still(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        if not held:
            return None


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the file is the one at the path: the last holder may have removed it after we opened it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _let_go(descriptor: int, path: Path) -> None:
        os.close(descriptor)  # Windows removes no file that is open; another run may have opened it since
        with contextlib.suppress(OSError):
            path.unlink()

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go(descriptor: int, path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(descriptor)
