"""The policy in force: the shipped one, a district's own file, or one that was loaded before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evalxl.values.errors import UsageError

if TYPE_CHECKING:
    from evalxl.policy.policy import Policy

PolicySource = str | Path | None  # a file; None is the shipped policy


def in_force(source: PolicySource) -> Policy:
    """The policy, itself held against the rules about policies (G07); UsageError says what is wrong with a file."""
    from evalxl import layout
    from evalxl.district.tables import District
    from evalxl.intake.read.guess import nearest
    from evalxl.policy import policy
    from evalxl.rules import RULES, Scope
    from evalxl.rules.b_budget.sums import IDENTITIES
    from evalxl.rules.engine import check

    path = None if source is None else Path(source)
    loaded = policy.load(path)
    for finding in check(District(), loaded, Scope.POLICY).findings:
        raise UsageError(f"规则文件 {path}：{finding.message}{finding.fix}")
    identities = {*(each.rule for each in loaded.sums), *loaded.balance.rules.values()}
    unknown = sorted({key.partition(".")[0] for key in loaded.severity} - set(RULES))
    if unknown:
        meant = [each.upper() for each in unknown if each.upper() in RULES]
        guess = f"，是否指 {'、'.join(meant)}？" if meant else "，"
        raise UsageError(f"规则文件 {path}：没有规则 {'、'.join(unknown)}{guess}用 evalxl rules 可列出全部规则号。")
    misplaced = sorted(identities - IDENTITIES)
    if misplaced:
        only = "、".join(sorted(IDENTITIES))
        raise UsageError(f"规则文件 {path}：合计关系不能归入规则 {'、'.join(misplaced)}，只能归入 {only}。")
    places = {place for key in loaded.severity if (place := key.partition(".")[2])}
    for place in sorted(places - layout.NAMES):
        meant_place = nearest([place], sorted(layout.NAMES))
        guess = f"，是否指“{meant_place}”？" if meant_place else "。"
        raise UsageError(f"规则文件 {path}：[severity] 中的“{place}”不是工作表名，也不是表头{guess}")
    return loaded
