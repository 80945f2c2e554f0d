"""Amounts out of all proportion (B08) at their boundaries: just below, at and just above."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from cells import broken, good_tables, named, with_cells

from evalxl import layout
from evalxl.district.tables import Bureau, District, concat
from evalxl.policy.policy import Policy, load
from evalxl.values.quantities import show_amount

SLIP = "疑为元与万元混用"
_LABELS = {line.key: line.label for line in layout.BUDGET.lines}
_COLUMNS = ("年初预算数", "全年预算数", "决算数")
_SPENT = "预算!决算数@本年支出合计"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> District:
    return good_tables(tmp_path_factory.mktemp("good"), load())


def _b08(d: District, policy: Policy) -> list[tuple[str, ...]]:
    return broken("B08", d, policy, "found")


BUYING = "政府采购支出"


@pytest.mark.parametrize(
    ("initial", "revised", "final", "found"),
    [
        (0.0606, 0.06, 606, (f"预算!决算数@{BUYING}", "606.00，年初预算数 0.0606，两者相差约一万倍，疑为元与万元混用")),
        (0.0606, 0.0606, 612, (f"预算!决算数@{BUYING}", "612.00，年初预算数 0.0606，两者相差约一万倍，疑为元与万元混用")),
        (0.05, 0.05, 504.9, (f"预算!决算数@{BUYING}", "504.90，年初预算数 0.05，两者相差约一万倍，疑为元与万元混用")),
        (0.05, 0.05, 505.1, None),
        (0.05, 0.05, 495.1, (f"预算!决算数@{BUYING}", "495.10，年初预算数 0.05，两者相差约一万倍，疑为元与万元混用")),
        (0.05, 0.05, 494.9, None),
        (80, 0.5, 504.9, (f"预算!决算数@{BUYING}", "504.90，全年预算数 0.50，两者相差约一千倍（疑为千元与元混用，或小数点错位）")),
        (80, 0.5, 505.1, None),
        (0.5, 80, 500, None),
        (0, 0, 60, None),
        (0.000001, 0.000001, 0.01, (f"预算!决算数@{BUYING}", "0.01，年初预算数 0.000001，两者相差约一万倍，疑为元与万元混用")),
    ],
)  # fmt: skip
def test_two_columns_of_a_line(
    good: District, policy: Policy, initial: float, revised: float, final: float, found: tuple[str, str] | None
) -> None:
    cells = {f"预算!年初预算数@{BUYING}": initial, f"预算!全年预算数@{BUYING}": revised, f"预算!决算数@{BUYING}": final}
    assert _b08(with_cells(good, cells), policy) == ([found] if found else [])


@pytest.mark.parametrize(
    ("times", "told"), [(10_000, True), (10_099, True), (10_101, False), (9_901, True), (9_899, False)]
)
def test_projects_in_another_unit(good: District, policy: Policy, times: int, *, told: bool) -> None:
    spent: dict[str, object] = {f"项目!{column}@{row}": "空" for column in _COLUMNS[:2] for row in (5, 6, 7, 8)}
    spent |= {
        "项目!全年执行数@5": 0.01,
        "项目!全年执行数@6": 0.005,
        "项目!全年执行数@7": 0.004,
        "项目!全年执行数@8": "空",
    }
    d = with_cells(good, {**spent, "预算!决算数@项目支出": 0.019 * times})
    words = f"{show_amount(19_000.0 * times)}，《项目》表全年执行数之和 0.019，两者相差约一万倍，疑为元与万元混用"
    assert _b08(d, policy) == ([("预算!决算数@项目支出", words)] if told else [])


def test_no_project_with_an_amount_tells_nothing_of_the_unit(good: District, policy: Policy) -> None:
    spent = {f"项目!全年执行数@{row}": "空" for row in (5, 6, 7, 8)}
    assert _b08(with_cells(good, {**spent, "预算!决算数@项目支出": 0.01}), policy) == []


def _departments(good: District, *spent: object) -> District:
    """So many departments, each with its year's expenditure and nothing else that would tell of a unit."""
    others: dict[str, object] = {
        f"预算!{column}@{line}": 0 for line in ("政府采购支出", "三公经费合计") for column in _COLUMNS
    }
    others |= {f"预算!{column}@本年支出合计": "空" for column in _COLUMNS[:2]}
    others |= {"预算!决算数@其中：人员经费": "空", "预算!决算数@项目支出": "空"}
    return concat(
        named(with_cells(good, {**others, "预算!决算数@本年支出合计": each}), f"{at}.xlsx")
        for at, each in enumerate(spent)
    )


def test_departments_beside_the_middle_of_the_batch(good: District, policy: Policy) -> None:
    assert (
        _b08(_departments(good, 30_000, 30, 0.03), policy) == []
    )  # a thousand times is not more than a thousand times
    found = _b08(_departments(good, 30_000.01, 30, 0.029), policy)
    assert found == [
        (_SPENT, f"30000.01，超过本批各部门中位数 30.00 的 1000 倍，{SLIP}"),
        (_SPENT, f"0.029，不到本批各部门中位数 30.00 的 1000 分之一，{SLIP}"),
    ]


def test_fewer_than_three_departments_that_spent_anything_prove_nothing(good: District, policy: Policy) -> None:
    assert _b08(_departments(good, 99_999, 30), policy) == []
    assert _b08(_departments(good, 99_999, 30, "空"), policy) == []
    assert _b08(_departments(good, 99_999, 30, 0), policy) == []
    assert _b08(_departments(good, 99_999, 30, -1), policy) == []
    (found,) = _b08(_departments(good, 99_999, 30, 0.000001, 30), policy)[:1]
    assert found == (_SPENT, f"99999.00，超过本批各部门中位数 30.00 的 1000 倍，{SLIP}")


def _in_yuan(d: District, workbook: str) -> District:
    note: dict[object, object] = dict.fromkeys(d.notes.columns, "") | {
        "workbook": workbook,
        "kind": "unit_yuan",
        "row": 10.0,
    }
    return replace(d, notes=pd.concat([d.notes, pd.DataFrame([note])], ignore_index=True))


@pytest.mark.parametrize(
    ("spent", "told"), [(9.999999, True), (10, False), (0.000001, True), (0, False), ("空", False)]
)
def test_a_year_in_yuan_that_comes_to_next_to_nothing(
    good: District, policy: Policy, spent: object, *, told: bool
) -> None:
    d = _in_yuan(_departments(good, spent), "0.xlsx")
    words = {
        9.999999: "填的是 99999.99 元，折合只有 9.999999 万元，全年支出不到 10 万元",
        0.000001: "填的是 0.01 元，折合只有 0.000001 万元，全年支出不到 10 万元",
    }
    assert _b08(d, policy) == ([(_SPENT, f"{words[float(str(spent))]}，{SLIP}")] if told else [])


def test_what_is_small_because_it_is_in_yuan_is_told_once(good: District, policy: Policy) -> None:
    d = _in_yuan(_departments(good, 0.01, 30, 30, 30_000.01), "0.xlsx")
    assert _b08(d, policy) == [
        (_SPENT, f"填的是 100.00 元，折合只有 0.01 万元，全年支出不到 10 万元，{SLIP}"),
        (_SPENT, f"30000.01，超过本批各部门中位数 30.00 的 1000 倍，{SLIP}"),
    ]


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(930.01, 930, True), (930, 930, False), (0.02, 0.000001, True), (5, 0, False), (5, "空", False)],
)
def test_a_part_beside_its_whole(good: District, policy: Policy, part: float, whole: object, *, told: bool) -> None:
    d = with_cells(_departments(good, whole), {f"预算!决算数@{BUYING}": part})
    shown = "0.000001" if whole == 0.000001 else f"{whole}.00"
    words = f"{part:.2f}，大于本年支出合计 {shown}，部分不会大于总额，疑为金额单位不同"
    assert _b08(d, policy) == ([(f"预算!决算数@{BUYING}", words)] if told else [])


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (0.01, 50, True),
        (0.01, 49.99, False),
        (0.01, 200, True),
        (0.01, 200.01, False),
        (0.009999, 60, False),
        (60, 0.009999, False),
        (60, 0.01, True),
        (600, 600, False),
        ("空", 60, False),
        (60, "空", False),
    ],
)
def test_a_line_beside_last_year(good: District, policy: Policy, before: object, now: object, *, told: bool) -> None:
    nothing = {f"预算!决算数@{line}": "空" for line in good.budget["key"].map(_LABELS)}
    line = "预算!决算数@公务接待费"
    last = with_cells(good, {**nothing, line: before})
    d = replace(with_cells(good, {**nothing, line: now}), bureau=Bureau(last_year=last))
    shown = [
        f"{each:.2f}" if each != 0.009999 else "0.009999" for each in (now, before) if isinstance(each, int | float)
    ]
    words = f"{shown[0]}，上年 {shown[-1]}，两者相差约一万倍，{SLIP}"
    assert _b08(d, policy) == ([(line, words)] if told else [])


def test_of_a_year_in_another_unit_the_first_line_is_told(good: District, policy: Policy) -> None:
    cells = {f"预算!决算数@{line}": 0.01 for line in ("公务接待费", "公务用车运行维护费")}
    last = with_cells(good, dict.fromkeys(cells, 100))
    d = replace(with_cells(good, cells), bureau=Bureau(last_year=last))
    words = f"0.01，上年 100.00，两者相差约一万倍，{SLIP}"
    assert _b08(d, policy) == [("预算!决算数@公务用车运行维护费", words)]


@pytest.mark.parametrize(
    ("heads", "paid", "told"),
    [
        (2, 20_000, ""),
        (2, 20_000.01, "20000.01，按在职 2 人平均每人 10000 万元"),
        (1, 10_000.01, "10000.01，按在职 1 人平均每人 10000 万元"),
        (2, 0.02, ""),
        (2, 0.019, "0.019，按在职 2 人平均每人 0.0095 万元"),
        (1, 0.000001, "0.000001，按在职 1 人平均每人 1e-06 万元"),
        (2, 0, ""),
        (0, 20_000.01, ""),
        ("空", 20_000.01, ""),
        (2, "空", ""),
    ],
)
def test_the_cost_of_staff_for_each_of_them(
    good: District, policy: Policy, heads: object, paid: object, told: str
) -> None:
    whole = {f"预算!{column}@{line}": "空" for column in _COLUMNS for line in ("本年支出合计", "其中：人员经费")}
    d = with_cells(
        good, {**whole, "预算!决算数@其中：人员经费": paid, "单位!在职人数@5": heads, "单位!在职人数@6": "空"}
    )
    words = f"{told}，不合常理，疑为金额单位填错"
    assert _b08(d, policy) == ([("预算!决算数@其中：人员经费", words)] if told else [])


def test_staff_of_all_units_counts(good: District, policy: Policy) -> None:
    whole = {f"预算!{column}@{line}": "空" for column in _COLUMNS for line in ("本年支出合计", "其中：人员经费")}
    d = with_cells(good, {**whole, "预算!决算数@其中：人员经费": 20_000.01, "单位!在职人数@5": 1, "单位!在职人数@6": 2})
    assert _b08(d, policy) == []
