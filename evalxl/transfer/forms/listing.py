"""What was not filled in, for the terminal in few lines and for a sheet of its own in full."""

from __future__ import annotations

import re

from evalxl.template.page import FormBook
from evalxl.transfer.forms.department import Gathered
from evalxl.transfer.forms.form import Untaken
from evalxl.transfer.forms.ledger import REPORT
from evalxl.values.folding import label_key, short

TITLE = "没有导入的内容"
_NOTE = "以下各项没有填入各表：请对照原件补填或核对，处理完后可删除本表。"
_HEADERS = ("序号", "文件", "工作表", "位置", "栏目", "原文", "为什么没有填入")
_WIDTHS = (6, 26, 16, 12, 30, 36, 44)
_SHOWN, _OF_NO_PLACE = 12, 4  # cells that one line names
_QUOTED = 20  # characters of each
_QUOTE = re.compile(r"(?:表格行)?“([^“”]{1,200})”")
_FIELD = re.compile(r"没有找到([^，]{1,20}?)(?:的文字)?，|([^“”：，]{1,20})：")
_MOST_ROWS = 20_000


def lines(found: Gathered) -> list[str]:
    """What was not filled in, alike things in one line, each with its place and its number.

    What the template merely has no place for stands together for all files; anything else is told file by file.
    """
    groups: dict[tuple[str, str, str], list[Untaken]] = {}
    for each in found.untaken:
        key = (
            ("", label_key(each.label.partition("·")[0]), each.why)
            if each.no_place
            else (each.file, each.label, each.why)
        )
        groups.setdefault(key, []).append(each)
    return [*(_line(cells) for cells in groups.values()), *found.doubts]


def _line(cells: list[Untaken]) -> str:
    first, several = cells[0], len({each.file for each in cells}) > 1
    most = _OF_NO_PLACE if first.no_place else _SHOWN
    named = "、".join(_named(each, with_file=several) for each in cells[:most])
    more = f"等 {len(cells)} 处" if len(cells) > most else ""
    label = first.label.partition("·")[0].removeprefix("其中：").rstrip("：:") if first.no_place else first.label
    return f"{'' if several else first.file + ' '}{label}：{named}{more}，{first.why}。"


def _named(each: Untaken, *, with_file: bool) -> str:
    place = "!".join(filter(None, (each.page, each.cell)))
    return f"{each.file + ' ' if with_file else ''}{place}“{short(each.raw, _QUOTED)}”"


def _field_and_quote(doubt: str) -> tuple[str, str]:
    """The field that a report's doubt is about, and the sentence or row of the report that it quotes; '' for none."""
    quoted, named = _QUOTE.match(doubt), _FIELD.match(doubt)
    return (named[1] or named[2]) if named else "", quoted[1] if quoted else ""


def draw(book: FormBook, found: Gathered) -> None:
    """Write the sheet that lists everything that was not filled in, and what else is to be looked at."""
    page = book.form(TITLE)
    look = page.look
    page.merge(1, 1, len(_WIDTHS), TITLE, look("title"))
    page.merge(2, 1, len(_WIDTHS), _NOTE, look("note"))
    page.rows(1, 30)
    for column, width in enumerate(_WIDTHS, 1):
        page.column(column, width, look("plain"))
    for column, header in enumerate(_HEADERS, 1):
        page.put(3, column, header, look("header"))
    rows = [(each.file, each.page, each.cell, each.label, each.raw, each.why) for each in found.untaken]
    rows += [
        (each.file, REPORT if each.file else "", "", *_field_and_quote(each.text), each.text) for each in found.open
    ]
    rows += [("", "", "", "", "", sentence) for sentence in found.unread]
    for number, row in enumerate(rows[:_MOST_ROWS], 1):
        page.put(number + 3, 1, number, look("index"))
        for column, text in enumerate(row, 2):
            page.put(number + 3, column, text or None, look("hint"))
    page.sheet.freeze_panes(3, 0)
    page.paper(landscape=True)
    page.sheet.repeat_rows(2)
    page.finish()
