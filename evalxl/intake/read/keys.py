"""What is derived from what was written: keys for comparing names, standard words; once for each distinct text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from evalxl.district.tables import each_once
from evalxl.policy.policy import Policy
from evalxl.values.folding import fold, name_key, without_code

Columns = Mapping[str, Sequence[str]]


def derived(sheet: str, tables: Mapping[str, Columns], policy: Policy) -> dict[str, list[str]]:
    """The columns that reading adds to a sheet's own (``EXTRA_COLUMNS``), by the sheet's key."""
    columns = tables[sheet]

    def standard(vocabulary: str) -> list[str]:
        return each_once(partial(policy.standard, vocabulary), columns[vocabulary])

    match sheet:
        case "general":
            return {
                "department_key": each_once(name_key, columns["department"]),
                "grade_standard": standard("grade"),
            }
        case "units":
            nature = standard("nature")
            funding = list(zip(columns["funding"], nature, strict=True))  # what a word means depends on the nature
            return {
                "key": each_once(name_key, columns["name"]),
                "nature_standard": nature,
                "funding_standard": each_once(lambda pair: policy.standard("funding", *pair), funding),
            }
        case "projects":
            return {
                "key": each_once(fold, columns["name"]),
                "unit_key": each_once(name_key, columns["unit"]),
                "grade_standard": standard("grade"),
            }
        case "indicators":
            path = [each_once(fold, columns[key]) for key in ("project", "level1", "level2", "level3")]
            return {
                "key": ["/".join(steps) for steps in zip(*path, strict=True)],
                "project_key": _listed_projects(columns["workbook"], path[0], tables["projects"]),
                "direction_standard": standard("direction"),
            }
        case "reviewers":
            return {"key": each_once(fold, columns["name"])}
    return {}


def _listed_projects(workbooks: Sequence[str], keys: list[str], projects: Columns) -> list[str]:
    """The projects that indicators belong to: a name with a code in one sheet only is the name in the other."""
    listed = set(zip(projects["workbook"], each_once(fold, projects["name"]), strict=True))
    strange = {pair for pair in zip(workbooks, keys, strict=True) if pair[1] and pair not in listed}
    if not strange:
        return keys
    bare: dict[tuple[str, str], set[str]] = {}
    for workbook, key in listed:
        bare.setdefault((workbook, without_code(key)), set()).add(key)
    known = {pair: bare.get((pair[0], without_code(pair[1])), set()) for pair in strange}
    found = {pair: next(iter(names)) for pair, names in known.items() if len(names) == 1}
    return [found.get(pair, pair[1]) for pair in zip(workbooks, keys, strict=True)]
