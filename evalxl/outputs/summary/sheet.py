"""What the sheets of the summary have in common: where a row comes from, links to the files, paper and signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, Protocol, TypeVar

from evalxl.sheets.book import Book, Page
from evalxl.sheets.columns import NUMBER, Cell, Column
from evalxl.sheets.table import Placed, Stream, Values

C = TypeVar("C")
R = TypeVar("R")

MORE = "，其余见 findings.csv 和 evalxl.sqlite"
MANY = 10_000  # rows above which a sheet is written row by row to disk: its cells would not fit into memory
HELD = 50_000  # rows whose values are held while they are measured and written: some 40 MB
_A3 = 8
_UNSAFE = frozenset('#%:?*"<>|\\\n\r\t')  # characters that a link to a file would read otherwise than a person does
_SIGN = "填表人：＿＿＿＿＿＿　　审核人：＿＿＿＿＿＿　　单位负责人：＿＿＿＿＿＿　　日期：＿＿＿＿＿＿"

SOURCE_FILE, SOURCE_ROW = "来源文件", "行"
ORIGIN_WORDS = "来源：报送的文件、其中的工作表和行；校验值为文件 sha256 的前 12 位，全文见《核对》"


class Senders(Protocol):
    """Whose the rows of a sheet are, and where they come from."""

    @property
    def names(self) -> Mapping[str, str]:
        """The department of every workbook."""

    @property
    def levels(self) -> Mapping[str, str]:
        """The 区县 of every workbook of a merged run."""

    def sheet_title(self, workbook: str, sheet: str) -> str:
        """What the sender calls a sheet; '' where there is none."""

    def source(self, workbook: str) -> str:
        """The hash of a workbook, in short."""


class Spread(Protocol):
    """How pieces of work are done by several processes, and what comes of them given back in order."""

    def __call__(self, do: Callable[[C], R], pieces: Sequence[C], /) -> Iterator[R]:
        """Do every piece by a plain function."""


class Links(NamedTuple):
    """Where the results and the returned copies lie beside the summary, by workbook."""

    results: Mapping[str, str] = {}
    returned: Mapping[str, str] = {}


_workbook: Callable[[Any], str] = itemgetter("workbook")
_row: Callable[[Any], float] = itemgetter("row")


def level_column(senders: Senders, workbook: Callable[[Any], str] = _workbook) -> tuple[Column, ...]:
    """The column 区县, in a merged summary alone; ``workbook`` is that of a record."""
    levels = senders.levels
    return (Column("区县", most=20, of=lambda each: levels.get(workbook(each), "")),) if levels else ()


def sender_columns(senders: Senders, most: int) -> tuple[Column, ...]:
    """Number, 区县 (in a merged summary alone) and 部门."""
    return NUMBER, *level_column(senders), Column("部门", most=most, of=lambda each: senders.names[each["workbook"]])


def origin_columns(
    senders: Senders, sheet: str, workbook: Callable[[Any], str] = _workbook, row: Callable[[Any], float] = _row
) -> tuple[Column, ...]:
    """Where a record is from: file, sheet as the sender named it, row, and the file's hash in short."""
    return (
        Column(SOURCE_FILE, most=24, of=workbook),
        Column("工作表", "centre", most=12, of=lambda each: senders.sheet_title(workbook(each), sheet)),
        Column(SOURCE_ROW, "index", of=row),
        Column("校验值", "source", least=14, of=lambda each: senders.source(workbook(each))),
    )


def linked(name: str, target: str) -> object:
    """A text linked to a file beside the summary where the link would say just what the file name says."""
    safe = target and not _UNSAFE & set(target) and not target.startswith("/") and ".." not in target.split("/")
    return Cell(name, link=f"external:{target}") if safe and name else name


ROOM = 152  # characters of a line in landscape on A4, with type of nine points


def signing_page(book: Book, title: str, rows: int = 0) -> Page:
    """A sheet to be signed: A4 in landscape; one of very many rows is written to disk as it grows."""
    page = book.page(title, landscape=True, to_disk=rows > MANY)
    page.sheet.set_margins(left=0.3, right=0.3, top=0.6, bottom=0.6)
    return page


def wide_page(book: Book, title: str, rows: int = 0) -> Page:
    """A sheet in landscape on A3; one of very many rows is written to disk as it grows."""
    page = book.page(title, landscape=True, to_disk=rows > MANY)
    page.sheet.set_paper(_A3)
    return page


def few_or_many(count: int, make: Callable[[], Iterator[Values]]) -> Sequence[Values] | Stream[Values]:
    """The values of a table as a list, or, where they are very many, made anew each time they are gone through."""
    return Stream(make) if count > HELD else list(make())


def sign_pages(page: Page, *, upright: bool = False) -> None:
    """A line for the signatures at the foot of each page: none is without, none stands alone on a page of its own."""
    below = "&10\n" if upright else ""  # there is no room for the number beside the line
    page.sheet.set_footer(f"&L&10{_SIGN}&R{below}&9第 &P 页 共 &N 页", {"margin": 0.3 if upright else 0.35})


def sign(placed: Placed) -> None:
    """A line for the signatures at the foot of each page of a table, of which only some columns are printed."""
    print_columns(placed)
    sign_pages(placed.page)


def print_columns(placed: Placed) -> None:
    """Print a table as far as its columns are for paper."""
    placed.page.sheet.print_area(0, 0, placed.below - 1, placed.printed - 1)
