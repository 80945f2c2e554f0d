"""The rulebook held to tests/rulebook: an edit and the complete list of findings, and what must stay silent."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import words
from addresses import finding_by_header
from conftest import BLANK, EDGES, GOOD, HERE, RULEBOOK, Findings, brief, fill

from evalxl.district.tables import RECHECK_COLUMNS, Bureau, District, frame
from evalxl.policy.policy import Policy
from evalxl.rules import RULES, Scope
from evalxl.rules.engine import check
from evalxl.rules.rule import NOT_CHECKABLE
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.template import build


def _cases(kind: str) -> list[Any]:
    return [
        pytest.param(rule, case, id=f"{rule}-{number}")
        for rule, cases in RULEBOOK.items()
        for number, case in enumerate(cases.get(kind, []), 1)
    ]


def _name(rule: str, case: dict[str, Any]) -> str:
    return f"{rule} {case.get('mistake') or case.get('looks') or case['edge']}"


def test_the_good_workbook_is_silent(findings_after: Findings) -> None:
    assert brief(findings_after({})) == []


@pytest.mark.parametrize(("rule", "case"), _cases("breakage"))
def test_a_breakage_gives_exactly_these_findings(
    rule: str, case: dict[str, Any], findings_after: Findings, *, accept: bool
) -> None:
    found = findings_after(case["edit"])
    assert [finding_by_header(each) for each in brief(found)] == case["expect"], case["mistake"]
    words.hold(_name(rule, case), found, accept=accept)


@pytest.mark.parametrize(("rule", "case"), _cases("innocent"))
def test_what_looks_guilty_and_is_not_stays_silent(
    rule: str, case: dict[str, Any], findings_after: Findings, *, accept: bool
) -> None:
    found = findings_after(case["edit"])
    assert [finding_by_header(each) for each in brief(found)] == case.get("expect", []), case["looks"]
    words.hold(_name(rule, case), found, accept=accept)


# Meta-tests: the rulebook itself.


@pytest.mark.parametrize(
    ("rule", "case"),
    [pytest.param(rule, case, id=f"{rule}-{n}") for rule, cases in EDGES.items() for n, case in enumerate(cases, 1)],
)
def test_just_below_at_and_just_above_a_boundary(
    rule: str, case: dict[str, Any], findings_after: Findings, *, accept: bool
) -> None:
    found = findings_after(case["edit"])
    assert [finding_by_header(each) for each in brief(found)] == case["expect"], case["edge"]
    words.hold(_name(rule, case), found, accept=accept)


def test_words_are_kept_of_the_cases_alone_and_no_two_are_called_the_same() -> None:
    told = [(rule, case) for rule, kinds in RULEBOOK.items() for cases in kinds.values() for case in cases]
    told += [(rule, case) for rule, cases in EDGES.items() for case in cases]
    names = [_name(*each) for each in told]
    assert sorted(names) == sorted(set(names))
    found = {name for path in words.FOLDER.glob("*.txt") for name in words.kept(path.stem)}
    assert found <= set(names)


# Rules that no edit of one workbook can break; where they are tested instead.
_ELSEWHERE = {
    "F01": "test_read.py", "F06": "test_run.py", "F07": "test_run.py", "F09": "test_read.py", "F10": "test_read.py",
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
    assert list(page) == ["要求", "理由", "依据", "举例", "处理", "局限"]
    assert all(text.endswith(("。", "）")) for text in page.values()), page
    assert "规则表" not in page["依据"]  # what nobody can look up is called 本程序的取值


def test_no_rule_has_an_id_that_is_declared_not_to_be_checked() -> None:
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
    assert brief(check_files(sources, Settings(milder)).findings) == ["B01 预算!D22 提示"]
    silent = policy.model_copy(update={"severity": {"B01": "off"}})
    assert brief(check_files(sources, Settings(silent)).findings) == []


def test_a_finding_keeps_its_id_when_rows_move_and_words_change(tmp_path: Path, policy: Policy) -> None:
    first = fill(tmp_path / "a.xlsx", {"项目!J7": "优秀"})
    swap = {f"项目!{column}7": GOOD.get(f"项目!{column}6", BLANK) for column in "BCDEFGIJKL"}
    swap |= {f"项目!{column}6": GOOD.get(f"项目!{column}7", BLANK) for column in "BCDEFGIKL"} | {"项目!J6": "优秀"}
    second = fill(tmp_path / "b.xlsx", swap)
    found = [check_files([("w.xlsx", path)], Settings(policy)).findings for path in (first, second)]
    assert [finding.cell for findings in found for finding in findings] == ["J7", "J6"]
    assert found[0][0].id == found[1][0].id


def _coverage(tmp_path: Path, policy: Policy, edit: dict[str, object], bureau: Bureau | None = None) -> dict[str, str]:
    """How the good workbook with an edit is counted by each rule."""
    path = fill(tmp_path / "w.xlsx", edit)
    counts = check_files([("w.xlsx", path)], Settings(policy, bureau=bureau or Bureau())).coverage
    names = ("passed", "failed", "not_applicable", "not_evaluated")
    return {each.rule: next(name for name in names if getattr(each, name)) for each in counts}


def test_what_cannot_be_judged_is_not_counted_as_passed(tmp_path: Path, policy: Policy) -> None:
    finals: dict[str, object] = {cell: BLANK for cell in GOOD if cell.startswith("预算!D")}
    counted = _coverage(tmp_path, policy, finals)
    assert {counted[rule] for rule in ("B01", "B02", "B03", "B04", "B06", "B10", "B15", "B19")} == {"not_evaluated"}
    assert (counted["B07"], counted["B18"]) == ("failed", "passed")
    assert _coverage(tmp_path, policy, {"项目!G5": "约一百"})["B15"] == "not_evaluated"
    assert _coverage(tmp_path, policy, {"项目!F5": "约一百"})["B15"] == "passed"
    names: dict[str, object] = {f"指标!A{row}": "图书馆购书经费二期" for row in range(5, 10)}
    names["指标!I7"] = 15
    assert _coverage(tmp_path, policy, names)["I01"] == "not_evaluated"


def test_a_rule_applies_only_when_the_bureau_gave_what_it_needs(tmp_path: Path, policy: Policy) -> None:
    needs = {rule.id: rule.bureau for rule in RULES.values() if rule.bureau}
    assert needs == {
        "X01": "last_year", "X02": "last_year", "X03": "last_year",
        "D01": "roster", "D05": "rechecks", "D09": "waivers_given",
    }  # fmt: skip
    counted = _coverage(tmp_path, policy, {})
    assert {counted[rule] for rule in needs} == {"not_applicable"}
    rechecks = frame(
        RECHECK_COLUMNS, [(1.0, "别局", "", "别的项目", "别的项目", 90.0, "", "", "", "", "")], {"row", "score"}
    )
    given = Bureau(last_year=District(), rechecks=rechecks, waivers_given=True)
    counted = _coverage(tmp_path, policy, {}, given)
    assert {rule: counted[rule] for rule in needs} == dict.fromkeys(needs, "passed") | {"D01": "not_applicable"}


def test_an_untouched_template_is_not_accepted(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "w.xlsx"
    build(path, policy, None, {cell: value for cell, value in GOOD.items() if cell.startswith("基本信息!")})
    found = brief(check_files([("w.xlsx", path)], Settings(policy)).findings)
    assert [each for each in found if each[0] in "BP"] == ["B07 预算!", "B15 项目!B5 提醒"]


def test_weights_say_why_they_are_to_be_eighty(findings_after: Findings) -> None:
    names: dict[str, object] = {f"指标!A{row}": "乡镇文化站" for row in range(6, 10)} | {
        "指标!I6": 5,
        "指标!J6": 5,
        "指标!A5": BLANK,
    }
    found = [each.message for each in findings_after(names) if each.rule == "I01" and "乡镇" in each.message]
    assert found == [
        "指标!I6 乡镇文化站·分值合计 65.00，应为 80.00（没有单列预算执行率，执行率另占 20 分），少 15.00 分。"
    ]


def test_yuan_asks_to_compare_the_converted_total(findings_after: Findings) -> None:
    found = findings_after({"基本信息!B10": "元"})
    assert [each.fix for each in found if each.rule == "F11"] == ["请核对换算后的数：本年支出合计 0.093 万元。"]
    assert [each.message for each in found if each.rule == "B08"] == [
        "预算!D22 本年支出合计：填的是 930.00 元，折合只有 0.093 万元，全年支出不到 10 万元，疑为元与万元混用。"
    ]


def test_the_two_sheets_of_projects_are_told_in_whole_sentences(findings_after: Findings) -> None:
    none: dict[str, object] = {cell: BLANK for cell in GOOD if cell.startswith("项目!")}
    told = [(each.message, each.fix) for each in findings_after(none)]
    assert told == [
        (
            "预算!D18 项目支出 280.00，而《项目》表没有填列任何项目。",
            "请在《项目》表逐个填列项目；没有项目支出的，请更正这里的数。",
        )
    ]
