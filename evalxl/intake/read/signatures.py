"""Signatures that are pictures: pasted over the cells, or in them as WPS and Excel place them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from evalxl.district.tables import Place
from evalxl.intake.probe.contents import Area
from evalxl.intake.read.cells import Odd, Raw
from evalxl.intake.read.records import Records

PICTURE = "（图片）"
# What a cell holds that shows a picture, where the program that saved it does not know pictures in cells.
_NOT_KNOWN = {"#NAME?", "#VALUE!", "#UNKNOWN!", "#BLOCKED!", "#BUSY!", "#CONNECT!"}
_SHOWS_PICTURE = re.compile(r"\b(?:DISPIMG|IMAGE)\(", re.IGNORECASE)


def is_picture(raw: Raw) -> bool:
    """Whether a cell for a signature holds a picture, as far as can be told."""
    if isinstance(raw, Odd):
        return raw.text in _NOT_KNOWN if raw.kind == "error_cell" else bool(_SHOWS_PICTURE.search(raw.text))
    return isinstance(raw, str) and raw.startswith("=") and bool(_SHOWS_PICTURE.match(raw, 1))


def sign_by_pictures(reviewers: Records, place: Place, pictures: Callable[[], Iterable[Area]]) -> None:
    """Count pictures over the column of signatures as signatures, where nobody has signed otherwise."""
    signatures = reviewers.columns["signature"]
    column = place.columns.get("signature")
    if column is None or not signatures or any(signatures):
        return
    for top, left, bottom, right in pictures():
        if left <= column <= right:
            for number, row in enumerate(reviewers.rows):
                if top <= row <= bottom:
                    signatures[number] = PICTURE
