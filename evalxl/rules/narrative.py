"""Rules about the narrative (N)."""

from __future__ import annotations

import pandas as pd

from evalxl import layout
from evalxl.district import District
from evalxl.policy import Policy
from evalxl.rules.rule import ERROR, WARNING, rows_where, rule

_NOTHING = {"", "无", "暂无", "没有", "不存在"}


@rule("N01", ERROR, "narrative.overview", message="没有填写。", fix="请填写这一栏；确无内容的写“无”。")
def sections_written(d: District, p: Policy) -> pd.DataFrame:
    """文字说明各栏都要填写。
    理由：报告的各章由这些文字组成，空白一栏报告就缺一节。
    依据：鹿泉区2023年度部门整体支出绩效自评报告的章节。
    举例：“存在的问题”空白。
    处理：填写；确无内容的写“无”。
    """
    parts = []
    for field in layout.NARRATIVE.fields:
        rows = d.with_column("narrative", field.key)
        parts.append(rows[rows[field.key] == ""].assign(field=field.key))
    return pd.concat(parts)


@rule(
    "N10",
    WARNING,
    "narrative.problems",
    message="写了存在的问题，而 {count} 个项目全部评为“{grade}”。",
    fix="请核对：问题涉及哪个项目，得分和等级是否如实反映。",
)
def problems_match_grades(d: District, p: Policy) -> pd.DataFrame:
    """承认存在问题的，不应所有项目都评为最高等级。
    理由：问题与满分自相矛盾，多为得分没有如实反映。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：写明“部分项目进度偏慢”，而各项目都是“优秀”。
    处理：调整有关项目的得分，或说明问题与项目无关。
    """
    best = max(p.scheme.bands, key=lambda band: band.end).grade
    top = (d.projects["grade_standard"] == best) | (d.projects["score"] == 100)
    every = top.groupby(d.projects["workbook"]).agg(["all", "size"])
    praised = every[every["all"]]
    rows = d.narrative[d.narrative["workbook"].isin(praised.index)]
    rows = rows_where(rows, (text.strip("。. ") not in _NOTHING for text in rows["problems"]))
    return rows.assign(count=rows["workbook"].map(praised["size"]).astype(str), grade=best)
