"""The live checks: formulas that say in words what does not agree, while the accountant fills in.

Every verdict begins with a symbol: √ agrees, × does not agree, ○ is not finished. They ask what the rules ask
afterwards, as far as functions of Excel 2010, WPS and LibreOffice reach.
"""

from __future__ import annotations

from evalxl import layout
from evalxl.layout import BUDGET, GENERAL, INDICATORS, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Sheet, cell, template_cell
from evalxl.policy.parts import Sum
from evalxl.policy.policy import Policy
from evalxl.template.entries import parts_of_totals
from evalxl.template.references import (
    away,
    checks_of,
    column_away,
    column_of,
    field_away,
    fields_in_row,
    in_row,
    lines,
    verdict_cell,
)
from evalxl.values.kinds import Kind

PASSED, FAILED, UNFINISHED = "√", "×", "○"  # all in GBK
BAND_FROM, BAND_GRADE = "band_from", "band_grade"
TALLY_FAILED, TALLY_UNFINISHED = "tally_failed", "tally_unfinished"
PRINTED_PROJECTS = 35  # rows of 项目 in the print area; nobody wants pages of blank rows

OVERSPENT = "全年执行数大于全年预算数"
UNBUDGETED = "有执行数而无全年预算数"
NOT_NUMBERS = "金额须为纯数字"
UNEXPLAINED = "须填偏差原因"
SCORE_WRONG = "自评得分须为"
GRADE_WRONG = "评价等级应为"
REPEATED = "项目重复"

HALF_UNIT = "evalxl_half_unit"  # what rounding may leave for each figure: half of 0.01 万元, or half a 元


def half_unit() -> str:
    """The rounding tail to allow for each figure, by the workbook's unit of money."""
    return f'IF({field_away(GENERAL, "money_unit")}="元",0.5,0.005)'


def _when(condition: str, symbol: str, words: str) -> str:
    """A piece of a verdict: its words, a string or a formula, where the condition holds."""
    return f'IF({condition},"；{symbol} "&{words},"")'


def _say(words: str) -> str:
    return f'"{words}"'


def _verdict(pieces: list[str], passed: str = PASSED) -> str:
    """All pieces that apply, or what is said when none does."""
    return f'SUBSTITUTE("{passed}"&{"&".join(pieces)},"{passed}；","")'


def _amount(formula: str) -> str:
    return f'TEXT({formula},"#,##0.00####")'


def _more_or_less(difference: str) -> str:
    return f'IF({difference}>0,"多 ","少 ")&{_amount(f"ABS({difference})")}'


def grade_of(score: str) -> str:
    """The grade that a score earns, by the bands on the list sheet."""
    return f"LOOKUP(ROUND({score},2),{BAND_FROM},{BAND_GRADE})"


# ---------------------------------------------------------------- 预算


def budget_checks(policy: Policy) -> dict[str, str]:
    """The check beside each line of the budget: sums, balance, the tie to the projects, and plain numbers elsewhere."""
    formulas = {line.key: _plain_numbers(line.key) for line in BUDGET.lines}
    for identity in policy.sums:
        formulas[identity.total] = _line_verdict([identity.total, *identity.parts], _sum_pieces(identity))
    balance = policy.balance
    for total, parts in ((balance.income_grand, balance.income), (balance.expenditure_grand, balance.expenditure)):
        pieces = _sum_pieces(Sum(rule="", total=total, parts=parts))
        if total == balance.expenditure_grand:
            pieces += [_balance_piece(policy, column) for column in layout.AMOUNT_COLUMNS]
        formulas[total] = _line_verdict([total, *parts], pieces)
    formulas["project"] = _projects_tie()
    return formulas


def _line_verdict(keys: list[str], pieces: list[str]) -> str:
    numbers = ",".join(lines(keys, BUDGET.column(column)) for column in layout.AMOUNT_COLUMNS)
    return f'IF(COUNT({numbers})=0,"",{_verdict(pieces)})'


def _sum_pieces(identity: Sum) -> list[str]:
    """A total against its parts, once for each amount column."""
    pieces = []
    for key in layout.AMOUNT_COLUMNS:
        column = BUDGET.column(key)
        parts = lines(identity.parts, column)
        difference = f"ROUND(N({cell(BUDGET.row(identity.total), column)})-SUM({parts}),6)"
        tolerance = f"{HALF_UNIT}*{len(identity.parts) + 1}"
        condition = f"ABS({difference})>{tolerance}"
        if identity.breakdown:
            condition = f"AND(COUNT({parts})>0,{condition})"
        words = f'"{BUDGET.by_key[key].header}：比各项之和"&{_more_or_less(difference)}'
        pieces.append(_when(condition, FAILED, words))
    return pieces


def _balance_piece(policy: Policy, key: str) -> str:
    """Income with what is carried in against expenditure with what is carried out, in one amount column."""
    balance, column = policy.balance, BUDGET.column(key)
    income = cell(BUDGET.row(balance.income_grand), column)
    expenditure = cell(BUDGET.row(balance.expenditure_grand), column)
    carried = lines([*balance.income[1:], *balance.expenditure[1:]], column)
    difference = f"ROUND(N({income})-N({expenditure}),6)"
    tolerance = f"{HALF_UNIT}*{len(balance.income) + len(balance.expenditure)}"
    condition = f"AND(COUNT({income},{expenditure})=2,ABS({difference})>{tolerance})"
    labels = [BUDGET.line_by_key[line].label for line in (balance.income_grand, balance.expenditure_grand)]
    advice = f'IF(COUNT({carried})=0,"（如有年初结转或年末结转请填写）","")'
    words = f'"{BUDGET.by_key[key].header}：{labels[0]}比{labels[1]}"&{_more_or_less(difference)}&{advice}'
    return _when(condition, FAILED, words)


def _plain_numbers(line: str) -> str:
    amounts = [
        cell(BUDGET.row(line), BUDGET.column(key)) for key in (layout.AMOUNT_COLUMNS[0], layout.AMOUNT_COLUMNS[-1])
    ]
    cells = ":".join(amounts)
    negative = f'IF(COUNTIF({cells},"<0")>0,"{FAILED} 金额不能为负数","")'
    return f'IF(COUNTA({cells})>COUNT({cells}),"{FAILED} {NOT_NUMBERS}，请删去文字和单位",{negative})'


def _projects_difference() -> tuple[str, str]:
    """项目支出 less the sum of 全年执行数, and the condition that both are given."""
    stated = away(BUDGET, template_cell(BUDGET, "final", "project"))
    names = column_away(PROJECTS, "name")
    executed = column_away(PROJECTS, "executed")
    return (
        f"ROUND(N({stated})-SUM({executed}),6)",
        f"AND(COUNT({stated})=1,OR(COUNT({executed})>0,COUNTA({names})=0))",
    )


def _projects_tolerance() -> str:
    return f"{HALF_UNIT}*(COUNT({column_away(PROJECTS, 'executed')})+1)"


def _projects_tie() -> str:
    difference, both = _projects_difference()
    words = f'"决算数：比《{PROJECTS.title}》表全年执行数之和"&{_more_or_less(difference)}'
    failed = f'IF(ABS({difference})>{_projects_tolerance()},"{FAILED} "&{words},"{PASSED}")'
    return f"IF({both},{failed},{_plain_numbers('project')})"


def _blank_finals(policy: Policy) -> str:
    """How many lines of 决算数 are still blank; the totals are formulas and do not count."""
    computed = parts_of_totals(policy)
    keys = [line.key for line in BUDGET.lines if line.key not in computed]
    return f"({len(keys)}-COUNTA({lines(keys, BUDGET.column('final'))}))"


def _budget_line(policy: Policy) -> str:
    failed, blank = f'COUNTIF({checks_of(BUDGET)},"*{FAILED}*")', _blank_finals(policy)
    pieces = [
        _when(f"{failed}>0", FAILED, f'{failed}&" 处不符，见右侧核对栏"'),
        _when(f"{blank}>0", UNFINISHED, f'"决算数还有 "&{blank}&" 行未填（没有发生额填 0）"'),
    ]
    return _verdict(pieces, f"{PASSED} 各项合计和收支平衡核对通过")


# ---------------------------------------------------------------- 项目


def project_check(row: int, policy: Policy) -> str:
    """The check beside one project."""
    name, unit, revised, executed, rate, score, grade, cause = (
        in_row(PROJECTS, key, row) for key in ("name", "unit", "revised", "executed", "rate", "score", "grade", "cause")
    )
    amounts = fields_in_row(PROJECTS, (each.key for each in PROJECTS.fields if each.kind is Kind.AMOUNT), row)
    keys = (each.key for each in PROJECTS.fields if each.key != "index" and not each.computed)
    entered = f"COUNTA({fields_in_row(PROJECTS, keys, row)})"
    same = f"SUMPRODUCT(({column_of(PROJECTS, 'name')}={name})*({column_of(PROJECTS, 'unit')}={unit}))"
    pieces = [
        _when(f"COUNTA({amounts})>COUNT({amounts})", FAILED, _say(NOT_NUMBERS)),
        _when(f"ROUND(N({executed})-N({revised}),6)>0", FAILED, f'IF(N({revised})=0,"{UNBUDGETED}","{OVERSPENT}")'),
        f'IF(ISNUMBER({rate}),{_unexplained(rate, cause, policy.value("explain_rate"))},"")',
        f'IF({score}="","；{UNFINISHED} 缺自评得分",{_score_piece(score, grade)})',
        f'IF({name}="","；{UNFINISHED} 缺项目名称",{_when(f"{same}>1", FAILED, _say(REPEATED))})',
        _when(f"COUNTA({amounts})=0", UNFINISHED, _say("缺预算数和执行数")),
    ]
    return f'IF({entered}=0,"",{_verdict(pieces)})'


def _unexplained(rate: str, cause: str, low: float) -> str:
    return _when(f'AND({rate}<{low:g},{cause}="")', FAILED, _say(f"执行率低于 {low:.0%}，{UNEXPLAINED}"))


def _score_wrong(score: str) -> str:
    return f"IF(ISNUMBER({score}),OR({score}<0,{score}>100,{score}<>ROUND({score},2)),TRUE)"


def _score_piece(score: str, grade: str) -> str:
    right = grade_of(score)
    missing = f'"；{UNFINISHED} 缺评价等级，按得分为“"&{right}&"”"'
    other = _when(f"{grade}<>{right}", FAILED, f'"{GRADE_WRONG}“"&{right}&"”"')
    judged = f'IF({grade}="",{missing},{other})'
    return f'IF({_score_wrong(score)},"；{FAILED} {SCORE_WRONG} 0 至 100，最多两位小数",{judged})'


def _projects_line() -> str:
    names, executed, checks = column_of(PROJECTS, "name"), column_of(PROJECTS, "executed"), checks_of(PROJECTS)
    failed, todo = f'COUNTIF({checks},"*{FAILED}*")', f'COUNTIF({checks},"*{UNFINISHED}*")'
    difference, both = _projects_difference()
    agree = f'"，与《{BUDGET.title}》项目支出一致 {PASSED}"'
    apart = f'"；{FAILED} 与《{BUDGET.title}》项目支出相差 "&{_amount(f"ABS({difference})")}'
    tie = f'IF({both},IF(ABS({difference})>{_projects_tolerance()},{apart},{agree}),"")'
    beyond, last = (in_row(PROJECTS, "name", row) for row in (PROJECTS.FIRST_ROW + PRINTED_PROJECTS, PROJECTS.last_row))
    pieces = [
        f'"项目 "&COUNTA({names})&" 个，全年执行数合计 "&{_amount(f"SUM({executed})")}',
        tie,
        _when(f"{failed}>0", FAILED, f'{failed}&" 行不符，见右侧核对栏"'),
        _when(f"{todo}>0", UNFINISHED, f'{todo}&" 行未填完"'),
        f'IF(COUNTA({beyond}:{last})>0,"；第 {PRINTED_PROJECTS} 个以后的项目，打印前请扩大打印区域","")',
    ]
    return f'IF(COUNTA({names})+COUNT({executed})=0,"",{"&".join(pieces)})'


# ---------------------------------------------------------------- 基本信息


def general_checks() -> dict[str, str]:
    """The check beside each line of 基本信息 that has one."""
    formulas = {
        field.key: f'IF({template_cell(GENERAL, field.key)}="","{UNFINISHED} 必填","")'
        for field in GENERAL.fields
        if field.required
    }
    year, count, score, grade = (template_cell(GENERAL, key) for key in ("year", "unit_count", "score", "grade"))
    sane = f"IF(ISNUMBER({year}),AND({year}>=2000,{year}<=2100,{year}=INT({year})),FALSE)"
    wrong = f'"{FAILED} 写四位数字，如 2023，不加“年”字"'
    formulas["year"] = f'IF({year}="","{UNFINISHED} 必填",IF({sane},"{PASSED}",{wrong}))'
    units = f"COUNTA({column_away(UNITS, 'name')})"
    apart = f'"{FAILED} 《{UNITS.title}》表列了 "&{units}&" 个单位"'
    listed = f'IF({units}=0,"{UNFINISHED} 《{UNITS.title}》表尚未填写",IF({count}={units},"{PASSED}",{apart}))'
    formulas["unit_count"] = f'IF({count}="","",{listed})'
    bad = _say(f"{FAILED} 须为 0 至 100 的数字，最多两位小数")
    formulas["score"] = f'IF({score}="","",IF({_score_wrong(score)},{bad},"{PASSED}"))'
    formulas["grade"] = _overall_grade(score, grade)
    return formulas


def _overall_grade(score: str, grade: str) -> str:
    right = grade_of(score)
    empty = f'IF({grade}="","",IF({score}="","{UNFINISHED} 有等级而无得分",""))'
    missing = f'"{UNFINISHED} 按得分为“"&{right}&"”，请选取"'
    judged = f'IF({grade}="",{missing},IF({grade}={right},"{PASSED}","{FAILED} 按得分应为“"&{right}&"”"))'
    return f'IF(ISNUMBER({score}),IF(OR({score}<0,{score}>100),"",{judged}),{empty})'


def _overall() -> str:
    """The line for the whole workbook: how many checks fail, how much is still to be filled in, and where."""
    failed, todo = f"SUM({TALLY_FAILED})", f"SUM({TALLY_UNFINISHED})"
    pieces = [
        _when(f"{failed}>0", FAILED, f'"尚有 "&{failed}&" 处未通过："&{_per_sheet(TALLY_FAILED)}'),
        _when(f"{todo}>0", UNFINISHED, f'"还有 "&{todo}&" 处未填："&{_per_sheet(TALLY_UNFINISHED)}'),
    ]
    return _verdict(pieces, f"全部核对通过 {PASSED}")


def _per_sheet(tally: str) -> str:
    counts = ((sheet.title, f"INDEX({tally},{position})") for position, sheet in enumerate(layout.DATA_SHEETS, 1))
    pieces = [f'IF({count}>0,"、{title} "&{count}&" 处","")' for title, count in counts]
    return f"MID({'&'.join(pieces)},2,200)"


# ---------------------------------------------------------------- 单位、指标、评价组、文字说明


def _counted(words: str, pieces: list[str]) -> str:
    return f'SUBSTITUTE({words}&" {PASSED}"&{"&".join(pieces)}," {PASSED}；","；")'


def _repeated(cells: str) -> str:
    return f'SUMPRODUCT(({cells}<>"")*(COUNTIF({cells},{cells})>1))'


def _rows_lacking(sheet: Sheet, keys: tuple[str, ...]) -> str:
    """How many rows that are named lack one of some fields."""
    blank = "+".join(f'({column_of(sheet, key)}="")' for key in keys)
    return f'SUMPRODUCT(({column_of(sheet, sheet.name)}<>"")*(({blank})>0))'


def _units_line() -> str:
    names = column_of(UNITS, "name")
    lacking, stated = _rows_lacking(UNITS, ("nature", "funding")), field_away(GENERAL, "unit_count")
    pieces = [
        _when(f"{_repeated(names)}>0", FAILED, _say("单位名称重复")),
        _when(f"{lacking}>0", UNFINISHED, f'{lacking}&" 行缺单位基本性质或经费形式"'),
        f'IF(ISNUMBER({stated}),IF({stated}=COUNTA({names}),"","；《{GENERAL.title}》填的是 "&{stated}&" 个"),"")',
    ]
    counted = _counted(f'"单位 "&COUNTA({names})&" 个"', pieces)
    return f'IF(COUNTA({names})=0,"{UNFINISHED} 请列出独立核算单位",{counted})'


def _indicators_line() -> str:
    projects, weights, points = (column_of(INDICATORS, key) for key in ("project", "weight", "points"))
    unknown = f'SUMPRODUCT(({projects}<>"")*(COUNTIF({column_away(PROJECTS, "name")},{projects})=0))'
    exceeding = f"SUMPRODUCT(ISNUMBER({weights})*ISNUMBER({points})*({points}>{weights}))"
    uneven = f'SUMPRODUCT(({projects}<>"")*(ROUND(SUMIF({projects},{projects},{weights}),2)<>100))'
    whole = f'SUMPRODUCT(({projects}="")*ISNUMBER({weights}),{weights})'
    pieces = [
        _when(f"{unknown}>0", FAILED, f'{unknown}&" 行的项目名称不在《{PROJECTS.title}》表中"'),
        _when(f"{exceeding}>0", FAILED, f'{exceeding}&" 行得分大于分值"'),
        _when(f"{uneven}>0", FAILED, f'{uneven}&" 行所属项目的分值合计不是 100"'),
        _when(
            f"AND({whole}<>0,ROUND({whole},2)<>100)",
            FAILED,
            f'"部门整体指标的分值合计是 "&ROUND({whole},2)&"，不是 100"',
        ),
    ]
    named = f"COUNTA({column_of(INDICATORS, 'level3')})"
    return f'IF({named}+COUNT({weights})=0,"",{_verdict(pieces, PASSED + " 分值和得分核对通过")})'


def _reviewers_line(policy: Policy) -> str:
    names, least = column_of(REVIEWERS, "name"), policy.value("reviewers")
    lacking = _rows_lacking(REVIEWERS, ("workplace", "duty"))
    pieces = [
        _when(f"COUNTA({names})<{least:g}", FAILED, _say(f"少于 {least:g} 人")),
        _when(f"{_repeated(names)}>0", FAILED, _say("姓名重复")),
        _when(f"{lacking}>0", UNFINISHED, f'{lacking}&" 行缺工作单位或职务"'),
    ]
    counted = _counted(f'"评价组 "&COUNTA({names})&" 人"', pieces)
    return f'IF(COUNTA({names})=0,"{UNFINISHED} 请列出评价组成员",{counted})'


def narrative_checks() -> dict[str, str]:
    """The check beside each paragraph: whether it has been written."""
    return {
        field.key: f'IF({template_cell(NARRATIVE, field.key)}="","{UNFINISHED} 未写","{PASSED}")'
        for field in NARRATIVE.fields
    }


def _narrative_line() -> str:
    blank = f'COUNTIF({checks_of(NARRATIVE)},"{UNFINISHED}*")'
    return f'IF({blank}>0,"{UNFINISHED} 还有 "&{blank}&" 栏未写","{PASSED} 各栏均已填写")'


# ---------------------------------------------------------------- 全部工作表


def sheet_line(sheet: Sheet, policy: Policy) -> str:
    """The check line of a sheet, above its headers."""
    return {
        GENERAL.key: _overall,
        UNITS.key: _units_line,
        BUDGET.key: lambda: _budget_line(policy),
        PROJECTS.key: _projects_line,
        INDICATORS.key: _indicators_line,
        REVIEWERS.key: lambda: _reviewers_line(policy),
        NARRATIVE.key: _narrative_line,
    }[sheet.key]()


def failures(sheet: Sheet) -> str:
    """How many checks of a sheet fail: cells of its check column, or what its check line says."""
    return _count(sheet, FAILED)


def unfinished(sheet: Sheet) -> str:
    """How many things of a sheet are still to be filled in."""
    return _count(sheet, UNFINISHED)


def _count(sheet: Sheet, symbol: str) -> str:
    if sheet in (GENERAL, PROJECTS, NARRATIVE) or (sheet is BUDGET and symbol == FAILED):
        return f'COUNTIF({sheet.title}!{checks_of(sheet)},"*{symbol}*")'
    line = away(sheet, verdict_cell(sheet))
    return f'LEN({line})-LEN(SUBSTITUTE({line},"{symbol}",""))'


def wrong_cells(sheet: Sheet) -> list[tuple[str, str]]:
    """The fields whose cell turns red with what the check beside it says: the field and the words that accuse it."""
    if sheet is PROJECTS:
        words = {"revised": UNBUDGETED, "executed": OVERSPENT, "cause": UNEXPLAINED, "score": SCORE_WRONG}
        words |= {"grade": GRADE_WRONG, "name": REPEATED}
        return list(words.items())
    if sheet is BUDGET:
        return [(key, f"{FAILED} {BUDGET.by_key[key].header}：") for key in layout.AMOUNT_COLUMNS]
    return [(field.key, FAILED) for field in sheet.fields] if sheet is GENERAL else []
