"""A returned copy that comes back: its marks come off, and nothing else does."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
from copies import ERROR, RICH, bare, book, compare, finding, grid, parts, rich, with_prefix
from openpyxl.comments import Comment

from evalxl.intake.read import findings_list as words
from evalxl.outputs.returned import mark

# What openpyxl cannot read is the very thing that must not be lost; parts are compared byte by byte as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")


@pytest.mark.parametrize("make", [rich, lambda: with_prefix(rich())], ids=["rich", "prefixed"])
def test_marking_twice_is_marking_once(make: Callable[[], bytes]) -> None:
    data = make()  # once: what zipfile writes carries the time
    once = mark(data, "局", RICH)
    assert mark(once, "局", RICH) == once
    assert mark(data, "局", RICH) == once


def test_corrected_cells_get_back_what_they_had() -> None:
    before = rich()
    some = [each for each in RICH if each.cell in ("B5", "C20")]
    after = mark(mark(before, "局", RICH), "局", some)
    compare(before, after, {"预算!B5": ERROR, "预算!C20": ERROR})
    clean = mark(after, "局", [])
    compare(before, clean, {})
    assert grid(clean)[1][0] == "没有发现问题。"


def test_marks_come_off_wherever_they_went_and_whoever_saved() -> None:
    """Saved by another program, with rows moved: styles renumbered, parts renamed."""
    data = mark(rich(), "局", RICH)
    workbook = book(data)
    sheet = workbook["预算"]
    for old, new in (("B5", "B25"), ("E6", "E26"), ("C20", "B26")):
        sheet[new].value, sheet[new]._style = 5, sheet[old]._style
        sheet[new].comment = Comment(sheet[old].comment.text, "别人")
        sheet[old].comment = None
        sheet[old].style = "Normal"
    sheet["C30"]._style = sheet["B12"]._style  # copied, without a note
    stream = io.BytesIO()
    workbook.save(stream)
    off = book(mark(stream.getvalue(), "局", []))["预算"]
    origin = book(rich())["预算"]
    assert bare(off["B25"].fill) == bare(origin["B5"].fill)
    assert bare(off["E26"].fill) == bare(origin["B5"].fill)  # the look of its column
    assert bare(off["B26"].fill) == bare(origin["A3"].fill)  # as its note's item of the list says
    assert bare(off["B12"].fill) == bare(origin["B12"].fill)
    patterns = {cell.fill.patternType for row in off.iter_rows() for cell in row}
    assert patterns == {None, "solid", "lightGray"}  # those of the sender
    assert [c.coordinate for row in off.iter_rows() for c in row if c.comment] == ["B3", "D9"]


def test_a_list_that_was_deleted_leaves_no_mark_behind() -> None:
    workbook = book(mark(rich(), "局", RICH))
    del workbook["问题清单"]
    stream = io.BytesIO()
    workbook.save(stream)
    again = mark(stream.getvalue(), "局", [finding("预算!B5")])
    sheet = book(again)["预算"]
    assert [c.coordinate for row in sheet.iter_rows() for c in row if c.fill.patternType == "lightUp"] == ["B5"]
    assert sheet["B12"].fill.fgColor.rgb == "FFFFF8DC"  # as in other cells of its look
    assert sheet["B5"].comment.text.count("【核对意见】") == 1
    assert {c.coordinate for row in sheet.iter_rows() for c in row if c.comment} == {"B3", "B5", "D9"}


def test_a_note_on_the_list_itself_goes_with_it() -> None:
    workbook = book(mark(rich(), "局", RICH))
    workbook["问题清单"]["A1"].comment = Comment("已阅", "李四")
    stream = io.BytesIO()
    workbook.save(stream)
    clean = mark(stream.getvalue(), "局", [])
    assert book(clean)["问题清单"]["A1"].comment is None
    assert book(clean)["预算"]["B3"].comment.text == "原有批注"


def test_a_fill_that_the_department_chose_itself_stays() -> None:
    workbook = book(mark(rich(), "局", RICH))
    workbook["预算"]["B12"].fill = openpyxl.styles.PatternFill("solid", fgColor="FF92D050")
    stream = io.BytesIO()
    workbook.save(stream)
    assert book(mark(stream.getvalue(), "局", []))["预算"]["B12"].fill.fgColor.rgb == "FF92D050"


@pytest.mark.parametrize(
    "text",
    [
        "<fill><patternFill patternType='solid'/></fill>",
        "<fill></fill></fills><evil/>",
        '<fill><patternFill patternType="solid"></fill>',
        '<fill><stop x="&#1;"/></fill>',
        "x" * 5000,
    ],
)
def test_a_fill_that_somebody_rewrote_is_no_fill(text: str) -> None:
    workbook = book(mark(rich(), "局", RICH))
    sheet = workbook["问题清单"]
    column = next(cell.column for cell in sheet[5] if cell.value == words.FILL)
    for row in range(6, sheet.max_row + 1):
        sheet.cell(row, column).value = text
    stream = io.BytesIO()
    workbook.save(stream)
    data = mark(stream.getvalue(), "局", [])
    assert b"evil" not in parts(data)["xl/styles.xml"]
    assert book(data)["预算"]["B5"].fill.patternType is None
