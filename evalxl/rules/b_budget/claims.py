"""Rules about what a text claims and its own figures disprove: shares (B11) and growth (B16)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from evalxl.district.tables import District
from evalxl.facts.passages import MONEY, NUMBER, Amount, amount, passages, places, sentences, value
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.quantities import show_amount

_SHARE_OF = re.compile(
    rf"({NUMBER})({MONEY})[，,]?(?:约|仅)?占(?!比)[^，。；\d]{{0,16}}?({NUMBER})({MONEY})的(?:比[例重]为?)?({NUMBER})%(?!以)"
)
_TOTAL_OF = re.compile(
    rf"(?:合计|总计|总额|共计?|收入|支出|总量)(?:为|共|是|达|[:：]){{0,4}}({NUMBER})({MONEY})[，,。；]?其中[:：，]?(.*)"
)
_SHARE_IN = re.compile(rf"({NUMBER})({MONEY})[，,（(]占(?:比|总[额数量]|合计|比重|比例)?的?(?:为|达)?({NUMBER})%")
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
    """文字中的占比，应与同一句所列的两个金额相符；同一组占比之和不超过 100%。
    理由：占比与金额不符，必有一数有误。
    只核对分子、分母都写在同一句中的占比（“占支出合计930万元的55.91%”，或“合计若干，其中：甲若干，占若干%”），按所写的位数，
    四舍五入或截去尾数相符即可；收支的占比三项以上、没有另列金额的，只核对其和是否超过 100%（每项允许 0.01 个百分点）。
    依据：已公开部门决算说明中常见的差错（各项占比之和为 103.68%）。
    举例：“基本支出520万元，占支出合计930万元的65.91%”，应为 55.91%。
    处理：重新计算占比，或更正金额。
    """
    records = []
    for each in passages(d, "narrative budget"):
        for sentence in sentences(each.text) if "占" in each.text else ():
            found = next(_wrong_shares(sentence), None) or _too_many_shares(sentence)
            if found:
                records.append(each.finding(said=short(found[0], 60), found=found[1]))
                break
    return table_of(records)


def _wrong_shares(sentence: str) -> Iterator[tuple[str, str]]:
    for match in _SHARE_OF.finditer(sentence):
        yield from _judge_share(match[0], amount(match[1], match[2]), amount(match[3], match[4]), match[5])
    total = _TOTAL_OF.search(sentence)
    if total:
        of_this_total = re.split("其中|包括|包含|[（(，]含", total[3])[0]  # beyond, the shares are of a part
        for match in _SHARE_IN.finditer(of_this_total):
            yield from _judge_share(match[0], amount(match[1], match[2]), amount(total[1], total[2]), match[3])


def _judge_share(said: str, part: Amount, base: Amount, stated: str) -> Iterator[tuple[str, str]]:
    if not base.fen:
        yield said, "分母为 0，占比无法计算"
        return
    share = part.fen / base.fen * 100
    slack = (part.ulp + share / 100 * base.ulp) / 2 / base.fen * 100
    if not _printed(stated, share, slack):
        yield said, f"按所列金额计算为 {share:.{max(places(stated), 2)}f}%"


def _printed(stated: str, true: float, slack: float) -> bool:
    """Whether a printed percentage is the true one rounded or cut, which itself is known but for some slack."""
    unit, gap = 10.0 ** -places(stated), abs(true) - value(stated)
    return -unit / 2 - slack - 1e-9 <= gap < unit + slack


def _too_many_shares(sentence: str) -> tuple[str, str] | None:
    """Three shares or more of one thing that come to more than 100 %."""
    listed = _LISTED.findall(sentence)
    if len(listed) < 3 or "其中" in sentence[sentence.find("占") :] or len({base for _, base, _ in listed}) > 1:
        return None
    if len({name for name, _, _ in listed}) < len(listed):
        return None
    total = sum(value(share) for _, _, share in listed)
    if total <= 100 + 0.01 * len(listed) + 1e-9:
        return None
    return "，".join(f"{name}占{share}%" for name, _, share in listed), f"各项占比之和为 {total:.2f}%，超过 100%"


_UP, _DOWN = "增加|增长|上升|提高", "减少|下降|降低|压减"
_GROWTH = re.compile(
    rf"(?:(?P<cur>{NUMBER})(?P<cur_unit>{MONEY})[，,]?)?(?:同比)?(?:比|较|与)(?P<than>(?:20\d\d年度?)?[^，。；\d]{{0,12}}?)"
    rf"(?:(?P<base>{NUMBER})(?P<base_unit>{MONEY})(?:相比)?[，,]?)?(?:相比[，,]?)?"
    rf"(?P<way>{_UP}|{_DOWN})了?(?P<delta>{NUMBER})(?P<delta_unit>{MONEY})"
    rf"(?:[，,、（(](?:同比|比上年)?(?:{_UP}|{_DOWN}|增幅|降幅|增长率|增减率)(?:比例|率|幅度)?(?:为|达)?(?P<pct>{NUMBER})%)?"
)


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
    核对同一句中写明的数：增减额等于本年数减上年数；幅度等于增减额除以上年数，上年数没有写的由本年数推算；上年数为 0 的，幅度无法计算，
    不应填写。按所写的位数，四舍五入或截去尾数相符即可；写“约、近”的不核对。
    依据：已公开部门决算说明中常见的差错。
    举例：“比上年850.00万元增加50.00万元，增长6.25%”，应为 5.88%；写“增长6%”是四舍五入，不算错。
    处理：改正有误的一数；上年数为 0 的，写“上年无此项”。
    """
    records = []
    for each in passages(d, "narrative budget"):
        for match in _GROWTH.finditer(each.text):
            found = _wrong_growth(match)
            if found:
                records.append(each.finding(said=short(match[0], 60), found=found))
                break
    return table_of(records)


def _wrong_growth(match: re.Match[str]) -> str:
    """What does not follow in a statement of growth; '' where all does, or nothing can be told."""
    cur, base, delta = (
        amount(match[name], match[f"{name}_unit"]) if match[name] else None for name in ("cur", "base", "delta")
    )
    assert delta is not None  # noqa: S101 - the pattern has it
    sign = 1 if match["way"] in _UP.split("|") else -1
    if cur and base:
        change = sign * (cur.fen - base.fen)
        if abs(change - delta.fen) >= max(delta.ulp, cur.ulp, base.ulp):
            way = "增加" if cur.fen >= base.fen else "减少"
            return f"按所列两数应为{way} {show_amount(abs(cur.fen - base.fen))} 万元"
    if match["pct"] is None or not (cur or base):
        return ""
    before = base.fen if base else cur.fen - sign * delta.fen if cur else 0.0
    if before <= 0:
        return "上年数为 0，增减幅度无法计算" if before == 0 else ""
    share = delta.fen / before * 100
    base_slack = base.ulp / 2 if base else (cur.ulp + delta.ulp) / 2 if cur else 0.0
    slack = (delta.ulp / 2 + share / 100 * base_slack) / before * 100
    if _printed(match["pct"], share, slack):
        return ""
    return f"按所列数计算，幅度为 {share:.{max(places(match['pct']), 2)}f}%"
