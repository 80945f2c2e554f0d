"""XML patched in place: where elements lie in a part's bytes, and edits that leave every other byte as it was.

Nothing is parsed into a tree and written again: what a spreadsheet program wrote that we know nothing of stays.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from evalxl.sheets.measure import cell_text

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
Edit = tuple[int, int, bytes]  # from, to, what stands there instead

_TAG = re.compile(rb"<[^\s/<>\"']++(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UTF_16 = re.compile(r"(\A\s*<\?xml[^>]*\bencoding\s*=\s*[\"'])[^\"']+")
_NO_TAGS = re.compile(rb"<!--|<!\[CDATA\[|<\?")
_COMMENT = re.compile(rb"<!--(?:[^-]|-(?!->))*-->")
_CLOSINGS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_DECLARED = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\bencoding\s*=\s*[\"']([^\"']+)")


class CannotMark(Exception):
    """A workbook that cannot be marked without risk; the message is the reason in the operator's words."""


@dataclass(slots=True)
class Element:
    """One element and where it lies: start tag ``start:inside``, end tag ``close:end`` (none if it is empty)."""

    path: tuple[str, ...]  # local names from the root down
    prefix: bytes  # with its colon
    attributes: dict[str, str]  # by the name as written
    start: int
    inside: int
    close: int = -1
    end: int = -1

    @property
    def name(self) -> str:
        """The local name."""
        return self.path[-1]

    @property
    def empty(self) -> bool:
        """Whether it is written as one tag."""
        return self.end == self.inside

    def attribute(self, name: str) -> str:
        """An attribute by its local name, '' where it is missing."""
        if name in self.attributes:
            return self.attributes[name]
        return next((value for key, value in self.attributes.items() if key.endswith(":" + name)), "")

    def within(self, other: Element) -> bool:
        """Whether it lies inside another element."""
        return other.start < self.start and self.end <= other.end

    def appending(self, content: bytes, xml: bytes) -> Edit:
        """The edit that makes ``xml`` its last content."""
        if not self.empty:
            return self.close, self.close, xml
        tag = content[self.start : self.inside]
        name = self.prefix + self.name.encode()
        return self.start, self.end, tag[:-2].rstrip() + b">" + xml + b"</" + name + b">"


def outline(content: bytes, deepest: int = 3) -> list[Element]:
    """The elements of a part down to a depth, in document order; CannotMark where it is not plain UTF-8 XML."""
    check_encoding(content)
    found: list[Element] = []
    names: list[str] = []
    open_: list[Element] = []
    depth = 0
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > deepest:
            return
        prefix, colon, name = tag.rpartition(":")
        names.append(name)
        at = parser.CurrentByteIndex
        match = _TAG.match(content, at)
        if match is None:
            raise CannotMark("内部的写法无法识别，不能在原表上标注")
        element = Element(tuple(names), (prefix + colon).encode(), attributes, at, match.end())
        open_.append(element)
        found.append(element)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1
        if depth >= deepest:
            return
        names.pop()
        element = open_.pop()
        if content[element.inside - 2 : element.inside] == b"/>":
            element.close = element.end = element.inside
        else:
            element.close = parser.CurrentByteIndex
            element.end = content.index(b">", element.close) + 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    _parse(parser, content)
    return found


def tags(content: bytes, name: str) -> list[bytes]:
    """The tags of one name in what lists little else (columns, merged areas)."""
    return re.findall(rb"<(?:[\w.-]+:)?%b(?=[\s/>])[^>]*>" % name.encode(), content)


def attribute(tag: bytes, name: str) -> str:
    """A plain attribute of a start tag (a number, a word, an address), '' where it is missing."""
    match = re.search(rb"\s%b\s*=\s*(?:\"([^\"]*)\"|'([^']*)')" % name.encode(), tag)
    return (match[1] or match[2] or b"").decode() if match else ""


def utf8(content: bytes) -> bytes:
    """A part as UTF-8: a program may write UTF-16 as well, and every edit is of UTF-8 text."""
    if b"\x00" not in content[:4]:
        return content
    little = content.startswith((b"\xff\xfe", b"<\x00"))
    try:
        words = content.decode("utf-16-le" if little else "utf-16-be").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise CannotMark("内部文字编码有误，不能在原表上标注") from None
    return _UTF_16.sub(r"\1UTF-8", words, count=1).encode()


def masked(content: bytes) -> bytes:
    """A part with blanks for its comments, instructions and CDATA, in which what looks like a tag is none."""
    if not holds(content, b"<!") and content.rfind(b"<?") < 5:  # the declaration at the beginning
        return content
    pieces: list[bytes] = []
    at = 0
    for match in _NO_TAGS.finditer(content):
        if match.start() < at:  # within the one before
            continue
        closing = _CLOSINGS[match[0]]
        end = content.find(closing, match.end()) + len(closing)
        if end < len(closing):
            raise CannotMark("内部结构有错，不能在原表上标注")
        pieces += [content[at : match.start()], b" " * (end - match.start())]
        at = end
    return b"".join([*pieces, content[at:]])


def check_encoding(content: bytes) -> None:
    """Refuse what is not UTF-8, or declares a document type: our edits would not be what they seem."""
    declared = _DECLARED.match(content[:200])
    if (declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii")) or b"\x00" in content[:200]:
        raise CannotMark("内部文字编码不是 UTF-8，不能在原表上标注")
    if holds(content, b"<!DOCTYPE") or holds(content, b"<!ENTITY"):
        raise CannotMark("含有不应有的 XML 声明，不能在原表上标注")


def plain_text(markup: bytes) -> str:
    """What an element without children says, as a reader sees it."""
    pieces: list[str] = []
    while True:
        markup, section, rest = markup.partition(b"<![CDATA[")
        pieces.append(html.unescape(_COMMENT.sub(b"", markup).decode()))
        if not section:
            return "".join(pieces).replace("\r\n", "\n")
        inside, _, markup = rest.partition(b"]]>")
        pieces.append(inside.decode())


def holds(content: bytes, words: bytes) -> bool:
    """Whether a part says something; looked for from behind, which in markup is five times as fast."""
    return content.rfind(words) >= 0


def check_form(content: bytes) -> None:
    """Refuse a part that is not well-formed; run on everything that was patched."""
    _parse(expat.ParserCreate(), content)


def _parse(parser: expat.XMLParserType, content: bytes) -> None:
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise CannotMark("内部结构有错，不能在原表上标注") from None


def edited(content: bytes, edits: Iterable[Edit]) -> bytes:
    """A part with some stretches replaced; edits at one place keep their order."""
    pieces, at = [], 0
    for start, end, xml in sorted(edits, key=lambda edit: edit[:2]):
        if start < at:
            raise CannotMark("内部的写法无法识别，不能在原表上标注")
        pieces += [content[at:start], xml]
        at = end
    return b"".join([*pieces, content[at:]])


def prefixed(xml: str, prefix: bytes) -> bytes:
    """Our own markup under the namespace prefix that a part uses; texts in it are escaped, so every < opens a tag."""
    return re.sub(rb"<(/?)(?=\w)", rb"<\g<1>" + prefix, xml.encode()) if prefix else xml.encode()


def with_attribute(tag: bytes, name: str, value: str | None) -> bytes:
    """A start tag with one attribute set, or without it for None; only its own tag, not what follows, is looked at."""
    match = re.search(rb"\s" + name.encode() + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", tag)
    if value is None:
        return tag[: match.start()] + tag[match.end() :] if match else tag
    mark = match[0][-1:].decode() if match else '"'
    written = f" {name}={mark}{value}{mark}".encode()
    if match:
        return tag[: match.start()] + written + tag[match.end() :]
    end = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:end].rstrip() + written + tag[end:]


def text(value: str) -> str:
    """Anybody's text as XML: no control characters, cut where a cell ends, nothing that could be markup."""
    return html.escape(cell_text(value), quote=False)


def quoted(value: str) -> str:
    """A name as the value of an attribute, quotes included."""
    return '"' + html.escape(_ILLEGAL.sub("", value)).replace("\n", "&#10;").replace("\t", "&#9;") + '"'
