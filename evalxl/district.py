"""The district: everything read from a set of workbooks, as long tables. One workbook is a district of one.

Every table carries ``workbook`` (the path below the inbox, with /) and ``row`` (the sheet row, 1-based). Amounts are
float64 in whole fen, rates are fractions, NaN is a blank; text columns are plain ``str`` with '' for a blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple, TypeVar, cast

import pandas as pd

from evalxl import layout
from evalxl.layout import Shape, Sheet

# What reading adds to the layout's own fields: standard words beside written ones, keys for comparing names.
EXTRA_COLUMNS: dict[str, tuple[str, ...]] = {
    "general": ("department_key", "grade_standard"),
    "units": ("key", "nature_standard", "funding_standard"),
    "budget": ("key",),
    "projects": ("key", "unit_key", "grade_standard"),
    "indicators": ("key", "project_key", "direction_standard"),
    "reviewers": ("key",),
    "narrative": (),
}
WORKBOOK_COLUMNS = (
    "workbook",
    "sha256",
    "size",
    "readable",
    "department",
    "code",
    "region",
    "year",
    "money_unit",
    "ulp",
    "saved",
)
LARGE = ("indicators", "reviewers")  # no rule of the district asks for these: a run keeps them on disk (write.spill)
UNREAD = ("not_numeric", "damaged", "error_cell", "no_value", "external", "score_not_numeric")
NOTE_COLUMNS = ("workbook", "kind", "sheet", "sheet_title", "field", "row", "cell", "label", "raw", "value", "detail")

T = TypeVar("T")


class Place(NamedTuple):
    """Where a sheet of the layout lies in one workbook."""

    title: str  # the sheet's name as the sender wrote it
    columns: dict[str, int]  # field → 1-based column
    rows: dict[str, int]  # form field → 1-based row


def columns(sheet: Sheet) -> list[str]:
    """The columns of the table that holds a sheet."""
    return ["workbook", "row", *sheet.by_key, *EXTRA_COLUMNS[sheet.key]]


def frame(names: Iterable[str], rows: list[tuple[Any, ...]], numeric: set[str]) -> pd.DataFrame:
    """A table from tuples: numeric columns float64 with NaN, all others plain Python objects."""
    names = list(names)
    values = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pd.DataFrame(
        {
            name: pd.Series(column, dtype="float64" if name in numeric else "object")
            for name, column in zip(names, values, strict=True)
        }
    )


def sheet_frame(sheet: Sheet, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The table of one sheet from tuples in the order of ``columns``."""
    return frame(columns(sheet), rows, {"row"} | {key for key, each in sheet.by_key.items() if each.kind.numeric})


def workbooks_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The spine: one row per file, readable or not."""
    table = frame(WORKBOOK_COLUMNS, rows, {"size", "year", "ulp"})
    return table.assign(readable=table["readable"].astype(bool))


def notes_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """What reading noticed; the F rules turn it into findings."""
    return frame(NOTE_COLUMNS, rows, {"row"})


ROSTER_COLUMNS = ("row", "code", "name", "key", "aliases", "contact", "phone", "region")
IDLE_WAIVER_COLUMNS = ("row", "rule_waived", "department", "label", "found")
RECHECK_COLUMNS = ("row", "department_key", "unit_key", "key", "name", "score", "grade", "remark")


@dataclass(frozen=True)
class Bureau:
    """What the bureau knows besides the workbooks: whom it expects, last year's reports, its own rechecks.

    Rules of the district see it; each table is empty, and ``last_year`` None, when the bureau has not given it.
    ``idle_waivers`` is empty also when every waiver is in use: ``waivers_given`` says whether there is a list at all.
    """

    roster: pd.DataFrame = field(default_factory=lambda: frame(ROSTER_COLUMNS, [], {"row"}))
    rechecks: pd.DataFrame = field(default_factory=lambda: frame(RECHECK_COLUMNS, [], {"row", "score"}))
    idle_waivers: pd.DataFrame = field(default_factory=lambda: frame(IDLE_WAIVER_COLUMNS, [], {"row"}))
    waivers_given: bool = False
    last_year: District | None = None


@dataclass(frozen=True)
class District:
    """The long tables of a set of workbooks; ``workbooks`` is the spine, so that no department drops out unseen."""

    workbooks: pd.DataFrame = field(default_factory=lambda: workbooks_frame([]))
    general: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.GENERAL, []))
    units: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.UNITS, []))
    budget: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.BUDGET, []))
    projects: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.PROJECTS, []))
    indicators: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.INDICATORS, []))
    reviewers: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.REVIEWERS, []))
    narrative: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.NARRATIVE, []))
    notes: pd.DataFrame = field(default_factory=lambda: notes_frame([]))
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    bureau: Bureau = field(default_factory=Bureau)
    _derived: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def table(self, sheet: str) -> pd.DataFrame:
        """The table of a sheet, by the sheet's key."""
        return self.tables[sheet]

    def place(self, workbook: str, sheet: str) -> Place | None:
        """Where a sheet lies in a workbook, or None when the workbook has no such sheet."""
        return self.places.get((workbook, sheet))

    def cell(self, workbook: str, sheet: str, field_key: str, row: float) -> tuple[str, str]:
        """Sheet name and cell address of a value; where the field is missing, of the sheet alone or of nothing."""
        place = self.place(workbook, sheet)
        if place is None:
            return layout.BY_KEY[sheet].title, ""
        column = place.columns.get(field_key)
        line = place.rows.get(field_key) if layout.BY_KEY[sheet].shape is Shape.FORM else row
        if column is None or line is None or line != line:
            return place.title, ""
        return place.title, layout.cell(int(line), column)

    def having_sheet(self, sheet: str) -> pd.DataFrame:
        """The workbooks that have a sheet."""
        having = {workbook for workbook, key in self.places if key == sheet}
        return self.workbooks[self.workbooks["workbook"].isin(having)]

    def with_column(self, sheet: str, field_key: str) -> pd.DataFrame:
        """The rows of a sheet in the workbooks whose sheet has a field; where it has not, reading has said so."""
        table = self.table(sheet)
        having = {book for (book, key), place in self.places.items() if key == sheet and field_key in place.columns}
        return table[table["workbook"].isin(having)]

    def split(self) -> Iterator[tuple[str, District]]:
        """Each workbook as a district of its own, in the order of the spine."""
        parts = {name: dict(iter(table.groupby("workbook", sort=False))) for name, table in self._tables()}
        places: dict[str, dict[tuple[str, str], Place]] = {}
        for key, place in self.places.items():
            places.setdefault(key[0], {})[key] = place
        for workbook in self.workbooks["workbook"]:
            tables = {name: part.get(workbook, self.tables[name].iloc[:0]) for name, part in parts.items()}
            yield workbook, District(**cast("dict[str, Any]", tables), places=places.get(workbook, {}))

    def _tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        for each in fields(self):
            if each.name not in ("places", "bureau", "_derived"):
                yield each.name, getattr(self, each.name)

    @property
    def unread(self) -> pd.DataFrame:
        """The notes on values that stand in their cell but could not be read, and so are blanks here."""
        return self.notes[self.notes["kind"].isin(UNREAD)]

    @property
    def year(self) -> int | None:
        """The year the batch is about: the one most workbooks state, of several equally common ones the latest."""
        stated = self.workbooks["year"].dropna().value_counts()
        return int(stated[stated == stated.max()].index.max()) if len(stated) else None

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What several rules derive from the same tables, derived once."""
        if name not in self._derived:
            self._derived[name] = make()
        return cast("T", self._derived[name])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, the spine first."""
        return dict(self._tables())


def concat(districts: list[District]) -> District:
    """Several districts as one, workbooks in the order of their path."""
    if not districts:
        return District()
    merged: dict[str, Any] = {}
    for name in District().tables:
        table = pd.concat([each.tables[name] for each in districts], ignore_index=True)
        merged[name] = table.sort_values("workbook", kind="stable", ignore_index=True)
    places = {key: place for each in districts for key, place in each.places.items()}
    return District(**merged, places=places)


def lean(d: District) -> District:
    """The same without its large tables: in memory there remains, of every row, whose it is."""
    tables: dict[str, Any] = {name: d.tables[name][["workbook"]] for name in LARGE}
    return replace(d, **tables)


def shared(d: District) -> District:
    """The same with every text and place held once, however often it occurs: 80 KB a workbook instead of 138."""
    texts: dict[str, str] = {}
    tables: dict[str, Any] = {name: _shared(table, texts) for name, table in d.tables.items()}
    known: dict[str, Place] = {}
    places = {
        (texts.setdefault(workbook, workbook), texts.setdefault(sheet, sheet)): known.setdefault(repr(place), place)
        for (workbook, sheet), place in d.places.items()
    }
    return District(**tables, places=places, bureau=d.bureau)


def _shared(table: pd.DataFrame, texts: dict[str, str]) -> pd.DataFrame:
    columns = {
        str(name): pd.Series([texts.setdefault(text, text) for text in column], column.index, dtype=object)
        for name, column in table.items()
        if column.dtype == object
    }
    return table.assign(**columns)
