"""What the engine makes of the rows that a rule finds: words, cells and fingerprints; and the answers put together."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest
from cells import good_tables

from evalxl.district.findings import Coverage, Figure, Finding, fingerprint
from evalxl.district.tables import District
from evalxl.policy.policy import Policy, load
from evalxl.rules import RULES, Rule
from evalxl.rules.engine import answered, asked, check
from evalxl.rules.rule import WARNING


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> District:
    return good_tables(tmp_path_factory.mktemp("good"), load())


Finds = Callable[..., list[Finding]]


@pytest.fixture
def finds(good: District, policy: Policy) -> Finds:
    """What the engine makes of rows that a rule finds in the good workbook."""

    def findings(message: str, *rows: dict[str, Any], at: str = "budget.final", fix: str = "") -> list[Finding]:
        found = pd.DataFrame([{"workbook": "w.xlsx", "row": 22.0} | row for row in rows])
        rule = Rule("B99", WARNING, at, message, fix, lambda _d, _p: found)
        with patch.dict(RULES, {"B99": rule}, clear=True):
            return check(good, policy).findings

    return findings


@pytest.mark.parametrize(
    ("at", "actual", "expected", "gap"),
    [
        ("budget.final", 930_450_000.0, 930_000_000.0, "多 0.45 万元"),
        ("budget.final", 930_000_000.0, 930_000_001.0, "少 0.000001 万元"),
        ("budget.final", 930_000_001.0, 930_000_000.0, "多 0.000001 万元"),
        ("projects.score", 88.2, 88.0, "多 0.20 分"),
        ("projects.rate", 0.95, 0.90, "高 5.00 个百分点"),
        ("projects.rate", 0.90, 0.95, "低 5.00 个百分点"),
        ("units.staff", 20.0, 18.0, "多 2"),
        ("budget.final", math.nan, 1.0, ""),
    ],
)
def test_how_far_apart_two_numbers_are_in_words(
    finds: Finds, at: str, actual: float, expected: float, gap: str
) -> None:
    (found,) = finds("错了{gap}", {"actual": actual, "expected": expected}, at=at)
    assert found.message.rpartition("错了")[2] == gap


@pytest.mark.parametrize(("cells", "words"), [(12, ""), (13, " 等 13 格")])
def test_at_most_twelve_cells_are_listed(finds: Finds, cells: int, words: str) -> None:
    figures = [Figure("budget", "final", float(row), "", 0.0) for row in range(5, 5 + cells)]
    (found,) = finds("错", {"operands": figures}, fix="{cells}")
    assert found.fix == "D5、D6、D7、D8、D9、D10、D11、D12、D13、D14、D15、D16" + words
    (twice,) = finds("错", {"operands": [figures[0], *figures]}, fix="{cells}")
    assert twice.fix == found.fix  # a cell that is named twice is one


def test_findings_alike_in_a_workbook_are_told_apart_by_their_number(finds: Finds) -> None:
    found = finds("错", {"key": "opening"}, {"key": "opening"}, {"key": "opening"}, {"key": "closing"})
    ids = [fingerprint("B99", "示范区文化局", key, "budget.final" + number) for key, number in
           (("opening", ""), ("opening", "#1"), ("opening", "#2"), ("closing", ""))]  # fmt: skip
    assert sorted(each.id for each in found) == sorted(ids)
    (noted,) = finds("错", {"label": "收入总计"})
    assert noted.id == fingerprint("B99", "示范区文化局", "收入总计", "budget.final")  # reading knows no key


def test_the_answers_of_single_workbooks_put_together_are_those_of_all(good: District, policy: Policy) -> None:
    letters = check(good, policy).answers["w.xlsx"]
    other = letters.replace("p", "f", 1).replace("p", "u", 1).replace("p", "n", 1)
    both = answered({"a.xlsx": ([], letters), "b.xlsx": ([], other)}, policy)
    first, second, third, *rest = both.coverage
    assert first == Coverage(first.rule, passed=1, failed=1)
    assert second == Coverage(second.rule, passed=1, not_evaluated=1)
    assert third == Coverage(third.rule, passed=1, not_applicable=1)
    assert rest == [Coverage(rule.id, passed=2) for rule in asked(policy)[3:]]
    for wrong in (letters[1:], f"{letters}p", f"x{letters[1:]}"):
        with pytest.raises(ValueError, match=r"no answer|argument"):
            answered({"a.xlsx": ([], letters), "b.xlsx": ([], wrong)}, policy)


def test_the_page_of_a_rule_is_its_docstring_by_sections() -> None:
    def breaks(_d: District, _p: Policy) -> pd.DataFrame:
        """甲须等于乙。
        理由：甲由乙而来。
        注意：丙不算，
        依据另见说明。
        依据：某文件。
        """
        return pd.DataFrame()

    page = Rule("B99", WARNING, "budget.final", "", "", breaks).page
    assert page == {"要求": "甲须等于乙。", "理由": "甲由乙而来。注意：丙不算，依据另见说明。", "依据": "某文件。"}
    assert Rule("B99", WARNING, "budget.final", "", "", lambda _d, _p: pd.DataFrame()).page == {"要求": ""}
