"""The policy as a list of entries: what each is called, its value, what it means, where it stands. And written as TOML.

The command that prints the policy, the file that a bureau begins with and the table for Excel are all made from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from evalxl import layout
from evalxl.policy.parts import Cited
from evalxl.policy.policy import Policy, default

Place = tuple[str, ...]


class Entry(NamedTuple):
    """One thing that a bureau may decide: its group, its place in the file, its value (None: not set) and its sense."""

    group: str
    place: Place
    value: Any
    sense: str
    cited: Cited | None = None

    @property
    def name(self) -> str:
        """What it is called: a threshold's value by its name alone, all else by its place."""
        return ".".join(self.place).removeprefix("thresholds.").removesuffix(".value")


_HEAD = {
    "name": "这套规则的名称，印在结果上；改了以后请换成本区县的",
    "scheme": "采用哪一套分数段",
    "weights": "各类指标的分值采用哪几个方案（weights_方案_类别）；空着为全部",
    "overall": "部门整体得分：部门自报（declared）、按执行数加权（weighted）、简单平均（mean）",
    "deadline": "报送截止日期；填报日期迟于此日的予以提示",
}
_SAMPLING = {
    "share": "抽取各部门项目的比例",
    "least": "每个部门至少抽几个",
    "seed": "随机种子：相同的数据和种子抽出相同的名单",
    "weighted": "是否按风险加权，有问题的和金额大的容易抽中",
    "amount_share": "抽中项目的执行数合计不足本部门的此比例时，继续抽取；0 为只按个数",
}
_STEPS = "预算执行率得分的档次：从多少起，得分值的几成；空着为分值×执行率"
_CAPS = "执行率在某一段内的项目，得分最高多少；空着为不规定"
_BANDS = "分数段：等级和起止分，含下限、不含上限，最高段含 100"
_LENGTH = {"least": "这一栏最少字数", "most": "这一栏最多字数"}
_OTHER = {"sums": "合计关系", "balance": "收支平衡关系"}
_SEVERITY = "规则的级别：error 错误、warning 提醒、info 提示、off 停用"


def entries(policy: Policy, rules: Mapping[str, str] | None = None) -> Iterator[Entry]:
    """Every entry of a policy; ``rules`` are those that a severity may be set for, with what they demand.

    Identities and words, which few change, are listed where they are not the shipped ones.
    """
    values, shipped = _values(policy), _values(Policy.model_validate(default()))
    yield from (Entry("基本", ("policy", key), values["policy"][key], sense) for key, sense in _HEAD.items())
    for name, scheme in policy.schemes.items():
        if name == policy.head.scheme or values["schemes"][name] != shipped["schemes"].get(name):
            place = ("schemes", name)
            yield Entry("分数段", (*place, "title"), scheme.title, "这套分数段的名称")
            yield Entry("分数段", (*place, "bands"), values["schemes"][name]["bands"], _BANDS, scheme)
    yield Entry("执行率得分", ("execution", "steps"), values["execution"]["steps"], _STEPS, policy.execution)
    yield Entry("执行率最高分", ("execution_caps",), values["execution_caps"], _CAPS)
    yield from _thresholds(policy, shipped["thresholds"])
    yield from _lengths(policy)
    for key, sense in _SAMPLING.items():
        cited = policy.sampling if key == "share" else None
        yield Entry("抽查复核", ("sampling", key), values["sampling"][key], sense, cited)
    demands = dict.fromkeys(policy.severity, "这一张表或这一栏的级别") | dict(rules or {})
    for rule in sorted(demands):
        yield Entry("规则级别", ("severity", rule), policy.severity.get(rule), demands[rule])
    yield from _others(values, shipped)


def _values(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json", by_alias=True)


def _lengths(policy: Policy) -> Iterator[Entry]:
    """Both limits of every section, whether set or not."""
    for section in (each.header for each in layout.NARRATIVE.fields):
        length = policy.lengths.get(section)
        for key, sense in _LENGTH.items():
            number = getattr(length, key) if length else None
            yield Entry("各栏字数", ("lengths", section, key), number, sense, None if number is None else length)


def _others(values: Mapping[str, Any], shipped: Mapping[str, Any]) -> Iterator[Entry]:
    """Identities and words that are not the shipped ones."""
    for key, sense in _OTHER.items():
        if values[key] != shipped[key]:
            yield Entry("其他", (key,), values[key], sense)
    for key, words in values["vocabulary"].items():
        if words != shipped["vocabulary"].get(key):
            what = "各等级的叫法，由高到低，括号里的照样认得" if key == "grade" else "用词"
            yield Entry("其他", ("vocabulary", key), words, what)


def _thresholds(policy: Policy, shipped: Mapping[str, Any]) -> Iterator[Entry]:
    """Thresholds by their value; what one is for, and in which unit, only where it is none of the shipped ones."""
    for name, each in policy.thresholds.items():
        yield Entry("阈值", ("thresholds", name, "value"), each.value, f"{each.description}（{each.unit}）", each)
        known = shipped.get(name, {})
        for key, sense in (("unit", "单位"), ("description", "含义")):
            if getattr(each, key) != known.get(key):
                yield Entry("阈值", ("thresholds", name, key), getattr(each, key), f"{name} 的{sense}")


# ---------------------------------------------------------------- as TOML

_HOW = """\
# 本区县的规则文件。每一项现在的值就是{name}的值；改了要改的项以后，其余的可以留着，也可以删去（删去的按程序默认规则）。
# 运行时用 --policy 指定这个文件。改了数值的，请把 source（依据）、since（自何年起）一并改为本地的。
# 行首有 # 的没有设定，要用的去掉 #。
# known：read 读过原文或原表；recalled 凭记忆，没有核对原文；own 本程序的取值；stated 规则文件自定。
"""
_EXAMPLES = {"deadline": "2024-03-31", "least": "100", "most": "500"}


def to_toml(policy: Policy, rules: Mapping[str, str], usual: Mapping[str, str]) -> str:
    """A commented file that loads as this policy.

    ``rules`` are all rules with what they demand, ``usual`` how severe each is without a word.
    """
    listed = sorted(
        entries(policy, rules), key=lambda entry: len(entry.place) > 1
    )  # what belongs to no table comes first
    text, group = [_HOW.format(name=f"“{policy.head.name}”")], ""
    for table, members in groupby(listed, key=_table):
        every = list(members)
        if every[0].group != group:
            group = every[0].group
            text.append(f"# {'-' * 64} {group}\n" + (f"# {_SEVERITY}\n" if group == "规则级别" else ""))
        text.append("".join(_lines(table, every, usual)))
    return "\n".join(text)


def _table(entry: Entry) -> Place:
    return entry.place[:-1] if isinstance(entry.value, str | int | float | list | None) else entry.place


def _lines(table: Place, every: list[Entry], usual: Mapping[str, str]) -> Iterator[str]:
    # The table of severities may be empty, so that taking off one # is enough.
    unset = "# " if table != ("severity",) and all(each.value is None for each in every) else ""
    if table:
        yield f"{unset}[{'.'.join(map(_key, table))}]\n"
    for entry in every:
        yield f"# {entry.sense}\n" if entry.sense else ""
        if isinstance(entry.value, dict):
            yield from (f"{_key(key)} = {toml(value)}\n" for key, value in entry.value.items())
        elif entry.value is None:
            key = entry.place[-1]
            yield f"# {_key(key)} = {toml(usual[key]) if key in usual else _EXAMPLES.get(key, '')}\n"
        else:
            value = entry.value if entry.place[-1] == "deadline" else toml(entry.value)
            yield f"{_key(entry.place[-1])} = {value}\n"
    cited = next((each.cited for each in every if each.cited), None)
    if cited is not None:
        yield f"source = {toml(cited.source)}\nknown = {toml(cited.known.value)}\n"
        yield f"since = {cited.since}\n" if cited.since else ""


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml(name)


def toml(value: object) -> str:
    """A value as TOML writes it on one line, or with an item a line where they are tables."""
    if isinstance(value, dict):
        pairs = (f"{_key(key)} = {toml(each)}" for key, each in value.items() if each is not None)
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        items = [toml(each) for each in value]
        tables = any(isinstance(each, dict) for each in value)
        return "[\n" + "".join(f"    {each},\n" for each in items) + "]" if tables else f"[{', '.join(items)}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
