"""Rules about further figures of a narrative: score and grade (N11), execution (N12), units and staff (N13)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from evalxl.district.findings import Figure
from evalxl.district.tables import District, Row
from evalxl.facts.passages import passages
from evalxl.facts.sentences.counts import Counted, counts
from evalxl.facts.sentences.figures import TOTALS, About, Statement
from evalxl.facts.sentences.wordings import FINAL
from evalxl.facts.sentences.workbooks import is_own, names_of_texts, stated
from evalxl.policy.policy import Policy
from evalxl.rules.n_narrative.amounts import PLANS, Budget, budgets
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show


@rule(
    "N11",
    WARNING,
    "narrative.achievement",
    message="写的是“{said}”，基本信息填的是{expected_shown}。",
    fix="请核对文字与 {cells}，改正有误的一处。",
)
def overall_score_of_the_text(d: District, p: Policy) -> pd.DataFrame:
    """文字中的整体自评得分和评价等级，应与基本信息一致。
    理由：得分和等级是报告的结论，文字与表不一致，结论就不能成立。
    核对“整体自评得分、自评得分、综合得分＋分”“评价等级为、评定为＋等级”一类写法；说的是某个项目、各项目、上年、分数线、满分的不核对，
    自评方法和过程一栏不核对；等级与得分所在的分数段一致的不算错（基本信息的等级与得分不符，由 G01 报告）。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：文字写“整体自评得分95分，评价等级为优秀”，基本信息填的是 88.20 分。
    处理：改正有误的一处。
    局限：只写“得分较高”一类而没有数的，不核对。
    """
    general = {row["workbook"]: row for rows in d.by_workbook("general").values() for row in rows}
    records = []
    for each, statements in stated(d):
        row = general.get(each.workbook)
        if row is None or each.sheet != "narrative" or each.field in (*PLANS, "methods"):
            continue
        for one in statements:
            if one.project is None and one.ours:
                found = disagrees(one, row, p)
                if found:
                    cell = Figure("general", found[0], row["row"], found[1], row[found[0]])
                    records.append(each.finding(said=short(one.words), expected_shown=found[2], operands=[cell]))
    return table_of(records)


def disagrees(one: Statement, row: Row, p: Policy) -> tuple[str, str, str] | None:
    """The field whose score or grade a statement contradicts, its name, and what stands there; None where it does not."""
    if one.about is About.SCORE and given(row["score"]) and not one.number.agrees(row["score"], 0.01):
        return "score", "自评得分", f" {row['score']:.2f} 分"
    if one.about is not About.GRADE or not row["grade_standard"]:
        return None
    said = p.standard("grade", one.grade)
    if not said or said in (row["grade_standard"], p.grade(row["score"])):
        return None
    return "grade", "评价等级", f"“{row['grade']}”"


@rule(
    "N12",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，按预算表计算为 {expected_shown}。",
    fix="请核对文字与 {cells}，改正有误的一处。",
)
def execution_of_the_text(d: District, p: Policy) -> pd.DataFrame:
    """文字中部门整体的预算执行率、完成率，应与预算表的决算数和预算数相符。
    理由：执行率由决算数和预算数算出，算不出这个数，必有一处有误。
    核对“预算执行率、预算完成率、支出执行率、预算支出率、总体支付率＋百分数”的写法；以全年预算数、年初预算数（支出合计、支出总计或收入总计）、
    决算收入总计中任何一个为分母算出相符的都算对，按所写的位数四舍五入或截去尾数比较；说的是单个项目的见 P20。
    依据：财预〔2013〕53号（预算完成率）。
    举例：本年支出合计决算数 930 万元、全年预算数 1000 万元，文字写“预算执行率98.5%”。
    处理：改正有误的一处。分母另有口径的，写明口径。
    局限：没有写明是部门整体的执行率不核对。
    """
    known_budgets = budgets(d, p)
    records = []
    for each, statements in stated(d):
        budget = known_budgets.get(each.workbook)
        if budget is None or each.sheet == "projects" or each.field in PLANS:
            continue
        for one in statements:
            if one.about is not About.RATE or one.project is not None or not one.ours:
                continue
            rates = list(_rates(budget, one.lines, d.by_workbook("projects").get(each.workbook, ())))
            if not rates or any(one.number.prints(rate) for rate, *_ in rates):
                continue
            rate, line, column = rates[0]
            cells = [
                Figure("budget", key, budget.lines[line]["row"], name, budget.lines[line][key])
                for key, name in ((FINAL, "决算数"), (column, "预算数"))
            ]
            records.append(each.finding(said=short(one.words), expected_shown=f"{rate:.2f}%", operands=cells))
    return table_of(records)


def _rates(budget: Budget, lines: Sequence[str], projects: Sequence[Row]) -> Iterator[tuple[float, str, str]]:
    """The rates in per cent that may be meant, with line and column of the budget, the likely one first."""
    whole = ("expenditure_total",) if set(lines) & set(TOTALS) else ()
    pairs = [(line, line) for line in (*lines, *whole) if line not in TOTALS or line in whole]
    pairs += [(spent, other) for spent in whole for other in ("expenditure_grand", "income_grand")]
    for spent, available in pairs:
        for column in ("revised", "initial", FINAL):
            above = budget.lines[spent][FINAL] if spent in budget.lines else float("nan")
            below = budget.lines[available][column] if available in budget.lines else float("nan")
            if given(above) and below > 0 and (column != FINAL or available == "income_grand"):
                yield above / below * 100, available, column
    for column in ("revised", "initial") if "project" in lines else ():
        above = sum(row["executed"] for row in projects if given(row["executed"]))
        below = sum(row[column] for row in projects if given(row[column]))
        if below > 0 and "project" in budget.lines:
            yield above / below * 100, "project", column


@rule(
    "N13",
    WARNING,
    "narrative.overview",
    message="写的是“{said}”，单位表{expected_shown}。",
    fix="请核对文字与 {cells}，改正有误的一处。",
)
def units_and_staff_of_the_text(d: District, p: Policy) -> pd.DataFrame:
    """文字中的独立核算单位个数、编制人数、在职人数，应与单位表一致。
    理由：机构和人员是概况的基本数，与表不一致，多是沿用了往年的文字。
    核对“独立核算单位、预算单位＋个数”“纳入……范围的单位＋个数”“编制、在职、在编在岗、实有在编＋人数”的写法；说下属、所属单位的，不含本级也算对；
    人数写明单位的与该单位比，没有写明的与合计或本级比，各单位之后写“合计、共”的与合计比；行政、事业编制分列的只看是否多于表中的数；
    聘用、退休人员，上年的数，同一句写有借调、聘用等人员的在编、在岗人数，不核对；有单位没有填人数的不核对。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：单位表在职人数合计 48 人，部门概况写“在职人员52人”。
    处理：改正有误的一处。
    局限：只写下属单位、编外、离退休人数的不核对。
    """
    records = []
    names = names_of_texts(d)
    stated_counts = {row["workbook"]: row["unit_count"] for rows in d.by_workbook("general").values() for row in rows}
    for each in passages(d):
        units = d.by_workbook("units").get(each.workbook, ())
        for count in counts(each.text, names[each.workbook].year) if units else ():
            right = {len(units), stated_counts.get(each.workbook)} | ({len(units) - 1} if count.below else set())
            if count.counted is Counted.UNITS and count.number and count.number not in right:
                words = {"said": short(count.words), "expected_shown": f"列有 {len(units)} 个单位"}
                records.append(each.finding(**words, operands=_cells(units, "name")))
                break
    for each, statements in stated(d):
        units = d.by_workbook("units").get(each.workbook, ())
        if units and each.sheet == "narrative" and each.field not in PLANS:
            department = names[each.workbook].own[0] if names[each.workbook].own else ""
            for one in (one for one in statements if one.sure or each.field == "overview"):
                shown = _staff_of(one, units, department) if one.ours else ""
                if shown:
                    meant = units if one.unit is None else [units[one.unit]]
                    cells = _cells(meant, "posts" if one.about is About.POSTS else "staff")
                    records.append(each.finding(said=short(one.words), expected_shown=shown, operands=cells))
    return table_of(records)


def _cells(units: Sequence[Row], field: str) -> list[Figure]:
    return [Figure("units", field, row["row"], short(row["name"]), row[field]) for row in units]


def _staff_of(one: Statement, units: Sequence[Row], department: str) -> str:
    """What the sheet of units has where a statement on staff or posts contradicts it; '' where it does not."""
    if one.about not in (About.POSTS, About.STAFF):
        return ""
    field, called = ("posts", "编制人数") if one.about is About.POSTS else ("staff", "在职人数")
    meant = [units[one.unit]] if one.unit is not None else units
    total = sum(row[field] for row in meant)
    of_all = sum(row[field] for row in units)
    alone = [row[field] for row in units if is_own(row["name"], department)]
    right = [total] if one.unit is not None else [total, *alone]
    if one.unit is not None and units[one.unit]["name"][-4:] not in one.words:
        right += [of_all, *alone]  # named a little before: the figure may be of all again
    if one.either:
        right.append(sum(row["posts"] for row in units))
    if one.alone and one.unit is None and len(alone) == 1:
        meant, total = [row for row in units if is_own(row["name"], department)], alone[0]
    most = total if one.alone else max(right)
    if not given(total) or one.number.size in right or (one.at_most and one.number.size < most):
        return ""
    return f"{'' if one.unit is None else short(meant[0]['name'])}{called}{'合计' if len(meant) > 1 else ''}为 {show(Kind.COUNT, total)} 人"
