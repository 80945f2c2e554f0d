"""Reading: files in, one district of long tables out, with a note on everything that had to be done or could not be.

Values come from python-calamine through a file object, after the probe has found the file safe; the cells that
calamine shows as blanks although they are none (errors, formulas without a result) are laid over them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from evalxl import layout
from evalxl.district.notes import Note
from evalxl.district.spine import WorkbookRow
from evalxl.district.tables import District, Place, columns, notes_frame, of_tables, sheet_frame, workbooks_frame
from evalxl.intake.forms.recognition import forms_in
from evalxl.intake.inbox import Source
from evalxl.intake.probe import MAX_FILE, Probe, Unreadable, Veil, author_of, probe, refusal, stranger
from evalxl.intake.probe.active import active_in
from evalxl.intake.read import findings_list
from evalxl.intake.read.cells import Grid, Notebook, Value, is_blank
from evalxl.intake.read.continued import continue_names
from evalxl.intake.read.declared import UNDECLARED, WAN
from evalxl.intake.read.headers import Found
from evalxl.intake.read.keys import derived
from evalxl.intake.read.locate import locate_sheets
from evalxl.intake.read.merged import note_merges
from evalxl.intake.read.opening import OpenBook, open_book
from evalxl.intake.read.outputs import is_blank_template, own_output
from evalxl.intake.read.overwritten import note_overwritten
from evalxl.intake.read.percent_scores import settle_percent_scores
from evalxl.intake.read.recompute import recompute, settle_rates
from evalxl.intake.read.records import Records
from evalxl.intake.read.sheets import read_form, read_lines, read_table
from evalxl.intake.read.signatures import sign_by_pictures
from evalxl.intake.read.stale import add_up_stale_totals, divide_stale_rates
from evalxl.intake.read.units import amounts_of, declaration, has_amounts, statements_above, strict_statement
from evalxl.layout import Shape, Sheet
from evalxl.policy.policy import Policy
from evalxl.values.folding import fold
from evalxl.values.money_units import Statement
from evalxl.values.quantities import FEN_PER, NAN, given

FEN_OF_A_YUAN = 100.0

_READERS = {Shape.FORM: read_form, Shape.LINES: read_lines, Shape.TABLE: read_table}


class _Contents(NamedTuple):
    """What one workbook holds."""

    sheets: dict[str, Records]
    places: dict[str, Place]  # of the sheets that it has
    units: set[str]  # that its amounts are in


def read(files: Iterable[Source], policy: Policy) -> District:
    """The district of some files; a file that cannot be read has a row too."""
    spine: list[WorkbookRow] = []
    notes: list[Note] = []
    tables: dict[str, dict[str, list[Any]]] = {
        sheet.key: {name: [] for name in columns(sheet)} for sheet in layout.DATA_SHEETS
    }
    places: dict[tuple[str, str], Place] = {}
    for workbook, path in files:
        notebook = Notebook(workbook)
        try:
            probed = probe(path)
            contents = _read_workbook(probed, notebook, policy)
        except Unreadable as error:
            notebook.notes = [note for note in notebook.notes if note.kind == "explanation"]  # nothing else counts
            notebook.add("unreadable", raw=error.code, value=error.found, detail=error.remedy)
            spine.append(_refused_row(workbook, path))
        else:
            spine.append(_spine_row(workbook, probed, contents))
            places |= {(workbook, key): place for key, place in contents.places.items()}
            for key, records in contents.sheets.items():
                _append(tables[key], workbook, records)
        notes += notebook.notes
    frames = {
        sheet.key: sheet_frame(sheet, tables[sheet.key] | derived(sheet.key, tables, policy))
        for sheet in layout.DATA_SHEETS
    }
    return of_tables(frames | {"workbooks": workbooks_frame(spine), "notes": notes_frame(notes)}, places)


def _append(table: dict[str, list[Any]], workbook: str, records: Records) -> None:
    table["workbook"] += [workbook] * len(records.rows)
    table["row"] += records.rows
    for key, values in records.columns.items():
        table[key] += values


def refuse(source: Source, code: str, found: str, remedy: str) -> District:
    """The district of one file that is not read, with the reason."""
    notebook = Notebook(source[0])
    notebook.add("unreadable", raw=code, value=found, detail=remedy)
    return District(workbooks=workbooks_frame([_refused_row(*source)]), notes=notes_frame(notebook.notes))


def _refused_row(workbook: str, path: Path) -> WorkbookRow:
    try:
        data = path.read_bytes() if path.is_file() and path.stat().st_size <= MAX_FILE else b""
    except OSError:
        data = b""
    sha256 = hashlib.sha256(data).hexdigest() if data else ""
    return WorkbookRow(workbook, sha256, float(len(data)), readable=False, department=_stem(workbook))


def _read_workbook(probed: Probe, notebook: Notebook, policy: Policy) -> _Contents:
    """What a workbook holds; Unreadable where it is no submission, or was not filled in."""
    book = open_book(probed)
    _refuse_others(book, notebook)
    _note_form(probed, notebook)
    found = _located(book, notebook)
    notebook.epoch = probed.epoch
    if layout.GENERAL.key not in found:
        _declare("", book, found, notebook, policy)
    sheets = {sheet.key: Records([], {name: [] for name in columns(sheet)}) for sheet in layout.DATA_SHEETS}
    places: dict[str, Place] = {}
    units: set[str] = set()
    for sheet in layout.DATA_SHEETS:  # 基本信息 comes first: it states the unit of every amount
        if sheet.key not in found:
            continue
        notebook.formats = probed.formats(found[sheet.key].title) if has_amounts(sheet) else {}
        records, place = _READERS[sheet.shape](sheet, found[sheet.key], notebook)
        _note_veil(sheet, records.rows, place, probed.veil(place.title), notebook)
        sheets[sheet.key], places[sheet.key] = records, place
        _complete(sheet, records, place, probed, notebook)
        if sheet is layout.GENERAL:
            _declare(str(records.columns["money_unit"][0]), book, found, notebook, policy)
            notebook.year = float(records.columns["year"][0])
        elif has_amounts(sheet):
            _check_formulas(sheet, (records, place), found[sheet.key].grid, probed, notebook, policy)
            units |= {notebook.units.of(key, row) for key in amounts_of(sheet) for row in (0, *notebook.units.rows)}
        _note_years(sheet, found[sheet.key], notebook)
    recompute(sheets, notebook, policy)
    settle_rates(sheets["projects"], places.get(layout.PROJECTS.key), notebook)
    settle_percent_scores(sheets, places, probed.formats, notebook)
    if is_blank_template(sheets, found, notebook.notes):
        raise refusal("blank")
    return _Contents(sheets, places, units - {""} or {WAN})


def _refuse_others(book: OpenBook, notebook: Notebook) -> None:
    """Refuse what is no submission: a list of findings alone, what this program has written, a form of another kind."""
    _refuse_answer(book, notebook)
    ours = own_output(book.titles, book.grid, partial(author_of, book.probed))
    if ours:
        raise refusal("own", ours)
    forms = forms_in(book.titles, book.grid)
    if forms:
        raise refusal("form", "、".join(f"《{each}》" for each in forms))


def _located(book: OpenBook, notebook: Notebook) -> dict[str, Found]:
    """The sheets of the layout, and what is written into a list of findings beside them; Unreadable without any."""
    found = locate_sheets(book.titles, book.grid, notebook)
    if not found and not notebook.guessed("missing_sheet"):
        raise stranger(book.titles)
    lists = [title for title in book.titles if fold(title).startswith(fold(findings_list.TITLE))]
    _note_explanations(book, notebook, lists)
    probed = book.probed
    return {
        key: each._replace(merges=probed.veil(each.title).merges, is_formula=partial(probed.is_formula, each.title))
        for key, each in found.items()
    }


def _note_form(probed: Probe, notebook: Notebook) -> None:
    """What a file is beside its sheets: of an older format, or with something in it that acts by itself."""
    if probed.format:
        notebook.add("old_format", raw=probed.format)
    for each in active_in(probed.package) if probed.package else ():
        notebook.add("active", raw=each.what, value=each.words)


def _complete(sheet: Sheet, records: Records, place: Place, probed: Probe, notebook: Notebook) -> None:
    """Fill in what a person sees beside the cells: the name above, and signatures that are pictures."""
    if sheet is layout.INDICATORS:
        continue_names(records, place, notebook)
    elif sheet is layout.REVIEWERS:
        sign_by_pictures(records, place, partial(probed.pictures, place.title))


def _check_formulas(
    sheet: Sheet, read: tuple[Records, Place], grid: Grid, probed: Probe, notebook: Notebook, policy: Policy
) -> None:
    """Tell of the template's own formulas which were typed over, and which have a result that is not theirs."""
    records, place = read
    computed = layout.AMOUNT_COLUMNS if sheet is layout.BUDGET else ("rate",)
    formulas = probed.formulas(place.title, [place.columns[key] for key in computed if key in place.columns])
    if sheet is layout.BUDGET:
        add_up_stale_totals(records, place, grid, formulas, notebook)
        note_overwritten(records, place, formulas, notebook, policy)
    else:
        divide_stale_rates(records, place, grid, formulas, notebook)


def _refuse_answer(book: OpenBook, notebook: Notebook) -> None:
    """Refuse a list of findings that comes back without the workbook; what was written into it is noted."""
    listed = False
    for title in book.titles:  # of a workbook, the first sheet with anything in it decides
        grid = book.grid(title)
        if findings_list.is_findings_sheet(grid):
            listed = True
        elif any(not is_blank(raw) for row in grid for raw in row):
            return
    if listed:
        _note_explanations(book, notebook, book.titles)
        raise refusal("answer")


def _note_explanations(book: OpenBook, notebook: Notebook, titles: list[str]) -> None:
    """That a workbook is a returned copy that comes back, and what the sender wrote beside its findings."""
    for title in titles:
        grid = book.grid(title)
        if findings_list.is_findings_sheet(grid):
            notebook.add("sent_back", value=title)
            for finding, written in findings_list.explanations(grid).items():
                notebook.add("explanation", raw=finding, value=written.text, detail=written.evidence)


def _note_veil(sheet: Sheet, read: list[float], place: Place, veil: Veil, notebook: Notebook) -> None:
    """What was read from where nobody looks, or from merged cells; told once a sheet and kind (rule F10)."""
    if veil.sheet and read:
        notebook.add("hidden_sheet", sheet, title=place.title, label=sheet.title)
    rows = sorted(int(row) for row in read if row in veil.rows) or sorted(set(place.rows.values()) & veil.rows)
    shown = {column for key, column in place.columns.items() if not sheet.by_key[key].left_out}
    columns = sorted(shown & veil.columns) if read else []
    first = min(place.columns.values(), default=1)
    if rows:
        told = "、".join(map(str, rows[:6]))
        notebook.add("hidden_rows", sheet, title=place.title, row=rows[0], column=first, label=sheet.title, value=told)
    if columns:
        told = "、".join(layout.column_letter(column) for column in columns[:6])
        notebook.add("hidden_columns", sheet, title=place.title, label=sheet.title, value=told)
    note_merges(sheet, read, place, veil.merges, notebook)


def _declare(written: str, book: OpenBook, found: dict[str, Found], notebook: Notebook, policy: Policy) -> None:
    """What is said of the unit of every amount: in 基本信息 and in the instructions, else by the sheets themselves."""
    standard = policy.standard("money_unit", written)
    elsewhere = list(_unit_statements(book, found))
    notebook.declared = declaration(written, standard, [said for said, *_ in elsewhere])
    if written and not standard:
        unit = notebook.declared.unit
        outcome = f"各表金额已按{unit}换算" if unit else "未另行标明单位的金额没有读取"
        notebook.add("unit_unknown", layout.GENERAL, field="money_unit", label="金额单位", raw=written, detail=outcome)
    elif standard == "元":
        notebook.add("unit_yuan", layout.GENERAL, field="money_unit", label="金额单位", raw=standard)
    for said, title, row, column in elsewhere:
        if not notebook.declared.unit or not written:
            kind = "unit_converted" if notebook.declared.unit else "unit_open"
            if said.unit != WAN or kind == "unit_open":
                notebook.add(
                    kind, title=title, row=row, column=column, label="金额单位", raw=said.written,
                    value=standard or written, detail="各表金额",
                )  # fmt: skip
    if not notebook.declared.said:  # what one sheet says of its amounts holds for another that says nothing
        stated = [
            said for sheet in _WITH_AMOUNTS if sheet.key in found for said in statements_above(sheet, found[sheet.key])
        ]
        if len({said.unit for said in stated}) == 1 and stated[0].unit:
            notebook.declared = UNDECLARED._replace(unit=stated[0].unit)


_WITH_AMOUNTS = tuple(sheet for sheet in layout.DATA_SHEETS if has_amounts(sheet))


def _unit_statements(book: OpenBook, found: dict[str, Found]) -> Iterator[tuple[Statement, str, int, int]]:
    """Statements about the whole workbook, in notes on the form and in the instructions, with their cells."""
    titles = [found[layout.GENERAL.key].title] if layout.GENERAL.key in found else []
    titles += [title for title in book.titles if title == layout.INSTRUCTIONS.title]
    for title in titles:
        for row, cells in enumerate(book.grid(title), 1):
            for column, raw in enumerate(cells, 1):
                said = strict_statement(raw)
                if said is not None:
                    yield said, title, row, column


_TITLE_YEAR = re.compile(r"((?:19|20)\d\d)\s*年(?:度|部门)")


def _note_years(sheet: Sheet, found: Found, notebook: Notebook) -> None:
    """The years that stand in a sheet's title, to be held against the year of evaluation (rule F07)."""
    for row_index, row in enumerate(found.grid[: sheet.HEADER_ROW - 1]):
        for column_index, raw in enumerate(row):
            match = _TITLE_YEAR.search(raw) if raw and isinstance(raw, str) else None
            if match and isinstance(raw, str):
                own = found.is_formula(row_index + 1, column_index + 1)
                if own and given(notebook.year) and float(match[1]) != notebook.year:
                    continue  # the template's title, not yet computed anew
                notebook.add(
                    "title_year",
                    sheet,
                    title=found.title,
                    row=row_index + 1,
                    column=column_index + 1,
                    label="标题",
                    raw=raw[:40],
                    value=match[1],
                )


def _stem(workbook: str) -> str:
    """What stands for a department without a name: the file's, in characters that can be written."""
    return PurePosixPath(workbook).stem


def _spine_row(workbook: str, probed: Probe, contents: _Contents) -> WorkbookRow:
    general = {key: values[0] for key, values in contents.sheets["general"].columns.items() if values}
    return WorkbookRow(
        workbook,
        probed.sha256,
        float(probed.size),
        readable=True,
        department=str(general.get("department", "")) or _stem(workbook),
        code=str(general.get("code", "")),
        region=str(general.get("region", "")),
        year=float(general.get("year", NAN)),
        money_unit=WAN if WAN in contents.units else "元",
        ulp=_last_digit(contents.sheets["budget"], contents.units),
        saved=probed.saved,
    )


def _last_digit(budget: Records, units: set[str]) -> float:
    """The coarsest digit, in fen, that amounts of a workbook are rounded to."""
    if units != {"元"}:
        return max(FEN_PER[unit] for unit in units) / 100  # 0.01 of the unit
    amounts: list[Value] = [amount for key in layout.AMOUNT_COLUMNS for amount in budget.columns[key]]
    whole = all(not given(amount) or float(amount) % FEN_OF_A_YUAN == 0 for amount in amounts)
    return FEN_OF_A_YUAN if whole else 1.0
