"""Rules about this year beside the last (X): what the department submitted then, from the outbox of that run."""

from __future__ import annotations

import re

import pandas as pd

from evalxl.district.tables import District, rows_where
from evalxl.facts.last_year import last_amounts, last_year_of
from evalxl.facts.sentences.figures import About
from evalxl.facts.sentences.wordings import FINAL
from evalxl.facts.sentences.workbooks import stated
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, NOTHING, WARNING, Scope, rule, table_of
from evalxl.values.folding import short
from evalxl.values.grounds import explains
from evalxl.values.quantities import given, show_amount


@rule(
    "X01",
    ERROR,
    "budget.final",
    scope=Scope.DISTRICT,
    bureau="last_year",
    message="填的是 {actual}，上年报送的年末结转和结余为 {expected}，{gap}。",
    fix="{remedy}。",
    needs="final",
)
def opening_is_last_closing(d: District, p: Policy) -> pd.DataFrame:
    """年初结转和结余应等于上年报送的年末结转和结余。
    理由：上年结转下来的数就是本年的起点，两年对不上，必有一年有误。
    运行时用 --previous 给出上年的结果文件夹才核对；上年或本年没有填的不核对；允许差额为本表金额的末位。
    备注写明调整依据的，由错误改为提醒，说明后即可通过。
    依据：收入支出决算总表（年初结转和结余）；本程序的取值。
    举例：上年年末结转和结余 12.00 万元，本年年初结转和结余填 10.00 万元。
    处理：改正本年数；上年数确有调整的，在这一行的备注写明依据（如批复、审计决定的文号）。
    局限：没有给上年结果文件夹的，不核对。
    """
    last = last_amounts(d)
    if not last:
        return NOTHING
    rows = d.budget[(d.budget["key"] == "opening") & d.budget["final"].notna()]
    before = [last.get((workbook, "closing"), float("nan")) for workbook in rows["workbook"]]
    ulps = dict(zip(d.workbooks["workbook"], d.workbooks["ulp"], strict=True))
    rows = rows.assign(expected=before, actual=rows["final"], tolerance=rows["workbook"].map(ulps))
    rows = rows[(rows["actual"] - rows["expected"]).abs() > rows["tolerance"]]
    explained = [explains(_BALANCES.sub("", note)) for note in rows["note"]]
    remedies = [
        "备注写了依据的，请在问题清单的“说明”栏写明同一依据，由财政部门核对" if each else _BASIS for each in explained
    ]
    return rows.assign(remedy=remedies, severity=[WARNING.value if each else ERROR.value for each in explained])


# What names the two balances and their amounts is no ground for their being different.
_BALANCES = re.compile(r"上年|本年|年末|年初|决算|结转|结余|金额|万元|[数和及与为是元]|[\d.,，;；:：（）()\s]")
_BASIS = "请核对上年决算；上年数确有调整的，在这一行的备注写明依据"


@rule(
    "X02",
    INFO,
    "projects.grade",
    scope=Scope.DISTRICT,
    bureau="last_year",
    message="{found}。",
    fix="请财政部门在安排下年预算时研究；部门请说明整改情况。",
)
def poor_grades_last_year(d: District, p: Policy) -> pd.DataFrame:
    """连续两年评为“一般”，或上年评为“较差”的项目，应当提示。
    理由：绩效差而没有整改的项目，要压减或停止安排。
    运行时用 --previous 给出上年的结果文件夹才核对；按项目名称和实施单位对照，等级由得分确定，没有得分的按自报等级。
    依据：财预〔2020〕10号（评价结果应用）；本程序的取值。
    举例：“信息化运维”上年 68 分（一般），本年 70 分（一般）。
    处理：说明整改情况；财政部门研究是否继续安排。
    局限：改了名称的项目对不上上年。
    """
    worst, poor = (band.grade for band in sorted(p.scheme.bands, key=lambda band: band.start)[:2])
    before = _last_grades(d, p)
    found = []
    for workbook, unit, key, score, declared in zip(
        *(d.projects[name] for name in ("workbook", "unit_key", "key", "score", "grade_standard")), strict=True
    ):
        last, now = before.get((workbook, unit, key), ""), p.grade(score) or declared
        if last == worst:
            found.append(f"上年评为“{worst}”")
        else:
            found.append(f"连续两年评为“{poor}”" if last == poor == now else "")
    return rows_where(d.projects, map(bool, found)).assign(found=[words for words in found if words])


def _last_grades(d: District, p: Policy) -> dict[tuple[str, str, str], str]:
    """Last year's grades by this year's workbook and project, in the labels of the scheme in force."""
    if d.bureau.last_year is None:
        return {}
    projects = d.bureau.last_year.projects
    by_book: dict[str, dict[tuple[str, str], str]] = {}
    for book, unit, key, score, grade in zip(
        *(projects[name] for name in ("workbook", "unit_key", "key", "score", "grade")), strict=True
    ):
        by_book.setdefault(book, {})[unit, key] = p.grade(score) or p.standard("grade", grade)
    return {
        (workbook, unit, key): grade
        for workbook, before in last_year_of(d).items()
        for (unit, key), grade in by_book.get(before, {}).items()
        if key
    }


@rule(
    "X03",
    WARNING,
    "narrative.details",
    scope=Scope.DISTRICT,
    bureau="last_year",
    message="写的是“{said}”，上年报送的决算数为 {submitted} 万元。",
    fix="请核对上年决算；上年数确有调整的，请写明。",
)
def base_year_as_submitted(d: District, p: Policy) -> pd.DataFrame:
    """文字中引用的上年数，应与上年报送的决算数一致。
    理由：上年数引错，增减额和增减幅度就都不对。
    运行时用 --previous 给出上年的结果文件夹才核对；只核对“上年（年度）＋项名＋金额”和“项名＋金额，比上年＋金额”的写法，按文字所写的位数比较；
    说的是下属单位、单个项目的不核对。
    依据：部门决算公开的通行要求；本程序的取值。
    举例：上年报送支出合计 850.00 万元，本年文字写“上年支出合计 805 万元”。
    处理：改正文字；上年数确有调整的，写明原因。
    局限：没有给上年结果文件夹的，不核对。
    """
    last, years = last_amounts(d), dict(zip(d.workbooks["workbook"], d.workbooks["year"], strict=True))
    records = []
    for each, statements in stated(d) if last else ():
        for one in statements if each.sheet == "narrative" else ():
            of_last_year = one.about is About.AMOUNT and one.year == years[each.workbook] - 1 and FINAL in one.stages
            if not of_last_year or not one.lines or one.unit is not None:
                continue
            known = [last.get((each.workbook, line), float("nan")) for line in one.lines]
            if given(known[0]) and not any(one.number.agrees(number) for number in known if given(number)):
                records.append(each.finding(said=short(one.words), submitted=show_amount(known[0])))
                break
    return table_of(records)
