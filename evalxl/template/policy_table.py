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
    value, known = placed.columns["取值"], placed.columns["依据情况"]
    levels = [at for at, entry in enumerate(listed, placed.first) if entry.place[0] == "severity"]
    by_risk = [at for at, entry in enumerate(listed, placed.first) if entry.place[-1] == "weighted"]
    for column, rows, words in (
        (value, levels, list(SEVERITIES.values())),
        (value, by_risk, ["是", "否"]),
        (known, [placed.first, placed.last], [each.word for each in Known]),
    ):
        place = (rows[0] - 1, column - 1, rows[-1] - 1, column - 1)
        placed.page.sheet.data_validation(*place, {"validate": "list", "source": words})
