"""A Word document as its reader sees it: lines of text and tables, in order.

Read from the XML itself, not through python-docx, whose paragraphs leave out text in tracked insertions and content
controls. Broken XML, document types and endless nesting are refused before. What was deleted under change tracking,
field codes, tables of contents and text boxes do not count.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from evalxl.intake.probe.contents import Area
from evalxl.transfer.report.package import WordParts
from evalxl.values.folding import clean

_MOST_COLUMNS = 63  # as many as Word has
_MOST_CHARACTERS, _MOST_CELLS = 300_000, 100_000  # a report of 100 pages has 60,000 and 2,000
_LONGEST_ENTRY = 200  # characters of a line in a table of contents
_SKIPPED = {"del", "moveFrom", "instrText", "delText", "txbxContent", "Fallback", "pPr", "rPr"}
_TRANSPARENT = {"sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml", "body"}
_CONTENTS_LINE = re.compile(r"(?:\t|(?<!\.)\.{4,}+|(?<!…)…{2,}+)\s*\d+$")
_HEADING_NAME = re.compile(r"(?:heading|标题)\s*(\d)")


@dataclass(frozen=True)
class Line:
    """One line of text: ``level`` is that of its heading style, ``listed`` that of Word's own numbering; 0 for none."""

    text: str
    level: int = 0
    listed: int = 0
    style: str = ""


@dataclass(frozen=True)
class Grid:
    """A table, merged cells repeated where they reach; which those are, by first and last row and column from 1."""

    rows: tuple[tuple[str, ...], ...]
    merges: tuple[Area, ...] = ()


Piece = Line | Grid


class TooLong(Exception):
    """More text or table cells than any report has."""


def pieces(parts: WordParts) -> list[Piece]:
    """The lines and tables of a document, empty lines left out; TooLong when it is no report."""
    styles = _styles(parts.styles)
    root = ET.fromstring(parts.document)  # noqa: S314 - no declarations reach us
    found: list[Piece] = []
    characters = cells = 0
    for body in (each for each in root if _name(each) == "body"):
        for piece in _walk(body, styles):
            found.append(piece)
            texts = [piece.text] if isinstance(piece, Line) else [text for row in piece.rows for text in row]
            characters, cells = characters + sum(map(len, texts)), cells + len(texts)
            if characters > _MOST_CHARACTERS or cells > _MOST_CELLS:
                raise TooLong
    return found


def _name(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _value(node: ET.Element, *path: str) -> str | None:
    """The w:val of a descendant by its path of names; '' where it has none, None where it is not there."""
    for name in path:
        found = next((child for child in node if _name(child) == name), None)
        if found is None:
            return None
        node = found
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == "val"), "")


def _styles(content: bytes) -> dict[str, tuple[str, int]]:
    """The name and heading level of each style by its id, the level also where a style has it from another."""
    if not content:
        return {}
    own: dict[str, tuple[str, int, str]] = {}
    for style in ET.fromstring(content):  # noqa: S314 - no declarations reach us
        if _name(style) != "style":
            continue
        key = next((value for name, value in style.attrib.items() if name.endswith("styleId")), "")
        name = (_value(style, "name") or "").casefold()
        named, outline = _HEADING_NAME.fullmatch(name), _value(style, "pPr", "outlineLvl")
        level = int(named[1]) if named else int(outline) + 1 if outline and outline.isdecimal() else 0
        own[key] = (name, level if level <= 9 else 0, _value(style, "basedOn") or "")
    return {key: (name, _inherited(key, own)) for key, (name, _, _) in own.items()}


def _inherited(key: str, own: dict[str, tuple[str, int, str]]) -> int:
    for _ in range(10):
        if key not in own:
            return 0
        _, level, base = own[key]
        if level:
            return level
        key = base
    return 0


def _walk(parent: ET.Element, styles: dict[str, tuple[str, int]]) -> Iterator[Piece]:
    for node in parent:
        name = _name(node)
        if name == "p":
            yield from _lines(node, styles)
        elif name == "tbl":
            yield from _table(node, styles)
        elif name in _TRANSPARENT:
            yield from _walk(node, styles)


def _lines(node: ET.Element, styles: dict[str, tuple[str, int]]) -> Iterator[Line]:
    """A paragraph's lines: people end paragraphs with a line break as often as with a paragraph mark."""
    style, level = styles.get(_value(node, "pPr", "pStyle") or "", ("", 0))
    outline = _value(node, "pPr", "outlineLvl")
    if outline and outline.isdecimal() and int(outline) < 9:
        level = int(outline) + 1
    listed = _value(node, "pPr", "numPr", "ilvl")
    number = int(listed) + 1 if listed and listed.isdecimal() else 0
    for text in "".join(_texts(node)).split("\n"):
        entry = len(text) < _LONGEST_ENTRY and _CONTENTS_LINE.search(text.strip())
        if clean(text) and not style.startswith("toc") and not entry:
            yield Line(clean(text), level, number, style)


def _texts(node: ET.Element) -> Iterator[str]:
    for child in node:
        name = _name(child)
        if name == "t":
            yield child.text or ""
        elif name == "tab":
            yield "\t"
        elif name in ("br", "cr"):
            if not any(key.endswith("type") and value == "page" for key, value in child.attrib.items()):
                yield "\n"
        elif name == "noBreakHyphen":
            yield "-"
        elif name not in _SKIPPED:
            yield from _texts(child)


def _table(node: ET.Element, styles: dict[str, tuple[str, int]]) -> Iterator[Piece]:
    """A table; one of a single cell is a frame around text, and its content counts as such."""
    trs = [each for each in _inside(node, "tr") if _value(each, "trPr", "del") is None]
    cells = [_inside(tr, "tc") for tr in trs]
    if sum(map(len, cells)) == 1:
        only = next(cell for row in cells for cell in row)
        yield from _walk(only, styles)
        return
    rows: list[tuple[str, ...]] = []
    areas: dict[int, Area] = {}  # by first column, those that reach into the row above
    found: list[Area] = []
    for number, row in enumerate(cells, 1):
        texts: list[str] = []
        reach: dict[int, Area] = {}
        for cell in row:
            merge = _value(cell, "tcPr", "vMerge")
            above = rows[-1][len(texts)] if rows and len(texts) < len(rows[-1]) else ""
            text = above if merge in ("", "continue") else _cell(cell)
            span = _value(cell, "tcPr", "gridSpan") or "1"
            width = int(span) if span.isdecimal() and len(span) < 3 else 1
            first = len(texts) + 1
            texts += [text] * min(width, _MOST_COLUMNS - len(texts))
            top = areas[first].top if merge in ("", "continue") and first in areas else number
            reach[first] = Area(top, first, number, len(texts))
        found += [area for first, area in areas.items() if reach.get(first, area).top != area.top]
        areas = reach
        rows.append(tuple(texts))
    if rows:
        merged = [each for each in (*found, *areas.values()) if each[:2] != each[2:]]
        yield Grid(tuple(rows), tuple(sorted(merged)))


def _inside(node: ET.Element, name: str) -> list[ET.Element]:
    """The rows of a table or the cells of a row, also where they lie in a content control."""
    found = []
    for child in node:
        if _name(child) == name:
            found.append(child)
        elif _name(child) in _TRANSPARENT:
            found += _inside(child, name)
    return found


def _cell(cell: ET.Element) -> str:
    return clean("\n".join("".join(_texts(paragraph)) for paragraph in _inside(cell, "p")))
