"""Rules that must see the whole district, each with a batch that breaks it and one that only looks guilty."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from cells import good_tables, named, told, with_cells
from conftest import GOOD, fill

from evalxl.district.findings import Finding
from evalxl.district.tables import RECHECK_COLUMNS, Bureau, District, concat, frame
from evalxl.policy.policy import Policy, load
from evalxl.rules import RULES
from evalxl.run.run import check_files
from evalxl.run.settings import Settings

Edit = Mapping[str, object]
_DOUBT = "复核得分 {} 应为“{}”，复核等级填的是“较差”，请财政部门核对"
_BEST: Edit = {"项目!J7": "优秀", "项目!I7": 90, "项目!J8": "优秀", "项目!I8": 88, "文字说明!B11": "无"}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> District:
    return good_tables(tmp_path_factory.mktemp("good"), load())


def _batch(tmp_path: Path, policy: Policy, edits: Sequence[Edit]) -> list[Finding]:
    """The findings of district rules on a batch of departments, each the good workbook with its own name and edit."""
    sources = []
    for number, edit in enumerate(edits):
        own = {"基本信息!B5": f"第{number}局", "单位!B5": f"第{number}局（本级）", "单位!B6": f"第{number}中心"}
        path = fill(tmp_path / f"{number}.xlsx", {**own, **edit})
        sources.append((path.name, path))
    found = check_files(sources, Settings(policy)).findings
    return [finding for finding in found if RULES[finding.rule].id in ("D02", "D03", "D06", "D07")]


def _told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.workbook, finding.cell) for finding in findings]


def test_a_district_where_nearly_all_is_excellent(tmp_path: Path, policy: Policy) -> None:
    found = _batch(tmp_path, policy, [_BEST] * 4 + [{}])
    assert _told(found) == [("D02", "", "")]
    assert found[0].message == "全区 20 个项目中 18 个评为“优秀”，占 90.00%，高于 80.00%。"


def test_exactly_the_share_is_no_finding_and_a_small_batch_is_not_judged(tmp_path: Path, policy: Policy) -> None:
    assert _batch(tmp_path, policy, [_BEST] * 3 + [{}] * 2) == []
    assert _batch(tmp_path, policy, [_BEST] * 4) == []


def test_a_district_with_many_full_scores(tmp_path: Path, policy: Policy) -> None:
    full: Edit = {"项目!I5": 100, "项目!I6": 100, "指标!J8": 30}
    assert _told(_batch(tmp_path, policy, [full] * 4 + [{}])) == [("D03", "", "")]
    assert _batch(tmp_path, policy, [full] * 3 + [{}] * 2) == []


def test_a_grade_that_its_score_does_not_earn_does_not_count(tmp_path: Path, policy: Policy) -> None:
    told_only: Edit = {"项目!I7": 84.9, "项目!J7": "优秀", "项目!I8": 84.9, "项目!J8": "优秀"}
    found = _batch(tmp_path, policy, [_BEST] * 3 + [told_only, {}])
    assert [each.message for each in found if each.rule == "D02"] == []


def test_a_workbook_that_was_sent_again_counts_once(tmp_path: Path, policy: Policy) -> None:
    again: Edit = {"基本信息!B5": "第4局"}  # the department of the fifth workbook
    (found,) = [each for each in _batch(tmp_path, policy, [_BEST] * 4 + [{}, again]) if each.rule == "D02"]
    assert found.message.startswith("全区 20 个项目中 18 个")


def test_a_unit_in_two_departments(tmp_path: Path, policy: Policy) -> None:
    found = _batch(tmp_path, policy, [{"单位!B6": "示范区图书馆"}, {"单位!B6": "示范区 图书馆"}, {}])
    assert _told(found) == [("D07", "0.xlsx", "B6"), ("D07", "1.xlsx", "B6")]
    assert "也列在 第1局 的《单位》表中" in found[0].message


def test_the_same_department_twice_is_not_also_a_unit_in_two(tmp_path: Path, policy: Policy) -> None:
    same: Edit = {"基本信息!B5": "示范区文化局", "单位!B6": "示范区图书馆"}
    assert _batch(tmp_path, policy, [same, same]) == []


def test_totals_reconcile_to_the_fen(tmp_path: Path, policy: Policy) -> None:
    amounts = [{"预算!D31": 0.000001 * number} for number in range(1, 5)]
    assert _batch(tmp_path, policy, amounts) == []


@pytest.mark.parametrize(("score", "found"), [(90, ["P10"]), (89, [])])
def test_caps_hold_where_a_district_sets_them(tmp_path: Path, policy: Policy, score: float, found: list[str]) -> None:
    from evalxl.policy.parts import Cap

    capped = policy.model_copy(update={"execution_caps": (Cap.model_validate({"from": 0.7, "to": 0.8, "cap": 89}),)})
    edit = {"项目!F7": 75, "项目!F8": 65, "项目!H8": 30 / 65, "项目!I7": score, "项目!J7": "优秀"}
    path = fill(tmp_path / "w.xlsx", edit)
    assert [finding.rule for finding in check_files([("w.xlsx", path)], Settings(capped)).findings] == found
    assert check_files([("w.xlsx", path)], Settings(policy)).findings == []


@pytest.mark.parametrize(("share", "found"), [(0.0005, ["0.xlsx"]), (2000, ["0.xlsx"]), (0.002, []), (500, [])])
def test_a_department_out_of_all_proportion(tmp_path: Path, policy: Policy, share: float, found: list[str]) -> None:
    amounts = {cell: value for cell, value in GOOD.items() if re.match(r"预算![BCD]|项目![EFG]", cell)}
    scaled: Edit = {cell: round(value * share, 6) for cell, value in amounts.items() if isinstance(value, int | float)}
    sources = []
    for number, edit in enumerate([scaled, {}, {}]):
        own = {"基本信息!B5": f"第{number}局", "单位!B5": f"第{number}局（本级）", "单位!B6": f"第{number}中心"}
        sources.append((f"{number}.xlsx", fill(tmp_path / f"{number}.xlsx", {**own, **edit})))
    told = [each for each in check_files(sources, Settings(policy)).findings if each.rule == "B08"]
    assert [each.workbook for each in told] == found
    assert all(("不到" if share < 1 else "超过") + "本批各部门中位数 930.00 的 1000 " in each.message for each in told)


@pytest.mark.parametrize(
    ("score", "checked", "grade", "told"),
    [
        (
            60,
            60,
            "差",
            "自评 60.00（一般），复核 60.00（较差），等级由“一般”变为“较差”；" + _DOUBT.format("60.00", "一般"),
        ),
        (58, 60, "差", "自评 58.00（较差），复核 60.00（较差），" + _DOUBT.format("60.00", "一般")),
        (58, 59, "差", ""),
        (60, 60, "", ""),
    ],
)
def test_a_recheck_whose_grade_is_not_that_of_its_score(
    tmp_path: Path, policy: Policy, score: float, checked: float, grade: str, told: str
) -> None:
    rows = [(1.0, "示范区文化局", "", "文物保护维修", "文物保护维修", float(checked), grade, "", "", "", "")]
    path = fill(tmp_path / "w.xlsx", {"项目!I7": score, "项目!J7": policy.grade(score)})
    bureau = Bureau(rechecks=frame(RECHECK_COLUMNS, rows, {"row", "score"}))
    found = check_files([("w.xlsx", path)], Settings(policy, bureau=bureau)).findings
    messages = [each.message.partition("：")[2] for each in found if each.rule == "D05"]
    assert messages == ([told + "。"] if told else [])


def test_of_three_workbooks_of_a_department_the_latest_counts(good: District, policy: Policy) -> None:
    dates = {"a.xlsx": "2024-03-15", "b.xlsx": "2024-03-16", "c.xlsx": "2024-03-14"}
    several = [with_cells(named(good, book), {"基本信息!填报日期": date}) for book, date in dates.items()]
    words = "基本信息!部门名称：部门名称：同一部门同一年度报送了 3 份：a.xlsx、b.xlsx、c.xlsx，"
    superseded = "b.xlsx 的填报日期最晚，以它为准，本份不计入汇总。"
    assert told("F06", concat(several), policy) == [words + superseded] * 2
    (counted,) = told("D08", concat(several), policy)
    assert "报送了 3 份，填报日期以本份最晚，汇总时以本份为准" in counted
    alike = concat([named(good, book) for book in dates])
    assert told("F06", alike, policy) == [words + "分不出哪一份在后，暂以 c.xlsx 计入汇总。"] * 3
    assert told("D08", alike, policy) == []
