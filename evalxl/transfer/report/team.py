"""The members of the evaluating team where a report lists them in lines of text and not in a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from evalxl.layout import REVIEWERS
from evalxl.transfer.report.tables import Record
from evalxl.values.folding import clean, short

_ROLE = re.compile(r"^\s*(?:副?组\s*长|成\s*员|组\s*员|(?:评价)?(?:工作)?(?:小)?组?人员)\s*[:：]\s*(?P<members>.+)$")
_MEMBER = re.compile(r"(?P<name>[一-龥·]{2,4})(?:[（(](?P<duty>[^（()）]{2,20})[）)])?")
_PART = re.compile(r"[^、，,；;。\s（(）)]{1,30}(?:[（(][^（()）]{0,30}[）)])?")  # commas in brackets part nobody
_FIELDS = re.compile(r"[\t　 ｜|，,、]{1,20}")
_NAME = re.compile(r"[一-龥·]{2,4}")
_BODY = re.compile(r"[局委办院会厅处部所站校馆团社队府镇乡联司室中心]$")
_NO_MEMBER = re.compile(r"名单|签字|签名|单位|姓名|年.{0,4}月|职务|职称")
_QUOTED = 60


@dataclass
class Team:
    """The members, and the lines that were not understood."""

    records: list[Record] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def team(lines: Sequence[str]) -> Team:
    """The members that the lines of a section list."""
    found = Team()
    for line in lines:
        members = _listed(line) or _fields(line)
        source = f"取自报告“{clean(line)}”"
        found.records.extend(Record(REVIEWERS, dict(member), source) for member in members)
        if not members and re.search("[一-龥]{2}", line) and not _NO_MEMBER.search(line):
            found.doubts.append(f"评价工作组名单写作“{short(clean(line), _QUOTED)}”，没有填入《评价组》表，请补填。")
    return found


def _listed(line: str) -> list[dict[str, str]]:
    """组长：张三（局长） · 成员：李四（办公室主任）、王五; none where one of them is no name."""
    role = _ROLE.match(line)
    parts = _PART.findall(role["members"]) if role else []
    matches = [_MEMBER.fullmatch(part) for part in parts]
    return (
        [{key: text for key, text in match.groupdict().items() if text} if match else {} for match in matches]
        if parts and all(matches)
        else []
    )


def _fields(line: str) -> list[dict[str, str]]:
    """张三 示范区文化局 局长"""
    name, *rest = [part for part in _FIELDS.split(clean(line)) if part]
    if not 1 <= len(rest) <= 2 or not _NAME.fullmatch(name) or _NO_MEMBER.search(line):
        return []
    *workplace, duty = rest
    if _BODY.search(duty) or any(not _BODY.search(each) for each in workplace):
        return []
    return [{"name": name, "duty": duty} | ({"workplace": workplace[0]} if workplace else {})]
