"""A Dask cluster of real processes on this machine: the same bytes, a killed worker costs nothing, mistakes are told."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalxl.policy.policy import Policy
from evalxl.run import pool
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.values.errors import UsageError

pytest.importorskip("distributed", reason="dask.distributed, the extra evalxl[cluster], is not installed")

TESTS = Path(__file__).parent
SAMPLES = TESTS.parent / "samples" / "luquan-2023"
SETTINGS = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}  # what kills two workers is not given to a third


def contents(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A part of the cluster as a process of its own, elsewhere than the tests run."""
    environment = os.environ | SETTINGS | {"PYTHONPATH": str(TESTS)}
    with (folder / f"{words[0]}.log").open("ab") as log:
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


@contextlib.contextmanager
def running(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("cluster")
    port = free_port()
    with running(start(folder, "scheduler", "--host", "127.0.0.1", "--port", str(port))):
        yield f"tcp://127.0.0.1:{port}", folder


def worker(scheduler: tuple[str, Path], *more: str) -> subprocess.Popen[bytes]:
    address, folder = scheduler
    return start(folder, "worker", address, "--nthreads", "1", "--host", "127.0.0.1", *more)


@pytest.fixture(scope="module")
def address(scheduler: tuple[str, Path]) -> Iterator[str]:
    """A cluster of two workers that are started again when they die."""
    with running(worker(scheduler), worker(scheduler, "--nthreads", "2")):
        ready(scheduler[0], 2)
        yield scheduler[0]


def ready(address: str, workers: int) -> None:
    from distributed import Client

    until = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError, AssertionError), Client(address, timeout=30, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(workers, timeout=60)
            return
        assert time.monotonic() < until


def test_inline_pool_and_cluster_leave_the_same_bytes(
    address: str, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 3)
    steps: list[int] = []
    batch.run(SAMPLES, tmp_path / "inline", Settings(policy, jobs=1))
    batch.run(SAMPLES, tmp_path / "pool", Settings(policy, jobs=2))
    batch.run(SAMPLES, tmp_path / "cluster", Settings(policy, cluster=address), lambda done, _: steps.append(done))
    assert contents(tmp_path / "cluster") == contents(tmp_path / "pool") == contents(tmp_path / "inline")
    assert (sum(steps), len(steps)) == (22, 9)  # each file is read, and each is written


def test_folders_are_found_wherever_the_run_is_started(
    address: str, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SAMPLES, tmp_path / "inbox")
    monkeypatch.chdir(tmp_path)
    finished = batch.run(Path("inbox"), Path("out"), Settings(policy, cluster=address))
    assert finished.exit_code == 3
    assert sorted(finished.files) == sorted(contents(tmp_path / "out"))


# What is killed in mid-run --------------------------------------------------------------------------------------------

Numbers = tuple[int, ...]


def die_once(chunk: Numbers) -> Numbers:
    """Stands in for a chunk function: the first to come to chunk 3 dies, and so does everybody who comes to -1."""
    marker = Path(os.environ.get("EVALXL_TEST_MARKER", "marker"))  # in the worker's own folder
    if -1 in chunk:
        os._exit(9)
    if 3 in chunk and not marker.exists():
        marker.touch()
        os._exit(9)
    time.sleep(0.05)
    return tuple(2 * number for number in chunk)


def halves(chunk: Numbers) -> list[Numbers]:
    middle = len(chunk) // 2
    return [chunk[:middle], chunk[middle:]] if middle else []


def gone(_: Numbers) -> Numbers:
    return (0,)


WORK = pool.Work(die_once, halves, gone)


def done(results: Iterator[tuple[Numbers, Numbers]]) -> dict[int, int]:
    return {number: result for chunk, part in results for number, result in zip(chunk, part, strict=True)}


def test_a_worker_that_dies_costs_nothing_and_what_kills_only_itself(address: str, tmp_path: Path) -> None:
    chunks = [(0, 1), (2, 3), (4, 5), (6, 7), (8, -1), (10, 11)]
    found = done(pool.clustered(WORK, chunks, address, [tmp_path]))
    assert found == {number: 2 * number for number in (*range(9), 10, 11)} | {-1: 0}


def test_a_worker_killed_in_mid_run_changes_no_byte(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 1)
    folder, port = tmp_path_factory.mktemp("own"), free_port()
    own = f"tcp://127.0.0.1:{port}", folder
    with running(start(folder, "scheduler", "--host", "127.0.0.1", "--port", str(port))):
        doomed, other = (worker(own, "--no-nanny") for _ in range(2))
        with running(doomed, other):
            ready(own[0], 2)
            killed: list[int] = []

            def kill(*_: int) -> None:
                if not killed:
                    doomed.kill()
                    killed.append(doomed.pid)

            batch.run(SAMPLES, tmp_path / "cluster", Settings(policy, cluster=own[0]), kill)
            assert doomed.wait(timeout=10) == -9
    batch.run(SAMPLES, tmp_path / "inline", Settings(policy, jobs=1))
    assert contents(tmp_path / "cluster") == contents(tmp_path / "inline")


# What is told ---------------------------------------------------------------------------------------------------------


def test_a_scheduler_that_is_not_there_is_one_sentence_soon(tmp_path: Path, policy: Policy) -> None:
    begun = time.monotonic()
    with pytest.raises(UsageError, match=r"连不上调度器 tcp://127\.0\.0\.1:9；地址形如"):
        batch.run(SAMPLES, tmp_path / "out", Settings(policy, cluster="tcp://127.0.0.1:9"))
    with pytest.raises(UsageError, match="连不上调度器 nonsense://x；地址形如"):
        batch.run(SAMPLES, tmp_path / "out", Settings(policy, cluster="nonsense://x"))
    assert time.monotonic() - begun < 30
    assert list((tmp_path / "out").iterdir()) == []


def test_a_scheduler_without_workers_is_one_sentence(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 2)
    port = free_port()
    with running(start(tmp_path, "scheduler", "--host", "127.0.0.1", "--port", str(port))):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
        with pytest.raises(UsageError, match="没有可用的工作节点"):
            batch.run(SAMPLES, tmp_path / "out", Settings(policy, cluster=f"tcp://127.0.0.1:{port}"))


def test_a_worker_that_does_not_see_the_folders_is_told(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"工作节点 tcp://127.* 看不到文件夹 .*nowhere，"):
        list(pool.clustered(WORK, [(0,)], address, [tmp_path / "nowhere"]))


def test_a_worker_with_another_version_is_told(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "__version__", "9.9")
    with pytest.raises(UsageError, match=r"工作节点 tcp://127.* 的 evalxl 是 .* 版，本机是 9\.9 版"):
        list(pool.clustered(WORK, [(0,)], address, [tmp_path]))


def test_a_machine_too_busy_to_begin_the_client_is_asked_again(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import distributed

    begun: list[str] = []

    class Busy(distributed.Client):
        def __init__(self, address: str, **settings: object) -> None:
            begun.append(address)
            if len(begun) < refused:
                raise AssertionError  # as Dask does when the thread of its loop does not begin within ten seconds
            super().__init__(address, **settings)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(distributed, "Client", Busy)
    refused = 3
    assert list(pool.clustered(WORK, [(1,)], address, [tmp_path])) == [((1,), (2,))]
    refused, begun[:] = 9, []
    with pytest.raises(UsageError, match=r"本机太忙，连接调度器 tcp://127.* 的线程 3 次都没能启动，请稍后再运行。"):
        list(pool.clustered(WORK, [(1,)], address, [tmp_path]))


def test_without_the_package_it_is_named(tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="需要另装 dask"):
        batch.run(SAMPLES, tmp_path / "out", Settings(policy, cluster="tcp://127.0.0.1:1"))


# Interrupted ----------------------------------------------------------------------------------------------------------

INTERRUPTED = """
import sys
from pathlib import Path
import test_cluster
from evalxl.run import pool

try:
    for chunk, _ in pool.clustered(test_cluster.SLOW, [(1,)] * 200, sys.argv[1], [Path.cwd()]):
        print("one", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def slow(chunk: Numbers) -> Numbers:
    time.sleep(0.3)
    return chunk


SLOW = pool.Work(slow, halves, gone)


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C to a process")
def test_ctrl_c_stops_the_work_and_leaves_the_cluster_usable(address: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, address], env=os.environ | {"PYTHONPATH": str(TESTS)}, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "one\n"
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=60)
    assert out.splitlines()[-1] == "interrupted"
    assert len(out.splitlines()) < 20
    assert error == ""
    assert done(pool.clustered(SLOW, [(1,), (2,)], address, [tmp_path])) == {1: 1, 2: 2}
