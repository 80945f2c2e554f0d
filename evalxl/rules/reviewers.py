"""Rules about the review team (R)."""

from __future__ import annotations

import pandas as pd

from evalxl import layout
from evalxl.district import District
from evalxl.policy import Policy
from evalxl.rules.rule import ERROR, WARNING, rule


@rule("R01", WARNING, "reviewers.name", message="评价组只有 {count} 人，少于 {least} 人。", fix="请补充评价组成员。")
def enough_reviewers(d: District, p: Policy) -> pd.DataFrame:
    """评价组不少于规定人数（默认 3 人，见规则文件 reviewers）。
    理由：自评由工作组集体评定，人数过少难以互相复核。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（评价组 3 人）；最少人数见规则文件。
    举例：只列了组长和一名成员。
    处理：补充成员。
    """
    counts = d.reviewers.groupby("workbook").size()
    least = p.value("reviewers")
    rows = d.having_sheet("reviewers")[["workbook"]]
    rows = rows.assign(number=rows["workbook"].map(counts).fillna(0))
    rows = rows[rows["number"] < least]
    return rows.assign(
        count=rows["number"].map("{:.0f}".format),
        least=f"{least:.0f}",
        row=float(layout.REVIEWERS.FIRST_ROW),
        key="",
        label="姓名",
    )


@rule("R02", ERROR, "reviewers.name", message="没有填{header}。", fix="请补填{header}。")
def reviewers_complete(d: District, p: Policy) -> pd.DataFrame:
    """评价组成员的姓名、工作单位、职务都要填写。
    理由：评价结果由成员签字负责，身份须明确。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：第二名成员没有填职务。
    处理：补填。
    """
    parts = []
    for key in ("name", "workplace", "duty"):
        rows = d.with_column("reviewers", key)
        rows = rows[rows[key] == ""]
        parts.append(rows.assign(field=key, header=layout.REVIEWERS.by_key[key].header))
    return pd.concat(parts)


@rule("R03", WARNING, "reviewers.title", message="{found}。", fix="请补填职称；没有职称的写“无”。")
def reviewers_titled(d: District, p: Policy) -> pd.DataFrame:
    """评价组成员应填职称；没有职称的写“无”。
    理由：报告的名单标题列有职称，职称说明成员的专业能力。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：名单没有职称一列；某一成员职称空白。
    处理：补填职称。
    """
    rows = d.reviewers[d.reviewers["title"] == ""]
    titled = d.reviewers[d.reviewers["title"] != ""]["workbook"].unique()
    none = ~rows["workbook"].isin(titled)
    # A list without the column, or with none filled in, is one omission, told once.
    first = rows[none].drop_duplicates("workbook").assign(found="成员都没有填职称", key="", label="职称")
    return pd.concat([rows[~none].assign(found="没有填职称"), first])


@rule("R04", ERROR, "reviewers.name", needs="name", message="“{name}”已列在第 {others} 行。", fix="请删除重复的行。")
def reviewers_distinct(d: District, p: Policy) -> pd.DataFrame:
    """评价组中同一人只列一次；姓名和工作单位都相同的视为同一人。
    理由：重复列名会使人数虚增。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：第 5 行和第 7 行都是“评价员甲”。
    处理：删除重复的行。
    """
    named = d.reviewers[d.reviewers["key"] != ""]
    repeated = named[named.duplicated(["workbook", "key", "workplace"])]
    first = named.groupby(["workbook", "key", "workplace"])["row"].transform("first")
    return repeated.assign(others=first[repeated.index].map("{:.0f}".format))
