"""Rules about problems that a text admits or denies, beside what projects earned and spent (N02, N10)."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from evalxl.district.findings import Figure
from evalxl.district.tables import District, Row
from evalxl.facts.passages import passages, plain, sentences
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.grounds import says_nothing
from evalxl.values.quantities import given

_SMOOTH = re.compile(
    r"(?<!是否)(?:没有|未|无|不存在|未发现|未出现)(?:出现|发生|产生|发现|存在)?(?:较大|明显|重大|显著)的?(?:执行|绩效|目标)?(?:偏差|偏离)"
)


@rule(
    "N02",
    WARNING,
    "narrative.problems",
    message="写的是“{said}”，而{but}。",
    fix="请如实写明问题和偏差；得分或金额填错的，请更正（{cells}）。",
)
def problems_follow_results(d: District, p: Policy) -> pd.DataFrame:
    """项目没有评上最高等级或执行率偏低的，文字说明不应写没有问题、没有较大偏差。
    理由：降了等级就是有问题，执行率偏低就是有偏差；写“无”与得分和金额自相矛盾。
    “无、暂无、不存在问题”与得分不到最高等级或执行率低于规定数（explain_rate）的项目对照：在最高等级之内失几分，可以没有值得写的问题。
    “没有较大偏差”只与执行率对照。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：“存在的问题”填“无”，而群众文化活动得 72 分、执行率 60%。
    处理：写明问题和原因；得分确有误填的，更正得分。
    局限：换了说法否认问题的，未必认得。
    """
    limit = p.value("explain_rate")
    projects = [row for rows in d.by_workbook("projects").values() for row in rows]
    funded = ({**row, "execution": row["executed"] / row["revised"]} for row in projects if row["revised"] > 0)
    slow = _worst((row for row in funded if row["execution"] < limit), "execution")
    lost = _worst((row for row in projects if row["score"] < p.best.start), "score")
    records, done = [], set()
    for each in passages(d):
        nothing = each.field == "problems" and says_nothing(each.text)
        smooth = None if nothing or each.field not in _OUTCOME else _smooth(each.text)
        against = slow if smooth or (nothing and each.workbook not in lost) else lost
        if not (nothing or smooth) or each.workbook not in against or each.workbook in done:
            continue
        done.add(each.workbook)
        project = against[each.workbook]
        at = "executed" if against is slow else "score"
        shown = f"执行率只有 {project['execution']:.2%}" if against is slow else f"得 {project['score']:.2f} 分"
        cell = Figure("projects", at, project["row"], project["name"], project[at])
        said = short(each.text if smooth is None else smooth[0])
        records.append(each.finding(said=said, but=f"“{short(project['name'])}”{shown}", operands=[cell]))
    return table_of(records)


def _smooth(text: str) -> re.Match[str] | None:
    """The words that deny any large deviation, where the sentence does not admit some."""
    return next(
        (match for each in sentences(text) if (match := _SMOOTH.search(each)) and not _ADMITTED.search(each)), None
    )


_ADMITTED = re.compile(
    r"(?<!不)存在(?:一定|部分|个别|少量|较小)|(?:个别|部分|除)[^，。；]*(?:偏[差离慢低]|未完成|没有完成|外)"
)


def _worst(projects: Iterable[Row], by: str) -> dict[str, Row]:
    """The project with the smallest number of each workbook."""
    return {row["workbook"]: row for row in sorted(projects, key=lambda row: -row[by])}


_OUTCOME = ("problems", "achievement", "details")


@rule(
    "N10",
    WARNING,
    "narrative.problems",
    message="写了存在的问题，而{found}。",
    fix="请核对：问题涉及哪个项目，得分是否如实反映（{cells}）。",
)
def problems_match_scores(d: District, p: Policy) -> pd.DataFrame:
    """承认存在问题的，不应所有项目都得满分；问题中点名的项目也不应得满分。
    理由：问题与满分自相矛盾，多为得分没有如实反映。
    项目各失几分、都在最高等级之内的，与写有问题并不矛盾，不提醒。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：写明“部分项目进度偏慢”，而各项目都得 100 分；写“文物保护维修进度偏慢”，而该项目得 100 分。
    处理：调整有关项目的得分，或说明问题与项目无关。
    局限：问题没有点名项目的，只与全部满分对照。
    """
    projects = d.by_workbook("projects")
    records = []
    for each in passages(d):
        if each.field != "problems" or says_nothing(each.text):
            continue
        scored = [row for row in projects.get(each.workbook, ()) if given(row["score"])]
        full = [row for row in scored if row["score"] == 100]
        named = [row for row in full if len(row["name"]) >= 4 and plain(row["name"]) in each.text]
        if full and len(full) == len(scored):
            found = f" {len(full)} 个项目全部得 100 分"
        elif named:
            found = f"“{short(named[0]['name'])}”得 100 分"
        else:
            continue
        cells = [Figure("projects", "score", row["row"], row["name"], 100.0) for row in (named or full)]
        records.append(each.finding(found=found, operands=cells))
    return table_of(records)
