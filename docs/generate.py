"""Writes the handbooks: `python docs/generate.py`; with --check it only says which file is out of date.

fields.md comes from the layout, rules.md from the rulebook and its tests, policy.md from the policies, cli.md from
help, findings.schema.json from the classes that findings.json is written from.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import typer.main
from typer.testing import CliRunner

import evalxl
from evalxl.cli import app
from evalxl.district.findings import Severity
from evalxl.layout import BUDGET, DATA_SHEETS
from evalxl.policy import policy as policies
from evalxl.policy.cells import written
from evalxl.policy.entries import entries
from evalxl.policy.policy import Policy
from evalxl.policy.shipped import SHIPPED, shipped
from evalxl.rules import catalogue
from evalxl.rules.rule import NOT_CHECKABLE
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Cell, Column
from evalxl.sheets.table import write_table
from evalxl.template.checks.reach import BEYOND, live
from evalxl.template.handbook import handbook, table
from evalxl.template.instructions import band_words

HERE = Path(__file__).parent
TESTS = HERE.parent / "tests"
sys.path.append(str(TESTS))

from addresses import cell_of, finding_by_letters  # noqa: E402 - tests/ is no package

_CHOOSING = {field.choices: field.header for sheet in DATA_SHEETS for field in sheet.fields}
ORIGIN = "<!-- 本文件由 python docs/generate.py 从 {source} 生成，请勿手改。 -->\n\n"
HEADING = ORIGIN + "# {title}\n\n"


def rules(_: Policy) -> str:
    """The rule handbook."""
    text = HEADING.format(source="evalxl/rules/ 和 tests/rulebook/", title="规则手册")
    text += (
        "级别是规则通常的级别：**错误**须改正后重报，**提醒**须改正或书面说明，**提示**是程序作了换算或认定，请过目。"
        "同一规则在个别情形下级别不同的，“要求”或“理由”中写明。数值和分数段见 [规则参数](policy.md)；"
        "“核对实例”取自程序的测试，从一本没有问题的工作簿改起，没有注明级别的是错误。\n\n"
    )
    text += "注明“填表时模板也核对”的，模板随填随提示。其余的错误和提醒，空白工作簿里的公式判断不了：\n\n"
    text += "".join(f"- {why}：{'、'.join(listed.split())}\n" for why, listed in BEYOND.items()) + "\n"
    cases: dict[str, dict[str, list[Any]]] = {}  # a rule's cases may stand in several files
    for path in sorted((TESTS / "rulebook").glob("*.toml")):
        for rule, kinds in tomllib.loads(path.read_text("utf-8")).items():
            for kind, listed in kinds.items():
                cases.setdefault(rule, {}).setdefault(kind, []).extend(listed)
    for family, members in groupby(catalogue.entries(), lambda entry: entry["family"]):
        text += f"## {family}\n\n"
        for entry in members:
            text += _rule(entry, cases.get(entry["id"], {}))
    text += "## 不由程序核对的规则\n\n规则表中有而程序不核对的，逐条说明原因。\n\n"
    return text + table(("规则", "原因"), sorted(NOT_CHECKABLE.items()))


TEMPLATE = {True: "，填表时模板也核对", False: ""}
SCOPES = {"workbook": "", "district": "，看全部工作簿", "review": "，看问题的处理", "policy": "，看规则文件"}


def _rule(entry: dict[str, str], told: dict[str, list[dict[str, Any]]]) -> str:
    scope = SCOPES[entry["scope"]] + TEMPLATE[entry["id"] in live(policies.load())]
    place = f"　位置：{entry['place']}" if entry["place"] else ""
    text = f"### {entry['id']}\n\n**{Severity(entry['severity']).word}**{scope}{place}\n\n"
    sections = (
        ("要求", "demand"),
        ("理由", "reason"),
        ("依据", "source"),
        ("举例", "example"),
        ("处理", "remedy"),
        ("局限", "limits"),
    )
    text += "".join(f"- {word}：{entry[key]}\n" for word, key in sections) + "\n"
    cases = [(case["mistake"], case) for case in told.get("breakage", [])]
    cases += [(f"不算错：{case['looks']}", case) for case in told.get("innocent", [])]
    rows = (
        (words, "；".join(_edits(case["edit"])), "；".join(map(finding_by_letters, case.get("expect", ()))) or "无")
        for words, case in cases
    )
    return text + ("核对实例：\n\n" + table(("情形", "改动", "应报的问题"), rows) if cases else "")


def _edits(edit: Mapping[str, object]) -> Iterator[str]:
    """An edit in few words: cells that get the same value are told together."""
    for value, places in groupby(edit.items(), lambda item: item[1]):
        cells = [cell_of(place) for place, _ in places]
        named = "、".join(cells[:3]) + (f" 等 {len(cells)} 格" if len(cells) > 3 else "")
        yield f"清空 {named}" if value == "空" else f"{named} 填“{value}”"


def policy(p: Policy) -> str:
    """The shipped policies: everything a district may decide for itself, and what the provinces decide otherwise."""
    text = HEADING.format(source="evalxl/policy/ 的各个 .toml", title="规则参数")
    text += (
        f"不另指定时用“{p.head.name}”，各项如下；各省的见[末一节](#程序自带的各套规则)。"
        "本区县要改的，写在自己的规则文件或 Excel 表里，用 `--policy` 指定，只写要改的项；"
        f"列表整个替换。现用分数段：`{p.head.scheme}`；部门整体得分的取法：`{p.head.overall}`"
        "（`declared` 部门自报、`weighted` 按执行数加权、`mean` 简单平均）。\n\n## 分数段\n\n"
        "按两位小数（四舍五入）的得分判断。\n\n"
    )
    for name, scheme in p.schemes.items():
        bands = band_words(p.model_copy(update={"head": p.head.model_copy(update={"scheme": name})}))
        text += f"### {name}　{scheme.title}\n\n依据：{scheme.reference}。\n\n"
        text += table(("等级", "得分"), bands)
    text += f"## 预算执行率得分\n\n{p.execution.words}（`execution.steps`）。依据：{p.execution.reference}。\n\n"
    rows = (
        (f"`{name}`", f"{each.value:g}", each.unit, each.description, each.source, each.known.word, each.since)
        for name, each in p.thresholds.items()
    )
    text += "## 阈值\n\n" + table(("名称", "数值", "单位", "含义", "依据", "依据情况", "起始年度"), rows)
    return text + _sampling(p) + _identities(p) + _vocabulary(p) + _shipped(p)


def _sampling(p: Policy) -> str:
    rows = ((f"`{each.name}`", written(each), each.sense) for each in entries(p) if each.place[0] == "sampling")
    return f"## 抽查复核\n\n依据：{p.sampling.reference}。\n\n" + table(("名称", "取值", "含义"), rows)


def _shipped(p: Policy) -> str:
    """What each policy that ships has otherwise than the usual one."""
    text = "## 程序自带的各套规则\n\n用 `--policy` 加名称采用，列出的是与上面不同的各项。\n\n"
    usual = {each.name: each for each in entries(p)}
    for name, others in list(SHIPPED.items())[1:]:
        own = policies.load(shipped(name))
        text += f"### {name}　{others[0]}\n\n也可以写：{'、'.join(others)}。\n\n"
        rows = (
            (f"`{each.name}`", written(each), each.sense, each.cited.reference if each.cited else "")
            for each in entries(own)
            if not each.name.endswith((".name", ".title", ".unit", ".description")) and each != usual.get(each.name)
        )
        text += table(("名称", "取值", "含义", "依据"), rows)
    return text


def _identities(p: Policy) -> str:
    label = {key: line.name for key, line in BUDGET.line_by_key.items()}
    text = "## 合计与平衡关系\n\n逐列核对年初预算数、全年预算数和决算数。允许尾差为各数末位单位的一半之和：两位小数时，"
    text += "每个数（含合计）0.005 万元。其中项可以整组不填。\n\n"
    rows = (
        (each.rule, label[each.total], "＋".join(label[part] for part in each.parts), "是" if each.breakdown else "")
        for each in p.sums
    )
    text += table(("规则", "合计", "应等于", "其中项"), rows)
    sides = ["＋".join(label[key] for key in side) for side in (p.balance.income, p.balance.expenditure)]
    columns = "；".join(f"{BUDGET.by_key[key].header}归 {rule}" for key, rule in p.balance.rules.items())
    return text + f"平衡关系：{sides[0]} ＝ {sides[1]}（{columns}）。\n\n"


def _vocabulary(p: Policy) -> str:
    text = "## 用词\n\n标准词是下拉列表的选项；通行的别写按标准词读取，并给出提示。\n\n"
    for name, words in p.vocabulary.items():
        text += f"### {name}　{_CHOOSING[name]}\n\n"
        if words.levels:
            text += table(("由高到低", "同义词"), ((at, "、".join(each)) for at, each in enumerate(words.levels, 1)))
            continue
        written = {word: [each for each, means in words.aliases.items() if means == word] for word in words.labels}
        text += table(("标准词", "别写"), ((word, "、".join(each)) for word, each in written.items()))
        for condition, aliases in words.when.items():
            text += f"单位基本性质为“{condition}”时：\n\n" + table(("别写", "读作"), aliases.items())
    return text


def cli(_: Policy) -> str:
    """What the program itself says of its commands."""
    text = HEADING.format(source="程序自身的帮助", title="命令手册")
    runner, commands = CliRunner(), getattr(typer.main.get_command(app), "commands", {})
    for command in ((), *((name,) for name in commands)):
        result = runner.invoke(app, [*command, "--help"], prog_name="evalxl", terminal_width=100)
        text += f"## {' '.join(('evalxl', *command))}\n\n```text\n{result.output.strip()}\n```\n\n"
    return text


def fields(p: Policy) -> str:
    """The field handbook."""
    return ORIGIN.format(source="evalxl/layout/ 和 evalxl/policy/policy.toml") + handbook(p)


PAGES = {"fields.md": fields, "rules.md": rules, "policy.md": policy, "cli.md": cli}


def rulebook(path: Path) -> None:
    """The rule handbook as a workbook to print: every rule on one line."""
    columns = [
        Column("规则", "centre"), Column("类别", "centre"), Column("级别", "centre"), Column("位置", most=20),
        Column("要求", most=46, least=46), Column("理由", most=40, least=40), Column("依据", most=30, least=30),
        Column("举例", most=40, least=40), Column("处理", most=34, least=34), Column("局限", most=34, least=24),
    ]  # fmt: skip
    keys = ("place", "demand", "reason", "source", "example", "remedy", "limits")
    rows = [
        (entry["id"], entry["family"], Cell(Severity(entry["severity"]).word, entry["severity"]), *map(entry.get, keys))
        for entry in catalogue.entries()
    ]
    with Book(path, "规则手册") as book:
        note = "级别是规则通常的级别；数值和分数段可由区县在规则文件中改定。"
        write_table(book.page("规则手册", landscape=True), "规则手册", columns, rows, note=note, autofilter=True)


def same(path: Path, content: bytes) -> bool:
    """Whether a file holds this content; of a workbook the parts count, for compressors differ between machines."""
    if path.suffix != ".xlsx":
        return path.read_bytes() == content
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(io.BytesIO(content)) as new:
        return {name: old.read(name) for name in old.namelist()} == {name: new.read(name) for name in new.namelist()}


def main() -> int:
    """Write the pages, or with --check compare them; 1 when one is out of date."""
    pages = {HERE / name: (page(policies.load()).rstrip() + "\n").encode() for name, page in PAGES.items()}
    pages[HERE / "findings.schema.json"] = f"{json.dumps(evalxl.schema(), indent=1)}\n".encode()
    with tempfile.TemporaryDirectory() as folder:
        rulebook(Path(folder) / "规则手册.xlsx")
        pages[HERE / "规则手册.xlsx"] = (Path(folder) / "规则手册.xlsx").read_bytes()
    if "--check" in sys.argv:
        stale = [path.name for path, content in pages.items() if not path.exists() or not same(path, content)]
        print(*(f"docs/{name} is out of date; run: python docs/generate.py" for name in stale), sep="\n", end="")
        return int(bool(stale))
    for path, content in pages.items():
        path.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
