"""Formulas that take their value from another file: by a link's number, by a file's name, or by a name for either.

In brackets stand links ([2]Sheet1!B2) and columns of tables (表1[2023], 表1[[#All],[2023]]): a link begins a reference,
and a sheet and an exclamation mark follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TEXT = re.compile(r'"[^"]*"')
# Within bounds throughout: a file's name has 255 characters at most, a sheet's 31.
_LINK = re.compile(
    r"(?<![\w.\]\[])\[[^\[\]@#!]{1,300}\][^\[\]!'\"(),;+*/&<>=^:{}\s-]{0,40}!"  # [2]Sheet1!B2, [1]!名称
    r"|(?<!')'(?:[^'\[\]]|''){0,300}+\[(?:[^\[\]']|''){1,300}+\](?:[^'\[\]]|''){0,40}+'!"  # '[x.xlsx]Sheet 1'!A1
)
_WORD = re.compile(r"[^\W\d][\w.\\]*")
_MARKED = re.compile(rb"<f\b[^<>]*>[^<\[&]*(?:&(?!#)[^<\[&]*)*+(?:\[|&#)")


def leads_outside(formula: str, names: frozenset[str] = frozenset()) -> bool:
    """Whether a formula reads another file; ``names`` are those that stand for what lies in one, folded."""
    if not names and "[" not in formula:
        return False
    bare = _TEXT.sub('""', formula)
    return _LINK.search(bare) is not None or any(word.casefold() in names for word in _WORD.findall(bare))


def may_lead_outside(content: bytes, names: frozenset[str]) -> bool:
    """Whether some formula of a worksheet may read another file; few have a bracket or such a name.

    Of a worksheet in one of the known forms, in which a bracket may still be written by its number.
    """
    bracket = b"[" in content or content.rfind(b"&#") >= 0  # from behind, as formulas are full of other references
    return bool(names) or (bracket and _MARKED.search(content) is not None)


def outside_names(names: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The defined names of a workbook that stand for what lies in another file, be it by way of other names."""
    defined = {name.casefold(): formula for name, formula in names}
    if not any("[" in formula for formula in defined.values()):
        return frozenset()
    found: frozenset[str] = frozenset()
    for _ in range(_DEEPEST):
        more = frozenset(name for name, formula in defined.items() if leads_outside(formula, found))
        if more == found:
            break
        found = more
    return found


_DEEPEST = 10
