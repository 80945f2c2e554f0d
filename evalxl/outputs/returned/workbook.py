"""The workbook part: which sheets there are, and the list of findings put first among them or taken out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from evalxl.intake.probe.active import MACROS
from evalxl.outputs.returned.active import refuse_active
from evalxl.outputs.returned.cells import unselected
from evalxl.outputs.returned.markup import (
    DECLARATION,
    CannotMark,
    Edit,
    Element,
    holds,
    prefixed,
    quoted,
    text,
    with_attribute,
)
from evalxl.outputs.returned.package import Package
from evalxl.outputs.returned.styles import PLAIN_LOOK

_PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_HIGHEST_SHEET_ID = 65_534  # of Excel
_PRINT_TITLES = "_xlnm.Print_Titles"
_HEAD = 2_048  # bytes, in which a sheet's views stand, before its rows


@dataclass(frozen=True)
class Sheet:
    """One sheet: its title, its part's key, whether it holds cells, and its place among the elements."""

    title: str
    key: str
    cells: bool
    position: int
    relation: str


class Workbook:
    """The workbook part of a package; every change is written into the package at once."""

    def __init__(self, package: Package) -> None:
        self.package = package
        relations = [each for each in package.relations("") if each.kind == "officeDocument"]
        if len(relations) != 1:
            raise CannotMark("不是 .xlsx 工作簿，不能在原表上标注")
        self.key = relations[0].part
        self._refuse_special()
        self.base = package.relation_base(self.key)
        self.namespace = self._root.attributes.get(f"xmlns:{self._root.prefix[:-1].decode()}".rstrip(":"), "")
        self.sheets = self._list()

    def _refuse_special(self) -> None:
        """What a patch would spoil: signatures, macros (not to be passed on), change logs of shared workbooks."""
        kinds = {each.kind for each in (*self.package.relations(""), *self.package.relations(self.key))}
        if "origin" in kinds:
            raise CannotMark("带有数字签名，标注会使签名失效")
        type_ = self.package.content_type(self.key).casefold()
        if kinds & MACROS or "macroenabled" in type_:
            raise CannotMark("含有宏，不能在原表上标注")
        if "revisionHeaders" in kinds:
            raise CannotMark("是多人共享编辑的工作簿，不能在原表上标注")
        if type_ != _PLAIN.casefold():
            raise CannotMark("不是普通的 .xlsx 工作簿，不能在原表上标注")
        refuse_active(self.package)

    @property
    def _root(self) -> Element:
        return self._elements()[0]

    def _elements(self) -> list[Element]:
        return self.package.outline(self.key)

    def _list(self) -> list[Sheet]:
        targets = {each.id: each for each in self.package.relations(self.key)}
        found = []
        for position, each in enumerate(_named(self._elements(), "sheets", "sheet")):
            relation = targets.get(each.attribute("id"))
            if relation is None or relation.part not in self.package:
                raise CannotMark("有工作表缺少部件，不能在原表上标注")
            found.append(
                Sheet(each.attribute("name"), relation.part, relation.kind == "worksheet", position, relation.id)
            )
        return found

    def styles_key(self) -> str:
        """The key of the styles part, which is made where there is none."""
        stated = [each.part for each in self.package.relations(self.key) if each.kind == "styles"]
        if stated and stated[0] in self.package:
            return stated[0]
        name = stated[0] if stated else "xl/styles.xml"
        if name in self.package:
            name = self.package.free_name("xl/styles{}.xml")
        content = f"{DECLARATION}<styleSheet xmlns={quoted(self.namespace)}>{PLAIN_LOOK}</styleSheet>"
        if not stated:
            self.package.relate(self.key, "styles", self.base, name)
        return self.package.add(name, content.encode(), _STYLES_TYPE)

    def insert_first(self, title: str, xml: str, header_row: int) -> None:
        """Put a sheet before all others, opened first, its header row printed on every page; the last thing done."""
        self._unselect()
        name = self.package.free_name("xl/worksheets/sheet{}.xml")
        self.package.add(name, xml.encode(), _SHEET_TYPE)
        relation = self.package.relate(self.key, "worksheet", self.base, name).id
        content, elements = self.package.read(self.key), self._elements()
        listed = next(each for each in elements if each.path[1:] == ("sheets",))
        used = {int(each.attribute("sheetId")) for each in _named(elements, "sheets", "sheet")}
        known = elements[0].attributes.get("xmlns:r") == self.base
        declared = "" if known else f"xmlns:r={quoted(self.base)} "
        element = f"<sheet {declared}name={quoted(title)} sheetId={quoted(str(_free_id(used)))} "
        edits = [(listed.inside, listed.inside, prefixed(element + f"r:id={quoted(relation)}/>", listed.prefix))]
        edits += _opened_first(content, elements, listed)
        edits += _shifted(content, elements, 0, 1)
        area = f"'{title}'!${header_row}:${header_row}"
        entry = f'<definedName name="{_PRINT_TITLES}" localSheetId="0">{text(area)}</definedName>'
        edits.append(_defining(content, elements, prefixed(entry, listed.prefix), listed.prefix))
        self.package.edit(self.key, edits)

    def _unselect(self) -> None:
        """Leave no other sheet selected."""
        for sheet in self.sheets:
            head = self.package.head(sheet.key, _HEAD)
            if b"tabSelected" in head or b"sheetData" not in head:
                self.package.edit(sheet.key, unselected(self.package.read(sheet.key)))

    def remove(self, sheet: Sheet) -> None:
        """Take a sheet of ours out, with its part and what the workbook says of it."""
        content, elements = self.package.read(self.key), self._elements()
        element = _named(elements, "sheets", "sheet")[sheet.position]
        edits = [(element.start, element.end, b""), *_shifted(content, elements, sheet.position, -1)]
        names = _named(elements, "definedNames", "definedName")
        own = [each for each in names if each.attribute("localSheetId") == str(sheet.position)]
        if names and len(own) == len(names):
            group = next(each for each in elements if each.path[1:] == ("definedNames",))
            edits.append((group.start, group.end, b""))
        else:
            edits += [(each.start, each.end, b"") for each in own]
        self.package.edit(self.key, edits)
        self.package.unrelate(self.key, sheet.relation)
        if holds(self.package.read(sheet.key), b"f>"):  # somebody wrote a formula into it
            self._forget_order()
        self.package.remove_tree(sheet.key)
        self.sheets = self._list()

    def _forget_order(self) -> None:
        """Take out the order in which formulas are computed, which Excel finds anew: it names cells of every sheet."""
        for each in self.package.relations(self.key):
            if each.kind == "calcChain" and each.part in self.package:
                self.package.unrelate(self.key, each.id)
                self.package.remove(each.part)


def _free_id(used: set[int]) -> int:
    """A number for a new sheet: above all others, or the first that is free where those end."""
    highest = max(used, default=0)
    return highest + 1 if highest < _HIGHEST_SHEET_ID else next(each for each in count(1) if each not in used)


def _named(elements: list[Element], group: str, name: str) -> list[Element]:
    return [each for each in elements if each.path[1:] == (group, name)]


def _opened_first(content: bytes, elements: list[Element], sheets: Element) -> list[Edit]:
    """The edits that make the first sheet the one that is shown."""
    views = _named(elements, "bookViews", "workbookView")
    if not views and not any(each.path[1:] == ("bookViews",) for each in elements):
        xml = prefixed("<bookViews><workbookView/></bookViews>", sheets.prefix)
        return [(sheets.start, sheets.start, xml)]
    edits = []
    for each in views:
        tag = content[each.start : each.inside]
        edits.append(
            (each.start, each.inside, with_attribute(with_attribute(tag, "activeTab", None), "firstSheet", None))
        )
    return edits


def _shifted(content: bytes, elements: list[Element], position: int, by: int) -> list[Edit]:
    """The edits that keep names of single sheets with their sheets when one is put in or taken out at a position."""
    edits = []
    for each in _named(elements, "definedNames", "definedName"):
        local = each.attribute("localSheetId")
        if local and int(local) >= position and not (by < 0 and int(local) == position):
            tag = with_attribute(content[each.start : each.inside], "localSheetId", str(int(local) + by))
            edits.append((each.start, each.inside, tag))
    return edits


def _defining(content: bytes, elements: list[Element], entry: bytes, prefix: bytes) -> Edit:
    """The edit that adds a defined name."""
    top = {each.name: each for each in elements if len(each.path) == 2}
    if "definedNames" in top:
        return top["definedNames"].appending(content, entry)
    before = [top[name] for name in ("sheets", "functionGroups", "externalReferences") if name in top]
    place = max(each.end for each in before)
    name = prefix + b"definedNames"
    return place, place, b"<" + name + b">" + entry + b"</" + name + b">"
