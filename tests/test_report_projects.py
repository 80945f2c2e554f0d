"""Amounts of projects that stand in a report's prose alone: filled in where nothing else can be meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from drafts import of_sheet, read_report, typed

_HEAD = ("示范县林业局2023年度部门整体支出绩效自评报告", "一、部门概况", "负责林业工作。", "二、项目情况")
_TABLE = [["项目名称", "自评得分", "评价等级"], ["森林防火项目", "98", "优秀"], ["国土绿化", "95", "优秀"]]


@pytest.mark.parametrize(
    ("told", "filled", "left"),
    [
        (
            "森林防火项目年初预算80万元，全年预算数85万元，执行数84.5万元。国土绿化项目全年预算200万元，实际支出1980000元。",
            {"E5": 80.0, "F5": 85.0, "G5": 84.5, "F6": 200.0, "G6": 198.0},
            "",
        ),
        ("森林防火项目预算80万元，支出50万元。", {"G5": 50.0}, "80万元"),
        ("2022年国土绿化项目全年预算200万元，实际支出198万元。", {}, "200万元、198万元"),
        ("国土绿化项目实际支出198万元，其中材料费20万元。", {"G6": 198.0}, "20万元"),
        ("森林防火和国土绿化项目实际支出100万元。", {}, "100万元"),
        ("森林防火项目实际支出84.5万元。森林防火项目实际支出90万元。", {}, "84.5万元"),
        ("国土绿化项目实际支出198万元左右。", {}, "198万元"),
    ],
)
def test_an_amount_of_a_project_is_filled_in_where_it_is_plain(
    tmp_path: Path, told: str, filled: dict[str, float], left: str
) -> None:
    found = read_report(typed(tmp_path / "a.docx", *_HEAD, told, _TABLE))
    amounts = {cell: value for cell, value in of_sheet(found, "项目").items() if cell[0] in "EFG"}
    assert amounts == filled
    named = [doubt for doubt in found.doubts if "不能确定填在哪一格" in doubt]
    assert bool(named) is bool(left)
    assert not left or f"中的 {left} 不能确定" in named[0]


@pytest.mark.parametrize(("printed", "named"), [("84.5", False), ("90", True)])
def test_what_the_table_prints_stays_and_what_differs_is_named(tmp_path: Path, printed: str, named: bool) -> None:
    table = [["项目名称", "全年执行数（万元）", "自评得分"], ["森林防火项目", printed, "98"], ["国土绿化", "1", "95"]]
    found = read_report(typed(tmp_path / "a.docx", *_HEAD, "森林防火项目实际支出84.5万元。", table))
    assert found.entries["项目!G5"] == float(printed)
    assert any("84.5万元" in doubt for doubt in found.doubts) is named
