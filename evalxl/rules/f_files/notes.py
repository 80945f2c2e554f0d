"""What reading noted, put into words: one sentence about what was found and one remedy for each kind of note."""

from __future__ import annotations

import pandas as pd

from evalxl.district.tables import District
from evalxl.values.folding import short


def noted(d: District, severities: dict[str, str], texts: dict[str, str], fixes: dict[str, str]) -> pd.DataFrame:
    """The notes of some kinds, each with its severity, what was found and the remedy."""
    notes = d.notes[d.notes["kind"].isin(severities)]
    each = list(zip(notes["kind"], notes["raw"], notes["value"], notes["detail"], strict=True))
    return notes.assign(
        severity=notes["kind"].map(severities),
        found=[_filled(texts[kind], *words) for kind, *words in each],
        remedy=[_filled(fixes[kind], *words) for kind, *words in each],
    )


def _filled(text: str, raw: str, value: str, detail: str) -> str:
    guess = f"；您是否指“{short(detail)}”" if detail else ""
    merged = short(detail.replace("-", " 至 "))
    return text.format(raw=short(raw), value=short(value), detail=detail, guess=guess, merged=merged)
