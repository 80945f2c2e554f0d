"""When a file says that it was saved, by whom it was made, and from which day it counts its dates."""

from __future__ import annotations

import datetime as dt
import re

from evalxl.values.quantities import Epoch


def iso_text(content: bytes, tag: bytes) -> str:
    """The moment a document's properties state, as ISO text in UTC (2024-03-05T08:00:00Z); '' when there is none."""
    match = re.search(rb"<(?:\w+:)?" + tag + rb"\b[^<>]{0,200}>\s*([^<>\s]{1,40})\s*<", content)
    if match is None:
        return ""
    try:
        moment = dt.datetime.fromisoformat(match[1].decode("ascii"))
        if moment.tzinfo is not None:
            moment = moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def text_of(content: bytes, tag: bytes) -> str:
    """What a document's properties state under a tag; '' when they do not."""
    match = re.search(rb"<(?:\w+:)?" + tag + rb"\b[^<>]{0,200}>([^<>]{1,100})<", content)
    return match[1].decode(errors="replace").strip() if match else ""


_SINCE_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^<>]*\bdate1904\s*=\s*[\"']\s*(?:1|true|on)\s*[\"']")


def epoch_of(workbook: bytes) -> Epoch:
    """The day that a workbook's dates count from; programs for the Mac count from 1904."""
    return Epoch.MAC if _SINCE_1904.search(workbook) else Epoch.EXCEL
