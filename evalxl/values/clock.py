"""A limit to the time that work on a sender's file may take, whatever is in it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class TimeIsUp(BaseException):
    """The time is over; no ``except Exception`` on the way takes it for a fault of its own."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeIsUp in the block when it has computed for so many seconds; waiting for a disk does not count.

    The system must know such clocks, and the block must run in the main thread, as it does in every process of a
    pool. Elsewhere (Windows, the threads of a cluster's worker) there is no limit: the pool ends what hangs. Of a
    limited block within another the shorter time holds, and what it takes counts for the outer one too.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGVTALRM, _ring)
    outer, _ = signal.getitimer(signal.ITIMER_VIRTUAL)  # 0 where no block around this one is limited
    seconds = min(seconds, outer) if outer else seconds
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, usual)
        if outer:
            signal.setitimer(signal.ITIMER_VIRTUAL, max(outer - (seconds - left), _LEAST))


_LEAST = 0.001  # seconds: a clock set to nothing would never ring


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise TimeIsUp
