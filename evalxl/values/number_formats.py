"""How a number format shows a number: scaled, with a unit of money, as a percentage, or not at all.

WPS offers 万元 as a menu item: the format 0!.0,"万元" shows 600000 as 60.0万元, by a comma that divides by a thousand
and a point that is only text. Whoever fills in such a cell means what it shows.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from evalxl.values.money_units import stated

LONGEST = 255  # characters of a format; no program stores more


class Doubt(StrEnum):
    """Why it cannot be told what a format shows, in the words of the message."""

    PERCENT = "显示为百分数"
    CURRENCY = "显示为外币"
    HIDDEN = "不显示"
    DIGITS = "另外写有数字"
    UNIT = "写有不能换算的单位"
    SCALED = "按比例缩小显示，而没有写明单位"


class Look(NamedTuple):
    """What a section of a format makes of a number: the shown one is the stored one less so many powers of ten."""

    power: int = 0
    unit: str = ""  # of money, where the format names one
    decimals: int | None = None  # digits behind the point, real or written; None where the format leaves it open
    before: str = ""
    after: str = ""
    doubt: Doubt | None = None

    @property
    def plain(self) -> bool:
        """Whether a number means the same as without the format."""
        return not (self.power or self.unit or self.doubt)

    def show(self, number: float) -> str:
        """A number as the cell shows it, for a message; not where that is in doubt."""
        shown = Decimal(repr(number)).scaleb(-self.power)
        if self.decimals is not None:
            shown = shown.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)
        elif shown == shown.to_integral():
            shown = shown.to_integral()
        return f"{self.before}{shown:f}{self.after}"


PLAIN = Look()


class _Section(NamedTuple):
    test: tuple[str, float] | None
    look: Look


# LibreOffice does not know WPS's ! before a point that is only text, and keeps it as a text of its own.
_TOKEN = re.compile(
    r'(?P<point>\\!\.|"!"\.)|"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>general|G/通用格式|常规)'
    r"|(?P<exponent>E[+-])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_TEST = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]*)?)")
_OUR_CURRENCY = re.compile(r"[¥￥]|CNY|RMB|CN¥|", re.IGNORECASE)
_DATE_LETTERS = frozenset("ymdhsYMDHS")
_GROUPS = frozenset(" ,，'\u00a0\u2009")  # written between digits by people who group them so
_MULTIPLES = {"K": 3, "M": 6, "B": 9}


def look_of(code: str, number: float) -> Look:
    """How a format shows a number."""
    if number == 0:
        return PLAIN
    sections = _sections(code[:LONGEST])
    if not sections or len(sections) > 4:
        return PLAIN
    return _section_for(sections, number).look


def is_telling(code: str) -> bool:
    """Whether some number is shown by a format as what it is not."""
    sections = _sections(code[:LONGEST])
    tested = any(section.test for section in sections)
    return any(not section.look.plain for section in sections[: 3 if tested else 2])  # the third is for nil


def _section_for(sections: tuple[_Section, ...], number: float) -> _Section:
    tested = any(section.test for section in sections[:2])
    if not tested:
        negative = number < 0 and len(sections) > 1
        return sections[1 if negative else 0]
    for at, section in enumerate(sections[:3]):
        last = at == min(len(sections), 3) - 1
        implied = (">", 0.0) if at == 0 else ("<", 0.0)
        if last or _holds(section.test or implied, number):
            return section
    return sections[0]


def _holds(test: tuple[str, float], number: float) -> bool:
    sign, bound = test
    below, equal = number < bound, number == bound
    return {
        "<": below, "<=": below or equal, "=": equal, "<>": not equal, ">=": not below, ">": not (below or equal),
    }[sign]  # fmt: skip


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...]:
    sections, reader = [], _Reader()
    for match in _TOKEN.finditer(code):
        if match["other"] == ";":
            sections.append(reader.section())
            reader = _Reader()
        else:
            reader.take(match)
    return (*sections, reader.section())


class _Reader:
    """One section of a format, token by token."""

    def __init__(self) -> None:
        self.test: tuple[str, float] | None = None
        self.marks = ""  # 0 for a digit, "." for the point, "," for a comma, "~" for a point that is only text
        self.texts: list[str] = []  # before the first digit, between and behind
        self.before = self.after = ""
        self.percents = 0
        self.doubt: Doubt | None = None
        self.date = self.number = False
        self.open = False  # written as a power of ten or a fraction: the number of decimals says nothing

    def take(self, match: re.Match[str]) -> None:
        if match["bracket"] is not None:
            self._bracket(match["bracket"])
        elif match["general"]:
            self.number = True
            self.marks += "0"
        elif match["exponent"]:
            self.open = True
        elif match["point"]:
            self._text(".")
        elif match["quoted"] is not None:
            self._text(match["quoted"])
        elif match["escaped"]:
            self._text(match["escaped"])
        elif match["other"]:
            self._other(match["other"])

    def _bracket(self, words: str) -> None:
        test = _TEST.fullmatch(words.strip())
        if test:
            self.test = test[1], float(test[2])
        elif words.startswith("$"):
            symbol = words[1:].rpartition("-")[0] if "-" in words else words[1:]
            if symbol.strip() and not _OUR_CURRENCY.fullmatch(symbol.strip()):
                self._text(symbol)
        elif words.casefold() in ("h", "hh", "m", "mm", "s", "ss"):
            self.date = True

    def _other(self, mark: str) -> None:
        if mark in "0#?":
            self.number = True
            self.marks += "0"
        elif mark in ".,":
            self.marks += mark
        elif mark == "%":
            self.percents += 1
        elif mark in _DATE_LETTERS:
            self.date = True
        elif mark == "@":
            self.number = True
        elif mark == "/" and self.number:
            self.open = True
        else:
            self._text(mark)

    def _text(self, text: str) -> None:
        if not self.number:
            self.before += text
        elif "0" in self.marks and text == "." and "." not in self.marks:
            self.marks += "~"
            return
        else:
            self.marks += "" if set(text) <= _GROUPS else "|"
            self.after += text
        if any(each.isdigit() for each in text):
            self.doubt = Doubt.DIGITS

    def section(self) -> _Section:
        return _Section(self.test, PLAIN if self.date else self._look())

    def _look(self) -> Look:
        digits = self.marks.rstrip("|")
        whole = digits.rstrip(",|")
        power = 3 * self._scaling(digits)
        if "~" in whole:
            power += whole.partition("~")[2].count("0")
        words = (self.before + self.after).strip()
        power -= _MULTIPLES.get(words.upper(), 0)
        power -= 2 * self.percents
        unit, doubt = _unit_in(words)
        _, point, behind = whole.replace("~", ".").rpartition(".")
        decimals = None if self.open or not (point or power) else behind.count("0") if point else 0
        if not self.number:
            doubt = Doubt.HIDDEN
        elif "|" in whole.lstrip("|") or (self.doubt and not unit):
            doubt = Doubt.DIGITS
        elif self.percents and "\n" not in self.after:  # behind a line break (Ctrl+J) the sign is not seen
            doubt = Doubt.PERCENT
        return Look(power, unit, decimals, self.before.strip(), self.after.strip(), doubt)

    def _scaling(self, digits: str) -> int:
        """The commas behind the last digit before the point and those behind all digits, each a thousandth."""
        before, point, after = digits.partition(".")
        count = len(before) - len(before.rstrip(","))
        return count + (len(after) - len(after.rstrip(",")) if point else 0)


_MONEYISH = re.compile(r"[元圓圆角万萬亿億仟佰千百]|[$€£₩฿]|美金|英镑|USD|HKD|EUR|GBP|JPY", re.IGNORECASE)
_FOREIGN = re.compile(r"[$€£₩฿]|美|港|欧|英镑|日元|USD|HKD|EUR|GBP|JPY", re.IGNORECASE)


def _unit_in(words: str) -> tuple[str, Doubt | None]:
    """The unit of money that the words of a format name, and whether one is named that is no use."""
    if not _MONEYISH.search(words):
        return "", None
    said = stated(words.strip("-+ "))
    if said is not None and said.unit:
        return said.unit, None
    return "", Doubt.CURRENCY if _FOREIGN.search(words) else Doubt.UNIT
