"""What the readers of sentences take from single texts, whole: tests/readings.txt, a text and below it what is read.

Written anew with --accept, and to be read like code: every line must be what an accountant would say that the text
states, and nothing that it does not surely state may stand there. A text may begin with @ and what it stands beside: a
project of NAMES, a line of the budget, a report whose year is not known (无年度), or the name of another department.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from evalxl import layout
from evalxl.facts.passages import Amount, plain
from evalxl.facts.sentences.contexts import Names
from evalxl.facts.sentences.counts import counts
from evalxl.facts.sentences.every import of_every_project
from evalxl.facts.sentences.figures import Statement
from evalxl.facts.sentences.growth import growths
from evalxl.facts.sentences.procurement import procured
from evalxl.facts.sentences.statements import read
from evalxl.facts.sentences.sums import listed_sums

FILE = Path(__file__).parent / "readings.txt"
NAMES = Names(
    2023,
    ("示范区文化局",),
    ("公共文化服务体系建设", "群众文化活动", "文物保护维修", "图书馆购书经费", "文化惠民", "演出服"),
    ("", "示范区图书馆", "示范区少儿文化馆", "示范区非遗中心"),
)
_LINES = {line.label: line.key for line in layout.BUDGET.lines}
_LABELS = {key: label for label, key in _LINES.items()}
_YEAR = NAMES.year


def texts() -> dict[str, list[str]]:
    """The texts, each with the lines that are read in it."""
    parts = FILE.read_text(encoding="utf-8").split("## ")[1:]
    found = {}
    for head, *lines in (part.strip().split("\n") for part in parts):
        assert head not in found, head
        found[head] = lines
    return found


def write(found: dict[str, list[str]]) -> None:
    """Keep what is read now."""
    FILE.write_text("\n".join("\n".join([f"## {head}", *lines, ""]) for head, lines in found.items()), encoding="utf-8")


def reading(head: str) -> list[str]:
    """What every reader takes from a text, a line each."""
    beside, _, text = head.removeprefix("@").partition(" ") if head.startswith("@") else ("", "", head)
    clean, names = plain(text.replace("\\n", "\n")), _names(beside)
    lines = [_statement(each, names) for each in read(clean, names)]
    lines += [f"采购 planned={planned.shown} {_statement(each, names)}" for each, planned in procured(clean, _YEAR)]
    lines += [_line("增长" if each.up else "减少", each, ("up", "words"), each.words) for each in growths(clean)]
    lines += [_line("分项", each, ("words",), each.words) for each in listed_sums(clean)]
    lines += [_line("各项目", each, ("words",), each.words) for each in of_every_project(clean, _YEAR)]
    lines += [_line("个数", each, ("words",), each.words) for each in counts(clean, _YEAR)]
    return lines


def _names(beside: str) -> Names:
    if not beside:
        return NAMES
    if beside == "无年度":
        return Names(own=NAMES.own, projects=NAMES.projects, units=NAMES.units)
    if beside in NAMES.projects:
        return NAMES._replace(project=NAMES.projects.index(beside))
    return NAMES._replace(lines=(_LINES[beside],)) if beside in _LINES else NAMES._replace(own=(beside,))


def _statement(each: Statement, names: Names) -> str:
    """A statement by what it says; what goes without saying is left out."""
    project = "" if each.project is None else names.projects[each.project]
    unit = "" if each.unit is None else names.units[each.unit]
    usual = Statement(each.about, each.words, _YEAR)
    others = {
        name: value
        for name, value in each._asdict().items()
        if name not in ("about", "words", "project", "unit") and value != getattr(usual, name)
    }
    return _joined([str(each.about), project, unit, *_told(others)], each.words)


def _line(kind: str, each: NamedTuple, but: tuple[str, ...], words: str) -> str:
    return _joined(
        [kind, *_told({name: value for name, value in each._asdict().items() if value and name not in but})], words
    )


def _told(values: dict[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, bool):
            yield name if value else f"not {name}"
        elif value not in (None, (), ""):
            yield f"{name}={_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, Amount):
        return f"{value.shown}({value.size:.10g}±{value.ulp:.6g})"
    if isinstance(value, tuple):
        return "+".join(map(_value, value))
    return _LABELS.get(str(value), str(value))


def _joined(parts: list[str], words: str) -> str:
    return f"{' '.join(filter(None, parts))} ｜ {words}"
