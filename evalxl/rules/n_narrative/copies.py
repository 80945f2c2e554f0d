"""Rules about what was copied: another department's name (N04), its text, or one's own of last year (N06).

Texts are held side by side only when they share some of their rarest pieces (``facts/sketches.py``).
"""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd
from rapidfuzz.fuzz import ratio

from evalxl import layout
from evalxl.district.directory import identities
from evalxl.district.tables import District, Likenesses
from evalxl.facts.last_year import last_year_of
from evalxl.facts.names import names_out_of_place
from evalxl.facts.sketches import MANY, pairs_of_like
from evalxl.policy.policy import Policy
from evalxl.rules.rule import INFO, WARNING, Scope, rule, table_of
from evalxl.values.folding import clean, fold, name_key


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
    与本部门或下属单位名称互相包含的不算。只认用作主语、说的是自己做了什么的名称，和“某某局2023年度部门整体支出”一类说自己报告的话；
    同一句话也说到本部门的，说职责划转、机构改革的，前有“与、会同、邀请、按照”等，后有“的批复、联合”等，是在说业务往来，不算。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；已公开自评报告中的照抄。
    举例：鹿泉区教育局的部门概况写“鹿泉区水利局承担水资源管理职责”。
    处理：改写为本部门的情况；确有业务往来的，写明是什么往来。
    局限：只写简称或代称的看不出来；不在本批和名册中的部门也看不出来。
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
    不单独比，几栏合起来够其两倍的，合起来比。互相雷同的为一组，每个部门一条，写明组内各部门；组内只有一本保存得最早的，多半是原作者，
    只请其余部门重写；上一轮写明在先的，重新保存过也仍在先，上一轮已经报送的先于这一轮才报送的；上一轮请其重写的，
    不因在先的这次没有报来就成了原作者，这时不分先后；其余有改过的退回件的，也不分（改什么都要重新保存，看不出文字写在先还是后）。自评组织、自评方法和过程两栏常照录通知的原话，只作提示。
    与上年相比的只有实现情况、存在的问题和改进措施四栏（职责、组织和方法历年
    可以相同），运行时用 --previous 给出上年的结果文件夹才比。文中写着对方名称的，谁照抄谁已经清楚，只由 N04 提醒照抄的一方。
    同一部门报送两本的由 F06 报告。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；相似程度和字数为本程序的取值。
    举例：两个部门的“存在的问题”除名称外一字不差；“存在的问题”与上年的一字不差。
    处理：照抄的一方按实际情况重写；上年的问题至今没有解决的，写明本年做了什么。
    局限：改写过三成以上文字的看不出来；另一部门不在本批的也看不出来。
    """
    writers = _Writers(d)
    texts = {field: d.narrative[field].to_list() for field in layout.NARRATIVE.by_key}
    least = int(p.value("near_copy_length"))
    copies = _alike(d, writers, texts, p)
    records = []
    for severity, fields in ((WARNING, set(texts) - _AFTER_THE_NOTICE | {_SHORT}), (INFO, _AFTER_THE_NOTICE)):
        before = _before(d.bureau.likenesses, fields)
        for group in _groups([copy for copy in copies if copy.field in fields]):
            earliest = writers.earliest(group, before)
            for one in (each for each in group if group[each] and each != earliest):
                field = group[one][0].field or next(
                    key for key, column in texts.items() if 0 < len(column[one]) < least
                )
                alike = [(copy.field, copy.likeness) for copy in group[one]]
                words = {"sections": _listed(alike, p), "severity": severity.value}
                records.append(writers.place(one, field) | words | writers.words(one, group, earliest))
    return table_of([*records, *_from_last_year(d, p)])


_AFTER_THE_NOTICE = {"organisation", "methods"}  # sections in which many departments repeat the notice's own words


class _Before(NamedTuple):
    """The departments of the earlier round: all, who was named as the first of a group, who was asked for own words."""

    present: set[str]
    first: set[str]
    asked: set[str]


_FIRST = "《{}》在先；"  # whom a finding names as the first


def _before(known: Likenesses, fields: Collection[str]) -> _Before:
    """What the earlier round said of some sections; a text that is like one's own of last year says nothing of others."""
    labels = {layout.NARRATIVE.by_key[field].header for field in layout.NARRATIVE.by_key.keys() & fields}
    told = [each for each in known.findings if each.label in labels and "与《" in each.message]
    pattern = re.compile(_FIRST.format("(.+)"))
    named = {match[1] for each in told if (match := pattern.match(each.fix))}
    first = {key for book, key in known.departments.items() if clean(book) in named}
    asked = {known.departments.get(each.workbook, "") for each in told}
    return _Before(set(known.departments.values()), first, asked)


class _Writers:
    """Whose narrative stands in each row, when it was saved, and the words for all of it."""

    def __init__(self, d: District) -> None:
        facts = d.workbooks.set_index("workbook")
        self.workbooks = d.narrative["workbook"].to_list()
        self.rows = d.narrative["row"].to_list()
        names = identities(d)
        self.departments = [names[book] for book in self.workbooks]
        self.saved = [str(facts["saved"][book]) for book in self.workbooks]
        self.keys = [name_key(name) or book for name, book in zip(self.departments, self.workbooks, strict=True)]
        self.sent_back = set(d.notes["workbook"][d.notes["kind"] == "sent_back"])

    def earliest(self, group: Collection[int], before: _Before) -> int | None:
        """The one of a group that was saved before all others; None where that cannot be told.

        Who was named as the first stays it, though he has saved again since; else who had filed already comes before
        who had not. Who was asked is not the first because the first has not come this time, or because another has
        his new words. A returned copy was saved when it was corrected: its texts may have stood long before.
        """
        named, filed = ([each for each in group if self.keys[each] in some] for some in (before.first, before.present))
        first, *later = sorted(named or filed or group, key=self.saved.__getitem__)
        if not named and self.keys[first] in before.asked:
            return None
        if not later:
            return first
        told = self.saved[first] and self.saved[first] < self.saved[later[0]]
        return None if not told or any(self.workbooks[each] in self.sent_back for each in later) else first

    def place(self, row: int, field: str) -> dict[str, Any]:
        """Where a finding about a writer's section stands."""
        return {"workbook": self.workbooks[row], "row": self.rows[row], "field": field}

    def words(self, row: int, group: Mapping[int, object], earliest: int | None) -> dict[str, str]:
        """Whose text it is like, and what to do; a finding keeps its identity and words whoever has saved first."""
        others = sorted(group.keys() - {row}, key=self.workbooks.__getitem__)
        names = "、".join(f"《{self.workbooks[each]}》（{self.departments[each]}）" for each in others[:5])
        more = f"等 {len(others)} 个部门" if len(others) > 5 else ""
        remedy = "请核对由谁起草；照抄的，请按本部门的实际情况重写"
        if earliest is not None:
            remedy = f"{_FIRST.format(self.workbooks[earliest])}照抄的，请按本部门的实际情况重写"
        return {"whose": names + more, "remedy": remedy, "key": ""}


def _groups(copies: Iterable[_Copy]) -> list[dict[int, list[_Copy]]]:
    """The writers whose texts are alike, directly or through others, as groups; of each writer its copies."""
    by_writer: dict[int, list[_Copy]] = {}
    neighbours: dict[int, set[int]] = defaultdict(set)
    for copy in copies:
        by_writer.setdefault(copy.row, []).append(copy)
        neighbours[copy.row].add(copy.other)
        neighbours[copy.other].add(copy.row)
    groups, seen = [], set[int]()
    for writer in by_writer:
        group, waiting = set[int](), {writer} - seen
        while waiting:
            group |= waiting
            waiting = {other for each in waiting for other in neighbours[each]} - group
        seen |= group
        if group:
            groups.append({each: by_writer.get(each, []) for each in sorted(group)})
    return groups


def _alike(d: District, writers: _Writers, texts: dict[str, list[str]], p: Policy) -> list[_Copy]:
    """What is alike in any section, section by section."""
    told = {(row["workbook"], row["field"], name.key) for row, names in names_out_of_place(d) for name in names}
    rows = {workbook: row for row, workbook in enumerate(writers.workbooks)}
    short = [_short_together(each, p) for each in zip(*texts.values(), strict=True)]
    found: list[_Copy] = []
    for field, written in (texts | {_SHORT: short}).items():
        named = {(rows[book], key) for book, place, key in told if field in (place, _SHORT)}
        found += _near_copies(written, _Section(field, writers.keys, named), p)
    return found


_SHORT = ""  # instead of a section's key: the sections that are too short to be compared, taken together


def _short_together(texts: tuple[str, ...], p: Policy) -> str:
    """The short sections of a workbook as one text; '' where they do not come to twice what is compared."""
    least = int(p.value("near_copy_length"))
    joined = "".join(text for text in texts if len(text) < least)
    return joined if len(joined) >= 2 * least else ""


def _listed(alike: list[tuple[str, float]], p: Policy) -> str:
    """Sections, each with how much of it is alike."""
    short = f"不足 {p.value('near_copy_length'):.0f} 字的各栏合起来"
    headers = {field.key: field.header for field in layout.NARRATIVE.fields} | {_SHORT: short}
    return "、".join(f"{headers[field]} {int(likeness)}%" for field, likeness in alike)


_OF_THE_YEAR = ("achievement", "details", "problems", "measures")  # sections that no year has in common with another


def _from_last_year(d: District, p: Policy) -> Iterator[dict[str, Any]]:
    """The workbooks with sections that their department has submitted already last year."""
    if d.bureau.last_year is None:
        return
    least, limit = int(p.value("near_copy_length")), p.value("near_copy") * 100
    then, now = d.bureau.last_year.by_workbook("narrative"), d.by_workbook("narrative")
    for workbook, before in last_year_of(d).items():
        for row, old in zip(now.get(workbook, ()), then.get(before, ()), strict=False):
            pairs = ((field, fold(row[field]), fold(old[field])) for field in _OF_THE_YEAR)
            long = [(field, one, other) for field, one, other in pairs if min(len(one), len(other)) >= least]
            likeness = [(field, ratio(one, other, score_cutoff=limit)) for field, one, other in long]
            alike = [(field, share) for field, share in likeness if share >= limit]
            if alike:
                words = {"whose": "本部门上年报送", "remedy": "请按本年的实际情况重写", "sections": _listed(alike, p)}
                yield {"workbook": workbook, "row": row["row"], "field": alike[0][0], "key": "上年"} | words


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
