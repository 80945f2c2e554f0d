"""Two runs at once, and the same run again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import before, complain, contents, outbox, posix  # noqa: F401 - fixtures

from evalxl import cli
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.store.files import RESULTS, OutputError, replacing
from evalxl.store.lock import LOCK, locked


def test_a_second_run_into_the_same_outbox_is_refused(
    before: tuple[Path, Path, Path], outbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with locked(outbox) as held:
        assert held
        code, sentence = complain(capsys, before[0], outbox)
        assert (code, sentence) == (5, f"evalxl：另一次运行正在往 {outbox} 写结果，请等它结束后再运行。\n")
        with pytest.raises(SystemExit) as ended:
            cli.main(["check", str(before[0]), "--quiet"])  # reading needs no lock
        assert ended.value.code == 1
    assert contents(outbox) == contents(before[1])
    capsys.readouterr()
    assert complain(capsys, before[0], outbox) == (1, "")


@posix
def test_the_lock_of_a_killed_run_holds_nobody_up(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from evalxl.store.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with locked(tmp_path) as held:
        assert not held
    process.kill()
    process.communicate()
    assert (tmp_path / LOCK).exists()
    with locked(tmp_path) as held:
        assert held
    assert list(tmp_path.iterdir()) == []


@posix
def test_of_many_runs_at_once_one_at_a_time_holds_the_folder(tmp_path: Path) -> None:
    """The lock file comes and goes; whoever opened it just before it went must not think he holds the folder."""
    code = (
        "import os, sys; from pathlib import Path; from evalxl.store.lock import locked\n"
        "folder, held = Path(sys.argv[1]), 0\n"
        "while held < 300:\n"
        "    with locked(folder) as mine:\n"
        "        if mine:\n"
        "            held += 1\n"
        "            os.close(os.open(folder / 'alone', os.O_CREAT | os.O_EXCL))\n"
        "            os.unlink(folder / 'alone')\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    together = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in together] == [("", 0)] * 3


def test_the_inbox_is_read_and_nothing_else(before: tuple[Path, Path, Path], tmp_path: Path, policy: Policy) -> None:
    inbox = before[0]

    def state() -> list[tuple[str, int, int, int]]:
        paths = sorted([inbox, *inbox.rglob("*")])
        return [(str(path), path.stat().st_mtime_ns, path.stat().st_ctime_ns, path.stat().st_mode) for path in paths]

    was, content = state(), contents(inbox)
    batch.run(inbox, tmp_path / "out", Settings(policy))
    assert (state(), contents(inbox)) == (was, content)


def test_the_order_in_which_workbooks_arrived_does_not_matter(
    before: tuple[Path, Path, Path], tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = os.walk

    def backwards(*arguments: Any, **named: Any) -> Iterator[tuple[str, list[str], list[str]]]:
        for folder, folders, names in walk(*arguments, **named):
            folders.sort(reverse=True)
            yield folder, folders, sorted(names, reverse=True)

    book = (before[0] / "2.xlsx").read_bytes()
    names = ["甲/1.xlsx", "甲/2.xlsx", "乙.xlsx", "cafe\u0301/1.xlsx", "caf\u00e9/1.xlsx", "z/说明.txt"]
    good, outcomes = [name for name in names if name.endswith("xlsx") and name != "cafe\u0301/1.xlsx"], []
    for turn, order in enumerate((names, names[::-1])):
        inbox = tmp_path / f"{turn}" / "inbox"
        for age, name in enumerate(order):
            (inbox / name).parent.mkdir(parents=True, exist_ok=True)
            (inbox / name).write_bytes(book if name in good else b"")
            os.utime(inbox / name, (1e9 + age, 1e9 + age))
        batch.run(inbox, tmp_path / f"{turn}" / "out", Settings(policy, jobs=turn + 1))
        monkeypatch.setattr(os, "walk", backwards)
        outcomes.append(contents(tmp_path / f"{turn}" / "out"))
    assert outcomes[0] == outcomes[1]
    assert sum(name.startswith(RESULTS) for name in outcomes[0]) == len(good)


def test_a_database_that_does_not_fit_is_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    import sqlite3

    def write(pages: int, statement: str) -> None:
        with replacing(tmp_path / "a.sqlite") as temporary:
            connection = sqlite3.connect(temporary)
            try:
                connection.execute(f"PRAGMA max_page_count = {pages}")
                connection.execute(statement)
            finally:
                connection.close()

    with pytest.raises(OutputError, match="磁盘空间不足"):
        write(1, "CREATE TABLE a (b)")
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        write(9, "CREATE TABEL")
    assert list(tmp_path.iterdir()) == []
