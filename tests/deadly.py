"""A checking process that dies, hangs or fails at what says so; other processes must be able to import it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection

from evalxl import library
from evalxl.library import PolicySource, Result
from evalxl.serve import worker

KILLS, HANGS, FAILS = b"kills the process", b"hangs for ever", b"finds a fault of ours"
_check = library.check_apart


def _deadly(uploads: Sequence[Mapping[str, bytes]], *, policy: PolicySource = None) -> list[Result]:
    sent = {data for own in uploads for data in own.values()}
    if KILLS in sent:
        os._exit(9)
    if HANGS in sent:
        time.sleep(600)
    if FAILS in sent:
        raise ValueError("a fault")
    return _check(uploads, policy=policy)


def work(pipe: Connection, policy: PolicySource, folder: str) -> None:
    """As the real one, but for what kills, hangs and fails."""
    library.check_apart = _deadly
    worker.work(pipe, policy, folder)
