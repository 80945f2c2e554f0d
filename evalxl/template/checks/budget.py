"""The check beside each line of 预算: sums, balance, the tie to the projects, units of money, plain numbers."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl import layout
from evalxl.layout import AMOUNTS, BUDGET, NARRATIVE, PROJECTS, UNITS, cell, template_cell
from evalxl.policy.parts import Sum
from evalxl.policy.policy import Policy
from evalxl.template.checks.verdicts import HALF_UNIT, PER_UNIT, Check, more_or_less, pieces, say, says_nothing, verdict
from evalxl.template.entries import parts_of_totals
from evalxl.template.references import away, column_away, lines, runs

NOT_NUMBERS = "金额须为纯数字"
MOST = 9 * 10**9  # 万元: no department spends as much
TYPED_TOTALS = '{"合计","总计","小计","共计"}'  # names of rows that are no projects
TELLINGS = "evalxl_tellings"  # the name of the cell that counts them
_CONTROLLED = ("operating", "three_public")
_PARTS = ("three_public", "procurement")  # of the year's expenditure, and of no other sum that would tell
_ADJUSTED = (
    "追加",
    "追减",
    "调增",
    "调减",
    "调整",
    "划转",
    "划入",
    "转隶",
    "新组建",
    "新成立",
    "机构改革",
    "年中",
    "上级",
)


def line_checks(policy: Policy) -> dict[str, list[Check]]:
    """The checks of each line, whether the policy asks them or not."""
    found = {line.key: [*_numbers(line.key), *_units(line.key, policy)] for line in BUDGET.lines}
    for identity in policy.sums:
        found[identity.total] += _sum(identity)
    balance = policy.balance
    for total, parts in policy.grand_totals.items():
        found[total] += _sum(Sum(rule="B03", total=total, parts=parts))
    found[balance.expenditure_grand] += [_balance(policy, column) for column in layout.AMOUNT_COLUMNS]
    found["project"].append(_tie())
    for line in _CONTROLLED:
        found[line].append(_overspent(line))
    for line in _PARTS:
        found[line] += [_part(line, column, balance.expenditure[0]) for column in layout.AMOUNT_COLUMNS]
    found[balance.expenditure[0]].append(_adjusted(balance.expenditure[0], policy))
    found["personnel"].append(_per_head(policy))
    found[balance.expenditure[0]].append(_small(balance.expenditure[0], policy))
    return found


def budget_checks(policy: Policy) -> dict[str, str]:
    """The formula beside each line: nothing while the line is blank, and √ only where there is a sum to agree."""
    totals = parts_of_totals(policy)
    formulas = {}
    for line, checks in line_checks(policy).items():
        keys = [line, *totals.get(line, ())]
        entered = ",".join(lines(keys, BUDGET.column(column)) for column in layout.AMOUNT_COLUMNS)
        agrees = line in totals or line == "project"
        said = verdict(pieces(checks, policy)) if agrees else f"MID({'&'.join(pieces(checks, policy))},2,200)"
        formulas[line] = f'IF({"COUNT" if line in totals else "COUNTA"}({entered})=0,"",{said})'
    return formulas


def figure(line: str, column: str) -> str:
    """The cell of a line in one of the amount columns."""
    return cell(BUDGET.row(line), BUDGET.column(column))


def _numbers(line: str) -> Iterator[Check]:
    spans = runs(BUDGET.column(key) for key in layout.AMOUNT_COLUMNS)
    blocks = [f"{cell(BUDGET.row(line), first)}:{cell(BUDGET.row(line), last)}" for first, last in spans]
    texts, below, above = (
        "+".join(each.format(block) for block in blocks)
        for each in (
            'SUMPRODUCT(ISTEXT({0})*({0}<>""))', 'COUNTIF({0},"<0")', f'COUNTIF({{0}},">="&{MOST}*{PER_UNIT})'
        )
    )  # fmt: skip
    yield Check("F03 F04", f"{texts}>0", say(f"{NOT_NUMBERS}，请删去文字和单位"))
    yield Check("B05", f"{below}>0", say("金额不能为负数"))
    yield Check("F03", f"{above}>0", say("金额大得不合常理，请核对"))


def _units(line: str, policy: Policy) -> Iterator[Check]:
    """Two columns ten thousand times apart, as 元 and 万元 are."""
    allowed, (initial, revised, final) = policy.value("unit_slip"), AMOUNTS
    pairs = ((initial, revised, 10_000), (initial, final, 10_000), (revised, final, 10_000), (revised, final, 1_000))
    apart = [_apart(figure(line, one), figure(line, other), times, allowed) for one, other, times in pairs]
    yield Check("B08", f"OR({','.join(apart)})", say("两栏相差约一万倍或一千倍，疑为元与万元混用"))


def _apart(one: str, other: str, times: int, allowed: float) -> str:
    ratio = f"MAX({one},{other})/MIN({one},{other})/{times}"
    return f"IF(AND(COUNT({one},{other})=2,MIN({one},{other})>0),ABS({ratio}-1)<={allowed:g},FALSE)"


def _sum(identity: Sum) -> Iterator[Check]:
    """A total against its parts, once for each amount column."""
    for key in layout.AMOUNT_COLUMNS:
        parts = lines(identity.parts, BUDGET.column(key))
        difference = f"ROUND(N({figure(identity.total, key)})-SUM({parts}),6)"
        condition = f"ABS({difference})>{HALF_UNIT}*{len(identity.parts) + 1}"
        if identity.breakdown:
            condition = f"AND(COUNT({parts})>0,{condition})"
        words = f"{say(f'{BUDGET.by_key[key].header}：比各项之和')}&{more_or_less(difference)}"
        yield Check(f"{identity.rule} B07", condition, words)


def _balance(policy: Policy, key: str) -> Check:
    """Income with what is carried in against expenditure with what is carried out, in one amount column."""
    balance = policy.balance
    income, expenditure = figure(balance.income_grand, key), figure(balance.expenditure_grand, key)
    carried = lines([*balance.income[1:], *balance.expenditure[1:]], BUDGET.column(key))
    difference = f"ROUND(N({income})-N({expenditure}),6)"
    tolerance = f"{HALF_UNIT}*{len(balance.income) + len(balance.expenditure)}"
    labels = [BUDGET.line_by_key[line].label for line in (balance.income_grand, balance.expenditure_grand)]
    advice = f'IF(COUNT({carried})=0,"（如有年初结转或年末结转请填写）","")'
    said = say(f"{BUDGET.by_key[key].header}：{labels[0]}比{labels[1]}")
    words = f"{said}&{more_or_less(difference)}&{advice}"
    return Check("B03 B04 B18", f"AND(COUNT({income},{expenditure})=2,ABS({difference})>{tolerance})", words)


def projects_difference() -> tuple[str, str, str]:
    """项目支出 less the sum of 全年执行数, the condition that both are filled in, and the rounding tail to allow."""
    stated = away(BUDGET, template_cell(BUDGET, "final", "project"))
    names, executed = column_away(PROJECTS, "name"), column_away(PROJECTS, "executed")
    return (
        f"ROUND(N({stated})-{executed_sum()},6)",
        f"AND(COUNT({stated})=1,OR(COUNT({executed})>0,COUNTA({names})=0))",
        f"{HALF_UNIT}*(COUNT({executed})+1)",
    )


def executed_sum() -> str:
    """What all projects have spent, without a total that was typed below them."""
    names, executed = column_away(PROJECTS, "name"), column_away(PROJECTS, "executed")
    return f"(SUM({executed})-SUMPRODUCT(SUMIF({names},{TYPED_TOTALS},{executed})))"


def _tie() -> Check:
    difference, both, tolerance = projects_difference()
    words = f'"决算数：比《{PROJECTS.title}》表全年执行数之和"&{more_or_less(difference)}'
    return Check("B15", f"IF({both},ABS({difference})>{tolerance},FALSE)", words)


def _overspent(line: str) -> Check:
    revised, final = figure(line, "revised"), figure(line, "final")
    return Check(
        "B19", f"AND(N({revised})>0,N({final})>N({revised}))", say("决算数超过全年预算数，请核对；确属超支的另附说明")
    )


def _part(line: str, column: str, whole: str) -> Check:
    part, total = figure(line, column), figure(whole, column)
    header = BUDGET.by_key[column].header
    return Check("B08", f"AND(N({total})>0,N({part})>N({total}))", say(f"{header}大于本年支出合计，疑为金额单位不同"))


def _adjusted(line: str, policy: Policy) -> Check:
    initial, revised, note = (figure(line, column) for column in ("initial", "revised", "note"))
    rate = policy.value("adjustment_rate")
    large = f"IF(AND(N({initial})>0,COUNT({revised})=1),ABS({revised}-{initial})/{initial}>{rate:g}+0.000000001,FALSE)"
    words = say(f"全年预算数比年初调整超过 {rate:.0%}，请在备注写明原因")
    return Check("B20", f"AND({large},{says_nothing(note)},{TELLINGS}=0)", words)


def tellings() -> str:
    """How many texts tell of a change of the budget during the year; it stands on the list sheet."""
    texts = (column_away(NARRATIVE, "overview"), column_away(BUDGET, "note"))
    counts = [f'COUNTIF({text},"*{word}*")' for text in texts for word in _ADJUSTED]
    return "+".join(counts)


def _per_head(policy: Policy) -> Check:
    final, staff = figure("personnel", "final"), f"SUM({column_away(UNITS, 'staff')})"
    least, most = (f"{policy.value(name):g}*{PER_UNIT}" for name in ("least_per_head", "most_per_head"))
    far = f"OR({final}/{staff}>{most},{final}/{staff}<{least})"
    return Check("B08", f"IF(AND({staff}>0,N({final})>0),{far},FALSE)", say("按在职人数平均不合常理，疑为金额单位填错"))


def _small(line: str, policy: Policy) -> Check:
    """A whole year that comes to next to nothing in yuan."""
    final, least = figure(line, "final"), policy.value("least_spending")
    condition = f"AND({PER_UNIT}>1,N({final})>0,N({final})<{least:g}*{PER_UNIT})"
    return Check("B08", condition, say("金额单位选的是元，而全年支出太小，请核对金额单位"))


def blank_finals(policy: Policy) -> str:
    """How many lines of 决算数 are still blank; the totals are formulas and do not count."""
    computed = parts_of_totals(policy)
    keys = [line.key for line in BUDGET.lines if line.key not in computed]
    return f"({len(keys)}-COUNTA({lines(keys, BUDGET.column('final'))}))"
