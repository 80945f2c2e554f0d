"""Which workbook counts when a department sends several for one year: the one that was saved last.

When a file was saved stands inside it, so the answer does not change when files are copied about; where that does
not tell, the date of the report does. Where neither tells, one is counted and all are reported (rule F06).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from evalxl.district.directory import Directory, of_roster
from evalxl.district.tables import District, once_per_district
from evalxl.values.folding import fold
from evalxl.values.quantities import given

RULE_IN_WORDS = "以文件内记录的保存时间最晚的一份为准；保存时间相同或没有的，以填报日期最晚的一份为准"


class Submissions(NamedTuple):
    """The workbooks of one department and year, the one that counts last; ``told_by`` is '' where nothing tells."""

    workbooks: tuple[str, ...]
    told_by: str  # 保存时间 | 填报日期 | ''

    @property
    def counted(self) -> str:
        """The workbook that counts."""
        return self.workbooks[-1]


@once_per_district
def repeated(d: District) -> list[Submissions]:
    """The departments that sent several readable workbooks for one year."""
    return _repeated(d)


def superseded(d: District) -> dict[str, str]:
    """The workbooks that do not count, each with the one that counts instead."""
    return {book: each.counted for each in repeated(d) for book in each.workbooks[:-1]}


class _Sent(NamedTuple):
    """One workbook as it is compared with others of the same department; the latest sorts last."""

    saved: str
    date: str
    workbook: str
    code: str
    region: str

    def is_of(self, other: _Sent) -> bool:
        """Whether two workbooks of one name are one department's: another code in another region is another's."""
        apart = [mine and its and mine != its for mine, its in ((self.code, other.code), (self.region, other.region))]
        return not all(apart)


_FACTS = ("workbook", "year", "saved")


def _repeated(d: District) -> list[Submissions]:
    facts = {book: fact for book, *fact in zip(*(d.workbooks[name] for name in _FACTS), strict=True)}
    roster = Directory(of_roster(d.bureau.roster))
    batch = float(d.year or 0)
    groups: dict[tuple[object, float], list[list[_Sent]]] = {}
    for workbook, key, date, code, region in zip(
        *(d.general[name] for name in ("workbook", "department_key", "date", "code", "region")), strict=True
    ):
        if not key:
            continue
        (year, saved), entry = facts[workbook], roster.find([key], code)
        sent = _Sent(str(saved), iso_date(str(date)), workbook, fold(code), fold(region))
        same = groups.setdefault((key if entry is None else entry, year if given(year) else batch), [])
        mine = next((group for group in same if sent.is_of(group[0])), None)
        if mine is None:
            same.append([sent])
        else:
            mine.append(sent)
    every = sorted((sorted(group) for same in groups.values() for group in same), key=lambda group: group[0].workbook)
    return [_in_order(group) for group in every if len(group) > 1]


def _in_order(ordered: list[_Sent]) -> Submissions:
    last, before = ordered[-1], ordered[-2]
    told_by = ""
    if last.saved > before.saved and all(each.saved for each in ordered):
        told_by = "保存时间"
    elif len({each.saved for each in ordered}) == 1 and last.date > before.date > "":
        told_by = "填报日期"
    return Submissions(tuple(each.workbook for each in ordered), told_by)


_DATE = re.compile(r"(20\d\d)\s*[-./年]\s*(1[0-2]|0?[1-9])\s*[-./月]\s*(3[01]|[12]\d|0?[1-9])\s*日?")


def iso_date(text: str) -> str:
    """A date as written (2024-03-15, 2024年3月15日, 2024.3.15) in the form that sorts; '' for anything else."""
    match = _DATE.fullmatch(text.strip())
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else ""
