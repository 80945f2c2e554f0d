"""What a text says there was none of: 未发生公务接待费, 未安排政府采购, 公务接待费支出为0."""

from __future__ import annotations

import re

from evalxl.facts.passages import Amount, amount
from evalxl.facts.sentences import wordings
from evalxl.facts.sentences.contexts import WHOLE, Context
from evalxl.facts.sentences.figures import About, Statement
from evalxl.facts.sentences.wordings import FINAL, INITIAL, REVISED

NOTHING = amount("0", "万元")  # 为0, which may be rounded
_NONE_AT_ALL = Amount(0.0, 0.0, "")
_PLANNED = re.compile("安排|编制|预算")


def absence(figure: re.Match[str], words: str, now: Context) -> Statement | None:
    """What is said not to have been spent or planned, by the department and in the year that are spoken of."""
    said = wordings.wholly(wordings.BEFORE_NONE, words)
    if said is None or now.else_when or now.unit is not None or now.project is not None:
        return None
    if WHOLE.search(words):
        now.whole()
    if now.elsewhere or now.unknown or not now.known_subject:
        return None
    year = now.year_of(said["year"]) if said["year"] else now.year
    line = wordings.NONE_WORDS[figure["none_of"]]
    stages = (INITIAL, REVISED, FINAL) if _PLANNED.search(figure["none"]) else (FINAL,)
    return Statement(About.AMOUNT, words, year, _NONE_AT_ALL, lines=(line,), stages=stages)
