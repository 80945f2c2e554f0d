"""Rules about what was copied: another department's name (N04), its text, or one's own of last year (N06).

Texts are held side by side only when they share some of their rarest pieces (``facts/sketches.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd
from rapidfuzz.fuzz import ratio

from evalxl import layout
from evalxl.district.tables import District
from evalxl.facts.last_year import last_year_of
from evalxl.facts.names import names_out_of_place
from evalxl.facts.sketches import MANY, pairs_of_like
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, Scope, rule, table_of
from evalxl.values.folding import fold, name_key


@rule(
    "N04",
    WARNING,
    "narrative.overview",
    message="写有另一部门的名称“{other}”。",
    fix="请核对这一段是否套用了该部门的文字，改为本部门的情况。",
    scope=Scope.DISTRICT,
)
def names_of_others(d: District, p: Policy) -> pd.DataFrame:
    """文字说明中不应写着本批或名册中另一个部门的名称。
    理由：多是照抄另一部门的报告而忘了改名称，其中的情况和数也就不是本部门的。
    只认带地名的全称（鹿泉区水利局），不认“区财政局”“水利部门”一类通称；财政、审计、纪委、人大、政府、发改等各部门都会提到的机关不算；
    与本部门或下属单位名称互相包含的不算；前有“与、会同、邀请、按照”等，后有“的批复、联合”等，是在说业务往来的，也不算。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；已公开自评报告中的照抄。
    举例：鹿泉区教育局的部门概况写“鹿泉区水利局承担水资源管理职责”。
    处理：改写为本部门的情况；确有业务往来的，写明是什么往来。
    """
    return table_of(
        [row | {"other": "”、“".join(name.shown for name in names)} for row, names in names_out_of_place(d)]
    )


class _Copy(NamedTuple):
    """A section that is like another's."""

    row: int
    other: int
    field: str
    likeness: float


@rule(
    "N06",
    WARNING,
    "narrative.overview",
    message="与{whose}的文字相似：{sections}。",
    fix="{remedy}。",
    scope=Scope.DISTRICT,
)
def texts_are_own(d: District, p: Policy) -> pd.DataFrame:
    """文字说明应为本部门本年的情况，不与另一部门或本部门上年同一栏的文字雷同。
    理由：两个部门、两个年度的文字九成以上相同，至少一份是照抄，不能反映本部门本年的绩效。
    同一栏相比，去掉空白后按最长公共部分计算相似程度，达到 near_copy（默认 90%）的提醒；不足 near_copy_length（默认 60）字的
    不单独比，几栏合起来够其两倍的，合起来比。双方各得一条，互相指明；与同一部门几栏雷同的合为一条。与上年相比的只有实现情况、存在的问题和改进措施四栏（职责、组织和方法历年
    可以相同），运行时用 --previous 给出上年的结果文件夹才比。文中写着对方名称的，谁照抄谁已经清楚，只由 N04 提醒照抄的一方。
    同一部门报送两本的由 F06 报告。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；evalxl 规则表 N06。
    举例：两个部门的“自评方法和过程”除名称外一字不差；“存在的问题”与上年的一字不差。
    处理：照抄的一方按实际情况重写；上年的问题至今没有解决的，写明本年做了什么。
    """
    narrative = d.narrative.reset_index(drop=True)
    departments = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    workbooks = narrative["workbook"].to_list()
    keys = [name_key(departments[workbook]) or workbook for workbook in workbooks]
    texts = {field: narrative[field].to_list() for field in layout.NARRATIVE.by_key}
    least = int(p.value("near_copy_length"))
    records = []
    for (one, other), copies in sorted(_alike(d, workbooks, keys, texts, p).items()):
        field = copies[0].field or next(each for each, column in texts.items() if 0 < len(column[one]) < least)
        place = {"workbook": workbooks[one], "row": narrative["row"][one], "field": field}
        whose = f"《{workbooks[other]}》（{departments[workbooks[other]]}）"
        remedy = "请核对由谁起草；照抄的，请按本部门的实际情况重写"
        words = _listed(copies, p)
        records.append(place | {"whose": whose, "remedy": remedy, "sections": words, "key": keys[other]})
    return table_of([*records, *_from_last_year(d, p)])


def _alike(
    d: District, workbooks: list[str], keys: list[str], texts: dict[str, list[str]], p: Policy
) -> dict[tuple[int, int], list[_Copy]]:
    """What is alike in any section, by the rows of the one and the other."""
    told = {(row["workbook"], row["field"], name.key) for row, names in names_out_of_place(d) for name in names}
    rows = {workbook: row for row, workbook in enumerate(workbooks)}
    short = [_short_together(each, p) for each in zip(*texts.values(), strict=True)]
    found: dict[tuple[int, int], list[_Copy]] = {}
    for field, written in (texts | {_SHORT: short}).items():
        named = {(rows[book], key) for book, place, key in told if field in (place, _SHORT)}
        for copy in _near_copies(written, _Section(field, keys, named), p):
            found.setdefault((copy.row, copy.other), []).append(copy)
    return found


_SHORT = ""  # instead of a section's key: the sections that are too short to be compared, taken together


def _short_together(texts: tuple[str, ...], p: Policy) -> str:
    """The short sections of a workbook as one text; '' where they do not come to twice what is compared."""
    least = int(p.value("near_copy_length"))
    joined = "".join(text for text in texts if len(text) < least)
    return joined if len(joined) >= 2 * least else ""


def _listed(copies: list[_Copy], p: Policy) -> str:
    short = f"不足 {p.value('near_copy_length'):.0f} 字的各栏合起来"
    headers = {field.key: field.header for field in layout.NARRATIVE.fields} | {_SHORT: short}
    return "、".join(f"{headers[copy.field]} {int(copy.likeness)}%" for copy in copies)


_OF_THE_YEAR = ("achievement", "details", "problems", "measures")  # sections that no year has in common with another


def _from_last_year(d: District, p: Policy) -> Iterator[dict[str, Any]]:
    """The workbooks with sections that their department has submitted already last year."""
    if d.bureau.last_year is None:
        return
    least, limit = int(p.value("near_copy_length")), p.value("near_copy") * 100
    then, now = d.bureau.last_year.by_workbook("narrative"), d.by_workbook("narrative")
    for workbook, before in last_year_of(d).items():
        for row, old in zip(now.get(workbook, ()), then.get(before, ()), strict=False):
            copies = []
            for field in _OF_THE_YEAR:
                one, other = fold(row[field]), fold(old[field])
                likeness = ratio(one, other, score_cutoff=limit) if min(len(one), len(other)) >= least else 0.0
                if likeness >= limit:
                    copies.append(_Copy(0, 0, field, likeness))
            if copies:
                words = {"whose": "本部门上年报送", "remedy": "请按本年的实际情况重写", "sections": _listed(copies, p)}
                yield {"workbook": workbook, "row": row["row"], "field": copies[0].field, "key": "上年"} | words


@dataclasses.dataclass
class _Section:
    """What is found of one section: for each writer the one of another department whose text is most alike."""

    field: str
    keys: list[str]  # of the writers' departments
    named: set[tuple[int, str]]  # writers and the departments their texts name: there who copied is clear
    best: dict[int, _Copy] = dataclasses.field(default_factory=dict)

    def note(self, rows: list[int], others: list[int], likeness: float) -> None:
        """Remember for each row the first of the others that may count, where it is more alike than before."""
        for row in rows:
            if row not in self.best or self.best[row].likeness < likeness:
                other = next((each for each in others if self._counts(row, each)), None)
                if other is not None:
                    self.best[row] = _Copy(row, other, self.field, likeness)

    def _counts(self, row: int, other: int) -> bool:
        one, another = self.keys[row], self.keys[other]
        return one != another and (row, another) not in self.named and (other, one) not in self.named


def _near_copies(texts: list[str], section: _Section, p: Policy) -> Iterator[_Copy]:
    """For each writer of a text that another department has almost alike, the one whose text is most alike."""
    least, limit = int(p.value("near_copy_length")), p.value("near_copy") * 100
    writers: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        folded = fold(text) if len(text) >= least else ""
        if len(folded) >= least:
            writers.setdefault(folded, []).append(row)
    for rows in writers.values():
        section.note(rows, rows, 100.0)
    distinct, best = list(writers), section.best
    for one, other in pairs_of_like(distinct):
        rows, others = writers[distinct[one]], writers[distinct[other]]
        if len(distinct) > MANY and rows[0] in best and others[0] in best:
            continue  # among very many, no more is asked of those that have a likeness
        likeness = ratio(distinct[one], distinct[other], score_cutoff=limit)
        if likeness >= limit:
            section.note(rows, others, likeness)
            section.note(others, rows, likeness)
    yield from (best[row] for row in sorted(best))
