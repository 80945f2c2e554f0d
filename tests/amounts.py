"""What is read of a workbook's amounts after a change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from conftest import TYPED, brief, fill

from evalxl.intake import read as reading
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings

FILE = "示范区文化局.xlsx"


class Read(NamedTuple):
    """What is read of a workbook and found in it: amounts of the budget in 万元, by line and column."""

    amounts: dict[str, tuple[float, float, float]]
    findings: list[str]
    words: str
    rates: list[float]

    def final(self, key: str) -> float:
        return self.amounts[key][2]


def read_amounts(path: Path, policy: Policy) -> Read:
    sources = [(path.name, path)]
    d = reading.read(sources, policy)
    found = check_files(sources, Settings(policy)).findings
    columns = (d.budget[name] / 1e6 for name in ("initial", "revised", "final"))
    amounts = {key: values for key, *values in zip(d.budget["key"], *columns, strict=True)}
    words = "\n".join(f"{each.message} → {each.fix}" for each in found)
    return Read(
        {key: tuple(values) for key, values in amounts.items()},
        brief(found),
        words,
        d.projects["rate"].round(4).to_list(),
    )


Change = Callable[[Any], None]


@pytest.fixture
def changed(tmp_path: Path, policy: Policy) -> Callable[[Change], Read]:
    """What is read after a change that openpyxl makes; as it keeps no results, the totals are typed in first."""

    def change_and_read(change: Change) -> Read:
        path = fill(tmp_path / FILE, TYPED)
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        return read_amounts(path, policy)

    return change_and_read
