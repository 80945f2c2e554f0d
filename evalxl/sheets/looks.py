"""How everything evalxl hands back looks: fonts, colours, borders and number formats, each named once."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager

SONG, HEI = "宋体", "黑体"
NAVY, BLUE, GOLD, GREY = "#1F3864", "#3E6A9E", "#C9A24B", "#595959"
_LINE = "#BFBFBF"  # thin lines between cells
_PALE = "#F3F6FA"

AMOUNT_FORMAT = "#,##0.00####"  # 万元: two decimals, up to six where they are not nil
_BOX: dict[str, Any] = {"border": 1, "border_color": _LINE}
_HEAD: dict[str, Any] = _BOX | {"font_name": HEI, "bg_color": "#DCE6F1", "align": "center", "text_wrap": True}
_CARD: dict[str, Any] = {"bg_color": _PALE, "align": "center"}

LOOKS: dict[str, dict[str, Any]] = {
    "title": {"font_name": HEI, "font_size": 16, "align": "center"},
    "great title": {"font_name": HEI, "font_size": 20, "align": "center", "font_color": NAVY, "text_wrap": True},
    "subtitle": {"font_size": 10, "align": "center", "font_color": GREY, "text_wrap": True},
    "section": {"font_name": HEI, "font_size": 11, "font_color": NAVY, "bottom": 2, "bottom_color": NAVY},
    "note": {"font_size": 9, "font_color": GREY},
    "sentence": {"font_size": 10, "text_wrap": True, "valign": "vcenter"},
    "unit": {"font_size": 9, "font_color": GREY, "align": "right"},
    "header": _HEAD,
    "label": _BOX | {"font_name": HEI, "bg_color": _PALE, "text_wrap": True, "indent": 1},
    "text": _BOX | {"text_wrap": True, "indent": 1},
    "detail": _BOX | {"text_wrap": True, "indent": 2},
    "centre": _BOX | {"text_wrap": True, "align": "center"},
    "figure": _BOX | {"align": "right", "text_wrap": True},  # a number in a finding's own words
    "amount": _BOX | {"num_format": AMOUNT_FORMAT, "align": "right"},
    "rate": _BOX | {"num_format": "0.00%", "align": "right"},
    "score": _BOX | {"num_format": "0.00####", "align": "right"},
    "count": _BOX | {"num_format": "#,##0", "align": "right"},
    "tally": _BOX | {"num_format": "#,##0", "align": "center"},
    "share": _BOX | {"num_format": "0.0%", "align": "center"},
    "index": _BOX | {"num_format": "0", "align": "center", "font_color": GREY},
    "year": _BOX | {"num_format": "0", "align": "center"},
    "source": _BOX | {"font_size": 8, "font_color": GREY, "align": "center", "text_wrap": True},
    "link": _BOX | {"font_color": "#0563C1", "underline": 1, "text_wrap": True, "indent": 1},
    "writing": _BOX | {"text_wrap": True, "bg_color": "#FFF8DC", "locked": False},  # what is to be filled in
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
    "total": {"font_name": HEI, "bg_color": "#EAEAEA", "top": 2, "top_color": GREY},
    "subtotal": {"font_name": HEI, "bg_color": "#EAEAEA"},
    "error": {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
    "warning": {"bg_color": "#FFEB9C", "font_color": "#7F4F00"},
    "info": {"font_color": BLUE},
    "accepted": {"bg_color": "#E2F0D9", "font_color": "#1B7F3B"},
    "explain": {"bg_color": "#FFF2CC", "font_color": "#7F4F00"},
    "returned": {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
    "refused": {"bg_color": "#D9D9D9", "font_color": "#404040"},
}

Look = tuple[str, str, str]  # its part in the form, what is laid over it, another number format

_VALUES = ("text", "detail", "label", "centre", "figure", "source", "index", "year", "amount", "rate", "score", "count")
_USUAL: list[Look] = [(name, "", "") for name in LOOKS]
_USUAL += [(name, mark, "") for mark in ("total", "subtotal", "error", "warning") for name in _VALUES]
_USUAL += [(name, mark, "") for mark in ("info", "accepted", "explain", "returned") for name in ("centre", "verdict")]


class Palette(NamedTuple):
    """The usual looks as formats of XlsxWriter, made and numbered once for all workbooks; none of them may change."""

    formats: list[Format]  # by number, after the two that every workbook of XlsxWriter begins with
    made: Mapping[Look, Format]
    numbers: Mapping[str, int]  # XlsxWriter's key of a format → its number
    styles: str  # the part of a workbook that says what these formats are


@cache
def palette() -> Palette:
    """What nearly every result is drawn with: making formats anew for each took a tenth of writing it."""
    workbook = Workbook(io.BytesIO(), {"in_memory": True})
    made = {look: workbook.add_format(properties(*look)) for look in _USUAL}
    seen: dict[int, Format] = {}
    made = {look: seen.setdefault(each._get_xf_index(), each) for look, each in made.items()}
    workbook.formats = [*workbook.formats[:2], *seen.values()]
    workbook._prepare_format_properties()
    packager = Packager()
    packager.workbook, packager.in_memory = workbook, True
    packager._write_styles_file()
    workbook.fileclosed = True  # it was only there to make formats
    return Palette(workbook.formats, made, workbook.xf_format_indices, packager.filenames[0][0].getvalue())


def properties(name: str, mark: str = "", number_format: str = "") -> dict[str, Any]:
    """What makes a look, in XlsxWriter's words."""
    found = {"font_name": SONG, "font_size": 10, "valign": "vcenter"} | LOOKS[name] | MARKS.get(mark, {})
    return found | ({"num_format": number_format} if number_format else {})
