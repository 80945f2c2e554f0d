"""How everything evalxl draws looks: fonts, colours, borders and number formats, each named once."""

from __future__ import annotations

from typing import Any, NamedTuple

SONG, HEI = "宋体", "黑体"
NAVY, BLUE, GOLD, GREY = "#1F3864", "#3E6A9E", "#B0852E", "#595959"
LINE = "#BFBFBF"  # thin lines between cells
HEAD = "#DCE6F1"  # behind headers
YELLOW = "#FFF8DC"  # what is to be filled in
_PALE, _SHADE = "#F3F6FA", "#EAEAEA"
_RED = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
_GREEN = {"font_color": "#187238"}

AMOUNT_FORMAT = "#,##0.00####"  # 万元: two decimals, up to six where they are not nil
_BOX: dict[str, Any] = {"border": 1, "border_color": LINE}
_HEAD: dict[str, Any] = _BOX | {"font_name": HEI, "bg_color": HEAD, "align": "center", "text_wrap": True}
_INPUT: dict[str, Any] = _BOX | {"text_wrap": True, "bg_color": YELLOW, "locked": False}
_CARD: dict[str, Any] = {"bg_color": _PALE, "align": "center"}

LOOKS: dict[str, dict[str, Any]] = {
    "title": {"font_name": HEI, "font_size": 16, "align": "center"},
    "great title": {"font_name": HEI, "font_size": 20, "align": "center", "font_color": NAVY, "text_wrap": True},
    "subtitle": {"font_size": 10, "align": "center", "font_color": GREY, "text_wrap": True},
    "section": {"font_name": HEI, "font_size": 11, "font_color": NAVY, "bottom": 2, "bottom_color": NAVY},
    "note": {"font_size": 9, "font_color": GREY},
    "long note": {"font_size": 10, "font_color": GREY, "text_wrap": True},
    "sentence": {"font_size": 10, "text_wrap": True, "valign": "vcenter"},
    "unit": {"font_size": 9, "font_color": GREY, "align": "right"},
    "header": _HEAD,
    "label": _BOX | {"font_name": HEI, "bg_color": _PALE, "text_wrap": True, "indent": 1},
    "text": _BOX | {"text_wrap": True, "indent": 1},
    "detail": _BOX | {"text_wrap": True, "indent": 2},
    "centre": _BOX | {"text_wrap": True, "align": "center"},
    "figure": _BOX | {"align": "right", "text_wrap": True},  # a number in a finding's own words
    "amount": _BOX | {"num_format": AMOUNT_FORMAT, "align": "right"},
    "money": _BOX | {"num_format": "#,##0.00", "align": "right"},  # an amount to be signed: the cell has all of it
    "rate": _BOX | {"num_format": "0.00%", "align": "right"},
    "score": _BOX | {"num_format": "0.00####", "align": "right"},
    "count": _BOX | {"num_format": "#,##0", "align": "right"},
    "tally": _BOX | {"num_format": "#,##0", "align": "center"},
    "share": _BOX | {"num_format": "0.0%", "align": "center"},
    "index": _BOX | {"num_format": "0", "align": "center", "font_color": GREY},
    "year": _BOX | {"num_format": "0", "align": "center"},
    "source": _BOX | {"font_size": 8, "font_color": GREY, "align": "center", "text_wrap": True},
    "link": _BOX | {"font_color": "#0563C1", "underline": 1, "shrink": True, "indent": 1},  # LibreOffice breaks no link
    "writing": _INPUT | {"indent": 1},  # what is to be filled in
    "choice": _INPUT | {"align": "center"},  # the same where it is a word or a number
    "verdict": _BOX | {"font_name": HEI, "font_size": 16, "align": "center"},
    "card label": _CARD | {"font_size": 9, "font_color": GREY, "top": 2, "top_color": BLUE},
    "card": _CARD | {"font_name": HEI, "font_size": 15, "font_color": NAVY, "shrink": True},
    "middle card": _CARD | {"font_name": HEI, "font_size": 12, "font_color": NAVY, "shrink": True},
    "small card": _CARD | {"font_name": HEI, "font_size": 10, "font_color": NAVY, "shrink": True},
    "caution": {"font_size": 10, "text_wrap": True, "indent": 1},
    "card share": _CARD | {"font_size": 9, "font_color": GREY, "text_wrap": True},
    "sign": {"font_size": 10, "bottom": 1, "bottom_color": GREY},
    "sign label": {"font_size": 10, "align": "right"},
}

# What is laid over a look: a severity, a status, a line of totals.
MARKS: dict[str, dict[str, Any]] = {
    "total": {"font_name": HEI, "bg_color": _SHADE, "top": 2, "top_color": GREY},
    "subtotal": {"font_name": HEI, "bg_color": _SHADE},
    "error": _RED,
    "warning": {"bg_color": "#FFEB9C", "font_color": "#7F4F00"},
    "info": {"font_color": BLUE},
    "accepted": _GREEN | {"bg_color": "#E2F0D9"},
    "explain": {"bg_color": "#FFF2CC", "font_color": "#7F4F00"},
    "returned": _RED,
    "refused": {"bg_color": "#D9D9D9", "font_color": "#404040"},
}

_QUIET: dict[str, Any] = {"font_size": 10, "font_color": GREY, "text_wrap": True}

# What a department fills in: larger, and printed without the colours of a verdict.
FORM_LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "title": LOOKS["title"],
    "note": _QUIET,
    "unit": {"font_size": 10, "text_wrap": True},
    "verdict": {"font_name": HEI, "text_wrap": True},
    "header": _HEAD,
    "label": LOOKS["text"],
    "total_label": _BOX | {"indent": 1, "font_name": HEI, "bg_color": _SHADE},
    "detail_label": _BOX | {"indent": 2},
    "hint": _BOX | _QUIET | {"align": "left", "indent": 1},
    "tall_hint": _BOX | _QUIET | {"align": "left", "indent": 1, "valign": "top"},
    "input": _INPUT,
    "paragraph": _INPUT | {"valign": "top"},
    "column": {"locked": False, "text_wrap": True},
    "index": {"align": "center", "font_color": GREY},
    "computed": _BOX | {"bg_color": _SHADE},
    "check": {"font_size": 10, "text_wrap": True},
    "section": {"font_name": HEI, "font_size": 12, "font_color": NAVY, "bottom": 1, "bottom_color": LINE},
    "text": {"text_wrap": True},
    "yellow": _BOX | {"bg_color": YELLOW, "align": "center"},
    "grey": _BOX | {"bg_color": _SHADE, "align": "center"},
    "red": _BOX | _RED | {"align": "center"},
    "cell": LOOKS["text"],
    "centre": _BOX | {"align": "center"},
}

# What conditional formats may change: no font name or size.
FORM_MARKS: dict[str, dict[str, Any]] = {
    "failed": _RED,
    "unfinished": {"font_color": "#9C5700"},
    "passed": _GREEN,
    "to fill": _BOX | {"bg_color": YELLOW},
    "row": _BOX,
}
_ALIGNMENTS: dict[str, dict[str, Any]] = {
    "left": {"align": "left", "indent": 1},
    "center": {"align": "center"},
    "right": {"align": "right"},
}


class Style(NamedTuple):
    """How a kind of workbook looks: the size of its type, its looks and marks, and how high a row of it stands."""

    size: int
    looks: dict[str, dict[str, Any]]
    marks: dict[str, dict[str, Any]]
    row: float  # points of a row of one line
    line: float  # of each line of a row of several, to which comes
    margin: float
    share: float  # of a column's width that is left for text, by the type's size
    edge: float  # characters that it keeps free beside a text of one line
    broken_edge: float  # and beside a broken one, which loses a little where it may not break


RESULT = Style(10, LOOKS, MARKS, 19.0, 13.5, 6.0, 1.0, 1.5, 3.0)
FORM = Style(11, FORM_LOOKS, FORM_MARKS | _ALIGNMENTS, 18.0, 14.5, 3.5, 0.96, 1.0, 1.0)

Look = tuple[str, str, str]  # its part in the form, what is laid over it, another number format

_VALUES = ("text", "detail", "label", "centre", "figure", "source", "index", "year", "amount", "rate", "score", "count")
USUAL: list[Look] = [(name, "", "") for name in LOOKS]
USUAL += [(name, mark, "") for mark in ("total", "subtotal", "error", "warning") for name in _VALUES]
USUAL += [(name, mark, "") for mark in ("info", "accepted", "explain", "returned") for name in ("centre", "verdict")]


def properties(style: Style, name: str, mark: str = "", number_format: str = "") -> dict[str, Any]:
    """What makes a look, in XlsxWriter's words."""
    found = {"font_name": SONG, "font_size": style.size, "valign": "vcenter"} | style.looks[name]
    return found | style.marks.get(mark, {}) | ({"num_format": number_format} if number_format else {})
