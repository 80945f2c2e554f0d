"""How a good workbook is spoilt: in its bytes, its zip members, its XML nodes and its cells; the same seed, the same way."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

Parts = list[tuple[str, bytes]]


def mutant(sources: list[bytes], seed: int, number: int) -> bytes:
    """Mutant so-and-so of a seed."""
    rng = random.Random(f"{seed}:{number}")
    data = rng.choice(sources)
    if rng.random() < 0.15:
        return spoilt(rng, data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = [(name, package.read(name)) for name in package.namelist()]
    level = rng.choice((_members, _nodes, _nodes, _cells, _cells, _cells))
    for _ in range(rng.choice((1, 1, 2, 5))):
        parts = level(rng, parts)
    data = _zip(rng, parts)
    return spoilt(rng, data) if rng.random() < 0.03 else data


def _zip(rng: random.Random, parts: Parts) -> bytes:
    stream = io.BytesIO()
    methods = (zipfile.ZIP_DEFLATED,) * 40 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2)
    with zipfile.ZipFile(stream, "w", rng.choice(methods), compresslevel=1) as package:
        for name, content in parts:
            info = zipfile.ZipInfo(name)
            info.compress_type = package.compression
            package.NameToInfo.pop(name, None)  # a name twice is meant so
            package.writestr(info, content)
    return stream.getvalue()


def spoilt(rng: random.Random, data: bytes) -> bytes:
    """Bytes flipped, lost, repeated, blanked or put in, as bad disks and mail gateways do."""
    spoilt = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        at, length = rng.randrange(len(spoilt) + 1), rng.choice((1, 2, 16, 512, 4096))
        match rng.randrange(6):
            case 0:
                spoilt[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del spoilt[at : at + length]
            case 2:
                spoilt[at:at] = spoilt[at : at + length]
            case 3:
                spoilt[at : at + length] = bytes(len(spoilt[at : at + length]))
            case 4:
                spoilt[at:at] = rng.randbytes(length)
            case _:
                del spoilt[at:]
    return bytes(spoilt)


def _members(rng: random.Random, parts: Parts) -> Parts:
    """A zip member dropped, emptied, cut, doubled, renamed, spoilt, or two of them changed over."""
    if not parts:
        return parts
    at, other = rng.randrange(len(parts)), rng.randrange(len(parts))
    name, content = parts[at]
    changed = list(parts)
    match rng.randrange(9):
        case 0:
            del changed[at]
        case 1:
            changed[at] = (name, b"")
        case 2:
            changed[at] = (name, content[: rng.randrange(len(content) + 1)])
        case 3:
            changed.append((name, changed[other][1]))
        case 4:
            changed[at] = (rng.choice(_NAMES)(name), content)
        case 5:
            changed[at], changed[other] = (name, changed[other][1]), (changed[other][0], content)
        case 6:
            changed[at] = (name, spoilt(rng, content) if content else b"\x00")
        case 7:
            rng.shuffle(changed)
        case _:
            changed.append(
                (rng.choice(("../../x", "/etc/x", "xl\\x.xml", "a" * 300, "目录/", "xl/vbaProject.bin")), content)
            )
    return changed


_NAMES: tuple[Callable[[str], str], ...] = (
    str.upper, lambda name: name.replace("/", "\\"), lambda name: "/" + name, lambda name: "../" + name,
    lambda name: name + " ", lambda name: name.replace("sheet", "Sheet"), lambda name: f"./{name}", lambda name: "x",
)  # fmt: skip


def _some_xml(rng: random.Random, parts: Parts, like: str = "") -> int:
    at = [index for index, (name, _) in enumerate(parts) if name.endswith((".xml", ".rels")) and like in name]
    return rng.choice(at) if at else -1


_LEAF = re.compile(rb"<([\w:]+)\b[^<>]*?(?:/>|>[^<]*</\1>)")
_BRANCH = re.compile(
    rb"<(row|c|sst|si|sheetData|sheets|cols|mergeCells|xf|cellXfs|numFmts|definedNames)\b[^<>]*>.*?</\1>", re.DOTALL
)
_ATTRIBUTE = re.compile(rb'\b([\w:]+)="([^"<>]*)"')
_TEXT = re.compile(rb">([^<>]+)<")
_ODD_VALUES = (
    "", "0", "-1", "1", "true", "99999999999999999999", "1e400", "NaN", "A1", "XFD1048576", "A1:XFD1048576", "ZZZZ1", "a0",
    "e", "s", "b", "d", "str", "inlineStr", "n", "999999", "rId1", "rId999", "../x", "\u0000".strip("\u0000"), "预算", "&amp;",
    "&#x0;", "&#55296;", "&x;", "\ud7ff", "3.5", "0x10", "١", " ", "1048577", "D22:B2", "xl/workbook.xml",
)  # fmt: skip


def _nodes(rng: random.Random, parts: Parts) -> Parts:
    """An element deleted, doubled, moved or renamed, an attribute or a text replaced by an odd one."""
    at = _some_xml(rng, parts, rng.choice(("", "", "sheet", "workbook", "styles", "sharedStrings")))
    if at < 0:
        return parts
    name, content = parts[at]
    pattern = rng.choice((_LEAF, _LEAF, _BRANCH, _ATTRIBUTE, _ATTRIBUTE, _TEXT))
    spots = [match.span() for match in pattern.finditer(content)]
    if not spots:
        return parts
    start, end = rng.choice(spots)
    piece = content[start:end]
    odd = rng.choice(_ODD_VALUES).encode()
    if pattern is _ATTRIBUTE:
        piece = rng.choice((b"", piece.partition(b"=")[0] + b'="' + odd + b'"', piece + b" " + piece))
    elif pattern is _TEXT:
        piece = b">" + rng.choice((odd, odd * 500, b"", b"<x/>", b"]]>")) + b"<"
    else:
        content, start, end, piece = _move(rng, content, spots, (start, end))
    changed = list(parts)
    changed[at] = (name, content[:start] + piece + content[end:])
    return changed


def _move(
    rng: random.Random, content: bytes, spots: list[tuple[int, int]], spot: tuple[int, int]
) -> tuple[bytes, int, int, bytes]:
    start, end = spot
    piece = content[start:end]
    match rng.randrange(5):
        case 0:
            return content, start, end, b""
        case 1:
            return content, start, end, piece * rng.choice((2, 2, 3, 300))
        case 2:
            other = rng.choice(spots)
            return content, *other, piece
        case 3:
            return content, start, end, b"<x:" + piece[1:]
        case _:
            return content, end, end, b"<!-- " + piece.replace(b"--", b"") + b" -->"


_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^<>]*?(?:/>|>.*?</c>)', re.DOTALL)
_VALUES = (
    "1e400", "-1e400", "NaN", "INF", "1e308", "1e15", "-0", "0.1", "123456789012345678", "1.7976931348623157e308", "5e-324",
    "45366", "45366.5", "-5", "99999999", "2958466", "0", "1", "2023", "97.8", "１２", "12,5", "abc", "", " 7 ",
)  # fmt: skip
_TEXTS = (
    "859.16万元", "－12.5", "(12.5)", "（１，２３４．５）", "7,00.0,77", "854万854万", "—", "/", "无", "NaN", "nan", "inf", "None", "=1+1",
    "@SUM(A1)", "+1", "-1", "[red]", "[/]", "{x}", "{0}", "%s", "\\x00", "../../x", "CON", "a" * 40_000, "９" * 500, "(" * 2000,
    "是" * 33_000, "≥95%", "95%", "12月底前", "二〇二三年", "2023年度", "\u202e12", "\ufeff12", "合  计", "小计", "其中：", "注：", "部门名称*",
    "项目名称", "决算数", "决算数（元）", "单位：元", "单位：亿元", "𝟏𝟐", "⑴", "１２\u3000", "\n\n\n", "_x0000_", "_x000D_", "_xD800_", "👍" * 300,
    "e\u0301" * 200, "<b>&amp;</b>", "]]>", "2022年度部门整体支出绩效自评", "正向", "优秀", "R是", "10^400", "99999999999999999999999999", "1-2-3",
)  # fmt: skip
_ERRORS = (
    "#REF!",
    "#DIV/0!",
    "#N/A",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "",
    "x",
)
_FORMULAS = ("1+1", "[1]决算!A1", "SUM(D5:D10)", "D5/E5", "x", "")


def _cells(rng: random.Random, parts: Parts) -> Parts:
    """Cells of a sheet given another value: odd numbers and texts, errors, formulas, another style or address."""
    at = _some_xml(rng, parts, "worksheets/sheet")
    if at < 0:
        return parts
    name, content = parts[at]
    spots = [(*match.span(), match[1].decode()) for match in _CELL.finditer(content)]
    few = rng.sample(spots, min(len(spots), rng.choice((1, 1, 3, 10, 60))))
    for start, end, address in sorted(few, reverse=True):
        content = content[:start] + _cell(rng, address) + content[end:]
    changed = list(parts)
    changed[at] = (name, content)
    return changed


def _cell(rng: random.Random, address: str) -> bytes:
    style = f' s="{rng.choice((0, 1, 2, 3, 9, 14, 30))}"' if rng.random() < 0.4 else ""
    if rng.random() < 0.003:
        address = rng.choice(("XFD1048576", "A1048576", "ZZ9999", "A0", "", "AAAA1", address.lower()))
    text = rng.choice(_TEXTS).replace("&", "&amp;").replace("<", "&lt;")
    number = rng.choice(_VALUES)
    formula = rng.choice(_FORMULAS)
    kinds = (
        f'<c r="{address}"{style}><v>{number}</v></c>',
        f'<c r="{address}"{style}><v>{number}</v></c>',
        f'<c r="{address}"{style} t="inlineStr"><is><t>{text}</t></is></c>',
        f'<c r="{address}"{style} t="inlineStr"><is><t>{text}</t></is></c>',
        f'<c r="{address}"{style} t="inlineStr"><is><r><t>{text}</t></r><r><t>1</t></r></is></c>',
        f'<c r="{address}"{style} t="str"><f>{formula}</f><v>{text}</v></c>',
        f'<c r="{address}"{style} t="e"><v>{rng.choice(_ERRORS)}</v></c>',
        f'<c r="{address}"{style} t="b"><v>{rng.choice(("0", "1") * 40 + ("2", "x"))}</v></c>',
        f'<c r="{address}"{style} t="d"><v>{rng.choice(("2024-03-15", "2024-03-15T10:00:00", "x", "0000-00-00"))}</v></c>',
        f'<c r="{address}"{style} t="s"><v>{rng.choice(("0", "5", "9", "20", "31") * 20 + ("99999", "x"))}</v></c>',
        f'<c r="{address}"{style}><f>{formula}</f></c>',
        f'<c r="{address}"{style}><f>{formula}</f><v>{number}</v></c>',
        f'<c r="{address}"{style}/>',
    )
    return rng.choice(kinds).encode("utf-8", "surrogatepass")
