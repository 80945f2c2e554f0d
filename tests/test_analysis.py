"""汇总分析报告: every figure is from the tables, every chapter says what it has nothing to say about."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from departments import POLICY, Checked
from summaries import rechecks_of, roster_of, several  # noqa: F401 - a fixture

from evalxl.district.findings import Severity
from evalxl.district.tables import District
from evalxl.outputs.summary.ranking import broken_rules
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.analysis import analysis_blocks, write_analysis
from evalxl.outputs.word.analysis.themes import examples, themes
from evalxl.outputs.word.blocks import Block, Heading, Look, Paragraph, Table


def tally_of(checked: Checked, d: District | None = None) -> Tally:
    return Tally(d or checked.d, checked.findings, checked.grades, POLICY)


def chapters(blocks: list[Block]) -> dict[str, list[Block]]:
    """The blocks of each chapter, by its heading without the number."""
    found: dict[str, list[Block]] = {}
    name = ""
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            name = block.text[2:]
        found.setdefault(name, []).append(block)
    return found


def words(blocks: list[Block]) -> str:
    return "".join(block.text for block in blocks if isinstance(block, Paragraph))


def table_of(blocks: list[Block], caption: str) -> Table:
    """The table under a caption; the note under it says where it is from."""
    at = next(
        number for number, block in enumerate(blocks)
        if isinstance(block, Paragraph) and block.look is Look.CAPTION and block.text.startswith(caption)
    )  # fmt: skip
    table, note = blocks[at + 1], blocks[at + 2]
    assert isinstance(table, Table)
    assert isinstance(note, Paragraph)
    assert note.text.startswith("注：据")
    return table


def test_the_chapters_state_the_figures_of_the_tables(several: Checked) -> None:
    bureau = roster_of(("鹿泉区政协", "", ""), ("鹿泉区人大", "", "张三"))
    found = chapters(analysis_blocks(tally_of(several, replace(several.d, bureau=bureau))))
    assert list(found) == [
        "", "基本情况与自评覆盖", "自评结果", "预算执行情况", "存在的问题", "复核情况", "与上年比较", "结果应用", "下一步建议",
    ]  # fmt: skip
    basis = words(found["基本情况与自评覆盖"])
    assert "按名册应报2个部门，已报1个，报送率50.00%；未报送1个：鹿泉区人大。" in basis
    assert "共收到文件6个（其中1个不是自评表），经核对，" in basis
    assert "1个不计入汇总" in basis
    assert "纳入汇总的部门4个" in basis
    assert "本年支出合计2,891.34万元，其中项目支出136.40万元，占支出的4.72%。" in basis
    assert "应自评项目7个" in basis
    assert "预算完成率50.00%。完成率低于90%的部门4个" in words(found["预算执行情况"])
    assert "填报整体自评得分的部门4个，平均85.05分，最高92.10分，最低70.00分。" in words(found["自评结果"])
    grades = table_of(found["自评结果"], "自评等级分布表")
    assert [(row[0], row[2], row[4]) for row in grades.rows] == [
        ("优秀", "3", "4"), ("良好", "0", "3"), ("一般", "1", "0"), ("较差", "0", "0"),
    ]  # fmt: skip
    rules = table_of(found["存在的问题"], "审核发现的主要问题")
    assert sum(int(row[1]) for row in rules.rows) == len(several.findings)
    assert words(found["与上年比较"]) == "没有提供上年的结果，未作比较。"
    assert words(found["下一步建议"]).startswith("1.催报没有报送的1个部门。")


@pytest.mark.parametrize(
    ("region", "lines"),
    [
        ("石家庄市鹿泉区", ["石家庄市鹿泉区2023年度", "部门整体支出绩效自评汇总分析报告"]),
        ("", ["2023年度", "部门整体支出绩效自评汇总分析报告"]),
        ("石" * 20, ["石" * 13, "石" * 7 + "2023年度", "部门整体支出绩效自评汇总分析报告"]),
    ],
)
def test_the_title_breaks_where_the_sense_does(several: Checked, region: str, lines: list[str]) -> None:
    d = replace(several.d, workbooks=several.d.workbooks.assign(region=region))
    assert analysis_blocks(tally_of(several, d))[0] == Paragraph("\n".join(lines), Look.TITLE)


def test_hints_are_no_problems(several: Checked) -> None:
    hints = [replace(each, rule="F09", severity=Severity.INFO) for each in several.findings]
    graver = broken_rules(Tally(several.d, several.findings, several.grades, POLICY))
    assert graver
    assert broken_rules(Tally(several.d, [*several.findings, *hints], several.grades, POLICY)) == graver
    assert broken_rules(Tally(several.d, hints, several.grades, POLICY)) == []


def test_the_coverage_is_told_by_count_and_by_amount(several: Checked) -> None:
    projects = several.d.projects.copy()
    assert projects["revised"].notna().all()
    first = projects["workbook"].eq("a.xlsx").idxmax()
    projects.loc[first, "score"] = float("nan")
    d = replace(several.d, projects=projects)
    table = table_of(chapters(analysis_blocks(tally_of(several, d)))["基本情况与自评覆盖"], "自评覆盖情况表")
    counted = projects[projects["workbook"].isin(("a.xlsx", "b.xlsx", "c新.xlsx", "d.xlsx"))]
    whole, part = counted["revised"].sum(), counted["revised"][counted["score"].notna()].sum()
    assert table.rows[1] == (
        "项目", "7", "6", "85.71%", f"{whole / 1e6:,.2f}", f"{part / 1e6:,.2f}", f"{part / whole:.2%}"
    )  # fmt: skip


def test_slow_projects_are_named_with_their_reasons(several: Checked) -> None:
    projects = several.d.projects.copy()
    at = projects.index[projects["workbook"] == "a.xlsx"][:2]
    projects.loc[at, "revised"], projects.loc[at, "executed"] = 100_000_000.0, [30_000_000.0, 60_000_000.0]
    projects.loc[at, "cause"] = ["", "雨季停工"]
    found = chapters(analysis_blocks(tally_of(several, replace(several.d, projects=projects))))
    table = table_of(found["预算执行情况"], "执行率偏低的项目")
    names = projects.loc[at, "name"].tolist()
    assert table.rows[:2] == (
        ("鹿泉区政协", names[0], "100.00", "30.00", "30.00%", "没有填写"),
        ("鹿泉区政协", names[1], "100.00", "60.00", "60.00%", "雨季停工"),
    )
    assert f"执行率偏低的项目{len(table.rows)}个" in words(found["结果应用"])


def test_what_departments_say_is_gathered_by_theme(several: Checked) -> None:
    narrative = several.d.narrative.copy()
    said = {
        "a.xlsx": "一是绩效指标不够量化；二是物资采购启动较晚。\n三是预算编制不够精细",
        "b.xlsx": "（1）部分绩效指标未量化，难以考核。",
        "c新.xlsx": "无",
        "d.xlsx": "=cmd|'/c calc'!A1 天气原因",
        "c旧.xlsx": "指标过多指标过多",
    }
    narrative["problems"] = narrative["workbook"].map(said).fillna("")
    tally = tally_of(several, replace(several.d, narrative=narrative))
    listed = themes(tally, "problems")
    assert [(each.name, len(each.workbooks)) for each in listed] == [
        ("绩效目标和指标", 2), ("政府采购", 1), ("预算编制", 1), ("其他", 1),
    ]  # fmt: skip
    assert examples(listed[0]) == [("a.xlsx", "绩效指标不够量化"), ("b.xlsx", "部分绩效指标未量化，难以考核")]
    text = words(chapters(analysis_blocks(tally))["存在的问题"])
    assert (
        "纳入汇总的4个部门中，3个写了问题，集中在绩效目标和指标（2个部门）、政府采购（1个部门）、预算编制（1个部门）。"
        in text
    )


def test_rechecks_and_the_last_year_are_summed_up(several: Checked) -> None:
    rows = [
        (4.0, "鹿泉区政协", "", "项目5", "项目5", 80.0, "", "佐证不足"),  # declared 88.7, 优秀
        (5.0, "鹿泉区政协", "", "项目6", "项目6", 79.2, "", ""),  # declared 80.2, 良好
    ]
    bureau = replace(rechecks_of(*rows), last_year=several.d)
    found = chapters(analysis_blocks(tally_of(several, replace(several.d, bureau=bureau))))
    assert "已复核2个项目，与自评一致1个，占50.00%，自评平均比复核高4.85分。" in words(found["复核情况"])
    differing = table_of(found["复核情况"], "自评与复核不一致的项目")
    assert [row[:4] for row in differing.rows] == [("鹿泉区政协", "项目5", "88.70（优秀）", "80.00（良好）")]
    then = table_of(found["与上年比较"], "与上年比较表")
    assert [row[0] for row in then.rows] == ["全年支出预算（万元）", "本年支出合计（万元）", "平均得分（4个部门）"]
    assert all(row[1] == row[2] and row[3] in ("0.00", "+0.00") for row in then.rows)


def test_it_is_a_word_document_with_captions_and_the_same_bytes(several: Checked, tmp_path: Path) -> None:
    pytest.importorskip("docx", reason="python-docx is not installed")
    tally = tally_of(several)
    for name in ("a.docx", "b.docx"):
        write_analysis(tmp_path / name, tally)
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        document = package.read("word/document.xml").decode()
    assert "2,891.34" in document
    assert document.count("<w:tbl>") == document.count("<w:tblCaption ") > 3
