"""Is a workbook one that Excel opens without offering to repair it? What Excel enforces, and no reader of ours does.

A sender's file may have complaints of its own: a returned copy is held against the file it was made of.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from urllib.parse import unquote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

# The children of a sheet, of the workbook and of the styles, in the order of the standard.
_SHEET = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches "
    "ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls "
    "webPublishItems tableParts extLst"
)
_BOOK = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing "
    "fileRecoveryPr webPublishObjects extLst"
)
_STYLES = "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
_TYPES = {
    "worksheet": "spreadsheetml.worksheet+xml",
    "styles": "spreadsheetml.styles+xml",
    "comments": "spreadsheetml.comments+xml",
    "vmlDrawing": "vmlDrawing",
    "sharedStrings": "spreadsheetml.sharedStrings+xml",
    "drawing": "drawing+xml",
}
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})\Z")
_MOST_LINKS, _HIGHEST_SHEET_ID, _LONGEST_NAME, _MOST_FORMATS = 65_530, 65_534, 31, 64_000


def complaints(data: bytes) -> set[str]:
    """What Excel would find wrong with a workbook, each with the part it is in."""
    return set(_Workbook(data).complaints())


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: Element, name: str) -> str:
    """An attribute by its local name."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _children(element: Element, *path: str) -> list[Element]:
    found = [element]
    for step in path:
        found = [child for each in found for child in each if _name(child) == step]
    return found


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


class _Workbook:
    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
            self.parts = {name.replace("\\", "/"): package.read(name) for name in names}
        self.doubled = _twice(name.replace("\\", "/").casefold() for name in names)
        self.keys = {name.casefold(): name for name in self.parts}

    def complaints(self) -> Iterator[str]:
        yield from (f"{name}: twice in the zip" for name in self.doubled)
        yield from self._content_types()
        for name in self.parts:
            if name.endswith(".rels"):
                yield from self._relations(name)
        book = next(target for kind, target in self.related("").values() if kind == "officeDocument")
        yield from self._book(book)
        yield from self._drawings()

    def tree(self, name: str) -> Element:
        return ElementTree.fromstring(self.parts[name])

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part refers to inside: kind and part's name by the relation's id."""
        sheet = self._relations_of(name)
        if sheet not in self.parts:
            return {}
        return {
            _value(each, "Id"): (_value(each, "Type").rpartition("/")[2], self._found(name, _value(each, "Target")))
            for each in self.tree(sheet)
            if _value(each, "TargetMode") != "External"
        }

    def _relations_of(self, name: str) -> str:
        folder, _, own = name.rpartition("/")
        return self.keys.get(f"{folder}/_rels/{own}.rels".lstrip("/").casefold(), "")

    def _found(self, source: str, target: str) -> str:
        path = posixpath.normpath(posixpath.join("/" + posixpath.dirname(source), target.replace("\\", "/"))).lstrip(
            "/"
        )
        return next((self.keys[each.casefold()] for each in (path, unquote(path)) if each.casefold() in self.keys), "")

    def _types(self) -> tuple[dict[str, str], dict[str, str]]:
        root = self.tree(self.keys["[content_types].xml"])
        kinds = {_value(e, "Extension").casefold(): _value(e, "ContentType") for e in root if _name(e) == "Default"}
        own = {
            unquote(_value(e, "PartName")).lstrip("/").casefold(): _value(e, "ContentType")
            for e in root
            if _name(e) == "Override"
        }
        return kinds, own

    def _content_types(self) -> Iterator[str]:
        root = self.tree(self.keys["[content_types].xml"])
        kinds, own = self._types()
        for name in self.parts:
            key = name.casefold()
            if key not in own and key.rpartition(".")[2] not in kinds and key != "[content_types].xml":
                yield f"{name}: no content type"
        for name in _twice(_value(e, "PartName").casefold() for e in root if _name(e) == "Override"):
            yield f"{name}: two content types"
        yield from (f"{name}: a content type, but no part" for name in own if name not in self.keys)

    def _relations(self, sheet: str) -> Iterator[str]:
        source = posixpath.join(
            posixpath.dirname(posixpath.dirname(sheet)), posixpath.basename(sheet).removesuffix(".rels")
        )
        root = self.tree(sheet)
        kinds, own = self._types()
        if source and source.casefold() not in self.keys:
            yield f"{sheet}: relations of no part"
        yield from (f"{sheet}: id {each} twice" for each in _twice(_value(e, "Id") for e in root))
        for each in root:
            target, kind = _value(each, "Target"), _value(each, "Type").rpartition("/")[2]
            if _value(each, "TargetMode") == "External":
                continue
            found = self._found(source, target)
            if not found:
                yield f"{sheet}: {target} is no part"
                continue
            if target.startswith("/"):
                yield f"{sheet}: {target} is no relative target"
            type_ = own.get(found.casefold(), kinds.get(found.rpartition(".")[2].casefold(), ""))
            if kind in _TYPES and not type_.endswith(_TYPES[kind]):
                yield f"{sheet}: {kind} {target} is a {type_}"

    def _book(self, name: str) -> Iterator[str]:
        root, related = self.tree(name), self.related(name)
        yield from _order(name, root, _BOOK)
        sheets = _children(root, "sheets", "sheet")
        titles = [_value(each, "name") for each in sheets]
        yield from (f"{name}: sheet {each} twice" for each in _twice(title.casefold() for title in titles))
        yield from (f"{name}: sheet name too long: {each}" for each in titles if len(each) > _LONGEST_NAME)
        yield from (f"{name}: sheetId {each} twice" for each in _twice(_value(e, "sheetId") for e in sheets))
        yield from (
            f"{name}: sheetId {_value(e, 'sheetId')} out of bounds"
            for e in sheets
            if not 1 <= int(_value(e, "sheetId")) <= _HIGHEST_SHEET_ID
        )
        names = _children(root, "definedNames", "definedName")
        yield from (
            f"{name}: name {each} twice"
            for each in _twice(f"{_value(e, 'name')} {_value(e, 'localSheetId')}".casefold() for e in names)
        )
        yield from (
            f"{name}: name {_value(e, 'name')} is of no sheet"
            for e in names
            if _value(e, "localSheetId") and int(_value(e, "localSheetId")) >= len(sheets)
        )
        counts = yield from self._styles(name)
        for each in sheets:
            kind, part = related.get(_value(each, "id"), ("", ""))
            if not part:
                yield f"{name}: sheet {_value(each, 'name')} has no part"
            elif kind == "worksheet":
                yield from self._sheet(part, *counts)

    def _styles(self, book: str) -> Generator[str, None, tuple[int, int]]:
        name = next((part for kind, part in self.related(book).values() if kind == "styles" and part), "")
        if not name:
            return 1, 0
        root = self.tree(name)
        yield from _order(name, root, _STYLES)
        sizes = {_name(each): len(each) for each in root}
        for each in root:
            if _value(each, "count") not in ("", str(len(each))):
                yield f"{name}: count of {_name(each)} is {_value(each, 'count')}, not {len(each)}"
        bounds = {"fontId": "fonts", "fillId": "fills", "borderId": "borders", "xfId": "cellStyleXfs"}
        for xf in _children(root, "cellXfs", "xf"):
            for key, section in bounds.items():
                if _value(xf, key) and int(_value(xf, key)) >= sizes.get(section, 0):
                    yield f"{name}: {key} {_value(xf, key)} is none"
        if sizes.get("cellXfs", 0) > _MOST_FORMATS:
            yield f"{name}: too many formats"
        return sizes.get("cellXfs", 0), sizes.get("dxfs", 0)

    def _sheet(self, name: str, formats: int, conditional: int) -> Iterator[str]:
        root, related = self.tree(name), self.related(name)
        yield from _order(name, root, _SHEET)
        yield from self._rows(name, root, formats)
        yield from _conditions(name, root, conditional)
        links = _children(root, "hyperlinks", "hyperlink")
        if len(links) > _MOST_LINKS:
            yield f"{name}: {len(links)} links"
        for tag in ("legacyDrawing", "legacyDrawingHF", "drawing"):
            for each in _children(root, tag):
                if not related.get(_value(each, "id"), ("", ""))[1]:
                    yield f"{name}: {tag} {_value(each, 'id')} is no relation"
        yield from self._notes(name, root, related)

    @staticmethod
    def _rows(name: str, root: Element, formats: int) -> Iterator[str]:
        row = 0
        for each in _children(root, "sheetData", "row"):
            number = int(_value(each, "r") or row + 1)
            if number <= row:
                yield f"{name}: row {number} after row {row}"
            row, column = number, 0
            for cell in each:
                at = _CELL.match(_value(cell, "r"))
                here = _column(at[1]) if at else column + 1
                if here <= column or (at and int(at[2]) != row):
                    yield f"{name}: cell {_value(cell, 'r')} out of order in row {row}"
                column = here
                if int(_value(cell, "s") or 0) >= formats:
                    yield f"{name}: {_value(cell, 'r')} has the format {_value(cell, 's')}, which is none"

    def _notes(self, name: str, root: Element, related: dict[str, tuple[str, str]]) -> Iterator[str]:
        texts = [part for kind, part in related.values() if kind == "comments" and part]
        if not texts:
            return
        if len(texts) > 1:
            yield f"{name}: two lists of notes"
        notes = self.tree(texts[0])
        authors = len(_children(notes, "authors", "author"))
        comments = _children(notes, "commentList", "comment")
        yield from (f"{texts[0]}: two notes on {ref}" for ref in _twice(_value(e, "ref") for e in comments))
        for each in comments:
            if int(_value(each, "authorId") or 0) >= authors:
                yield f"{texts[0]}: {_value(each, 'ref')} has no author"
        own = [related.get(_value(e, "id"), ("", ""))[1] for e in _children(root, "legacyDrawing")]
        drawing = self.parts[own[0]].decode("utf-8", "replace") if own and own[0] else ""
        shapes = re.split(r"<(?:\w+:)?shape\s", drawing)[1:]
        found = [[re.search(rf"<(?:\w+:)?{tag}>\s*(\d+)", each) for tag in ("Row", "Column")] for each in shapes]
        boxes = {(int(row[1]) + 1, int(column[1]) + 1) for row, column in found if row and column}
        for each in comments:
            at = _CELL.match(_value(each, "ref"))
            if at is None or (int(at[2]), _column(at[1])) not in boxes:
                yield f"{texts[0]}: the note on {_value(each, 'ref')} has no box"

    def _drawings(self) -> Iterator[str]:
        """Shapes of the old kind: their numbers are those of the whole workbook."""
        numbers: dict[str, str] = {}
        for name, part in self.parts.items():
            if not name.lower().endswith(".vml"):
                continue
            text = part.decode("utf-8", "replace")
            own = re.findall(r"<(?:\w+:)?shape\s[^>]*?\bid=[\"'](_x0000_s\d+)", text)
            yield from (f"{name}: shape {each} twice" for each in _twice(own))
            for each in set(own):
                if each in numbers:
                    yield f"{name}: shape {each} is also in {numbers[each]}"
                numbers[each] = name
            stated = re.findall(r"<(?:\w+:)?idmap\s[^>]*\bdata=[\"']([\d,]+)", text)
            blocks = {int(each) for match in stated for each in match.split(",")}
            yield from (f"{name}: shape {each} is in no block" for each in own if int(each[8:]) // 1024 not in blocks)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _order(name: str, root: Element, names: str) -> Iterator[str]:
    """The children of an element stand as the standard has them, each kind once but those that may be more."""
    order = names.split()
    found = [_name(each) for each in root if _name(each) in order]
    ranks = [order.index(each) for each in found]
    if ranks != sorted(ranks):
        yield f"{name}: elements out of order"
    yield from (f"{name}: {each} twice" for each in _twice(found) if each != "conditionalFormatting")


def _conditions(name: str, root: Element, formats: int) -> Iterator[str]:
    rules = [each for each in root.iter() if _name(each) == "cfRule"]
    for each in rules:
        if _value(each, "dxfId") and int(_value(each, "dxfId")) >= formats:
            yield f"{name}: a condition has the format {_value(each, 'dxfId')}, which is none"
    numbers = [_value(each, "priority") for each in rules if _value(each, "priority")]
    yield from (f"{name}: two conditions of priority {each}" for each in _twice(numbers))
    yield from (f"{name}: a condition of priority {each}" for each in numbers if int(each) < 1)
