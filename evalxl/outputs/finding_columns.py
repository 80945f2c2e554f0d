"""The columns of a list of findings, declared once for results, summary, returned copies and findings.csv."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from evalxl.district.findings import Change, Finding, Severity
from evalxl.intake.read import findings_list as words
from evalxl.layout import cell
from evalxl.sheets.columns import Cell, Column
from evalxl.sheets.table import Placed


@dataclass(frozen=True)
class FindingColumn:
    """One column: the fields of a finding that findings.csv has for it, its column on a sheet, and its width in a list.

    Where ``column`` is missing it is for other programs alone; where ``width`` is 0 a returned copy does not have it.
    """

    fields: tuple[str, ...]
    column: Column | None = None
    width: int = 0


def change_word(finding: Finding) -> str:
    """What became of a finding since the earlier round, in words; '' where there was none."""
    return Change(finding.change).word if finding.change else ""


def explanation_in_words(finding: Finding) -> str:
    """The sender's explanation, with a word where it does not count."""
    if finding.explanation and finding.lapsed:
        return f"（数据已变，原说明失效）{finding.explanation}"
    if finding.idle:
        return f"（没有写明原因，不算说明）{finding.explanation}"
    if finding.explanation and finding.severity is Severity.ERROR:
        return f"（错误须改正，不能以说明代替）{finding.explanation}"
    return finding.explanation


def _figure(field: str, header: str, width: int) -> FindingColumn:
    column = Column(header, "figure", most=16, of=lambda each: getattr(each, field))
    return FindingColumn((field,), column, width)


FINDING_COLUMNS = (
    FindingColumn(
        ("severity",),
        Column(words.SEVERITY, "centre", of=lambda each: Cell(each.severity.word, each.severity.value)),
        width=6,
    ),
    FindingColumn(("rule",), Column(words.RULE, "centre", of=lambda each: each.rule), width=6),
    FindingColumn(("sheet", "cell"), Column(words.PLACE, most=20, of=lambda each: each.place), width=13),
    FindingColumn(("label",), Column(words.LABEL, most=24, of=lambda each: each.label), width=16),
    FindingColumn(("message",), Column(words.FOUND, most=46, of=lambda each: each.statement), width=40),
    FindingColumn(("fix",), Column(words.REMEDY, most=36, of=lambda each: each.fix), width=32),
    _figure("expected", words.EXPECTED, 11),
    _figure("actual", words.ACTUAL, 11),
    _figure("difference", words.DIFFERENCE, 10),
    FindingColumn(("tolerance",)),
    FindingColumn(("change",), Column(words.CHANGE, "centre", optional=True, of=change_word), width=12),
    FindingColumn(("explanation",), Column("部门说明", most=30, optional=True, of=explanation_in_words)),
    FindingColumn(("waiver",), Column("豁免", most=24, optional=True, of=lambda each: each.waiver)),
)

CSV_FIELDS = ("workbook", *(name for each in FINDING_COLUMNS for name in each.fields), "id")
_OF_CSV = {"workbook": "文件", "sheet": "工作表", "cell": "单元格", "tolerance": "容许误差", "id": "编号"}
_OF_SHEETS = {each.fields[0]: each.column.header for each in FINDING_COLUMNS if each.column}
CSV_HEADERS = tuple(_OF_CSV.get(name) or _OF_SHEETS[name] for name in CSV_FIELDS)


def in_words(finding: Finding) -> tuple[str, ...]:
    """A finding as findings.csv has it, without its department: what Excel opens, people read."""
    said = {"severity": finding.severity.word, "change": change_word(finding)}
    return tuple(said[name] if name in said else str(getattr(finding, name)) for name in CSV_FIELDS)


def finding_columns(**values: Callable[[Finding], object]) -> list[Column]:
    """The columns for a sheet; ``values`` are those of columns that say more there, by the first field they show."""
    columns = [(each.fields[0], each.column) for each in FINDING_COLUMNS if each.column]
    return [replace(column, of=values.get(name, column.of)) for name, column in columns]


def leave_figures_as_text(placed: Placed) -> None:
    """No program need complain that figures are texts: they are written as the finding words them."""
    first, last = (placed.columns[header] for header in (words.EXPECTED, words.DIFFERENCE))
    area = f"{cell(1, first)}:{cell(placed.below, last)}"
    placed.page.sheet.ignore_errors({"number_stored_as_text": area})
