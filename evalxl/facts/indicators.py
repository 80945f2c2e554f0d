"""The indicators of one project, or of the department as a whole, taken together: what rules and grades judge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from evalxl.district.tables import District, each_once, once_per_district, rows_of, rows_where
from evalxl.facts.execution import execution_rows
from evalxl.values.folding import fold, name_key
from evalxl.values.quantities import given
from evalxl.values.standards import standard
from evalxl.values.targets import Outcome, compare

CENT = 0.005  # points are written with two decimals


@dataclass(frozen=True)
class Group:
    """The indicators of one project ('' = the whole department), first and second level filled down."""

    workbook: str
    project: str
    rows: tuple[dict[str, Any], ...]
    index: tuple[int, ...]

    parents: tuple[dict[str, Any], ...]  # without a third level, with a weight although rows below them have one too
    leaves: list[dict[str, Any]]  # the rows that count: all but the parents
    total: float  # the sum of the weights; NaN where one is blank, so that nothing follows from it
    lists_execution: bool  # whether budget execution has a row of its own
    due: float  # what the weights must add up to: 100; where execution is scored outside the table also 90 or 80

    @property
    def name(self) -> str:
        """The project as the sender wrote it."""
        return self.rows[0]["project"] or "部门整体"

    @property
    def parent_index(self) -> set[int]:
        """Where the parents stand in the table of indicators."""
        return {at for at, row in zip(self.index, self.rows, strict=True) if row in self.parents}

    @property
    def adds_up(self) -> bool:
        """Whether the weights are those of a whole: 100, or without the execution row 90 or 80."""
        return abs(self.total - self.due) <= CENT

    def at(self, **columns: Any) -> dict[str, Any]:
        """A finding about the group, standing in its first row."""
        first = self.rows[0]
        return {"workbook": self.workbook, "row": first["row"], "key": self.project or "部门整体", **columns}


def _group(workbook: str, project: str, rows: tuple[dict[str, Any], ...], index: tuple[int, ...]) -> Group:
    parents = _parents(rows)
    leaves = [row for row in rows if row not in parents] if parents else list(rows)
    total = round(float(sum([row["weight"] for row in leaves])), 6)
    lists_execution = any(row["executes"] for row in rows)
    due = 100.0
    if not lists_execution and total != due:
        due = min((100.0, 90.0, 80.0), key=lambda accepted: abs(total - accepted))
    return Group(workbook, project, rows, index, parents, leaves, total, lists_execution, due)


def _parents(rows: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    blank = [row for row in rows if not row["level3"]]
    upper = [row for row in blank if row["level1"] and row["weight"] > 0 and not row["executes"]]
    if not upper:
        return ()
    weighted = [row for row in rows if row["weight"] > 0 and not row["executes"]]
    return tuple(parent for parent in upper if any(_stands_below(row, parent) for row in weighted))


def _stands_below(row: dict[str, Any], parent: dict[str, Any]) -> bool:
    keys = ("level1", "level2") if parent["own2"] else ("level1",)
    return bool(row["level3"]) and all(row[key] == parent[key] for key in keys)


_TOTALS = {"合计", "总计", "小计", "总分", "总得分", "合计得分", "共计"}


@once_per_district
def listed(d: District) -> pd.DataFrame:
    """The indicators without the total rows that forms end with (总分 100)."""
    levels = zip(*(d.folded("indicators", key) for key in ("project", "level1", "level2", "level3")), strict=True)
    listed = list(map(_TOTALS.isdisjoint, levels))
    return d.indicators if all(listed) else rows_where(d.indicators, listed)


@once_per_district
def outcomes(d: District) -> list[Outcome]:
    """What comes of each listed indicator's result held against its target."""
    return _outcomes(listed(d))


def _outcomes(rows: pd.DataFrame) -> list[Outcome]:
    columns = (rows[name] for name in ("target", "measure_unit", "achieved", "direction_standard"))
    return each_once(lambda texts: compare(*texts), zip(*columns, strict=True))


@once_per_district
def standards(d: District) -> pd.Series[Any]:
    """The scoring standard of each indicator by its row, None where points follow by share.

    It stands in a column of its own, or in the indicator's name, its target or its explanation.
    """
    columns = (d.indicators[key] for key in ("scoring", "level3", "target", "cause"))
    found = each_once(lambda texts: next(filter(None, map(standard, texts)), None), zip(*columns, strict=True))
    return pd.Series(found, d.indicators.index, object)


@once_per_district
def groups(d: District) -> list[Group]:
    """The indicators by workbook and project; projects that share a name cannot be told apart and are left out."""
    projects = d.projects[d.projects.duplicated(["workbook", "key"], keep=False)]
    unclear = set(zip(projects["workbook"], projects["key"], strict=True))
    parts: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    table = listed(d)
    table = table.assign(executes=table.index.isin(execution_rows(d).index), own2=table["level2"])
    table["outcome"] = pd.Series(outcomes(d), table.index, object)
    table["standard"] = standards(d)
    for at, row in zip(table.index, rows_of(table), strict=True):
        rows = parts[row["workbook"], row["project_key"]]
        if rows and not row["level1"]:  # a merged cell stands in its first row
            row["level1"] = rows[-1][1]["level1"]
            row["level2"] = row["level2"] or rows[-1][1]["level2"]
        elif rows and not row["level2"] and row["level3"] and rows[-1][1]["level1"] == row["level1"]:
            row["level2"] = rows[-1][1]["level2"]
        rows.append((at, row))
    return [
        _group(workbook, project, tuple([row for _, row in rows]), tuple([at for at, _ in rows]))
        for (workbook, project), rows in parts.items()
        if (workbook, project) not in unclear
    ]


@once_per_district
def settled(d: District) -> dict[int, float]:
    """Rows whose weight alone explains that a group does not add up, with the weight their points would fit."""
    return {at: weight for g in groups(d) for at, weight in _culprit(g)}


def _culprit(group: Group) -> list[tuple[int, float]]:
    if group.adds_up or not given(group.total) or group.parents:
        return []
    lacking = group.due - group.total
    found = [
        (at, round(row["weight"] + lacking, 6))
        for at, row in zip(group.index, group.rows, strict=True)
        if not _fits(row, row["weight"]) and _fits(row, row["weight"] + lacking)
    ]
    return found if len(found) == 1 else []


def _fits(row: dict[str, Any], weight: float) -> bool:
    """Whether an indicator's points are those that some weight would give."""
    points, outcome = float(row["points"]), row["outcome"]
    if outcome.reached is None or row["executes"] or not given(points):
        return not (points < 0 or points > weight + CENT)
    if outcome.reached or outcome.share is None:
        return abs(points - weight) <= CENT
    return abs(points - weight * float(outcome.share)) <= weight * 0.05 and points < weight - CENT


@once_per_district
def torn(d: District) -> dict[tuple[str, str], str]:
    """Groups that are one in truth, torn apart by a project name written differently in some rows.

    They are the only two of a workbook that do not add up, and together they do. The smaller part is given the name
    of the larger one, the larger ''.
    """
    failing: dict[str, list[Group]] = defaultdict(list)
    for group in groups(d):
        if not group.adds_up:
            failing[group.workbook].append(group)
    found: dict[tuple[str, str], str] = {}
    for workbook, parts in failing.items():
        whole = round(sum(part.total for part in parts), 6)
        if len(parts) == 2 and whole == 100:
            small, large = sorted(parts, key=lambda part: len(part.rows))
            found |= {(workbook, small.project): large.name, (workbook, large.project): ""}
    return found


_ALIKE = 80  # out of 100: 图书馆购书 for 图书馆购书经费, but not 一期工程 for 二期工程


@once_per_district
def strays(d: District) -> dict[tuple[str, str], str]:
    """Groups under a project name that the sheet of projects does not list, each with the listed name most like it.

    A name of the department or of its expenditure as a whole is no project's, and where no project is listed
    (rule B15) none can be missed.
    """
    return dict(_strays(d))


def _strays(d: District) -> Iterator[tuple[tuple[str, str], str]]:
    projects = d.projects[d.projects["key"] != ""]
    known = {
        str(book): dict(zip(rows["key"], rows["name"], strict=True))
        for book, rows in projects.groupby("workbook", sort=False)
    }
    for group in groups(d):
        names, key = known.get(group.workbook, {}), group.project
        if not names or key in names or of_the_department(d, group):
            continue
        best = extractOne(key, names.keys(), scorer=ratio, score_cutoff=_ALIKE)
        yield (group.workbook, key), names[best[0]] if best else ""


def of_the_department(d: District, group: Group) -> bool:
    """Whether the indicators are those of the department as a whole: no project named, its own name, or 整体 in it."""
    if not group.project or "整体" in group.project:
        return True
    general = d.by_workbook("general").get(group.workbook, [])
    return any(name_key(group.project) == row["department_key"] for row in general)


@once_per_district
def likely(d: District) -> dict[tuple[str, str], list[str]]:
    """By workbook and project, the names under which some of its rows seem to stand instead."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    guesses = strays(d)
    for group in groups(d):
        guess = guesses.get((group.workbook, group.project))
        if guess:
            found[group.workbook, fold(guess)].append(group.name)
    return dict(found)


def misnamed(d: District, group: Group) -> bool:
    """Whether the group's rows surely belong to another project, so that taken together they say nothing."""
    return bool(strays(d).get((group.workbook, group.project)))
