"""What a report consists of, before it is a Word document: titles, headings, paragraphs and tables as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

BLANK = "＿＿＿＿"  # what the workbook does not say: stays visible, is filled in by hand, and is never made up


class Look(StrEnum):
    """The kinds of paragraph; each is one style of the document."""

    ANNEX = "Annex"
    TITLE = "Title"
    SUBTITLE = "Subtitle"
    BODY = "Normal"
    CAPTION = "Caption"
    UNIT = "TableUnit"
    NOTE = "TableNote"
    HEADER_CELL = "TableHead"
    CELL = "TableText"
    CLOSING = "Closing"


@dataclass(frozen=True)
class Heading:
    """A heading with its number: level 1 is 一、, level 2 is （一）."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; a line break in its text is one on paper."""

    text: str
    look: Look = Look.BODY


@dataclass(frozen=True)
class Column:
    """One column of a table: its header, its width in millimetres and how its cells are set."""

    header: str
    width: float
    align: str = "center"  # left, center or right


@dataclass(frozen=True)
class Table:
    """A table; every row has a text for every column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    row_height: float = 8.0  # millimetres at least
    with_next: bool = False  # stays on one page with what follows: a signature never stands alone on a page
    size: float = 12.0  # points of its type


Block = Heading | Paragraph | Table
