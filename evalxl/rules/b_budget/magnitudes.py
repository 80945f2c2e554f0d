"""The last net for amounts in another unit than they are taken for (B08): out of all proportion to what stands beside.

A unit that nobody stated, or stated in a way that reading does not know, shows in the amounts: ten thousand times another
column, a part larger than its whole, more for each member of staff than anybody is paid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from operator import itemgetter
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, rows_of
from evalxl.facts.last_year import last_amounts
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, Scope, rule, table_of
from evalxl.values.quantities import FEN_PER, given, show_amount

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
    lines = _lines(d, p)
    slips = [slip for pair in _PAIRS for slip in _pair_slips(d, p, *pair)]
    small = _small_in_yuan(d, p, lines)
    in_yuan = {each["workbook"] for each in small}
    outliers = [each for each in _outliers(p, lines) if each["workbook"] not in in_yuan]
    near = [*_first_of_each_sheet(slips), *_projects_in_another_unit(d, p, lines), *small, *outliers]
    found = [each | {"found": _doubted(each["found"]), "remedy": "请核对金额单位"} for each in near]
    told = {(each["workbook"], each["row"]) for each in slips}
    found += [each for each in _parts_above_the_whole(lines) if (each["workbook"], each["row"]) not in told]
    for later in (_slips_of_years(d, p), _out_of_proportion_to_staff(d, p, lines)):
        known = {each["workbook"] for each in found}  # each only where nothing nearer has told it
        found += [each for each in later if each["workbook"] not in known]
    return table_of(found)


_Record = dict[str, Any]
_Lines = Mapping[str, list[_Record]]  # the budget's rows by line


def _lines(d: District, p: Policy) -> _Lines:
    """The rows of the lines that are looked at here, by line."""
    wanted = {p.balance.expenditure[0], _WHOLE, "project", "personnel", *_PARTS}
    found: dict[str, list[_Record]] = {key: [] for key in wanted}
    for line in rows_of(d.budget[d.budget["key"].isin(wanted)]):
        found[line["key"]].append(line)
    return found


def _doubted(words: str) -> str:
    return words if words.endswith("）") else f"{words}，疑为元与万元混用"


def _first_of_each_sheet(slips: Iterable[_Record]) -> list[_Record]:
    """A whole column in the wrong unit is one mistake: its first line stands for all."""
    first: dict[tuple[str, str], _Record] = {}
    for each in sorted(slips, key=itemgetter("row")):
        first.setdefault((each["workbook"], each["sheet"]), each)
    return list(first.values())


_PAIRS = tuple(
    (sheet, first, second, times)
    for sheet, (a, b, c) in AMOUNTS.items()
    for first, second, times in ((a, b, 10_000), (a, c, 10_000), (b, c, 10_000), (b, c, 1_000))
)
_TIMES = {10_000: "一万倍", 1_000: "一千倍（疑为千元与元混用，或小数点错位）"}


def _pair_slips(d: District, p: Policy, sheet: str, first: str, second: str, times: int) -> list[_Record]:
    table = d.table(sheet)
    one, other = (
        np.where(amounts > 0, amounts, np.nan) for amounts in (table[first].to_numpy(), table[second].to_numpy())
    )
    once = np.minimum(one, other) * times
    at = np.flatnonzero(np.abs(np.maximum(one, other) - once) <= p.value("unit_slip") * once)
    if not len(at):
        return []
    header = layout.BY_KEY[sheet].by_key[first].header
    return [
        row | {
            "sheet": sheet, "field": second,
            "found": f"{show_amount(row[second])}，{header} {show_amount(row[first])}，两者相差约{_TIMES[times]}",
        }
        for row in rows_of(table.iloc[at])
    ]  # fmt: skip


def unit_slip(first: float, second: float, p: Policy) -> bool:
    """Whether two amounts are ten thousand times apart, as 元 and 万元 are."""
    least, once = min(first, second), min(first, second) * 10_000
    return least > 0 and abs(max(first, second) - once) <= p.value("unit_slip") * once  # a quotient is not exact


def _projects_in_another_unit(d: District, p: Policy, lines: _Lines) -> list[_Record]:
    sums: dict[str, float] = {}
    for book, executed in zip(d.projects["workbook"].tolist(), d.projects["executed"].tolist(), strict=True):
        if given(executed):
            sums[book] = sums.get(book, 0.0) + executed
    return [
        line | {
            "field": "final",
            "found": f"{show_amount(line['final'])}，《项目》表全年执行数之和 {show_amount(sums[line['workbook']])}，两者相差约一万倍",
        }
        for line in lines["project"]
        if unit_slip(line["final"], sums.get(line["workbook"], 0.0), p)
    ]  # fmt: skip


def _outliers(p: Policy, lines: _Lines) -> list[_Record]:
    """Departments whose year is out of all proportion to the batch; fewer than three prove nothing."""
    spent = [line for line in lines[p.balance.expenditure[0]] if line["final"] > 0]
    if len(spent) < _LEAST_DEPARTMENTS:
        return []
    middle, times = median(line["final"] for line in spent), p.value("outlier")
    found = []
    for line in spent:
        if line["final"] > middle * times:
            words = f"超过本批各部门中位数 {show_amount(middle)} 的 {times:.0f} 倍"
        elif line["final"] < middle / times:
            words = f"不到本批各部门中位数 {show_amount(middle)} 的 {times:.0f} 分之一"
        else:
            continue
        found.append(line | {"field": "final", "found": f"{show_amount(line['final'])}，{words}"})
    return found


_LEAST_DEPARTMENTS = 3


def _small_in_yuan(d: District, p: Policy, lines: _Lines) -> list[_Record]:
    """Departments that declare yuan and whose whole year then comes to next to nothing."""
    in_yuan = set(d.notes["workbook"][d.notes["kind"].isin(["unit_yuan", "unit_converted"])])
    least = p.value("least_spending")
    return [
        line | {
            "field": "final",
            "found": f"填的是 {line['final'] / FEN_PER['元']:.2f} 元，折合只有 {show_amount(line['final'])} 万元，全年支出不到 {least:g} 万元",
        }
        for line in lines[p.balance.expenditure[0]]
        if line["workbook"] in in_yuan and 0 < line["final"] < least * FEN_PER["万元"]
    ]  # fmt: skip


_WHOLE = "expenditure_total"
_PARTS = ("three_public", "procurement")  # of the year's expenditure, and of no other sum that would tell


def _parts_above_the_whole(lines: _Lines) -> list[_Record]:
    """Lines that are part of the year's expenditure and yet larger, in any column; each is told once."""
    wholes: dict[str, _Record] = {}
    for whole in lines[_WHOLE]:
        wholes.setdefault(whole["workbook"], whole)
    found = []
    for line in (line for key in _PARTS for line in lines[key] if line["workbook"] in wholes):
        whole = wholes[line["workbook"]]
        column = next((each for each in reversed(layout.AMOUNT_COLUMNS) if line[each] > whole[each] > 0), None)
        if column is not None:
            words = f"{show_amount(line[column])}，大于本年支出合计 {show_amount(whole[column])}"
            words += "，部分不会大于总额，疑为金额单位不同"
            found.append(line | {"field": column, "found": words, "remedy": "请核对这个数和它的金额单位"})
    return found


def _slips_of_years(d: District, p: Policy) -> list[_Record]:
    """Lines that come to about ten thousand times last year's amount, or to so small a part of it; one a workbook."""
    last, allowed = last_amounts(d), p.value("slip_of_years")
    if not last:
        return []
    found: dict[str, _Record] = {}
    for line in rows_of(d.budget[d.budget["workbook"].isin({book for book, _ in last})]):
        before, now = last.get((line["workbook"], line["key"]), math.nan), line["final"]
        if not (before >= _LEAST and now >= _LEAST):
            continue
        ratio = max(before, now) / min(before, now) / 10_000
        if 1 / allowed <= ratio <= allowed:
            words = f"{show_amount(now)}，上年 {show_amount(before)}，两者相差约一万倍，疑为元与万元混用"
            found.setdefault(line["workbook"], line | {"field": "final", "found": words, "remedy": "请核对金额单位"})
    return list(found.values())


_LEAST = 10_000.0  # fen: of what is less than 0.01 万元 no multiple proves anything


def _out_of_proportion_to_staff(d: District, p: Policy, lines: _Lines) -> list[_Record]:
    """Departments whose cost of staff, for each of them, is what nobody is paid."""
    staff: dict[str, float] = {}
    for book, people in zip(d.units["workbook"].tolist(), d.units["staff"].tolist(), strict=True):
        if given(people):
            staff[book] = staff.get(book, 0.0) + people
    found = []
    for line in lines["personnel"]:
        heads = staff.get(line["workbook"], 0.0)
        if not (heads > 0 and given(line["final"])):
            continue
        mean = line["final"] / heads / FEN_PER["万元"]
        if mean > p.value("most_per_head") or (mean < p.value("least_per_head") and line["final"] > 0):
            words = f"{show_amount(line['final'])}，按在职 {heads:.0f} 人平均每人 {mean:.6g} 万元，不合常理，疑为金额单位填错"
            found.append(line | {"field": "final", "found": words, "remedy": "请核对金额单位和在职人数"})
    return found
