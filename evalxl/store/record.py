"""What run.json says of a run, as far as another run asks for it; checked when it is read back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from evalxl.district.attendance import Attendance
from evalxl.district.rechecks import Recheck
from evalxl.district.sample import Sample
from evalxl.store.schema import Damaged


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


class PolicyName(_Model):
    """The policy that a run was made with."""

    name: str
    sha256: str


class DistrictName(_Model):
    """A district of a merged run."""

    name: str
    workbooks: int


class TemplateName(_Model):
    """The template that a run's workbooks were read by; the standard one has no name."""

    sha256: str = ""
    layout: str = ""
    own: tuple[str, ...] = ()  # the columns, lines and sheets that a bureau added


class Record(_Model):
    """The record of a finished run."""

    year: int | None = None
    policy: PolicyName | None = None
    template: TemplateName = TemplateName()
    districts: tuple[DistrictName, ...] = ()
    attendance: Attendance | None = None
    sample: Sample | None = None
    rechecks: tuple[Recheck, ...] = ()


def to_rows(record: dict[str, Any]) -> list[tuple[str, str]]:
    """A record as the table ``run`` holds it: plain texts as they are, everything else as JSON."""
    return [
        (key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for key, value in record.items()
    ]


def from_rows(rows: Iterable[tuple[str, str]]) -> Record:
    """The record that the table ``run`` holds; Damaged where it is none."""
    stored = {key: value for key, value in rows if key in Record.model_fields}
    try:
        return Record.model_validate_json(
            "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in stored.items()) + "}"
        )
    except ValidationError:
        raise Damaged("run") from None
