"""Chunks of work in this process, on several, or on a cluster; whatever dies costs only the file that killed it.

The same plain function does a chunk everywhere, so the same bytes come of it. When a process dies, nobody knows which
of the chunks in hand killed it: those are done again, each in a process of its own, and halved until the file is found.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from evalxl import __version__
from evalxl.values.errors import UsageError

if TYPE_CHECKING:
    from distributed import Client

C = TypeVar("C")  # a chunk
R = TypeVar("R")  # what comes of it

STALL = 900.0  # seconds in which not one chunk gets done: then something hangs, and is treated as if it had died
PATIENCE = 5  # seconds to find a cluster's scheduler, and then a worker
ATTEMPTS = 3  # to begin the thread that speaks with it
_MOST_WORKERS = 61 if sys.platform == "win32" else 1024  # Windows waits for no more
_AHEAD = 2  # chunks in hand for each worker: enough to keep it busy, and few to do again when one dies


@dataclass(frozen=True)
class Work(Generic[C, R]):
    """What to do with a chunk: a plain top-level function, how to halve a chunk, and what to say of a killer."""

    do: Callable[[C], R]
    halves: Callable[[C], list[C]]  # nothing, of one file
    give_up: Callable[[C], R]  # of one file, whose process died


def inline(work: Work[C, R], chunks: Sequence[C]) -> Iterator[tuple[C, R]]:
    """Chunks one after another in this process."""
    for chunk in chunks:
        yield chunk, work.do(chunk)


def pooled(work: Work[C, R], chunks: Sequence[C], workers: int) -> Iterator[tuple[C, R]]:
    """Chunks on a process pool, each as it gets done."""
    hand = _Hand(deque(chunks))
    context = _context()
    workers = max(1, min(workers, len(chunks), _MOST_WORKERS))
    while hand.waiting:
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
        try:
            yield from _flow(work.do, pool, hand, lambda: workers, BrokenProcessPool, STALL, _kill_children)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    with ThreadPoolExecutor(workers) as threads:
        for found in threads.map(lambda chunk: list(_search(work, chunk, partial(_alone, context))), hand.suspects):
            yield from found


@contextlib.contextmanager
def beside(work: Generator[R]) -> Iterator[Callable[[], list[R]]]:
    """Have a thread go through work that is done elsewhere, while the caller does something else.

    What is given back waits for the results. When the caller fails, the thread stops after the piece it is at.
    """
    stop = threading.Event()

    def go_through() -> list[R]:
        done = []
        with contextlib.closing(work):
            for each in work:
                done.append(each)
                if stop.is_set():
                    break
        return done

    with ThreadPoolExecutor(1) as thread:
        results = thread.submit(go_through)
        try:
            yield results.result
        finally:
            stop.set()


def clustered(work: Work[C, R], chunks: Sequence[C], address: str, folders: Sequence[Path]) -> Iterator[tuple[C, R]]:
    """Chunks on the Dask cluster whose scheduler listens at an address (10.0.0.1:8786), each as it gets done.

    Dask gives the chunks of a worker that died to others; what keeps killing is searched for. UsageError when the
    package is missing, the scheduler is not there or goes away, it has no worker, or a worker does not see the folders
    or runs another version of evalxl.
    """
    with _connected(address) as client:
        from distributed import KilledWorker

        _check_workers(client, address, folders)
        executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        do = partial(_in_turn, work.do)
        hand = _Hand(deque(chunks))

        def alone(do: Callable[[C], R], chunk: C) -> R | None:
            try:
                return executor.submit(partial(_in_turn, do), chunk).result()  # type: ignore[no-any-return]
            except KilledWorker:
                return None

        def recheck() -> None:
            _check_workers(client, address, folders)

        try:
            yield from _flow(do, executor, hand, lambda: _workers(client), KilledWorker, 6 * PATIENCE, recheck)
            for chunk in hand.suspects:
                yield from _search(work, chunk, alone)
        except CancelledError:
            raise UsageError(f"与调度器 {address} 的连接断了，请检查集群后再运行。") from None
        finally:
            executor.shutdown(wait=False)
            with contextlib.suppress(Exception):  # what the cluster is at is let finish, where it is still there
                client.run(_finish)


@dataclass
class _Hand(Generic[C]):
    """The chunks not yet begun, and those that were in hand when a worker died."""

    waiting: deque[C]
    suspects: list[C] = field(default_factory=list)


def _flow(
    do: Callable[[C], R],
    executor: Executor,
    hand: _Hand[C],
    workers: Callable[[], int],
    dead: type[Exception],
    stall: float,
    stalled: Callable[[], None],
) -> Iterator[tuple[C, R]]:
    """Do what is waiting, a few chunks at a time for each worker, until nothing is left or the executor is broken.

    A chunk whose worker died (exception ``dead``) is a suspect. When for so many seconds nothing gets done, ``stalled``
    is called.
    """
    doing: dict[Future[R], C] = {}
    broken = False
    try:
        while doing or (hand.waiting and not broken):
            while hand.waiting and not broken and len(doing) < _AHEAD * workers():
                try:
                    with _uninterrupted():
                        doing[executor.submit(do, hand.waiting[0])] = hand.waiting[0]
                    hand.waiting.popleft()
                except BrokenProcessPool:
                    broken = True
            done, _ = wait(doing, stall, FIRST_COMPLETED)
            if doing and not done:
                stalled()
            for future in done:
                chunk = doing.pop(future)
                try:
                    result = future.result()
                except dead as error:
                    hand.suspects.append(chunk)
                    broken = isinstance(error, BrokenProcessPool)
                else:
                    yield chunk, result
    finally:
        for future in doing:
            future.cancel()


def _search(work: Work[C, R], chunk: C, alone: Callable[[Callable[[C], R], C], R | None]) -> Iterator[tuple[C, R]]:
    """Do again, by itself, a chunk that may have killed; halve it while it kills, and give up the file that does.

    ``alone`` does a chunk where nothing else is going on, and gives None when the process died.
    """
    done = alone(work.do, chunk)
    if done is not None:
        yield chunk, done
    elif halves := work.halves(chunk):
        for half in halves:
            yield from _search(work, half, alone)
    else:
        yield chunk, work.give_up(chunk)


def _alone(context: BaseContext, do: Callable[[C], R], chunk: C) -> R | None:
    """A chunk in a process of its own; None when the process dies, or hangs."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = context.Process(target=_send, args=(theirs, do, chunk), daemon=True)  # type: ignore[attr-defined]
    process.start()
    theirs.close()
    try:
        if not ours.poll(STALL):
            return None
        result, error = ours.recv()
    except (EOFError, OSError):
        return None
    finally:
        process.kill()
        process.join()
        ours.close()
    if error is not None:
        raise error
    return result  # type: ignore[no-any-return]


def _send(pipe: Connection, do: Callable[[Any], Any], chunk: Any) -> None:
    _begin()
    try:
        pipe.send((do(chunk), None))
    except Exception as error:  # whatever it is, the parent raises it
        pipe.send((None, error))


def _begin() -> None:
    """Make a process a worker: deaf to Ctrl-C, of which only the first process says something, and ended with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the first process has ended, killed or not: a worker would wait for ever for its next chunk."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait for the end: a pool that it meets in the midst of starting a process cannot be shut down."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


def _kill_children() -> None:
    for child in multiprocessing.active_children():
        child.kill()


def _context() -> BaseContext:
    """Workers start afresh; on Linux they fork off a process that has imported pandas once for all of them.

    Importing takes a worker as long as 20 workbooks, and a run that writes again has two pools. What changes in
    ``os.environ`` after the first pool does not reach the workers of the next.
    """
    if sys.platform != "linux":  # macOS can fork too, but not safely once its own libraries are loaded
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["evalxl.run.chunk", "evalxl.outputs.department"])
    main = threading.current_thread() is threading.main_thread()
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None  # it is deaf to Ctrl-C from the first moment
    try:
        forkserver.ensure_running()
    except OSError:  # a temporary folder that takes no sockets
        return multiprocessing.get_context("spawn")
    finally:
        if main:
            signal.signal(signal.SIGINT, usual)
    return context


# On a cluster ---------------------------------------------------------------------------------------------------------

_turn = threading.Lock()  # a worker with several threads still does one chunk at a time, as a process of a pool does


def _in_turn(do: Callable[[C], R], chunk: C) -> R:
    with _turn:
        return do(chunk)


async def _finish() -> None:
    """Waits, on a worker, for the chunk that it is at."""
    await asyncio.to_thread(_turn.acquire)
    _turn.release()


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("--cluster 需要另装 dask.distributed：pip install distributed。") from None
    # What they say of a lost worker or of Ctrl-C is not for operators; these are the loggers Dask gives a level.
    for name in ("distributed", "distributed.client", "tornado", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with _client(Client, address) as client:
        yield client


def _client(connect: type[Client], address: str) -> Client:
    for _ in range(ATTEMPTS):
        try:
            return connect(address, timeout=PATIENCE, set_as_default=False)
        except AssertionError:
            continue  # Dask gives the thread of its loop ten seconds to begin, which may be few on a busy machine
        except (OSError, ValueError):
            raise UsageError(
                f"{PATIENCE} 秒内连不上调度器 {address}；地址形如 10.0.0.1:8786，请检查后再运行。"
            ) from None
    raise UsageError(f"本机太忙，连接调度器 {address} 的线程 {ATTEMPTS} 次都没能启动，请稍后再运行。")


def _workers(client: Client) -> int:
    return max(1, len(client.scheduler_info()["workers"]))


def _check_workers(client: Client, address: str, folders: Sequence[Path]) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        complaints = client.run(_complaint, __version__, [str(each) for each in folders], on_error="return")
    except (OSError, TimeoutError):
        raise UsageError(f"调度器 {address} 下没有可用的工作节点，请先启动 dask worker。") from None
    for worker, complaint in sorted(complaints.items()):
        if isinstance(complaint, BaseException):
            raise UsageError(f"工作节点 {worker} 用不了 evalxl（{complaint}），请在其上安装同一版本。")
        if complaint:
            raise UsageError(f"工作节点 {worker} {complaint}。")


def _complaint(version: str, folders: Sequence[str]) -> str:
    """Why this worker would not give the same results; '' when it would."""
    if version != __version__:
        return f"的 evalxl 是 {__version__} 版，本机是 {version} 版，请装成同一版本"
    unseen = [folder for folder in folders if not Path(folder).is_dir()]
    return f"看不到文件夹 {unseen[0]}，收件夹和结果文件夹要放在各节点都能读写的共享盘上" if unseen else ""
