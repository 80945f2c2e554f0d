"""A department's report and forms gathered into one template: where each value is from, and what was not taken."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import forms as older
import openpyxl
import pytest
import self_evaluation_forms as drawn
from conftest import fill
from self_evaluation_forms import AS_READ, DEPARTMENT, FUJIAN, HUBEI, MINISTRY, Row, Shown, edited, merges_of, workbook
from typer.testing import CliRunner

from evalxl.cli import app
from evalxl.cli.main import main
from evalxl.district.tables import District
from evalxl.intake.forms.declaration import load
from evalxl.intake.read import read
from evalxl.policy import policy as policies
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.transfer.forms.department import Gathered
from evalxl.transfer.forms.gathering import gather
from evalxl.transfer.forms.listing import TITLE, lines
from evalxl.values.errors import UsageError

POLICY, FORMS = policies.load(), load()


def gathered(*paths: Path) -> Gathered:
    return gather([(path.name, path) for path in paths], FORMS, POLICY)


def project(path: Path, name: str, **edit: object) -> Path:
    """A project's form of the Ministry under another name, with other amounts: D7 is its first."""
    cells: dict[tuple[int, int], object] = {(4, 4): name}
    cells |= {(int(at[1:]), ord(at[0]) - 64): value for at, value in edit.items()}
    return workbook(path, 自评表=edited(MINISTRY, cells))


def document(path: Path, rows: Sequence[Row], *above: str, below: Sequence[str] = ()) -> Path:
    """A form as a table of a Word document."""
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    made = docx.Document()
    for line in above:
        made.add_paragraph(line)
    table = made.add_table(len(rows), max(map(len, rows)))
    for top, left, bottom, right in merges_of(rows):
        table.cell(top - 1, left - 1).merge(table.cell(bottom - 1, right - 1))
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value not in ("<", "^", None):
                shown = f"{value.number * 100:g}%" if isinstance(value, Shown) else str(value)
                table.cell(row, column).text = shown
    for line in below:
        made.add_paragraph(line)
    made.save(path)
    return path


# ---------------------------------------------------------------- 填到哪里，取自哪里


def test_a_project_form_fills_a_row_of_projects_and_rows_of_indicators(tmp_path: Path) -> None:
    found = gathered(project(tmp_path / "购书.xlsx", "图书馆购书经费"))
    of_project = {key: value for key, value in found.entries.items() if key.startswith("项目!")}
    assert {key: str(value) for key, value in of_project.items()} == {
        "项目!B5": "图书馆购书经费", "项目!D5": "示范区图书馆", "项目!E5": "50", "项目!F5": "60", "项目!G5": "57.5", "项目!I5": "97.18",
    }  # fmt: skip
    assert [found.entries.get(f"指标!{column}5") for column in "ABDFHIJ"] == [
        "图书馆购书经费", "预算执行率", "预算执行率", None, "95.83%", 10, 9.58,
    ]  # fmt: skip
    assert [found.entries.get(f"指标!{column}7") for column in "ABCDFHIJK"] == [
        "图书馆购书经费", "产出指标", "数量指标", "新增期刊", "≥50种", "48", 10, 9.6, "两种停刊",
    ]  # fmt: skip
    assert found.notes["项目!G5"] == "待核对：取自 购书.xlsx《自评表》G7"
    assert found.notes["指标!H7"] == "待核对：取自 购书.xlsx《自评表》G15"
    assert found.entries.keys() == found.notes.keys()


def test_a_department_form_fills_the_budget_and_indicators_of_its_own(tmp_path: Path) -> None:
    found = gathered(workbook(tmp_path / "整体.xlsx", 自评表=DEPARTMENT))
    budget = {key: str(value) for key, value in found.entries.items() if key.startswith("预算!")}
    assert budget == {"预算!B15": "640", "预算!C15": "670", "预算!D15": "650", "预算!B18": "260", "预算!C18": "290", "预算!D18": "280"}  # fmt: skip
    assert (found.entries["基本信息!B5"], found.entries["基本信息!B8"], found.entries["基本信息!B11"]) == (
        "示范区文化局",
        2023,
        98.69,
    )
    assert found.entries["文字说明!B6"] == "办好群众文化活动。"
    assert "指标!A6" not in found.entries
    assert found.entries["指标!D6"] == "群众文化活动"
    kinds = [(each.label, each.raw) for each in found.untaken]
    assert ("其中：一般公共预算·全年执行数", "910") in kinds


def test_two_sources_that_agree_are_both_named(tmp_path: Path) -> None:
    one = project(tmp_path / "甲.xlsx", "图书馆购书经费")
    found = gathered(one, Path(shutil.copy(one, tmp_path / "乙.xlsx")))
    assert found.notes["项目!E5"] == "待核对：取自 甲.xlsx《自评表》D7；另见 乙.xlsx《自评表》D7"
    assert "项目!B6" not in found.entries
    assert not [each for each in found.untaken if "不一致" in each.why]


def test_two_sources_that_differ_are_both_named_and_nothing_is_filled_in(tmp_path: Path) -> None:
    one = project(tmp_path / "甲.xlsx", "图书馆购书经费")
    other = project(tmp_path / "乙.xlsx", "图书馆购书经费", G7=58.5, G8=53.5, I15=9.5)
    found = gathered(one, other)
    assert "项目!G5" not in found.entries
    assert "指标!J7" not in found.entries
    told = [each[:1] + each[2:] for each in found.untaken if "不一致" in each.why]
    assert told == [
        (
            "甲.xlsx", "G7", "图书馆购书经费·全年执行数", "57.5",
            "与另一处不一致（乙.xlsx《自评表》G7写“58.5”），都没有填入",
        ),
        (
            "甲.xlsx", "I15", "图书馆购书经费·新增期刊·得分", "9.6",
            "与另一处不一致（乙.xlsx《自评表》I15写“9.5”），都没有填入",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("order", ["先", "后"])
def test_a_form_that_gainsays_itself_keeps_anothers_number_out(tmp_path: Path, order: str) -> None:
    """The one's parts do not add up to its total: that is told, and that the other writes another number."""
    one = project(tmp_path / "甲.xlsx", "图书馆购书经费")
    other = project(tmp_path / "乙.xlsx", "图书馆购书经费", G7=58.5)
    found = gathered(*((other, one) if order == "先" else (one, other)))
    assert "项目!G5" not in found.entries
    assert found.entries["项目!E5"] == 50
    told = [(each.file, each.cell, each.raw, each.why) for each in found.untaken if each.cell == "G7"]
    assert sorted(told) == [
        ("乙.xlsx", "G7", "58.5", "总额写 58.50 万元，各项之和是 57.50 万元，没有填入，请核对"),
        ("甲.xlsx", "G7", "57.5", "与另一处不一致（乙.xlsx《自评表》G7写“58.5”），都没有填入"),
    ]


def test_a_form_that_gainsays_itself_and_stands_alone_is_told_once(tmp_path: Path) -> None:
    found = gathered(project(tmp_path / "乙.xlsx", "图书馆购书经费", G7=58.5))
    assert "项目!G5" not in found.entries
    assert [each.why for each in found.untaken if each.cell == "G7"] == [
        "总额写 58.50 万元，各项之和是 57.50 万元，没有填入，请核对"
    ]


def test_a_form_that_gainsays_itself_may_still_agree_with_another(tmp_path: Path) -> None:
    """Its total is the other's, and only a part is mistyped."""
    one = project(tmp_path / "甲.xlsx", "图书馆购书经费")
    found = gathered(one, project(tmp_path / "乙.xlsx", "图书馆购书经费", G8=50))
    assert found.entries["项目!G5"] == 57.5
    assert found.notes["项目!G5"] == "待核对：取自 甲.xlsx《自评表》G7；另见 乙.xlsx《自评表》G7"


def test_projects_of_one_name_in_two_units_are_two(tmp_path: Path) -> None:
    one = project(tmp_path / "甲.xlsx", "设备购置")
    other = project(tmp_path / "乙.xlsx", "设备购置", I5="示范区文化馆", D7=70, D8=70)
    found = gathered(one, other)
    assert [str(found.entries[f"项目!{cell}"]) for cell in ("B5", "D5", "E5", "B6", "D6", "E6")] == [
        "设备购置", "示范区图书馆", "50", "设备购置", "示范区文化馆", "70",
    ]  # fmt: skip


REPORT = (
    "示范区文化局2023年度部门整体支出绩效自评报告", "一、部门概况", "负责全区文化工作。",
    "二、收支预决算", "本年收入合计960万元，其中：财政拨款收入940万元、事业收入20万元。基本支出655万元、项目支出280万元。",
    "三、存在的问题", "部分项目执行偏慢。", "四、改进措施", "加快执行进度，逐月通报各项目的支付情况，年中对执行慢的项目调减预算，并把执行率与下年预算安排挂钩，压实各单位的支出责任。",
)  # fmt: skip


def report(path: Path) -> Path:
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    made = docx.Document()
    for line in REPORT:
        made.add_paragraph(line)
    made.save(path)
    return path


def test_what_only_prose_says_is_marked_more_strongly_than_cells(tmp_path: Path) -> None:
    found = gathered(report(tmp_path / "报告.docx"), workbook(tmp_path / "整体.xlsx", 自评表=DEPARTMENT))
    assert found.notes["预算!D5"].startswith("★请重点核对（只见于文字）：取自 报告.docx “本年收入合计960万元")
    assert found.notes["预算!D18"].startswith("待核对：取自 整体.xlsx《自评表》F13；另见 报告.docx")
    assert "预算!D15" not in found.entries  # 650 and 655
    (told,) = [each for each in found.untaken if each.label == "基本支出·决算数"]
    assert (told.file, told.raw) == ("整体.xlsx", "650")
    assert told.why.startswith("与另一处不一致（报告.docx《报告》“基本支出655万元")
    assert told.why.endswith("”写“655.00”），都没有填入")
    assert not any("整体自评得分" in doubt for doubt in found.doubts)  # the form says it


def test_a_report_with_the_forms_behind_it(tmp_path: Path) -> None:
    path = document(tmp_path / "报告.docx", MINISTRY[3:], *REPORT, "附件2", "项目支出绩效自评表", "（2023年度）")
    found = gathered(path)
    assert (found.reports, found.projects) == (1, 1)
    assert (str(found.entries["预算!D5"]), str(found.entries["项目!G5"])) == ("940", "57.5")
    assert found.notes["项目!G5"] == "待核对：取自 报告.docx《第 1 张表》第 4 行"
    assert "自评表" not in str(found.entries["文字说明!B12"])


def test_a_form_in_word_says_what_it_says_in_a_workbook(tmp_path: Path) -> None:
    for name, rows in (("财政部", MINISTRY), ("河北", drawn.HEBEI), ("福建", FUJIAN), ("重庆", drawn.CHONGQING)):
        sheet = gathered(workbook(tmp_path / f"{name}.xlsx", 自评表=rows))
        word = gathered(document(tmp_path / f"{name}.docx", rows))
        assert word.entries == sheet.entries, name
        assert AS_READ[name]["projects.name"] in word.entries.values()


def test_lines_beside_a_form_in_word_are_named(tmp_path: Path) -> None:
    found = gathered(document(tmp_path / "表.docx", MINISTRY, below=("填表人：填报员甲", "本表一式3份")))
    assert [each.raw for each in found.untaken if each.page == "正文"] == ["填表人：填报员甲", "本表一式3份"]


def test_an_older_format_is_read_alike(tmp_path: Path) -> None:
    cells = [
        [value.number if isinstance(value, Shown) else "" if value in (None, "<", "^") else value for value in row]
        for row in drawn.INNER_MONGOLIA
    ]
    path = tmp_path / "表.xls"
    path.write_bytes(older.xls({"自评表": cells}))
    assert gathered(path).entries == gathered(workbook(tmp_path / "表.xlsx", 自评表=drawn.INNER_MONGOLIA)).entries


def test_more_indicators_than_there_is_room_for_stand_below_the_block(tmp_path: Path) -> None:
    row: Row = ["产出指标", "数量指标", "次数", "≥1次", "1次", 1, 1]
    rows: list[Row] = [
        ["项目支出绩效自评表"],
        ["项目名称", "甲"],
        ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
    ]
    rows += [[*row[:2], f"次数{number}", *row[3:]] for number in range(603)]
    found = gathered(workbook(tmp_path / "表.xlsx", 自评表=rows))
    assert found.entries["指标!D607"] == "次数602"
    assert "《指标》有 603 行，其中 3 行接在预留的 600 行之后，打印前请重新设置打印区域。" in found.doubts


def test_a_form_without_a_name_is_named_and_not_filled_in(tmp_path: Path) -> None:
    found = gathered(project(tmp_path / "甲.xlsx", ""), project(tmp_path / "乙.xlsx", "甲项目"))
    assert [found.entries.get(f"项目!B{row}") for row in (5, 6)] == ["甲项目", None]
    assert [(each.file, each.why) for each in found.untaken if "整张" in each.why] == [
        ("甲.xlsx", "没有写项目名称，整张没有导入")
    ]


def test_a_sheet_that_nobody_sees_is_named_and_not_read(tmp_path: Path) -> None:
    path = project(tmp_path / "甲.xlsx", "甲项目")
    book = openpyxl.load_workbook(path)
    drawn.put(book.create_sheet("去年"), edited(MINISTRY, {(4, 4): "去年的项目"}))
    book["去年"].sheet_state = "hidden"
    book.save(path)
    found = gathered(path)
    assert "去年的项目" not in found.entries.values()
    assert [(each.page, each.why) for each in found.untaken if each.label == "整张工作表"] == [
        ("去年", "是隐藏的工作表，没有导入")
    ]


def test_of_two_texts_the_reports_is_taken_and_the_other_named(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    made = docx.Document()
    for line in (REPORT[0], "一、整体绩效目标", "群众文化活动四十场。", *REPORT[5:]):
        made.add_paragraph(line)
    made.save(tmp_path / "报告.docx")
    found = gathered(workbook(tmp_path / "整体.xlsx", 自评表=DEPARTMENT), tmp_path / "报告.docx")
    assert found.entries["文字说明!B6"] == "群众文化活动四十场。"
    told = [(each.file, each.cell, each.raw, each.why) for each in found.untaken if each.label == "整体绩效目标"]
    assert told == [("整体.xlsx", "B15", "办好群众文化活动。", "这一栏取了 报告.docx 的文字，没有并入")]


def test_what_a_source_states_counts_before_what_follows_from_another(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    for name, said in (
        ("甲.docx", "本年支出合计930万元，其中：基本支出650万元，项目支出280万元。"),
        ("乙.docx", "上缴上级支出5万元。"),
    ):
        made = docx.Document()
        for line in ("示范区文化局2023年度部门整体支出绩效自评报告", "一、收支决算情况", said):
            made.add_paragraph(line)
        made.save(tmp_path / name)
    found = gathered(tmp_path / "甲.docx", tmp_path / "乙.docx")
    assert (found.entries["预算!D19"], found.entries["预算!D20"]) == (5, 0)
    assert found.notes["预算!D20"].endswith("没有提到经营支出，按 0 填")


def test_forms_of_two_years_leave_the_year_open(tmp_path: Path) -> None:
    found = gathered(
        project(tmp_path / "甲.xlsx", "甲项目"), project(tmp_path / "乙.xlsx", "乙项目", A3="（2022年度）")
    )
    assert "基本信息!B8" not in found.entries
    (told,) = [each for each in found.untaken if each.label == "评价年度"]
    assert (told.file, told.cell, told.raw) == ("甲.xlsx", "A3", "（2023年度）")
    assert told.why == "与另一处不一致（乙.xlsx《自评表》A3写“（2022年度）”），都没有填入"


# ---------------------------------------------------------------- 命令


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["import", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit | UsageError), result.exception
    said = str(result.exception) if isinstance(result.exception, UsageError) else ""
    return result.exit_code, result.stdout, result.stderr + said


def filled(path: Path) -> District:
    return read([(path.name, path)], POLICY)


def test_a_folder_becomes_one_workbook_that_says_what_is_missing(tmp_path: Path) -> None:
    inbox, out = tmp_path / "文化局", tmp_path / "文化局.xlsx"
    (inbox / "项目").mkdir(parents=True)
    for number in range(3):
        project(inbox / "项目" / f"{number}.xlsx", f"项目{number}号")
    workbook(inbox / "整体.xlsx", 自评表=DEPARTMENT, 草稿=[["随便写的", 5]])
    (inbox / "坏.xlsx").write_bytes(b"PK\x03\x04")
    (inbox / "说明.txt").write_text("无", encoding="utf-8")
    code, told, said = run(inbox, "--out", out)
    assert code == 3
    assert "坏.xlsx 已损坏，内容不完整，没有导入" in told
    assert "说明.txt 是纯文本，不是工作簿，没有导入；可以导入的是自评表" in told
    assert "整体.xlsx 整张工作表：草稿!A1“随便写的（共 2 格）”，没有认出自评表，没有导入。" in told
    assert "部门整体自评表 1 份、项目自评表 3 份" in said
    d = filled(out)
    assert d.projects["name"].to_list() == ["项目0号", "项目1号", "项目2号"]
    assert d.projects["executed"].to_list() == [57_500_000.0] * 3
    assert d.projects["rate"].round(4).to_list() == [0.9583] * 3
    assert len(d.indicators) == 3 + 3 * 6
    sheet = openpyxl.load_workbook(out)[TITLE]
    listed = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[0] for row in listed] == list(range(1, len(listed) + 1))
    assert ["整体.xlsx", "自评表", "F7", "其中：一般公共预算·全年执行数", "910"] in [row[1:6] for row in listed]
    assert any("坏.xlsx 已损坏" in str(row[6]) for row in listed)


def test_a_folder_of_folders_becomes_a_workbook_each(tmp_path: Path) -> None:
    for name, rows in (("教育局", HUBEI), ("海洋局", FUJIAN)):
        (tmp_path / "全区" / name).mkdir(parents=True)
        workbook(tmp_path / "全区" / name / "项目.xlsx", 自评表=rows)
    (tmp_path / "全区" / "空的").mkdir()
    (tmp_path / "全区" / "通知.pdf").write_bytes(b"%PDF-1.4")
    code, told, _ = run(tmp_path / "全区", "--out", tmp_path / "出")
    assert code == 3
    assert (
        told.splitlines()[0]
        == "通知.pdf 与各部门的文件夹并列，不知道是哪个部门的，没有导入；请放进部门的文件夹，都是一个部门的，--out 写 .xlsx 文件名。"
    )
    assert sorted(path.name for path in (tmp_path / "出").iterdir()) == ["教育局.xlsx", "海洋局.xlsx"]
    assert filled(tmp_path / "出" / "海洋局.xlsx").projects["name"].to_list() == ["渔港建设"]
    code, _, said = run(tmp_path / "全区", "--out", tmp_path / "出")
    assert (code, said.count("一个也没有写")) == (1, 1)  # the runner has no exit codes for what main() words


def test_one_file_that_is_no_form_is_a_mistake_of_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workbook(tmp_path / "甲.xlsx", 表=[["随便", 1]])
    with pytest.raises(SystemExit) as left:
        main(["import", str(path), "--out", str(tmp_path / "出.xlsx")])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert (
        said
        == "evalxl：甲.xlsx 里没有认出自评表，没有导入；可以导入的是《项目支出绩效自评表》、《部门整体支出绩效自评表》。\n"
    )
    assert not (tmp_path / "出.xlsx").exists()


def test_the_template_itself_is_not_imported(tmp_path: Path) -> None:
    path = fill(tmp_path / "文化局.xlsx", {})
    code, told, said = run(path, "--out", tmp_path / "出.xlsx")
    assert (code, told, said) == (1, "", "文化局.xlsx 已是填报模板，不用导入。")
    assert not (tmp_path / "出.xlsx").exists()
    found = gathered(path, project(tmp_path / "甲.xlsx", "图书馆购书经费"))
    assert found.unread == ["文化局.xlsx 已是填报模板，不用导入。"]
    assert {each.file for each in found.untaken} <= {"甲.xlsx"}


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [project(tmp_path / f"{number}.xlsx", f"项目{number}号") for number in range(3)]
    for out in ("一.xlsx", "二.xlsx"):
        assert run(*paths, "--out", tmp_path / out)[0] == 0
    assert (tmp_path / "一.xlsx").read_bytes() == (tmp_path / "二.xlsx").read_bytes()


def test_many_alike_things_without_a_place_are_one_line(tmp_path: Path) -> None:
    found = gathered(*(project(tmp_path / f"{number}.xlsx", f"项目{number}号") for number in range(9)))
    told = [line for line in lines(found) if line.startswith("联系电话：")]
    assert len(told) == 1
    assert told[0].endswith("等 9 处，模板没有对应的栏目（这是项目表的，《基本信息》里请填部门的）。")


@pytest.mark.parametrize(
    ("rows", "title"), [(MINISTRY, "《项目支出绩效自评表》"), (DEPARTMENT, "《部门整体支出绩效自评表》")]
)
def test_check_says_which_command_takes_a_form(rows: list[Row], title: str, tmp_path: Path) -> None:
    path = workbook(tmp_path / "甲.xlsx", 自评表=rows)
    findings = check_files([("甲.xlsx", path)], Settings(POLICY)).findings
    assert [(each.rule, each.message) for each in findings] == [
        ("F12", f"文件“甲.xlsx”是{title}，不是填报模板，未读取。")
    ]
    assert "evalxl import" in findings[0].fix


def test_a_filled_template_with_a_form_beside_it_is_still_read(tmp_path: Path) -> None:
    run(project(tmp_path / "甲.xlsx", "甲项目"), "--out", tmp_path / "出.xlsx")
    book = openpyxl.load_workbook(tmp_path / "出.xlsx")
    drawn.put(book.create_sheet("自评表"), MINISTRY)
    book.save(tmp_path / "出.xlsx")
    assert filled(tmp_path / "出.xlsx").workbooks["readable"].to_list() == [True]


# ---------------------------------------------------------------- 本地的写法

GUIDE = Path(__file__).parent.parent / "docs" / "guide-operator.zh-CN.md"
OWN = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[1]
LOCAL: list[Row] = [
    ["专项资金绩效自评表"], ["项目名称", "公园绿化", None, "承办科室", "园林科"], ["项目资金", None, "批复数", "支付数"],
    [None, "项目总投入", 300000, 280000], ["指标名称", "目标（全年）", "实际完成值", "得分"], ["新增绿地", "≥3公顷", "3公顷", 100], ["总分", None, None, 98],
]  # fmt: skip


def test_a_bureau_adds_its_own_words_in_a_file(tmp_path: Path) -> None:
    own, path = tmp_path / "本地.toml", workbook(tmp_path / "甲.xlsx", 自评表=LOCAL)
    own.write_text(OWN, encoding="utf-8")
    found = gather([("甲.xlsx", path)], load(own), POLICY)
    values = {key: str(value) for key, value in found.entries.items() if key.startswith(("项目!", "指标!"))}
    assert values == {
        "项目!B5": "公园绿化", "项目!D5": "园林科", "项目!F5": "30", "项目!G5": "28", "项目!I5": "98",
        "指标!A5": "公园绿化", "指标!D5": "新增绿地", "指标!F5": "≥3公顷", "指标!H5": "3公顷", "指标!J5": "100",
    }  # fmt: skip
    assert found.untaken == []
    assert {each.raw for each in gathered(path).untaken} >= {"300000", "280000", "园林科"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[project]\nunit = \n", "第 2 行第 8 列写法有误，请对照操作指南中的例子改正。"),
        ("[projects]\n", "：没有“projects”这种表，可用的有 project、department。"),
        ("[project]\nname = 1\n", "：project 里没有“name”这一项，可用的有 title、titles、names、headings、unit、doubtful、entries、columns、lines、indicators。"),
        ("[project]\nnames = '甲'\n", "：project.names 应写成 [\"…\", \"…\"]。"),
        ("[project]\nunit = '块'\n", "：project.unit 写的是“块”，应为 万元、元 等金额单位。"),
        ("[project]\ndoubtful = '大'\n", "：project.doubtful 应为大于 0 的数字（万元）。"),
        ("[project.columns]\nbudget = ['甲']\n", "：project.columns 没有“budget”这一列，可用的有 initial、revised、executed、rate、weight、points、none。"),
        ("[[project.entries]]\nlabels = ['甲']\nfield = 'projects.rate'\n", "：project.entries 的 field 写的是“projects.rate”，模板没有这一栏，可用的有 "),
        ("[[project.lines]]\nlabels = []\n", "：project.lines 的 labels 至少要写一个。"),
        ("[[department.lines]]\nlabels = ['甲']\nline = 'x'\n", "：department.lines 的 line 写的是“x”，预算表没有这一行，可用的有 "),
        ("project = 3\n", "：project 应写成一段（[project]）。"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_bureaus_file_is_one_sentence(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "本地.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        load(path)
    assert str(raised.value).startswith(f"表样文件 {path}")
    assert why in str(raised.value)
    assert str(raised.value).count("。") == 1
