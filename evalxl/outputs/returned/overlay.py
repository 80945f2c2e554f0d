"""Marks on top: where a sheet has formats by condition of its own, ours come first among them, lest they cover a mark.

Excel and WPS go by the numbers of the rules, LibreOffice by their order in the sheet: ours are first in both, and the
numbers of the others are moved up. Our rules are known by their formula, whatever program saved them in between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evalxl.district.findings import Severity
from evalxl.layout import cell
from evalxl.outputs.returned.cells import Address, SheetPart
from evalxl.outputs.returned.markup import Edit, attribute, holds, prefixed, with_attribute
from evalxl.outputs.returned.styles import Styles

_NAME = b"conditionalFormatting"
_FORMULA = '"evalxl"="evalxl"'  # always true, in any language of the program
_OURS = re.compile(rb"(?:\"|&quot;|&#34;)evalxl(?:\"|&quot;|&#34;)\s*=\s*(?:\"|&quot;|&#34;)evalxl")
_RULE = re.compile(rb"<(?:[\w.-]+:)?cfRule(?=[\s/>])(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_MOST_AREAS = 200  # in one rule: what a program must hold in one line stays short


def lay_over(part: SheetPart, styles: Styles, marks: Mapping[Address, Severity]) -> list[Edit]:
    """The edits that show marks on top, for a sheet with formats by condition; none for another."""
    if not marks or not _conditional(part):
        return []
    rules: list[str] = []
    for severity in Severity:
        areas = _areas([at for at, each in marks.items() if each is severity])
        for first in range(0, len(areas), _MOST_AREAS):
            where = f'sqref="{" ".join(areas[first : first + _MOST_AREAS])}"'
            rule = f'type="expression" dxfId="{styles.overlay(severity)}" priority="{len(rules) + 1}" stopIfTrue="1"'
            formula = f"<formula>{_FORMULA}</formula>"
            rules.append(f"<{_NAME.decode()} {where}><cfRule {rule}>{formula}</cfRule></{_NAME.decode()}>")
    at = part.place(_NAME.decode(), first=True)
    return [(at, at, prefixed("".join(rules), part.root.prefix)), *_renumbered(_rules(part), len(rules))]


def lift(part: SheetPart) -> list[Edit]:
    """The edits that take our rules off again."""
    if not holds(part.content, b"evalxl") or not _OURS.search(part.content, part.data.end):
        return []
    edits: list[Edit] = []
    gone = 0
    elements = part.conditions()
    for block in (each for each in elements if each.name == _NAME.decode()):
        rules = [each for each in elements if each.name == "cfRule" and each.within(block)]
        ours = [each for each in rules if _OURS.search(part.content, each.start, each.end)]
        gone += len(ours)
        out = [block] if ours and len(ours) == len(rules) else ours
        edits += [(each.start, each.end, b"") for each in out]
    theirs = [tag for tag in _rules(part) if not any(start <= tag.start() < end for start, end, _ in edits)]
    lowest = min((int(number) for tag in theirs if (number := _priority(tag))), default=1)
    return [*edits, *_renumbered(theirs, -min(gone, lowest - 1))]


def _conditional(part: SheetPart) -> bool:
    """Whether a sheet has formats by condition, in its own part of the standard or as an extension."""
    return part.content.find(_NAME, part.data.end) >= 0


def _rules(part: SheetPart) -> list[re.Match[bytes]]:
    return list(_RULE.finditer(part.content, part.data.end))


def _priority(tag: re.Match[bytes]) -> str:
    return attribute(tag[0], "priority")


def _renumbered(rules: Sequence[re.Match[bytes]], by: int) -> list[Edit]:
    """The edits that move the numbers of rules."""
    edits: list[Edit] = []
    for tag in rules if by else ():
        number = _priority(tag)
        if number:
            edits.append((tag.start(), tag.end(), with_attribute(tag[0], "priority", str(int(number) + by))))
    return edits


def _areas(cells: Sequence[Address]) -> list[str]:
    """Cells as areas: those below each other together."""
    areas: list[tuple[Address, Address]] = []
    for column, row in sorted((column, row) for row, column in cells):
        if areas and areas[-1][1] == (row - 1, column):
            areas[-1] = areas[-1][0], (row, column)
        else:
            areas.append(((row, column), (row, column)))
    return [cell(*first) if first == last else f"{cell(*first)}:{cell(*last)}" for first, last in sorted(areas)]
