"""The blank workbook that a department fills in, drawn from the layout and the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from evalxl import layout
from evalxl.layout import GENERAL, INSTRUCTIONS
from evalxl.policy.policy import Policy
from evalxl.template import instructions, lists, sheets
from evalxl.template.entries import Entries
from evalxl.template.page import FormBook


def build(
    path: Path,
    policy: Policy,
    year: int | None = None,
    entries: Mapping[str, object] | None = None,
    notes: Mapping[str, str] | None = None,
    more: Callable[[FormBook], None] | None = None,
) -> None:
    """Write the fill-in workbook; ``year`` and ``entries`` fill cells in, ``notes`` become notes on cells.

    ``more`` draws sheets of its own behind those of the layout.

    Entries and notes are addressed as accountants do, sheet and cell joined by "!"; an entry of None leaves a cell
    blank, formula or not.
    """
    filled: dict[str, object] = {}
    if year is not None:
        filled[layout.template_address(GENERAL, "year")] = year
    with FormBook(
        path, f"{layout.TITLE}填报模板", policy, Entries(filled | dict(entries or {})), Entries(notes or {})
    ) as book:
        book.describe(
            f"{layout.TITLE}填报模板",
            subject=layout.TITLE,
            keywords=f"evalxl 模板 {layout.TEMPLATE_VERSION}",
            comments="由部门填报，报财政部门汇总",
        )
        for sheet in layout.SHEETS:
            if sheet is INSTRUCTIONS:
                instructions.draw(book)
            else:
                sheets.draw(book, sheet)
        if more is not None:
            more(book)
        lists.draw(book)
        book.workbook.set_custom_property(lists.VERSION_NAME, layout.TEMPLATE_VERSION, "text")
