"""Folding of text: what counts as the same, and the short cuts taken for ordinary text give what the long way gives."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalxl import folding
from evalxl.folding import clean, cleaned, fold
from evalxl.read.cells import is_blank

_EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
_PIECES = [
    *" \u3000\u00a0\u200b\ufeff\t\r\n_x0041Ff\u0301\u0308éeＡａ（）［】—项计勿\ud800\x00\U0001f600",
    "_x000D_",
    "_x",
]
_TEXT = st.lists(st.sampled_from(_PIECES) | st.characters()).map("".join)


def _carefully(change: Callable[[str], str], text: str) -> str:
    with patch.object(folding, "_is_plain", lambda _: False):
        return change(text)


@pytest.mark.parametrize("change", [clean, fold])
@settings(max_examples=1000, deadline=None, derandomize=True)
@given(text=_TEXT)
def test_the_short_cut_gives_what_the_long_way_gives(change: Callable[[str], str], text: str) -> None:
    assert change(text) == _carefully(change, text)


def test_the_short_cut_holds_for_every_character_it_may_meet() -> None:
    texts = [f"{each}甲{each}" for each in _EVERY if each.isprintable()]
    for change in (clean, fold):
        short = list(map(change, texts))
        with patch.object(folding, "_is_plain", lambda _: False):
            assert short == list(map(change, texts))


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(texts=st.lists(_TEXT | st.sampled_from(["甲", " 甲", "甲 ", "", "|"]), max_size=3))
def test_texts_asked_at_once_are_cleaned_as_one_by_one(texts: list[str]) -> None:
    assert cleaned(texts) == [clean(text) for text in texts]


def test_no_letter_or_digit_is_ever_cleaned_away() -> None:
    texts = [each + end for each in _EVERY for end in ("", "x0041_", "\u0301")]
    assert [text for text in texts if is_blank(text) != (clean(text) == "")] == []


@pytest.mark.parametrize("character", ["勿", "计", "执"])
def test_no_other_character_folds_into_one_that_headings_are_told_by(character: str) -> None:
    assert [each for each in _EVERY if character in unicodedata.normalize("NFKC", each).casefold()] == [character]
