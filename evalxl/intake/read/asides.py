"""Rows of a table that are no records: totals, footnotes, signatures, and what was dragged down below the last one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evalxl.district.tables import Place
from evalxl.intake.read.cells import Notebook, Raw, is_blank, is_nothing, to_text
from evalxl.layout import Sheet
from evalxl.values.folding import clean, label_key

_TOTAL = re.compile(
    r"(?:项目|全部|以上|本表)?(?P<all>合计|总计|共计)(?:数|金额)?(?:\(.*\))?|(?:本页)?(?:小计|合计)(?:\(.*\))?"
)
_IN_ALL_TOTALS = ("计", "計")  # as no other characters fold into it, a heading without them is none of these
# 注：… or 注1、… below a table, and who signs it, each with its colon: 审核一体化平台 is a project.
_FOOTNOTE = re.compile(
    r"(?:注|备?注释?|说明|(?:填[表报]|编制)说明)(?:[:：、.．]|[（(]?[0-9一二三四五六七八九十]{1,2}[）)、.．:：\s]|[①-⑳])"
    r"|(?:(?:单位|部门|财务|项目|主要|分管|填[表报]|制表|编制|审[核批]|复核|经办|联系|主管)?(?:负责)?"
    r"(?:人员?|单位|部门|领导|日期|时间|电话)|填[表报]|制表|审[核批]|复核|经办|日期)(?:[（(][^（()）]{1,8}[）)])?\s?[:：]"
)
_DATE = re.compile(r"20\d\d[-./年]\d")
_FOOTNOTE_CONTINUED = re.compile(r"[（(]?[0-9一二三四五六七八九十]{1,2}[）)、.．]")


class Columns:
    """The columns of a table in which something of a record is entered, 0-based and in order."""

    def __init__(self, sheet: Sheet, columns: dict[str, int]) -> None:
        self.index = columns.get("index", 0) - 1  # it counts the rows; what else stands there is a remark
        self.typed = sorted(column - 1 for key, column in columns.items() if not sheet.by_key[key].computed)

    def entries(self, cells: list[Raw]) -> list[Raw]:
        """What was entered in a row."""
        written = (cells[at] for at in self.typed if at != self.index or isinstance(cells[at], str))
        return [raw for raw in written if not is_blank(raw)]


def says_nothing(cells: list[Raw], columns: Columns) -> bool:
    """Whether a row holds nothing but zeros, dashes and 无, as formulas and numbers dragged down leave them."""
    return all(is_blank(cells[at]) or is_nothing(cells[at]) for at in columns.typed if at != columns.index)


def total_heading(row: list[Raw], name: str) -> re.Match[str] | None:
    """What makes a row a hand-typed total (``all``) or subtotal, however spaced; None for a record."""
    head = name or next((to_text(raw) for raw in row if isinstance(raw, str) and not is_blank(raw)), "")
    return _TOTAL.fullmatch(label_key(head)) if any(each in head for each in _IN_ALL_TOTALS) else None


def is_footnote(entries: Iterable[Raw]) -> bool:
    """Whether all that stands in a row are remarks and signatures: 注：…, or 填表人：张三 beside 日期：2024-03-15."""
    begun = answers = False
    for raw in entries:
        text = "" if isinstance(raw, float) else clean(raw) if isinstance(raw, str) else to_text(raw)
        if not (answers or _FOOTNOTE.match(text) or (begun and _DATE.match(text))):
            return False
        begun = True
        answers = text[-1:] in (":", "：")  # the next cell says who or when
    return True


def continues_footnote(entries: list[Raw]) -> bool:
    """Whether a row below a footnote is its next item: 2.金额保留两位小数。"""
    return len(entries) == 1 and isinstance(entries[0], str) and bool(_FOOTNOTE_CONTINUED.match(clean(entries[0])))


_MOST_SHOWN = 6  # stretches of rows


def note_empty_rows(sheet: Sheet, place: Place, rows: list[int], notebook: Notebook) -> None:
    """Note rows that say nothing, once a sheet, where the first of them stands (rule F04)."""
    stretches: list[list[int]] = []
    for row in rows:
        if stretches and row == stretches[-1][1] + 1:
            stretches[-1][1] = row
        else:
            stretches.append([row, row])
    shown = [f"{first}" if first == last else f"{first} 至 {last}" for first, last in stretches[:_MOST_SHOWN]]
    more = f" 等 {len(rows)}" if len(stretches) > _MOST_SHOWN else ""
    named = sheet.name in place.columns
    notebook.add(
        "empty_rows", sheet, title=place.title, field=sheet.name, row=rows[0],
        column=place.columns[sheet.name] if named else min(place.columns.values()),
        label=sheet.by_key[sheet.name].header if named else sheet.title,
        value=f"第 {'、'.join(shown)}{more} 行",
    )  # fmt: skip
