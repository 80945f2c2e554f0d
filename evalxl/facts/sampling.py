"""The sampling list: which projects of each department the bureau rechecks, drawn by lot and drawn again the same.

After the public practice of a 15 % random draw per department, at least one.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping

import pandas as pd

from evalxl.district.findings import Finding, Severity
from evalxl.district.sample import Drawn, Sample
from evalxl.district.tables import District
from evalxl.policy.policy import Policy
from evalxl.values.folding import name_key

_WEIGHTS = {Severity.ERROR: 2, Severity.WARNING: 1}
_LOTS = float(1 << 52)


def draw(d: District, policy: Policy, risk: Mapping[tuple[str, float], int] | None = None) -> pd.DataFrame:
    """The projects drawn, as rows of the projects table in its order.

    Each project gets a lot from the seed, its department, its unit and its name, and from which of them it is where
    several go by one name; the smallest lots of a department are drawn. So a draw depends neither on the order of files
    nor on the rows that projects stand in, nor on what other departments report. ``risk`` gives each project, by
    workbook and row, as many tickets as its risk, at least one: of them the smallest lot counts. Where the policy asks
    for a share of the amounts, more are drawn until the projects drawn have executed it.
    """
    columns = ["workbook", "unit_key", "key", "row", "executed"]  # a district's projects are many: no more is copied
    projects = d.projects[columns][d.projects["key"] != ""]
    departments = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    numbers = projects.groupby(["workbook", "unit_key", "key"]).cumcount()
    names = zip(*(projects[each] for each in ("workbook", "unit_key", "key", "row")), numbers, strict=True)
    lots = [
        _lot(f"{policy.sampling.seed}|{departments[book]}|{unit}|{key}|{number}", (risk or {}).get((book, row), 1))
        for book, unit, key, row, number in names
    ]
    ranked = projects.assign(lot=pd.Series(lots, projects.index, "float64")).sort_values(["workbook", "lot"])
    places = ranked.groupby("workbook").cumcount()
    counts = ranked.groupby("workbook")["lot"].transform("size")
    wanted = [max(policy.sampling.least, math.floor(policy.sampling.share * count + 0.5)) for count in counts]
    drawn = places < pd.Series(wanted, index=ranked.index, dtype="int64")
    if policy.sampling.amount_share:
        amounts = ranked["executed"].clip(lower=0).fillna(0)
        before = amounts.groupby(ranked["workbook"]).cumsum() - amounts
        drawn |= before < policy.sampling.amount_share * amounts.groupby(ranked["workbook"]).transform("sum") - 0.5
    return d.projects.loc[ranked.index[drawn].sort_values()]


def kept(
    d: District, drawn: pd.DataFrame, earlier: Sample | None, levels: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Drawn]]:
    """The projects to recheck, and what was drawn earlier and is reported no longer.

    A department of which any project was drawn earlier in the year keeps those; of all others the new draw holds. So
    what is drawn does not change because a department sends its workbook again.
    """
    if earlier is None or not earlier.projects:
        return drawn, []
    known = identities(d, levels)
    wanted = set(earlier.projects)
    still = [each in wanted for each in known]
    here = {(each.level, each.department) for each, held in zip(known, still, strict=True) if held}
    fresh = set(drawn.index)
    picked = [
        held or ((each.level, each.department) not in here and at in fresh)
        for at, each, held in zip(d.projects.index, known, still, strict=True)
    ]
    gone = wanted - set(known)
    return d.projects[picked], [each for each in earlier.projects if each in gone]


def identities(d: District, levels: Mapping[str, str], some: pd.Index | None = None) -> list[Drawn]:
    """Every project as a sample names it, in the order of the table, or only some by their places in it.

    ``levels`` are the 区县 of a merged run.
    """
    departments = dict(zip(d.workbooks["workbook"], map(name_key, d.workbooks["department"]), strict=True))
    numbers = d.projects.groupby(["workbook", "unit_key", "key"]).cumcount()
    named = d.projects[["workbook", "unit_key", "key"]].assign(number=numbers)
    named = named if some is None else named.loc[some]
    rows = zip(*(named[each].tolist() for each in named), strict=True)
    return [Drawn(levels.get(book, ""), departments[book], unit, key, number) for book, unit, key, number in rows]


def _lot(name: str, tickets: int) -> float:
    """The smallest of so many lots between 0 and 1, as one: 1 − (1 − u)^(1/n) is distributed as the least of n."""
    drawn = (int(hashlib.sha256(name.encode()).hexdigest()[:13], 16) + 0.5) / _LOTS
    return drawn if tickets <= 1 else -math.expm1(math.log1p(-drawn) / tickets)


def risks(d: District, findings: Iterable[Finding]) -> dict[tuple[str, float], int]:
    """Each project's weight in a draw by risk: 1, 2 for each error and 1 for each warning on its row, 1 if it is large.

    Large is a project that executes more than the mean of its department.
    """
    found: Counter[tuple[str, float]] = Counter()
    for each in findings:
        place = d.place(each.workbook, "projects")
        digits = each.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if place and each.sheet == place.title and digits.isdigit():
            found[each.workbook, float(digits)] += _WEIGHTS.get(each.severity, 0)
    means = d.projects.groupby("workbook")["executed"].transform("mean")
    rows = zip(d.projects["workbook"], d.projects["row"], d.projects["executed"] > means, strict=True)
    return {(book, row): 1 + found[book, row] + int(large) for book, row, large in rows}
