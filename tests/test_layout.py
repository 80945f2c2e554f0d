"""The declared layout: what departments rely on, and that the tables follow it."""

from __future__ import annotations

from evalxl import layout
from evalxl.district.tables import EXTRA_COLUMNS, District
from evalxl.layout import BUDGET, DATA_SHEETS, GENERAL, PROJECTS, SHEETS, column_letter, template_cell
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
