"""What is derived from what was written: keys for comparing names, standard words; once for each distinct text."""

from __future__ import annotations

from functools import partial

from evalxl.district import each_once
from evalxl.folding import fold, name_key
from evalxl.policy import Policy


def derived(sheet: str, columns: dict[str, list[str]], policy: Policy) -> dict[str, list[str]]:
    """The columns that reading adds to a sheet's own (``EXTRA_COLUMNS``), by the sheet's key."""

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
                "project_key": path[0],
                "direction_standard": standard("direction"),
            }
        case "reviewers":
            return {"key": each_once(fold, columns["name"])}
    return {}
