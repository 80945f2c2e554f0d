"""What is known already goes into the next template: last year's workbook, the roster, an older layout."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from conftest import GOOD, fill

from evalxl import layout, library
from evalxl.bureau.roster import read_roster
from evalxl.district.tables import ROSTER_COLUMNS, District, frame
from evalxl.intake.read import read
from evalxl.intake.read import workbooks as reading
from evalxl.layout import BUDGET, GENERAL, PROJECTS, REVIEWERS, UNITS, template_cell
from evalxl.policy import policy
from evalxl.sheets.measure import TEXT_LIMIT
from evalxl.template import workbook as template
from evalxl.template.roster import ROOM, roster_blank
from evalxl.transfer.filling import Filled, entries_of
from evalxl.transfer.migrate import migrate
from evalxl.transfer.prefill import prefill
from evalxl.values.errors import UsageError

POLICY = policy.load()
SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"
READABLE = sorted(path for path in SAMPLES.glob("[!~]*.xlsx") if path.stem != "鹿泉区交通运输局")
MOVED_ABOUT = ["row", "sha256", "size", "saved"]


@pytest.fixture(autouse=True)
def _prefilled_templates_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has filled in further is no submission (test_accused); here it is what was filled in that is asked."""
    monkeypatch.setattr(reading, "is_blank_template", lambda *_: False)


def read_one(path: Path, name: str = "") -> District:
    return read([(name or path.name, path)], POLICY)


def again(path: Path, d: District, folder: Path) -> tuple[District, Filled]:
    """A workbook's data in a new template, read from there."""
    filled = entries_of(d, POLICY)
    template.build(folder / "again.xlsx", POLICY, None, filled.entries)
    return read_one(folder / "again.xlsx", path.name), filled


def at(sheet: layout.Sheet, key: str, row_or_line: int | str = 0) -> str:
    return f"{sheet.title}!{template_cell(sheet, key, row_or_line)}"


# ---------------------------------------------------------------- a workbook as entries


def test_the_good_workbook_is_its_own_entries(tmp_path: Path) -> None:
    d = read_one(fill(tmp_path / "文化局.xlsx", {}))
    second, filled = again(tmp_path / "文化局.xlsx", d, tmp_path)
    assert filled.left_out == []
    assert {key: str(value) for key, value in filled.entries.items()} == {
        key: str(value) for key, value in GOOD.items() if value != ""
    }
    for name, table in d.tables.items():
        kept = [column for column in table if column not in MOVED_ABOUT[1:]]  # here even the rows are the same
        pd.testing.assert_frame_equal(second.tables[name][kept], table[kept])


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_no_sample_loses_anything_on_the_way_through_the_template(path: Path, tmp_path: Path) -> None:
    d = read_one(path)
    second, _ = again(path, d, tmp_path)
    assert second.unread["raw"].tolist() == d.unread["raw"].tolist()
    for name, table in d.tables.items():
        if name == "notes":  # what had to be normalised once need not be again
            continue
        found = second.tables[name]
        if name == "budget":  # the template has lines that a simpler budget has not
            lines = found["key"].tolist()
            found = found.iloc[[lines.index(key) for key in table["key"]]].reset_index(drop=True)
        kept = [column for column in table if column not in MOVED_ABOUT]
        pd.testing.assert_frame_equal(found[kept], table[kept])


def test_totals_stay_formulas_where_they_agree_and_figures_where_they_do_not(tmp_path: Path) -> None:
    cells = {key: at(BUDGET, "final", key) for key in ("expenditure_total", "expenditure_grand", "income_total")}
    rate = at(PROJECTS, "rate", PROJECTS.FIRST_ROW)
    edit = {cells["expenditure_total"]: 903, cells["expenditure_grand"]: 973, cells["income_total"]: 955.62, rate: 0.9}
    path = fill(tmp_path / "文化局.xlsx", edit)
    d, filled = again(path, read_one(path), tmp_path)
    assert filled.entries[cells["expenditure_total"]] == 903
    assert cells["expenditure_grand"] not in filled.entries  # 903 + 0 + 70: agrees with what stands above it
    assert cells["income_total"] not in filled.entries
    assert filled.entries[rate] == 0.9
    final = d.budget.set_index("key")["final"]
    assert final[["expenditure_total", "expenditure_grand", "income_total"]].tolist() == [903e6, 973e6, 955.62e6]


def test_a_total_without_parts_and_a_blank_total(tmp_path: Path) -> None:
    parts = ("abroad", "vehicle_purchase", "vehicle_running", "reception")
    edit: dict[str, object] = {at(BUDGET, "final", part): None for part in parts}
    total, other = at(BUDGET, "final", "three_public"), at(BUDGET, "final", "income_total")
    path = fill(tmp_path / "文化局.xlsx", edit | {total: 12, other: None})
    filled = entries_of(read_one(path), POLICY)
    assert filled.entries[total] == 12
    assert other not in filled.entries


@pytest.mark.parametrize(("declared", "heading"), [("元", "单位：元"), ("", "单位：元"), ("人民币元", "")])
def test_amounts_keep_the_unit_of_the_workbook(tmp_path: Path, declared: str, heading: str) -> None:
    path = tmp_path / "甲局.xlsx"
    rows: list[list[Any]] = [["部门名称", "甲局"], ["所属地区", "鹿泉区"], ["评价年度", 2023], ["金额单位", declared]]
    write(path, {"基本信息": rows, "预算": [[heading], ["项目", "决算数"], ["基本支出", 8591600.55]]})
    d, filled = again(path, read_one(path), tmp_path)
    assert str(filled.entries[at(BUDGET, "final", "basic")]) == "8591600.55"
    assert filled.entries[at(GENERAL, "money_unit")] == (declared or "元")
    assert d.budget.set_index("key").loc["basic", "final"] == 859160055
    assert d.workbooks["money_unit"].tolist() == ["元"]


def write(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """Plain sheets, typed by hand."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as workbook:
        for title, rows in sheets.items():
            sheet = workbook.add_worksheet(title)
            for row, values in enumerate(rows):
                sheet.write_row(row, 0, values)


def test_records_beyond_the_block_stand_below_it(tmp_path: Path) -> None:
    extra: dict[str, object] = {at(PROJECTS, "name", row): f"项目{row}" for row in range(9, PROJECTS.last_row + 11)}
    extra |= {at(PROJECTS, "rate", PROJECTS.last_row + 10): 0.5}
    path = fill(tmp_path / "文化局.xlsx", extra)
    d = read_one(path)
    second, filled = again(path, d, tmp_path)
    assert len(second.projects) == PROJECTS.room + 10
    assert filled.entries[at(PROJECTS, "index", PROJECTS.last_row + 10)] == PROJECTS.room + 10
    kept = [column for column in d.projects if column != "index"]
    pd.testing.assert_frame_equal(second.projects[kept], d.projects[kept])


def test_what_a_sender_wrote_stays_text_and_what_is_no_number_stays_visible(tmp_path: Path) -> None:
    edit = {"项目!B5": "=1+1", "项目!E5": "约100", "预算!D22": "九百多", "单位!E5": "三十", "项目!H6": "满"}
    path = fill(tmp_path / "文化局.xlsx", edit)
    d, filled = again(path, read_one(path), tmp_path)
    cell = openpyxl.load_workbook(tmp_path / "again.xlsx")["项目"]["B5"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert filled.left_out == [
        "单位!E5 示范区文化局（本级）·编制人数写的是“三十”，读不成数字，已照原文移入，请改正。",
        "预算!D22 本年支出合计写的是“九百多”，读不成数字，没有移入，改由公式计算。",
        "项目!E5 =1+1·年初预算数写的是“约100”，读不成数字，已照原文移入，请改正。",
        "项目!H6 图书馆购书经费·执行率写的是“满”，读不成数字，没有移入，改由公式计算。",
    ]
    assert d.unread["cell"].tolist() == ["E5", "E5"]
    assert d.budget.set_index("key").loc["expenditure_total", "final"] == 930e6


def test_a_text_that_no_cell_holds_is_cut_and_told(tmp_path: Path) -> None:
    d = read_one(fill(tmp_path / "文化局.xlsx", {}))
    long = dataclasses.replace(d, narrative=d.narrative.assign(problems="长" * (TEXT_LIMIT + 1)))
    filled = entries_of(long, POLICY)
    cell = at(layout.NARRATIVE, "problems")
    assert filled.left_out == [f"{cell} 存在的问题超过 32767 字，单元格放不下，后面的部分没有移入。"]
    assert len(str(filled.entries[cell])) == TEXT_LIMIT


def test_entries_are_of_one_workbook(tmp_path: Path) -> None:
    path = fill(tmp_path / "文化局.xlsx", {})
    with pytest.raises(ValueError, match="too many"):
        entries_of(read([("a.xlsx", path), ("b.xlsx", path)], POLICY), POLICY)


# ---------------------------------------------------------------- the roster and last year


def roster(*departments: dict[str, str]) -> pd.DataFrame:
    rows = [
        tuple(({"row": row, "key": each["name"]} | each).get(column, "") for column in ROSTER_COLUMNS)
        for row, each in enumerate(departments, 4)
    ]
    return frame(ROSTER_COLUMNS, rows, {"row"})


CULTURE = {"name": "示范区文化局", "code": "205001", "region": "石家庄市示范区"}


@pytest.fixture(scope="module")
def last_year(tmp_path_factory: pytest.TempPathFactory) -> District:
    path = fill(tmp_path_factory.mktemp("last") / "文化局.xlsx", {})
    return read_one(path)


def test_a_department_finds_its_name_units_and_reviewers_filled_in(tmp_path: Path, last_year: District) -> None:
    (path,) = prefill(tmp_path / "下发", roster(CULTURE), POLICY, 2024, last_year)
    assert path == tmp_path / "下发" / "示范区文化局.xlsx"
    d = read_one(path)
    general = d.general.iloc[0]
    filled = {key: general[key] for key in GENERAL.by_key if general[key] == general[key] and general[key] != ""}
    assert filled == {
        "department": "示范区文化局",
        "code": "205001",
        "region": "石家庄市示范区",
        "year": 2024,
        "unit_count": 2,
    }
    units = [column for column in d.units if column != "workbook"]
    pd.testing.assert_frame_equal(d.units[units], last_year.units[units])
    people = [column for column in d.reviewers if column not in ("workbook", "signature")]
    pd.testing.assert_frame_equal(d.reviewers[people], last_year.reviewers[people])
    assert set(d.reviewers["signature"]) == {""}
    assert d.budget[list(layout.AMOUNT_COLUMNS)].isna().all(axis=None)
    assert set(d.budget["note"]) == {""}
    assert len(d.projects) == len(d.indicators) == 0
    assert (d.narrative[list(layout.NARRATIVE.by_key)] == "").all(axis=None)


def test_what_was_carried_over_is_marked_by_notes(tmp_path: Path, last_year: District) -> None:
    (path,) = prefill(tmp_path, roster(CULTURE), POLICY, 2024, last_year)
    book = openpyxl.load_workbook(path)
    said = {
        f"{sheet.title}!{cell.coordinate}": cell.comment.text
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }
    assert set(said) == {at(UNITS, "name", 5), at(REVIEWERS, "name", 5), at(BUDGET, "final", "opening")}
    assert said[at(BUDGET, "final", "opening")].startswith("2023年度《预算》所填年末结转和结余（决算数）为 70.00 万元")
    assert all("2023年度" in text for text in said.values())


@pytest.mark.parametrize(
    "department",
    [
        {"name": "示范区文化和旅游局", "aliases": "别的名字|示范区文化局"},
        {"name": "示范区文化和旅游局", "code": "205001"},
        {"name": "示范区文化局", "code": "999999"},
    ],
)
def test_last_years_workbook_is_found_by_any_name_or_by_the_code(
    tmp_path: Path, last_year: District, department: dict[str, str]
) -> None:
    (path,) = prefill(tmp_path, roster(department), POLICY, 2024, last_year)
    d = read_one(path)
    assert (d.general["department"][0], len(d.units)) == (department["name"], 2)
    assert (d.general["code"][0], d.general["region"][0]) == (department.get("code") or "205001", "石家庄市示范区")


def test_a_code_that_two_departments_gave_finds_neither(tmp_path: Path) -> None:
    one = fill(tmp_path / "a.xlsx", {})
    other = fill(tmp_path / "b.xlsx", {"基本信息!B5": "示范区体育局"})
    d = read([("a.xlsx", one), ("b.xlsx", other)], POLICY)
    (path,) = prefill(tmp_path / "下发", roster({"name": "示范区档案馆", "code": "205001"}), POLICY, 2024, d)
    assert len(read_one(path).units) == 0


def test_of_two_submissions_the_one_that_counts_is_carried_over(tmp_path: Path) -> None:
    later = fill(tmp_path / "a.xlsx", {"基本信息!B15": "2024-04-02", "预算!D24": 12.5})
    early = fill(tmp_path / "b.xlsx", {})
    d = read([("a.xlsx", later), ("b.xlsx", early)], POLICY)
    (path,) = prefill(tmp_path / "下发", roster(CULTURE), POLICY, 2024, d)
    note = openpyxl.load_workbook(path)["预算"]["D13"].comment
    assert note is not None
    assert "为 12.50 万元，应与本行一致" in note.text


def test_without_last_year_only_the_roster_is_filled_in(tmp_path: Path) -> None:
    (path,) = prefill(tmp_path, roster(CULTURE), POLICY)
    filled = entries_of(read_one(path), POLICY).entries
    assert filled == {
        at(GENERAL, "department"): "示范区文化局",
        at(GENERAL, "code"): "205001",
        at(GENERAL, "region"): "石家庄市示范区",
    }


def test_the_year_follows_last_years_unless_given(tmp_path: Path, last_year: District) -> None:
    (path,) = prefill(tmp_path, roster(CULTURE), POLICY, None, last_year)
    assert read_one(path).year == 2024
    with pytest.raises(UsageError, match="上年结果是 2023 年度的，不是评价年度 2023 的上一年"):
        prefill(tmp_path / "下发", roster(CULTURE), POLICY, 2023, last_year)
    assert not (tmp_path / "下发").exists()


def test_nothing_is_written_where_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "乙局.xlsx").write_bytes(b"filled in")
    with pytest.raises(UsageError, match=r"里已有 乙局\.xlsx，为免覆盖填好的内容，一个文件也没有写"):
        prefill(tmp_path, roster({"name": "甲局"}, {"name": "乙局"}), POLICY)
    assert [path.name for path in tmp_path.iterdir()] == ["乙局.xlsx"]
    assert (tmp_path / "乙局.xlsx").read_bytes() == b"filled in"
    with pytest.raises(UsageError, match="是文件，不是文件夹"):
        prefill(tmp_path / "乙局.xlsx", roster({"name": "甲局"}), POLICY)


def test_odd_names_stay_inside_the_folder_and_apart(tmp_path: Path) -> None:
    names = ["../甲局", "..\\甲局", "CON", "=cmd|' /C calc'!A0", "乙" * 200]
    paths = prefill(tmp_path / "下发", roster(*({"name": name} for name in names)), POLICY)
    assert len(set(paths)) == len(names)
    assert all(path.parent == tmp_path / "下发" and path.is_file() for path in paths)
    assert sorted((tmp_path / "下发").iterdir()) == sorted(paths)
    assert [read_one(path).general["department"][0] for path in paths] == names


def test_the_same_roster_gives_the_same_bytes(tmp_path: Path, last_year: District) -> None:
    first, second = (prefill(tmp_path / each, roster(CULTURE), POLICY, 2024, last_year)[0] for each in "ab")
    assert first.read_bytes() == second.read_bytes()


# ---------------------------------------------------------------- the blank roster


def test_the_blank_roster_is_filled_in_and_read(tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    roster_blank(path, POLICY)
    with pytest.raises(UsageError, match="里没有部门"):
        read_roster(path)
    book = openpyxl.load_workbook(path)
    sheet = book["名册"]
    assert [cell.value for cell in sheet[3]] == [
        "序号",
        "部门编码",
        "部门名称*",
        "曾用名或简称",
        "联系人",
        "联系电话",
        "所属地区",
    ]
    assert sheet.column_dimensions["B"].number_format == "@"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation, sheet.print_title_rows) == (
        9,
        "landscape",
        "$3:$3",
    )
    assert not sheet.protection.sheet
    assert ROOM == 200
    assert f"C4:C{3 + ROOM}" in [str(each.sqref) for each in sheet.conditional_formatting]
    for column, value in enumerate([1, "007", "示范区文化局", "文化局、文广新局", "张三", "0311-1", "示范区"], 1):
        sheet.cell(4, column).value = value
    book.save(path)
    (row,) = read_roster(path).to_dict("records")
    assert (row["code"], row["name"], row["aliases"], row["region"]) == (
        "007", "示范区文化局", "文化局|文广新局", "示范区",
    )  # fmt: skip


def test_two_blank_rosters_are_the_same_file(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        roster_blank(tmp_path / name, POLICY)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


# ---------------------------------------------------------------- an older layout

OLDER: dict[str, list[list[Any]]] = {
    "封面": [
        ["2023年度部门整体支出绩效自评"],
        ["部门（单位）名称", "甲局"],
        ["地区", "石家庄市鹿泉区"],
        ["年度", "2023年度"],
        ["组织机构代码", "MB1234567"],
    ],
    "单位情况": [
        ["独立核算单位情况"],
        ["", "", "", "", "请勿外传"],
        ["序号", "单位名称", "单位性质", "经费来源形式", "备注"],
        [1, "甲局（本级）", "行政", "全额", "含派驻组"],
        [2, "乙中心", "财政补助事业单位", "财政拨款", ""],
        ["", "注：不含二级单位"],
    ],
    "预算": [
        ["收支情况", "", "单位：万元"],
        ["项目", "年初预算数", "决算数", "上年决算数"],
        ["财政拨款收入", 800, 859.16, 801],
        ["国有资本经营收入", 1, 2, 3],
        ["收入合计", "", 860, 801],
        ["基本支出", "约七百", 753.83],
    ],
    "附表": [[], ["", "车辆台账"], ["", "冀A00001"]],
    "空表": [],
}


def test_an_older_workbook_moves_over_and_what_does_not_is_listed(tmp_path: Path) -> None:
    write(tmp_path / "旧.xlsx", OLDER)
    told = migrate(tmp_path / "旧.xlsx", tmp_path / "新.xlsx", POLICY)
    assert told.moved == [
        "基本信息（原表名“封面”）：移入 3 栏。",
        "单位（原表名“单位情况”）：移入 2 行。",
        "预算：移入 3 行。",
        "项目：原工作簿没有这张表。",
        "指标：原工作簿没有这张表。",
        "评价组：原工作簿没有这张表。",
        "文字说明：原工作簿没有这张表。",
    ]
    assert told.left == [
        "预算!B6 基本支出（年初预算数）写的是“约七百”，读不成数字，已照原文移入，请改正。",
        "封面!A5 “组织机构代码”（第 5 行，共 2 格）：模板没有这一栏，没有移入。",
        "单位情况!E2 “请勿外传”（第 2 行，共 1 格）：在表头以上，没有移入。",
        "单位情况!E4 起“备注”列（共 1 格）：模板没有这一列，没有移入。",
        "单位情况!B6 “注：不含二级单位”（第 6 行，共 1 格）：不是一条记录，没有移入。",
        "预算!D3 起“上年决算数”列（共 3 格）：模板没有这一列，没有移入。",
        "预算!A4 “国有资本经营收入”（第 4 行，共 3 格）：不是模板的行，没有移入。",
        "附表!B2 起（共 2 格）：《附表》没有对上模板的任何一张表，没有移入。",
    ]
    book = openpyxl.load_workbook(tmp_path / "新.xlsx")
    expected = {
        at(GENERAL, "department"): "甲局",
        at(GENERAL, "year"): 2023,
        at(UNITS, "name", 6): "乙中心",
        at(BUDGET, "final", "income_total"): 860,  # as stated, although its parts give 859.16
        at(BUDGET, "initial", "basic"): "约七百",
        at(BUDGET, "final", "basic"): 753.83,
    }
    assert {key: book[key.split("!")[0]][key.split("!")[1]].value for key in expected} == expected
    assert read_one(tmp_path / "新.xlsx").notes["kind"].tolist().count("sheet_alias") == 0


def test_the_current_template_moves_over_without_a_rest(tmp_path: Path) -> None:
    old = fill(tmp_path / "文化局.xlsx", {})
    told = migrate(old, tmp_path / "新.xlsx", POLICY)
    assert told.left == []
    assert told.moved[:4] == ["基本信息：移入 12 栏。", "单位：移入 2 行。", "预算：移入 27 行。", "项目：移入 4 行。"]
    assert (tmp_path / "新.xlsx").read_bytes() == old.read_bytes()


def test_formulas_without_a_value_are_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "旧.xlsx") as workbook:
        sheet = workbook.add_worksheet("预算")
        sheet.write_row(0, 0, ["项目", "年初预算数", "全年预算数", "决算数"])
        sheet.write(1, 0, "基本支出")
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 2, "=1+1", None, "")
        sheet.write_formula(1, 3, "=[1]Sheet1!A1", None, 5)
    assert migrate(tmp_path / "旧.xlsx", tmp_path / "新.xlsx", POLICY).left == [
        "预算!B2 基本支出（年初预算数）是错误值 #DIV/0!，没有移入，请补填。",
        "预算!C2 基本支出（全年预算数）是没有计算结果的公式，没有移入，请补填。",
        "预算!D2 基本支出是引用其他文件的公式，没有移入，请补填。",
    ]


def test_a_total_row_and_a_long_run_of_rows_are_one_sentence_each(tmp_path: Path) -> None:
    path = fill(tmp_path / "文化局.xlsx", {"项目!B9": "合计", "项目!G9": 280})
    assert migrate(path, tmp_path / "新.xlsx", POLICY).left == [
        "项目!B9 “合计”（第 9 行，共 2 格）：不是一条记录，没有移入。"
    ]
    rows: list[list[Any]] = [["项目", "决算数"], ["基本支出", 1], *([f"别的支出{n}", n] for n in range(50))]
    write(tmp_path / "多行.xlsx", {"预算": rows})
    assert migrate(tmp_path / "多行.xlsx", tmp_path / "新二.xlsx", POLICY).left == [
        "预算!A3 “别的支出0”（第 3 至 52 行，共 100 格）：不是模板的行，没有移入。"
    ]


def test_what_the_template_itself_computes_is_no_rest(tmp_path: Path) -> None:
    seen = {"单位!C3": "单位 2 个 √", "项目!D3": "× 有误", "预算!F22": "√", "项目!M5": "√", "基本信息!D9": "√"}
    told = migrate(fill(tmp_path / "文化局.xlsx", seen), tmp_path / "新.xlsx", POLICY)  # as Excel stores it on saving
    assert told.left == []


def test_rows_beyond_the_block_are_told(tmp_path: Path) -> None:
    rows = [["姓名", "工作单位", "职务"], *([f"评价员{n}", "甲局", "科员"] for n in range(REVIEWERS.room + 2))]
    write(tmp_path / "旧.xlsx", {"评价组": rows})
    told = migrate(tmp_path / "旧.xlsx", tmp_path / "新.xlsx", POLICY)
    assert "评价组：移入 32 行，其中 2 行接在预留的 30 行之后，打印前请重新设置打印区域。" in told.moved
    assert told.left == []


def test_the_list_of_findings_of_a_returned_copy_is_no_loss(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "文化局.xlsx", {"预算!D22": 903})
    library.run(tmp_path / "in", tmp_path / "out")
    told = migrate(tmp_path / "out" / "退回" / "示范区文化局.xlsx", tmp_path / "新.xlsx", POLICY)
    assert told.left == ["《问题清单》是退回件所附的问题清单，没有移入；其中写了说明的，请写到新的退回件里。"]


def test_nothing_is_written_without_a_workbook_to_move_or_over_another(tmp_path: Path) -> None:
    out = tmp_path / "新.xlsx"
    (tmp_path / "坏.xlsx").write_bytes(b"")
    with pytest.raises(UsageError, match=r"坏\.xlsx 是空文件；请重新报送"):
        migrate(tmp_path / "坏.xlsx", out, POLICY)
    write(tmp_path / "别的.xlsx", {"Sheet1": [["买菜"], ["白菜", 3]]})
    with pytest.raises(UsageError, match=r"别的\.xlsx 不是自评工作簿，里面是《Sheet1》；请用模板填好后报送"):
        migrate(tmp_path / "别的.xlsx", out, POLICY)
    assert not out.exists()
    out.write_bytes(b"kept")
    with pytest.raises(UsageError, match=r"新\.xlsx 已经存在"):
        migrate(fill(tmp_path / "好.xlsx", {}), out, POLICY)
    assert out.read_bytes() == b"kept"
