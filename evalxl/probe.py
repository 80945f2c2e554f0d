"""What a file is, whether it is safe to open, and what the fast reader would not tell us about its cells.

Judged by content, never by extension, with the standard library alone. The value reader (calamine) must not see a
file before this module has bounded it: one stray cell in XFD1048576 ends the process (hazards.md finding 4), error
cells and formulas without a stored result come back from it as blanks (findings 1 and 3).
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from evalxl.findings import cause
from evalxl.layout import column_number

# Limits, each with its reason. A filled template unpacks to about 0.4 MB and holds about 5,000 cells.
MAX_FILE = 50 * 2**20  # bytes; mail gateways stop at 20 to 50 MB
MAX_UNPACKED = 200 * 2**20  # bytes in all; a zip bomb of 1 MB unpacks to 1 GiB
MAX_MEMBERS = 2_000
MAX_CELLS = 1_000_000  # stored cells of a sheet; 4,000,000 cost 7.6 s to read
MAX_AREA = 5_000_000  # rows × columns up to the farthest cell; the reader allocates the whole rectangle

_LITTER = {".ds_store", "thumbs.db", "desktop.ini"}


class Unreadable(Exception):
    """A file that is not read; the code says of what kind, the message what it is and what to do about it."""

    def __init__(self, code: str, found: str, remedy: str) -> None:
        super().__init__(found)
        self.code, self.found, self.remedy = code, found, remedy


class Oddity(NamedTuple):
    """A cell whose stored value must not be taken as it is read: an error code, or a formula without a result."""

    row: int
    column: int
    kind: str  # error_cell | no_value | external
    text: str  # the error code, or the formula


class Veil(NamedTuple):
    """What of a sheet a person does not see, and which cells were merged; rows and columns 1-based."""

    sheet: bool = False
    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    merges: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column


@dataclass(frozen=True)
class Probe:
    """A file that is safe to read, and what of each sheet the value reader gets wrong or does not tell."""

    data: bytes
    sha256: str
    oddities: dict[str, tuple[Oddity, ...]]  # sheet name → cells
    veils: dict[str, Veil]  # sheet name → what is hidden or merged, where anything is


def is_litter(name: str) -> bool:
    """Whether a file is what operating systems leave about; such files are no department's and are passed over."""
    return name.casefold() in _LITTER or name.startswith("._")


def probe(path: Path) -> Probe:
    """Look at a file; raises Unreadable when it is not a workbook that can be read safely."""
    if path.name.startswith("~$"):
        raise Unreadable(
            "lock",
            "是 Office/WPS 打开文件时留下的临时文件，不是工作簿",
            "请关闭正在编辑的工作簿并重新收取；此文件可删除",
        )
    data = _load(path)
    _sniff(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_package(package)
            return Probe(data, hashlib.sha256(data).hexdigest(), *_sheet_facts(package))
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, expat.ExpatError):
        raise _damaged() from None


def _load(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise Unreadable("special", "不是普通文件", "请把工作簿本身复制到收件夹")
        if path.stat().st_size > MAX_FILE:
            raise Unreadable("large", f"超过 {MAX_FILE // 2**20} MB", "请用模板重新填报，不要插入图片或附件")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(
            "unopenable", f"打不开（{cause(error)}）", "请检查文件是否完整、是否有权限，或重新收取"
        ) from None


def _damaged() -> Unreadable:
    return Unreadable("damaged", "已损坏，内容不完整", "请让报送单位重新保存并重新发送")


_SAVE_AS = "请用 WPS 或 Excel 打开，另存为“Excel 工作簿 (*.xlsx)”后重报"


def _sniff(data: bytes) -> None:
    """Refuse what is not a zip, by its first bytes, saying what it really is."""
    if data.startswith(b"PK\x03\x04"):
        return
    if not data.strip(b"\x00"):
        raise Unreadable("empty", "是空文件", "请让报送单位重新发送")
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable("encrypted", "已加密", "请取消打开密码后重报")
        raise Unreadable("legacy", "是旧格式文件（.xls、.et 或 .doc）", _SAVE_AS)
    head = data[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(b"%pdf"):
        raise Unreadable("pdf", "是 PDF 文件", "请报送填好的 Excel 模板，不要报扫描件或 PDF")
    if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        raise Unreadable("markup", "是网页或 XML 文件，只是改了扩展名", _SAVE_AS)
    raise Unreadable("foreign", "不是 Excel 工作簿", "请报送填好的 Excel 模板（.xlsx）")


def _check_package(package: zipfile.ZipFile) -> None:
    members = package.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable("bomb", "解压后过大，可能是恶意文件", "不要打开；请与报送单位联系，用模板重新填报")
    names = {member.filename.replace("\\", "/").casefold() for member in members}
    if len(names) < len(members):
        raise Unreadable("hostile", "内有重名的部件，可能是恶意文件", "不要打开；请与报送单位联系，用模板重新填报")
    if any(name.startswith("word/") for name in names):
        raise Unreadable("word", "是 Word 文档", "请报送填好的 Excel 模板；Word 报告另行报送")
    if "xl/workbook.bin" in names:
        raise Unreadable("binary", "是二进制工作簿（.xlsb）", _SAVE_AS)
    if "xl/workbook.xml" not in names:
        raise Unreadable("foreign", "不是 Excel 工作簿", "请报送填好的 Excel 模板（.xlsx）")


def _inflate(package: zipfile.ZipFile, name: str) -> bytes:
    """One member's bytes, refusing what the directory lies about and any document type declaration."""
    size = package.getinfo(name).file_size
    with package.open(name) as member:
        content = member.read(size + 1)
    if len(content) > size:
        raise Unreadable("bomb", "解压后过大，可能是恶意文件", "不要打开；请与报送单位联系，用模板重新填报")
    # XML in UTF-16 would pass the searches below unseen; no spreadsheet program writes it.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\x00" in content[:256]:
        raise Unreadable(
            "hostile", "含有不应有的 XML 声明，可能是恶意文件", "不要打开；请与报送单位联系，用模板重新填报"
        )
    return content


def _sheet_facts(package: zipfile.ZipFile) -> tuple[dict[str, tuple[Oddity, ...]], dict[str, Veil]]:
    """Odd cells and veils by sheet. Every part that holds cells is looked at, whatever the workbook calls it."""
    found: dict[str, tuple[Oddity, ...]] = {}
    veils: dict[str, Veil] = {}
    sheets = list(_sheets(package))
    titles = {member: title for title, member, _ in sheets}
    hidden = {title for title, _, state in sheets if state}
    for member in package.namelist():
        if not member.casefold().replace("\\", "/").startswith("xl/") or not member.casefold().endswith(".xml"):
            continue
        content = _inflate(package, member)
        if member in titles or b"sheetData" in content:
            cells = tuple(_look(content, titles.get(member, member)))
            if cells and member in titles:
                found[titles[member]] = cells
        if member in titles:
            veil = _veil(content, hidden=titles[member] in hidden)
            if veil != Veil():
                veils[titles[member]] = veil
    return found, veils


_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\b(?=[^>]*\bhidden=[\"'](?:1|true))[^>]*\br=[\"'](\d+)")
_COLUMNS = re.compile(rb"<(?:\w+:)?col\b(?=[^>]*\bhidden=[\"'](?:1|true))[^>]*>")
_EXTENT = re.compile(rb"\b(min|max)=[\"'](\d+)")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*\bref=[\"']\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")
_MOST_COLUMNS = 256  # a hidden range to the end of the sheet hides no more than these of any form


def _veil(content: bytes, *, hidden: bool) -> Veil:
    rows: frozenset[int] = frozenset()
    columns: set[int] = set()
    if b"hidden=" in content:
        rows = frozenset(int(number) for number in _HIDDEN_ROW.findall(content))
        for tag in _COLUMNS.findall(content):
            edges = {name: int(number) for name, number in _EXTENT.findall(tag)}
            columns |= set(range(edges.get(b"min", 1), min(edges.get(b"max", 0), _MOST_COLUMNS) + 1))
    merges = tuple(
        (int(top), column_number(first.decode()), int(bottom), column_number(last.decode()))
        for first, top, last, bottom in _MERGE.findall(content)
    )
    return Veil(hidden, rows, frozenset(columns), merges)


def _sheets(package: zipfile.ZipFile) -> Iterator[tuple[str, str, str]]:
    """The name, member and state (hidden) of each worksheet, by the workbook's own relations."""
    names = {member.replace("\\", "/").casefold(): member for member in package.namelist()}
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes["Target"].replace("\\", "/")
            targets[attributes["Id"]] = target.lstrip("/") if target.startswith("/") else "xl/" + target

    sheets: list[tuple[str, str, str]] = []

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            identifier = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            sheets.append((attributes["name"], identifier, attributes.get("state", "").replace("visible", "")))

    _parse(_inflate(package, names["xl/_rels/workbook.xml.rels"]), relation)
    _parse(_inflate(package, names["xl/workbook.xml"]), sheet)
    for title, identifier, state in sheets:
        member = names.get(targets.get(identifier, "").casefold())
        if member is not None:
            yield title, member, state


def _parse(content: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(content, True)


# Every spreadsheet program writes <row r="5"> and <c r="D22">: literal searches clear such a sheet in one pass each.
# Anything written otherwise is legal, and goes through the slower, complete tests.
_UNUSUAL = re.compile(rb"<c[^ a-z]|<row[^ B]|<\w+:(?:c|row)\b")
_FAR = re.compile(rb'<c r="(?:[A-Za-z]{2}|[A-Za-z]\d{5})|<row r="\d{5}')  # beyond column Z or row 9,999
_NO_VALUE = re.compile(rb'<c (?![^>]* t="str")[^>]*><f[^>]*>(?:[^<]*</f>)?(?:<v></v>|<v ?/>)?</c>')


def _look(content: bytes, title: str) -> list[Oddity]:
    """The odd cells of one sheet; Unreadable where the sheet is too large to read."""
    cells = content.count(b"<c ")
    usual = cells == content.count(b'<c r="') and content.count(b"<row ") == content.count(b'<row r="')
    usual = usual and not _UNUSUAL.search(content)
    if not usual or cells > MAX_CELLS or _FAR.search(content):
        _check_extent(content, title)
    quiet = b'"e"' not in content and b"'e'" not in content and b"[1]" not in content
    if usual and quiet and not _NO_VALUE.search(content):
        return []
    return _parse_odd_cells(content)


_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_ROW_NUMBER = re.compile(rb"\br\s*=\s*[\"'](?:[A-Za-z]+)?(\d+)")
_COLUMN = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{2,})\d")


def _check_extent(content: bytes, title: str) -> None:
    """Refuse a sheet whose farthest cell spans a rectangle no filled-in form can have, however its XML is written."""
    counts = [len(_CELL.findall(part)) for part in _ROW.split(content)]
    rows = min(max([len(counts), *(int(number) for number in set(_ROW_NUMBER.findall(content)))]), 1_048_576)
    # Cells need not state their address; then they lie side by side.
    width = max([26, *counts, *(column_number(letters.decode()) for letters in set(_COLUMN.findall(content)))])
    cells = sum(counts)
    if cells > MAX_CELLS or (cells and rows * width > MAX_AREA):
        raise Unreadable(
            "extent",
            f"工作表“{title}”的内容铺到了第 {rows} 行或很远的列，无法安全读取",
            "请删除数据区以外的行和列（选中后右键删除），保存后重报",
        )


_OTHER_FILE = re.compile(r"\[\d+\]")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})(\d+)")


class _OddCells:
    """A full parse of one sheet: error cells, formulas without a result, formulas that read another file."""

    def __init__(self) -> None:
        self.found: list[Oddity] = []
        self.row = self.column = 0
        self.type = ""
        self.open = ""  # "f" or "v" while inside one
        self.formula: str | None = None
        self.value = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row, self.column = int(attributes.get("r", self.row + 1)), 0
        elif name == "c":
            self.column += 1
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            if match:
                self.row, self.column = int(match[2]), column_number(match[1])
            self.type, self.formula, self.value = attributes.get("t", ""), None, ""
        elif name in ("f", "v"):
            self.open = name
            if name == "f":
                self.formula = ""

    def characters(self, text: str) -> None:
        if self.open == "f":
            self.formula = (self.formula or "") + text
        elif self.open == "v":
            self.value += text

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("f", "v"):
            self.open = ""
        elif name == "c":
            kind = self._kind()
            if kind:
                shown = self.value if kind == "error_cell" else self.formula or ""
                self.found.append(Oddity(self.row, self.column, kind, shown))

    def _kind(self) -> str:
        if self.type == "e":
            return "error_cell"
        if self.formula is None:
            return ""
        if _OTHER_FILE.search(self.formula):
            return "external"
        return "no_value" if not self.value and self.type != "str" else ""


def _parse_odd_cells(content: bytes) -> list[Oddity]:
    cells = _OddCells()
    parser = expat.ParserCreate()
    parser.StartElementHandler = cells.start
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.characters
    parser.Parse(content, True)
    return cells.found
