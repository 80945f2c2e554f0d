"""The sampling list: drawn by lot, and drawn again the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import fill

from evalxl.district.findings import Severity
from evalxl.district.tables import District, concat
from evalxl.facts.sampling import _lot, draw, risks
from evalxl.intake.read import read
from evalxl.policy.policy import Policy
from evalxl.rules.engine import check


def _department(folder: Path, policy: Policy, name: str, count: int) -> District:
    """A department with so many projects."""
    edit: dict[str, object] = {"基本信息!B5": name}
    for row in range(5, 9):
        edit |= {f"项目!{column}{row}": "空" for column in "BCDEFGIJKL"}
    for row in range(5, 5 + count):
        edit |= {f"项目!B{row}": f"项目{row}", f"项目!G{row}": 1, f"项目!I{row}": 80}
    path = fill(folder / f"{name}.xlsx", edit)
    return read([(path.name, path)], policy)


@pytest.mark.parametrize(("projects", "drawn"), [(0, 0), (1, 1), (4, 1), (9, 1), (10, 2), (20, 3), (40, 6)])
def test_fifteen_per_cent_and_at_least_one(tmp_path: Path, policy: Policy, projects: int, drawn: int) -> None:
    assert len(draw(_department(tmp_path, policy, "甲局", projects), policy)) == drawn


def test_a_draw_does_not_depend_on_the_other_departments(tmp_path: Path, policy: Policy) -> None:
    first, second = (_department(tmp_path, policy, name, 20) for name in ("甲局", "乙局"))
    alone = draw(first, policy)[["workbook", "row"]].values.tolist()
    together = draw(concat([second, first]), policy)
    assert together[together["workbook"] == "甲局.xlsx"][["workbook", "row"]].values.tolist() == alone
    assert draw(first, policy)[["workbook", "row"]].values.tolist() == alone


def _lines(folder: Path, policy: Policy, name: str, projects: list[str]) -> District:
    """A department with these projects, one below the other; '' is a line left blank."""
    edit: dict[str, object] = {"基本信息!B5": "甲局"}
    for row, project in enumerate(projects + [""] * 4, 5):
        edit |= {f"项目!{column}{row}": "空" for column in "BCDEFGIJKL"}
        edit |= {f"项目!B{row}": project, f"项目!G{row}": 1, f"项目!I{row}": 80} if project else {}
    path = fill(folder / f"{name}.xlsx", edit)
    return read([(path.name, path)], policy)


def test_a_line_put_in_changes_no_lot(tmp_path: Path, policy: Policy) -> None:
    names = [f"项目{number}" for number in range(20)]
    moved = [names[0], "", *names[1:]]
    before, after = (draw(_lines(tmp_path, policy, "甲局", each), policy) for each in (names, moved))
    assert before["name"].to_list() == after["name"].to_list()
    assert after["row"].to_list() == [row + (row > 5) for row in before["row"]]


def test_projects_of_one_name_have_lots_of_their_own(tmp_path: Path, policy: Policy) -> None:
    d = _lines(tmp_path, policy, "甲局", ["同一项目"] * 20)
    drawn = set()
    for seed in range(40):
        seeded = policy.model_copy(update={"sampling": policy.sampling.model_copy(update={"seed": seed})})
        rows = tuple(draw(d, seeded)["row"])
        assert len(rows) == 3
        drawn.add(rows)
    assert len(drawn) > 30
    other = draw(_lines(tmp_path, policy, "甲局", ["", "", *["同一项目"] * 20]), policy)
    assert other["row"].to_list() == [row + 2 for row in draw(d, policy)["row"]]


@pytest.mark.parametrize(("share", "drawn"), [(0, 3), (0.15, 3), (0.5, 10), (0.51, 11), (1, 20)])
def test_more_are_drawn_until_they_cover_a_share_of_the_amount(
    tmp_path: Path, policy: Policy, share: float, drawn: int
) -> None:
    d = _department(tmp_path, policy, "甲局", 20)  # each executes as much as the others
    sampling = policy.sampling.model_copy(update={"amount_share": share})
    rows = draw(d, policy.model_copy(update={"sampling": sampling}))
    assert len(rows) == drawn
    assert set(draw(d, policy)["row"]) <= set(rows["row"])


def test_another_seed_draws_others(tmp_path: Path, policy: Policy) -> None:
    d = _department(tmp_path, policy, "甲局", 40)
    other = policy.model_copy(update={"sampling": policy.sampling.model_copy(update={"seed": 2})})
    assert draw(d, policy)["row"].to_list() != draw(d, other)["row"].to_list()


def test_a_draw_by_risk_counts_findings_and_size(tmp_path: Path, policy: Policy) -> None:
    path = fill(
        tmp_path / "甲局.xlsx",
        # Two projects of the good workbook go wrong, one has a hint, and another sheet has an error on the same row.
        {"项目!J7": "优秀", "项目!K8": "空", "项目!G7": 60, "项目!H7": 0.6666, "指标!I6": -1},
    )
    d = read([(path.name, path)], policy)
    found = check(d, policy).findings
    weights = risks(d, found)
    expected = {}
    mean = d.projects["executed"].mean()
    for row, executed in zip(d.projects["row"], d.projects["executed"], strict=True):
        own = [each.severity for each in found if each.sheet == "项目" and each.cell[1:] == f"{row:.0f}"]
        points = 2 * own.count(Severity.ERROR) + own.count(Severity.WARNING)
        expected["甲局.xlsx", row] = 1 + points + (executed > mean)
    assert weights == expected
    assert weights["甲局.xlsx", 7.0] >= 3
    assert {"项目!H7": Severity.INFO, "指标!I5": Severity.ERROR}.items() <= {
        f"{each.sheet}!{each.cell}": each.severity for each in found
    }.items()


def test_no_project_is_large_where_all_execute_the_same(tmp_path: Path, policy: Policy) -> None:
    assert set(risks(_department(tmp_path, policy, "甲局", 5), []).values()) == {1}


def test_more_tickets_never_draw_a_later_lot() -> None:
    lots = [_lot("1|甲局||图书馆购书|0", tickets) for tickets in (0, 1, 2, 3, 10)]
    assert lots[0] == lots[1] == pytest.approx(0.3336399921965255, abs=1e-12)
    assert lots[1:] == sorted(lots[1:], reverse=True)
    assert len(set(lots[1:])) == 4


def test_what_is_risky_is_drawn_more_often_and_the_same_again(tmp_path: Path, policy: Policy) -> None:
    d = _department(tmp_path, policy, "甲局", 5)
    risk = {("甲局.xlsx", 5.0): 6}  # six tickets of ten
    drawn = []
    for seed in range(400):
        seeded = policy.model_copy(update={"sampling": policy.sampling.model_copy(update={"seed": seed})})
        drawn.append(draw(d, seeded, risk)["row"].to_list())
        assert len(drawn[-1]) == 1
    assert 0.52 < sum(rows == [5.0] for rows in drawn) / 400 < 0.68
    assert draw(d, policy, risk)["row"].to_list() == draw(d, policy, risk)["row"].to_list()
    assert draw(d, policy, {})["row"].to_list() == draw(d, policy)["row"].to_list()
