"""A bureau's own rules: every form of demand holds and breaks, is told like any rule, and says what it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import RULEBOOK, fill
from typer.testing import CliRunner

from evalxl.cli import app
from evalxl.district.findings import Severity
from evalxl.library.policy import in_force
from evalxl.policy import policy as policies
from evalxl.policy.parts import OwnRule, Relation
from evalxl.rules.own import own_rules, tried
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.values.errors import UsageError

Declared = Mapping[str, Any]
POLICY = policies.load()
SAID = {"words": "与本区办法不符", "fix": "请核对", "source": "示范区财政局绩效自评办法"}


def own(**declared: Any) -> OwnRule:
    return OwnRule.model_validate({"id": "Z01", "sheet": "项目"} | SAID | declared)


def with_rules(*rules: OwnRule) -> policies.Policy:
    return POLICY.model_copy(update={"rules": rules, "head": POLICY.head.model_copy(update={"name": f"{rules}"})})


FORMS: dict[str, tuple[Declared, list[Any], list[Any]]] = {
    "at most another column": (
        {"column": "全年执行数", "demands": "不大于", "than": "年初预算数"},
        [{"全年执行数": 10, "年初预算数": 10}, {"全年执行数": 10}],
        [{"全年执行数": 10.01, "年初预算数": 10}],
    ),
    "at most a number, amounts in 万元": (
        {"column": "全年执行数", "demands": "不大于", "than": 500},
        [{"全年执行数": 500}, {}],
        [{"全年执行数": 500.01}],
    ),
    "below": ({"column": "自评得分", "demands": "小于", "than": 100}, [{"自评得分": 99}], [{"自评得分": 100}]),
    "equal text": ({"column": "评价等级", "demands": "等于", "than": "优秀"}, [{"评价等级": "优秀"}], [{"评价等级": "良好"}]),
    "other than another column": (
        {"column": "偏差原因", "demands": "不等于", "than": "改进措施"},
        [{"偏差原因": "甲", "改进措施": "乙"}],
        [{"偏差原因": "甲", "改进措施": "甲"}],
    ),
    "at least": ({"column": "自评得分", "demands": "不小于", "than": 60}, [{"自评得分": 60}], [{"自评得分": 59.99}]),
    "above": ({"column": "全年预算数", "demands": "大于", "than": 0}, [{"全年预算数": 1}], [{"全年预算数": 0}]),
    "filled in": ({"column": "项目编码", "demands": "必填"}, [{"项目编码": "A1", "项目名称": "甲"}], [{"项目名称": "甲"}]),
    "filled in, if": (
        {"column": "偏差原因", "demands": "必填", "when": "评价等级", "is": ["一般", "较差"]},
        [{"评价等级": "优秀"}, {"评价等级": "一般", "偏差原因": "甲"}, {"项目名称": "甲"}],
        [{"评价等级": "较差"}],
    ),
    "one of": (
        {"column": "实施单位", "demands": "选项", "among": ["局机关", "图书馆"]},
        [{"实施单位": "图书馆"}, {}],
        [{"实施单位": "文化馆"}],
    ),
    "one of some numbers": (
        {"column": "自评得分", "demands": "选项", "among": [60, "80"]},
        [{"自评得分": 60}, {"自评得分": 80}, {}],
        [{"自评得分": 70}],
    ),
    "filled in, if a number is one of some": (
        {"column": "偏差原因", "demands": "必填", "when": "自评得分", "is": [60, "70.5"]},
        [{"自评得分": 61}, {"自评得分": 60, "偏差原因": "甲"}],
        [{"自评得分": 60}, {"自评得分": 70.5}],
    ),
    "equal text that is a number": (
        {"column": "项目编码", "demands": "等于", "than": 5}, [{"项目编码": "5"}, {"项目编码": 5}], [{"项目编码": "6"}],
    ),
    "unique number": (
        {"column": "自评得分", "demands": "不重复"}, [[{"自评得分": 1}, {"自评得分": 2}]], [[{"自评得分": 1}, {"自评得分": 1}]],
    ),
    "unique": (
        {"column": "项目编码", "demands": "不重复"},
        [[{"项目编码": "A1"}, {"项目编码": "A2"}, {}, {}]],
        [[{"项目编码": "A1"}, {"项目编码": "A1"}]],
    ),
    "adds up to a line": (
        {"column": "全年执行数", "demands": "合计等于", "total": "预算!决算数@项目支出"},
        [[{"全年执行数": 10}, {"全年执行数": 2.5, "预算!决算数@项目支出": 12.5}], [{"全年执行数": 10}]],
        [[{"全年执行数": 10}, {"全年执行数": 2, "预算！决算数@项目支出": 12.5}]],
    ),
    "adds up to a form's field": (
        {"sheet": "单位", "column": "在职人数", "demands": "合计等于", "total": "基本信息!独立核算单位数"},
        [[{"在职人数": 1, "基本信息!独立核算单位数": 2}, {"在职人数": 1}]],
        [[{"在职人数": 1, "基本信息!独立核算单位数": 2}]],
    ),
}  # fmt: skip


def test_every_form_is_tried() -> None:
    assert {each[0]["demands"] for each in FORMS.values()} == {each.value for each in Relation}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_holds_and_breaks(name: str) -> None:
    declared, holds, breaks = FORMS[name]
    found = list(tried(with_rules(own(**declared, holds=holds, breaks=breaks))))
    assert len(found) == len(holds) + len(breaks)
    assert [each for each in found if each.should is not each.does] == []


def test_an_example_that_does_not_agree_is_told() -> None:
    declared = own(column="自评得分", demands="小于", than=90, holds=[{"自评得分": 95}], breaks=[{"自评得分": 80}])
    assert [each.does for each in tried(with_rules(declared))] == [False, True]


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ({"自评甲": 95}, "没有“自评甲”这一栏"),
        ({"预算!决算数@基本支出": 1}, "没有“预算!决算数@基本支出”这一栏"),
        ({"全年执行数": "一百"}, "例子中“全年执行数”要写数字，写的是“一百”"),
        ({"预算!决算数@项目支出": "一百"}, "要写数字，写的是“一百”"),
        ({"全年执行数": 9e9}, "例子中“全年执行数”的数太大"),
        ({"全年执行数": -9e9}, "例子中“全年执行数”的数太大"),
    ],
)
def test_an_example_of_what_is_not_there_is_refused(example: Mapping[str, Any], words: str) -> None:
    """It would hold for nothing."""
    declared = own(
        column="全年执行数", demands="合计等于", total="预算!决算数@项目支出", holds=[example], breaks=[{"全年执行数": 1}]
    )  # fmt: skip
    with pytest.raises(UsageError, match=r"^规则 Z01：") as told:
        list(tried(with_rules(declared)))
    assert words in str(told.value)


def test_a_total_is_held_against_the_rows_of_its_own_workbook(tmp_path: Path) -> None:
    """Many workbooks together allow no more than one alone."""
    declared = own(
        column="全年执行数", demands="合计等于", total="预算!决算数@项目支出", holds=[{}], breaks=[{}]
    )  # fmt: skip
    many = {f"项目!{column}{row}": 1 if column == "G" else "甲" for row in range(9, 35) for column in "BG"}
    edits: dict[str, dict[str, object]] = {"a.xlsx": {"预算!D18": 280.04}}
    edits |= {f"{number}.xlsx": {"基本信息!B5": f"示范区第{number}局", **many} for number in range(3)}
    paths = {name: fill(tmp_path / name, edit) for name, edit in edits.items()}
    found = {}
    for names in (["a.xlsx"], list(paths)):
        checked = check_files([(name, paths[name]) for name in names], Settings(with_rules(declared)))
        found[len(names)] = [
            each.message for each in checked.findings if (each.rule, each.workbook) == ("Z01", "a.xlsx")
        ]
    assert found[1]
    assert found[1] == found[4]


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (280, []), (280.025, []), (279.975, []),
        (280.03, ["各行合计 280.00，预算!决算数@项目支出 是 280.03，与本区办法不符"]),
        (279.97, ["各行合计 280.00，预算!决算数@项目支出 是 279.97，与本区办法不符"]),
    ],
)  # fmt: skip
def test_a_total_may_be_apart_by_what_rounding_its_rows_and_itself_leaves(
    tmp_path: Path, stated: float, said: list[str]
) -> None:
    """Four projects and the total: half of 0.01 万元 each."""
    declared = own(
        column="全年执行数", demands="合计等于", total="预算!决算数@项目支出", holds=[{}], breaks=[{}]
    )  # fmt: skip
    path = fill(tmp_path / "a.xlsx", {"预算!D18": stated})
    checked = check_files([(path.name, path)], Settings(with_rules(declared)))
    prefix = "项目!G5 全年执行数："
    assert [each.message for each in checked.findings if each.rule == "Z01"] == [f"{prefix}{each}。" for each in said]


def test_an_own_rule_is_told_like_any_other(tmp_path: Path) -> None:
    declared = own(
        column="全年执行数", demands="不大于", than=100, severity="error", holds=[{"全年执行数": 1}], breaks=[{"全年执行数": 101}]
    )  # fmt: skip
    path = fill(tmp_path / "文化局.xlsx", {})
    checked = check_files([(path.name, path)], Settings(with_rules(declared)))
    assert [(each.rule, each.severity, each.cell, each.message, each.fix) for each in checked.findings] == [
        (
            "Z01", Severity.ERROR, "G5",
            "项目!G5 公共文化服务体系建设·全年执行数：填的是 114.00，规定的数是 100.00，与本区办法不符。", "请核对。",
        )
    ]  # fmt: skip
    assert next(each for each in checked.coverage if each.rule == "Z01").failed == 1
    silent = with_rules(declared).model_copy(update={"severity": {"Z01": "off"}})
    assert check_files([(path.name, path)], Settings(silent)).findings == []


def test_a_page_tells_of_it() -> None:
    declared = own(column="自评得分", demands="小于", than=90, holds=[{"自评得分": 80}], breaks=[{"自评得分": 95}])
    (rule,) = own_rules(with_rules(declared))
    assert set(rule.page) == {"要求", "理由", "依据", "举例", "处理", "局限"}
    assert "小于 90" in rule.page["理由"]


WRONG: dict[str, Declared] = {
    "没有《项木》这张表": {"sheet": "项木", "column": "自评得分", "demands": "必填"},
    "《项目》没有“甲”这一栏": {"column": "甲", "demands": "必填"},
    "要写 than：与哪一栏、哪个数比较": {"column": "评价等级", "demands": "等于"},
    "“自评得分”和“全年执行数”不是同一类的数": {"column": "自评得分", "demands": "小于", "than": "全年执行数"},
    "“评价等级”是文字栏，只能核对等于、不等于": {"column": "评价等级", "demands": "小于", "than": "优秀"},
    "is 要写数字，因为“自评得分”是数字栏，写的是“优秀”": {
        "column": "偏差原因",
        "demands": "必填",
        "when": "自评得分",
        "is": ["优秀"],
    },
    "要写明有哪些选项": {"column": "评价等级", "demands": "选项"},
    "“评价等级”不是数字栏，不能合计": {"column": "评价等级", "demands": "合计等于", "total": "预算!决算数@项目支出"},
    "《预算》没有“甲”这一行": {"column": "全年执行数", "demands": "合计等于", "total": "预算!决算数@甲"},
    "total 要写一个数字的格子": {"column": "全年执行数", "demands": "合计等于", "total": "单位!在职人数"},
}


@pytest.mark.parametrize("words", WRONG)
def test_what_cannot_be_is_one_sentence(words: str) -> None:
    declared = own(**WRONG[words], holds=[{}], breaks=[{}])
    with pytest.raises(UsageError, match=r"^规则 Z01：.*。$") as told:
        own_rules(with_rules(declared))
    assert words in str(told.value)


FILE = """
[policy]
name = "示范区规则"

[[rules]]
id = "Z01"
sheet = "项目"
column = "全年执行数"
demands = "不大于"
than = 500
words = "单个项目超过 500 万元"
fix = "请附专项说明"
source = "示范区财政局绩效自评办法"
holds = [{ "全年执行数" = 500 }]
breaks = [{ "全年执行数" = 501 }]
"""


def test_examples_of_a_file_are_tried_by_a_command(tmp_path: Path) -> None:
    path = tmp_path / "本区规则.toml"
    path.write_text(FILE, encoding="utf-8")
    done = CliRunner().invoke(app, ["policy", "--test", str(path)])
    assert done.exit_code == 0
    assert "Z01 例 1：应成立，成立 √" in done.stdout
    other = tmp_path / "另一套.toml"
    other.write_text(FILE.replace("501", "499"), encoding="utf-8")
    assert CliRunner().invoke(app, ["policy", "--test", str(other)]).exit_code == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('id = "Z01"', 'id = "P01"'), "id"),
        (('demands = "不大于"', 'demands = "eval"'), "demands"),
        (('holds = [{ "全年执行数" = 500 }]', "holds = []"), "holds"),
        (('column = "全年执行数"', 'column = "执行"'), "《项目》没有“执行”这一栏"),
    ],
)
def test_a_faulty_file_is_refused(change: tuple[str, str], words: str, tmp_path: Path) -> None:
    path = tmp_path / "本区规则.toml"
    path.write_text(FILE.replace(*change), encoding="utf-8")
    with pytest.raises(UsageError, match="规则文件") as told:
        in_force(path)
    assert words in str(told.value)


def test_no_case_of_the_rulebook_is_called_as_own_rules_are() -> None:
    assert not [rule for rule in RULEBOOK if rule.startswith("Z")]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"words": "w"}, "第 18 行：rules.1.words 太短，至少 2 个字。"),
        ({"id": "B01"}, "第 13 行：rules.1.id 写法不对，请对照手册中的例子改正。"),
        ({"column": "长" * 61}, "第 15 行：rules.1.column 太长，不能超过 60 个字。"),
    ],
)
def test_a_fault_of_the_second_rule_is_told_with_its_own_line(
    tmp_path: Path, second: dict[str, str], told: str
) -> None:
    entry = {
        "id": "Z01",
        "sheet": "项目",
        "column": "全年执行数",
        "demands": "必填",
        "fix": "请填写",
        "words": "没有填",
    }
    entry |= {"source": "本区办法"}
    examples = 'holds = [{ "全年执行数" = 5 }]\nbreaks = [{ "全年执行数" = "" }]\n'
    path = tmp_path / "规则.toml"
    path.write_text(
        "\n".join(
            "[[rules]]\n" + "".join(f'{key} = "{value}"\n' for key, value in each.items()) + examples
            for each in (entry, entry | {"id": "Z02"} | second)
        ),
        encoding="utf-8",
    )
    with pytest.raises(UsageError) as error:
        in_force(path)
    assert told in str(error.value)
