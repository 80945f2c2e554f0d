"""The checks of the rows of 指标: target against result, points against weight, what may stand where.

Targets and results are numbers here as far as blanks, signs and the row's own unit of measure can be taken away from
them; what is no number then (12月底前, 显著提升) is left to evalxl. Every condition is one of arrays, a value a row.
"""

from __future__ import annotations

from evalxl.layout import BUDGET, GENERAL, INDICATORS, PROJECTS, template_cell
from evalxl.policy.policy import Policy
from evalxl.template.checks.verdicts import UNFINISHED, RowCheck, says_nothing
from evalxl.template.references import away, column_away

TARGET, ACHIEVED, WAY = "evalxl_target", "evalxl_achieved", "evalxl_way"  # columns of the list sheet, a cell a row
VAGUE, EMPTY = "evalxl_vague", "evalxl_empty"  # words that say nothing, on the list sheet
_MORE = ("≥", "≧", ">", "＞", "不少于", "不低于", "至少", "达到", "以上")
_LESS = ("≤", "≦", "<", "＜", "不超过", "不高于", "不大于", "不多于", "以内", "以下")
_TOTALS = ("合计", "总计", "小计", "总分", "总得分", "合计得分", "共计")
_EXECUTION = ("预算执行率", "资金执行率", "支出执行率", "|执行率|")
_SPENDING = (
    "支付率",
    "支出进度",
    "执行进度",
    "资金使用率",
    "支付进度",
    "预算执行率",
    "资金执行率",
    "支出执行率",
    "预算完成率",
)
_NO_RESULT = ("", "-", "—", "/")

_COLUMNS = {field.key: column_away(INDICATORS, field.key) for field in INDICATORS.fields}
_PROJECT, _LEVEL1, _LEVEL2, _LEVEL3 = (_COLUMNS[key] for key in ("project", "level1", "level2", "level3"))
_WAY_TEXT, _TARGET_TEXT, _UNIT, _RESULT = (_COLUMNS[key] for key in ("direction", "target", "measure_unit", "achieved"))
_WEIGHT, _POINTS, _CAUSE, _SCORING = (_COLUMNS[key] for key in ("weight", "points", "cause", "scoring"))


def _has(text: str, *words: str) -> str:
    """That a text contains one of some words."""
    found = "+".join(f'ISNUMBER(FIND("{word}",{text}))' for word in words)
    return f"(({found})>0)"


def _is(text: str, words: tuple[str, ...]) -> str:
    """That a text is one of some words."""
    quoted = ",".join(f'"{word}"' for word in words)
    return f'ISNUMBER(MATCH({text}&"",{{{quoted}}},0))'


def _not(condition: str) -> str:
    return f"(1-{condition})"


_IS_MORE, _IS_LESS = _has(_TARGET_TEXT, *_MORE), _has(_TARGET_TEXT, *_LESS)
_EXECUTES = _has(f'"|"&{_LEVEL1}&"|"&{_LEVEL2}&"|"&{_LEVEL3}&"|"', *_EXECUTION)
_IS_TOTAL = f"(({_is(_LEVEL1, _TOTALS)}+{_is(_LEVEL2, _TOTALS)}+{_is(_LEVEL3, _TOTALS)})>0)"
_POSITIVE, _NEGATIVE, _QUALITATIVE = (f'(LEFT({_WAY_TEXT},2)="{word}")' for word in ("正向", "反向", "定性"))


def columns() -> dict[str, str]:
    """What the checks share, reckoned once for all rows: targets and results as numbers, and which way is better."""
    return {TARGET: _number(_TARGET_TEXT), ACHIEVED: _number(_RESULT), WAY: _way()}


def _number(text: str) -> str:
    bare = f'IF({_UNIT}="",{text}&"",SUBSTITUTE({text},{_UNIT},""))'
    for word in (*_MORE, *_LESS, "=", "＝", " ", ","):
        bare = f'SUBSTITUTE({bare},"{word}","")'
    # 0.985 in a row of per cents may be 98.5 % or less than one: the template does not judge it
    return f'IF(({_UNIT}="%")*ISNUMBER({text})*({text}<=1),"",IFERROR(VALUE({bare}),""))'


def _way() -> str:
    """1 where more is better, -1 where less is, 0 where nobody says or both are said."""
    stated, signed = f"({_POSITIVE}-{_NEGATIVE})", f"({_IS_MORE}-{_IS_LESS})"
    return f'IF({_WAY_TEXT}="",{signed},IF({stated}*{signed}<0,0,{stated}))'


def row_checks(policy: Policy) -> list[RowCheck]:
    """The checks of each row, whether the policy asks them or not."""
    return [*_entries(policy), *_results(policy), _execution(policy), *_projects()]


def _entries(policy: Policy) -> list[RowCheck]:
    """What may stand in a cell."""
    heavy = policy.value("indicator_weight")
    blank = f"{_is(_RESULT, _NO_RESULT)}*{_not(_EXECUTES)}*{_not(_IS_TOTAL)}"
    signed = f"({_IS_MORE}+{_IS_LESS}+{_has(_TARGET_TEXT, '前', '底')})"
    contrary = (
        f"{_POSITIVE}*{_IS_LESS}*{_not(_IS_MORE)}+{_NEGATIVE}*{_IS_MORE}*{_not(_IS_LESS)}"
        f"+{_QUALITATIVE}*ISNUMBER({TARGET})*({_IS_MORE}+{_IS_LESS})"
    )
    spending = f"{_has(_LEVEL1, '产出', '效益')}*{_not(_has(_LEVEL2, '成本'))}*{_has(_LEVEL3, *_SPENDING)}"
    vague, empty, result = (
        f"ISNUMBER(MATCH({text},{words},0))"
        for text, words in ((_TARGET_TEXT, VAGUE), (_TARGET_TEXT, EMPTY), (_RESULT, VAGUE))
    )
    unmeasured = f"IF({_QUALITATIVE},{empty},{vague}+ISNUMBER({TARGET})*{result})*{_not(_has(_LEVEL2, '可持续'))}"
    return [
        RowCheck("F03 F04", "weight", _text(_WEIGHT), "分值须为纯数字"),
        RowCheck("F03 F04", "points", _text(_POINTS), "得分须为纯数字"),
        RowCheck("I03", "points", f"ISNUMBER({_POINTS})*({_POINTS}<0)", "得分小于 0"),
        RowCheck("I03", "points", f"ISNUMBER({_WEIGHT})*ISNUMBER({_POINTS})*({_POINTS}>{_WEIGHT})", "得分大于分值"),
        RowCheck("I04", "achieved", f"{blank}*ISNUMBER({_POINTS})*({_POINTS}>0)", "没有实际完成值，却有得分"),
        RowCheck("I04", "achieved", f'{blank}*({_POINTS}="")*({_LEVEL3}<>"")', "没有实际完成值和得分", UNFINISHED),
        RowCheck(
            "I05",
            "achieved",
            f"({_TARGET_TEXT}={_RESULT})*{signed}*{_not(_has(_TARGET_TEXT, '达到'))}",
            "实际完成值照抄了年度指标值",
        ),
        RowCheck("I11", "target", unmeasured, "写的是“完成、良好”一类无法衡量的话"),
        RowCheck("I13", "direction", contrary, "指标性质与年度指标值的符号矛盾"),
        RowCheck("I14", "level3", spending, "预算执行率不应再作产出、效益指标"),
        RowCheck(
            "I16", "weight", f'ISNUMBER({_WEIGHT})*({_WEIGHT}>{heavy:g})*({_LEVEL3}<>"")', f"一项指标超过 {heavy:g} 分"
        ),
        RowCheck("I18", "measure_unit", _has(_UNIT, "≥", "≤", ">", "<", "="), "计量单位栏只写单位，不写符号"),
    ]


def _text(cells: str) -> str:
    return f'ISTEXT({cells})*({cells}<>"")'


def _results(policy: Policy) -> list[RowCheck]:
    """Target against result, where both are numbers: full points, lost points, reasons."""
    both = f"ISNUMBER({TARGET})*ISNUMBER({ACHIEVED})"
    judged = f"{both}*({WAY}<>0)*{_not(_EXECUTES)}"
    missed, met = (f"{judged}*IF({both},{WAY}*({ACHIEVED}-{TARGET}){sign}0,FALSE)" for sign in ("<", ">="))
    scored = f"ISNUMBER({_POINTS})*ISNUMBER({_WEIGHT})*({_WEIGHT}>0)*({_POINTS}>=0)"
    full, lost = (f"{scored}*({_POINTS}{sign}{_WEIGHT}-0.005)" for sign in (">=", "<"))
    unexplained = says_nothing(_CAUSE)
    by_share = f'({_SCORING}="")*{_not(_has(f"{_LEVEL3}&{_CAUSE}", "扣", "得"))}'  # no standard of its own is written
    share = f"IF({WAY}>0,{ACHIEVED}/{TARGET},{TARGET}/{ACHIEVED})"
    gap, floor = policy.value("proportional_gap"), policy.value("proportional_floor")
    off = f"(ABS({_POINTS}-{_WEIGHT}*{share})>{_WEIGHT}*{gap:g}+0.000001)*({share}>={floor:g})"
    # a rate of satisfaction may be scored by intervals
    satisfied = f"{_has(f'{_LEVEL1}&{_LEVEL2}&{_LEVEL3}', '满意')}*{_has(f'{_TARGET_TEXT}&{_UNIT}', '%')}"
    above, below = f"{TARGET}*{policy.value('far_above'):g}", f"{TARGET}*{policy.value('far_below'):g}"
    far = f"({TARGET}>0)*IF({WAY}>0,{ACHIEVED}>={above},({ACHIEVED}>0)*({ACHIEVED}<={below}))"
    explained = f'{_not(unexplained)}+{full}*({_SCORING}<>"")'
    return [
        RowCheck("I06", "points", f"{missed}*{full}*{by_share}", "没有达到目标，不应得满分"),
        RowCheck("I07", "cause", f"{met}*{lost}*{unexplained}*{by_share}", "达到目标而没有得满分，请说明扣分原因"),
        RowCheck(
            "I08", "points", f"{missed}*{lost}*{by_share}*(1-{satisfied})*{off}", "得分与完成比例不符，或写明评分标准"
        ),
        RowCheck("I09", "cause", f"{met}*{unexplained}*{_not(lost)}*{far}", "完成值偏离目标较大，请说明原因"),
        RowCheck("I10", "cause", f"{missed}*(({explained})=0)", "没有达到目标，须填偏差原因及改进措施"),
    ]


def _execution(policy: Policy) -> RowCheck:
    """The points for budget execution, where the rate of the row's project, or of the department, is known."""
    listed, revised, executed = (column_away(PROJECTS, key) for key in ("name", "revised", "executed"))
    whole = [away(BUDGET, template_cell(BUDGET, key, policy.balance.expenditure[0])) for key in ("final", "revised")]
    own = f"SUMIF({listed},{_PROJECT},{executed})/SUMIF({listed},{_PROJECT},{revised})"
    rate = f'IF({_PROJECT}="",{"/".join(whole)},IF(COUNTIF({listed},{_PROJECT})=1,{own},-1))'
    shares = [_by_steps(each, policy) for each in (f"ROUND({rate},4)", rate)] if policy.execution.steps else []
    gap = f"{policy.value('execution_points_gap'):g}+0.000001"
    dues = [f"{_WEIGHT}*{share}" for share in shares or [f"IF({rate}>1,1,{rate})"]]
    off = ")*(".join(f"ABS({_POINTS}-ROUND({due},2))>{gap}" for due in dues)
    entered = f'ISNUMBER({_POINTS})*ISNUMBER({_WEIGHT})*({_SCORING}&{_CAUSE}="")'
    return RowCheck("P08", "points", f"{_EXECUTES}*{entered}*({rate}>=0)*({off})", "预算执行率的得分与执行率不符")


def _by_steps(rate: str, policy: Policy) -> str:
    """The share of the weight that a rate earns by the policy's steps; on a step without one, the rate's own."""
    steps = sorted((each.start, -1 if each.share is None else each.share) for each in policy.execution.steps)
    steps = steps if steps[0][0] == 0 else [(0, 0), *steps]
    starts, shares = ("{" + ";".join(f"{each:g}" for each in column) + "}" for column in zip(*steps, strict=True))
    found = f"LOOKUP({rate},{starts},{shares})"
    by_rate = f"IF({found}<0,IF({rate}>1,1,{rate}),{found})"
    return by_rate if any(share < 0 for _, share in steps) else found


def _projects() -> list[RowCheck]:
    """Whose indicators they are, and what the weights of each project add up to."""
    listed = column_away(PROJECTS, "name")
    department = away(GENERAL, template_cell(GENERAL, "department"))
    own = f'((({_PROJECT}="")+{_has(_PROJECT, "整体")}+({_PROJECT}={department}))>0)'
    within = f"ISNUMBER(FIND(TRANSPOSE({_plain(listed)}),{_plain(_PROJECT)}))"  # a code may stand before the name
    known = f'MMULT({within}*(TRANSPOSE({listed})<>""),ROW({listed})^0)'
    other = _other_than_whole(f"SUMIF({_PROJECT},{_PROJECT},{_WEIGHT})", _of_project(_LEVEL1, _LEVEL3))
    return [
        RowCheck(
            "I21", "project", f"{_not(own)}*({known}=0)*(COUNTA({listed})>0)", f"的项目名称不在《{PROJECTS.title}》表中"
        ),
        RowCheck(
            "I01",
            "project",
            f'({_PROJECT}<>"")*(COUNTIF({listed},{_PROJECT})<2)*{_sure_of_project()}*{other}',
            "所属项目的分值合计不是 100",
        ),
        RowCheck("I01", "weight", _of_the_whole(), "起，部门整体指标的分值合计不是 100"),
    ]


def _plain(texts: str) -> str:
    """Names without what is written now one way, now another."""
    for one, other in (("（", "("), ("）", ")"), (" ", ""), ("“", ""), ("”", "")):
        texts = f'SUBSTITUTE({texts},"{one}","{other}")'
    return texts


def _other_than_whole(total: str, executions: str) -> str:
    """That weights are not those of a whole: 100, or without a row for execution 90 or 80."""
    total = f"ROUND({total},2)"
    return f"({total}<>100)*(1-({executions}=0)*(({total}=90)+({total}=80)))"


def _of_project(*columns: str) -> str:
    """How many rows of a row's project name budget execution."""
    counts = "+".join(f'COUNTIFS({_PROJECT},{_PROJECT},{column},"*执行率*")' for column in columns)
    return f"({counts})"


def _sure_of_project() -> str:
    """That no weight of a row's project is blank, and no row is a total or stands above others."""
    rows = f"COUNTIF({_PROJECT},{_PROJECT})"
    weighted = f'COUNTIFS({_PROJECT},{_PROJECT},{_WEIGHT},"<>")'
    totals = "+".join(
        f'COUNTIFS({_PROJECT},{_PROJECT},{level},"{word}")' for level in (_LEVEL1, _LEVEL3) for word in _TOTALS[:4]
    )
    above = f'COUNTIFS({_PROJECT},{_PROJECT},{_LEVEL3},"",{_LEVEL1},"<>",{_WEIGHT},">0",{_LEVEL1},"<>*执行率*")'
    return f"({rows}={weighted})*(({totals})=0)*({above}=0)"


def _of_the_whole() -> str:
    """That the weights of the rows without a project do not add up, none of them blank and none above others."""
    blank = f'({_PROJECT}="")'
    total = f"SUM(IF({blank}*ISNUMBER({_WEIGHT})*{_not(_IS_TOTAL)},{_WEIGHT},0))"
    unsure = (
        f'SUM({blank}*({_LEVEL3}<>"")*({_WEIGHT}=""))'
        f'+SUM({blank}*({_LEVEL3}="")*ISNUMBER({_WEIGHT})*({_LEVEL1}<>"")*{_not(_EXECUTES)})'
    )
    other = _other_than_whole(total, f"SUM({blank}*{_EXECUTES})")
    return f"{blank}*ISNUMBER({_WEIGHT})*(({unsure})=0)*{other}"
