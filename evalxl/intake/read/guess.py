"""What a misspelt sheet, header or line may have been meant to be: asked in the message, never acted upon."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein

from evalxl.values.folding import label_key

ALIKE = 0.5  # for something that is missing anyway: one character of two, as in 项日
VERY_ALIKE = 0.65  # where asking is a finding of its own: one character of three
MOST_GUESSED = 200  # rows or columns looked at: farther out stands no header of a form
_LONGEST = 30  # characters; what is longer is no label


def nearest(names: Iterable[str], written: Iterable[str], least: float = ALIKE) -> str:
    """Of the texts written, the one most like one of the names a thing is known under; '' when none is like enough."""
    keys = [label_key(name) for name in names]
    best, most = "", least
    for text in written:
        key = label_key(text) if 1 < len(text) <= _LONGEST else ""
        likeness = max((Levenshtein.normalized_similarity(key, name) for name in keys), default=0.0) if key else 0.0
        if likeness > most or (likeness == most and not best):
            best, most = text, likeness
    return best
