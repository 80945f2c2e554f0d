"""The policies that ship, chosen by name, each judging as its province does; and a policy as TOML, as a table, and back."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import xlsxwriter
from addresses import cell_of
from conftest import brief, fill, unpacked
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from evalxl import cli
from evalxl.bureau.policy_file import entered, read_policy
from evalxl.facts.scoring import band
from evalxl.library.policy import demands
from evalxl.policy.entries import to_toml
from evalxl.policy.parts import Known
from evalxl.policy.policy import Policy, load
from evalxl.policy.shipped import SHIPPED, chosen, shipped
from evalxl.rules import RULES
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.template import build
from evalxl.template.policy_table import policy_table
from evalxl.values.clock import limited
from evalxl.values.errors import UsageError

EVERY = pytest.mark.parametrize("name", SHIPPED)


def _shipped(name: str) -> Policy:
    return load(shipped(name))


# ---------------------------------------------------------------- by name


@EVERY
def test_every_shipped_policy_loads_by_all_its_names_and_says_where_its_values_are_from(name: str) -> None:
    policy = _shipped(name)
    assert all(read_policy(chosen(each)) == policy for each in (name, name.upper(), *SHIPPED[name]))
    cited = [policy.execution, policy.sampling, policy.scheme, *policy.thresholds.values(), *policy.lengths.values()]
    assert all(each.source and each.since and each.known is not Known.STATED for each in cited)
    for each in cited:
        assert (each.known is Known.OWN) == ("本程序的取值" in each.source), each.source


def test_shipped_policies_have_names_of_their_own() -> None:
    assert len({_shipped(name).head.name for name in SHIPPED}) == len(SHIPPED)
    assert len({_shipped(name).sha256 for name in SHIPPED}) == len(SHIPPED)
    assert _shipped("default") == load()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("guandong", "guangdong（广东）"), ("guangdongsheng", "guangdong（广东）"), ("hunna", "hunan（湖南）"),
        ("四川省的", "sichuan（四川）"), ("河北石家庄", "hebei（河北）"), ("湖男", "hunan（湖南）或 hubei（湖北）"),
        ("广洞", "guangdong（广东）"), ("xyz", ""), ("本区规则", ""),
    ],
)  # fmt: skip
def test_a_wrong_name_is_asked_about(written: str, meant: str) -> None:
    with pytest.raises(UsageError) as wrong:
        chosen(written)
    assert ("是否指" in str(wrong.value)) == bool(meant)
    assert meant in str(wrong.value)
    assert "自带的有 default（默认）、mof2020（财政部）" in str(wrong.value)
    assert len(str(wrong.value)) < 300


def test_a_name_is_no_file_unless_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("hunan", "own"):
        Path(name).write_text("[policy]\nname = '甲'\n", encoding="utf-8")
    assert load(chosen("hunan")).head.name.startswith("湖南省")
    assert load(chosen("./hunan")).head.name == "甲"
    assert load(chosen("own")).head.name == "甲"
    assert chosen("own.toml") == Path("own.toml")


# ---------------------------------------------------------------- each judges as its province does

_RATE_93 = {"项目!全年执行数@6": 74.4, "项目!全年执行数@5": 119.6}
_TWENTY = {
    "指标!分值@5": 20,
    "指标!得分@5": 20,
    "指标!分值@6": 40,
    "指标!得分@6": 40,
    "指标!分值@8": 10,
    "指标!得分@8": 9.33,
}
_COST = {
    "指标!分值@6": 40, "指标!得分@6": 40, "指标!一级指标@7": "成本指标", "指标!三级指标@7": "购书成本控制率",
    "指标!分值@8": 20, "指标!得分@8": 18.67,
}  # fmt: skip
_LONG = "年度总体目标基本实现，公共文化服务设施正常开放，文物保护工程稳步推进，" * 8
CASES = [  # policy, edit, the cell looked at, what is found there under the policy, and under the default
    ("hunan", _RATE_93 | {"指标!得分@5": 8, "项目!自评得分@6": 96}, "指标!得分@5", [], ["P08"]),
    ("hunan", _RATE_93 | {"指标!得分@5": 9.3, "项目!自评得分@6": 97.3}, "指标!得分@5", ["P08"], []),
    ("guangdong", {"项目!自评得分@8": 65, "项目!评价等级@8": "低"}, "项目!评价等级@8", [], ["G02"]),
    ("guangdong", {"项目!自评得分@8": 65}, "项目!评价等级@8", ["G01", "G02 提示"], []),
    ("guangdong", {"项目!评价等级@7": "中"}, "项目!评价等级@7", [], ["G01", "G02 提示"]),
    ("mof2020", {"项目!评价等级@7": "中"}, "项目!评价等级@7", [], ["G01", "G02 提示"]),
    ("mof2020", _TWENTY, "指标!分值@5", ["I02 提醒"], []),
    ("hebei", {"项目!评价等级@7": "中"}, "项目!评价等级@7", [], ["G01", "G02 提示"]),
    ("hebei", _TWENTY, "指标!分值@5", ["I02 提醒"], []),
    ("hubei", _COST, "指标!分值@5", ["I02 提醒"], []),
    ("hubei", _TWENTY, "指标!分值@5", [], []),
    ("sichuan", {"项目!偏差原因@7": "空"}, "项目!偏差原因@7", ["P09"], ["P09 提醒"]),
    ("sichuan", {"文字说明!总体目标实现情况": _LONG}, "文字说明!总体目标实现情况", ["N09 提醒"], []),
    ("sichuan", {"文字说明!自评组织": _LONG}, "文字说明!自评组织", [], []),
]


@pytest.mark.parametrize(("name", "edit", "cell", "own", "usual"), CASES)
def test_a_shipped_policy_judges_as_its_province_does(
    tmp_path: Path, name: str, edit: Mapping[str, object], cell: str, own: list[str], usual: list[str]
) -> None:
    path, place = fill(tmp_path / "示范区文化局.xlsx", edit), cell_of(cell)
    for policy, expected in ((_shipped(name), own), (load(), usual)):
        found = check_files([(path.name, path)], Settings(policy)).findings
        here = brief([each for each in found if f"{each.sheet}!{each.cell}" == place])
        assert [each.replace(f" {place}", "") for each in here] == expected


def test_qualitative_results_in_hubei_are_partly_reached_from_one_half() -> None:
    assert [band(points, 10, _shipped("hubei")) for points in (8, 7.9, 5, 4.9)] == [
        "达成",
        "部分达成",
        "部分达成",
        "未达成",
    ]
    assert band(5, 10, load()) == "未达成"


# ---------------------------------------------------------------- as TOML, as a table, and back


@EVERY
def test_a_shipped_policy_is_the_same_as_toml_as_a_table_and_back(tmp_path: Path, name: str) -> None:
    _same_in_every_form(_shipped(name), tmp_path)


def _toml(policy: Policy) -> str:
    return to_toml(policy, demands(), {name: each.severity.value for name, each in RULES.items()})


def test_every_severity_stands_in_the_file_and_takes_effect_without_its_sign(tmp_path: Path) -> None:
    for name in ("default", "sichuan"):
        own = _shipped(name)
        for rule in RULES.keys() - own.severity.keys():
            text = re.sub(rf"^# ({rule} = .*)$", r"\1", _toml(own), flags=re.MULTILINE)
            assert text.count(f"\n{rule} = ") == 1
            if rule in ("B01", "P09", "F12"):
                (tmp_path / "own.toml").write_text(text, encoding="utf-8")
                assert load(tmp_path / "own.toml").severity == own.severity | {rule: RULES[rule].severity.value}


def _same_in_every_form(policy: Policy, folder: Path) -> None:
    text, table = folder / "p.toml", folder / "p.xlsx"
    text.write_text(_toml(policy), encoding="utf-8")
    policy_table(table, read_policy(text), demands())
    again = read_policy(table)
    assert again == policy
    assert again.sha256 == policy.sha256
    assert _toml(again) == _toml(policy)


OWN = """
execution_caps = [{ from = 0.7, to = 0.8, cap = 89 }, { from = 0, to = 0.7, cap = 79.5 }]
[policy]
name = '甲区 "2023" 规则\\'
scheme = "own"
overall = "weighted"
deadline = 2024-03-31
weights = ["own", "mof2020"]
[schemes.own]
title = "甲区"
source = "甲财〔2023〕1号"
bands = [{ grade = "优", from = 85.5, to = 100 }, { grade = "良", from = 60, to = 85.5 }, { grade = "差", from = 0, to = 60 }]
[execution]
steps = [{ from = 0.955, share = 1 }, { from = 0.123456 }, { from = 0, share = 0 }]
[thresholds]
explain_rate.value = 0.8
score_digits.value = 1
[thresholds.weights_own_output]
value = 60
unit = "分"
description = "产出的分值"
[lengths."自评组织"]
least = 50
most = 500
[lengths."存在的问题"]
most = 300
[sampling]
weighted = true
amount_share = 0.3
seed = 7
[[sums]]
rule = "B06"
total = "three_public"
parts = ["vehicle_running", "reception"]
breakdown = true
[vocabulary.nature]
aliases = { "甲.乙 =“丙”" = "行政单位" }
[severity]
R03 = "off"
"N06.自评组织" = "info"
"""


def test_a_policy_of_ones_own_is_the_same_as_toml_as_a_table_and_back(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    own = load(tmp_path / "own.toml")
    assert own.thresholds["explain_rate"].source == "规则文件自定"
    assert own.thresholds["explain_rate"].known is Known.STATED
    assert own.scheme.known is Known.STATED
    _same_in_every_form(own, tmp_path)


def test_what_is_changed_no_longer_stands_in_the_source_it_had(tmp_path: Path) -> None:
    text = _toml(_shipped("hunan")).replace("share = 0.8 }", "share = 0.9 }").replace("from = 80, to", "from = 81, to")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    own = load(tmp_path / "own.toml")
    assert (own.execution.source, own.execution.known) == ("规则文件自定", Known.STATED)
    assert (own.scheme.source, own.scheme.known) == ("规则文件自定", Known.STATED)
    assert own.sampling == load().sampling
    (tmp_path / "cited.toml").write_text(
        text.replace("湖南省部门整体支出绩效评价指标", "某区通知").replace('known = "read"', ""), encoding="utf-8"
    )
    cited = load(tmp_path / "cited.toml").execution
    assert cited.source.startswith("某区通知")
    assert cited.known is Known.STATED


def _table(path: Path, *rows: tuple[object, ...], headers: tuple[str, ...] = ("参数", "取值", "说明")) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("参数")
        for number, row in enumerate([headers, *rows]):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return path


def test_the_table_offers_the_words_that_may_stand(tmp_path: Path) -> None:
    policy_table(tmp_path / "p.xlsx", _shipped("sichuan"), demands())
    sheet = load_workbook(tmp_path / "p.xlsx").active
    rows = {str(row[1].value): row[0].row for row in sheet.iter_rows(min_row=4)}
    offered = {
        name: [each.formula1 for each in sheet.data_validations.dataValidation if f"C{row}" in each.sqref]
        for name, row in rows.items()
    }
    assert offered["severity.P09"] == offered["severity.N09.总体目标实现情况"] == ['"错误,提醒,提示,停用"']
    assert offered["sampling.weighted"] == ['"是,否"']
    assert offered["explain_rate"] == offered["sampling.amount_share"] == []


def test_a_table_holds_only_what_is_changed_as_people_type_it(tmp_path: Path) -> None:
    table = _table(
        tmp_path / "本区.xlsx", ("policy.name", "甲区"), ("explain_rate", "８５％"), ("thresholds.reviewers", 5),
        ("high_mean", "", "空着的不改"), ("severity.P09", "错误"), ("severity.R03", "off"), ("sampling.weighted", "是"),
        ("policy.overall", "简单平均"), ("execution.steps", ">=95% 满分; 60%以上 得 按执行率"),
        ("schemes.default.bands", "甲：90-100；乙: 60至90分\n丙 0—60"), ("policy.weights", "mof2020、twenty"),
        ("lengths.自评组织.most", 400), ("vocabulary.grade", "甲（优,优秀）；乙\n丙（差、较差)"),
    )  # fmt: skip
    own = read_policy(table)
    assert (own.value("explain_rate"), own.value("reviewers"), own.value("high_mean")) == (0.85, 5, 98)
    assert own.severity == {"P09": "error", "R03": "off"}
    assert (own.head.name, own.head.overall, own.head.weights) == ("甲区", "mean", ("mof2020", "twenty"))
    assert own.sampling.weighted
    assert [own.grade(score) for score in (90, 89.99, 0)] == ["甲", "乙", "丙"]
    assert [(each.start, each.share) for each in own.execution.steps] == [(0.95, 1), (0.6, None)]
    assert own.lengths["自评组织"].most == 400
    assert own.vocabulary["grade"].levels == (("甲", "优", "优秀"), ("乙",), ("丙", "差", "较差"))
    assert own.thresholds["reviewers"].known is Known.STATED
    assert own.thresholds["high_mean"] == load().thresholds["high_mean"]


WRONG_ROWS = [
    (("explain_rat", 0.8), "第 2 行的参数“explain_rat”认不出，是否指“explain_rate”？"),
    (("thresholds.explain_rat", 0.8), "第 2 行的参数“explain_rat”认不出，是否指“explain_rate”？"),
    (("执行率", 0.8), "第 2 行的参数“执行率”认不出，请核对写法。用 evalxl policy 可列出全部参数。"),
    (("", 0.8), "第 2 行没有写参数"),
    (("explain_rate", "九成"), "第 2 行：thresholds.explain_rate.value 应为数字。"),
    (("explain_rate", 85), "第 2 行：explain_rate 是比例，80% 写作 0.8，写的是 85。"),
    (("score_digits", 3), "第 2 行：score_digits 是得分的小数位数，写 0、1 或 2，写的是 3。"),
    (("execution.steps", "九成以上满分"), "第 2 行的取值中的“九成以上满分”看不懂，请写成：95% 以上 100%；"),
    (("execution.steps", "95% 100%；95% 80%"), "第 2 行：execution.steps 有两档从同一个执行率起"),
    (("execution.steps", "150% 100%"), "第 2 行：execution.steps.0.from 不能大于 1。"),
    (("schemes.default.bands", "优秀"), "第 2 行的取值中的“优秀”看不懂，请写成：优秀 85～100；"),
    (("schemes.default.bands", "优秀 0～100"), "第 2 行：schemes.default.bands 至少要有 2 个等级，请补全。"),
    (("policy.scheme", "mof2O20"), "第 2 行：policy.scheme 写的“mof2O20”不在 schemes 中，是否指“mof2020”？"),
    (("policy.weights", "twent"), "第 2 行：policy.weights 写的“twent”没有 weights_twent_ 各项，是否指“twenty”？"),
    (("policy.nam", "甲"), "第 2 行：policy.nam 没有这一项，是否指“name”？"),
    (
        ("policy.overall", "平均"),
        "第 2 行：policy.overall 取值不在允许的范围内，可用的有 部门自报、按执行数加权、简单平均。",
    ),
    (("policy.deadline", "年底"), "第 2 行：policy.deadline 应为日期，如 2024-03-31。"),
    (("severity.B01", "严重"), "第 2 行：severity.B01 取值不在允许的范围内，可用的有 错误、提醒、提示、停用。"),
    (("lengths.自评组只.most", 300), "第 2 行：文字说明没有“自评组只”这一栏"),
    (("lengths.自评组织.most", "多"), "第 2 行：lengths.自评组织.most 应为整数。"),
    (("sampling.share", 1.5), "第 2 行：sampling.share 不能大于 1。"),
    (("sampling.weighted", "大概"), "第 2 行：sampling.weighted 应为是或否。"),
    (("sampling.least", 1.5), "第 2 行：sampling.least 应为整数。"),
    (("sums", "[{"), "第 2 行的取值写法有误"),
    (("vocabulary.nature", "行政"), "第 2 行的取值写法有误"),
    (("vocabulary.grade", "优；（优秀）"), "第 2 行的取值中的“（优秀）”看不懂，请写成：优（优秀）；"),
]


@pytest.mark.parametrize(("row", "words"), WRONG_ROWS, ids=lambda each: str(each)[:40])
def test_a_wrong_row_of_a_table_is_one_sentence_that_names_it(
    tmp_path: Path, row: tuple[object, ...], words: str
) -> None:
    with pytest.raises(UsageError) as wrong:
        read_policy(_table(tmp_path / "本区.xlsx", row))
    assert words in str(wrong.value)
    assert str(wrong.value).startswith(f"规则文件 {tmp_path / '本区.xlsx'}")
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "written", ["2024/3/31", "2024-03-31 0:00:00", "2024-03-31 00:00:00", "2024年3月31日", "２０２４．３．３１"]
)
def test_a_date_is_read_as_spreadsheets_save_it(tmp_path: Path, written: str) -> None:
    path = tmp_path / "本区.csv"
    path.write_text(f"参数,取值\npolicy.deadline,{written}\n", encoding="utf-8")
    assert read_policy(path).head.deadline == dt.date(2024, 3, 31)


def test_a_parameter_that_stands_twice_is_named_with_both_rows(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="第 3 行与第 2 行是同一个参数"):
        read_policy(_table(tmp_path / "p.xlsx", ("explain_rate", 0.8), ("thresholds.explain_rate", 0.9)))


def test_a_table_without_its_headers_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="没有找到表头（参数、取值）"):
        read_policy(_table(tmp_path / "p.xlsx", ("explain_rate", 0.8), headers=("名", "数")))


@given(st.text(max_size=60), st.one_of(st.text(max_size=80), st.floats(), st.booleans()))
def test_nothing_in_a_row_is_more_than_a_sentence(name: str, value: object) -> None:
    """Whatever is typed is either understood or a UsageError."""
    places = [name, f"policy.{name}", "explain_rate", "execution.steps", "schemes.default.bands", "execution_caps"]
    for each in places:
        record = {"name": each, "value": str(value), "source": name, "known": name, "since": name}
        with contextlib.suppress(UsageError):
            entered([(2, record)], Path("p.xlsx"))


ODD = {
    "brackets in brackets": "a = " + "[" * 100_000,
    "a number of many digits": "[thresholds.reviewers]\nvalue = " + "9" * 100_000,
    "a key of many parts": ".".join("a" * 200_000) + " = 1",
    "an infinite number": "[thresholds.reviewers]\nvalue = inf",
    "a number for a table": "thresholds = 5",
    "a table for a number": "[thresholds.reviewers.value]\na = 1",
    "a list for a table": "severity = [1]",
    "many tables": "".join(f"[thresholds.a{each}]\n" for each in range(40_000)),
    "too large": "#" * (2 << 20),
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_file_is_answered_soon_and_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.toml").write_text(text, encoding="utf-8")
    with limited(5.0), pytest.raises(UsageError) as wrong:  # of computing, whatever else the machine does
        load(tmp_path / "odd.toml")
    assert len(str(wrong.value)) < 400
    assert "\n" not in str(wrong.value)


def _told(policy: Policy, path: Path) -> list[str]:
    build(path, policy)
    return [str(cell.value) for row in load_workbook(path)["填报说明"] for cell in row if cell.value]


def test_the_template_tells_what_a_province_asks_for(tmp_path: Path) -> None:
    usual, steps, lengths = (
        _told(_shipped(name), tmp_path / f"{name}.xlsx") for name in ("default", "hunan", "sichuan")
    )
    assert not [each for each in usual if "本地的规定" in each]
    assert any(each.startswith("预算执行率得分按档次：执行率 95% 以上得满分，90% 以上") for each in steps)
    assert "“总体目标实现情况”不超过 200 字。" in lengths


# ---------------------------------------------------------------- the command


def _evalxl(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main([str(each) for each in arguments])
    return int(str(left.value.code))


def test_the_policy_is_printed_with_every_parameter_and_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert _evalxl("policy", "--policy", "四川") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("规则：四川省规则（程序自带 sichuan）（校验值 ")
    first = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert set(load().thresholds) <= set(first)
    assert {f"severity.{rule}" for rule in RULES} <= set(first)
    assert (
        "　依据：四川省项目支出绩效自评表：执行率低于 90% 的须说明原因（读过原文或原表；自 2020 年起）"
        in first["explain_rate"]
    )
    assert first["severity.P09"].split()[1] == "错误"
    assert first["severity.B01"].split()[1] == "错误"
    assert "200　这一栏最多字数" in first["lengths.总体目标实现情况.most"]


def test_the_policy_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert _evalxl("policy", "--policy", "sichuan", "--format", "json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["policy"] == {"name": _shipped("sichuan").head.name, "sha256": _shipped("sichuan").sha256}
    assert Policy.model_validate(told["values"]) == _shipped("sichuan")
    assert {"id": "P09", "severity": "error", "usual": "warning"} in told["rules"]
    assert set(told["shipped"]) == set(SHIPPED)


@pytest.mark.parametrize("ending", [".toml", ".xlsx"])
def test_a_file_to_begin_with_is_written_once_and_can_be_used(
    tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / f"本区{ending}"
    assert _evalxl("policy", "--policy", "湖南", "--new", new) == 0
    assert read_policy(new) == _shipped("hunan")
    before = new.read_bytes()
    assert _evalxl("policy", "--new", new) == 2
    assert "已经存在" in capsys.readouterr().err
    assert new.read_bytes() == before
    assert _evalxl("policy", "--new", tmp_path / "本区.txt") == 2
    assert "须以 .xlsx 或 .toml 结尾" in capsys.readouterr().err
    again = tmp_path / f"又一份{ending}"
    assert _evalxl("policy", "--policy", new, "--new", again) == 0
    assert unpacked(again) == unpacked(new)
    (tmp_path / "收件").mkdir()
    fill(tmp_path / "收件" / "示范区文化局.xlsx", {})
    for number, policy in enumerate((new, "湖南")):
        assert _evalxl("run", tmp_path / "收件", tmp_path / f"果{number}", "--policy", policy, "--quiet") == 1
        record = json.loads((tmp_path / f"果{number}" / "run.json").read_text(encoding="utf-8"))
        assert record["policy"] == {"name": _shipped("hunan").head.name, "sha256": _shipped("hunan").sha256}


def test_a_severity_for_nothing_in_a_table_is_named_with_its_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for row, words in (
        (("severity.Z99", "停用"), "第 2 行：没有规则 Z99"),
        (
            ("severity.N09.自评组只", "停用"),
            "第 2 行：[severity] 中的“自评组只”不是工作表名，也不是表头，是否指“自评组织”？",
        ),
        (("schemes.default.bands", "优秀 90～100；较差 0～80"), "第 2 行：分数段“default”：80 至 90 分有空当"),
    ):
        assert _evalxl("policy", "--policy", _table(tmp_path / "p.xlsx", row)) == 2
        assert words in capsys.readouterr().err


def test_the_sample_says_what_share_of_the_amount_it_covers_and_results_say_what_nobody_looked_up(
    tmp_path: Path,
) -> None:
    (tmp_path / "收件").mkdir()
    fill(tmp_path / "收件" / "示范区文化局.xlsx", {})
    own = tmp_path / "p.toml"
    own.write_text('[policy]\nscheme = "mof2020"\n[sampling]\namount_share = 0.9\n', encoding="utf-8")
    _evalxl("run", tmp_path / "收件", tmp_path / "果", "--policy", own, "--quiet")
    summary = load_workbook(tmp_path / "果" / "汇总表.xlsx")
    texts = [str(cell.value) for row in summary["抽查名单"] for cell in row if cell.value]
    assert any("抽中项目的全年执行数合计不足本部门 90% 的，继续抽取。" in each for each in texts)
    drawn = [
        each for each in ("公共文化服务体系建设", "图书馆购书经费", "文物保护维修", "群众文化活动") if each in texts
    ]
    assert len(drawn) >= 3  # the smallest has 30 of 280, the next 56
    about = [str(cell.value) for row in summary["运行说明"] for cell in row if cell.value]
    assert any(each.endswith("（财政部2020年分数段，财预〔2020〕10号（凭记忆，未核对原文））") for each in about)
