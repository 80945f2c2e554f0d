"""Runs to which something happens: what they had done counts, and what goes wrong costs only the file it is wrong with."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from conftest import fill

from evalxl.district.tables import District
from evalxl.intake.inbox import Source
from evalxl.intake.read import read
from evalxl.outputs import department
from evalxl.outputs.department import Order, Written
from evalxl.policy.policy import Policy
from evalxl.run import chunk, pool
from evalxl.run import run as running
from evalxl.run.run import Run, run
from evalxl.run.settings import Settings
from evalxl.store.files import OutputError
from evalxl.values.errors import UsageError

NAMES = ("甲局", "乙局", "丙局")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in NAMES:
        fill(folder / f"{name}.xlsx", {"基本信息!B5": name, "预算!D22": 903})  # each goes back with a mark
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).digest() for path in found}


def told(finished: Run, workbook: str) -> list[str]:
    return [f"{each.rule} {each.message}{each.fix}" for each in finished.outcome.findings if each.workbook == workbook]


class Steps:
    """Does something when so many steps of a run are done."""

    def __init__(self, after: int, act: Callable[[], None]) -> None:
        self.left, self.act = after, act

    def __call__(self, done: int, _total: int) -> None:
        before, self.left = self.left, self.left - done
        if self.left <= 0 < before:
            self.act()


def fail() -> None:
    raise MemoryError


def interrupt() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("end", [fail, interrupt])
@pytest.mark.parametrize(("steps", "files_done"), [(3, 0), (6, 3)])
def test_the_next_run_takes_over_what_a_run_that_did_not_end_had_done(
    inbox: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch,
    end: Callable[[], None], steps: int, files_done: int,
) -> None:  # fmt: skip
    run(inbox, tmp_path / "undisturbed", Settings(policy))
    for _ in range(2):  # twice: what was taken over once is not lost when that run does not end either
        with pytest.raises((MemoryError, KeyboardInterrupt)):
            run(inbox, tmp_path / "out", Settings(policy), Steps(steps, end))
    opened: list[str] = []

    def listed(files: list[Source], book: Policy) -> District:
        opened.extend(workbook for workbook, _ in files)
        return read(files, book)

    monkeypatch.setattr(chunk, "read", listed)
    finished = run(inbox, tmp_path / "out", Settings(policy))
    assert (opened, finished.reused) == ([], files_done)
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith((".", "未"))] == []


def swapped(path: Path) -> None:
    shutil.copy(path.parent / "丙局.xlsx", path)


def spoilt(path: Path) -> None:
    path.write_bytes(b"PKxx")


@pytest.mark.parametrize("act", [Path.unlink, swapped, spoilt], ids=["removed", "exchanged", "spoilt"])
def test_a_file_that_changes_before_the_district_is_judged_is_refused(
    inbox: Path, tmp_path: Path, policy: Policy, act: Callable[[Path], None]
) -> None:
    read_first = hashlib.sha256((inbox / "乙局.xlsx").read_bytes()).hexdigest()
    finished = run(inbox, tmp_path / "out", Settings(policy), Steps(3, lambda: act(inbox / "乙局.xlsx")))
    assert finished.exit_code == 3
    assert told(finished, "乙局.xlsx") == [
        "F12 文件“乙局.xlsx”在处理过程中被改动或移走，未读取。请确认没有人在改它，再重新运行。"
    ]
    assert [each for each in finished.files if "乙局" in each] == []
    assert {f"退回/{name}.xlsx" for name in ("甲局", "丙局")} <= set(finished.files)
    books = finished.outcome.district.workbooks.set_index("workbook")
    assert books.loc["乙局.xlsx", "sha256"] != read_first
    shutil.rmtree(inbox)
    inbox.mkdir()
    for name in ("甲局", "丙局"):  # the others are what they are without it
        fill(inbox / f"{name}.xlsx", {"基本信息!B5": name, "预算!D22": 903})
    alone = run(inbox, tmp_path / "alone", Settings(policy))
    for name in ("甲局", "丙局"):
        assert told(alone, f"{name}.xlsx") == told(finished, f"{name}.xlsx")


def test_a_file_that_is_only_saved_again_is_no_other(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    touch = Steps(3, lambda: os.utime(inbox / "乙局.xlsx", (1, 1)))
    assert run(inbox, tmp_path / "out", Settings(policy), touch).exit_code == 1
    run(inbox, tmp_path / "undisturbed", Settings(policy))
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    ("act", "why"),
    [(Path.unlink, "不能再打开"), (swapped, "被改动"), (spoilt, "被改动")],
    ids=["removed", "exchanged", "spoilt"],
)
def test_a_file_that_changes_before_it_is_marked_gets_a_list(
    inbox: Path, tmp_path: Path, policy: Policy, act: Callable[[Path], None], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files = department.write_files

    def changed(order: Order) -> list[Written]:
        act(inbox / "乙局.xlsx")
        return write_files(order)

    monkeypatch.setattr(department, "write_files", changed)
    finished = run(inbox, tmp_path / "out", Settings(policy))
    assert finished.outcome.unmarked == {"乙局.xlsx": f"在处理过程中{why}，不能在原表上标注"}
    monkeypatch.undo()
    fill(inbox / "乙局.xlsx", {"基本信息!B5": "乙局", "预算!D22": 903})
    run(inbox, tmp_path / "undisturbed", Settings(policy))
    differ = {
        name for name, data in contents(tmp_path / "undisturbed").items() if contents(tmp_path / "out")[name] != data
    }
    # The summary says that only a list went back, and run.json holds the hashes of both.
    assert differ == {"退回/乙局.xlsx", "汇总表.xlsx", "evalxl.sqlite", "run.json"}
    assert run(inbox, tmp_path / "out", Settings(policy)).reused == 2  # the list does not go back again
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


def test_an_inbox_that_goes_away_takes_no_results_with_it(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    run(inbox, tmp_path / "out", Settings(policy))
    before = contents(tmp_path / "out")
    with pytest.raises(UsageError, match="在处理过程中移走了"):
        run(inbox, tmp_path / "out", Settings(policy, fresh=True), Steps(3, lambda: shutil.rmtree(inbox)))
    assert contents(tmp_path / "out").items() >= before.items()


def test_what_is_filled_in_for_rechecking_meanwhile_is_not_lost(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    run(inbox, tmp_path / "out", Settings(policy))
    form = tmp_path / "out" / "抽查表.xlsx"

    def fill_in() -> None:
        book = openpyxl.load_workbook(form)
        book.active["A1"] = "填了一半"
        book.save(form)

    with pytest.raises(OutputError, match=r"抽查表\.xlsx 在处理过程中被改动，结果没有替换"):
        run(inbox, tmp_path / "out", Settings(policy), Steps(6, fill_in))
    assert openpyxl.load_workbook(form).active["A1"].value == "填了一半"


def _dawdling(files: list[Source], book: Policy) -> District:
    """Reads as usual, but computes for ever at one of the files."""
    while any(workbook == "乙局.xlsx" for workbook, _ in files):
        pass
    return read(files, book)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no clock for the time of computing")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_takes_for_ever_is_named_and_the_run_goes_on(
    inbox: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(chunk, "SECONDS", 0.5)
    monkeypatch.setattr(chunk, "SECONDS_PER_FILE", 0.1)
    monkeypatch.setattr(chunk, "read", _dawdling)
    monkeypatch.setattr(pool, "_context", lambda: multiprocessing.get_context("fork"))  # with what is patched
    finished = run(inbox, tmp_path / "out", Settings(policy, jobs=jobs))
    assert finished.exit_code == 3
    assert told(finished, "乙局.xlsx") == [
        "F12 文件“乙局.xlsx”内容过多，在限定的时间和内存内读不完，未读取。请用模板重新填报。"
    ]
    assert sorted(name for name in finished.files if name.startswith("退回/")) == ["退回/丙局.xlsx", "退回/甲局.xlsx"]


def _die_of_one(order: Order) -> list[Written]:
    if any(due.department == "乙局" for due in order.dues):
        os.kill(os.getpid(), 9)
    return department.write_files(order)


def test_a_worker_that_dies_while_it_writes_costs_only_the_workbook_it_was_at(
    inbox: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = pool.Work(_die_of_one, department.halves, department.give_up)
    each = running._each

    def dying(items: list[Order], settings: Settings, usual: pool.Work[Order, list[Written]]) -> object:
        return each(items, settings, work if items and isinstance(items[0], Order) else usual)

    monkeypatch.setattr(running, "_each", dying)
    finished = run(inbox, tmp_path / "out", Settings(policy, jobs=2))
    assert finished.exit_code == 5
    assert finished.outcome.failed == {"乙局.xlsx": "的结果没有写成，程序在写它时中止"}
    assert sorted(name for name in finished.files if name.startswith("结果/")) == ["结果/丙局.xlsx", "结果/甲局.xlsx"]
    assert all((tmp_path / "out" / name).is_file() for name in finished.files)
