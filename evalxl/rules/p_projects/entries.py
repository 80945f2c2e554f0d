"""Rules about projects and their execution (P)."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from evalxl.district.findings import Severity
from evalxl.district.tables import District, Row
from evalxl.facts.execution import execution_rows
from evalxl.facts.identities import tolerance
from evalxl.facts.indicators import standards
from evalxl.facts.passages import tell_of_adjustments
from evalxl.facts.scoring import execution_due
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, NOTHING, WARNING, repeats, rule, table_of, without_merged_names
from evalxl.values.folding import short
from evalxl.values.grounds import explains
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_amount


@rule("P01", ERROR, "projects.name", message="没有填项目名称。", fix="请填写项目名称；多余的行请整行清空。")
def projects_named(d: District, p: Policy) -> pd.DataFrame:
    """每个项目都要有名称。
    理由：没有名称的项目无法与预算批复对应，也无法汇总。
    依据：项目支出绩效自评表表样。
    举例：第 8 行只填了金额和得分。
    处理：补填项目名称。
    局限：名称写得不对的看不出来，见 P14、P17。
    """
    return table_of([row for row in d.rows_with("projects", "name") if not row["name"]])


@rule(
    "P02",
    ERROR,
    "projects.executed",
    message="{actual}，各项目之和 {expected}，{gap}（允许尾差 {tolerance}）。",
    fix="请核对合计行与各项目的金额。",
)
def project_totals(d: District, p: Policy) -> pd.DataFrame:
    """项目表中自行填写的合计行，等于各项目之和（逐列核对）。
    理由：合计与分项不符，必有一数填错。
    依据：项目支出绩效自评表“年度资金总额”一栏。
    举例：三个项目执行数 40、30、35.33，合计行填 105.53。
    处理：核对后更正；程序汇总时只用各项目的数。
    局限：没有写“合计”二字的合计行认不出来。
    """
    notes = [note for note in d.rows("notes") if note["kind"] == "total_row" and note["sheet"] == "projects"]
    ulps = dict(zip(d.workbooks["workbook"], d.workbooks["ulp"], strict=True))
    records = []
    for note in notes:
        rows = d.by_workbook("projects").get(note["workbook"], ())
        amounts = [row[note["field"]] for row in rows if given(row[note["field"]])]
        total = float(note["value"])
        allowed = tolerance([total, *amounts], ulps[note["workbook"]])
        if amounts and abs(total - sum(amounts)) > allowed:
            records.append({**note, "actual": total, "expected": sum(amounts), "tolerance": allowed})
    return table_of(records)


@rule(
    "P03",
    ERROR,
    "projects.rate",
    needs="rate executed revised",
    shows="executed revised",
    message="{actual}，按全年执行数 {executed}、全年预算数 {revised} 计算为 {expected}{how}。",
    fix="请恢复公式，或核对 {cells}。",
)
def rates_follow(d: District, p: Policy) -> pd.DataFrame:
    """执行率等于全年执行数除以全年预算数；按所填的小数位数判断，四舍五入相符即可。
    理由：执行率是评分依据，与金额不符则得分也不可信。相差不足 1 个百分点的为提醒，只是截去尾数的为提示。
    依据：财预〔2020〕10号；已公开自评表中最常见的差错。
    举例：执行 95、预算 100，执行率填 98%。
    处理：恢复公式。
    局限：执行率留空由公式计算的，不核对。
    """
    found = []
    for row in (row for row in d.rows("projects") if row["revised"] > 0):
        stated, true = row["rate"], row["executed"] / row["revised"]
        severity = _judge_rate(stated, true, p) if given(stated) and given(true) else None
        if severity is not None:
            how = "，属截去尾数" if severity is INFO else ""
            found.append({**row, "severity": severity, "expected": true, "actual": stated, "how": how})
    return table_of(found)


def _judge_rate(stated: float, true: float, p: Policy) -> Severity | None:
    """None where the stated rate is the true one rounded to as many digits as were written."""
    written = -int(Decimal(repr(stated)).normalize().as_tuple().exponent)
    unit = 10.0 ** -min(max(written, 2), 9)  # never coarser than a whole per cent
    gap = abs(stated - true)
    if gap <= unit / 2 + 1e-12:
        return None
    if abs(math.floor(true / unit + 1e-9) * unit - stated) < 1e-12:
        return INFO
    return WARNING if round(gap, 9) < p.value("rate_gap") else ERROR


@rule(
    "P04",
    ERROR,
    "projects.executed",
    needs="executed revised",
    shows="revised",
    message="{actual}，大于全年预算数 {revised}，{gap}。",
    fix="请核对执行数；年中追加和上年结转应计入全年预算数（{cells}）。",
)
def executed_within_budget(d: District, p: Policy) -> pd.DataFrame:
    """全年执行数不大于全年预算数。
    理由：没有预算不得支出；超出的部分多为追加或结转未计入全年预算数。
    依据：项目支出绩效自评表表样。
    举例：全年预算数 100，全年执行数 103.20。
    处理：补计追加和结转，或更正执行数。
    局限：预算和执行数都少填的，看不出来。
    """
    over = [row for row in d.rows("projects") if row["revised"] > 0 and row["executed"] > row["revised"]]
    return table_of([{**row, "actual": row["executed"], "expected": row["revised"]} for row in over])


@rule(
    "P05",
    ERROR,
    "projects.revised",
    shows="executed rate",
    message="{found}。",
    fix="请补填全年预算数，或核对 {cells}。",
)
def spending_has_budget(d: District, p: Policy) -> pd.DataFrame:
    """有执行数的项目须有全年预算数；预算和执行都为 0 的，不应有执行率。
    理由：没有预算就无从计算执行率；0 除以 0 无法计算。
    依据：项目支出绩效自评表表样。
    举例：全年预算数空白，全年执行数 30；预算 0、执行 0，执行率填 100%。
    处理：补填全年预算数；预算和执行都为 0 的，删去执行率。
    局限：预算数随执行数倒填的，见 P07。
    """
    found = []
    for row in d.rows("projects"):
        revised, executed = row["revised"], row["executed"]
        if executed > 0 and (not given(revised) or revised == 0):
            words = f"{'为 0' if given(revised) else '未填'}，而全年执行数 {show_amount(executed)}"
        elif revised == 0 and executed == 0 and given(row["rate"]):
            words = f"与全年执行数都为 0，执行率却填了 {show(Kind.RATE, row['rate'])}"
        else:
            continue
        found.append({**row, "found": words})
    return table_of(found)


@rule(
    "P08",
    ERROR,
    "indicators.points",
    needs="points weight",
    shows="weight",
    message="{actual}，按执行率 {rate} 和分值 {weight} 应得 {expected}，{gap}。",
    fix="请按“{formula}”重新计算。",
)
def execution_points_follow(d: District, p: Policy) -> pd.DataFrame:
    """预算执行率的得分等于分值乘以执行率（最高 100%）；规则文件分了档次（execution）的按档次；写有评分标准（分档、扣分）的，按所写的标准。
    理由：这一项有公式，不存在裁量。写的标准程序认不出的，不作判断。
    依据：财预〔2020〕10号。
    举例：分值 10、执行率 80.40%，得分填 10。
    处理：按公式或档次计算，保留两位小数。
    局限：执行率没有单列为指标的，见 S01。
    """
    rows = execution_rows(d)
    own = standards(d)[rows.index]
    every = zip(rows["execution"], rows["weight"], own, strict=True)
    due = [execution_due(rate, weight, p, standard) for rate, weight, standard in every]
    gaps = np.array([each.gap(points) for each, points in zip(due, rows["points"], strict=True)], dtype=float)
    broken = gaps > p.value("execution_points_gap") + 1e-9
    if not broken.any():
        return NOTHING
    rows = rows.assign(
        expected=np.array([each.points for each in due], dtype=float),
        actual=rows["points"],
        tolerance=p.value("execution_points_gap"),
        rate=rows["execution"].map(lambda rate: show(Kind.RATE, rate)),
        formula=[p.execution.words if each is None else short(each.text, 40) for each in own],
    )
    return rows[broken]


@rule(
    "P09",
    WARNING,
    "projects.cause",
    needs="executed revised",
    shows="executed revised",
    message="未填，而执行率只有 {rate_due}（全年执行数 {executed}，全年预算数 {revised}）。",
    fix="请填写偏差原因和改进措施。",
)
def low_execution_explained(d: District, p: Policy) -> pd.DataFrame:
    """执行率低于规定比例（默认 90%，见规则文件 explain_rate）的项目须填写偏差原因。
    理由：资金没有用完必有缘由，要据此调整以后年度的预算。
    依据：四川省项目支出绩效自评表填报要求；财预〔2020〕10号。
    举例：执行率 72.50%，偏差原因空白。
    处理：填写原因和改进措施。
    局限：写了原因的，不判断原因是否成立。
    """
    found = []
    for row in (row for row in d.rows("projects") if row["revised"] > 0):
        rate = row["executed"] / row["revised"]
        if rate < p.value("explain_rate") - 1e-12 and not explains(row["cause"]):
            found.append({**row, "rate_due": show(Kind.RATE, rate)})
    return table_of(found)


@rule(
    "P14",
    ERROR,
    "projects.name",
    needs="name",
    message="与工作表的第 {others} 行重复：同一单位的同名项目。",
    fix="请清空重复的行；确为两个项目的，请在名称上加以区别。",
)
def projects_distinct(d: District, p: Policy) -> pd.DataFrame:
    """同一实施单位的同名项目只列一次。
    理由：重复的项目会使执行数和项目数虚增。
    依据：项目支出绩效自评表表样；区县汇总要求。
    举例：第 6 行和第 9 行都是“政协会议费”。
    处理：清空重复的行，或区别名称。
    局限：名称写法不同的同一项目，看不出来。
    """
    named = (row for row in without_merged_names(d, "projects") if row["key"])
    return table_of(repeats(named, "key", "unit_key"))


@rule(
    "P18",
    WARNING,
    "projects.score",
    shows="revised executed",
    message="{actual}，{found}。",
    fix="请补填项目金额；没有资金的项目不应评分。",
)
def scored_projects_have_money(d: District, p: Policy) -> pd.DataFrame:
    """有得分的项目须有预算数或执行数。
    理由：项目支出自评以资金为基础，没有金额就无从判断得分。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；财预〔2020〕10号。
    举例：项目自评得分 100，金额各栏空白。
    处理：补填年初预算数、全年预算数和全年执行数。
    局限：只填了很小金额的看不出来。
    """
    found: list[dict[str, Any]] = []
    for rows in d.by_workbook("projects").values():
        without = [row for row in rows if not _has_money(row)]
        scored = [row for row in without if given(row["score"])]
        if len(without) == len(rows) and len(scored) > 1:
            words = f"而 {len(scored)} 个项目的预算数、执行数均为空白或 0"
            found.append({**scored[0], "found": words, "key": ""})
        else:
            found += [{**row, "found": "而全年预算数、全年执行数均为空白或 0"} for row in scored]
    return table_of(found)


def _has_money(row: Row) -> bool:
    return any(given(row[key]) and row[key] != 0 for key in ("initial", "revised", "executed"))


@rule(
    "P06",
    WARNING,
    "projects.initial",
    shows="revised",
    message="{found}，而全年预算数 {revised}，没有说明是年中追加。",
    fix="请补填年初预算数；确属年中追加的，请在偏差原因栏或文字说明中写明。",
)
def added_during_the_year(d: District, p: Policy) -> pd.DataFrame:
    """没有年初预算而有全年预算的项目，须说明是年中追加。
    理由：年初预算空白多为漏填；确属追加的要有依据。
    依据：项目支出绩效自评表表样。
    举例：年初预算数 0，全年预算数 50，偏差原因空白。年初预算数整列不填的，文字说明写到追加、划转、新组建等的，不作判断。
    处理：补填年初预算数，或写明追加原因。
    局限：年初预算填了别的项目的数，看不出来。
    """
    rows = d.rows_with("projects", "initial")
    used = {row["workbook"] for row in rows if given(row["initial"])} - tell_of_adjustments(d)
    funded = (row for row in rows if row["workbook"] in used and row["revised"] > 0 and not row["cause"])
    added = [row for row in funded if not given(row["initial"]) or row["initial"] == 0]
    return table_of([{**row, "found": "为 0" if given(row["initial"]) else "未填"} for row in added])


@rule(
    "P07",
    WARNING,
    "projects.revised",
    needs="initial revised executed",
    shows="initial executed",
    message="{actual}，只有年初预算数 {initial} 的 {rate}，而与全年执行数相等。",
    fix="请在偏差原因栏说明调减的理由，或核对 {cells}。",
)
def budget_not_trimmed_to_match(d: District, p: Policy) -> pd.DataFrame:
    """全年预算数比年初大幅调减（默认调到七成以下，见规则文件 trimmed_rate）而恰与执行数相等的，须说明理由。
    理由：年末把预算调到与执行数一样，执行率就成了 100%，掩盖了预算没有执行完。
    依据：已公开自评表中的情形；财预〔2020〕10号。
    举例：年初预算数 100，全年预算数 60，全年执行数 60，偏差原因空白。
    处理：说明调减的理由和依据。
    局限：分次小幅调减的看不出来。
    """
    found = []
    for row in d.rows("projects"):
        if row["initial"] > 0 and row["revised"] > 0 and row["executed"] == row["revised"] and not row["cause"]:
            share = row["revised"] / row["initial"]
            if share <= p.value("trimmed_rate") + 1e-12:
                found.append({**row, "actual": row["revised"], "rate": show(Kind.RATE, share)})
    return table_of(found)


@rule(
    "P10",
    WARNING,
    "projects.score",
    needs="score executed revised",
    shows="executed revised",
    message="{actual}，执行率 {rate} 的项目最高 {expected} 分，{gap}。",
    fix="请核对得分，或核对 {cells}。",
)
def scores_within_caps(d: District, p: Policy) -> pd.DataFrame:
    """规则文件规定了执行率档次最高分的，得分不得超过；默认没有规定。
    理由：资金大部分没有用出去的项目，不应得高分。
    依据：本程序的取值（省级预算绩效系统有此做法，没有公开文号）；由区县在规则文件 execution_caps 中规定。
    举例：规定执行率 70% 至 80% 的最高 89 分，某项目执行率 75%，得分 95。
    处理：核对得分。
    局限：规则文件没有规定的，不核对。
    """
    found = []
    for row in (row for row in d.rows("projects") if row["revised"] > 0 and given(row["executed"])):
        rate = row["executed"] / row["revised"]
        cap = p.cap(rate)
        if row["score"] > cap:
            found.append({**row, "actual": row["score"], "expected": cap, "rate": show(Kind.RATE, rate)})
    return table_of(found)


@rule(
    "P24",
    INFO,
    "projects.executed",
    message="有 {count} 个项目的年初预算数、全年预算数、全年执行数都一分不差。",
    fix="请核对：预算数是否按执行数倒填；确实如此的无须处理。",
)
def amounts_not_worked_backwards(d: District, p: Policy) -> pd.DataFrame:
    """项目较多（3 个以上）时，年初预算数、全年预算数、全年执行数不会个个相等。
    理由：个个相等，多是按执行数倒填预算，执行率和预算调整就看不出来。
    依据：已公开自评表中常见的情形；个数为本程序的取值：一两个定额项目三数相等是常事。
    举例：六个项目的三个金额都相同。
    处理：核对预算批复，按批复数填写；确为定额拨付、全部执行的，无须处理。
    局限：只改动了零头的倒填看不出来。
    """
    found = []
    for rows in d.by_workbook("projects").values():
        funded = [row for row in rows if row["revised"] > 0]
        if len(funded) >= 3 and all(row["initial"] == row["revised"] == row["executed"] for row in funded):
            found.append({**funded[0], "count": str(len(funded)), "key": "", "label": "全年执行数"})
    return table_of(found)


@rule(
    "P25",
    WARNING,
    "projects.code",
    needs="code",
    message="与工作表第 {others} 行的项目编码相同，而项目名称不同。",
    fix="请核对项目编码；确为一个项目的请合并填列。",
)
def codes_distinct(d: District, p: Policy) -> pd.DataFrame:
    """不同的项目不用同一个项目编码。
    理由：项目编码是预算管理一体化系统中项目的唯一标识，重复就对不上预算批复。
    依据：预算管理一体化规范（项目库管理）。
    举例：“公共文化服务体系建设”和“群众文化活动”都填 20500123。同一名称的见规则 P14。
    处理：更正编码；一个项目拆成几行的，请合并。
    局限：编码填错而不重复的，看不出来。
    """
    coded = [row for row in d.rows("projects") if row["code"] and row["key"]]
    names: dict[tuple[str, str], set[str]] = {}
    for row in coded:
        names.setdefault((row["workbook"], row["code"]), set()).add(row["key"])
    return table_of([row for row in repeats(coded, "code") if len(names[row["workbook"], row["code"]]) > 1])
