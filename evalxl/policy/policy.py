"""The policy in force: grade bands, thresholds, identities and vocabulary, read from TOML and checked on load.

A district's own file overrides the shipped one by key. Every number a rule uses comes from here, with its source and
the year from which it holds; none is written into code.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from evalxl import layout
from evalxl.layout.shapes import OWN
from evalxl.policy.parts import (
    STATED,
    Balance,
    Band,
    Cap,
    Execution,
    Head,
    Known,
    Length,
    Model,
    OwnRule,
    Sampling,
    Scheme,
    Sum,
    Threshold,
    Words,
)
from evalxl.policy.shipped import SHIPPED, shipped
from evalxl.policy.wording import asked, explained, line_of
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold
from evalxl.values.quantities import given
from evalxl.values.rounding import round_half_up
from evalxl.values.toml_file import read_toml


class Policy(Model):
    """The whole policy; values are frozen, so that one can be handed to every process of a run."""

    head: Head = Field(alias="policy")
    schemes: dict[str, Scheme]
    thresholds: dict[str, Threshold]
    execution: Execution
    execution_caps: tuple[Cap, ...]
    lengths: dict[str, Length]  # by the section's header
    sampling: Sampling
    sums: tuple[Sum, ...]
    balance: Balance
    vocabulary: dict[str, Words]
    rules: tuple[OwnRule, ...] = Field((), max_length=99)  # a bureau's own
    severity: dict[str, Literal["error", "warning", "info", "off"]]

    def __hash__(self) -> int:
        return hash(self.head)  # equal policies have equal heads

    @classmethod
    def names(cls, place: Sequence[str | int]) -> list[str]:
        """The names that entries of the shipped policy have at a place: what one that is not there may have meant."""
        table: Any = default()
        for part in place:
            table = table.get(part) if isinstance(table, dict) else None
        return list(table) if isinstance(table, dict) else []

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
    def totals(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every total with what it adds up: this year's first, then the grand totals that contain them."""
        return [*((each.total, each.parts) for each in self.sums), *self.grand_totals.items()]

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
        """Hash of the policy in force; not on how the file was written, nor on a bureau's own columns."""
        values = self.model_dump(mode="json")
        for name in layout.OWN_VOCABULARIES:
            values["vocabulary"].pop(name, None)
        for each in values["sums"]:
            each["parts"] = [part for part in each["parts"] if not part.startswith(OWN)]
        for side in ("income", "expenditure"):
            values["balance"][side] = [line for line in values["balance"][side] if not line.startswith(OWN)]
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def grade(self, score: float) -> str:
        """The grade a score earns: bands are half-open on the score rounded half-up (score_digits); '' for a blank."""
        if not given(score):  # NaN
            return ""
        rounded = self.rounded(score)
        for position, band in enumerate(sorted(self.scheme.bands, key=lambda band: -band.end)):
            if band.start <= rounded < band.end or (position == 0 and rounded == band.end):
                return band.grade
        return ""

    @property
    def digits(self) -> int:
        """The decimals of a score."""
        return int(self.value("score_digits"))

    @property
    def sum_gap(self) -> float:
        """How far a score may be from what its points add up to: the score itself may have been rounded."""
        return max(self.value("points_gap"), 0.5 / 10.0**self.digits)

    @property
    def digits_in_words(self) -> str:
        """The decimals of a score as texts name them."""
        return ("取整", "一位小数", "两位小数")[self.digits]

    def rounded(self, score: float) -> float:
        """A score as it counts: half-up to the decimals that scores have."""
        return float(round_half_up(score, self.digits))

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


def load(path: Path | None = None) -> Policy:
    """The shipped policy, overridden by a district's own file if one is given; UsageError says what is wrong.

    One object for each content: what is found by a policy is kept by it. A file that has changed is read anew.
    """
    return _loaded(_Own(path, *read_toml(path, "规则文件", "请对照 policy.toml 改正")) if path is not None else None)


@dataclass(frozen=True)
class _Own:
    """A district's own file as it was read; the same text at the same place is the same."""

    path: Path
    entries: dict[str, Any] = field(compare=False)
    text: str = ""


@lru_cache(maxsize=8)
def _loaded(own: _Own | None) -> Policy:
    if own is None:
        return Policy.model_validate(default())
    return overridden(own.entries, f"规则文件 {own.path}", lambda place: line_of(own.text, place))


def made_with_another(name: str, sha256: str, policy: Policy) -> str:
    """What is said of results of another policy than that in force, and how to give theirs; both may bear one name."""
    other = f"“{policy.head.name}”不同" if policy.head.name != name else "名称相同而内容不同"
    return f"用的规则文件是“{name}”，与本次的{other}；{_option_for(sha256)}。"


def _option_for(sha256: str) -> str:
    """How the operator gives the policy of a hash: by name where it ships, else as the file that the bureau has."""
    for name, (shown, *_) in SHIPPED.items():
        if load(shipped(name)).sha256 == sha256:
            return f"请用 --policy {shown}"
    return "请用 --policy 给出同一文件"


def default() -> dict[str, Any]:
    """The shipped policy as it is written, with the drop-downs and the lines of the budget that the layout adds."""
    shipped_ = tomllib.loads(resources.files("evalxl.policy").joinpath("policy.toml").read_text(encoding="utf-8"))
    shipped_["vocabulary"] |= {name: {"labels": list(labels)} for name, labels in layout.OWN_VOCABULARIES.items()}
    for each in shipped_["sums"]:
        each["parts"] = [*each["parts"], *layout.PARTS.get(each["total"], ())]
    balance = shipped_["balance"]
    for side in ("income", "expenditure"):
        balance[side] = [*balance[side], *layout.PARTS.get(balance[f"{side}_grand"], ())]
    return shipped_


def overridden(own: Mapping[str, Any], file: str, where: Callable[[Sequence[str]], str]) -> Policy:
    """The shipped policy with a district's own entries; ``where`` tells the line or cell of a faulty one."""
    try:
        policy = Policy.model_validate(_restated(_override(default(), own)))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        line = where([str(part) for part in first["loc"]])
        raise UsageError(f"{file} {line}：{explained(first, Policy.names)}".replace(" ：", "：")) from None
    for place, sentence in _faults(policy):
        raise UsageError(f"{file} {where(place)}：{sentence}".replace(" ：", "："))
    return policy


_LARGEST_SHARE = 10  # 1000 %; what is larger was meant as a percentage


def _override(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A table with the entries of an own file."""
    merged = dict(base)
    for key, value in own.items():
        nested = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _override(merged[key], value) if nested else value
    if "source" in own and "known" not in own:
        merged["known"] = Known.STATED.value
    return merged


CITATION = ("source", "known", "since")  # of an entry: on what it rests


def _restated(policy: dict[str, Any]) -> dict[str, Any]:
    """A policy in which nothing stands in a source that a shipped policy gives for something else."""
    for place, table in _cited(policy):
        same = [each for each in _shipped_at(place) if each["source"] == table.get("source")]
        if same and all(_content(each) != _content(table) for each in same):
            table |= {"source": STATED, "known": Known.STATED.value}
    return policy


def _cited(policy: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The tables of a policy that have a source, by their place."""
    for key, table in policy.items():
        if key in ("execution", "sampling") and isinstance(table, dict):
            yield (key,), table
        elif key in ("thresholds", "schemes", "lengths") and isinstance(table, dict):
            yield from (((key, name), each) for name, each in table.items() if isinstance(each, dict))


def _content(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in CITATION}


def _shipped_at(place: tuple[str, ...]) -> list[dict[str, Any]]:
    return [table for policy in _all_shipped() for at, table in policy if at == place]


@cache
def _all_shipped() -> list[list[tuple[tuple[str, ...], dict[str, Any]]]]:
    own = (tomllib.loads(path.read_text(encoding="utf-8")) for path in map(shipped, SHIPPED) if path is not None)
    return [list(_cited(_override(default(), each))) for each in own]


def _faults(policy: Policy) -> Iterator[tuple[Sequence[str], str]]:
    """What no type can tell, with its place: names that must exist, and numbers that make no sense."""
    if policy.head.scheme not in policy.schemes:
        guess = asked(policy.head.scheme, policy.schemes)
        yield ("policy", "scheme"), f"policy.scheme 写的“{policy.head.scheme}”不在 schemes 中{guess}"
    ways = {name.partition("_")[2].rpartition("_")[0] for name in policy.thresholds if name.startswith("weights_")}
    for name in policy.head.weights:
        if name not in ways:
            yield ("policy", "weights"), f"policy.weights 写的“{name}”没有 weights_{name}_ 各项{asked(name, ways)}"
    yield from _unknown_lines(policy)
    yield from _odd_sums(policy)
    yield from _odd_numbers(policy)
    yield from _odd_lengths(policy)


def _odd_numbers(policy: Policy) -> Iterator[tuple[Sequence[str], str]]:
    for name, threshold in policy.thresholds.items():
        place = ("thresholds", name, "value")
        if threshold.unit == "比例" and not 0 <= threshold.value < _LARGEST_SHARE:
            yield place, f"{name} 是比例，80% 写作 0.8，写的是 {threshold.value:g}。"
        if name == "score_digits" and threshold.value not in range(layout.SCORE_DIGITS + 1):
            yield place, f"score_digits 是得分的小数位数，写 0、1 或 2，写的是 {threshold.value:g}。"
    steps = [each.start for each in policy.execution.steps]
    if len(set(steps)) < len(steps):
        yield ("execution", "steps"), "execution.steps 有两档从同一个执行率起，请只留一档。"
    for number, cap in enumerate(policy.execution_caps):
        if cap.start >= cap.end:
            yield (
                ("execution_caps", str(number)),
                (f"execution_caps 的一档从 {cap.start:g} 到 {cap.end:g}，起点应小于终点，请改正。"),
            )


def _odd_lengths(policy: Policy) -> Iterator[tuple[Sequence[str], str]]:
    sections = [each.header for each in layout.NARRATIVE.fields]
    for name, length in policy.lengths.items():
        if name not in sections:
            known = "、".join(sections)
            yield ("lengths", name), f"文字说明没有“{name}”这一栏，可用的有{known}{asked(name, sections)}"
        if length.least is not None and length.most is not None and length.least > length.most:
            yield ("lengths", name, "most"), f"{name}的最少字数 {length.least} 多于最多字数 {length.most}，请改正。"


def _unknown_lines(policy: Policy) -> Iterator[tuple[Sequence[str], str]]:
    """Identities of lines that the budget does not have."""
    lines = layout.BUDGET.line_by_key
    for place, total, parts in _identities(policy):
        for name in (total, *parts):
            if name not in lines:
                yield place, f"预算表没有“{name}”这一行，可用的有 {'、'.join(lines)}。"
    for column in policy.balance.rules:
        if column not in layout.AMOUNTS:
            yield ("balance", "rules", column), f"预算表没有“{column}”这一列{asked(column, layout.AMOUNTS)}"


def _odd_sums(policy: Policy) -> Iterator[tuple[Sequence[str], str]]:
    """A part that counts twice, and a total that is, by whatever way, a part of itself."""
    below: dict[str, set[str]] = {}
    for place, total, parts in _identities(policy):
        twice = next((part for part in parts if parts.count(part) > 1), "")
        if twice:
            yield place, f"“{total}”的组成里有一项写了两次（{twice}），请去掉一个。"
        below.setdefault(total, set()).update(parts)
        within, coming = set(parts), list(parts)
        while coming:
            new = below.get(coming.pop(), set()) - within
            within |= new
            coming += new
        if total in within:
            yield place, f"“{total}”的组成里有它自己，加不出来，请改正。"


def _identities(policy: Policy) -> Iterator[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """Every total of the budget with its parts, and the place that says so."""
    balance = policy.balance
    yield ("balance", "income"), balance.income_grand, balance.income
    yield ("balance", "expenditure"), balance.expenditure_grand, balance.expenditure
    for number, identity in enumerate(policy.sums):
        yield ("sums", str(number)), identity.total, identity.parts
