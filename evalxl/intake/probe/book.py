"""Which worksheets a package holds, where they lie, and the package in the one form the value reader understands."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from evalxl.intake.probe import markup
from evalxl.intake.probe.encodings import as_utf8
from evalxl.intake.probe.limits import MAX_INDEX, MAX_SHEETS
from evalxl.intake.probe.package import Package, resolve
from evalxl.intake.probe.references import outside_names
from evalxl.intake.probe.refusals import Unreadable, refusal
from evalxl.sheets.zipped import Member, stored, zipped
from evalxl.values.quantities import Epoch
from evalxl.values.recall import remembered

_WORKBOOK = "xl/workbook.xml"
_ROOT_RELATIONS = "_rels/.rels"
_RELATIONS = "xl/_rels/workbook.xml.rels"
# Where calamine looks for them, and opens them whether they are related or not.
_FIXED = {"sharedStrings": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
_of_small_parts = remembered(longest=16_384, most=8)  # bytes; workbooks of one template share their lists
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": "word",
    b"application/vnd.oasis.opendocument.presentation": "slides",
}
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class SheetPart(NamedTuple):
    """A worksheet: its name, its part, and whether it is hidden."""

    title: str
    part: str
    hidden: bool


class Book(NamedTuple):
    """A workbook's worksheets, the parts they share, and what it says of all of them."""

    sheets: tuple[SheetPart, ...]
    shared: dict[str, str]  # sharedStrings, styles → part
    epoch: Epoch  # where its dates count from; programs for the Mac count from 1904
    outside: frozenset[str]  # the defined names that stand for what lies in another file, folded


def is_ods(package: Package) -> bool:
    """Whether a package is a spreadsheet in OpenDocument form."""
    if "mimetype" in package.parts:
        return package.read("mimetype").strip().startswith(_ODS)
    manifest = "meta-inf/manifest.xml"  # the type's other place
    return {"content.xml", manifest} <= package.parts.keys() and _ODS in package.read(manifest, MAX_INDEX)


def find_book(package: Package) -> Book:
    """The worksheets of a package; Unreadable says what else the package is."""
    workbook = _workbook(package)
    folder, name = posixpath.split(workbook)
    relations = _relations(package, f"{folder}/_rels/{name}.rels".lstrip("/"))
    listing = _listing_in(package.read(workbook, MAX_INDEX))
    _check_list(listing)
    found = []
    for title, identifier, state in listing.sheets:
        kind, target = relations.get(identifier, ("", ""))
        part = package.find(resolve(folder, target))
        if kind == "worksheet" and part:  # not charts, dialogs and macro sheets
            found.append(SheetPart(title, part, state in ("hidden", "veryHidden")))
    if not found:
        raise refusal("sheetless")
    if len({sheet.part for sheet in found}) < len(found):
        raise refusal("duplicate")
    related = {kind: package.find(resolve(folder, target)) for kind, target in relations.values() if kind in _FIXED}
    shared = {kind: related.get(kind) or package.find(usual.casefold()) for kind, usual in _FIXED.items()}
    return Book(tuple(found), {kind: part for kind, part in shared.items() if part}, listing.epoch, listing.outside)


class _Listing(markup.Handler):
    """What a workbook's part lists: of each sheet its name, its relation's id and its state; the defined names."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.epoch = Epoch.EXCEL
        self.defined: list[tuple[str, list[str]]] = []  # name, its formula in pieces
        self.in_name = False
        self.outside: frozenset[str] = frozenset()
        self.namespace: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        namespace, name = markup.split(tag)
        self.namespace = namespace if self.namespace is None else self.namespace
        if namespace != self.namespace:  # extensions have elements of the same names
            return
        if name == "sheet":
            # An attribute of another namespace may be called id too.
            found = {key: value for key, value in attributes.items() if markup.local(key) == "id" and key != "id"}
            related = [value for key, value in found.items() if markup.split(key)[0].endswith(("/relationships", "r"))]
            self.sheets.append((attributes["name"], (related or [*found.values(), ""])[0], attributes.get("state", "")))
        elif name == "workbookPr":
            since_1904 = attributes.get("date1904", "").strip() in ("1", "true", "on")
            self.epoch = Epoch.MAC if since_1904 else Epoch.EXCEL
        elif name == "definedName":
            self.defined.append((attributes.get("name", ""), []))
            self.in_name = True

    def end(self, tag: str) -> None:
        super().end(tag)
        self.in_name = False

    def characters(self, text: str) -> None:
        if self.in_name:
            self.defined[-1][1].append(text)


@_of_small_parts
def _listing_in(content: bytes) -> _Listing:
    listing = markup.run(as_utf8(content), _Listing)
    listing.outside = outside_names((name, "".join(pieces)) for name, pieces in listing.defined)
    return listing


def _check_list(listing: _Listing) -> None:
    if len(listing.sheets) > MAX_SHEETS:
        raise refusal("sheets")
    if len({title.casefold() for title, *_ in listing.sheets}) < len(listing.sheets):
        raise refusal("duplicate")  # programs would not agree on which sheet is meant by a name


class _Relations(markup.Handler):
    """The kind and target of each relation, by its id."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        if markup.local(tag) == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found[attributes["Id"]] = (kind, attributes.get("Target", ""))


def _relations(package: Package, part: str) -> Mapping[str, tuple[str, str]]:
    """The kind and target of each relation, by its id."""
    return relations_in(package.read(part, MAX_INDEX))


@_of_small_parts
def relations_in(content: bytes) -> Mapping[str, tuple[str, str]]:
    """The kind and target of each relation that a part lists, by its id."""
    return markup.run(as_utf8(content), _Relations).found


def _workbook(package: Package) -> str:
    """The workbook's part, which some servers name otherwise; Unreadable says what the package is without one."""
    known = _relations(package, _ROOT_RELATIONS) if _ROOT_RELATIONS in package.parts else {}
    stated = {package.find(resolve("", target)) for kind, target in known.values() if kind == "officeDocument"}
    stated.discard("")
    found = [part for part in stated if part.endswith(".xml") and not part.startswith(("word/", "ppt/"))]
    if len(stated) > 1:
        raise refusal("hostile")  # programs would not agree on which one is meant
    if not found and _WORKBOOK not in package.parts:
        raise _what_else(package)
    return found[0] if found else _WORKBOOK


def _what_else(package: Package) -> Unreadable:
    names = package.parts
    if any(name.startswith("word/") for name in names):
        return refusal("word")
    if any(name.startswith("ppt/") for name in names):
        return refusal("slides")
    if "ofd.xml" in names:
        return refusal("ofd")
    if any(name.startswith("xl/workbook") and name.endswith(".bin") for name in names):
        return refusal("binary")
    if "mimetype" in names:
        code = _MIMETYPES.get(package.read("mimetype").strip())
        return refusal(code or "foreign")
    if "[content_types].xml" in names or "index/document.iwa" in names:
        return refusal("foreign")
    return refusal("archive")


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def for_reader(package: Package, book: Book) -> bytes:
    """The parts that hold values, under the names calamine expects; the same bytes for the same file.

    Those of a usual size are not compressed: what the probe has unpacked calamine need not unpack again.
    """
    members = [
        stored(name, content) for name, content in _lists(tuple(sheet.title for sheet in book.sheets), epoch=book.epoch)
    ]
    parts = {_FIXED[kind]: part for kind, part in book.shared.items()}
    parts |= {f"xl/{_sheet_part(number)}": sheet.part for number, sheet in enumerate(book.sheets, 1)}
    return zipped([*members, *(_member(package, name, part) for name, part in parts.items())])


def _member(package: Package, name: str, part: str) -> Member:
    return stored(name, package.read(part)) if package.holds(part) else package.packed(part, name)


def _sheet_part(number: int) -> str:
    return f"worksheets/sheet{number}.xml"


@lru_cache(maxsize=16)
def _lists(titles: tuple[str, ...], *, epoch: Epoch) -> tuple[tuple[str, bytes], ...]:
    """The parts that list the sheets: those only that hold cells, each where the reader looks for it."""
    numbers = range(1, len(titles) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{number}" r:id="rId{number}"/>'
        for number, title in enumerate(titles, 1)
    )
    settings = '<workbookPr date1904="1"/>' if epoch is Epoch.MAC else ""
    workbook = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{settings}<sheets>{sheets}</sheets></workbook>'
    return (
        (_ROOT_RELATIONS, _relations_of([("rId1", "officeDocument", _WORKBOOK)])),
        (_RELATIONS, _relations_of([(f"rId{number}", "worksheet", _sheet_part(number)) for number in numbers])),
        (_WORKBOOK, workbook.encode()),
    )


def _relations_of(relations: list[tuple[str, str, str]]) -> bytes:
    lines = [
        f'<Relationship Id="{identifier}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for identifier, kind, target in relations
    ]
    return f'<Relationships xmlns="{_PACKAGE}">{"".join(lines)}</Relationships>'.encode()
