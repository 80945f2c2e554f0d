"""One worksheet's XML: which style its cells have, and the few edits that give some of them another one.

The rows are never parsed as a whole (they are most of a workbook): they are found by their tags, and only rows with a
cell of interest are looked into. What lies before and after them is small and is outlined.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import groupby, pairwise

from evalxl.layout import cell, column_number
from evalxl.outputs.returned.markup import (
    CannotMark,
    Edit,
    Element,
    attribute,
    check_encoding,
    masked,
    outline,
    tags,
    with_attribute,
)
from evalxl.outputs.returned.package import of_small_parts
from evalxl.outputs.returned.rows import Row, Rows
from evalxl.sheets.book import ROW_LIMIT

Address = tuple[int, int]  # row and column, from 1

_OPEN = re.compile(rb"<(?:[\w.-]+:)?sheetData(?=[\s/>])[^>]*>")
_CLOSE = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d+)[\"']")
_STYLE = re.compile(rb"\ss\s*=\s*[\"'](\d+)[\"']")
_HEIGHT = re.compile(rb"\sht\s*=\s*[\"']([\d.]+)[\"']")
_CUSTOM = re.compile(rb"\scustomFormat\s*=\s*[\"'](?:1|true)[\"']")
_COLUMN_LIMIT = 16_384  # of Excel and WPS
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")

# The children of a sheet in the order of the standard.
_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
_RANKS = {name: rank for rank, name in enumerate(_ORDER)}


def address(text: str) -> Address | None:
    """Row and column of one cell; None for anything that is not exactly one cell."""
    match = _ADDRESS.fullmatch(text)
    if not match:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row, column) if 1 <= row <= ROW_LIMIT and column <= _COLUMN_LIMIT else None


class SheetPart:
    """A worksheet part. Offsets are those of the content given; edits are gathered by the caller and applied once."""

    def __init__(self, content: bytes) -> None:
        check_encoding(content)
        self.content = content = masked(content)
        self._start, self._end = _bounds(content)
        self.elements = self._outline([(self._start, self._end), *_long_lists(content, self._end)])
        self.root = self.elements[0]
        self.data = next(each for each in self.elements if each.name == "sheetData")

    def _outline(self, cuts: list[tuple[int, int]], deepest: int = 2) -> list[Element]:
        """The elements outside the rows, and outside long lists of rules, which are seldom touched."""
        pieces, at = [], 0
        for start, end in cuts:
            pieces.append(self.content[at:start])
            at = end
        return [
            Element(
                each.path, each.prefix, each.attributes,
                _moved(each.start, cuts, 1), _moved(each.inside, cuts, 0),
                _moved(each.close, cuts, 1), _moved(each.end, cuts, 0),
            )
            for each in _around(b"".join([*pieces, self.content[at:]]), deepest)
        ]  # fmt: skip

    def conditions(self) -> list[Element]:
        """The formats by condition with their rules and formulas."""
        return self._outline([(self._start, self._end)], 4)

    def top(self, name: str) -> Element | None:
        """A child of the sheet by its name."""
        return self._tops.get(name)

    @cached_property
    def _tops(self) -> dict[str, Element]:
        return {each.name: each for each in reversed(self.elements) if len(each.path) == 2}

    @cached_property
    def rows(self) -> Rows:
        """The rows as they are written."""
        return Rows(self.content, self.data.prefix, self._start, self._end)

    def _cells(self, row: Row) -> dict[int, re.Match[bytes]]:
        """The cells of a row by column."""
        found: dict[int, re.Match[bytes]] = {}
        column = 0
        for tag in _tag_pattern(self.data.prefix + b"c").finditer(self.content, row.tag.end(), row.end):
            match = _REFERENCE.search(tag[0])
            column = column_number(match[1].decode()) if match else column + 1
            if (found and column <= next(reversed(found))) or (match and int(match[2]) != row.number):
                raise CannotMark("有工作表的单元格次序混乱，不能在原表上标注")
            found[column] = tag
        return found

    def styles(self, addresses: set[Address]) -> dict[Address, int]:
        """The styles of cells; a cell that is not stored has the one of its row or column."""
        found: dict[Address, int] = {}
        for number, of_row in groupby(sorted(addresses), lambda at: at[0]):
            row = self.rows.get(number)
            cells = self._cells(row) if row else {}
            for _, column in of_row:
                tag = cells.get(column)
                found[number, column] = _style(tag[0]) if tag else self._default_style(row, column)
        return found

    def _default_style(self, row: Row | None, column: int) -> int:
        if row and _CUSTOM.search(row.tag[0]):
            return _style(row.tag[0])
        position = bisect(self._column_styles, (column, _COLUMN_LIMIT + 1)) - 1
        _, last, style = self._column_styles[position] if position >= 0 else (0, 0, 0)
        return style if column <= last else 0

    @cached_property
    def _column_styles(self) -> list[tuple[int, int, int]]:
        """The columns with a style: first, last, style."""
        names = ("min", "max", "style")
        columns = ([int(attribute(tag, name) or 0) for name in names] for tag in tags(self._inside("cols"), "col"))
        return sorted((first, last, style) for first, last, style in columns)

    def with_style(self, styles: set[int]) -> dict[Address, int]:
        """The stored cells that have one of some styles."""
        if not styles:
            return {}
        wanted = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])[^>]*\ss\s*=\s*[\"'](?:%s)[\"']" % b"|".join(
            str(style).encode() for style in sorted(styles)
        ))  # fmt: skip
        found: dict[Address, int] = {}
        at = self._start
        while (match := wanted.search(self.content, at, self._end)) and (row := self.rows.around(match.start())):
            styled = {column: _style(tag[0]) for column, tag in self._cells(row).items()}
            found |= {(row.number, column): style for column, style in styled.items() if style in styles}
            at = row.end
        return found

    def restyle(self, styles: Mapping[Address, int]) -> list[Edit]:
        """The edits that give cells other styles; a cell or row that is not stored is put in its place."""
        by_row: dict[int, dict[int, int]] = {}
        for (number, column), style in sorted(styles.items()):
            by_row.setdefault(number, {})[column] = style
        edits: list[Edit] = []
        missing: dict[int, list[bytes]] = {}  # where → new rows
        for number, wanted in by_row.items():
            stored = self.rows.get(number)
            if stored:
                edits += self._restyle_row(stored, wanted)
            else:
                cells = b"".join(self._new_cell(number, column, style) for column, style in wanted.items())
                row = b'<%brow r="%d">%b</%brow>' % (self.data.prefix, number, cells, self.data.prefix)
                missing.setdefault(self._place_of(number), []).append(row)
        if self.data.empty and missing:
            return [self.data.appending(self.content, b"".join(row for new in missing.values() for row in new))]
        return edits + [(at, at, b"".join(new)) for at, new in missing.items()]

    def _place_of(self, number: int) -> int:
        later = self.rows.after(number)
        if later is None:
            return self._end
        if not later.numbered:
            raise CannotMark("有工作表的行没有编号，不能在原表上标注")
        return later.tag.start()

    def _restyle_row(self, row: Row, wanted: dict[int, int]) -> list[Edit]:
        cells = self._cells(row)
        columns = list(cells)
        edits: list[Edit] = []
        new: dict[int, bytes] = {}  # where → new cells
        for column, style in wanted.items():
            tag = cells.get(column)
            if tag:
                edits.append((tag.start(), tag.end(), with_attribute(tag[0], "s", str(style))))
                continue
            position = bisect(columns, column)
            later = cells[columns[position]] if position < len(columns) else None
            if later and not _REFERENCE.search(later[0]):
                raise CannotMark("有工作表的单元格没有编号，不能在原表上标注")
            at = later.start() if later else self._row_close(row)
            new[at] = new.get(at, b"") + self._new_cell(row.number, column, style)
        if new and row.empty:
            tag_bytes = with_attribute(row.tag[0], "spans", None)[:-2].rstrip() + b">"
            closing = b"</%brow>" % self.data.prefix
            return [(row.tag.start(), row.tag.end(), tag_bytes + b"".join(new.values()) + closing)]
        if new:  # the row's statement of how far it reaches is no longer true; it is optional
            edits.append((row.tag.start(), row.tag.end(), with_attribute(row.tag[0], "spans", None)))
        return edits + [(at, at, xml) for at, xml in new.items()]

    def _row_close(self, row: Row) -> int:
        return row.tag.end() if row.empty else self.content.rindex(b"</", row.tag.end(), row.end)

    def _new_cell(self, number: int, column: int, style: int) -> bytes:
        return b'<%bc r="%b" s="%d"/>' % (self.data.prefix, cell(number, column).encode(), style)

    def anchors(self, addresses: Iterable[Address]) -> dict[Address, Address]:
        """The cells that show at some addresses: of a merged area the one at its top left."""
        coming = sorted(_areas(self._inside("mergeCells")), reverse=True)
        here: list[tuple[int, int, Address, Address]] = []  # the areas that reach a row, from left to right
        found: dict[Address, Address] = {}
        for row, of_row in groupby(sorted(addresses), lambda at: at[0]):
            here = [each for each in here if each[3][0] >= row]
            while coming and coming[-1][0][0] <= row:
                first, last = coming.pop()
                if last[0] >= row:
                    here.append((first[1], last[1], first, last))
            here.sort()
            for at in of_row:
                position = bisect(here, at[1], key=lambda each: each[0]) - 1
                found[at] = here[position][2] if position >= 0 and here[position][1] >= at[1] else at
        return found

    def _inside(self, name: str) -> bytes:
        """What a child of the sheet holds."""
        element = self.top(name)
        return self.content[element.inside : element.close] if element else b""

    def height(self, number: int) -> float:
        """The height of a row in points, as it is stated or usual on the sheet."""
        row = self.rows.get(number)
        match = _HEIGHT.search(row.tag[0]) if row else None
        usual = self.top("sheetFormatPr")
        return float(match[1] if match else (usual.attribute("defaultRowHeight") if usual else "") or 15)

    @cached_property
    def widths(self) -> dict[int, float]:
        """The widths of the first columns that state one, in characters."""
        return _widths(self._inside("cols"))

    def place(self, name: str, *, first: bool = False) -> int:
        """Where a child belongs that the sheet has not, or that is to stand ``first`` among those of its name."""
        rank, at = _RANKS[name], self.data.end
        for each in self.elements:
            if len(each.path) == 2 and _RANKS.get(each.name, len(_ORDER)) < rank + (not first):
                at = max(at, each.end)
        return at


@of_small_parts
def _around(content: bytes, deepest: int) -> list[Element]:
    """The elements of a sheet from which the rows have been cut."""
    return outline(content, deepest)


@of_small_parts
def _areas(merged: bytes) -> list[tuple[Address, Address]]:
    areas = [attribute(tag, "ref").partition(":") for tag in tags(merged, "mergeCell")]
    ends = [(address(first), address(last or first)) for first, _, last in areas]
    return [(top, bottom) for top, bottom in ends if top and bottom]


@of_small_parts
def _widths(columns: bytes) -> dict[int, float]:
    found: dict[int, float] = {}
    for tag in tags(columns, "col"):
        hidden = attribute(tag, "hidden") in ("1", "true")
        first, last = int(attribute(tag, "min")), min(int(attribute(tag, "max")), 256)
        found |= dict.fromkeys(range(first, last + 1), 0.0 if hidden else float(attribute(tag, "width") or 9))
    return found


@lru_cache(maxsize=64)
def _tag_pattern(name: bytes) -> re.Pattern[bytes]:
    """A start tag by its name as it is written."""
    return re.compile(rb"<%b(?=[\s/>])[^>]*>" % re.escape(name))


def _bounds(content: bytes) -> tuple[int, int]:
    """Where the rows begin and end."""
    start, close = content.find(b"<sheetData>") + len(b"<sheetData>"), content.rfind(b"</sheetData>")
    if len(b"<sheetData>") <= start <= close and not any(
        content.rfind(b"sheetData", *where) >= 0 for where in ((0, start - 10), (start, close), (close + 11,))
    ):
        return start, close
    opened, closed = list(_OPEN.finditer(content)), list(_CLOSE.finditer(content))
    if len(opened) != 1 or len(closed) != (not opened[0][0].endswith(b"/>")):
        raise CannotMark("有工作表的内部结构无法识别，不能在原表上标注")
    start = opened[0].end()
    return start, closed[0].start() if closed else start


def _long_lists(content: bytes, start: int) -> list[tuple[int, int]]:
    """What lies inside the conditional formats, and inside the validations, where they are written as usual."""
    found = []
    for name in (b"conditionalFormatting", b"dataValidations"):
        first, last = content.find(b"<" + name, start), content.rfind(b"</" + name + b">")
        inside = content.find(b">", first) + 1
        if first >= 0 and inside < last and content[inside - 2 : inside] != b"/>":
            found.append((inside, last))
    cuts = sorted(found)
    return cuts if all(earlier[1] <= later[0] for earlier, later in pairwise(cuts)) else []


def _moved(at: int, cuts: list[tuple[int, int]], inclusive: int) -> int:
    """A place in the part from one in what was left of it; ``inclusive`` for what begins where something was cut."""
    for start, end in cuts:
        if at + inclusive > start:
            at += end - start
    return at


def unselected(content: bytes) -> list[Edit]:
    """The edits that leave a sheet unselected: what is typed into one of two selected sheets goes into both."""
    content = masked(content)
    head = content[: content.find(b"sheetData")]
    views = re.finditer(rb"<(?:[\w.-]+:)?sheetView(?=[\s/>])[^>]*>", head)
    return [(tag.start(), tag.end(), with_attribute(tag[0], "tabSelected", None)) for tag in views]


def _style(tag: bytes) -> int:
    match = _STYLE.search(tag)
    return int(match[1]) if match else 0
