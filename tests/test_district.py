"""Rules that must see the whole district, each with a batch that breaks it and one that only looks guilty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from conftest import fill

from evalxl.batch import check_files
from evalxl.findings import Finding
from evalxl.policy import Policy
from evalxl.rules import RULES

Edit = Mapping[str, object]
_BEST: Edit = {"项目!J7": "优秀", "项目!I7": 90, "项目!J8": "优秀", "项目!I8": 88, "文字说明!B11": "无"}


def _batch(tmp_path: Path, policy: Policy, edits: Sequence[Edit]) -> list[Finding]:
    """The findings of district rules on a batch of departments, each the good workbook with its own name and edit."""
    sources = []
    for number, edit in enumerate(edits):
        own = {"基本信息!B5": f"第{number}局", "单位!B5": f"第{number}局（本级）", "单位!B6": f"第{number}中心"}
        path = fill(tmp_path / f"{number}.xlsx", {**own, **edit})
        sources.append((path.name, path))
    found = check_files(sources, policy).findings
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
    from evalxl.policy import Cap

    capped = policy.model_copy(update={"execution_caps": (Cap.model_validate({"from": 0.7, "to": 0.8, "cap": 89}),)})
    edit = {"项目!F7": 75, "项目!F8": 65, "项目!H8": 30 / 65, "项目!I7": score, "项目!J7": "优秀"}
    path = fill(tmp_path / "w.xlsx", edit)
    assert [finding.rule for finding in check_files([("w.xlsx", path)], capped).findings] == found
    assert check_files([("w.xlsx", path)], policy).findings == []
