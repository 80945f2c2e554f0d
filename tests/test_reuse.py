"""A run into an outbox that an earlier run has filled: what has not changed is not done again, and no byte differs."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import fill

from evalxl.bureau.review import Round
from evalxl.bureau.roster import read_roster
from evalxl.bureau.waivers import Waiver, Waivers
from evalxl.district.tables import Bureau, District
from evalxl.intake import read as reading
from evalxl.intake.inbox import Source
from evalxl.policy import policy as policies
from evalxl.policy.policy import Policy
from evalxl.rules import engine
from evalxl.run import chunk, hashes
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.store.findings import pack, unpack
from evalxl.store.schema import Damaged

SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"
READABLE = 9  # of the samples; none of them shares a name with another, or has a finding of the whole district


def contents(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An outbox as a first run over the samples leaves it."""
    outbox = tmp_path_factory.mktemp("before") / "out"
    assert batch.run(SAMPLES, outbox, Settings(policies.load())).reused == 0
    return outbox


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLES, tmp_path / "inbox"))


@pytest.fixture
def outbox(before: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(before, tmp_path / "out"))


def same_as_fresh(inbox: Path, outbox: Path, policy: Policy, **more: Any) -> int:
    """Run into a used outbox, taking over and doing all anew; the bytes are the same, and so many workbooks were reused.

    What is drawn for rechecking is that of the used outbox both times.
    """
    fresh = outbox.parent / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    if outbox.exists():
        shutil.copytree(outbox, fresh)
    finished = batch.run(inbox, outbox, Settings(policy, **more))
    assert batch.run(inbox, fresh, Settings(policy, fresh=True, **more)).reused == 0
    assert contents(outbox) == contents(fresh)
    return finished.reused


def test_what_has_not_changed_is_not_read_again(
    inbox: Path, outbox: Path, before: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "CHUNK", 4)
    read: list[str] = []

    def listed(files: list[Source], book: Policy) -> District:
        read.extend(workbook for workbook, _ in files)
        return reading.read(files, book)

    monkeypatch.setattr(chunk, "read", listed)
    assert batch.run(inbox, outbox, Settings(policy)).reused == READABLE
    assert read == ["~$鹿泉区审计局.xlsx", "鹿泉区交通运输局.xlsx"]
    assert contents(outbox) == contents(before)


def test_rules_are_asked_again_only_of_what_has_changed(
    inbox: Path, outbox: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def listed(d: District, book: Policy) -> engine.Checked:
        asked.extend(d.workbooks["workbook"])
        return engine.check(d, book)

    monkeypatch.setattr(chunk, "check", listed)
    changed(inbox)
    batch.run(inbox, outbox, Settings(policy))
    assert asked == ["~$鹿泉区审计局.xlsx", "鹿泉区交通运输局.xlsx", "鹿泉区政协.xlsx"]
    asked.clear()
    roster = read_roster(SAMPLES.parent / "名册.csv")  # it tells departments by their former names, too
    batch.run(inbox, outbox, Settings(policy, bureau=Bureau(roster=roster)))
    assert len(asked) == READABLE + 2


def test_what_the_rules_said_comes_back_as_it_was(policy: Policy) -> None:
    path = SAMPLES / "鹿泉区政协.xlsx"
    checked = batch.check_files([(path.name, path)], Settings(policy))
    packed = pack(path.name, checked.findings, "pfnu")
    assert checked.findings
    assert unpack(path.name, packed) == (checked.findings, "pfnu")
    others = [[path.name, "pfnu", ["x"]], [path.name, 1], [[], "p"], [], 1]
    wrong_ones = [json.dumps(each) for each in others] + ["{", "[", "[" * 9_000]
    packages = [
        b"",
        packed[:-1],
        packed[:40] + b"\0" + packed[41:],
        *(zlib.compress(each.encode()) for each in wrong_ones),
    ]
    for wrong in packages:
        with pytest.raises(Damaged):
            unpack(path.name, wrong)
    with pytest.raises(Damaged):
        unpack("another.xlsx", packed)
    odd = pack(path.name, [replace(checked.findings[0], sheet="预\u200e算")], "pfnu")
    with pytest.raises(Damaged):
        unpack(path.name, odd)


def test_fresh_does_everything_again(inbox: Path, outbox: Path, before: Path, policy: Policy) -> None:
    assert batch.run(inbox, outbox, Settings(policy, fresh=True)).reused == 0
    assert contents(outbox) == contents(before)


def changed(inbox: Path) -> None:
    fill(inbox / "鹿泉区政协.xlsx", {"基本信息!B5": "鹿泉区政协"})


def added(inbox: Path) -> None:
    fill(inbox / "示范区文化局.xlsx", {})


def removed(inbox: Path) -> None:
    (inbox / "鹿泉区政协.xlsx").unlink()


def renamed(inbox: Path) -> None:
    (inbox / "鹿泉区政协.xlsx").rename(inbox / "政协2022年度.xlsx")


def doubled(inbox: Path) -> None:
    shutil.copy(inbox / "鹿泉区政协.xlsx", inbox / "再报.xlsx")


def exchanged(inbox: Path) -> None:
    shutil.copy(inbox / "鹿泉区审计局.xlsx", inbox / "x")
    (inbox / "鹿泉区政协.xlsx").rename(inbox / "鹿泉区审计局.xlsx")
    (inbox / "x").rename(inbox / "鹿泉区政协.xlsx")


@pytest.mark.parametrize(
    ("edit", "reused"),
    [(changed, 8), (added, 9), (removed, 8), (renamed, 8), (doubled, 8), (exchanged, 7)],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_only_what_has_changed_is_done_again(
    inbox: Path, outbox: Path, policy: Policy, edit: Callable[[Path], None], reused: int
) -> None:
    edit(inbox)
    assert same_as_fresh(inbox, outbox, policy) == reused


def test_what_another_department_no_longer_touches_is_written_without_it(
    inbox: Path, outbox: Path, before: Path, policy: Policy
) -> None:
    doubled(inbox)
    batch.run(inbox, outbox, Settings(policy))
    (inbox / "再报.xlsx").unlink()
    assert batch.run(inbox, outbox, Settings(policy)).reused == READABLE - 1
    assert contents(outbox) == contents(before)


def test_another_policy_reuses_nothing_and_a_waiver_or_a_round_what_it_does_not_touch(
    inbox: Path, outbox: Path, before: Path, tmp_path: Path, policy: Policy
) -> None:
    stricter = tmp_path / "policy.toml"
    stricter.write_text("[thresholds.reviewers]\nvalue = 9\n", encoding="utf-8")
    assert same_as_fresh(inbox, outbox, policies.load(stricter)) == 0
    waived = Round(waivers=Waivers((Waiver(2, "R01", "鹿泉区政协", "", "已说明", "局长", ""),)))
    assert same_as_fresh(inbox, outbox, policy, round=waived) == 0  # the last run was with the stricter policy
    assert same_as_fresh(inbox, outbox, policy, round=waived) == READABLE
    assert same_as_fresh(inbox, outbox, policy) == READABLE  # it touches none of their findings
    second = Round(before, 2023)
    unblemished = 2  # of them there is nothing to say that it was found again
    assert same_as_fresh(inbox, outbox, policy, round=second, previous=(before,)) == unblemished
    assert same_as_fresh(inbox, outbox, policy, round=second, previous=(before,)) == READABLE


def test_another_program_reuses_nothing(
    inbox: Path, outbox: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashes, "_program", lambda: "another")
    assert batch.run(inbox, outbox, Settings(policy)).reused == 0


def test_a_result_that_somebody_changed_or_took_away_is_made_again(
    inbox: Path, outbox: Path, before: Path, policy: Policy
) -> None:
    with (outbox / "结果" / "鹿泉区政协.xlsx").open("ab") as file:
        file.write(b"x")
    (outbox / "结果" / "鹿泉区审计局.xlsx").unlink()
    assert batch.run(inbox, outbox, Settings(policy)).reused == READABLE - 2
    assert contents(outbox) == contents(before)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE budget SET final_fen = final_fen + 1 WHERE workbook = '鹿泉区政协.xlsx' AND key = 'basic'",
        "DELETE FROM units WHERE workbook = '鹿泉区政协.xlsx'",
        "UPDATE places SET title = 'x' WHERE workbook = '鹿泉区政协.xlsx' AND sheet = 'budget'",
        "UPDATE made SET answers = x'00' WHERE workbook = '鹿泉区政协.xlsx'",
        "UPDATE made SET answers = 'text' WHERE workbook = '鹿泉区政协.xlsx'",
        "UPDATE made SET answers = substr(answers, 1, length(answers) - 1) WHERE workbook = '鹿泉区政协.xlsx'",
        "UPDATE made SET answers = (SELECT answers FROM made WHERE workbook = '鹿泉区审计局.xlsx')",
    ],
)
def test_tables_that_somebody_changed_are_read_again(
    inbox: Path, outbox: Path, before: Path, policy: Policy, statement: str
) -> None:
    connection = sqlite3.connect(outbox / "evalxl.sqlite")
    with connection:
        connection.execute(statement)
    connection.close()
    assert (
        batch.run(inbox, outbox, Settings(policy)).reused == READABLE
    )  # the files hold: they are made of what is read
    assert contents(outbox) == contents(before)


@pytest.mark.parametrize("content", [b"", b"not a database", None])
def test_a_database_that_is_none_reuses_nothing(
    inbox: Path, outbox: Path, before: Path, policy: Policy, content: bytes | None
) -> None:
    (outbox / "evalxl.sqlite").unlink()
    if content is not None:
        (outbox / "evalxl.sqlite").write_bytes(content)
    assert batch.run(inbox, outbox, Settings(policy)).reused == 0
    assert contents(outbox) == contents(before)


def test_reports_are_reused_with_what_they_leave_blank(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    pytest.importorskip("docx", reason="python-docx, the extra evalxl[word], is not installed")
    assert same_as_fresh(inbox, tmp_path / "out", policy, report=True) == 0
    assert same_as_fresh(inbox, tmp_path / "out", policy, report=True, jobs=2) == READABLE
    assert json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))["blanks"]
    assert same_as_fresh(inbox, tmp_path / "out", policy) == 0
    assert not (tmp_path / "out" / "报告").exists()


def test_a_disk_without_second_names_gets_copies(
    inbox: Path, outbox: Path, before: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "not here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert batch.run(inbox, outbox, Settings(policy)).reused == READABLE
    assert contents(outbox) == contents(before)
