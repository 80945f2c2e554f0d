"""Where pictures lie on a worksheet: signatures are often pasted as such, beside cells that stay blank."""

from __future__ import annotations

import posixpath
from xml.parsers import expat

from evalxl.intake.probe import markup
from evalxl.intake.probe.book import relations_in
from evalxl.intake.probe.contents import Area
from evalxl.intake.probe.encodings import as_utf8
from evalxl.intake.probe.limits import MAX_INDEX
from evalxl.intake.probe.package import Package, resolve
from evalxl.intake.probe.refusals import Unreadable

MAX_PICTURES = 1_000  # of a sheet that are looked at


def pictures_on(package: Package, part: str) -> list[Area]:
    """The cells that pictures of a worksheet lie over; a drawing that cannot be read has none."""
    folder, name = posixpath.split(part)
    try:
        drawings = _targets(package, f"{folder}/_rels/{name}.rels".lstrip("/"), "drawing")
        return [area for drawing in drawings for area in _areas(package.read(drawing, MAX_INDEX))][:MAX_PICTURES]
    except (LookupError, ValueError, Unreadable, expat.ExpatError):
        return []


def _targets(package: Package, relations: str, kind: str) -> list[str]:
    known = package.find(relations)
    if not known:
        return []
    folder = posixpath.dirname(posixpath.dirname(relations))
    found = relations_in(package.read(known, MAX_INDEX)).values()
    parts = [package.find(resolve(folder, target)) for each, target in found if each == kind]
    return [part for part in parts if part]


class _Anchors(markup.Handler):
    """One pass over a drawing: where each thing on it begins and ends, and whether it is a picture."""

    def __init__(self) -> None:
        self.areas: list[Area] = []
        self.edges: dict[str, int] = {}  # from.row, from.col, to.row, to.col; 0-based
        self.corner = self.open = ""
        self.is_picture = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        name = markup.local(tag)
        if name.endswith("Anchor"):
            self.edges, self.is_picture = {}, False
        elif name in ("from", "to"):
            self.corner = name
        elif name == "pic":
            self.is_picture = True
        self.open = name if name in ("row", "col") else ""

    def characters(self, text: str) -> None:
        if self.open and self.corner and text.strip().isdecimal():
            self.edges[f"{self.corner}.{self.open}"] = int(text.strip()[:8])

    def end(self, tag: str) -> None:
        super().end(tag)
        name = markup.local(tag)
        self.open = ""
        if name in ("from", "to"):
            self.corner = ""
        elif name.endswith("Anchor") and self.is_picture and "from.row" in self.edges and "from.col" in self.edges:
            row, column = self.edges["from.row"], self.edges["from.col"]
            last_row, last_column = self.edges.get("to.row", row), self.edges.get("to.col", column)
            self.areas.append(Area(row + 1, column + 1, last_row + 1, last_column + 1))


def _areas(drawing: bytes) -> list[Area]:
    return markup.run(as_utf8(drawing), _Anchors).areas
