"""Reading the three shapes of sheet (form, table, fixed lines) into rows of typed values."""

from __future__ import annotations

import re

from evalxl import layout
from evalxl.district import Place
from evalxl.folding import fold, label_key
from evalxl.layout import Field, Kind, Line, Sheet
from evalxl.quantities import NAN, read_number
from evalxl.read.cells import Grid, Notebook, Odd, Raw, is_blank, to_text
from evalxl.read.guess import ALIKE, MOST_GUESSED, VERY_ALIKE, nearest
from evalxl.read.headers import Found, form_labels, locate_headers

Values = dict[str, float | str]

_TOTALS = {"合计", "总计", "共计"}
_SUBTOTALS = {"小计", "本页小计"}
_CHECKED_TOTALS = {"income_total", "expenditure_total"}
_FOOTNOTE = re.compile(r"^(?:注|说明|备注|填表|填报|制表|审核|单位负责人|负责人|联系人|联系电话)[:：0-9一二三、.（(]")


def read_form(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[Values, Place]:
    """A form's values by field; the value stands right of its label."""
    labels = form_labels(sheet, found.grid)
    values: Values = {field.key: NAN if field.kind.numeric else "" for field in sheet.fields}
    columns: dict[str, int] = {}
    rows: dict[str, int] = {}
    reach = _reach(labels, found.grid)
    for field, row_index, column_index in labels:
        column = column_index + reach
        raw = _at(found.grid[row_index], column)
        columns[field.key], rows[field.key] = column + 1, row_index + 1
        place = (found.title, row_index + 1, column + 1, field.header)
        values[field.key] = notebook.read(raw, field, sheet, *place)
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
    _note_missing_labels(sheet, found, labels, notebook)
    return values, Place(found.title, columns, rows)


def _at(row: list[Raw], column: int) -> Raw:
    return row[column] if column < len(row) else ""


def _reach(labels: list[tuple[Field, int, int]], grid: Grid) -> int:
    """How far right of their labels the values stand: one column, or two where the first is wholly blank."""
    beside = [(field, _at(grid[row], column + 1), _at(grid[row], column + 2)) for field, row, column in labels]
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
        elif guess and not is_blank(_at(found.grid[row], column + 1)):
            notebook.add(
                "header_guess", sheet, title=found.title, field=field.key, row=row + 1, column=column + 1, label=guess,
                raw=guess, value=field.header,
            )  # fmt: skip


def read_table(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[list[tuple[int, Values]], Place]:
    """A table's records with their row; blank rows, total rows and footnotes are no records."""
    header, columns = locate_headers(sheet, found, notebook)
    records: list[tuple[int, Values]] = []
    if not header:
        return records, Place(found.title, columns, {})
    counting = [column for key, column in columns.items() if key != "index" and not sheet.by_key[key].computed]
    for index in range(header, len(found.grid)):
        row = found.grid[index]
        filled = [column for column in counting if not is_blank(row[column - 1])]
        if not filled:
            continue
        name = to_text(row[columns[sheet.name] - 1]) if sheet.name in columns else ""
        first = name or to_text(row[filled[0] - 1])
        heading = _total_heading(row, name)
        if heading in _TOTALS:
            _note_totals(sheet, found.title, index + 1, row, columns, notebook)
        elif heading:
            continue
        elif not (len(filled) == 1 and _FOOTNOTE.match(first)):
            records.append((index + 1, _record(sheet, found.title, index + 1, row, columns, name, notebook)))
    return records, Place(found.title, columns, {})


def _record(
    sheet: Sheet, title: str, row_number: int, row: list[Raw], columns: dict[str, int], name: str, notebook: Notebook
) -> Values:
    values: Values = {}
    for field in sheet.fields:
        column = columns.get(field.key)
        raw = row[column - 1] if column is not None else ""
        label = f"{name}·{field.header}" if name and field.key != sheet.name else field.header
        values[field.key] = notebook.read(raw, field, sheet, title, row_number, column or 0, label)
    return values


def _total_heading(row: list[Raw], name: str) -> str:
    """The word that makes a row a hand-typed total or subtotal, however spaced; '' for a record."""
    heads = (name,) if name else (to_text(raw) for raw in row if isinstance(raw, str) and not is_blank(raw))
    key = next((label_key(head) for head in heads), "")
    return key if key in _TOTALS | _SUBTOTALS else ""


def _note_totals(
    sheet: Sheet, title: str, row_number: int, row: list[Raw], columns: dict[str, int], notebook: Notebook
) -> None:
    """A hand-typed total row is no record, but its amounts are kept to be held against the sum (rule P02)."""
    for field in sheet.fields:
        column = columns.get(field.key)
        if field.kind is Kind.AMOUNT and column is not None:
            number = read_number(
                row[column - 1] if not isinstance(row[column - 1], Odd) else "", field.kind, notebook.unit
            )
            if number.value == number.value:
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


def read_lines(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[list[tuple[int, Line, Values]], Place]:
    """The fixed lines that a sheet has, each found by its label."""
    header, columns = locate_headers(sheet, found, notebook)
    records: list[tuple[int, Line, Values]] = []
    place = Place(found.title, columns, {})
    if not header or sheet.name not in columns:
        return records, place
    seen: dict[str, int] = {}
    unknown: dict[int, str] = {}
    for index in range(header, len(found.grid)):
        row = found.grid[index]
        written = to_text(row[columns[sheet.name] - 1])
        line = _line(sheet, written, records[-1][1] if records else None)
        if line is None or (line.key in seen and fold(written).startswith("其中") and not line.detail):
            unknown[index] = written
        elif line.key in seen:
            detail = f"第 {seen[line.key]} 行、第 {index + 1} 行"
            notebook.add(
                "duplicate_line",
                sheet,
                title=found.title,
                field=sheet.name,
                row=index + 1,
                column=columns[sheet.name],
                label=line.label,
                detail=detail,
            )
        else:
            seen[line.key] = index + 1
            records.append((index + 1, line, _line_values(sheet, line, found.title, index + 1, row, columns, notebook)))
    missing = [line for line in sheet.lines if line.key not in seen]
    for index, written in unknown.items():
        missing = _note_unknown_line(sheet, found, index, columns, written, missing, notebook)
    _note_missing_lines(sheet, found.title, missing, notebook)
    return records, place


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


def _line_values(
    sheet: Sheet, line: Line, title: str, row_number: int, row: list[Raw], columns: dict[str, int], notebook: Notebook
) -> Values:
    values: Values = {}
    for field in sheet.fields:
        column = columns.get(field.key)
        raw = row[column - 1] if column is not None else ""
        if isinstance(raw, Odd) and raw.kind == "no_value" and line.computed and "SUM(" in raw.text.upper():
            raw = Odd("recomputed", raw.text)
        label = line.label if field.key == "final" else f"{line.label}（{field.header}）"
        values[field.key] = notebook.read(raw, field, sheet, title, row_number, column or 0, label)
    return values


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
    column = next((each for each in amounts if not is_blank(_at(row, each - 1))), 0)
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


def declared_units(grid: Grid) -> list[tuple[str, int, int]]:
    """The units of money that a sheet states (单位：万元; 决算数（万元）), with their 1-based cells."""
    marks = []
    for row_index, row in enumerate(grid[: layout.BUDGET.HEADER_ROW + 4]):
        for column_index, raw in enumerate(row):
            match = _UNIT_MARK.search(raw) if isinstance(raw, str) and len(raw) < 60 else None
            if match:
                marks.append((match[1] or match[2], row_index + 1, column_index + 1))
    return marks


_UNIT_MARK = re.compile(
    r"(?<!核算)单位[:：]\s*(?:人民币)?([亿千百十]*万?元)|(?:数|额|合计|支出|收入)\s*[（(](?:单位[:：])?([亿千百十]*万?元)[）)]"
)
