"""What a text says: its sentences, the years, amounts and shares in it, and its numbering. No rules, only reading.

Reading is cautious: a wording that is not surely understood is passed over, for a warning that is often wrong is worse
than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from evalxl import layout
from evalxl.district.tables import District, once_per_district
from evalxl.values.quantities import FEN_PER

# Full-width digits, letters and signs, but not the punctuation: a full-width comma never groups digits.
_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "！（），：；？"}
_WIDTH |= str.maketrans("〇○＝﹦％＊✕✖╳", "〇〇==%*×××")
_WIDE = re.compile(f"[{re.escape(''.join(map(chr, _WIDTH)))}]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_BLANKS = re.compile(r"[^\S\n]+")
_IDLE_BLANK = re.compile(r"(?<!\d) | (?!\d)")
_HARD_BREAK = re.compile(
    r"(?<![。；：！？:;!?\n])\n(?!\n|[（(]?[一二三四五六七八九十\d①-⑳]+[）)、.．]|[一二三四五六七八九]是)"
)
# A heading on a line of its own is no part of the sentence below it.
_HEADING_LINE = re.compile(
    r"(?m)^([（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．][^\n，。；：:,！？]{2,24})\n(?=[^\n])"
)
_SENTENCE = re.compile(r"[^。！？!?\n]+")
_CLAUSE = re.compile(r"[^。；！？;!?\n]+")
_HAN_YEAR = re.compile(r"二[〇零0O]([〇零一二三四五六七八九])([〇零一二三四五六七八九])年")
_HAN = "零一二三四五六七八九"

# A whole number with its decimals, not a part of one; atomic, so that many digits are looked at once.
NUMBER = r"(?<!\d)(?>\d{1,3}(?:,\d{3})++|\d++)(?>\.\d++)?(?![.,]*+\d)"
MONEY = r"(?:亿元|万元|元)"
GRADES = "优秀|良好|一般|合格|中等|较差|不合格|优|良|中|低|差"  # as texts name them
TITLES = re.compile(r"《[^》]*》|“[^”]{0,3}年[^”]*”")  # titles of documents, whose years are their own


class Passage(NamedTuple):
    """One cell of prose, and where it stands."""

    workbook: str
    row: float
    sheet: str
    field: str
    key: str
    name: str
    text: str

    def finding(self, **words: object) -> dict[str, object]:
        """The row of a finding about this passage."""
        return {name: value for name, value in self._asdict().items() if name != "text"} | words


_PROSE = (("narrative", ""), ("projects", "cause measure"), ("budget", "note"))


def passages(d: District, sheets: str = "narrative") -> Iterator[Passage]:
    """The prose of some sheets (keys separated by blanks), cell by cell, ready for reading; blanks left out."""
    for sheet, fields in _PROSE:
        if sheet not in sheets.split():
            continue
        columns = d.columns(sheet)
        nothing = [""] * len(columns["workbook"])
        keys, names = columns.get("key", nothing), columns.get("name", nothing)
        for field in fields.split() or list(layout.NARRATIVE.by_key):
            cells = zip(columns["workbook"], columns["row"], keys, names, columns[field], strict=True)
            for workbook, row, key, name, text in cells:
                if text:
                    yield Passage(workbook, row, sheet, field, key, name, plain(text))


_ADJUSTED = re.compile(
    r"追加|追减|调[增减整]|划转|划入|转隶|新组建|新成立|组建以来|机构改革|年中(?:下达|安排|新增)|上级(?:专项|下达|转移)"
)


@once_per_district
def tell_of_adjustments(d: District) -> set[str]:
    """The workbooks whose text says that the budget was changed during the year."""
    return {each.workbook for each in passages(d, "narrative budget") if _ADJUSTED.search(each.text)}


@lru_cache(maxsize=8192)  # several rules read the same cells one after another
def plain(text: str) -> str:
    """Text as rules read it: half-width figures, no blanks but between figures, hard breaks in a sentence mended."""
    text = _INVISIBLE.sub("", text)
    text = text.translate(_WIDTH) if _WIDE.search(text) else text
    text = _IDLE_BLANK.sub("", _BLANKS.sub(" ", text))
    text = _HARD_BREAK.sub("", _HEADING_LINE.sub(r"\1。\n", text)) if "\n" in text else text
    return _HAN_YEAR.sub(lambda year: f"20{_digit(year[1])}{_digit(year[2])}年", text)


def _digit(han: str) -> int:
    return max(_HAN.find(han), 0)


def whole(han: str) -> int:
    """A whole number below a thousand in figures or in Chinese; 0 when it is not one."""
    if han.isdigit():
        return int(han)
    han = han.replace("两", "二")
    hundreds, hundred, rest = han.partition("百")
    if hundred:
        below = whole(rest.removeprefix("零"))
        clear = bool(below) == bool(rest) and (below >= 10) != rest.startswith("零")  # 一百二 is 120, not 102
        return _digit(hundreds) * 100 + below if len(hundreds) == 1 and (clear or not rest) else 0
    tens, ten, ones = han.rpartition("十")
    if not ten:
        return _digit(han) if len(han) == 1 else 0
    return (_digit(tens) if tens else 1) * 10 + (_digit(ones) if ones else 0)


def sentences(text: str) -> list[str]:
    """The sentences of a plain text; semicolons do not end one."""
    return _SENTENCE.findall(text)


def clauses(text: str) -> list[str]:
    """The parts of a plain text between full stops and semicolons."""
    return _CLAUSE.findall(text)


class Amount(NamedTuple):
    """A number as a text prints it."""

    size: float  # of money in fen
    ulp: float  # one unit of the last digit printed
    shown: str

    def agrees(self, other: float, finest: float = 0.0) -> bool:
        """Whether another amount is this one, rounded or cut to the digits that both are printed with."""
        return round(abs(self.size - other), 9) < max(self.ulp, finest)

    def prints(self, true: float, slack: float = 0.0) -> bool:
        """Whether it is a true number rounded or cut, which itself is known but for some slack."""
        return -self.ulp / 2 - slack <= round(abs(true) - self.size, 9) < self.ulp + slack


def places(number: str) -> int:
    """How many decimals a number is printed with."""
    return len(number.partition(".")[2])


def value(number: str) -> float:
    """The value of a printed number."""
    return float(number.replace(",", ""))


def amount(number: str, unit: str) -> Amount:
    """The amount a number and its unit of money stand for."""
    scale = FEN_PER[unit]
    return Amount(round(value(number) * scale), scale / 10 ** places(number), f"{number}{unit}")


# Numbering: (style, number) at the beginning of a line or of a clause.
_NUMBERED = re.compile(
    r"(?:^|(?<=[\n。；：;:]))(?:"
    r"（(?P<paren_han>[一二三四五六七八九十]{1,2})）|\((?P<bracket_han>[一二三四五六七八九十]{1,2})\)"
    r"|（(?P<paren>\d{1,2})）|\((?P<bracket>\d{1,2})\)"
    r"|(?P<han>[一二三四五六七八九十]{1,2})、(?![一二三四五六七八九十]+[期级类是季月])"
    r"|(?P<dot>\d{1,2})[.、](?!\d))"
)
_SHOWN = {"han": "{}、", "dot": "{}."}


class Number(NamedTuple):
    """One numbering mark: its style, what it counts, and as it is written."""

    style: str
    at: int
    shown: str


def numbering(text: str) -> list[Number]:
    """The numbering marks of a plain text in order; brackets of either width are one style."""
    found = []
    for match in _NUMBERED.finditer(text):
        style = str(match.lastgroup)
        digits = match[style]
        shown = _SHOWN.get(style, "({})" if style.startswith("bracket") else "（{}）").format(digits)
        found.append(Number(style.replace("bracket", "paren"), whole(digits), shown))
    return found


def odd_numbering(text: str) -> str:
    """What is wrong with the numbering of a plain text: the first mark repeated or changed in style; '' if nothing."""
    marks = numbering(text)
    seen: set[tuple[str, int]] = set()
    for before, mark in zip([None, *marks], marks, strict=False):
        if before is not None and before[:2] == mark[:2]:
            return f"序号“{mark.shown}”重复"
        goes_on = before is not None and mark.at == before.at + 1
        if goes_on and before is not None and mark.style != before.style and (mark.style, before.at) not in seen:
            return f"序号“{before.shown}”之后接“{mark.shown}”，样式前后不一"
        seen.add((mark.style, mark.at))
    return ""
