"""Folding of text before it is compared: what people type differently but mean alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from evalxl.money_units import without_unit
from evalxl.recall import remembered

# Every Unicode blank, plus the zero-width and soft characters that copies from Word and web pages carry.
_BLANKS = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u205f-\u2064\ufeff]+")
# Also what breaks a line or turns its direction unseen: a text must not pose as another on a terminal or in a cell.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
    r"|_x[0-9A-Fa-f]{4}_"
)
_BRACKETS = str.maketrans("〔〕[]【】〈〉{}－—–−‐", "()()()()()-----")

# 一、 （一） 1. (1) ① at the head of a label; a bare numeral is kept, for 三公经费 begins with one.
_NUMBERING = re.compile(r"^(?:\((?:[一二三四五六七八九十]+|\d+)\)|(?:[一二三四五六七八九十]+|\d+)[、.])")
_LEAD = re.compile(r"^(?:其中:?|减:|加:)")
_UNIT = re.compile(r"\((?:单位:)?(?:亿元|万元|元|%|分|人|个|年)\)$")
_CODE = re.compile(r"^\d{3,}[-_ ]+")
_LEVEL = re.compile(r"\((?:本级|汇总|本部|机关)\)$")


def _is_plain(text: str) -> bool:
    """Whether a text has neither control characters nor any blank but " ", as nine in ten have not.

    What str.isprintable says of it, the tests hold against every character there is.
    """
    return text.isprintable() and "_x" not in text


def clean(text: str) -> str:
    """Text as it may be shown: no control characters, no blanks at the ends, single line breaks."""
    if _is_plain(text):
        return unicodedata.normalize("NFC", text).strip(" ")
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(" \t\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff")


def cleaned(texts: list[str]) -> list[str]:
    """Each of some texts as ``clean`` gives it; asked of all at once, as in most columns there is nothing to clean."""
    whole = "|".join(texts)
    if not (_is_plain(whole) and unicodedata.is_normalized("NFC", whole)):
        return [clean(text) for text in texts]
    if " |" in whole or "| " in whole or whole[:1] == " " or whole[-1:] == " ":
        return [text.strip(" ") for text in texts]
    return texts


@remembered(longest=100, most=16_384)  # twice the names that a chunk holds; each is asked for three times
def fold(text: str) -> str:
    """Text as it is compared: widths, brackets, dashes, case and blanks do not count."""
    if _is_plain(text):
        return unicodedata.normalize("NFKC", text).replace(" ", "").translate(_BRACKETS).casefold()
    folded = unicodedata.normalize("NFKC", _CONTROL.sub("", text))
    return _BLANKS.sub("", folded).translate(_BRACKETS).casefold()


@lru_cache(maxsize=4096)  # the same few hundred labels come back in every workbook
def label_key(text: str) -> str:
    """A header, row label or sheet name without its decoration: 其中：, 一、, （万元）, * and colons."""
    key = fold(without_unit(text)).replace("*", "")
    key = _LEAD.sub("", _NUMBERING.sub("", key))
    return _UNIT.sub("", key.rstrip(":")).rstrip(":")


def name_key(text: str) -> str:
    """A unit, project or person name for comparison: without leading code and level mark such as （本级）."""
    return _LEVEL.sub("", _CODE.sub("", fold(text)))
