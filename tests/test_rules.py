"""The rulebook held to its table of breakages: an edit, and the complete list of findings; and what must stay silent."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from conftest import HERE, Findings, brief


def _table(name: str) -> list[Any]:
    cases = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    return [
        pytest.param(case, id=f"{rule}-{number}") for rule, group in cases.items() for number, case in enumerate(group, 1)
    ]


def test_the_good_workbook_is_silent(findings_after: Findings) -> None:
    assert brief(findings_after({})) == []


@pytest.mark.parametrize("case", _table("breakages.toml"))
def test_a_breakage_gives_exactly_these_findings(case: dict[str, Any], findings_after: Findings) -> None:
    assert brief(findings_after(case["edit"])) == case["expect"], case["mistake"]


@pytest.mark.parametrize("case", _table("innocent.toml"))
def test_what_looks_guilty_and_is_not_stays_silent(case: dict[str, Any], findings_after: Findings) -> None:
    assert brief(findings_after(case["edit"])) == case.get("expect", []), case["looks"]
