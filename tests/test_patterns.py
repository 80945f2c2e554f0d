"""Every pattern of the program is given 32,000 of each kind of character: nothing a sender writes lasts for ever."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

import evalxl
from evalxl.values.clock import TimeIsUp, limited

LENGTH = 32_000
KINDS = (
    "1", "a", "中", "年", "万元", "共", "比", "一", "的", " ", "，", "。", "（", "(", "%", ".", "-", '"', "<", "&", "/", ":",
    "\n", "\t", "=", "[", "'", "!", "1,", "1.", "1万元,", "比1", "a=", "<a", "1×1=", "增长1%", "占1%的",
)  # fmt: skip
SECONDS = 2.0  # of computing; a pattern that looks at each character a few times takes a thousandth of that

# Not searched for along a text, but held against the whole or the start of one; these take the square of its length
# when they are searched for. Each says what bounds the text.
HELD_AT_ONE_PLACE = {
    "evalxl.intake.probe.canonical._REFERENCE": "an attribute as a whole",
    "evalxl.intake.probe.canonical._START": "the start of a part",
    "evalxl.intake.probe.encodings._DECLARATION": "the start of a part",
    "evalxl.intake.probe.active.ELSEWHERE": "the start of a target",
    "evalxl.intake.probe.active._PAGE": "the start of a target",
    "evalxl.outputs.returned.markup._TAG": "one place in a part",
    "evalxl.facts.names._PLACED": "the start of a name",
    "evalxl.rules.p_projects.names._ORGAN": "a name as a whole",
    "evalxl.rules.f_files.placeholders._WHOLE": "a text as a whole",
    "evalxl.template.entries._KEY": "our own keys",
    "evalxl.transfer.report.facts._NO_TITLE": "the start of a line",
    "evalxl.transfer.report.pieces._CONTENTS_LINE": "lines of a table of contents, which are short",
    "evalxl.values.number_formats._TOKEN": "codes cut to the length that Excel allows",
    "evalxl.values.targets._FIGURE": "a target as a whole",
}


def _patterns(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns that a name of a module stands for, also within tables of them."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, list | tuple | set | frozenset | dict) and depth < 3:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _patterns(name, each, depth + 1)


def _all() -> dict[tuple[Any, int], tuple[str, re.Pattern[Any]]]:
    found: dict[tuple[Any, int], tuple[str, re.Pattern[Any]]] = {}
    for module in pkgutil.walk_packages(evalxl.__path__, "evalxl."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for full, pattern in _patterns(f"{module.name}.{name}", value):
                known = found.get((pattern.pattern, pattern.flags))
                if known is None or full in HELD_AT_ONE_PLACE:
                    found[pattern.pattern, pattern.flags] = (full, pattern)
    return found


PATTERNS = sorted(_all().values(), key=lambda each: (each[0], str(each[1].pattern)))


def test_there_are_patterns_and_the_exceptions_are_among_them() -> None:
    assert len(PATTERNS) > 250
    assert set(HELD_AT_ONE_PLACE) <= {name for name, _ in PATTERNS}


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no clock for the time of computing")
@pytest.mark.parametrize(("name", "pattern"), PATTERNS, ids=[name for name, _ in PATTERNS])
def test_a_pattern_looks_at_no_text_for_ever(name: str, pattern: re.Pattern[Any]) -> None:
    for kind in KINDS:
        text: Any = (kind * LENGTH)[:LENGTH]
        if isinstance(pattern.pattern, bytes):
            text = text.encode()
        try:
            with limited(SECONDS):
                pattern.fullmatch(text)
                if name not in HELD_AT_ONE_PLACE:
                    for _ in pattern.finditer(text):
                        pass
        except TimeIsUp:
            pytest.fail(f"{name} takes for ever over {kind!r}")
