"""What is derived from what was written: keys for comparing names, standard words; once for each distinct text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from evalxl.folding import fold, name_key
from evalxl.policy import Policy


def derived(sheet: str, columns: dict[str, list[str]], policy: Policy) -> dict[str, list[str]]:
    """The columns that reading adds to a sheet's own (``EXTRA_COLUMNS``), by the sheet's key."""

    def standard(vocabulary: str, *of: Sequence[str]) -> list[str]:
        return _each(partial(policy.standard, vocabulary), *of)

    match sheet:
        case "general":
            return {
                "department_key": _each(name_key, columns["department"]),
                "grade_standard": standard("grade", columns["grade"]),
            }
        case "units":
            nature = standard("nature", columns["nature"])
            return {
                "key": _each(name_key, columns["name"]),
                "nature_standard": nature,
                "funding_standard": standard("funding", columns["funding"], nature),
            }
        case "projects":
            return {
                "key": _each(fold, columns["name"]),
                "unit_key": _each(name_key, columns["unit"]),
                "grade_standard": standard("grade", columns["grade"]),
            }
        case "indicators":
            path = [_each(fold, columns[key]) for key in ("project", "level1", "level2", "level3")]
            return {
                "key": ["/".join(steps) for steps in zip(*path, strict=True)],
                "project_key": path[0],
                "direction_standard": standard("direction", columns["direction"]),
            }
        case "reviewers":
            return {"key": _each(fold, columns["name"])}
    return {}


def _each(derive: Callable[..., str], *columns: Sequence[str]) -> list[str]:
    """What is derived from the texts of each row; like rows are looked at once."""
    rows = list(zip(*columns, strict=True))
    known = {texts: derive(*texts) for texts in set(rows)}
    return [known[texts] for texts in rows]
