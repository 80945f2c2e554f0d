"""The last net for amounts in another unit than they are taken for (B08): out of all proportion to what stands beside.

A unit that nobody stated, or stated in a way that reading does not know, shows in the amounts: ten thousand times another
column, a part larger than its whole, more for each member of staff than anybody is paid.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, rows_of, rows_where
from evalxl.facts.last_year import last_amounts
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, Scope, rule, table_of
from evalxl.values.quantities import FEN_PER, show_amount

AMOUNTS = {"budget": ("initial", "revised", "final"), "projects": ("initial", "revised", "executed")}


@rule("B08", WARNING, "budget.final", scope=Scope.DISTRICT, message="{found}。", fix="{remedy}。")
def units_not_mixed(d: District, p: Policy) -> pd.DataFrame:
    """同一事项的两个数不应恰好相差一万倍（全年预算数与决算数、执行数不应恰好相差一千倍），部分不应大于总额，金额不应大小悬殊得不合常理。
    理由：这是把元填进万元栏（或相反）的典型表现。
    部分与总额：三公经费合计、政府采购支出大于本年支出合计。与上年比：决算数是上年的一万倍左右（slip_of_years，默认二分之一至二倍之间）。
    与人数比：人员经费按在职人数平均，高于 most_per_head（默认 1 亿元）或低于 least_per_head（默认 100 元）。
    与本批比：部门支出与中位数相差 outlier（默认 1000）倍以上；金额单位为元的，全年支出不足 least_spending（默认 10 万元）。
    一万倍、一千倍的容差见规则文件 unit_slip（默认 1%）。只有年初预算数与后两数相差一千倍的不报：年中追加可以有这么多。
    依据：本程序的取值；已公开自评报告中单位混用的情形。
    举例：年初预算数 105.33，决算数 1053300；政府采购支出三栏都填 600000，而本年支出合计 930；金额单位选“元”，而本年支出合计填 930.00。
    处理：核对金额单位，改正填错的数。
    局限：错得不到十倍的，以及整批都错同样倍数而没有上年数的，看不出来。
    """
    slips = pd.concat([_pair_slips(d, p, sheet, first, second, times) for sheet, first, second, times in _PAIRS])
    # A whole column in the wrong unit is one mistake: its first line stands for all.
    first = slips.sort_values(["workbook", "row"], kind="stable").drop_duplicates(["workbook", "sheet"])
    small = _small_in_yuan(d, p)
    outliers = _outliers(d, p)
    outliers = outliers[~outliers["workbook"].isin(small["workbook"])]
    found = [first, _projects_in_another_unit(d, p), small, outliers]
    found = [
        each.assign(
            found=[words if words.endswith("）") else f"{words}，疑为元与万元混用" for words in each["found"]],
            remedy="请核对金额单位",
        )
        for each in found
    ]
    told = set(zip(slips["workbook"], slips["row"], strict=True))
    parts = _parts_above_the_whole(d)
    parts = rows_where(parts, (place not in told for place in zip(parts["workbook"], parts["row"], strict=True)))
    years = _slips_of_years(d, p)
    heads = _out_of_proportion_to_staff(d, p)
    for later in (years, heads):  # each only where nothing nearer has told it
        known = {book for each in [*found, parts] for book in each["workbook"]}
        found.append(rows_where(later, (book not in known for book in later["workbook"])))
    return pd.concat([*found, parts])


_PAIRS = tuple(
    (sheet, first, second, times)
    for sheet, (a, b, c) in AMOUNTS.items()
    for first, second, times in ((a, b, 10_000), (a, c, 10_000), (b, c, 10_000), (b, c, 1_000))
)
_TIMES = {10_000: "一万倍", 1_000: "一千倍（疑为千元与元混用，或小数点错位）"}


def _pair_slips(d: District, p: Policy, sheet: str, first: str, second: str, times: int) -> pd.DataFrame:
    table = d.table(sheet)
    one, other = (
        np.where(amounts > 0, amounts, np.nan) for amounts in (table[first].to_numpy(), table[second].to_numpy())
    )
    ratio = np.maximum(one, other) / np.minimum(one, other) / times
    rows = table[np.abs(ratio - 1) <= p.value("unit_slip")]
    header = layout.BY_KEY[sheet].by_key[first].header
    found = [
        f"{show_amount(b)}，{header} {show_amount(a)}，两者相差约{_TIMES[times]}"
        for a, b in zip(rows[first], rows[second], strict=True)
    ]
    return rows.assign(sheet=sheet, field=second, found=found)


def unit_slip(first: float, second: float, p: Policy) -> bool:
    """Whether two amounts are ten thousand times apart, as 元 and 万元 are."""
    if not (first > 0 and second > 0):
        return False
    ratio = max(first, second) / min(first, second) / 10_000
    return abs(ratio - 1) <= p.value("unit_slip")


def _projects_in_another_unit(d: District, p: Policy) -> pd.DataFrame:
    sums = d.projects.groupby("workbook")["executed"].sum(min_count=1)
    lines = d.budget[d.budget["key"] == "project"]
    lines = lines.assign(executed=lines["workbook"].map(sums))
    rows = rows_where(lines, (unit_slip(a, b, p) for a, b in zip(lines["final"], lines["executed"], strict=True)))
    return rows.assign(
        field="final",
        found=[
            f"{show_amount(a)}，《项目》表全年执行数之和 {show_amount(b)}，两者相差约一万倍"
            for a, b in zip(rows["final"], rows["executed"], strict=True)
        ],
    )


def _outliers(d: District, p: Policy) -> pd.DataFrame:
    """Departments whose year is out of all proportion to the batch; fewer than three prove nothing."""
    totals = d.budget[d.budget["key"] == p.balance.expenditure[0]]
    given = totals[totals["final"] > 0]
    median, times = given["final"].median(), p.value("outlier")
    far = (given["final"] > median * times) | (given["final"] < median / times)
    rows = given[far] if len(given) > 2 else given.iloc[:0]
    return rows.assign(
        field="final",
        found=[
            f"{show_amount(value)}，"
            + (
                f"超过本批各部门中位数 {show_amount(median)} 的 {times:.0f} 倍"
                if value > median
                else f"不到本批各部门中位数 {show_amount(median)} 的 {times:.0f} 分之一"
            )
            for value in rows["final"]
        ],
    )


def _small_in_yuan(d: District, p: Policy) -> pd.DataFrame:
    """Departments that declare yuan and whose whole year then comes to next to nothing."""
    in_yuan = d.notes["workbook"][d.notes["kind"].isin(["unit_yuan", "unit_converted"])]
    totals = d.budget[(d.budget["key"] == p.balance.expenditure[0]) & d.budget["workbook"].isin(in_yuan)]
    rows = totals[(totals["final"] > 0) & (totals["final"] < p.value("least_spending") * FEN_PER["万元"])]
    found = [
        f"填的是 {value / FEN_PER['元']:.2f} 元，折合只有 {show_amount(value)} 万元，全年支出不到 {p.value('least_spending'):g} 万元"
        for value in rows["final"]
    ]
    return rows.assign(field="final", found=found)


_PARTS = ("three_public", "procurement")  # of the year's expenditure, and of no other sum that would tell


def _parts_above_the_whole(d: District) -> pd.DataFrame:
    """Lines that are part of the year's expenditure and yet larger, in any column; each is told once."""
    budget = d.budget
    totals = budget[budget["key"] == "expenditure_total"].drop_duplicates("workbook")
    wholes = {row["workbook"]: row for row in rows_of(totals)}
    records: list[dict[str, Any]] = []
    for line in rows_of(budget[budget["key"].isin(_PARTS) & budget["workbook"].isin(totals["workbook"])]):
        whole = wholes[line["workbook"]]
        column = next((each for each in reversed(layout.AMOUNT_COLUMNS) if line[each] > whole[each] > 0), None)
        if column is not None:
            records.append(
                line | {
                    "field": column,
                    "found": f"{show_amount(line[column])}，大于本年支出合计 {show_amount(whole[column])}，"
                    "部分不会大于总额，疑为金额单位不同",
                    "remedy": "请核对这个数和它的金额单位",
                }
            )  # fmt: skip
    return table_of(records)


def _slips_of_years(d: District, p: Policy) -> pd.DataFrame:
    """Lines that come to about ten thousand times last year's amount, or to so small a part of it."""
    last, allowed = last_amounts(d), p.value("slip_of_years")
    records: list[dict[str, Any]] = []
    known = {book for book, _ in last}
    for line in rows_of(d.budget[d.budget["workbook"].isin(known)]):
        before, now = last.get((line["workbook"], line["key"]), 0.0), line["final"]
        if not (before >= _LEAST and now >= _LEAST):
            continue
        ratio = max(before, now) / min(before, now) / 10_000
        if 1 / allowed <= ratio <= allowed:
            records.append(
                line | {
                    "field": "final",
                    "found": f"{show_amount(now)}，上年 {show_amount(before)}，两者相差约一万倍，疑为元与万元混用",
                    "remedy": "请核对金额单位",
                }
            )  # fmt: skip
    return table_of(records).drop_duplicates("workbook") if records else table_of([])


_LEAST = 10_000.0  # fen: of what is less than 0.01 万元 no multiple proves anything


def _out_of_proportion_to_staff(d: District, p: Policy) -> pd.DataFrame:
    """Departments whose cost of staff, for each of them, is what nobody is paid."""
    staff = d.units.groupby("workbook")["staff"].sum(min_count=1)
    rows = d.budget[d.budget["key"] == "personnel"]
    heads = rows["workbook"].map(staff).astype(float)
    each = (rows["final"] / heads / FEN_PER["万元"]).where(heads > 0)
    far = (each > p.value("most_per_head")) | ((each < p.value("least_per_head")) & (rows["final"] > 0))
    rows, heads, each = rows[far], heads[far], each[far]
    found = [
        f"{show_amount(amount)}，按在职 {count:.0f} 人平均每人 {mean:.6g} 万元，不合常理，疑为金额单位填错"
        for amount, count, mean in zip(rows["final"], heads, each, strict=True)
    ]
    return rows.assign(field="final", found=found, remedy="请核对金额单位和在职人数")
