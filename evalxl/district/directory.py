"""Which department is meant: told by its name, then by a name it also goes by, then by a code that nobody else has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from evalxl.district.tables import District, once_per_district
from evalxl.values.folding import fold


class Listed(NamedTuple):
    """A department as a list knows it: its name, the other names it goes by (all folded), and its code."""

    key: str
    others: tuple[str, ...] = ()
    code: str = ""


class Directory:
    """A list of departments, in which one can be looked up; positions count from 0."""

    def __init__(self, listed: Sequence[Listed]) -> None:
        self._names: dict[str, int] = {}
        for position, each in enumerate(listed):
            self._names.setdefault(each.key, position)
        for position, each in enumerate(listed):
            for name in each.others:
                self._names.setdefault(name, position)
        codes: dict[str, list[int]] = {}
        for position, each in enumerate(listed):
            codes.setdefault(fold(each.code), []).append(position)
        self._codes = {code: at[0] for code, at in codes.items() if code and len(at) == 1}

    def find(self, names: Iterable[str], code: str = "") -> int | None:
        """The position of the department that goes by the first of some names that is known, else by the code."""
        known = next((self._names[name] for name in names if name and name in self._names), None)
        return self._codes.get(fold(code)) if known is None else known

    def named_in(self, text: str) -> int | None:
        """The position of the department whose name stands in a text, such as a file's name; the longest name wins."""
        folded = fold(text)
        longest = max((name for name in self._names if name and name in folded), key=len, default=None)
        return None if longest is None else self._names[longest]


def of_roster(roster: pd.DataFrame) -> list[Listed]:
    """The departments of a roster, in its order."""
    rows = zip(roster["key"], roster["aliases"], roster["code"], strict=True)
    return [Listed(key, tuple(filter(None, aliases.split("|"))), code) for key, aliases, code in rows]


@once_per_district
def identities(d: District) -> dict[str, str]:
    """The department each workbook is of: by the roster's name where the roster knows it, else as it calls itself."""
    names = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    roster = d.bureau.roster
    directory = Directory(of_roster(roster))
    for workbook, key, code in zip(*(d.general[each] for each in ("workbook", "department_key", "code")), strict=True):
        known = directory.find([key], code) if key else None
        if known is not None:
            names[workbook] = str(roster["name"].iloc[known])
    return names
