"""What is published beside the reports: a summary without what is nobody else's business, and the ledger of it all."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from evalxl.bureau.ledger import SHEET, Entry
from evalxl.outputs.summary.budget import write_budget
from evalxl.outputs.summary.departments import write_published_departments
from evalxl.outputs.summary.projects import write_published_projects
from evalxl.outputs.summary.sheet import ROOM, print_columns, signing_page
from evalxl.outputs.summary.tally import Tally
from evalxl.sheets.book import Book
from evalxl.sheets.columns import NUMBER, Cell, Column
from evalxl.sheets.table import Paper, write_records
from evalxl.store.files import LEDGER

SUMMARY = "公开汇总表.xlsx"
_NOTE = (
    "项目名称空着的一行是整份报告。只填有底色的格：是否公开填“是”或“否”，不公开的写原因；公开以后填地址和日期。"
    "填好后再运行一次，公开版随之改变，填的不会丢。"
)


class Line(NamedTuple):
    """An entry of the ledger, and what is to be looked into."""

    entry: Entry
    doubt: str = ""


def write_public_summary(path: Path, tally: Tally) -> None:
    """Write the summary that is published: departments, projects and budget, with nothing behind them.

    Projects that are left out are in no count either: beside those that are listed it would give them away.
    """
    with Book(path, f"{tally.scope}部门整体支出绩效自评结果（公开）") as book:
        write_published_departments(book, tally)
        write_published_projects(book, tally)
        write_budget(book, tally, signed=False)


def write_ledger(path: Path, scope: str, lines: Sequence[Line]) -> None:
    """Write the ledger; what the office fills in stands in cells of their own colour."""

    def writing(header: str, key: str, least: int) -> Column:
        return Column(header, least=least, most=40, of=lambda line: Cell(str(getattr(line.entry, key)), look="writing"))

    columns = [
        NUMBER, Column("部门", most=24, of=attrgetter("entry.department")),
        Column("项目名称", least=20, most=36, of=attrgetter("entry.name")),
        Column("实施单位", least=12, most=24, of=attrgetter("entry.unit")),
        Column("是否公开", least=9, of=lambda line: Cell("是" if line.entry.public else "否", look="choice")),
        writing("不公开原因", "reason", 20), writing("公开地址", "address", 24), writing("公开日期", "date", 12),
        Column("文件", most=30, of=attrgetter("entry.file")), Column("核对", least=20, most=40, of=attrgetter("doubt")),
        Column("校验值", "source", least=14, of=attrgetter("entry.sha256")),
        Column("公开的版本", "source", least=14, of=attrgetter("entry.version")),
    ]  # fmt: skip
    with Book(path, f"{scope}绩效自评{LEDGER.removesuffix('.xlsx')}") as book:
        placed = write_records(
            signing_page(book, SHEET, len(lines)), f"{scope}绩效自评公开台账", columns, lines, note=_NOTE,
            empty="没有项目", paper=Paper("核对", ROOM),
        )  # fmt: skip
        print_columns(placed)  # it is the office's own: nobody signs it
        if lines:
            at = placed.columns["是否公开"] - 1
            options = {
                "validate": "list", "source": ["是", "否"],
                "error_title": "是否公开", "error_message": "请填“是”或“否”。",
            }  # fmt: skip
            placed.page.sheet.data_validation(placed.first - 1, at, placed.last - 1, at, options)
