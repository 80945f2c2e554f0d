"""A table of contents that somebody typed: its entries come again as headings, and are no text of the report."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalxl.transfer.report.pieces import Line, Piece
from evalxl.values.folding import fold

_TITLE = re.compile(r"目\s*[录次]")
_PAGE = re.compile(r"[\s.…·\-—]{0,80}\d{0,3}$")
_LONGEST = 80  # characters of an entry


def without_contents(document: Sequence[Piece]) -> list[Piece]:
    """The document without its typed table of contents."""
    lines = [_entry(piece) for piece in document]
    start = next((at for at, text in enumerate(lines) if text and _TITLE.fullmatch(text)), -1)
    end = start + 1
    while start >= 0 and end < len(lines) and lines[end] and _comes_again(lines[end], lines[end + 1 :]):
        end += 1
    return [*document[:start], *document[end:]] if end > start + 1 else list(document)


def _entry(piece: Piece) -> str:
    """A line without its page; '' for what cannot be an entry."""
    if not isinstance(piece, Line) or len(piece.text) > _LONGEST:
        return ""
    return fold(_PAGE.sub("", piece.text))


def _comes_again(entry: str, below: Sequence[str]) -> bool:
    return any(text.startswith(entry) for text in below if text)
