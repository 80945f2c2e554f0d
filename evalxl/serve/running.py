"""A run that the desk has started: in a process of its own, so that the batch's limits hold and the page answers."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from evalxl import library
from evalxl.library import Attendance, Options, OutputError, Pending, PolicySource, RuleBug, UsageError, Workbook
from evalxl.serve.inboxes import Inbox


@dataclass(frozen=True)
class Choices:
    """What the operator has ticked."""

    report: bool = False
    compare: bool = False  # with what the last run into the same outbox found


@dataclass(frozen=True)
class Closing:
    """What a finished run says."""

    workbooks: tuple[Workbook, ...]
    attendance: Attendance | None
    pending: tuple[Pending, ...]
    remarks: tuple[str, ...]
    steps: tuple[str, ...]


@dataclass
class Running:
    """A run: how far it is, and in the end what it says or why it failed."""

    inbox: Inbox
    told: str = ""  # what it takes from evalxl.toml
    done: int = 0
    total: int = 0
    closing: Closing | None = None
    trouble: str = ""
    stopped: bool = False
    _process: BaseProcess | None = field(default=None, repr=False)

    @property
    def finished(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.closing is not None or bool(self.trouble)

    def stop(self) -> None:
        """End it as Ctrl-C does, so that it ends its own processes; the results of the run before stay as they are."""
        self.stopped = True
        if self._process is None or self._process.pid is None:
            return
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGINT)
            last = threading.Timer(_PATIENCE, self._process.kill)
            last.daemon = True
            last.start()
        else:
            self._process.kill()


_PATIENCE = 10.0  # seconds in which a run that is to stop should have stopped


def start(inbox: Inbox, choices: Choices, policy: PolicySource) -> Running:
    """Start a run and watch it."""
    running = Running(inbox)
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(theirs, inbox.path, inbox.outbox, choices, policy)
    )
    with library.named_to_new_processes(_layout(inbox.path)):
        process.start()
    theirs.close()
    running._process = process
    threading.Thread(target=_watch, args=(running, process, ours), daemon=True).start()
    return running


def _layout(inbox: Path) -> Path | None:
    """The bureau's own template, which a process must know from its first moment; a mistake is told by the run."""
    with contextlib.suppress(UsageError):
        return library.beside(inbox).layout
    return None


def _watch(running: Running, process: BaseProcess, pipe: Connection) -> None:
    """Take up what the process says until it has nothing more to say."""
    try:
        while True:
            match pipe.recv():
                case (int(done), int(total)):
                    running.done, running.total = running.done + done, total
                case Closing() as closing:
                    running.closing = closing
                case ("told", str(told)):
                    running.told = told
                case str(trouble):
                    running.trouble = trouble
    except (EOFError, OSError):
        pass
    process.join()
    if running.stopped:
        running.closing, running.trouble = None, "已停止；原有的结果没有改动。"
    elif not running.finished:
        running.trouble = "处理中途意外中止，原有的结果没有改动，请再运行一次。"


def _run(pipe: Connection, inbox: Path, outbox: Path, choices: Choices, policy: PolicySource) -> None:
    """The run itself, in its own process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    typed = Options(policy=policy, report=choices.report, previous=[outbox] if choices.compare else ())
    try:
        if outbox.is_symlink():
            raise UsageError(f"{outbox.name} 是链接，工作台不往链接里写；请移走它，再运行。")
        beside = library.beside(inbox, outbox)
        pipe.send(("told", beside.words(typed)))
        options = beside.under({**typed, "progress": lambda done, total: pipe.send((done, total))})
        finished = library.run(inbox, outbox, **options)
        remarks, steps = tuple(finished.remarks), tuple(finished.steps)
        pipe.send(Closing(finished.workbooks, finished.attendance, finished.pending, remarks, steps))
    except KeyboardInterrupt:
        return  # who has stopped it knows
    except (UsageError, OutputError) as error:
        pipe.send(str(error))
    except RuleBug as error:
        pipe.send(f"{error}。这是程序缺陷，本次结果不可信，请把这句话和有关工作簿发给维护人员。")
    except Exception as error:
        pipe.send(f"程序缺陷：{type(error).__name__}: {error}。请把这句话发给维护人员。")
