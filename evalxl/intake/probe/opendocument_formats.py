"""Number formats of the OpenDocument form, put into the codes that Excel and WPS write them in.

There a format is a tree: digits with a display factor, texts, and other formats for other ranges of numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from evalxl.values.number_formats import LONGEST, is_telling

Attributes = dict[str, str]

_FORMATS = ("number:number-style", "number:percentage-style", "number:currency-style", "number:text-style")
_CONDITION = re.compile(r"value\(\)(<=|>=|!=|<|>|=)(-?[0-9]+(?:\.[0-9]+)?)")
_MOST_DIGITS = 30


@dataclass
class _Format:
    """One format as far as it is read: its code without the parts for other ranges, and those."""

    code: str = ""
    others: list[tuple[str, str]] = field(default_factory=list)  # condition, name of a format


class NumberStyles:
    """The number formats and the styles of cells that refer to them, tag by tag."""

    def __init__(self) -> None:
        self.formats: dict[str, _Format] = {}
        self.data_styles: dict[str, tuple[str, str]] = {}  # style of cells → its format, its parent
        self.format: _Format | None = None
        self.number: Attributes | None = None
        self.embedded: list[tuple[int, str]] = []
        self.text: str | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """A tag opens."""
        if name in _FORMATS:
            self.format = self.formats[attributes.get("style:name", "")] = _Format()
        elif name == "style:style":
            known = attributes.get("style:data-style-name", ""), attributes.get("style:parent-style-name", "")
            self.data_styles[attributes.get("style:name", "")] = known
        elif self.format is None:
            return
        elif name in ("number:text", "number:currency-symbol", "number:embedded-text"):
            self.text, self.position = "", _count(attributes, "number:position", 0)
        elif name in ("number:number", "number:scientific-number", "number:fraction"):
            self.number, self.embedded = attributes, []
        elif name == "style:map":
            condition = _CONDITION.fullmatch(attributes.get("style:condition", "").replace(" ", ""))
            if condition:
                test = f"[{condition[1].replace('!=', '<>')}{condition[2]}]"
                self.format.others.append((test, attributes.get("style:apply-style-name", "")))

    def characters(self, text: str) -> None:
        """Text within a tag."""
        if self.text is not None:
            self.text = (self.text + text)[:LONGEST]

    def end(self, name: str) -> None:
        """A tag closes."""
        if name in _FORMATS:
            self.format = None
        if self.format is None:
            return
        if name == "number:embedded-text" and self.text is not None:
            self.embedded.append((self.position, self.text))
        elif name in ("number:text", "number:currency-symbol") and self.text is not None:
            self.format.code += "%" if self.text == "%" else _quoted(self.text)
        elif name in ("number:number", "number:scientific-number", "number:fraction") and self.number is not None:
            self.format.code += _digits(self.number, self.embedded)
            self.number = None
        if name.startswith("number:"):
            self.text = None

    def code(self, style: str) -> str:
        """The format of a style of cells, where it may show a number as another; else ''."""
        for _ in range(9):  # styles inherit, at most so deep
            data, parent = self.data_styles.get(style, ("", ""))
            if data or not parent:
                break
            style = parent
        known = self.formats.get(data)
        if known is None:
            return ""
        sections = [f"{test}{self.formats[name].code}" for test, name in known.others[:2] if name in self.formats]
        code = ";".join([*sections, known.code])
        return code if is_telling(code) else ""


def _count(attributes: Attributes, key: str, default: int) -> int:
    written = attributes.get(key, "")
    return min(int(written[:6]), _MOST_DIGITS) if written.isascii() and written.isdigit() else default


def _quoted(text: str) -> str:
    return f'"{text}"' if text and '"' not in text else text


def _digits(number: Attributes, embedded: list[tuple[int, str]]) -> str:
    """The digits of a format: whole ones with the texts between them, decimals, a comma for each thousandth."""
    decimals = _count(number, "number:decimal-places", 0)
    texts = dict(embedded)
    count = max(_count(number, "number:min-integer-digits", 1), 1, *(position + 1 for position in texts))
    whole = ""
    for position in range(count - 1, -1, -1):
        whole += "0"
        if position in texts:
            whole += _quoted(texts[position])
    factor = number.get("number:display-factor", "1")
    thousands = (len(factor) - 1) // 3 if re.fullmatch("1(?:000){0,5}", factor) else 0
    return whole + ("." + "0" * decimals if decimals else "") + "," * thousands
