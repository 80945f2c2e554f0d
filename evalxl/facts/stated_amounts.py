"""The final amounts of budget lines that a text states about its own department and year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from evalxl import layout
from evalxl.facts.passages import (
    MONEY,
    NUMBER,
    Amount,
    Passage,
    amount,
    plain,
)

# The budget's lines as sentences name them; names that also mean something else (其他, 事业, 财政拨款) are left out.
BUDGET_WORDS = {
    name.replace("其中：", "").replace("“", "").replace("”", ""): line.key
    for line in layout.BUDGET.lines
    for name in (line.label, *line.aliases)
    if name.endswith(("合计", "总计", "总额", "支出", "收入", "经费", "费", "年末结转和结余"))
} | {"总收入": "income_total", "总支出": "expenditure_total"}
for _vague in ("政府采购支出", "收入总计", "支出总计", "总收入", "总支出"):  # of what, a sentence rarely makes clear
    BUDGET_WORDS.pop(_vague, None)
_ITEM = re.compile(
    r"(?:^|(?<=[，,、；：:。（(\n和]))(?:其中[:：，]?)?"
    r"(?:(?P<year>20\d\d)年度?|本年度?|全年|年度)?(?:我|本|全)?(?:部门|单位|局|委|办|院)?(?:决算|实现|完成|发生|实际)?(?:总)?"
    rf"(?P<item>{'|'.join(sorted(map(re.escape, BUDGET_WORDS), key=len, reverse=True))})(?:支出)?(?:合计|总额|决算)?数?"
    rf"(?:共计|合计|共|为|是|达到?|[:：])*(?P<number>{NUMBER})(?P<unit>{MONEY})"
    r"(?![左右余多以\-—~至到/]|[（(]含)"
)
_ELSE_WHEN = re.compile(
    r"上年|去年|往年|年初|预算|计划|目标|预计|下年|明年|次年|季度|上半年|月底|截至|每|人均|追加|调整|申请|批复|下达|同期|控制在"
)
_PREDICTED = re.compile(r"[比较](?:上年|去年|20\d\d年|年初)[^，。；]*")
OF_SOMEBODY_ELSE = re.compile(
    r"本级|机关|下属|所属|二级|中心|学校|其中[:：，]?[^，。；]*[局所站馆院校队]|项目|专项|工程|活动|基金|一般公共"
)


class StatedAmount(NamedTuple):
    """An item of the budget with the amount a text gives it."""

    key: str
    words: str
    amount: Amount


# 收入合计 is often written where 收入总计 is meant.
GRAND_OF = {"income_total": "income_grand", "expenditure_total": "expenditure_grand"}


def stated_amounts(each: Passage, year: float, units: list[str]) -> Iterator[StatedAmount]:
    """The final amounts of budget lines that a passage states about the whole department in its own year."""
    text = _QUOTES.sub("", each.text)
    for paragraph in text.split("\n"):
        for match in _ITEM.finditer(paragraph):
            before = paragraph[: match.start()]
            sentence = _PREDICTED.sub("", before[before.rfind("。") + 1 :])
            times = re.findall(r"20\d\d(?=年)|上年|去年|本年|今年", _PREDICTED.sub("", before) + (match["year"] or ""))
            times += [match["year"]] if match["year"] else []
            elsewhere = times and times[-1] not in ("本年", "今年", str(int(year)) if year == year else "")
            plain_names = _ITEM.sub("", sentence)
            unclear = _ELSE_WHEN.search(plain_names) or OF_SOMEBODY_ELSE.search(plain_names)
            if elsewhere or unclear or any(len(name) > 2 and plain(name) in before for name in units):
                continue
            stated = amount(match["number"], match["unit"])
            yield StatedAmount(BUDGET_WORDS[match["item"]], f"{match['item']}{stated.shown}", stated)


_QUOTES = re.compile(r"[“”\"'‘’]")
