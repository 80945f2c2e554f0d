"""A part not written as usual, written anew in the one form that the searches and the value reader know.

Prefixes, quotes, blanks, order of attributes, comments, plain sections, encodings and cells that do not state their
address are all the same to XML; a search for ``<c r="`` would see something else in each. So whatever does not have the
usual form is read once as what it means, and from there on there is only one form.
"""

from __future__ import annotations

import re

from evalxl.intake.probe import markup
from evalxl.intake.probe.limits import MAX_CELLS, MAX_COLUMNS_OF_A_SHEET, MAX_NESTING, MAX_ROWS
from evalxl.intake.probe.refusals import refusal, too_far
from evalxl.layout import column_letter, column_number

_REFERENCE = re.compile(r"\$?([A-Za-z]+)\$?([0-9]+)")
_LONGEST = 20  # letters and digits of an address
_TEXTS = frozenset({"v", "f", "t"})
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_SPACE = ("http://www.w3.org/XML/1998/namespace space", "xml:space")


_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml\s[^<>]*>)?\s*<(\w+)[\s>/]")


def is_usual(content: bytes, root: str) -> bool:
    """Whether a list of strings or styles is written as usual: without prefix, comments, sections and alternatives."""
    match = _START.match(content)
    if match is None or match[1] != root.encode():
        return False
    # From behind this takes a fifth of the time: few "!" or "?" have a "<" before them, but every tag begins with one.
    return all(content.rfind(mark, match.end()) < 0 for mark in (b"<!", b"<?", b":AlternateContent"))


def part(content: bytes) -> bytes:
    """A list of strings or styles anew."""
    return markup.run(content, _Part).written()


def worksheet(content: bytes, title: str) -> bytes:
    """A worksheet in which each row and cell states its address first; Unreadable where it reaches too far."""
    return markup.run(content, lambda: _Worksheet(title)).written()


class _Part(markup.Handler):
    """The elements of the root's own namespace; of what others add, nothing but what only stands around own ones."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.finished: list[bytes] = []
        self.own: dict[str, str] = {}  # tag → local name, where the tag is of the root's namespace
        self.namespace: str | None = None
        self.aside = 0  # the depth at which something foreign began
        self.open = ""  # the element whose text is being read
        self.text: list[str] = []

    def written(self) -> bytes:
        """The part anew."""
        self.flush()
        return b"".join(self.finished)

    def flush(self) -> None:
        """Put what has been written into fewer pieces: a million short ones would take their room thrice."""
        self.finished.append("".join(self.out).encode())
        self.out.clear()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.aside:
            return
        if self.depth > MAX_NESTING:
            raise refusal("hostile")
        name = self.own.get(tag) or self._local(tag)
        if name:
            self.opened(name, attributes)

    def _local(self, tag: str) -> str:
        """The local name of an own element; nothing of a foreign one, nor of one between alternatives."""
        namespace, name = markup.split(tag)
        if self.namespace is None:
            self.namespace = namespace
        if namespace == self.namespace:
            self.own[tag] = name
            return name
        if not (namespace == _COMPATIBILITY and name in ("AlternateContent", "Fallback")):
            self.aside = self.depth
        return ""

    def end(self, tag: str) -> None:
        if self.aside:
            if self.aside == self.depth:
                self.aside = 0
        elif tag in self.own:
            self.closed(self.own[tag])
        self.depth -= 1

    def characters(self, text: str) -> None:
        if self.open:
            if not self.aside:
                self.text.append(text)
        elif not (self.aside or text.isspace()):
            self.between(text)

    def between(self, text: str) -> None:
        """Text of another element than those of cells, as of a rule for entries."""
        self.out.append(_escaped(text))

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        """An own element opens."""
        if name in _TEXTS:
            self.open, self.text = name, []
        self.out.append(f"<{name}{_attributes(attributes)}>")

    def closed(self, name: str) -> None:
        """An own element closes."""
        if name == self.open:
            self.out.append(f"{_escaped(''.join(self.text))}</{name}>")
            self.open = ""
        else:
            self.out.append(f"</{name}>")


class _Worksheet(_Part):
    """Rows and cells with their addresses; what is neither formula, value nor text within a cell is left out."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.row = self.column = self.cells = 0
        self.in_cells = self.had_cells = self.as_written = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if not self.in_cells:
            if name == "sheetData":
                if self.had_cells:
                    self.aside = self.depth  # of several the readers take the first
                    return
                self.in_cells = self.had_cells = True
            super().opened(name, attributes)
        elif name == "c":
            self.as_written = attributes.get("t") == "str"
            self.out.append(f'<c r="{self._address(attributes.pop("r", ""))}"{_attributes(attributes)}>')
        elif name in _TEXTS:
            self.open, self.text = name, []
            self.out.append(f"<{name}{_attributes(attributes)}>")
        elif name == "row":
            self._open_row(attributes)
        elif name in ("is", "r"):
            self.out.append(f"<{name}>")
        else:
            self.aside = self.depth  # phonetic guides, extensions

    def _open_row(self, attributes: dict[str, str]) -> None:
        written = attributes.pop("r", "").strip()
        if written and not (written.isascii() and written.isdigit()):
            raise ValueError(written)
        self.row, self.column = int(written[:8]) if written else self.row + 1, 0
        self._bound()
        self.out.append(f'<row r="{self.row}"{_attributes(attributes)}>')

    def _address(self, written: str) -> str:
        """The address of the next cell, which need not state it."""
        self.cells += 1
        if not written:
            self.column += 1
        else:
            if len(written) > _LONGEST:
                raise too_far(self.title, self.row)
            match = _REFERENCE.fullmatch(written)
            if match is None:
                raise ValueError(written)
            self.row, self.column = int(match[2]), column_number(match[1])
        self._bound()
        return f"{column_letter(self.column)}{self.row}"

    def _bound(self) -> None:
        if self.cells > MAX_CELLS or self.row > MAX_ROWS or self.column > MAX_COLUMNS_OF_A_SHEET:
            raise too_far(self.title, self.row)

    def between(self, text: str) -> None:
        if not self.in_cells:
            super().between(text)

    def closed(self, name: str) -> None:
        if name == self.open:
            text = "".join(self.text)
            if name != "t" and not (self.as_written and name == "v"):
                text = text.strip()
            self.out.append(f"{_escaped(text)}</{name}>")
            self.open = ""
            return
        self.out.append(f"</{name}>")
        if name == "row":
            self.flush()
        elif name == "sheetData":
            self.in_cells = False


def _attributes(attributes: dict[str, str]) -> str:
    """Attributes as written behind a tag's name; those of other namespaces say nothing about values."""
    if not attributes:
        return ""
    written = ""
    for key, value in attributes.items():
        if " " not in key and ":" not in key:
            written += f' {key}="{value if value.isalnum() else _quoted(value)}"'
        elif key in _SPACE:
            written += f' xml:space="{_quoted(value)}"'
    return written


def _escaped(text: str) -> str:
    if "&" in text or "<" in text or "\r" in text or ">" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return text


def _quoted(text: str) -> str:
    text = _escaped(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")
