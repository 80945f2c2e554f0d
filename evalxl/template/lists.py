"""The hidden list sheet: drop-down lists, grade bands, the tally of checks and the template's version, all by name."""

from __future__ import annotations

from evalxl import layout
from evalxl.layout import LISTS, Sheet, cell
from evalxl.policy.policy import Policy
from evalxl.rules.i_indicators.results import EMPTY_WORDS, VAGUE_WORDS
from evalxl.template import checks
from evalxl.template.checks import budget, indicators
from evalxl.template.page import FormBook, FormPage
from evalxl.template.references import absolute, column_away, quoted
from evalxl.values.kinds import Kind

VERSION_NAME = "evalxl_template_version"
BAND_FROM, BAND_GRADE = checks.BAND_FROM, checks.BAND_GRADE
_SUGGESTED = {"list_units": (layout.UNITS, "name"), "list_projects": (layout.PROJECTS, "name")}


def list_name(vocabulary: str) -> str:
    """The defined name of a drop-down's list."""
    return f"list_{vocabulary}"


def vocabularies() -> tuple[str, ...]:
    """The vocabularies that the layout's choice fields draw on, each once."""
    choices = (field.choices for sheet in layout.DATA_SHEETS for field in sheet.fields if field.kind is Kind.CHOICE)
    return tuple(dict.fromkeys(choices))


def draw(book: FormBook) -> None:
    """Write the list sheet and define its names."""
    page = book.form(LISTS)
    column = 1
    for vocabulary in vocabularies():
        _named_column(page, column, f"选项：{vocabulary}", book.policy.labels(vocabulary), list_name(vocabulary))
        column += 1
    bands = ascending_bands(book.policy)
    _named_column(page, column, "等级：得分下限", [start for start, _ in bands], BAND_FROM)
    _named_column(page, column + 1, "等级", [grade for _, grade in bands], BAND_GRADE)
    _named_column(page, column + 2, "模板版本", [layout.TEMPLATE_VERSION], VERSION_NAME)
    _tally(page, column + 3)
    _single(page, column + 6, "每个数允许的尾差", checks.half_unit(), 0.005, checks.HALF_UNIT)
    _single(page, column + 7, "一万元是几个金额单位", checks.per_unit(), 1, checks.PER_UNIT)
    _single(page, column + 8, "说到预算调整的文字", budget.tellings(), 0, budget.TELLINGS)
    _named_column(page, column + 9, "提示语和占位", checks.patterns(), checks.LEFTOVERS)
    _named_column(page, column + 10, "无法衡量的话", sorted(VAGUE_WORDS), indicators.VAGUE)
    _named_column(page, column + 11, "定性指标也不能写的话", sorted(EMPTY_WORDS), indicators.EMPTY)
    _first_rows(page, column + 12)
    for offset, (name, formula) in enumerate(indicators.columns().items()):
        page.array(2, column + 14 + offset, formula, page.look("plain"), rows=layout.INDICATORS.room)
        first, last = (absolute(cell(row, column + 14 + offset)) for row in (2, layout.INDICATORS.room + 1))
        book.workbook.define_name(name, f"={LISTS}!{first}:{last}")
    for name, (sheet, key) in _SUGGESTED.items():
        book.workbook.define_name(name, _filled_part(sheet, key))
    page.sheet.protect()
    page.sheet.hide()


def ascending_bands(policy: Policy) -> list[tuple[float, str]]:
    """The grade bands from the lowest up, as LOOKUP needs them for scores of two decimals."""
    rounding = 0.5 / 10.0**policy.digits if policy.digits < layout.SCORE_DIGITS else 0
    return sorted((max(band.start - rounding, 0), band.grade) for band in policy.scheme.bands)


def _named_column(
    page: FormPage, column: int, header: str, values: list[float] | list[str] | tuple[str, ...], name: str
) -> None:
    look = page.look("plain")
    page.column(column, 18, look)
    page.put(1, column, header, look)
    for row, value in enumerate(values, 2):
        page.put(row, column, value, look)
    first, last = (absolute(cell(row, column)) for row in (2, len(values) + 1))
    page.book.workbook.define_name(name, f"={LISTS}!{first}" + (f":{last}" if len(values) > 1 else ""))


def _filled_part(sheet: Sheet, key: str) -> str:
    """The filled part of a column, so that a drop-down offers what has been listed so far."""
    first, cells = absolute(cell(sheet.FIRST_ROW, sheet.column(key))), column_away(sheet, key)
    return f"=OFFSET({quoted(sheet.title)}!{first},0,0,MAX(1,COUNTA({cells})),1)"


def _single(page: FormPage, column: int, header: str, formula: str, result: float, name: str) -> None:
    look = page.look("plain")
    page.put(1, column, header, look)
    page.formula(2, column, formula, result, look)
    page.book.workbook.define_name(name, f"={LISTS}!{absolute(cell(2, column))}")


def _first_rows(page: FormPage, column: int) -> None:
    """The first row at fault of each check that is asked of all rows of a table at once."""
    look, row = page.look("plain"), 1
    page.put(row, column, "首个有误的行", look)
    for sheet in layout.DATA_SHEETS:
        for name, formula in checks.first_rows(sheet, page.book.policy):
            row += 1
            page.put(row, column, name, look)
            page.array(row, column + 1, formula, look)
            page.book.workbook.define_name(name, f"={LISTS}!{absolute(cell(row, column + 1))}")


def _tally(page: FormPage, column: int) -> None:
    """How many checks fail and how much is still to be filled in, sheet by sheet, for the line on 基本信息."""
    look = page.look("plain")
    for offset, header in enumerate(("核对", "未通过", "未填")):
        page.put(1, column + offset, header, look)
    for row, sheet in enumerate(layout.DATA_SHEETS, 2):
        page.put(row, column, sheet.title, look)
        page.live(row, column + 1, checks.failures(sheet), look)
        page.live(row, column + 2, checks.unfinished(sheet), look)
    first, last = 2, len(layout.DATA_SHEETS) + 1
    for name, offset in ((checks.TALLY_FAILED, 1), (checks.TALLY_UNFINISHED, 2)):
        top, bottom = (absolute(cell(row, column + offset)) for row in (first, last))
        page.book.workbook.define_name(name, f"={LISTS}!{top}:{bottom}")
