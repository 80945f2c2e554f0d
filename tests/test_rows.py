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


@pytest.mark.parametrize(
    ("score", "line"),
    [(0.49, ""), (0.5, "1"), (1.5, "1"), (1.51, ""), (99.29, ""), (99.3, "99.8"), (100, "99.8"), (100.2, "")],
)
def test_near_the_lines_of_other_bands(good: District, policy: Policy, score: float, line: str) -> None:
    bands = [
        {"grade": "优", "from": 99.8, "to": 100},
        {"grade": "中", "from": 1, "to": 99.8},
        {"grade": "差", "from": 0, "to": 1},
    ]
    cells = dict.fromkeys((f"项目!自评得分@{row}" for row in range(5, 9)), 50) | {"项目!自评得分@5": score}
    words = f"项目!自评得分@5 提示：公共文化服务体系建设·自评得分 {score:.2f}，离分数线 {line} 分在 0.5 分以内。"
    assert told("G06", tables_of(good, {"cells": cells}), _graded_by(bands, policy)) == ([words] if line else [])


def test_of_two_lines_that_are_near_the_nearer_is_named_and_bands_may_have_none(good: District, policy: Policy) -> None:
    d = tables_of(good, {"cells": {"项目!自评得分@5": 60.3}})
    three = [{"grade": "优", "from": 60.5, "to": 100}, {"grade": "中", "from": 60, "to": 60.5},
             {"grade": "差", "from": 0, "to": 60}]  # fmt: skip
    (found,) = told("G06", d, _graded_by(three, policy))
    assert found == "项目!自评得分@5 提示：公共文化服务体系建设·自评得分 60.30，离分数线 60.5 分在 0.5 分以内。"
    overlapping = [{"grade": "优", "from": 0, "to": 100}, {"grade": "差", "from": 0, "to": 60}]
    assert told("G06", d, _graded_by(overlapping, policy)) == []  # rule G07 tells of them


def _graded_by(bands: list[dict[str, object]], policy: Policy) -> Policy:
    own = policy.scheme.model_validate({**policy.scheme.model_dump(by_alias=True), "bands": bands})
    return policy.model_copy(update={"schemes": {policy.head.scheme: own}})
