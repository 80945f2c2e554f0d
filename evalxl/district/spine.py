"""The spine of a district: a row for every file, so that no department drops out unseen."""

from __future__ import annotations

from typing import NamedTuple

from evalxl.values.quantities import NAN


class WorkbookRow(NamedTuple):
    """A file that has come in, as the spine lists it; of one that could not be read little is known."""

    workbook: str
    sha256: str
    size: float
    readable: bool
    department: str
    code: str = ""
    region: str = ""
    year: float = NAN
    money_unit: str = ""
    ulp: float = NAN  # the coarsest digit that its amounts are rounded to, in fen
    saved: str = ""


WORKBOOK_COLUMNS = WorkbookRow._fields
