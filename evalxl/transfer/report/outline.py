"""Which part of a report belongs to which field of 文字说明: by its headings, however they are numbered.

Headings come as 第一部分, 一、, （一）, 1., （1）, with or without Word's heading styles, alone on their line or with
the text running on after them. A heading is only taken for what may stand below the one above it, for the points under
改进措施 are numbered the same way and speak of everything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from evalxl.facts.passages import whole
from evalxl.layout import NARRATIVE
from evalxl.transfer.report.pieces import Grid, Line, Piece
from evalxl.values.folding import label_key

# What a heading is about; the first that matches counts. Kinds that are no field have text that no field holds.
_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("", r"其他.*(?:说明|事项)|结果.*(?:应用|公开)|附件|名词解释|目录"),
        ("team", r"人员名单|评价(?:工作)?(?:小)?组(?:成员|人员)|签字"),
        # 针对存在的问题提出的改进措施 speaks of one of them, 存在的问题及改进措施 of both
        (
            "both",
            r"^(?!针对|解决|对).*(?:问题|不足|困难|原因分析)[^,;]{0,6}?(?:及|和|与|、|以及|并|,).{0,10}(?:措施|建议|整改|打算|下一步|努力方向)",
        ),
        ("measures", r"措施|建议|下一步|整改|打算|努力方向"),
        ("problems", r"问题|不足|困难"),
        ("details", r"分项|各项.*目标|^(?:绩效)?指标(?:完成|实现)"),
        (
            "achievement",
            r"目标.{0,6}(?:完成|实现|达成)|^总体(?:完成|实现)|绩效(?:实现|完成)|绩效(?:分析|情况)$|履职(?:效能|成效|完成)|工作成效",
        ),
        ("conclusion", r"结论|等级|(?:自评|评价)结果|自评得分|综合评价"),
        ("goals", r"绩效目标|年度目标|工作目标|总体目标"),
        ("finance", r"收支|决算|预算|资金|支出(?:情况|管理|构成)|收入|三公|经费"),
        ("methods", r"方法|过程|步骤|程序|方式"),
        ("organisation", r"组织|前期准备|(?:自评|评价)工作"),
        ("overview", r"概况|基本情况|职能|职责|机构|人员|编制"),
    )
)
_ANY = {kind for kind, _ in _KINDS}
_BELOW = {
    "": _ANY,
    "overview": _ANY - {"problems", "measures", "both", "conclusion"},
    "organisation": {"organisation", "methods"},
    "methods": {"organisation", "methods"},
    "achievement": {"achievement", "details"},
    "details": {"achievement", "details"},
    "conclusion": {"achievement", "details", "problems", "measures"},
    "both": {"problems", "measures"},
}
_HAN = "[一二三四五六七八九十]"
_MARKS = tuple(
    (level, re.compile(pattern))
    for level, pattern in (
        (1, rf"第{_HAN}+(?:部分|章)[\s、:]*"),
        (2, rf"{_HAN}{{1,3}}(?:[、.]|\s)\s*"),
        (3, rf"\({_HAN}+\)[、.]?\s*"),
        (4, r"\d{1,2}[、.](?!\d)\s*"),
        (5, r"\(\d{1,2}\)[、.]?\s*"),
    )
)
_PART = 1
_BRACKET = 5  # (1)
_SECTION = 3  # the level below which a recognised section is not left again
_STYLED = 4  # so many known headings in heading styles, and only styled lines are headings
_BROKEN = 16  # characters; a line that ends in mid-sentence is so long
_WORDS = 10  # characters; so much text without a figure says something
_LONGEST = 24  # characters; a longer line is a sentence
_LONGEST_NUMBERED = 40  # where it is numbered as a section, what stands in brackets apart
_BRACKETED = re.compile(r"\([^()]*\)")
_RUN_IN = re.compile(r"[。:：]")
_DATE_LINE = re.compile(
    r"\d{4}年\d{1,2}月\d{1,2}日|^\d{4}[年.-]\d{1,2}(?:月|[.-]\d{1,2}日?)?$|[二〇○零一三四五六七八九]{4}年.{2,6}日"
)
_UNIT_LINE = re.compile(r"\(?(?:金额)?单位[:：]?\s*(?:人民币)?(?:亿元|万元|元)\)?")
_INTRODUCTION = re.compile(r"(?:如下|见下|下表|附表|见表).{0,8}$")
_TABLE_STYLES = {"caption", "表格注", "表格单位"}


class Heading(NamedTuple):
    """A heading taken apart: level, what it is about, its words as printed, and what runs on after it."""

    level: int
    kind: str
    text: str
    rest: str
    number: int = 0
    style: int = 0  # the level that its kind of number usually stands for


@dataclass
class Outline:
    """The text of each field with the headings it came from, and what stands under headings no field is for."""

    text: dict[str, list[str]] = field(default_factory=dict)
    headings: dict[str, list[str]] = field(default_factory=dict)
    conclusion: list[str] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)  # headings of figures and conclusions, with words among them
    lost: list[str] = field(default_factory=list)
    team: list[str] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)  # what headings were about, with the first of each

    @property
    def mixed(self) -> str:
        """The heading over problems and measures together, where nothing below it parts them."""
        return "" if {"problems", "measures"} & self.seen.keys() else self.seen.get("both", "")


class _Open(NamedTuple):
    """A section that has not ended yet."""

    level: int
    kind: str
    heading: str
    number: int = 0
    style: int = 0


def outline(document: Sequence[Piece]) -> Outline:
    """Sort a report's lines under the fields they belong to."""
    aside = _about_tables(document)
    lines = [piece for index, piece in enumerate(document) if isinstance(piece, Line) and index not in aside]
    styled = sum(bool(line.level) and _heading(line, styled=True) is not None for line in lines) >= _STYLED
    found = Outline()
    stack: list[_Open] = []
    for line in _without_closing(lines):
        heading = _heading(line, styled=styled)
        if heading is None:
            _put(found, stack, line.text)
            continue
        heading = _as_sibling(heading, stack)
        above = [each for each in stack if each.level < heading.level]
        parent = above[-1].kind if above else ""
        allowed = _ANY if above and above[-1].level == _PART else _BELOW.get(parent, set())
        if heading.kind and heading.kind in allowed and not _settled(above, heading):
            stack = [*above, _Open(heading.level, heading.kind, heading.text, heading.number, heading.style)]
            found.seen.setdefault(heading.kind, heading.text)
            if heading.rest:
                _put(found, stack, heading.rest)
        elif parent:
            stack = above
            _put(found, stack, line.text)
        else:
            stack = [*above, _Open(heading.level, "lost", heading.text, heading.number, heading.style)]
            found.lost.append(heading.text)
    return found


def _as_sibling(heading: Heading, stack: list[_Open]) -> Heading:
    """（2）after（一）, or 2. after a 1. that was told by its words, is the next section if about another thing."""
    section = next((each for each in stack if each.level == _SECTION), None)
    if heading.level <= _SECTION or not heading.kind or section is None:
        return heading
    of_its_style = heading.style == section.style
    goes_on = heading.number == section.number + 1 and not any(each.level == heading.level for each in stack)
    parent = next((each.kind for each in reversed(stack) if each.level < _SECTION), "")
    other = heading.kind != section.kind and heading.kind in _BELOW.get(parent, _ANY)
    sibling = goes_on and other and (of_its_style or heading.level == _BRACKET)
    return heading._replace(level=_SECTION) if sibling else heading


def _settled(above: list[_Open], heading: Heading) -> bool:
    """Whether a minor heading lies in a section that has found its field: its points are numbered the same way."""
    return heading.level > _SECTION and any(each.level == _SECTION for each in above)


def _put(found: Outline, stack: list[_Open], text: str) -> None:
    kind = stack[-1].kind if stack else "preamble"
    kind = "problems" if kind == "both" else kind
    if kind == "conclusion":
        found.conclusion.append(text)
    if kind == "team":
        found.team.append(text)
    if kind in ("conclusion", "finance") and len(text) >= _WORDS and not re.search(r"[\d＿]", text):
        found.aside.setdefault(stack[-1].heading, text)
    if kind in NARRATIVE.by_key:
        found.text.setdefault(kind, []).append(text)
        headings = found.headings.setdefault(kind, [])
        if stack[-1].heading not in headings:
            headings.append(stack[-1].heading)


def _heading(line: Line, *, styled: bool) -> Heading | None:
    """What a line is as a heading; None for a sentence. In a document with heading styles only those count."""
    if styled and not line.level:
        return None
    text = unicodedata.normalize("NFKC", line.text).strip()
    level, start = next(((level, mark.end()) for level, each in _MARKS if (mark := each.match(text))), (0, 0))
    outlined = line.level or line.listed
    if not level and not outlined and label_key(text) not in NARRATIVE.by_label:
        return None
    title, _, rest = (
        (text[start : start + found.start()], found[0], text[start + found.end() :])
        if (found := _RUN_IN.search(_BRACKETED.sub(_masked, text[start:])))
        else (text[start:], "", "")
    )
    bare = _BRACKETED.sub("", title)
    most = _LONGEST_NUMBERED if level in (_PART, 2, _SECTION) and not rest else _LONGEST
    if not bare or len(bare) > most or re.search("[,;]", bare):
        return None
    running = _RUN_IN.split(line.text, maxsplit=1)[1].strip() if rest else ""
    style = level
    level = level or (outlined + 1 if outlined else _SECTION)
    if label_key(title) in NARRATIVE.by_label:  # 一、（一）… （2）方法和过程: the number is wrong, the words are not
        level = min(level, _SECTION)
    words = line.text if len(line.text) == len(text) else text
    number = re.search(rf"\d+|{_HAN}+", text[:start])
    at = whole(number[0]) if number else 0
    return Heading(level, kind_of(title), words[: start + len(title)], running, at, style)


def _masked(bracket: re.Match[str]) -> str:
    """What stands in brackets, without the marks that end a heading: 收支情况（单位：万元）."""
    return "-" * len(bracket[0])


def kind_of(title: str) -> str:
    """What the words of a heading or of a label are about: a field of 文字说明, another kind, or ''."""
    own = NARRATIVE.by_label.get(label_key(title))
    if own is not None:
        return own.key
    return next((kind for kind, pattern in _KINDS if pattern.search(title)), "")


def _about_tables(document: Sequence[Piece]) -> set[int]:
    """The lines that introduce, name or annotate a table: they are no text of their own."""
    aside = {index for index, piece in enumerate(document) if isinstance(piece, Line) and piece.style in _TABLE_STYLES}
    for index, piece in enumerate(document):
        if not isinstance(piece, Grid):
            continue
        for before in range(index - 1, -1, -1):
            line = document[before]
            if not isinstance(line, Line) or not (before in aside or _introduces(line)):
                break
            aside.add(before)
            if _INTRODUCTION.search(line.text):
                break
        aside |= _notes_below(document, index, piece)
    return aside


_NOTE = re.compile(r"^(?:备?注|说明)\s*[:：]?\s*(?:(\d)[、.．])?")
_NEXT_NOTE = re.compile(r"^\s*(\d)[、.．](?!\d)")


def _notes_below(document: Sequence[Piece], index: int, grid: Grid) -> set[int]:
    """The notes below a table: 注：1、…, in its last row or under it, and 2、… that goes on with them."""
    last = grid.rows[-1][0] if grid.rows and grid.rows[-1] else ""
    aside: set[int] = set()
    inside = _NOTE.match(last)
    number = int(inside[1] or 0) if inside else 0
    for at in range(index + 1, len(document)):
        line = document[at]
        if not isinstance(line, Line):
            break
        note, goes_on = _NOTE.match(line.text), _NEXT_NOTE.match(line.text)
        if note and at == index + 1:
            number = int(note[1] or 0)
        elif not (goes_on and number and int(goes_on[1]) == number + 1):
            break
        else:
            number += 1
        aside.add(at)
    return aside


_MARK_INSIDE, _ENDS_IN_WORDS = re.compile(r"[，：；。]"), re.compile(r"[一-龥]$")
_GOES_ON = re.compile(r"^[一-龥][^。；]{0,60}[，。；]")
_UNIT_NEXT = re.compile(r"^\s*(?:亿元|万元|元|人|名|分)[，。；）)]")


def mended(document: Sequence[Piece]) -> list[Piece]:
    """The document with sentences whole that a line break has parted in the middle."""
    found: list[Piece] = []
    for piece in document:
        before = found[-1] if found else None
        broken = (
            isinstance(piece, Line)
            and isinstance(before, Line)
            and not (piece.level or piece.listed or before.level)
            and (
                (before.text[-1:].isdigit() and _UNIT_NEXT.match(piece.text))
                or (len(before.text) >= _BROKEN and _is_begun(before.text) and _GOES_ON.match(piece.text))
            )
            and not any(mark.match(piece.text) for _, mark in _MARKS)
        )
        if broken and isinstance(piece, Line) and isinstance(before, Line):
            found[-1] = replace(before, text=before.text + piece.text)
        else:
            found.append(piece)
    return found


def _is_begun(text: str) -> bool:
    """Whether a line ends in the middle of a sentence, not as a name in a list does."""
    return bool(_ENDS_IN_WORDS.search(text) and _MARK_INSIDE.search(text[:-4]))


def _introduces(line: Line) -> bool:
    text = unicodedata.normalize("NFKC", line.text).strip()
    if line.level or any(mark.match(text) for _, mark in _MARKS):
        return False
    named = len(text) <= _LONGEST and text.endswith("表")
    return named or bool(_UNIT_LINE.fullmatch(text)) or (len(text) <= 80 and bool(_INTRODUCTION.search(text)))


def _without_closing(lines: list[Line]) -> list[Line]:
    """The lines without the signature at the end: a date, and the name above it."""
    for back in range(1, min(4, len(lines)) + 1):
        if _DATE_LINE.search(re.sub(r"\s", "", lines[-back].text)) and len(lines[-back].text) < _LONGEST:
            end = len(lines) - back
            signed = end and len(lines[end - 1].text) < _LONGEST and "。" not in lines[end - 1].text
            return lines[: end - 1] if signed and not lines[end - 1].level else lines[:end]
    return lines
