"""Numbers as people write them: read exactly or not at all, and with a note of what had to be done to them.

Which ways of writing there are, and which damages, stands in ``docs/files-in-the-wild.md``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from evalxl.values import money_units
from evalxl.values.kinds import Kind
from evalxl.values.number_formats import Doubt, Look, look_of

NAN = math.nan
FEN_PER = money_units.FEN_PER
# Beyond these a number is no figure of a form. 9e15 fen are 9e13 yuan: float64 holds every whole fen up to there.
_RANGE = {
    Kind.AMOUNT: (-9e15, 9e15),
    Kind.RATE: (-1e6, 1e6),
    Kind.SCORE: (-1e6, 1e6),
    Kind.COUNT: (0, 1e9),
    Kind.YEAR: (1990, 2100),
}

# Not given (a blank), as against nil (a zero): both are written with a dash.
_NOT_GIVEN = re.compile(r"[-–—―─]{1,4}|[/\\*]|…{1,2}")
_NIL = {"无", "(无)", "暂无", "零"}
_NIL_IS_ZERO = (Kind.AMOUNT, Kind.COUNT)  # 无 beside a score or a rate says that there is none, not that it is zero

# What full-width typing, Word and web pages make of plain characters. Not NFKC: that would read ⑴ as (1) and 5² as 52.
_PLAIN_FORMS = str.maketrans(
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys([0x2212, 0x2010, 0x2011], "-")
    | {"￥": "¥"}
)
_INVISIBLE = re.compile(r"[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufe0f\ufeff\x00-\x08\x0e-\x1b\x7f]")
_JOINER = "\u00a0"  # programs group digits by blanks that do not break; an ordinary blank may part two numbers
_BLANKS = re.compile(r"\s+")
_LONGEST = 64  # characters of a number with all its decoration; what is longer is prose

_GROUPED = "|".join(rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+(?:\.[0-9]+)?" for mark in (",", _JOINER))
_DIGITS = rf"(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+|{_GROUPED})"
_SUFFIXES = {Kind.AMOUNT: tuple(FEN_PER), Kind.SCORE: ("分", "%"), Kind.COUNT: ("人", "个", "家"), Kind.RATE: ("%",)}
_NUMBERISH = re.compile(r"[0-9.,\s+\-–—()¥$%亿万元分人个]+")
_YEAR = re.compile(
    r"[‘’'\"]?(?:fy)?(?P<year>[0-9]{4})\s?(?:财?年\s?度?)?(?:\.0{1,2})?"
    # a day or a span of the year: 2023-12-31, 2023年1-12月
    r"|(?P<own>[0-9]{4})\s?[-/.年]\s?(?:0?[1-9]|1[0-2])\s?(?:[-/.月]\s?(?:[0-3]?[0-9]\s?日?)?)?(?:\s00:00(?::00)?)?"
    r"|(?P<whole>[0-9]{4})\s?年\s?1\s?月?\s?[-–—~至到]+\s?12\s?月?",
    re.IGNORECASE,
)
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "000123456789123456789")


def given(number: object) -> bool:
    """Whether a number is filled in: a blank is NaN, and not a zero."""
    return number == number


def _written(kind: Kind) -> re.Pattern[str]:
    """A number of a kind with what may stand around it: sign, currency, brackets, unit, each blank once."""
    currency = "(?:¥|RMB|CNY|人民币)" if kind is Kind.AMOUNT else "(?!)"
    unit, blank = "|".join(_SUFFIXES[kind]), f"[ {_JOINER}]?"
    head = rf"(?P<money>{currency})?{blank}(?P<sign>[-–+])?{blank}(?P<open>\()?{blank}(?P<currency>{currency})?{blank}"
    tail = rf"{blank}(?P<unit>{unit})?{blank}(?P<close>\))?{blank}(?P<outer>{unit})?"
    return re.compile(head + _DIGITS + tail, re.IGNORECASE)


_WRITTEN = {kind: _written(kind) for kind in _SUFFIXES}


class Epoch(StrEnum):
    """The day that a workbook counts its dates from."""

    EXCEL = "1899-12-31"  # but see _since_nil
    MAC = "1904-01-01"
    ODS = "1899-12-30"


class Reading(NamedTuple):
    """A value read from a cell, and what the reader has to tell about it.

    ``note`` is '' (nothing to tell), ``normalised``, or ``not_numeric``, ``damaged`` or ``shown_otherwise``; with
    these the value is a blank. ``value`` is in the unit the tables use (fen, fraction, points, whole number).
    """

    value: float
    note: str = ""
    shown: str = ""  # the value as understood, for the message "原文 → 读作"; or the doubt about how it is shown


def read_number(raw: object, kind: Kind, unit: str = "万元", epoch: Epoch = Epoch.EXCEL) -> Reading:
    """Read one cell of a numeric field; ``unit`` is that of the column's amounts, ``epoch`` where dates count from."""
    if isinstance(raw, Formatted):
        return _from_formatted(raw, kind, unit) if math.isfinite(raw.number) else Reading(NAN, "not_numeric")
    if isinstance(raw, float | int) and not isinstance(raw, bool):
        return _from_number(float(raw), kind, unit)
    if raw is None or raw == "":
        return Reading(NAN)
    if isinstance(raw, str):
        return _from_year(raw) if kind is Kind.YEAR else _from_text(raw, kind, unit)
    if kind is Kind.YEAR and isinstance(raw, dt.date) and _OWN_TIME[0] < raw.year <= _OWN_TIME[1]:
        return Reading(float(raw.year), "normalised", str(raw.year))  # 2023-01-01 in a cell that shows 2023年
    if isinstance(raw, dt.date | dt.timedelta):
        return _from_date(raw, kind, unit, epoch)
    return Reading(NAN, "not_numeric")


def plain_numbers(raws: Iterable[object], kind: Kind, unit: str = "万元") -> list[float | None]:
    """The cells of a column about which there is nothing to tell, as ``read_number`` reads them; None for others."""
    low, high = _RANGE[kind]
    if kind is Kind.AMOUNT:
        per = FEN_PER[unit]
        return [
            float(round(raw * per)) if isinstance(raw, float) and low <= raw * per <= high else _blank(raw)
            for raw in raws
        ]
    whole = kind in (Kind.COUNT, Kind.YEAR)
    return [
        raw if isinstance(raw, float) and low <= raw <= high and not (whole and raw != int(raw)) else _blank(raw)
        for raw in raws
    ]


class Formatted(NamedTuple):
    """A number in a cell whose format may show it as another."""

    number: float
    code: str

    @property
    def seen(self) -> str:
        """What the cell shows."""
        return look_of(self.code, self.number).show(self.number)


def _from_formatted(cell: Formatted, kind: Kind, unit: str) -> Reading:
    """A number as its cell shows it: exactly, not as the format rounds it."""
    look = look_of(cell.code, cell.number)
    stored = _from_number(cell.number, kind, unit)
    if kind is not Kind.AMOUNT:
        scaled = look.power > 0 and not look.doubt
        return Reading(NAN, "shown_otherwise", Doubt.SCALED.value) if scaled else stored
    doubt = look.doubt or _doubt_of_scale(look, unit)
    if doubt:
        return Reading(NAN, "shown_otherwise", doubt.value)
    if look.plain:
        return stored
    value = Decimal(repr(cell.number)).scaleb(-look.power) * FEN_PER[look.unit or unit]
    if not _in_range(value, kind):
        return Reading(NAN, "not_numeric")
    amount = float(value.quantize(Decimal(1), ROUND_HALF_UP))
    if amount == stored.value:
        return stored  # 60 in a format that adds 万元, in a workbook kept in it
    return Reading(amount, "normalised", _as_understood(amount, kind))


_OF_YUAN_AS_WAN = 4


def _doubt_of_scale(look: Look, unit: str) -> Doubt | None:
    """A scale without a unit can only be that of yuan shown in the 万元 that the amounts are in."""
    honest = look.unit or not look.power or (look.power == _OF_YUAN_AS_WAN and unit == "万元")
    return None if honest else Doubt.SCALED


def _blank(raw: object) -> float | None:
    return NAN if raw == "" else None


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


def _from_date(raw: dt.date | dt.timedelta, kind: Kind, unit: str, epoch: Epoch) -> Reading:
    """A number caught in a date format: the cell shows a date or a duration, but what was typed is its serial number.

    A date of our own time may be meant as one, and the reader gives 59 and 60 the same date: those are refused. So is
    a time of day (which never comes here), for the reader gives it to -0.5 as to 0.5.
    """
    since = raw if isinstance(raw, dt.timedelta) else _since_nil(raw, epoch)
    if since is None:
        return Reading(NAN, "not_numeric")
    reading = _from_number(round(since / dt.timedelta(days=1), 6), kind, unit)
    return reading if reading.note else Reading(reading.value, "normalised", _as_understood(reading.value, kind))


def _since_nil(raw: dt.date, epoch: Epoch) -> dt.timedelta | None:
    moment = raw if isinstance(raw, dt.datetime) else dt.datetime(raw.year, raw.month, raw.day)
    if _OWN_TIME[0] <= moment.year <= _OWN_TIME[1]:
        return None
    if epoch is not Epoch.EXCEL:
        return moment - dt.datetime.fromisoformat(epoch.value)
    if moment.date() == _TWICE:
        return None
    return moment - dt.datetime(1899, 12, 31 if moment.date() < _TWICE else 30)


_OWN_TIME = (1990, 2100)
_TWICE = dt.date(1900, 2, 28)  # spreadsheets count a 29 February 1900 that never was


def _as_understood(value: float, kind: Kind) -> str:
    return f"{show_amount(value)} 万元" if kind is Kind.AMOUNT else show(kind, value)


def _plain(raw: str) -> str:
    """Text with full-width and invisible characters resolved and each run of blanks made one."""
    text = _INVISIBLE.sub("", raw).translate(_PLAIN_FORMS).strip()
    return _BLANKS.sub(lambda blank: _JOINER if blank[0] in "\u00a0\u2007\u2009\u202f" else " ", text)


def _from_year(raw: str) -> Reading:
    text = _plain(raw)
    match = _YEAR.fullmatch(text) or _YEAR.fullmatch(text.translate(_HAN_DIGITS))
    year = next(filter(None, match.groups())) if match else ""
    if not year or not _in_range(float(year), Kind.YEAR):
        return Reading(NAN, "not_numeric") if text else Reading(NAN)
    return Reading(float(year), "" if raw.strip() == year else "normalised", year)


def _from_text(raw: str, kind: Kind, unit: str) -> Reading:
    text = _plain(raw)
    if not text:
        return Reading(NAN)
    if _NOT_GIVEN.fullmatch(text) or (text in _NIL and kind not in _NIL_IS_ZERO):
        return Reading(NAN, "normalised", "未填")
    if text in _NIL:
        return Reading(0.0, "normalised", "0")
    match = _WRITTEN[kind].fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or not _well_formed(match):
        return Reading(NAN, "damaged" if _NUMBERISH.fullmatch(text) and re.search("[0-9]", text) else "not_numeric")
    value = Decimal(match["number"].replace(",", "").replace(_JOINER, ""))
    negative = match["open"] or match["sign"] in ("-", "–")
    return _scale(-value if negative and value else value, match["unit"] or match["outer"] or "", kind, unit)


def _well_formed(match: re.Match[str]) -> bool:
    """Brackets in pairs and in place of a sign; currency and unit named once."""
    signs = bool(match["open"]) == bool(match["close"]) and not (match["open"] and match["sign"])
    return signs and not (match["money"] and match["currency"]) and not (match["unit"] and match["outer"])


def _scale(value: Decimal, suffix: str, kind: Kind, unit: str) -> Reading:
    if kind is Kind.AMOUNT:
        value = value * FEN_PER[suffix or unit]
    elif suffix == "%" and kind is Kind.RATE:  # a score of 88.2% is 88.2 points of 100
        value = value / 100
    if not _in_range(value, kind) or (kind is Kind.COUNT and value != int(value)):
        return Reading(NAN, "not_numeric")
    if kind is Kind.AMOUNT:
        value = value.quantize(Decimal(1), ROUND_HALF_UP)
    return Reading(float(value), "normalised", _as_understood(float(value), kind))


def show_amount(fen: float) -> str:
    """An amount as people read it: 万元 with two decimals, up to six where they are not nil; '' for a blank."""
    if not given(fen):
        return ""
    text = f"{Decimal(round(fen)).scaleb(-6):.6f}"
    while text[-1] == "0" and text[-3] != ".":
        text = text[:-1]
    return text


def show_rounded(fen: float) -> str:
    """An amount as it is signed: 万元 in groups of three, two decimals, a half away from nil; '' for a blank."""
    if not given(fen):
        return ""
    return f"{Decimal(round(fen)).scaleb(-6).quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def show_grouped(fen: float) -> str:
    """An amount as it is printed: all its decimals, its whole 万元 in groups of three; '' for a blank."""
    return f"{Decimal(show_amount(fen)):,f}" if given(fen) else ""


def show(kind: Kind, value: object, *, finely: bool = False) -> str:
    """Any table value as people read it; '' for a blank. ``finely`` gives a rate up to six decimals, not two."""
    if not isinstance(value, float | int):
        return str(value)
    if not given(value):
        return ""
    if kind is Kind.AMOUNT:
        return show_amount(float(value))
    number = Decimal(repr(float(value)))
    if kind is Kind.RATE:
        return show_rate(number * 100, 6 if finely else 2)
    if kind is Kind.SCORE:
        places = max(2, -int(number.normalize().as_tuple().exponent))
        return f"{number:.{min(places, 6)}f}"
    return f"{number.normalize():f}"


def show_rate(hundredths: Decimal, places: int) -> str:
    """A rate as people read it: two decimals, and up to so many where they are not nil."""
    text = f"{hundredths.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"
    while text[-1] == "0" and text[-3] != ".":
        text = text[:-1]
    return f"{text}%"


def last_digit(fen: float, coarsest: float) -> float:
    """The unit of the last digit an amount is written with, in fen: 859.16 万元 is written to 10,000 fen.

    ``coarsest`` is the unit people round to at most: 0.01 万元 (10,000 fen), or 1 元 in a workbook kept in 元.
    """
    unit = 1.0
    while unit < coarsest and fen % (unit * 10) == 0:
        unit *= 10
    return unit
