"""Writing the report of one department."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from evalxl.district.tables import District
from evalxl.facts.grade import Grades
from evalxl.outputs.word.content import report_blocks, report_title
from evalxl.outputs.word.figures import Figures
from evalxl.policy.policy import Policy
from evalxl.values.errors import UsageError


def check_installed() -> None:
    """Say at once, before a long run, that reports cannot be written; UsageError where python-docx is not installed."""
    if find_spec("docx") is None:
        raise UsageError(
            "写 Word 报告要用 python-docx，请先安装：pip install python-docx（不能联网的见操作指南第一节）。"
        )


def write_report(path: Path, d: District, grades: Grades, policy: Policy) -> list[str]:
    """Write one workbook's report as an official document; returns what was left blank, in the order of the report.

    ``d`` is one workbook as a District. UsageError where python-docx is not installed.
    """
    check_installed()
    from evalxl.outputs.word.document import render

    figures = Figures(d)
    blocks = report_blocks(figures, grades, policy)
    path.write_bytes(render("".join(report_title(figures)), blocks))
    return figures.blanks
