"""Problems and measures as departments wrote them, gathered by what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from evalxl.facts.passages import clauses, plain
from evalxl.outputs.summary.tally import Tally
from evalxl.values.grounds import says_nothing

# What an item is about, by its words; the first theme whose words it has.
_THEMES = {
    "政府采购": "采购|招投?标",
    "资产管理": "资产",
    "绩效目标和指标": "绩效目标|指标|目标(?:设[置定]|值|编制|不够|量化)|量化",
    "预算编制": "预算编制|编[制报](?:年度)?预算|预算[^，。；]{0,8}(?:精[准细]|科学|细化|准确|偏差)|测算|年初预算",
    "预算执行和资金支付": "执行率|执行进度|支付|支出进度|预算执行|结转|结余|资金[^，。；]{0,6}(?:到位|拨付|下达|沉淀)",
    "绩效管理和自评": "绩效|自评|评价",
    "财务和内部控制": "财务|内控|内部控制|会计|核算|票据|制度",
    "项目实施": "项目|工程|工期|施工|验收|建设|进度|前期",
    "人员力量和业务能力": "人员|人手|队伍|力量|编制|培训|业务|专业|能力",
    "宣传和服务对象": "宣传|群众|满意度|知晓|服务",
}  # fmt: skip
_OTHERS = "其他"
_PATTERNS = {theme: re.compile(words) for theme, words in _THEMES.items()}
_NUMBERED = re.compile(
    r"^\s*(?:[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．](?!\d)|[①-⑳]|第?[一二三四五六七八九]是|其[一二三四五])[、，,：:\s]*"
)
_LEAST, _MOST = 6, 70  # characters of an item that is quoted


@dataclass
class Theme:
    """A theme: the workbooks that speak of it, and what they say, each with its workbook."""

    name: str
    workbooks: dict[str, None] = field(default_factory=dict)
    items: list[tuple[str, str]] = field(default_factory=list)


def themes(tally: Tally, section: str) -> list[Theme]:
    """The themes of a section of 文字说明 over all workbooks that count, the commonest first, 其他 last."""
    found = {name: Theme(name) for name in (*_THEMES, _OTHERS)}
    for workbook, text in _texts(tally, section):
        for item in _items(text):
            theme = found[_theme(item)]
            theme.workbooks[workbook] = None
            theme.items.append((workbook, item))
    order = {name: position for position, name in enumerate(found)}
    spoken = [each for each in found.values() if each.workbooks]
    return sorted(spoken, key=lambda each: (each.name == _OTHERS, -len(each.workbooks), order[each.name]))


def _texts(tally: Tally, section: str) -> Iterator[tuple[str, str]]:
    for workbook, text in tally.rows("narrative", section):
        if text and not says_nothing(text):
            yield workbook, plain(text)


def _items(text: str) -> Iterable[str]:
    """The items of a section, without their numbers and without headings."""
    stripped = (_NUMBERED.sub("", clause).strip(" ，,：:") for clause in clauses(text))
    return [each for each in stripped if len(each) >= _LEAST]


def _theme(item: str) -> str:
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(item)), _OTHERS)


def examples(theme: Theme) -> list[tuple[str, str]]:
    """Two items of different workbooks, as they were written; one that is too long to quote whole is left out."""
    first: dict[str, str] = {}
    for workbook, item in theme.items:
        if len(item) <= _MOST:
            first.setdefault(workbook, item)
    return list(first.items())[:2]
