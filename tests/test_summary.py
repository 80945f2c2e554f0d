"""The district summary: what counts, who is missing, what was answered, and that every total can be proved."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from departments import POLICY, Checked, department, put, sheet
from summaries import (
    HALF_FEN,
    budget_rows,
    checked_of,
    district_of,
    roster_of,
    rows_of,
    several,  # noqa: F401 - fixtures
    write,
)

from evalxl import layout
from evalxl.district.tables import District
from evalxl.facts.grade import grade
from evalxl.layout import BUDGET, GENERAL, PROJECTS
from evalxl.outputs.summary import reconciliation as reconciliation_sheet
from evalxl.outputs.summary.reconcile import Added, Shown, reconcile
from evalxl.rules import Scope
from evalxl.rules.engine import check

COUNTED = ["a.xlsx", "b.xlsx", "c新.xlsx", "d.xlsx"]


def test_only_the_workbooks_that_count_are_listed_and_added(several: Checked, tmp_path: Path) -> None:
    path = write(tmp_path / "s.xlsx", several)
    assert [row["来源文件"] for row in rows_of(path, "部门汇总")] == [*COUNTED[:2], "c新.xlsx", "d.xlsx", "坏.xlsx"]
    assert {row["来源文件"] for row in rows_of(path, "项目汇总")} == set(COUNTED[:3])
    assert [row["来源文件"] for row in rows_of(path, "指标汇总")] == ["a.xlsx", "c新.xlsx"]
    totals = sheet(path, "部门汇总")[3 + 5]
    spent = [859.16, 2030.755001, 0.423456, 1.0]
    headers = sheet(path, "部门汇总")[2]
    assert totals[headers.index("本年支出合计")] == pytest.approx(sum(spent), abs=HALF_FEN)
    assert totals[headers.index("全年支出预算")] == pytest.approx(2 * sum(spent), abs=HALF_FEN)
    assert totals[headers.index("预算完成率")] == 0.5
    assert totals[headers.index("项目数")] == 2 + 3 + 2
    budget = {row["项目"]: row for row in budget_rows(path)}
    assert budget["项目支出"]["决算数"] == pytest.approx(105.33 + 30.750001 + 0.323456, abs=HALF_FEN)
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
    d = district_of(tmp_path, departments)
    found = [*check(d, POLICY).findings, *check(d, POLICY, Scope.DISTRICT).findings]
    path = write(tmp_path / "s.xlsx", Checked(d, found, grade(d, POLICY), []))
    assert {each.workbook for each in found if each.rule == "F07"} == set(years)
    words = "".join(str(row[0]) for row in sheet(path, "总览") if str(row[0]).startswith("汇总数包括"))
    assert re.findall("其中 .*核实。", words) == [said] * bool(said)


def test_the_overview_says_what_is_in_no_sum_and_who_is_on_no_roster(tmp_path: Path) -> None:
    departments = {"a.xlsx": department("鹿泉区政协"), "b.xlsx": department("鹿泉区教育局")}
    for row in (5, 6):
        put(departments["a.xlsx"], PROJECTS, "executed", "约十万", row)
    put(departments["a.xlsx"], PROJECTS, "score", "九十", 5)  # is in no amount
    d = district_of(tmp_path, departments)
    d = replace(d, bureau=roster_of(("鹿泉区教育局", "", ""), ("鹿泉区水利局", "", "")))
    words = [str(row[0]) for row in sheet(write(tmp_path / "s.xlsx", checked_of(d)), "总览")]
    told = next(each for each in words if "金额未能读取" in each)
    assert "1 个工作簿有 2 个金额未能读取，各项合计不含这些数。" in told
    assert "有 1 个工作簿的部门不在名册上，计入的其数也在汇总数内。名册上有 1 个部门没有报送。" in told


def test_every_row_names_the_file_sheet_row_and_hash_it_is_from(several: Checked, tmp_path: Path) -> None:
    path = write(tmp_path / "s.xlsx", several)
    hashes = dict(zip(several.d.workbooks["workbook"], several.d.workbooks["sha256"], strict=True))
    expected = [
        (book, PROJECTS.title, float(row), hashes[book][:12])
        for book, count in (("a.xlsx", 2), ("b.xlsx", 3), ("c新.xlsx", 2))
        for row in range(5, 5 + count)
    ]
    found = [tuple(row[key] for key in ("来源文件", "工作表", "行", "校验值")) for row in rows_of(path, "项目汇总")]
    assert found == expected
    total = float(BUDGET.row("expenditure_total"))
    for row in rows_of(path, "部门汇总"):
        read_ = row["来源文件"] != "坏.xlsx"
        assert (row["工作表"], row["行"]) == ((BUDGET.title, total) if read_ else ("", ""))
        assert row["校验值"] == hashes[row["来源文件"]][:12]
    assert [row["行"] for row in rows_of(path, "指标汇总")] == [5.0, 5.0]


@pytest.mark.parametrize("removed", [*COUNTED, "坏.xlsx"])
def test_removing_an_input_changes_exactly_its_rows(several: Checked, tmp_path: Path, removed: str) -> None:
    first = _without(several, "c旧.xlsx") if removed == "c新.xlsx" else several  # else the one it replaced would count
    without = _without(first, removed)
    before, after = write(tmp_path / "a.xlsx", several), write(tmp_path / "b.xlsx", without)
    for title in ("部门汇总", "项目汇总", "指标汇总", "问题清单", "抽查名单"):
        kept = [row for row in rows_of(before, title) if row["来源文件"] not in (removed, "c旧.xlsx")]
        assert [row for row in rows_of(after, title) if row["来源文件"] != "c旧.xlsx"] == kept, title


def test_removing_what_does_not_count_changes_no_figure(several: Checked, tmp_path: Path) -> None:
    before = write(tmp_path / "a.xlsx", several)
    after = write(tmp_path / "b.xlsx", _without(several, "c旧.xlsx"))
    for title in ("部门汇总", "项目汇总", "指标汇总", "收支汇总", "抽查名单"):
        assert sheet(before, title) == sheet(after, title), title


def _without(checked: Checked, removed: str) -> Checked:
    d = checked.d
    tables = {name: table[table["workbook"] != removed].reset_index(drop=True) for name, table in d.tables.items()}
    places = {key: place for key, place in d.places.items() if key[0] != removed}
    return checked_of(District(**tables, places=places))  # type: ignore[arg-type]


def test_every_total_is_proved_by_adding_again(several: Checked, tmp_path: Path) -> None:
    path = write(tmp_path / "s.xlsx", several)
    rows = rows_of(path, "核对")
    totals = [row for row in rows if row["结论"] in ("相符", "不符")]
    assert {row["结论"] for row in totals} == {"相符"}
    assert {row["差额"] for row in totals} == {0.0}
    held = {(row["汇总表"], row["合计项"]): row["逐份重加"] for row in totals}
    assert held["项目汇总", "全年执行数"] == pytest.approx(105.33 + 30.750001 + 0.323456, abs=HALF_FEN)
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
    rows = sheet(write(tmp_path / "s.xlsx", several), "核对")
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
    path = write(tmp_path / "s.xlsx", several)
    assert [row["合计项"] for row in rows_of(path, "核对") if row["结论"] == "不符"] == ["本年支出合计"]
    assert "有 1 项合计与逐份重加的数不符" in sheet(path, "核对")[1][0]


def test_rows_beyond_a_sheet_are_said_to_be_elsewhere(
    several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evalxl.sheets.table.MOST_ROWS", 5)
    path = write(tmp_path / "s.xlsx", several)
    rows = sheet(path, "项目汇总")
    words = "共 7 行，超过一张工作表的行数，本表只列出前 5 行，其余见 findings.csv 和 evalxl.sqlite。"
    assert words in [row[0] for row in rows]
    verdicts = {row["合计项"]: row["结论"] for row in rows_of(path, "核对") if row["汇总表"] == "项目汇总"}
    assert set(verdicts.values()) <= {"只列出前部，其余见 evalxl.sqlite"}


def test_a_sheet_of_very_many_rows_is_the_same_written_to_disk(
    several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = write(tmp_path / "a.xlsx", several)
    monkeypatch.setattr("evalxl.outputs.summary.sheet.MANY", 0)
    monkeypatch.setattr("evalxl.outputs.summary.sheet.HELD", 0)
    on_disk = write(tmp_path / "b.xlsx", several)
    for title in openpyxl.load_workbook(in_memory).sheetnames:
        assert sheet(in_memory, title) == sheet(on_disk, title), title
