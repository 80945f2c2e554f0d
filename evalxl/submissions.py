"""Which workbook counts when a department sends several for one year: the one that was saved last.

When a file was saved stands inside it, so the answer does not change when files are copied about; where that does
not tell, the date of the report does. Where neither tells, one is counted and all are reported (rule F06).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from evalxl.district import District

RULE_IN_WORDS = "以文件内记录的保存时间最晚的一份为准；保存时间相同或没有的，以填报日期最晚的一份为准"


class Submissions(NamedTuple):
    """The workbooks of one department and year, the one that counts last; ``told_by`` is '' where nothing tells."""

    workbooks: tuple[str, ...]
    told_by: str  # 保存时间 | 填报日期 | ''

    @property
    def counted(self) -> str:
        """The workbook that counts."""
        return self.workbooks[-1]


def repeated(d: District) -> list[Submissions]:
    """The departments that sent several readable workbooks for one year."""
    return d.once("repeated", lambda: _repeated(d))


def superseded(d: District) -> dict[str, str]:
    """The workbooks that do not count, each with the one that counts instead."""
    return {book: each.counted for each in repeated(d) for book in each.workbooks[:-1]}


def _repeated(d: District) -> list[Submissions]:
    facts = d.workbooks.set_index("workbook")[["year", "saved"]].to_dict("index")
    sent: dict[tuple[str, float], list[tuple[str, str, str]]] = {}
    for workbook, key, date in zip(*(d.general[name] for name in ("workbook", "department_key", "date")), strict=True):
        year, saved = facts[workbook]["year"], str(facts[workbook]["saved"])
        if key:
            sent.setdefault((key, year if year == year else -1.0), []).append((saved, iso_date(str(date)), workbook))
    return [_in_order(each) for _, each in sorted(sent.items()) if len(each) > 1]


def _in_order(sent: list[tuple[str, str, str]]) -> Submissions:
    ordered = sorted(sent)
    last, before = ordered[-1], ordered[-2]
    told_by = ""
    if last[0] > before[0] > "":
        told_by = "保存时间"
    elif last[0] == before[0] and last[1] > before[1] > "":
        told_by = "填报日期"
    return Submissions(tuple(workbook for _, _, workbook in ordered), told_by)


_DATE = re.compile(r"(20\d\d)\s*[-./年]\s*(1[0-2]|0?[1-9])\s*[-./月]\s*(3[01]|[12]\d|0?[1-9])\s*日?")


def iso_date(text: str) -> str:
    """A date as written (2024-03-15, 2024年3月15日, 2024.3.15) in the form that sorts; '' for anything else."""
    match = _DATE.fullmatch(text.strip())
    return f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}" if match else ""
