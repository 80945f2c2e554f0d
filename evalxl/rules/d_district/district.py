"""Rules about the district as a whole (D)."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from evalxl import layout
from evalxl.district.directory import identities
from evalxl.district.tables import District
from evalxl.facts.submissions import superseded
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, Scope, rule, table_of
from evalxl.values.folding import name_key
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show

_WHOLE = {"workbook": "", "row": float("nan")}  # a finding about no one workbook


@rule(
    "D02",
    INFO,
    scope=Scope.DISTRICT,
    message="全区 {total} 个项目中 {count} 个评为“{grade}”，占 {share}，高于 {limit}。",
    fix="请对照《项目汇总》选取项目复核。",
)
def grades_spread(d: District, p: Policy) -> pd.DataFrame:
    """全区评为最高等级的项目不应超过规定比例（默认 80%，见规则文件 top_grade_share）。
    理由：绝大多数项目都评最高等级，自评就失去区分作用。
    依据：比例为本程序的取值：高于它，复核才选得出重点；鹿泉区2023年度部门整体支出绩效自评报告（九个项目全部优秀）。
    举例：全区 200 个项目，170 个评为“优秀”。部门不足 5 个的批次不作判断。
    处理：抽取部分项目复核。
    局限：部门不足五个的批次不判断。
    """
    projects = _counted(d)
    pairs = zip(projects["score"], projects["grade_standard"], strict=True)
    grades = [p.grade(score) if given(score) else grade for score, grade in pairs]  # as the summary counts them
    return _share(d, p, "top_grade_share", sum(map(bool, grades)), grades.count(p.best.grade))


@rule(
    "D03",
    INFO,
    scope=Scope.DISTRICT,
    message="全区 {total} 个项目中 {count} 个得 100 分，占 {share}，高于 {limit}。",
    fix="请对照《项目汇总》选取满分项目复核。",
)
def full_scores_rare(d: District, p: Policy) -> pd.DataFrame:
    """全区得 100 分的项目不应超过规定比例（默认 30%，见规则文件 full_score_share）。
    理由：满分意味着每个指标都完成、资金全部执行，应当是少数。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（九个项目全部 100 分）。
    举例：全区 200 个项目，90 个得 100 分。部门不足 5 个的批次不作判断。
    处理：抽取部分满分项目复核。
    局限：部门不足五个的批次不判断。
    """
    scores = _counted(d)["score"].dropna()
    return _share(d, p, "full_score_share", len(scores), int((scores == 100).sum()))


def _counted(d: District) -> pd.DataFrame:
    """The projects of the workbooks that count, as the summary counts them: not those that were sent again."""
    return d.projects[~d.projects["workbook"].isin(superseded(d))]


def _share(d: District, p: Policy, threshold: str, total: int, count: int) -> pd.DataFrame:
    enough = _counted(d)["workbook"].nunique() >= p.value("share_departments")
    if not enough or not total or count / total <= p.value(threshold):
        return table_of([])
    words = {"total": str(total), "count": str(count), "grade": p.best.grade}
    words |= {"share": show(Kind.RATE, count / total), "limit": show(Kind.RATE, p.value(threshold))}
    return table_of([_WHOLE | words])


@rule(
    "D06",
    ERROR,
    scope=Scope.DISTRICT,
    message="预算行“{line}”的 {column} 合计与各部门之和不符。",
    fix="这是程序的算术自检，请把结果发给维护人员。",
)
def totals_reconcile(d: District, p: Policy) -> pd.DataFrame:
    """全区各行合计等于各部门之和（以分为单位逐个相加核对）。
    理由：汇总表由此而来，任何误差都不允许。
    依据：区县汇总要求。
    举例：程序以两种方法相加，结果必须一分不差。
    处理：无须部门处理；出现时说明程序有误。
    局限：两种加法都用同一批读出的数，读错的数看不出来。
    """
    broken, keys = [], d.budget["key"].tolist()
    for column in layout.AMOUNT_COLUMNS:
        exact: dict[str, int] = defaultdict(int)
        summed: dict[str, float] = defaultdict(float)
        for key, amount in zip(keys, d.budget[column].tolist(), strict=True):
            if given(amount):
                exact[key] += int(amount)
                summed[key] += amount
        header = layout.BUDGET.by_key[column].header
        broken += [
            _WHOLE | {"line": layout.BUDGET.line_by_key[key].label, "column": header}
            for key, total in exact.items()
            if total != summed[key]
        ]
    return table_of(broken)


@rule(
    "D07",
    ERROR,
    "units.name",
    scope=Scope.DISTRICT,
    message="“{name}”也列在 {others} 的《单位》表中。",
    fix="请确认这个单位属于哪个部门，只由一个部门填报。",
)
def units_in_one_department(d: District, p: Policy) -> pd.DataFrame:
    """一个独立核算单位只由一个部门填报。
    理由：两个部门都列，这个单位的收支就会重复汇总。
    依据：区县汇总要求。
    举例：“鹿泉区图书馆”同时列在文化局和教育局的《单位》表中。同一部门重复报送的见规则 F06。
    处理：由主管部门确认归属。
    局限：单位名称写法不同的看不出来。
    """
    names = identities(d)  # a department that reports under a former name as well is one
    units = d.units[d.units["key"] != ""]
    units = units.assign(owner=[name_key(names[book]) for book in units["workbook"]])
    owners = units.groupby("key")["owner"].transform("nunique")
    shared = units[owners > 1]
    others = []
    for key, owner in zip(shared["key"], shared["owner"], strict=True):
        books = shared["workbook"][(shared["key"] == key) & (shared["owner"] != owner)]
        others.append("、".join(sorted({names[book] for book in books})))
    return shared.assign(others=others)
