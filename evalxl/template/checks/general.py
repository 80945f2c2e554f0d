"""The checks beside the lines of 基本信息 and 文字说明."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evalxl.layout import GENERAL, NARRATIVE, PROJECTS, UNITS, Field, Sheet, template_cell
from evalxl.policy.policy import Policy
from evalxl.template.checks.leftovers import leftovers, texts
from evalxl.template.checks.own import own_checks
from evalxl.template.checks.verdicts import (
    PASSED,
    UNFINISHED,
    Check,
    grade_of,
    pieces,
    say,
    score_wrong,
    verdict,
)
from evalxl.template.references import column_away

_NOTHING = '{"无","无。","没有","没有。","暂无","暂无。","无问题","不存在问题"}'
_MAY_BE_NOTHING = ("problems", "measures")


def general_checks(policy: Policy) -> dict[str, str]:
    """The formula beside each line of 基本信息 that has a check."""
    judged = {"year", "unit_count", "score", "grade"}  # a √ stands beside these
    formulas = {}
    for field in GENERAL.fields:
        parts = pieces(field_checks(field, policy), policy)
        if parts:
            cell = template_cell(GENERAL, field.key)
            said = verdict(parts) if field.key in judged else _said_of(parts)
            optional = field.key == "unit_count" and not field.required  # a blank one is nothing to be finished
            formulas[field.key] = f'IF({cell}="","",{said})' if optional else _unless_blank(field, said)
    return formulas


def _unless_blank(field: Field, said: str) -> str:
    """√ is said of what is filled in only."""
    cell = template_cell(GENERAL, field.key)
    return f'IF({cell}="",SUBSTITUTE({said},"{PASSED}",""),{said})' if f'"{PASSED}"' in said else said


def field_checks(field: Field, policy: Policy) -> list[Check]:
    """The checks of one line of 基本信息, whether the policy asks them or not."""
    cell = template_cell(GENERAL, field.key)
    if field.own:
        return _own_line(GENERAL, field)
    found = [Check("F02", f'{cell}=""', say("必填"), UNFINISHED)] if field.required else []
    asks = {"year": _year, "unit_count": _unit_count, "score": _score, "grade": _grade, "date": _date}
    if field.key in asks:
        found += asks[field.key](cell)
    if field.key == "money_unit":
        found.append(_money_unit(cell, policy))
    if field in texts(GENERAL):
        found.append(leftovers(GENERAL, cell))
    return found


def _year(cell: str) -> Iterator[Check]:
    sane = f"IF(ISNUMBER({cell}),AND({cell}>=2000,{cell}<=2100,{cell}=INT({cell})),FALSE)"
    yield Check("F03 F07", f'AND({cell}<>"",NOT({sane}))', say("写四位数字，如 2023，不加“年”字"))


def _unit_count(cell: str) -> Iterator[Check]:
    units = f"COUNTA({column_away(UNITS, 'name')})"
    yield Check("U01", f'AND({cell}<>"",{units}=0)', say(f"《{UNITS.title}》表尚未填写"), UNFINISHED)
    apart = f'AND({cell}<>"",{units}>0,{cell}<>{units})'
    yield Check("U01", apart, f'"《{UNITS.title}》表列了 "&{units}&" 个单位"')


def _money_unit(cell: str, policy: Policy) -> Check:
    known = policy.labels("money_unit")
    other = "".join(f",{cell}<>{say(label)}" for label in known)
    return Check("F11", f'AND({cell}<>""{other})', say(f"只能选{'或'.join(known)}"))


def _score(cell: str) -> Iterator[Check]:
    wrong = f'IF({cell}="",FALSE,{score_wrong(cell)})'
    yield Check("S02 S03", wrong, say("须为 0 至 100 的数字，最多两位小数"))
    scored = f"COUNT({column_away(PROJECTS, 'score')})>0"
    yield Check("G04", f'AND({cell}="",{scored})', say("部门整体还没有得分"), UNFINISHED)


def _grade(cell: str) -> Iterator[Check]:
    score = template_cell(GENERAL, "score")
    right, sane = grade_of(score), f"IF(ISNUMBER({score}),AND({score}>=0,{score}<=100),FALSE)"
    missing = f'IF({sane},"按得分为“"&{right}&"”，请选取","")'
    yield Check("G04", f'AND({cell}="",{sane})', missing, UNFINISHED)
    yield Check("G04", f'AND({cell}<>"",{score}="")', say("有等级而无得分"), UNFINISHED)
    other = f'IF(AND({cell}<>"",{sane}),{cell}<>{right},FALSE)'
    yield Check("G01 G02", other, f'"按得分应为“"&{right}&"”"')


def _date(cell: str) -> Iterator[Check]:
    year = template_cell(GENERAL, "year")
    day = f"IF(ISNUMBER({cell}),{cell},IFERROR(DATEVALUE({cell}),9999999))"
    early = f'IF(AND({cell}<>"",ISNUMBER({year})),{day}<=DATE({year},12,31),FALSE)'
    yield Check("R08", early, say("评价年度还没有结束"))


def form_checks(sheet: Sheet, policy: Policy) -> dict[str, str]:
    """The formulas beside the lines of a form."""
    if sheet is GENERAL:
        return general_checks(policy)
    if sheet is NARRATIVE:
        return narrative_checks(policy)
    parts_of = {field.key: pieces(_own_line(sheet, field), policy) for field in sheet.fields}
    return {key: _said_of(parts) for key, parts in parts_of.items() if parts}


def _said_of(parts: Iterable[str]) -> str:
    """What is said of a line beside which no √ stands: what applies, or nothing."""
    return f"MID({'&'.join(parts)},2,200)"


def _own_line(sheet: Sheet, field: Field) -> list[Check]:
    """What is asked of a line that a bureau has added."""
    cell = template_cell(sheet, field.key)
    return [*own_checks(field, cell), *([leftovers(sheet, cell)] if field in texts(sheet) else [])]


def narrative_checks(policy: Policy) -> dict[str, str]:
    """The formula beside each paragraph."""
    formulas = {}
    for field in NARRATIVE.fields:
        parts = pieces(paragraph_checks(field, policy), policy)
        if parts or not field.own:
            formulas[field.key] = _said_of(parts) if field.own else verdict(parts)
    return formulas


def paragraph_checks(field: Field, policy: Policy) -> list[Check]:
    """The checks of one paragraph, whether the policy asks them or not."""
    if field.own:
        return _own_line(NARRATIVE, field)
    cell = template_cell(NARRATIVE, field.key)
    nothing = f'ISNUMBER(MATCH({cell}&"",{_NOTHING},0))'
    found = [Check("N01", f'{cell}=""', say("未写"), UNFINISHED), leftovers(NARRATIVE, cell)]
    if field.key not in _MAY_BE_NOTHING:
        found.append(Check("N01", nothing, say("这一栏不能写“无”")))
    if field.key == "problems":
        names, grades = (column_away(PROJECTS, key) for key in ("name", "grade"))
        low = f'SUMPRODUCT(({names}<>"")*({grades}<>"")*({grades}<>{say(policy.best.grade)}))'
        words = say(f"有项目没有评上“{policy.best.grade}”，问题不应写“无”")
        found.append(Check("N02", f"AND({nothing},{low}>0)", words))
    for key, other, rule in (("goals", "achievement", "I20"), ("measures", "problems", "N15")):
        if field.key == key:
            same = template_cell(NARRATIVE, other)
            label = NARRATIVE.by_key[other].header
            found.append(Check(rule, f"AND(LEN({cell})>4,{cell}={same})", say(f"与{label}一字不差")))
    if field.key == "goals":
        found.append(Check("I20", f"ISNUMBER({cell})", say("要写成文字，不能只是一个数")))
    return found


def all_checks(policy: Policy) -> Iterator[Check]:
    """Every check of the two forms."""
    for field in GENERAL.fields:
        yield from field_checks(field, policy)
    for field in NARRATIVE.fields:
        yield from paragraph_checks(field, policy)
