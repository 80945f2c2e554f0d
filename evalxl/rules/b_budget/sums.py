"""Rules about income and expenditure (B). The identities themselves are data: policy.toml, sums and balance."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Verdict
from evalxl.district.tables import District
from evalxl.facts.identities import (
    BOTH_SIDES,
    IdentityCheck,
    budgets,
    carry_over_given,
    checks_by_rule,
    finals_given,
    identity_checks,
    tolerance,
    unfilled,
)
from evalxl.facts.slips import suspect
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, Verdicts, rule, table_of

_SUM = "{actual}，{against} {expected}，{gap}（允许尾差 {tolerance}）。"
_RESTORE = "核对 {cells}；若合计被改写，请恢复公式。"
_CARRY_OVER = "核对 {cells}；{remedy}。"


def _record(each: IdentityCheck) -> dict[str, Any]:
    lines, judgement = each.lines, each.judgement
    return {
        "workbook": lines.workbook,
        "row": lines.rows.get(each.at, float("nan")),
        "key": each.at,
        "field": lines.column,
        "against": each.against,
        "actual": judgement.total,
        "expected": judgement.expected,
        "tolerance": judgement.tolerance,
        "operands": each.operands,
        "remedy": _remedy(each),
    }


def _remedy(each: IdentityCheck) -> str:
    if each.against != BOTH_SIDES:
        return "若合计被改写，请恢复公式"
    blanks = [key for key, _ in each.figures if key in each.lines.rows and key not in each.lines.stated]
    names = "、".join(layout.BUDGET.line_by_key[key].label for key in blanks)
    if blanks:
        return f"{names}未填，相加时没有计入，漏填的请补填"
    return "收入、支出各项和年初、年末结转和结余是否填对，也请核对"


def _failed(d: District, p: Policy, identifier: str) -> pd.DataFrame:
    """The identities of one rule that fail by more than a rounding tail."""
    return table_of([_record(each) for each in checks_by_rule(d, p).get(identifier, ()) if each.judgement.failed])


_FIRST = (Verdict.EVALUATED, Verdict.NOT_EVALUATED, Verdict.NOT_APPLICABLE)  # the first that any identity has counts


def _judged(*identifiers: str) -> Verdicts:
    """How far the identities of some rules could be evaluated, by workbook; not at all where no final amount is given."""

    def judged(identifiers: tuple[str, ...], d: District, p: Policy) -> dict[str, Verdict]:
        best: dict[str, Verdict] = {}
        some = [each for rule in identifiers for each in checks_by_rule(d, p).get(rule, ())]
        for each in some:
            known = best.get(each.lines.workbook, Verdict.NOT_APPLICABLE)
            best[each.lines.workbook] = min(known, each.judgement.verdict, key=_FIRST.index)
        empty = {each.lines.workbook for each in some if each.lines.column == "final"} & unfilled(d)
        return best | dict.fromkeys(empty, Verdict.NOT_EVALUATED)

    return partial(judged, identifiers)


IDENTITIES = frozenset({"B01", "B02", "B03", "B06", "B10", "B18"})  # the rules that an identity of the policy may name


@rule("B01", ERROR, "budget.final", message=_SUM, fix=_RESTORE, judged=_judged("B01"))
def expenditure_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """本年支出合计等于基本支出、项目支出、上缴上级支出、经营支出与对附属单位补助支出之和。
    理由：合计与各项不符，必有一数填错；四舍五入的尾差在允许范围内的不算错。
    依据：部门决算支出决算表；鹿泉区2023年度部门整体支出绩效自评报告。
    举例：基本支出 753.83、项目支出 105.33，本年支出合计填 859.61。
    处理：核对各项；合计由公式得出，被改写的请恢复公式。
    局限：两项各错一数而恰好抵消的，看不出来。
    """
    return _failed(d, p, "B01")


@rule("B02", ERROR, "budget.final", message=_SUM, fix=_RESTORE, judged=_judged("B02"))
def income_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """本年收入合计等于财政拨款收入、上级补助收入、事业收入、经营收入、附属单位上缴收入与其他收入之和。
    理由：合计与各项不符，必有一数填错；四舍五入的尾差在允许范围内的不算错。
    依据：部门决算收入决算表；鹿泉区2023年度部门整体支出绩效自评报告。
    举例：财政拨款收入 859.16，其余为 0，本年收入合计填 895.16。
    处理：核对各项；合计由公式得出，被改写的请恢复公式。
    局限：两项各错一数而恰好抵消的，看不出来。
    """
    return _failed(d, p, "B02")


@rule(
    "B03",
    ERROR,
    "budget.final",
    message=_SUM,
    fix=_CARRY_OVER,
    judged=_judged("B03"),
)
def grand_totals_balance(d: District, p: Policy) -> pd.DataFrame:
    """决算数的收入总计等于支出总计，且各等于其组成之和。
    理由：本年收入与本年支出不必相等，加上年初、年末结转和结余后必须平衡。
    依据：部门决算收入支出决算总表。
    举例：本年收入 900、年初结转 10，本年支出 859.16、年末结转 0。
    处理：核对年初、年末结转和结余以及结余分配。
    局限：收支两边同错一数的，看不出来。
    """
    return _failed(d, p, "B03")


@rule(
    "B18",
    ERROR,
    "budget.revised",
    message=_SUM,
    fix=_CARRY_OVER,
    judged=_judged("B18"),
)
def budgets_balance(d: District, p: Policy) -> pd.DataFrame:
    """年初预算数、全年预算数按收入性质与按支出性质加总的总计相等。
    理由：部门预算收支平衡，两种口径是同一笔资金。
    依据：部门整体支出绩效自评表“年度资金总额”一栏；部门预算收支总表。
    举例：全年预算数的收入总计 900，支出总计 880。
    处理：核对两侧各项预算数。
    局限：年初、全年预算收支同错的，看不出来。
    """
    return _failed(d, p, "B18")


@rule("B06", WARNING, "budget.final", message=_SUM, fix="核对 {cells}。", judged=_judged("B06"))
def basic_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """基本支出等于人员经费与公用经费之和。
    理由：两项是基本支出的全部构成。
    依据：部门决算一般公共预算财政拨款基本支出决算表。
    举例：基本支出 753.83，人员经费 600、公用经费 150。
    处理：核对三个数。
    局限：人员经费与公用经费互相串列的，看不出来。
    """
    return _failed(d, p, "B06")


@rule("B10", WARNING, "budget.final", message=_SUM, fix=_RESTORE, judged=_judged("B10"))
def three_public_adds_up(d: District, p: Policy) -> pd.DataFrame:
    """三公经费合计等于因公出国（境）费、公务用车购置费、公务用车运行维护费与公务接待费之和。
    理由：三公经费对外公开，合计与分项不符会被质询。
    依据：部门决算“三公”经费支出决算表。
    举例：公务接待费 1.20、公务用车运行维护费 3.50，合计填 4.07。
    处理：核对各项；合计由公式得出，被改写的请恢复公式。
    局限：归错明细而合计不变的，看不出来。
    """
    return _failed(d, p, "B10")


@rule(
    "B09",
    INFO,
    "budget.final",
    message="{actual}，{against} {expected}，{gap}，在允许尾差 {tolerance} 以内。",
    fix="无须处理，属四舍五入。",
    judged=_judged(*IDENTITIES),
)
def rounding_tails(d: District, p: Policy) -> pd.DataFrame:
    """合计与各项之和相差在允许尾差以内的，只作提示。
    理由：各数分别四舍五入到万元两位小数，合计会有零点零几的尾差；允许尾差为末位单位的一半乘以（加数个数＋1）。
    依据：万元取整的算术；已公开决算中常见 0.01 至 0.03 的尾差。
    举例：五项之和 859.14，合计 859.16，允许 0.03。
    处理：无须处理。
    局限：尾差是四舍五入还是真错，程序不能分辨。
    """
    tails = [
        each for each in identity_checks(d, p) if each.judgement.verdict is Verdict.EVALUATED and not each.judgement.failed
        if each.judgement.difference
    ]  # fmt: skip
    # The tail of a total runs on into the balance; it is told once.
    own = {(*each.place, abs(each.judgement.difference)) for each in tails if each.against != BOTH_SIDES}
    return table_of(
        [
            _record(each)
            for each in tails
            if each.against != BOTH_SIDES or (*each.place, abs(each.judgement.difference)) not in own
        ]
    )


@rule(
    "B12",
    INFO,
    "budget.final",
    message="疑为{slip}：若为 {expected}，“{identity}”即平。",
    fix="请对照原始凭证核对这个数。",
    judged=_judged(*IDENTITIES),
)
def looks_like_a_slip(d: District, p: Policy) -> pd.DataFrame:
    """合计关系不平、且只有一个数改动一处即可平衡的，指出这个数。
    理由：相邻数字颠倒、一位数字写错、多写或少写一个零，是最常见的录入差错。
    合计等于其各项之和的，错不在合计，在各项中找。
    依据：差额能被 9 整除且数字相同（颠倒），或只差一位数字，或为十倍关系。
    举例：合计应为 859.16 而填 859.61。
    处理：对照原始凭证核对；这只是线索，以凭证为准。
    局限：只试改动一个数；两处都错的指不出来；合计的各项中只认颠倒和十倍，不认一位数字。
    """
    records = []
    notes = d.notes[(d.notes["kind"] == "normalised") & (d.notes["sheet"] == "budget")]
    # A number typed as text is left out by the sheet's own totals; that is the slip, and F04 has told it.
    texts = set(zip(notes["workbook"], notes["field"], strict=True))
    holding: dict[tuple[str, str], dict[str, IdentityCheck]] = defaultdict(dict)
    for each in identity_checks(d, p):
        holds = each.judgement.verdict is Verdict.EVALUATED and not each.judgement.failed
        if holds and each.against != BOTH_SIDES:
            holding[each.place][each.at] = each
    for each in identity_checks(d, p):
        found = suspect(each, holding[each.place]) if each.judgement.failed and each.place not in texts else None
        if found is not None:
            line = layout.BUDGET.line_by_key[each.at].label
            records.append(
                _record(each)
                | {
                    "row": found.operand.row,
                    "key": f"{found.key}<{each.at}",
                    "slip": found.slip,
                    "identity": f"{line}＝{each.against}",
                    "actual": found.operand.value,
                    "expected": found.correct,
                    "tolerance": float("nan"),
                    "operands": [],
                }
            )
    return table_of(records)


@rule(
    "B04",
    WARNING,
    "budget.final",
    message="{actual}，本年收入合计 {expected}，{gap}，而结转和结余各项均未填。",
    fix="请补填年初、年末结转和结余（没有填 0）；确无结转的，核对 {cells}。",
    judged=finals_given,
)
def carry_over_missing(d: District, p: Policy) -> pd.DataFrame:
    """本年收入合计与本年支出合计不等时，应填列结转和结余。
    理由：两者不必相等，但差额必有去处；结转和结余全空，无法判断收支是否平衡。收入总计与支出总计相等的，也要填明差额的去处；不相等的见规则 B03。
    依据：部门决算收入支出决算总表。
    举例：本年收入合计 900、本年支出合计 859.16，结转和结余各项空白。
    处理：补填年初结转和结余、年末结转和结余、结余分配。
    局限：结转和结余填错而收支恰好相等的，看不出来。
    """
    income, expenditure = p.balance.income[0], p.balance.expenditure[0]
    failed = {(*each.place, each.at) for each in identity_checks(d, p) if each.judgement.failed}
    told = {
        each.place
        for each in identity_checks(d, p)
        if each.against == BOTH_SIDES and (each.judgement.failed or each.judgement.verdict is Verdict.NOT_EVALUATED)
    }
    records = []
    for lines in budgets(d):
        place = (lines.workbook, lines.column)
        explained = {(*place, income), (*place, expenditure)} & failed
        if explained or place in told or carry_over_given(lines, p) or {income, expenditure} - lines.stated.keys():
            continue
        amounts = [lines.stated[expenditure], lines.stated[income]]
        if abs(amounts[0] - amounts[1]) > tolerance(amounts, lines.ulp):
            records.append(
                {
                    "workbook": lines.workbook,
                    "row": lines.rows[expenditure],
                    "key": expenditure,
                    "field": lines.column,
                    "actual": amounts[0],
                    "expected": amounts[1],
                    "operands": [lines.operand(income)],
                }
            )
    return table_of(records)
