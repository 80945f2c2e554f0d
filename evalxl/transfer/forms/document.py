"""The forms among the tables of a Word document, and what of the document is left for the report around them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evalxl.intake.forms.declaration import Form
from evalxl.policy.policy import Policy
from evalxl.transfer.forms.form import Reading, Untaken
from evalxl.transfer.forms.pages import page_of
from evalxl.transfer.forms.reading import read_forms
from evalxl.transfer.report.pieces import Grid, Line, Piece
from evalxl.values.folding import fold

_YEAR_OR_UNIT = re.compile(r"^\(?(?:19|20)\d\d年度?\)?$|单位:")
_TITLE = re.compile(r"表(?:\([^()]{1,12}\))?$")  # 项目支出绩效自评表（2021年度）
_LEAST_REPORT = 200  # characters of text outside the forms; with fewer a document is nothing but forms
_ABOVE = 6  # lines; title, year and unit stand so near above the table of a form
_LONGEST = 60  # characters of such a line


def forms_of(
    document: Sequence[Piece], name: str, forms: Sequence[Form], policy: Policy
) -> tuple[list[Reading], list[Piece], list[Untaken]]:
    """The forms in a document, the report around them, and where there is none, the lines that stand alone."""
    found: list[Reading] = []
    rest: list[Piece] = []
    tables = 0
    for piece in document:
        if not isinstance(piece, Grid):
            rest.append(piece)
            continue
        tables += 1
        above = _lines_above(rest)
        width, down = max(map(len, piece.rows)), len(above)
        rows: list[list[object]] = [[line.text, *[""] * (width - 1)] for line in above]
        rows += [list(row) for row in piece.rows]
        merges = [each._replace(top=each.top + down, bottom=each.bottom + down) for each in piece.merges]
        readings = read_forms(page_of(name, f"第 {tables} 张表", rows, merges, down), forms, policy)
        if readings:
            found += readings
            rest = rest[: len(rest) - down]
        else:
            rest.append(piece)
    lines = [piece.text for piece in rest if isinstance(piece, Line)]
    little = sum(map(len, lines)) < _LEAST_REPORT and not any("报告" in line for line in lines)
    if found and little and len(lines) == len(rest):
        alone = [Untaken(name, "正文", "", "表格以外的文字", text, "没有认出是哪一栏") for text in lines]
        return found, [], alone
    return found, rest, []


def _lines_above(pieces: Sequence[Piece]) -> list[Line]:
    """The title, the year and the unit above a table; headings of the report are none of them."""
    lines: list[Line] = []
    for piece in reversed(pieces[-_ABOVE:]):
        if not isinstance(piece, Line) or len(piece.text) > _LONGEST or piece.text.endswith(("。", "；")):
            break
        lines.insert(0, piece)
    named = [bool(_TITLE.search(fold(line.text))) and ("自评" in line.text or "绩效" in line.text) for line in lines]
    if any(named):
        return lines[named.index(True) :]
    beside = [index for index, line in enumerate(lines) if _YEAR_OR_UNIT.search(fold(line.text))]
    return lines[beside[0] :] if beside else []
