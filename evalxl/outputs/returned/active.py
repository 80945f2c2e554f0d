"""What would act by itself in a copy that is handed on: it is not passed on in our name, a list goes back instead."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.intake.probe.active import ELSEWHERE, FILES, KINDS, LINKS, SHOWN
from evalxl.outputs.returned.markup import CannotMark, Element, outline
from evalxl.outputs.returned.package import Package, Relation


def refuse_active(package: Package) -> None:
    """``CannotMark``, with part and target, for what reaches out of the workbook when it is opened.

    Links to web pages stay, as do links to workbooks on the sender's own machine: Excel asks before it follows them.
    """
    for key, each in package.all_relations():
        for what, target in _active(package, each):
            holder = each.part if each.part in package else key
            where = package.name(holder) if holder in package else holder  # a list of relations whose part is not there
            found_at = f"{where}：{target[:SHOWN]}" if target else where
            raise CannotMark(f"含有{what}（{found_at}），不宜原样转发，不能在原表上标注")


def _active(package: Package, relation: Relation) -> Iterator[tuple[str, str]]:
    """What is active in a relation, and where it leads."""
    if relation.kind in KINDS:
        yield KINDS[relation.kind], relation.target or _address(package, relation.part)
    elif relation.kind == "externalLink" and relation.part in package:
        for each in outline(package.read(relation.part), 2):
            if each.name in LINKS:
                words = map(each.attribute, ("ddeService", "ddeTopic", "progId"))
                yield LINKS[each.name], " ".join(filter(None, words))
    elif relation.kind in FILES:
        if ELSEWHERE.match(relation.target):
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
