"""One workbook's tables as a report asks for them, and the list of what they do not say."""

from __future__ import annotations

from typing import Any

from evalxl.district.tables import District
from evalxl.layout import AMOUNTS, BY_KEY
from evalxl.outputs.word.blocks import BLANK


class Figures:
    """The values of one workbook: budget amounts by line, form fields by key, records of a table in sheet order."""

    def __init__(self, d: District) -> None:
        self._tables: dict[str, list[dict[str, Any]]] = {
            name: [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
            for name, table in d.tables.items()
            if name in BY_KEY
        }
        lines = self._tables["budget"]
        self._budget = {(row["key"], column): row[column] for row in lines for column in AMOUNTS}
        self.blanks: list[str] = []
        self.withheld = "".join(d.bureau.withheld.values())  # of a version that is published

    def amount(self, line: str, column: str = "final") -> float:
        """A budget amount in fen; NaN where it is blank or the workbook has no such line."""
        return float(self._budget.get((line, column), float("nan")))

    def has_line(self, line: str) -> bool:
        """Whether the workbook's budget has a line at all; the shorter budgets of some districts do not."""
        return (line, "final") in self._budget

    def records(self, sheet: str) -> list[dict[str, Any]]:
        """The records of a table."""
        return self._tables[sheet]

    def field(self, sheet: str, key: str) -> Any:
        """A form's field; '' or NaN where it is blank, '' where the workbook has no such sheet."""
        rows = self._tables[sheet]
        return rows[0][key] if rows else ""

    def missing(self, what: str) -> str:
        """A visible blank, remembered under a name that says where to fill it in."""
        if what not in self.blanks:
            self.blanks.append(what)
        return BLANK

    def text(self, sheet: str, key: str) -> str:
        """A form's text field, or a visible blank."""
        value, field = str(self.field(sheet, key)), BY_KEY[sheet].by_key[key]
        value = value if field.height else value.replace("\n", " ")
        return value or self.missing(f"{BY_KEY[sheet].title} {field.header}")
