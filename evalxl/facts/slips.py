"""Typing slips: the one number of a failed identity that a single slip of the hand would explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from evalxl import layout
from evalxl.district.findings import Figure
from evalxl.facts.identities import IdentityCheck


class Suspect(NamedTuple):
    """A number, the line it stands in, what it would have to be, and the slip that would explain it."""

    operand: Figure
    key: str
    correct: float
    slip: str


def suspect(failed: IdentityCheck, holding: Mapping[str, IdentityCheck]) -> Suspect | None:
    """The only number of a failed identity that one slip explains; several candidates prove nothing.

    ``holding`` are the identities of the same column that hold, by the line that each stands at.
    """
    lines = failed.lines
    if any(lines.stated[key] < 0 for key, _ in failed.figures if key in lines.stated):
        return None  # the wrong sign is what is wrong, and rule B05 has said it
    own, typed = dict(failed.figures), dict(_typed(failed.figures, holding))
    candidates = []
    for key, sign in (own | typed).items():
        if key in lines.stated:
            correct = lines.stated[key] - sign * failed.judgement.difference
            slip = slip_between(lines.stated[key], correct)
            candidates.append(Suspect(lines.operand(key), key, correct, slip))
    for kind in (TENFOLD, SWAPPED):
        same = [each for each in candidates if each.slip == kind and each.key in typed]
        if same:
            return same[0] if len(same) == 1 else None
    # Some other digit would soon mend one of many numbers: it says little, and of the parts of a total nothing.
    same = [each for each in candidates if each.slip == ONE_DIGIT and each.key in own]
    return same[0] if len(same) == 1 and same[0].key in typed else None


Terms = Iterable[tuple[str, int]]  # lines with their signs, as an identity has them


def _typed(figures: Terms, holding: Mapping[str, IdentityCheck]) -> Iterator[tuple[str, int]]:
    """The numbers of an identity that may be slips: a total that its parts come to is none, but they may be."""
    for key, sign in figures:
        own = holding.get(key)
        if own is None:
            yield key, sign
        elif layout.BUDGET.line_by_key[key].computed:
            yield from _typed([(part, -sign * side) for part, side in own.figures if part != key], holding)


TENFOLD, SWAPPED, ONE_DIGIT = "多写或少写一个零", "相邻数字颠倒", "一位数字写错"


def slip_between(written: float, correct: float) -> str:
    """The single slip that turns the correct amount into the written one, or ''."""
    if correct <= 0 or written <= 0:
        return ""
    if written in (correct * 10, correct / 10):
        return TENFOLD
    first, second = f"{written:.0f}", f"{correct:.0f}"
    if len(first) != len(second):
        return ""
    at = [index for index, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(at) == 1:
        return ONE_DIGIT
    swapped = len(at) == 2 and at[1] == at[0] + 1 and first[at[0]] == second[at[1]] and first[at[1]] == second[at[0]]
    return SWAPPED if swapped else ""
