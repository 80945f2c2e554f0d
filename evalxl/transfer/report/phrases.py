"""Short and negative ways to state an amount, written out in full so that the reader of sentences understands them.

没有事业收入、其他收入 · 经营支出、其他支出均为0 · 收入：850万 · 公务用车购置及运行维护费6万元（其中：购置0万元）.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalxl.facts.passages import MONEY, NUMBER, amount, plain
from evalxl.facts.sentences.wordings import BUDGET_WORDS, LINE

_LISTED = rf"(?:{LINE})(?:[、，和及与或](?:以及)?(?:{LINE}))*"
_NONE = re.compile(rf"(?:没有|未发生|未安排|未(?=使用)|无)(?P<names>{_LISTED})(?=[，。；,;（(）)\n]|$)")
_NIL_EACH = re.compile(
    rf"(?P<names>{_LISTED})(?:均|都|共计|合计|共|各)?(?:为|是)?\s*(?:0+(?:\.0+)?|零)(?:万元|元)?(?=[，。；,;（(）)\n]|$)"
)
_NIL_WORD = re.compile(r"(?<=[为是费支出入余])零(?:万元|元)?(?=[，。；,;（(）)\n]|$)")
_SHORT = re.compile(r"(?<=[\d])\s*(万|亿)(?=[，。；、,;（(）)\n]|$)")
_LABEL = re.compile(
    r"^(?P<number>[（(]?[一二三四五六七八九十\d]{1,2}[）)、.．]{1,2})?(?P<side>收入|支出)(?:情况)?[：:](?=\d)"
)
_SPLIT = re.compile(r"[、，和及与或](?:以及)?(?!结余|运行|专用)")
_SPENT = re.compile(r"(?<=[经]费|.费)支出(?=决算|年初|全年|预算|为|是|共|\d)")
_ABROAD = re.compile(r"因公出国(?:[（(]境[）)]|境)?(?:经费|费用|费)")
_CARS = re.compile(r"公务用车(?:购置(?:费)?[、和及与]运行|购置及运行|运行(?:维护)?(?:费)?[、和及与]购置)")
_PURCHASE = re.compile(r"(?:公务用?车|车辆)?购置(?:费(?!用)|费用|支出|经费)?(?=为|共|\d|支出)")
_RUNNING = re.compile(r"(?:公务用?车|车辆)?运行(?:及?维护)?(?:费(?!用)|费用|支出|经费)?(?=为|共|\d|支出)")
_CARS_AND_PARTS = re.compile(
    rf"公务用车购置[及和]运行(?:维护)?(?:费用?|经费)?(?:支出|决算|共|为|合计)*(?P<sum>{NUMBER})(?P<unit>{MONEY})[，（(](?:其中)?[：:，]?"
    rf"(?P<parts>公务用车(?:购置费|运行维护费)(?:支出|决算|共|为)*(?P<one>{NUMBER})(?P<one_unit>{MONEY})[，；、]"
    rf"公务用车(?:购置费|运行维护费)(?:支出|决算|共|为)*(?P<two>{NUMBER})(?P<two_unit>{MONEY}))[）)]?"
)
_ALL_OF_IT = re.compile(
    rf"(?P<total>(?:收入(?:合计|总额)|本年收入|总收入)(?:为|是|共|共计)?)(?P<amount>{NUMBER}{MONEY})[，,]"
    r"(?:全部|全|均|都)(?:为|是|系|来自)(?:一般公共预算)?财政拨款(?:收入)?(?=[，。；,;（(）)\n]|$)"
)
_FROM_BEFORE = re.compile(r"上年度?末?(?:结转(?:和)?结余|结转|结余)(?:资金)?(?=[为共]?\d)")
_SHARED = re.compile(
    r"(?<![\u4e00-\u9fff])(?P<when>(?:20\d\d年度?|本年|全年|年度)?(?:我[局委办院会]|本部门|本单位)?(?:全年)?)共支出(?=\d)"
)


def written_out(lines: Sequence[str]) -> str:
    """The lines of a report as one plain text, a line each."""
    return "\n".join(_line(plain(line)) for line in lines)


def _line(text: str) -> str:
    text = re.sub(r"收(?:入)?[、和]支(?:出)?(总计|合计)", r"收支\1", text)
    text = _SHORT.sub(r"\1元", _LABEL.sub(_labelled, text))
    text = _SPENT.sub("", _ABROAD.sub("因公出国境费", text))
    text = _NIL_WORD.sub("0万元", _NIL_EACH.sub(_nil, _NONE.sub(_nil, text)))
    text = _ALL_OF_IT.sub(r"\g<total>\g<amount>，其中财政拨款收入\g<amount>", text)
    text = _FROM_BEFORE.sub("年初结转和结余", text)
    text = _SHARED.sub(r"\g<when>支出合计", text)
    cars = _CARS.search(text)
    if cars:  # the two parts are named in short behind their sum
        head, tail = text[: cars.end()], text[cars.end() :]
        text = head + _RUNNING.sub("公务用车运行维护费", _PURCHASE.sub("公务用车购置费", tail))
    return _CARS_AND_PARTS.sub(_parts_alone, text)


def _parts_alone(match: re.Match[str]) -> str:
    """The two parts without their sum, which has no line of its own; where they are not its parts, as it stands."""
    one, two = amount(match["one"], match["one_unit"]), amount(match["two"], match["two_unit"])
    return match["parts"] if one.size + two.size == amount(match["sum"], match["unit"]).size else match[0]


def _labelled(match: re.Match[str]) -> str:
    return f"{match['number'] or ''}{match['side']}合计"


def _nil(match: re.Match[str]) -> str:
    """Each of several names with a nought of its own."""
    return "、".join(f"{name}0万元" for name in _names(match["names"]))


def _names(listed: str) -> list[str]:
    names = [each for each in _SPLIT.split(listed) if each]
    return names if all(name in BUDGET_WORDS for name in names) else [listed]
