"""Older and other formats (.xls and .et, .ods), read whole by readers written in Python, in a process of their own.

calamine reads .xls too, but panics on or is aborted by some, and tells neither error cells nor
hidden rows. The readers here cannot crash; the process of its own is there for the limits of time and memory, and is
kept for the next file.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import ModuleType

from evalxl.intake.probe.contents import Contents
from evalxl.intake.probe.limits import CPU_SECONDS, MEMORY, WAIT_SECONDS
from evalxl.intake.probe.refusals import Unreadable, refusal


def read_xls(data: bytes) -> Contents:
    """The contents of a spreadsheet in the binary form of Excel 97 and WPS; Unreadable says why not."""
    return _ask("xls", data)


def read_ods(data: bytes) -> Contents:
    """The contents of a spreadsheet in OpenDocument form; Unreadable says why not."""
    return _ask("ods", data)


def _reader(kind: str) -> Callable[[bytes], Contents]:
    if kind == "xls":
        from evalxl.intake.probe.biff import read_biff

        return read_biff
    from evalxl.intake.probe.opendocument import read_opendocument

    return read_opendocument


def _answer(kind: str, data: bytes) -> Contents | Unreadable:
    """What a reader makes of a file; whatever it raises on bytes nobody should write is the file's fault."""
    try:
        return _reader(kind)(data)
    except Unreadable as reason:
        return reason
    except MemoryError:
        return refusal("slow")
    except Exception:
        return refusal("unreadable")


class _Child:
    """The process that reads; ended when it takes too long."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        with _nameless_main():
            self.process.start()
        theirs.close()

    def ask(self, kind: str, data: bytes) -> Contents | Unreadable:
        """The answer to one file; EOFError when the process died of it, TimeoutError when it took too long."""
        self.pipe.send_bytes(kind.encode() + data)
        if not self.pipe.poll(WAIT_SECONDS):
            raise TimeoutError
        answer: Contents | Unreadable = self.pipe.recv()
        return answer

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


@contextlib.contextmanager
def _nameless_main() -> Iterator[None]:
    """Keep a new process from running the caller's script again to have its definitions: the reader needs none."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


_child: _Child | None = None


def _ask(kind: str, data: bytes) -> Contents:
    global _child
    if _child is None or not _child.process.is_alive():
        try:
            _child = _Child()
        except (AssertionError, OSError):  # a cluster's worker may have no children: read here, without the limits
            return _given(_answer(kind, data))
    try:
        answer = _child.ask(kind, data)
    except (EOFError, OSError):  # a TimeoutError is an OSError
        _child.end()
        _child = None
        raise refusal("slow") from None
    return _given(answer)


def _given(answer: Contents | Unreadable) -> Contents:
    if isinstance(answer, Unreadable):
        raise answer
    return answer


def _serve(pipe: Connection) -> None:
    _bound_memory()
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):  # whoever asked is gone
        while True:
            request = pipe.recv_bytes()
            _bound_time()
            pipe.send(_answer(request[:3].decode(), request[3:]))


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows; or bounded more tightly already
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _bound_time() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + CPU_SECONDS, most))
