"""How far each rule could be applied to a workbook: every rule that was not simply passed, for one workbook after another.

A rule is passed only where something could be held against it; what is blank is not applicable, what could not be read
or judged is not evaluated, and none of these is ever counted as passed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cells import good_tables, with_cells
from conftest import BLANK, fill

from evalxl import layout
from evalxl.district.findings import FAILED, NOT_APPLICABLE, NOT_EVALUATED, PASSED, Coverage
from evalxl.district.tables import Bureau, District, of_tables
from evalxl.intake.read import read
from evalxl.policy.policy import Policy, load
from evalxl.rules import RULES, Scope
from evalxl.rules.engine import asked, check

_WORDS = {FAILED: "有问题", NOT_APPLICABLE: "不适用", NOT_EVALUATED: "未核对"}
_COLUMNS = ("年初预算数", "全年预算数", "决算数")
_LINES = tuple(line.label for line in layout.BUDGET.lines)
_CARRIED = ("使用非财政拨款结余", "年初结转和结余", "结余分配", "年末结转和结余")


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> District:
    return good_tables(tmp_path_factory.mktemp("good"), load())


def _answers(d: District, policy: Policy) -> dict[str, list[str]]:
    """The rules of single workbooks that were not passed, by their answer."""
    ((_, letters),) = check(d, policy).answers.items()
    found: dict[str, list[str]] = {}
    for rule, letter in zip(asked(policy), letters, strict=True):
        if letter != PASSED:
            found.setdefault(_WORDS[letter], []).append(rule.id)
    return found


def _blank(lines: Sequence[str], columns: Sequence[str] = _COLUMNS) -> dict[str, object]:
    return {f"预算!{column}@{line}": BLANK for line in lines for column in columns}


def _each(place: str, rows: Sequence[int], value: object) -> dict[str, object]:
    return {f"{place}@{row}": value for row in rows}


_NO_FINAL = {
    "有问题": ["B07"],
    "未核对": ["B01", "B02", "B03", "B04", "B06", "B09", "B10", "B12", "B15", "B19"],
}


@pytest.mark.parametrize(
    ("cells", "answers"),
    [
        ({}, {}),
        (_blank([line for line in _LINES if "三公" in line or "公务" in line or "出国" in line]), {"不适用": ["B10"]}),
        (_blank(["三公经费合计"]), {"有问题": ["B07"], "不适用": ["B10"]}),
        (_blank(["其中：人员经费", "其中：公用经费"]), {"不适用": ["B06"]}),
        (_blank(["本年收入合计"]), {"有问题": ["B07"], "不适用": ["B02"]}),
        (_blank(["本年支出合计"]), {"有问题": ["B07"], "不适用": ["B01"]}),
        (_blank(["本年收入合计"], ["决算数"]), {"有问题": ["B07"]}),  # the other columns could be added up
        (_blank(["本年收入合计", "本年支出合计"]), {"有问题": ["B07"], "不适用": ["B01", "B02", "B03", "B18"]}),
        (_blank(["收入总计", "支出总计"]), {"有问题": ["B07"]}),
        (_blank([*_CARRIED, "收入总计", "支出总计"]), {"有问题": ["B04", "B07"], "不适用": ["B03", "B18"]}),
        (_blank(_LINES, ["年初预算数"]), {}),
        (_blank(_LINES, ["决算数"]), _NO_FINAL),
        (_blank(_LINES), _NO_FINAL | {"不适用": ["B18"]}),
        (_blank(["项目支出"], ["决算数"]), {"有问题": ["B01", "B07"], "不适用": ["B15"]}),
        (
            _each("项目!全年执行数", range(5, 9), BLANK),
            {"不适用": ["B15", "P03", "P04", "P07", "P09", "P10", "G05"]},
        ),
        ({"指标!分值@6": BLANK}, {"未核对": ["I01"], "不适用": ["S01"]}),
        (
            _each("指标!分值", range(5, 10), BLANK),
            {"不适用": ["P08", "I01", "I02", "I06", "I07", "I08", "I16", "I19", "S01"]},
        ),
        ({"指标!得分@6": BLANK}, {"不适用": ["S01"]}),
        (_each("项目!项目编码", range(5, 9), ""), {"不适用": ["P25"]}),
        (_each("单位!经费形式", (5, 6), ""), {"有问题": ["U03"], "不适用": ["U04"]}),
        ({"项目!项目编码@5": "", "单位!经费形式@5": ""}, {"有问题": ["U03"]}),
    ],
)
def test_what_is_blank_is_never_passed(
    good: District, policy: Policy, cells: Mapping[str, object], answers: dict[str, list[str]]
) -> None:
    found = _answers(with_cells(good, cells), policy)
    assert {word: sorted(rules) for word, rules in found.items()} == {
        word: sorted(rules) for word, rules in answers.items()
    }


def test_project_expenditure_is_compared_only_with_a_sheet_that_lists_projects(good: District, policy: Policy) -> None:
    tables = good.tables | {name: good.tables[name].iloc[:0] for name in ("projects", "indicators")}
    place = good.places["w.xlsx", "projects"]
    nameless = place._replace(columns={key: column for key, column in place.columns.items() if key != "name"})
    empty = _answers(of_tables(tables, good.places), policy)
    assert "B15" in empty["有问题"]  # a sheet without any project, beside project expenditure
    without = _answers(of_tables(tables, good.places | {("w.xlsx", "projects"): nameless}), policy)
    assert "B15" in without["不适用"]
    absent = {key: each for key, each in good.places.items() if key[1] != "projects"}
    assert "B15" in _answers(of_tables(tables, absent), policy)["不适用"]


def _given(rule: str, coverage: Sequence[Coverage]) -> Coverage:
    return next(each for each in coverage if each.rule == rule)


def test_a_rule_of_the_district_is_counted_once_and_needs_what_the_bureau_gives(good: District, policy: Policy) -> None:
    alone = check(good, policy, Scope.DISTRICT).coverage
    assert {each.rule for each in alone} == {rule.id for rule in RULES.values() if rule.scope is Scope.DISTRICT}
    missing = {each.rule for each in alone if each == Coverage(each.rule, not_applicable=1)}
    assert missing == {rule.id for rule in RULES.values() if rule.scope is Scope.DISTRICT and rule.bureau}
    assert {each.rule for each in alone if each == Coverage(each.rule, passed=1)} == {
        each.rule for each in alone
    } - missing
    last = replace(good, bureau=Bureau(last_year=with_cells(good, {"预算!决算数@年末结转和结余": 40})))
    now = check(last, policy, Scope.DISTRICT).coverage
    assert _given("X01", now) == Coverage("X01", failed=1)
    assert _given("X02", now) == Coverage("X02", failed=1)  # the same project is 一般 in both
    assert _given("X03", now) == Coverage("X03", passed=1)


def test_of_a_workbook_that_is_not_read_no_rule_is_passed(tmp_path: Path, policy: Policy) -> None:
    (tmp_path / "b.xlsx").write_bytes(b"no workbook")
    sources = [("a.xlsx", fill(tmp_path / "a.xlsx", {})), ("b.xlsx", tmp_path / "b.xlsx")]
    answers = check(read(sources, policy), policy).answers
    assert set(answers["a.xlsx"]) == {PASSED}
    rules = [rule.id for rule in asked(policy)]
    assert {rule: letter for rule, letter in zip(rules, answers["b.xlsx"], strict=True) if letter != NOT_EVALUATED} == {
        "F12": FAILED
    }
