"""The blank roster (名册.xlsx) in which the bureau lists the departments that are to report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evalxl.layout import cell
from evalxl.policy.policy import Policy
from evalxl.template.entries import Entries
from evalxl.template.page import FormBook, FormPage
from evalxl.template.references import absolute

TITLE = "名册"
ROOM = 200  # departments; more can be listed below
_HEADER_ROW, _FIRST_ROW = 3, 4
_LAST_ROW = _FIRST_ROW + ROOM - 1

_HOW = (
    "一个部门一行，部门名称必填，写预算批复上的全称；曾用名、简称有几个的用“、”隔开，部门用哪个名称报来都能对上。"
    "所属地区写到区县；表头不要改，不用的列可以空着。"
)


@dataclass(frozen=True)
class _Column:
    header: str
    width: int
    look: str
    hint: str


_COLUMNS = (
    _Column("序号", 6, "index", ""),
    _Column("部门编码", 14, "column", "预算管理一体化系统中的部门编码，按文本保存，前面的 0 不会丢。"),
    _Column("部门名称*", 34, "column", "预算批复上的全称，一个部门只写一行。"),
    _Column("曾用名或简称", 30, "column", "有几个的用“、”隔开；没有可不填。"),
    _Column("联系人", 12, "column", "部门负责报送的人。"),
    _Column("联系电话", 18, "column", "便于催报和退回时联系。"),
    _Column("所属地区", 24, "column", "写到区县，如：石家庄市鹿泉区。"),
)
_NAME = 3  # the column of 部门名称*


def roster_blank(path: Path, policy: Policy) -> None:
    """Write the blank roster; the same every time."""
    with FormBook(path, "预算部门名册", policy, Entries({}), Entries({})) as book:
        page = book.form(TITLE)
        _head(page)
        _rows(page)
        _set_up(page)
        page.finish()


def _head(page: FormPage) -> None:
    look = page.look
    for row, text, name, points in ((1, "预算部门名册", "title", 30), (2, _HOW, "note", 34)):
        page.join(row, 1, len(_COLUMNS), look(name))
        page.put(row, 1, text, look(name))
        page.rows(row, points)
    for number, column in enumerate(_COLUMNS, 1):
        page.put(_HEADER_ROW, number, column.header, look("header"))
    page.rows(_HEADER_ROW, 24)


def _rows(page: FormPage) -> None:
    """Text columns with borders and input messages; a name that is listed twice turns red."""
    rows = range(_FIRST_ROW, _LAST_ROW + 1)
    for number, column in enumerate(_COLUMNS, 1):
        page.column(number, column.width, page.look(column.look, number_format="" if column.look == "index" else "@"))
        if column.hint:
            message = {"input_title": column.header.rstrip("*"), "input_message": column.hint}
            page.validate(rows, number, {"validate": "any"} | message)
    name = f"${cell(_FIRST_ROW, _NAME)}"
    names = absolute(f"{cell(_FIRST_ROW, _NAME)}:{cell(_LAST_ROW, _NAME)}")
    twice = f'AND({name}<>"",COUNTIF({names},{name})>1)'
    page.mark((_FIRST_ROW, _NAME), (_LAST_ROW, _NAME), twice, "failed", stop=True)
    page.mark((_FIRST_ROW, 1), (_LAST_ROW, 1), "TRUE", "row")
    page.mark((_FIRST_ROW, 2), (_LAST_ROW, len(_COLUMNS)), "TRUE", "to fill")


def _set_up(page: FormPage) -> None:
    """A4 across, one page wide, headers on every page; not protected, for the bureau inserts and sorts rows."""
    page.sheet.freeze_panes(_HEADER_ROW, _NAME)
    page.sheet.set_selection(cell(_FIRST_ROW, 2))
    page.paper(landscape=True)
    page.sheet.repeat_rows(_HEADER_ROW - 1)
