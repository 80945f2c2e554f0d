"""Rules about the amounts themselves (B): signs, blanks, units of money, and the two sheets against each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Figure, Verdict
from evalxl.district.tables import UNREAD, District, Row, once_per_district
from evalxl.facts.identities import Lines, any_unread, budgets, finals_given, tolerance, unfilled, unread_amounts
from evalxl.facts.passages import tell_of_adjustments
from evalxl.policy.policy import Policy
from evalxl.rules.b_budget.magnitudes import AMOUNTS, unit_slip
from evalxl.rules.rule import ERROR, INFO, WARNING, joined, rule, table_of
from evalxl.values.folding import short
from evalxl.values.grounds import explains
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, given, show, show_amount


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
    局限：冲销、退款造成的合理负数分不出来，须说明。
    """
    parts = []
    totals = {line.key for line in layout.BUDGET.lines if line.computed}
    for sheet, fields in AMOUNTS.items():
        for key in fields:
            table = d.table(sheet)
            negative = table[key].to_numpy() < 0
            if not negative.any():
                continue
            rows = table[negative]
            if sheet == "budget":  # a total that a negative part made negative is no second mistake
                own = ~rows["key"].isin(totals)
                rows = rows[own | ~rows["workbook"].isin(rows["workbook"][own])]
            parts.append(rows.assign(sheet=sheet, field=key, actual=rows[key]))
    return joined(parts)


@rule("B07", INFO, "budget.final", message="{found}。", fix="{remedy}。")
def parts_left_blank(d: District, p: Policy) -> pd.DataFrame:
    """合计的组成项空白的，相加时不计入并列明；各项全空而合计有数的，为错误；各项有数而合计空白的，为提醒；决算数一栏全空的，为错误。
    理由：空白不等于零，相加时没有计入的应当让填报人知道；决算数一个也没有填，收支就无从核对，有关各条规则都记作未能核对。
    依据：部门决算报表填报要求；鹿泉区2023年度部门整体支出绩效自评报告。
    举例：上级补助收入空白，本年收入合计相加时没有计入。
    处理：没有发生额的填 0。
    局限：应当有发生额而填 0 的，看不出来。
    """
    unread = unread_amounts(d)
    notes = d.notes[d.notes["kind"] == "normalised"]
    said = set(zip(notes["workbook"], notes["field"], notes["row"], strict=True))  # “—”: F04 has told how it was read
    records: list[dict[str, Any]] = []
    headed = d.having_column("budget", "final")
    empty = unfilled(d)
    for lines in budgets(d):
        if lines.column == "final" and lines.workbook in empty:
            records += [_NOTHING_FILLED | {"workbook": lines.workbook}] if lines.workbook in headed else []
            continue
        records += _blank_grand_totals(lines, p)
        for each in p.sums:
            present = tuple(part for part in each.parts if part in lines.rows)
            if present and not any_unread(lines, (each.total, *present), unread):
                silent = {part for part in present if (lines.workbook, lines.column, lines.rows[part]) in said}
                records += _blank_parts(lines, each.total, present, silent, breakdown=each.breakdown)
    return table_of(records)


_NOTHING_FILLED: dict[str, Any] = {
    "row": float("nan"),
    "field": "final",
    "key": "",
    "severity": ERROR,
    "found": "决算数一栏没有填写",
    "remedy": "请按部门决算逐行填写决算数，没有发生额的填 0",
}


def _blank_parts(
    lines: Lines, total: str, present: tuple[str, ...], silent: set[str], *, breakdown: bool
) -> Iterator[dict[str, Any]]:
    blanks = [part for part in present if part not in lines.stated]
    words = layout.BUDGET.line_by_key
    names = "、".join(words[part].name for part in blanks)
    record = {"workbook": lines.workbook, "field": lines.column}
    if total in lines.stated and len(blanks) == len(present):
        if lines.stated[total] and not breakdown:
            yield record | {
                "row": lines.rows[total],
                "key": total,
                "severity": ERROR,
                "remedy": "请填写各项金额",
                "found": f"{show_amount(lines.stated[total])}，而{names}均未填",
            }
    elif set(blanks) - silent and len(blanks) < len(present):
        blanks = [part for part in blanks if part not in silent]
        names = "、".join(words[part].name for part in blanks)
        yield record | {
            "row": lines.rows[blanks[0]],
            "key": f"{blanks[0]}<{total}",
            "severity": INFO,
            "operands": [lines.operand(part)._replace(value=float("nan")) for part in blanks],
            "found": "未填，相加时没有计入"
            if len(blanks) == 1
            else f"等 {len(blanks)} 项未填（{names}），相加时没有计入",
            "remedy": "没有发生额的请填 0",
        }
    if total in lines.rows and total not in lines.stated and len(blanks) < len(present):
        yield record | {
            "row": lines.rows[total],
            "key": total,
            "severity": WARNING,
            "remedy": "请填写合计，或恢复公式",
            "found": f"未填，而各项之和为 {show_amount(lines.add(present))}",
        }


def _blank_grand_totals(lines: Lines, p: Policy) -> Iterator[dict[str, Any]]:
    """A grand total that the sheet has and does not fill in, although this year's total is given."""
    for total, parts in p.grand_totals.items():
        if total in lines.rows and total not in lines.stated and parts[0] in lines.stated:
            yield {
                "workbook": lines.workbook,
                "field": lines.column,
                "row": lines.rows[total],
                "key": total,
                "severity": WARNING,
                "remedy": "请填写合计，或恢复公式",
                "found": f"未填，而各项之和为 {show_amount(lines.add(parts))}",
            }


@once_per_district
def _projects_given(d: District, p: Policy) -> dict[str, Verdict]:
    """How far the two sheets can be compared: an amount that could not be read, or no column at all, leaves it open."""
    projects = d.by_workbook("projects")
    named = {book for book in d.having_sheet("projects") if "name" in d.places[book, "projects"].columns}
    amounts = {book: sum(given(row["executed"]) for row in rows) for book, rows in projects.items()}
    notes = (note for note in d.rows("notes") if note["kind"] in UNREAD)
    hidden = {note["workbook"] for note in notes if note["sheet"] == "projects" and note["field"] == "executed"}
    verdicts: dict[str, Verdict] = {}
    for line in _project_lines(d):
        book, final = line["workbook"], line["final"]
        nothing = not given(final) and book in amounts
        unread = book in hidden or (book, "final", line["row"]) in unread_amounts(d)
        if unread or (nothing and book in unfilled(d)):
            verdicts[book] = Verdict.NOT_EVALUATED
        elif nothing or amounts.get(book) == 0 or (book not in amounts and book not in named):
            verdicts[book] = Verdict.NOT_APPLICABLE
        else:
            verdicts[book] = Verdict.EVALUATED
    return verdicts


def _project_lines(d: District) -> list[Row]:
    return [line for line in d.rows("budget") if line["key"] == "project"]


@rule("B15", WARNING, "budget.final", judged=_projects_given, message="{found}。", fix="{remedy}{cells}。")
def projects_add_up(d: District, p: Policy) -> pd.DataFrame:
    """预算表的项目支出等于项目表全年执行数之和。
    理由：自评应覆盖全部项目支出，两表之差就是漏列的项目、漏填或填错的数。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；财预〔2020〕10号。
    举例：项目支出 105.33，《项目》表执行数合计 95.33。所有项目都没有填执行数的不作比较，见规则 P18。
    《项目》表没有填列任何项目的，项目支出应当填 0；项目支出有数或者空白的，都予提醒。
    处理：补列漏掉的项目，补填或更正执行数。
    局限：没有列入项目表、也没有计入项目支出的钱看不见。
    """
    ulps = dict(zip(d.workbooks["workbook"], d.workbooks["ulp"], strict=True))
    verdicts = _projects_given(d, p)
    spent = {row["workbook"]: row["final"] for row in d.rows("budget") if row["key"] == p.balance.expenditure[0]}
    found = []
    for line in _project_lines(d):
        book = line["workbook"]
        if verdicts[book] is Verdict.EVALUATED:
            rows = d.by_workbook("projects").get(book)
            broken = _projects_differ(line, rows, ulps[book], p) if rows else _no_projects(line)
            broken = _with_the_unit(broken, rows, spent.get(book, NAN)) if broken and rows else broken
            found += [{**line, **broken}] if broken else []
    return table_of(found)


def _projects_differ(line: Row, rows: list[Row], ulp: float, p: Policy) -> dict[str, Any]:
    spending = [row for row in rows if given(row["executed"])]
    executed = [row["executed"] for row in spending]
    total, allowed = float(sum(executed)), tolerance([line["final"], *executed], ulp)
    gap = line["final"] - total
    if abs(gap) <= allowed or unit_slip(line["final"], total, p):  # where it is the unit, B08 has said it
        return {}
    blank = len(rows) - len(spending)
    more = f"；有 {blank} 个项目没有填执行数" if blank else ""
    return {
        "actual": line["final"],
        "expected": total,
        "tolerance": allowed,
        "operands": [Figure("projects", "executed", row["row"], row["name"], row["executed"]) for row in spending],
        "found": f"{show_amount(line['final'])}，《项目》表全年执行数之和 {show_amount(total)}，"
        f"{'多' if gap > 0 else '少'} {show_amount(abs(gap))} 万元（允许尾差 {show_amount(allowed)}）{more}",
        "remedy": "核对《项目》表是否列全、执行数是否正确，以及 ",
    }


def _with_the_unit(broken: dict[str, Any], rows: list[Row], spent: float) -> dict[str, Any]:
    """The same with the project that alone executes more than the whole department: its unit is likely another."""
    large = next((row for row in rows if row["executed"] > spent), None)
    if large is None:
        return broken
    words = (
        f"；“{short(large['name'])}”一个项目就有 {show_amount(large['executed'])} 万元，超过本年支出合计，疑为以元填写"
    )
    return {
        **broken,
        "found": broken["found"] + words,
        "remedy": "核对《项目》表的金额单位（以万元填写）、是否列全，以及 ",
    }


def _no_projects(line: Row) -> dict[str, Any]:
    """What is told where the sheet of projects is empty: only project expenditure of 0 goes with that."""
    if line["final"] == 0:
        return {}
    if given(line["final"]):
        remedy = "请在《项目》表逐个填列项目；没有项目支出的，请更正这里的数"
        told = f"{show_amount(line['final'])}，而《项目》表没有填列任何项目"
        return {"actual": line["final"], "expected": 0.0, "found": told, "remedy": remedy, "operands": []}
    return {
        "sheet": "projects",
        "field": "name",
        "row": float(layout.PROJECTS.FIRST_ROW),
        "key": "",
        "found": "没有填列任何项目，《预算》的项目支出也没有填写",
        "remedy": "请逐个填列项目；没有项目的，请在《预算》的项目支出填 0",
        "operands": [],
    }


@rule(
    "B19",
    WARNING,
    "budget.final",
    shows="revised",
    judged=finals_given,
    message="{actual}，超过全年预算数 {revised}，控制率 {rate}。",
    fix="请核对 {cells}；确属超支的，请书面说明。",
)
def controlled_spending_within_budget(d: District, p: Policy) -> pd.DataFrame:
    """公用经费、三公经费的决算数不超过全年预算数。
    理由：公用经费控制率、三公经费控制率超过 100%，说明一般性支出没有控制住。
    依据：财预〔2013〕53号。
    举例：三公经费全年预算数 10，决算数 10.5。预算为 0 的无法计算控制率，不作判断。
    处理：核对预算数和决算数；确属超支的，书面说明。
    局限：预算本身定高了的，看不出来。
    """
    lines = (row for row in d.rows("budget") if row["key"] in ("operating", "three_public"))
    over = [row for row in lines if row["final"] > row["revised"] > 0]
    return table_of(
        [{**row, "actual": row["final"], "rate": show(Kind.RATE, row["final"] / row["revised"])} for row in over]
    )


@rule(
    "B20",
    WARNING,
    "budget.revised",
    shows="initial",
    message="{actual}，比年初预算数 {initial} 调整了 {rate}，备注没有说明。",
    fix="请在备注栏或文字说明中写明调整的原因，或核对 {cells}。",
)
def large_adjustment_explained(d: District, p: Policy) -> pd.DataFrame:
    """全年预算数比年初预算数调整超过规定比例（默认 30%，见规则文件 adjustment_rate）的，须在备注说明。
    理由：预算调整率过高，说明年初预算编得不准。
    依据：财预〔2013〕53号；湖南省部门整体支出绩效评价指标。
    举例：年初预算数 800，全年预算数 1100，备注空白。年初预算数为 0 的无法计算，文字说明写到追加、划转、机构改革等的，不作判断。
    处理：在本年支出合计的备注栏或文字说明中写明原因。
    局限：一增一减、总额不变的调整看不出来。
    """
    found, told = [], tell_of_adjustments(d)
    for row in d.rows("budget"):
        if row["key"] == p.balance.expenditure[0] and row["initial"] > 0 and row["workbook"] not in told:
            rate = abs(row["revised"] - row["initial"]) / row["initial"]
            if rate > p.value("adjustment_rate") + 1e-12 and not explains(row["note"]):
                found.append({**row, "actual": row["revised"], "rate": show(Kind.RATE, rate)})
    return table_of(found)
