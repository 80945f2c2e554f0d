"""What of a district may be published: people's names and numbers masked, projects that must not be known left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, of_tables, rows_of
from evalxl.facts.masking import Filed, digits_in, mask_name, mask_of, names_in
from evalxl.facts.names import own_names
from evalxl.values.folding import fold
from evalxl.values.quantities import NAN, given, show_amount

STATED, REASON = "是否公开", "不公开原因"  # columns of a bureau's own template that say so
_PEOPLE = {"general": ("preparer", "head"), "reviewers": ("name",)}
_NUMBERS = {"general": ("phone",)}
_OWN_PEOPLE = re.compile(r"联系人|经办人|填报人|填表人|负责人|姓名")  # headers of columns that a bureau has added
_OWN_NUMBERS = re.compile(r"电话|手机|联系方式")
_EXACT = ("code", "date")  # fields that hold no prose
_LEAST_NAME = 4  # characters of a project's name, or of its beginning, that is found in texts
_HAN = re.compile(r"[\u3400-\u9fff]")
WITHHELD_NAME = "（不公开的项目）"
_YES = ("", "是", "公开", "已公开", "可公开", "可以公开", "全部公开", "主动公开", "y", "yes", "√", "✓")
_NO = ("否", "不", "不公开", "不予公开", "不宜公开", "n", "no", "×")


class Withheld(NamedTuple):
    """A project that is not published; why is the office's own business, and stands in its ledger only."""

    workbook: str
    row: float
    name: str


def stated(d: District) -> dict[tuple[str, float], tuple[bool, str]]:
    """What the departments themselves say of each project, by workbook and row: whether it is public, and why not."""
    own = {fold(field.header): field.key for field in layout.PROJECTS.fields if field.own}
    asked = next((key for header, key in own.items() if header.startswith(STATED)), "")
    if not asked:
        return {}
    why = [own[header] for header in (REASON, "备注") if header in own]
    found = {}
    for row in rows_of(d.projects):
        word = fold(str(row[asked]))
        reasons = [str(row[key]) for key in why if row[key]] or ([] if word in _NO else [str(row[asked])])
        # A word that is neither, 涉密 or 待定, is no consent: the project is left out, and the word is the reason.
        found[row["workbook"], row["row"]] = (True, "") if word in _YES else (False, reasons[0] if reasons else "")
    return found


def public(d: District, workbooks: Collection[str], withheld: Collection[Withheld]) -> District:
    """Some of a district's workbooks as everybody may read them; its budget stays as it was filed."""
    hidden = {(each.workbook, each.row) for each in withheld}
    names = dict[str, list[str]]()
    for each in withheld:
        names.setdefault(each.workbook, []).append(each.name)
    people, numbers = _filed(d, _people_fields, names_in), _filed(d, _number_fields, digits_in)
    own, regions = own_names(d), dict(zip(d.workbooks["workbook"], d.workbooks["region"], strict=True))
    known = _public_words(d, hidden)
    masks = {}
    for book in workbooks:
        filed = Filed(people.get(book, ()), numbers.get(book, ()), "\n".join((regions[book], *own[book].names)))
        public_anyway = [regions[book], *own[book].names, *known.get(book, ())]
        masks[book] = mask_of(filed, _hiding(names.get(book, ()), public_anyway))
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


def _people_fields(sheet: layout.Sheet) -> list[str]:
    """The fields of a sheet that are for people's names."""
    own = [field.key for field in sheet.fields if field.own and _OWN_PEOPLE.search(field.header)]
    return [*_PEOPLE.get(sheet.key, ()), *(key for key in own if not _OWN_NUMBERS.search(sheet.by_key[key].header))]


def _number_fields(sheet: layout.Sheet) -> list[str]:
    """The fields of a sheet that are for telephone numbers."""
    own = [field.key for field in sheet.fields if field.own and _OWN_NUMBERS.search(field.header)]
    return [*_NUMBERS.get(sheet.key, ()), *own]


def _filed(
    d: District, fields: Callable[[layout.Sheet], list[str]], of: Callable[[str], list[str]]
) -> dict[str, dict[str, None]]:
    """What each workbook files in the fields for people, or for numbers."""
    found: dict[str, dict[str, None]] = {}
    for sheet in layout.DATA_SHEETS:
        table = d.table(sheet.key)
        for key in fields(sheet):
            if key in table.columns:
                for book, text in zip(table["workbook"], table[key], strict=True):
                    found.setdefault(book, {}).update(dict.fromkeys(of(_text(text))))
    return found


def _text(value: object) -> str:
    """A cell's text; '' where it is blank, digits where a column for numbers was declared as one."""
    if isinstance(value, float):
        return f"{value:.0f}" if given(value) else ""
    return str(value)


def _public_words(d: District, hidden: Collection[tuple[str, object]]) -> dict[str, list[str]]:
    """By workbook, its public projects' names and what it says of its duties: words of these give no project away."""
    found: dict[str, list[str]] = {}
    for row in rows_of(_without(d.projects, "row", hidden)):
        found.setdefault(row["workbook"], []).append(str(row["name"]))
    for book, text in zip(d.narrative["workbook"], d.narrative["overview"], strict=True):
        found.setdefault(book, []).append(str(text))
    return found


def _hiding(names: Collection[str], known: Collection[str]) -> Callable[[str], str]:
    """What takes the names of projects that nobody may know out of a text, and then the beginnings of these names."""
    whole = _any_of(name for name in names if len(name) >= _LEAST_NAME)
    beginnings = _any_of(each for name in names for each in _beginnings(name, known))
    return lambda text: beginnings.sub(WITHHELD_NAME, whole.sub(WITHHELD_NAME, text))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """The pattern of any of some words, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(set(words), key=lambda word: (-len(word), word)))) or "(?!)")


def _beginnings(name: str, known: Collection[str]) -> Iterator[str]:
    """What a text may call a project in short, 金审工程 for 金审工程运行维护费; what is public anyway is none of it."""
    for front in sorted(known, key=len, reverse=True):
        name = name.removeprefix(front)
    for end in range(_LEAST_NAME, len(name)):
        beginning = name[:end]
        if len(_HAN.findall(beginning)) >= _LEAST_NAME and not any(beginning in each for each in known):
            yield beginning


def _masked(key: str, table: pd.DataFrame, masks: Mapping[str, Callable[[str], str]]) -> pd.DataFrame:
    """A table with its texts masked; fields for people and their numbers are masked whole."""
    if key not in layout.BY_KEY:
        return table
    changed: dict[str, list[str]] = {}
    people, numbers = _people_fields(layout.BY_KEY[key]), _number_fields(layout.BY_KEY[key])
    for field in layout.BY_KEY[key].fields:
        name = field.key
        if name not in table.columns or field.kind.numeric or name in _EXACT:
            continue
        if name in people:
            changed[name] = [mask_name(str(text)) for text in table[name]]
        elif name in numbers:
            changed[name] = [re.sub(r"\d", "*", str(text)) for text in table[name]]
        else:
            pairs = zip(table["workbook"], table[name], strict=True)
            changed[name] = [masks[book](str(text)) if text else "" for book, text in pairs]
    return table.assign(**{name: pd.Series(texts, table.index, dtype=object) for name, texts in changed.items()})


def _in_words(d: District, withheld: Collection[Withheld]) -> dict[str, str]:
    """By workbook, how many projects are left out, and for how much money; never why, which may say what they are."""
    spent = {(row["workbook"], row["row"]): row["executed"] for row in rows_of(d.projects)}
    found: dict[str, str] = {}
    for book in dict.fromkeys(each.workbook for each in withheld):
        own = [each for each in withheld if each.workbook == book]
        amounts = [amount for each in own if given(amount := spent.get((book, each.row), NAN))]
        money = f"，全年执行数合计 {show_amount(sum(amounts))} 万元，已计入支出合计" if amounts else ""
        found[book] = f"另有 {len(own)} 个项目按规定不公开{money}。"
    return found


def sensitive(d: District) -> Iterator[tuple[str, float, str]]:
    """The projects whose names say that they may be secret, by workbook and row."""
    for row in rows_of(d.projects):
        word = re.search(r"涉密|保密|秘密|机密|国家安全|反恐|涉军", str(row["name"]))
        if word:
            yield row["workbook"], row["row"], word[0]
