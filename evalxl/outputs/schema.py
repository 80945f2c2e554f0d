"""The JSON Schema of findings.json, made from the very classes that it is written from."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from evalxl.district.findings import LATER, Coverage, Finding
from evalxl.district.workbook import Workbook
from evalxl.outputs.records import FORMAT
from evalxl.store.record import PolicyName

_DRAFT = "https://json-schema.org/draft/2020-12/schema"  # the name of the dialect; nothing is fetched


@dataclass(frozen=True)
class Fixed:
    """A finding of the earlier round that is gone."""

    id: str
    rule: str
    severity: str
    workbook: str
    department: str
    message: str
    change: str


@dataclass(frozen=True)
class Document:
    """All of findings.json; the last two only in an outbox."""

    format: int
    evalxl: str
    policy: PolicyName
    workbooks: tuple[Workbook, ...]
    findings: tuple[Finding, ...]
    coverage: tuple[Coverage, ...]
    fixed: tuple[Fixed, ...]
    blanks: dict[str, tuple[str, ...]]


_OPTIONAL: dict[type, tuple[str, ...]] = {Finding: LATER, Document: ("fixed", "blanks")}
_COUNTED: dict[type, dict[str, type]] = {Coverage: {"evaluated": int}}  # what a class computes beside its fields
_PLAIN = {str: "string", int: "integer", bool: "boolean"}


def schema() -> dict[str, Any]:
    """The schema of findings.json, of ``check --format json`` and of ``Result.to_json``."""
    classes: dict[str, Any] = {}
    whole = _object(Document, classes)
    whole["properties"]["format"] = {"const": FORMAT}
    return {"$schema": _DRAFT, "title": "evalxl findings.json", **whole, "$defs": dict(sorted(classes.items()))}


def _object(of: type, classes: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(of) | _COUNTED.get(of, {})
    names = [each.name for each in fields(of)] if hasattr(of, "__dataclass_fields__") else list(of.__annotations__)
    names += _COUNTED.get(of, {})
    return {
        "type": "object",
        "properties": {name: _of(hints[name], classes) for name in names},
        "required": [name for name in names if name not in _OPTIONAL.get(of, ())],
        "additionalProperties": False,
    }


def _of(hint: Any, classes: dict[str, Any]) -> dict[str, Any]:
    """The schema of one type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is types.UnionType:
        return {"anyOf": [{"type": "null"} if each is type(None) else _of(each, classes) for each in arguments]}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], classes)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(arguments[1], classes)}
    if issubclass(hint, StrEnum):
        return {"enum": [each.value for each in hint]}
    classes.setdefault(hint.__name__, {})  # before its parts, one of which may be the class itself
    classes[hint.__name__] = _object(hint, classes)
    return {"$ref": f"#/$defs/{hint.__name__}"}
