"""目录: what is signed and what stands behind it, each sheet with a link and what it is for."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from evalxl.layout import cell
from evalxl.sheets.book import Page
from evalxl.sheets.columns import NUMBER, Cell, Column
from evalxl.sheets.table import write_records

_TOP = cell(1, 1)
_SIGN, _LOOK = "打印签字", "供核对，不必打印"
_ABOUT = {
    "总览": "应报、收到、通过各几个，收支总数，等级和执行率的分布",
    "区县汇总": "一个区县一行",
    "部门汇总": "一个部门一行；打印区之外另有来源和校验值",
    "项目汇总": "一个项目一行；打印区之外另有来源和校验值",
    "收支汇总": "收支各行的合计",
    "指标汇总": "一项指标一行",
    "问题清单": "全部问题，逐条列出",
    "未报送与未读取": "没有计入汇总的部门和文件，及原因",
    "说明与豁免": "部门的说明和批准的豁免",
    "抽查名单": "抽取复核的项目",
    "复核差异": "自评与复核对照",
    "核对": "每个合计与逐份重加的数对照；全部文件的校验值",
    "规则覆盖": "每条规则核对了多少，没有通过多少",
    "运行说明": "程序、分数段、口径",
}


class _Sheet(NamedTuple):
    title: str
    use: str

    @property
    def about(self) -> str:
        return _ABOUT[self.title]


def write_contents(page: Page, signed: Iterable[str], behind: Iterable[str]) -> None:
    """Write the sheet."""
    rows = [*(_Sheet(each, _SIGN) for each in signed), *(_Sheet(each, _LOOK) for each in behind)]
    columns = [
        NUMBER, Column("工作表", least=20, of=lambda each: Cell(each.title, link=f"internal:'{each.title}'!{_TOP}")),
        Column("用途", "centre", least=20, of=attrgetter("use")), Column("内容", least=50, of=attrgetter("about")),
    ]  # fmt: skip
    note = "打印签字件：按住 Ctrl 点选标明“打印签字”的各表，打印“选定工作表”；打印后先点别的表，再修改。"
    write_records(page, "目录", columns, rows, note=note)
