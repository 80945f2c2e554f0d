"""What was not filled in, for the terminal in few lines and for a sheet of its own in full."""

from __future__ import annotations

from evalxl.template.page import FormBook
from evalxl.transfer.forms.department import Gathered
from evalxl.transfer.forms.form import Untaken
from evalxl.values.folding import short

TITLE = "没有导入的内容"
_NOTE = "以下各项没有填入各表：请对照原件补填或核对，处理完后可删除本表。"
_HEADERS = ("序号", "文件", "工作表", "位置", "栏目", "原文", "为什么没有填入")
_WIDTHS = (6, 26, 16, 12, 30, 36, 44)
_SHOWN = 5  # cells that one line names
_MOST_ROWS = 20_000


def lines(found: Gathered) -> list[str]:
    """What was not filled in, alike things of one file in one line, each with its place and its number."""
    groups: dict[tuple[str, str, str], list[Untaken]] = {}
    for each in found.untaken:
        groups.setdefault((each.file, each.label, each.why), []).append(each)
    told = []
    for (file, label, why), cells in groups.items():
        named = "、".join(
            f"{each.page}{'!' if each.cell else ''}{each.cell}“{short(each.raw, 20)}”" for each in cells[:_SHOWN]
        )
        more = f"等 {len(cells)} 格" if len(cells) > _SHOWN else ""
        told.append(f"{file} {label}：{named}{more}，{why}。")
    return [*told, *found.doubts]


def draw(book: FormBook, found: Gathered) -> None:
    """Write the sheet that lists everything that was not filled in, and what else is to be looked at."""
    page = book.form(TITLE)
    look = page.look
    for column, width in enumerate(_WIDTHS, 1):
        page.column(column, width, look("plain"))
    page.merge(1, 1, len(_WIDTHS), TITLE, look("title"))
    page.merge(2, 1, len(_WIDTHS), _NOTE, look("note"))
    page.rows(1, 30)
    for column, header in enumerate(_HEADERS, 1):
        page.put(3, column, header, look("header"))
    rows = [(each.file, each.page, each.cell, each.label, each.raw, each.why) for each in found.untaken]
    rows += [("", "", "", "", "", sentence) for sentence in found.doubts + found.unread]
    for number, row in enumerate(rows[:_MOST_ROWS], 1):
        page.put(number + 3, 1, number, look("index"))
        for column, text in enumerate(row, 2):
            page.put(number + 3, column, text or None, look("hint"))
    page.sheet.freeze_panes(3, 0)
    page.paper(landscape=True)
    page.sheet.repeat_rows(2)
    page.finish()
