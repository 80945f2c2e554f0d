"""One workbook as the records list it: whose it is, what became of it, and how much was found."""

from __future__ import annotations

from dataclasses import dataclass

from evalxl.district.findings import Status


@dataclass(frozen=True, slots=True)
class Workbook:
    """One workbook, readable or not; the counts are of findings that the bureau has not waived."""

    workbook: str  # the path below the inbox, or the name it was handed over with
    sha256: str
    department: str
    year: int | None
    status: Status
    score: str
    grade: str
    errors: int
    warnings: int
    infos: int
