"""Numbers as people write them: read back exactly, or refused; never guessed."""

from __future__ import annotations

import datetime as dt
import math
import random
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from conftest import fill
from hypothesis import given, settings
from hypothesis import strategies as st

from evalxl.intake import read as reading
from evalxl.policy.policy import Policy
from evalxl.values.kinds import Kind
from evalxl.values.quantities import last_digit, plain_numbers, read_number, show, show_amount

_FEN = st.integers(min_value=0, max_value=10**13)
_WIDE = str.maketrans("0123456789.,-+()/%", "０１２３４５６７８９．，－＋（）／％")
_UNITS = {"": 10**6, "元": 100, "万元": 10**6, "万": 10**6, "亿元": 10**10, "亿": 10**10}
_ALPHABET = [*"0123456789.,，．-−–—+()（）¥￥%/ \u3000\u00a0\u200b元万亿人e①²٣约A~_", "万元", "00", ",000"]
_AROUND = ["", " ", "\u3000", "\u00a0", "\ufeff", "\u200b", "\t\n", " \u00ad "]


def _grouped(text: str, mark: str) -> str:
    whole, _, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", mark) + ("." + rest if rest else "")


@st.composite
def _amounts(draw: st.DrawFn) -> tuple[str, int]:
    """An amount of money in any composition of the supported decorations, and what it is in fen."""
    fen, unit = draw(_FEN), draw(st.sampled_from(sorted(_UNITS)))
    digits = f"{Decimal(fen) / _UNITS[unit]:f}"
    if mark := draw(st.sampled_from(["", "", ",", "\u00a0", "\u2009"])):
        digits = _grouped(digits, mark)
    currency = draw(st.sampled_from(["", "", "¥", "￥ ", "RMB ", "人民币"]))
    blank = draw(st.sampled_from(["", "", " ", "\u3000"]))
    sign = draw(st.sampled_from(["{}", "+{}", "-{}", "−{}", "- {}", "({})", "（{}）"]))
    negative = sign not in ("{}", "+{}")
    inside = draw(st.booleans())
    text = currency + sign.format(digits) if draw(st.booleans()) else sign.format(currency + digits)
    if sign[0] in "(（" and inside and text.endswith(sign[-1]):
        text = text[:-1] + blank + unit + sign[-1]
    else:
        text += blank + unit
    if draw(st.booleans()):
        text = text.translate(_WIDE)
    before, after = draw(st.sampled_from(_AROUND)), draw(st.sampled_from(_AROUND))
    return before + text + after, -fen if negative else fen


@given(_amounts())
@settings(max_examples=600, deadline=None, derandomize=True)
def test_any_decorated_amount_reads_back_to_the_fen(amount: tuple[str, int]) -> None:
    text, fen = amount
    assert read_number(text, Kind.AMOUNT)[:2] == (fen, "normalised"), text
    assert _strictly(text) == fen, f"the slow grammar of this test disagrees: {text!r}"


_NUMBERS = st.floats() | st.floats(0, 3000) | st.integers(-(10**12), 10**12).map(lambda cents: cents / 100)
_WHOLE = st.integers(-3, 2 * 10**9).map(float)
_CELLS = st.lists(
    _NUMBERS | _WHOLE | st.sampled_from([None, "", " ", "1.5", "无", 7, True, -0.0, dt.date(1900, 3, 1), dt.time(12)])
)


@given(_CELLS, st.sampled_from([kind for kind in Kind if kind.numeric]), st.sampled_from(["万元", "元"]))
@settings(max_examples=600, deadline=None, derandomize=True)
def test_what_is_read_as_a_column_is_what_is_read_cell_by_cell(cells: list[object], kind: Kind, unit: str) -> None:
    for raw, value in zip(cells, plain_numbers(cells, kind, unit), strict=True):
        one = read_number(raw, kind, unit)
        if value is None:
            assert not isinstance(raw, float) or one.note, "a plain number left to be read by itself"
        else:
            assert (repr(value), "", "") == (repr(one.value), one.note, one.shown), raw


def test_decorated_amounts_read_back_through_a_workbook(tmp_path: Path, policy: Policy) -> None:
    amounts = _some_amounts(100)
    rows = range(5, 5 + len(amounts))
    edit: dict[str, object] = {f"项目!B{row}": f"项目{row}" for row in rows}
    edit |= {f"项目!G{row}": text for row, (text, _) in zip(rows, amounts, strict=True)}
    d = reading.read([("w.xlsx", fill(tmp_path / "w.xlsx", edit))], policy)
    assert d.projects["executed"].to_list() == [fen for _, fen in amounts]
    notes = d.notes[(d.notes["kind"] == "normalised") & (d.notes["field"] == "executed")]
    assert notes["value"].to_list() == [f"{show_amount(fen)} 万元" for _, fen in amounts]


def _some_amounts(count: int) -> list[tuple[str, int]]:
    """Decorated amounts without hypothesis, the same each time."""
    rng = random.Random(1)
    found = []
    for _ in range(count):
        fen, unit = rng.randrange(10 ** rng.randrange(2, 13)), rng.choice(sorted(_UNITS))
        text = _grouped(f"{Decimal(fen) / _UNITS[unit]:f}", rng.choice(["", ",", "\u00a0"]))
        negative = rng.random() < 0.3
        text = (
            rng.choice(["-{}", "−{}", "（{}）", "({})"]).format(text)
            if negative
            else rng.choice(["{}", "¥{}"]).format(text)
        )
        text = rng.choice(_AROUND) + (text + unit).translate(_WIDE if rng.random() < 0.4 else {}) + rng.choice(_AROUND)
        found.append((text, -fen if negative else fen))
    return found


# An independent reading of the same grammar, slow and character by character: what it does not derive is no amount.

_BLANK_CHARACTERS = " \u3000\t\n\r\u00a0\u2009"
_BLANKS = ("\ue000", "\ue001")  # stand for a blank that joins groups of digits, and for any other
_UNSEEN = "\ufeff\u200b\u00ad"


def _strictly(text: str) -> int | None:
    """The fen an amount means by the strict grammar, None for anything else (and for words such as 无 and —)."""
    plain = ""
    for char in text:
        if char in _UNSEEN:
            continue
        if "！" <= char <= "～":
            char = chr(ord(char) - 0xFEE0)
        char = {"−": "-", "￥": "¥"}.get(char, char)
        if char in _BLANK_CHARACTERS:
            solid = char in "\u00a0\u2009"
            if plain[-1:] in _BLANKS:
                plain, solid = plain[:-1], False  # two blanks part numbers, whatever they are
            plain += _BLANKS[not solid]
        else:
            plain += char
    return _derive(plain.strip("".join(_BLANKS)))


def _derive(text: str) -> int | None:
    money, text = _take_currency(text)
    sign = text[:1] if text[:1] in ("+", "-", "–") else ""
    text = text[len(sign) :]
    text = text.lstrip("".join(_BLANKS)) if len(sign) else text
    outer, text = _take_unit(text) if text.endswith(tuple(filter(None, _UNITS))) else ("", text)
    if text.startswith("(") and text.endswith(")"):
        if sign:
            return None
        sign, text = "-", text[1:-1].strip("".join(_BLANKS))
        inner, text = _take_unit(text)
        if outer and inner:
            return None
        outer = outer or inner
    elif "(" in text or ")" in text:
        return None
    more, text = _take_currency(text)
    if money and more:
        return None
    number = _number(text)
    if number is None:
        return None
    fen = number * _UNITS[outer]
    fen = fen.quantize(Decimal(1), ROUND_HALF_UP)
    return None if fen > 9 * 10**15 else int(-fen if sign in ("-", "–") else fen)


def _bare(text: str) -> str:
    return text[1:] if text[:1] in _BLANKS else text


def _take_currency(text: str) -> tuple[str, str]:
    for currency in ("¥", "RMB", "CNY", "人民币"):
        if text[: len(currency)].upper() == currency:
            return currency, _bare(text[len(currency) :])
    return "", text


def _take_unit(text: str) -> tuple[str, str]:
    for unit in ("亿元", "万元", "元", "亿", "万"):
        if text.endswith(unit):
            rest = text[: -len(unit)]
            return unit, rest[:-1] if rest[-1:] in _BLANKS else rest
    return "", text[:-1] if text[-1:] in _BLANKS else text


def _number(text: str) -> Decimal | None:
    whole, dot, rest = text.partition(".")
    if (dot and not _all_digits(rest)) or not (whole or dot):
        return None
    for mark in (",", _BLANKS[0]):
        if mark in whole:
            groups = whole.split(mark)
            good = all(map(_all_digits, groups)) and 1 <= len(groups[0]) <= 3 and groups[0][0] != "0"
            return Decimal(text.replace(mark, "")) if good and {len(each) for each in groups[1:]} == {3} else None
    return Decimal(text) if not whole or _all_digits(whole) else None


def _all_digits(text: str) -> bool:
    return bool(text) and all(char in "0123456789" for char in text)


@given(
    _amounts(), st.lists(st.tuples(st.integers(0, 40), st.sampled_from("dir"), st.sampled_from(_ALPHABET)), max_size=3)
)
@settings(max_examples=1500, deadline=None, derandomize=True)
def test_near_misses_are_read_as_a_slow_strict_grammar_reads_them(
    amount: tuple[str, int], edits: list[tuple[int, str, str]]
) -> None:
    text = amount[0]
    for at, how, char in edits:
        at %= len(text) + 1
        text = text[:at] + ("" if how == "d" else char) + text[at + (how != "i") :]
    reading, strict = read_number(text, Kind.AMOUNT), _strictly(text)
    if strict is None:
        assert math.isnan(reading.value) or reading.value == 0, text
        assert reading.note in ("damaged", "not_numeric") or reading.shown in ("未填", "0") or not reading.note, text
    else:
        assert reading[:2] == (strict, "normalised"), text


@pytest.mark.parametrize("number", [859.16, 753.83, 0.0, 105.33, 1e6, 859.1599999999999, -12.5, 9947522.55])
def test_a_number_is_read_without_a_word(number: float) -> None:
    assert read_number(number, Kind.AMOUNT) == (round(number * 10**6), "", "")


@pytest.mark.parametrize(
    "text",
    ["7,00.0,77", ",867.48", "7.50.", "854万854万", "1.234,5", "12 34", "5.", "1,23", "--5", "1..2", "859.16元元"],
)
def test_a_damaged_number_is_refused(text: str) -> None:
    reading = read_number(text, Kind.AMOUNT)
    assert math.isnan(reading.value)
    assert reading.note == "damaged"


@pytest.mark.parametrize("text", ["约八百万", "≥95%", "12.5%", "待定", "859.16美元", "1e5", "=1+1", "２０万左右"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    reading = read_number(text, Kind.AMOUNT)
    assert math.isnan(reading.value)
    assert reading.note in ("not_numeric", "damaged")


@given(st.one_of(st.floats(), st.integers(), st.from_regex(r"[-(]?[0-9]{1,40}[.]?[0-9]{0,8}%?[)]?", fullmatch=True)))
def test_no_number_however_large_is_more_than_a_reading(raw: float | str) -> None:
    for kind in (Kind.AMOUNT, Kind.RATE, Kind.SCORE, Kind.COUNT, Kind.YEAR):
        assert math.isfinite(read_number(raw, kind).value) or math.isnan(read_number(raw, kind).value)


@given(st.text(max_size=12))
def test_no_text_makes_the_reader_fail_or_guess(text: str) -> None:
    for kind in (Kind.AMOUNT, Kind.RATE, Kind.SCORE, Kind.COUNT, Kind.YEAR):
        reading = read_number(text, kind)
        assert math.isnan(reading.value) or reading.note in ("normalised", "") or kind is Kind.YEAR
        assert math.isnan(reading.value) or any(
            each.isdigit() or each in "无暂零〇○一二三四五六七八九" for each in text
        )


@pytest.mark.parametrize(("raw", "unit", "fen"), [(8591600.0, "元", 859160000), ("859.16万元", "元", 859160000)])
def test_the_unit_of_the_workbook_counts_unless_the_cell_states_its_own(raw: object, unit: str, fen: int) -> None:
    assert read_number(raw, Kind.AMOUNT, unit).value == fen


@pytest.mark.parametrize(
    ("raw", "kind", "value", "note"),
    [
        ("—", Kind.AMOUNT, math.nan, "normalised"),
        ("/", Kind.AMOUNT, math.nan, "normalised"),
        ("无", Kind.AMOUNT, 0.0, "normalised"),
        ("", Kind.AMOUNT, math.nan, ""),
        ("\u3000", Kind.AMOUNT, math.nan, ""),
        (True, Kind.AMOUNT, math.nan, "not_numeric"),
        (math.inf, Kind.AMOUNT, math.nan, "not_numeric"),
        (1e300, Kind.AMOUNT, math.nan, "not_numeric"),
        (dt.date(1902, 5, 8), Kind.AMOUNT, 859_000_000.0, "normalised"),
        ("97.8%", Kind.RATE, 0.978, "normalised"),
        (3.0, Kind.RATE, 3.0, ""),
        (1e30, Kind.RATE, math.nan, "not_numeric"),
        (-3.0, Kind.COUNT, math.nan, "not_numeric"),
        (23.0, Kind.YEAR, math.nan, "not_numeric"),
        (0.978, Kind.RATE, 0.978, ""),
        (1.0, Kind.RATE, 1.0, ""),
        ("95分", Kind.SCORE, 95.0, "normalised"),
        ("满分", Kind.SCORE, math.nan, "not_numeric"),
        (3.5, Kind.COUNT, math.nan, "not_numeric"),
        ("12人", Kind.COUNT, 12.0, "normalised"),
        (2023.0, Kind.YEAR, 2023.0, ""),
        ("2023年度", Kind.YEAR, 2023.0, "normalised"),
        ("二〇二三年", Kind.YEAR, 2023.0, "normalised"),
        ("去年", Kind.YEAR, math.nan, "not_numeric"),
    ],
)
def test_what_people_write(raw: object, kind: Kind, value: float, note: str) -> None:
    reading = read_number(raw, kind)
    assert reading.value == pytest.approx(value, nan_ok=True)
    assert reading.note == note


@given(_FEN)
def test_an_amount_is_shown_to_the_fen_and_reads_back(fen: int) -> None:
    shown = show_amount(float(fen))
    assert Decimal(shown) * 10**6 == fen
    assert len(shown.partition(".")[2]) >= 2


def test_values_are_shown_as_people_read_them() -> None:
    assert show(Kind.RATE, 0.97815) == "97.82%"
    assert show(Kind.SCORE, 92.1) == "92.10"
    assert show(Kind.COUNT, 12.0) == "12"
    assert show(Kind.AMOUNT, math.nan) == ""
    assert show(Kind.TEXT, "无") == "无"


@pytest.mark.parametrize(("fen", "unit"), [(859160000, 10000), (859160012, 1), (859161200, 100), (0, 10000)])
def test_the_last_digit_an_amount_is_written_with(fen: float, unit: float) -> None:
    assert last_digit(float(fen), 10000.0) == unit
