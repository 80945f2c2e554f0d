"""What goes back to a department, whatever its workbook is: marked where that can be done, the list alone elsewhere."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from evalxl.district.findings import Finding
from evalxl.outputs.returned.fallback import write_findings_workbook
from evalxl.outputs.returned.marking import mark
from evalxl.outputs.returned.markup import CannotMark
from evalxl.values.clock import TimeIsUp, limited


def returned_copy(
    data: bytes, department: str, name: str, findings: Sequence[Finding], seconds: float
) -> tuple[bytes, str]:
    """A workbook with its findings marked, or the list alone where it cannot be marked; and why it cannot, or ''.

    What was not read must not be marked: marking sets no bounds of its own but the seconds of computing.
    """
    try:
        with limited(seconds):
            return mark(data, department, findings), ""
    except CannotMark as error:
        reason = str(error)
    except TimeIsUp:
        reason = "内容过多，在限定的时间内标注不完"
    return list_alone(department, name, findings, reason), reason


def list_alone(department: str, name: str, findings: Sequence[Finding], reason: str) -> bytes:
    """The list of findings without the workbook, with the reason at its top."""
    with tempfile.TemporaryDirectory(prefix="evalxl-") as folder:
        path = Path(folder) / "list.xlsx"
        write_findings_workbook(path, department, name, findings, reason)
        return path.read_bytes()
