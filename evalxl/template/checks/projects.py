"""The check beside each row of 项目, and the line above them."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.layout import BUDGET, INDICATORS, PROJECTS
from evalxl.policy.policy import Policy
from evalxl.template.checks.budget import (
    NOT_NUMBERS,
    TELLINGS,
    TYPED_TOTALS,
    executed_sum,
    projects_difference,
)
from evalxl.template.checks.leftovers import leftovers
from evalxl.template.checks.own import own_checks
from evalxl.template.checks.verdicts import (
    FAILED,
    PASSED,
    UNFINISHED,
    Check,
    amount,
    asked,
    first_of,
    grade_of,
    piece,
    pieces,
    say,
    says_nothing,
    score_wrong,
    verdict,
)
from evalxl.template.references import checks_of, column_away, column_of, fields_in_row, in_row

OVERSPENT = "全年执行数大于全年预算数"
UNBUDGETED = "有执行数而无全年预算数"
UNEXPLAINED = "须填偏差原因"
SCORE_WRONG = "自评得分须为"
GRADE_WRONG = "评价等级应为"
REPEATED = "项目重复"
RATE_WRONG = "执行率与金额不符"
CODE_WRONG = "项目编码"
TOTAL_ROW = "像是合计行，请删去"
_AMOUNTS = ("initial", "revised", "executed")
_ENTERED = [each.key for each in PROJECTS.fields if each.key != "index" and not each.computed]


def row_checks(row: int, policy: Policy) -> list[Check]:
    """The checks of one project, whether the policy asks them or not."""
    return [*_apart(row, policy), *_score(row)]


def _apart(row: int, policy: Policy) -> list[Check]:
    return [*_amounts(row, policy), *_execution(row, policy), *_sum(row, policy), *_names(row), *_own(row)]


def _own(row: int) -> Iterator[Check]:
    return (check for field in PROJECTS.fields for check in own_checks(field, in_row(PROJECTS, field.key, row)))


def project_check(row: int, policy: Policy) -> str:
    """The formula beside one project: what is wrong with it, √, or nothing while the row is blank."""
    name = in_row(PROJECTS, "name", row)
    entered = f"COUNTA({fields_in_row(PROJECTS, _ENTERED, row)})"
    total = f"ISNUMBER(MATCH({name},{TYPED_TOTALS},0))"
    said = verdict([*first_of(_score(row), policy), *pieces(_apart(row, policy), policy)])
    return f'IF({entered}=0,"",IF({total},"{UNFINISHED} {TOTAL_ROW}",{said}))'


def _amounts(row: int, policy: Policy) -> Iterator[Check]:
    amounts = fields_in_row(PROJECTS, _AMOUNTS, row)
    initial, revised, executed, cause, score = (
        in_row(PROJECTS, key, row) for key in ("initial", "revised", "executed", "cause", "score")
    )
    yield Check("F03 F04", f"COUNTA({amounts})>COUNT({amounts})", say(NOT_NUMBERS))
    yield Check("B05", f'COUNTIF({amounts},"<0")>0', say("金额不能为负数"))
    over = f'IF(N({revised})=0,"{UNBUDGETED}","{OVERSPENT}")'
    yield Check("P04 P05", f"ROUND(N({executed})-N({revised}),6)>0", over)
    added = f'AND(COUNT({column_of(PROJECTS, "initial")})>0,N({initial})=0,N({revised})>0,{cause}="")'
    yield Check("P06", f"IF({added},{TELLINGS}=0,FALSE)", say("没有年初预算，请写明是年中追加"))
    trimmed = (
        f"AND(N({initial})>0,N({revised})>0,{revised}={executed},{revised}<={initial}*{policy.value('trimmed_rate'):g})"
    )
    yield Check("P07", f'AND({trimmed},{cause}="")', say("预算调减后恰与执行数相等，请写明理由"))
    yield Check("P18", f"COUNTA({amounts})=0", say("缺预算数和执行数"), UNFINISHED)
    yield Check(
        "P18", f"AND(ISNUMBER({score}),COUNT({amounts})>0,SUM({amounts})=0)", say("有得分而预算数、执行数都为 0")
    )


def _execution(row: int, policy: Policy) -> Iterator[Check]:
    revised, executed, rate, score, grade, cause = (
        in_row(PROJECTS, key, row) for key in ("revised", "executed", "rate", "score", "grade", "cause")
    )
    low = policy.value("explain_rate")
    blank = says_nothing(cause)
    words = say(f"执行率低于 {low:.0%}，{UNEXPLAINED}")
    yield Check("P09", f"IF(ISNUMBER({rate}),AND({rate}<{low:g},{blank}),FALSE)", words)
    top = policy.value("top_grade_rate")
    words = say(f"执行率低于 {top:.0%}，不应评为“{policy.best.grade}”")
    yield Check("G05", f"IF(ISNUMBER({rate}),AND({rate}<{top:g},{grade}={say(policy.best.grade)}),FALSE)", words)
    due = f"{executed}/{revised}"
    # a rate that was typed agrees where it is the true one rounded to the digits written
    half = f"0.5*10^-MAX(2,LEN({rate})-2)+0.000000000001"
    typed = f"IF(AND(ISNUMBER({rate}),COUNT({executed})=1,N({revised})>0),ABS({rate}-{due})>{half},FALSE)"
    yield Check("P03", typed, say(RATE_WRONG))
    for cap in policy.execution_caps:
        over = f"IF(ISNUMBER({rate}),AND({rate}>={cap.start:g},{rate}<{cap.end:g},N({score})>{cap.cap:g}),FALSE)"
        yield Check("P10", over, say(f"执行率所在档次最高 {cap.cap:g} 分"))


def _score(row: int) -> Iterator[Check]:
    """Score and grade: each is asked only where none before it applies."""
    score, grade = (in_row(PROJECTS, key, row) for key in ("score", "grade"))
    right = grade_of(score)
    yield Check("S06", f'{score}=""', say("缺自评得分"), UNFINISHED)
    yield Check("S02 S03", score_wrong(score), say(f"{SCORE_WRONG} 0 至 100，最多两位小数"))
    yield Check("G04", f'{grade}=""', f'"缺评价等级，按得分为“"&{right}&"”"', UNFINISHED)
    yield Check("G01 G02", f"{grade}<>{right}", f'"{GRADE_WRONG}“"&{right}&"”"')


def _sum(row: int, policy: Policy) -> Iterator[Check]:
    """The score against the points of the project's indicators, where they are all there."""
    name, score = (in_row(PROJECTS, key, row) for key in ("name", "score"))
    projects, weights, points = (column_away(INDICATORS, key) for key in ("project", "weight", "points"))
    due, gap = f"SUMIF({projects},{name},{points})", policy.sum_gap
    scored = f'COUNTIF({projects},{name})=COUNTIFS({projects},{name},{points},">=0")'
    whole = f'AND({name}<>"",ISNUMBER({score}),ROUND(SUMIF({projects},{name},{weights}),2)=100,{scored})'
    words = f'"自评得分与各项指标得分之和 "&ROUND({due},2)&" 不符"'
    yield Check("S01 I22", f"IF({whole},ABS({score}-{due})>{gap:g}+0.000001,FALSE)", words)


def _names(row: int) -> Iterator[Check]:
    name, unit, code, cause, measure = (
        in_row(PROJECTS, key, row) for key in ("name", "unit", "code", "cause", "measure")
    )
    names, units, codes = (column_of(PROJECTS, key) for key in ("name", "unit", "code"))
    yield Check("P01", f'{name}=""', say("缺项目名称"), UNFINISHED)
    yield Check("P14", f'IF({name}="",FALSE,SUMPRODUCT(({names}={name})*({units}={unit}))>1)', say(REPEATED))
    other = f'SUMPRODUCT(({codes}={code})*({names}<>"")*({names}<>{name}))>0'
    yield Check("P25", f'IF(AND({code}<>"",{name}<>""),{other},FALSE)', say(f"{CODE_WRONG}与另一个项目相同"))
    yield Check(
        "N15",
        f'AND(LEN({measure})>4,SUBSTITUTE({measure},"。","")=SUBSTITUTE({cause},"。",""))',
        say("改进措施照抄了偏差原因"),
    )
    yield Check("F05", f"IF(ISNUMBER({code}),{code}>=1E+15,FALSE)", say(f"{CODE_WRONG}超过 15 位，须以文本填写"))


def list_checks(policy: Policy) -> list[Check]:
    """The checks of all projects together."""
    scores, count = column_of(PROJECTS, "score"), f"COUNTA({column_of(PROJECTS, 'name')})"
    least = f"AND({count}>={policy.value('full_score_projects'):g},COUNT({scores})={count})"
    full, high = f"MIN({scores})=100", policy.value("high_mean")
    same = f"OR(MIN({scores})=MAX({scores}),AVERAGE({scores})>={high:g})"
    return [
        Check("S04", f"IF({least},{full},FALSE)", say("全部项目自评满分，请复核")),
        Check(
            "S05",
            f"IF({least},AND(MIN({scores})<100,{same}),FALSE)",
            say(f"各项目得分全部相同或平均 {high:g} 分以上，请复核"),
        ),
        leftovers(PROJECTS),
    ]


def projects_line(policy: Policy) -> str:
    """The line above the projects: how many, their sum, the tie to 预算, and what fails below."""
    names, executed, checks = column_of(PROJECTS, "name"), column_of(PROJECTS, "executed"), checks_of(PROJECTS)
    failed, todo = f'COUNTIF({checks},"*{FAILED}*")', f'COUNTIF({checks},"*{UNFINISHED}*")'
    difference, both, tolerance = projects_difference()
    agree = f'"，与《{BUDGET.title}》项目支出一致 {PASSED}"'
    apart = f'"；{FAILED} 与《{BUDGET.title}》项目支出相差 "&{amount(f"ABS({difference})")}'
    tie = Check("B15", "TRUE", "")
    parts = [
        f'"项目 "&COUNTA({names})&" 个，全年执行数合计 "&{amount(executed_sum())}',
        f'IF({both},IF(ABS({difference})>{tolerance},{apart},{agree}),"")' if asked(tie, policy) else '""',
        *pieces(list_checks(policy), policy),
        piece(Check("", f"{failed}>0", f'{failed}&" 行不符，见右侧核对栏"')),
        piece(Check("", f"{todo}>0", f'{todo}&" 行未填完"', UNFINISHED)),
    ]
    return f'IF(COUNTA({names})+COUNT({executed})=0,"",{"&".join(parts)})'
