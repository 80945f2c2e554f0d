"""How many posts, staff and units a report says there are: into 单位 where they are one unit's, else by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from evalxl.facts.sentences.counts import Counted, counts
from evalxl.facts.sentences.figures import About
from evalxl.layout import UNITS
from evalxl.transfer.report.amounts import Sentences
from evalxl.transfer.report.facts import Fact
from evalxl.transfer.report.tables import Tables
from evalxl.values.folding import fold

_IN_FORMS = {
    "posts": re.compile(r"(?:核定|人员|批准)?编制(?:人?数|总数)?(?:\(人\))?"),
    "staff": re.compile(r"(?:年末)?(?:实有|在职|实有在职|现有)(?:在职)?(?:人员|人数|职工)?(?:人?数)?(?:\(人\))?"),
}
_COUNT = re.compile(r"(\d{1,6})人?")
_OF_STAFF = re.compile(r"编制|在职|在编|实有")
_MEN = re.compile(r"(?<![\d.])\d{1,6}(?:人|名)(?![次均才大口力以])")
_ABOUT = {About.POSTS: "posts", About.STAFF: "staff"}


class People(NamedTuple):
    """The counts of the one unit a report speaks of, those of all units, and what was not taken."""

    of_unit: dict[str, Fact]
    units: Fact | None
    doubts: list[str]


def people(sentences: Sentences, tables: Tables, year: int) -> People:
    """What a report says of its posts, its staff and its units."""
    found: dict[str, list[Fact]] = {}
    doubts: list[str] = []
    sure = False
    for sentence, statements in sentences:
        left = _MEN.findall(sentence) if _OF_STAFF.search(sentence) else []
        for each in statements:
            key = _ABOUT.get(each.about, "")
            if not key or each.at_most or each.either:
                continue
            sure = sure or each.sure
            if each.ours and each.unit is None and (each.sure or sure):
                found.setdefault(key, []).append(Fact(each.number.size, sentence.strip()))
                left = [shown for shown in left if int(shown[:-1]) != each.number.size]
        if left:
            doubts.append(f"“{sentence.strip()}”中的 {'、'.join(left)} 不能确定填在哪一格，没有填入。")
    for key, fact in _in_forms(tables):
        found.setdefault(key, []).append(fact)
    of_unit = {}
    for key, facts in found.items():
        values = {fact.value for fact in facts}
        header = UNITS.by_key[key].header
        if len(values) == 1:
            of_unit[key] = facts[0]
        else:
            shown = "、".join(f"{float(value):.0f}" for value in sorted(values, key=float))
            doubts.append(f"{header}：报告中有几个数（{shown}），没有填入，请核对。")
    return People(of_unit, _units(sentences, year), doubts)


def _in_forms(tables: Tables) -> Iterator[tuple[str, Fact]]:
    for label, value in tables.pairs:
        key = next((key for key, pattern in _IN_FORMS.items() if pattern.fullmatch(fold(label))), "")
        count = _COUNT.fullmatch(fold(value))
        if key and count:
            yield key, Fact(float(count[1]), f"{label}｜{value}")


def _units(sentences: Sentences, year: int) -> Fact | None:
    """How many units there are in all; not where a sentence may leave out the department itself."""
    stated = {
        each.number: sentence.strip()
        for sentence, _ in sentences
        for each in counts(sentence, year)
        if each.counted is Counted.UNITS and not each.below
    }
    if len(stated) != 1:
        return None
    ((number, sentence),) = stated.items()
    return Fact(float(number), sentence)


def as_unit(own: Mapping[str, Fact], rows: int, department: str) -> tuple[dict[str, str | float], list[str]]:
    """The row of 单位 that the counts belong to: the only one, or the department itself where none is listed."""
    if not own:
        return {}, []
    if rows > 1 or (rows == 0 and not department):
        shown = "、".join(f"{UNITS.by_key[key].header} {float(fact.value):.0f}" for key, fact in own.items())
        return {}, [f"{shown}：报告没有分单位写，没有填入《单位》表，请分单位填写。"]
    values: dict[str, str | float] = {} if rows else {"name": department}
    return values | {key: int(float(fact.value)) for key, fact in own.items()}, []
