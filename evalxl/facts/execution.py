"""Execution: how much of its budget each project and department has spent, and which indicators score that."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np
import pandas as pd

from evalxl.district.tables import District, each_once, once_per_district
from evalxl.values.folding import label_key

_EXECUTION = re.compile(r"(?:预算|资金|支出)执行率|^执行率$")  # 政策执行率 and the like are results, not execution


@once_per_district
def execution_rates(d: District) -> dict[tuple[str, str], float]:
    """The execution rate by workbook and project key ('' = the whole department); NaN where it cannot be computed."""
    rates: dict[tuple[str, str], float] = {}
    for book, rows in d.by_workbook("projects").items():
        named = Counter(row["key"] for row in rows)
        single = (row for row in rows if named[row["key"]] == 1)
        rates |= {(book, row["key"]): _rate(row["executed"], row["revised"]) for row in single}
    totals = (line for line in d.rows("budget") if line["key"] == "expenditure_total")
    return rates | {(line["workbook"], ""): _rate(line["final"], line["revised"]) for line in totals}


def _rate(spent: float, budget: float) -> float:
    return spent / budget if budget > 0 else math.nan


@once_per_district
def execution_rows(d: District) -> pd.DataFrame:
    """The indicator rows that score budget execution, with the rate they must follow from."""
    levels = [each_once(_names_execution, d.indicators[level]) for level in ("level1", "level2", "level3")]
    rows = d.indicators[np.any(levels, axis=0)]
    known = execution_rates(d)
    keys = zip(rows["workbook"], rows["project_key"], strict=True)
    return rows.assign(execution=np.array([known.get(key, math.nan) for key in keys], dtype=float))


def _names_execution(level: str) -> bool:
    return ("执" in level or "執" in level) and bool(_EXECUTION.search(label_key(level)))  # no others fold into it
