"""The columns of a table: how their values are shown, how wide they stand, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from xlsxwriter.format import Format

from evalxl.sheets.book import WIDEST
from evalxl.sheets.measure import lines, stands_on_a_line, width
from evalxl.values.quantities import NAN, given
from evalxl.values.rounding import exact_mean

FEN_PER_WAN = 1e6

_MONEY = {"amount", "money"}  # given in fen, shown in 万元
_FORMATS = {"money": "{:,.2f}", "rate": "{:.2%}", "count": "{:,.0f}", "index": "{:.0f}", "year": "{:.0f}"}
WRAPPING = {"text", "detail", "centre", "link", "source", "figure"}
_SHORT = 4  # characters of a header that is never broken
_TWO_LINES = 6  # a header wider than this may stand on two lines


class Total(StrEnum):
    """What the line of totals says of a column."""

    NONE = ""
    SUM = "sum"
    MEAN = "mean"  # to two decimals, half-up
    RATIO = "ratio"  # of two summed columns, over the rows that have both


class Cell(NamedTuple):
    """A value that needs more than its column's look."""

    value: object
    mark: str = ""
    link: str = ""
    look: str = ""


@dataclass(frozen=True)
class Column:
    """One column: header, look (amounts are given in fen), total, how wide it may be, and where its values are from."""

    header: str
    look: str = "text"
    total: Total = Total.NONE
    most: int = WIDEST
    least: int = 0
    over: tuple[str, str] = ("", "")  # RATIO: the headers of numerator and denominator
    optional: bool = False  # left out where no row has a value
    of: Callable[[Any], object] | None = None  # its value in a record; without it, the record's number
    field: str = ""  # the field of the layout whose values it shows


NUMBER = Column("序号", "index")


def shown(look: str, value: object) -> str:
    """A cell's value as its number format shows it, for measuring; amounts in 万元."""
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float) or value != value:
        return ""
    if look in _FORMATS:
        return _FORMATS[look].format(value)
    text = f"{value:,.6f}"
    return text[:-4] + text[-4:].rstrip("0")


def plain(value: object) -> object:
    """A value without its marks."""
    return value.value if isinstance(value, Cell) else value


def _filled(value: object) -> bool:
    return value is not None and value != "" and value == value


class Looks(Protocol):
    """Where looks are known by their names: a book, or what stands for it where some rows of a sheet are drawn."""

    def look(self, name: str, mark: str = "") -> Format:
        """The format of cells that look so."""


class Drawn:
    """Values of a column as they will stand on the sheet: the figures as given, and in the unit they are shown in."""

    def __init__(self, column: Column, given: Sequence[object], book: Looks) -> None:
        self.column, self.look = column, book.look(column.look)
        kinds = set(map(type, given))
        cells = [(at, value) for at, value in enumerate(given) if isinstance(value, Cell)] if Cell in kinds else []
        self.odd = {at: book.look(*_look(column, cell)) for at, cell in cells}
        self.links = {at: cell for at, cell in cells if cell.link}
        self.figures = [plain(value) for value in given] if cells else given
        self._textless = kinds <= {float, int}
        self.values = self.figures
        if column.look in _MONEY:  # given in fen; dividing once rounds exactly
            self.values = [each / FEN_PER_WAN if isinstance(each, int | float) else each for each in self.figures]
        self._different = set(self.values)

    def numbers(self) -> list[float]:
        """The figures that are numbers, blanks left out."""
        return [each for each in self.figures if isinstance(each, int | float) and each == each]

    def widest(self, widest: int) -> int:
        """The width of the widest value, as its format shows it, if it is wider than what has been seen."""
        look = self.column.look
        texts = {each if type(each) is str else shown(look, each) for each in self._different}
        for words in sorted(texts, key=len, reverse=True):
            if len(words) * 2 <= widest:  # nor does any that follows stand wider
                break
            widest = max(widest, width(words))
        return widest

    def widest_link(self) -> int:
        """The width of the widest link, which stands on one line."""
        return max((width(str(cell.value)) for cell in self.links.values()), default=0)

    def unlink(self, room: float) -> None:
        """Make the links texts whose type would have to shrink too much: a text can be broken."""
        for at, cell in list(self.links.items()):
            if not stands_on_a_line(str(cell.value), room):
                del self.links[at], self.odd[at]

    def tall_rows(self, room: float) -> dict[int, int]:
        """The lines of every text that takes more than one, by its place."""
        if self._textless:
            return {}
        fits = (room - 2) / 2
        long = [each for each in self._different if isinstance(each, str) and (len(each) > fits or "\n" in each)]
        many = {each: count for each in long if (count := lines(each, room)) > 1}
        at = enumerate(self.values)
        return {at: many[value] for at, value in at if value in many and at not in self.links} if many else {}


def _look(column: Column, cell: Cell) -> tuple[str, str]:
    return "link" if cell.link and not cell.mark else cell.look or column.look, cell.mark


class Size(NamedTuple):
    """How wide the widest value of a column is, and whether there is anything in it."""

    widest: int = 0
    filled: bool = False


class Measured:
    """A column as all its values make it: how wide it is, its total, and whether there is anything in it."""

    def __init__(self, column: Column, size: Size = Size()) -> None:  # noqa: B008 - a value
        self.column = column
        self.widest = size.widest
        self._link = 0
        self.filled = size.filled or not column.optional
        self._scores: list[float] = []
        self._sums: list[tuple[float, float]] = []  # of numerator and denominator, or the sum alone

    def add(self, drawn: Drawn, others: Mapping[str, Drawn]) -> None:
        """Measure some values of the column; ``others`` are those of all columns in the same rows."""
        self.widest = drawn.widest(self.widest)
        self._link = max(self._link, drawn.widest_link())
        self.filled = self.filled or any(map(_filled, drawn.figures))
        if self.column.total is Total.MEAN:
            self._scores += drawn.numbers()
        elif self.column.total is Total.RATIO:
            above, below = (_sum_where(drawn, others[header]) for header in self.column.over)
            self._sums.append((above, below))
        elif self.column.total and (numbers := drawn.numbers()):
            self._sums.append((sum(numbers), 1))

    @property
    def size(self) -> Size:
        """What another process needs to know of it."""
        return Size(self.widest, self.filled)

    def total(self) -> float:
        """The column's total, summed in whole fen; NaN where there is nothing to sum."""
        if self.column.total is Total.MEAN:
            return exact_mean(self._scores) if self._scores else NAN
        above, below = sum(each for each, _ in self._sums), sum(each for _, each in self._sums)
        if self.column.total is Total.RATIO:
            return above / below if below else NAN
        return above / (FEN_PER_WAN if self.column.look in _MONEY else 1) if self._sums else NAN

    def least(self) -> float:
        """How narrow it may become where there is little room: texts are broken, links are not."""
        return max(self.column.least, min(self._link + 3, self.column.most))

    def width(self, filtered: bool, *, tight: bool = False) -> float:
        """The width by what is shown: the text measured as it is formatted, two more, capped.

        ``tight`` breaks every header into two lines, as far as there are words to break.
        """
        column, widest, total = self.column, self.widest, self.total()
        if given(total):
            widest = max(widest, width(shown(column.look, total)) + 1)  # the line of totals is set in bolder type
        header = width(column.header)
        header = (header + 1) // 2 + 1 if header > (_SHORT if tight else _TWO_LINES) else header
        needed = max(widest, header + (2 if filtered else 0)) + (3 if column.look in WRAPPING else 2)
        return max(column.least, min(needed, column.most) if column.look in WRAPPING else needed)


def _sum_where(ratio: Drawn, wanted: Drawn) -> float:
    """The sum of numerator or denominator over the rows that have a ratio."""
    chosen = [each for own, each in zip(ratio.figures, wanted.figures, strict=True) if _filled(own)]
    return sum(each for each in chosen if isinstance(each, int | float) and each == each)
