"""Chunks on a process pool: what kills or hangs costs only itself, and what goes wrong is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from evalxl.run import pool

Numbers = tuple[int, ...]


def double(chunk: Numbers) -> Numbers:
    """Stands in for a chunk function: -1 dies at once, -2 hangs, -3 is a mistake of the program."""
    if -1 in chunk:
        os._exit(9)
    if -2 in chunk:
        time.sleep(600)
    if -3 in chunk:
        raise KeyError("-3")
    return tuple(2 * number for number in chunk)


def halves(chunk: Numbers) -> list[Numbers]:
    middle = len(chunk) // 2
    return [chunk[:middle], chunk[middle:]] if middle else []


def gone(_: Numbers) -> Numbers:
    return (0,)


WORK = pool.Work(double, halves, gone)


def done(results: list[tuple[Numbers, Numbers]]) -> dict[int, int]:
    return {number: result for chunk, part in results for number, result in zip(chunk, part, strict=True)}


def test_inline_and_pool_give_the_same() -> None:
    chunks = [(1, 2, 3), (4, 5), (6,), (7, 8)]
    expected = {number: 2 * number for number in range(1, 9)}
    assert done(list(pool.inline(WORK, chunks))) == expected
    assert done(list(pool.pooled(WORK, chunks, 2))) == expected
    assert list(pool.pooled(WORK, [], 2)) == []


def pieces(count: int, made: list[int]) -> Generator[int]:
    """Pieces of work done elsewhere; the last thing it says is that it has been closed."""
    try:
        for number in range(count):
            made.append(number)
            yield number
    finally:
        made.append(-1)


def test_work_goes_on_beside_the_caller() -> None:
    made: list[int] = []
    with pool.beside(pieces(3, made)) as wait:
        assert wait() == wait() == [0, 1, 2]
    assert made == [0, 1, 2, -1]


def test_what_fails_beside_the_caller_is_raised_where_it_waits() -> None:
    def failing() -> Generator[int]:
        yield 1
        raise KeyError("no result")

    with pool.beside(failing()) as wait, pytest.raises(KeyError, match="no result"):
        wait()


def test_a_caller_that_fails_stops_what_goes_on_beside_it() -> None:
    made: list[int] = []

    def endless() -> Generator[int]:
        for number in pieces(10**9, made):
            time.sleep(0.001)
            yield number

    with pytest.raises(KeyboardInterrupt), pool.beside(endless()):
        raise KeyboardInterrupt
    assert made[-1] == -1
    assert len(made) < 1_000


def test_several_killers_cost_only_themselves() -> None:
    chunks = [(-1, 1, 2, 3), (4,), (5, 6, 7), (8, 9), (10, -1, 11, -1)]
    found = list(pool.pooled(WORK, chunks, 2))
    assert done(found) == {-1: 0} | {number: 2 * number for number in range(1, 12)}
    assert sum(len(chunk) for chunk, _ in found) == 14


def test_what_hangs_is_found_as_what_kills_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "STALL", 4.0)
    assert done(list(pool.pooled(WORK, [(1,), (2, -2)], 2))) == {1: 2, 2: 4, -2: 0}


@pytest.mark.parametrize("chunks", [[(1,), (-3,), (2,)], [(-1, -3)]], ids=["pool", "alone"])
def test_a_mistake_of_the_program_is_raised(chunks: list[Numbers]) -> None:
    work = replace(WORK, do=mistaken)
    with pytest.raises(KeyError, match="-3"):
        list(pool.pooled(work, chunks, 2))


def mistaken(chunk: Numbers) -> Numbers:
    return double(chunk if len(chunk) > 1 else (-3,))


INTERRUPTED = """
import sys, time
sys.path.insert(0, {tests!r})
import test_pool
from evalxl.run import pool

if __name__ == "__main__":
    try:
        for chunk, _ in pool.pooled(pool.Work(test_pool.slow, test_pool.halves, test_pool.gone), [(1,)] * 40, 2):
            print("one", flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


def slow(chunk: Numbers) -> Numbers:
    time.sleep(0.5)
    return chunk


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C to a process group")
def test_ctrl_c_ends_a_pool_without_a_word_from_its_workers(tmp_path: object) -> None:
    script = f"{tmp_path}/script.py"
    with open(script, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(INTERRUPTED.format(tests=os.path.dirname(__file__)))  # noqa: PTH120
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "one\n"
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert out.splitlines()[-1] == "interrupted"
    assert len(out.splitlines()) < 12
    assert error == ""


KILLED = """
import os, sys
sys.path.insert(0, {tests!r})
import test_pool
from evalxl.run import pool

if __name__ == "__main__":
    for _, pid in pool.pooled(pool.Work(test_pool.whose, test_pool.halves, test_pool.gone), [(1,)] * 40, 2):
        print(pid[0], flush=True)
"""


def whose(_: Numbers) -> Numbers:
    time.sleep(0.2)
    return (os.getpid(),)


@pytest.mark.skipif(os.name != "posix", reason="kills a process by a signal")
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_process_that_started_them(tmp_path: Path, kill: signal.Signals) -> None:
    script = tmp_path / "script.py"
    script.write_text(KILLED.format(tests=str(Path(__file__).parent)), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        workers = {int(process.stdout.readline()) for _ in range(4)}
        process.send_signal(kill)
        assert process.wait() == -kill
    until = time.monotonic() + 30
    while time.monotonic() < until and any(map(_lives, workers)):
        time.sleep(0.1)
    assert not any(map(_lives, workers))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_ctrl_c_waits_until_a_process_has_been_started() -> None:
    started = []

    def start() -> None:
        with pool._uninterrupted():
            signal.raise_signal(signal.SIGINT)
            started.append(True)
        started.append(False)

    with pytest.raises(KeyboardInterrupt):
        start()
    assert started == [True]
