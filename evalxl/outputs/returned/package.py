"""The zip that a workbook is: changed parts are packed anew, all others copied as they are packed."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from evalxl.intake.probe.package import plain_name
from evalxl.outputs.returned.markup import (
    CannotMark,
    Edit,
    Element,
    check_form,
    edited,
    outline,
    prefixed,
    quoted,
    utf8,
)
from evalxl.sheets.zipped import EPOCH, UTF_8, Member, deflated, zipped
from evalxl.values.recall import remembered

_HEAD = struct.Struct("<4s5H3L2H")  # what stands before a member's name and data
_ENCRYPTED = 0x1
_TYPES = "[content_types].xml"
_RELATIONS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


# Workbooks on one template have most small parts in common; the length is in bytes.
of_small_parts = remembered(longest=16_384, most=32)


@dataclass(frozen=True)
class Relation:
    """What a part refers to: kind (the last word of its type), and the part's key, or a target outside."""

    id: str
    kind: str
    part: str
    target: str = ""

    def unquoted(self, known: Container[str]) -> Relation:
        """The same with a part that is known, where its name is one when unescaped."""
        key = plain_name(unquote(self.part))
        return replace(self, part=key) if key in known else self


class Package:
    """The parts by key: the name in lower case, with slashes. ``CannotMark`` for a package that is not sound."""

    def __init__(self, data: bytes) -> None:
        self._packed: dict[str, Member] = {}
        self._parts: dict[str, bytes] = {}  # what was read, as UTF-8
        self._written: set[str] = set()
        self._types: dict[str, list[Element]] | None = None  # what declares the types of single parts
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                for info in package.infolist():
                    packed = _packed(data, info)
                    key = plain_name(info.orig_filename)
                    if key in self._packed:
                        raise CannotMark("内有重名的部件，不能在原表上标注")
                    self._packed[key] = packed
        except (zipfile.BadZipFile, struct.error, ValueError):
            raise CannotMark("已损坏或不是 .xlsx 工作簿，不能在原表上标注") from None

    def __contains__(self, key: str) -> bool:
        return key in self._packed

    def read(self, key: str) -> bytes:
        """A part's content."""
        if key not in self._parts:
            packed = self._packed.get(key)
            if packed is None:
                raise CannotMark("缺少必要的部件，不能在原表上标注")
            self._parts[key] = utf8(_inflate(packed, packed.size))
        return self._parts[key]

    def keys(self, ending: str) -> Iterator[str]:
        """The parts whose names end in some way."""
        return (key for key in self._packed if key.endswith(ending))

    def name(self, key: str) -> str:
        """A part's name as it is written in the zip."""
        return self._packed[key].name.decode("utf-8", "replace").replace("\\", "/")

    def outline(self, key: str) -> list[Element]:
        """The elements of a part that lists things (sheets, relations, types)."""
        return _outline(self.read(key))

    def head(self, key: str, size: int) -> bytes:
        """The first bytes of a part, without unpacking the rest."""
        return self._parts[key][:size] if key in self._parts else _inflate(self._packed[key], size, whole=False)

    def write(self, key: str, content: bytes, name: str = "") -> None:
        """Change a part, or add one under a name; it is packed at the end, and only if it is not as it was."""
        if key not in self._packed:
            flags = 0 if name.isascii() else UTF_8
            self._packed[key] = Member(name.encode(), flags, zipfile.ZIP_DEFLATED, EPOCH, 0, -1, b"")
        self._parts[key] = content
        self._written.add(key)
        if key == _TYPES:
            self._types = None

    def edit(self, key: str, edits: list[Edit]) -> None:
        """Change stretches of a part."""
        if edits:
            self.write(key, edited(self.read(key), edits))

    def remove(self, key: str) -> None:
        """Take a part out, with its relations and what the list of content types says of it."""
        if _relations_key(key) in self._packed:
            self.remove(_relations_key(key))
        del self._packed[key]
        self._parts.pop(key, None)
        self._written.discard(key)
        self.edit(_TYPES, [(each.start, each.end, b"") for each in self._overrides(key)])

    def remove_tree(self, key: str) -> None:
        """Take a part out, with the parts that it alone refers to."""
        own = {each.part for each in self.relations(key)}
        self.remove(key)
        own -= {each.part for _, each in self.all_relations()}
        for each in own:
            if each in self._packed:
                self.remove_tree(each)

    def add(self, name: str, content: bytes, content_type: str) -> str:
        """Add a part and declare its type; returns its key."""
        self.write(plain_name(name), content, name)
        self._declare(name, content_type)
        return plain_name(name)

    def content_type(self, key: str) -> str:
        """The type of a part: what is declared of itself, or of its kind of file."""
        own = self._overrides(key)
        return own[0].attribute("ContentType").strip() if own else self._defaults.get(_extension(key), "")

    def _overrides(self, key: str) -> list[Element]:
        """What declares the type of one part."""
        if self._types is None:
            self._types = {}
            for each in self.outline(_TYPES)[1:]:
                if each.name == "Override":
                    for name in {each.attribute("PartName"), unquote(each.attribute("PartName"))}:
                        self._types.setdefault(plain_name(name), []).append(each)
        return self._types.get(key, [])

    @property
    def _defaults(self) -> dict[str, str]:
        """The types of kinds of file."""
        elements = [each for each in self.outline(_TYPES)[1:] if each.name == "Default"]
        return {each.attribute("Extension").casefold(): each.attribute("ContentType").strip() for each in elements}

    def _declare(self, name: str, content_type: str) -> None:
        """Declare a part's type, unless what is declared says so already."""
        key, extension = plain_name(name), _extension(plain_name(name))
        if self.content_type(key).casefold() == content_type.casefold():
            return
        root, wrong = self.outline(_TYPES)[0], [(each.start, each.end, b"") for each in self._overrides(key)]
        common = extension in ("vml", "rels") and extension not in self._defaults
        of = f"Default Extension={quoted(extension)}" if common else f"Override PartName={quoted('/' + _escaped(name))}"
        new = prefixed(f"<{of} ContentType={quoted(content_type)}/>", root.prefix)
        # Kinds of file go first and stay: whether they were there before makes no difference to what follows.
        at_end = root.appending(self.read(_TYPES), new)
        self.edit(_TYPES, [*wrong, (root.inside, root.inside, new) if common and not root.empty else at_end])

    def free_name(self, pattern: str) -> str:
        """The first unused name of a numbered kind of part, such as ``xl/comments{}.xml``."""
        number = 1
        while plain_name(pattern.format(number)) in self._packed:
            number += 1
        return pattern.format(number)

    def relations(self, key: str) -> Sequence[Relation]:
        """What a part refers to."""
        sheet = _relations_key(key)
        found = _relations(self.read(sheet), key) if sheet in self._packed else ()
        # A name that is written with escapes, as an address would be, may be so in the zip, or not.
        return [each if each.part in self._packed else each.unquoted(self._packed) for each in found]

    def all_relations(self) -> Iterator[tuple[str, Relation]]:
        """What all parts refer to, each with the key of the part."""
        for sheet in list(self.keys(".rels")):
            yield from ((_source(sheet), each) for each in self.relations(_source(sheet)))

    def relation_base(self, key: str) -> str:
        """The beginning of relation types: transitional and strict workbooks have each their own."""
        for each in self.outline(_relations_key(key))[1:]:
            base, _, kind = each.attribute("Type").rpartition("/")
            if kind == "worksheet":
                return base
        raise CannotMark("没有工作表，不能在原表上标注")

    def relate(self, key: str, kind: str, base: str, name: str) -> Relation:
        """Make a part refer to another, by the way from its folder as Excel writes it."""
        sheet = _relations_key(key)
        if sheet not in self._packed:
            folder, _, own = self.name(key).rpartition("/")
            empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
            self.add(f"{folder}/_rels/{own}.rels".lstrip("/"), empty, _RELATIONS_TYPE)
        content = self.read(sheet)
        elements = self.outline(sheet)
        used = {each.attribute("Id").casefold() for each in elements}
        number = len(elements)
        while f"rid{number}" in used:
            number += 1
        target = quoted(_way(key, name))
        xml = f"<Relationship Id={quoted(f'rId{number}')} Type={quoted(f'{base}/{kind}')} Target={target}/>"
        self.edit(sheet, [elements[0].appending(content, prefixed(xml, elements[0].prefix))])
        return Relation(f"rId{number}", kind, plain_name(name))

    def unrelate(self, key: str, identifier: str) -> None:
        """Take a relation away, and the list of relations with the last one."""
        sheet = _relations_key(key)
        elements = self.outline(sheet)
        gone = [each for each in elements[1:] if each.attribute("Id") == identifier]
        if len(gone) == len(elements) - 1:
            self.remove(sheet)
        else:
            self.edit(sheet, [(each.start, each.end, b"") for each in gone])

    def data(self) -> bytes:
        """The package as bytes: parts in their old order, new ones last."""
        parts, written = self._parts, self._written
        return zipped(_repacked(each, parts[key]) if key in written else each for key, each in self._packed.items())


_outline = of_small_parts(outline)


@of_small_parts
def _relations(content: bytes, key: str) -> tuple[Relation, ...]:
    """What a part refers to, as its list of relations says."""
    found = []
    for each in _outline(content)[1:]:
        outside = each.attribute("TargetMode").casefold() == "external"
        target = each.attribute("Target")
        part, target = ("", target) if outside else (_resolve(key, target), "")
        found.append(Relation(each.attribute("Id"), each.attribute("Type").rpartition("/")[2], part, target))
    return tuple(found)


def _extension(key: str) -> str:
    return key.rpartition("/")[2].rpartition(".")[2] if "." in key.rpartition("/")[2] else ""


def _escaped(name: str) -> str:
    """A part's name as content types and relations write it: escaped like an address."""
    return quote(name, safe="/!$&'()*+,;=:@-._~[]")


def _way(key: str, name: str) -> str:
    """The way from a part to another by its name."""
    steps = posixpath.relpath("/" + plain_name(name), "/" + posixpath.dirname(key)).split("/")
    down = len(steps) - steps.count("..")
    return _escaped("/".join([*steps[: len(steps) - down], *name.split("/")[-down:]]))


def _relations_key(key: str) -> str:
    folder, _, name = key.rpartition("/")
    return f"{folder}/_rels/{name}.rels".lstrip("/")


def _source(relations_key: str) -> str:
    """The part whose relations a part lists."""
    folder, _, name = relations_key.rpartition("/")
    return f"{folder.removesuffix('_rels')}{name.removesuffix('.rels')}"


def _resolve(key: str, target: str) -> str:
    target = target.replace("\\", "/")
    path = target if target.startswith("/") else posixpath.join("/" + posixpath.dirname(key), target)
    return plain_name(posixpath.normpath(path))


def _packed(data: bytes, info: zipfile.ZipInfo) -> Member:
    """A member as it is packed; the local header says how far its data are from it."""
    if info.flag_bits & _ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise CannotMark("压缩方式特殊，不能在原表上标注")
    fields = _HEAD.unpack_from(data, info.header_offset)
    start = info.header_offset + _HEAD.size + fields[9] + fields[10]
    raw = info.orig_filename.encode("utf-8" if info.flag_bits & UTF_8 else "cp437")
    year, month, day, hour, minute, second = info.date_time
    moment = (hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day)
    packed = data[start : start + info.compress_size]
    if fields[0] != b"PK\x03\x04" or len(packed) != info.compress_size:
        raise CannotMark("已损坏，不能在原表上标注")
    flags = info.flag_bits & UTF_8
    return Member(
        raw, flags, info.compress_type, moment, info.CRC, info.file_size, packed,
        (info.internal_attr, info.external_attr),
    )  # fmt: skip


def _repacked(packed: Member, content: bytes) -> Member:
    """A part with its content packed anew, if it is another than it was; refused if it is not sound XML."""
    crc = zlib.crc32(content)
    if (len(content), crc) == (packed.size, packed.crc):
        return packed
    # Excel itself writes drawings that are not
    data = deflated(content) if packed.name.lower().endswith(b".vml") else _sound(content)
    return Member(packed.name, packed.flags, zipfile.ZIP_DEFLATED, EPOCH, crc, len(content), data)


@of_small_parts
def _sound(content: bytes) -> bytes:
    """A part packed, once it is known to be sound."""
    check_form(content)
    return deflated(content)


def _inflate(packed: Member, size: int, *, whole: bool = True) -> bytes:
    try:
        plain = packed.method == zipfile.ZIP_STORED
        content = packed.data if plain else zlib.decompressobj(-15).decompress(packed.data, size + 1)
    except zlib.error:
        content = b""
    if whole and (len(content) != packed.size or zlib.crc32(content) != packed.crc):
        raise CannotMark("已损坏，不能在原表上标注")
    return content
