"""The headings of a text: what is said below one is said of what it names, until another of its level follows."""

from __future__ import annotations

import re
from typing import NamedTuple

# （一）文物保护维修项目, 2.项目执行情况：, or no more than a project's name.
_HEADING = re.compile(
    r"[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．]{1,2}[^，,；;：:]{2,30}[:：]?|.{0,2}[\ue000-\ue7ff].{0,6}"
)
_NUMBERED = re.compile(r"(?P<open>[（(]?)(?:(?P<han>[一二三四五六七八九十]{1,3})|\d{1,2})(?P<close>[）)、.．])(?!\d)")


class Heading(NamedTuple):
    """One heading, by its style of numbering, and what it names."""

    style: str = ""
    project: int | None = None
    lines: tuple[str, ...] = ()  # of the budget
    whole: bool = False
    others: bool = False


class Headings:
    """The headings that what comes next stands below."""

    def __init__(self) -> None:
        self._open: list[Heading] = []

    def is_heading(self, sentence: str) -> bool:
        """Whether a sentence is no more than a heading; one that begins with a number ends those of its level."""
        style = _style(sentence)
        if style:
            self._end(style)
        return _HEADING.fullmatch(sentence) is not None

    def below(self, heading: Heading, sentence: str) -> None:
        """What follows stands below a heading."""
        style = _style(sentence)
        if not style:
            self._end("")
        self._open.append(heading._replace(style=style))

    def _end(self, style: str) -> None:
        styles = [each.style for each in self._open]
        if style in styles:
            del self._open[styles.index(style) :]

    @property
    def subject(self) -> Heading:
        """The innermost heading that says of whom it speaks."""
        named = (each for each in reversed(self._open) if each.project is not None or each.whole or each.others)
        return next(named, Heading())

    @property
    def lines(self) -> tuple[str, ...]:
        """The budget lines of the innermost heading that names some."""
        return next((each.lines for each in reversed(self._open) if each.lines), ())


def _style(sentence: str) -> str:
    """How a sentence is numbered: （一） and （二） are of one level, 1. is of another."""
    match = _NUMBERED.match(sentence)
    if match is None:
        return ""
    close = {")": "）", "．": "."}.get(match["close"], match["close"])
    return f"{'（' if match['open'] else ''}{'一' if match['han'] else '1'}{close}"
