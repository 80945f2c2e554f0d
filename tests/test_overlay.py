"""A bureau's own template: everything follows from its file, and nothing changes without one.

A layout is read once in each process, so every overlay is tried in a process of its own.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from conftest import fill
from processes import program
from python_calamine import CalamineWorkbook

from evalxl import layout

# Fills the template of the layout in force with values drawn by lot, reads it back, and tells both.
_ROUND = """
import json, random, sys
from pathlib import Path

from evalxl.values.layout_file import choose

folder, draw = Path(sys.argv[1]), random.Random(int(sys.argv[2]))
choose(sys.argv[3:])

from conftest import GOOD, fill
from evalxl import layout
from evalxl.intake.read import read
from evalxl.layout import BUDGET, DATA_SHEETS, Shape, template_cell
from evalxl.policy import policy as policies

policy = policies.load()
wanted, edit = {}, {}


def value(field):
    if field.choices:
        return draw.choice(policy.labels(field.choices))
    if field.kind.numeric:
        return float(draw.randrange(1, 100))
    return f"{field.header}{draw.randrange(1000)}"


for sheet in DATA_SHEETS:
    for field in (each for each in sheet.fields if each.own and not each.left_out):
        rows = [0] if sheet.shape is Shape.FORM else [line.key for line in sheet.lines] or [5, 6]
        for row in rows if sheet is not BUDGET else rows[:1]:
            cell = template_cell(sheet, field.key, row)
            edit[f"{sheet.title}!{cell}"] = wanted[f"{sheet.title}!{cell}"] = value(field)
for line in (each for each in BUDGET.lines if each.key.startswith("own_")):
    for column in layout.AMOUNT_COLUMNS:
        edit[f"{BUDGET.title}!{template_cell(BUDGET, column, line.key)}"] = 0
path = fill(folder / "部门.xlsx", edit)
d = read([(path.name, path)], policy)
found = {}
for sheet in DATA_SHEETS:
    for field in (each for each in sheet.fields if each.own and not each.left_out):
        for number, row in enumerate(d.table(sheet.key).to_dict("records")):
            if sheet.shape is Shape.LINES and row["key"] != sheet.lines[0].key:
                continue
            at = {Shape.FORM: 0, Shape.TABLE: 5 + number}.get(sheet.shape, row.get("key"))
            cell = template_cell(sheet, field.key, at)
            told = row[field.key]
            found[f"{sheet.title}!{cell}"] = told / 1e6 if field.kind.value == "金额" else told
print(json.dumps({"wanted": wanted, "found": {key: found.get(key) for key in wanted}, "titles": [each.title for each in DATA_SHEETS]}))
"""

DECLARED = """
name = "示范区表样"

[[column]]
sheet = "项目"
header = "到位数"
kind = "金额"
after = "全年预算数"
required = true

[[column]]
sheet = "项目"
header = "是否专项资金"
kind = "选项"
choices = ["是", "否"]
after = "实施单位"

[[column]]
sheet = "基本信息"
header = "预算级次"
kind = "选项"
choices = ["一级", "二级"]

[[line]]
label = "教育收费收入"
after = "事业收入"
part_of = "本年收入合计"

[[sheet]]
title = "基础数据"
room = 20

[[column]]
sheet = "基础数据"
header = "指标项"

[[column]]
sheet = "基础数据"
header = "本年数"
kind = "金额"

[[change]]
sheet = "项目"
column = "偏差原因"
left_out = true

[[change]]
sheet = "评价组"
title = "自评小组"
"""


def round_trip(folder: Path, declared: Path, seed: int = 1) -> dict[str, Any]:
    """What was filled into the own columns of a template, and what was read of it."""
    done = program(str(folder), str(seed), "--layout", str(declared), source=_ROUND)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    path = tmp_path / "本区.toml"
    path.write_text(DECLARED, encoding="utf-8")
    return path


def grid(path: Path, title: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(title).to_python(skip_empty_area=False)


def test_everything_follows_from_the_file(declared: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "收件夹"
    inbox.mkdir()
    told = round_trip(inbox, declared)
    assert told["wanted"] == told["found"]
    assert "基础数据" in told["titles"]
    done = program("run", str(inbox), str(tmp_path / "结果夹"), f"--layout={declared}", "--quiet", "--jobs", "1")
    assert done.returncode in (0, 1), done.stderr
    result = next((tmp_path / "结果夹" / "结果").iterdir())
    headers = grid(result, "项目")[2]
    assert headers[headers.index("全年预算数") + 1] == "到位数"
    assert "偏差原因" not in headers
    assert [row[1] for row in grid(result, "基础数据")[3:5]] == [told["found"][f"基础数据!A{row}"] for row in (5, 6)]
    summary = grid(tmp_path / "结果夹" / "汇总表.xlsx", "项目汇总")
    assert {"到位数", "是否专项资金"} <= set(summary[2])
    departments = grid(tmp_path / "结果夹" / "汇总表.xlsx", "部门汇总")
    assert departments[3][departments[2].index("预算级次")] in ("一级", "二级")
    record = json.loads((tmp_path / "结果夹" / "run.json").read_text(encoding="utf-8"))
    assert record["template"]["layout"] == "示范区表样"
    assert record["template"]["sha256"] != layout.SHA256


def test_a_workbook_of_another_layout_is_told_apart(declared: Path, tmp_path: Path) -> None:
    assert program("template", str(tmp_path / "标准.xlsx")).returncode == 0
    told = round_trip(tmp_path, declared)
    assert told["found"]
    standard = program("check", str(tmp_path / "部门.xlsx"), "--format", "json")
    findings = json.loads(standard.stdout)["findings"]
    assert [each["message"] for each in findings if "示范区表样" in each["message"]] == [
        "填报说明!A2 表样：这本工作簿按“示范区表样”填报，本次按“标准表样”核对，两者不同的栏目没有读取。"
    ]
    own = json.loads(
        program("check", str(tmp_path / "部门.xlsx"), "--format", "json", "--layout", str(declared)).stdout
    )
    mended = tmp_path / "改.toml"
    mended.write_text(DECLARED.replace('title = "自评小组"', 'title = "评价小组"'), encoding="utf-8")
    later = program("check", str(tmp_path / "部门.xlsx"), "--format", "json", "--layout", str(mended)).stdout
    assert "这本工作簿按“示范区表样（另一版）”填报，本次按“示范区表样”核对" in later
    assert not [each for each in own["findings"] if each["rule"] == "F01"]


def test_runs_of_other_layouts_are_merged_in_common_only(declared: Path, tmp_path: Path) -> None:
    for name, arguments in (("标准", ()), ("本区", ("--layout", str(declared)))):
        (tmp_path / name).mkdir()
        if arguments:
            round_trip(tmp_path / name, declared)
        else:
            fill(tmp_path / name / "水利局.xlsx", {"基本信息!部门名称": "示范区水利局"})
        done = program("run", str(tmp_path / name), str(tmp_path / f"{name}结果"), "--quiet", "--jobs", "1", *arguments)
        assert done.returncode in (0, 1), done.stderr
    runs = [str(tmp_path / "标准结果"), str(tmp_path / "本区结果")]
    refused = program("merge", *runs, "--out", str(tmp_path / "合并"))
    assert refused.returncode == 2
    assert "用不同表样得出的结果不能合并" in refused.stderr
    assert "本区结果 用的是“示范区表样”" in refused.stderr
    merged = program("merge", *runs, "--out", str(tmp_path / "合并"), "--common")
    assert merged.returncode in (0, 1), merged.stderr
    assert "没有合并：" in merged.stderr
    assert "项目·到位数" in merged.stderr
    names = [row[1] for row in grid(tmp_path / "合并" / "汇总表.xlsx", "部门汇总")]
    assert {"示范区水利局", "示范区文化局"} <= {
        *names,
        *(row[2] for row in grid(tmp_path / "合并" / "汇总表.xlsx", "部门汇总")),
    }


def test_a_workbook_is_migrated_there_and_back(declared: Path, tmp_path: Path) -> None:
    old = fill(tmp_path / "旧.xlsx", {})
    there = program("template", str(tmp_path / "新.xlsx"), "--migrate", str(old), "--layout", str(declared))
    assert there.returncode == 0, there.stderr
    assert there.stderr.endswith("；旧表的内容都移过去了，请核对。\n")
    moved = grid(tmp_path / "新.xlsx", "项目")
    assert moved[4][moved[3].index("全年执行数")] == 114
    back = program("template", str(tmp_path / "回.xlsx"), "--migrate", str(tmp_path / "新.xlsx"))
    assert back.returncode == 0, back.stderr
    returned = grid(tmp_path / "回.xlsx", "项目")
    assert returned[4][returned[3].index("全年执行数")] == 114


def test_rules_of_a_column_that_is_left_out_are_not_asked(declared: Path) -> None:
    source = f"""
from evalxl.values.layout_file import choose
choose(["--layout", {str(declared)!r}])
from evalxl.rules import RULES
from evalxl.rules.rule import LEFT_OUT
print("P09" in RULES, LEFT_OUT["P09"])
"""
    assert program(source=source).stdout.split() == ["False", "《项目》的“偏差原因”"]


def test_the_same_as_a_table(declared: Path, tmp_path: Path) -> None:
    table = tmp_path / "本区.xlsx"
    rows = [
        ("动作", "工作表", "栏目", "名称", "类型", "位置在…之后", "必填", "选项", "所属合计", "略去", "行数"),
        ("增加栏目", "项目", "", "到位数", "金额", "全年预算数", "是", "", "", "", ""),
        ("增加栏目", "项目", "", "是否专项资金", "选项", "实施单位", "", "是、否", "", "", ""),
        ("增加栏目", "基本信息", "", "预算级次", "选项", "", "", "一级、二级", "", "", ""),
        ("增加行", "预算", "", "教育收费收入", "", "事业收入", "", "", "本年收入合计", "", ""),
        ("增加表", "基础数据", "", "", "", "", "", "", "", "", 20),
        ("增加栏目", "基础数据", "", "指标项", "", "", "", "", "", "", ""),
        ("增加栏目", "基础数据", "", "本年数", "金额", "", "", "", "", "", ""),
        ("修改", "项目", "偏差原因", "", "", "", "", "", "", "是", ""),
        ("修改", "评价组", "", "自评小组", "", "", "", "", "", "", ""),
    ]
    with xlsxwriter.Workbook(table) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    hashes = {
        program(
            source=f"""
from evalxl.values.layout_file import choose
choose(["--layout={path}"])
from evalxl import layout
print(layout.SHA256)
"""
        ).stdout
        for path in (declared, table)
    }
    assert len(hashes) == 1
    assert hashes != {""}


REFUSED = {
    '[[column]]\nsheet = "项目"\nheader = "得分"\n': "《项目》的栏目“得分”与另一个的名称或别名相同，分不清是哪一个，请改名。",
    '[[column]]\nsheet = "项木"\nheader = "甲"\n': "没有《项木》这张表，可写 基本信息、单位、预算、项目、指标、评价组、文字说明。",
    '[[column]]\nsheet = "项目"\nheader = "甲"\nkind = "货币"\n': "“甲”的类型“货币”认不出",
    '[[column]]\nsheet = "项目"\nheader = "甲"\nkind = "选项"\n': "“甲”是选项的，要写明选项（choices）",
    '[[column]]\nsheet = "项目"\nheader = "甲"\nafter = "乙"\n': "《项目》没有“乙”这一栏",
    '[[line]]\nlabel = "甲"\npart_of = "基本支出"\n': "“甲”所属的合计“基本支出”不是合计行",
    '[[change]]\nsheet = "项目"\ncolumn = "项目名称"\nleft_out = true\n': "《项目》的“项目名称”不能略去",
    '[[change]]\nsheet = "项目"\ncolumn = "甲"\n': "《项目》没有“甲”这一栏",
    '[[sheet]]\ntitle = "甲/乙"\n': "表名“甲/乙”不能作工作表名",
    '[[sheet]]\ntitle = "项目支出"\n': "表名“项目支出”与另一个的名称或别名相同",
    '[[sheet]]\ntitle = "甲"\nroom = 9999\n': "room 须是 1 至 600 的整数，写的是“9999”。",
    '[[colum]]\nsheet = "项目"\n': "不认识“colum”",
    '[[column]]\nsheet = "项目"\n': "增加栏目要写 header（名称）。",
    '[[sheet]]\ntitle = "甲"\n': "《甲》至少要有 2 栏，用 [[column]] 写明。",
    "[[column]\n": "写法有误",
    '[[sheet]]\ntitle = "甲"\n\n[[sheet]]\ntitle = "甲"\n': "第 4 行起：表名“甲”写了两次，请删去一个。",
    '[[sheet]]\ntitle = "问题清单"\n': "第 1 行起：表名“问题清单”另有用处，请改名。",
    '[[sheet]]\ntitle = "History"\n': "表名“History”另有用处，请改名。",
    '[[change]]\nsheet = "项目"\ntitle = "=表"\n': "表名“=表”不能作工作表名",
    f'[[change]]\nsheet = "项目"\ntitle = "{"长" * 26}"\n': "不能作工作表名：至多 25 个字",
    '[[change]]\nsheet = "项目"\ntitle = "填报说明"\n': "表名“填报说明”另有用处，请改名。",
    '[[change]]\nsheet = "项目"\ncolumn = "执行率"\nafter = "执行率"\n': "《项目》的“执行率”不能放在它自己之后。",
    '[[change]]\nsheet = "项目"\ncolumn = "执行率"\nrequired = "随便"\n': "required 只能写是或否，写的是“随便”。",
    2 * '[[column]]\nsheet = "项目"\nheader = "甲"\n': "第 4 行起：《项目》的栏目“甲”写了两次，请删去一个。",
    f'[[column]]\nsheet = "项目"\nheader = "{"长" * 61}"\n': "太长，不能超过 60 字。",
    '[[change]]\nsheet = "项目"\ntitle = "项目[支出]情况"\n': "表名“项目[支出]情况”不能作工作表名",
    '[[change]]\nsheet = "指标"\nleft_out = true\n': "这里的修改不能写 left_out（略去），可写 title、aliases、note。",
    '[[change]]\nsheet = "预算"\nline = "事业收入"\nwidth = 9\n': "这里的修改不能写 width（宽度）",
    '[[column]]\nsheet = "项目"\nheader = "——"\n': "“——”不能作名称：要有字。",
    '[[column]]\nsheet = "项目"\nheader = { a = 1 }\n': "第 1 行起：header 要写一个文字或数。",
    '[[column]]\nsheet = ["项目"]\nheader = "甲"\n': "第 1 行起：sheet 要写一个文字或数。",
    'name = ["甲"]\n': "name 要写一个文字或数。",
    '[[column]]\nsheet = "项目"\nheader = "甲"\nkind = "选项"\nchoices = "是、否、是"\n': "“甲”的选项“是”写了两次",
    2 * '[[line]]\nlabel = "甲"\n': "《预算》的行“甲”写了两次，请删去一个。",
    '[[line]]\nlabel = "其中：甲"\npart_of = "本年支出合计"\n': "“其中：甲”是其中项，已含在上面的行里",
}


@pytest.mark.parametrize("text", REFUSED, ids=list(range(len(REFUSED))))
def test_what_cannot_be_is_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "错.toml"
    path.write_text(text, encoding="utf-8")
    done = program("template", str(tmp_path / "模板.xlsx"), "--layout", str(path))
    assert done.returncode == 2, done.stderr
    assert REFUSED[text] in done.stderr.replace("\n", "")
    assert done.stderr.startswith("evalxl：表样文件 ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "模板.xlsx").exists()


def test_columns_of_one_name_on_two_sheets_have_their_own_choices(tmp_path: Path) -> None:
    path = tmp_path / "两类.toml"
    entry = '[[column]]\nsheet = "{}"\nheader = "类别"\nkind = "选项"\nchoices = "{}"\n'
    path.write_text(entry.format("项目", "甲、乙") + entry.format("单位", "丙、丁"), encoding="utf-8")
    shown = program(
        source=f"""
from evalxl.values.layout_file import choose
choose(["--layout={path}"])
from evalxl.layout import PROJECTS, UNITS
from evalxl.policy import policy
loaded = policy.load()
for sheet in (PROJECTS, UNITS):
    print(*loaded.labels(next(each for each in sheet.fields if each.own).choices))
"""
    )
    assert shown.stdout == "甲 乙\n丙 丁\n", shown.stderr


def test_no_own_sheet_has_a_name_that_result_or_summary_use(tmp_path: Path) -> None:
    from evalxl.layout.overlay import TAKEN

    (tmp_path / "收件夹").mkdir()
    fill(tmp_path / "收件夹" / "部门.xlsx", {})
    done = program("run", str(tmp_path / "收件夹"), str(tmp_path / "结果夹"))
    assert done.returncode in (0, 1), done.stderr
    standard = {sheet.title for sheet in layout.SHEETS}
    for path in (tmp_path / "结果夹" / "汇总表.xlsx", *(tmp_path / "结果夹" / "结果").glob("*.xlsx")):
        names = set(CalamineWorkbook.from_path(path).sheet_names)
        assert names - standard <= TAKEN, path


def _drawn(draw: random.Random) -> str:
    """An overlay drawn by lot: own columns of every kind in every sheet, own sheets, titles changed."""
    kinds = ["文字", "金额", "整数", "分数", "日期", "选项"]
    entries = ['name = "抽出的表样"']
    titles = [sheet.title for sheet in layout.DATA_SHEETS]
    for number in range(draw.randrange(3)):
        titles.append(f"附表{number}")
        entries.append(f'[[sheet]]\ntitle = "附表{number}"\nshape = "{draw.choice(["表格", "表单"])}"')
    for number in range(draw.randrange(3, 12)):
        title = draw.choice(titles)
        kind = draw.choice(["文字", "金额"] if title == "预算" else kinds)
        entry = f'[[column]]\nsheet = "{title}"\nheader = "自设{number}"\nkind = "{kind}"'
        entries.append(entry + ('\nchoices = ["甲", "乙", "丙"]' if kind == "选项" else ""))
    own = [title for title in titles if title.startswith("附表")]
    entries += [f'[[column]]\nsheet = "{title}"\nheader = "{header}"' for title in own for header in ("名目", "说明")]
    return "\n\n".join(entries)


def test_layouts_that_differ_only_in_choices_or_in_sums_are_told_apart(tmp_path: Path) -> None:
    column = '[[column]]\nsheet = "项目"\nheader = "甲"\nkind = "选项"\nchoices = ["{}"]\n'
    line = '[[line]]\nlabel = "乙"\npart_of = "{}"\n'
    texts = [column.format("一"), column.format("二"), line.format("本年收入合计"), line.format("本年支出合计")]
    texts.append('[[change]]\nsheet = "项目"\ncolumn = "偏差原因"\nrequired = false\n')
    texts.append('[[change]]\nsheet = "项目"\ncolumn = "偏差原因"\nleft_out = true\n')
    hashes = set()
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.toml"
        path.write_text('name = "同名"\n' + text, encoding="utf-8")
        hashes.add(program(source=_HASH.format(str(path))).stdout)
    assert len(hashes - {""}) == len(texts)


_HASH = """
from evalxl.values.layout_file import choose
choose(["--layout={}"])
from evalxl import layout
print(layout.SHA256)
"""


def test_choices_belong_to_the_column_of_their_sheet(tmp_path: Path) -> None:
    path = tmp_path / "本区.toml"
    entry = '[[column]]\nsheet = "{}"\nheader = "类别"\nkind = "选项"\nchoices = {}\n'
    path.write_text(entry.format("项目", '["甲", "乙"]') + entry.format("单位", '["丙", "丁"]'), encoding="utf-8")
    told = round_trip(tmp_path, path, 3)
    assert told["wanted"] == told["found"]
    chosen = {place.partition("!")[0]: value for place, value in told["found"].items()}
    assert chosen["项目"] in ("甲", "乙")
    assert chosen["单位"] in ("丙", "丁")


def test_a_layout_that_is_mended_reads_again_what_an_earlier_run_has_read(tmp_path: Path) -> None:
    """Into the same outbox, without a changed workbook."""
    (tmp_path / "收件夹").mkdir()
    fill(tmp_path / "收件夹" / "a.xlsx", {"项目!K4": "未完成缘由", "项目!K8": "雨季停工"})
    first, mended = tmp_path / "一.toml", tmp_path / "二.toml"
    first.write_text('name = "本区"\n', encoding="utf-8")
    change = '[[change]]\nsheet = "项目"\ncolumn = "偏差原因"\naliases = "未完成缘由"\n'
    mended.write_text('name = "本区"\n' + change, encoding="utf-8")
    causes = []
    for declared in (first, mended):
        run = ("run", str(tmp_path / "收件夹"), str(tmp_path / "结果夹"), f"--layout={declared}", "--quiet")
        assert program(*run).returncode in (0, 1)
        rows = grid(tmp_path / "结果夹" / "汇总表.xlsx", "项目汇总")
        causes.append([row[rows[2].index("偏差原因")] for row in rows if "雨季停工" in row])
    assert causes == [[], ["雨季停工"]]


_SELF_CHECK = """
import json, sys
from pathlib import Path
from evalxl.values.layout_file import choose
choose(["--layout", sys.argv[1]])
from starlette.testclient import TestClient
from evalxl.serve.app import Site, application
path = Path(sys.argv[2])
with TestClient(application(Site()), base_url="http://127.0.0.1:8765") as client:
    said = client.post(
        "/check", files={"files": (path.name, path.read_bytes())}, headers={"Accept": "application/json"}
    ).json()
print(json.dumps([each["message"] for each in said["findings"]]))
"""


def test_the_self_check_knows_the_layout(declared: Path, tmp_path: Path) -> None:
    """With sheets of the bureau's own; the process that checks is not the one that serves."""
    round_trip(tmp_path, declared)
    done = program(
        str(declared), str(tmp_path / "部门.xlsx"), source=f"if __name__ == '__main__':\n{_indented(_SELF_CHECK)}"
    )
    assert done.returncode == 0, done.stderr[-900:]
    own = program("check", str(tmp_path / "部门.xlsx"), "--format", "json", "--layout", str(declared))
    assert json.loads(done.stdout) == [each["message"] for each in json.loads(own.stdout)["findings"]]


def _indented(source: str) -> str:
    return "\n".join(f"    {line}" for line in source.splitlines())


SHIPPED = sorted((Path(__file__).parent.parent / "samples" / "layouts").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_the_layouts_that_ship_work(path: Path, tmp_path: Path) -> None:
    told = round_trip(tmp_path, path)
    assert told["wanted"] == told["found"]
    done = program("check", str(tmp_path / "部门.xlsx"), "--format", "json", "--layout", str(path))
    graver = [each for each in json.loads(done.stdout)["findings"] if each["severity"] != "info"]
    assert [each["message"] for each in graver if each["rule"] in ("F01", "F02", "F03")] == []


def test_what_a_bureau_asks_for_is_not_left_to_be_written_by_hand(tmp_path: Path) -> None:
    layouts = {path.stem: path for path in SHIPPED}
    round_trip(tmp_path, layouts["upward"])
    (tmp_path / "in").mkdir()
    (tmp_path / "部门.xlsx").rename(tmp_path / "in" / "部门.xlsx")
    program("run", str(tmp_path / "in"), str(tmp_path / "out"), "--layout", str(layouts["upward"]))
    grid = CalamineWorkbook.from_path(tmp_path / "out" / "汇总表.xlsx").get_sheet_by_name("项目汇总").to_python()
    headers = [str(cell) for cell in grid[2]]
    asked = [headers.index(each) for each in ("资金性质", "是否公开", "不公开原因")]
    assert [headers.count(each) for each in ("资金性质", "是否公开", "不公开原因", "备注")] == [1, 1, 1, 1]
    assert all(grid[3][at] != "" for at in asked), grid[3]


@pytest.mark.parametrize("seed", range(10))
def test_what_is_filled_in_is_read_back(seed: int, tmp_path: Path) -> None:
    declared = tmp_path / "抽.toml"
    declared.write_text(_drawn(random.Random(seed)), encoding="utf-8")
    told = round_trip(tmp_path, declared, seed)
    assert told["wanted"]
    assert told["wanted"] == told["found"]
