"""The boxes of notes: shapes in the drawing of a sheet, in a language older than XML, under whatever prefixes.

Excel wants the numbers of shapes to be unique in the workbook: every drawing has blocks of 1,024 numbers of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from evalxl.outputs.returned.cells import Address, SheetPart
from evalxl.outputs.returned.markup import CannotMark, Edit, edited
from evalxl.outputs.returned.package import Package
from evalxl.sheets.measure import lines

_NAMES = {b"v": b"urn:schemas-microsoft-com:vml", b"o": b"urn:schemas-microsoft-com:office:office",
          b"x": b"urn:schemas-microsoft-com:office:excel"}  # fmt: skip
_DECLARED = b"".join(b' xmlns:%b="%b"' % each for each in _NAMES.items())
_IDMAP = b'<o:shapelayout%b v:ext="edit"><o:idmap v:ext="edit" data="%b"/></o:shapelayout>'
NEW = b"<xml" + _DECLARED + b"></xml>"
_SHAPE_TYPE = (
    b'<v:shapetype%b id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape{names} id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;margin-top:5pt;'
    'width:220pt;height:90pt;z-index:{order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_PREFIX = rb"(?:[\w.-]+:)?"
_SHAPES = re.compile(rb"<(%bshape)(?=[\s>])" % _PREFIX)
_DRAWN = re.compile(rb"<%b(?:shape|group|rect|roundrect|oval|line|polyline|curve|arc|image|background)[\s>/]" % _PREFIX)
_NOTE = re.compile(rb"ObjectType\s*=\s*[\"']Note[\"']")
_ROW, _COLUMN = re.compile(rb"<%bRow>\s*(\d+)" % _PREFIX), re.compile(rb"<%bColumn>\s*(\d+)" % _PREFIX)
_ID = re.compile(rb"_x0000_s(\d+)")
_BLOCKS = re.compile(rb"(<%bidmap(?=\s)[^>]*\sdata\s*=\s*[\"'])([\d, ]*)" % _PREFIX)
_ROOT = re.compile(rb"<xml(?=[\s/>])[^>]*>")
_ROOT_END = re.compile(rb"</xml\s*>\s*\Z")
_BLOCK = 1024  # numbers of shapes in a block; the first is not used

_BOX_PIXELS, _BOX_CHARACTERS = 300, 46  # how wide a note's box is, and how many half-width characters fit
_PIXELS_PER_LINE, _MOST_PIXELS = 16, 420.0
_LAST_ROW, _LAST_COLUMN = 1_048_575, 16_383  # from 0


class _Shape(NamedTuple):
    start: int
    end: int
    at: Address | None  # the cell whose note it shows


def boxed(content: bytes) -> set[Address]:
    """The cells whose notes have a box."""
    return {each.at for each in _shapes(content) if each.at}


def without(content: bytes, gone: Collection[Address]) -> bytes:
    """A drawing without the boxes of some notes; nothing at all where it shows nothing else."""
    ours = [each for each in _shapes(content) if each.at in gone]
    if not ours:
        return content
    left = edited(content, [(each.start, each.end, b"") for each in ours])
    return left if _DRAWN.search(left) else b""


def _shapes(content: bytes) -> Iterator[_Shape]:
    at = 0
    for match in _SHAPES.finditer(content):
        if match.start() < at:
            continue
        closing = b"</" + match[1]
        last = content.find(closing, match.end())
        at = content.find(b">", last) + 1
        if last < 0 or not at:
            raise CannotMark("有工作表的批注图形无法识别，不能在原表上标注")
        yield _Shape(match.start(), at, _cell(content[match.start() : at]))


def _cell(shape: bytes) -> Address | None:
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    return (int(row[1]) + 1, int(column[1]) + 1) if row and column and _NOTE.search(shape) else None


def with_boxes(package: Package, key: str, part: SheetPart, groups: Sequence[Iterable[tuple[Address, str]]]) -> bytes:
    """A drawing with boxes for notes, group after group."""
    content = package.read(key)
    root, end = _ROOT.search(content), _ROOT_END.search(content)
    if root is None or end is None:
        raise CannotMark("有工作表的批注图形无法识别，不能在原表上标注")
    known = all(b'xmlns:%b="%b"' % each in root[0] for each in _NAMES.items())
    names = b"" if known else _DECLARED
    notes = [each for group in groups for each in enumerate(sorted(group), 1)]
    edits, numbers = _numbers(package, key, len(notes), root.end(), names)
    pieces = [] if re.search(rb"id\s*=\s*[\"']_x0000_t202[\"']", content) else [_SHAPE_TYPE % names]
    for number, (order, (at, words)) in zip(numbers, notes, strict=True):
        anchor = _anchor(part, at, words)
        where = {"anchor": anchor, "row": at[0] - 1, "column": at[1] - 1}
        pieces.append(_SHAPE.format(id=number, order=order, names=names.decode(), **where).encode())
    return edited(content, [*edits, (end.start(), end.start(), b"".join(pieces))])


def _numbers(package: Package, key: str, most: int, head: int, names: bytes) -> tuple[list[Edit], list[int]]:
    """Free numbers for new shapes, and the edits that set aside the blocks they are from."""
    content = package.read(key)
    foreign = {block for each in package.keys(".vml") if each != key for block in _blocks(package.read(each))}
    stated = _BLOCKS.search(content)
    listed = [int(each) for each in stated[2].replace(b",", b" ").split()] if stated else []
    used = {int(each) for each in _ID.findall(content)}
    ours = [block for block in listed or sorted(_blocks(content)) if block not in foreign]
    numbers: list[int] = []
    new: list[int] = [] if listed else list(ours)
    while True:
        for block in ours:
            free = (each for each in range(block * _BLOCK + 1, (block + 1) * _BLOCK) if each not in used)
            numbers += [each for each, _ in zip(free, range(most - len(numbers)), strict=False)]
        if len(numbers) == most:
            break
        taken = foreign | set(listed) | set(new) | {each // _BLOCK for each in used}
        ours = [next(block for block in range(1, len(taken) + 2) if block not in taken)]
        new += ours
    blocks = ",".join(map(str, listed + new)).encode()
    if stated and new:
        return [(stated.start(), stated.end(), stated[1] + blocks)], numbers
    return [(head, head, _IDMAP % (names, blocks))] if new else [], numbers


def _blocks(content: bytes) -> set[int]:
    """The blocks of numbers that a drawing has set aside or uses."""
    stated = {int(each) for found in _BLOCKS.findall(content) for each in found[1].replace(b",", b" ").split()}
    return stated | {int(each) // _BLOCK for each in _ID.findall(content)}


def _anchor(part: SheetPart, at: Address, words: str) -> str:
    """Where a note's box lies: right of its cell, as wide and high as its words need."""
    row, column = at
    right, room = min(column, _LAST_COLUMN), float(_BOX_PIXELS)
    while room > 0 and right < _LAST_COLUMN:
        right += 1
        room -= part.widths.get(right, 8.43) * 7 + 5
    top = max(row - 2, 0)
    bottom, tall = top, min(lines(words, _BOX_CHARACTERS) * _PIXELS_PER_LINE + 12.0, _MOST_PIXELS)
    while tall > 0 and bottom < _LAST_ROW:
        bottom += 1
        tall -= max(part.height(bottom) * 4 / 3, 1)
    left = min(column, right - 1)
    return f"{left}, 12, {top}, 4, {right}, 0, {bottom}, 4"
