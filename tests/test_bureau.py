"""What the bureau hands in, roster and rechecks, and the rules that hold the district against it (D01, D05, D08)."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from conftest import fill, unpacked

from evalxl.bureau.rechecks import read_rechecks
from evalxl.bureau.roster import read_roster
from evalxl.bureau.waivers import read_waivers
from evalxl.district.findings import Finding
from evalxl.district.tables import Bureau
from evalxl.facts.rechecks import rechecked_projects, unmatched
from evalxl.facts.submissions import repeated
from evalxl.policy.policy import Policy, load
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.values.errors import UsageError

Edit = Mapping[str, object]


def _table(path: Path, rows: Sequence[Sequence[object]], sheet: str = "名册") -> Path:
    """A workbook with one sheet of values."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return path


def without_results(path: Path) -> None:
    """Take the results out of a workbook's formulas, as a program that does not compute leaves them."""
    parts = unpacked(path)
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f>", content))


_HEADERS = ("部门编码", "部门名称", "曾用名或简称", "联系人")


def _roster(tmp_path: Path, *rows: Sequence[object]) -> Bureau:
    return Bureau(roster=read_roster(_table(tmp_path / "名册.xlsx", [["2023年度报送名册"], [], _HEADERS, *rows])))


def _district(tmp_path: Path, policy: Policy, bureau: Bureau, edits: Mapping[str, Edit]) -> list[Finding]:
    """The findings of the D rules on a batch: by file name, each the good workbook with an edit."""
    sources = [(name, fill(tmp_path / name, edit)) for name, edit in edits.items()]
    found = check_files(sources, Settings(policy, bureau=bureau)).findings
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
    how, severity = ("按名册", "info") if alias else ("名册上没有这个名称，只按编码", "warning")
    words = f"基本信息!B5 部门名称：填的是“示范区文化局”，{how}认作“示范区文化和旅游局”。"
    assert _brief(found) == [("D01", severity, "a.xlsx", words)]


def test_a_code_that_lost_its_zeros_is_the_rosters(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("00205001", "示范区文化局", "", ""))
    assert _district(tmp_path, policy, bureau, {"a.xlsx": {}}) == []


def test_a_code_that_is_not_the_rosters(tmp_path: Path, policy: Policy) -> None:
    """A wrong code may stand for a department that has not reported at all."""
    bureau = _roster(tmp_path, ("205009", "示范区文化局", "", ""))
    words = "基本信息!B6 部门编码：填的是 205001，名册上本部门的编码是 205009。"
    assert _brief(_district(tmp_path, policy, bureau, {"a.xlsx": {}})) == [("D01", "warning", "a.xlsx", words)]


def test_a_department_not_on_the_roster(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("", "示范区水利局", "", ""))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {}})
    assert [each[:3] for each in _brief(found)] == [("D01", "error", ""), ("D01", "warning", "a.xlsx")]
    assert found[1].message == "基本信息!B5 部门名称：“示范区文化局”不在名册上。"


@pytest.mark.parametrize("listed", ["示范区文化局机关", "示范区文旅局", "大示范区文化局"])
def test_a_department_whose_name_is_nearly_one_of_the_roster_is_asked_whether_it_is_this_one(
    tmp_path: Path, policy: Policy, listed: str
) -> None:
    bureau = _roster(tmp_path, ("", listed, "", ""), ("", "示范区水利局", "", ""))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {}})
    assert len(found) == 3
    assert {(each.message, each.fix) for each in found} == {
        (
            f"名册上的“{listed}”没有报送。",
            "请先看 a.xlsx 是否就是它（填的是“示范区文化局”）：是的，请部门改用名册上的名称；不是的，请催报。",
        ),
        ("名册上的“示范区水利局”没有报送。", "请催报；不应报送的，从名册中删去。"),
        (
            f"基本信息!B5 部门名称：“示范区文化局”不在名册上；名册上的“{listed}”没有报送，请核对是否就是它。",
            f"是的，请改填“{listed}”；不是的，请告知财政部门补入名册。",
        ),
    }


def test_of_two_departments_that_a_name_may_mean_neither_is_asked_for(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("", "示范区文化局机关", "", ""), ("", "大示范区文化局", "", ""))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {}})
    assert [each.message for each in found][2:] == ["基本信息!B5 部门名称：“示范区文化局”不在名册上。"]


def test_a_file_that_cannot_be_read_is_not_also_missing(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("", "示范区水利局", "", ""))
    broken = tmp_path / "示范区水利局2023.xlsx"
    broken.write_bytes(b"")
    found = check_files([(broken.name, broken)], Settings(policy, bureau=bureau)).findings
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
        ([("部门名称",), ("甲局",), ("合 计",)], "第 3 行的“合 计”不是部门，请删除这一行"),
        ([("部门编码", "部门名称"), ("1", "甲局"), ("总计：", "1个")], "第 3 行的“总计：”不是部门"),
        ([("部门编码", "部门名称"), ("1", "甲局"), ("部门编码", "部门名称")], "第 3 行的“部门编码”不是部门"),
        ([("部门名称", "部门名称*"), ("甲局", "甲局"), ("乙局", "丙局")], "有两列“部门名称”，第 3 行的内容不一样"),
    ],
)
def test_what_is_wrong_with_a_roster_is_one_sentence(
    tmp_path: Path, rows: Sequence[Sequence[object]], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        read_roster(_table(tmp_path / "r.xlsx", rows))
    with pytest.raises(UsageError, match="名册"):
        read_roster(tmp_path / "no.xlsx")


def test_two_columns_of_a_list_that_say_the_same_are_one(tmp_path: Path) -> None:
    rows = [("部门名称", "联系人", "部门名称"), ("甲局", "乙", "甲局"), ("合计局", "", "合计局")]
    assert list(read_roster(_table(tmp_path / "r.xlsx", rows))["name"]) == ["甲局", "合计局"]


_RECHECK = ("序号", "部门", "项目名称", "实施单位", "自评得分", "复核得分", "复核等级", "复核说明")


def _rechecks(tmp_path: Path, *rows: Sequence[object]) -> Bureau:
    return Bureau(
        rechecks=read_rechecks(
            _table(tmp_path / "汇总表.xlsx", [["抽查复核名单"], _RECHECK, *rows], "抽查名单"), load()
        )
    )


_UNIT = "示范区文化局（本级）"


@pytest.mark.parametrize(
    ("score", "grade", "said"),
    [
        (74.49, "", "自评 79.50（良好），复核 74.49（一般），相差 5.01 分，超过 5 分。"),
        (84.51, "", "自评 79.50（良好），复核 84.51（良好），相差 5.01 分，超过 5 分。"),
        (85, "优秀", "自评 79.50（良好），复核 85.00（优秀），相差 5.50 分，超过 5 分。"),
        (74.99, "", "自评 79.50（良好），复核 74.99（一般），等级由“良好”变为“一般”。"),
        (
            78,
            "一般",
            "自评 79.50（良好），复核 78.00（一般），等级由“良好”变为“一般”；复核得分 78.00 应为“良好”，复核等级填的是“一般”，请财政部门核对。",
        ),
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


@pytest.mark.parametrize(("first", "last", "rules"), [(74.49, 79.5, []), (79.5, 74.49, ["D05"])])
def test_of_two_rechecks_of_a_project_the_last_holds(
    tmp_path: Path, policy: Policy, first: float, last: float, rules: list[str]
) -> None:
    rows = [(at, "示范区文化局", "文物保护维修", _UNIT, 79.5, score, "", "") for at, score in ((1, first), (2, last))]
    found = _district(tmp_path, policy, _rechecks(tmp_path, *rows), {"a.xlsx": {}})
    assert [each.rule for each in found] == rules


def test_a_project_without_a_score_is_compared_by_the_grade_that_was_declared(tmp_path: Path, policy: Policy) -> None:
    bureau = _rechecks(tmp_path, (1, "示范区文化局", "文物保护维修", _UNIT, "", 70, "", ""))
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {"项目!I7": None}})
    (told,) = [each.message for each in found if each.rule == "D05"]
    assert told.endswith("等级由“良好”变为“一般”。")


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


def test_two_names_of_one_department_on_the_roster_are_one_submission_too_many(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("205001", "示范区文化局", "示范区文旅局", ""))
    edits: dict[str, Edit] = {"a.xlsx": {"基本信息!B15": "2024-03-16"}, "b.xlsx": {"基本信息!B5": "示范区文旅局"}}
    found = _district(tmp_path, policy, bureau, edits)
    assert [each[:3] for each in _brief(found)] == [
        ("D08", "info", "a.xlsx"), ("D01", "info", "b.xlsx"), ("F06", "error", "b.xlsx"),
    ]  # fmt: skip


def test_a_department_under_two_names_copies_nobody_and_shares_no_unit(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("205001", "示范区文化局", "示范区文旅局", ""))
    edits: dict[str, Edit] = {"a.xlsx": {"基本信息!B15": "2024-03-16"}, "b.xlsx": {"基本信息!B5": "示范区文旅局"}}
    sources = [(name, fill(tmp_path / name, edit)) for name, edit in edits.items()]
    found = check_files(sources, Settings(policy, bureau=bureau)).findings
    assert {each.rule for each in found} & {"D07", "N06"} == set()
    found = check_files(sources, Settings(policy)).findings  # without the roster nobody knows that they are one
    assert {each.rule for each in found} & {"D07", "N06"} == {"D07", "N06"}


@pytest.mark.parametrize(("listed", "filed"), [("示范区文旅局", "示范区文化局"), ("示范区文化局", "示范区文旅局")])
def test_a_recheck_finds_its_department_by_any_name_of_the_roster(
    listed: str, filed: str, tmp_path: Path, policy: Policy
) -> None:
    """The form names it as the roster does; a hand-made list may name it as it filed."""
    rechecks = _rechecks(tmp_path, (1, listed, "文物保护维修", _UNIT, 79.5, 74.49, "", "")).rechecks
    bureau = replace(_roster(tmp_path, ("205001", "示范区文旅局", "示范区文化局", "")), rechecks=rechecks)
    found = _district(tmp_path, policy, bureau, {"a.xlsx": {"基本信息!B5": filed}})
    assert [each.rule for each in found if each.rule == "D05"] == ["D05"]


def test_of_two_names_the_recheck_goes_to_the_workbook_that_counts(tmp_path: Path, policy: Policy) -> None:
    """The form names the department as the roster does; the copy under that name is the one that was replaced."""
    rechecks = _rechecks(tmp_path, (1, "示范区文化局", "文物保护维修", _UNIT, 79.5, 74.49, "", "")).rechecks
    bureau = replace(_roster(tmp_path, ("205001", "示范区文化局", "示范区文旅局", "")), rechecks=rechecks)
    edits: dict[str, Edit] = {"a.xlsx": {}, "b.xlsx": {"基本信息!B5": "示范区文旅局", "基本信息!B15": "2024-03-20"}}
    for name, edit in edits.items():
        fill(tmp_path / name, edit)
    outcome = check_files([(name, tmp_path / name) for name in edits], Settings(policy, bureau=bureau))
    counted = next(each.counted for each in repeated(outcome.district))
    assert [row["workbook"] for row, _ in rechecked_projects(outcome.district)] == [counted] == ["b.xlsx"]
    assert unmatched(outcome.district) == 0


def test_a_project_that_was_rechecked_twice_is_not_said_to_be_lost(tmp_path: Path, policy: Policy) -> None:
    one = (1, "示范区文化局", "文物保护维修", _UNIT, 79.5, 74.49, "", "")
    bureau = _rechecks(tmp_path, one, (2, *one[1:]), (3, "示范区水利局", *one[2:]))
    outcome = check_files([("a.xlsx", fill(tmp_path / "a.xlsx", {}))], Settings(policy, bureau=bureau))
    assert unmatched(outcome.district) == 1


def test_a_copy_without_a_year_is_of_the_batch_s_year(tmp_path: Path, policy: Policy) -> None:
    edits: dict[str, Edit] = {"a.xlsx": {}, "b.xlsx": {"基本信息!B8": None}, "c.xlsx": {"基本信息!B5": "示范区水利局"}}
    found = _district(tmp_path, policy, Bureau(), edits)
    assert [each[:3] for each in _brief(found)] == [("F06", "error", "a.xlsx"), ("F06", "error", "b.xlsx")]


def test_bureaus_of_one_name_in_two_regions_are_two_departments(tmp_path: Path, policy: Policy) -> None:
    other: Edit = {"基本信息!B6": "105001", "基本信息!B7": "石家庄市另一区"}
    assert _district(tmp_path, policy, Bureau(), {"a.xlsx": {}, "b.xlsx": other}) == []


def test_a_workbook_without_a_name_is_known_by_its_file(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("", "示范区（高新）文化局", "", ""))
    found = _district(tmp_path, policy, bureau, {"示范区（高新）文化局.xlsx": {"基本信息!B5": None}})
    assert found == []


def test_a_lock_file_is_no_report(tmp_path: Path, policy: Policy) -> None:
    bureau = _roster(tmp_path, ("", "示范区文化局", "", ""))
    lock = tmp_path / "~$示范区文化局.xlsx"
    lock.write_bytes(b"\x07office")
    found = check_files([(lock.name, lock)], Settings(policy, bureau=bureau)).findings
    assert [finding.rule for finding in found] == ["D01", "F12"]


def test_a_finding_keeps_its_id_whatever_else_is_found(tmp_path: Path, policy: Policy) -> None:
    ids = []
    for rows in ([("", "示范区水利局", "", "")], [("", "示范区水利局", "", ""), ("", "示范区教育局", "", "")]):
        found = _district(tmp_path, policy, _roster(tmp_path, *rows), {"a.xlsx": {}})
        ids.append([each.id for each in found if each.workbook])
    assert ids[0] == ids[1] != []


_WAIVER = ("规则", "部门", "行", "理由", "批准人", "有效期至")


@pytest.mark.parametrize(
    ("formula", "value", "said"),
    [
        ("1/0", "#DIV/0!", "的有效期至是错误值 #DIV/0!，请用 WPS 或 Excel 打开，改为数值、保存后再运行。"),
        ("TODAY()+30", None, "的有效期至是没有计算结果的公式，请用 WPS 或 Excel 打开，改为数值、保存后再运行。"),
        ("[1]Sheet1!A1", 45_657, "的有效期至是引用其他文件的公式，请用 WPS 或 Excel 打开，改为数值、保存后再运行。"),
    ],
)
def test_a_waiver_whose_last_day_cannot_be_read_does_not_hold_for_ever(
    tmp_path: Path, formula: str, value: object, said: str
) -> None:
    path = tmp_path / "豁免清单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("豁免")
        page.write_row(0, 0, _WAIVER)
        page.write_row(1, 0, ("P09", "示范区文化局", "", "受疫情影响", "李局长"))
        page.write_formula(1, 5, f"={formula}", None, value)
        page.write_formula(1, 8, "=1/0", None, "#DIV/0!")  # in no column of the table
    if value is None:
        without_results(path)
    with pytest.raises(UsageError) as wrong:
        read_waivers(path, dt.date(2024, 6, 1))
    assert str(wrong.value) == f"豁免清单 {path}《豁免》 第 2 行{said}"


def test_a_recheck_score_without_a_result_is_not_passed_over(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "汇总表.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("抽查名单")
        page.write_row(0, 0, _RECHECK)
        page.write_row(1, 0, (1, "示范区文化局", "文物保护维修", _UNIT, 79.5))
        page.write_formula(1, 5, "=80-1")
    without_results(path)
    with pytest.raises(UsageError, match="第 2 行的复核得分是没有计算结果的公式"):
        read_rechecks(path, policy)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("P09,示范区文化局,,资料不全,后补,李局长,2024-12-31", "第 2 行的格数与表头的 6 格不一致"),
        ("P09,示范区文化局,,资料不全,李局长,2024-12-31\r\nP09,示范区", "第 3 行的格数与表头的 6 格不一致"),
        (f"P09,示范区文化局,,{'长' * 200_000},李局长,", "有一格过长"),
        ('P09,示范区文化局,,"资料不全,李局长,\r\nG01,示范区文化局,,上级另有规定,李局长,', "引号不成对"),
        ("P09,示范区文化局,,资料\0不全,李局长,", "不是 UTF-8 或 GBK 文本"),
    ],
)
def test_a_csv_that_would_be_misread_is_refused(tmp_path: Path, rows: str, said: str) -> None:
    path = tmp_path / "豁免.csv"
    path.write_text(",".join(_WAIVER) + ",,\r\n" + rows + "\r\n", encoding="utf-8", newline="")
    with pytest.raises(UsageError, match=said):
        read_waivers(path, dt.date(2024, 6, 1))


def test_a_csv_with_blank_rows_and_blank_cells_at_the_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "豁免.csv"
    rows = ["豁免清单", "", ",".join(_WAIVER), "P09,示范区文化局,,受疫情影响,李局长,2024-12-31,,", ",,", ""]
    path.write_text("\r\n".join(rows), encoding="utf-8", newline="")
    assert [(each.row, each.until) for each in read_waivers(path, dt.date(2024, 6, 1)).waivers] == [(4, "2024-12-31")]
