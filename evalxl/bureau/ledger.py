"""The ledger of what is published (公开台账.xlsx): of every project and report whether, where and since when."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from evalxl.bureau.table import Heading, read_table
from evalxl.intake.read.outputs import LEDGER
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold, name_key, short

SHEET = "公开台账"
HEADINGS = (
    Heading("department", ("部门",), required=True),
    Heading("name", ("项目名称",), required=True),
    Heading("unit", ("实施单位",)),
    Heading("public", ("是否公开",), required=True),
    Heading("reason", ("不公开原因",)),
    Heading("address", ("公开地址",)),
    Heading("date", ("公开日期",)),
    Heading("file", ("文件",)),
    Heading("sha256", ("校验值",)),
    Heading("version", ("公开的版本",)),
)
Key = tuple[str, str, str]  # of the department, the project, the unit; the latter two '' for a whole report
_YES, _NO = ("", "是", "公开", "已公开"), ("否", "不公开", "不予公开")


class Entry(NamedTuple):
    """What the office has decided and noted of a project, or, without a name, of a department's report."""

    department: str
    name: str
    unit: str
    public: bool
    reason: str
    address: str
    date: str
    file: str
    sha256: str
    version: str  # which was published: the day and the beginning of its hash

    @property
    def published(self) -> bool:
        """Whether it has been put somewhere already."""
        return bool(self.address or self.date)


def key_of(department: str, name: str = "", unit: str = "") -> Key:
    """What a project, or a department's report, is found by."""
    return name_key(department), fold(name), name_key(unit)


def read_ledger(path: Path) -> dict[Key, Entry]:
    """The entries of a ledger; none where there is no file, UsageError where one cannot be read."""
    if not path.is_file():
        return {}
    entries = {}
    for number, record in read_table(path, "公开台账", HEADINGS, SHEET, ours={LEDGER}):
        stated = record["public"]
        if stated not in (*_YES, *_NO):
            raise UsageError(
                f"公开台账 {path} 第 {number} 行的是否公开“{short(stated)}”不是“是”或“否”，请改正后再运行。"
            )
        entry = Entry(**record | {"public": stated in _YES})  # type: ignore[arg-type]
        entries[key_of(entry.department, entry.name, entry.unit)] = entry
    return entries
