"""The list of findings in a returned copy: recognised by its headers, so that what was written into it comes back.

Pure functions on a sheet's cells as the value reader gives them. They rely on words only: Excel, WPS and LibreOffice
rewrite styles, properties and part names when they save, but not what stands in the cells.
"""

from __future__ import annotations

from collections.abc import Sequence

from evalxl.district.findings import Explanation
from evalxl.intake.read.cells import raw_at, to_text
from evalxl.values.folding import fold

TITLE = "问题清单"  # the sheet's name, and the beginning of it where the sender has a sheet of that name
NUMBER, SEVERITY, RULE, PLACE, LABEL = "序号", "级别", "规则", "位置", "行/栏目"
FOUND, REMEDY, EXPECTED, ACTUAL, DIFFERENCE = "发现的问题", "怎样处理", "应为", "实为", "差额"
CHANGE, EXPLANATION = "变化", "说明"
ID, MARKED, FILL = "标识（勿改）", "标注单元格（勿改）", "原底色（勿改）"  # hidden columns

_IN_ID = "勿"  # in the header ID; as no other character folds into it, a row without it is not that of the headers
_NEEDED = {fold(header) for header in (NUMBER, RULE, PLACE, FOUND, REMEDY, EXPLANATION, ID)}
_HEADER_ROWS = 30

Cells = Sequence[Sequence[object]]


def listed(grid: Cells) -> list[dict[str, str]] | None:
    """The rows of a list of findings, as header → text; None where the sheet is no such list."""
    if _IN_ID not in "".join([value for row in grid[:_HEADER_ROWS] for value in row if isinstance(value, str)]):
        return None  # folding every text of every sheet took 1 ms a workbook
    for index, row in enumerate(grid[:_HEADER_ROWS]):
        if not any(isinstance(value, str) and _IN_ID in value for value in row):
            continue
        headers = [fold(value) if isinstance(value, str) else "" for value in row]
        if set(headers) >= _NEEDED:
            names = {fold(header): header for header in (ID, MARKED, FILL, EXPLANATION, NUMBER)}
            columns = {names[header]: position for position, header in enumerate(headers) if header in names}
            return [_texts(each, columns) for each in grid[index + 1 :]]
    return None


def _texts(row: Sequence[object], columns: dict[str, int]) -> dict[str, str]:
    return {header: to_text(raw_at(row, at)) for header, at in columns.items()}


def is_findings_sheet(grid: Cells) -> bool:
    """Whether a sheet is the list of findings of a returned copy."""
    return listed(grid) is not None


def identity(finding: str, evidence: str) -> str:
    """What the hidden column keeps of a finding: which it is, and the figures it rested on."""
    return f"{finding} {evidence}"


def explanations(grid: Cells) -> dict[str, Explanation]:
    """What the department wrote beside findings, by their id; nothing in a sheet that is no such list."""
    written = {}
    for row in listed(grid) or ():
        finding, _, evidence = row[ID].partition(" ")
        if finding and row[EXPLANATION]:
            written[finding] = Explanation(row[EXPLANATION], evidence)
    return written
