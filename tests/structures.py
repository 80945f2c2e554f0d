"""A workbook after a change to its structure, and what is found in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import TYPED, brief, fill

from evalxl.district.findings import Finding
from evalxl.district.tables import District
from evalxl.intake import read as reading
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings

Change = Callable[[Any], None]


FILE = "示范区文化局.xlsx"


class After:
    """The good workbook after a change: what is read, every finding, and the words of each."""

    def __init__(self, path: Path, policy: Policy) -> None:
        sources = [(FILE, path)]
        self.d: District = reading.read(sources, policy)
        self.all: list[Finding] = check_files(sources, Settings(policy)).findings

    @property
    def findings(self) -> list[str]:
        return brief(self.all)

    @property
    def words(self) -> str:
        return "\n".join(f"{each.message}{each.fix}" for each in self.all)

    def final(self, line: str) -> float:
        return float(self.d.budget[self.d.budget["key"] == line]["final"].iloc[0])


@pytest.fixture
def after(tmp_path: Path, policy: Policy) -> Callable[[Change], After]:
    """Change the good workbook as a person would; openpyxl keeps no results, so its totals are typed in first."""

    def change_and_check(change: Change) -> After:
        path = fill(tmp_path / FILE, TYPED)
        book = openpyxl.load_workbook(path, rich_text=True)
        change(book)
        book.save(path)
        return After(path, policy)

    return change_and_check


ChangeAndCheck = Callable[[Change], After]


def put(*cells: tuple[str, str, object]) -> Change:
    def change(book: Any) -> None:
        for sheet, address, value in cells:
            book[sheet][address] = value

    return change
