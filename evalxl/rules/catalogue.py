"""The rulebook as data: what every rule demands, why, and what to do, for the command, the handbook and programs."""

from __future__ import annotations

from evalxl import layout
from evalxl.rules.rule import FAMILIES, RULES, Rule


def entries() -> list[dict[str, str]]:
    """Every rule in the order of its id, with ASCII keys and Chinese texts."""
    return [_entry(rule) for rule in RULES.values()]


def _entry(rule: Rule) -> dict[str, str]:
    page = rule.page
    place = ""
    if rule.at:
        sheet, field = layout.field(rule.at)
        place = f"{sheet.title}·{field.header}"
    return {
        "id": rule.id,
        "family": FAMILIES[rule.id[0]],
        "severity": rule.severity.value,
        "scope": rule.scope.value,
        "place": place,
        "demand": page["要求"],
        "reason": page["理由"],
        "source": page["依据"],
        "example": page["举例"],
        "remedy": page["处理"],
        "limits": page["局限"],
        "function": f"{rule.breaks.__module__}.{rule.breaks.__name__}",
    }
