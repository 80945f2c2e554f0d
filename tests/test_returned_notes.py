"""The notes on the marked cells of a returned copy."""

from __future__ import annotations

import re

import pytest
from copies import RICH, book, changed, finding, parts, plain, replacing, rich

from evalxl.returned import mark

# What openpyxl cannot read is the very thing that must not be lost; parts are compared byte by byte as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")


def test_a_note_says_every_finding_of_its_cell_and_where_they_stand() -> None:
    texts = book(mark(rich(), "局", RICH))["预算"]
    assert texts["B5"].comment.text == (
        "【核对意见】\n错误 B01：本年支出合计 859.61，各项之和 859.16。\n处理：请核对。\n"
        "提醒 B01：本年支出合计 859.61，各项之和 859.16。\n处理：请核对。\n（《问题清单》第 6、11 条）\n【核对意见完】"
    )


def test_a_note_that_was_there_stays_above_ours_and_remains() -> None:
    once = mark(rich(), "局", RICH)
    assert book(once)["预算"]["B3"].comment.text.startswith("原有批注\n【核对意见】\n提示 B01：")
    assert book(once)["预算"]["B3"].comment.author == "张三"
    off = book(mark(once, "局", []))["预算"]
    assert {c.coordinate: c.comment.text for row in off.iter_rows() for c in row if c.comment} == {
        "B3": "原有批注",
        "D9": "另一条批注",
    }


def test_what_somebody_adds_to_our_note_stays() -> None:
    data = mark(plain(), "局", [finding("表!B3")])
    later = changed(data, replacing("xl/comments1.xml", ("【核对意见完】", "【核对意见完】已与财政局核对")))
    assert book(mark(later, "局", []))["表"]["B3"].comment.text == "已与财政局核对"


def test_boxes_of_notes_have_numbers_of_their_own() -> None:
    drawing = parts(mark(rich(), "局", RICH))["xl/drawings/vmlDrawing1.vml"].decode()
    numbers = re.findall(r'<v:shape id="(_x0000_s\d+)"', drawing)
    assert len(numbers) == len(set(numbers)) == 2 + 6  # one of our seven notes is below one that was there
    assert drawing.count("<v:shapetype ") == 1
    for kind in ("Row", "Column"):
        assert drawing.count(f"<x:{kind}>") == 8
