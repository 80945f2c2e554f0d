"""Reading the three shapes of sheet (form, table, fixed lines) into rows of typed values."""

from __future__ import annotations

import re

from evalxl import layout
from evalxl.district import Place
from evalxl.folding import fold, label_key
from evalxl.layout import Line, Sheet
from evalxl.quantities import NAN, read_number
from evalxl.read.cells import Grid, Notebook, Odd, Raw, is_blank, to_text
from evalxl.read.locate import Found, form_labels, locate_headers

Values = dict[str, float | str]

_TOTALS = {"合计", "总计", "共计"}
_SUBTOTALS = {"小计"}
_FOOTNOTE = re.compile(r"^(?:注|说明|备注|填表|填报|制表|审核|单位负责人|负责人|联系人|联系电话)[:：0-9一二三、.（(]")


def read_form(sheet: Sheet, found: Found, notebook: Notebook) -> tuple[Values, Place]:
    """A form's values by field; the value stands right of its label."""
    labels = form_labels(sheet, found.grid)
    values: Values = {field.key: NAN if field.kind.numeric else "" for field in sheet.fields}
    columns: dict[str, int] = {}
    rows: dict[str, int] = {}
    for field, row_index, column_index in labels:
        column = column_index + 1
        raw = found.grid[row_index][column] if column < len(found.grid[row_index]) else ""
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
    for field in sheet.fields:
        if field.required and field.key not in rows:
            notebook.add("missing_header", sheet, title=found.title, field=field.key, label=field.header)
    return values, Place(found.title, columns, rows)


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
        if _is_total(row, name, columns):
            _note_totals(sheet, found.title, index + 1, row, columns, notebook)
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


def _is_total(row: list[Raw], name: str, columns: dict[str, int]) -> bool:
    heads = [name, to_text(row[columns["index"] - 1]) if "index" in columns else ""]
    return any(fold(head) in _TOTALS | _SUBTOTALS for head in heads) and not (name and fold(name) not in _TOTALS)


def _note_totals(
    sheet: Sheet, title: str, row_number: int, row: list[Raw], columns: dict[str, int], notebook: Notebook
) -> None:
    """A hand-typed total row is no record, but its amounts are kept to be held against the sum (rule P02)."""
    for field in sheet.fields:
        column = columns.get(field.key)
        if field.kind is layout.Kind.AMOUNT and column is not None:
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
    for index in range(header, len(found.grid)):
        row = found.grid[index]
        written = to_text(row[columns[sheet.name] - 1])
        line = _line(sheet, written)
        if line is None:
            _note_unknown_line(sheet, found, index, columns, written, notebook)
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
    return records, place


def _line(sheet: Sheet, written: str) -> Line | None:
    """The line a label names; 其中 marks a breakdown, which no main line is."""
    line = sheet.line_by_label.get(label_key(written)) if written else None
    if line is not None and fold(written).startswith("其中") and not line.detail:
        return None
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
    sheet: Sheet, found: Found, index: int, columns: dict[str, int], written: str, notebook: Notebook
) -> None:
    """A line the layout does not know may still carry money: it is named, so that no amount is passed over unseen."""
    if not written or fold(written).startswith("其中"):
        return
    row = found.grid[index]
    for field in sheet.fields:
        column = columns.get(field.key)
        if (
            field.kind is layout.Kind.AMOUNT
            and column is not None
            and column <= len(row)
            and not is_blank(row[column - 1])
        ):
            notebook.add(
                "unknown_line",
                sheet,
                title=found.title,
                field=field.key,
                row=index + 1,
                column=column,
                label=written,
                raw=to_text(row[column - 1]),
            )
            return


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
