"""The bureau's rechecks: the scores written into 抽查名单 of a district summary, read back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from evalxl.bureau.table import Heading, read_table
from evalxl.district.tables import RECHECK_COLUMNS, frame
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold, name_key
from evalxl.values.quantities import NAN

SHEET = "抽查名单"
HEADINGS = (
    Heading("department", ("部门", "部门名称"), required=True),
    Heading("name", ("项目名称",), required=True),
    Heading("unit", ("实施单位",)),
    Heading("score", ("复核得分",), required=True),
    Heading("grade", ("复核等级",)),
    Heading("remark", ("复核说明",)),
)


def read_rechecks(path: Path) -> pd.DataFrame:
    """The projects that were rechecked, one row each (district.RECHECK_COLUMNS); those without a score are left out.

    UsageError when the file has no such sheet or a score is no number between 0 and 100.
    """
    rows = []
    for number, record in read_table(path, "复核结果", HEADINGS, SHEET):
        if not record["score"] and not record["grade"]:
            continue
        values = {
            "row": float(number),
            "department_key": name_key(record["department"]),
            "unit_key": name_key(record["unit"]),
            "key": fold(record["name"]),
            "name": record["name"],
            "score": _score(path, number, record["score"]),
            "grade": record["grade"],
            "remark": record["remark"],
        }
        rows.append(tuple(values[column] for column in RECHECK_COLUMNS))
    return frame(RECHECK_COLUMNS, rows, {"row", "score"})


def _score(path: Path, row: int, text: str) -> float:
    if not text:
        return NAN
    try:
        score = float(text)
    except ValueError:
        score = NAN
    if not 0 <= score <= 100:
        raise UsageError(
            f"复核结果 {path}《{SHEET}》第 {row} 行的复核得分“{text}”不是 0 到 100 的数字，请改正后再运行。"
        )
    return score
