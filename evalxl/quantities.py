"""Numbers as people write them: read exactly or not at all, and with a note of what had to be done to them.

Sources: the decorations and damages measured in ``shared/hazards.md`` section 2.1 and ``shared/domain.md`` fact 9.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from evalxl.layout import Kind

NAN = math.nan
FEN_PER = {"亿元": 10**10, "亿": 10**10, "万元": 10**6, "万": 10**6, "元": 100}
# Beyond these a number is no figure of a form. 9e15 fen are 9e13 yuan: float64 holds every whole fen up to there.
_RANGE = {
    Kind.AMOUNT: (-9e15, 9e15),
    Kind.RATE: (-1e6, 1e6),
    Kind.SCORE: (-1e6, 1e6),
    Kind.COUNT: (0, 1e9),
    Kind.YEAR: (1990, 2100),
}

# Not given (a blank), as against nil (a zero): domain.md (d) "Missing".
_NOT_GIVEN = {"-", "--", "---", "/", "\\", "*"}
_NIL = {"无", "(无)", "暂无", "零"}

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?: \d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_NUMBERISH = re.compile(r"[\d.,\s+\-()¥$%亿万元分人个]+")
_CURRENCY = re.compile(r"^(?:¥|rmb|人民币|cny)\s*", re.IGNORECASE)
_YEAR = re.compile(r"(?:fy)?((?:19|20)\d\d)\s*(?:年度?)?(?:\.0)?", re.IGNORECASE)
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_SUFFIX = {Kind.SCORE: ("分",), Kind.COUNT: ("人", "个", "家"), Kind.RATE: ()}


class Reading(NamedTuple):
    """A value read from a cell, and what the reader has to tell about it.

    ``note`` is '' (nothing to tell), ``normalised``, ``not_numeric`` or ``damaged``; with the last two the value is a
    blank. ``value`` is in the unit the tables use (fen, fraction, points, whole number).
    """

    value: float
    note: str = ""
    shown: str = ""  # the value as understood, for the message "原文 → 读作"


def read_number(raw: object, kind: Kind, unit: str = "万元") -> Reading:
    """Read one cell of a numeric field; ``unit`` is the workbook's declared unit of money."""
    if isinstance(raw, float | int) and not isinstance(raw, bool):
        return _from_number(float(raw), kind, unit)
    if raw is None or raw == "":
        return Reading(NAN)
    if isinstance(raw, str):
        return _from_year(raw) if kind is Kind.YEAR else _from_text(raw, kind, unit)
    if isinstance(raw, dt.datetime | dt.date) and kind is not Kind.YEAR:
        return _from_date(raw, kind, unit)
    return Reading(NAN, "not_numeric")


def _from_number(number: float, kind: Kind, unit: str) -> Reading:
    if not math.isfinite(number):
        return Reading(NAN, "not_numeric")
    value = number * FEN_PER[unit] if kind is Kind.AMOUNT else number
    if not _in_range(value, kind) or (kind in (Kind.COUNT, Kind.YEAR) and value != int(value)):
        return Reading(NAN, "not_numeric")
    return Reading(float(round(value)) if kind is Kind.AMOUNT else value)


def _in_range(value: float | Decimal, kind: Kind) -> bool:
    low, high = _RANGE[kind]
    return low <= value <= high


def _from_date(raw: dt.datetime | dt.date, kind: Kind, unit: str) -> Reading:
    """A number caught in a date format: the cell shows a date, but what was typed is its serial number."""
    moment = raw if isinstance(raw, dt.datetime) else dt.datetime(raw.year, raw.month, raw.day)
    since = moment - dt.datetime(1899, 12, 30)
    serial = round(since.days + since.seconds / 86400, 6)
    reading = _from_number(serial, kind, unit)
    return Reading(reading.value, "normalised", f"{serial:g}") if not reading.note else reading


def _from_year(raw: str) -> Reading:
    text = unicodedata.normalize("NFKC", raw).strip()
    match = _YEAR.fullmatch(text) or _YEAR.fullmatch(text.translate(_HAN_DIGITS))
    if match is None:
        return Reading(NAN, "not_numeric") if text else Reading(NAN)
    return Reading(float(match[1]), "" if text == match[1] else "normalised", match[1])


def _from_text(raw: str, kind: Kind, unit: str) -> Reading:
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", raw)).strip()
    if not text:
        return Reading(NAN)
    text = text.replace("−", "-").replace("—", "-").replace("–", "-").replace("─", "-")
    if text in _NOT_GIVEN:
        return Reading(NAN, "normalised", "未填")
    if text in _NIL:
        return Reading(0.0, "normalised", "0")
    number, suffix = _split_suffix(text, kind)
    value = _decimal(number)
    if value is None:
        return Reading(NAN, "damaged" if _NUMBERISH.fullmatch(text) and re.search(r"\d", text) else "not_numeric")
    return _scale(value, suffix, kind, unit)


def _split_suffix(text: str, kind: Kind) -> tuple[str, str]:
    if kind is Kind.AMOUNT:
        text = _CURRENCY.sub("", text)
        suffixes: tuple[str, ...] = tuple(FEN_PER)
    else:
        suffixes = ("%", *_SUFFIX.get(kind, ())) if kind is Kind.RATE else _SUFFIX.get(kind, ())
    for suffix in suffixes:
        if text.endswith(suffix):
            return text[: -len(suffix)].strip(), suffix
    return text, ""


def _decimal(text: str) -> Decimal | None:
    """The number a text is, or None: commas must group by three, brackets or one sign may mark a negative."""
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1].strip(), True
    elif text.startswith(("+", "-")):
        text, negative = text[1:].strip(), text[0] == "-"
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "").replace(" ", "")
    elif not _PLAIN.fullmatch(text):
        return None
    value = Decimal(text)
    return -value if negative else value


def _scale(value: Decimal, suffix: str, kind: Kind, unit: str) -> Reading:
    if kind is Kind.AMOUNT:
        fen = value * FEN_PER[suffix or unit]
        if not _in_range(fen, kind):
            return Reading(NAN, "not_numeric")
        fen = fen.quantize(Decimal(1), ROUND_HALF_UP)
        return Reading(float(fen), "normalised", f"{show_amount(float(fen))} 万元")
    if not _in_range(value, kind):
        return Reading(NAN, "not_numeric")
    if kind is Kind.RATE:
        fraction = value / 100 if suffix == "%" or abs(value) > 2 else value
        return Reading(float(fraction), "normalised", show(Kind.RATE, float(fraction)))
    if kind is Kind.COUNT and value != int(value):
        return Reading(NAN, "not_numeric")
    return Reading(float(value), "normalised", f"{value.normalize():f}")


def show_amount(fen: float) -> str:
    """An amount as people read it: 万元 with two decimals, up to six where they are not nil; '' for a blank."""
    if fen != fen:
        return ""
    text = f"{Decimal(round(fen)).scaleb(-6):.6f}"
    while text[-1] == "0" and text[-3] != ".":
        text = text[:-1]
    return text


def show(kind: Kind, value: object) -> str:
    """Any table value as people read it; '' for a blank."""
    if not isinstance(value, float | int):
        return str(value)
    if value != value:
        return ""
    if kind is Kind.AMOUNT:
        return show_amount(float(value))
    number = Decimal(repr(float(value)))
    if kind is Kind.RATE:
        return f"{(number * 100).quantize(Decimal('0.01'), ROUND_HALF_UP):f}%"
    if kind is Kind.SCORE:
        places = max(2, -int(number.normalize().as_tuple().exponent))
        return f"{number:.{min(places, 6)}f}"
    return f"{number.normalize():f}"


def last_digit(fen: float, coarsest: float) -> float:
    """The unit of the last digit an amount is written with, in fen: 859.16 万元 is written to 10,000 fen.

    ``coarsest`` is the unit people round to at most: 0.01 万元 (10,000 fen), or 1 元 in a workbook kept in 元.
    """
    unit = 1.0
    while unit < coarsest and fen % (unit * 10) == 0:
        unit *= 10
    return unit
