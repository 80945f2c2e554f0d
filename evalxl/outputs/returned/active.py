"""What would act by itself in a copy that is handed on: it is not passed on in our name, a list goes back instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalxl.outputs.returned.markup import CannotMark, Element, outline
from evalxl.outputs.returned.package import Package, Relation

_KINDS = {
    "connections": "数据连接",
    "oleObject": "嵌入的对象",
    "control": "ActiveX 控件",
    "volatileDependencies": "实时数据",
    "webextension": "网页加载项",
    "webextensiontaskpanes": "网页加载项",
    "extensibility": "自定义功能区",
    "attachedToolbars": "自定义工具栏",
}
_LINKS = {"ddeLink": "DDE 链接", "oleLink": "OLE 链接"}
_FILES = {"externalLinkPath", "xlPathMissing", "xlStartup", "xlAlternateStartup", "xlLibrary"}
_ELSEWHERE = re.compile(r"(?i)\s*(?:\\\\|//|(?!file:)[a-z][a-z0-9+.-]+:|file:(?:/*\\\\|//[^/]|////))")
_SHOWN = 80  # characters of a target


def refuse_active(package: Package) -> None:
    """``CannotMark``, with part and target, for what reaches out of the workbook when it is opened.

    Links to web pages stay, as do links to workbooks on the sender's own machine: Excel asks before it follows them.
    """
    for key, each in package.all_relations():
        for what, target in _active(package, each):
            where = package.name(each.part if each.part in package else key)
            found_at = f"{where}：{target[:_SHOWN]}" if target else where
            raise CannotMark(f"含有{what}（{found_at}），不宜原样转发，不能在原表上标注")


def _active(package: Package, relation: Relation) -> Iterator[tuple[str, str]]:
    """What is active in a relation, and where it leads."""
    if relation.kind in _KINDS:
        yield _KINDS[relation.kind], relation.target or _address(package, relation.part)
    elif relation.kind == "externalLink" and relation.part in package:
        for each in outline(package.read(relation.part), 2):
            if each.name in _LINKS:
                words = map(each.attribute, ("ddeService", "ddeTopic", "progId"))
                yield _LINKS[each.name], " ".join(filter(None, words))
    elif relation.kind in _FILES:
        if _ELSEWHERE.match(relation.target):
            yield "指向外部的链接", relation.target
    elif relation.target and relation.kind != "hyperlink":
        yield "指向外部的链接", relation.target


def _address(package: Package, part: str) -> str:
    """The address in a list of connections."""
    if part.endswith(".xml") and part in package:
        words = (_attribute(each) for each in outline(package.read(part)))
        return next(filter(None, words), "")
    return ""


def _attribute(element: Element) -> str:
    return next(filter(None, map(element.attribute, ("url", "connection", "sourceFile"))), "")
