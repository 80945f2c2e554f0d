"""Notes (comments) on cells: ours are added below what stands there, and taken off again by their first and last words.

A note is two things, its text in the comments part and its box in the drawing; both parts are patched, or made.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from evalxl.layout import cell
from evalxl.returned.cells import Address, SheetPart, address
from evalxl.returned.markup import CannotMark, Edit, Element, outline, prefixed, quoted
from evalxl.returned.package import Package
from evalxl.write.style import TEXT_LIMIT, cell_text, lines

BEGIN, END = "【核对意见】", "【核对意见完】"
AUTHOR = "绩效自评核对"
_OURS = re.compile(rf"\n?{BEGIN}.*?(?:{END}|\Z)", re.DOTALL)

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_FONT = '<rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/><family val="3"/></rPr>'

_VML_NAMES = {b"v": b"urn:schemas-microsoft-com:vml", b"o": b"urn:schemas-microsoft-com:office:office",
              b"x": b"urn:schemas-microsoft-com:office:excel"}  # fmt: skip
_NEW_VML = (
    "<xml"
    + "".join(f' xmlns:{name.decode()}="{uri.decode()}"' for name, uri in _VML_NAMES.items())
    + '><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout></xml>'
).encode()
_SHAPE_TYPE = (
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;margin-top:5pt;'
    'width:220pt;height:90pt;z-index:{order};visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_SHAPES = re.compile(rb"<v:shape\s.*?</v:shape>", re.DOTALL)
_SHAPE_ID = re.compile(rb"_x0000_s(\d+)")
_SHAPE_ROW, _SHAPE_COLUMN = re.compile(rb"<x:Row>\s*(\d+)"), re.compile(rb"<x:Column>\s*(\d+)")
_ROOT_END = re.compile(rb"</xml\s*>\s*\Z")

_BOX_PIXELS, _BOX_CHARACTERS = 300, 46  # how wide a note's box is, and how many half-width characters fit
_PIXELS_PER_LINE, _MOST_PIXELS = 16, 420.0


class Notes:
    """The notes of one sheet; what must change in the sheet itself is given back as edits of ``part``."""

    def __init__(self, package: Package, sheet_key: str, part: SheetPart, base: str, namespace: str) -> None:
        self._package, self._sheet, self._part = package, sheet_key, part
        self._base, self._namespace = base, namespace
        relations = package.relations(sheet_key)
        self._texts = next((each for each in relations if each.kind == "comments" and each.part in package), None)
        legacy = part.top("legacyDrawing")
        own = legacy.attribute("id") if legacy else ""
        self._boxes = next((each for each in relations if each.id == own and each.part in package), None)
        if legacy and self._boxes is None:
            raise CannotMark("有工作表的批注缺少部件，不能在原表上标注")

    def ours(self) -> dict[Address, str]:
        """What our notes say, by the cell they are on."""
        if self._texts is None:
            return {}
        content = self._package.read(self._texts.part)
        if BEGIN.encode() not in content:
            return {}
        found: dict[Address, str] = {}
        for comment in _comments(outline(content, 6)):
            match = _OURS.search(_said(content, comment))
            at = address(comment[0].attribute("ref"))
            if match and at:
                found[at] = match[0]
        return found

    def remove(self) -> list[Edit]:
        """Take our notes off; a note that says more keeps the rest, and parts left empty go."""
        if self._texts is None or not self.ours():
            return []
        content = self._package.read(self._texts.part)
        edits: list[Edit] = []
        gone: set[Address] = set()
        comments = _comments(outline(content, 6))
        for comment in comments:
            at, said = address(comment[0].attribute("ref")), _said(content, comment)
            if at is None or not _OURS.search(said):
                continue
            if _OURS.sub("", said).strip():
                edits += _without_ours(content, comment, said)
            else:
                gone.add(at)
                edits.append((comment[0].start, comment[0].end, b""))
        self._package.edit(self._texts.part, edits)
        sheet_edits = self._remove_boxes(gone)
        if len(gone) == len(comments):
            self._package.remove(self._texts.part)
            self._package.unrelate(self._sheet, self._texts.id)
            self._texts = None
        return sheet_edits

    def _remove_boxes(self, gone: set[Address]) -> list[Edit]:
        if self._boxes is None or not gone:
            return []
        content = self._package.read(self._boxes.part)
        shapes = list(_SHAPES.finditer(content))
        ours = [each for each in shapes if _shape_at(each[0]) in gone]
        if len(ours) < len(shapes) or b"<v:group" in content:
            self._package.edit(self._boxes.part, [(each.start(), each.end(), b"") for each in ours])
            return []
        self._package.remove(self._boxes.part)
        self._package.unrelate(self._sheet, self._boxes.id)
        self._boxes = None
        legacy = self._part.top("legacyDrawing")
        return [(legacy.start, legacy.end, b"")] if legacy else []

    def add(self, notes: Mapping[Address, str]) -> list[Edit]:
        """Put notes on cells, below what a note there says already."""
        if self._texts is None:
            self._make_texts()
        sheet_edits = self._make_boxes() if self._boxes is None else []
        assert self._texts is not None  # noqa: S101 (just made)
        content = self._package.read(self._texts.part)
        elements = outline(content, 6)
        edits, author = _author(content, elements)
        existing = {address(each[0].attribute("ref")): each for each in _comments(elements)}
        prefix = elements[0].prefix
        new = []
        for at, words in sorted(notes.items()):
            if at in existing:
                edits += _below(content, existing[at], words)
            else:
                body = f"<text>{_run(words)}</text>"
                new.append(prefixed(f'<comment ref="{cell(*at)}" authorId="{author}">{body}</comment>', prefix))
        list_ = next((each for each in elements if each.name == "commentList"), None)
        if list_ is None:
            raise CannotMark("有工作表的批注无法识别，不能在原表上标注")
        edits.append(list_.appending(content, b"".join(new)))
        self._package.edit(self._texts.part, edits)
        self._add_boxes({at: notes[at] for at in notes if at not in existing})
        return sheet_edits

    def _make_texts(self) -> None:
        name = self._package.free_name("xl/comments{}.xml")
        content = f"<comments xmlns={quoted(self._namespace)}><authors/><commentList/></comments>"
        declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        self._package.add(name, (declaration + content).encode(), _COMMENTS_TYPE)
        self._texts = self._package.relate(self._sheet, "comments", self._base, name)

    def _make_boxes(self) -> list[Edit]:
        name = self._package.free_name("xl/drawings/vmlDrawing{}.vml")
        self._package.add(name, _NEW_VML, _VML_TYPE)
        self._boxes = self._package.relate(self._sheet, "vmlDrawing", self._base, name)
        root, place = self._part.root, self._part.drawing_place()
        known = root.attributes.get("xmlns:r") == self._base
        declared = "" if known else f" xmlns:r={quoted(self._base)}"
        return [(place, place, prefixed(f"<legacyDrawing{declared} r:id={quoted(self._boxes.id)}/>", root.prefix))]

    def _add_boxes(self, notes: Mapping[Address, str]) -> None:
        assert self._boxes is not None  # noqa: S101 (made before)
        content = self._package.read(self._boxes.part)
        end = _ROOT_END.search(content)
        if end is None or any(b"xmlns:%b=" % name not in content[:2_000] for name in _VML_NAMES):
            raise CannotMark("有工作表的批注图形无法识别，不能在原表上标注")
        number = max([1024, *(int(each) for each in _SHAPE_ID.findall(content))])
        pieces = [] if b'id="_x0000_t202"' in content else [_SHAPE_TYPE]
        for order, (at, words) in enumerate(sorted(notes.items()), 1):
            anchor = _anchor(self._part, at, words)
            shape = _SHAPE.format(id=number + order, order=order, anchor=anchor, row=at[0] - 1, column=at[1] - 1)
            pieces.append(shape.encode())
        if notes:
            self._package.edit(self._boxes.part, [(end.start(), end.start(), b"".join(pieces))])


def _comments(elements: list[Element]) -> list[list[Element]]:
    """Each comment with the elements inside it."""
    found: list[list[Element]] = []
    for each in elements:
        if each.path[-2:] == ("commentList", "comment"):
            found.append([each])
        elif found and "comment" in each.path:
            found[-1].append(each)
    return found


def _pieces(comment: list[Element]) -> list[Element]:
    """The pieces of text of a comment, phonetic guides left out."""
    return [each for each in comment if each.name == "t" and "rPh" not in each.path]


def _piece(content: bytes, piece: Element) -> str:
    said = html.unescape(content[piece.inside : piece.close].decode()) if not piece.empty else ""
    return said.replace("\r\n", "\n")


def _said(content: bytes, comment: list[Element]) -> str:
    return "".join(_piece(content, each) for each in _pieces(comment))


def _run(words: str) -> str:
    return f'<r>{_FONT}<t xml:space="preserve">{html.escape(words, quote=False)}</t></r>'


def _author(content: bytes, elements: list[Element]) -> tuple[list[Edit], int]:
    """The number of our name among the authors, and the edit that puts it there."""
    authors = [each for each in elements if each.name == "author"]
    names = [html.unescape(content[each.inside : each.close].decode()) for each in authors]
    if AUTHOR in names:
        return [], names.index(AUTHOR)
    group = next((each for each in elements if each.name == "authors"), None)
    if group is None:
        raise CannotMark("有工作表的批注无法识别，不能在原表上标注")
    return [group.appending(content, prefixed(f"<author>{AUTHOR}</author>", group.prefix))], len(names)


def _below(content: bytes, comment: list[Element], words: str) -> list[Edit]:
    """The edits that put a text below a note's own; its own text keeps its look."""
    body = next((each for each in comment if each.name == "text"), None)
    if body is None:
        raise CannotMark("有工作表的批注无法识别，不能在原表上标注")
    room = TEXT_LIMIT - len(_said(content, comment).encode("utf-16-le")) // 2 - 1
    run = prefixed(_run("\n" + _cut(words, max(room, len(BEGIN + END) + 1))), body.prefix)
    edits: list[Edit] = []
    inside = [each for each in comment if each.path[:-1] == body.path]
    for each in inside:
        if each.name == "t":  # plain text beside a run is not shown by every program: make it a run
            name = each.prefix + b"r"
            edits += [(each.start, each.start, b"<" + name + b">"), (each.end, each.end, b"</" + name + b">")]
    guides = [each.start for each in inside if each.name in ("rPh", "phoneticPr")]
    return [*edits, (guides[0], guides[0], run) if guides else body.appending(content, run)]


def _without_ours(content: bytes, comment: list[Element], said: str) -> list[Edit]:
    """The edits that leave of a note what is not ours."""
    spans = [match.span() for match in _OURS.finditer(said)]
    edits: list[Edit] = []
    at = 0
    for each in _pieces(comment):
        whole = _piece(content, each)
        kept = "".join(
            character
            for position, character in enumerate(whole, at)
            if not any(start <= position < end for start, end in spans)
        )
        at += len(whole)
        if kept == whole:
            continue
        run = next((r for r in comment if r.name == "r" and each.within(r)), None)
        if not kept and run is not None:
            edits.append((run.start, run.end, b""))
        else:
            edits.append((each.inside, each.close, html.escape(kept, quote=False).encode()))
    return edits


def _shape_at(shape: bytes) -> Address | None:
    row, column = _SHAPE_ROW.search(shape), _SHAPE_COLUMN.search(shape)
    return (int(row[1]) + 1, int(column[1]) + 1) if row and column else None


def _anchor(part: SheetPart, at: Address, words: str) -> str:
    """Where a note's box lies: right of its cell, as wide and high as its words need."""
    row, column = at
    right, room = column, float(_BOX_PIXELS)
    while room > 0:
        right += 1
        room -= part.widths.get(right, 8.43) * 7 + 5
    bottom = max(row - 2, 0)
    tall = min(lines(words, _BOX_CHARACTERS) * _PIXELS_PER_LINE + 12.0, _MOST_PIXELS)
    while tall > 0:
        bottom += 1
        tall -= max(part.height(bottom) * 4 / 3, 1)
    return f"{column}, 12, {max(row - 2, 0)}, 4, {right}, 0, {bottom}, 4"


def note(words: list[str]) -> str:
    """Our note from its paragraphs, between the words it is known by."""
    inner = cell_text("\n".join(words)).replace("【核对意见", "[核对意见")
    return _cut(f"{BEGIN}\n{inner}\n{END}", TEXT_LIMIT)


def _cut(words: str, room: int) -> str:
    """A note cut to what a cell's note may hold, its last words kept."""
    if len(words.encode("utf-16-le")) // 2 <= room:
        return words
    tail = f"……\n{END}"
    kept = words.encode("utf-16-le")[: max(room - len(tail), len(BEGIN)) * 2].decode("utf-16-le", "ignore")
    return kept + tail
