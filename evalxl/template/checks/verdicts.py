"""What a live check is, and how several make the verdict that an accountant reads.

Every verdict begins with a symbol: √ agrees, × does not agree, ○ is not finished. A check names the rules it asks ahead
of evalxl; where the policy has switched all of them off, or made them hints, the template does not ask either.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from evalxl.layout import GENERAL, Sheet
from evalxl.policy.policy import Policy
from evalxl.rules import RULES
from evalxl.template.references import field_away

PASSED, FAILED, UNFINISHED = "√", "×", "○"  # all in GBK
BAND_FROM, BAND_GRADE = "band_from", "band_grade"
PER_UNIT = "evalxl_per_unit"  # how many of the workbook's unit of money make one 万元
HALF_UNIT = "evalxl_half_unit"  # what rounding may leave for each figure: half of 0.01 万元, or half a 元


class Check(NamedTuple):
    """One thing the template tells by itself: the rules it stands for, when it is told, and in which words."""

    rules: str  # their ids, separated by blanks
    condition: str
    words: str  # a formula: a text in quotes, or more
    symbol: str = FAILED


class RowCheck(NamedTuple):
    """The same of a table, asked of all its rows at once: the condition is one of arrays, the first cell is named."""

    rules: str
    at: str  # the field whose cell is at fault
    condition: str
    words: str  # what is said after the cell's address, plain
    symbol: str = FAILED


def asked(check: Check | RowCheck, policy: Policy) -> bool:
    """Whether one of the rules of a check is asked, of some place at least, and graver than a hint."""
    rules = [rule for rule in check.rules.split() if rule in RULES]
    places = (level for key, level in policy.severity.items() for rule in rules if key.startswith(f"{rule}."))
    return any(level not in ("off", "info") for level in (*(policy.severity.get(each, "") for each in rules), *places))


def say(words: str) -> str:
    """Words as a formula writes them."""
    return '"' + words.replace('"', '""') + '"'


def piece(check: Check) -> str:
    """What a check adds to a verdict: its words, where the condition holds."""
    return f'IF({check.condition},{_told(check)},"")'


def _told(check: Check) -> str:
    told = f'"；{check.symbol} '
    return told + check.words[1:] if check.words.startswith('"') else f'{told}"&{check.words}'


def first_of(checks: Iterable[Check], policy: Policy) -> list[str]:
    """Checks each of which is asked only where none before it applies, as one piece of a verdict."""
    chain = [each for each in checks if asked(each, policy)]
    said = '""'
    for check in reversed(chain):
        said = f"IF({check.condition},{_told(check)},{said})"
    return [said] if chain else []


def pieces(checks: Iterable[Check], policy: Policy) -> list[str]:
    """What the checks add to a verdict that the policy asks."""
    return [piece(check) for check in checks if asked(check, policy)]


def verdict(parts: Iterable[str], passed: str = PASSED) -> str:
    """All pieces that apply, or what is said when none does."""
    joined = "&".join(parts)
    return f'SUBSTITUTE("{passed}"&{joined},"{passed}；","")' if joined else f'"{passed}"'


def half_unit() -> str:
    """The rounding tail to allow for each figure, by the workbook's unit of money."""
    return f'IF({field_away(GENERAL, "money_unit")}="元",0.5,0.005)'


def per_unit() -> str:
    """How many of the workbook's unit of money make one 万元."""
    return f'IF({field_away(GENERAL, "money_unit")}="元",10000,1)'


def amount(formula: str) -> str:
    """A number as amounts are written."""
    return f'TEXT({formula},"#,##0.00####")'


def more_or_less(difference: str) -> str:
    """A difference in words: 多 0.45."""
    return f'IF({difference}>0,"多 ","少 ")&{amount(f"ABS({difference})")}'


def grade_of(score: str) -> str:
    """The grade that a score earns, by the bands on the list sheet."""
    return f"LOOKUP(ROUND({score},2),{BAND_FROM},{BAND_GRADE})"


def score_wrong(score: str) -> str:
    """Whether what is filled in is no score."""
    return f"IF(ISNUMBER({score}),OR({score}<0,{score}>100,{score}<>ROUND({score},2)),TRUE)"


def first_row(sheet: Sheet, number: int) -> str:
    """The name of the cell that holds the first row of a table in which one of its checks fails."""
    return f"first_{sheet.key}_{number}"


# What values.grounds.explains takes for no reason, as far as people type it.
_NOTHING = ("", "无", "无。", "暂无", "暂无。", "没有", "没有。", "0", "-", "—", "/", "N/A")


def says_nothing(text: str) -> str:
    """That a reason or a remark is left open, or says that there is none."""
    quoted = ",".join(f'"{word}"' for word in _NOTHING)
    return f'ISNUMBER(MATCH({text}&"",{{{quoted}}},0))'
