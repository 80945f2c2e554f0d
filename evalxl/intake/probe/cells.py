"""What of a worksheet's XML the value reader does not tell: how far it reaches, odd cells, what is hidden or merged.

Time must grow with the length of a sheet and not with its square, whatever is written in it. A pattern that runs on to
the next tag ([^<>]*) therefore starts from a "<", and tests what that tag says in one lookahead where more follows; a
pattern that starts elsewhere, within a tag or a comment, reads only a bounded stretch or a run of like characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from evalxl.intake.probe import markup
from evalxl.intake.probe.contents import Area, Oddity, Veil
from evalxl.intake.probe.flat import columns_of, flat_rows, narrow_columns
from evalxl.intake.probe.limits import (
    MAX_AREA,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_COLUMNS_OF_A_SHEET,
    MAX_MERGES,
    MAX_NESTING,
    MAX_ODD_CELLS,
    MAX_REPEATED,
    MAX_ROWS,
    MAX_STRINGS,
    MAX_TEXT,
)
from evalxl.intake.probe.references import leads_outside, may_lead_outside
from evalxl.intake.probe.refusals import refusal, too_far
from evalxl.layout import column_number


class Extent(NamedTuple):
    """How many cells a sheet stores, and the rectangle up to its farthest ones."""

    cells: int
    area: int


class Form(Enum):
    """How a worksheet is written, and so what it takes to know it."""

    NEAR = auto()  # as programs write a filled form: each cell and row with its address first, to Z9999, and no error
    USUAL = auto()  # as programs write any sheet: each cell and row with its address first
    OTHER = auto()  # legal too, and what a crafted sheet may be: must be written anew (canonical.py) to be searched


# Whatever is written in a formula holds no "<", so that no tag is touched.
_FORMULA = re.compile(rb"<f>[^<]*</f>")
_MARKUP = re.compile(rb"<!|<\?(?!xml\s)")


def without_formulas(content: bytes) -> bytes:
    """A sheet whose formulas say nothing, half as long where a form checks itself; the value reader skips them anyway.

    Of a sheet whose form is another one what looks like a formula may be none; that it is shows in what is left.
    """
    return _FORMULA.sub(b"<f></f>", content)


# A few searches clear a sheet in one pass each (a pattern that begins with fixed text is faster than ``in`` or
# ``count``). Three tell a near sheet (0.3 ms a workbook); all it takes to tell apart the others are seven (1.1 ms).
# Behind a cell's tag its content follows at once, and behind that of a value no blank: else both may be pretty-printed.
_PLAIN_CELLS = re.compile(
    rb'<c(?! r="[A-Z][0-9]{1,4}+"(?: s="[0-9]++")?+(?: t="(?:[a-df-z]++|inlineStr)")?+(?:/?+>(?=<)(?!<v>[\s&]))|[a-z])'
)
_NOT_NEAR = (
    # Behind the address no second r="XFD1", and no value with an "e" as in t="e".
    re.compile(rb'<c(?! r="[A-Z]\d{1,4}"(?: (?!r=)[\w:]+="(?:[^"<>e]*|inlineStr)")* ?/?>(?=<)(?!<v>[\s&])|[a-z])'),
    re.compile(rb'<row(?! r="\d{1,4}"(?: (?!r=)[\w:]+="[^"<>]*")*/?>|B)'),
)
_UNUSUAL = (
    re.compile(rb'<c(?! r="[A-Z]{1,4}\d{1,8}"(?: (?!r=)[\w:]+="[^"<>]*")* ?/?>(?=<)(?!<v>[\s&])|[a-z])'),
    re.compile(rb'<row(?! r="\d{1,8}"(?: (?!r=)[\w:]+="[^"<>]*")* ?/?>|B)'),
)
# The first is fast and may find a text, too.
_PREFIXED = (re.compile(rb":(?:c|row)\b"), re.compile(rb"<[^\s<>/:]+:(?:c|row)\b"))
_UNUSUAL_COLUMN = re.compile(rb'<col(?! (?:[\w:]+="[^"<>]*" ?)*/?>|[a-z])')
# Beyond column Z or row 9,999.
_FAR = (re.compile(rb'<c r="[A-Z](?:[A-Z]|\d{5})'), re.compile(rb'<row r="\d{5}'))
_NEAR_COLUMNS = 26
NEAR_AREA = 9_999 * _NEAR_COLUMNS
LEAST_CELL = 11  # bytes that a cell takes at least where it states its address


def form_of(content: bytes) -> Form:
    """How a worksheet is written: its cells, that is, and what stands before them; nobody searches what follows."""
    end = _end_of_cells(content)
    if end < 0 or _MARKUP.search(content, 0, end) or all(each.search(content, 0, end) for each in _PREFIXED):
        return Form.OTHER
    if _UNUSUAL_COLUMN.search(content, 0, content.find(b"<sheetData")):
        return Form.OTHER
    tests = _NOT_NEAR if _PLAIN_CELLS.search(content, 0, end) else _NOT_NEAR[1:]
    if not any(pattern.search(content, 0, end) for pattern in tests):
        return Form.NEAR
    return Form.OTHER if any(pattern.search(content, 0, end) for pattern in _UNUSUAL) else Form.USUAL


def _end_of_cells(content: bytes) -> int:
    """Where the cells of a sheet end, -1 where that is not plain to see; looked for from behind, where it is near."""
    end = content.rfind(b"</sheetData>")
    if end < 0:
        end = content.rfind(b"<sheetData/>")
    return -1 if content.find(b"sheetData", end + len(b"</sheetData>")) > 0 else end


def _any_in(content: bytes, patterns: Iterable[re.Pattern[bytes]]) -> bool:
    return any(pattern.search(content) for pattern in patterns)


def extent(content: bytes, title: str, form: Form) -> Extent:
    """How much of a sheet there is to read at most; Unreadable where it is too much."""
    end = _end_of_cells(content)
    if form is Form.NEAR or not any(pattern.search(content, 0, end) for pattern in _FAR):
        return Extent(len(content) // LEAST_CELL, NEAR_AREA)
    return measured(content, title)


# Cells that are only formatted reach as far as anybody likes: the value reader passes over them.
_ADDRESS_COLUMN = re.compile(rb'<c r="([A-Z]{1,4})\d++"[^<>]*(?<!/)>(?!</c>)')
_ADDRESS_ROW = re.compile(rb'<c r="[A-Z]++0*(\d{1,8})"[^<>]*(?<!/)>(?!</c>)')


def measured(content: bytes, title: str) -> Extent:
    """The extent of a sheet, counted; rows that are only formatted do not matter to the reader."""
    end = _end_of_cells(content)
    cells = content.count(b"<c ", 0, end)
    letters = set(_ADDRESS_COLUMN.findall(content, 0, end))
    width = max((column_number(each.decode()) for each in letters), default=0)
    last = min(max(map(int, set(_ADDRESS_ROW.findall(content, 0, end))), default=0), MAX_ROWS)
    area = last * max(width, _NEAR_COLUMNS) if cells else 0
    if cells > MAX_CELLS or area > MAX_AREA or width > MAX_COLUMNS_OF_A_SHEET:
        raise too_far(title, last)
    return Extent(cells, area)


_ERRORS = (re.compile(rb'"e"'), re.compile(rb"'e'"))
# A text result may be empty; its type is the last attribute that the spreadsheet programs write.
_NO_VALUE = re.compile(rb'><f(?<! t="str"><f)[^<>]*>(?:[^<]*</f>)?\s*(?:<v>\s*</v>|<v ?/>)?\s*</c>')


_WEIGHT_OF_A_CELL = 12  # tags and attributes: the cell's own, its formula's and its value's


def odd_cells(
    content: bytes, title: str, form: Form, lean: bytes, outside: frozenset[str] = frozenset()
) -> tuple[Oddity, ...]:
    """The cells of a sheet whose value is not what the value reader would give.

    ``lean`` is the sheet without its formulas, ``outside`` the names that stand for what lies in another file.
    """
    errors = () if form is Form.NEAR else _ERRORS
    if not (_any_in(lean, (*errors, _NO_VALUE)) or may_lead_outside(content, outside)):
        return ()
    part = _odd_rows(content)
    if part.count(b"<c") > MAX_ODD_CELLS or markup.weight(part) > _WEIGHT_OF_A_CELL * MAX_ODD_CELLS:
        raise too_far(title, content.count(b"<row "))
    odd = tuple(_parse(part, outside))
    rows = max((each.row for each in odd), default=0)
    if rows * max((each.column for each in odd), default=0) > MAX_AREA:
        raise too_far(title, rows)
    return odd


def _odd_rows(content: bytes) -> bytes:
    """Only those rows of a sheet in which something odd can stand; most have neither formula nor error."""
    rows = content.partition(b"</sheetData>")[0].split(b"<row ")
    odd = [row for row in rows[1:] if b"<f" in row or b'"e"' in row or b"'e'" in row]
    return b"<rows>" + b"".join(b"<row " + row for row in odd) + b"</rows>"


_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class _OddCells:
    """A full parse of one sheet: error cells, formulas without a result, formulas that read another file."""

    def __init__(self, outside: frozenset[str]) -> None:
        self.outside = outside
        self.shared: dict[str, str] = {}  # formulas that several cells share, by number
        self.found: list[Oddity] = []
        self.row = self.column = self.depth = 0
        self.type = ""
        self.open = ""  # "f" or "v" while inside one
        self.formula: str | None = None
        self.value = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise refusal("hostile")
        if tag == "c":
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            if match is None:
                raise refusal("damaged")
            self.row, self.column = int(match[2]), column_number(match[1])
            self.type, self.formula, self.value = attributes.get("t", ""), None, ""
        elif tag in ("f", "v"):
            self.open = tag
            if tag == "f":
                self.formula, self.number = "", attributes.get("si", "")

    def characters(self, text: str) -> None:
        if self.open == "f":
            self.formula = (self.formula or "") + text
        elif self.open == "v":
            self.value += text

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag in ("f", "v"):
            self.open = ""
            if tag == "f" and self.number:
                self.formula = self.shared.setdefault(self.number, self.formula or "")
        elif tag == "c":
            kind = self._kind()
            if kind:
                shown = self.value if kind == "error_cell" else self.formula or ""
                self.found.append(Oddity(self.row, self.column, kind, shown[:MAX_TEXT]))

    def _kind(self) -> str:
        if self.type == "e":
            return "error_cell"
        if self.formula is None:
            return ""
        if leads_outside(self.formula, self.outside):
            return "external"
        return "no_value" if not self.value.strip() and self.type != "str" else ""


def _parse(content: bytes, outside: frozenset[str]) -> list[Oddity]:
    cells = _OddCells(outside)
    parser = expat.ParserCreate()
    parser.buffer_text = True  # else a long text comes in pieces, and joining them costs the square of its length
    parser.StartElementHandler = cells.start
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.characters
    parser.Parse(content, True)
    return cells.found


_HIDDEN = re.compile(rb"hidden=")
_HIDDEN_ROW = re.compile(rb"<row\b(?=[^<>]*\bhidden=[\"'](?:1|true))[^<>]*\br=[\"'](\d{1,7})")
_HIDDEN_COLUMNS = re.compile(rb"<col\b(?=[^<>]*\bhidden=[\"'](?:1|true))[^<>]*>")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^<>]*\bref=[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")


def veil(content: bytes, title: str, *, hidden: bool) -> Veil:
    """What of a sheet is hidden or merged."""
    rows, columns = flat_rows(content), narrow_columns(content)
    if _HIDDEN.search(content):
        rows |= {int(number) for number in _HIDDEN_ROW.findall(content)}
        columns |= columns_of(_HIDDEN_COLUMNS.findall(content))
    first = content.find(b"mergeCell")  # no tag before this one can be that of a merge
    merges = _MERGE.findall(content, max(content.rfind(b"<", 0, first), 0)) if first > 0 else []
    if len(merges) > MAX_MERGES:
        raise refusal("merges", title[:31])
    return Veil(hidden, rows, columns, tuple(_block(*merge) for merge in merges))


@lru_cache(maxsize=1024)  # workbooks of one template share their merges
def _block(first: bytes, top: bytes, last: bytes, bottom: bytes) -> Area:
    left, right = column_number(first.decode()), min(column_number(last.decode()), MAX_COLUMNS)
    return Area(int(top), left, int(bottom), right)


_STATED_COUNT = re.compile(rb"niqueCount\s*=\s*[\"']\s*\+?0*(\d{7,})")


def refuse_stated_counts(content: bytes) -> None:
    """Refuse a list of strings that claims to be endless: calamine sets memory aside for it and ends the process."""
    for digits in _STATED_COUNT.findall(content):
        if len(digits) > 7 or int(digits) > MAX_STRINGS:
            raise refusal("hostile")


_SHARED = re.compile(rb"=\s*[\"']s[\"']")
_SHARED_INDEX = re.compile(rb"<c\b(?=[^<>]*=\s*[\"']s[\"'])[^<>]*><v>\s*(\d{1,7})\s*<")


def string_sizes(content: bytes) -> list[int]:
    """The bytes each shared string takes at most, in order; one for all where they are written unusually."""
    if b"<si" not in content:
        return [len(content)]
    first, *others = content.split(b"<si")
    return [len(first) + len(others[0]), *map(len, others[1:])]


def repeated_text(content: bytes, sizes: list[int]) -> int:
    """How many bytes of text a sheet's cells come to when each has a copy of its shared string."""
    values = content.count(b"</v>") * max(sizes, default=0)
    if values <= MAX_REPEATED:
        return values
    indexes = Counter(_SHARED_INDEX.findall(content))
    if indexes.total() < len(_SHARED.findall(content)):
        return values  # written so that they cannot be counted one by one
    return sum(count * sizes[int(index)] for index, count in indexes.items())


def may_hold_long_text(content: bytes, marker: bytes) -> bool:
    """Whether some stretch without a new cell or string (its tag) is long enough for a text that no cell can hold."""
    at = 0
    while len(content) - at > MAX_TEXT:
        following = content.rfind(marker, at + 1, at + MAX_TEXT)
        if following < 0:
            return True
        at = following
    return False
