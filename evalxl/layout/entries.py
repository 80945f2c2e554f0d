"""The entries of a bureau's own template, out of TOML or a table: each with its kind, its values and its line."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from evalxl.values.errors import UsageError
from evalxl.values.file_content import content_of
from evalxl.values.folding import clean, label_key
from evalxl.values.toml_file import LARGEST, read_toml


class Entry(NamedTuple):
    """One thing that differs: a sheet, a column, a line, or a change of one."""

    what: str
    values: dict[str, str]
    where: str  # 第 12 行


_MOST = 400  # entries
_MOST_COLUMNS = 60  # of a table of them
_MOST_UNPACKED = 32 << 20  # bytes
# What each entry may say, the keys that it must say first; and what a table's columns are called.
_KEYS = {
    "sheet": ("title", "shape", "room", "required", "aliases", "landscape", "note"),
    "column": ("sheet", "header", "kind", "after", "required", "aliases", "choices", "width", "height", "hint"),
    "line": ("label", "after", "part_of", "aliases", "hint"),
    "change": ("sheet", "column", "line", "title", "after", "required", "aliases", "width", "hint", "note", "left_out"),
}
_LISTS = ("aliases", "choices")
_MUST = {"sheet": ("title",), "column": ("sheet", "header"), "line": ("label",), "change": ("sheet",)}
_WORDS = {
    "sheet": "增加表", "column": "增加栏目", "line": "增加行", "change": "修改",
}  # fmt: skip
HEADINGS = {
    "what": "动作", "sheet": "工作表", "column": "栏目", "line": "行", "title": "名称", "kind": "类型",
    "after": "位置在…之后", "required": "必填", "aliases": "别名", "choices": "选项", "width": "宽度",
    "hint": "填写说明", "part_of": "所属合计", "note": "表下说明", "left_out": "略去",
    "shape": "形式", "room": "行数", "landscape": "横向",
}  # fmt: skip
_ALSO = {"header": "title", "label": "title"}  # a table has one column for the names of columns, lines and sheets


def read_entries(path: Path) -> tuple[str, list[Entry]]:
    """The name of a bureau's template and what differs in it; UsageError for a file that is none."""
    table = path.suffix.lower() in (".xlsx", ".xls", ".et", ".ods")
    name, entries = ("", list(_of_table(path))) if table else _of_toml(path)
    if len(entries) > _MOST:
        raise UsageError(f"表样文件 {path} 有 {len(entries)} 项，不能超过 {_MOST} 项。")
    return name, entries


def _of_toml(path: Path) -> tuple[str, list[Entry]]:
    table, text = read_toml(path, "表样文件", "请对照手册中的例子改正")
    unknown = sorted(set(table) - set(_KEYS) - {"name"})
    if unknown:
        raise UsageError(
            f"表样文件 {path}：不认识“{unknown[0]}”，只有 name 和 {'、'.join(f'[[{each}]]' for each in _KEYS)}。"
        )
    entries: list[Entry] = []
    for what in _KEYS:
        listed = table.get(what, [])
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            raise UsageError(f"表样文件 {path}：{what} 要写成 [[{what}]]，一项一段。")
        lines = [
            number for number, line in enumerate(text.splitlines(), 1) if line.strip().replace(" ", "") == f"[[{what}]]"
        ]
        for number, values in enumerate(listed):
            where = f"第 {lines[number]} 行起" if number < len(lines) else ""
            place = f"表样文件 {path}{f' {where}' if where else ''}"
            texts = {key: _text(f"{place}：{key} ", value, listed=key in _LISTS) for key, value in values.items()}
            entries.append(_entry(path, what, texts, where))
    return _text(f"表样文件 {path}：name ", table.get("name", "")), entries


def _text(place: str, value: object, *, listed: bool = False) -> str:
    """A value as text; a list only where several are asked for, and no table anywhere."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list) and listed:
        return "、".join(_text(place, each) for each in value)
    if not isinstance(value, str | int | float):
        several = "一串文字" if listed else "一个文字或数"
        raise UsageError(f"{place}要写{several}。")
    return " ".join(clean(str(value)).split())


def _entry(path: Path, what: str, values: Mapping[str, str], where: str) -> Entry:
    place = f"表样文件 {path}{f' {where}' if where else ''}"
    unknown = sorted(set(values) - set(_KEYS[what]))
    if unknown:
        raise UsageError(f"{place}：{_WORDS[what]}不认识“{unknown[0]}”，可写 {'、'.join(_KEYS[what])}。")
    for key in _MUST[what]:
        if not values.get(key):
            raise UsageError(f"{place}：{_WORDS[what]}要写 {key}（{HEADINGS[_ALSO.get(key, key)]}）。")
    too_long = next((key for key, value in values.items() if len(value) > 500), "")
    if too_long:
        raise UsageError(f"{place}：{too_long} 太长，不能超过 500 字。")
    return Entry(what, {key: value for key, value in values.items() if value}, where)


def _of_table(path: Path) -> Iterator[Entry]:
    """The rows of a table below its headers 动作, 工作表, 栏目 …"""
    by_heading = {label_key(words): key for key, words in HEADINGS.items()}
    actions = {label_key(words): what for what, words in _WORDS.items()}
    columns: dict[int, str] = {}
    for number, row in enumerate(_grid(path), 1):
        cells = [_cell(value) for value in row]
        if not columns:
            found = {at: by_heading[label_key(cell)] for at, cell in enumerate(cells) if label_key(cell) in by_heading}
            columns = found if {"what", "sheet"} <= set(found.values()) else {}
            continue
        values = {key: cells[at] for at, key in columns.items() if cells[at]}
        if not values:
            continue
        what = actions.get(label_key(values.pop("what", "")))
        where = f"第 {number} 行"
        if what is None:
            raise UsageError(f"表样文件 {path} {where}：“动作”只能写 {'、'.join(_WORDS.values())}。")
        name = {"column": "header", "line": "label"}.get(what)
        if name:
            values = {
                name if key == "title" else key: value
                for key, value in values.items()
                if key != "sheet" or what == "column"
            }
        if what == "sheet":
            values["title"] = values.get("title") or values.get("sheet", "")
            values.pop("sheet", None)
        yield _entry(path, what, values, where)
    if not columns:
        raise UsageError(f"表样文件 {path} 里没有找到表头（动作、工作表、名称…），请对照手册中的例子改正。")


def _grid(path: Path) -> list[tuple[object, ...]]:
    """The upper left cells of the first sheet; one far from there costs nothing, as it would the faster reader."""
    import openpyxl  # only where a table is handed in

    content = content_of(path, f"表样文件 {path}", LARGEST)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(each.file_size for each in package.infolist()) > _MOST_UNPACKED:
                raise ValueError
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True, keep_links=False)
            rows = book.worksheets[0].iter_rows(max_row=_MOST + 60, max_col=_MOST_COLUMNS, values_only=True)
            return list(rows)
    except Exception:  # whatever it raises on a file that is none
        raise UsageError(f"表样文件 {path} 读不了，请用 WPS 或 Excel 另存为 .xlsx 后再用。") from None


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean(str(value)).strip() if value is not None else ""
