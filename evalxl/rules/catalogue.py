"""The rulebook as data: what every rule demands, why, and what to do, for the command, the handbook and programs."""

from __future__ import annotations

from evalxl import layout
from evalxl.rules import RULES, Rule

FAMILIES = {
    "F": "文件与单元格",
    "U": "单位",
    "B": "收支预决算",
    "P": "项目与执行",
    "I": "绩效指标",
    "S": "得分",
    "G": "等级",
    "R": "评价组",
    "N": "文字说明",
    "X": "跨年",
    "D": "区县",
}


def entries() -> list[dict[str, str]]:
    """Every rule in the order of its id, with ASCII keys and Chinese texts."""
    order = list(FAMILIES)
    return [_entry(rule) for rule in sorted(RULES.values(), key=lambda rule: (order.index(rule.id[0]), rule.id))]


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
        "function": f"{rule.breaks.__module__}.{rule.breaks.__name__}",
    }
