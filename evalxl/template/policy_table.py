"""The policy as a table to be edited in Excel or WPS, with a row for every parameter and every rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evalxl.policy.cells import SEVERITIES, written
from evalxl.policy.entries import Entry, entries
from evalxl.policy.parts import Known
from evalxl.policy.policy import Policy
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Cell, Column
from evalxl.sheets.table import Placed, write_records

TITLE = "规则参数"

_HOW = (
    "只改“取值”一栏：空着的按程序默认规则，比例写 0.8 或 80%；改了的请把依据和年度一并改为本地的。"
    "表头和参数名不要改，不改的行可以删去。"
)
_COLUMNS = (
    Column("类别", "centre", of=lambda entry: entry.group),
    Column("参数", most=32, of=lambda entry: entry.name),
    Column("取值", most=30, least=30, of=lambda entry: Cell(written(entry), look="writing")),
    Column("说明", most=44, least=30, of=lambda entry: entry.sense),
    Column("依据", most=40, least=20, of=lambda entry: entry.cited.source if entry.cited else ""),
    Column("依据情况", "centre", least=12, of=lambda entry: entry.cited.known.word if entry.cited else ""),
    Column("自何年起", "year", of=lambda entry: entry.cited.since or "" if entry.cited else ""),
)


def policy_table(path: Path, policy: Policy, rules: Mapping[str, str]) -> None:
    """Write the table; ``rules`` are all rules with what they demand."""
    listed = list(entries(policy, rules))
    with Book(path, TITLE) as book:
        page = book.page(TITLE, landscape=True)
        placed = write_records(page, f"规则参数：{policy.head.name}", _COLUMNS, listed, note=_HOW, autofilter=True)
        _choices(placed, listed)


def _choices(placed: Placed, listed: list[Entry]) -> None:
    """Lists to choose from, where only some words may stand."""
    sheet, column = placed.page.sheet, placed.columns
    for at, entry in enumerate(listed, placed.first - 1):
        words = list(SEVERITIES.values()) if entry.place[0] == "severity" else []
        words = ["是", "否"] if entry.place[-1] == "weighted" else words
        if words:
            place = (at, column["取值"] - 1)
            sheet.data_validation(*place, *place, {"validate": "list", "source": words, "ignore_blank": True})
    known = column["依据情况"] - 1
    words = [each.word for each in Known]
    sheet.data_validation(placed.first - 1, known, placed.last - 1, known, {"validate": "list", "source": words})
