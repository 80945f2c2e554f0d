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
# What may stand before the subject of a sentence or clause: nothing, or when.
_CLAUSE = re.compile(
    r"(?:^|[,，。;；:：!?！？])(?:[（(]?[一二三四五六七八九十\d]{1,2}[)）、.])?"
    r"(?:20\d\d年度?|全年|本年度?|年初|年内|去年|近年来?)?[,，]?$"
)
# A department's own report speaks of itself so, wherever it stands.
_OF_A_REPORT = re.compile(
    r"^(?:20\d\d年度?)?(?:的)?(?:部门整体|整体支出|绩效自评|自评工作|整体绩效|部门预算|部门决算|主要职能|机构设置|内设机构)"
)
_AS_A_MODEL = re.compile(r"(?:参[照考]|借鉴|学习|审[计核]|[与和同、])$")
# A sentence that tells of the writer too, or of a reform, tells of what the two have to do with each other.
_SENTENCES = re.compile(r"[^。;；\n]*[。;；\n]?")
_OF_BOTH = re.compile(
    r"我[局委办院部会单]|本(?:局|委|办|院|会|单位|部门|机关)|配合|协助|协同|会同|联合|划入|划出|划转|划归|划给|移交|转隶|整合|组建|撤销|合并|机构改革|原隶属"
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
            found = list(dict.fromkeys(_in_text(fold(text), starts, first, own[workbook])))
            if found:
                yield {"workbook": workbook, "row": row, "field": field}, found


def _in_text(text: str, starts: dict[str, list[Name]], first: re.Pattern[str], own: OwnNames) -> Iterator[Name]:
    """The names that a folded text gives to its own deeds; of several that begin alike the longest.

    ``first`` finds the characters that ``starts`` begin with, ten times as fast as each place is looked at.
    """
    end = 0  # of the name found last
    for at in (match.start() for match in first.finditer(text)):
        longest = next((name for name in starts.get(text[at : at + 4], ()) if text.startswith(name.key, at)), None)
        if longest is None or at < end:
            continue
        end = at + len(longest.key)
        if not own.mentions(longest.key) and _is_writer(text, at, end, own):
            yield longest


def _is_writer(text: str, at: int, end: int, own: OwnNames) -> bool:
    """Whether a name stands where the writer's own would: as the one who did what is told, or whose report it is."""
    before, after = text[max(at - 16, 0) : at], text[end : end + 12]
    if _OF_A_REPORT.match(after):
        return not _AS_A_MODEL.search(before)
    if _WITH.search(before[-4:]) or _OF.match(after[:6]) or not _CLAUSE.search(before):
        return False
    sentence = next(each for each in _SENTENCES.finditer(text) if each.end() > at)[0]
    return not _OF_BOTH.search(sentence) and not any(name in sentence for name in own.names if name)
