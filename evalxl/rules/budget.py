"""Rules about income and expenditure (B). The identities themselves are data: policy.toml, sums and balance."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district import District
from evalxl.policy import Policy
from evalxl.quantities import show_amount
from evalxl.rules.identities import (
    BOTH_SIDES,
    Held,
    any_unread,
    budgets,
    carry_over_given,
    held,
    tolerance,
    unread_amounts,
)
from evalxl.rules.rule import ERROR, INFO, WARNING, Judged, Operand, Scope, Verdict, rule
from evalxl.rules.slips import suspect

_SUM = "{actual}，{against} {expected}，{gap}（允许尾差 {tolerance}）。"
_RESTORE = "核对 {cells}；若合计被改写，请恢复公式。"


def _rows(records: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(records, columns=None if records else ["workbook", "row"])


def _record(each: Held) -> dict[str, Any]:
    lines, judgement = each.lines, each.judgement
    return {
        "workbook": lines.workbook, "row": lines.rows.get(each.at, float("nan")), "key": each.at,
        "field": lines.column, "against": each.against,
        "actual": judgement.total, "expected": judgement.expected, "tolerance": judgement.tolerance,
        "operands": each.operands,
    }  # fmt: skip


def _failed(d: District, p: Policy, identifier: str) -> pd.DataFrame:
    """The identities of one rule that fail by more than a rounding tail."""
    return _rows([_record(each) for each in held(d, p) if each.rule == identifier and each.judgement.failed])


def _judged(*identifiers: str) -> Judged:
    """How far the identities of some rules could be evaluated, by workbook."""

    def judged(identifiers: tuple[str, ...], d: District, p: Policy) -> pd.Series[str]:
        order = [Verdict.EVALUATED, Verdict.NOT_EVALUATED, Verdict.NOT_APPLICABLE]
        best: dict[str, Verdict] = {}
        for each in held(d, p):
            if each.rule in identifiers:
                known = best.get(each.lines.workbook, Verdict.NOT_APPLICABLE)
                best[each.lines.workbook] = min(known, each.judgement.verdict, key=order.index)
        return pd.Series(best, dtype=object)

    return partial(judged, identifiers)


@rule("B01", ERROR, "budget.final", message=_SUM, fix=_RESTORE, judged=_judged("B01"))
def expenditure_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """本年支出合计等于基本支出、项目支出、上缴上级支出、经营支出与对附属单位补助支出之和。
    理由：合计与各项不符，必有一数填错；四舍五入的尾差在允许范围内的不算错。
    依据：部门决算支出决算表；鹿泉区2023年度部门整体支出绩效自评报告。
    举例：基本支出 753.83、项目支出 105.33，本年支出合计填 859.61。
    处理：核对各项；合计由公式得出，被改写的请恢复公式。
    """
    return _failed(d, p, "B01")


@rule("B02", ERROR, "budget.final", message=_SUM, fix=_RESTORE, judged=_judged("B02"))
def income_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """本年收入合计等于财政拨款收入、上级补助收入、事业收入、经营收入、附属单位上缴收入与其他收入之和。
    理由：合计与各项不符，必有一数填错；四舍五入的尾差在允许范围内的不算错。
    依据：部门决算收入决算表；鹿泉区2023年度部门整体支出绩效自评报告。
    举例：财政拨款收入 859.16，其余为 0，本年收入合计填 895.16。
    处理：核对各项；合计由公式得出，被改写的请恢复公式。
    """
    return _failed(d, p, "B02")


@rule(
    "B03",
    ERROR,
    "budget.final",
    message=_SUM,
    fix="核对 {cells}；年初、年末结转和结余漏填的请补填。",
    judged=_judged("B03"),
)
def grand_totals_balance(d: District, p: Policy) -> pd.DataFrame:
    """决算数的收入总计等于支出总计，且各等于其组成之和。
    理由：本年收入与本年支出不必相等，加上年初、年末结转和结余后必须平衡。
    依据：部门决算收入支出决算总表。
    举例：本年收入 900、年初结转 10，本年支出 859.16、年末结转 0。
    处理：核对年初、年末结转和结余以及结余分配。
    """
    return _failed(d, p, "B03")


@rule(
    "B18",
    ERROR,
    "budget.revised",
    message=_SUM,
    fix="核对 {cells}；年初、年末结转和结余漏填的请补填。",
    judged=_judged("B18"),
)
def budgets_balance(d: District, p: Policy) -> pd.DataFrame:
    """年初预算数、全年预算数按收入性质与按支出性质加总的总计相等。
    理由：部门预算收支平衡，两种口径是同一笔资金。
    依据：部门整体支出绩效自评表“年度资金总额”一栏；部门预算收支总表。
    举例：全年预算数的收入总计 900，支出总计 880。
    处理：核对两侧各项预算数。
    """
    return _failed(d, p, "B18")


@rule("B06", WARNING, "budget.final", message=_SUM, fix="核对 {cells}。", judged=_judged("B06"))
def basic_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """基本支出等于人员经费与公用经费之和。
    理由：两项是基本支出的全部构成。
    依据：部门决算一般公共预算财政拨款基本支出决算表。
    举例：基本支出 753.83，人员经费 600、公用经费 150。
    处理：核对三个数。
    """
    return _failed(d, p, "B06")


@rule("B10", WARNING, "budget.final", message=_SUM, fix=_RESTORE, judged=_judged("B10"))
def three_public_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """三公经费合计等于因公出国（境）费、公务用车购置费、公务用车运行维护费与公务接待费之和。
    理由：三公经费对外公开，合计与分项不符会被质询。
    依据：部门决算“三公”经费支出决算表。
    举例：公务接待费 1.20、公务用车运行维护费 3.50，合计填 4.07。
    处理：核对各项；合计由公式得出，被改写的请恢复公式。
    """
    return _failed(d, p, "B10")


@rule("B09", INFO, "budget.final", message="{actual}，{against} {expected}，尾差 {gap}，在允许的 {tolerance} 以内。",
      fix="无须处理，属四舍五入。", judged=_judged("B01", "B02", "B03", "B06", "B10", "B18"))  # fmt: skip
def rounding_tails(d: District, p: Policy) -> pd.DataFrame:
    """合计与各项之和相差在允许尾差以内的，只作提示。
    理由：各数分别四舍五入到万元两位小数，合计会有零点零几的尾差；允许尾差为末位单位的一半乘以（加数个数＋1）。
    依据：万元取整的算术；已公开决算中常见 0.01 至 0.03 的尾差。
    举例：五项之和 859.14，合计 859.16，允许 0.03。
    处理：无须处理。
    """
    tails = [each for each in held(d, p) if each.judgement.verdict is Verdict.EVALUATED and not each.judgement.failed]
    return _rows([_record(each) for each in tails if each.judgement.difference])


@rule("B12", INFO, "budget.final", message="疑为{slip}：若为 {expected}，“{identity}”即平。", fix="请对照原始凭证核对这个数。",
      judged=_judged("B01", "B02", "B03", "B06", "B10", "B18"))  # fmt: skip
def looks_like_a_slip(d: District, p: Policy) -> pd.DataFrame:
    """合计关系不平、且只有一个数改动一处即可平衡的，指出这个数。
    理由：相邻数字颠倒、一位数字写错、多写或少写一个零，是最常见的录入差错。
    依据：差额能被 9 整除且数字相同（颠倒），或只差一位数字，或为十倍关系。
    举例：合计应为 859.16 而填 859.61。
    处理：对照原始凭证核对；这只是线索，以凭证为准。
    """
    records = []
    for each in held(d, p):
        found = suspect(each) if each.judgement.failed else None
        if found is not None:
            line = layout.BUDGET.line_by_key[each.at].label
            records.append(
                _record(each)
                | {
                    "row": found.operand.row, "key": f"{found.key}<{each.at}", "slip": found.slip,
                    "identity": f"{line}＝{each.against}", "actual": found.operand.value, "expected": found.correct,
                    "tolerance": float("nan"), "operands": [],
                }
            )  # fmt: skip
    return _rows(records)


@rule("B04", WARNING, "budget.final", message="{actual}，本年收入合计 {expected}，{gap}，而结转和结余各项均未填。",
      fix="请补填年初、年末结转和结余（没有填 0）；确无结转的，核对 {cells}。")  # fmt: skip
def carry_over_missing(d: District, p: Policy) -> pd.DataFrame:
    """本年收入合计与本年支出合计不等时，应填列结转和结余。
    理由：两者不必相等，但差额必有去处；结转和结余全空，无法判断收支是否平衡。
    依据：部门决算收入支出决算总表。
    举例：本年收入合计 900、本年支出合计 859.16，结转和结余各项空白。
    处理：补填年初结转和结余、年末结转和结余、结余分配。
    """
    income, expenditure = p.balance.income[0], p.balance.expenditure[0]
    failed = {(each.lines.workbook, each.lines.column, each.at) for each in held(d, p) if each.judgement.failed}
    judged = {(each.lines.workbook, each.lines.column) for each in held(d, p)
              if each.against == BOTH_SIDES and each.judgement.verdict is not Verdict.NOT_APPLICABLE}  # fmt: skip
    records = []
    for lines in budgets(d):
        place = (lines.workbook, lines.column)
        explained = {(*place, income), (*place, expenditure)} & failed
        if explained or place in judged or carry_over_given(lines, p) or {income, expenditure} - lines.stated.keys():
            continue
        amounts = [lines.stated[expenditure], lines.stated[income]]
        if abs(amounts[0] - amounts[1]) > tolerance(amounts, lines.ulp):
            records.append(
                {
                    "workbook": lines.workbook, "row": lines.rows[expenditure], "key": expenditure,
                    "field": lines.column, "actual": amounts[0], "expected": amounts[1],
                    "operands": [lines.operand(income)],
                }
            )  # fmt: skip
    return _rows(records)


_AMOUNTS = {"budget": ("initial", "revised", "final"), "projects": ("initial", "revised", "executed")}


@rule(
    "B05",
    ERROR,
    "budget.final",
    message="{actual} 是负数。",
    fix="请核对；收支金额不得为负，退回的款项冲减本项后填净额。",
)
def amounts_not_negative(d: District, p: Policy) -> pd.DataFrame:
    """收入、支出和项目金额不得为负数。
    理由：负数多为符号误填，会冲减合计而不易察觉。
    依据：各类绩效自评表表样。
    举例：其他收入填 -12.50。
    处理：核对原始凭证，填净额。
    """
    parts = []
    for sheet, fields in _AMOUNTS.items():
        for key in fields:
            table = d.table(sheet)
            rows = table[table[key] < 0]
            parts.append(rows.assign(sheet=sheet, field=key, actual=rows[key]))
    return pd.concat(parts)


@rule("B07", INFO, "budget.final", message="{found}。", fix="{remedy}。")
def parts_left_blank(d: District, p: Policy) -> pd.DataFrame:
    """合计的组成项空白的按 0 计并列明；各项全空而合计有数的，为错误；各项有数而合计空白的，为提醒。
    理由：空白不等于零，程序按 0 计算时应当让填报人知道。
    依据：部门决算报表填报要求；鹿泉区2023年度部门整体支出绩效自评报告。
    举例：上级补助收入空白，按 0 计入本年收入合计。
    处理：没有发生额的填 0。
    """
    unread = unread_amounts(d)
    records: list[dict[str, Any]] = []
    for lines in budgets(d):
        for each in p.sums:
            present = tuple(part for part in each.parts if part in lines.rows)
            if present and not any_unread(lines, (each.total, *present), unread):
                records += _blank_parts(lines, each.total, present, breakdown=each.breakdown)
    return _rows(records)


def _blank_parts(lines: Any, total: str, present: tuple[str, ...], *, breakdown: bool) -> Iterator[dict[str, Any]]:
    blanks = [part for part in present if part not in lines.stated]
    words = layout.BUDGET.line_by_key
    names = "、".join(words[part].label.removeprefix("其中：") for part in blanks)
    record = {"workbook": lines.workbook, "field": lines.column}
    if total in lines.stated and len(blanks) == len(present):
        if lines.stated[total] and not breakdown:
            yield record | {
                "row": lines.rows[total], "key": total, "severity": ERROR, "remedy": "请填写各项金额",
                "found": f"{show_amount(lines.stated[total])}，而{names}均未填",
            }  # fmt: skip
    elif blanks and len(blanks) < len(present):
        yield record | {
            "row": lines.rows[blanks[0]], "key": f"{blanks[0]}<{total}", "severity": INFO,
            "operands": [lines.operand(part)._replace(value=float("nan")) for part in blanks],
            "found": "未填，按 0 计" if len(blanks) == 1 else f"等 {len(blanks)} 项未填（{names}），按 0 计",
            "remedy": "没有发生额的请填 0",
        }  # fmt: skip
    if total in lines.rows and total not in lines.stated and len(blanks) < len(present):
        yield record | {
            "row": lines.rows[total], "key": total, "severity": WARNING, "remedy": "请填写合计，或恢复公式",
            "found": f"未填，而各项之和为 {show_amount(lines.add(present))}",
        }  # fmt: skip


@rule(
    "B08", WARNING, "budget.final", scope=Scope.DISTRICT, message="{found}，疑为元与万元混用。", fix="请核对金额单位。"
)
def units_not_mixed(d: District, p: Policy) -> pd.DataFrame:
    """同一事项的两个数不应恰好相差一万倍，部门的收支也不应超过本批中位数的一千倍。
    理由：这是把元填进万元栏（或相反）的典型表现。
    依据：已公开自评报告中单位混用的情形。
    举例：年初预算数 105.33，决算数 1053300。
    处理：核对金额单位，改正填错的数。
    """
    slips = pd.concat(
        [_pair_slips(d, p, sheet, first, second)
         for sheet, (a, b, c) in _AMOUNTS.items() for first, second in ((a, b), (a, c), (b, c))]
    )  # fmt: skip
    # A whole column in the wrong unit is one mistake: its first line stands for all.
    first = slips.sort_values(["workbook", "row"], kind="stable").drop_duplicates(["workbook", "sheet"])
    return pd.concat([first, _projects_in_another_unit(d, p), _outliers(d, p)])


def _pair_slips(d: District, p: Policy, sheet: str, first: str, second: str) -> pd.DataFrame:
    table = d.table(sheet)
    rows = table[[_ratio_slip(a, b, p) for a, b in zip(table[first], table[second], strict=True)]]
    header = layout.BY_KEY[sheet].by_key[first].header
    found = [
        f"{show_amount(b)}，{header} {show_amount(a)}，两者相差约一万倍"
        for a, b in zip(rows[first], rows[second], strict=True)
    ]
    return rows.assign(sheet=sheet, field=second, found=found)


def _ratio_slip(first: float, second: float, p: Policy) -> bool:
    if not (first > 0 and second > 0):
        return False
    ratio = max(first, second) / min(first, second) / 10_000
    return abs(ratio - 1) <= p.value("unit_slip")


def _projects_in_another_unit(d: District, p: Policy) -> pd.DataFrame:
    sums = d.projects.groupby("workbook")["executed"].sum(min_count=1)
    lines = d.budget[d.budget["key"] == "project"]
    lines = lines.assign(executed=lines["workbook"].map(sums))
    rows = lines[[_ratio_slip(a, b, p) for a, b in zip(lines["final"], lines["executed"], strict=True)]]
    return rows.assign(field="final", found=[
        f"{show_amount(a)}，《项目》表全年执行数之和 {show_amount(b)}，两者相差约一万倍"
        for a, b in zip(rows["final"], rows["executed"], strict=True)])  # fmt: skip


def _outliers(d: District, p: Policy) -> pd.DataFrame:
    """Departments whose year is out of all proportion to the batch; fewer than three prove nothing."""
    totals = d.budget[d.budget["key"] == p.balance.expenditure[0]]
    given = totals[totals["final"] > 0]
    median = given["final"].median()
    rows = given[given["final"] > median * p.value("outlier")] if len(given) > 2 else given.iloc[:0]
    return rows.assign(field="final", found=[
        f"{show_amount(value)}，超过本批各部门中位数 {show_amount(median)} 的 {p.value('outlier'):.0f} 倍"
        for value in rows["final"]])  # fmt: skip


@rule("B15", WARNING, "budget.final", message="{actual}，《项目》表全年执行数之和 {expected}，{gap}（允许尾差 {tolerance}）。",
      fix="核对《项目》表是否列全、执行数是否正确，以及 {cells}。")  # fmt: skip
def projects_add_up(d: District, p: Policy) -> pd.DataFrame:
    """预算表的项目支出等于项目表全年执行数之和。
    理由：自评应覆盖全部项目支出，两表之差就是漏列的项目或填错的数。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；财预〔2020〕10号。
    举例：项目支出 105.33，《项目》表执行数合计 95.33。任一项目执行数空白的，不作比较。
    处理：补列漏掉的项目，或更正执行数。
    """
    records = []
    projects = dict(iter(d.projects.groupby("workbook", sort=False)))
    ulps = dict(zip(d.workbooks["workbook"], d.workbooks["ulp"], strict=True))
    lines = d.budget[(d.budget["key"] == "project") & d.budget["final"].notna()]
    for line in lines.to_dict("records"):
        rows = projects.get(line["workbook"])
        if rows is None or rows["executed"].isna().any():
            continue
        executed = rows["executed"].to_list()
        allowed = tolerance([line["final"], *executed], ulps[line["workbook"]])
        slip = _ratio_slip(line["final"], sum(executed), p)  # then B08 has said it
        if abs(line["final"] - sum(executed)) > allowed and not slip:
            operands = [
                Operand("projects", "executed", row, name, value)
                for row, name, value in zip(rows["row"], rows["name"], executed, strict=True)
            ]
            records.append(
                line | {"actual": line["final"], "expected": sum(executed), "tolerance": allowed, "operands": operands}
            )
    return _rows(records)
