"""How the template looks: fonts, colours and number formats, each named once."""

from __future__ import annotations

import unicodedata
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

from evalxl.layout import Field, Shape, Sheet
from evalxl.values.kinds import Kind

SONG, HEI = "宋体", "黑体"

YELLOW, GREY, RED = "#FFF8DC", "#EAEAEA", "#FFC7CE"  # 填写、公式、有误
_RULE = "#BFBFBF"  # thin lines between cells
_HEAD = "#DCE6F1"

_NUMBER_FORMATS = {
    Kind.AMOUNT: "#,##0.00####",  # two decimals, more where more were typed
    Kind.RATE: "0.00%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.SCORE: "General",
    Kind.COUNT: "General",
    Kind.YEAR: "General",
}
ONE_LINE, _LINE, _TALLEST = 18.0, 14.5, 400.0  # points: a row of one line, each line more, what Excel allows
_LONG = 26  # half-width characters; wider text columns hold sentences

_HINT = {
    "font_size": 10,
    "align": "left",
    "font_color": "#595959",
    "indent": 1,
    "border": 1,
    "border_color": _RULE,
    "text_wrap": True,
}
_INPUT = {"locked": False, "bg_color": YELLOW, "border": 1, "border_color": _RULE, "text_wrap": True}
_LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "title": {"font_name": HEI, "font_size": 16, "align": "center"},
    "note": {"font_size": 10, "font_color": "#595959", "text_wrap": True},
    "unit": {"font_size": 10, "text_wrap": True},
    "verdict": {"font_name": HEI, "text_wrap": True},
    "header": {"font_name": HEI, "bg_color": _HEAD, "border": 1, "border_color": _RULE, "align": "center"}
    | {"text_wrap": True},
    "label": {"indent": 1, "border": 1, "border_color": _RULE, "text_wrap": True},
    "total_label": {"indent": 1, "font_name": HEI, "border": 1, "border_color": _RULE, "bg_color": GREY},
    "detail_label": {"border": 1, "border_color": _RULE, "indent": 2},
    "hint": _HINT,
    "tall_hint": _HINT | {"valign": "top"},
    "input": _INPUT,
    "paragraph": _INPUT | {"valign": "top"},
    "column": {"locked": False, "text_wrap": True},
    "index": {"align": "center", "font_color": "#595959"},
    "computed": {"bg_color": GREY, "border": 1, "border_color": _RULE},
    "check": {"font_size": 10, "text_wrap": True},
    "section": {"font_name": HEI, "font_size": 12, "font_color": "#1F3864", "bottom": 1, "bottom_color": _RULE},
    "text": {"text_wrap": True},
    "yellow": {"bg_color": YELLOW, "border": 1, "border_color": _RULE, "align": "center"},
    "grey": {"bg_color": GREY, "border": 1, "border_color": _RULE, "align": "center"},
    "red": {"bg_color": RED, "font_color": "#9C0006", "border": 1, "border_color": _RULE, "align": "center"},
    "cell": {"indent": 1, "border": 1, "border_color": _RULE, "text_wrap": True},
    "centre": {"border": 1, "border_color": _RULE, "align": "center"},
}

# What conditional formats may change: no font name or size.
_MARKS: dict[str, dict[str, Any]] = {
    "failed": {"bg_color": RED, "font_color": "#9C0006"},
    "unfinished": {"font_color": "#9C5700"},
    "passed": {"font_color": "#1B7F3B"},
    "to fill": {"bg_color": YELLOW, "border": 1, "border_color": _RULE},
    "row": {"border": 1, "border_color": _RULE},
}


class Styles:
    """The formats of one workbook, made when first asked for, so that only those in use are stored."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, str, str], Format] = {}

    def look(self, name: str, number_format: str = "", align: str = "") -> Format:
        """The format of a cell by its part in the form, with the number format and alignment of what it holds."""
        key = (name, number_format, align)
        if key not in self._made:
            properties = {"font_name": SONG, "font_size": 11, "valign": "vcenter"} | _LOOKS[name]
            properties |= {"num_format": number_format} if number_format else {}
            properties |= {"align": align} if align else {}
            properties |= {"indent": 1} if align == "left" else {}
            self._made[key] = self._workbook.add_format(properties)
        return self._made[key]

    def mark(self, name: str) -> Format:
        """What a conditional format lays over a cell."""
        key = (f"mark {name}", "", "")
        if key not in self._made:
            self._made[key] = self._workbook.add_format(_MARKS[name])
        return self._made[key]

    def value(self, name: str, sheet: Sheet, field: Field) -> Format:
        """The format of a field's cells: what is typed into a text cell stays text, so codes keep their zeros."""
        return self.look(name, number_format(sheet, field), alignment(sheet, field))


def number_format(sheet: Sheet, field: Field) -> str:
    """How a field's values are shown; sentences stay General, for old programs show ### for long text cells."""
    if field.kind in _NUMBER_FORMATS:
        return _NUMBER_FORMATS[field.kind]
    long = field.height or sheet.fields[0].height or (field.width >= _LONG and field.key != sheet.name)
    return "General" if long else "@"


def alignment(sheet: Sheet, field: Field) -> str:
    """Numbers stand right, short choices in the middle, text left; a form's answers all stand left."""
    if sheet.shape is Shape.FORM:
        return "left"
    if field.kind in (Kind.AMOUNT, Kind.RATE):
        return "right"
    return "center" if field.kind in (Kind.CHOICE, Kind.SCORE, Kind.COUNT) else "left"


def tall(text: str, width: float) -> float:
    """The height in points that a text takes when wrapped in a column; wide characters count two."""
    room = max(int(width * 0.96 - 1), 1)
    lines = sum(max(1, -(-_half_widths(line) // room)) for line in text.split("\n")) if width else 1
    return min(_LINE * lines + ONE_LINE - _LINE, _TALLEST)


def _half_widths(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)
