"""The bureau's rechecks: the scores written into 抽查表.xlsx, or into 抽查名单 of a summary, read back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from evalxl.bureau.table import Heading, Record, read_table
from evalxl.district.tables import RECHECK_COLUMNS, frame
from evalxl.intake.read.outputs import RECHECKS, SUMMARY
from evalxl.policy.policy import Policy
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold, name_key, short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, given, read_number

SHEET = "抽查名单"
HEADINGS = (
    Heading("department", ("部门", "部门名称"), required=True),
    Heading("name", ("项目名称",), required=True),
    Heading("unit", ("实施单位",)),
    Heading("score", ("复核得分",), required=True),
    Heading("grade", ("复核等级",)),
    Heading("remark", ("复核说明",)),
    Heading("reviewer", ("复核人",)),
    Heading("date", ("复核日期",)),
)
_MOST = 10  # faults that the sentence names


def read_rechecks(path: Path, policy: Policy) -> pd.DataFrame:
    """The projects that were rechecked, one row each (district.RECHECK_COLUMNS); those without a score are left out.

    UsageError when the file has no such sheet; it names at once every score that is no number between 0 and 100 and
    every grade that is none of the policy's.
    """
    rows, faults = [], []
    for number, record in read_table(path, "复核结果", HEADINGS, SHEET, ours={RECHECKS, SUMMARY}):
        if not record["score"] and not record["grade"]:
            continue
        score, wrong = _score(record["score"])
        faults += [f"第 {number} 行的{each}" for each in (wrong, _wrong_grade(record, policy)) if each]
        values = {
            **record,
            "row": float(number),
            "department_key": name_key(record["department"]),
            "unit_key": name_key(record["unit"]),
            "key": fold(record["name"]),
            "score": score,
            "level": "",
        }
        rows.append(tuple(values[column] for column in RECHECK_COLUMNS))
    if faults:
        more = f"等 {len(faults)} 处" if len(faults) > _MOST else ""
        told = "；".join(faults[:_MOST])
        raise UsageError(f"复核结果 {path}《{SHEET}》{told}{more}，请改正后再运行。")
    return frame(RECHECK_COLUMNS, rows, {"row", "score"})


def _score(text: str) -> tuple[float, str]:
    """The score as it is read in a department's workbook too, or what is wrong with it."""
    if not text:
        return NAN, ""
    score = read_number(text, Kind.SCORE).value
    if given(score) and 0 <= score <= 100:
        return score, ""
    return NAN, f"复核得分“{short(text)}”不是 0 到 100 的数字"


def _wrong_grade(record: Record, policy: Policy) -> str:
    """What is wrong with the grade: a word that is none must not pass for an agreement."""
    if not record["grade"] or policy.standard("grade", record["grade"]):
        return ""
    names = "、".join(band.grade for band in policy.scheme.bands)
    return f"复核等级“{short(record['grade'])}”不是现行等级（{names}）"
