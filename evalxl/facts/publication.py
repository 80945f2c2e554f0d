"""What of a district may be published: people's names and numbers masked, projects that must not be known left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, of_tables, rows_of
from evalxl.values.folding import fold
from evalxl.values.quantities import NAN, given, show_amount

STATED, REASON = "是否公开", "不公开原因"  # columns of a bureau's own template that say so
_PEOPLE = {"general": ("preparer", "head"), "reviewers": ("name",)}
_NUMBERS = {"general": ("phone",)}
_EXACT = ("code", "date")  # fields that hold no prose
_LEAST_NAME = 4  # characters of a project's name that is found in texts
_MOBILE = re.compile(r"(?<![\d.])(1[3-9]\d)(?:[- ]?\d{4}){2}(?!\d|[.,]\d|[万亿]|元|%)")
_LANDLINE = re.compile(r"(?<!\d)([(（]?0\d{2,3}[)）]?[-—－ ]|[(（]0\d{2,3}[)）])\d{7,8}(?!\d)")
_CALLED = re.compile(
    r"((?:电话|手机|联系方式|传真|热线)(?:号码?)?(?:为|是)?[:： ]{0,3})[(（]?\d[\d\-—－()（） ]{5,20}\d"
)
_IDENTITY = re.compile(r"(?<!\d)(\d{6})(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}")
# A name of two characters is often a word as well (高峰, 文明): it is masked where a person's name may stand.
_BEFORE = r"(?:^|(?<=[\s，,、；;：:。（(“由])|(?<=[长任员人师]))"
_AFTER = r"(?=$|[\s，,、；;：:。）)”]|同志|局长|副|主任|科长|为|任|担任|牵头|负责|等)"
WITHHELD_NAME = "（不公开的项目）"


class Withheld(NamedTuple):
    """A project that is not published, and why."""

    workbook: str
    row: float
    name: str
    reason: str


def stated(d: District) -> dict[tuple[str, float], tuple[bool, str]]:
    """What the departments themselves say of each project, by workbook and row: whether it is public, and why not."""
    own = {field.header: field.key for field in layout.PROJECTS.fields if field.own}
    if STATED not in own:
        return {}
    reason = own.get(REASON, "")
    return {
        (row["workbook"], row["row"]): (row[own[STATED]] != "否", str(row[reason]) if reason else "")
        for row in rows_of(d.projects)
    }


def public(d: District, workbooks: Collection[str], withheld: Collection[Withheld]) -> District:
    """Some of a district's workbooks as everybody may read them; its budget stays as it was filed."""
    hidden = {(each.workbook, each.row) for each in withheld}
    names = dict[str, list[str]]()
    for each in withheld:
        names.setdefault(each.workbook, []).append(each.name)
    people = _people(d)
    masks = {book: _mask(people.get(book, ()), names.get(book, ())) for book in workbooks}
    tables = {}
    for key, table in d.tables.items():
        kept = table[table["workbook"].isin(workbooks)]
        if key == "projects":
            kept = _without(kept, "row", hidden)
        if key == "indicators":
            kept = _without(kept, "project_key", {(book, fold(name)) for book, own in names.items() for name in own})
        tables[key] = _masked(key, kept, masks)
    bureau = replace(d.bureau, withheld=_in_words(d, withheld))
    return replace(of_tables(tables, d.places), bureau=bureau)


def _without(table: pd.DataFrame, column: str, hidden: Collection[tuple[str, object]]) -> pd.DataFrame:
    """A table without the rows of some workbooks that are, by a column, hidden."""
    stays = [place not in hidden for place in zip(table["workbook"], table[column], strict=True)]
    return table[pd.Series(stays, table.index, dtype=bool)]


def _people(d: District) -> dict[str, set[str]]:
    """The people whom a workbook names in the fields for them."""
    found: dict[str, set[str]] = {}
    for key, fields in _PEOPLE.items():
        for row in rows_of(d.table(key)):
            named = {part for field in fields for part in re.split(r"[、，,;；/\s]+", str(row[field]))}
            found.setdefault(row["workbook"], set()).update(each for each in named if len(each) > 1)
    return found


def _masked(key: str, table: pd.DataFrame, masks: Mapping[str, Callable[[str], str]]) -> pd.DataFrame:
    """A table with its texts masked; fields for people and their numbers are masked whole."""
    if key not in layout.BY_KEY:
        return table
    changed: dict[str, list[str]] = {}
    for field in layout.BY_KEY[key].fields:
        name = field.key
        if name not in table.columns or field.kind.numeric or name in _EXACT:
            continue
        if name in _PEOPLE.get(key, ()):
            changed[name] = [mask_name(str(text)) for text in table[name]]
        elif name in _NUMBERS.get(key, ()):
            changed[name] = [re.sub(r"\d", "*", str(text)) for text in table[name]]
        else:
            pairs = zip(table["workbook"], table[name], strict=True)
            changed[name] = [masks[book](str(text)) if text else "" for book, text in pairs]
    return table.assign(**{name: pd.Series(texts, table.index, dtype=object) for name, texts in changed.items()})


def _mask(people: Collection[str], projects: Collection[str]) -> Callable[[str], str]:
    """What masks a text of a workbook: numbers of people, their names, the names of projects that nobody may know."""
    long = [name for name in people if len(name) > 2]
    patterns = [re.escape(name) for name in sorted(long, key=len, reverse=True)]
    patterns += [f"{_BEFORE}{re.escape(name)}{_AFTER}" for name in sorted(people) if len(name) == 2]
    named = re.compile("|".join(patterns)) if patterns else None
    hidden = [name for name in sorted(projects, key=len, reverse=True) if len(name) >= _LEAST_NAME]

    def mask(text: str) -> str:
        for name in hidden:
            text = text.replace(name, WITHHELD_NAME)
        text = named.sub(lambda found: mask_name(found[0]), text) if named else text
        return mask_numbers(text)

    return mask


def mask_name(name: str) -> str:
    """A person's name with only its first character: 张三丰 is 张**; of several each."""
    return re.sub(r"([^、，,;；/\s])([^、，,;；/\s]+)", lambda each: each[1] + "*" * len(each[2]), name)


def mask_numbers(text: str) -> str:
    """A text without numbers that reach or identify a person: telephones, identity cards, addresses of mail."""
    if "@" in text:
        text = _MAIL.sub("***", text)
    for pattern in (_IDENTITY, _MOBILE, _LANDLINE, _CALLED):
        text = pattern.sub(lambda found: found[1] + re.sub(r"[\dXx]", "*", found[0][len(found[1]) :]), text)
    return text


def _in_words(d: District, withheld: Collection[Withheld]) -> dict[str, str]:
    """By workbook, how many projects are left out, for how much money, and why."""
    spent = {(row["workbook"], row["row"]): row["executed"] for row in rows_of(d.projects)}
    found: dict[str, str] = {}
    for book in dict.fromkeys(each.workbook for each in withheld):
        own = [each for each in withheld if each.workbook == book]
        amounts = [amount for each in own if given(amount := spent.get((book, each.row), NAN))]
        money = f"，全年执行数合计 {show_amount(sum(amounts))} 万元，已计入支出合计" if amounts else ""
        reasons = "、".join(dict.fromkeys(each.reason for each in own if each.reason))
        found[book] = f"另有 {len(own)} 个项目按规定不公开{money}{f'（{reasons}）' if reasons else ''}。"
    return found


def sensitive(d: District) -> Iterator[tuple[str, float, str]]:
    """The projects whose names say that they may be secret, by workbook and row."""
    for row in rows_of(d.projects):
        word = re.search(r"涉密|保密|秘密|机密|国家安全|反恐|涉军", str(row["name"]))
        if word:
            yield row["workbook"], row["row"], word[0]
