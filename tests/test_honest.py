"""Honest departments pass, all of them together: no error and no warning, whatever their situation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from honest import departments

from evalxl.policy.policy import Policy
from evalxl.run.run import run
from evalxl.run.settings import Settings
from evalxl.template import build


@pytest.fixture
def inbox(tmp_path: Path, policy: Policy) -> Path:
    folder = tmp_path / "收件夹"
    folder.mkdir()
    for each in departments():
        build(folder / f"{each.name}.xlsx", policy, None, each.cells)
    return folder


def test_twelve_honest_departments_pass_without_a_warning(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    outbox = tmp_path / "结果"
    run(inbox, outbox, Settings(policy, jobs=1))
    found = json.loads((outbox / "findings.json").read_text(encoding="utf-8"))
    assert [
        f"{each['workbook']} {each['severity']} {each['rule']}: {each['message']}"
        for each in found["findings"]
        if each["severity"] != "info"
    ] == []
    assert {each["status"] for each in found["workbooks"]} == {"accepted"}
    assert len(found["workbooks"]) == 12
