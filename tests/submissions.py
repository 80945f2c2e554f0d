"""Workbooks as they are sent, after a change that somebody made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import TYPED, fill
from structures import FILE, After

from evalxl.policy.policy import Policy

Change = Callable[[Any], None]


ChangeAndCheck = Callable[[Change], After]


@pytest.fixture
def after(tmp_path: Path, policy: Policy) -> ChangeAndCheck:
    def change_and_check(change: Change) -> After:
        path = fill(tmp_path / FILE, TYPED)
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        return After(path, policy)

    return change_and_check


def put(sheet: str, values: dict[str, object], *merges: str) -> Change:
    """Type values into cells of a sheet, and merge some."""

    def change(book: Any) -> None:
        for cell, value in values.items():
            book[sheet][cell] = value
        for merge in merges:
            book[sheet].merge_cells(merge)

    return change
