"""What would act by itself when a workbook is opened, or reaches out of it: which part holds it, and where it leads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from evalxl.intake.probe.package import Package, resolve
from evalxl.values.folding import clean

MACROS = {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet"}  # kinds of relation
KINDS = {
    "connections": "数据连接",
    "oleObject": "嵌入的对象",
    "package": "嵌入的文件",
    "control": "ActiveX 控件",
    "volatileDependencies": "实时数据",
    "webextension": "网页加载项",
    "webextensiontaskpanes": "网页加载项",
    "extensibility": "自定义功能区",
    "attachedToolbars": "自定义工具栏",
}
LINKS = {"ddeLink": "DDE 链接", "oleLink": "OLE 链接"}
FILES = {"externalLinkPath", "xlPathMissing", "xlStartup", "xlAlternateStartup", "xlLibrary"}
ELSEWHERE = re.compile(r"(?i)\s*(?:\\\\|//|(?!file:)[a-z][a-z0-9+.-]+:|file:(?:/*\\\\|//[^/]|////))")
SHOWN = 80  # characters of a target
MOST = 50  # findings of one workbook
_PAGE = re.compile(r"(?i)\s*https?:")
_LARGEST = 4 << 20  # bytes of a part that is looked at for this
_TARGETS = ("url", "connection", "sourceFile", "ddeService", "ddeTopic", "progId")


class Active(NamedTuple):
    """Something that acts or reaches out: what it is, the part that holds it, and where it leads."""

    what: str
    part: str
    target: str

    @property
    def words(self) -> str:
        """What it is, with part and target."""
        target = f"：{clean(self.target)[:SHOWN]}" if self.target.strip() else ""
        blank = " " if self.what[:1].isascii() and not self.what.startswith(" ") else ""
        return f"含有{blank}{self.what}（{clean(self.part)[:SHOWN]}{target}）"


def active_in(package: Package) -> list[Active]:
    """What is active in a workbook, each once; its plain links to web pages together, as the last."""
    found: dict[Active, None] = {}
    pages = 0
    for name in sorted(package.parts):
        if name.endswith(".rels") and package.parts[name].file_size <= _LARGEST:
            for kind, target, outside in _relations(package.read(name)):
                pages += kind == "hyperlink" and outside and _PAGE.match(target) is not None
                found.update(dict.fromkeys(_of(package, name, kind, target, outside)))
    listed = list(found)[:MOST]
    return [*listed, Active(f" {pages} 个网页链接", "链接照样保留", "")] if pages else listed


def _of(package: Package, sheet: str, kind: str, target: str, outside: bool) -> Iterator[Active]:
    """What is active in one relation; ``sheet`` is the list of relations that it stands in."""
    folder = posixpath.dirname(posixpath.dirname(sheet))
    part = "" if outside else package.find(resolve(folder, target))
    holder = package.parts[part or sheet].filename.replace("\\", "/")
    if kind in MACROS:
        yield Active("宏", holder, "")
    elif kind in KINDS:
        yield Active(KINDS[kind], holder, target if outside else _targets(package, part))
    elif kind == "externalLink" and part:
        content = _content(package, part)
        for name, words in LINKS.items():
            if re.search(rb"<(?:[\w.-]+:)?" + name.encode() + rb"[\s>/]", content):
                yield Active(words, holder, _targets(package, part))
    elif kind in FILES:
        if ELSEWHERE.match(target):
            yield Active("指向外部的链接", holder, target)
    elif outside and kind != "hyperlink":
        yield Active("链接的图片" if kind == "image" else "指向外部的链接", holder, target)


def _content(package: Package, part: str) -> bytes:
    return package.read(part) if part.endswith(".xml") and package.parts[part].file_size <= _LARGEST else b""


def _targets(package: Package, part: str) -> str:
    """Where the elements of a part lead, in words."""
    words: list[str] = []

    def start(_name: str, attributes: dict[str, str]) -> None:
        words.extend(attributes[key] for key in _TARGETS if attributes.get(key) and len(words) < len(_TARGETS))

    _parse(_content(package, part) if part else b"", start)
    return " ".join(words)


def _relations(content: bytes) -> list[tuple[str, str, bool]]:
    """The relations of a list: the last word of their type, where they lead, and whether out of the workbook."""
    found: list[tuple[str, str, bool]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            outside = attributes.get("TargetMode", "").casefold() == "external"
            found.append((attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", ""), outside))

    _parse(content, start)
    return found


def _parse(content: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    """Go through a part; what is no XML, or declares entities, ends there."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError):
        return


def _refuse(*_: object) -> None:
    raise ValueError
