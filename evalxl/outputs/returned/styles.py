"""The workbook's styles: a cell's format with another fill, back again, and the formats of the list of findings.

Styles are only ever appended, and looked up first, so that marking twice appends nothing the second time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.parsers import expat

from evalxl.district.findings import Severity
from evalxl.outputs.returned.markup import CannotMark, Edit, Element, edited, outline, prefixed, with_attribute
from evalxl.outputs.returned.package import of_small_parts

NO_FILL = "none"
_OUT_OF_BOUNDS = "单元格格式编号有误，不能在原表上标注"
MOST_FORMATS = 64_000  # of Excel

# Pattern, its colour, and the ground: distinguished by their pattern where colour is not printed.
MARKS = {
    Severity.ERROR: ("lightUp", "FFE06666", "FFFFC7CE"),
    Severity.WARNING: ("gray125", "FFB08A00", "FFFFEB9C"),
    Severity.INFO: ("gray0625", "FF3E6A9E", "FFDCE6F1"),
}
_GROUND = {"lightUp": 0x60, "gray125": 0x70, "gray0625": 0x78}  # of 128: how much of it LibreOffice mixes in
_SAFE = re.compile(
    r'<fill>(?:</?(?:patternFill|fgColor|bgColor|gradientFill|stop|color)(?: \w+="[\w.+-]*")*/?>)*</fill>'
)


def _mark_xml(severity: Severity) -> str:
    pattern, colour, ground = MARKS[severity]
    inner = f'<fgColor rgb="{colour}"/><bgColor rgb="{ground}"/>'
    return f'<fill><patternFill patternType="{pattern}">{inner}</patternFill></fill>'


def _edge_xml(severity: Severity) -> str:
    """The frame of a mark: it shows even where a scale of colours by condition is painted over the ground."""
    colour = f'<color rgb="{MARKS[severity][1]}"/>'
    lines = (f'<{side} style="thin">{colour}</{side}>' for side in ("left", "right", "top", "bottom"))
    return f"<border>{''.join(lines)}</border>"


def _blended(severity: Severity) -> tuple[int, ...]:
    """The plain colour that LibreOffice, which knows no patterns, makes of a mark."""
    pattern, colour, ground = MARKS[severity]
    share = _GROUND[pattern] / 128
    pairs = zip(bytes.fromhex(colour), bytes.fromhex(ground), strict=True)
    return tuple(round(above + (below - above) * share) for above, below in pairs)[1:]


_PATTERNED = re.compile(
    r'<fill><patternFill patternType="(\w+)"><fgColor rgb="\w\w(\w{6})"/>'
    r'<bgColor rgb="\w\w(\w{6})"/></patternFill></fill>'
)
_KNOWN = {(pattern, colour[2:], ground[2:]) for pattern, colour, ground in MARKS.values()}
_BLENDED = [_blended(severity) for severity in MARKS]
_SOLID = re.compile(r'<fill><patternFill patternType="solid"><fgColor rgb="..(\w{6})"/>')


@dataclass
class _Original:
    """A styles part as it came."""

    root: Element
    sections: dict[str, Element]
    items: dict[str, list[bytes]]
    first: dict[str, dict[bytes, int]]  # where an item stands first
    before: dict[str, int]  # how many items stand in the part
    marks: set[int] | None = None  # the cell formats that are marks of ours, once somebody has asked


# What the sections hold that we add to, and what Excel takes for granted to stand there first.
_ITEMS = {
    "fonts": ("font", ('<font><sz val="11"/><name val="宋体"/></font>',)),
    "fills": ("fill", tuple(f'<fill><patternFill patternType="{each}"/></fill>' for each in ("none", "gray125"))),
    "borders": ("border", ("<border><left/><right/><top/><bottom/><diagonal/></border>",)),
    "cellXfs": ("xf", ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>',)),
    "dxfs": ("dxf", ()),
}  # fmt: skip
PLAIN_LOOK = "".join(
    f'<{name} count="{len(items)}">{"".join(items)}</{name}>'
    for name, items in (
        *((name, _ITEMS[name][1]) for name in ("fonts", "fills", "borders")),
        ("cellStyleXfs", _ITEMS["cellXfs"][1]),
        ("cellXfs", ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',)),
        ("cellStyles", ('<cellStyle name="Normal" xfId="0" builtinId="0"/>',)),
    )
)
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs")


@of_small_parts
def _read(content: bytes) -> _Original:
    elements = outline(content)
    sections = {each.name: each for each in elements if len(each.path) == 2}
    original = _Original(elements[0], sections, {}, {}, {})
    for name, (item, reserved) in _ITEMS.items():
        section = sections.get(name)
        own = [e for e in elements if e.path[1:] == (name, item) and section and e.within(section)]
        items = [content[each.start : each.end] for each in own]
        original.before[name] = len(items)
        items += [prefixed(xml, elements[0].prefix) for xml in reserved[len(items) :]]
        original.items[name] = items
        original.first[name] = {each: position for position, each in reversed(list(enumerate(items)))}
    return original


class Styles:
    """The styles part of a workbook, with what is appended to it."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        original = _read(content)
        self._original = original
        self._prefix, self._sections = original.root.prefix, original.sections
        self._items = {name: list(items) for name, items in original.items.items()}
        self._first = {name: dict(first) for name, first in original.first.items()}
        self._bound = len(self._items["cellXfs"])  # of the formats that cells have before they are marked
        self._fills: dict[int, str] = {}
        self._families: dict[bytes, list[int]] | None = None

    def fill(self, style: int) -> str:
        """The fill of a cell format, in one fixed spelling; 'none' for none."""
        number = int(_attribute(self._xf(style), "fillId") or 0)
        if number not in self._fills:
            self._fills[number] = _spelled(self._item("fills", number))
        return self._fills[number]

    def with_mark(self, style: int, severity: Severity) -> int:
        """The cell format that is as another but for the fill, which marks a finding."""
        if style >= self._bound:  # no format of the sender's, though by now one of ours may bear the number
            raise CannotMark(_OUT_OF_BOUNDS)
        fill = self._append("fills", prefixed(_mark_xml(severity), self._prefix))
        return self._append("cellXfs", _with_fill(self._xf(style), fill))

    def overlay(self, severity: Severity) -> int:
        """The format by condition that shows a mark where the sender's own formats by condition would cover it."""
        return self._append("dxfs", prefixed(f"<dxf>{_mark_xml(severity)}{_edge_xml(severity)}</dxf>", self._prefix))

    def without_mark(self, style: int, fill: str) -> int:
        """The cell format that is as a marked one but for the fill, which is what it was (as ``fill`` gave it).

        Where nobody knows ('') it is the fill of the first format that is otherwise the same and no mark.
        """
        family = self._family(style)
        if not fill:
            fill = next((self.fill(each) for each in family if not _is_mark(self.fill(each))), NO_FILL)
        same = [each for each in family if self.fill(each) == fill]
        if same:
            return same[0]
        number = 0 if fill == NO_FILL else self._append("fills", prefixed(fill, self._prefix))
        made = self._append("cellXfs", _with_fill(self._xf(style), number))
        self._families = None
        self._bound = len(self._items["cellXfs"])
        return made

    def _family(self, style: int) -> list[int]:
        """The cell formats that differ in nothing but the fill, first ones first."""
        if self._families is None:
            self._families = {}
            for position, xf in enumerate(self._items["cellXfs"]):
                self._families.setdefault(_without_fill(xf), []).append(position)
        return self._families[_without_fill(self._xf(style))]

    def marks(self) -> set[int]:
        """The cell formats whose fill is a mark of ours."""
        before, now = self._original.before["cellXfs"], len(self._items["cellXfs"])
        if self._original.marks is None:
            self._original.marks = {style for style in range(before) if _is_mark(self.fill(style))}
        return self._original.marks | {style for style in range(before, now) if _is_mark(self.fill(style))}

    def looks_marked(self, style: int) -> bool:
        """Whether a fill is a mark of ours, or what LibreOffice makes of one."""
        fill = self.fill(style)
        solid = _SOLID.match(fill)
        if solid is None:
            return _is_mark(fill)
        colour = bytes.fromhex(solid[1])
        return any(all(abs(a - b) <= 4 for a, b in zip(colour, each, strict=True)) for each in _BLENDED)

    def format(self, font: str, fill: str, border: str, rest: str) -> int:
        """A cell format of our own, from the XML of its parts; ``rest`` is alignment and protection."""
        ids = (
            self._append(name, prefixed(xml, self._prefix))
            for name, xml in (("fonts", font), ("fills", fill), ("borders", border))
        )
        numbers = 'numFmtId="0" fontId="{}" fillId="{}" borderId="{}"'.format(*ids)
        numbers += ' xfId="0"' if "cellStyleXfs" in self._sections else ""
        applied = "".join(f' apply{each}="1"' for each in ("Font", "Fill", "Border", "Alignment", "Protection"))
        return self._append("cellXfs", prefixed(f"<xf {numbers}{applied}>{rest}</xf>", self._prefix))

    def content(self) -> bytes:
        """The part with what was appended."""
        edits: list[Edit] = []
        missing: dict[int, bytes] = {}  # where → sections that the part has not
        for name, items in self._items.items():
            new = b"".join(items[self._original.before[name] :])
            if not new:
                continue
            section = self._sections.get(name)
            if section is None:
                xml = prefixed(f'<{name} count="{len(items)}"></{name}>', self._prefix)
                at = self._place(name)
                missing[at] = missing.get(at, b"") + xml.replace(b"></", b">" + new + b"</", 1)
                continue
            tag = with_attribute(self._content[section.start : section.inside], "count", str(len(items)))
            if section.empty:
                closing = b"</" + section.prefix + name.encode() + b">"
                edits.append((section.start, section.inside, tag[:-2].rstrip() + b">" + new + closing))
            else:
                edits += [(section.start, section.inside, tag), (section.close, section.close, new)]
        if self._original.root.empty and missing:
            return edited(self._content, [self._original.root.appending(self._content, b"".join(missing.values()))])
        return edited(self._content, edits + [(at, at, xml) for at, xml in missing.items()])

    def _place(self, name: str) -> int:
        """Where a section belongs that the part has not."""
        earlier = [self._sections[each].end for each in _ORDER[: _ORDER.index(name)] if each in self._sections]
        return max([self._original.root.inside, *earlier])

    def _append(self, section: str, xml: bytes) -> int:
        items, first = self._items[section], self._first[section]
        if xml not in first:
            if len(items) >= MOST_FORMATS:
                raise CannotMark("单元格格式太多，不能在原表上标注")
            first[xml] = len(items)
            items.append(xml)
        return first[xml]

    def _xf(self, style: int) -> bytes:
        return self._item("cellXfs", style)

    def _item(self, section: str, number: int) -> bytes:
        if not 0 <= number < len(self._items[section]):
            raise CannotMark(_OUT_OF_BOUNDS)
        return self._items[section][number]


def _is_mark(fill: str) -> bool:
    """Whether a fill is a mark of ours, as any program that knows patterns writes it."""
    match = _PATTERNED.fullmatch(fill)
    return match is not None and (match[1], match[2].upper(), match[3].upper()) in _KNOWN


def known_fill(text: str) -> str:
    """A fill as it came back in the list of findings; 'none' for what is no fill (a sender may have edited it)."""
    if len(text) > 4_000 or not _SAFE.fullmatch(text):
        return NO_FILL
    try:
        expat.ParserCreate().Parse(text, True)
    except expat.ExpatError:
        return NO_FILL
    return text


def _attribute(tag: bytes, name: str) -> str:
    match = re.match(rb"<[^>]*?\s" + name.encode() + rb"\s*=\s*[\"'](\d+)", tag)
    return match[1].decode() if match else ""


def _split(xf: bytes) -> tuple[bytes, bytes]:
    end = xf.index(b">") + 1
    return xf[:end], xf[end:]


def _with_fill(xf: bytes, fill: int) -> bytes:
    tag, rest = _split(xf)
    return with_attribute(with_attribute(tag, "fillId", str(fill)), "applyFill", "1") + rest


_ATTRIBUTE = re.compile(rb"(?<![\w:])([\w:]++)\s*=\s*[\"']([^\"']*)[\"']")


def _without_fill(xf: bytes) -> bytes:
    """A cell format without what it says of the fill, in one fixed spelling."""
    tag, rest = _split(xf)
    attributes = sorted(pair for pair in _ATTRIBUTE.findall(tag) if pair[0] not in (b"fillId", b"applyFill"))
    return b" ".join(name + b"=" + value for name, value in attributes) + rest


@of_small_parts
def _spelled(fill: bytes) -> str:
    """A fill's XML without prefixes, attributes in order; 'none' for no fill."""
    pieces: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        written = "".join(f' {key}="{value}"' for key, value in sorted(attributes.items()) if "xmlns" not in key)
        pieces.append(f"<{tag.rpartition(':')[2]}{written}>")

    def end(tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if pieces[-1].startswith(f"<{tag}") and pieces[-1][len(tag) + 1] in " >" and not pieces[-1].endswith("/>"):
            pieces[-1] = pieces[-1][:-1] + "/>"
        else:
            pieces.append(f"</{tag}>")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(fill, True)
    text = "".join(pieces)
    plain = text in ("<fill/>", "<fill><patternFill/></fill>") or 'patternType="none"' in text
    return NO_FILL if plain else text
