"""The audit put down: 审计.xlsx to file with the signed paper, JSON for other programs, and the chain of one figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from evalxl.audit.audit import Audit
from evalxl.audit.cells import Cell, Place
from evalxl.audit.chain import Fault
from evalxl.audit.figures import Figure
from evalxl.sheets.book import ROW_LIMIT, Book
from evalxl.sheets.columns import NUMBER, Column
from evalxl.sheets.table import write_records
from evalxl.store.files import SUMMARY
from evalxl.values.errors import UsageError
from evalxl.values.folding import clean, label_key

FORMAT = 1  # of the JSON: raised when a field goes or changes its meaning
_ROOM = ROW_LIMIT - 10


def put(value: Decimal | float | str | None) -> str:
    """A value as it is shown: exact, a blank as 空白, and nothing in it that a terminal or a cell would act on."""
    if value is None:
        return "空白"
    text = f"{value:f}" if isinstance(value, Decimal) else clean(str(value))
    return text.rstrip("0").rstrip(".") if isinstance(value, Decimal) and "." in text else text


def in_words(found: Audit) -> str:
    """What an audit comes to, in a sentence."""
    counts = f"重新相加 {len(found.figures):,} 个数，另核对由其推算的 {found.derived:,} 个；"
    counts += f"所依据的 {len(found.cells):,} 个单元格中 {len(found.otherwise):,} 个不是照原样计入。"
    return counts + (f"有 {len(found.faults):,} 处对不上。" if found.faults else "所核对的全部对得上。")


def document(found: Audit) -> dict[str, Any]:
    """The audit as JSON gives it."""
    return {
        "format": FORMAT,
        "exit_code": found.exit_code,
        "faults": [
            {"where": clean(each.where), "cell": each.cell, "words": clean(each.words)} for each in found.faults
        ],
        "as_it_stands": [_figure(each) for each in found.figures if not each.otherwise],
        "with_cells_taken_otherwise": [_figure(each) for each in found.figures if each.otherwise],
        "otherwise": [_cell(each) for each in found.otherwise],
        "derived": found.derived,
        "scope": clean(found.scope),
        "summary_sha256": found.sha256,
        "remarks": [clean(each) for each in found.remarks],
    }


def _figure(each: Figure) -> dict[str, Any]:
    value = None if each.value is None else put(each.value)
    return {
        "sheet": each.sheet, "cell": each.cell, "what": clean(each.what), "value": value, "cells": len(each.cells),
        "otherwise": each.otherwise,
    }  # fmt: skip


def _cell(each: Cell) -> dict[str, Any]:
    place = each.place
    return {
        "workbook": clean(place.workbook), "sheet": clean(place.at.title), "cell": place.address,
        "field": place.field.header,
        "sent": put(each.raw), "taken": put(place.exact), "done": each.done, "rule": each.rule,
    }  # fmt: skip


def write_audit(path: Path, found: Audit) -> None:
    """Write 审计.xlsx: the verdict and the faults, the figures, the cells that were taken otherwise.

    It names what was audited, and no day: whoever signs it writes that.
    """
    title = f"{found.scope}汇总表审计"
    sign = "审计人：＿＿＿＿＿＿　　复核人：＿＿＿＿＿＿　　日期：＿＿＿＿＿＿"
    with Book(path, title) as book:
        page = book.page("审计结论", landscape=True)
        faults = [
            NUMBER, Column("位置", least=26, of=attrgetter("where")), Column("单元格", "centre", of=attrgetter("cell")),
            Column("问题", least=60, of=attrgetter("words")),
        ]  # fmt: skip
        which = f"所审计的{SUMMARY}：{f'sha256 {found.sha256}' if found.sha256 else '打不开'}。"
        note = "".join((in_words(found), *found.remarks, which))
        placed = write_records(page, title, faults, found.faults[:_ROOM], note=note, empty="没有对不上的")
        page.merge(placed.below + 2, 1, len(placed.columns), sign, book.look("sentence"))
        page.rows(placed.below + 2, 28)
        figures = [
            NUMBER, Column("工作表", least=12, of=attrgetter("sheet")),
            Column("单元格", "centre", of=attrgetter("cell")),
            Column("内容", least=40, of=attrgetter("what")),
            Column("重新相加", "figure", least=18, of=lambda each: put(each.value)),
            Column("依据单元格数", "count", of=lambda each: len(each.cells)),
            Column("其中不照原样", "count", of=attrgetter("otherwise")),
        ]  # fmt: skip
        same = "与汇总表所列不同的，列在《审计结论》" if found.faults else "与汇总表所列逐一相同，至最后一位"
        stand = f"{same}；金额单位：万元。"
        write_records(book.page("照原样计入"), "各数重新相加", figures, found.figures[:_ROOM], note=stand)
        cells = [
            NUMBER, Column("来源文件", least=24, of=lambda each: each.place.workbook),
            Column("工作表", "centre", of=lambda each: each.place.at.title),
            Column("单元格", "centre", of=lambda each: each.place.address),
            Column("栏目", of=lambda each: each.place.field.header),
            Column("报送的", least=18, of=lambda each: put(each.raw)),
            Column("计入的", "figure", least=18, of=lambda each: put(each.place.exact)),
            Column("怎样计入", least=24, of=attrgetter("done")), Column("问题", "centre", of=attrgetter("rule")),
        ]  # fmt: skip
        other = "原文与计入的数不同的单元格，各有一条问题说明；金额单位：万元。"
        page = book.page("另行计入", landscape=True)
        write_records(page, "不是照原样计入的单元格", cells, found.otherwise[:_ROOM], note=other)


# ---------------------------------------------------------------- the chain of one figure


class Sender(NamedTuple):
    """Whose a workbook is, and its hash."""

    department: str
    sha256: str


def traced(found: Audit, wanted: str, senders: Mapping[str, Sender]) -> Iterator[str]:
    """The chain of a figure: what is signed, the departments it is made of, each cell as sent, what was done, the hash.

    ``wanted`` is a sheet and a cell of the summary (收支汇总!D12), or a department and a line (文化局 项目支出).
    """
    for number, figure in enumerate(_wanted(found, wanted, senders)):
        if number:
            yield ""
        yield f"{figure.sheet}!{figure.cell}　{clean(figure.what)}：{put(figure.value)}"
        for each in figure.cells:
            place, sender = each.place, senders.get(each.place.workbook, Sender("", ""))
            where, rule = _where(place), f"（{each.rule}）" if each.rule else ""
            done = f"报送的是“{put(each.raw)}”，{each.done}为 {put(place.exact)}{rule}"
            yield f"  {clean(sender.department)}　{where}：{done}　sha256 {sender.sha256}"


def _where(place: Place) -> str:
    return f"{clean(place.workbook)}　{clean(place.at.title)}!{place.address}"


def _wanted(found: Audit, wanted: str, senders: Mapping[str, Sender]) -> list[Figure]:
    sheet, _, cell = wanted.replace("！", "!").rpartition("!")
    if sheet:
        address = cell.replace("$", "").upper()
        figures = [each for each in found.figures if (each.sheet, each.cell) == (sheet.strip("'"), address)]
    else:
        words = [label_key(each) for each in wanted.split()]
        figures = [each for each in found.figures if words and all(word in _about(each, senders) for word in words)]
    if not figures:
        raise UsageError(
            f"汇总表中没有“{clean(wanted)}”这个相加得出的数；请写成 收支汇总!D12，或 部门名称 加一个空格和栏目。"
            "个数、占比、平均数和完成率是由别的数推算的，没有可列的来历。"
        )
    return figures


def _about(figure: Figure, senders: Mapping[str, Sender]) -> str:
    """What a figure is called, and, where it is one department's alone, the name that the department filed under."""
    books = {each.place.workbook for each in figure.cells}
    filed = senders.get(books.pop(), Sender("", "")).department if len(books) == 1 else ""
    return label_key(f"{figure.what}{filed}")


def sentences(faults: list[Fault]) -> Iterator[str]:
    """The faults as lines."""
    yield from (each.sentence for each in faults)
