"""Rules about what a text claims and its own figures disprove: shares (B11) and growth (B16)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Figure
from evalxl.district.tables import District, Row
from evalxl.facts.passages import MONEY, NUMBER, Amount, passages, sentences, value
from evalxl.facts.sentences.figures import About, Statement
from evalxl.facts.sentences.growth import Growth, growths
from evalxl.facts.sentences.workbooks import stated
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.quantities import given, show_amount

_LISTED = re.compile(
    rf"(?:^|[，；、：。])([^，；、：。\d]{{0,12}}(?:收入|支出|经费|拨款|资金|结余))(?:{NUMBER}{MONEY}[，,（(]?)?占([^，。；\d]{{0,12}}?)(?:比为?|的|为|比重为?)?({NUMBER})%"
)


@rule(
    "B11",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，{found}。",
    fix="请按所列金额重新计算占比。",
)
def shares_follow(d: District, p: Policy) -> pd.DataFrame:
    """文字中的占比，应与同一句所列的两个金额或预算表的数相符；同一组占比之和不超过 100%。
    理由：占比与金额不符，必有一数有误。
    核对分子、分母都写在同一句中的占比（“占支出合计930万元的55.91%”，或“合计若干，其中：甲若干，占若干%”），以及一方或两方只在预算表中的占比
    （“项目支出280万元，占本年支出的30.11%”“基本支出占总支出的69.89%”：与合计、总计中任何一个相符即可）；按所写的位数，
    四舍五入或截去尾数相符即可。收支的占比三项以上、没有另列金额的，另核对其和是否超过 100%（每项允许 0.01 个百分点）。
    依据：已公开部门决算说明中常见的差错（各项占比之和为 103.68%）。
    举例：“基本支出520万元，占支出合计930万元的65.91%”，应为 55.91%。
    处理：重新计算占比，或更正金额。
    局限：分子、分母不在同一句的占比看不出来。
    """
    records = []
    known = {book: {row["key"]: row for row in rows} for book, rows in d.by_workbook("budget").items()}
    for each, statements in stated(d):
        if each.sheet == "projects":
            continue
        shares = (one for one in statements if one.about is About.SHARE)
        wrong = (found for one in shares if (found := _wrong_share(one, known.get(each.workbook, {}))))
        too_many = (found for sentence in sentences(each.text) if (found := _too_many_shares(sentence)))
        found = next(wrong, None) or next(too_many, None)
        if found:
            records.append(each.finding(said=short(found[0], 60), found=found[1], operands=found[2]))
    return table_of(records)


Shared = tuple[str, str, list[Figure]]  # the words, what is wrong, the cells


def _wrong_share(one: Statement, lines: Mapping[str, Row]) -> Shared | None:
    """What a share should be by the amounts beside it, or by those of the budget; None where it follows."""
    if one.of is not None and one.base is not None:
        wholes = [lines[line][stage] for line in one.lines if line in lines for stage in layout.AMOUNT_COLUMNS]
        others = [(one.of, Amount(whole, 0.0, "")) for whole in wholes if whole > 0]
        return _judged(one, [(one.of, one.base), *others], [])
    if not one.ours:
        return None
    stages = [stage for stage in one.stages if stage != "unclear"] or [*layout.AMOUNT_COLUMNS][::-1]
    pairs, cells = [], []
    for stage in stages:
        for base in (line for line in one.lines if line in lines):
            below = lines[base][stage]
            parts = [lines[part][stage] for part in one.part[:1] if part in lines]
            above = [Amount(part, 0.0, "") for part in parts if given(part)]
            above = [one.of, *above] if one.of is not None else above
            if below > 0 and above:
                pairs += [(part, Amount(below, 0.0, "")) for part in above]
                cells += [(stage, line, lines[line]) for line in dict.fromkeys((*one.part[:1], base)) if line in lines]
    first = [each for each in cells if each[0] == cells[0][0]][:2]
    names = {line: layout.BUDGET.line_by_key[line].name for _, line, _ in first}
    return _judged(one, pairs, [Figure("budget", at, row["row"], names[line], row[at]) for at, line, row in first])


def _judged(one: Statement, pairs: list[tuple[Amount, Amount]], cells: list[Figure]) -> Shared | None:
    """A share held against each pair of amounts that may be meant."""
    shares = []
    for part, base in pairs:
        if not base.size:
            return one.words, "分母为 0，占比无法计算", cells
        share = part.size / base.size * 100
        if one.number.prints(share, (part.ulp + share / 100 * base.ulp) / 2 / base.size * 100):
            return None
        shares.append(share)
    if not shares:
        return None
    places = max(len(one.number.shown.partition(".")[2]) - 1, 2)
    by = "预算表" if cells else "所列金额"
    return one.words, f"按{by}计算为 {shares[0]:.{places}f}%", cells


def _too_many_shares(sentence: str) -> Shared | None:
    """Three shares or more of one thing that come to more than 100 %."""
    listed = _LISTED.findall(sentence)
    if len(listed) < 3 or "其中" in sentence[sentence.find("占") :] or len({base for _, base, _ in listed}) > 1:
        return None
    if len({name for name, _, _ in listed}) < len(listed):
        return None
    total = sum(value(share) for _, _, share in listed)
    if total <= 100 + 0.01 * len(listed) + 1e-9:
        return None
    return "，".join(f"{name}占{share}%" for name, _, share in listed), f"各项占比之和为 {total:.2f}%，超过 100%", []


@rule(
    "B16",
    WARNING,
    "narrative.details",
    message="写的是“{said}”，{found}。",
    fix="请核对本年数、上年数、增减额和增减幅度。",
)
def growth_follows(d: District, p: Policy) -> pd.DataFrame:
    """文字中的增减额和增减幅度，应与同一句所列的数相符。
    理由：本年数、上年数、增减额、增减幅度四个数互相决定，一数有误就对不上。
    核对同一句中写明的数，金额和户数、人次、册数等都算：增减额等于本年数减上年数；幅度等于增减额除以上年数，上年数没有写的由本年数推算；
    “由……增加到……，增长……%”同样核对；上年数为 0 的，幅度无法计算，不应填写。按所写的位数，四舍五入或截去尾数相符即可；
    写“约、近、左右”的、各数单位不同的不核对。
    依据：已公开部门决算说明中常见的差错。
    举例：“比上年850.00万元增加50.00万元，增长6.25%”，应为 5.88%；写“增长6%”是四舍五入，不算错。
    处理：改正有误的一数；上年数为 0 的，写“上年无此项”。
    局限：换了说法、没有写出数的增减看不出来。
    """
    records = []
    for each in passages(d, "narrative projects budget"):
        found = next(((one, wrong) for one in growths(each.text) if (wrong := _wrong_growth(one))), None)
        if found:
            records.append(each.finding(said=short(found[0].words, 60), found=found[1]))
    return table_of(records)


def _wrong_growth(one: Growth) -> str:
    """What does not follow in a statement of growth; '' where all does for anything that may have grown."""
    sums = (
        [
            Amount(sum(each.size for each in (*one.earlier[at:], one.current)), one.current.ulp, "")
            for at in range(len(one.earlier))
        ]
        if one.current
        else []
    )
    for current in (*one.earlier, *sums):
        if not _does_not_follow(one._replace(current=current)):
            return ""
    return _does_not_follow(one)


def _does_not_follow(one: Growth) -> str:
    current, base, change = one.current, one.base, one.change
    sign = 1 if one.up else -1
    if current and base:
        grown = sign * (current.size - base.size)
        size = abs(current.size - base.size)
        way = "增加" if current.size >= base.size else "减少"
        shown = f"{show_amount(size)} 万元" if one.money else f"{size:.10g}"
        if change and abs(grown - change.size) >= max(change.ulp, current.ulp, base.ulp):
            return f"按所列两数应为{way} {shown}"
        if grown < 0 and one.share:
            return f"按所列两数应为{way} {shown}"
    before = base or (_amount(current.size - sign * change.size, current, change) if current and change else None)
    if one.share is None or before is None:
        return ""
    if before.size <= 0:
        return "上年数为 0，增减幅度无法计算" if before.size == 0 else ""
    grown_by = change or (_amount(abs(current.size - before.size), current, before) if current else None)
    if grown_by is None:
        return ""
    share = grown_by.size / before.size * 100
    if one.share.prints(share, (grown_by.ulp + share / 100 * before.ulp) / 2 / before.size * 100):
        return ""
    return f"按所列数计算，幅度为 {share:.{max(len(one.share.shown.partition('.')[2]) - 1, 2)}f}%"


def _amount(size: float, one: Amount, other: Amount) -> Amount:
    """What comes of two printed amounts, which is as uncertain as both."""
    return Amount(size, one.ulp + other.ulp, "")
