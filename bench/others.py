"""What evalxl is measured against: the floor nothing written in Python goes below, and what one would write today."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from python_calamine import CalamineWorkbook

from evalxl import layout

Grid = list[list[Any]]


class Sheet(NamedTuple):
    """A result's sheet as the floor writes it again: its cells, each with the number of its format."""

    title: str
    cells: list[tuple[int, int, Any, int]]


def raw_read(paths: Sequence[Path]) -> int:
    """The sheets that evalxl reads, to lists of plain values, with nothing done to them; gives the rows read."""
    titles = [sheet.title for sheet in layout.DATA_SHEETS]
    rows = 0
    for path in paths:
        with CalamineWorkbook.from_path(path) as book:
            rows += sum(len(book.get_sheet_by_name(title).to_python(skip_empty_area=False)) for title in titles)
    return rows


def result_cells(path: Path) -> list[Sheet]:
    """The cells of a result workbook that evalxl wrote, to be written again by the floor."""
    book = load_workbook(path, rich_text=False)
    return [
        Sheet(each.title, [(cell.row - 1, cell.column - 1, cell.value, cell.style_id)
                           for row in each.iter_rows() for cell in row if cell.value is not None])
        for each in book.worksheets
    ]  # fmt: skip


def write_again(sheets: Sequence[Sheet], path: Path) -> None:
    """XlsxWriter in memory with typed calls: the same cells with as many formats, and nothing else."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        formats: dict[int, Any] = {}
        for sheet in sheets:
            page = book.add_worksheet(sheet.title)
            for row, column, value, style in sheet.cells:
                if style not in formats:
                    formats[style] = book.add_format({"border": 1, "num_format": "#,##0.00", "indent": style % 15})
                if isinstance(value, int | float):
                    page.write_number(row, column, value, formats[style])
                else:
                    page.write_string(row, column, str(value), formats[style])
    path.write_bytes(buffer.getvalue())


def naive(paths: Sequence[Path], outbox: Path) -> int:
    """The script one would write today: every file through pandas, some checks, a result each and a summary."""
    outbox.mkdir(parents=True, exist_ok=True)
    summary, wrong = [], []
    for path in paths:
        sheets = pd.read_excel(path, sheet_name=None, header=None)
        budget = sheets["预算"].set_index(0)
        projects = sheets["项目"].iloc[4:].dropna(subset=[1])
        indicators = sheets["指标"].iloc[4:].dropna(subset=[3])
        found = _naive_checks(budget, projects, indicators)
        with pd.ExcelWriter(outbox / path.name) as writer:
            for title in ("单位", "预算", "项目", "指标", "评价组", "文字说明"):
                sheets[title].to_excel(writer, sheet_name=title, index=False, header=False)
            found.to_excel(writer, sheet_name="问题", index=False)
        wrong.append(found.assign(workbook=path.name))
        summary.append((path.name, sheets["基本信息"].iloc[4, 1], len(found)))
    with pd.ExcelWriter(outbox / "汇总表.xlsx") as writer:
        pd.DataFrame(summary, columns=["文件", "部门", "问题"]).to_excel(writer, sheet_name="部门", index=False)
        pd.concat(wrong).to_excel(writer, sheet_name="问题", index=False)
    return sum(map(len, wrong))


def _line(index: object) -> str:
    return f"第 {int(str(index)) + 1} 行"


def _naive_checks(budget: pd.DataFrame, projects: pd.DataFrame, indicators: pd.DataFrame) -> pd.DataFrame:
    found: list[tuple[str, object, object]] = []
    amounts = budget.apply(pd.to_numeric, errors="coerce")
    gap = amounts.loc["本年支出合计", 3] - amounts.loc[["基本支出", "项目支出"], 3].sum()
    if abs(gap) > 0.01:
        found.append(("预算", "本年支出合计", gap))
    for title, table, column in (("项目", projects, 6), ("项目", projects, 8), ("指标", indicators, 8)):
        numbers = pd.to_numeric(table[column], errors="coerce")
        found += [(title, _line(row), value) for row, value in table[column][numbers.isna()].items()]
        found += [(title, _line(row), value) for row, value in numbers[numbers < 0].items()]
    high = pd.to_numeric(projects[8], errors="coerce") > 100
    found += [("项目", _line(row), value) for row, value in projects[8][high].items()]
    given = pd.to_numeric(indicators[8], errors="coerce").groupby(indicators[0]).sum()
    found += [("指标", project, total) for project, total in given.items() if total != 100]
    return pd.DataFrame(found, columns=["表", "位置", "值"])


def annotate(path: Path, cells: Sequence[tuple[str, str]], target: Path) -> None:
    """Openpyxl: load, fill and comment the flagged cells, save."""
    book = load_workbook(path)
    fill = PatternFill("solid", fgColor="FFC7CE")
    for title, cell in cells:
        book[title][cell].fill = fill
        book[title][cell].comment = Comment("核对发现的问题", "evalxl")
    book.save(target)


def burn(times: int) -> int:
    """Plain arithmetic, to see what two processes are worth on this machine at this moment."""
    total = 0
    for number in range(times):
        total += number * number % 7
    return total


def children_peak() -> Callable[[], float]:
    """A look at the largest memory (MB) any process below this one has held so far; NaN where /proc is not."""
    highest = [float("nan")]

    def look() -> float:
        for pid in _below(os.getpid()):
            now = _peak(pid)
            if not highest[0] >= now:
                highest[0] = now
        return highest[0]

    return look


def _below(pid: int) -> list[int]:
    try:
        children = [
            int(each)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for each in (task / "children").read_text().split()
        ]
    except OSError:
        return []
    return children + [each for child in children for each in _below(child)]


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return float("nan")


def own_peak() -> float:
    """The largest memory (MB) this process has held; NaN where /proc is not."""
    return _peak(os.getpid())
