"""The unit of every amount of a sheet: as the nearest statement says, else as 基本信息 declares, else 万元 (rule F11).

Nearest is what stands in the row itself, then in the column's header, then anywhere else on the sheet or in its name.
Statements that contradict each other are told; where none of them is nearer, or the unit cannot be converted, nothing
is read: a factor of ten thousand is never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from evalxl.intake.read.cells import Notebook, Raw, is_blank, raw_at
from evalxl.intake.read.declared import UNDECLARED, WAN, Declared, Units
from evalxl.intake.read.headers import Found, Headers, header_row
from evalxl.layout import Shape, Sheet
from evalxl.values.folding import label_key
from evalxl.values.kinds import Kind
from evalxl.values.money_units import LONGEST, Statement, mentions_unit, stated

_UNIT_HEADERS = {"单位", "计量单位", "金额单位", "货币单位", "币种", "币种单位"}


class Mark(NamedTuple):
    """A statement and the cell it stands in; row and column 1-based, 0 for the name of the sheet."""

    statement: Statement
    row: int
    column: int


def amounts_of(sheet: Sheet) -> list[str]:
    """The fields of a sheet that hold amounts of money."""
    return [each.key for each in sheet.fields if each.kind is Kind.AMOUNT]


def has_amounts(sheet: Sheet) -> bool:
    """Whether there are amounts of money in a sheet."""
    return bool(amounts_of(sheet))


def settle_units(sheet: Sheet, found: Found, headers: Headers, notebook: Notebook) -> Units:
    """The units of a sheet's amounts, with a note on each statement that is followed, contradicted or no use."""
    marks = _marks(sheet, found, headers, declared=notebook.declared.said)
    return _Settlement(sheet, found, headers, notebook).units(marks) if marks else Units(notebook.declared.unit)


def statements_above(sheet: Sheet, found: Found) -> list[Statement]:
    """What a sheet says of its amounts in its name, above its headers and in them."""
    above = found.grid[: header_row(sheet, found.grid) + 1] if found.grid else []
    cells = [(row, column, raw) for row, line in enumerate(above, 1) for column, raw in enumerate(line, 1)]
    texts = [(0, 0, found.title), *(each for each in cells if isinstance(each[2], str) and each[2])]
    return [
        said
        for _, _, text in texts
        if (said := stated(str(text), header=True)) is not None and not _of_points(sheet, said)
    ]


def _marks(sheet: Sheet, found: Found, headers: Headers, *, declared: bool) -> list[Mark]:
    heading = {place for cells in headers.heads.values() for place in cells}
    labels = headers.columns.get(sheet.name, 0) if sheet.shape is Shape.LINES else 0
    amounts = {column for key, column in headers.columns.items() if sheet.by_key[key].kind is Kind.AMOUNT}
    named = stated(found.title, header=True)
    marks = [Mark(named, 0, 0)] if named is not None else []
    for row, cells in enumerate(found.grid, 1):
        for column, raw in enumerate(cells, 1):
            if not (isinstance(raw, str) and raw and mentions_unit(raw)):
                continue
            below = column in amounts and row <= headers.last + _UNIT_ROWS
            header = row <= headers.last or column == labels or below or (row, column) in heading
            said = stated(raw, header=header)
            if said is None or _of_points(sheet, said) or _heads_something_else(sheet, headers, raw, row, column):
                continue
            if not (declared and found.is_formula(row, column)):  # which only repeats what is declared, if anything is
                marks.append(Mark(said, row, column))
    return marks


def _heads_something_else(sheet: Sheet, headers: Headers, raw: str, row: int, column: int) -> bool:
    """Whether a text heads a column that is not read (上年决算数（元）), and so says nothing of the others."""
    first = min((row for cells in headers.heads.values() for row, _ in cells), default=1)
    if not first <= row <= headers.last or any((row, column) in cells for cells in headers.heads.values()):
        return False
    fields = {place: key for key, place in headers.columns.items()}
    of_text = column in fields and not sheet.by_key[fields[column]].kind.numeric
    return not of_text and label_key(raw) not in {"", *_UNIT_HEADERS}


_UNIT_ROWS = 2  # so many rows below the headers may state the unit of each column


def _of_points(sheet: Sheet, said: Statement) -> bool:
    """Whether 分 are meant as points, in a table that has scores."""
    return said.written == "分" and any(each.kind is Kind.SCORE for each in sheet.fields)


class _Settlement:
    """The statements of one sheet, set against each other."""

    def __init__(self, sheet: Sheet, found: Found, headers: Headers, notebook: Notebook) -> None:
        self.sheet, self.found, self.headers, self.notebook = sheet, found, headers, notebook
        self.amounts = [each.key for each in sheet.fields if each.kind is Kind.AMOUNT and each.key in headers.columns]
        self.places = {headers.columns[key]: key for key in self.amounts}

    def units(self, marks: list[Mark]) -> Units:
        columns: dict[str, list[Mark]] = {}
        rows: dict[int, list[Mark]] = {}
        wide: list[Mark] = []
        remarks: list[Mark] = []
        for mark in marks:
            keys = self._columns_of(mark)
            if keys:
                for key in keys:
                    columns.setdefault(key, []).append(mark)
            elif not self._is_record(mark.row):
                wide.append(mark)
            elif self._of_its_row(mark):
                rows.setdefault(mark.row, []).append(mark)
            else:
                remarks.append(mark)
        if remarks and {mark.row for mark in remarks} >= set(self._records()):
            wide, remarks = wide + remarks, []
        units = self._of_the_sheet(wide, columns)
        self._settle_columns(columns, units, said=bool(wide) or self.notebook.declared.said)
        self._settle_rows(rows, units, columns)
        self._settle_remarks(remarks, units)
        return units

    def _columns_of(self, mark: Mark) -> list[str]:
        """The columns that a statement heads."""
        keys = [key for key in self.amounts if (mark.row, mark.column) in self.headers.heads.get(key, [])]
        if keys or mark.row == 0:
            return keys
        below = self.headers.last < mark.row <= self.headers.last + _UNIT_ROWS
        if below and mark.column in self.places:
            return [self.places[mark.column]]
        first = min((row for cells in self.headers.heads.values() for row, _ in cells), default=0)
        if mark.row == first - 1 and not mark.statement.labelled:  # 预算（元） over two of the columns
            here = (mark.row, mark.column)
            across = next((each for each in self.found.merges if each.left == mark.column and each.covers(*here)), None)
            if across is None or mark.column not in self.places:
                return []
            covered = [key for place, key in self.places.items() if mark.column <= place <= across.right]
            return covered if len(covered) < len(self.amounts) else []
        return []

    def _is_record(self, row: int) -> bool:
        return row > self.headers.last and any(isinstance(self._at(row, place), float) for place in self.places)

    def _records(self) -> Iterator[int]:
        return (row for row in range(self.headers.last + 1, len(self.found.grid) + 1) if self._is_record(row))

    def _at(self, row: int, column: int) -> Raw:
        return raw_at(self.found.grid[row - 1], column - 1)

    def _of_its_row(self, mark: Mark) -> bool:
        """Whether a statement beside amounts is about these: in their label, or in a column of units."""
        if mark.column == self.headers.columns.get(self.sheet.name):
            return True
        above = [self._at(row, mark.column) for row in range(1, self.headers.last + 1)]
        headers = [label_key(raw) for raw in above if isinstance(raw, str) and not is_blank(raw)]
        return bool(headers) and headers[-1] in _UNIT_HEADERS

    def _of_the_sheet(self, wide: list[Mark], columns: dict[str, list[Mark]]) -> Units:
        declared = self.notebook.declared
        said = {mark.statement.unit for mark in wide}
        if not wide:
            alone = {mark.statement.unit for marks in columns.values() for mark in marks}
            follow = not declared.said and len(alone) == 1 and alone != {""}
            return Units(alone.pop() if follow else declared.unit)
        first = wide[0]
        if len(said) > 1 or "" in said:
            odd = next((mark for mark in wide if mark.statement.unit != first.statement.unit), first)
            against = first.statement.written if odd is not first else ""
            self._note("unit_open", odd, against, "本表各金额")
            return Units("")
        (unit,) = said
        if declared.said and unit != declared.unit:
            self._note("unit_conflict", first, declared.unit or "别的单位", "本表")
        elif unit != WAN and not declared.said:
            self._note("unit_converted", first, unit, self._scope("本表"))
        return Units(unit)

    def _settle_columns(self, columns: dict[str, list[Mark]], units: Units, *, said: bool) -> None:
        told: dict[tuple[str, str], list[Mark]] = {}
        for key, marks in columns.items():
            written = {mark.statement.unit for mark in marks}
            unit = units.columns[key] = written.pop() if len(written) == 1 else ""
            kind = "unit_open" if not unit else "unit_conflict" if said and unit != units.default else ""
            kind = kind or ("unit_converted" if unit != WAN and not said else "")
            if kind:
                told.setdefault((kind, unit), []).append(marks[0])
        for (kind, _), marks in told.items():
            scope = "这一列" if len(marks) == 1 else f"这 {len(marks)} 列"
            other = units.default if kind == "unit_conflict" else ""
            self._note(kind, marks[0], other, scope if kind != "unit_converted" else self._scope(scope))

    def _settle_rows(self, rows: dict[int, list[Mark]], units: Units, columns: dict[str, list[Mark]]) -> None:
        for row, marks in rows.items():
            written = {mark.statement.unit for mark in marks}
            unit = written.pop() if len(written) == 1 else ""
            others = {units.of(key) for key in self.amounts} - {unit}
            if not others:
                continue
            open_ = not unit or any(units.columns.get(key) not in (None, unit) for key in columns)
            units.rows[row] = "" if open_ else unit
            other = "、".join(sorted(filter(None, others)))
            self._note("unit_open" if open_ else "unit_conflict", marks[0], other if unit else "", "这一行")

    def _settle_remarks(self, remarks: list[Mark], units: Units) -> None:
        """Statements in the remarks on some lines: of those lines, or of all?"""
        odd = next(
            (mark for mark in remarks if any(units.of(key) != mark.statement.unit for key in self.amounts)), None
        )
        if odd is not None:
            self._note("unit_open", odd, units.default if odd.statement.unit else "", "本表各金额")
            units.default, units.columns, units.rows = "", {}, {}

    def _scope(self, here: str) -> str:
        """How far a statement reaches that nothing else is said beside: to sheets that state nothing too."""
        return "各表金额" if self.notebook.declared.unit != WAN else here

    def _note(self, kind: str, mark: Mark, other: str, scope: str) -> None:
        self.notebook.add(
            kind, self.sheet, title=self.found.title, row=mark.row, column=mark.column, label="金额单位",
            raw=mark.statement.written, value=other, detail=scope,
        )  # fmt: skip


def declaration(written: str, standard: str, others: list[Statement]) -> Declared:
    """What is said of the whole workbook: in the form, and in notes on the form or in the instructions."""
    said = stated(written) if written and not standard else None
    units = [standard] if standard else [said.unit if said else ""] if written else []
    units += [each.unit for each in others]
    if not units:
        return UNDECLARED
    return Declared(units[0] if len(set(units)) == 1 else "", said=True)


def strict_statement(raw: object) -> Statement | None:
    """A statement that is all a text says (注：以上金额单位为元。): of long instructions nothing is taken."""
    if not isinstance(raw, str) or not 0 < len(raw) <= LONGEST or not mentions_unit(raw):
        return None
    said = stated(raw)
    return said if said is not None and said.labelled and len(raw.strip()) <= _ALL_IT_SAYS else None


_ALL_IT_SAYS = 24
