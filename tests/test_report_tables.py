"""The tables of the Word reports: no number breaks, whatever it is; and no seal stands alone on a page."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import fill
from printed import content, rows, section

from evalxl.outputs.word.blocks import Block, Column, Look, Paragraph, Table
from evalxl.outputs.word.fitting import fitted
from evalxl.outputs.word.page import WIDTH

# In thousandths of the type's size, as Times New Roman and the fonts that stand in for it have them.
ADVANCES = dict.fromkeys("0123456789", 500) | {",": 250, ".": 250, "%": 833, "-": 333, "+": 564}
CELL_EDGES = 2 * 57 / 20 / 72 * 25.4  # millimetres: what the table's style keeps free on the left and on the right
LARGE = {
    "项目!E5": 123456789.12, "项目!F5": 123456789.12, "项目!G5": 123456789.12, "项目!K5": "雨季停工", "项目!L5": "加快招标",
    "指标!J6": 9.62, "指标!K6": "雨季停工", "指标!L6": "按完成比例计分",
}  # fmt: skip


def inked(text: str, points: float) -> float:
    """The millimetres of the widest number in a text."""
    numbers = re.findall(r"[+-]?\d[\d,.]*%?", text)
    return max((sum(ADVANCES[each] for each in number) for number in numbers), default=0) / 1000 * points / 72 * 25.4


def broken(table: Table) -> list[str]:
    """The texts of a table with a number that its column is too narrow for."""
    columns = zip(table.columns, zip(*table.rows, strict=True), strict=True)
    return [
        text for column, texts in columns for text in texts if inked(text, table.size) > column.width - CELL_EDGES
    ]  # fmt: skip


def tables(blocks: list[Block]) -> list[Table]:
    return [fitted(each, WIDTH) for each in blocks if isinstance(each, Table)]


def wide(*widths: float, amount: str = "123,456,789.12") -> Table:
    columns = tuple(Column(f"第{number}栏", width, "right") for number, width in enumerate(widths))
    return Table(columns, ((amount,) * len(widths),))


@pytest.mark.parametrize(
    ("table", "size"),
    [
        (wide(*[52.0] * 3), 12.0),
        (wide(*[8.0] * 4), 12.0),  # the narrow ones grow into the room that the page has
        (wide(120.0, 12.0, 12.0, 12.0), 12.0),  # or take it from a wide neighbour
        (wide(*[26.0] * 6), 10.5),
        (wide(*[22.0] * 7), 9.0),
    ],
)  # fmt: skip
def test_a_column_is_as_wide_as_its_widest_number(table: Table, size: float) -> None:
    found = fitted(table, WIDTH)
    assert found.size == size
    assert broken(found) == []
    assert sum(column.width for column in found.columns) <= WIDTH + 0.1
    assert found.rows == table.rows


def test_columns_that_have_room_keep_their_widths() -> None:
    table = wide(40.0, 60.0, 56.0, amount="93.60")
    assert fitted(table, WIDTH) == table


def test_no_number_of_a_report_breaks(tmp_path: Path) -> None:
    blocks, _ = content(fill(tmp_path / "示范区文化局.xlsx", LARGE))
    found = tables(blocks)
    assert len(found) >= 5
    assert [text for table in found for text in broken(table)] == []
    shown = {text for table in found for row in table.rows for text in row}
    assert {"123,456,789.12", "100.00%", "9.62"} <= shown


def test_projects_are_shown_with_both_budgets(tmp_path: Path) -> None:
    blocks, _ = content(fill(tmp_path / "示范区文化局.xlsx", {}))
    at = next(
        number for number, each in enumerate(blocks)
        if isinstance(each, Paragraph) and each.look is Look.CAPTION and each.text == "项目基本情况表"
    )  # fmt: skip
    head, first, *_ = rows(blocks[at : at + 3])
    shown = dict(zip(head, first, strict=True))
    (conclusion,) = [each for each in section(blocks, "评价结论") if isinstance(each, Table)]
    assert head[:5] == ("项目名称", "项目编码", "实施单位", "年初预算数", "全年预算数")
    assert shown["全年预算数"] == conclusion.rows[0][2]


def test_the_seal_stays_with_the_text_above_it() -> None:
    document = pytest.importorskip("docx", reason="python-docx is not installed")
    from evalxl.outputs.word.document import render

    blocks = [Paragraph("前文"), Paragraph("末段"), Paragraph("", Look.CLOSING), Paragraph("（盖章）", Look.CLOSING)]
    read = document.Document(io.BytesIO(render("题目", blocks)))
    assert [_kept(each) for each in read.paragraphs[:2]] == [None, True]
    closing = next(each for each in read.styles if each.style_id == "Closing")
    assert closing.paragraph_format.keep_with_next is True


def _kept(paragraph: Any) -> bool | None:
    kept: bool | None = paragraph.paragraph_format.keep_with_next
    return kept
