"""Every cell that a signed figure is made of: as it was sent, as it was taken, and why the two differ where they do."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property

from evalxl import layout
from evalxl.audit.reading import At, Raw
from evalxl.district.findings import Finding
from evalxl.district.tables import District
from evalxl.layout import Field, Shape, Sheet
from evalxl.values.folding import clean
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given

_FEN = Decimal(1_000_000)  # in a 万元
_ASKED = (Kind.AMOUNT, Kind.SCORE, Kind.COUNT)  # rates are divided anew from amounts, years are not added
_UNITS = ("unit_yuan", "unit_converted", "unit_conflict", "unit_open", "unit_unknown")
_LONGEST = 64  # characters of a number as people write it
_RULES = {
    "not_numeric": "F03", "shown_otherwise": "F03", "score_not_numeric": "S01", "normalised": "F04", "damaged": "F05",
    "error_cell": "F09", "no_value": "F09", "external": "F09", "recomputed": "F09", "stale": "F09",
    "unit_doubtful": "F11",
}  # fmt: skip
UNREAD = "not_read_again"
_DONE = {
    UNREAD: "没有重新读取，按运行时的数",
    "unit_yuan": "由元换算为万元", "unit_converted": "按所标单位换算为万元", "unit_conflict": "按此处所标单位换算",
    "unit_open": "单位不能确定，没有计入", "unit_doubtful": "单位不能确定，没有计入", "unit_unknown": "按万元读取",
    "recomputed": "公式没有结果，重新算出", "not_numeric": "不是数字，没有计入", "damaged": "数字有损，没有计入",
    "error_cell": "错误值，没有计入", "no_value": "公式没有结果，没有计入", "external": "链接到别的文件，没有计入",
    "score_not_numeric": "不是数字，没有计入", "shown_otherwise": "所显示的与所存的不同，没有计入",
    "normalised": "由文字或格式读作数字", "stale": "公式的结果是旧的，重新算出",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """One cell of one workbook that figures are made of, with what it was taken for (fen of an amount)."""

    workbook: str
    sheet: Sheet
    field: Field
    row: int
    line: str  # of the budget; '' elsewhere
    at: At
    taken: float

    @property
    def address(self) -> str:
        """The cell's address, as accountants say it."""
        return self.at.address

    @property
    def exact(self) -> Decimal | None:
        """What it was taken for, in 万元 where it is an amount; None for a blank."""
        if not given(self.taken):
            return None
        value = Decimal(repr(self.taken))
        return value / _FEN if self.field.kind is Kind.AMOUNT else value


@dataclass(frozen=True)
class Cell:
    """A place with what the second reader found there."""

    place: Place
    raw: Raw
    kind: str = ""  # of the note that says how it was taken; '' of a cell that is taken as it stands
    rule: str = ""

    @cached_property
    def stands(self) -> bool:
        """Whether the value is what stands in the cell: to the fen of an amount, to the last digit of others."""
        taken = self.place.exact
        if self.kind == UNREAD:
            return False
        if self.raw is None or (isinstance(self.raw, str) and not clean(self.raw)):
            return taken is None
        if isinstance(self.raw, str) or taken is None:
            return False
        try:
            gap = abs(Decimal(repr(self.raw)) - taken)
        except InvalidOperation:
            return False
        return gap * _FEN <= Decimal("0.500001") if self.place.field.kind is Kind.AMOUNT else gap < Decimal("1e-9")

    @property
    def explained(self) -> bool:
        """Whether it is taken as it stands, or something was noted that says why it is not."""
        return self.stands or bool(self.kind)

    @property
    def done(self) -> str:
        """What was done to the cell, in words."""
        return "照原样计入" if self.stands else _DONE.get(self.kind, "另有说明")


def places_of(d: District, left_out: Iterable[str]) -> Iterator[Place]:
    """The places that figures are made of, of every workbook that counts."""
    out = set(left_out)
    for sheet in layout.DATA_SHEETS:
        fields = [field for field in sheet.fields if field.kind in _ASKED]
        table = d.table(sheet.key)
        lines = table["key"].tolist() if sheet is layout.BUDGET else [""] * len(table)
        columns = [table[field.key].tolist() for field in fields]
        for number, (book, row) in enumerate(zip(table["workbook"].tolist(), table["row"].tolist(), strict=True)):
            where = d.place(book, sheet.key)
            if book in out or where is None:
                continue
            for field, values in zip(fields, columns, strict=True):
                line = where.rows.get(field.key) if sheet.shape is Shape.FORM else row
                if field.key in where.columns and line is not None and given(line):
                    at = At(where.title, int(line), where.columns[field.key])
                    yield Place(book, sheet, field, int(line), lines[number], at, values[number])


class Reasons:
    """What was noted and found of each cell, to say why it was not taken as it stands."""

    def __init__(self, d: District, findings: Iterable[Finding]) -> None:
        self.kinds: dict[tuple[str, str, str], str] = {}
        self.wide: dict[tuple[str, str], str] = {}
        self.columns: dict[tuple[str, str], list[str]] = defaultdict(list)
        names = ("workbook", "kind", "sheet_title", "cell")
        for book, kind, title, cell in zip(*(d.notes[name].tolist() for name in names), strict=True):
            if kind in _UNITS:
                self.wide.setdefault((book, title), kind)
                self.wide.setdefault((book, ""), kind)
            elif cell:
                self.kinds.setdefault((book, title, cell), kind)
        self.rules: dict[tuple[str, str, str], str] = {}
        for each in findings:
            if each.rule.startswith("F"):
                self.rules.setdefault((each.workbook, each.sheet, each.cell), each.rule)

    def of(self, place: Place, raw: Raw) -> Cell:
        """A place with what was found there, and why it was taken otherwise, if it was."""
        plain = Cell(place, raw)
        if plain.stands:
            return plain
        key = (place.workbook, place.at.title, place.address)
        kind = self.kinds.get(key, "")
        if not kind and place.field.kind is Kind.AMOUNT:
            kind = self.wide.get(key[:2]) or self.wide.get((place.workbook, ""), "")
        if kind in (*_UNITS, "normalised") and not _converts(raw, place.exact):
            kind = ""  # what was noted does not give this value
        return Cell(place, raw, kind, self.rules.get(key) or _RULES.get(kind, "F11" if kind in _UNITS else ""))


def _converts(raw: Raw, taken: Decimal | None) -> bool:
    """Whether a value can be what a cell says, in one unit of money or another; spelt digits are believed."""
    if taken is None:
        return True
    digits = re.findall(r"\d+(?:\.\d+)?|\.\d+", re.sub(r"[,，\s]", "", unicodedata.normalize("NFKC", str(raw))))
    if not digits or len(str(raw)) > _LONGEST:
        return isinstance(raw, str)
    number = abs(Decimal(repr(raw))) if isinstance(raw, int | float) else Decimal(digits[0])
    return any(abs(number.scaleb(power) - abs(taken)) * _FEN <= 1 for power in range(-8, 9))


def by_workbook(places: Iterable[Place]) -> Mapping[str, list[Place]]:
    """Places by workbook, in the order of the workbooks."""
    found: dict[str, list[Place]] = defaultdict(list)
    for each in places:
        found[each.workbook].append(each)
    return dict(sorted(found.items()))
