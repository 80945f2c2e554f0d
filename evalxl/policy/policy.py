"""The policy in force: grade bands, thresholds, identities and vocabulary, read from TOML and checked on load.

A district's own file overrides the shipped one by key. Every number a rule uses comes from here, with its source and
the year from which it holds; none is written into code.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evalxl import layout
from evalxl.values.errors import UsageError, cause
from evalxl.values.folding import fold
from evalxl.values.quantities import given


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Band(_Model):
    """One grade and the scores that earn it: ``start`` ≤ score < ``end`` (the highest band includes its end)."""

    grade: str
    start: float = Field(alias="from")
    end: float = Field(alias="to")


class Scheme(_Model):
    """A set of grade bands with the regulation it comes from."""

    title: str
    source: str
    since: int
    bands: tuple[Band, ...] = Field(min_length=2)  # what falls from one to the next is what rules look at


class Threshold(_Model):
    """One number a rule compares with."""

    value: float
    unit: str
    description: str
    source: str
    since: int


class Cap(_Model):
    """The most points a project may score whose execution rate lies in ``start`` ≤ rate < ``end``."""

    start: float = Field(alias="from")
    end: float = Field(alias="to")
    cap: float


class Sampling(_Model):
    """How the projects to recheck are drawn."""

    share: float = Field(ge=0, le=1)
    least: int = Field(ge=0)
    seed: int
    weighted: bool = False  # by risk instead of evenly
    source: str
    since: int


class Sum(_Model):
    """An identity of the budget: a total line equals the sum of its parts, in every amount column."""

    rule: str
    total: str
    parts: tuple[str, ...] = Field(min_length=1)
    breakdown: bool = False  # parts that may all be left out


class Balance(_Model):
    """Income with what is carried in equals expenditure with what is carried out."""

    income: tuple[str, ...] = Field(min_length=1)
    income_grand: str
    expenditure: tuple[str, ...] = Field(min_length=1)
    expenditure_grand: str
    rules: dict[str, str]  # amount column → the rule it is reported under


class Words(_Model):
    """Standard words of a choice field and the aliases seen in real reports."""

    labels: tuple[str, ...] = ()
    aliases: dict[str, str] = {}
    when: dict[str, dict[str, str]] = {}  # another field's standard word → aliases that then hold instead
    levels: tuple[tuple[str, ...], ...] = ()  # grades only: best first, each with its synonyms


class _Head(_Model):
    name: str
    scheme: str
    overall: Literal["declared", "weighted", "mean"]
    deadline: dt.date | None = None  # 报送截止日期


class Policy(_Model):
    """The whole policy; values are frozen, so that one can be handed to every process of a run."""

    head: _Head = Field(alias="policy")
    schemes: dict[str, Scheme]
    thresholds: dict[str, Threshold]
    execution_caps: tuple[Cap, ...]
    sampling: Sampling
    sums: tuple[Sum, ...]
    balance: Balance
    vocabulary: dict[str, Words]
    severity: dict[str, Literal["error", "warning", "info", "off"]]

    def __hash__(self) -> int:
        return hash(self.head)  # equal policies have equal heads

    def asks(self, rule: str) -> bool:
        """Whether a rule is asked at all: not where it is switched off and on again for no sheet and no column."""
        return self.severity.get(rule) != "off" or any(key.startswith(f"{rule}.") for key in self.severity)

    def value(self, threshold: str) -> float:
        """A threshold's value, in the unit stated in policy.toml."""
        return self.thresholds[threshold].value

    @property
    def grand_totals(self) -> dict[str, tuple[str, ...]]:
        """The grand totals and what they add up, income first."""
        balance = self.balance
        return {balance.income_grand: balance.income, balance.expenditure_grand: balance.expenditure}

    @property
    def best(self) -> Band:
        """The highest grade band."""
        return max(self.scheme.bands, key=lambda band: band.end)

    def cap(self, rate: float) -> float:
        """The most points a project of some execution rate may score; infinite where the policy sets no cap."""
        return min((each.cap for each in self.execution_caps if each.start <= rate < each.end), default=math.inf)

    @property
    def scheme(self) -> Scheme:
        """The grade bands in force."""
        return self.schemes[self.head.scheme]

    @cached_property
    def sha256(self) -> str:
        """Hash of the policy in force; it does not depend on how the file was written."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()

    def grade(self, score: float) -> str:
        """The grade a score earns: bands are half-open on the score rounded half-up to two decimals; '' for a blank."""
        if not given(score):  # NaN
            return ""
        rounded = float(round_half_up(score))
        for position, band in enumerate(sorted(self.scheme.bands, key=lambda band: -band.end)):
            if band.start <= rounded < band.end or (position == 0 and rounded == band.end):
                return band.grade
        return ""

    def labels(self, vocabulary: str) -> tuple[str, ...]:
        """The standard words of a choice field, in the order of its drop-down."""
        if vocabulary == "grade":
            return tuple(band.grade for band in self.scheme.bands)
        return self.vocabulary[vocabulary].labels

    def standard(self, vocabulary: str, text: str, when: str = "") -> str:
        """The standard word for what was written, or '' when it is neither a label nor a known alias."""
        return _standard(self._index, vocabulary, fold(text), when)

    @cached_property
    def _index(self) -> dict[tuple[str, str, str], str]:
        index: dict[tuple[str, str, str], str] = {}
        for name, words in self.vocabulary.items():
            index |= {(name, "", fold(alias)): label for alias, label in words.aliases.items()}
            for condition, aliases in words.when.items():
                index |= {(name, condition, fold(alias)): label for alias, label in aliases.items()}
            index |= {(name, "", fold(label)): label for label in words.labels}
        ranked = sorted(self.scheme.bands, key=lambda band: -band.start)
        for band, synonyms in zip(ranked, self.vocabulary["grade"].levels, strict=False):
            index |= {("grade", "", fold(synonym)): band.grade for synonym in synonyms}
        return index | {("grade", "", fold(band.grade)): band.grade for band in ranked}


def _standard(index: dict[tuple[str, str, str], str], vocabulary: str, key: str, when: str) -> str:
    return index.get((vocabulary, when, key)) or index.get((vocabulary, "", key), "")


def round_half_up(number: float, places: int = 2) -> Decimal:
    """A number rounded as accountants do, half away from zero, judged on its shortest decimal form."""
    return Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@lru_cache(maxsize=8)
def load(path: Path | None = None) -> Policy:
    """The shipped policy, overridden by a district's own file if one is given; UsageError says what is wrong."""
    data = tomllib.loads(resources.files("evalxl.policy").joinpath("policy.toml").read_text(encoding="utf-8"))
    if path is None:
        return Policy.model_validate(data)
    try:
        text = path.read_text(encoding="utf-8-sig")
        own = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"规则文件 {path} 打不开（{cause(error)}），请检查路径。") from None
    except UnicodeDecodeError:
        raise UsageError(f"规则文件 {path} 不是 UTF-8 文本，请另存为 UTF-8 后再用。") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"规则文件 {path} {_toml_place(error)}写法有误，请对照 policy.toml 改正。") from None
    try:
        policy = Policy.model_validate(_override(data, own))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        line = _line(text, [str(part) for part in first["loc"]])
        raise UsageError(f"规则文件 {path} {line}：{_explain(first)}".replace(" ：", "：")) from None
    _check_references(policy, path)
    for name, threshold in policy.thresholds.items():
        if threshold.unit == "比例" and not 0 <= threshold.value < _LARGEST_SHARE:
            raise UsageError(f"规则文件 {path}：{name} 是比例，80% 写作 0.8，写的是 {threshold.value:g}。")
    return policy


_LARGEST_SHARE = 10  # 1000 %; what is larger was meant as a percentage


def _override(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        nested = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _override(merged[key], value) if nested else value
    return merged


def _toml_place(error: tomllib.TOMLDecodeError) -> str:
    match = re.search(r"line (\d+), column (\d+)", str(error))
    return f"第 {match[1]} 行第 {match[2]} 列" if match else ""


_EXPLAINED = {
    "extra_forbidden": "没有这一项，请核对写法",
    "missing": "缺少这一项",
    "literal_error": "取值不在允许的范围内",
}


def _line(text: str, place: list[str]) -> str:
    """The line of a policy file that a faulty entry stands on, as far as its table and key can be found there."""
    best, most, table = 0, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[\[?([^\]]+)\]\]?", line)
        if header:
            table = [part.strip(" '\"") for part in header[1].split(".")]
        key = re.match(r"\s*([\w'\"-]+)\s*=", line)
        path = [*table, key[1].strip("'\"")] if key and not header else table
        named = [part for part in place if not part.isdigit()]
        if path == named[: len(path)] and len(path) > most:
            best, most = number, len(path)
    return f"第 {best} 行" if best else ""


def _explain(first: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing" and first["loc"][0] in ("thresholds", "schemes"):
        return f"没有“{first['loc'][1]}”这一项，请核对写法；新增的项须写全。"
    if first["type"] == "too_short":
        return (
            f"{place} 至少要有 {first['ctx']['min_length']} {'个等级' if place.endswith('bands') else '项'}，请补全。"
        )
    return f"{place} {_EXPLAINED.get(first['type'], '应为' + _expected(first['type']))}。"


def _expected(kind: str) -> str:
    for word, meaning in (("float", "数字"), ("int", "整数"), ("string", "文字"), ("bool", "true 或 false")):
        if word in kind:
            return meaning
    return "规定的格式"


def _check_references(policy: Policy, path: Path) -> None:
    """Names that must exist: the scheme in force, the budget lines of every identity, the severities' rules."""
    if policy.head.scheme not in policy.schemes:
        raise UsageError(f"规则文件 {path}：policy.scheme 写的“{policy.head.scheme}”不在 schemes 中。")
    lines = layout.BUDGET.line_by_key
    balance = policy.balance
    named = [*balance.income, balance.income_grand, *balance.expenditure, balance.expenditure_grand]
    for identity in policy.sums:
        named += [identity.total, *identity.parts]
    for name in named:
        if name not in lines:
            raise UsageError(f"规则文件 {path}：预算表没有“{name}”这一行，可用的有 {'、'.join(lines)}。")
