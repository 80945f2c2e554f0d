"""What a sheet, a field and a line of the workbook are, and how cells are addressed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

from evalxl.values.folding import label_key
from evalxl.values.kinds import Kind

OWN = "own_"  # begins the keys of what a bureau has added


class Shape(StrEnum):
    """How the fields of a sheet lie on it."""

    TEXT = "说明"
    FORM = "表单"  # one field a row: label, value, hint
    TABLE = "表格"  # one record a row below a header row
    LINES = "固定行"  # a table whose rows are fixed and known by their label


@dataclass(frozen=True)
class Field:
    """One column of a table, or one line of a form."""

    key: str
    header: str
    kind: Kind = Kind.TEXT
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: str = ""  # the vocabulary of policy.toml that fills the drop-down
    computed: bool = False  # a formula in the template; read, but never what makes a row count as filled in
    width: int = 12  # in half-width characters
    height: int = 0  # of a form's line in points; 0 = the default
    hint: str = ""  # what the accountant reads beside the field, in its input message and in the handbook
    left_out: bool = False  # by a bureau: hidden in the template, never asked for

    @property
    def own(self) -> bool:
        """Whether a bureau has added it, so that no rule of the program knows it."""
        return self.key.startswith(OWN)

    @property
    def title(self) -> str:
        """The header as printed: with the star that marks a required field."""
        return self.header + ("*" if self.required else "")


@dataclass(frozen=True)
class Line:
    """One fixed line of the budget."""

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    computed: bool = False  # a total: a formula in the template, recomputed when read
    detail: bool = False  # a breakdown of another line (其中：…)
    hint: str = ""

    @property
    def name(self) -> str:
        """The label without the words that mark a breakdown."""
        return self.label.removeprefix("其中：")

    @property
    def own(self) -> bool:
        """Whether a bureau has added it."""
        return self.key.startswith(OWN)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its shape, its fields and where they stand in the template."""

    key: str
    title: str
    shape: Shape
    fields: tuple[Field, ...] = ()
    lines: tuple[Line, ...] = ()
    aliases: tuple[str, ...] = ()
    required: bool = True
    room: int = 0  # records there is room for in the template's table
    name: str = ""  # the field that names a record in messages; "" for the row number
    landscape: bool = False
    note: str = ""  # one sentence below the title

    HEADER_ROW = 4  # 1 title, 2 note, 3 unit and check line, 4 headers
    FIRST_ROW = 5

    @cached_property
    def by_key(self) -> dict[str, Field]:
        """The fields by their key."""
        return {field.key: field for field in self.fields}

    @cached_property
    def by_label(self) -> dict[str, Field]:
        """The fields by every folded header they are known under."""
        return {label_key(name): field for field in self.fields for name in (field.header, *field.aliases)}

    @cached_property
    def line_by_key(self) -> dict[str, Line]:
        """The fixed lines by their key."""
        return {line.key: line for line in self.lines}

    @cached_property
    def line_by_label(self) -> dict[str, Line]:
        """The fixed lines by every folded label they are known under."""
        return {label_key(name): line for line in self.lines for name in (line.label, *line.aliases)}

    @property
    def last_row(self) -> int:
        """The last row of the template's block (1-based)."""
        count = {Shape.FORM: len(self.fields), Shape.LINES: len(self.lines), Shape.TABLE: self.room}
        return self.FIRST_ROW + count.get(self.shape, 0) - 1

    def column(self, key: str) -> int:
        """Where a field's value stands in the template (1-based column)."""
        if self.shape is Shape.FORM:
            return 2
        return list(self.by_key).index(key) + 1

    def row(self, key: str) -> int:
        """Where a form's field or a fixed line stands in the template (1-based row)."""
        keys = self.by_key if self.shape is Shape.FORM else self.line_by_key
        return self.FIRST_ROW + list(keys).index(key)

    @property
    def check_column(self) -> int:
        """The column right of the block, where the template's live checks stand (1-based)."""
        return 4 if self.shape is Shape.FORM else len(self.fields) + 1


@lru_cache(maxsize=256)  # every address begins with one
def column_letter(column: int) -> str:
    """The letters of a 1-based column: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The 1-based column that letters name, in either case: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell(row: int, column: int) -> str:
    """The address of a cell as accountants say it: row 22, column 4 is D22."""
    return f"{column_letter(column)}{row}"


def ranges(cells: Iterable[str]) -> list[str]:
    """The cells of one column as accountants list them: E5:E9, E12."""
    found: list[list[str]] = []
    for each in cells:
        letters = each.rstrip("0123456789")
        row = int(each[len(letters) :])
        if found and found[-1][-1] == f"{letters}{row - 1}":
            found[-1][1:] = [each]
        else:
            found.append([each])
    return [":".join(each) for each in found]
