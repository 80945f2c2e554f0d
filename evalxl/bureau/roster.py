"""The roster (名册.xlsx): the departments that are to report, by code, name and the names they also go by."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from evalxl.bureau.table import Heading, read_table
from evalxl.district.tables import ROSTER_COLUMNS, frame
from evalxl.intake.read.outputs import ROSTER
from evalxl.values.errors import UsageError
from evalxl.values.folding import clean, fold, name_key

HEADINGS = (
    Heading("code", ("部门编码", "单位编码", "编码", "代码")),
    Heading("name", ("部门名称", "单位名称", "部门", "名称"), required=True),
    Heading("aliases", ("曾用名或简称", "曾用名", "简称", "别名")),
    Heading("contact", ("联系人",)),
    Heading("phone", ("联系电话", "电话")),
    Heading("region", ("所属地区", "地区", "区县")),
)
_NO_DEPARTMENT = {
    *("合计", "总计", "小计", "共计"),
    *(fold(header) for heading in HEADINGS for header in heading.headers),
}


def read_roster(path: Path) -> pd.DataFrame:
    """The roster's departments, one row each (columns: district.ROSTER_COLUMNS; aliases as folded names joined by |).

    UsageError when the file cannot be read, names nobody, or names one department twice.
    """
    rows = []
    seen: dict[str, int] = {}
    for number, record in read_table(path, "名册", HEADINGS, ours={ROSTER}):
        if not record["name"]:
            raise UsageError(f"名册 {path} 第 {number} 行没有部门名称，请补填或删除这一行。")
        # 合计, or the headers again at the top of a page: counted as a department, it would never report.
        idle = next((each for each in (record["code"], record["name"]) if fold(each).rstrip(":") in _NO_DEPARTMENT), "")
        if idle:
            raise UsageError(f"名册 {path} 第 {number} 行的“{clean(idle)}”不是部门，请删除这一行后再运行。")
        aliases = [name_key(each) for each in re.split(r"[、，,;；/\s]+", record["aliases"]) if each]
        key = name_key(record["name"])
        for name in sorted({key, *aliases}):
            if name in seen:
                raise UsageError(f"名册 {path} 第 {number} 行与第 {seen[name]} 行是同一个部门，请只留一行。")
            seen[name] = number
        values = record | {"key": key, "aliases": "|".join(aliases), "row": float(number)}
        rows.append(tuple(values[column] for column in ROSTER_COLUMNS))
    if not rows:
        raise UsageError(f"名册 {path} 里没有部门，请填好后再运行。")
    return frame(ROSTER_COLUMNS, rows, {"row"})
