"""XML parts read tag by tag, whatever prefixes they use: no document type, no deep nesting.

Names come as namespace, blank, local name. Where a prefix was never declared, which value readers and spreadsheet
programs written by hand put up with, the prefix itself stands for the namespace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from xml.parsers import expat

from evalxl.intake.probe.limits import MAX_NESTING
from evalxl.intake.probe.refusals import refusal

_UNBOUND_PREFIX = expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]


class Handler:
    """What is told of a part: its tags as they open and close, and the text between them."""

    depth = 0

    def start(self, _tag: str, _attributes: dict[str, str]) -> None:
        """A tag opens."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise refusal("hostile")

    def end(self, _tag: str) -> None:
        """A tag closes."""
        self.depth -= 1

    def characters(self, text: str) -> None:
        """A stretch of text."""


H = TypeVar("H", bound=Handler)


def split(name: str) -> tuple[str, str]:
    """The namespace and the local name of a tag or attribute."""
    namespace, mark, local = name.rpartition(" ")
    if not mark and ":" in local:
        namespace, _, local = local.rpartition(":")
    return namespace, local


def local(name: str) -> str:
    """The name of a tag or attribute without its namespace."""
    return split(name)[1]


_ATTRIBUTES = 8  # of a tag, on average, in what programs write
_DEARER = 10  # times that an attribute costs more where one tag has a great many


def weight(content: bytes) -> int:
    """What it costs to be told of a part: how many tags and attributes it may have, counted without reading it."""
    tags, attributes = content.count(b"<"), content.count(b"=")
    return tags + attributes + _DEARER * max(0, attributes - _ATTRIBUTES * tags)


def run(content: bytes, handler: Callable[[], H]) -> H:
    """Tell a new handler of everything in a part; ExpatError where it is not well-formed."""
    told = handler()
    try:
        _parser(told, " ").Parse(content, True)
    except expat.ExpatError as error:
        if error.code != _UNBOUND_PREFIX:
            raise
        told = handler()
        _parser(told, None).Parse(content, True)
    return told


def _parser(handler: Handler, separator: str | None) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=separator)
    parser.buffer_text = True  # else a long text comes in pieces, and joining them costs the square of its length
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.characters
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def _refuse_document_type(*_: object) -> None:
    raise refusal("hostile")
