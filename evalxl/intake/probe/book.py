"""Which worksheets a package holds, where they lie, and the package in the one form the value reader understands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from evalxl.intake.probe.limits import MAX_INDEX, MAX_NESTING, MAX_SHEETS
from evalxl.intake.probe.package import Package, resolve
from evalxl.intake.probe.refusals import Unreadable, refusal
from evalxl.sheets.zipped import stored, zipped
from evalxl.values.recall import remembered

_WORKBOOK = "xl/workbook.xml"
_ROOT_RELATIONS = "_rels/.rels"
_RELATIONS = "xl/_rels/workbook.xml.rels"
STRINGS = "xl/sharedstrings.xml"
_FIXED = {"sharedStrings": STRINGS, "styles": "xl/styles.xml"}  # where calamine looks for them
_of_small_parts = remembered(longest=16_384, most=8)  # bytes; workbooks of one template share their lists
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": "word",
    b"application/vnd.oasis.opendocument.presentation": "slides",
}
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"


class SheetPart(NamedTuple):
    """A worksheet: its name, its part, its relation's id, and whether it is hidden."""

    title: str
    part: str
    relation: str
    hidden: bool


class Book(NamedTuple):
    """A workbook's worksheets and the parts they share; ``usual`` when calamine finds all of them by itself."""

    workbook: str
    sheets: tuple[SheetPart, ...]
    shared: dict[str, str]  # sharedStrings, styles → part
    usual: bool


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
    relations = _relations(package, f"{folder}/_rels/{name}.rels")
    listed = _sheets_in(package.read(workbook, MAX_INDEX))
    _check_list(listed)
    found, written = [], []
    for title, (identifier,), state in listed:
        kind, target = relations.get(identifier, ("", ""))
        part = resolve(folder, target)
        if kind == "worksheet" and part in package.parts:
            found.append(SheetPart(title, part, identifier, state in ("hidden", "veryHidden")))
            written.append((part, target))
    if not found:
        raise refusal("sheetless")
    if len({sheet.part for sheet in found}) < len(found):
        raise refusal("duplicate")
    shared = {kind: resolve(folder, target) for kind, target in relations.values() if kind in _FIXED}
    shared = {kind: part for kind, part in shared.items() if part in package.parts}
    return Book(workbook, tuple(found), shared, _is_usual(package, workbook, written, shared))


@_of_small_parts
def _sheets_in(content: bytes) -> Sequence[tuple[str, list[str], str]]:
    """The sheets that a workbook's part lists: name, the relations' ids (one, that is), state."""
    listed: list[tuple[str, list[str], str]] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            identifiers = [value for key, value in attributes.items() if key.rpartition(":")[2] == "id"]
            listed.append((attributes["name"], identifiers, attributes.get("state", "")))

    parse(content, sheet)
    return listed


def _check_list(listed: Sequence[tuple[str, list[str], str]]) -> None:
    if len(listed) > MAX_SHEETS:
        raise refusal("sheets")
    # Programs would not agree on which relation is meant, nor on which sheet is meant by a name.
    if any(len(identifiers) != 1 for _, identifiers, _ in listed):
        raise refusal("hostile")
    if len({title.casefold() for title, *_ in listed}) < len(listed):
        raise refusal("duplicate")


def _relations(package: Package, part: str) -> Mapping[str, tuple[str, str]]:
    """The kind and target of each relation, by its id."""
    return _relations_in(package.read(part, MAX_INDEX))


@_of_small_parts
def _relations_in(content: bytes) -> Mapping[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes["Id"]] = (kind, attributes.get("Target", ""))

    parse(content, relation)
    return found


def _workbook(package: Package) -> str:
    """The workbook's part, which some servers name otherwise; Unreadable says what the package is without one."""
    known = _relations(package, _ROOT_RELATIONS) if _ROOT_RELATIONS in package.parts else {}
    stated = {resolve("", target) for kind, target in known.values() if kind == "officeDocument"}
    found = [part for part in stated if part in package.parts and part.endswith(".xml") and part.startswith("xl/")]
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


def _is_usual(package: Package, workbook: str, written: list[tuple[str, str]], shared: dict[str, str]) -> bool:
    """Whether calamine, which joins names without resolving them, finds what the relations point to."""
    if (
        workbook != _WORKBOOK
        or _ROOT_RELATIONS not in package.parts
        or any(member.filename[:1] in "/\\" for member in package.parts.values())
    ):
        return False
    if any(part != _FIXED[kind] for kind, part in shared.items()):
        return False
    return all(_as_calamine_joins(target) == part for part, target in written)


def _as_calamine_joins(target: str) -> str:
    if target.startswith("/xl/"):
        return target[1:].casefold()
    return (target if target.startswith("xl/") else f"xl/{target}").casefold()


_MAIN = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def for_reader(package: Package, book: Book) -> bytes:
    """The parts that hold values, under the names calamine expects; the same bytes for the same file.

    Those of a usual size are not compressed: what the probe has unpacked calamine need not unpack again.
    """
    if not book.usual:
        return _rewritten(package, book)
    if not package.small:
        return package.data
    fixed = [part for part in _FIXED.values() if part in package.parts]  # it opens them whether related or not
    needed = (_ROOT_RELATIONS, _RELATIONS, _WORKBOOK, *fixed, *(sheet.part for sheet in book.sheets))
    return zipped(stored(package.parts[part].filename, package.read(part)) for part in needed)


def _rewritten(package: Package, book: Book) -> bytes:
    parts = {_WORKBOOK: package.read(book.workbook)}
    relations = []
    for number, sheet in enumerate(book.sheets, 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = package.read(sheet.part)
        relations.append((sheet.relation, "worksheet", f"worksheets/sheet{number}.xml"))
    # Chart sheets are listed, never opened.
    relations += [(other, "worksheet", "worksheets/none.xml") for other in _others(package, book)]
    for kind, part in book.shared.items():
        parts[f"xl/{kind}.xml"] = package.read(part)
    parts[_RELATIONS] = _relations_of(relations)
    parts[_ROOT_RELATIONS] = _relations_of([("workbook", "officeDocument", _WORKBOOK)])
    return zipped(stored(name, content) for name, content in parts.items())


def _relations_of(relations: list[tuple[str, str, str]]) -> bytes:
    lines = [
        f"<Relationship Id={quoteattr(identifier)} Type={quoteattr(f'{_OFFICE}/{kind}')} Target={quoteattr(target)}/>"
        for identifier, kind, target in relations
    ]
    return f'<Relationships xmlns="{_MAIN}">{"".join(lines)}</Relationships>'.encode()


def _others(package: Package, book: Book) -> list[str]:
    folder, name = posixpath.split(book.workbook)
    known = {sheet.relation for sheet in book.sheets}
    return [each for each in _relations(package, f"{folder}/_rels/{name}.rels") if each not in known]


def parse(content: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    """Call a function for each tag of a small XML part; no document type, no deep nesting."""
    refuse_declarations(content)
    depth = 0

    def opened(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_NESTING:
            raise refusal("hostile")
        start(tag, attributes)

    def closed(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.Parse(content, True)


_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")


def refuse_declarations(content: bytes) -> None:
    """Refuse XML that declares a document type, or is written in UTF-16, where such a search would find nothing."""
    if _DECLARATION.search(content) or b"\x00" in content[:256]:
        raise refusal("hostile")
