"""The large tables of a run on disk: they come back in the order of the workbooks, whatever chunk they were done in."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pandas as pd
import pytest
from conftest import fill

from evalxl.district.tables import LARGE, District, concat, lean
from evalxl.facts.grade import grade
from evalxl.intake.inbox import inventory
from evalxl.intake.read import read
from evalxl.policy.policy import Policy
from evalxl.run import merge
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.store import schema
from evalxl.store.earlier import load
from evalxl.store.opening import address
from evalxl.store.parts import Part, Parts, read_part, write_part
from evalxl.values.errors import UsageError

ROWS = 4 * 5  # indicators of four workbooks


@pytest.fixture
def inbox(tmp_path: Path, policy: Policy) -> Path:
    (tmp_path / "inbox").mkdir()
    for number in range(4):
        fill(tmp_path / "inbox" / f"{number}.xlsx", {"指标!D6": f"第{number}项"}, policy)
    return tmp_path / "inbox"


def write(stage: Path, d: District, policy: Policy) -> Part:
    return write_part(stage, d, grade(d, policy).lines, [(book, "", "", b"") for book in d.workbooks["workbook"]])


def test_rows_come_back_by_workbook_and_as_they_were(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    sources = inventory(inbox)
    chunks = [read(sources[start::2], policy) for start in (1, 0)]  # as after a run of which some workbooks were kept
    parts = Parts([write(tmp_path / str(at), d, policy) for at, d in enumerate(chunks)])
    table = concat(chunks).indicators
    columns = [column for column in table.columns if column != "workbook"]
    back = [[None if each != each else each for each in row] for row in parts.rows(schema.LONG["indicators"], *columns)]
    assert back == [[None if each != each else each for each in row] for row in table.values.tolist()]
    assert len(back) == ROWS


def test_a_part_holds_everything_that_was_read(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    d = read(inventory(inbox), policy)
    part = write(tmp_path, d, policy)
    back, lines = read_part(part, part.workbooks)
    for name, table in d.tables.items():
        pd.testing.assert_frame_equal(back.tables[name], table)
    assert back.places == d.places
    pd.testing.assert_frame_equal(lines, grade(d, policy).lines)
    one, _ = read_part(part, part.workbooks[1:2])
    assert set(one.budget["workbook"]) == set(one.workbooks["workbook"]) == {"1.xlsx"}


def test_in_a_merged_run_paths_begin_with_the_district(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    path, workbooks, *_ = write(tmp_path, read(inventory(inbox), policy), policy)
    rows = Parts([Part(path, workbooks, "乙/"), Part(path, workbooks, "甲/")]).rows(schema.LONG["indicators"], "level3")
    found = [workbook for workbook, _ in rows]
    assert len(found) == 2 * ROWS
    assert found == sorted(found)
    assert set(found) == {f"{name}/{book}" for book in workbooks for name in "甲乙"}


def test_a_run_keeps_them_out_of_memory_and_leaves_nothing_behind(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    done = batch.run(inbox, tmp_path / "out", Settings(policy))
    assert all(list(done.outcome.district.tables[name].columns) == ["workbook"] for name in LARGE)
    assert len(done.outcome.district.indicators) == len(load(tmp_path / "out").district.indicators) == ROWS
    assert not list(tmp_path.glob("out/**/*parts*"))
    merged = merge.merge([tmp_path / "out"], tmp_path / "whole", policy)
    assert len(load(tmp_path / "whole").district.indicators) == len(merged.outcome.district.indicators)


def test_no_column_of_theirs_is_there_to_be_read_in_silence(inbox: Path, policy: Policy) -> None:
    with pytest.raises(KeyError):
        lean(read(inventory(inbox), policy)).indicators["key"]


@pytest.mark.parametrize("column", ["level3", "weight"])
def test_an_outbox_without_a_column_is_not_merged(inbox: Path, tmp_path: Path, policy: Policy, column: str) -> None:
    batch.run(inbox, tmp_path / "out", Settings(policy))
    with contextlib.closing(sqlite3.connect(tmp_path / "out" / "evalxl.sqlite")) as database:
        database.execute(f'ALTER TABLE indicators DROP COLUMN "{column}"')
    (tmp_path / "out" / "run.json").unlink()  # which would tell that the file is another
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
    batch.run(inbox, folder, Settings(policy))
    assert len(load(folder).district.indicators) == ROWS
    assert merge.merge([folder], tmp_path / "whole", policy).files
