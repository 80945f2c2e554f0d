"""The rows of a large sheet of the summary, drawn by other processes: the same bytes as of one."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import fill
from openpyxl import load_workbook

from evalxl.outputs.summary import indicators, sheet
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.sheets import table
from evalxl.store.files import SUMMARY


@pytest.fixture
def everything_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sheet, indicators):
        monkeypatch.setattr(module, "HELD", 0)
    monkeypatch.setattr(sheet, "MANY", 0)
    monkeypatch.setattr(indicators, "_AT_ONCE", 12)


@pytest.mark.usefixtures("everything_is_many")
@pytest.mark.parametrize("most", [1_000, 20])
def test_rows_that_others_draw_are_the_same(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for module in (table, indicators):
        monkeypatch.setattr(module, "MOST_ROWS", most)
    long = {"指标!G6": "很长的原因" * 40}
    (tmp_path / "in").mkdir()
    for number in range(5):
        own = {"基本信息!B5": f"示范区第{number}局", "单位!B5": f"示范区第{number}局（本级）"}
        fill(tmp_path / "in" / f"{number}.xlsx", own | (long if number == 3 else {}))
    fill(tmp_path / "in" / "4（改）.xlsx", {"基本信息!B5": "示范区第4局", "单位!B5": "示范区第4局（本级）"})
    (tmp_path / "in" / "x.xlsx").write_bytes(b"x")
    for jobs in (1, 2):
        batch.run(tmp_path / "in", tmp_path / f"{jobs}", Settings(policy, jobs=jobs))
    one, other = ((tmp_path / f"{jobs}" / SUMMARY).read_bytes() for jobs in (1, 2))
    assert one == other
    rows = load_workbook(tmp_path / "2" / SUMMARY)["指标汇总"].iter_rows(min_row=4, max_col=2, values_only=True)
    numbers = [number for number, department in rows if isinstance(number, int)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 12
