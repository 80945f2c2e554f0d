"""The tables of a report as records of the template's sheets, by their headers, whatever else the tables are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from evalxl.layout import AMOUNT_COLUMNS, BUDGET, INDICATORS, PROJECTS, REVIEWERS, UNITS, Field, Sheet
from evalxl.transfer.report.across import is_across, read_across
from evalxl.transfer.report.joining import join_projects
from evalxl.transfer.report.pieces import Grid, Line, Piece
from evalxl.transfer.report.tables import Amount, Printed, Record, Tables, is_of_this_year, is_planned, unit_in
from evalxl.values.folding import clean, fold, label_key
from evalxl.values.kinds import Kind
from evalxl.values.money_units import Statement, stated
from evalxl.values.quantities import FEN_PER, given, read_number

_LEAST_LINES = 3  # fewer budget lines in a table are chance
_SUM_ROUNDING = 10_000  # fen: of amounts in 万元 with two decimals
_LONGEST_TITLE = 60  # characters of a line that names a table
_HEADER_ROWS = 6  # a header lies among the first so many rows
# Headers reports print that no workbook does.
_ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "units": {
        "name": ("独立核算单位", "名称"),
        "nature": ("单位类型",),
        "funding": ("经费形式（来源）",),
        "posts": ("核定编制", "人员编制", "编制人员"),
        "staff": ("实有人数", "在职人员", "年末在职人数", "实有在职人数", "在编人数", "年末实有人数"),
    },
    "projects": {
        "name": ("名称",),
        "revised": ("预算数", "预算安排", "调整预算", "调整预算数", "调整后预算", "调整后预算数"),
        "executed": ("实际执行数", "支出数", "执行金额", "执行数", "实际支出", "决算数"),
        "score": ("自评分数", "评价得分", "绩效自评得分", "得分（百分制）"),
        "grade": ("自评结果", "评价等次", "自评等次", "等次", "绩效等级"),
    },
    "reviewers": {"name": ("成员", "人员姓名", "成员姓名"), "workplace": ("单位及部门", "所在部门")},
}
_AMOUNT_HEADERS = {
    label_key(name): key
    for key, names in {
        "initial": ("年初批复数", "年初批复预算", "年初批复预算数", "年初预算批复数", "年初安排数", "年初预算金额"),
        "revised": ("调整后预算", "调整后预算数", "调整后全年预算数", "全年预算", "全年预算金额"),
        "final": ("全年执行数", "执行数", "实际执行数", "实际支出数", "支出决算数", "决算金额", "全年支出数"),
    }.items()
    for name in names
}
# A table is a sheet's when it shows the first field and one of the others.
_NEEDED = {
    "units": ("name", {"nature", "funding"}),
    "projects": ("name", {"score", "grade", "revised", "executed"}),
    "reviewers": ("name", {"workplace", "duty", "title"}),
}
_NO_RECORD = re.compile(r"(?:合计|总计|小计|平均分?|平均得分|总分|(?:填[表报]人|注|备注|说明):?.*)")
_FROM = "取自报告"
_DATED = re.compile(r"((?:19|20)\d\d)年?度?(.{2,8})")  # 2022年决算 beside 2023年决算
_RATE = re.compile(r"\d{1,6}(?:\.\d{1,9})?%")  # which the template reckons itself
_BLANKS = re.compile(r"[_＿]{2,}")


def read_tables(document: Sequence[Piece], year: int) -> Tables:
    """Read every table for what it is; of columns of several years those of the report's own count."""
    found = Tables()
    for index, piece in enumerate(document):
        if isinstance(piece, Grid):
            _read(Printed(piece, _unit_before(document, index), _above(document, index), year), found)
    return found


def _above(document: Sequence[Piece], index: int) -> str:
    """The lines right above a table, which say of what it is."""
    lines: list[str] = []
    for piece in reversed(document[max(index - 3, 0) : index]):
        if not isinstance(piece, Line) or len(piece.text) > _LONGEST_TITLE:
            break
        lines.append(piece.text)
    return "\n".join(reversed(lines))


def _unit_before(document: Sequence[Piece], index: int) -> str:
    """The unit in 单位：万元 above a table."""
    for piece in reversed(document[max(index - 3, 0) : index]):
        if not isinstance(piece, Line):
            return ""
        if len(piece.text) > _LONGEST_TITLE:
            continue
        said = stated(piece.text, header=True)
        if said is not None or ("单位" in piece.text and "元" in piece.text):  # in 美元 nothing can be converted
            return said.unit if said is not None else ""
    return ""


def _read(table: Printed, found: Tables) -> None:
    best: tuple[int, Sheet, int, dict[str, int]] | None = None
    for sheet in (UNITS, PROJECTS, REVIEWERS):
        more = _OF_PROJECTS_TOO if sheet is PROJECTS and _OF_PROJECTS in table.above else frozenset()
        first, others = _NEEDED[sheet.key]
        for index, row in enumerate(table.grid.rows[:_HEADER_ROWS]):
            columns = _headers(sheet, row)
            if first in columns and (others | more) & columns.keys() and (best is None or len(columns) > best[0]):
                best = (len(columns), sheet, index, columns)
    caption = table.above.rpartition("\n")[2] or table.above
    whose = _CAPTION.fullmatch(caption)
    if whose and _reads_as_printed(table, whose["project"] or "", found):
        return
    if _is_indicators(table.grid):
        found.doubts.append("报告中有绩效指标表，没有导入，请对照报告填写《指标》表。")
        found.loose.extend(table.grid.rows[1:])
    elif is_across(table.grid):
        read_across(table, found)
    elif _is_budget(table.grid):
        _budget(table, found)
    elif best is not None:
        first_record = len(found.records)
        _records(table, *best[1:], found)
        if best[1] is PROJECTS:
            join_projects(found, first_record)
    else:
        pairs, headed = _pairs(table.grid)
        found.pairs.extend(pairs)
        found.headed.extend(headed)
        found.unread.extend(table.grid.rows)


# What `evalxl report` prints in chapter three, and nobody else words so.
_CAPTION = re.compile(r"(?:“(?P<project>.{1,200})”项目|部门整体)绩效指标完成情况表")
_OF_PROJECTS, _OF_PROJECTS_TOO = "项目基本情况表", frozenset(("code", "unit", "initial", "cause", "measure"))


def _reads_as_printed(table: Printed, project: str, found: Tables) -> bool:
    """Whether a table has the template's own headers throughout; its rows are then the indicators of a project."""
    heads, *rows = table.grid.rows
    fields = [INDICATORS.by_label.get(label_key(head)) for head in heads]
    if None in fields or len(set(fields)) < len(fields):
        return False
    for row in rows:
        source = f"取自报告表格行“{'｜'.join(part for part in row if part)}”"
        values: dict[str, str | float] = {"project": project} if project else {}
        for field, raw in zip(fields, row, strict=False):
            value = _value(field, raw, None, "") if field is not None and _text(raw) else ""
            if value is None:
                found.loose.append((row[0], raw))
            elif field is not None and value != "":
                values[field.key] = value
        found.records.append(Record(INDICATORS, values, source))
    return True


def _is_indicators(grid: Grid) -> bool:
    keys = {label_key(text) for row in grid.rows for text in row}
    return len(keys & {label_key(field.header) for field in INDICATORS.fields[1:4]}) >= 2


def _is_budget(grid: Grid) -> bool:
    """Whether most rows name a budget line; a project or two may bear the name of one."""
    named = sum(any(label_key(text) in BUDGET.line_by_label for text in row) for row in grid.rows)
    heads = {_column(text) for row in grid.rows[:2] for text in row} - {""}
    least = _LEAST_LINES - 1 if len(heads) > 1 else _LEAST_LINES
    return named >= least and named * 2 >= len(grid.rows) - 1


def _column(text: str) -> str:
    """The column of amounts that a header names; '' for none."""
    key = label_key(text)
    field = BUDGET.by_label.get(key)
    return field.key if field is not None and field.key in AMOUNT_COLUMNS else _AMOUNT_HEADERS.get(key, "")


def _names_a_line(row: Sequence[str]) -> bool:
    return any(label_key(text) in BUDGET.line_by_label for text in row)


def _headers(sheet: Sheet, row: Sequence[str]) -> dict[str, int]:
    """The column of each field whose header a row shows."""
    own = {label_key(name): key for key, names in _ALIASES[sheet.key].items() for name in names}
    columns: dict[str, int] = {}
    for index, text in enumerate(row):
        field = sheet.by_label.get(label_key(text))
        key = field.key if field else own.get(label_key(text))
        if key is not None:
            columns.setdefault(key, index)
    return columns


def _records(table: Printed, sheet: Sheet, header: int, columns: dict[str, int], found: Tables) -> None:
    heads = table.grid.rows[header]
    unit = unit_in(table.grid.rows[: header + 1]) or table.unit
    name = columns[_NEEDED[sheet.key][0]]
    for head in heads:
        if "职务" in head and "职称" in head:
            found.doubts.append(f"名单把“{_text(head)}”写在一栏，没有填入，请分开填写职务和职称。")
    sums: dict[str, float] = {}
    for row in table.grid.rows[header + 1 :]:
        text = row[name] if name < len(row) else ""
        blank = not _text(text) or _NO_RECORD.fullmatch(fold(text)) or label_key(text) == label_key(heads[name])
        if blank or len(set(row)) == 1:
            note = fold(row[0]).startswith(("注", "备注", "说明"))
            left = [] if note or len(set(row)) == 1 else _no_sums(row, columns, sheet, unit, sums)
            found.loose.extend([(text, *left)] if left else [])
            continue
        source = f"取自报告表格行“{'｜'.join(part for part in row if part)}”"
        values: dict[str, str | float] = {}
        for key, index in columns.items():
            field = sheet.by_key[key]
            raw = row[index] if index < len(row) else ""
            if key in ("index", "signature") or field.computed or not _text(raw):
                continue
            value = _value(field, raw, stated(heads[index], header=True), unit)
            if value is None:
                found.doubts.append(
                    f"表格中“{_text(text)}”的{field.header}写作“{_text(raw)}”，{_why(field, unit)}，没有填入。"
                )
            else:
                values[key] = value
                sums[key] = sums.get(key, 0.0) + (value if isinstance(value, float) else 0.0)
        found.records.append(Record(sheet, values, source))
        rest = [text for index, text in enumerate(row) if index not in columns.values()]
        if any(re.search(r"\d", each) for each in rest):
            found.loose.append((text, *(each for each in rest if each != text)))


def _no_sums(
    row: Sequence[str], columns: Mapping[str, int], sheet: Sheet, unit: str, sums: Mapping[str, float]
) -> list[str]:
    """The numbers of a row below the records that are not what the records add up to."""
    left = [text for text in row if re.search(r"\d", text)]
    for key, index in columns.items():
        if index < len(row) and sheet.by_key[key].kind is Kind.AMOUNT:
            value = read_number(_text(row[index]), Kind.AMOUNT, unit or "万元").value
            if key in sums and abs(value - sums[key]) <= _SUM_ROUNDING and row[index] in left:
                left.remove(row[index])
    return left


def _why(field: Field, unit: str) -> str:
    return "没有写明金额单位" if field.kind is Kind.AMOUNT and not unit else "不是能确定的数字"


def _text(raw: str) -> str:
    return clean(_BLANKS.sub("", raw)).replace("\n", " ")


def _value(field: Field, raw: str, own: Statement | None, unit: str) -> str | float | None:
    """A cell's value; None where it cannot be told."""
    text = _text(raw)
    if not field.kind.numeric:
        return text
    unit = own.unit if own else unit
    if field.kind is Kind.AMOUNT and not unit and not text.endswith(tuple(FEN_PER)):
        return None
    reading = read_number(text, field.kind, unit or "万元")
    return reading.value if given(reading.value) else None


def _budget(table: Printed, found: Tables) -> None:
    """Labels and amounts wherever they stand, income beside expenditure or below it."""
    rows = table.grid.rows
    columns = _amount_columns(table)
    heads = [text for row in rows[:_HEADER_ROWS] if not _names_a_line(row) for text in row]
    if not is_of_this_year(table, heads) or (not columns and is_planned(table, heads)):
        found.loose.extend(rows)
        return
    unit = unit_in(rows[:_HEADER_ROWS]) or table.unit
    for row in rows:
        _budget_row(row, columns, unit, found)


def _amount_columns(table: Printed) -> dict[int, str]:
    """The columns of amounts by their headers; of several years those of the report's."""
    columns: dict[int, str] = {}
    for row in table.grid.rows:
        for index, text in enumerate(row):
            dated = _DATED.fullmatch(fold(text))
            if dated and table.year and int(dated[1]) != table.year:
                continue
            column = _column(dated[2] if dated else text)
            if column:
                columns[index] = column
    return columns


def _budget_row(row: Sequence[str], columns: dict[int, str], unit: str, found: Tables) -> None:
    key = ""
    amounts: list[tuple[int, str]] = []
    left: list[str] = []
    for index, text in enumerate([*row, ""]):
        line = BUDGET.line_by_label.get(label_key(text)) if _text(text) else None
        if line is not None or index == len(row):
            left += _amounts(key, amounts, columns, unit, row, found)
            key, amounts = (line.key if line else ""), []
        elif re.search(r"\d", text) and not _RATE.fullmatch(text):
            (amounts if key else []).append((index, text))
            left += [] if key else [text]
    if left:
        found.loose.append((row[0], *(each for each in left if each != row[0])))


def _amounts(
    key: str, amounts: list[tuple[int, str]], columns: dict[int, str], unit: str, row: Sequence[str], found: Tables
) -> list[str]:
    """The amounts after one label: by the header above them, or as final accounts where there is but one.

    What stands below other headers is handed back.
    """
    named = [(columns[index], text) for index, text in amounts if index in columns]
    if not named and len(amounts) == 1 and not columns:
        named = [("final", amounts[0][1])]
    source = f"取自报告表格行“{'｜'.join(part for part in row if part)}”"
    for column, text in named:
        if not unit and not text.endswith(tuple(FEN_PER)):
            found.doubts.append(f"{source.removeprefix(_FROM)}没有写明金额单位，没有填入。")
            continue
        reading = read_number(_text(text), Kind.AMOUNT, unit or "万元")
        if given(reading.value):
            found.amounts.append(Amount(key, column, reading.value, source))
        else:
            found.doubts.append(f"{source.removeprefix(_FROM)}的“{text}”不是能确定的金额，没有填入。")
    return [text for index, text in amounts if (columns.get(index, "final"), text) not in named]


_ABOVE_VALUES = re.compile(
    r"(?:(?:年初|年度|全年|原|调整后)?(?:预期|设定|总体)*目标(?:值)?(?:设定)?"
    r"|(?:目标|年度|全年)?实际完成(?:情况|目标)?|目标(?:实际)?完成(?:情况)?|完成情况)"
)


def _pairs(grid: Grid) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Label beside value in the rows of a form, and label above value where two labels stand beside each other."""
    found: list[tuple[str, str]] = []
    headed: list[tuple[str, str]] = []
    below: dict[int, str] = {}
    for row in grid.rows:
        heads = {at: text for at, text in enumerate(row) if _ABOVE_VALUES.fullmatch(fold(text))}
        if len(set(heads.values())) > 1:
            below = heads
            continue
        if below:
            headed += [(label, row[at]) for at, label in below.items() if at < len(row) and _text(row[at])]
            below = {}
            continue
        distinct = [text for index, text in enumerate(row) if index == 0 or text != row[index - 1]]
        found += [(label, value) for label, value in pairwise(distinct) if label and _text(value)]
    return found, headed
