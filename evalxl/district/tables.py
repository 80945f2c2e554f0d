"""The district: everything read from a set of workbooks, as long tables. One workbook is a district of one.

Every table carries ``workbook`` (the path below the inbox, with /) and ``row`` (the sheet row, 1-based). Amounts are
float64 in whole fen, rates are fractions, NaN is a blank; text columns are plain ``str`` with '' for a blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

import numpy as np
import pandas as pd

from evalxl import layout
from evalxl.district.findings import Finding
from evalxl.district.notes import NOTE_COLUMNS, Note
from evalxl.district.spine import WORKBOOK_COLUMNS, WorkbookRow
from evalxl.layout import Shape, Sheet
from evalxl.values.folding import fold
from evalxl.values.quantities import given

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
LARGE = ("indicators", "reviewers")  # no rule of the district asks for these: a run keeps them on disk
UNREAD = (
    "not_numeric", "damaged", "error_cell", "no_value", "external", "score_not_numeric", "shown_otherwise",
    "unit_doubtful",
)  # fmt: skip

_AT_A_TIME = 4_096  # rows of a large table

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
Q = ParamSpec("Q")

Row = Mapping[str, Any]  # one row of a table by column, read only


class Place(NamedTuple):
    """Where a sheet of the layout lies in one workbook."""

    title: str  # the sheet's name as the sender wrote it
    columns: dict[str, int]  # field → 1-based column
    rows: dict[str, int]  # form field → 1-based row


def columns(sheet: Sheet) -> list[str]:
    """The columns of the table that holds a sheet."""
    return ["workbook", "row", *sheet.by_key, *EXTRA_COLUMNS.get(sheet.key, ())]


def frame(names: Iterable[str], rows: Sequence[tuple[Any, ...]], numeric: set[str]) -> pd.DataFrame:
    """A table from tuples: numeric columns float64 with NaN, all others plain Python objects."""
    names = list(names)
    values = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return _typed(dict(zip(names, values, strict=True)), numeric)


def sheet_frame(sheet: Sheet, values: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The table of one sheet from the values of its ``columns``; without any, a table without rows."""
    numeric = {"row"} | {key for key, each in sheet.by_key.items() if each.kind.numeric}
    return _typed({name: values[name] if values else () for name in columns(sheet)}, numeric)


def _typed(values: Mapping[str, Sequence[Any]], numeric: set[str]) -> pd.DataFrame:
    index = pd.RangeIndex(len(next(iter(values.values()), ())))  # one for all columns: so none has to be aligned
    return pd.DataFrame({name: _series(column, index, name in numeric) for name, column in values.items()}, index)


def _series(values: Sequence[Any], index: pd.Index[Any], numeric: bool) -> pd.Series[Any]:
    """A column from plain values, by way of an array, for pandas is slow at lists."""
    array = np.array(values, dtype=float) if numeric else np.fromiter(values, dtype=object, count=len(values))
    return pd.Series(array, index, array.dtype, copy=False)


def workbooks_frame(rows: Sequence[WorkbookRow]) -> pd.DataFrame:
    """The spine: one row per file, readable or not."""
    table = frame(WORKBOOK_COLUMNS, rows, {"size", "year", "ulp"})
    return table.assign(readable=table["readable"].astype(bool))


def notes_frame(rows: Sequence[Note]) -> pd.DataFrame:
    """What reading noticed; the F rules turn it into findings."""
    return frame(NOTE_COLUMNS, rows, {"row"})


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain records: what ``to_dict("records")`` gives, in a tenth of its time."""
    if not len(table):
        return []  # most rules find nothing
    names = [str(name) for name in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.to_numpy(dtype=object).tolist()]


def each_row(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a table one after another, of which only some thousand are records at a time."""
    for first in range(0, len(table), _AT_A_TIME):
        yield from rows_of(table.iloc[first : first + _AT_A_TIME])


class RowsByWorkbook:
    """A table's rows by workbook, as slices of it: for many small parts a fifth of what ``groupby`` costs."""

    def __init__(self, table: pd.DataFrame) -> None:
        numbers, workbooks = pd.factorize(table["workbook"])
        order = np.argsort(numbers, kind="stable")
        # Reading leaves the rows of a workbook together.
        self.table = table.iloc[order] if (order[1:] < order[:-1]).any() else table
        ends = np.searchsorted(numbers[order], np.arange(len(workbooks)), side="right").tolist()
        self.rows = {book: slice(*each) for book, *each in zip(workbooks, [0, *ends], ends, strict=False)}

    def of(self, workbook: str) -> pd.DataFrame:
        """The rows of a workbook."""
        return self.table.iloc[self.rows.get(workbook, slice(0))]

    def columns_of(self, workbook: str) -> Mapping[str, list[Any]]:
        """The same as plain lists."""
        rows = self.rows.get(workbook, slice(0))
        return {key: values[rows] for key, values in self._columns.items()}

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        return _lists(self.table)


def _lists(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(key): values.tolist() for key, values in table.items()}


def each_once(answer: Callable[[K], T], values: Iterable[K]) -> list[T]:
    """The answer for each value of a column; about values that recur only the first time is asked."""
    values = values.tolist() if isinstance(values, pd.Series) else values
    return list(map(_Answers(answer).__getitem__, values))


class _Answers(dict[K, T]):
    """Answers by what was asked, each given when it is first asked for."""

    def __init__(self, answer: Callable[[K], T]) -> None:
        self.answer = answer

    def __missing__(self, value: K) -> T:
        self[value] = given = self.answer(value)
        return given


ROSTER_COLUMNS = ("row", "code", "name", "key", "aliases", "contact", "phone", "region")
IDLE_WAIVER_COLUMNS = ("row", "rule_waived", "department", "label", "found")
RECHECK_COLUMNS = (
    "row", "department_key", "unit_key", "key", "name", "score", "grade", "remark", "reviewer", "date", "level",
)  # fmt: skip


class Likenesses(NamedTuple):
    """What the round before said of texts that are like others': who had filed, and the findings of N06."""

    departments: Mapping[str, str] = {}  # workbook → its department's key, by the roster of today
    findings: Sequence[Finding] = ()


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
    likenesses: Likenesses = field(default_factory=Likenesses)
    withheld: Mapping[str, str] = field(default_factory=dict)  # by workbook, what a published version says of it


def once_per_district(find: Callable[Concatenate[District, Q], T]) -> Callable[Concatenate[District, Q], T]:
    """Find what several rules ask for only once in each district, and for whatever else it depends on."""

    @wraps(find)
    def ask(d: District, /, *about: Q.args, **named: Q.kwargs) -> T:
        key = (ask, (*about, *named.items()))
        if key not in d._answers:
            d._answers[key] = find(d, *about, **named)
        return cast("T", d._answers[key])

    return ask


_NOTHING_KNOWN = Bureau()  # one for all districts: its empty tables cost as much to make as splitting off a workbook


@dataclass(frozen=True)
class District:
    """The long tables of a set of workbooks; ``workbooks`` is the spine, so that no department drops out unseen."""

    workbooks: pd.DataFrame = field(default_factory=lambda: workbooks_frame([]))
    general: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.GENERAL, {}))
    units: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.UNITS, {}))
    budget: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.BUDGET, {}))
    projects: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.PROJECTS, {}))
    indicators: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.INDICATORS, {}))
    reviewers: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.REVIEWERS, {}))
    narrative: pd.DataFrame = field(default_factory=lambda: sheet_frame(layout.NARRATIVE, {}))
    own: Mapping[str, pd.DataFrame] = field(default_factory=lambda: own_frames({}))  # of sheets that a bureau added
    notes: pd.DataFrame = field(default_factory=lambda: notes_frame([]))
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    bureau: Bureau = _NOTHING_KNOWN
    _answers: dict[tuple[object, tuple[Hashable, ...]], object] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def table(self, sheet: str) -> pd.DataFrame:
        """The table of a sheet, by the sheet's key."""
        return self.own[sheet] if sheet in self.own else cast("pd.DataFrame", getattr(self, sheet))

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
        if column is None or line is None or not given(line):
            return place.title, ""
        return place.title, layout.cell(int(line), column)

    def having_sheet(self, sheet: str) -> list[str]:
        """The workbooks that have a sheet."""
        return [workbook for workbook in self.workbooks["workbook"] if (workbook, sheet) in self.places]

    @once_per_district
    def having_column(self, sheet: str, field_key: str) -> set[str]:
        """The workbooks whose sheet has a field; where it has not, reading has said so."""
        return {book for (book, key), place in self.places.items() if key == sheet and field_key in place.columns}

    @once_per_district
    def columns(self, sheet: str) -> Mapping[str, list[Any]]:
        """The columns of a sheet's table as plain lists."""
        return _lists(self.table(sheet))

    @once_per_district
    def rows(self, sheet: str) -> list[Row]:
        """The rows of a sheet as records: on one workbook they cost a rule a small part of what a table does."""
        return list(rows_of(self.table(sheet)))

    @once_per_district
    def rows_with(self, sheet: str, field_key: str) -> list[Row]:
        """The same in the workbooks whose sheet has a field."""
        having = self.having_column(sheet, field_key)
        return [row for row in self.rows(sheet) if row["workbook"] in having]

    @once_per_district
    def by_workbook(self, sheet: str) -> Mapping[str, list[Row]]:
        """The rows of a sheet as records, by workbook; a workbook without any has no entry."""
        found: dict[str, list[Row]] = {}
        for row in self.rows(sheet):
            found.setdefault(row["workbook"], []).append(row)
        return found

    @once_per_district
    def folded(self, sheet: str, field_key: str) -> list[str]:
        """A column's texts as they are compared; folding is most of the cost, and several rules compare them."""
        return each_once(fold, self.table(sheet)[field_key])

    def split(self) -> Iterator[tuple[str, District]]:
        """Each workbook as a district of its own, in the order of the spine."""
        parts = {name: RowsByWorkbook(table) for name, table in self._tables()}
        places: dict[str, dict[tuple[str, str], Place]] = {}
        for key, place in self.places.items():
            places.setdefault(key[0], {})[key] = place
        for workbook in self.workbooks["workbook"]:
            tables = {name: part.of(workbook) for name, part in parts.items()}
            one = of_tables(tables, places.get(workbook, {}))
            for name, part in parts.items():
                one.remember(District.columns, part.columns_of(workbook), name)
            yield workbook, one

    def _tables(self) -> Iterator[tuple[str, pd.DataFrame]]:
        for each in fields(self):
            if each.name not in ("own", "places", "bureau", "_answers"):
                yield each.name, getattr(self, each.name)
        yield from self.own.items()

    @property
    def unread(self) -> pd.DataFrame:
        """The notes on values that stand in their cell but could not be read, and so are blanks here."""
        return self.notes[self.notes["kind"].isin(UNREAD)]

    @cached_property
    def year(self) -> int | None:
        """The year the batch is about: the one most workbooks state, of several equally common ones the latest."""
        stated = Counter(filter(given, self.workbooks["year"].tolist()))
        return int(max(stated, key=lambda year: (stated[year], year))) if stated else None

    def remember(self, function: Callable[..., T], answer: T, *about: Hashable) -> None:
        """Know an answer of a function that is asked once per district, where it has been found elsewhere."""
        self._answers[function, about] = answer

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by name, the spine first."""
        return dict(self._tables())


def own_frames(values: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, pd.DataFrame]:
    """The tables of the sheets that a bureau added, from the values of their columns."""
    return {sheet.key: sheet_frame(sheet, values.get(sheet.key, {})) for sheet in layout.OWN_SHEETS}


def of_tables(tables: Mapping[str, pd.DataFrame], places: dict[tuple[str, str], Place]) -> District:
    """The district of all tables by name, as ``tables`` gives them."""
    own = {sheet.key for sheet in layout.OWN_SHEETS}
    standard = {name: table for name, table in tables.items() if name not in own}
    mine = {name: table for name, table in tables.items() if name in own}
    return District(**cast("dict[str, Any]", standard), own=mine, places=places)


def concat(districts: Iterable[District]) -> District:
    """Several districts as one, workbooks in the order of their path; each is asked for once, and none is kept."""
    pieces: dict[str, list[pd.DataFrame]] = {}
    places: dict[tuple[str, str], Place] = {}
    for each in districts:
        for name, table in each.tables.items():
            pieces.setdefault(name, []).append(table)
        places |= each.places
    return of_tables({name: _joined(pieces.pop(name)) for name in list(pieces)}, places) if pieces else District()


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0].reset_index(drop=True)
    if table["workbook"].is_monotonic_increasing:
        return table
    return table.sort_values("workbook", kind="stable", ignore_index=True)


def lean(d: District) -> District:
    """The same without its large tables: in memory there remains, of every row, whose it is."""
    tables: dict[str, Any] = {name: d.tables[name][["workbook"]] for name in LARGE}
    return replace(d, **tables)


def without_texts(d: District) -> District:
    """The same without its narrative, which nobody asks for when the rules have been asked."""
    return replace(d, narrative=d.narrative[["workbook"]])


def shared(d: District) -> District:
    """The same with every text and place held once, however often it occurs: 80 KB a workbook instead of 138."""
    texts: dict[str, str] = {}
    tables: dict[str, Any] = {name: _shared(table, texts) for name, table in d.tables.items()}
    known: dict[tuple[object, ...], Place] = {}
    places = {
        (texts.setdefault(workbook, workbook), texts.setdefault(sheet, sheet)): known.setdefault(
            (place.title, *place.columns.items(), "", *place.rows.items()), place
        )
        for (workbook, sheet), place in d.places.items()
    }
    return replace(of_tables(tables, places), bureau=d.bureau)


def _shared(table: pd.DataFrame, texts: dict[str, str]) -> pd.DataFrame:
    columns = {
        str(name): _series([texts.setdefault(text, text) for text in column.tolist()], table.index, numeric=False)
        if column.dtype == object
        else column
        for name, column in table.items()
    }
    return pd.DataFrame(columns, table.index)


def rows_where(table: pd.DataFrame, mask: Iterable[bool]) -> pd.DataFrame:
    """The rows of a table for which something holds, row by row; an empty table stays one with all its columns."""
    return table[np.fromiter(mask, dtype=bool, count=len(table))]
