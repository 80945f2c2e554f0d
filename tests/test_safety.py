"""A run that goes wrong: what was there before stays whole, one sentence says why, and running again completes it."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from killing import before, complain, contents, evalxl, outbox, posix, pour  # noqa: F401 - fixtures

from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.store.files import RESULTS, OutputError, put_in_place
from evalxl.store.lock import LOCK

# Does a job again and again, each time killed at the next call of some system functions, and each time done over.
KILLED_EVERYWHERE = """
import json, os, shutil, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from evalxl.intake.inbox import inventory
from evalxl.policy import policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from killing import contents, pour
inbox, old, new, work = map(Path, sys.argv[2:6])
functions, step = sys.argv[6].split(), int(sys.argv[7])
book = policy.load()
if functions == ["replace"]:
    batch.check_files(inventory(inbox), Settings(book))  # what is imported late is imported before the first fork
    job = lambda out: batch.run(inbox, out, Settings(book))
else:
    job = lambda out: pour(new, out)

def child(out, last):
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    left = [last]
    def struck(original):
        def call(*arguments, **named):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **named)
        return call
    for name in functions:
        setattr(os, name, struck(getattr(os, name)))
    job(out)
    os._exit(0)

outcomes, killed = [], True
while killed:
    out = work / str(len(outcomes))
    shutil.copytree(old, out)
    killed = child(out, len(outcomes) * step + 1) == signal.SIGKILL
    after = contents(out)
    outcomes.append([killed, after, child(out, 0), contents(out)])
    shutil.rmtree(out)
print(json.dumps(outcomes))
"""


def is_ours(name: str) -> bool:
    """What a killed run may leave beside the results, until the next run."""
    return name == LOCK or name.startswith(".evalxl-")


@posix
@pytest.mark.parametrize(("functions", "step"), [("replace", 4), ("replace link mkdir unlink rmdir", 2)])
def test_a_run_killed_at_any_moment_leaves_every_file_old_or_new_and_is_completed_by_the_next(
    before: tuple[Path, Path, Path], tmp_path: Path, functions: str, step: int
) -> None:
    """The whole run is killed at every fourth rename; the filling of the outbox at every second change of a folder."""
    _, old, new = before
    given = [Path(__file__).parent, *before, tmp_path, functions, step]
    command = [sys.executable, "-c", KILLED_EVERYWHERE, *map(str, given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    was, will = contents(old), contents(new)
    seen = set()
    for killed, after, resumed, completed in outcomes:
        visible = {name: content for name, content in after.items() if not is_ours(name)}
        for name, content in visible.items():
            assert content in (was.get(name), will.get(name)), name
        assert set(was) & set(will) <= set(visible)  # what both runs write is never missing
        assert resumed == 0
        assert completed == will
        if killed and visible["run.json"] == will["run.json"]:
            assert visible == will  # run.json is the last: it speaks for all that lies beside it
        seen.add(visible == was if killed else None)
    assert seen == {True, False, None}  # kills before and among the renames, and the run that nothing kills


@posix
def test_a_run_killed_at_any_time_with_its_workers_is_completed_by_the_next(
    before: tuple[Path, Path, Path], outbox: Path
) -> None:
    inbox, old, new = before
    was, will = contents(old), contents(new)
    moment = random.Random(20240315)
    for _ in range(3):
        command = [sys.executable, "-m", "evalxl", "run", str(inbox), str(outbox), "--jobs", "2", "--quiet"]
        process = subprocess.Popen(command, start_new_session=True)
        time.sleep(moment.uniform(0.3, 3.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for name, content in contents(outbox).items():
            assert is_ours(name) or content in (was.get(name), will.get(name)), name
    assert evalxl("run", inbox, outbox).returncode == 1
    assert contents(outbox) == will


def test_what_a_killed_run_had_put_in_place_is_known_to_the_next(
    before: tuple[Path, Path, Path], outbox: Path, policy: Policy
) -> None:
    """Killed among the renames: a new result is there that no run.json in force names. It must not stay for ever."""
    inbox, _, new = before
    (outbox / ".evalxl-77.tmp").mkdir()
    (outbox / ".evalxl-77.tmp" / "run.json").write_text(f'{{"files": ["{RESULTS}/某局.xlsx"]}}', encoding="utf-8")
    (outbox / RESULTS / "某局.xlsx").write_bytes(b"new")
    (outbox / RESULTS / "批示.xlsx").write_bytes(b"mine")
    batch.run(inbox, outbox, Settings(policy))
    (outbox / RESULTS / "批示.xlsx").unlink()
    assert contents(outbox) == contents(new)


def test_only_what_is_our_own_is_cleared_away(before: tuple[Path, Path, Path], outbox: Path, policy: Policy) -> None:
    theirs = (".evalxl-x.tmp", ".evalxl-1.tmp.xlsx", ".x.12.tmp", "evalxl-1.tmp", "~$汇总表.xlsx")
    for name in theirs:
        (outbox / name).write_bytes(b"x")
    elsewhere = outbox.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.txt").write_bytes(b"x")
    os.symlink(elsewhere, outbox / ".evalxl-5.tmp", target_is_directory=True)
    batch.run(before[0], outbox, Settings(policy))
    assert {*theirs, ".evalxl-5.tmp"} <= {path.name for path in outbox.iterdir()}
    assert (elsewhere / "a.txt").exists()


def failing(monkeypatch: pytest.MonkeyPatch, name: str, at: int, code: int) -> list[int]:
    """Have the ``at``-th call of a system function fail; gives back the count of calls."""
    original: Callable[..., Any] = getattr(os, name)
    calls = [0]

    def call(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] == at:
            raise OSError(code, os.strerror(code))
        return original(*arguments, **named)

    monkeypatch.setattr(os, name, call)
    return calls


@pytest.mark.parametrize("function", ["replace", "link", "mkdir", "fsync", "open"])
def test_a_full_disk_at_any_moment_changes_nothing(
    before: tuple[Path, Path, Path], outbox: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """Where one call fails the run is complete all the same (an old result that stays does no harm), or nothing is new."""
    _, old, new = before
    was, will, refused = contents(old), contents(new), 0
    for at in itertools.count(1):
        with monkeypatch.context() as patched:
            calls = failing(patched, function, at, errno.ENOSPC)
            sentence = ""
            try:
                pour(new, outbox)
            except OutputError as error:
                sentence = str(error)
        if sentence:
            assert re.fullmatch(r"写不了 .+（磁盘空间不足）。请关闭正在打开的同名文件.+", sentence)
            assert ".evalxl" not in sentence
            assert contents(outbox) == was
            refused += 1
        else:
            assert contents(outbox).items() >= will.items()
        if calls[0] < at:
            break
        shutil.rmtree(outbox)
        shutil.copytree(old, outbox)
    assert contents(outbox) == will
    assert refused > 0 or function == "link"  # without a second name a file is replaced all the same


@pytest.mark.parametrize("at", [1, 4, 6, 12])  # the first result, the summary, the database, among the renames
def test_a_full_disk_is_exit_code_5_and_one_sentence(
    before: tuple[Path, Path, Path], outbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    at: int,
) -> None:  # fmt: skip
    failing(monkeypatch, "replace", at, errno.ENOSPC)
    code, sentence = complain(capsys, before[0], outbox)
    assert (code, contents(outbox)) == (5, contents(before[1]))
    assert sentence.startswith("evalxl：写不了")
    assert "磁盘空间不足" in sentence


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from evalxl.cli import main
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
main(sys.argv[2:])
"""


@posix
@pytest.mark.parametrize("most", [500, 25_000, 50_000])
def test_a_write_that_fails_half_way_changes_nothing(before: tuple[Path, Path, Path], outbox: Path, most: int) -> None:
    """The system takes only so many bytes of a file: the results, the summary or the database do not fit."""
    command = [sys.executable, "-c", LIMITED, str(most), "run", str(before[0]), str(outbox), "--quiet"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert (done.returncode, contents(outbox)) == (5, contents(before[1]))
    assert done.stderr.startswith("evalxl：写不了")
    assert done.stderr.count("\n") == 1


def test_an_output_open_elsewhere_is_waited_for_and_then_named(
    before: tuple[Path, Path, Path], outbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to replace what Excel holds open; a virus scanner lets go after a moment."""
    held = [outbox / "汇总表.xlsx"]
    original = os.replace

    def replace(source: Any, target: Any) -> None:
        if Path(target) in held:
            raise PermissionError(errno.EACCES, "in use")
        original(source, target)

    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(os, "replace", replace)
    code, sentence = complain(capsys, before[0], outbox)
    assert (code, contents(outbox)) == (5, contents(before[1]))
    assert sentence == (
        f"evalxl：写不了 {held[0]}（没有权限）。请关闭正在打开的同名文件，检查磁盘空间和文件夹权限后再运行。\n"
    )
    assert 1 <= sum(waits) <= 3
    monkeypatch.setattr(time, "sleep", lambda _: held.clear())
    assert complain(capsys, before[0], outbox) == (1, "")
    assert contents(outbox) == contents(before[2])


def test_a_file_held_for_a_moment_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new").write_bytes(b"new")
    failing(monkeypatch, "replace", 1, errno.EACCES)
    put_in_place(tmp_path / "new", tmp_path / "old")
    assert contents(tmp_path) == {"old": hashlib.sha256(b"new").hexdigest()}


@pytest.mark.parametrize(
    ("blocked", "named"),
    [("汇总表.xlsx/x", "汇总表.xlsx"), ("run.json/x", "run.json"), (f"{RESULTS}/示范区文化局.xlsx/x", "示范区文化局")],
)
def test_a_folder_where_a_file_should_be_is_named_and_nothing_changes(
    before: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], blocked: str, named: str
) -> None:
    outbox = tmp_path / "out"
    (outbox / blocked).parent.mkdir(parents=True)
    (outbox / blocked).write_bytes(b"x")
    was = contents(outbox)
    code, sentence = complain(capsys, before[0], outbox)
    assert code == 5
    assert f"{named}" in sentence
    assert {name: data for name, data in contents(outbox).items() if not is_ours(name)} == was


@pytest.mark.parametrize("place", ["out", "out/results", "out/结果"])
def test_a_file_where_a_folder_should_be_is_exit_code_5(
    before: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    file = tmp_path / place
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"mine")
    outbox = file.parent if file.name == RESULTS else file / "deeper" if file.name == "results" else file
    code, sentence = complain(capsys, before[0], outbox)
    assert code == 5
    assert str(file) in sentence
    assert file.read_bytes() == b"mine"


@posix
def test_a_read_only_outbox_is_exit_code_5_before_anything_is_read(
    before: tuple[Path, Path, Path], outbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "read_and_check", lambda _: pytest.fail("a workbook was read"))
    failing(monkeypatch, "open", 1, errno.EROFS)
    code, sentence = complain(capsys, before[0], outbox)
    assert (code, sentence) == (
        5, f"evalxl：写不了 {outbox}（磁盘是只读的）。请关闭正在打开的同名文件，检查磁盘空间和文件夹权限后再运行。\n",
    )  # fmt: skip
    assert contents(outbox) == contents(before[1])


def test_an_interrupted_run_changes_nothing(
    before: tuple[Path, Path, Path], outbox: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.replace

    def replace(source: Any, target: Any) -> None:
        original(source, target)
        if Path(target) == outbox / "汇总表.xlsx":  # among the renames at the end
            monkeypatch.setattr(os, "replace", original)
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    code, sentence = complain(capsys, before[0], outbox)
    assert (code, sentence) == (
        130,
        "evalxl：已中断；原有的结果没有改动。已处理的部分（如有）留在结果文件夹的“未完成”里，下次运行接着用。\n",
    )
    assert contents(outbox) == contents(before[1])


class Interruption:
    """Ctrl-C when so many steps of a run are done: half of them are for reading, half for writing."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, done: int, _total: int) -> None:
        self.left -= done
        if self.left <= 0:
            raise KeyboardInterrupt


def test_what_an_interrupted_run_had_finished_is_kept_aside_until_the_next(
    before: tuple[Path, Path, Path], outbox: Path, policy: Policy
) -> None:
    with pytest.raises(KeyboardInterrupt):
        batch.run(before[0], outbox, Settings(policy), Interruption(4))
    kept = {name for name in contents(outbox) if name.startswith("未完成/结果/")}
    assert kept == {"未完成/结果/示范区文化局.xlsx", "未完成/结果/示范区文化局（2）.xlsx"}
    assert {name: data for name, data in contents(outbox).items() if not name.startswith("未完成/")} == contents(
        before[1]
    )
    batch.run(before[0], outbox, Settings(policy))
    assert not (outbox / "未完成").exists()


def test_a_folder_of_the_operators_own_is_not_cleared_away(
    before: tuple[Path, Path, Path], outbox: Path, policy: Policy
) -> None:
    own = outbox / "未完成"
    own.mkdir()
    (own / "待办.txt").write_text("催报", encoding="utf-8")
    (outbox / "未完成（3）").symlink_to(before[0], target_is_directory=True)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            batch.run(before[0], outbox, Settings(policy), Interruption(4))
        assert {path.name for path in outbox.iterdir() if path.name.startswith("未完成")} == {
            "未完成", "未完成（2）", "未完成（3）",
        }  # fmt: skip
        assert (outbox / "未完成（2）" / "结果" / "示范区文化局.xlsx").is_file()
    batch.run(before[0], outbox, Settings(policy))
    assert [path.name for path in own.iterdir()] == ["待办.txt"]
    assert not (outbox / "未完成（2）").exists()
    assert contents(before[0])
