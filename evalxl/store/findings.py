"""Findings as the store holds them: a row for each, and packed together what the rules said of one workbook."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

from evalxl.district.findings import Change, Finding, Operand, Severity
from evalxl.store import schema
from evalxl.store.schema import Damaged
from evalxl.values.folding import clean

_FINDING = [each.name for each in fields(Finding)]
_LARGEST = 16 << 20  # bytes of one workbook's findings; a thousand of them take one


def to_row(finding: Finding) -> tuple[Any, ...]:
    """A finding as it is stored."""
    values = finding.to_dict()
    return tuple((values | {"operands": json.dumps(values["operands"], ensure_ascii=False)}).values())


def of_row(row: Sequence[Any]) -> Finding:
    """A finding as it was stored; Damaged where it is none."""
    values = dict(zip(_FINDING, row, strict=True))
    lapsed, operands = values.pop("lapsed"), values.pop("operands")
    texts = {name: text_of(value, name) for name, value in values.items()}
    texts["severity"] = Severity(texts["severity"])
    if texts["change"] not in ("", *Change):
        raise Damaged("change")
    return Finding(
        **cast("dict[str, Any]", texts), lapsed=lapsed == 1, operands=tuple(map(_operand, json.loads(operands)))
    )


def _operand(stored: dict[str, Any]) -> Operand:
    return Operand(*(text_of(stored[each.name], each.name) for each in fields(Operand)))


def text_of(value: Any, name: str) -> str:
    """A text of a column, cleaned unless it names a file or a sheet; Damaged where it is no text."""
    if not isinstance(value, str):
        raise Damaged(name)
    return value if name in schema.EXACT else clean(value)


def pack(workbook: str, findings: Sequence[Finding], answers: str) -> bytes:
    """What the rules said of one workbook: its findings, and what each rule came to, a letter each."""
    return zlib.compress(json.dumps([workbook, answers, *map(to_row, findings)]).encode(), 1)


def unpack(workbook: str, packed: bytes) -> tuple[list[Finding], str]:
    """The same again, to the letter; Damaged where it is anything else, or not of this workbook."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, _LARGEST)
        of, answers, *rows = json.loads(content)
        findings = [of_row(row) for row in rows]
    except (zlib.error, TypeError, ValueError, KeyError, RecursionError):
        raise Damaged("answers") from None
    whole = unpacking.eof  # else the sum at its end has not been compared
    same = [list(to_row(each)) for each in findings] == rows  # a name of a sheet may be one that reading cleans
    if not whole or not same or of != workbook or any(each.workbook != workbook for each in findings):
        raise Damaged("answers")
    return findings, text_of(answers, "answers")
