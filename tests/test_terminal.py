"""The closing table of a run in windows of any width: nothing of a name is cut off."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from rich.console import Console

from evalxl import library
from evalxl.cli import terminal

_BOOKS = [
    ("甲区农业农村局（乡村振兴局）", "甲区农业农村局.xlsx", library.Status.REFUSED),
    ("甲区应急管理局", "第一批/甲区应急管理局（定稿）.xlsx", library.Status.RETURNED),
    ("甲区司法局", "甲区司法局.xlsx", library.Status.EXPLAIN),
]


@pytest.mark.parametrize("width", range(30, 130))
@pytest.mark.parametrize(
    ("status", "grade", "errors", "least"),
    [
        (library.Status.REFUSED, "", 12, 74),
        (library.Status.EXPLAINED, "优秀", 12, 78),
        (library.Status.EXPLAINED, "非常优秀的", 123456, 86),
    ],
)
def test_nothing_is_cut_off(width: int, status: library.Status, grade: str, errors: int, least: int) -> None:
    books = [
        SimpleNamespace(department=name, workbook=file, status=own, grade=grade, errors=errors, warnings=0, infos=8)
        for name, file, own in [*_BOOKS[1:], (*_BOOKS[0][:2], status)]
    ]
    table = terminal._table(books, width)  # type: ignore[arg-type]
    assert (table is None) == (width < least)
    if table is None:
        return
    text = io.StringIO()
    Console(width=width, file=text).print(table)
    lines = text.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= width
    rows = [[cell.strip() for cell in line.split("│")] for line in lines if line[:1] == "│"]
    assert {(len(row), row[-1]) for row in rows} == {(9, "")}
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    assert columns[1] == "".join(each.department for each in books)
    assert columns[2] == "".join(each.status.word for each in books)
    assert columns[3] == "".join(each.grade or "-" for each in books)
    assert columns[4] == str(errors) * 3
    files = [each.workbook for each in books if each.workbook != f"{each.department}.xlsx"]
    assert columns[7] == "".join(files)


def test_files_that_are_called_as_their_departments_are_not_listed_again() -> None:
    books = [
        SimpleNamespace(
            department=name, workbook=f"{name}.xlsx", status=status, grade="", errors=1, warnings=0, infos=8
        )
        for name, _, status in _BOOKS
    ]
    text = io.StringIO()
    Console(width=100, file=text).print(terminal._table(books, 100))  # type: ignore[arg-type]
    assert "文件" not in text.getvalue()
    assert len(text.getvalue().splitlines()) == len(books) + 4


@pytest.mark.parametrize(("no_color", "variable"), [(True, ""), (False, "1")])
def test_without_colours_no_code_of_them_is_sent(
    no_color: bool, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", variable)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    book = SimpleNamespace(
        department="甲局",
        workbook="甲局.xlsx",
        status=library.Status.ACCEPTED,
        grade="优秀",
        errors=0,
        warnings=0,
        infos=0,
    )
    console = terminal.Terminal(quiet=False, no_color=no_color)._console()
    console.file = io.StringIO()
    console.print(terminal._table([book], 100))  # type: ignore[list-item]
    assert "甲局" in console.file.getvalue()
    assert "\x1b" not in console.file.getvalue()
    monkeypatch.delenv("NO_COLOR")
    coloured = terminal.Terminal(quiet=False, no_color=False)._console()
    assert (console.color_system, coloured.color_system) == (None, "truecolor")
