"""What single rules tell of plain values in the good workbook's tables: the boundaries of tests/rows, a few milliseconds each."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from cells import good_tables, told, with_cells
from conftest import HERE

from evalxl.district.tables import District
from evalxl.policy.policy import Policy, load

_CASES = [
    pytest.param(rule, case, id=f"{rule}-{number}")
    for path in sorted((HERE / "rows").glob("*.toml"))
    for rule, cases in tomllib.loads(path.read_text(encoding="utf-8")).items()
    for number, case in enumerate(cases, 1)
]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> District:
    return good_tables(tmp_path_factory.mktemp("good"), load())


@pytest.mark.parametrize(("rule", "case"), _CASES)
def test_what_a_rule_tells_of_plain_values(rule: str, case: dict[str, Any], good: District, policy: Policy) -> None:
    assert told(rule, with_cells(good, case["cells"]), policy) == case["expect"], case["edge"]
