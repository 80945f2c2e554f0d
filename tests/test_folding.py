"""Folding of text: what counts as the same, and the short cuts taken for ordinary text give what the long way gives."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalxl.intake.read.cells import is_blank
from evalxl.values import folding
from evalxl.values.folding import clean, cleaned, fold, label_key, plain

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


@pytest.mark.parametrize(("key", "characters"), [(fold, "勿"), (label_key, "計计"), (label_key, "執执")])
def test_no_other_character_folds_into_one_that_headings_are_told_by(
    key: Callable[[str], str], characters: str
) -> None:
    assert [each for each in _EVERY if characters[-1] in key(each)] == list(characters)


_SAME = {
    "青少年成长中心": ["青少年成⻓中心", "⻘少年成⻓中⼼", "青 少 年\u3000成长\u00ad中心\ufeff", "青少\ufe0e年成长\u2800中心"],
    "民政局": ["⺠政局", "⺠政局\u200b", "\u3164民政局"],
    "女书店": ["\uf981书店"],
    "三公经费": ["“三公”经费", '"三公"经费', "＂三公＂经费", "「三公」经费", "『三公』经费", "〝三公〞经费", "〝三公〟经费",
                "‘三公’经费", "'三公'经费", "＇三公＇经费", "`三公´经费", "″三公″经费", "﹁三公﹂经费", "„三公‟经费", "'三公经费"],
    "买买提·艾力": ["买买提・艾力", "买买提•艾力", "买买提‧艾力", "买买提∙艾力", "买买提．艾力", "买买提.艾力", "买买提･艾力", "买买提⋅艾力"],
    "甲—乙": ["甲——乙", "甲–乙", "甲-乙", "甲－乙", "甲―乙", "甲─乙", "甲～乙", "甲~乙", "甲〜乙", "甲‑乙", "甲−乙", "甲⸺乙", "甲﹣乙", "甲--乙"],
    "（甲）": ["(甲)", "[甲]", "［甲］", "【甲】", "〔甲〕", "〖甲〗", "｛甲｝", "﹝甲﹞", "﹙甲﹚"],
    "《条例》": ["〈条例〉", "<条例>", "＜条例＞", "«条例»", "︽条例︾"],
    "二〇二三：甲": ["二○二三:甲", "二◯二三∶甲"],
}  # fmt: skip


@pytest.mark.parametrize("name", _SAME)
def test_what_people_type_one_for_another_is_the_same(name: str) -> None:
    assert {other: fold(other) for other in _SAME[name]} == dict.fromkeys(_SAME[name], fold(name))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3.5", "35"),
        ("一期", "二期"),
        ("甲（一）", "甲"),
        ("5-3", "53"),
        ("成长", "成"),
        ("未来", "末来"),
        ("甲/乙", "甲乙"),
    ],
)
def test_what_means_something_else_stays_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("text", ["≥95%~98%", "1′30″", "3·15", "~95%", "《标准》"])
def test_figures_are_read_from_marks_as_they_stand(text: str) -> None:
    assert plain(text) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("項目", "项目"), ("實際完成值", "实际完成值"), ("★項目名稱★", "项目名称"), ("年初預算數（萬元）", "年初预算数"),
        ("決算數【万元】", "决算数"), ("决算数〈万元〉", "决算数"), ("決算數《元》", "决算数"), ("〈一〉基本支出", "基本支出"),
        ("“三公”經費合計", "三公经费合计"), ("本年收入合計：", "本年收入合计"), ("偏差原因及改進措施", "偏差原因及改进措施"),
    ],
)  # fmt: skip
def test_labels_are_known_however_they_are_decorated(written: str, label: str) -> None:
    assert label_key(written) == label_key(label) == label


def test_every_radical_is_a_character() -> None:
    radicals = [each for each in _EVERY if unicodedata.name(each, "").startswith(("CJK RADICAL", "KANGXI RADICAL"))]
    assert len(radicals) == 115 + 214
    assert [each for each in radicals if fold(each) in radicals] == ["⺀"]  # Unicode holds this one equal to none
