"""The names that a text calls, each made one character, so that the grammar sees whose figure a number is."""

from __future__ import annotations

import re
from collections import Counter
from itertools import takewhile

from evalxl.facts.passages import plain
from evalxl.facts.sentences import wordings
from evalxl.facts.sentences.contexts import Names

QUOTES = re.compile(r"[“”\"'‘’《》]|[（(](?=境[）)])|(?<=境)[）)]")


def marked(text: str, names: Names) -> tuple[str, dict[int, str]]:
    """The text with each known name as one character, long names first, and what each character stands for."""
    marks = {_bare(name): chr(wordings.PROJECT + at) for at, name in enumerate(names.projects[:2000])}
    marks |= {_bare(name): chr(wordings.UNIT + at) for at, name in enumerate(names.units[:2000])}
    own = _own_names(names)
    marks |= {_bare(name): chr(wordings.OWNER + at) for at, name in enumerate(own)}
    for name in sorted(marks, key=len, reverse=True):
        if (len(name) >= _SHORTEST or name[:1] in ("我", "本")) and name in text and name not in wordings.BUDGET_WORDS:
            text = text.replace(name, marks[name])
    shown = dict(enumerate(names.projects, wordings.PROJECT)) | dict(enumerate(names.units, wordings.UNIT))
    shown |= dict(enumerate(own, wordings.OWNER))
    for short, at in _short_names(names).items():
        if short in text and chr(wordings.UNIT + at) not in text:
            text = re.sub(_BEFORE_SHORT + re.escape(short) + _AFTER_SHORT, chr(wordings.UNIT + at), text)
            shown[wordings.UNIT + at] = short
    return text, shown


def _own_names(names: Names) -> tuple[str, ...]:
    """What a department calls itself: 甲区档案馆, 区档案馆, 我馆; what any may say (我局) is in the grammar."""
    own = names.own[0] if names.own else ""
    placed = _PLACED.fullmatch(own)
    called = [placed["short"]] if placed else []
    called += [f"{whose}{own[-1]}" for whose in "我本"] if own.endswith(_KINDS) else []
    return (*names.own, *called)


def _short_names(names: Names) -> dict[str, int]:
    """The units as a text calls them that has named their department: 服务中心 of 示范区退役军人服务中心."""
    own = names.own[0] if names.own else ""
    called = [name[_shared(own, name) :] for name in names.units[:2000]]
    often = Counter(called)
    return {
        short: at
        for at, short in enumerate(called)
        if len(short) >= _SHORTEST and often[short] == 1 and short != names.units[at]
    }


_PLACED = re.compile(
    r".{1,9}(?P<short>(?:(?<![社地小景学片])区|县(?!域)|旗|市(?![场政容民])|州|省).{2,}[局委办院会馆所站队社校部])"
)
_KINDS = ("馆", "所", "站", "队", "社")
_SHORTEST = 4  # characters of a name that is known in a text
_BEFORE_SHORT = r"(?:(?<![\u4e00-\u9fff])|(?<=下[设属辖])|(?<=[所直]属))"
_AFTER_SHORT = r"(?=[，,、]?(?:现有|实有|现|实|核定|批准|共有?|的|人员|行政|事业){0,3}(?:编制|在职|在编))"


def _bare(name: str) -> str:
    """A name as it stands in a text whose quotation marks are taken out."""
    return QUOTES.sub("", plain(name))


def _shared(own: str, name: str) -> int:
    """How many characters a unit's name begins with that are its department's too."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, name, strict=False)))
