"""Which cells of a worksheet have a number format that shows a number as another: 600000 as 60.0万元.

Few workbooks have any, so styles are looked through first, and a sheet's cells only where a style of theirs tells.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from evalxl.layout import column_number
from evalxl.values.number_formats import is_telling
from evalxl.values.recall import remembered

Formats = Mapping[tuple[int, int], str]  # row and column, 1-based → format code

_PERCENT = {9: "0%", 10: "0.00%"}  # of the formats that need no definition, those that scale
OF_THE_SYSTEM = frozenset((*range(5, 9), *range(37, 45)))  # with whatever currency the system has, whatever is stored
# Of styles in their usual form (canonical.py); a code may hold a ">" that stands for itself: [>=10000]0!.0,"万元".
_DEFINITION = re.compile(rb"<numFmt\b(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>")
_STYLES = re.compile(rb"<cellXfs\b.*?</cellXfs\s*>", re.DOTALL)
_STYLE = re.compile(rb"<xf\b[^<>]*>")
_ATTRIBUTE = re.compile(rb"\b(numFmtId|formatCode)\s*=\s*(?:\"([^\"<]*)\"|'([^'<]*)')")
_TAG = re.compile(rb"<(?:(c)|row)\b[^<>]*>")
_PLACE = re.compile(rb"\b(r|s)\s*=\s*[\"']\$?([A-Za-z]{0,3})\$?([0-9]{0,7})[\"']")


@remembered(longest=65_536, most=16)  # bytes; workbooks of one template share their styles
def telling_styles(styles: bytes) -> Mapping[int, str]:
    """The styles of cells, by number, whose number format shows some number as another, with the format's code."""
    codes = dict(_PERCENT)
    for definition in _DEFINITION.findall(styles):
        attributes = _attributes(definition)
        number = attributes.get("numFmtId", "")
        if number.isdigit() and is_telling(attributes.get("formatCode", "")):
            codes[int(number[:9])] = attributes["formatCode"]
    codes = {number: code for number, code in codes.items() if number not in OF_THE_SYSTEM}
    block = _STYLES.search(styles)
    found: dict[int, str] = {}
    for at, style in enumerate(_STYLE.findall(block[0]) if block else ()):
        number = _attributes(style).get("numFmtId", "")
        if number.isdigit() and int(number[:9]) in codes:
            found[at] = codes[int(number[:9])]
    return found


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        name.decode(): html.unescape((double or single).decode(errors="replace"))
        for name, double, single in _ATTRIBUTE.findall(tag)
    }


def formatted_cells(content: bytes, styles: Mapping[int, str]) -> Formats:
    """The cells of a worksheet that have one of some styles."""
    if not styles:
        return {}
    numbers = b"|".join(b"%d" % number for number in styles)
    if 0 not in styles and not any(form in content for form in _UNUSUAL):  # 0 is the style of cells that name none
        usual = re.findall(rb'<c r="([A-Z]{1,3})([0-9]{1,7})" s="(%s)"' % numbers, content)
        if len(usual) == len(re.findall(rb' s="(?:%s)"' % numbers, content)):
            return {(int(row), column_number(letters.decode())): styles[int(style)] for letters, row, style in usual}
    return _all_formatted(content, styles)


_UNUSUAL = (b"s='", b"s =", b"s= ", b"s=\n", b"\ts=", b"\ns=")  # ways to write a style that a quick search passes over


def _all_formatted(content: bytes, styles: Mapping[int, str]) -> Formats:
    """The same where cells and rows need not state where they stand, nor a style."""
    found: dict[tuple[int, int], str] = {}
    row = column = 0
    for tag in _TAG.finditer(content):
        at = {name: (letters.decode(), digits) for name, letters, digits in _PLACE.findall(tag[0])}
        letters, digits = at.get(b"r", ("", b""))
        row = int(digits) if digits else row + (not tag[1])
        column = 0 if not tag[1] else column_number(letters) if letters else column + 1
        style = int(at.get(b"s", ("", b"0"))[1] or 0)
        if tag[1] and style in styles:
            found[row, column] = styles[style]
    return found
