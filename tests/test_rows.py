"""What single rules tell of plain values in the good workbook's tables: the boundaries of tests/rows, a few milliseconds each."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from cells import answer, good_tables, named, tables_of, told
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
    d = tables_of(good, case)
    assert told(rule, d, policy) == case["expect"], case["edge"]
    if "answer" in case:  # how far the rule could be applied, which its silence does not say
        assert answer(rule, d, policy) == case["answer"], case["edge"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2023年度自评.xlsx", ""),
        ("2022年度自评.xlsx", "文件名写的是 2022 年度"),
        ("2024年度自评.xlsx", "文件名写的是 2024 年度"),
        ("2022年度、2023年度自评.xlsx", ""),
        ("2023自评.xlsx", ""),
        ("2024自评.xlsx", ""),  # the year in which it was reported
        ("2025自评.xlsx", "文件名写的是 2025"),
        ("2022自评.xlsx", "文件名写的是 2022"),
        ("2021、2022自评.xlsx", "文件名写的是 2021"),
        ("2023年度自评2025.xlsx", ""),
        ("鹿财绩〔2021〕12号自评.xlsx", ""),
        ("2022年度/自评.xlsx", ""),
        ("自评.xlsx", ""),
    ],
)
def test_the_year_in_a_files_name(good: District, policy: Policy, name: str, words: str) -> None:
    expected = [f"基本信息!评价年度：评价年度：填的是 2023，{words}。"] if words else []
    assert told("F07", named(good, name), policy) == expected
