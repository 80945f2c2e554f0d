"""The closing table of a run in windows of any width: nothing of a name is cut off."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from evalxl import library
from evalxl.cli import terminal

_BOOKS = [
    ("甲区农业农村局（乡村振兴局）", "甲区农业农村局.xlsx", library.Status.REFUSED),
    ("甲区应急管理局", "第一批/甲区应急管理局（定稿）.xlsx", library.Status.RETURNED),
    ("甲区司法局", "甲区司法局.xlsx", library.Status.EXPLAIN),
]


@pytest.mark.parametrize("width", range(terminal._BESIDE_NAMES + terminal._LEAST_NAMES, 130))
def test_no_name_is_cut_off(width: int) -> None:
    books = [
        SimpleNamespace(department=name, workbook=file, status=status, grade="", errors=12, warnings=0, infos=8)
        for name, file, status in _BOOKS
    ]
    text = io.StringIO()
    Console(width=width, file=text).print(terminal._table(books, width - terminal._BESIDE_NAMES))  # type: ignore[arg-type]
    rows = [[cell.strip() for cell in line.split("│")] for line in text.getvalue().splitlines() if line[:1] == "│"]
    assert {len(row) for row in rows} == {9}
    assert "".join(row[1] for row in rows) == "".join(name for name, *_ in _BOOKS)
    assert "".join(row[7] for row in rows) == "".join(file for name, file, _ in _BOOKS if file != f"{name}.xlsx")


def test_files_that_are_called_as_their_departments_are_not_listed_again() -> None:
    books = [
        SimpleNamespace(
            department=name, workbook=f"{name}.xlsx", status=status, grade="", errors=1, warnings=0, infos=8
        )
        for name, _, status in _BOOKS
    ]
    text = io.StringIO()
    Console(width=100, file=text).print(terminal._table(books, 100 - terminal._BESIDE_NAMES))  # type: ignore[arg-type]
    assert "文件" not in text.getvalue()
    assert len(text.getvalue().splitlines()) == len(books) + 4
