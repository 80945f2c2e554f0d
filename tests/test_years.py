"""Rules about this year beside the last (X01, X02, X03): each broken once, and once only seeming to be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import BLANK, fill

from evalxl.district.findings import Finding
from evalxl.district.tables import Bureau, District
from evalxl.intake.read import read
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings

Edit = Mapping[str, object]
_TEXT = "文字说明!B10"  # 分项目标实现情况
_FINE: Edit = {"项目!I8": 80, "项目!J8": "良好"}  # the one project graded 一般 was better last year


def _years(tmp_path: Path, policy: Policy, last: Edit, this: Edit, name: str = "示范区文化局") -> list[Finding]:
    """The cross-year findings on the good workbook with an edit, after a year that was the good workbook with another."""
    before = fill(tmp_path / "last.xlsx", {"基本信息!B5": name, "基本信息!B8": 2022, "预算!D13": 0, **_FINE, **last})
    now = fill(tmp_path / "this.xlsx", this)
    bureau = Bureau(last_year=read([("last.xlsx", before)], policy))
    found = check_files([("this.xlsx", now)], Settings(policy, bureau=bureau)).findings
    return [finding for finding in found if finding.rule.startswith("X")]


def _told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(each.rule, f"{each.sheet}!{each.cell}", each.message.partition(" ")[2]) for each in findings]


_CLOSING: dict[str, object] = {"预算!D24": 44.38}  # last year closed with what this year opens with


def test_nothing_to_say_where_the_years_agree(tmp_path: Path, policy: Policy) -> None:
    assert _years(tmp_path, policy, _CLOSING, {}) == []


def test_opening_differs_from_last_closing(tmp_path: Path, policy: Policy) -> None:
    found = _years(tmp_path, policy, {"预算!D24": 40}, {})
    words = "年初结转和结余 填的是 44.38，上年报送的年末结转和结余为 40.00，多 4.38 万元。"
    assert [(each.rule, each.cell, each.severity.value) for each in found] == [("X01", "D13", "error")]
    assert found[0].message.endswith(words.partition(" ")[2])
    assert (found[0].expected, found[0].actual, found[0].difference) == ("40.00", "44.38", "4.38")


def test_a_basis_in_the_remarks_makes_it_a_warning(tmp_path: Path, policy: Policy) -> None:
    found = _years(
        tmp_path, policy, {"预算!D24": 40}, {"预算!E13": "按审计决定调增上年结余4.38万元（示审决〔2023〕5号）"}
    )
    assert [(each.rule, each.cell, each.severity.value) for each in found] == [("X01", "D13", "warning")]
    assert "备注写了依据" in found[0].fix


@pytest.mark.parametrize(
    "note", ["无", "—", "上年年末结转 40.00 万元", "上年年末结转和结余（决算数）为40.00万元，本年年初44.38"]
)
def test_the_two_balances_alone_are_no_basis(note: str, tmp_path: Path, policy: Policy) -> None:
    found = _years(tmp_path, policy, {"预算!D24": 40}, {"预算!E13": note})
    assert [(each.rule, each.cell, each.severity.value) for each in found] == [("X01", "D13", "error")]


@pytest.mark.parametrize(
    ("closing", "found"), [(44.37, []), (44.39, []), (44.365, ["X01"]), (44.36, ["X01"]), (None, [])]
)
def test_a_last_digit_is_no_difference_and_a_blank_is_not_judged(
    tmp_path: Path, policy: Policy, closing: float | None, found: list[str]
) -> None:
    assert [each.rule for each in _years(tmp_path, policy, {"预算!D24": closing}, {})] == found


def test_another_department_is_no_last_year(tmp_path: Path, policy: Policy) -> None:
    other = {"预算!D24": 1, "基本信息!B6": "206001"}
    assert _years(tmp_path, policy, other, {}, name="示范区水利局") == []


def test_a_department_renamed_since_is_found_by_the_roster(tmp_path: Path, policy: Policy) -> None:
    from evalxl.district.tables import ROSTER_COLUMNS, frame

    roster = frame(ROSTER_COLUMNS, [(2.0, "", "示范区文化局", "示范区文化局", "示范区文广新局", "", "", "")], {"row"})
    last = fill(
        tmp_path / "last.xlsx",
        {"基本信息!B5": "示范区文广新局", "基本信息!B8": 2022, "预算!D24": 1, "预算!D13": 0, **_FINE},
    )
    now = fill(tmp_path / "this.xlsx", {})
    bureau = Bureau(roster=roster, last_year=read([("last.xlsx", last)], policy))
    found = check_files([("this.xlsx", now)], Settings(policy, bureau=bureau)).findings
    assert [finding.rule for finding in found] == ["X01", "N06"]  # and all its texts are last year's


_POOR: dict[str, object] = {"项目!I7": 68, "项目!J7": "一般"}


def test_poor_two_years_running(tmp_path: Path, policy: Policy) -> None:
    found = _years(tmp_path, policy, _CLOSING | _POOR, _POOR)
    assert [(each.rule, each.cell, each.severity.value) for each in found] == [("X02", "J7", "info")]
    assert "连续两年评为“一般”" in found[0].message


def test_worst_last_year(tmp_path: Path, policy: Policy) -> None:
    found = _years(tmp_path, policy, _CLOSING | {"项目!I7": 59.99, "项目!J7": "较差"}, {})
    assert [each.rule for each in found] == ["X02"]
    assert "上年评为“较差”" in found[0].message


def test_without_a_score_the_grade_counts_that_was_declared(tmp_path: Path, policy: Policy) -> None:
    worst = _years(tmp_path, policy, _CLOSING | {"项目!I7": BLANK, "项目!J7": "较差"}, {})
    assert [(each.rule, each.cell) for each in worst] == [("X02", "J7")]
    poor = {"项目!I7": BLANK, "项目!J7": "一般"}
    again = _years(tmp_path, policy, _CLOSING | poor, poor)
    assert [(each.rule, each.cell) for each in again] == [("X02", "J7")]
    assert "连续两年评为“一般”" in again[0].message


@pytest.mark.parametrize(("last", "now"), [(_POOR, {}), ({}, _POOR), ({"项目!B7": "另一个项目", **_POOR}, _POOR)])
def test_poor_once_or_another_project_is_no_finding(tmp_path: Path, policy: Policy, last: Edit, now: Edit) -> None:
    assert _years(tmp_path, policy, {**_CLOSING, **last}, now) == []


@pytest.mark.parametrize(
    "text",
    [
        "本部门上年本年支出合计905.00万元，本年有所增加，各项工作按计划推进完成。",
        "本年支出合计930万元，比上年905万元增加25万元，各项工作按计划推进完成。",
        "2022年度支出合计905万元，各项工作按计划推进完成。",
    ],
)
def test_last_year_misquoted(tmp_path: Path, policy: Policy, text: str) -> None:
    found = _years(tmp_path, policy, _CLOSING, {_TEXT: text})
    assert [(each.rule, each.severity.value) for each in found] == [("X03", "warning")]
    assert "上年报送的决算数为 930.00 万元" in found[0].message


@pytest.mark.parametrize(
    "text",
    [
        "上年支出合计930万元，本年与上年持平，各项工作按计划推进完成。",
        "上年支出合计930.0万元，各项工作按计划推进完成。",
        "2021年度支出合计905万元，各项工作按计划推进完成。",  # the year before the last was not submitted here
        "图书馆上年支出合计105万元，各项工作按计划推进完成。",
        "该专项上年项目支出合计105万元，各项工作按计划推进完成。",
    ],
)
def test_last_year_rightly_quoted_or_another_quoted(tmp_path: Path, policy: Policy, text: str) -> None:
    assert _years(tmp_path, policy, _CLOSING, {_TEXT: text}) == []


def test_last_years_total_is_what_counts_and_not_its_grand_total(tmp_path: Path, policy: Policy) -> None:
    text: Edit = {_TEXT: "上年支出合计905万元，各项工作按计划推进完成。"}
    found = _years(tmp_path, policy, {**_CLOSING, "预算!D25": BLANK}, text)
    assert [(each.rule, each.severity.value) for each in found] == [("X03", "warning")]
    assert _years(tmp_path, policy, {**_CLOSING, "预算!D22": BLANK}, text) == []


def test_without_last_year_nothing_is_judged(tmp_path: Path, policy: Policy) -> None:
    path = fill(tmp_path / "w.xlsx", _POOR)
    found = check_files([("w.xlsx", path)], Settings(policy, bureau=Bureau(last_year=District()))).findings
    assert [finding for finding in found if finding.rule.startswith("X")] == []


def test_a_department_renamed_since_is_found_by_its_code(tmp_path: Path, policy: Policy) -> None:
    found = _years(tmp_path, policy, {"预算!D24": 1}, {}, name="示范区文广新局")
    assert [finding.rule for finding in found] == ["X01"]


def test_of_several_last_year_the_one_that_counted_is_compared(tmp_path: Path, policy: Policy) -> None:
    year: dict[str, object] = {"基本信息!B8": 2022, "预算!D13": 0, **_FINE}
    old = fill(tmp_path / "b.xlsx", {**year, "预算!D24": 1, "基本信息!B15": "2023-03-01"})
    new = fill(tmp_path / "a.xlsx", {**year, **_CLOSING, "基本信息!B15": "2023-03-09"})
    bureau = Bureau(last_year=read([("a.xlsx", new), ("b.xlsx", old)], policy))
    now = fill(tmp_path / "this.xlsx", {})
    found = check_files([("this.xlsx", now)], Settings(policy, bureau=bureau)).findings
    assert [finding for finding in found if finding.rule.startswith("X")] == []


def test_two_units_with_a_project_of_one_name_are_told_apart(tmp_path: Path, policy: Policy) -> None:
    last = {**_CLOSING, "项目!B5": "文物保护维修", "项目!D5": "示范区图书馆", "项目!I5": 59, "项目!J5": "较差"}
    assert _years(tmp_path, policy, last, {}) == []
