"""Rows and columns of a worksheet that are not marked as hidden, yet too low or too narrow for anybody to see."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evalxl.intake.probe.limits import MAX_COLUMNS

LEAST_HEIGHT = 2.0  # points; a row of text takes 9 at least
LEAST_WIDTH = 0.3  # characters, of which a digit is one
_POINTS_OF_A_CHARACTER = 5.25

# Rows are written in a known form (canonical.py); a pattern that begins with fixed text is fast.
_LOW = re.compile(rb' ht="(?=[\d.])0{0,20}[01]?(?:\.\d{0,20})?"')
_LOW_ROW = re.compile(rb"<row\b(?=[^<>]*" + _LOW.pattern + rb")[^<>]*\br=[\"'](\d{1,7})")
_NARROW = re.compile(rb"\swidth=[\"'](?=[\d.])0{0,20}(?:\.(?:[0-2]\d{0,20})?)?[\"']")
_NARROW_COLUMNS = re.compile(rb"<col\b(?=[^<>]*" + _NARROW.pattern + rb")[^<>]*>")
_EDGE = re.compile(rb"\b(min|max)=[\"'](\d{1,7})")
_LENGTH = re.compile(r"(\d{0,9}(?:\.\d{0,20})?)(pt|mm|cm|in|pc|px)")
_POINTS = {"pt": 1.0, "mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72.0, "pc": 12.0, "px": 0.75}


def flat_rows(content: bytes) -> frozenset[int]:
    """The rows of a worksheet's XML lower than anybody sees."""
    if not _LOW.search(content):
        return frozenset()
    return frozenset(int(number) for number in _LOW_ROW.findall(content))


def narrow_columns(content: bytes) -> frozenset[int]:
    """The columns of a worksheet's XML narrower than anybody sees."""
    head = content[: max(content.find(b"<sheetData"), 0)]  # columns stand before the cells
    if not _NARROW.search(head):
        return frozenset()
    return columns_of(_NARROW_COLUMNS.findall(head))


def columns_of(tags: Iterable[bytes]) -> frozenset[int]:
    """The columns that some tags describe, each of several columns beside each other."""
    found: set[int] = set()
    for tag in set(tags):
        edges = {name: int(number) for name, number in _EDGE.findall(tag)}
        found |= set(range(edges.get(b"min", 1), min(edges.get(b"max", 0), MAX_COLUMNS) + 1))
    return frozenset(found)


def is_flat(height: str, width: str) -> bool:
    """Whether a row's height or a column's width, as OpenDocument states it (0.45cm), is less than anybody sees."""
    return _points(height) < LEAST_HEIGHT or _points(width) < LEAST_WIDTH * _POINTS_OF_A_CHARACTER


def _points(length: str) -> float:
    match = _LENGTH.fullmatch(length)
    return float(match[1]) * _POINTS[match[2]] if match and match[1].strip(".") else float("inf")
