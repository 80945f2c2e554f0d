"""A finding in words: where it stands, its figures, and its sentence; what a rule says of a row as people read it."""

from __future__ import annotations

import math

from evalxl import layout
from evalxl.district.findings import Operand
from evalxl.district.tables import District, Row
from evalxl.layout import Shape
from evalxl.rules.rule import Rule
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show


def text_in(row: Row, name: str) -> str:
    """A column that a rule may have added, '' where it has not (in a table put together from parts: NaN)."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


class Address:
    """Where a finding stands: sheet, cell, and the words for it."""

    def __init__(self, d: District, rule: Rule, row: Row) -> None:
        self.sheet = text_in(row, "sheet") or rule.sheet
        self.field = text_in(row, "field") or rule.field
        self.row = float(row.get("row", math.nan))
        self.kind = Kind.TEXT
        self.title, self.cell = text_in(row, "sheet_title"), text_in(row, "cell")
        self.header = self.of_sheet = ""  # as the layout has them
        sheet = layout.BY_KEY.get(self.sheet)
        if sheet is not None:
            self.of_sheet = sheet.title
        if sheet is not None and self.field in sheet.by_key:
            self.kind, self.header = sheet.by_key[self.field].kind, sheet.by_key[self.field].header
        if sheet is not None and not self.cell:
            known = self.field if self.field in sheet.by_key else ""
            title, self.cell = d.cell(row["workbook"], self.sheet, known, self.row)
            self.title = self.title or title
        self.label = text_in(row, "label") or _label(sheet, self.field, row)

    @property
    def where(self) -> str:
        """The place as a sentence begins with it: 预算!D22 本年支出合计."""
        if not self.title:
            return ""
        place = f"{self.title}!{self.cell}" if self.cell else f"《{self.title}》"
        return f"{place} {self.label}" if self.label and self.label != self.title else place


def _label(sheet: layout.Sheet | None, field_key: str, row: Row) -> str:
    """The words for a value: the budget line, the record's name with the header, or the form's label."""
    if sheet is None or field_key not in sheet.by_key:
        return ""
    header = sheet.by_key[field_key].header
    if sheet.shape is Shape.LINES:
        line = sheet.line_by_key.get(text_in(row, "key").partition("<")[0])
        words = line.name if line else ""
        return words if field_key == "final" else f"{words}（{header}）"
    name = str(row.get(sheet.name) or "") if sheet.shape is Shape.TABLE and row.get("key") else ""
    return f"{name}·{header}" if name and field_key != sheet.name else header


class Figures:
    """The figures of a finding, for its words and for its JSON."""

    def __init__(self, row: Row, address: Address) -> None:
        kind = address.kind
        actual, expected, allowed = (row.get(name, math.nan) for name in ("actual", "expected", "tolerance"))
        if "actual" not in row and address.kind.numeric:
            actual = row.get(address.field, math.nan)
        difference = _tidy(actual - expected)
        # Two rates that differ must not read alike: 95.00% and 95.00%.
        finely = bool(difference) and show(kind, actual) == show(kind, expected)
        self.json = {
            "expected": show(kind, expected, finely=finely),
            "actual": show(kind, actual, finely=finely),
            "difference": show(kind, difference, finely=finely),
            "tolerance": show(kind, allowed),
        }
        self.words = self.json | {"gap": _gap(kind, difference)}


def _tidy(number: float) -> float:
    """A difference of two rates or scores without the dust of binary fractions."""
    return round(number, 8) if given(number) else number


def _gap(kind: Kind, difference: float) -> str:
    """How far apart two numbers are, in words: 多 0.45 万元."""
    if not given(difference):
        return ""
    size = abs(difference)
    if kind is Kind.RATE:
        return f"{'高' if difference > 0 else '低'} {size * 100:.2f} 个百分点"
    unit = {Kind.AMOUNT: "万元", Kind.SCORE: "分"}.get(kind, "")
    return f"{'多' if difference > 0 else '少'} {show(kind, size)} {unit}".rstrip()


class Words(dict[str, str]):
    """The words of a message: the row's own columns as people read them, when asked for, and else what is given."""

    def __init__(self, given: dict[str, str], row: Row, address: Address) -> None:
        super().__init__({name: words for name, words in given.items() if name in _RESERVED or name not in row})
        sheet = layout.BY_KEY.get(address.sheet)
        self.fields = sheet.by_key if sheet is not None else {}
        self.row = row

    def __missing__(self, name: str) -> str:
        if name in _RESERVED:
            raise KeyError(name)
        return show(self.fields[name].kind if name in self.fields else Kind.TEXT, self.row[name])


_RESERVED = {"actual", "expected", "tolerance", "operands"}


def sentence(where: str, found: str) -> str:
    """Place and statement as one sentence: 预算!D22 本年支出合计 859.61……, but 项目!K7 偏差原因：未填……"""
    if not where:
        return found
    if found.startswith("等 "):  # it stands for several: 上级补助收入等 5 项未填
        return f"{where}{found}"
    return f"{where} {found}" if found[0].isdigit() or found[0] == "-" else f"{where}：{found}"


def listed_cells(operands: list[Operand], title: str) -> str:
    """The cells of the operands as a list; those of another sheet with its name."""
    named = (each.cell if each.sheet == title else f"{each.sheet}!{each.cell}" for each in operands if each.cell)
    cells = list(dict.fromkeys(named))
    return "、".join(cells[:12]) + (f" 等 {len(cells)} 格" if len(cells) > 12 else "")
