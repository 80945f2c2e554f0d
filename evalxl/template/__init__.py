"""The blank workbook that a department fills in, drawn from the layout and the policy."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

from evalxl import layout
from evalxl.layout import GENERAL, INSTRUCTIONS
from evalxl.policy.policy import Policy
from evalxl.sheets.strings import PlainWorkbook
from evalxl.template import instructions, lists, sheets
from evalxl.template.entries import Entries
from evalxl.template.page import Book
from evalxl.template.style import SONG, Styles

CREATED = dt.datetime(2026, 1, 1)  # the same whenever it is built, so that the same template is the same file


def options() -> dict[str, object]:
    """XlsxWriter's settings, made anew each time, for it writes into them."""
    return {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_format_properties": {"font_name": SONG, "font_size": 11},
        "default_row_height": 24,  # pixels, 18 points
        "default_column_width": 72,
    }


def build(
    path: Path,
    policy: Policy,
    year: int | None = None,
    entries: Mapping[str, object] | None = None,
    notes: Mapping[str, str] | None = None,
) -> None:
    """Write the fill-in workbook; ``year`` and ``entries`` fill cells in, ``notes`` become notes on cells.

    Entries and notes are addressed as accountants do, sheet and cell joined by "!"; an entry of None leaves a cell
    blank, formula or not.
    """
    filled: dict[str, object] = {}
    if year is not None:
        filled[f"{GENERAL.title}!{layout.template_cell(GENERAL, 'year')}"] = year
    buffer = io.BytesIO()
    _write(buffer, policy, Entries(filled | dict(entries or {})), Entries(notes or {}))
    path.write_bytes(buffer.getvalue())


def _write(buffer: io.BytesIO, policy: Policy, entries: Entries, notes: Entries) -> None:
    workbook = PlainWorkbook(buffer, options())
    book = Book(workbook, Styles(workbook), policy, entries, notes)
    for sheet in layout.SHEETS:
        if sheet is INSTRUCTIONS:
            instructions.draw(book)
        else:
            sheets.draw(book, sheet)
    lists.draw(book)
    workbook.set_properties(
        {
            "title": f"{layout.TITLE}填报模板",
            "subject": layout.TITLE,
            "keywords": f"evalxl 模板 {layout.TEMPLATE_VERSION}",
            "comments": "由部门填报，报财政部门汇总",
            "created": CREATED,
        }
    )
    workbook.set_custom_property(lists.VERSION_NAME, layout.TEMPLATE_VERSION, "text")
    workbook.close()


__all__ = ["build"]
