"""The checks of 单位, 评价组 and 指标: asked of all rows at once, and told in the line above the headers.

A formula beside each of 600 rows would cost every program more time than the numbers do; one of arrays for each check
finds the first row that fails, on the list sheet, and the line names it.
"""

from __future__ import annotations

from evalxl.layout import (
    BUDGET,
    GENERAL,
    INDICATORS,
    REVIEWERS,
    UNITS,
    Shape,
    Sheet,
    cell,
    column_letter,
    template_cell,
)
from evalxl.policy.policy import Policy
from evalxl.template.checks import indicators
from evalxl.template.checks.leftovers import leftovers, texts
from evalxl.template.checks.verdicts import (
    PASSED,
    UNFINISHED,
    Check,
    RowCheck,
    asked,
    first_row,
    piece,
    pieces,
    say,
    verdict,
)
from evalxl.template.references import away, column_away, column_of, field_away


def row_checks(sheet: Sheet, policy: Policy) -> list[RowCheck]:
    """The checks of a table's rows, whether the policy asks them or not."""
    if sheet is INDICATORS:
        return [*indicators.row_checks(policy), *_own(sheet)]
    standard = {UNITS.key: _units, REVIEWERS.key: _reviewers}
    return [*(standard[sheet.key]() if sheet.key in standard else []), *_own(sheet)]


def _own(sheet: Sheet) -> list[RowCheck]:
    """What is asked of columns that a bureau has added: filled in where they must be, numbers where numbers belong."""
    if sheet.shape is not Shape.TABLE:
        return []
    found = []
    for field in (each for each in sheet.fields if each.own):
        own = column_away(sheet, field.key)
        if field.required:
            found.append(RowCheck("F02", field.key, f'({_entered(sheet)})*({own}="")', f"缺{field.header}", UNFINISHED))
        if field.kind.numeric:
            found.append(RowCheck("F03", field.key, f'ISTEXT({own})*({own}<>"")', f"{field.header}须为纯数字"))
    return found


def _entered(sheet: Sheet) -> str:
    """In which rows anything is filled in, as a condition of arrays."""
    fields = (field for field in sheet.fields if field.key != "index" and not field.computed)
    cells = "+".join(f'({column_away(sheet, field.key)}<>"")' for field in fields)
    return f"({cells})>0"


_STANDARD = (UNITS.key, REVIEWERS.key, INDICATORS.key)


def first_rows(sheet: Sheet, policy: Policy) -> list[tuple[str, str]]:
    """The names of the cells that find the first row at fault, each with its formula of arrays."""
    rows = column_away(sheet, sheet.fields[0].key)
    return [
        (first_row(sheet, number), f"MIN(IF(IFERROR({check.condition},FALSE),ROW({rows})))")
        for number, check in enumerate(row_checks(sheet, policy))
        if asked(check, policy)
    ]


def _told(sheet: Sheet, policy: Policy) -> list[str]:
    """What the rows at fault add to the line above."""
    return [
        piece(Check("", f"N({name})>0", _named(sheet, name, check), check.symbol))
        for number, check in enumerate(row_checks(sheet, policy))
        if asked(check, policy)
        for name in (first_row(sheet, number),)
    ]


def _named(sheet: Sheet, row: str, check: RowCheck) -> str:
    """The cell at fault by its address: the row of the sheet is not the number that stands in 序号."""
    return f"{say(column_letter(sheet.column(check.at)))}&{row}&{say(f' {check.words}')}"


def table_line(sheet: Sheet, policy: Policy) -> str:
    """The line above a table: how many rows, and what fails in them."""
    parts = [*_told(sheet, policy), *pieces(table_checks(sheet, policy), policy)]
    if sheet is INDICATORS:
        listed = f"COUNTA({column_of(sheet, 'level3')})+COUNT({column_of(sheet, 'weight')})"
        return f'IF({listed}=0,"",{verdict(parts, PASSED + " 分值和得分核对通过")})'
    count = (
        f"COUNTA({column_of(sheet, sheet.name)})" if sheet.key in _STANDARD else f"SUMPRODUCT(--({_entered(sheet)}))"
    )
    of, measure, lacking = {
        UNITS.key: ("单位", "个", "请列出独立核算单位"),
        REVIEWERS.key: ("评价组", "人", "请列出评价组成员"),
    }.get(sheet.key, (sheet.title, "行", "尚未填写"))
    counted = f'"{of} "&{count}&" {measure}"'
    said = f'SUBSTITUTE({counted}&" {PASSED}"&{"&".join(parts)}," {PASSED}；","；")'
    blank = f"{UNFINISHED} {lacking}" if sheet.required else ""
    return f'IF({count}=0,"{blank}",{said})'


def table_checks(sheet: Sheet, policy: Policy) -> list[Check]:
    """The checks of a table as a whole, whether the policy asks them or not."""
    found = [leftovers(sheet)] if texts(sheet) else []
    if sheet is UNITS:
        stated, count = field_away(GENERAL, "unit_count"), f"COUNTA({column_of(UNITS, 'name')})"
        apart = f"IF(ISNUMBER({stated}),{stated}<>{count},FALSE)"
        found.append(Check("U01", apart, f'"《{GENERAL.title}》填的是 "&{stated}&" 个"'))
        found.append(_too_little_appropriated(policy))
    if sheet is REVIEWERS:
        least = policy.value("reviewers")
        names = column_of(REVIEWERS, "name")
        found.append(Check("R01", f"COUNTA({names})<{least:g}", say(f"少于 {least:g} 人")))
    return found


def _units() -> list[RowCheck]:
    name, posts, staff = (column_away(UNITS, key) for key in ("name", "posts", "staff"))
    nature, funding = (f'SUBSTITUTE({column_away(UNITS, key)}," ","")' for key in ("nature", "funding"))
    plain = f'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({name},"（本级）",""),"(本级)","")," ","")'
    unsuited = (
        f'(({nature}="行政单位")*({funding}<>"财政拨款")+({nature}="经费自理事业单位")'
        f'*(({funding}="财政拨款")+({funding}="财政性资金基本保证")))*({funding}<>"")'
    )
    return [
        RowCheck(
            "U05",
            "name",
            f'({plain}<>"")*(MATCH({plain},{plain},0)<ROW({name})-ROW({away(UNITS, cell(UNITS.FIRST_ROW, 1))})+1)',
            "单位名称重复",
        ),
        RowCheck("U02", "nature", unlisted(nature, "list_nature"), "单位基本性质不在选项中"),
        RowCheck("U03", "funding", unlisted(funding, "list_funding"), "经费形式不在选项中"),
        RowCheck("U02", "nature", f'({name}<>"")*({nature}="")', "缺单位基本性质", UNFINISHED),
        RowCheck("U03", "funding", f'({name}<>"")*({funding}="")', "缺经费形式", UNFINISHED),
        RowCheck("U01", "name", f'({name}="")*(({nature}<>"")+({funding}<>"")>0)', "缺单位名称", UNFINISHED),
        RowCheck("U04", "funding", unsuited, "经费形式与单位基本性质不相称"),
        RowCheck("U06", "staff", f"ISNUMBER({posts})*ISNUMBER({staff})*({staff}>{posts})", "在职人数超过编制人数"),
        RowCheck("F03 F04", "posts", f'ISTEXT({posts})*({posts}<>"")', "人数须为纯数字"),
        RowCheck("F03 F04", "staff", f'ISTEXT({staff})*({staff}<>"")', "人数须为纯数字"),
    ]


def _too_little_appropriated(policy: Policy) -> Check:
    """That finance keeps every unit, and yet appropriates less than half of what the department receives."""
    names, funding = (column_of(UNITS, key) for key in ("name", "funding"))
    income = next(each.parts for each in policy.sums if each.total == policy.balance.income[0])
    finals = [away(BUDGET, template_cell(BUDGET, "final", line)) for line in income]
    total = f"SUM({','.join(finals)})"
    others = f'SUMPRODUCT(({names}<>"")*({funding}<>"财政拨款")*({funding}<>"财政性资金基本保证"))'
    low = f"IF(AND(COUNTA({names})>0,{others}=0,{total}>0),N({finals[0]})/{total}<0.5,FALSE)"
    return Check("U04", low, say("各单位都由财政保障，而财政拨款收入不到本年收入的一半"))


def unlisted(cells: str, names: str) -> str:
    """That a choice is none of those offered."""
    return f'({cells}<>"")*(COUNTIF({names},{cells})=0)'


def _reviewers() -> list[RowCheck]:
    name, workplace, duty = (column_away(REVIEWERS, key) for key in ("name", "workplace", "duty"))
    both = f'{name}&"|"&{workplace}'
    first = f"ROW({name})-ROW({away(REVIEWERS, cell(REVIEWERS.FIRST_ROW, 1))})+1"
    return [
        RowCheck("R04", "name", f'({name}<>"")*(MATCH({both},{both},0)<{first})', "与上面的人重复"),
        RowCheck("R02", "workplace", f'({name}<>"")*({workplace}="")', "缺工作单位", UNFINISHED),
        RowCheck("R02", "duty", f'({name}<>"")*({duty}="")', "缺职务", UNFINISHED),
        RowCheck("R02", "name", f'({name}="")*((({workplace}<>"")+({duty}<>""))>0)', "缺姓名", UNFINISHED),
    ]


def all_checks(policy: Policy) -> list[Check | RowCheck]:
    """Every check of the three tables."""
    found: list[Check | RowCheck] = []
    for sheet in (UNITS, REVIEWERS, INDICATORS):
        found += [*row_checks(sheet, policy), *table_checks(sheet, policy)]
    return found
