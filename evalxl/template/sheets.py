"""Drawing the fill-in sheets: forms, tables and the budget's fixed lines, with their input rules and print set-up."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.format import Format

from evalxl.layout import GENERAL, INDICATORS, PROJECTS, UNITS, Field, Line, Shape, Sheet, cell
from evalxl.template import checks, entries, validation
from evalxl.template.page import FormBook, FormPage
from evalxl.template.references import (
    absolute,
    column_of,
    field_away,
    has_money,
    in_row,
    lines,
    quoted,
    verdict_cell,
    verdict_column,
)
from evalxl.values.kinds import Kind

_LABEL_WIDTH, _HINT_WIDTH = 20, 50
_CHECK_WIDTH = {"general": 38, "budget": 52, "projects": 56, "narrative": 10}
_NOTE = "浅黄色处填写，标红处有误。"
_FORM_HEADERS = ("栏目", "填写内容", "填写说明", "核对")
_LEAST_ROWS = 12  # of a table that are printed although they are blank: paper with room to write
_FORM_ROW = 30.0  # points: two lines of text


def draw(book: FormBook, sheet: Sheet) -> None:
    """Draw one sheet as its shape asks."""
    page = book.form(sheet.title)
    {Shape.FORM: _form, Shape.TABLE: _table, Shape.LINES: _lines}[sheet.shape](page, sheet)
    _head(page, sheet)
    _mark_verdicts(page, sheet)
    _set_up(page, sheet)
    page.finish()


def _last_column(sheet: Sheet) -> int:
    """The last column that is printed."""
    return 3 if sheet.shape is Shape.FORM else sum(not each.left_out for each in sheet.fields)


def _head(page: FormPage, sheet: Sheet) -> None:
    """Title, note, department and unit, and the sheet's check line: all locked."""
    last, look, given = _last_column(sheet), page.look, page.book.entries
    year = field_away(GENERAL, "year")
    page.join(1, 1, last, look("title"))
    formula = f'IF(ISNUMBER({year}),{year}&"年度","")&"{entries.title_tail(sheet)}"'
    page.formula(1, 1, formula, entries.sheet_title(given, sheet), look("title"))
    page.merge(2, 1, last, sheet.note + _NOTE, look("note"))
    row, first = sheet.HEADER_ROW - 1, verdict_column(sheet)
    if first > 1:
        page.join(row, 1, first - 1, look("unit"))
        page.formula(
            row, 1, _unit_line(sheet), entries.department_and_unit(given, money=has_money(sheet)), look("unit")
        )
    page.join(row, first, last, look("verdict"))
    page.live(row, first, checks.sheet_line(sheet, page.book.policy), look("verdict"))
    for number, points in ((1, 30), (2, 20 if sheet.landscape else 30), (row, 30), (sheet.HEADER_ROW, 24)):
        page.rows(number, points)


def _unit_line(sheet: Sheet) -> str:
    department, unit = field_away(GENERAL, "department"), field_away(GENERAL, "money_unit")
    if not has_money(sheet):
        return f'{department}&""'
    return f'IF({department}="","",{department}&"　")&"金额单位："&IF({unit}="","万元",{unit})'


# ---------------------------------------------------------------- 表单


def _form(page: FormPage, sheet: Sheet) -> None:
    """One field a row: label, value, hint and check."""
    look, first = page.look, sheet.fields[0]
    for column, width in enumerate((_LABEL_WIDTH, first.width, _form_hint_width(sheet), _check_width(sheet)), 1):
        page.column(column, width, look("plain"))
        page.put(sheet.HEADER_ROW, column, _FORM_HEADERS[column - 1], look("header"))
    policy = page.book.policy
    formulas = checks.form_checks(sheet, policy)
    for field in sheet.fields:
        row = sheet.row(field.key)
        page.put(row, 1, field.title, look("label"))
        answer, hint = ("paragraph", "tall_hint") if field.height else ("input", "hint")
        page.put(row, sheet.column(field.key), None, page.book.value(answer, sheet, field))
        page.put(row, 3, _padded(field), look(hint))
        if field.key in formulas:
            _mark_wrong(page, sheet, field, row, row)
            page.live(row, sheet.check_column, formulas[field.key], look("check"))
        if field.left_out:
            page.hide_row(row)
        elif not field.height:
            page.rows(row, _FORM_ROW)
        validation.of_field(page, sheet, field, [row])


def _check_width(sheet: Sheet) -> int:
    return _CHECK_WIDTH.get(sheet.key, _CHECK_WIDTH["general"])


def _form_hint_width(sheet: Sheet) -> int:
    return 30 if sheet.fields[0].height else _HINT_WIDTH


def _padded(field: Field) -> str:
    """A hint made tall by blank lines, so that a row for a paragraph is tall from the start and still grows with it."""
    return field.hint + "\n" * round(field.height / 15)


# ---------------------------------------------------------------- 表格


def _table(page: FormPage, sheet: Sheet) -> None:
    """One record a row: whole columns are unlocked, and only numbers, formulas and headers are cells of their own."""
    rows = range(sheet.FIRST_ROW, sheet.last_row + 1)
    for field in sheet.fields:
        column = sheet.column(field.key)
        page.column(column, field.width, _column_look(page, sheet, field))
        page.put(sheet.HEADER_ROW, column, field.title, page.look("header"))
        validation.of_field(page, sheet, field, rows)
    _hide(page, sheet)
    _number_rows(page, sheet)
    _paint_rows(page, sheet)
    if sheet is PROJECTS:
        _project_formulas(page)
    page.sheet.ignore_errors({"number_stored_as_text": _block(sheet)})


def _hide(page: FormPage, sheet: Sheet) -> None:
    """Columns that a bureau leaves out stay, hidden and last: whoever has filled them in loses nothing."""
    for field in (each for each in sheet.fields if each.left_out):
        page.hide_column(sheet.column(field.key))


def _column_look(page: FormPage, sheet: Sheet, field: Field) -> Format:
    if field.key == "index":
        return page.look("index")
    return page.book.value("computed" if field.computed else "column", sheet, field)


def _block(sheet: Sheet) -> str:
    return f"{cell(sheet.FIRST_ROW, 1)}:{cell(sheet.last_row, len(sheet.fields))}"


def _number_rows(page: FormPage, sheet: Sheet) -> None:
    if "index" in sheet.by_key:
        for row in range(sheet.FIRST_ROW, sheet.last_row + 1):
            page.put(row, sheet.column("index"), row - sheet.FIRST_ROW + 1, page.look("index"))


def _paint_rows(page: FormPage, sheet: Sheet) -> None:
    """Borders everywhere, yellow where there is something to fill in; painted by rule, for cells cost reading time."""
    for field in sheet.fields:
        column = sheet.column(field.key)
        mark = "row" if field.key == "index" or field.computed else "to fill"
        _mark_wrong(page, sheet, field, sheet.FIRST_ROW, sheet.last_row)
        page.mark((sheet.FIRST_ROW, column), (sheet.last_row, column), "TRUE", mark)


def _mark_wrong(page: FormPage, sheet: Sheet, field: Field, row: int, last: int) -> None:
    """Red for a cell that the check beside it accuses, or whose own rule is broken; blank rows stay as they are."""
    column = sheet.column(field.key)
    own = in_row(sheet, field.key, row)
    check = f"${cell(row, sheet.check_column)}"
    accused = [words for key, words in checks.wrong_cells(sheet) if key == field.key]
    conditions = [f"ISNUMBER(FIND({checks.say(words)},{check}))" for words in accused]
    if sheet is INDICATORS and field.key == "points":
        weight = in_row(sheet, "weight", row)
        conditions.append(f"AND(ISNUMBER({own}),ISNUMBER({weight}),{own}>{weight})")
    if sheet is UNITS and field.key == sheet.name:
        conditions.append(f'AND({own}<>"",COUNTIF({column_of(sheet, field.key)},{own})>1)')
    if field.kind in (Kind.AMOUNT, Kind.SCORE, Kind.COUNT):
        conditions.append(f'AND(ISTEXT({own}),{own}<>"")')
    for condition in conditions:
        page.mark((row, column), (last, column), condition, "failed", stop=True)


def _project_formulas(page: FormPage) -> None:
    sheet, policy = PROJECTS, page.book.policy
    rate, check = page.book.value("computed", sheet, sheet.by_key["rate"]), page.look("check")
    _check_header(page, sheet)
    for row in range(sheet.FIRST_ROW, sheet.last_row + 1):
        revised, executed = (cell(row, sheet.column(key)) for key in ("revised", "executed"))
        formula = f'IF(COUNT({revised},{executed})<2,"",IF({revised}=0,"",{executed}/{revised}))'
        result = entries.execution_rate(page.book.entries, row)
        page.formula(row, sheet.column("rate"), formula, result, rate)
        page.live(row, sheet.check_column, checks.project_check(row, policy), check)


def _check_header(page: FormPage, sheet: Sheet) -> None:
    page.column(sheet.check_column, _check_width(sheet), page.look("check"))
    page.put(sheet.HEADER_ROW, sheet.check_column, _FORM_HEADERS[-1], page.look("header"))


# ---------------------------------------------------------------- 固定行


def _lines(page: FormPage, sheet: Sheet) -> None:
    """The budget: a fixed label in each row, amounts to fill in, totals as formulas, a check beside each line."""
    for field in sheet.fields:
        page.column(sheet.column(field.key), field.width, page.look("plain"))
        page.put(sheet.HEADER_ROW, sheet.column(field.key), field.title, page.look("header"))
        _mark_wrong(page, sheet, field, sheet.FIRST_ROW, sheet.last_row)
    _check_header(page, sheet)
    totals, formulas = entries.parts_of_totals(page.book.policy), checks.budget_checks(page.book.policy)
    for line in sheet.lines:
        _line(page, sheet, line, totals)
        page.live(sheet.row(line.key), sheet.check_column, formulas[line.key], page.look("check"))
    _line_validations(page, sheet, totals)
    page.sheet.ignore_errors({"formula_range": _block(sheet), "formula_differs": _block(sheet)})


def _line(page: FormPage, sheet: Sheet, line: Line, totals: Mapping[str, tuple[str, ...]]) -> None:
    row, is_total = sheet.row(line.key), line.key in totals
    label = "total_label" if is_total else "detail_label" if line.detail else "label"
    page.put(row, 1, line.label, page.look(label))
    for field in sheet.fields[1:]:
        column = sheet.column(field.key)
        if is_total and field.kind is Kind.AMOUNT:
            parts = lines(totals[line.key], column)
            result = entries.formula_result(entries.budget_figure(page.book.entries, totals, line.key, column))
            formula = f'IF(COUNT({parts})=0,"",SUM({parts}))'
            page.formula(row, column, formula, result, page.book.value("computed", sheet, field))
        else:
            page.put(row, column, None, page.book.value("input", sheet, field))


def _line_validations(page: FormPage, sheet: Sheet, totals: Mapping[str, tuple[str, ...]]) -> None:
    """One test for all lines of a column, and one more for each line that has a hint of its own."""
    entered = [line for line in sheet.lines if line.key not in totals]
    for field in sheet.fields[1:]:
        for hint in dict.fromkeys(line.hint for line in entered):
            rows = [sheet.row(line.key) for line in entered if line.hint == hint]
            validation.of_field(page, sheet, field, rows, hint if field.kind is Kind.AMOUNT else "")


# ---------------------------------------------------------------- 核对标记、打印、保护


def _mark_verdicts(page: FormPage, sheet: Sheet) -> None:
    """Red where a verdict says ×, brown where something is unfinished, green where all agrees."""
    row, column = sheet.HEADER_ROW - 1, verdict_column(sheet)
    places = [((row, column), (row, _last_column(sheet)), verdict_cell(sheet))]
    if sheet.key in _CHECK_WIDTH or sheet.shape is Shape.FORM:
        first = (sheet.FIRST_ROW, sheet.check_column)
        places.append((first, (sheet.last_row, sheet.check_column), "$" + cell(*first)))
    for first, last, address in places:
        anchor = address if address.startswith("$") else absolute(address)
        for symbol, mark in ((checks.FAILED, "failed"), (checks.UNFINISHED, "unfinished"), (checks.PASSED, "passed")):
            page.mark(first, last, f'ISNUMBER(FIND("{symbol}",{anchor}))', mark, stop=True)


def _set_up(page: FormPage, sheet: Sheet) -> None:
    """A4, one page wide, header row on every page, frozen headers, protection without a password."""
    pane = {Shape.FORM: 1, Shape.LINES: 1}.get(sheet.shape, sheet.column(sheet.name) if sheet.name else 1)
    page.sheet.freeze_panes(sheet.HEADER_ROW, pane if pane <= 2 else 1)
    page.sheet.set_selection(cell(sheet.FIRST_ROW, 1 + ("index" in sheet.by_key or sheet.shape is not Shape.TABLE)))
    page.sheet.set_tab_color("#A6A6A6" if not sheet.required else "#F4B183")
    page.paper(landscape=sheet.landscape)
    page.protect()
    page.sheet.repeat_rows(sheet.HEADER_ROW - 1)
    if sheet.shape is not Shape.TABLE:
        page.sheet.print_area(0, 0, sheet.last_row - 1, _last_column(sheet) - 1)
    elif sheet is not INDICATORS:  # without a print area, programs print the rows in use and none of the 600 blank ones
        _print_rows_in_use(page, sheet)


def _print_rows_in_use(page: FormPage, sheet: Sheet) -> None:
    """Print as many rows as are filled in: a name as print area is reckoned anew whenever the sheet is printed."""
    title = quoted(sheet.title)
    name = f"{sheet.title if title == sheet.title else sheet.key}打印区域"
    block = f"{title}!{absolute(cell(sheet.FIRST_ROW, 2))}:{absolute(cell(sheet.last_row, len(sheet.fields)))}"
    rows = f'MAX({sheet.FIRST_ROW + _LEAST_ROWS - 1},SUMPRODUCT(MAX(({block}<>"")*ROW({block}))))'
    page.book.workbook.define_name(name, f"=OFFSET({title}!{absolute(cell(1, 1))},0,0,{rows},{len(sheet.fields)})")
    page.book.workbook.define_name(f"{title}!_xlnm.Print_Area", f"={name}")
