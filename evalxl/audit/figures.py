"""The signed figures: each added anew from the senders' cells and held against the summary as it stands in the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from evalxl import layout
from evalxl.audit.cells import Cell
from evalxl.audit.chain import Fault
from evalxl.layout import Sheet
from evalxl.outputs.summary.sheet import SOURCE_FILE, SOURCE_ROW
from evalxl.outputs.summary.totals import TOTALS
from evalxl.values.errors import UsageError

Value = float | str | None
Rows = list[tuple[Value, ...]]
_TABLES: dict[str, Sheet] = {"项目汇总": layout.PROJECTS, "指标汇总": layout.INDICATORS}
_BUDGET, _DEPARTMENTS, _DISTRICTS = "收支汇总", "部门汇总", "区县汇总"
_TOTAL = "合计"
_HALF_A_FEN = Decimal("0.0000005")  # in 万元: what a spreadsheet's own sum of decimals may lose is far less
_TELLS_APART = 1e-9  # of numbers that are no amounts


@dataclass(frozen=True)
class Figure:
    """A signed figure that was added again: where it stands, what it is, its value, and the cells it is made of."""

    sheet: str
    cell: str
    what: str
    value: Decimal | None
    cells: Sequence[Cell] = field(repr=False, default=())

    @property
    def otherwise(self) -> int:
        """How many of its cells are taken otherwise than they stand."""
        return sum(not each.stands for each in self.cells)


def sheets_of(path: Path) -> dict[str, Rows]:
    """The cells of a summary as they stand in the file, sheet by sheet; UsageError where it cannot be read."""
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(path, data_only=True, read_only=True, keep_links=False)
            try:
                return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
            finally:
                book.close()
    except Exception:
        raise UsageError(f"{path} 读不了，不能审计；请重新运行那一批。") from None


def is_number(value: Value) -> bool:
    """Whether a cell holds a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


class Sums:
    """The senders' cells, by what they are added up to."""

    def __init__(self, cells: Iterable[Cell], levels: Mapping[str, str]) -> None:
        self.lines: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        self.books: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
        self.levels: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
        self.records: dict[tuple[str, str, int, str], list[Cell]] = {}
        self.columns: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        for each in cells:
            place = each.place
            key, column = place.sheet.key, place.field.key
            self.columns[key, column].append(each)
            self.records[place.workbook, key, place.row, column] = [each]
            self.books[place.workbook, key, column].append(each)
            if place.line:
                self.lines[place.line, column].append(each)
                self.books[place.workbook, place.line, column].append(each)
                self.levels[levels.get(place.workbook, ""), place.line, column].append(each)


def total(cells: Iterable[Cell]) -> Decimal | None:
    """What cells add up to; None, of blanks alone."""
    values = [value for each in cells if (value := each.place.exact) is not None]
    return sum(values, Decimal(0)) if values else None


class Paper:
    """One sheet of the summary as it stands in the file: its headers, and its rows below them."""

    def __init__(self, title: str, rows: Rows, headers: Iterable[str]) -> None:
        wanted = set(headers)
        self.title, self.rows = title, rows
        self.head = max(range(min(len(rows), 12)), key=lambda at: len(wanted & _texts(rows[at])), default=0)
        self.columns: dict[str, int] = {}
        for at, text in enumerate(rows[self.head] if rows else ()):
            if isinstance(text, str):
                self.columns.setdefault(text, at)

    def below(self) -> Iterator[tuple[int, tuple[Value, ...]]]:
        """The rows below the headers, each with its number."""
        yield from enumerate(self.rows[self.head + 1 :], self.head + 2)

    def value(self, row: tuple[Value, ...], header: str) -> Value:
        """What stands in a row below a header."""
        at = self.columns.get(header, -1)
        return row[at] if 0 <= at < len(row) else None

    def cell(self, number: int, header: str) -> str:
        """The address of what stands in a row below a header."""
        return layout.cell(number, self.columns[header] + 1)


def _texts(row: tuple[Value, ...]) -> set[str]:
    return {each for each in row if isinstance(each, str)}


def figures(sheets: Mapping[str, Rows], sums: Sums) -> Iterator[tuple[Figure, Value]]:
    """The figures of the sheets that are sums of cells, each beside what the file shows."""
    for title, rows in sheets.items():
        if title == _BUDGET:
            yield from _of_budget(rows, sums)
        elif title == _DEPARTMENTS:
            yield from _of_departments(rows, sums)
        elif title == _DISTRICTS:
            yield from _of_districts(rows, sums)
        elif title in _TABLES:
            yield from _of_records(title, _TABLES[title], rows, sums)


def _of_budget(rows: Rows, sums: Sums) -> Iterator[tuple[Figure, Value]]:
    headers = {layout.BUDGET.by_key[key].header: key for key in layout.AMOUNT_COLUMNS}
    paper = Paper(_BUDGET, rows, headers)
    labels = {line.label: line.key for line in layout.BUDGET.lines}
    for number, row in paper.below():
        label = next((each for each in row if isinstance(each, str)), "")
        if label not in labels:
            continue
        for header, column in headers.items():
            cells = sums.lines[labels[label], column]
            what = f"{label}·{header}"
            yield (
                Figure(_BUDGET, paper.cell(number, header), what, total(cells), cells),
                paper.value(row, header),
            )


def _of_departments(rows: Rows, sums: Sums) -> Iterator[tuple[Figure, Value]]:
    known = {
        header: key[1:] if key[0] == "budget" else key
        for header, (look, key) in TOTALS[_DEPARTMENTS].items()
        if key[0] in ("budget", "units") and look in ("amount", "count")
    }
    paper = Paper(_DEPARTMENTS, rows, known)
    for number, row in paper.below():
        book, whole = paper.value(row, SOURCE_FILE), _TOTAL in row[:3]
        if not whole and not isinstance(book, str):
            continue
        for header, (key, column) in known.items():
            if header not in paper.columns:
                continue
            one = sums.books[str(book), key, column]
            cells = one if not whole else sums.lines.get((key, column)) or sums.columns[key, column]
            what = f"{_TOTAL if whole else paper.value(row, _DEPARTMENTS[:2]) or book}·{header}"
            yield Figure(_DEPARTMENTS, paper.cell(number, header), what, total(cells), cells), paper.value(row, header)


def _of_districts(rows: Rows, sums: Sums) -> Iterator[tuple[Figure, Value]]:
    known = {
        header: key[1:]
        for header, (_, key) in TOTALS[_DEPARTMENTS].items()
        if key[:2] == ("budget", "expenditure_total")
    }
    paper = Paper(_DISTRICTS, rows, known)
    for number, row in paper.below():
        level, whole = paper.value(row, _DISTRICTS[:2]), _TOTAL in row[:3]
        if not whole and not isinstance(level, str):
            continue
        for header, (line, column) in known.items():
            if header not in paper.columns:
                continue
            cells = sums.lines[line, column] if whole else sums.levels[str(level), line, column]
            what = f"{_TOTAL if whole else level}·{header}"
            yield Figure(_DISTRICTS, paper.cell(number, header), what, total(cells), cells), paper.value(row, header)


def _of_records(title: str, sheet: Sheet, rows: Rows, sums: Sums) -> Iterator[tuple[Figure, Value]]:
    known = {each.header: each.key for each in sheet.fields if (sheet.key, each.key) in sums.columns}
    added = {header for header, (look, _) in TOTALS.get(title, {}).items() if look == "amount"}
    paper = Paper(title, rows, known)
    for number, row in paper.below():
        book, at, whole = paper.value(row, SOURCE_FILE), paper.value(row, SOURCE_ROW), _TOTAL in row[:3]
        for header, column in known.items():
            if header not in paper.columns:
                continue
            if whole and header in added:
                cells = sums.columns[sheet.key, column]
            elif isinstance(book, str) and is_number(at):
                cells = sums.records.get((book, sheet.key, int(float(at or 0)), column), [])
            else:
                continue
            name = f"{paper.value(row, _DEPARTMENTS[:2]) or book} 第 {at} 行"
            what = f"{_TOTAL if whole else name}·{header}"
            yield Figure(title, paper.cell(number, header), what, total(cells), cells), paper.value(row, header)


def agrees(figure: Figure, shown: Value) -> bool:
    """Whether what the file shows is the figure to the last digit; a blank is a blank."""
    if figure.value is None:
        return not is_number(shown)
    return is_number(shown) and abs(Decimal(repr(shown)) - figure.value) < _HALF_A_FEN


def different(sheets: Mapping[str, Rows], drawn: Mapping[str, Rows], signed: Iterable[str]) -> Iterator[Fault]:
    """Every cell of the signed sheets that is not what the verified tables give when the summary is drawn anew."""
    for title in signed:
        if title not in drawn:
            continue
        if title not in sheets:
            yield Fault(title, "", "汇总表中没有这张表")
            continue
        stand, due = sheets[title], drawn[title]
        for at in range(max(len(stand), len(due))):
            left, right = (rows[at] if at < len(rows) else () for rows in (stand, due))
            for column in range(max(len(left), len(right))):
                shown, expected = (row[column] if column < len(row) else None for row in (left, right))
                if _same(shown, expected):
                    continue
                yield Fault(title, layout.cell(at + 1, column + 1), _unlike(shown, expected))


def _same(shown: Value, expected: Value) -> bool:
    if is_number(shown) and is_number(expected):
        return abs(float(shown or 0) - float(expected or 0)) <= _TELLS_APART
    return (shown or None) == (expected or None) if not (is_number(shown) or is_number(expected)) else False


def _unlike(shown: Value, expected: Value) -> str:
    """What stands and what should; of two long texts what they are from where they part."""
    texts = ["空白" if value is None or value == "" else str(value) for value in (shown, expected)]
    same = next((at for at, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), min(map(len, texts)))
    start = max(0, same - _BEFORE) if max(map(len, texts)) > _LONG else 0
    left, right = (f"{'…' if start else ''}{text[start : start + _LONG]}" for text in texts)
    return f"汇总表中是 {left}，应为 {right}"


_LONG, _BEFORE = 60, 10  # characters of a text that are shown, and of them before the two part
