"""How cells are written: the same figures give the same bytes, and rows are what XlsxWriter alone would write."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from departments import (  # noqa: F401 - fixtures
    HOSTILE,
    POLICY,
    Checked,
    one,
    result,
    several,
    sheet,
    summary,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.worksheet import Worksheet

from evalxl import layout
from evalxl.layout import BUDGET, template_cell
from evalxl.outputs.summary.sheet import MANY, wide_page
from evalxl.sheets import book as style
from evalxl.sheets import xlsxwriter_inside
from evalxl.sheets.book import ROW_LIMIT, Book, Page
from evalxl.sheets.rows import Formula
from evalxl.sheets.xlsxwriter_inside import PlainWorkbook
from evalxl.template import build

RUN = {
    "evalxl": "0.1.0", "template": layout.TEMPLATE_VERSION, "year": 2023, "inbox": "收件夹",
    "policy": {"name": POLICY.head.name, "sha256": POLICY.sha256},
}  # fmt: skip


def test_the_same_figures_give_the_same_bytes(one: Checked, several: Checked, tmp_path: Path) -> None:
    first, second = result(tmp_path / "a.xlsx", one), result(tmp_path / "b.xlsx", one)
    assert first.read_bytes() == second.read_bytes()
    first, second = summary(tmp_path / "c.xlsx", several), summary(tmp_path / "d.xlsx", several)
    assert first.read_bytes() == second.read_bytes()


class _TheirPage(Page):
    """What the cells are held against: XlsxWriter's own calls, in its order, and nothing of ours."""

    def block(self, first: int, columns: Sequence[style.Column]) -> None:
        if not self.sheet.constant_memory:
            super().block(first, columns)
            return
        for offset in range(len(columns[0][0])):
            values, looks = zip(*((own[offset], odd.get(offset, look)) for own, look, odd in columns), strict=True)
            self.line(first + offset, values, looks)

    def _link(self, row: int, column: int, target: str, text: str, look: Any) -> None:
        self.sheet.ignore_write_string = True  # the text stands in the cell already
        super()._link(row, column, target, text, look)
        self.sheet.ignore_write_string = False


def _by_xlsxwriter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsxwriter_inside, "RowSheet", Worksheet)
    monkeypatch.setattr(xlsxwriter_inside, "Strings", SharedStringTable)
    for name in ("_get_packager", "_store_workbook", "_prepare_format_properties"):
        monkeypatch.delattr(PlainWorkbook, name)
    monkeypatch.setattr(PlainWorkbook, "parts", [], raising=False)
    monkeypatch.setattr(style, "FastPage", _TheirPage)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {each.filename: package.read(each) for each in package.infolist()}


@pytest.mark.parametrize("many", [100_000, 0], ids=["in memory", "row by row to disk"])
def test_rows_are_xlsxwriters_own_bytes(
    one: Checked, several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("evalxl.outputs.summary.sheet.MANY", many)
    monkeypatch.setattr("evalxl.outputs.summary.sheet.HELD", many)
    ours = _parts(result(tmp_path / "a.xlsx", one)), _parts(summary(tmp_path / "b.xlsx", several))
    _by_xlsxwriter(monkeypatch)
    theirs = _parts(result(tmp_path / "c.xlsx", one)), _parts(summary(tmp_path / "d.xlsx", several))
    assert ours == theirs
    assert [list(each) for each in ours] == [list(each) for each in theirs]


def _cells(path: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """Every cell with its value or formula, its look and its link; and what columns, rows and merges there are."""
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for page in openpyxl.load_workbook(path, rich_text=False):
        heights = {row: each.height for row, each in page.row_dimensions.items()}
        widths = {letter: each.width for letter, each in page.column_dimensions.items()}
        found[page.title, ""] = heights, widths, sorted(map(str, page.merged_cells.ranges)), page.print_title_rows
        for cell in (cell for row in page.iter_rows() for cell in row):
            link = cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location)
            look = repr((cell.font, cell.fill, cell.border, cell.alignment, cell.number_format, cell.protection.locked))
            value = getattr(cell.value, "text", cell.value)  # a formula of arrays by its text
            found[page.title, cell.coordinate] = value, link, look
    return found


@pytest.mark.parametrize("many", [100_000, 0], ids=["in memory", "row by row to disk"])
def test_public_calls_alone_draw_the_same_cells(
    one: Checked, several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("evalxl.outputs.summary.sheet.MANY", many)
    files = several.d.workbooks["workbook"]
    links = {name: f"结果/{name}" for name in files}

    def draw(folder: Path) -> list[dict[tuple[str, str], tuple[object, ...]]]:
        folder.mkdir()
        build(folder / "c.xlsx", POLICY, 2023, notes={"预算!" + template_cell(BUDGET, "final", "project"): "待核对"})
        paths = [result(folder / "a.xlsx", one), summary(folder / "b.xlsx", several, links), folder / "c.xlsx"]
        return [_cells(path) for path in paths]

    fast = draw(tmp_path / "fast")
    monkeypatch.setenv("EVALXL_XLSXWRITER", "public")
    monkeypatch.setattr(PlainWorkbook, "__init__", None)
    monkeypatch.setattr(xlsxwriter_inside.RowSheet, "__init__", None)
    monkeypatch.setattr(xlsxwriter_inside.GrowingSheet, "__init__", None)
    public = draw(tmp_path / "public")
    natural = [key for key in fast[2] if not key[1]]
    for key in natural:  # XlsxWriter alone cannot make a row tall that still grows
        fast[2][key], public[2][key] = fast[2][key][1:], public[2][key][1:]
    for ours, theirs in zip(fast, public, strict=True):
        assert ours == theirs


def test_a_text_is_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "<r>a</r>"
    for way in ("fast", "public"):
        monkeypatch.setenv("EVALXL_XLSXWRITER", way)
        with Book(tmp_path / "a.xlsx", text) as book:
            book.page("表").put(1, 1, text, book.look("text"))
        assert sheet(tmp_path / "a.xlsx", "表") == [[text]]


_VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from([*HOSTILE, " a", "a ", "<&>\"'", "_x0041_", "_x00_x0041_41_", "", None]),
    st.floats(allow_infinity=False), st.integers(-(2**53), 2**53), st.booleans(),
    st.builds(Formula, st.sampled_from(["A1<2", 'IF(A1>1,"是","&")']), st.floats(-1e9, 1e9)),
)  # fmt: skip


_ROWS = st.dictionaries(st.integers(2, 40), st.lists(_VALUES, min_size=1, max_size=30), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, over=st.dictionaries(st.tuples(st.integers(1, 42), st.integers(1, 32)), _VALUES, max_size=5))
def test_any_row_is_xlsxwriters_own_bytes(
    rows: dict[int, list[object]], over: dict[tuple[int, int], object], tmp_path: Path
) -> None:
    def write(path: Path) -> dict[str, bytes]:
        with Book(path, "rows") as book:
            page = book.page("表")
            look, other = book.look("text"), book.look("amount")
            for row, values in rows.items():
                page.line(row, values, [look, other] * (len(values) // 2) + [look] * (len(values) % 2))
                page.rows(row, 10.0 + row)
            for (row, column), value in over.items():
                page.put(row, column, value, other)
        return _parts(path)

    ours = write(tmp_path / "a.xlsx")
    with pytest.MonkeyPatch.context() as monkeypatch:
        _by_xlsxwriter(monkeypatch)
        theirs = write(tmp_path / "b.xlsx")
    assert ours == theirs


def test_no_row_holds_what_a_sheet_cannot(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", "rows") as book:
        page, look = book.page("表"), book.look("text")
        with pytest.raises(ValueError, match="no such cells"):
            page.line(ROW_LIMIT + 1, ["a"], [look])
        with pytest.raises(ValueError, match="infinite"):
            page.line(1, [math.inf], [look])


def test_a_row_goes_to_disk_once(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", "rows") as book:
        page, look = wide_page(book, "表", MANY + 1), book.look("text")
        page.line(1, ["a"], [look])
        page.put(2, 1, "b", look)
        for row in (1, 2):
            with pytest.raises(ValueError, match="has been written"):
                page.line(row, ["c"], [look])
        with pytest.raises(ValueError, match="refused"):
            page.put(1, 1, "c", look)
        page.line(3, ["d"], [look])
    assert sheet(tmp_path / "a.xlsx", "表") == [["a"], ["b"], ["d"]]
