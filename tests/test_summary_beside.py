"""What the bureau hands in beside the inbox, and how the summary shows it: roster, rechecks, last year, overview."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from departments import POLICY, Checked, columns, department, put, sheet
from summaries import (
    HALF_FEN,
    budget_rows,
    checked_of,
    district_of,
    rechecks_of,
    roster_of,
    rows_of,
    several,  # noqa: F401 - fixtures
    write,
)

from evalxl.district.attendance import Attendance, Missing
from evalxl.district.findings import Finding, Severity
from evalxl.district.tables import IDLE_WAIVER_COLUMNS, Bureau, District, concat, frame
from evalxl.facts.attendance import attendance
from evalxl.facts.grade import grade
from evalxl.intake.probe.refusals import REFUSALS
from evalxl.intake.read import refuse
from evalxl.layout import GENERAL
from evalxl.outputs.summary import About, Links, Tally
from evalxl.outputs.summary.problems_in_words import PROBLEMS
from evalxl.outputs.summary.ranking import ranked
from evalxl.rules import RULES
from evalxl.store import record


def test_what_is_missing_unread_repeated_or_unknown_is_named(several: Checked, tmp_path: Path) -> None:
    bureau = roster_of(
        ("鹿泉区政协", "", ""),
        ("鹿泉区人大", "", "张三"),
        ("鹿泉区教育体育局", "鹿泉区教育局", ""),
        ("鹿泉区民政局", "", ""),
    )
    checked = several._replace(d=replace(several.d, bureau=bureau))
    path = write(tmp_path / "s.xlsx", checked)
    rows = rows_of(path, "未报送与未读取")
    assert [(row["情况"], row["部门"], row["文件"]) for row in rows] == [
        ("未报送", "鹿泉区人大", ""),
        ("未读取", "", "坏.xlsx"),
        ("重复未计入", "鹿泉区民政局", "c旧.xlsx"),
        ("名册外", "鹿泉区水利局", "d.xlsx"),
        ("名称不同", "鹿泉区教育体育局", "b.xlsx"),
    ]
    assert rows[0]["联系人"] == "张三"
    assert rows[2]["说明"] == "同一部门同一年度的多份之一，以“c新.xlsx”为准"
    note = sheet(path, "未报送与未读取")[1][0]
    assert "应报 4 个部门，已报 3 个" in note
    assert "以文件内记录的保存时间最晚的一份为准" in note
    overview = [value for row in sheet(path, "总览") for value in row if value != ""]
    cards = [overview.index(label) for label in ("应报部门（个）", "已报部门（个）", "未报送（个）", "报送覆盖率")]
    assert overview[cards[0] + 4 : cards[0] + 8] == [4.0, 3.0, 1.0, 0.75]


def test_attendance_survives_the_record() -> None:
    came = Attendance(3, (Missing("鹿泉区人大", "张三", "0311"),), ("d.xlsx",), (("b.xlsx", "鹿泉区教育局"),))
    below = came.below("栾城区").below("石家庄市")
    assert record.from_rows(record.to_rows({"attendance": below.to_dict()})).attendance == below
    assert (below.missing[0].level, below.extra) == ("石家庄市/栾城区", ("石家庄市/栾城区/d.xlsx",))
    assert attendance(District()) is None


def test_departments_stand_in_the_order_of_the_roster_and_then_of_their_codes(tmp_path: Path) -> None:
    """A file that is no report is no department; one that is named like a department may be its mistake."""
    files = {}
    for number, (name, code) in enumerate((("乙局", "300"), ("丙局", "200"), ("丁局", "100"), ("甲局", "400")), 1):
        files[f"{number}.xlsx"] = department(name, 10, (1, 2), 80)
        put(files[f"{number}.xlsx"], GENERAL, "code", code)
    d = district_of(tmp_path, files)
    for name in ("~$乙局.xlsx", "戊局.xlsx", "工资表.xlsx"):
        (tmp_path / name).write_bytes(b"PK\x03\x04")
    others = [("~$乙局.xlsx", "lock"), ("戊局.xlsx", "stranger"), ("工资表.xlsx", "stranger")]
    d = concat([d, *(refuse((name, tmp_path / name), code, *REFUSALS[code]) for name, code in others)])
    names = [row["来源文件"] for row in rows_of(write(tmp_path / "a.xlsx", checked_of(d)), "部门汇总")]
    assert names == ["3.xlsx", "2.xlsx", "1.xlsx", "4.xlsx", "工资表.xlsx", "戊局.xlsx"]
    listed = replace(d, bureau=roster_of(("戊局", "", ""), ("甲局", "", ""), ("乙局", "", "")))
    path = write(tmp_path / "b.xlsx", checked_of(listed))
    assert [row["来源文件"] for row in rows_of(path, "部门汇总")] == [
        "戊局.xlsx",
        "4.xlsx",
        "1.xlsx",
        "3.xlsx",
        "2.xlsx",
    ]
    projects = [row["来源文件"] for row in rows_of(path, "项目汇总")]
    assert list(dict.fromkeys(projects)) == ["4.xlsx", "1.xlsx", "3.xlsx", "2.xlsx"]
    unread = {row["文件"] for row in rows_of(path, "未报送与未读取") if row["情况"] == "未读取"}
    assert unread == {"~$乙局.xlsx", "戊局.xlsx", "工资表.xlsx"}


def test_explanations_and_waivers_are_listed_with_what_became_of_them(several: Checked, tmp_path: Path) -> None:
    warning = next(each for each in several.findings if each.severity.value == "warning" and each.workbook == "a.xlsx")
    error = replace(warning, id="e", severity=type(warning.severity)("error"))
    findings: list[Finding] = [
        replace(warning, id="1", explanation="合同未到期"),
        replace(warning, id="2", explanation="旧的说明", lapsed=True),
        replace(error, id="3", explanation="不改"),
        replace(error, id="4", waiver="集体研究（赵局长 批准）"),
    ]
    idle = frame(IDLE_WAIVER_COLUMNS, [(3.0, "B01", "鹿泉区水利局", "", "已于 2020-01-01 到期")], {"row"})
    checked = several._replace(d=replace(several.d, bureau=Bureau(idle_waivers=idle)), findings=findings)
    path = write(tmp_path / "s.xlsx", checked)
    rows = rows_of(path, "说明与豁免")
    assert [(row["类别"], row["部门"], row["说明或豁免理由"], row["状态"]) for row in rows] == [
        ("说明", "鹿泉区政协", "合同未到期", "有效"),
        ("说明", "鹿泉区政协", "旧的说明", "失效：数据已变，须重新说明"),
        ("说明", "鹿泉区政协", "不改", "不能接受：错误须改正"),
        ("豁免", "鹿泉区政协", "集体研究（赵局长 批准）", "有效，不计入错误和提醒"),
        ("豁免", "鹿泉区水利局", "豁免清单第 3 行", "未起作用：已于 2020-01-01 到期"),
    ]
    listed = rows_of(path, "部门汇总")[0]
    assert (listed["错误"], listed["提醒"]) == (1.0, 2.0)
    assert [row["豁免"] for row in rows_of(path, "问题清单")] == ["", "", "", "集体研究（赵局长 批准）"]


def test_rechecks_stand_beside_the_scores(several: Checked, tmp_path: Path) -> None:
    assert "复核差异" not in openpyxl.load_workbook(write(tmp_path / "0.xlsx", several)).sheetnames
    rows = [
        (4.0, "鹿泉区政协", "", "项目5", "项目5", 80.0, "", "佐证不足"),  # declared 88.7, 优秀
        (5.0, "鹿泉区政协", "", "项目6", "项目6", 79.0, "", ""),  # declared 80.2, 良好
        (6.0, "鹿泉区民政局", "", "没有的", "没有的", 60.0, "", ""),
    ]
    bureau = rechecks_of(*rows)
    path = write(tmp_path / "s.xlsx", several._replace(d=replace(several.d, bureau=bureau)))
    found = [
        tuple(row[key] for key in ("项目名称", "自评得分", "自评等级", "复核得分", "复核等级", "差异", "结论"))
        for row in rows_of(path, "复核差异")
    ]
    assert found == [
        ("项目5", 88.7, "优秀", 80.0, "良好", 8.7, "相差 8.70 分，超过 5 分"),
        ("项目6", 80.2, "良好", 79.0, "良好", 1.2, "一致"),
    ]
    assert "有 1 项没有对上" in sheet(path, "复核差异")[1][0]


def test_a_recheck_of_two_projects_hides_none_that_matches_nothing(several: Checked, tmp_path: Path) -> None:
    projects = several.d.projects
    own = projects["workbook"] == projects["workbook"].iloc[0]
    same = several.d.projects.assign(
        **{column: projects[column].mask(own, "同一项目") for column in ("name", "key")},
        **{column: projects[column].mask(own, "") for column in ("unit", "unit_key")},
    )
    department_key = several.d.general.set_index("workbook").loc[projects["workbook"].iloc[0], "department_key"]
    rows = [
        (4.0, department_key, "", "同一项目", "同一项目", 80.0, "", ""),
        (5.0, "鹿泉区民政局", "", "没有的", "没有的", 60.0, "", ""),
    ]
    bureau = rechecks_of(*rows)
    path = write(tmp_path / "s.xlsx", several._replace(d=replace(several.d, projects=same, bureau=bureau)))
    assert own.sum() > 1
    assert [row["项目名称"] for row in rows_of(path, "复核差异")] == ["同一项目"] * own.sum()
    assert "有 1 项没有对上" in sheet(path, "复核差异")[1][0]


def test_last_year_stands_beside_this_one(several: Checked, tmp_path: Path) -> None:
    (tmp_path / "last").mkdir()
    last = district_of(tmp_path / "last", {"x.xlsx": department("鹿泉区政协", 700, (50.11, 55.22), 70)})
    path = write(tmp_path / "s.xlsx", several._replace(d=replace(several.d, bureau=Bureau(last_year=last))))
    rows = rows_of(path, "部门汇总")
    keys = ("预算增减", "上年支出合计", "支出增减", "完成率增减", "得分增减", "等级变化")
    assert [rows[0][key] for key in keys] == [
        pytest.approx(107.66), 805.33, pytest.approx(53.83), 0.0, 22.1, "一般→优秀",
    ]  # fmt: skip
    assert [rows[1][key] for key in keys] == [""] * 6
    line = next(row for row in budget_rows(path) if row["项目"] == "本年支出合计")
    assert (line["上年决算数"], line["上年填列部门数"]) == (805.33, 1.0)
    now = 859.16 + 2030.755001 + 0.423456 + 1
    assert line["增减额"] == pytest.approx(now - 805.33, abs=HALF_FEN)
    assert line["增减率"] == pytest.approx((now - 805.33) / 805.33)
    held = {(row["汇总表"], row["合计项"]): row for row in rows_of(path, "核对")}
    assert held["部门汇总", "上年支出合计"]["逐份重加"] == 805.33
    assert {row["结论"] for row in held.values() if row["结论"] in ("相符", "不符")} == {"相符"}


@pytest.mark.parametrize("count", [1, 12, 13, 30])
def test_charts_name_no_more_than_twelve(tmp_path: Path, count: int) -> None:
    names = {f"{number:02}.xlsx": department(f"鹿泉区{number:02}局", score=70 + number) for number in range(count)}
    checked = checked_of(district_of(tmp_path, names))
    path = write(tmp_path / "s.xlsx", checked)
    with zipfile.ZipFile(path) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
    graver = [each for each in checked.findings if each.severity is not Severity.INFO]
    assert len(charts) == (4 if graver else 3)
    for chart in charts:
        for first, last in re.findall(r"<c:f>总览!\$[A-Z]+\$(\d+):\$[A-Z]+\$(\d+)</c:f>", chart):
            assert 1 <= int(last) - int(first) + 1 <= 12
    rows = sheet(path, "总览")
    top = next(at for at, row in enumerate(rows) if row[0] == "名次")
    listed = [(row[0], row[1], row[4]) for row in rows[top + 1 : top + 1 + min(count, 12)]]
    ranks = list(range(1, count + 1)) if count <= 12 else [*range(1, 7), *range(count - 5, count + 1)]
    assert listed == [(float(at), f"鹿泉区{count - at:02}局", 70.0 + count - at) for at in ranks]


def test_equal_scores_share_a_place(tmp_path: Path) -> None:
    scores = {"甲局": 88, "乙局": 91.5, "丙局": 91.5, "丁局": 80}
    d = district_of(tmp_path, {f"{name}.xlsx": department(name, score=score) for name, score in scores.items()})
    _, listed, _ = ranked(Tally(d, [], grade(d, POLICY), POLICY))
    assert [(each.place, each.name, each.score) for each in listed] == [
        (1, "丙局", 91.5), (1, "乙局", 91.5), (3, "甲局", 88), (4, "丁局", 80),
    ]  # fmt: skip


def test_findings_lead_to_the_returned_copy_or_the_result(several: Checked, tmp_path: Path) -> None:
    links = Links({"a.xlsx": "结果/甲.xlsx", "c新.xlsx": "结果/丙.xlsx"}, {"c新.xlsx": "退回/丙.xlsx"})
    page = openpyxl.load_workbook(write(tmp_path / "s.xlsx", several, links))["问题清单"]
    headers = [cell.value for cell in page[3]]
    source, name = headers.index("来源文件"), headers.index("部门")
    targets = {
        row[source].value: row[name].hyperlink.target if row[name].hyperlink else None
        for row in page.iter_rows(min_row=4)
        if row[source].value
    }
    assert targets == {"a.xlsx": "结果\\甲.xlsx", "c新.xlsx": "退回\\丙.xlsx", "坏.xlsx": None}


def test_the_sheets_stand_in_their_order(several: Checked, tmp_path: Path) -> None:
    names = openpyxl.load_workbook(write(tmp_path / "s.xlsx", several)).sheetnames
    assert names == ["总览", "部门汇总", "项目汇总", "收支汇总", "目录", "指标汇总", "问题清单", "未报送与未读取",
                     "说明与豁免", "抽查名单", "核对", "规则覆盖", "运行说明"]  # fmt: skip


def test_what_is_signed_is_printed_on_a4_without_hashes_or_rule_numbers(several: Checked, tmp_path: Path) -> None:
    path = write(tmp_path / "s.xlsx", several)
    book = openpyxl.load_workbook(path, data_only=True)
    for title in ("部门汇总", "项目汇总"):
        page = book[title]
        area = page[page.print_area.split("!")[1].replace("$", "")]
        words = " ".join(str(cell.value) for row in area for cell in row if cell.value is not None)
        assert not re.search(r"\b[A-Z]\d\d\b|\b[0-9a-f]{12}\b|[a-z]{3,}_", words)
        assert "校验值" not in [cell.value for cell in area[2]]
        assert "校验值" in [cell.value for cell in page[3]]
        assert page.print_title_rows == "$3:$3"
        assert "单位负责人" in page.oddFooter.left.text
        wide: dict[int, float] = {}
        for each in page.column_dimensions.values():
            wide |= dict.fromkeys(range(each.min, each.max + 1), each.width)
        widths = [wide[cell.column] for cell in area[2]]
        assert sum(widths) * 7 <= (11.69 - 0.6) * 96 / 0.9 + 1  # type of ten points, at nine tenths
        assert page.page_setup.paperSize == 9
    signed = [cell.hyperlink.location for row in book["目录"].iter_rows() for cell in row if cell.hyperlink]
    assert [each.partition("!")[0].strip("'") for each in signed] == [
        each for each in book.sheetnames if each != "目录"
    ]


def test_every_rule_is_said_as_a_problem() -> None:
    assert set(PROBLEMS) == set(RULES)
    assert not [words for words in PROBLEMS.values() if re.search("[A-Za-z_]|须|应当", words)]


def test_the_about_sheet_says_what_was_given(several: Checked, tmp_path: Path) -> None:
    path = write(tmp_path / "s.xlsx", several, about=About(fixed=2, unmarked={"a.xlsx": "有密码"}))
    said = {str(row[0]): str(row[1]) for row in sheet(path, "运行说明")}
    assert said["收到文件"] == "6 个：计入 4 个，未读取 1 个，重复未计入 1 个"
    assert said["上一次结果"] == "已改正 2 条"
    assert said["名册"] == "没有给出，未核对未报送的部门"
    assert said["未能在原件上标注的 1 个"] == "退回件改用问题清单。a.xlsx：有密码"
    assert "填报日期最晚" in said["重复报送"]
    assert columns(path, "规则覆盖", 1)["规则"] == ["B01"]
