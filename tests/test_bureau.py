"""What the bureau hands in, roster and rechecks, and the rules that hold the district against it (D01, D05, D08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from conftest import fill

from evalxl.batch import check_files
from evalxl.bureau.rechecks import read_rechecks
from evalxl.bureau.roster import read_roster
from evalxl.district import Bureau
from evalxl.findings import Finding, UsageError
from evalxl.policy import Policy

Edit = Mapping[str, object]


def _table(path: Path, rows: Sequence[Sequence[object]], sheet: str = "名册") -> Path:
    """A workbook with one sheet of values."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return path


_HEADERS = ("部门编码", "部门名称", "曾用名或简称", "联系人")


def _roster(tmp_path: Path, *rows: Sequence[object]) -> Bureau:
    return Bureau(roster=read_roster(_table(tmp_path / "名册.xlsx", [["2023年度报送名册"], [], _HEADERS, *rows])))


def _district(tmp_path: Path, policy: Policy, bureau: Bureau, edits: Mapping[str, Edit]) -> list[Finding]:
    """The findings of the D rules on a batch: by file name, each the good workbook with an edit."""
    sources = [(name, fill(tmp_path / name, edit)) for name, edit in edits.items()]
    found = check_files(sources, policy, bureau=bureau).findings
    return [finding for finding in found if finding.rule in ("D01", "D05", "D08", "F06")]


def _brief(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    return [(each.rule, each.severity.value, each.workbook, each.message) for each in findings]


def test_a_department_of_the_roster_did_not_report(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("205001", "示范区文化局", "", "甲"), (206001, "示范区水利局", "", "乙"))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {}})
    assert _brief(found) == [("D01", "error", "", "名册上的“示范区水利局”没有报送。")]


def test_all_of_the_roster_reported_each_by_its_own_name(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("205001", "示范区 文化局（本级）", "", ""))
    assert _district(tmp_path, policy, bureau, {"a.xlsx": {}}) == []


@pytest.mark.parametrize(("code", "alias"), [("", "文广新局、示范区文化局"), ("205001", "")])
def test_a_department_known_by_alias_or_code_is_told_and_not_missing(
    tmp_path: Path, policy: Policy, code: str, alias: str
) -> None:
    bureau = _roster(tmp_path, (code, "示范区文化和旅游局", alias, ""))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {}})
    words = "基本信息!B5 部门名称：填的是“示范区文化局”，按名册认作“示范区文化和旅游局”。"
    assert _brief(found) == [("D01", "info", "a.xlsx", words)]


def test_a_department_not_on_the_roster(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("", "示范区水利局", "", ""))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {}})
    assert [each[:3] for each in _brief(found)] == [("D01", "error", ""), ("D01", "warning", "a.xlsx")]
    assert found[1].message == "基本信息!B5 部门名称：“示范区文化局”不在名册上。"


def test_a_file_that_cannot_be_read_is_not_also_missing(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("", "示范区水利局", "", ""))
    broken = tmp_path / "示范区水利局2023.xlsx"
    broken.write_bytes(b"")
    found = check_files([(broken.name, broken)], policy, bureau=bureau).findings
    assert [finding.rule for finding in found] == ["F12"]


def test_a_roster_as_csv_saved_by_excel(tmp_path: Path) -> None:
    path = tmp_path / "名册.csv"
    path.write_bytes("部门名称,部门编码\r\n示范区文化局,205001\r\n".encode("gb18030"))
    assert read_roster(path)[["name", "code", "row"]].to_dict("records") == [
        {"name": "示范区文化局", "code": "205001", "row": 2.0}
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("名称不明", "甲")], "没有找到表头（部门名称）"),
        ([("部门名称",), ("",)], "里没有部门"),
        ([("部门名称", "联系人"), ("", "甲")], "第 2 行没有部门名称"),
        ([("部门名称",), ("甲局",), ("甲 局",)], "第 3 行与第 2 行是同一个部门"),
        ([("部门名称", "简称"), ("甲局", "乙"), ("乙", "")], "第 3 行与第 2 行是同一个部门"),
    ],
)
def test_what_is_wrong_with_a_roster_is_one_sentence(
    tmp_path: Path, rows: Sequence[Sequence[object]], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        read_roster(_table(tmp_path / "r.xlsx", rows))
    with pytest.raises(UsageError, match="名册"):
        read_roster(tmp_path / "no.xlsx")


_RECHECK = ("序号", "部门", "项目名称", "实施单位", "自评得分", "复核得分", "复核等级", "复核说明")


def _rechecks(tmp_path: Path, *rows: Sequence[object]) -> Bureau:
    return Bureau(rechecks=read_rechecks(_table(tmp_path / "汇总表.xlsx", [["抽查复核名单"], _RECHECK, *rows], "抽查名单")))


_UNIT = "示范区文化局（本级）"


@pytest.mark.parametrize(
    ("score", "grade", "said"),
    [
        (74.49, "", "自评 79.50（良好），复核 74.49（一般），相差 5.01 分，超过 5 分。"),
        (84.51, "", "自评 79.50（良好），复核 84.51（良好），相差 5.01 分，超过 5 分。"),
        (85, "优秀", "自评 79.50（良好），复核 85.00（优秀），相差 5.50 分，超过 5 分。"),
        (74.99, "", "自评 79.50（良好），复核 74.99（一般），等级由“良好”变为“一般”。"),
        (78, "一般", "自评 79.50（良好），复核 78.00（一般），等级由“良好”变为“一般”。"),
    ],
)
def test_a_recheck_that_differs(tmp_path: Path, policy: Policy, score: float, grade: str, said: str) -> None:
    bureau = _rechecks(tmp_path, (1, "示范区文化局", "文物保护维修", _UNIT, 79.5, score, grade, "资料不全"))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {}})
    assert [(each.rule, each.severity.value, each.cell) for each in found] == [("D05", "warning", "I7")]
    assert found[0].message.endswith(said)


@pytest.mark.parametrize(
    "row",
    [
        (1, "示范区文化局", "文物保护维修", _UNIT, 79.5, 84.5, "", ""),  # five points exactly
        (1, "示范区文化局", "文物保护维修", _UNIT, 79.5, "", "", ""),  # not rechecked yet
        (1, "示范区文化局", "文物保护维修", "示范区图书馆", 79.5, 20, "", ""),  # another unit's
        (1, "示范区水利局", "文物保护维修", _UNIT, 79.5, 20, "", ""),
    ],
)
def test_a_recheck_that_agrees_or_is_of_another(tmp_path: Path, policy: Policy, row: Sequence[object]) -> None:
    assert _district(tmp_path, policy, _rechecks(tmp_path, row), {"a.xlsx": {}}) == []


@pytest.mark.parametrize("score", ["优", 100.5, -1])
def test_a_recheck_score_must_be_one(tmp_path: Path, score: object) -> None:
    with pytest.raises(UsageError, match=r"第 3 行的复核得分“.*”不是 0 到 100 的数字"):
        _rechecks(tmp_path, (1, "示范区文化局", "文物保护维修", _UNIT, 79.5, score, "", ""))


def test_of_two_submissions_the_later_report_counts(tmp_path: Path, policy: Policy) -> None:
    edits: dict[str, Edit] = {"a.xlsx": {"基本信息!B15": "2024年3月16日"}, "b.xlsx": {}}
    found = _district(tmp_path, policy, Bureau(), edits)
    assert [each[:3] for each in _brief(found)] == [("D08", "info", "a.xlsx"), ("F06", "error", "b.xlsx")]
    assert "报送了 2 份，填报日期以本份最晚，汇总时以本份为准" in found[0].message
    assert "a.xlsx 的填报日期最晚，以它为准，本份不计入汇总" in found[1].message


def test_where_nothing_tells_the_later_both_are_errors(tmp_path: Path, policy: Policy) -> None:
    found = _district(tmp_path, policy, Bureau(), {"a.xlsx": {}, "b.xlsx": {}})
    assert [each[:3] for each in _brief(found)] == [("F06", "error", "a.xlsx"), ("F06", "error", "b.xlsx")]


def test_two_years_of_one_department_are_no_repetition(tmp_path: Path, policy: Policy) -> None:
    found = _district(tmp_path, policy, Bureau(), {"a.xlsx": {}, "b.xlsx": {"基本信息!B8": 2022}})
    assert found == []


@pytest.mark.parametrize(("date", "late"), [("2024-03-15", []), ("2024年3月16日", ["D08"]), ("", []), ("三月", [])])
def test_late_is_after_the_deadline_of_the_policy(tmp_path: Path, policy: Policy, date: str, late: list[str]) -> None:
    head = policy.head.model_copy(update={"deadline": __import__("datetime").date(2024, 3, 15)})
    strict = policy.model_copy(update={"head": head})
    found = _district(tmp_path, strict, Bureau(), {"a.xlsx": {"基本信息!B15": date}})
    assert [each.rule for each in found] == late
