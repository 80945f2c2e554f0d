"""The rulebook held to tests/rulebook: an edit and the complete list of findings, and what must stay silent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import BLANK, GOOD, HERE, RULEBOOK, Findings, brief, fill

from evalxl.batch import check_files
from evalxl.check import check
from evalxl.district import District
from evalxl.policy import Policy
from evalxl.rules import RULES, Scope
from evalxl.rules.rule import NOT_CHECKABLE


def _cases(kind: str) -> list[Any]:
    return [
        pytest.param(case, id=f"{rule}-{number}")
        for rule, cases in RULEBOOK.items()
        for number, case in enumerate(cases.get(kind, []), 1)
    ]


def test_the_good_workbook_is_silent(findings_after: Findings) -> None:
    assert brief(findings_after({})) == []


@pytest.mark.parametrize("case", _cases("breakage"))
def test_a_breakage_gives_exactly_these_findings(case: dict[str, Any], findings_after: Findings) -> None:
    assert brief(findings_after(case["edit"])) == case["expect"], case["mistake"]


@pytest.mark.parametrize("case", _cases("innocent"))
def test_what_looks_guilty_and_is_not_stays_silent(case: dict[str, Any], findings_after: Findings) -> None:
    assert brief(findings_after(case["edit"])) == case.get("expect", []), case["looks"]


# Meta-tests: the rulebook itself.

# Rules that no edit of one workbook can break; where they are tested instead.
_ELSEWHERE = {
    "F01": "test_read.py", "F06": "test_batch.py", "F07": "test_batch.py", "F09": "test_read.py", "F10": "test_read.py",
    "F12": "test_probe.py", "G07": "test_policy.py", "P10": "test_district.py", "D02": "test_district.py",
    "D03": "test_district.py", "D06": "test_district.py", "D07": "test_district.py",
    "D01": "test_bureau.py", "D05": "test_bureau.py", "D08": "test_bureau.py", "D09": "test_review.py",
    "X01": "test_years.py", "X02": "test_years.py", "X03": "test_years.py",
    "N04": "test_narrative.py", "N06": "test_narrative.py", "P17": "test_narrative.py",
}  # fmt: skip


def test_every_rule_has_a_breakage() -> None:
    broken = {rule for rule, cases in RULEBOOK.items() if cases.get("breakage")}
    assert broken | set(_ELSEWHERE) == set(RULES)
    for identifier, file in _ELSEWHERE.items():
        assert identifier in (HERE / file).read_text(encoding="utf-8")


def test_every_rule_has_an_innocent_case() -> None:
    innocent = {rule for rule, cases in RULEBOOK.items() if cases.get("innocent")}
    assert innocent | set(_ELSEWHERE) == set(RULES)


@pytest.mark.parametrize("rule", sorted(RULEBOOK))
def test_breakages_of_a_rule_name_it(rule: str) -> None:
    for case in RULEBOOK[rule].get("breakage", []):
        assert any(found.startswith(rule) for found in case["expect"]), case["mistake"]


@pytest.mark.parametrize("identifier", sorted(RULES))
def test_every_rule_has_a_whole_page(identifier: str) -> None:
    page = RULES[identifier].page
    assert list(page) == ["要求", "理由", "依据", "举例", "处理"]
    assert all(text.endswith(("。", "）")) for text in page.values()), page


def test_every_id_of_the_list_is_checked_or_declared_not_to_be() -> None:
    families = {"F": 12, "U": 7, "B": 20, "P": 19, "I": 22, "S": 6, "G": 7, "R": 7, "N": 10, "X": 3, "D": 9}  # D09 is our own: the waivers
    listed = {f"{family}{number:02}" for family, count in families.items() for number in range(1, count + 1)}
    assert set(RULES) | set(NOT_CHECKABLE) == listed
    assert not set(RULES) & set(NOT_CHECKABLE)


def test_ids_are_those_of_the_field() -> None:
    assert all(re.fullmatch(r"[FUBPISGRNXD]\d\d", identifier) for identifier in RULES)


def test_every_rule_holds_on_an_empty_district(policy: Policy) -> None:
    for scope in Scope:
        checked = check(District(), policy, scope)
        assert checked.findings == []
        assert all(each.failed == 0 for each in checked.coverage)


def test_a_rule_can_be_made_milder_or_switched_off(tmp_path: Path, policy: Policy) -> None:
    path = fill(tmp_path / "w.xlsx", {"预算!D22": 930.45})
    sources = [("w.xlsx", path)]
    milder = policy.model_copy(update={"severity": {"B01": "info"}})
    assert brief(check_files(sources, milder).findings) == ["B01 预算!D22 提示"]
    silent = policy.model_copy(update={"severity": {"B01": "off"}})
    assert brief(check_files(sources, silent).findings) == []


def test_a_finding_keeps_its_id_when_rows_move_and_words_change(tmp_path: Path, policy: Policy) -> None:
    first = fill(tmp_path / "a.xlsx", {"项目!J7": "优秀"})
    swap = {f"项目!{column}7": GOOD.get(f"项目!{column}6", BLANK) for column in "BCDEFGIJKL"}
    swap |= {f"项目!{column}6": GOOD.get(f"项目!{column}7", BLANK) for column in "BCDEFGIKL"} | {"项目!J6": "优秀"}
    second = fill(tmp_path / "b.xlsx", swap)
    found = [check_files([("w.xlsx", path)], policy).findings for path in (first, second)]
    assert [finding.cell for findings in found for finding in findings] == ["J7", "J6"]
    assert found[0][0].id == found[1][0].id
