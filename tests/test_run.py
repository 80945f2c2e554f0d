"""The batch run: the same bytes whatever the way, no department lost, the inbox untouched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from conftest import fill

from evalxl.intake.inbox import inventory
from evalxl.intake.read import read
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.chunk import Chunk, Judged, read_and_check
from evalxl.run.settings import Settings
from evalxl.store.files import OutputError, file_names, replacing, safe_name
from evalxl.values.errors import RuleBug, UsageError

SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"


def _bytes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLES, tmp_path / "inbox"))


def test_a_run_leaves_what_the_contract_says(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    before = _bytes(inbox)
    finished = batch.run(inbox, tmp_path / "out", Settings(policy))
    assert finished.exit_code == 3
    names = {path.stem for path in SAMPLES.glob("鹿*.xlsx")} - {"鹿泉区交通运输局"}
    back = {"政协", "文化和旅游局", "司法局", "水利局", "教育局", "农业农村局"}
    assert set(_bytes(tmp_path / "out")) == {
        "汇总表.xlsx",
        "待办.xlsx",
        "抽查表.xlsx",
        "findings.json",
        "findings.csv",
        "run.json",
        "evalxl.sqlite",
        *(f"结果/{name}.xlsx" for name in names),
        *(f"退回/鹿泉区{name}.xlsx" for name in back),
    }
    assert sorted(finished.files) == sorted(_bytes(tmp_path / "out"))
    assert _bytes(inbox) == before


def test_the_same_inputs_give_the_same_bytes(
    inbox: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.run(inbox, tmp_path / "a", Settings(policy))
    batch.run(inbox, tmp_path / "a", Settings(policy))
    monkeypatch.setattr(batch, "CHUNK", 3)
    batch.run(inbox, tmp_path / "b", Settings(policy, jobs=2))
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_every_file_is_in_the_spine(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    (inbox / "子目录").mkdir()
    fill(inbox / "子目录" / "示范区文化局.xlsx", {})
    (inbox / "说明.txt").write_text("请查收", encoding="utf-8")
    (inbox / "a[final].xlsx").write_bytes(b"")
    (inbox / "Thumbs.db").write_bytes(b"x")
    os.symlink(inbox / "nowhere.xlsx", inbox / "断链.xlsx")
    batch.run(inbox, tmp_path / "out", Settings(policy))
    content = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    names = {book["workbook"]: book["status"] for book in content["workbooks"]}
    assert names["子目录/示范区文化局.xlsx"] == "accepted"
    assert {name for name, status in names.items() if status == "refused"} == {
        "~$鹿泉区审计局.xlsx", "鹿泉区交通运输局.xlsx", "说明.txt", "a[final].xlsx", "断链.xlsx",
    }  # fmt: skip
    assert len(names) == 15


def test_coverage_counts_every_workbook_once(inbox: Path, policy: Policy) -> None:
    outcome = batch.check_files(inventory(inbox), Settings(policy))
    for each in outcome.coverage:
        counted = each.passed + each.failed + each.not_applicable + each.not_evaluated
        assert counted in (1, len(outcome.district.workbooks)), each.rule
    refused = outcome.district.workbooks["readable"].eq(False).sum()
    by_rule = {each.rule: each for each in outcome.coverage}
    assert by_rule["B01"].not_evaluated == refused
    assert by_rule["F12"].failed == refused


def test_the_same_department_twice_is_found_and_both_results_are_kept(
    inbox: Path, tmp_path: Path, policy: Policy
) -> None:
    fill(inbox / "一.xlsx", {})
    fill(inbox / "二.xlsx", {"基本信息!B5": "示范区 文化局"})
    finished = batch.run(inbox, tmp_path / "out", Settings(policy))
    found = [finding for finding in finished.outcome.findings if finding.rule == "F06"]
    assert [finding.workbook for finding in found] == ["一.xlsx", "二.xlsx"]
    assert "一.xlsx、二.xlsx" in found[0].message
    results = {path.name for path in (tmp_path / "out" / "结果").iterdir()}
    assert {"示范区文化局.xlsx", "示范区 文化局.xlsx"} <= results


def test_results_of_departments_with_the_same_file_name_do_not_overwrite_each_other(
    tmp_path: Path, policy: Policy
) -> None:
    (tmp_path / "inbox").mkdir()
    fill(tmp_path / "inbox" / "一.xlsx", {"基本信息!B5": "文化/旅游"})
    fill(tmp_path / "inbox" / "二.xlsx", {"基本信息!B5": "文化:旅游"})
    batch.run(tmp_path / "inbox", tmp_path / "out", Settings(policy))
    assert {path.name for path in (tmp_path / "out" / "结果").iterdir()} == {"文化_旅游.xlsx", "文化_旅游（2）.xlsx"}


def test_results_of_the_last_run_that_are_no_more_are_removed_and_nothing_else(
    inbox: Path, tmp_path: Path, policy: Policy
) -> None:
    batch.run(inbox, tmp_path / "out", Settings(policy))
    (tmp_path / "out" / "结果" / "领导批示.xlsx").write_bytes(b"x")
    (inbox / "鹿泉区审计局.xlsx").unlink()
    batch.run(inbox, tmp_path / "out", Settings(policy))
    left = {path.stem for path in (tmp_path / "out" / "结果").iterdir()}
    assert "鹿泉区审计局" not in left
    assert {"领导批示", "鹿泉区政协"} <= left


def test_another_year_than_the_batch_is_an_error(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    fill(inbox / "旧.xlsx", {"基本信息!B8": 2022})
    finished = batch.run(inbox, tmp_path / "out", Settings(policy))
    found = [finding for finding in finished.outcome.findings if finding.rule == "F07"]
    assert [(finding.workbook, finding.cell) for finding in found] == [("旧.xlsx", "B8")]
    assert "填的是 2022，本批工作簿的年度是 2023" in found[0].message


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("文化局2022年度.xlsx", True),
        ("文化局2023年度.xlsx", False),
        ("2024年报送文化局2023年度自评.xlsx", False),
        ("文化局2024.xlsx", False),
        ("文化局2021.xlsx", True),
    ],
)
def test_the_year_in_a_file_name(tmp_path: Path, policy: Policy, name: str, found: bool) -> None:
    path = fill(tmp_path / name, {})
    rules = [finding.rule for finding in batch.check_files([(name, path)], Settings(policy)).findings]
    assert rules == (["F07"] if found else [])


def test_a_department_out_of_all_proportion_is_found(inbox: Path, policy: Policy) -> None:
    fill(inbox / "大.xlsx", {"预算!D5": 9e6, "预算!D15": 9e6, "预算!D16": 9e6 - 130})
    findings = batch.check_files(inventory(inbox), Settings(policy)).findings
    found = [finding for finding in findings if finding.rule == "B08"]
    assert [(finding.workbook, finding.cell) for finding in found if "中位数" in finding.message] == [
        ("大.xlsx", "D22")
    ]


def test_a_worker_that_dies_costs_only_its_file(
    inbox: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "read_and_check", _read_or_die)
    monkeypatch.setattr(batch, "CHUNK", 4)
    finished = batch.run(inbox, tmp_path / "out", Settings(policy, jobs=2))
    books = finished.outcome.district.workbooks.set_index("workbook")
    assert not books.loc["鹿泉区水利局.xlsx", "readable"]
    assert len(books) == 11
    assert (tmp_path / "out" / "结果" / "鹿泉区政协.xlsx").exists()
    told = [finding.message for finding in finished.outcome.findings if finding.workbook == "鹿泉区水利局.xlsx"]
    assert told == ["文件“鹿泉区水利局.xlsx”使读取程序中止，可能已损坏或含有恶意内容，未读取。"]


def _read_or_die(chunk: Chunk) -> Judged:
    """Stands in for the chunk function: a reader that dies by a signal, as calamine does on a far cell."""
    if any(name == "鹿泉区水利局.xlsx" for name, _ in chunk.files):
        os.kill(os.getpid(), 9)
    return read_and_check(chunk)


def test_wrong_folders_are_one_sentence(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    with pytest.raises(UsageError, match="没有收件夹"):
        batch.run(tmp_path / "no", tmp_path / "out", Settings(policy))
    with pytest.raises(UsageError, match="不能在收件夹"):
        batch.run(inbox, inbox / "out", Settings(policy))


def test_a_rule_that_fails_is_a_bug_with_a_name(
    inbox: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from evalxl.rules import RULES

    def fails(*_: object) -> pd.DataFrame:
        raise KeyError("x")

    monkeypatch.setitem(RULES, "P04", replace(RULES["P04"], breaks=fails))
    with pytest.raises(RuleBug, match="P04"):
        batch.run(inbox, tmp_path / "out", Settings(policy))


def test_what_cannot_be_written_is_one_sentence_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "汇总表.xlsx"
    path.write_text("old", encoding="utf-8")

    def write() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="写不了"):
        write()
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("鹿泉区政协", "鹿泉区政协"),
        ("../../x", "_.._x"),
        ("a/b\\c:d*e?f", "a_b_c_d_e_f"),
        ("CON", "_CON"),
        ("~$a", "_~$a"),
        (" . ", "未命名"),
        ("=1+1", "=1+1"),
        ("[red]", "[red]"),
    ],
)
def test_a_department_makes_a_safe_file_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_very_long_department_fits_the_file_system_and_stays_its_own() -> None:
    first, second = safe_name("局" * 200), safe_name("局" * 201)
    assert len(first.encode()) <= 180
    assert first != second


def test_shared_names_are_numbered_in_path_order() -> None:
    assert file_names([("a", "X"), ("b", "x"), ("c", "X")]) == {"a": "X", "b": "x（2）", "c": "X（3）"}


def test_the_database_holds_the_tables(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    finished = batch.run(inbox, tmp_path / "out", Settings(policy))
    with sqlite3.connect(tmp_path / "out" / "evalxl.sqlite") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        beside = {"places", "grades", "grade_lines", "findings", "history", "coverage", "run", "made", "written"}
        assert tables == {*finished.outcome.district.tables, *beside}
        total = database.execute("SELECT final_fen FROM budget WHERE workbook='鹿泉区政协.xlsx' AND key='basic'")
        assert total.fetchone() == (753_830_000,)
        assert database.execute("SELECT count(*) FROM findings").fetchone() == (len(finished.outcome.findings),)
    database.close()


def test_an_empty_inbox_is_a_mistake(tmp_path: Path, policy: Policy) -> None:
    (tmp_path / "inbox").mkdir()
    with pytest.raises(UsageError, match="里没有文件"):
        batch.run(tmp_path / "inbox", tmp_path / "out", Settings(policy))
    assert not (tmp_path / "out").exists()


def test_reading_nothing_gives_an_empty_district(policy: Policy) -> None:
    assert all(table.empty for table in read([], policy).tables.values())


def test_numbered_names_never_meet_real_ones(tmp_path: Path, policy: Policy) -> None:
    (tmp_path / "inbox").mkdir()
    for name, department in (("1", "文/旅"), ("2", "文:旅"), ("3", "文_旅（2）")):
        fill(tmp_path / "inbox" / f"{name}.xlsx", {"基本信息!B5": department})
    finished = batch.run(tmp_path / "inbox", tmp_path / "out", Settings(policy))
    written = set(_bytes(tmp_path / "out"))
    assert written == set(finished.files)
    assert {"结果/文_旅.xlsx", "结果/文_旅（2）.xlsx", "结果/文_旅（2）（2）.xlsx"} <= written


def test_names_of_any_encoding_and_composition_are_read(tmp_path: Path, policy: Policy) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    good = fill(tmp_path / "good.xlsx", {})
    for name in (
        "审计局.xlsx".encode("gb18030"),
        "cafe\u0301.xlsx".encode(),
        "caf\u00e9.xlsx".encode(),
        b"a\x1b[31mb.xlsx",
    ):
        shutil.copy(good, inbox / os.fsdecode(name))
    finished = batch.run(inbox, tmp_path / "out", Settings(policy))
    names = finished.outcome.district.workbooks["workbook"].to_list()
    assert sorted(names) == ["a[31mb.xlsx", "café.xlsx", "café.xlsx（2）", "审计局.xlsx"]


def test_a_result_folder_is_no_inbox(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    batch.run(inbox, tmp_path / "out", Settings(policy))
    before = _bytes(tmp_path / "out")
    with pytest.raises(UsageError, match="结果文件夹"):
        batch.run(tmp_path / "out" / "结果", tmp_path / "out", Settings(policy))
    (tmp_path / "out" / "未完成").mkdir()  # what an interrupted run leaves is cleared by the next
    with pytest.raises(UsageError, match="结果文件夹"):
        batch.run(tmp_path / "out" / "未完成", tmp_path / "out", Settings(policy))
    assert _bytes(tmp_path / "out") == before


def test_a_forged_record_removes_nothing_elsewhere(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "victim.txt").write_text("x", encoding="utf-8")
    (tmp_path / "out" / "run.json").write_text('{"files": ["结果/../../victim.txt", "/etc/passwd"]}', encoding="utf-8")
    batch.run(inbox, tmp_path / "out", Settings(policy))
    assert (tmp_path / "victim.txt").exists()


@pytest.mark.parametrize(
    ("count", "jobs", "size"), [(40, None, 50), (200, 2, 50), (60, 2, 15), (200, 16, 15), (17_000, 16, 50), (9, 1, 50)]
)
def test_chunks_are_small_enough_that_every_worker_has_one(
    policy: Policy, count: int, jobs: int | None, size: int
) -> None:
    assert batch._chunk_size(count, Settings(policy, jobs=jobs)) == size
