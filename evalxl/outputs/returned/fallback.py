"""The list of findings as a workbook of its own, for a sender's workbook that cannot be marked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evalxl.district.findings import Finding
from evalxl.intake.read.findings_list import TITLE
from evalxl.layout import cell
from evalxl.outputs.returned.listing import Listing, by_gravity, listing
from evalxl.sheets.book import Book, Page
from evalxl.sheets.measure import height, lines


def write_findings_workbook(
    path: Path, department: str, workbook_name: str, findings: Sequence[Finding], reason: str
) -> None:
    """Write the list of findings without the sender's sheets; the reason is said at the top.

    Places are text (工作表!单元格), for there is nothing to link to. What is written in 说明 is read back when the list
    is handed in again, even alone: it belongs to the finding, by its id, not to a workbook.
    """
    words = f"报送的工作簿“{workbook_name}”{reason}，因此只列出问题清单。"
    words += "请对照“位置”在原工作簿中改正后，连同本清单一并报回；本清单请改名，如“问题清单.xlsx”，不要与工作簿同名。"
    list_ = listing(department, by_gravity(findings), {}, first=(words,))
    with Book(path, list_.heading) as book:
        page = book.page(TITLE, landscape=True)
        _head(page, list_)
        _rows(page, list_)
        area = f"{cell(list_.header_row, 1)}:{cell(list_.header_row + len(list_.rows) + 1, len(list_.columns))}"
        page.sheet.ignore_errors({"number_stored_as_text": area})


def _head(page: Page, list_: Listing) -> None:
    look = page.book.look
    page.columns([column.width for column in list_.columns])
    across = sum(column.width for column in list_.columns if not column.hidden)
    page.merge(1, 1, list_.last_visible, list_.heading, look("title"))
    page.rows(1, 30)
    for row, line in enumerate(list_.guidance, 2):
        page.merge(row, 1, list_.last_visible, line, look("sentence"))
        page.rows(row, height(lines(line, across - 4)))
    for position, column in enumerate(list_.columns, 1):
        page.put(list_.header_row, position, column.header, look("header"))
        if column.hidden:
            page.sheet.set_column(position - 1, position - 1, column.width, None, {"hidden": True})
    page.rows(list_.header_row, 24)
    page.sheet.freeze_panes(list_.header_row, 0)
    page.sheet.repeat_rows(list_.header_row - 1)


_LOOKS = {"link": "text", "severity": "centre"}


def _rows(page: Page, list_: Listing) -> None:
    for row, (finding, values) in enumerate(zip(list_.findings, list_.rows, strict=True), list_.header_row + 1):
        tallest = 1
        for position, (column, value) in enumerate(zip(list_.columns, values, strict=True), 1):
            mark = finding.severity.value if column.look == "severity" else ""
            page.put(row, position, value, page.book.look(_LOOKS.get(column.look, column.look), mark))
            if not column.hidden and isinstance(value, str):
                tallest = max(tallest, lines(value, column.width))
        page.rows(row, height(tallest))
