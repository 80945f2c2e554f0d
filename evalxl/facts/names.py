"""The names of other departments in texts: looked up where a text begins like one, not pair by pair."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from evalxl import layout
from evalxl.district.tables import District, once_per_district
from evalxl.values.folding import fold, name_key

# A place before the organ: 鹿泉区水利局, but not 市场监督管理局 or 社区服务中心.
_PLACED = re.compile(r".{2,}?(?:[省市县区州盟旗镇乡]|街道)(?=.{2,})")
# Bodies that every report mentions, because they allot, audit, oversee or decide.
_OVERSEERS = re.compile(
    r"财政|审计|纪委|监委|监察|人大|人民政府$|政府办|区委$|县委$|市委$|委办|组织部|宣传部|编制委员会|编办|发展和?改革|税务|统计局|行政审批|政务服务|机关事务|国库|公共资源交易|人力资源"
)
_WITH = re.compile(
    r"[与和同由经向请及、《对从据到为在被受]$|(?:会同|联合|配合|协同|协助|邀请|报送?|按照|根据|接受|通过|参照|关于|原)$"
)
_OF = re.compile(
    r"^(?:[、和与及等《]|以及|的?(?:要求|通知|批复|意见|文件|审核|批准|部署|牵头|联合|检查|印发|配合|协助|移交|划转|转入|网站|门户))"
)


class Name(NamedTuple):
    """A department of the run, by its folded name and the words it goes by."""

    key: str
    core: str  # without the place: 水利局
    shown: str


def department_names(d: District) -> dict[str, Name]:
    """The departments of the run and of the roster whose names begin with a place, by folded name."""
    found = {}
    for department in dict.fromkeys([*d.workbooks["department"], *d.bureau.roster["name"]]):
        key = name_key(department)
        place = _PLACED.match(key)
        if place:
            found[key] = Name(key, key[place.end() :], department)
    return found


class OwnNames(NamedTuple):
    """What a workbook calls itself and its units."""

    names: tuple[str, ...]

    def mentions(self, name: str) -> bool:
        """Whether a name is part of an own name, or an own name of it."""
        return any(name in own or own in name for own in self.names if own)


def own_names(d: District) -> dict[str, OwnNames]:
    """What each workbook calls itself and its units, by workbook."""
    names: dict[str, list[str]] = {}
    for workbook, department in zip(d.workbooks["workbook"], d.workbooks["department"], strict=True):
        names.setdefault(workbook, []).append(name_key(department))
    for workbook, unit in zip(d.units["workbook"], d.units["name"], strict=True):
        names.setdefault(workbook, []).append(name_key(unit))
    return {workbook: OwnNames(tuple(each)) for workbook, each in names.items()}


@once_per_district
def names_out_of_place(d: District) -> list[tuple[dict[str, Any], list[Name]]]:
    """The sections that name other departments out of place, with the departments."""
    return list(_find_names(d))


def _find_names(d: District) -> Iterator[tuple[dict[str, Any], list[Name]]]:
    names = {key: name for key, name in department_names(d).items() if not _OVERSEERS.search(name.core)}
    starts: dict[str, list[Name]] = defaultdict(list)
    for key in sorted(names, key=len, reverse=True):
        starts[key[:4]].append(names[key])
    first = re.compile(f"[{re.escape(''.join(dict.fromkeys(start[0] for start in starts)))}]" if starts else "(?!)")
    own = own_names(d)
    for field in layout.NARRATIVE.by_key:
        for workbook, row, text in zip(d.narrative["workbook"], d.narrative["row"], d.narrative[field], strict=True):
            found = [name for name in _in_text(fold(text), starts, first) if not own[workbook].mentions(name.key)]
            if found:
                yield {"workbook": workbook, "row": row, "field": field}, list(dict.fromkeys(found))


def _in_text(text: str, starts: dict[str, list[Name]], first: re.Pattern[str]) -> Iterator[Name]:
    """The names a folded text has out of place; of several that begin alike the longest.

    ``first`` finds the characters that ``starts`` begin with, ten times as fast as each place is looked at.
    """
    end = 0  # of the name found last
    for at in (match.start() for match in first.finditer(text)):
        longest = next((name for name in starts.get(text[at : at + 4], ()) if text.startswith(name.key, at)), None)
        if longest is None or at < end:
            continue
        end = at + len(longest.key)
        before, after = text[max(at - 4, 0) : at], text[end : end + 6]
        if not _WITH.search(before) and not _OF.match(after):
            yield longest
