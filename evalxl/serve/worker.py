"""The process that checks: whatever was sent is opened here alone, and whatever it does ends with this process.

What waits is checked together, for a workbook alone costs the rules four times as much. Nobody knows which of several
uploads has killed the process: each is then done by itself, and one dead process costs one answer.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import multiprocessing
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any

from evalxl import library
from evalxl.library import Finding, PolicySource, Status, Workbook

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

SECONDS, SECONDS_PER_UPLOAD = 25.0, 1.0  # by the clock; the work itself ends what computes for longer than ten
SECONDS_TO_MARK = 5.0  # of computing; usually it takes a hundredth of a second
MOST_TOGETHER, MOST_BYTES_TOGETHER = 50, 64 * 2**20
MOST_WAITING = 300  # uploads; who comes then is asked to come again
LIFE = 200  # uploads, after which a process is replaced
_STARTING = 60.0  # seconds


class Want(Enum):
    """What an upload is answered with."""

    PAGE = "page"
    COPY = "copy"
    DATA = "data"


@dataclass(frozen=True)
class Order:
    """One upload: its workbooks by name, and what is wanted of them."""

    workbooks: Mapping[str, bytes]
    want: Want = Want.PAGE

    @property
    def size(self) -> int:
        """Its bytes."""
        return sum(map(len, self.workbooks.values()))


@dataclass(frozen=True)
class Book:
    """One workbook of an answer; ``copy`` is the marked copy, for one that could be read."""

    workbook: Workbook
    findings: tuple[Finding, ...]
    copy: bytes | None = None


@dataclass(frozen=True)
class Answer:
    """What came of an upload: its workbooks, or the JSON of a check, or the sentence why there is neither."""

    books: tuple[Book, ...] = ()
    data: str = ""
    trouble: str = ""


class Busy(Exception):
    """Too many uploads wait already."""


_DIED = (
    "这一份没有检查成：程序在检查它时中止。请用 Excel 或 WPS 打开，另存为 .xlsx 后再试；仍不行的，请把它交给财政局。"
)


# ---------------------------------------------------------------- in the process


def answers(orders: Sequence[Order], policy: PolicySource) -> list[Answer]:
    """What comes of some uploads, each as if it had been alone."""
    together = [each for each in orders if each.want is not Want.DATA]
    results = iter(library.check_apart([each.workbooks for each in together], policy=policy) if together else ())
    found = []
    for order in orders:
        if order.want is Want.DATA:
            found.append(Answer(data=library.check(order.workbooks, policy=policy).to_json()))
            continue
        result = next(results)
        books = [
            Book(each, tuple(result.of(each.workbook)), _copy(order.workbooks[each.workbook], each, result))
            for each in result.workbooks
        ]
        found.append(Answer(tuple(books)))
    return found


def _copy(data: bytes, book: Workbook, result: library.Result) -> bytes | None:
    """The marked copy; of what could not be read there is none, for nothing has found it safe."""
    if book.status is Status.REFUSED:
        return None
    return library.marked_copy(book.workbook, data, book.department, result.of(book.workbook), seconds=SECONDS_TO_MARK)


def work(pipe: Connection, policy: PolicySource, folder: str) -> None:
    """Answer what comes through the pipe until nobody is left at its other end; what is laid down lies in a folder."""
    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal
    with contextlib.suppress(EOFError, OSError):
        answers([Order({"a.xlsx": b""})], policy)  # so that the first who comes need not wait for the imports
        pipe.send(None)
        while True:
            orders = pipe.recv()
            try:
                pipe.send(answers(orders, policy))
            except Exception as error:  # a fault of ours: whoever it is about is told, the others are done alone
                pipe.send(f"程序缺陷：{type(error).__name__}: {error}")


# ---------------------------------------------------------------- in the server


@dataclass
class Checker:
    """The queue before the process, and the process itself."""

    policy: PolicySource = None
    work: Callable[[Connection, PolicySource, str], None] = work  # what the process does
    waiting: list[tuple[Order, asyncio.Future[Answer]]] = field(default_factory=list)
    done: int = 0  # by the process that runs now
    deaths: int = 0
    closed: bool = False
    _process: BaseProcess | None = None
    _pipe: Connection | None = None
    _folder: str = ""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def check(self, order: Order) -> Answer:
        """The answer to an upload; Busy when too many wait."""
        if len(self.waiting) >= MOST_WAITING:
            raise Busy
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting.append((order, future))
        self._came.set()
        return await future

    async def serve(self) -> None:
        """Do what waits, as much at once as may be, until cancelled."""
        with contextlib.suppress(OSError):  # it is tried again, and told, with the first upload
            await asyncio.to_thread(self._start)
        while True:
            await self._came.wait()
            batch = self._take()
            try:
                found = await asyncio.to_thread(self.do, [order for order, _ in batch])
            except Exception as error:  # the queue goes on, whatever happens to one batch
                found = [Answer(trouble=f"程序缺陷：{type(error).__name__}: {error}")] * len(batch)
            for (_, future), answer in zip(batch, found, strict=True):
                if not future.done():  # whoever asked may have gone
                    future.set_result(answer)

    def _take(self) -> list[tuple[Order, asyncio.Future[Answer]]]:
        batch: list[tuple[Order, asyncio.Future[Answer]]] = []
        size = 0
        while self.waiting and len(batch) < MOST_TOGETHER:
            size += self.waiting[0][0].size
            if batch and size > MOST_BYTES_TOGETHER:
                break
            batch.append(self.waiting.pop(0))
        if not self.waiting:
            self._came.clear()
        return batch

    def do(self, orders: list[Order]) -> list[Answer]:
        """The answers to some uploads; what kills the process is found by doing each alone."""
        said = self._ask(orders)
        if isinstance(said, list):
            return said
        if len(orders) == 1:
            return [Answer(trouble=said or _DIED)]
        return [answer for order in orders for answer in self.do([order])]

    def _ask(self, orders: list[Order]) -> list[Answer] | str | None:
        """What the process says; None when it died, or took longer than anything may."""
        if self.done >= LIFE:
            self.end()
        if self._process is None or not self._process.is_alive():
            self._start()
        if self._pipe is None:
            return None
        self.done += len(orders)
        try:
            self._pipe.send(orders)
            if self._pipe.poll(SECONDS + SECONDS_PER_UPLOAD * len(orders)):
                return self._pipe.recv()  # type: ignore[no-any-return]
        except (EOFError, OSError):
            pass
        self.deaths += 1
        self.end()
        return None

    def _start(self) -> None:
        self.end()
        if self.closed:
            return
        ours, theirs = multiprocessing.Pipe()
        self._folder = tempfile.mkdtemp(prefix="evalxl-serve-")
        # No daemon, for those may have no process of their own, in which older formats are read within their limits.
        process: Any = _context().Process(  # type: ignore[attr-defined]
            target=self.work, args=(theirs, self.policy, self._folder)
        )
        atexit.register(self.end)  # whoever ends without ending it would wait for it for ever
        process.start()
        theirs.close()
        self._process, self._pipe, self.done = process, ours, 0
        if self.closed:  # meanwhile, from another thread
            self.end()
            return
        with contextlib.suppress(EOFError, OSError):
            if ours.poll(_STARTING):
                ours.recv()
                return
        self.end()

    def end(self) -> None:
        """End the process, whatever it is at, and leave nothing of what it had laid down."""
        process, pipe, folder = self._process, self._pipe, self._folder
        self._process, self._pipe, self._folder = None, None, ""
        if process is not None:
            process.kill()
            process.join()
        if pipe is not None:
            pipe.close()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        atexit.unregister(self.end)

    def close(self) -> None:
        """End it for good: what is still being asked starts no other."""
        self.closed = True
        self.end()


def _context() -> BaseContext:
    """Processes start afresh; on Linux they fork off one that has imported everything once."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["evalxl.serve.preload"])
    return context
