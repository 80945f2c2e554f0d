"""The declared layout: what departments rely on, and that the tables follow it."""

from __future__ import annotations

import pytest
from addresses import cell_of, named

from evalxl import layout
from evalxl.district.tables import EXTRA_COLUMNS, District
from evalxl.layout import BUDGET, DATA_SHEETS, GENERAL, PROJECTS, SHEETS, Shape, column_letter, template_cell
from evalxl.policy.policy import load
from evalxl.values.folding import label_key
from evalxl.values.kinds import Kind


def test_sheets_stand_in_the_order_of_the_contract() -> None:
    titles = [sheet.title for sheet in SHEETS]
    assert titles == ["填报说明", "基本信息", "单位", "预算", "项目", "指标", "评价组", "文字说明"]


def test_headers_are_those_of_the_contract() -> None:
    headers = {sheet.title: " ".join(field.title for field in sheet.fields) for sheet in DATA_SHEETS}
    assert headers == {
        "基本信息": "部门名称* 部门编码 所属地区* 评价年度* 独立核算单位数 金额单位 整体自评得分 整体评价等级 "
        "填报人 联系电话 填报日期 单位负责人",
        "单位": "序号 单位名称* 单位基本性质* 经费形式* 编制人数 在职人数",
        "预算": "项目 年初预算数 全年预算数 决算数* 备注",
        "项目": "序号 项目名称* 项目编码 实施单位 年初预算数 全年预算数 全年执行数 执行率 自评得分* 评价等级 偏差原因 改进措施",
        "指标": "项目名称 一级指标 二级指标 三级指标 指标性质 年度指标值 计量单位 实际完成值 分值 得分 偏差原因及改进措施 评分标准",
        "评价组": "序号 姓名* 工作单位* 职务* 职称 签字",
        "文字说明": "部门概况 整体绩效目标 自评组织 自评方法和过程 总体目标实现情况 分项目标实现情况 存在的问题 改进措施",
    }


def test_budget_lines_are_those_of_the_contract() -> None:
    assert " ".join(line.label for line in BUDGET.lines) == (
        "财政拨款收入 上级补助收入 事业收入 经营收入 附属单位上缴收入 其他收入 本年收入合计 使用非财政拨款结余 年初结转和结余 收入总计 "
        "基本支出 其中：人员经费 其中：公用经费 项目支出 上缴上级支出 经营支出 对附属单位补助支出 本年支出合计 结余分配 年末结转和结余 "
        "支出总计 三公经费合计 因公出国（境）费 公务用车购置费 公务用车运行维护费 公务接待费 政府采购支出"
    )


def test_cells_are_where_accountants_know_them() -> None:
    assert template_cell(BUDGET, "final", "expenditure_total") == "D22"
    assert template_cell(BUDGET, "final", "basic") == "D15"
    assert template_cell(GENERAL, "department") == "B5"
    assert template_cell(PROJECTS, "score", 5) == "I5"
    assert [column_letter(number) for number in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_no_header_or_label_is_known_under_two_fields() -> None:
    for sheet in DATA_SHEETS:
        headers = {name: field.key for field in sheet.fields for name in (field.header, *field.aliases)}
        assert {name: sheet.by_label[label_key(name)].key for name in headers} == headers, sheet.title
        labels = {name: line.key for line in sheet.lines for name in (line.label, *line.aliases)}
        assert {name: sheet.line_by_label[label_key(name)].key for name in labels} == labels, sheet.title


def test_there_is_room_as_the_contract_demands() -> None:
    room = {sheet.key: sheet.room for sheet in DATA_SHEETS if sheet.room}
    assert room == {"units": 40, "projects": 120, "indicators": 600, "reviewers": 30}


def test_tables_follow_the_layout() -> None:
    tables = District().tables
    for sheet in DATA_SHEETS:
        table = tables[sheet.key]
        assert list(table.columns) == ["workbook", "row", *sheet.by_key, *EXTRA_COLUMNS[sheet.key]]
        numeric = {field.key for field in sheet.fields if field.kind.numeric}
        assert {key for key in sheet.by_key if table[key].dtype == "float64"} == numeric


def test_choices_name_vocabularies_of_the_policy() -> None:
    policy = load()
    for sheet in DATA_SHEETS:
        for field in sheet.fields:
            assert bool(field.choices) == (field.kind is Kind.CHOICE)
            assert not field.choices or policy.labels(field.choices)


def test_sheets_are_found_by_english_names_too() -> None:
    for key in ("units", "budget", "projects", "reviewers"):
        assert key in layout.BY_KEY[key].aliases


def test_an_address_by_header_is_a_cell_and_back() -> None:
    for sheet in layout.DATA_SHEETS:
        for field in sheet.fields:
            rows = (
                [""]
                if sheet.shape is Shape.FORM
                else [f"@{sheet.FIRST_ROW}"]
                if sheet.shape is Shape.TABLE
                else [f"@{line.label}" for line in sheet.lines]
            )
            for row in rows:
                address = f"{sheet.title}!{field.header}{row}"
                assert named(cell_of(address)) == address


@pytest.mark.parametrize("address", ["项目!自评得粉@7", "预算!决算数@本年支出", "基本信息!部门"])
def test_a_misspelt_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=address):
        cell_of(address)


def test_the_letters_of_every_column() -> None:
    """The only place that pins them; a column in the middle of a sheet changes this, the layout and what is generated."""
    letters = {
        sheet.title: " ".join(layout.column_letter(sheet.column(field.key)) + field.header for field in sheet.fields)
        for sheet in layout.DATA_SHEETS
        if sheet.shape is not Shape.FORM
    }
    assert letters == {
        "单位": "A序号 B单位名称 C单位基本性质 D经费形式 E编制人数 F在职人数",
        "预算": "A项目 B年初预算数 C全年预算数 D决算数 E备注",
        "项目": "A序号 B项目名称 C项目编码 D实施单位 E年初预算数 F全年预算数 G全年执行数 H执行率 I自评得分 J评价等级 K偏差原因 L改进措施",
        "指标": "A项目名称 B一级指标 C二级指标 D三级指标 E指标性质 F年度指标值 G计量单位 H实际完成值 I分值 J得分 K偏差原因及改进措施 L评分标准",
        "评价组": "A序号 B姓名 C工作单位 D职务 E职称 F签字",
    }
