"""What reading noted, put into words: one sentence about what was found and one remedy for each kind of note."""

from __future__ import annotations

from typing import Any

from evalxl.district.tables import District, Row
from evalxl.values.folding import short


def noted(
    d: District, severities: dict[str, str], texts: dict[str, str], fixes: dict[str, str]
) -> list[dict[str, Any]]:
    """The notes of some kinds, each with its severity, what was found and the remedy."""
    return [
        {
            **note,
            "severity": severities[note["kind"]],
            "found": _filled(texts[note["kind"]], note),
            "remedy": _filled(fixes[note["kind"]], note),
        }
        for note in d.rows("notes")
        if note["kind"] in severities
    ]


def _filled(text: str, note: Row) -> str:
    raw, value, detail = (note[name] for name in ("raw", "value", "detail"))
    guess = f"；您是否指“{short(detail)}”" if detail else ""
    merged = short(detail.replace("-", " 至 "))
    return text.format(raw=short(raw), value=short(value), detail=detail, guess=guess, merged=merged)
