"""Rules about what a text says of a project by name: budget, execution, rate, score and grade (P20)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Figure
from evalxl.district.tables import District, Row
from evalxl.facts.passages import Amount
from evalxl.facts.sentences.every import Every, of_every_project
from evalxl.facts.sentences.figures import About, Statement
from evalxl.facts.sentences.wordings import FINAL
from evalxl.facts.sentences.workbooks import names_of_texts, stated
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.quantities import given, last_digit, show_amount

_COLUMN = {"initial": "initial", "revised": "revised", FINAL: "executed"}
_HEADER = {key: field.header for key, field in layout.PROJECTS.by_key.items()}
# A cause speaks of many payments; these are the project's own.
_PLAIN = re.compile(r"年初|全年|预算|执行|决算|实际支出")


@rule(
    "P20",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，项目表“{project}”的{column}为{expected_shown}。",
    fix="请核对文字与 {cells}，改正有误的一处。",
)
def figures_of_named_projects(d: District, p: Policy) -> pd.DataFrame:
    """文字中点名的项目，所写的预算、执行、执行率、得分和等级应与项目表一致。
    理由：同一个项目在文字和表中两个数，必有一处有误。
    核对文字说明中写出项目全称的句子，以及该项目自己的偏差原因、改进措施；按文字所写的位数比较，四舍五入或截去尾数相符即可。
    “预算”与年初、全年预算数之一相符，只写金额的与三个数之一相符即可；说的是上级资金、合同、某一期、某一季度、上年、计划的，
    写“约、余、左右”的，一句说到几个项目而没有分清的，不核对。“各项目执行率均达到100%”“四个项目执行率均在90%以上”一类写法，与执行率最低的项目比；前面写有安排、到位资金的，该数与预算数相符才核对。项目名称不足四个字或有重名的不核对。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；已公开自评表中常见的差错。
    举例：文字写“群众文化活动执行率92%，得85分”，项目表执行率为 60.00%，得 72.00 分。
    处理：改正有误的一处。项目名称与表中不同的写法认不出，不作判断。
    局限：没有点名项目、或一句话说到其中几个项目的，不核对。
    """
    ulps = dict(zip(d.workbooks["workbook"], d.workbooks["ulp"], strict=True))
    records = []
    for each, statements in stated(d):
        projects = d.by_workbook("projects").get(each.workbook, ())
        for one in statements if each.field not in ("goals", "measures", "measure") else ():
            if one.project is None or not one.ours or (each.sheet == "projects" and not _PLAIN.search(one.words)):
                continue
            row = projects[one.project]
            if one.arranged is not None and not _is_budget(one.arranged, row, ulps[each.workbook]):
                continue  # 安排资金8万元，支出8万元: perhaps of a part of it
            found = _against(one, row, p, ulps[each.workbook])
            if found:
                fields, shown = found
                cells = [Figure("projects", key, row["row"], _HEADER[key], row[key]) for key in fields]
                words = {"said": short(one.words), "project": short(row["name"]), "expected_shown": shown}
                column = "执行率" if one.about is About.RATE else "、".join(_HEADER[key] for key in fields)
                records.append(each.finding(**words, column=column, operands=cells))
        if each.sheet == "narrative" and each.field not in ("goals", "measures"):
            every = of_every_project(each.text, names_of_texts(d)[each.workbook].year)
            below = ((one, _below(one, projects)) for one in every)
            records += [each.finding(**_words_of(one, worst)) for one, worst in below if worst is not None]
    return table_of(records)


def _below(one: Every, projects: Sequence[Row]) -> Row | None:
    """The project that is furthest below the rate that all are said to have; None where none is, or others are meant."""
    if one.projects not in (0, len(projects)):
        return None
    rates = [(max(_rates(row), default=100.0), at) for at, row in enumerate(projects)]
    rate, at = min(rates, default=(100.0, 0))
    return projects[at] if rate < one.rate.size - one.rate.ulp / 2 else None


def _words_of(one: Every, row: Row) -> dict[str, object]:
    cells = [Figure("projects", key, row["row"], _HEADER[key], row[key]) for key in ("executed", "revised")]
    shown = f" {_rates(row)[0]:.2f}%"
    return {
        "said": short(one.words),
        "project": short(row["name"]),
        "column": "执行率",
        "expected_shown": shown,
        "operands": cells,
    }


def _rates(row: Row) -> list[float]:
    """The rates of execution in per cent that a project may be said to have, that of the whole year's budget first."""
    below = [row[key] for key in ("revised", "initial") if row[key] > 0]
    return [row["executed"] / each * 100 for each in below if given(row["executed"])]


def _is_budget(arranged: Amount, row: Row, coarsest: float) -> bool:
    budgets = (row["initial"], row["revised"])
    return any(arranged.agrees(each, last_digit(each, coarsest)) for each in budgets if given(each))


def _against(one: Statement, row: Row, p: Policy, coarsest: float) -> tuple[list[str], str] | None:
    """The fields of a project that a statement contradicts and what stands there; None where it does not."""
    if one.about is About.AMOUNT:
        fields = [_COLUMN[stage] for stage in one.stages] or list(_COLUMN.values())
        known = {key: row[key] for key in fields if given(row[key])}
        if len(known) < len(fields) or any(
            one.number.agrees(each, last_digit(each, coarsest)) for each in known.values()
        ):
            return None
        return list(known), f" {' 或 '.join(dict.fromkeys(map(show_amount, known.values())))} 万元"
    if one.about is About.RATE:
        rates = _rates(row)
        if not rates or any(one.number.prints(rate) for rate in rates):
            return None
        return ["executed", "revised"], f" {rates[0]:.2f}%"
    if one.about is About.SCORE and given(row["score"]) and not one.number.agrees(row["score"], 0.01):
        return ["score"], f" {row['score']:.2f} 分"
    if one.about is not About.GRADE or not row["grade_standard"]:
        return None
    said = p.standard("grade", one.grade)
    if not said or said in (row["grade_standard"], p.grade(row["score"])):
        return None
    return ["grade"], f"“{short(row['grade'])}”"
