"""What reading noted, put into words: one sentence about what was found and one remedy for each kind of note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from evalxl.district.findings import Severity
from evalxl.district.tables import District, Row
from evalxl.values.folding import short


class Wording(NamedTuple):
    """What is said of notes of one kind: how grave they are, what was found and the remedy."""

    severity: Severity
    found: str
    remedy: str


def noted(d: District, wordings: Mapping[str, Wording]) -> list[dict[str, Any]]:
    """The notes of some kinds, each with its severity, what was found and the remedy."""
    return [
        {
            **note,
            "severity": wording.severity,
            "found": _filled(wording.found, note),
            "remedy": _filled(wording.remedy, note),
        }
        for note in d.rows("notes")
        if (wording := wordings.get(note["kind"])) is not None
    ]


def _filled(text: str, note: Row) -> str:
    raw, value, detail = (note[name] for name in ("raw", "value", "detail"))
    guess = f"；您是否指“{short(detail)}”" if detail else ""
    merged = short(detail.replace("-", " 至 "))
    return text.format(raw=short(raw), value=short(value), detail=detail, guess=guess, merged=merged)
