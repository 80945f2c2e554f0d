"""What stands in a workbook and no field of the layout took: columns, rows and whole sheets, each with its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalxl import layout
from evalxl.district.tables import District, Place
from evalxl.intake.read.cells import Grid, Notebook, Odd, Raw, is_blank, to_text
from evalxl.intake.read.headers import Found, locate_headers
from evalxl.layout import GENERAL, Shape, Sheet, cell
from evalxl.template.entries import title_tail
from evalxl.values.folding import fold, label_key, short
from evalxl.values.quantities import given

_OWN_SHEETS = {label_key(layout.INSTRUCTIONS.title), label_key(layout.LISTS)}
_OWN_COLUMNS = {"栏目", "填写内容", "填写说明", "核对"}  # what the template says beside the answers

Cells = list[tuple[int, int, Raw]]  # row, column (1-based) and what stands there


def leftovers(d: District, grids: Mapping[str, Grid]) -> list[str]:
    """One sentence for each column, run of rows and sheet of one workbook that was read nowhere.

    Titles, units and headings above a table are no data, nor are the template's own hints and checks.
    """
    sheets = {place.title: (layout.BY_KEY[key], place) for (_, key), place in d.places.items()}
    department = fold(str(next(iter(d.general["department"]), "")))
    found: list[str] = []
    for title, grid in grids.items():
        if title not in sheets:
            found += _unknown_sheet(title, _cells(grid))
            continue
        sheet, place = sheets[title]
        rows = {int(row) for row in d.table(sheet.key)["row"] if given(row)}
        found += (
            _of_form(sheet, place, grid)
            if sheet.shape is Shape.FORM
            else _of_table(sheet, place, grid, rows, department)
        )
    return found


def _cells(grid: Grid) -> Cells:
    """The cells that say something, row by row."""
    return [
        (row, column, raw)
        for row, values in enumerate(grid, 1)
        for column, raw in enumerate(values, 1)
        if not is_blank(raw)
    ]


def _unknown_sheet(title: str, cells: Cells) -> Iterator[str]:
    if cells and label_key(title) not in _OWN_SHEETS:
        row, column, _ = cells[0]
        yield f"{title}!{cell(row, column)} 起（共 {len(cells)} 格）：《{title}》没有对上模板的任何一张表，没有移入。"


# ---------------------------------------------------------------- 表单


def _of_form(sheet: Sheet, place: Place, grid: Grid) -> Iterator[str]:
    """Lines that are no field's, and what stands beside a field's answer."""
    taken = {(row, place.columns[key]) for key, row in place.rows.items()}
    first = min(place.rows.values(), default=1)
    beside = _own_columns(grid[: first - 1])
    rest = [each for each in _cells(grid) if each[:2] not in taken and each[1] not in beside]
    alone = {row for row in range(1, first) if sum(not is_blank(raw) for raw in grid[row - 1]) == 1}
    rest = [each for each in rest if each[0] not in alone and not _is_own_header(each[2])]
    rest = [(row, column, raw) for row, column, raw in rest if place.rows.get(_field(sheet, raw)) != row]
    return _by_rows(place.title, rest, "模板没有这一栏")


def _field(sheet: Sheet, raw: Raw) -> str:
    """The field whose header or label a cell is."""
    field = sheet.by_label.get(label_key(raw)) if isinstance(raw, str) else None
    return field.key if field is not None else ""


def _own_columns(rows: Grid) -> set[int]:
    """The columns that the template's header line gives to hints and checks."""
    return {
        column
        for row in rows
        for column, raw in enumerate(row, 1)
        if _is_own_header(raw) and fold(str(raw)) in ("填写说明", "核对")
    }


def _is_own_header(raw: Raw) -> bool:
    return isinstance(raw, str) and fold(raw) in _OWN_COLUMNS


# ---------------------------------------------------------------- 表格、固定行


def _of_table(sheet: Sheet, place: Place, grid: Grid, rows: set[int], department: str) -> Iterator[str]:
    """Headings, columns the layout does not know, and rows that are no record."""
    header = locate_headers(sheet, Found(place.title, grid), Notebook("")).last
    known = set(place.columns.values())
    heads = grid[header - 1] if header else []
    own = {column for column, raw in enumerate(heads, 1) if _is_own_header(raw)}
    cells = [each for each in _cells(grid) if each[1] not in own]
    heading = {row for row, _, raw in cells if _field(sheet, raw)}  # headers may take two rows
    above = [each for each in cells if each[0] < header and each[0] not in heading]
    if not _is_of_template(sheet, above):
        above = [each for each in above if not _is_heading(sheet, each, department)]
        yield from _by_rows(place.title, above, "在表头以上")
    below = [each for each in cells if each[0] > header]
    yield from _by_columns(place.title, heads, [each for each in below if each[1] not in known])
    quiet = {
        place.columns[key] for key, field in sheet.by_key.items() if _is_quiet(sheet, key) and key in place.columns
    }
    saying = {row for row, column, _ in below if column in known and column not in quiet}
    lost = [each for each in below if each[1] in known and each[0] in saying and each[0] not in rows]
    lost = [each for each in lost if each[1] not in quiet or isinstance(each[2], str)]
    yield from _by_rows(place.title, lost, "不是模板的行" if sheet.shape is Shape.LINES else "不是一条记录")


def _is_quiet(sheet: Sheet, key: str) -> bool:
    """Whether a column alone makes no row a record: the numbering, and what a formula fills."""
    return key == "index" or sheet.by_key[key].computed


def _is_of_template(sheet: Sheet, above: Cells) -> bool:
    """Whether the template drew what stands above the headers; it is locked there, so nobody wrote into it."""
    own = (fold(title_tail(sheet)), fold(sheet.note))
    return any(part in fold(raw) for _, column, raw in above if column == 1 and isinstance(raw, str) for part in own)


def _is_heading(sheet: Sheet, at: tuple[int, int, Raw], department: str) -> bool:
    """A title, the department or the unit of money, as they stand above a table."""
    row, _, raw = at
    if row == 1 or not isinstance(raw, str):
        return row == 1
    text = fold(raw)
    unit = "单位:" in text and text.replace("金额", "").replace(department, "").startswith(("单位:", "(单位:"))
    return unit or text == department or label_key(raw) in (label_key(sheet.title), label_key(GENERAL.title))


def _by_columns(title: str, heads: list[Raw], cells: Cells) -> Iterator[str]:
    columns: dict[int, Cells] = {}
    for each in cells:
        columns.setdefault(each[1], []).append(each)
    for column, found in sorted(columns.items()):
        head = to_text(heads[column - 1]) if column <= len(heads) else ""
        name = f"“{short(head)}”列" if head else "没有表头的一列"
        yield f"{title}!{cell(found[0][0], column)} 起{name}（共 {len(found)} 格）：模板没有这一列，没有移入。"


def _by_rows(title: str, cells: Cells, why: str) -> Iterator[str]:
    """Neighbouring rows in one sentence, which quotes the first thing that stands there."""
    runs: list[Cells] = []
    for each in cells:
        if runs and each[0] - runs[-1][-1][0] <= 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    for run in runs:
        (row, column, raw), last = run[0], run[-1][0]
        rows = f"第 {row} 行" if last == row else f"第 {row} 至 {last} 行"
        yield f"{title}!{cell(row, column)} “{short(_shown(raw))}”（{rows}，共 {len(run)} 格）：{why}，没有移入。"


def _shown(raw: Raw) -> str:
    return raw.text if isinstance(raw, Odd) else to_text(raw)
