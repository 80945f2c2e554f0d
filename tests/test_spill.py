"""The large tables of a run on disk: they come back in the order of the workbooks, whatever chunk they were done in."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from conftest import fill

from evalxl.district.tables import LARGE, concat, lean
from evalxl.facts.grade import grade
from evalxl.intake.read import read
from evalxl.policy.policy import Policy
from evalxl.run import batch, merge
from evalxl.store.earlier import address, load
from evalxl.store.spill import Part, Spilled, spill
from evalxl.values.errors import UsageError

ROWS = 4 * 5  # indicators of four workbooks


@pytest.fixture
def inbox(tmp_path: Path, policy: Policy) -> Path:
    (tmp_path / "inbox").mkdir()
    for number in range(4):
        fill(tmp_path / "inbox" / f"{number}.xlsx", {"指标!D6": f"第{number}项"}, policy)
    return tmp_path / "inbox"


def test_rows_come_back_by_workbook_and_as_they_were(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    sources = batch.inventory(inbox)
    chunks = [read(sources[start::2], policy) for start in (1, 0)]  # as after a run of which some workbooks were kept
    spilled = Spilled([spill(tmp_path / str(at), d, grade(d, policy)) for at, d in enumerate(chunks)])
    table = concat(chunks).indicators
    columns = [column for column in table.columns if column != "workbook"]
    back = [tuple(None if each != each else each for each in row) for row in spilled.rows("indicators", *columns)]
    assert back == [tuple(None if each != each else each for each in row) for row in table.values.tolist()]
    assert len(back) == ROWS


def test_in_a_merged_run_paths_begin_with_the_district(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    d = read(batch.inventory(inbox), policy)
    path, workbooks, _ = spill(tmp_path, d, grade(d, policy))
    rows = Spilled([Part(path, workbooks, "乙/"), Part(path, workbooks, "甲/")]).rows("indicators", "level3")
    found = [workbook for workbook, _ in rows]
    assert len(found) == 2 * ROWS
    assert found == sorted(found)
    assert set(found) == {f"{name}/{book}" for book in workbooks for name in "甲乙"}


def test_a_run_keeps_them_out_of_memory_and_leaves_nothing_behind(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    done = batch.run(inbox, tmp_path / "out", policy)
    assert all(list(done.outcome.district.tables[name].columns) == ["workbook"] for name in LARGE)
    assert len(done.outcome.district.indicators) == len(load(tmp_path / "out").district.indicators) == ROWS
    assert not list(tmp_path.glob("out/**/*parts*"))
    merged = merge.merge([tmp_path / "out"], tmp_path / "whole", policy)
    assert len(load(tmp_path / "whole").district.indicators) == len(merged.outcome.district.indicators)


def test_no_column_of_theirs_is_there_to_be_read_in_silence(inbox: Path, policy: Policy) -> None:
    with pytest.raises(KeyError):
        lean(read(batch.inventory(inbox), policy)).indicators["key"]


@pytest.mark.parametrize("column", ["level3", "weight"])
def test_an_outbox_without_a_column_is_not_merged(inbox: Path, tmp_path: Path, policy: Policy, column: str) -> None:
    batch.run(inbox, tmp_path / "out", policy)
    with contextlib.closing(sqlite3.connect(tmp_path / "out" / "evalxl.sqlite")) as database:
        database.execute(f'ALTER TABLE indicators DROP COLUMN "{column}"')
    with pytest.raises(UsageError, match="不同版本"):
        merge.merge([tmp_path / "out"], tmp_path / "whole", policy)


def test_the_address_of_a_database_names_no_server() -> None:
    assert address(PurePosixPath("/甲 乙/a?.sqlite")) == "file:///%E7%94%B2%20%E4%B9%99/a%3F.sqlite"
    assert address(PureWindowsPath(r"C:\甲\a.sqlite")) == "file:///C:/%E7%94%B2/a.sqlite"
    assert address(PureWindowsPath(r"\\server\share\a.sqlite")) == "file:////server/share/a.sqlite"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has folders whose names are not in UTF-8")
def test_a_folder_may_have_a_name_that_is_not_utf8(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Unpacked from a zip made on a Chinese Windows, a folder's name is in GBK."""
    folder = tmp_path / os.fsdecode("结果".encode("gbk"))
    batch.run(inbox, folder, policy)
    assert len(load(folder).district.indicators) == ROWS
    assert merge.merge([folder], tmp_path / "whole", policy).files
