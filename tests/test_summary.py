"""The district summary: what counts, who is missing, what was answered, and that every total can be proved."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from test_write import POLICY, Checked, Entries, columns, department, make, put, sheet

from evalxl import layout
from evalxl.district.findings import Finding
from evalxl.district.tables import IDLE_WAIVER_COLUMNS, RECHECK_COLUMNS, ROSTER_COLUMNS, Bureau, District, frame
from evalxl.facts.attendance import Attendance, Missing, attendance, from_dict
from evalxl.facts.grade import grade
from evalxl.intake import read
from evalxl.layout import BUDGET, GENERAL, INDICATORS, PROJECTS
from evalxl.outputs.summary import Beside, write_summary
from evalxl.outputs.summary import reconciliation as reconciliation_sheet
from evalxl.outputs.summary.ranking import ranked
from evalxl.outputs.summary.reconcile import Added, Shown, reconcile
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.analysis import analysis_blocks, write_analysis
from evalxl.outputs.word.blocks import Heading, Paragraph, Table
from evalxl.rules import Scope
from evalxl.rules.engine import check

_HALF_FEN = 5e-7


def _read(folder: Path, departments: Mapping[str, Entries], broken: Iterable[str] = ()) -> District:
    files = []
    for name, entries in departments.items():
        make(folder / name, entries)
        files.append((name, folder / name))
    for name in broken:
        (folder / name).write_bytes(b"no workbook")
        files.append((name, folder / name))
    return read.read(sorted(files), POLICY)


def _checked(d: District) -> Checked:
    """A district held against the rules of workbooks alone, so that no department's findings depend on another's."""
    done = check(d, POLICY)
    return Checked(d, done.findings, grade(d, POLICY), done.coverage)


def _summary(path: Path, checked: Checked, beside: Beside | None = None) -> Path:
    write_summary(path, checked.d, checked.findings, checked.grades, checked.coverage, POLICY, beside)
    return path


def _rows(path: Path, title: str) -> list[dict[str, Any]]:
    """A table's rows as records, without its numbering and its line of totals."""
    rows = sheet(path, title)
    found = []
    for row in rows[3:]:
        if not isinstance(row[0], float):
            break
        found.append({header: value for header, value in zip(rows[2], row, strict=True) if header not in ("", "序号")})
    return found


def _with_indicator(entries: Entries, points: float) -> Entries:
    values = {"project": "项目5", "level1": "产出指标", "level2": "数量指标", "level3": "培训人次", "direction": "正向(≥)",
              "target": "100", "measure_unit": "人", "achieved": "90", "weight": 100, "points": points}  # fmt: skip
    for key, value in values.items():
        put(entries, INDICATORS, key, value, 5)
    return entries


def _dated(entries: Entries, date: str) -> Entries:
    put(entries, GENERAL, "date", date)
    return entries


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Four departments, one of which sent two workbooks, and a file that cannot be read."""
    departments = {
        "a.xlsx": _with_indicator(department("鹿泉区政协"), 90),
        "b.xlsx": department("鹿泉区教育局", 2000.005, (10.5, 20.25, 0.000001)),
        "c旧.xlsx": _dated(department("鹿泉区民政局", 99), "2024-03-01"),
        "c新.xlsx": _dated(_with_indicator(department("鹿泉区民政局", 0.1, (0.2, 0.123456), 70), 88), "2024-03-20"),
        "d.xlsx": department("鹿泉区水利局", 1, (), 86),
    }
    return _checked(_same_time(_read(tmp_path_factory.mktemp("several"), departments, ["坏.xlsx"])))


def _same_time(d: District) -> District:
    """The workbooks as if all had been saved at one moment, so that the date of the report decides."""
    return replace(d, workbooks=d.workbooks.assign(saved="2024-03-21T00:00:00Z"))


COUNTED = ["a.xlsx", "b.xlsx", "c新.xlsx", "d.xlsx"]


# ---------------------------------------------------------------- what counts


def test_only_the_workbooks_that_count_are_listed_and_added(several: Checked, tmp_path: Path) -> None:
    path = _summary(tmp_path / "s.xlsx", several)
    assert [row["来源文件"] for row in _rows(path, "部门汇总")] == [*COUNTED[:2], "c新.xlsx", "d.xlsx", "坏.xlsx"]
    assert {row["来源文件"] for row in _rows(path, "项目汇总")} == set(COUNTED[:3])
    assert [row["来源文件"] for row in _rows(path, "指标汇总")] == ["a.xlsx", "c新.xlsx"]
    totals = sheet(path, "部门汇总")[3 + 5]
    spent = [859.16, 2030.755001, 0.423456, 1.0]
    headers = sheet(path, "部门汇总")[2]
    assert totals[headers.index("本年支出合计")] == pytest.approx(sum(spent), abs=_HALF_FEN)
    assert totals[headers.index("全年支出预算")] == pytest.approx(2 * sum(spent), abs=_HALF_FEN)
    assert totals[headers.index("预算完成率")] == 0.5
    assert totals[headers.index("项目数")] == 2 + 3 + 2
    budget = {row["项目"]: row for row in _budget_rows(path)}
    assert budget["项目支出"]["决算数"] == pytest.approx(105.33 + 30.750001 + 0.323456, abs=_HALF_FEN)
    assert budget["本年支出合计"]["填列部门数"] == 4
    assert budget["政府采购支出"]["决算数"] == ""


@pytest.mark.parametrize(
    ("years", "said"),
    [
        ({}, ""),
        ({"b.xlsx": 2022}, "其中 1 个填报的不是 2023 年度（鹿泉区教育局 2022 年度），其数也在内，请先核实。"),
        (
            {"a.xlsx": 2022, "b.xlsx": 2022, "c.xlsx": 2021, "d.xlsx": 2022},
            "其中 4 个填报的不是 2023 年度"
            "（鹿泉区政协 2022 年度、鹿泉区教育局 2022 年度、鹿泉区民政局 2021 年度等），其数也在内，请先核实。",
        ),
    ],
)
def test_sums_with_figures_of_another_year_say_so(tmp_path: Path, years: dict[str, int], said: str) -> None:
    names = ("政协", "教育局", "民政局", "水利局", "文化局", "审计局", "统计局", "档案局", "体育局")
    departments = {
        f"{letter}.xlsx": department(f"鹿泉区{name}") for letter, name in zip("abcdefghi", names, strict=True)
    }
    for name, year in years.items():
        put(departments[name], GENERAL, "year", year)
    d = _read(tmp_path, departments)
    found = [*check(d, POLICY).findings, *check(d, POLICY, Scope.DISTRICT).findings]
    path = _summary(tmp_path / "s.xlsx", Checked(d, found, grade(d, POLICY), []))
    assert {each.workbook for each in found if each.rule == "F07"} == set(years)
    words = "".join(str(row[0]) for row in sheet(path, "总览") if str(row[0]).startswith("汇总数包括"))
    assert re.findall("其中 .*核实。", words) == [said] * bool(said)


def test_the_overview_says_what_is_in_no_sum_and_who_is_on_no_roster(tmp_path: Path) -> None:
    departments = {"a.xlsx": department("鹿泉区政协"), "b.xlsx": department("鹿泉区教育局")}
    for row in (5, 6):
        put(departments["a.xlsx"], PROJECTS, "executed", "约十万", row)
    put(departments["a.xlsx"], PROJECTS, "score", "九十", 5)  # is in no amount
    d = _read(tmp_path, departments)
    d = replace(d, bureau=_roster(("鹿泉区教育局", "", ""), ("鹿泉区水利局", "", "")))
    words = [str(row[0]) for row in sheet(_summary(tmp_path / "s.xlsx", _checked(d)), "总览")]
    told = next(each for each in words if "金额未能读取" in each)
    assert "1 个工作簿有 2 个金额未能读取，各项合计不含这些数。" in told
    assert "有 1 个工作簿的部门不在名册上，计入的其数也在汇总数内。名册上有 1 个部门没有报送。" in told


def _budget_rows(path: Path) -> list[dict[str, Any]]:
    rows = sheet(path, "收支汇总")
    return [dict(zip(rows[2], row, strict=True)) for row in rows[3 : 3 + len(BUDGET.lines)]]


def test_every_row_names_the_file_sheet_row_and_hash_it_is_from(several: Checked, tmp_path: Path) -> None:
    path = _summary(tmp_path / "s.xlsx", several)
    hashes = dict(zip(several.d.workbooks["workbook"], several.d.workbooks["sha256"], strict=True))
    expected = [
        (book, PROJECTS.title, float(row), hashes[book][:12])
        for book, count in (("a.xlsx", 2), ("b.xlsx", 3), ("c新.xlsx", 2))
        for row in range(5, 5 + count)
    ]
    found = [tuple(row[key] for key in ("来源文件", "工作表", "行", "校验值")) for row in _rows(path, "项目汇总")]
    assert found == expected
    total = float(BUDGET.row("expenditure_total"))
    for row in _rows(path, "部门汇总"):
        read_ = row["来源文件"] != "坏.xlsx"
        assert (row["工作表"], row["行"]) == ((BUDGET.title, total) if read_ else ("", ""))
        assert row["校验值"] == hashes[row["来源文件"]][:12]
    assert [row["行"] for row in _rows(path, "指标汇总")] == [5.0, 5.0]


@pytest.mark.parametrize("removed", [*COUNTED, "坏.xlsx"])
def test_removing_an_input_changes_exactly_its_rows(several: Checked, tmp_path: Path, removed: str) -> None:
    first = _without(several, "c旧.xlsx") if removed == "c新.xlsx" else several  # else the one it replaced would count
    without = _without(first, removed)
    before, after = _summary(tmp_path / "a.xlsx", several), _summary(tmp_path / "b.xlsx", without)
    for title in ("部门汇总", "项目汇总", "指标汇总", "问题清单", "抽查名单"):
        kept = [row for row in _rows(before, title) if row["来源文件"] not in (removed, "c旧.xlsx")]
        assert [row for row in _rows(after, title) if row["来源文件"] != "c旧.xlsx"] == kept, title


def test_removing_what_does_not_count_changes_no_figure(several: Checked, tmp_path: Path) -> None:
    before = _summary(tmp_path / "a.xlsx", several)
    after = _summary(tmp_path / "b.xlsx", _without(several, "c旧.xlsx"))
    for title in ("部门汇总", "项目汇总", "指标汇总", "收支汇总", "抽查名单"):
        assert sheet(before, title) == sheet(after, title), title


def _without(checked: Checked, removed: str) -> Checked:
    d = checked.d
    tables = {name: table[table["workbook"] != removed].reset_index(drop=True) for name, table in d.tables.items()}
    places = {key: place for key, place in d.places.items() if key[0] != removed}
    return _checked(District(**tables, places=places))  # type: ignore[arg-type]


# ---------------------------------------------------------------- reconciliation


def test_every_total_is_proved_by_adding_again(several: Checked, tmp_path: Path) -> None:
    path = _summary(tmp_path / "s.xlsx", several)
    rows = _rows(path, "核对")
    totals = [row for row in rows if row["结论"] in ("相符", "不符")]
    assert {row["结论"] for row in totals} == {"相符"}
    assert {row["差额"] for row in totals} == {0.0}
    held = {(row["汇总表"], row["合计项"]): row["逐份重加"] for row in totals}
    assert held["项目汇总", "全年执行数"] == pytest.approx(105.33 + 30.750001 + 0.323456, abs=_HALF_FEN)
    assert held["部门汇总", "整体自评得分"] == pytest.approx((92.1 * 2 + 70 + 86) / 4, abs=0.005)
    assert held["项目汇总", "行数"] == 7
    assert held["问题清单", "行数"] == len(several.findings)
    lines = [line for line in BUDGET.lines[:21] if not line.detail]
    assert {what for table, what in held if table == "收支汇总"} == {
        f"{line.label}　{BUDGET.by_key[column].header}" for line in lines for column in ("revised", "final")
    }
    assert f"全部 {len(totals)} 项合计" in sheet(path, "核对")[1][0]
    formulas = openpyxl.load_workbook(path)["核对"]
    assert formulas.cell(4, 4).value == f"='部门汇总'!{layout.cell(9, 3)}"


def test_every_input_is_listed_with_its_hash_and_why_it_does_not_count(several: Checked, tmp_path: Path) -> None:
    rows = sheet(_summary(tmp_path / "s.xlsx", several), "核对")
    start = next(at for at, row in enumerate(rows) if row[1] == "文件")
    listed = {row[1]: (row[4], row[6]) for row in rows[start + 1 :] if isinstance(row[0], float)}
    hashes = dict(zip(several.d.workbooks["workbook"], several.d.workbooks["sha256"], strict=True))
    assert listed == {
        book: (
            {"c旧.xlsx": "不计入：重复报送，以 c新.xlsx 为准", "坏.xlsx": "不计入：文件未读取"}.get(book, "计入"),
            sha256,
        )
        for book, sha256 in hashes.items()
    }
    assert hashes["坏.xlsx"] == hashlib.sha256(b"no workbook").hexdigest()


@pytest.mark.parametrize(("fen", "agrees"), [(0, True), (1, False), (-100, False)])
def test_a_total_that_is_off_by_a_fen_does_not_agree(several: Checked, fen: int, agrees: bool) -> None:
    spent = 859_160_000 + 2_030_755_001 + 423_456 + 1_000_000
    shown = Shown(
        "部门汇总", "本年支出合计", "", (spent + fen) / 1e6, "amount", ("budget", "expenditure_total", "final")
    )
    added = reconcile([shown], several.d, {"c旧.xlsx", "坏.xlsx"}, {"c旧.xlsx"}, several.findings)
    assert added == [Added(shown, spent / 1e6)]
    assert added[0].agrees is agrees


def test_a_wrong_total_is_said_on_the_sheet(several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def off(*given: Any) -> list[Added]:
        return [Added(each.shown, each.value + (number == 1)) for number, each in enumerate(reconcile(*given))]

    monkeypatch.setattr(reconciliation_sheet, "reconcile", off)
    path = _summary(tmp_path / "s.xlsx", several)
    assert [row["合计项"] for row in _rows(path, "核对") if row["结论"] == "不符"] == ["本年支出合计"]
    assert "有 1 项合计与逐份重加的数不符" in sheet(path, "核对")[1][0]


def test_rows_beyond_a_sheet_are_said_to_be_elsewhere(
    several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalxl.sheets.table.MOST_ROWS", 5)
    path = _summary(tmp_path / "s.xlsx", several)
    rows = sheet(path, "项目汇总")
    words = "共 7 行，超过一张工作表的行数，本表只列出前 5 行，其余见 findings.csv 和 evalxl.sqlite。"
    assert words in [row[0] for row in rows]
    verdicts = {row["合计项"]: row["结论"] for row in _rows(path, "核对") if row["汇总表"] == "项目汇总"}
    assert set(verdicts.values()) <= {"只列出前部，其余见 evalxl.sqlite"}


def test_a_sheet_of_very_many_rows_is_the_same_written_to_disk(
    several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = _summary(tmp_path / "a.xlsx", several)
    monkeypatch.setattr("evalxl.outputs.summary.sheet.MANY", 0)
    monkeypatch.setattr("evalxl.outputs.summary.sheet.HELD", 0)
    on_disk = _summary(tmp_path / "b.xlsx", several)
    for title in openpyxl.load_workbook(in_memory).sheetnames:
        assert sheet(in_memory, title) == sheet(on_disk, title), title


# ---------------------------------------------------------------- roster, explanations, rechecks, last year


def _roster(*names: tuple[str, str, str]) -> Bureau:
    """A roster of names with former names and whom to ask."""
    rows = [
        (number, "", name, name, aliases, contact, "", "") for number, (name, aliases, contact) in enumerate(names, 2)
    ]
    return Bureau(roster=frame(ROSTER_COLUMNS, [(float(row[0]), *row[1:]) for row in rows], {"row"}))


def test_what_is_missing_unread_repeated_or_unknown_is_named(several: Checked, tmp_path: Path) -> None:
    bureau = _roster(
        ("鹿泉区政协", "", ""),
        ("鹿泉区人大", "", "张三"),
        ("鹿泉区教育体育局", "鹿泉区教育局", ""),
        ("鹿泉区民政局", "", ""),
    )
    checked = several._replace(d=replace(several.d, bureau=bureau))
    path = _summary(tmp_path / "s.xlsx", checked)
    rows = _rows(path, "未报送与未读取")
    assert [(row["情况"], row["部门"], row["文件"]) for row in rows] == [
        ("未报送", "鹿泉区人大", ""),
        ("未读取", "", "坏.xlsx"),
        ("重复未计入", "鹿泉区民政局", "c旧.xlsx"),
        ("名册外", "鹿泉区水利局", "d.xlsx"),
        ("名称不同", "鹿泉区教育局", "b.xlsx"),
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
    assert from_dict(below.to_dict()) == below
    assert (below.missing[0].level, below.extra) == ("石家庄市/栾城区", ("石家庄市/栾城区/d.xlsx",))
    assert attendance(District()) is None


def test_explanations_and_waivers_are_listed_with_what_became_of_them(several: Checked, tmp_path: Path) -> None:
    warning = next(each for each in several.findings if each.severity.value == "warning" and each.workbook == "a.xlsx")
    error = replace(warning, id="e", severity=type(warning.severity)("error"))
    findings: list[Finding] = [
        replace(warning, id="1", explanation="已核实"),
        replace(warning, id="2", explanation="旧的说明", lapsed=True),
        replace(error, id="3", explanation="不改"),
        replace(error, id="4", waiver="集体研究（赵局长 批准）"),
    ]
    idle = frame(IDLE_WAIVER_COLUMNS, [(3.0, "B01", "鹿泉区水利局", "", "已于 2020-01-01 到期")], {"row"})
    checked = several._replace(d=replace(several.d, bureau=Bureau(idle_waivers=idle)), findings=findings)
    path = _summary(tmp_path / "s.xlsx", checked)
    rows = _rows(path, "说明与豁免")
    assert [(row["类别"], row["部门"], row["说明或豁免理由"], row["状态"]) for row in rows] == [
        ("说明", "鹿泉区政协", "已核实", "有效"),
        ("说明", "鹿泉区政协", "旧的说明", "失效：数据已变，须重新说明"),
        ("说明", "鹿泉区政协", "不改", "不能接受：错误须改正"),
        ("豁免", "鹿泉区政协", "集体研究（赵局长 批准）", "有效，不计入错误和提醒"),
        ("豁免", "鹿泉区水利局", "豁免清单第 3 行", "未起作用：已于 2020-01-01 到期"),
    ]
    listed = _rows(path, "部门汇总")[0]
    assert (listed["错误"], listed["提醒"]) == (1.0, 2.0)
    assert [row["豁免"] for row in _rows(path, "问题清单")] == ["", "", "", "集体研究（赵局长 批准）"]


def test_rechecks_stand_beside_the_scores(several: Checked, tmp_path: Path) -> None:
    assert "复核差异" not in openpyxl.load_workbook(_summary(tmp_path / "0.xlsx", several)).sheetnames
    rows = [
        (4.0, "鹿泉区政协", "", "项目5", "项目5", 80.0, "", "佐证不足"),  # declared 88.7, 优秀
        (5.0, "鹿泉区政协", "", "项目6", "项目6", 79.0, "", ""),  # declared 80.2, 良好
        (6.0, "鹿泉区民政局", "", "没有的", "没有的", 60.0, "", ""),
    ]
    bureau = Bureau(rechecks=frame(RECHECK_COLUMNS, rows, {"row", "score"}))
    path = _summary(tmp_path / "s.xlsx", several._replace(d=replace(several.d, bureau=bureau)))
    found = [
        tuple(row[key] for key in ("项目名称", "自评得分", "自评等级", "复核得分", "复核等级", "差异", "结论"))
        for row in _rows(path, "复核差异")
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
    bureau = Bureau(rechecks=frame(RECHECK_COLUMNS, rows, {"row", "score"}))
    path = _summary(tmp_path / "s.xlsx", several._replace(d=replace(several.d, projects=same, bureau=bureau)))
    assert own.sum() > 1
    assert [row["项目名称"] for row in _rows(path, "复核差异")] == ["同一项目"] * own.sum()
    assert "有 1 项没有对上" in sheet(path, "复核差异")[1][0]


def test_last_year_stands_beside_this_one(several: Checked, tmp_path: Path) -> None:
    (tmp_path / "last").mkdir()
    last = _read(tmp_path / "last", {"x.xlsx": department("鹿泉区政协", 700, (50.11, 55.22), 70)})
    path = _summary(tmp_path / "s.xlsx", several._replace(d=replace(several.d, bureau=Bureau(last_year=last))))
    rows = _rows(path, "部门汇总")
    keys = ("预算增减", "上年支出合计", "支出增减", "完成率增减", "得分增减", "等级变化")
    assert [rows[0][key] for key in keys] == [
        pytest.approx(107.66), 805.33, pytest.approx(53.83), 0.0, 22.1, "一般→优秀",
    ]  # fmt: skip
    assert [rows[1][key] for key in keys] == [""] * 6
    line = next(row for row in _budget_rows(path) if row["项目"] == "本年支出合计")
    assert (line["上年决算数"], line["上年填列部门数"]) == (805.33, 1.0)
    now = 859.16 + 2030.755001 + 0.423456 + 1
    assert line["增减额"] == pytest.approx(now - 805.33, abs=_HALF_FEN)
    assert line["增减率"] == pytest.approx((now - 805.33) / 805.33)
    held = {(row["汇总表"], row["合计项"]): row for row in _rows(path, "核对")}
    assert held["部门汇总", "上年支出合计"]["逐份重加"] == 805.33
    assert {row["结论"] for row in held.values() if row["结论"] in ("相符", "不符")} == {"相符"}


# ---------------------------------------------------------------- the overview


@pytest.mark.parametrize("count", [1, 12, 13, 30])
def test_charts_name_no_more_than_twelve(tmp_path: Path, count: int) -> None:
    names = {f"{number:02}.xlsx": department(f"鹿泉区{number:02}局", score=70 + number) for number in range(count)}
    checked = _checked(_read(tmp_path, names))
    path = _summary(tmp_path / "s.xlsx", checked)
    with zipfile.ZipFile(path) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == (4 if checked.findings else 3)
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
    d = _read(tmp_path, {f"{name}.xlsx": department(name, score=score) for name, score in scores.items()})
    _, listed, _ = ranked(Tally(d, [], grade(d, POLICY), POLICY))
    assert [(each.place, each.name, each.score) for each in listed] == [
        (1, "丙局", 91.5), (1, "乙局", 91.5), (3, "甲局", 88), (4, "丁局", 80),
    ]  # fmt: skip


def test_findings_lead_to_the_returned_copy_or_the_result(several: Checked, tmp_path: Path) -> None:
    beside = Beside({"a.xlsx": "结果/甲.xlsx", "c新.xlsx": "结果/丙.xlsx"}, {"c新.xlsx": "退回/丙.xlsx"})
    page = openpyxl.load_workbook(_summary(tmp_path / "s.xlsx", several, beside))["问题清单"]
    headers = [cell.value for cell in page[3]]
    source, name = headers.index("来源文件"), headers.index("部门")
    targets = {
        row[source].value: row[name].hyperlink.target if row[name].hyperlink else None
        for row in page.iter_rows(min_row=4)
        if row[source].value
    }
    assert targets == {"a.xlsx": "结果\\甲.xlsx", "c新.xlsx": "退回\\丙.xlsx", "坏.xlsx": None}


def test_the_sheets_stand_in_their_order(several: Checked, tmp_path: Path) -> None:
    names = openpyxl.load_workbook(_summary(tmp_path / "s.xlsx", several)).sheetnames
    assert names == ["总览", "部门汇总", "项目汇总", "指标汇总", "收支汇总", "问题清单", "未报送与未读取", "说明与豁免",
                     "抽查名单", "核对", "规则覆盖", "运行说明"]  # fmt: skip


def test_the_about_sheet_says_what_was_given(several: Checked, tmp_path: Path) -> None:
    path = _summary(tmp_path / "s.xlsx", several, Beside(fixed=2, unmarked={"a.xlsx": "有密码"}))
    said = {str(row[0]): str(row[1]) for row in sheet(path, "运行说明")}
    assert said["收到文件"] == "6 个：计入 4 个，未读取 1 个，重复未计入 1 个"
    assert said["上一次结果"] == "已改正 2 条"
    assert said["名册"] == "没有给出，未核对未报送的部门"
    assert said["未能在原件上标注的 1 个"] == "退回件改用问题清单。a.xlsx：有密码"
    assert "填报日期最晚" in said["重复报送"]
    assert columns(path, "规则覆盖", 1)["规则"] == ["B01"]


# ---------------------------------------------------------------- the report on the whole


def test_the_analysis_states_the_figures_of_the_tables(several: Checked) -> None:
    bureau = _roster(("鹿泉区政协", "", ""), ("鹿泉区人大", "", "张三"))
    d = replace(several.d, bureau=bureau)
    tally = Tally(d, several.findings, several.grades, POLICY)
    blocks = analysis_blocks(tally)
    text = "".join(block.text for block in blocks if isinstance(block, Paragraph))
    assert "按名册应报2个部门，已报1个，报送覆盖率50.00%；未报送1个：鹿泉区人大。" in text
    assert "共收到自评工作簿6个" in text
    assert "1个不计入汇总" in text
    assert "纳入汇总的部门4个，项目7个" in text
    assert "本年支出合计2891.338457万元，其中项目支出136.403457万元，占支出的4.72%。" in text
    assert "预算完成率50.00%。完成率低于90%的部门4个" in text
    assert "填报整体自评得分的部门4个，平均85.05分，最高92.10分，最低70.00分。" in text
    grades, rules = (
        block for block in blocks if isinstance(block, Table) and block.columns[0].header in ("等级", "规则")
    )
    assert [(row[0], row[2], row[4]) for row in grades.rows] == [
        ("优秀", "3", "4"), ("良好", "0", "3"), ("一般", "1", "0"), ("较差", "0", "0"),
    ]  # fmt: skip
    assert sum(int(row[2]) for row in rules.rows) == len(several.findings)
    headings = [block.text for block in blocks if isinstance(block, Heading)]
    assert [heading[2:] for heading in headings] == [
        "组织开展情况", "自评覆盖情况", "预算执行情况", "自评结果分布", "存在的主要问题", "复核建议",
    ]  # fmt: skip


def test_the_analysis_is_a_word_document_and_the_same_bytes(several: Checked, tmp_path: Path) -> None:
    pytest.importorskip("docx", reason="python-docx is not installed")
    tally = Tally(several.d, several.findings, several.grades, POLICY)
    for name in ("a.docx", "b.docx"):
        write_analysis(tmp_path / name, tally)
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        assert "2891.338457" in package.read("word/document.xml").decode()
