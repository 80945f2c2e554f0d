"""Rules about what an indicator earns: its weight, its points and the reason where it lost some (I).

What is written in the cells is judged in ``results.py``, a project's indicators together in ``groups.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from evalxl.district.tables import District, once_per_district, rows_where
from evalxl.facts.execution import execution_rows
from evalxl.facts.indicators import CENT, groups, listed, outcomes, settled, standards
from evalxl.facts.scoring import execution_due, is_far, points_due
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, NOTHING, WARNING, joined, rule
from evalxl.values.folding import short
from evalxl.values.grounds import explains
from evalxl.values.quantities import given
from evalxl.values.targets import Outcome


@once_per_district
def judged(d: District) -> pd.DataFrame:
    """The indicators that are not budget execution, each with the outcome of its result against its target."""
    rows = listed(d)
    rows = rows.assign(outcome=pd.Series(outcomes(d), rows.index, object))
    rows = rows[~rows.index.isin(execution_rows(d).index)]
    asked = rows["workbook"].isin(d.having_column("indicators", "cause"))
    return rows.assign(
        met=_flags(each.reached is True for each in rows["outcome"]),
        missed=_flags(each.reached is False for each in rows["outcome"]),
        unexplained=asked & _flags(not explains(text) for text in rows["cause"]),
        settled=rows.index.isin(list(settled(d))),
        standard=standards(d)[rows.index],
    )


def _flags(answers: Iterable[bool]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.fromiter(answers, dtype=bool)


def _told(outcome: Outcome) -> str:
    """Target and result as the sender wrote them, for a message."""
    sides = (outcome.target, outcome.achieved)
    target, achieved = (short(each.text, 20) if each is not None else "" for each in sides)
    return f"目标“{target}”，完成“{achieved}”"


def _out_of_range(rows: pd.DataFrame) -> pd.Series[bool]:
    return (rows["points"] < 0) | (rows["points"] > rows["weight"] + CENT)


def _full(rows: pd.DataFrame) -> pd.Series[bool]:
    return (rows["weight"] > 0) & ((rows["points"] - rows["weight"]).abs() <= CENT)


@rule(
    "I03",
    ERROR,
    "indicators.points",
    needs="points",
    shows="weight",
    message="{actual}，{found}。",
    fix="请核对得分与 {cells} 的分值；得分按分值计，不按百分制计。",
)
def points_within_weight(d: District, p: Policy) -> pd.DataFrame:
    """每项指标的得分在 0 与该项分值之间。
    理由：得分不能超过分值；按百分制填的，要先折算。
    依据：财预〔2020〕10号；项目支出绩效自评表表样。
    举例：分值 10，得分填 12。分值以小数（合计为 1）填写的见规则 I01；预算执行率一行不按公式得分的见规则 P08。
    处理：更正得分或分值。
    局限：得分偏高而没有超过分值的，见 I06、I08。
    """
    execution = execution_rows(d)
    every = zip(execution["execution"], execution["weight"], execution["points"], strict=True)
    gaps = np.array([execution_due(rate, weight, p).gap(points) for rate, weight, points in every], dtype=float)
    judged_there = execution.index[gaps > p.value("execution_points_gap") + 1e-9]
    skip = {at for group in groups(d) if group.total <= 1 for at in group.index} | set(settled(d)) | set(judged_there)
    rows = listed(d)
    rows = rows[_out_of_range(rows) & ~rows.index.isin(skip)]
    crossed = [
        (0.0, "不能小于 0") if points < 0 else (weight, f"大于分值 {weight:.2f}")
        for points, weight in zip(rows["points"], rows["weight"], strict=True)
    ]
    bounds = np.array([bound for bound, _ in crossed], dtype=float)
    return rows.assign(actual=rows["points"], expected=bounds, found=[words for _, words in crossed])


@rule(
    "I04",
    ERROR,
    "indicators.achieved",
    needs="level3",
    shows="points",
    message="{found}。",
    fix="请照实填写实际完成值；没有完成值的指标不能得分。",
)
def results_stated(d: District, p: Policy) -> pd.DataFrame:
    """列出的指标须填写实际完成值（预算执行率一行除外，它的完成值在《项目》表）。
    理由：没有完成值，得分就没有依据，自评也没有做完。有得分而没有完成值的为错误；得分也空着的为提醒，一个项目或整张表都是这样的为错误。
    一个项目的指标全部没有完成值的，合并为一个问题；整张表都没有的（包括删去了这一列），全表只报一次。
    依据：财预〔2020〕10号；已公开自评表中的情形。
    举例：实际完成值空白，得分 10；《指标》只填了年度指标值和分值，没有完成情况。
    处理：补填实际完成值；没有完成的，把得分改为 0。
    局限：完成值填得不真实的，看不出来。
    """
    if not any(map(_is_silent, d.indicators["achieved"])):
        return NOTHING
    rows = listed(d)
    rows = rows[
        ~rows.index.isin(execution_rows(d).index) & ((rows["level3"] + rows["target"] != "") | (rows["points"] > 0))
    ]
    empty = _flags(map(_is_silent, rows["achieved"]))
    rows = rows.assign(silent=empty & ~(rows["points"] <= 0), scored=rows["points"].notna())
    rows = rows[~rows["workbook"].isin(_misspelt(d))]
    size = rows.groupby("workbook")["silent"].transform("size")
    every = rows.groupby("workbook")["silent"].transform("all") & (size > 1)
    sheets = rows[every].drop_duplicates("workbook")
    counts, scored = size[sheets.index], rows.groupby("workbook")["scored"].any()
    sheets = sheets.assign(
        found=[
            f"《指标》的 {count} 项指标都没有实际完成值{'，却有得分' if scored[book] else '，也没有得分'}"
            for count, book in zip(counts, sheets["workbook"], strict=True)
        ],
        key="",
        label="实际完成值",
    )
    return joined([sheets, _results_missing(rows[~every])])


def _is_silent(result: str) -> bool:
    return not result.strip("-—/\\* ")


def _misspelt(d: District) -> set[str]:
    """The workbooks whose column of results has a header that is asked about (rule F02)."""
    asked = (d.notes["kind"] == "header_guess") & (d.notes["field"] == "achieved")
    return set(d.notes["workbook"][asked])


def _results_missing(rows: pd.DataFrame) -> pd.DataFrame:
    """Where some indicators of a workbook have a result: those of a project that have none, or single ones."""
    keys = ["workbook", "project_key"]
    size = rows.groupby(keys)["row"].transform("size")
    whole = rows.groupby(keys)["silent"].transform("all") & (size > 1)
    silent = rows[rows["silent"]]
    whole, size = whole[silent.index], size[silent.index]
    any_scored = silent.groupby(keys)["scored"].transform("any")
    found, severities = [], []
    each = zip(whole, size, any_scored, silent["scored"], silent["points"], strict=True)
    for every, number, scored, own, points in each:
        if every:
            found.append(f"未填，这里的 {number} 项指标都没有实际完成值{'，却都有得分' if scored else '，也没有得分'}")
        else:
            found.append(f"未填，却得了 {points:.2f} 分" if own else "未填，得分也没有填")
        severities.append(ERROR if every or own else WARNING)
    silent = silent.assign(found=found, severity=pd.Series(severities, silent.index, object))
    return silent[~(whole & silent.duplicated(keys))]


@rule(
    "I06",
    ERROR,
    "indicators.points",
    needs="target achieved weight points",
    shows="target achieved weight",
    message="{actual}，是满分，而没有达到目标：{told}{by_formula}。",
    fix="请核对 {cells}；未达目标的按完成比例计分。",
)
def missed_targets_lose_points(d: District, p: Policy) -> pd.DataFrame:
    """没有达到目标的定量指标不得满分。
    理由：未完成的按完成值与指标值的比例计分。指标值、完成值、单位、方向有一样读不准的，不作判断；写有评分标准的由规则 I08 按所写的标准判断。
    依据：财预〔2020〕10号。
    举例：目标 ≥98%，完成 96%，分值 30，得分 30；时间指标逾期完成而得满分。
    处理：按比例计分，并填写偏差原因。
    局限：目标、完成值读不准的，不判断。
    """
    rows = judged(d)
    rows = rows[rows["missed"] & _full(rows) & ~rows["settled"] & rows["standard"].isna()]
    if rows.empty:
        return NOTHING
    due = [points_due(*each, p) for each in zip(rows["outcome"], rows["weight"], strict=True)]
    return rows.assign(
        actual=rows["points"],
        expected=[each.points for each in due],
        told=[_told(each) for each in rows["outcome"]],
        by_formula=[f"，按比例应得 {each.points:.2f}" if given(each.points) else "" for each in due],
    )


@rule(
    "I07",
    WARNING,
    "indicators.cause",
    needs="target achieved weight points",
    shows="weight points",
    message="未填，而目标已达到（{told}），得分 {points} 低于分值 {weight}。",
    fix="请说明扣分原因，或核对 {cells}。",
)
def lost_points_explained(d: District, p: Policy) -> pd.DataFrame:
    """达到目标而没有得满分的，须说明扣分原因。
    理由：完成指标值的记全部分值；扣分必有缘由，否则是得分填错。
    依据：财预〔2020〕10号。
    举例：目标 ≥12 期，完成 12 期，分值 10，得分 8，原因空白。
    处理：说明原因，或更正得分。
    局限：写了原因的，不判断原因是否成立。
    """
    rows = judged(d)
    rows = rows[_lost(rows)]
    return rows.assign(told=[_told(each) for each in rows["outcome"]])


def _lost(rows: pd.DataFrame) -> pd.Series[bool]:
    lower = (rows["points"] >= 0) & (rows["points"] < rows["weight"] - CENT)
    return rows["met"] & lower & rows["unexplained"] & ~rows["settled"]


@rule(
    "I08",
    WARNING,
    "indicators.points",
    needs="target achieved weight points",
    shows="target achieved weight",
    message="{actual}，{reason}，{gap}。",
    fix="{remedy}。",
)
def missed_targets_score_by_share(d: District, p: Policy) -> pd.DataFrame:
    """未达目标的定量指标，得分等于分值乘以完成比例（反向指标用目标除以完成值），允许差为分值的 5%；写有评分标准的，按所写的标准。
    理由：得分要从完成值得出。评分标准写在“评分标准”一栏、指标名称、指标值或偏差原因里的都认：分档得分（90%以上得10分，80%—90%得8分）、
    扣分（每少一期扣1分）、未完成不得分；认不出的标准不作判断。满意度按 60% 至 90% 区间计分的，也予认可；满分的见规则 I06，超过分值的见规则 I03。
    依据：财预〔2020〕10号；参照财预〔2021〕101号（印发中央部门）；允许差见规则文件 proportional_gap。
    举例：目标 100 人，完成 60 人，分值 10，得分 9。目标为 0、时间逾期等无法按比例计算的，不作判断。
    处理：按比例计分。
    局限：没有写明的评分标准、酌情扣分，程序无从判断。
    """
    rows = judged(d)
    rows = rows[rows["missed"] & rows["points"].notna() & ~_out_of_range(rows) & ~rows["settled"]]
    rows = rows[~_full(rows) | rows["standard"].notna()]
    if rows.empty:
        return NOTHING
    columns = (rows[name] for name in ("outcome", "weight", "standard"))
    due = [points_due(outcome, weight, p, own) for outcome, weight, own in zip(*columns, strict=True)]
    allowed = (rows["weight"] * p.value("proportional_gap")).where(rows["standard"].isna(), CENT) + 1e-9
    rows = rows.assign(
        actual=rows["points"],
        expected=np.array([each.points for each in due], dtype=float),
        reason=[each.reason for each in due],
        tolerance=allowed,
        remedy=[
            "请按完成比例重新计分，或写明评分标准" if own is None else "请按所写的评分标准重新计分"
            for own in rows["standard"]
        ],
    )
    gaps = np.array([each.gap(points) for each, points in zip(due, rows["points"], strict=True)], dtype=float)
    accepted = (rows["points"] - _satisfaction_points(rows)).abs() <= allowed
    return rows[(gaps > allowed) & ~(accepted & rows["standard"].isna())]


def _satisfaction_points(rows: pd.DataFrame) -> pd.Series[float]:
    """What the indicator guide gives a satisfaction rate: from 60 % nothing to 90 % all; NaN for other indicators."""
    points = []
    columns = ("level1", "level2", "level3", "outcome", "weight")
    for one, two, three, outcome, weight in zip(*(rows[name] for name in columns), strict=True):
        rate = float(outcome.got)
        applies = "满意" in one + two + three and "%" in (outcome.target.unit, outcome.achieved.unit)
        points.append(weight * min(max((rate - 60) / 30, 0.0), 1.0) if applies else np.nan)
    return pd.Series(points, rows.index, float)


@rule(
    "I09",
    WARNING,
    "indicators.cause",
    needs="target achieved",
    shows="target achieved",
    message="未填，而完成值偏离目标较大：{told}，是目标的 {relation}。",
    fix="请说明原因；目标定得过低的，下年度应调整（{cells}）。",
)
def far_results_explained(d: District, p: Policy) -> pd.DataFrame:
    """完成值达到目标 130%（反向指标不足 70%）的，须说明原因。
    理由：偏离过大多因目标定得偏低。反向指标完成值为 0（如投诉 0 次）是应有的结果，不算偏离；已按规则 I07 提醒的不重复。
    依据：本程序的取值（省级预算绩效系统有此做法，没有公开文号）；比例见规则文件 far_above、far_below。
    举例：目标 ≥10 期，完成 25 期，原因空白。
    处理：说明原因。
    局限：目标定低了而完成值也压着报的，看不出来。
    """
    rows = judged(d)
    rows = rows[rows["met"] & rows["unexplained"] & ~_lost(rows)]
    rows = rows_where(rows, (is_far(each, p) for each in rows["outcome"]))
    return rows.assign(
        told=[_told(each) for each in rows["outcome"]],
        relation=[f"{float(each.relation) * 100:.0f}%" for each in rows["outcome"]],
    )


@rule(
    "I10",
    ERROR,
    "indicators.cause",
    needs="target achieved",
    shows="target achieved",
    message="{found}，而没有达到目标：{told}。",
    fix="请填写偏差原因和改进措施，或核对 {cells}。",
)
def missed_targets_explained(d: District, p: Policy) -> pd.DataFrame:
    """没有达到目标的指标须填写偏差原因及改进措施，填“无”“0”的不算。
    理由：未完成必有缘由，要据此改进。得分是否相符另由规则 I06、I08 判断，两处疏漏分别提出。按所写的评分标准仍得满分的，不必说明。
    依据：财预〔2020〕10号。
    举例：目标 ≥98%，完成 96%，偏差原因填“无”。
    处理：写明原因和措施。
    局限：写了原因的，不判断原因是否成立。
    """
    rows = judged(d)
    rows = rows[rows["missed"] & rows["unexplained"] & ~(_full(rows) & rows["standard"].notna())]
    found = [f"填的是“{short(text)}”" if text else "未填" for text in rows["cause"]]
    return rows.assign(told=[_told(each) for each in rows["outcome"]], found=found)


@rule(
    "I16",
    WARNING,
    "indicators.weight",
    needs="weight",
    message="{actual}，一项指标超过 {most} 分。",
    fix="请拆成几项指标，或调低分值。",
)
def weights_spread(d: District, p: Policy) -> pd.DataFrame:
    """一项指标的分值不超过规定数（默认 40 分，见规则文件 indicator_weight）。
    理由：一项指标占分过高，得分就由它一项决定。分值合计不符的（规则 I01）先改合计，不在此重复。
    依据：本程序的取值；已公开自评表中一项指标 90 分的情形。
    举例：产出指标只有一项，分值 50。
    处理：细化指标。
    局限：拆成几项而实为一项的看不出来。
    """
    most = p.value("indicator_weight")
    sound = {at for group in groups(d) if group.adds_up for at in set(group.index) - group.parent_index}
    rows = d.indicators[(d.indicators["weight"] > most) & d.indicators.index.isin(sound)]
    return rows.assign(actual=rows["weight"], most=f"{most:g}")
