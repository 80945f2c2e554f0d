"""What is derived from what was written: keys for comparing names, standard words; once for each distinct text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from evalxl.folding import fold, name_key
from evalxl.policy import Policy

T = TypeVar("T")


def derived(sheet: str, columns: dict[str, list[str]], policy: Policy) -> dict[str, list[str]]:
    """The columns that reading adds to a sheet's own (``EXTRA_COLUMNS``), by the sheet's key."""

    def standard(vocabulary: str) -> list[str]:
        return _each(partial(policy.standard, vocabulary), columns[vocabulary])

    match sheet:
        case "general":
            return {
                "department_key": _each(name_key, columns["department"]),
                "grade_standard": standard("grade"),
            }
        case "units":
            nature = standard("nature")
            funding = list(zip(columns["funding"], nature, strict=True))  # what a word means depends on the nature
            return {
                "key": _each(name_key, columns["name"]),
                "nature_standard": nature,
                "funding_standard": _each(lambda pair: policy.standard("funding", *pair), funding),
            }
        case "projects":
            return {
                "key": _each(fold, columns["name"]),
                "unit_key": _each(name_key, columns["unit"]),
                "grade_standard": standard("grade"),
            }
        case "indicators":
            path = [_each(fold, columns[key]) for key in ("project", "level1", "level2", "level3")]
            return {
                "key": ["/".join(steps) for steps in zip(*path, strict=True)],
                "project_key": path[0],
                "direction_standard": standard("direction"),
            }
        case "reviewers":
            return {"key": _each(fold, columns["name"])}
    return {}


def _each(derive: Callable[[T], str], column: Sequence[T]) -> list[str]:
    """What is derived from each entry of a column; like ones are looked at once."""
    known = {entry: derive(entry) for entry in set(column)}
    return [known[entry] for entry in column]
