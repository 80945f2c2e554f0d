"""When a file says that it was saved, and by whom it was made."""

from __future__ import annotations

import datetime as dt
import re

from evalxl.intake.probe.encodings import as_utf8

PROPERTIES = "docprops/core.xml"


def iso_text(content: bytes, tag: bytes) -> str:
    """The moment a document's properties state, as ISO text in UTC (2024-03-05T08:00:00Z); '' when there is none."""
    match = re.search(rb"<(?:\w+:)?" + tag + rb"\b[^<>]{0,200}>\s*([^<>\s]{1,40})\s*<", _as_utf8(content))
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
    match = re.search(rb"<(?:\w+:)?" + tag + rb"\b[^<>]{0,200}>([^<>]{1,100})<", _as_utf8(content))
    return match[1].decode(errors="replace").strip() if match else ""


def _as_utf8(content: bytes) -> bytes:
    """Properties in whatever encoding; what they say is worth no refusal."""
    try:
        return as_utf8(content)
    except (LookupError, ValueError):
        return content
