"""Procurement where a sentence states its budget and, right after it, what was spent of it.

政府采购支出 alone is left out: of what, a sentence rarely makes clear. Beside the budget of the whole department it is
of the whole department.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalxl.facts.passages import MONEY, NUMBER, Amount, amount, sentences
from evalxl.facts.sentences.figures import About, Statement
from evalxl.facts.sentences.wordings import FINAL

_PROCURED = re.compile(
    rf"政府采购(?:支出)?(?:年初|全年|调整)?预算(?:数|金额|资金|总额)?(?:为|共|安排)?(?P<planned>{NUMBER})(?P<unit>{MONEY})"
    rf"[，、；](?P<words>(?:年末|全年|当年|本年)?(?:实际|共)?(?:政府)?(?:采购)?支出(?:数|金额|总额)?(?:为|共)?(?P<spent>{NUMBER})(?P<spent_unit>{MONEY}))"
    r"(?=[，。；）]|$)"
)
_OTHER_TIME = re.compile(r"[上去下明]一?年|季度|半年|\d月|月[底末]|计划")


def procured(text: str, year: int) -> Iterator[tuple[Statement, Amount]]:
    """What a plain text says was spent on procurement in the year of the report, and the budget it says there was."""
    for sentence in sentences(text):
        for match in _PROCURED.finditer(sentence):
            before = sentence[: match.start()]
            others = {each for each in re.findall(r"20\d\d", before) if each != str(year)}
            if not others and not _OTHER_TIME.search(before):
                spent = amount(match["spent"], match["spent_unit"])
                lines, stages = ("procurement",), (FINAL,)
                stated = Statement(About.AMOUNT, match["words"], year, spent, lines=lines, stages=stages)
                yield stated, amount(match["planned"], match["unit"])
