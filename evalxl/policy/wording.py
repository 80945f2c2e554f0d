"""What is wrong with a policy file, in one sentence that names the line."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from evalxl.values.folding import fold


def line_of(text: str, place: Sequence[str]) -> str:
    """The line of a policy file that a faulty entry stands on, as far as its table and key can be found there."""
    best, most = 0, 0
    table: list[str] = []
    listed: Counter[str] = Counter()  # how many [[rules]] there have been
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?([^\]]+)\]\]?", line)
        if header:
            table = [part.strip(" '\"") for part in header[1].split(".")]
            if line.lstrip().startswith("[["):
                table.append(str(listed[header[1]]))
                listed[header[1]] += 1
        key = re.match(r"\s*([\w'\"-]+)\s*=", line)
        path = [*table, key[1].strip("'\"")] if key and not header else table
        if len(path) > most and _leads_to(path, place):
            best, most = number, len(path)
    return f"第 {best} 行" if best else ""


def _leads_to(path: Sequence[str], place: Sequence[str]) -> bool:
    """Whether an entry is one of those that a place lies in; numbers count where entries stand in a list of tables."""
    rest = list(place)
    for part in path:
        while not part.isdigit() and rest and rest[0].isdigit():
            rest.pop(0)
        if not rest or rest.pop(0) != part:
            return False
    return True


def explained(first: Mapping[str, Any], names: Callable[[Sequence[str]], list[str]]) -> str:
    """What pydantic says of an entry, as a sentence; ``names`` tells what entries there are at a place."""
    loc, kind = first["loc"], first["type"]
    place = ".".join(str(part) for part in loc)
    if kind == "missing" and loc[0] in ("thresholds", "schemes") and loc[1] not in names(loc[:1]):
        guess = meant(str(loc[1]), names(loc[:1]))
        return f"没有“{loc[1]}”这一项，{f'是否指 {guess}？' if guess else '请核对写法；'}新增的项须写全。"
    if kind == "extra_forbidden":
        return f"{place} 没有这一项{asked(str(loc[-1]), names(loc[:-1]))}"
    if kind == "too_short":
        return (
            f"{place} 至少要有 {first['ctx']['min_length']} {'个等级' if place.endswith('bands') else '项'}，请补全。"
        )
    if kind == "too_long":
        return f"{place} 太多，不能超过 {first['ctx']['max_length']} 项。"
    if kind in _OF_TEXTS:
        return f"{place} {_OF_TEXTS[kind].format(**first['ctx'])}。"
    if "than" in kind:  # greater_than_equal and the like
        (sign, limit), *_ = first["ctx"].items()
        return f"{place} {'不能小于' if sign == 'ge' else '不能大于'} {limit:g}。"
    if kind in ("literal_error", "enum"):
        return f"{place} 取值不在允许的范围内，可用的有 {_allowed(first)}。"
    return f"{place} {'缺少这一项，请补全' if kind == 'missing' else '应为' + _expected(kind)}。"


_OF_TEXTS = {
    "string_too_short": "太短，至少 {min_length} 个字",
    "string_too_long": "太长，不能超过 {max_length} 个字",
    "string_pattern_mismatch": "写法不对，请对照手册中的例子改正",
}


def _allowed(first: Mapping[str, Any]) -> str:
    return "、".join(first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))


def asked(written: str, known: Iterable[str]) -> str:
    """The end of a sentence about a name that there is not: what it may have meant, or to look at the spelling."""
    guess = meant(written, known)
    return f"，是否指“{guess}”？" if guess else "，请核对写法。"


def meant(written: str, known: Iterable[str]) -> str:
    """Of some names the one most like what was written; '' where none is like it."""
    folded = {fold(each): each for each in known}
    close = difflib.get_close_matches(fold(written)[:_LONGEST], folded, 1, _ALIKE)
    return folded[close[0]] if close else ""


_LONGEST = 60  # characters of a name
_ALIKE = 0.6


def _expected(kind: str) -> str:
    return next((meaning for word, meaning in _KINDS.items() if word in kind), "规定的格式")


_KINDS = {  # as pydantic names them; of two that fit, the first
    "date": "日期，如 2024-03-31",
    "int": "整数",
    "float": "数字",
    "finite": "数字",
    "string": "文字",
    "bool": "true 或 false（是或否）",
    "tuple": "方括号里的一项或几项",
    "dict": "一段，一行一项",
    "model": "一段，一行一项",
}
