"""Rules about what a text states of projects: their number (P13), payment (P16), products of its own (P19)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import prod

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Figure
from evalxl.district.tables import District, Row
from evalxl.facts.passages import MONEY, NUMBER, Passage, amount, clauses, passages, plain, value
from evalxl.facts.sentences.counts import Count, Counted, counts
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.quantities import FEN_PER, given, show_amount


@rule(
    "P13",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，项目表{rows}。",
    fix="请核对项目个数，或补列遗漏的项目。",
)
def project_count_follows(d: District, p: Policy) -> pd.DataFrame:
    """文字中写明的项目总数和各等级的项目个数，应与项目表一致。
    理由：个数不一致，多是漏列了项目，或者沿用了往年的文字。
    只核对说全部项目的话（“共有9个项目”“项目支出共9个”“收集全部9个项目的资料”“开展了绩效自评的9个项目”）和各等级的个数
    （“2个项目评为优秀”“优秀2个、良好1个”“4个项目中，2个评为优秀”）；抽查、重点、在建等部分项目，上年、下属单位、指标的个数不核对；项目表有等级空白的，不核对等级个数。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：写“共有5个预算项目”，而项目表列有 4 个。
    处理：改正个数，或补列遗漏的项目。
    局限：没有写明是全部项目的个数不核对。
    """
    years = dict(zip(d.workbooks["workbook"], d.workbooks["year"], strict=True))
    records = []
    for each in passages(d):
        rows = [row for row in d.by_workbook("projects").get(each.workbook, ()) if row["name"]]
        year, done = years[each.workbook], set[tuple[str, str, str]]()
        for count in counts(each.text, int(year) if given(year) else 0) if rows and each.field != "measures" else ():
            found = _miscounted(count, rows, p)
            if found and (each.field, count.counted, count.grade) not in done:
                done.add((each.field, count.counted, count.grade))
                records.append(each.finding(said=short(count.words), rows=found))
    return table_of(records)


def _miscounted(count: Count, rows: Sequence[Row], p: Policy) -> str:
    """How many projects there are where a count differs; '' where it does not."""
    if count.counted is Counted.PROJECTS:
        return f"列有 {len(rows)} 个" if count.number not in (0, len(rows)) else ""
    grade = p.standard("grade", count.grade) if count.counted is Counted.GRADED else ""
    if not grade or count.among not in (0, len(rows)) or not all(row["grade_standard"] for row in rows):
        return ""
    of_it = sum(row["grade_standard"] == grade for row in rows)
    due = sum(p.grade(row["score"]) == grade for row in rows)
    return f"评为“{grade}”的有 {of_it} 个" if count.number not in (0, of_it, due) else ""


_PAID = re.compile(
    r"(?:资金|款项|经费|预算)?(?:均?已经?|均)?(?:全部|全额)(?:支付|拨付|执行|支出)(?:完毕|到位|完成)?"
    r"|(?:均?已经?|均)?(?:支付|拨付|执行)完毕|(?:预算执行率|执行率|支付率|拨付率)(?:均?达到?|为)?100%"
)
_NOT_PAID = re.compile(
    r"未|没有|没能|尚|不能|不足|无法|将|待|预计|争取|确保|力争|务必|尽快|督促|加快|下年|次年|明年|年后|跨年|除|外|剩余|应当?|要求|计划|拟|如|若|"
    r"合同|工程款|货款|进度款|尾款|质保金|首付|补助|补贴|结余|节约|节省|中标|招标|到位资金|上级|转移支付|下达的|财政已|前提"
)


@rule(
    "P16",
    WARNING,
    "projects.cause",
    message="写的是“{said}”，而{project}执行率只有 {shown}。",
    fix="请核对支付情况和全年执行数（{cells}），改正有误的一处。",
)
def payment_as_told(d: District, p: Policy) -> pd.DataFrame:
    """文字写资金已全部支付、执行完毕的项目，执行率应为 100%。
    理由：文字与金额矛盾，或者执行数少填，或者文字不实。
    核对项目的偏差原因、改进措施，以及文字说明中只说到一个项目的句子；带“未、将、预计、合同款、补助、结余”等字样的，
    说的不是预算资金已付完，不核对；改进措施中须写明“已”。执行率按两位小数看，不足 100% 的才算。
    依据：已公开自评表中常见的差错；本程序的取值。
    举例：偏差原因写“资金已全部拨付”，而全年预算数 90、全年执行数 56。
    处理：更正执行数，或如实写明支付情况。
    局限：说得含糊或同时说到几个项目的，不核对。
    """
    projects = [row for rows in d.by_workbook("projects").values() for row in rows if row["name"]]
    funded = (row for row in projects if row["revised"] > 0)  # without a budget there is no rate
    slow = [{**row, "share": row["executed"] / row["revised"]} for row in funded]
    slow = [row for row in slow if row["share"] < 0.99995]
    by_row: dict[tuple[str, float], Row] = {(row["workbook"], row["row"]): row for row in slow}
    names: dict[str, dict[str, Row]] = {}
    for row in projects:
        names.setdefault(row["workbook"], {})[plain(row["name"])] = by_row.get((row["workbook"], row["row"]), {})
    records = []
    for each in passages(d, "narrative projects"):
        told: list[tuple[Row, str]]
        if each.sheet == "projects":
            told = [(by_row.get((each.workbook, each.row), {}), each.text)]
        else:
            told = list(_about_one_project(each, names.get(each.workbook, {})))
        for project, text in told:
            said = _says_paid(text, each.field == "measure") if project else ""
            if said:
                records.append(each.finding(**_short_of(project, each, said)))
                break
    return table_of(records)


def _about_one_project(each: Passage, names: dict[str, Row]) -> Iterator[tuple[Row, str]]:
    """The clauses on results that name exactly one project, with the project if it was not fully executed."""
    for clause in clauses(each.text) if each.field in ("achievement", "details") else []:
        named = [row for name, row in names.items() if len(name) >= 4 and name in clause]
        if len(named) == 1:
            yield named[0], clause


def _says_paid(text: str, must_be_past: bool) -> str:
    """The words of a text that say all the money has been paid; '' where something else may be meant."""
    for clause in clauses(text):
        match = _PAID.search(clause)
        if match and not _NOT_PAID.search(clause) and (not must_be_past or "已" in match[0]):
            return match[0]
    return ""


def _short_of(row: Row, each: Passage, said: str) -> dict[str, object]:
    cells = [
        Figure("projects", key, row["row"], layout.PROJECTS.by_key[key].header, row[key])
        for key in ("revised", "executed")
    ]
    name = "" if each.sheet == "projects" else short(row["name"])
    return {"said": short(said), "project": name, "shown": f"{row['share']:.2%}", "operands": cells}


# 12次×0.5万元=6万元; several products may be added. A factor is a number with what it counts.
_FACTOR = r"(?>\d{1,3}(?:,\d{3})++|\d++)(?>\.\d++)?(?:亿元|万元|元|万|%)?(?:/?[\u4e00-\u9fff·]{0,4}(?:/[\u4e00-\u9fff]{1,2})*)"
_PRODUCT = rf"{_FACTOR}(?:[×xX*]{_FACTOR})+"
_EQUATION = re.compile(rf"(?<![\d.,×xX*+＋-])({_PRODUCT}(?:\+{_PRODUCT})*)=(?:共|约)?({NUMBER})({MONEY})")
_PART = re.compile(r"([\d.,]+)(亿元|万元|元|万|%)?")


@rule(
    "P19",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，算得 {computed}。",
    fix="请核对数量、单价和金额，改正有误的一处。",
)
def products_follow(d: District, p: Policy) -> pd.DataFrame:
    """文字中列出的数量乘以单价，应等于所写的金额。
    理由：测算式自身不平，金额就没有依据。
    核对写成“数量×单价=金额”的算式，可以连乘、相加；按金额所写的位数比较，四舍五入或截去尾数相符即可；没有写金额单位的不核对。
    依据：项目支出绩效目标申报和自评表表样；本程序的取值。
    举例：“12次×0.5万元=8万元”，应为 6 万元。
    处理：改正数量、单价或金额。
    局限：没有写成算式的测算看不出来。
    """
    records = []
    for each in passages(d, "narrative projects budget"):
        for match in _EQUATION.finditer(each.text) if "=" in each.text else ():
            terms = [_product(term) for term in match[1].split("+")]
            stated = amount(match[2], match[3])
            known = [term for term in terms if term is not None]
            if len(known) == len(terms) and not stated.agrees(round(sum(known), 2)):
                computed = f"{show_amount(sum(known))} 万元"
                records.append(each.finding(said=short(match[0]), computed=computed))
                break
    return table_of(records)


def _product(term: str) -> float | None:
    """What a product comes to in fen; None unless exactly one factor is money."""
    factors = [_PART.match(factor) for factor in re.split(r"[×xX*]", term)]
    units = [factor[2] or "" for factor in factors if factor]
    if sum(unit in ("亿元", "万元", "元") for unit in units) != 1:
        return None
    scale = {"": 1.0, "%": 0.01, "万": 1e4} | {unit: float(FEN_PER[unit]) for unit in ("亿元", "万元", "元")}
    return prod(value(factor[1]) * scale[factor[2] or ""] for factor in factors if factor)
