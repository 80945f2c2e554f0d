"""Reading the three shapes of sheet (form, table, fixed lines) into records."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

from evalxl.district.tables import Place
from evalxl.intake.read.asides import (
    Columns,
    continues_footnote,
    is_footnote,
    note_empty_rows,
    says_nothing,
    total_heading,
)
from evalxl.intake.read.cells import (
    Grid,
    Notebook,
    Odd,
    Raw,
    Value,
    choices_missed,
    is_blank,
    is_nothing,
    raw_at,
    to_text,
)
from evalxl.intake.read.declared import Units
from evalxl.intake.read.guess import ALIKE, MOST_GUESSED, VERY_ALIKE, nearest
from evalxl.intake.read.headers import Found, form_labels, locate_headers
from evalxl.intake.read.merged import share
from evalxl.intake.read.records import Records, blank, raw_columns, read_columns
from evalxl.intake.read.signatures import PICTURE, is_picture
from evalxl.intake.read.units import has_amounts, settle_units
from evalxl.layout import Field, Line, Sheet
from evalxl.values.folding import fold, label_key
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, Formatted, Reading, given

_CHECKED_TOTALS = {"income_total", "expenditure_total"}


def read_form(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[Records, Place]:
    """A form as one record; the value of a field stands right of its label."""
    labels = form_labels(sheet, found.grid)
    values: dict[str, list[Value]] = {field.key: [blank(field)] for field in sheet.fields}
    columns: dict[str, int] = {}
    rows: dict[str, int] = {}
    reach = _reach(labels, found.grid)
    for field, row_index, column_index in labels:
        column = column_index + reach
        raw = raw_at(found.grid[row_index], column)
        columns[field.key], rows[field.key] = column + 1, row_index + 1
        place = (found.title, row_index + 1, column + 1, field.header)
        values[field.key] = [notebook.read(raw, field, sheet, *place)]
        if field.required and is_blank(raw):
            notebook.add(
                "blank_required",
                sheet,
                title=found.title,
                field=field.key,
                row=row_index + 1,
                column=column + 1,
                label=field.header,
            )
        if choices := choices_missed(raw, field):
            notebook.add(
                "unknown_choice", sheet, title=found.title, field=field.key, row=row_index + 1, column=column + 1,
                label=field.header, raw=to_text(raw), detail=choices,
            )  # fmt: skip
    _note_missing_labels(sheet, found, labels, notebook)
    return Records([NAN], values), Place(found.title, columns, rows)


def _reach(labels: list[tuple[Field, int, int]], grid: Grid) -> int:
    """How far right of their labels the values stand: one column, or two where the first is wholly blank."""
    beside = [(field, raw_at(grid[row], column + 1), raw_at(grid[row], column + 2)) for field, row, column in labels]
    if any(not is_blank(near) for _, near, _ in beside):
        return 1
    entered = [far for field, _, far in beside if not is_blank(far) and fold(to_text(far)) != fold(field.hint)]
    return 2 if entered else 1


def _note_missing_labels(sheet: Sheet, found: Found, labels: list[tuple[Field, int, int]], notebook: Notebook) -> None:
    """Note required labels that are not there, and any label beside an entry that may have been meant to be one."""
    present = {field.key for field, _, _ in labels}
    at = {column for _, _, column in labels}
    known = {row for _, row, _ in labels}
    free = {
        to_text(raw): (index, column)
        for index, row in enumerate(found.grid[:MOST_GUESSED])
        for column, raw in enumerate(row[:MOST_GUESSED])
        if column in at and index not in known and isinstance(raw, str) and raw
    }
    for field in sorted(sheet.fields, key=lambda field: not field.required):
        if field.key in present:
            continue
        guess = nearest((field.header, *field.aliases), free, ALIKE if field.required else VERY_ALIKE)
        row, column = free.pop(guess) if guess else (0, 0)
        if field.required:
            notebook.add(
                "missing_header", sheet, title=found.title, field=field.key, label=field.header, detail=guess
            )  # fmt: skip
        elif guess and not is_blank(raw_at(found.grid[row], column + 1)):
            notebook.add(
                "header_guess", sheet, title=found.title, field=field.key, row=row + 1, column=column + 1, label=guess,
                raw=guess, value=field.header,
            )  # fmt: skip


def read_table(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[Records, Place]:
    """A table's records with their row; blank rows, total rows and footnotes are no records."""
    headers = locate_headers(sheet, found, notebook)
    header, columns = headers.last, headers.columns
    notebook.units = settle_units(sheet, found, headers, notebook) if has_amounts(sheet) else Units()
    place = Place(found.title, columns, {})
    if header and found.merges:
        share(sheet, found.grid, header, columns, found.merges)
    rows: list[int] = []
    names: list[str] = []
    empty: list[int] = []
    footnotes = False
    entered = Columns(sheet, columns)
    told = len(notebook.notes)
    for row, filled, name in _entries(sheet, found.grid, header, columns) if header else ():
        cells = found.grid[row - 1]
        total = total_heading(cells, name)
        if all(map(is_nothing, filled)) and says_nothing(cells, entered):
            empty.append(row)
        elif total is not None:
            if total["all"]:
                _note_totals(sheet, found.title, row, cells, columns, notebook)
        elif is_footnote(entries := entered.entries(cells)) or (footnotes and continues_footnote(entries)):
            footnotes = True
        else:
            rows.append(row)
            names.append(name)

    def label(number: int, field: Field) -> str:
        named = names[number] and field.key != sheet.name
        return f"{names[number]}·{field.header}" if named else field.header

    raws = raw_columns(found.grid, rows, columns)
    if "signature" in raws:
        raws["signature"] = [PICTURE if is_picture(raw) else raw for raw in raws["signature"]]
    records = read_columns(sheet, place, rows, raws, label, notebook)
    if empty:
        note_empty_rows(sheet, place, empty, notebook)
    notebook.put_in_order(told)
    return records, place


def _entries(sheet: Sheet, grid: Grid, header: int, columns: dict[str, int]) -> Iterator[tuple[int, list[Raw], str]]:
    """The rows below the headers in which something was entered: its first two entries (two tell enough), its name."""
    counting = [column - 1 for key, column in columns.items() if key != "index" and not sheet.by_key[key].computed]
    empty = ("",) * len(counting)
    pick = itemgetter(*counting) if len(counting) > 1 else lambda cells: tuple(cells[column] for column in counting)
    for row, cells in enumerate(grid[header:], header + 1):
        entries = pick(cells)
        if entries == empty:  # most rows of a template are formatted and no more
            continue
        filled = _first_two(entries)
        if filled:
            yield row, filled, to_text(cells[columns[sheet.name] - 1]) if sheet.name in columns else ""


def _first_two(entries: tuple[Raw, ...]) -> list[Raw]:
    filled: list[Raw] = []
    for raw in entries:
        if not is_blank(raw):
            filled.append(raw)
            if len(filled) == 2:
                break
    return filled


def _note_totals(
    sheet: Sheet, title: str, row_number: int, row: list[Raw], columns: dict[str, int], notebook: Notebook
) -> None:
    """A hand-typed total row is no record, but its amounts are kept to be held against the sum (rule P02)."""
    for field in sheet.fields:
        column = columns.get(field.key)
        if field.kind is Kind.AMOUNT and column is not None:
            raw = row[column - 1]
            code = notebook.formats.get((row_number, column), "")
            raw = Formatted(raw, code) if code and isinstance(raw, float) else raw
            number = notebook.number(raw, field, row_number) if not isinstance(raw, Odd) else Reading(NAN)
            if given(number.value):
                notebook.add(
                    "total_row",
                    sheet,
                    title=title,
                    field=field.key,
                    row=row_number,
                    column=column,
                    label=f"合计·{field.header}",
                    value=repr(number.value),
                )


def read_lines(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[Records, Place]:
    """The fixed lines that a sheet has, each found by its label, which its key and its own words stand for."""
    headers = locate_headers(sheet, found, notebook)
    header, columns = headers.last, headers.columns
    notebook.units = settle_units(sheet, found, headers, notebook) if has_amounts(sheet) else Units()
    place = Place(found.title, columns, {})
    lines: dict[str, tuple[int, Line]] = {}
    unknown: dict[int, str] = {}
    told = len(notebook.notes)
    located = header and sheet.name in columns
    for row, cells in enumerate(found.grid[header:], header + 1) if located else ():
        written = to_text(cells[columns[sheet.name] - 1])
        line = _line(sheet, written, lines[next(reversed(lines))][1] if lines else None)
        if line is None or (line.key in lines and fold(written).startswith("其中") and not line.detail):
            unknown[row - 1] = written
        elif line.key in lines:
            detail = f"第 {lines[line.key][0]} 行、第 {row} 行"
            notebook.add(
                "duplicate_line",
                sheet,
                title=found.title,
                field=sheet.name,
                row=row,
                column=columns[sheet.name],
                label=line.label,
                detail=detail,
            )
        else:
            lines[line.key] = row, line
    records = _read_lines(sheet, found.grid, place, list(lines.values()), notebook)
    notebook.put_in_order(told)
    if located:
        missing = [line for line in sheet.lines if line.key not in lines]
        for index, written in unknown.items():
            missing = _note_unknown_line(sheet, found, index, columns, written, missing, notebook)
        _note_missing_lines(sheet, found.title, missing, notebook)
    return records, place


def _read_lines(sheet: Sheet, grid: Grid, place: Place, lines: list[tuple[int, Line]], notebook: Notebook) -> Records:
    rows = [row for row, _ in lines]
    raws = {
        key: [_own_total(raw, line) for raw, (_, line) in zip(column, lines, strict=True)]
        for key, column in raw_columns(grid, rows, place.columns).items()
    }

    def label(number: int, field: Field) -> str:
        line = lines[number][1]
        return line.label if field.key == "final" else f"{line.label}（{field.header}）"

    records = read_columns(sheet, place, rows, raws, label, notebook)
    records.columns["line"], records.columns["key"] = [line.label for _, line in lines], [line.key for _, line in lines]
    return records


def _own_total(raw: Raw, line: Line) -> Raw:
    """What stands in a line's cell; a sum of the template's own that has no result is one that we add up ourselves."""
    own = isinstance(raw, Odd) and raw.kind == "no_value" and line.computed and "SUM(" in raw.text.upper()
    return Odd("recomputed", raw.text) if isinstance(raw, Odd) and own else raw


def _note_missing_lines(sheet: Sheet, title: str, missing: list[Line], notebook: Notebook) -> None:
    """Lines that a sheet does not have; a form with fewer than half of them is another form, and needs only totals."""
    main = [line.label for line in missing if not line.detail]
    if {line.key for line in missing} & _CHECKED_TOTALS:
        kind, main = "missing_total", [line.label for line in missing if line.key in _CHECKED_TOTALS]
    elif main and 2 * len(missing) < len(sheet.lines):
        kind = "missing_line"
    else:
        return
    notebook.add(kind, sheet, title=title, field=sheet.name, label=sheet.title, detail="、".join(main))


def _line(sheet: Sheet, written: str, above: Line | None) -> Line | None:
    """The line a label names; 其中 marks a breakdown, which no main line is unless it follows a total it is part of."""
    line = sheet.line_by_label.get(label_key(written)) if written else None
    if line is not None and fold(written).startswith("其中") and not line.detail:
        order = list(sheet.line_by_key)
        heads = above is not None and above.computed and order.index(line.key) < order.index(above.key)
        return line if heads else None
    return line


def _note_unknown_line(
    sheet: Sheet,
    found: Found,
    index: int,
    columns: dict[str, int],
    written: str,
    missing: list[Line],
    notebook: Notebook,
) -> list[Line]:
    """A line the layout does not know may still carry money: it is named, so that no amount is passed over unseen.

    Returns the missing lines without the one it may have been meant to be.
    """
    row = found.grid[index]
    amounts = [columns[field.key] for field in sheet.fields if field.kind is Kind.AMOUNT and field.key in columns]
    column = next((each for each in amounts if not is_blank(raw_at(row, each - 1))), 0)
    if not column or not written:
        return missing
    near = missing if index < MOST_GUESSED else []
    guessed = next((line for line in near if nearest((line.label, *line.aliases), [written], VERY_ALIKE)), None)
    if guessed is None and fold(written).startswith("其中"):
        return missing
    notebook.add(
        "unknown_line", sheet, title=found.title, row=index + 1, column=column, label=written,
        field=next(key for key, each in columns.items() if each == column), raw=to_text(row[column - 1]),
        detail=guessed.label if guessed else "",
    )  # fmt: skip
    return [line for line in missing if line is not guessed]
