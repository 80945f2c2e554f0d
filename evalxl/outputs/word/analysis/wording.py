"""How the analysis words figures, names and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.blocks import Block, Column, Look, Paragraph, Table
from evalxl.values.folding import clean
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_rounded

MOST = 15  # departments or projects that the report lists; the rest stand in the summary


def money(fen: float) -> str:
    """An amount with its unit."""
    return f"{show_rounded(fen)}万元"


def share(part: float, whole: float) -> str:
    """A part of a whole in percent; a dash where there is no whole."""
    return show(Kind.RATE, part / whole) if whole else "—"


def total(amounts: Iterable[float]) -> float:
    """The sum of the amounts that are given, in fen."""
    return sum(amount for amount in amounts if given(amount))


def named(names: Sequence[str]) -> str:
    """The first names of many."""
    return "、".join(names[:MOST]) + ("等" if len(names) > MOST else "")


def name_of(tally: Tally, workbook: str) -> str:
    """A department's name, in a merged run with its district."""
    each = tally.by_workbook[workbook]
    name = clean(each.name or workbook)
    return f"{each.level} {name}" if each.level else name


def counted(tally: Tally) -> list[str]:
    """The workbooks that the summary contains."""
    return [each.workbook for each in tally.departments if each.counted]


def table(caption: str, columns: Iterable[Column], rows: Sequence[tuple[str, ...]], source: str) -> list[Block]:
    """A table under its caption, no longer than a reader follows, and what it is from."""
    more = f"只列前{MOST}项，其余见该表。" if len(rows) > MOST else ""
    note = Paragraph(f"注：据{source}。{more}", Look.NOTE)
    shown = Table(tuple(columns), tuple(rows[:MOST]), with_next=True)  # its note stays with it
    return [Paragraph(caption, Look.CAPTION), shown, note]
