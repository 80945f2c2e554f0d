"""A bureau's own template: what differs from the standard one, declared in a file.

The file is TOML, or a table (.xlsx) of the same entries, one a row. It may rename, reorder and leave out columns, add
columns, lines of the budget and whole sheets. What cannot be is answered with one sentence that names the line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from evalxl.layout.entries import HEADINGS, Entry, read_entries
from evalxl.layout.shapes import OWN, Field, Line, Shape, Sheet
from evalxl.values.errors import UsageError
from evalxl.values.folding import label_key
from evalxl.values.kinds import Kind
from evalxl.values.layout_file import named

_NEVER_LEFT_OUT = {
    "general": ("department", "year", "money_unit"),
    "units": ("name",),
    "budget": ("line", "initial", "revised", "final"),
    "projects": ("name", "unit", "revised", "executed", "rate", "score"),
    "indicators": ("project", "level1", "level3", "weight", "points"),
    "reviewers": ("name",),
}
_KINDS = {kind.value: kind for kind in Kind}
_KINDS |= {"文字": Kind.TEXT, "数字": Kind.SCORE, "比例": Kind.RATE, "人数": Kind.COUNT}
_SHAPES = {"表格": Shape.TABLE, "表单": Shape.FORM}
# Sheets that template, result and summary have of their own; and what Excel keeps for itself.
TAKEN = frozenset(
    (
        *("填报说明", "列表", "名册", "规则参数", "没有导入的内容"),
        *("封面", "问题", "收支", "评分明细"),
        *("总览", "部门汇总", "项目汇总", "指标汇总", "收支汇总", "问题清单", "未报送与未读取", "说明与豁免"),
        *("抽查名单", "核对", "规则覆盖", "运行说明", "目录", "区县汇总", "复核差异", "HISTORY"),
    )
)
_UNFIT = "[]:*?/\\'\""  # in a sheet's name
_LONGEST_NAME = 60  # characters of a header, a line, or a choice
_LONGEST_TITLE = 25  # of a sheet; what is drawn of it adds a word of its own
_YES, _NO = ("是", "true", "1", "必填", "√", "有"), ("否", "false", "0", "选填", "×", "无", "")
_MOST_SHEETS, _MOST_FIELDS = 10, 60  # own ones; a template of more is a misunderstanding


@dataclass
class Overlay:
    """The sheets in force, and what else a bureau's file declares."""

    sheets: tuple[Sheet, ...]
    name: str = ""
    vocabularies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)


def in_force(standard: tuple[Sheet, ...]) -> Overlay:
    """The standard sheets, or what the file named by the environment makes of them; UsageError for a faulty one."""
    path = named()
    if path is None:
        return Overlay(standard)
    name, entries = read_entries(path)
    return _Making(path, standard).of(name or path.stem, entries)


class _Making:
    """The overlay while its entries are taken one by one, in the order of the file."""

    def __init__(self, path: Path, standard: tuple[Sheet, ...]) -> None:
        self.path = path
        self.sheets = {sheet.key: sheet for sheet in standard}
        self.made = Overlay(standard)
        self.entry = Entry("", {}, "")

    def of(self, name: str, entries: list[Entry]) -> Overlay:
        """Take all entries: sheets first, so that columns may follow in any order."""
        take = {"sheet": self._sheet, "column": self._column, "line": self._line, "change": self._change}
        for what in take:
            for self.entry in (each for each in entries if each.what == what):
                take[what](self.entry.values)
        self._refuse_doubles()
        self._refuse_small()
        self.made.sheets = tuple(self.sheets.values())
        self.made.name = name
        return self.made

    def _wrong(self, words: str) -> UsageError:
        where = f" {self.entry.where}" if self.entry.where else ""
        return UsageError(f"表样文件 {self.path}{where}：{words}")

    def _named_sheet(self, title: str) -> Sheet:
        for sheet in self.sheets.values():
            if label_key(title) in map(label_key, (sheet.title, *sheet.aliases)) and sheet.shape is not Shape.TEXT:
                return sheet
        known = "、".join(sheet.title for sheet in self.sheets.values() if sheet.shape is not Shape.TEXT)
        raise self._wrong(f"没有《{title}》这张表，可写 {known}。")

    def _named_field(self, sheet: Sheet, header: str) -> Field:
        found = sheet.by_label.get(label_key(header))
        if found is None:
            known = "、".join(each.header for each in sheet.fields)
            raise self._wrong(f"《{sheet.title}》没有“{header}”这一栏，可写 {known}。")
        return found

    def _put(self, sheet: Sheet) -> None:
        self.sheets[sheet.key] = sheet

    # ---------------------------------------------------------------- own sheets, columns and lines

    def _sheet(self, values: Mapping[str, str]) -> None:
        title = values["title"]
        shape = _SHAPES.get(values.get("shape", "表格"))
        if shape is None:
            raise self._wrong(f"表的形式“{values['shape']}”认不出，只能是表格或表单。")
        self._refuse_title(title)
        if sum(each.key.startswith(OWN) for each in self.sheets.values()) >= _MOST_SHEETS:
            raise self._wrong(f"自设的表不能超过 {_MOST_SHEETS} 张。")
        own = Sheet(
            _key(title), title, shape, required=self._truth("required"), aliases=_aliases(values),
            room=self._whole("room", 30, 600), landscape=self._truth("landscape"),
            note=values.get("note", ""),
        )  # fmt: skip
        self._refuse_second(own.key in self.sheets, f"表名“{title}”")
        self._put(own)

    def _column(self, values: Mapping[str, str]) -> None:
        sheet = self._named_sheet(values["sheet"])
        header = values["header"]
        kind = _KINDS.get(values.get("kind", "文字"))
        if kind is None:
            raise self._wrong(f"“{header}”的类型“{values['kind']}”认不出，可写 {'、'.join(_KINDS)}。")
        if sheet.shape is Shape.LINES and kind is not Kind.TEXT and kind is not Kind.AMOUNT:
            raise self._wrong(f"《{sheet.title}》只能加金额栏和文字栏。")
        self._refuse_name(header)
        choices = _list(values.get("choices", ""))
        for number, choice in enumerate(choices):
            self._refuse_name(choice)
            self._refuse_second(label_key(choice) in map(label_key, choices[:number]), f"“{header}”的选项“{choice}”")
        if (kind is Kind.CHOICE) is not bool(choices):
            raise self._wrong(f"“{header}”是选项的，要写明选项（choices）；不是的不写。")
        if len(sheet.fields) >= _MOST_FIELDS:
            raise self._wrong(f"《{sheet.title}》的栏目太多，不能超过 {_MOST_FIELDS} 栏。")
        own = Field(
            _key(header), header, kind, self._truth("required"), _aliases(values),
            choices=_key(f"{sheet.key} {header}") if choices else "", width=self._whole("width", 12, 96),
            height=self._whole("height", 0, 400), hint=values.get("hint", ""),
        )  # fmt: skip
        self._refuse_second(own.key in sheet.by_key, f"《{sheet.title}》的栏目“{header}”")
        if choices:
            self.made.vocabularies[own.choices] = choices
        self._put(replace(sheet, fields=self._after(sheet, own, values.get("after", "")), name=sheet.name or own.key))

    def _after(self, sheet: Sheet, own: Field, after: str) -> tuple[Field, ...]:
        fields = [each for each in sheet.fields if each.key != own.key]
        if not after:
            return (*fields, own)
        before = self._named_field(sheet, after)
        if before.key == own.key:
            raise self._wrong(f"《{sheet.title}》的“{own.header}”不能放在它自己之后。")
        at = fields.index(before) + 1
        return (*fields[:at], own, *fields[at:])

    def _line(self, values: Mapping[str, str]) -> None:
        sheet = self.sheets["budget"]
        label, after = values["label"], values.get("after", "")
        self._refuse_name(label)
        lines = list(sheet.lines)
        own = Line(
            _key(label),
            label,
            _aliases(values),
            detail=label.startswith("其中"),
            hint=values.get("hint", ""),
        )
        self._refuse_second(own.key in sheet.line_by_key, f"《{sheet.title}》的行“{label}”")
        if own.detail and values.get("part_of"):
            raise self._wrong(f"“{label}”是其中项，已含在上面的行里，不能再计入“{values['part_of']}”，请删去 part_of。")
        at = len(lines)
        if after:
            known = sheet.line_by_label.get(label_key(after))
            if known is None:
                raise self._wrong(f"《{sheet.title}》没有“{after}”这一行。")
            at = lines.index(known) + 1
        total = sheet.line_by_label.get(label_key(values["part_of"])) if values.get("part_of") else None
        if values.get("part_of") and (total is None or not total.computed):
            totals = "、".join(line.label for line in lines if line.computed)
            raise self._wrong(f"“{label}”所属的合计“{values['part_of']}”不是合计行，可写 {totals}。")
        if total is not None:
            self.made.parts[total.key] = (*self.made.parts.get(total.key, ()), own.key)
            lines[lines.index(total)] = replace(total, hint="各项之和，含本区县增加的行。")
        self._put(replace(sheet, lines=(*lines[:at], own, *lines[at:])))

    # ---------------------------------------------------------------- what differs of the standard ones

    def _change(self, values: Mapping[str, str]) -> None:
        sheet = self._named_sheet(values["sheet"])
        if values.get("line"):
            self._refuse_idle(values, "line", "title", "aliases", "hint")
            self._change_line(sheet, values)
        elif values.get("column"):
            self._refuse_idle(values, "column", "title", "after", "required", "aliases", "width", "hint", "left_out")
            self._change_field(sheet, self._named_field(sheet, values["column"]), values)
        else:
            self._refuse_idle(values, "title", "aliases", "note")
            title, note = values.get("title", sheet.title), values.get("note", sheet.note)
            self._refuse_title(title)
            aliases = (*sheet.aliases, *_aliases(values), sheet.title)
            self._put(replace(sheet, title=title, aliases=aliases, note=note))

    def _refuse_idle(self, values: Mapping[str, str], *known: str) -> None:
        """Refuse what a change says that could not change anything."""
        idle = [key for key in values if key not in ("sheet", *known)]
        if idle:
            raise self._wrong(f"这里的修改不能写 {idle[0]}（{HEADINGS[idle[0]]}），可写 {'、'.join(known)}。")

    def _change_line(self, sheet: Sheet, values: Mapping[str, str]) -> None:
        line = sheet.line_by_label.get(label_key(values["line"]))
        if line is None:
            raise self._wrong(f"《{sheet.title}》没有“{values['line']}”这一行。")
        self._refuse_name(values.get("title", line.label))
        aliases = (*line.aliases, *_aliases(values), line.label)
        own = replace(line, label=values.get("title", line.label), aliases=aliases, hint=values.get("hint", line.hint))
        self._put(replace(sheet, lines=tuple(own if each is line else each for each in sheet.lines)))

    def _change_field(self, sheet: Sheet, old: Field, values: Mapping[str, str]) -> None:
        left_out = self._truth("left_out")
        self._refuse_name(values.get("title", old.header))
        if left_out and (old.key in _NEVER_LEFT_OUT.get(sheet.key, ()) or old.key == "index"):
            raise self._wrong(f"《{sheet.title}》的“{old.header}”不能略去：没有它，这张表就无从核对。")
        required = self._truth("required") if "required" in values else old.required and not left_out
        own = replace(
            old, header=values.get("title", old.header), aliases=(*old.aliases, *_aliases(values), old.header),
            required=required, hint=values.get("hint", old.hint), width=self._whole("width", old.width, 96),
            left_out=left_out,
        )  # fmt: skip
        changed = replace(sheet, fields=tuple(own if each is old else each for each in sheet.fields))
        if values.get("after"):
            changed = replace(changed, fields=self._after(changed, own, values["after"]))
        if left_out and sheet.shape is not Shape.FORM:
            changed = replace(changed, fields=(*(each for each in changed.fields if each is not own), own))
        self._put(changed)

    def _whole(self, key: str, usual: int, most: int) -> int:
        text = self.entry.values.get(key, "")
        if not text:
            return usual
        if not text.isdecimal() or not 0 < int(text) <= most:
            raise self._wrong(f"{key} 须是 1 至 {most} 的整数，写的是“{text[:20]}”。")
        return int(text)

    def _truth(self, key: str) -> bool:
        text = self.entry.values.get(key, "否").strip().lower()
        if text not in (*_YES, *_NO):
            raise self._wrong(f"{key} 只能写是或否，写的是“{text[:20]}”。")
        return text in _YES

    def _refuse_title(self, title: str) -> None:
        """A title that Excel does not take, that begins like a formula, or that a sheet of ours has."""
        if not 0 < len(title) <= _LONGEST_TITLE or set(title) & set(_UNFIT) or title[0] in "=+-@":
            unfit = f"至多 {_LONGEST_TITLE} 个字，不含 {' '.join(_UNFIT)}，不以 = + - @ 开头"
            raise self._wrong(f"表名“{title[:40]}”不能作工作表名：{unfit}。")
        if title.upper() in TAKEN:
            raise self._wrong(f"表名“{title}”另有用处，请改名。")

    def _refuse_name(self, name: str) -> None:
        """A header, line or choice that nobody could tell, or that does not fit."""
        if not any(mark.isalnum() for mark in name):
            raise self._wrong(f"“{name[:20]}”不能作名称：要有字。")
        if len(name) > _LONGEST_NAME:
            raise self._wrong(f"名称“{name[:20]}……”太长，不能超过 {_LONGEST_NAME} 字。")

    def _refuse_second(self, there: bool, what: str) -> None:
        if there:
            raise self._wrong(f"{what}写了两次，请删去一个。")

    def _refuse_small(self) -> None:
        """Own sheets that nobody could tell by their headers."""
        for sheet in (each for each in self.sheets.values() if each.key.startswith(OWN)):
            least = 2 if sheet.shape is Shape.TABLE else 1
            if len(sheet.fields) < least:
                raise UsageError(f"表样文件 {self.path}：《{sheet.title}》至少要有 {least} 栏，用 [[column]] 写明。")

    def _refuse_doubles(self) -> None:
        """Two headers of a sheet that read alike, two lines, two sheets: nobody could tell which is meant."""
        for kind, names in self._names():
            known: dict[str, str] = {}
            for own, written in names:
                if known.setdefault(label_key(written), own) != own:
                    raise UsageError(
                        f"表样文件 {self.path}：{kind}“{written}”与另一个的名称或别名相同，分不清是哪一个，请改名。"
                    )

    def _names(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        sheets = [each for each in self.sheets.values() if each.shape is not Shape.TEXT]
        yield "表名", [(each.key, name) for each in sheets for name in (each.title, *each.aliases)]
        for sheet in sheets:
            yield (
                f"《{sheet.title}》的栏目",
                [(each.key, name) for each in sheet.fields for name in (each.header, *each.aliases)],
            )
            yield (
                f"《{sheet.title}》的行",
                [(each.key, name) for each in sheet.lines for name in (each.label, *each.aliases)],
            )


def _key(name: str) -> str:
    """A name for a column of the tables that no standard one has, the same whenever it is read."""
    return f"{OWN}{hashlib.sha256(label_key(name).encode()).hexdigest()[:8]}"


def _aliases(values: Mapping[str, str]) -> tuple[str, ...]:
    return _list(values.get("aliases", ""))


def _list(text: str) -> tuple[str, ...]:
    for mark in "，,；;|":
        text = text.replace(mark, "、")
    return tuple(each.strip() for each in text.split("、") if each.strip())
