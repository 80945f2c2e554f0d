"""Entries of the policy as cells hold them: a band is 优秀 85～100, a step 95% 以上 80%, a severity 提醒."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from evalxl.policy.entries import Entry, Place, toml
from evalxl.policy.parts import Known

SEVERITIES = {"error": "错误", "warning": "提醒", "info": "提示", "off": "停用"}
_OVERALL = {"declared": "部门自报", "weighted": "按执行数加权", "mean": "简单平均"}
_TRUTH = {"true": "是", "false": "否"}
_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_GAP = r"\s{0,9}"
_EARNED = "满分|不得分|按执行率"
_TEXTS = {"name", "scheme", "title", "unit", "description", "deadline"}  # never read as a number
MAY_BE_EMPTY = ("steps", "execution_caps", "weights")  # lists, of which an empty cell says that there are none
_LONGEST = 60  # characters of one band or step


class _List(NamedTuple):
    """How the items of a list stand in one cell, one after another with ；."""

    write: Callable[[Mapping[str, Any]], str]
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], dict[str, Any]]
    example: str


def _percent(share: float) -> str:
    return f"{(Decimal(repr(float(share))) * 100).normalize():f}%"


def _share(percent: str) -> float:
    return float(Decimal(percent) / 100)


def _earned(step: Mapping[str, Any]) -> str:
    return "按执行率" if step.get("share") is None else _percent(step["share"])


def _step(match: re.Match[str]) -> dict[str, Any]:
    step = {"from": _share(match[1])}
    earned = {"满分": 1.0, "不得分": 0.0}
    if match[2] != "按执行率":
        step["share"] = earned[match[2]] if match[2] in earned else _share(match[3])
    return step


_LISTS = {
    "bands": _List(
        lambda band: f"{band['grade']} {band['from']:g}～{band['to']:g}",
        re.compile(rf"(\D{{1,20}}?){_GAP}:?{_GAP}{_NUMBER}{_GAP}[~至到-]{_GAP}{_NUMBER}{_GAP}分?"),
        lambda match: {"grade": match[1].strip(), "from": float(match[2]), "to": float(match[3])},
        "优秀 85～100；良好 75～85；一般 60～75；较差 0～60",
    ),
    "steps": _List(
        lambda step: f"{_percent(step['from'])} 以上 {_earned(step)}",
        re.compile(rf"[≥>=]{{0,2}}{_GAP}{_NUMBER}%{_GAP}(?:及?以上|起)?{_GAP}得?{_GAP}({_EARNED}|{_NUMBER}%)"),
        _step,
        "95% 以上 100%；90% 以上 80%；60% 以上 按执行率",
    ),
    "execution_caps": _List(
        lambda cap: f"{_percent(cap['from'])}～{_percent(cap['to'])} {cap['cap']:g}",
        re.compile(rf"{_NUMBER}%{_GAP}[~至到-]{_GAP}{_NUMBER}%{_GAP}{_NUMBER}{_GAP}分?"),
        lambda match: {"from": _share(match[1]), "to": _share(match[2]), "cap": float(match[3])},
        "70%～80% 89；60%～70% 79",
    ),
}


def written(entry: Entry) -> str | float | int:
    """An entry's value as a cell shows it; '' where it is not set."""
    value, key = entry.value, entry.place[-1]
    if value is None:
        return ""
    if key in _LISTS:
        return "；".join(map(_LISTS[key].write, value))
    if key == "weights":
        return "、".join(value)
    if isinstance(value, bool):
        return _TRUTH[toml(value)]
    if entry.place == ("vocabulary", "grade") and _only_levels(value):
        words = "；".join(f"{first}（{'、'.join(others)}）" if others else first for first, *others in value["levels"])
        if _reads_as(words, value["levels"]):  # a synonym may itself have a bracket or a comma
            return words
    if isinstance(value, dict | list):
        return re.sub(r"\n *", " ", toml(value))
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return _words(entry.place).get(value, value) if isinstance(value, str) else value


def _words(place: Place) -> Mapping[str, str]:
    """The Chinese words of a choice, by what the file says."""
    if place[0] == "severity":
        return SEVERITIES
    return {"overall": _OVERALL, "weighted": _TRUTH, "known": {each.value: each.word for each in Known}}.get(
        place[-1], {}
    )


def value_of(place: Place, text: str) -> Any:
    """What a cell says for a place, as the policy's file would; ValueError, a sentence, for a list that it is not."""
    key = place[-1]
    if key in _LISTS:
        return list(_items(_LISTS[key], text))
    if key == "weights":
        return [each for each in re.split(r"[、,，;；\s]", text) if each]
    if place == ("vocabulary", "grade") and "{" not in text:
        return {"levels": list(_levels(text))}
    if place[0] in ("sums", "balance", "vocabulary"):
        return _inline(text)
    if key == "deadline":
        return _date(text)
    by_word = {word: each for each, word in _words(place).items()}
    if by_word:
        value = by_word.get(text.strip(), text.strip())
        return value if key != "weighted" else {"true": True, "false": False}.get(value.casefold(), value)
    return text if key in _TEXTS or key == "source" else _number(text)


_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]{1,2}0{1,2}:00(?::00(?:\.0{1,6})?)?)?")


def _date(text: str) -> str:
    """A date as people and spreadsheets write it, as the file has it; anything else as it stands, to be refused."""
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else text


def in_chinese(place: Place, sentence: str) -> str:
    """A sentence about an entry with the words that a table has in place of the file's own."""
    sentence = sentence.replace("true 或 false（是或否）", "是或否")
    for own, word in _words(place).items():
        sentence = re.sub(rf"(?<![\w.]){own}(?![\w.])", word, sentence, flags=re.ASCII)
    return sentence


def _only_levels(words: Mapping[str, Any]) -> bool:
    """Whether a vocabulary is nothing but grades, best first, each with its synonyms."""
    return bool(words.get("levels")) and not any(said for key, said in words.items() if key != "levels")


def _reads_as(text: str, levels: object) -> bool:
    try:
        return list(_levels(text)) == levels
    except ValueError:
        return False


def _levels(text: str) -> Iterator[list[str]]:
    """The grades of 优（优秀）；良（良好）, each with the words that are read as it."""
    for item in filter(None, (each.strip() for each in re.split(r"[;；\n]", text))):
        match = re.fullmatch(r"([^（()）、]{1,20})(?:[（(]([^（()）]{1,200})[）)])?", item)
        if match is None:
            raise ValueError(
                f"中的“{item[:_LONGEST]}”看不懂，请写成：优（优秀）；良（良好）；中（一般、中等）；差（较差）。"
            )
        others = re.split(r"[、,，]", match[2]) if match[2] else []
        yield [match[1].strip(), *(each.strip() for each in others if each.strip())]


def _items(shape: _List, text: str) -> Iterator[dict[str, Any]]:
    narrow = unicodedata.normalize("NFKC", text).replace("—", "-").replace("–", "-")
    for item in re.split(r"[;；\n]", narrow):
        item = item.strip()
        match = shape.pattern.fullmatch(item) if len(item) <= _LONGEST else None
        if match is not None:
            yield shape.read(match)
        elif item:
            raise ValueError(f"中的“{item[:_LONGEST]}”看不懂，请写成：{shape.example}。")


def _number(text: str) -> float | str:
    """A number however it is typed, 90% as 0.9; anything else as it stands, for the policy's types to refuse."""
    narrow = unicodedata.normalize("NFKC", text).strip()
    try:
        number = Decimal(narrow.removesuffix("%"))
        if not number.is_finite():
            return text
        return float(number / 100 if narrow.endswith("%") else number)
    except ArithmeticError:
        return text


def _inline(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError, KeyError):
        raise ValueError("写法有误：这一项要按规则文件（TOML）的写法写，请对照 --new 写出的表。") from None
