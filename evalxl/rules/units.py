"""Rules about the independent accounting units (U)."""

from __future__ import annotations

import pandas as pd

from evalxl import layout
from evalxl.district import District
from evalxl.policy import Policy
from evalxl.rules.rule import ERROR, rule, words_of_choice


@rule("U01", ERROR, "general.unit_count", message="{found}。", fix="{remedy}。")
def units_listed(d: District, p: Policy) -> pd.DataFrame:
    """单位表至少列一个独立核算单位，行数与填报的独立核算单位数相同。
    理由：部门整体评价的范围就是所列的单位，少列就漏了资金。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：独立核算单位数填 3，《单位》表列了 2 个。
    处理：补列单位，或更正单位数。
    """
    counts = d.units.groupby("workbook").size()
    general = d.general.assign(expected=d.general["workbook"].map(counts).fillna(0.0))
    wrong = general[general["unit_count"].notna() & (general["unit_count"] != general["expected"])]
    wrong = wrong[wrong["expected"] > 0]
    wrong = wrong.assign(
        actual=wrong["unit_count"],
        remedy="请补列单位，或更正单位数",
        found=[
            f"填的是 {stated:.0f}，《单位》表列了 {listed:.0f} 个"
            for stated, listed in zip(wrong["unit_count"], wrong["expected"], strict=True)
        ],
    )
    empty = d.having_sheet("units")
    empty = empty[~empty["workbook"].isin(counts.index)][["workbook"]]
    empty = empty.assign(
        sheet="units",
        field="name",
        row=float(layout.UNITS.FIRST_ROW),
        key="",
        found="没有填列任何单位",
        remedy="请逐个填列独立核算单位",
    )
    return pd.concat([wrong, empty])


@rule("U02", ERROR, "units.nature", message="{found}。", fix="{remedy}。")
def natures_known(d: District, p: Policy) -> pd.DataFrame:
    """单位基本性质须为行政单位、参公事业单位、财政补助事业单位或经费自理事业单位；以通行别写填报的，为提示。
    理由：性质决定经费保障方式，也是汇总的口径。
    依据：鹿泉区2023年度部门整体支出绩效自评报告所附说明。
    举例：填“行政”，按“行政单位”读取（提示）；填“国企”（错误）。
    处理：从下拉列表选取。
    """
    return words_of_choice(d, p, "units", "nature", "nature_standard")


@rule("U03", ERROR, "units.funding", message="{found}。", fix="{remedy}。")
def fundings_known(d: District, p: Policy) -> pd.DataFrame:
    """经费形式须为财政拨款、财政性资金基本保证、财政性资金定额或定项补助或财政性资金零补助；以通行别写填报的，为提示。
    理由：经费形式是汇总的口径；同一个“全额”，行政单位指财政拨款，事业单位指财政性资金基本保证。
    依据：鹿泉区2023年度部门整体支出绩效自评报告所附说明。
    举例：行政单位填“全额”，按“财政拨款”读取（提示）；填“其他”（错误）。
    处理：从下拉列表选取。
    """
    return words_of_choice(d, p, "units", "funding", "funding_standard")


@rule(
    "U05", ERROR, "units.name", needs="name", message="“{name}”重复，第 {others} 行是同一单位。", fix="请删除重复的行。"
)
def units_distinct(d: District, p: Policy) -> pd.DataFrame:
    """同一单位在单位表中只列一次；编码、空格和（本级）不作区别。
    理由：重复的单位会使单位数虚增。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：第 5 行“鹿泉区政协（本级）”，第 6 行“鹿泉区政协”。
    处理：删除重复的行。
    """
    named = d.units[d.units["key"] != ""]
    groups = named.groupby(["workbook", "key"])["row"]
    repeated = named[named.duplicated(["workbook", "key"])]
    return repeated.assign(others=groups.transform("first")[repeated.index].map("{:.0f}".format))
