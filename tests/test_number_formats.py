"""Number formats: what a cell shows of the number in it, and what is read of that."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evalxl.values.kinds import Kind
from evalxl.values.number_formats import Doubt, Look, is_telling, look_of
from evalxl.values.quantities import Formatted, read_number

FEN = 1_000_000  # of 1 万元


@pytest.mark.parametrize(
    ("code", "seen", "wan"),
    [
        ('0!.0,"万元"', "60.0万元", 60),  # WPS's own
        ("0!.0,", "60.0", 60),
        ("0\\.0,", "60.0", 60),
        ('0"."0,"万"', "60.0万", 60),
        ("0!.0000", "60.0000", 60),
        ('#!.0000"万元"', "60.0000万元", 60),
        ("#,##0!.0000", "60.0000", 60),
        ('#,##0,"千元"', "600千元", 60),
        ('0.00,,"百万元"', "0.60百万元", 60),
        ('0!.00,,"亿元"', "0.01亿元", 60),
        ('0"元"', "600000元", 60),
        ('#,##0.00\\ "元"', "600000.00元", 60),
        ('"人民币"0.00"元整"', "人民币600000.00元整", 60),
        ("[>10000]0!.0,\"万元\";0\"元\"", "60.0万元", 60),
        ('[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', "60.0万", 60),
        ("0.00,,\n%", "60.00", 60),  # the sign stands on a second line that nobody sees
        ('0\\!.0,"万元"', "60.0万元", 60),  # as LibreOffice writes WPS's
        ('[DBNum2][$-804]General"元整"', "600000元整", 60),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_its_cell_shows_it(code: str, seen: str, wan: float) -> None:
    cell = Formatted(600_000.0, code)
    assert is_telling(code)
    assert cell.seen == seen
    assert read_number(cell, Kind.AMOUNT) == (wan * FEN, "normalised", f"{wan:.2f} 万元")


def test_what_is_shown_rounded_is_read_exactly() -> None:
    assert read_number(Formatted(600_123.0, '0!.0,"万元"'), Kind.AMOUNT) == (60_012_300, "normalised", "60.0123 万元")
    assert Formatted(600_123.0, '0!.0,"万元"').seen == "60.0万元"


@pytest.mark.parametrize(
    ("code", "doubt"),
    [
        ("0.00%", Doubt.PERCENT),
        ("0%", Doubt.PERCENT),
        ("#,##0,", Doubt.SCALED),  # thousands, in a column of 万元?
        ("0.00,,", Doubt.SCALED),
        (";;;", Doubt.HIDDEN),
        ('"保密"', Doubt.HIDDEN),
        ('0"0000"', Doubt.DIGITS),
        ('0"亿"0000"万"', Doubt.DIGITS),
        ("[$$-409]#,##0.00", Doubt.CURRENCY),
        ('"$"#,##0.00', Doubt.CURRENCY),
        ("[$€-2] #,##0.00", Doubt.CURRENCY),
        ('0.00"美元"', Doubt.CURRENCY),
        ('0.00"元/人"', Doubt.UNIT),
        ('0,"十亿元"', Doubt.UNIT),
    ],
)
def test_what_cannot_be_told_is_a_blank_with_a_reason(code: str, doubt: Doubt) -> None:
    reading = read_number(Formatted(600_000.0, code), Kind.AMOUNT)
    assert math.isnan(reading.value)
    assert reading[1:] == ("shown_otherwise", doubt.value)


@pytest.mark.parametrize(
    "code",
    [
        "General", "0.00_ ", "#,##0.00", "¥#,##0.00", '"￥"#,##0.00;"￥"\\-#,##0.00', "[$¥-804]#,##0.00", "[$CNY] 0.00",
        '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
        "0.00_);[Red]\\(0.00\\)", "[红色]0.0", "0.00;-0.00;", '0;-0;"无"', "# ##0.00", "0.00E+00", "# ?/?", "@",
        'yyyy"年"m"月"d"日"', "[h]:mm:ss", "G/通用格式", '0.00"万元"', 'General"万元"', "[DBNum1]General", '0.0,"K"',
        "0.00;0!.0,\"万元\"",  # of negative amounts only
    ],
)  # fmt: skip
def test_an_honest_format_changes_nothing(code: str) -> None:
    for number in (60.0, 0.0, 930.16):
        assert read_number(Formatted(number, code), Kind.AMOUNT) == read_number(number, Kind.AMOUNT)


def test_a_unit_that_agrees_with_the_columns_is_not_worth_a_word() -> None:
    assert read_number(Formatted(600_000.0, '0"元"'), Kind.AMOUNT, "元") == (60 * FEN, "", "")
    assert read_number(Formatted(600_000.0, '0!.0,"万元"'), Kind.AMOUNT, "元") == (60 * FEN, "", "")


def test_a_scale_without_a_unit_in_a_column_of_yuan_is_in_doubt() -> None:
    assert read_number(Formatted(600_000.0, "0!.0,"), Kind.AMOUNT, "元").note == "shown_otherwise"


@pytest.mark.parametrize(
    ("number", "look"),
    [(20_000.0, Look(4, "万元", 1, "", "万元")), (9_000.0, Look(0, "元", None, "", "元")), (-5.0, Look(0, "元", None, "", "元"))],
)  # fmt: skip
def test_the_section_that_holds_for_a_number_is_taken(number: float, look: Look) -> None:
    assert look_of('[>10000]0!.0,"万元";0"元"', number) == look


def test_scores_and_counts_may_have_their_words_but_no_scale() -> None:
    assert read_number(Formatted(95.0, '0.00"分"'), Kind.SCORE) == (95, "", "")
    assert read_number(Formatted(28.0, '0"人"'), Kind.COUNT) == (28, "", "")
    assert read_number(Formatted(28_000.0, "0,"), Kind.COUNT).note == "shown_otherwise"


_PIECES = [
    "0",
    "#",
    "?",
    ".",
    ",",
    ";",
    "!",
    "\\",
    '"',
    "万元",
    "元",
    "%",
    "[",
    "]",
    "[>100]",
    "$",
    "E+",
    "_",
    "*",
    "General",
    "y",
    "\n",
    "@",
]


@settings(max_examples=500, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join), st.floats(-1e12, 1e12))
@example('"', 1.0)
@example("[", -1.0)
def test_whatever_is_written_as_a_format_is_read_or_doubted(code: str, number: float) -> None:
    reading = read_number(Formatted(number, code), Kind.AMOUNT)
    assert reading.note in ("", "normalised", "shown_otherwise", "not_numeric")
    assert (reading.value != reading.value) == (reading.note in ("shown_otherwise", "not_numeric"))
    if not is_telling(code):
        assert reading == read_number(number, Kind.AMOUNT)
