"""Rules about the independent accounting units (U)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, WARNING, repeats, rule, table_of, without_merged_names, words_of_choice
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show


@rule("U01", ERROR, "general.unit_count", message="{found}。", fix="{remedy}。")
def units_listed(d: District, p: Policy) -> pd.DataFrame:
    """单位表至少列一个独立核算单位，每个单位都有名称，行数与填报的独立核算单位数相同。
    理由：部门整体评价的范围就是所列的单位，少列就漏了资金。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：独立核算单位数填 3，《单位》表列了 2 个。
    处理：补列单位，或更正单位数。
    局限：漏列整个单位而单位数也少填的，看不出来。
    """
    listed, first = d.by_workbook("units"), float(layout.UNITS.FIRST_ROW)
    found: list[dict[str, Any]] = []
    for row in d.rows("general"):
        stated, count = row["unit_count"], len(listed.get(row["workbook"], ()))
        if count and given(stated) and stated != count:
            told = {"actual": stated, "expected": float(count), "remedy": "请补列单位，或更正单位数"}
            found.append({**row, **told, "found": f"填的是 {stated:.0f}，《单位》表列了 {count} 个"})
    for book in d.having_sheet("units"):
        if book not in listed:
            told = {"sheet": "units", "field": "name", "row": first, "key": "", "remedy": "请逐个填列独立核算单位"}
            found.append({"workbook": book, **told, "found": "没有填列任何单位"})
    for row in d.rows_with("units", "name"):
        if not row["name"]:
            told = {"sheet": "units", "field": "name", "found": "没有填单位名称", "remedy": "请填写单位名称"}
            found.append({**row, **told})
    return table_of(found)


@rule("U02", ERROR, "units.nature", message="{found}。", fix="{remedy}。")
def natures_known(d: District, p: Policy) -> pd.DataFrame:
    """单位基本性质须为行政单位、参公事业单位、财政补助事业单位或经费自理事业单位；以通行别写填报的，为提示。
    理由：性质决定经费保障方式，也是汇总的口径。
    依据：鹿泉区2023年度部门整体支出绩效自评报告所附说明。
    举例：填“行政”，按“行政单位”读取（提示）；填“国企”（错误）。
    处理：从下拉列表选取。
    局限：性质选错而名称合规的，看不出来。
    """
    return words_of_choice(d, p, "units", "nature", "nature_standard")


@rule("U03", ERROR, "units.funding", message="{found}。", fix="{remedy}。")
def fundings_known(d: District, p: Policy) -> pd.DataFrame:
    """经费形式须为财政拨款、财政性资金基本保证、财政性资金定额或定项补助或财政性资金零补助；以通行别写填报的，为提示。
    理由：经费形式是汇总的口径；同一个“全额”，行政单位指财政拨款，事业单位指财政性资金基本保证。
    依据：鹿泉区2023年度部门整体支出绩效自评报告所附说明。
    举例：行政单位填“全额”，按“财政拨款”读取（提示）；填“其他”（错误）。
    处理：从下拉列表选取。
    局限：经费形式选错而与性质相称的，看不出来。
    """
    return words_of_choice(d, p, "units", "funding", "funding_standard")


@rule(
    "U05",
    ERROR,
    "units.name",
    needs="name",
    message="“{name}”重复，工作表的第 {others} 行是同一单位。",
    fix="请清空重复的行，单位数随之核对。",
)
def units_distinct(d: District, p: Policy) -> pd.DataFrame:
    """同一单位在单位表中只列一次；编码、空格和（本级）不作区别。
    理由：重复的单位会使单位数虚增。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：第 5 行“鹿泉区政协（本级）”，第 6 行“鹿泉区政协”。
    处理：清空重复的行。
    局限：同一单位改了名称再列一次的，看不出来。
    """
    return table_of(repeats((row for row in without_merged_names(d, "units") if row["key"]), "key"))


@rule(
    "U04", WARNING, "units.funding", needs="nature funding", message="{found}。", fix="请核对单位基本性质和经费形式。"
)
def fundings_plausible(d: District, p: Policy) -> pd.DataFrame:
    """经费形式应与单位基本性质、收入构成相称。
    理由：行政单位由财政拨款保障；经费自理事业单位没有财政拨款；全部单位由财政保障而财政拨款不到本年收入一半的，多为填错。
    依据：鹿泉区2023年度部门整体支出绩效自评报告所附说明；财政系统单位信息的核对关系。
    举例：行政单位的经费形式填“财政性资金零补助”；各单位都填“财政拨款”，而事业收入占本年收入的六成。
    处理：核对后更正。
    局限：只看大类是否相称，不看具体单位的批复。
    """
    found = []
    for row in d.rows("units"):
        words = _implausible(row["nature_standard"], row["funding_standard"])
        if words:
            found.append({**row, "found": words})
    return table_of([*found, *_too_little_appropriated(d, p)])


_BY_FINANCE = {"财政拨款", "财政性资金基本保证"}


def _implausible(nature: str, funding: str) -> str:
    if nature == "行政单位" and funding not in ("", "财政拨款"):
        return f"行政单位的经费形式填为“{funding}”，应为“财政拨款”"
    if nature == "经费自理事业单位" and funding in _BY_FINANCE:
        return f"经费自理事业单位的经费形式填为“{funding}”"
    return ""


def _too_little_appropriated(d: District, p: Policy) -> Iterator[dict[str, Any]]:
    """The first unit of departments wholly kept by finance, of whose income less than half is appropriated."""
    income = next(each.parts for each in p.sums if each.total == p.balance.income[0])
    words = "各单位都由财政保障，而财政拨款收入只占本年收入的 "
    for book, units in d.by_workbook("units").items():
        lines = [line for line in d.by_workbook("budget").get(book, ()) if line["key"] in income]
        total = sum(line["final"] for line in lines if given(line["final"]))
        appropriated = next((line["final"] for line in lines if line["key"] == income[0]), math.nan)
        kept = all(unit["funding_standard"] in _BY_FINANCE for unit in units)
        if kept and total > 0 and appropriated / total < 0.5:
            yield {**units[0], "found": words + show(Kind.RATE, appropriated / total)}


@rule(
    "U06",
    WARNING,
    "units.staff",
    needs="posts staff",
    shows="posts",
    message="填的是 {actual} 人，超过编制人数 {posts} 人。",
    fix="请核对 {cells}；确属超编的，请书面说明。",
)
def staff_within_posts(d: District, p: Policy) -> pd.DataFrame:
    """在职人数不超过编制人数。
    理由：在职人员控制率超过 100%，人员经费就没有相应的编制依据。
    依据：财预〔2013〕53号。
    举例：编制人数 30，在职人数 31。
    处理：核对人数；确属超编的，书面说明。
    局限：编制人数、在职人数都填错而不矛盾的，看不出来。
    """
    rows = d.units[d.units["staff"] > d.units["posts"]]
    return rows.assign(actual=rows["staff"])
