"""Rules about scores (S)."""

from __future__ import annotations

import math
from collections import Counter

import pandas as pd

from evalxl.district.findings import Verdict
from evalxl.district.tables import District, once_per_district
from evalxl.facts.execution import execution_rates
from evalxl.facts.indicators import CENT, groups
from evalxl.facts.scores import scored
from evalxl.facts.scoring import execution_due
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show


def _have_indicators(d: District, p: Policy) -> dict[str, Verdict]:
    return {workbook: Verdict.EVALUATED for workbook, _ in _due_scores(d, p)}


@rule(
    "S01",
    ERROR,
    "projects.score",
    message="{actual}，{against} {expected}，{gap}。",
    fix="请核对各项指标得分与总分。",
    judged=_have_indicators,
)
def scores_add_up(d: District, p: Policy) -> pd.DataFrame:
    """项目自评得分等于预算执行率得分与各项指标得分之和；部门整体得分与整体指标亦同。
    理由：总分由各项得分相加而来，不能另填。
    依据：财预〔2020〕10号。
    举例：各项指标得分合计 92.50，自评得分填 95。执行率没有单列一行的，以其余分值按执行率计分。
    处理：核对各项得分。
    局限：指标得分本身是否合理，见 I06、I08。
    """
    due, rows = _due_scores(d, p), scored(d)
    named = Counter((row["workbook"], row["key"]) for row in rows)
    found = []
    for row in rows:
        at, score = (row["workbook"], row["key"]), row["score"]
        expected, twice = due.get(at, (math.nan, math.nan))
        weighted_twice = round(abs(score - twice), 6) <= CENT  # rule I22 has said it
        if named[at] == 1 and round(abs(score - expected), 6) > p.sum_gap and not weighted_twice:
            found.append({**row, "expected": expected, "actual": score, "against": "各项指标得分之和"})
    return table_of(found)


@once_per_district
def _due_scores(d: District, p: Policy) -> dict[tuple[str, str], tuple[float, float]]:
    """The score that follows from the indicators, and the one with weights applied twice.

    By workbook and project key ('' = the whole department); where budget execution is not listed, the points left to it
    follow from its rate by the policy. Groups whose weights do not add up are rule I01's.
    """
    rates = execution_rates(d)
    due: dict[tuple[str, str], tuple[float, float]] = {}
    for group in groups(d):
        key = (group.workbook, group.project)
        points = [row["points"] for row in group.leaves]
        execution = execution_due(rates.get(key, math.nan), 100 - group.due, p).points if group.due < 100 else 0.0
        total = round(sum(points) + execution, 6)
        if group.adds_up and given(total):
            twice = round(sum(row["points"] * row["weight"] for row in group.leaves) / 100, 6)
            due[key] = (total, twice if abs(total - twice) > 1 else math.nan)
    return due


@rule("S02", ERROR, "projects.score", message="{found}。", fix="请填 0 至 100 的数字，最多两位小数。")
def scores_in_range(d: District, p: Policy) -> pd.DataFrame:
    """得分在 0 至 100 之间，最多两位小数；超过两位小数的为提醒。
    理由：等级按两位小数的百分制得分划分。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；财预〔2020〕10号。
    举例：自评得分填 105；填 92.345（提醒）。
    处理：更正得分。
    局限：在范围之内而打高了的，看不出来。
    """
    found = []
    for row in (row for row in scored(d) if given(row["score"])):
        score = row["score"]
        if not 0 <= score <= 100:
            found.append({**row, "severity": ERROR, "found": f"{score:.10g}，不在 0 至 100 之间"})
        elif round(score, 8) != round(score, 2):
            found.append({**row, "severity": WARNING, "found": f"{score:.10g}，超过两位小数"})
    return table_of(found)


@rule(
    "S04",
    WARNING,
    "projects.score",
    message="全部 {count} 个项目都自评 100 分。",
    fix="请对照指标完成情况复核；确属全部完成的，请在说明中写明依据。",
)
def not_all_full(d: District, p: Policy) -> pd.DataFrame:
    """项目较多（默认不少于 3 个，见规则文件 full_score_projects）而全部自评满分的，应当复核。
    理由：全部满分多为没有逐项评价，评价结果失去区分作用。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（九个项目全部 100 分）；财预〔2020〕10号关于客观公正的要求。
    举例：九个项目自评得分都是 100。
    处理：逐项复核，或写明满分依据。
    局限：只少扣零点几分的看不出来，见 S05。
    """
    least = p.value("full_score_projects")
    projects = d.by_workbook("projects").values()
    full = [rows for rows in projects if len(rows) >= least and all(row["score"] == 100 for row in rows)]
    return table_of([{**rows[0], "count": str(len(rows)), "key": ""} for rows in full])


@rule("S03", ERROR, message="填的是“{shown}”，不是分数。", fix="请填 0 至 100 的数字。")
def scores_are_numbers(d: District, p: Policy) -> pd.DataFrame:
    """得分、分值须填数字。
    理由：文字不能参加计算和分等。
    依据：各类绩效自评表表样。
    举例：自评得分填“满分”。
    处理：改填 0 至 100 的数字，最多两位小数。
    局限：写成日期的得分已按日期报告，读不回原数。
    """
    notes = d.notes[d.notes["kind"] == "score_not_numeric"]
    return notes.assign(shown=notes["raw"].map(short))


@rule("S06", ERROR, "projects.score", message="没有填自评得分。", fix="请填写自评得分；不是项目的行请整行清空。")
def projects_scored(d: District, p: Policy) -> pd.DataFrame:
    """列出的项目都要有自评得分。
    理由：自评覆盖全部项目，没有得分就没有等级，也不能汇总。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；财预〔2020〕10号。
    举例：第 7 行项目的自评得分空白。
    处理：补填得分。
    局限：有分而没有依据的，看不出来。
    """
    return table_of([row for row in d.rows_with("projects", "score") if not given(row["score"])])


@rule("S05", WARNING, "projects.score", message="{found}。", fix="请对照指标完成情况复核，使得分拉开差距。")
def scores_differ(d: District, p: Policy) -> pd.DataFrame:
    """项目较多（默认不少于 3 个）时，得分不应全部相同，平均分也不应高到规定值（默认 98 分）以上。
    理由：得分没有差别，自评就失去区分作用；全部 100 分的见规则 S04。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；财预〔2020〕10号关于客观公正的要求。
    举例：五个项目都是 95 分；四个项目平均 98.75 分。
    处理：逐项复核，或写明依据。
    局限：分数略有高低而同样没有区分的，看不出来。
    """
    found = []
    for rows in d.by_workbook("projects").values():
        scores = [row["score"] for row in rows]
        low, top, mean = min(scores), max(scores), sum(scores) / len(scores)
        if len(scores) < p.value("full_score_projects") or not all(map(given, scores)) or low >= 100:
            continue
        if low == top:
            words = f"{len(scores)} 个项目的得分都是 {show(Kind.SCORE, low)}"
        elif round(mean, 6) >= p.value("high_mean"):
            words = f"{len(scores)} 个项目的平均分高达 {show(Kind.SCORE, round(mean, 2))}"
        else:
            continue
        found.append({**rows[0], "found": words, "key": ""})
    return table_of(found)
