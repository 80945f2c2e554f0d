"""Notes (comments) on cells: ours are added below what stands there, and taken off again by their first and last words.

A note is two things, its text in the comments part and its box in the drawing; both parts are patched, or made.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from itertools import compress

from evalxl.layout import cell
from evalxl.outputs.returned import boxes
from evalxl.outputs.returned.cells import Address, SheetPart, address
from evalxl.outputs.returned.markup import DECLARATION, CannotMark, Edit, Element, outline, plain_text, prefixed, quoted
from evalxl.outputs.returned.package import Package
from evalxl.sheets.measure import TEXT_LIMIT, cell_text

BEGIN, END = "【核对意见】", "【核对意见完】"
AUTHOR = "绩效自评核对"
_OURS = re.compile(rf"\n?{BEGIN}.*?(?:{END}|\Z)", re.DOTALL)
_LINE = re.compile(rf"\n?(?:{BEGIN}|{END}|(?:错误|提醒|提示) [A-Z]\d+：|处理：|（《问题清单》|\Z)[^\n]*")

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_FONT = '<rPr><sz val="9"/><color indexed="81"/><rFont val="宋体"/><family val="3"/></rPr>'


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
        if not has_ours(content):
            return {}
        found: dict[Address, str] = {}
        for comment in _comments(outline(content, 6)):
            match = _OURS.search(_words_of(content, comment))
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
            at, words = address(comment[0].attribute("ref")), _words_of(content, comment)
            if at is None or not _OURS.search(words):
                continue
            rest = _not_ours(words)
            if "".join(compress(words, rest)).strip():
                edits += _without(content, comment, rest)
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
        left = boxes.without(self._package.read(self._boxes.part), gone)
        if left:
            self._package.write(self._boxes.part, left)
            return []
        self._package.remove(self._boxes.part)
        self._package.unrelate(self._sheet, self._boxes.id)
        self._boxes = None
        legacy = self._part.top("legacyDrawing")
        return [(legacy.start, legacy.end, b"")] if legacy else []

    def threads(self) -> set[Address]:
        """The cells with a conversation: their notes are only its shadow, which Excel writes anew."""
        found: set[Address] = set()
        for relation in self._package.relations(self._sheet):
            if relation.kind == "threadedComment" and relation.part in self._package:
                elements = self._package.outline(relation.part)
                found |= {at for each in elements if (at := address(each.attribute("ref")))}
        return found

    def add(self, notes: Mapping[Address, str]) -> list[Edit]:
        """Put notes on cells, below what a note there says already."""
        if not notes:
            return []
        if self._texts is None:
            self._make_texts()
        sheet_edits = self._make_drawing() if self._boxes is None else []
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
        theirs = [(at, _words_of(content, each)) for at, each in existing.items() if at]
        self._draw(theirs, [(at, words) for at, words in notes.items() if at not in existing])
        return sheet_edits

    def _draw(self, theirs: list[tuple[Address, str]], ours: list[tuple[Address, str]]) -> None:
        """Draw boxes for notes that have none, the sender's before ours: they stay when ours go."""
        assert self._boxes is not None  # noqa: S101 (made before)
        drawn = boxes.boxed(self._package.read(self._boxes.part))
        groups = [[each for each in group if each[0] not in drawn] for group in (theirs, ours)]
        if any(groups):
            key = self._boxes.part
            self._package.write(key, boxes.with_boxes(self._package, key, self._part, groups))

    def _make_texts(self) -> None:
        name = self._package.free_name("xl/comments{}.xml")
        content = f"<comments xmlns={quoted(self._namespace)}><authors/><commentList/></comments>"
        self._package.add(name, (DECLARATION + content).encode(), _COMMENTS_TYPE)
        self._texts = self._package.relate(self._sheet, "comments", self._base, name)

    def _make_drawing(self) -> list[Edit]:
        name = self._package.free_name("xl/drawings/vmlDrawing{}.vml")
        self._package.add(name, boxes.NEW, _VML_TYPE)
        self._boxes = self._package.relate(self._sheet, "vmlDrawing", self._base, name)
        root, place = self._part.root, self._part.place("legacyDrawing")
        known = root.attributes.get("xmlns:r") == self._base
        declared = "" if known else f" xmlns:r={quoted(self._base)}"
        return [(place, place, prefixed(f"<legacyDrawing{declared} r:id={quoted(self._boxes.id)}/>", root.prefix))]


def has_ours(content: bytes) -> bool:
    """Whether a part holds notes of ours."""
    return BEGIN.encode() in content


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
    return "" if piece.empty else plain_text(content[piece.inside : piece.close])


def _words_of(content: bytes, comment: list[Element]) -> str:
    return "".join(_piece(content, each) for each in _pieces(comment))


def _run(words: str) -> str:
    return f'<r>{_FONT}<t xml:space="preserve">{html.escape(words, quote=False)}</t></r>'


def _author(content: bytes, elements: list[Element]) -> tuple[list[Edit], int]:
    """The number of our name among the authors, and the edit that puts it there."""
    authors = [each for each in elements if each.name == "author"]
    names = [_piece(content, each) for each in authors]
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
    room = TEXT_LIMIT - len(_words_of(content, comment).encode("utf-16-le")) // 2 - 1
    run = prefixed(_run("\n" + _cut(words, max(room, len(BEGIN + END) + 1))), body.prefix)
    edits: list[Edit] = []
    inside = [each for each in comment if each.path[:-1] == body.path]
    for each in inside:
        if each.name == "t":  # plain text beside a run is not shown by every program: make it a run
            name = each.prefix + b"r"
            edits += [(each.start, each.start, b"<" + name + b">"), (each.end, each.end, b"</" + name + b">")]
    guides = [each.start for each in inside if each.name in ("rPh", "phoneticPr")]
    return [*edits, (guides[0], guides[0], run) if guides else body.appending(content, run)]


def _not_ours(words: str) -> bytes:
    """Which characters of a note are not ours (1): those between our lines too, where somebody may have replied."""
    rest = bytearray(b"\1") * len(words)
    for match in _OURS.finditer(words):
        for line in re.finditer(r"\n?[^\n]*", match[0]):
            if _LINE.match(line[0]):
                start, end = match.start() + line.start(), match.start() + line.end()
                rest[start:end] = bytes(end - start)
    return bytes(rest)


def _without(content: bytes, comment: list[Element], rest: bytes) -> list[Edit]:
    """The edits that leave of a note what is not ours."""
    edits: list[Edit] = []
    at = 0
    for each in _pieces(comment):
        whole = _piece(content, each)
        remainder = "".join(compress(whole, rest[at : at + len(whole)]))
        at += len(whole)
        if remainder == whole:
            continue
        run = next((r for r in comment if r.name == "r" and each.within(r)), None)
        if not remainder and run is not None:
            edits.append((run.start, run.end, b""))
        else:
            edits.append((each.inside, each.close, html.escape(remainder, quote=False).encode()))
    return edits


def note(words: list[str]) -> str:
    """Our note from its paragraphs, a line each, between the words it is known by."""
    inner = cell_text("\n".join(" ".join(each.splitlines()) for each in words)).replace("【核对意见", "[核对意见")
    return _cut(f"{BEGIN}\n{inner}\n{END}", TEXT_LIMIT)


def _cut(words: str, room: int) -> str:
    """A note cut to what a cell's note may hold, its last words kept."""
    if len(words.encode("utf-16-le")) // 2 <= room:
        return words
    tail = f"……\n{END}"
    beginning = words.encode("utf-16-le")[: max(room - len(tail), len(BEGIN)) * 2].decode("utf-16-le", "ignore")
    return beginning + tail
