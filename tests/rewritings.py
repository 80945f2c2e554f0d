"""A workbook written otherwise: the same cells in whatever XML and zip a program of the market may choose."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from evalxl.layout import column_number

Parts = dict[str, bytes]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    RELATED: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_XML = "http://www.w3.org/XML/1998/namespace"
_TEXTS = ("v", "f", "t")


class Style(NamedTuple):
    """How an XML part is written; each choice says the same."""

    prefix: str = ""  # of the main namespace
    related: str = "r"  # prefix of the relations' namespace, which every program declares
    quote: str = '"'
    shuffled: bool = False  # attributes in any order
    gap: str = " "  # between the attributes of a tag
    ending: str = ""  # before the end of a tag
    indent: str = ""  # between tags
    comments: bool = False
    sections: bool = False  # texts as plain sections
    references: bool = False  # characters by their numbers
    expanded: bool = False  # <c></c> for <c/>
    implicit: bool = False  # cells and rows that follow one another do not state their address
    strict: bool = False
    head: str = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    encoding: str = "utf-8"


STYLES: dict[str, Style] = {
    "前缀": Style(prefix="x"),
    "怪前缀": Style(prefix="工作-表.1"),
    "关系别名": Style(related="rel"),
    "单引号": Style(quote="'"),
    "属性乱序": Style(shuffled=True),
    "标签内换行": Style(gap="\n\t  ", ending=" \n"),
    "缩进": Style(indent="\n  "),
    "注释": Style(comments=True),
    "纯文本段": Style(sections=True),
    "字符引用": Style(references=True),
    "不自闭": Style(expanded=True),
    "不写地址": Style(implicit=True),
    "严格": Style(strict=True),
    "无声明": Style(head=""),
    "独立声明": Style(head='<?xml version="1.0" standalone="no"?>'),
    "字节序标记": Style(head="\ufeff<?xml version='1.0' encoding='utf-8'?>\n"),
    "小端": Style(head='\ufeff<?xml version="1.0" encoding="UTF-16"?>', encoding="utf-16-le"),
    "大端": Style(head='\ufeff<?xml version="1.0" encoding="UTF-16"?>', encoding="utf-16-be"),
    "无标记小端": Style(head='<?xml version="1.0" encoding="UTF-16LE"?>', encoding="utf-16-le"),
    "国标": Style(head='<?xml version="1.0" encoding="GB2312"?>', encoding="gb18030"),
    "假称双字节": Style(head='<?xml version="1.0" encoding="utf-16"?>'),
    "处理指令": Style(head='<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><!-- 导出 -->'),
}


def any_style(rng: random.Random) -> Style:
    """Some of the choices together."""
    chosen: dict[str, Any] = {}
    for style in rng.sample(list(STYLES.values()), rng.randint(2, 7)):
        chosen |= {name: value for name, value in style._asdict().items() if value != Style._field_defaults[name]}
    if "encoding" in chosen or "head" in chosen:  # they belong together
        coded = rng.choice([each for each in STYLES.values() if each.head != Style().head])
        chosen |= {"head": coded.head, "encoding": coded.encoding}
    return Style(**chosen)


def restyled(parts: Parts, style: Style, rng: random.Random) -> Parts:
    """A workbook whose parts that hold or list values are written in a style."""
    ours = re.compile(r"xl/(?:workbook|sharedStrings|styles|worksheets/sheet\d+)\.xml|.*\.rels")
    return {
        name: _Writer(style, rng).written(content) if ours.fullmatch(name) else content
        for name, content in parts.items()
    }


class _Writer:
    """One part, read as what it means and written in a style."""

    def __init__(self, style: Style, rng: random.Random) -> None:
        self.style, self.rng = style, rng
        self.row = self.column = 0

    def written(self, content: bytes) -> bytes:
        root = ET.fromstring(content)
        text = self.style.head + self.element(root, self._namespaces(root))
        return text.encode(self.style.encoding)

    def _namespaces(self, root: ET.Element) -> str:
        own = root.tag[1:].partition("}")[0]
        prefix = f":{self.style.prefix}" if self.style.prefix and own == MAIN else ""
        declared = self.attribute(f"xmlns{prefix}", self.uri(own))
        if own == MAIN:
            declared += self.attribute(f"xmlns:{self.style.related}", self.uri(RELATED))
        return declared

    def uri(self, namespace: str) -> str:
        return STRICT.get(namespace, namespace) if self.style.strict else namespace

    def attribute(self, name: str, value: str) -> str:
        quote = self.style.quote
        gap = " = " if self.style.gap != " " and not name.startswith("xml") else "="
        value = escape(value, {quote: "&quot;" if quote == '"' else "&apos;", "\n": "&#10;"})
        return f"{self.style.gap}{name}{gap}{quote}{value}{quote}"

    def element(self, element: ET.Element, declared: str = "") -> str:
        namespace, _, local = element.tag[1:].partition("}")
        if namespace not in (MAIN, _PACKAGE):
            return ""
        name = f"{self.style.prefix}:{local}" if self.style.prefix and namespace == MAIN else local
        attributes = [self.attribute(*each) for each in self.attributes(local, dict(element.attrib))]
        if self.style.shuffled:
            self.rng.shuffle(attributes)
        tag = f"{name}{declared}{''.join(attributes)}{self.style.ending}"
        inside = "".join(self.spaced(each) for each in element) + self.text(local, element.text or "")
        if inside and len(element):
            inside += self.style.indent
        return f"<{tag}>{inside}</{name}>" if inside or self.style.expanded else f"<{tag}/>"

    def spaced(self, element: ET.Element) -> str:
        comment = '<!-- <row r="9"><c r="XFD1048576"/></row> --><?x <c?>' if self.style.comments else ""
        return self.style.indent + (comment if self.rng.random() < 0.1 else "") + self.element(element)

    def attributes(self, local: str, known: dict[str, str]) -> list[tuple[str, str]]:
        if local == "row":
            following, self.row, self.column = int(known["r"]) == self.row + 1, int(known["r"]), 0
        elif local == "c":
            here = column_number(known["r"].rstrip("0123456789"))
            following, self.column = here == self.column + 1, here
        else:
            following = False
        if self.style.implicit and following:
            del known["r"]
        return [(self.attribute_name(key), self.value(key, value)) for key, value in known.items()]

    def attribute_name(self, key: str) -> str:
        namespace, mark, local = key[1:].partition("}")
        if not mark:
            return key
        return f"xml:{local}" if namespace == _XML else f"{self.style.related}:{local}"

    def value(self, key: str, value: str) -> str:
        return self.uri(RELATED) + value.removeprefix(RELATED) if key == "Type" and value.startswith(RELATED) else value

    def text(self, local: str, text: str) -> str:
        if not text.strip() and local not in _TEXTS:
            return ""
        middle = len(text) // 2
        if self.style.sections and text:
            return f"{escape(text[:middle])}<![CDATA[{text[middle:]}]]>"
        if self.style.comments and text:
            return f"{escape(text[:middle])}<!-- <v>9</v> -->{escape(text[middle:])}"
        if self.style.references:
            return "".join(f"&#x{ord(each):X};" for each in text)
        return escape(text)


def _renamed(parts: Parts, name: Callable[[str], str], old: bytes = b"", new: bytes = b"") -> Parts:
    """Other names for the parts; in the relations of the workbook one stretch replaced by another."""
    return {
        name(key): content.replace(old, new) if old and key.endswith("workbook.xml.rels") else content
        for key, content in parts.items()
    }


def _target(old: bytes, new: bytes, name: Callable[[str], str] = str) -> Callable[[Parts], Parts]:
    return lambda parts: _renamed(parts, name, old, new)


def _without(word: str) -> Callable[[Parts], Parts]:
    return lambda parts: {name: content for name, content in parts.items() if word not in name}


PATHS: dict[str, Callable[[Parts], Parts]] = {
    "绝对路径": _target(b'Target="', b'Target="/xl/'),
    "点路径": _target(b'Target="', b'Target="./'),
    "绕路": _target(b'Target="', b'Target="../xl/'),
    "反斜杠": _target(b'Target="worksheets/', b'Target="worksheets\\', lambda name: name.replace("/", "\\")),
    "大写": _target(b"worksheets/sheet", b"WORKSHEETS/Sheet", lambda name: name.upper() if "sheet" in name else name),
    "百分号": _target(b"worksheets/sheet", b"worksheets/my%20sheet", lambda name: name.replace("sheets/s", "sheets/my s")),
    "两处百分号": _target(b"worksheets/sheet", b"worksheets/a%20", lambda name: name.replace("sheets/sheet", "sheets/a%20")),
    "中文名": _target(b"worksheets/sheet", "worksheets/表".encode(), lambda name: name.replace("sheets/sheet", "sheets/表")),
    "无内容类型": _without("[Content_Types]"),
    "无属性": _without("docProps"),
}  # fmt: skip

_OBJECTS = b"""<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">
<mc:Choice Requires="x14"><controls><mc:AlternateContent><mc:Choice Requires="x14"><control shapeId="1025" r:id="rId7">
<controlPr><anchor moveWithCells="1"><xdr:from xmlns:xdr="urn:drawing"><xdr:col>16000</xdr:col><xdr:row>1048575</xdr:row>
</xdr:from></anchor></controlPr></control></mc:Choice></mc:AlternateContent></controls></mc:Choice></mc:AlternateContent>
<oleObjects><oleObject progId="Word.Document.12" shapeId="1026"/></oleObjects>"""
_EXTENSIONS = b"""<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" uri="{78C0}">
<x14:conditionalFormattings><x14:row r="1048576"/><x14:c r="XFD1" t="e"/><!-- <sheetDat --><![CDATA[<c r="XFD9">]]>
</x14:conditionalFormattings></ext></extLst>"""


def _sheets(change: Callable[[bytes], bytes]) -> Callable[[Parts], Parts]:
    return lambda parts: {
        name: change(content) if name.startswith("xl/worksheets/sheet") else content for name, content in parts.items()
    }


def _inline(parts: Parts) -> Parts:
    """Each text in its cell, in runs and with its phonetic guide, as Japanese Excel and report servers write them."""
    texts = ["".join(each.itertext()) for each in ET.fromstring(parts["xl/sharedStrings.xml"]).iter(f"{{{MAIN}}}si")]

    def cell(match: re.Match[bytes]) -> bytes:
        text = texts[int(match[2])]
        runs = "".join(f'<r><t xml:space="preserve">{escape(each)}</t></r>' for each in (text[:2], text[2:]))
        guide = '<rPh sb="0" eb="1"><t>音</t></rPh><phoneticPr fontId="1"/>'
        return match[1] + b't="inlineStr"><is>' + (runs + guide).encode() + b"</is></c>"

    change = _sheets(lambda sheet: re.sub(rb'(<c [^<>]*)t="s"><v>(\d+)</v></c>', cell, sheet))
    return {name: content for name, content in change(parts).items() if name != "xl/sharedStrings.xml"}


CONTENT: dict[str, Callable[[Parts], Parts]] = {
    "串数不符": lambda parts: parts | {"xl/sharedStrings.xml": re.sub(rb'count="\d+" uniqueCount="\d+"', b'count="1" uniqueCount="1"', parts["xl/sharedStrings.xml"])},
    "行内文字": _inline,
    "内嵌对象": _sheets(lambda sheet: sheet.replace(b"</worksheet>", _OBJECTS + b"</worksheet>")),
    "扩展": _sheets(lambda sheet: sheet.replace(b"</worksheet>", _EXTENSIONS + b"</worksheet>")),
    "格内扩展": _sheets(lambda sheet: sheet.replace(b"</v></c>", b'</v><extLst><ext uri="a"><y:c xmlns:y="u"/></ext></extLst></c>')),
    "行高属性": _sheets(lambda sheet: sheet.replace(b"<row ", b'<row x14ac:dyDescent="0.25" ').replace(b"<worksheet ", b'<worksheet xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" ')),
    "样式在前": _sheets(lambda sheet: re.sub(rb'<c (r="\w+")([^<>/]*)', rb"<c\2 \1", sheet)),
    "双字节附件": lambda parts: parts | {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><DataMashup/>'.encode("utf-16"), "xl/x.xml": b"<!DOCTYPE a><a/>"},
    "宏": lambda parts: parts | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)},
}  # fmt: skip


def packed(parts: Parts, method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False, extra: bytes = b"") -> bytes:
    stream: io.BytesIO = _Unseekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.extra = method, extra
            package.writestr(info, content)
    return stream.getvalue()


class _Unseekable(io.BytesIO):
    """What is written to a network: sizes follow the data in descriptors."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


def _wide(parts: Parts) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            with package.open(name, "w", force_zip64=True) as member:
                member.write(content)
    return stream.getvalue()


def _local_names(parts: Parts) -> bytes:
    """Names in the machine's own encoding and not marked as UTF-8, as old zip programs write them."""
    marks = {name: "".join(chr(65 + ord(each) % 26) if ord(each) > 127 else each for each in name) for name in parts}
    data = packed({marks[name] + ("" if name.isascii() else "~"): content for name, content in parts.items()})
    for name, mark in marks.items():
        if not name.isascii():  # one letter and "~" are as long as one character of two bytes
            data = data.replace((mark + "~").encode(), name.encode("gb18030"))
    return data


def _repeated(parts: Parts) -> bytes:
    """Some programs put the same picture in twice."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        for name, content in [*parts.items(), ("xl/media/a.png", b"a"), ("xl/media/a.png", b"a")]:
            package.NameToInfo.pop(name, None)
            package.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


ZIPS: dict[str, Callable[[Parts], bytes]] = {
    "不压缩": lambda parts: packed(parts, zipfile.ZIP_STORED),
    "数据描述": lambda parts: packed(parts, streamed=True),
    "附加字段": lambda parts: packed(parts, extra=b"\x75\x70\x05\x00\x01abcd"),
    "64位": _wide,
    "本地编码名": _local_names,
    "重复图片": _repeated,
    "倒序": lambda parts: packed(dict(reversed(list(parts.items())))),
}
