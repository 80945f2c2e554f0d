"""Numbers as people write them: read back exactly, or refused; never guessed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalxl.layout import Kind
from evalxl.quantities import last_digit, read_number, show, show_amount

_FEN = st.integers(min_value=0, max_value=10**13)
_WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


def _grouped(text: str) -> str:
    whole, _, rest = text.partition(".")
    return f"{int(whole):,}" + ("." + rest if rest else "")


_DECORATIONS: dict[str, Callable[[str, str], str]] = {
    "plain": lambda wan, yuan: wan,
    "full-width": lambda wan, yuan: wan.translate(_WIDE),
    "grouped": lambda wan, yuan: _grouped(wan),
    "full-width grouped": lambda wan, yuan: _grouped(wan).translate(_WIDE),
    "万元": lambda wan, yuan: wan + "万元",
    "万": lambda wan, yuan: wan + " 万",
    "元": lambda wan, yuan: _grouped(yuan) + "元",
    "currency": lambda wan, yuan: "￥" + _grouped(yuan) + "元",
    "blanks": lambda wan, yuan: "\u3000" + wan + "\u00a0",
    "zero-width": lambda wan, yuan: "\ufeff" + wan[0] + "\u200b" + wan[1:],
    "plus": lambda wan, yuan: "+" + wan,
}


@given(fen=_FEN, decoration=st.sampled_from(sorted(_DECORATIONS)))
def test_any_decorated_amount_reads_back_to_the_fen(fen: int, decoration: str) -> None:
    text = _DECORATIONS[decoration](f"{Decimal(fen) / 10**6:f}", f"{Decimal(fen) / 100:.2f}")
    assert read_number(text, Kind.AMOUNT)[:2] == (fen, "normalised"), text


@given(fen=_FEN, written=st.sampled_from(["-{}", "−{}", "－{}", "({})", "（{}）", "-{}万元", "({})万元"]))
def test_any_negative_amount_reads_back_to_the_fen(fen: int, written: str) -> None:
    text = written.format(f"{Decimal(fen) / 10**6:f}")
    assert read_number(text, Kind.AMOUNT)[:2] == (-fen, "normalised"), text


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
