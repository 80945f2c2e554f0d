"""The policy in force: one that ships, by its name, or a district's own file; to apply, to print, to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalxl.library.files import new_file
from evalxl.store.files import replacing
from evalxl.values.errors import UsageError

if TYPE_CHECKING:
    from evalxl.policy.policy import Policy

PolicySource = str | Path | None  # a name or a file; None is the usual policy


def policy_file(text: str) -> Path:
    """The file of a policy that is named or is a file; UsageError says which name may have been meant."""
    from evalxl.policy.shipped import chosen

    return chosen(text)


def in_force(source: PolicySource) -> Policy:
    """The policy, itself held against the rules about policies (G07); UsageError says what is wrong with a file."""
    from evalxl.bureau.policy_file import place_in, read_policy
    from evalxl.district.tables import District
    from evalxl.rules import Scope
    from evalxl.rules.engine import check
    from evalxl.rules.own import own_rules

    path = policy_file(source) if isinstance(source, str) else source
    loaded = read_policy(path)
    if path is None:
        return loaded
    try:
        own_rules(loaded)
    except UsageError as error:
        raise UsageError(f"规则文件 {path}：{error}") from None
    for finding in check(District(), loaded, Scope.POLICY).findings:
        where = place_in(path, ("schemes", loaded.head.scheme, "bands"))
        raise UsageError(f"规则文件 {path} {where}：{finding.message}{finding.fix}".replace(" ：", "："))
    for place, sentence in _unknown(loaded):
        raise UsageError(f"规则文件 {path} {place_in(path, place)}：{sentence}".replace(" ：", "："))
    return loaded


def _unknown(loaded: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names in a policy that neither the rulebook nor the template has, by their place."""
    from evalxl import layout
    from evalxl.policy.wording import asked
    from evalxl.rules import RULES
    from evalxl.rules.b_budget.sums import IDENTITIES

    own = {each.id for each in loaded.rules}
    for key in sorted(loaded.severity):
        rule, _, named = key.partition(".")
        if rule not in RULES and rule not in own:
            yield ("severity", key), f"没有规则 {rule}{asked(rule, RULES)}用 evalxl rules 可列出全部规则号。"
        if named and named not in layout.NAMES:
            guess = asked(named, sorted(layout.NAMES))
            yield ("severity", key), f"[severity] 中的“{named}”不是工作表名，也不是表头{guess}"
    identities = {*(each.rule for each in loaded.sums), *loaded.balance.rules.values()}
    only = "、".join(sorted(IDENTITIES))
    for rule in sorted(identities - IDENTITIES):
        yield ("sums",), f"合计关系不能归入规则 {rule}，只能归入 {only}。"


# ---------------------------------------------------------------- to print, and to begin with


@dataclass(frozen=True)
class Parameter:
    """One parameter of a policy, or the severity of one rule, as people read it."""

    group: str
    name: str
    value: str  # '' where there is none
    sense: str
    cited: str


@dataclass(frozen=True)
class PolicyInWords:
    """A policy as people read it."""

    name: str
    sha256: str
    shipped: str
    parameters: tuple[Parameter, ...]


def policy_in_words(source: PolicySource) -> PolicyInWords:
    """The policy in force: what it is, then every parameter, group by group, and every rule."""
    from evalxl.policy.cells import written
    from evalxl.policy.entries import entries
    from evalxl.policy.shipped import shipped_in_words
    from evalxl.rules import RULES

    policy = in_force(source)
    parameters = []
    for each in entries(policy, demands()):
        usual = RULES.get(each.place[-1]) if each.place[0] == "severity" else None
        value = usual.severity.word if usual and each.value is None else str(written(each))
        cited = each.cited.reference if each.cited else ""
        parameters.append(Parameter(each.group, each.name, value, each.sense, cited))
    return PolicyInWords(policy.head.name, policy.sha256, shipped_in_words(), tuple(parameters))


def demands() -> dict[str, str]:
    """Every rule with what it demands and its usual severity."""
    from evalxl.rules import RULES

    return {name: f"{each.page['要求']}（通常为{each.severity.word}）" for name, each in RULES.items()}


def policy_document(source: PolicySource) -> dict[str, object]:
    """The policy in force for other programs."""
    from evalxl import __version__
    from evalxl.policy.shipped import SHIPPED
    from evalxl.rules import RULES

    policy = in_force(source)
    rules = [
        {"id": name, "severity": policy.severity.get(name, each.severity.value), "usual": each.severity.value}
        for name, each in RULES.items()
    ]
    return {
        "evalxl": __version__,
        "policy": {"name": policy.head.name, "sha256": policy.sha256},
        "shipped": {name: list(others) for name, others in SHIPPED.items()},
        "values": policy.model_dump(mode="json", by_alias=True),
        "rules": rules,
    }


def layout_in_words() -> str:
    """Which template is in force, where it is a bureau's own, and what it leaves unasked; '' for the standard one."""
    from evalxl import layout
    from evalxl.values.layout_file import named

    if named() is None:
        return ""
    from evalxl.rules.rule import LEFT_OUT

    by_column: dict[str, list[str]] = {}
    for rule, column in sorted(LEFT_OUT.items()):
        by_column.setdefault(column, []).append(rule)
    unasked = "；".join(f"{column}已略去，不再核对 {'、'.join(rules)}" for column, rules in by_column.items())
    return f"已采用表样“{layout.NAME}”（{named()}）{f'：{unasked}' if unasked else ''}。"


@dataclass(frozen=True)
class TriedExample:
    """An example of a bureau's own rule: what it should do, and whether it does."""

    rule: str
    words: str
    agrees: bool


def tried_examples(source: PolicySource) -> list[TriedExample]:
    """The examples of a policy's own rules, each tried as a workbook's rows would be."""
    from evalxl.rules.own import tried

    policy = in_force(source)
    told = []
    for each in tried(policy):
        should, does = ("应成立", "应不成立")[not each.should], ("成立", "不成立")[not each.does]
        told.append(TriedExample(each.rule, f"例 {each.number}：{should}，{does}", each.should is each.does))
    return told


def policy_to_change(source: PolicySource, out: Path) -> tuple[Path, str]:
    """Write a file to begin one's own policy with, TOML or a table; gives it, and the name of the policy it is from."""
    from evalxl.policy.entries import to_toml
    from evalxl.rules import RULES
    from evalxl.template.policy_table import policy_table

    policy = in_force(source)
    target = new_file(out, "本区规则.xlsx", (".xlsx", ".toml"))
    with replacing(target) as temporary:
        if target.suffix.lower() == ".toml":
            usual = {name: each.severity.value for name, each in RULES.items()}
            temporary.write_bytes(to_toml(policy, demands(), usual).encode())
        else:
            policy_table(temporary, policy, demands())
    return target, policy.head.name
