"""The styles of an official document: every one names its east-Asian font itself, for there is no theme to name it."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.outputs.word.blocks import Look
from evalxl.outputs.word.page import PITCH, SIZE_2, SIZE_3, SIZE_4, SIZE_5, SMALL_4, SMALL_5, SPACING, twips

BODY, HEAD, KAI, TITLE, SONG = "仿宋", "黑体", "楷体", "方正小标宋简体", "宋体"
LATIN = "Times New Roman"


def _fonts(east: str, latin: str = LATIN) -> str:
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{east}" w:cs="{latin}"/>'


def _sized(points: float) -> str:
    half = round(points * 2)
    return f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'


def _style(look: str, name: str, fonts: str, points: float, paragraph: str, *, spacing: float = 0.0) -> str:
    """One paragraph style, complete in itself: nothing is left to another style or to a program's own defaults."""
    based = "" if look == Look.BODY else '<w:basedOn w:val="Normal"/>'
    default = ' w:default="1"' if look == Look.BODY else ""
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{look}"><w:name w:val="{name}"/>{based}<w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr>"
        f'<w:rPr>{fonts}<w:b w:val="0"/><w:color w:val="000000"/><w:spacing w:val="{twips(spacing)}"/>'
        f'<w:kern w:val="0"/>{_sized(points)}</w:rPr></w:style>'
    )


def _layout(
    align: str,
    *,
    line: float = PITCH,
    indent: float = 0.0,
    before: float = 0.0,
    after: float = 0.0,
    keep: bool = False,
    level: int = 0,
    left: float = 0.0,
    right: float = 0.0,
) -> str:
    """Paragraph properties, in points; a ``line`` of 0 is single spacing."""
    height = f'w:line="{twips(line)}" w:lineRule="exact"' if line else 'w:line="240" w:lineRule="auto"'
    return (
        ("<w:keepNext/>" if keep else '<w:keepNext w:val="0"/>')
        + '<w:widowControl w:val="0"/>'
        + f'<w:spacing w:before="{twips(before)}" w:after="{twips(after)}" {height}/>'
        + f'<w:ind w:left="{twips(left)}" w:right="{twips(right)}" w:firstLine="{twips(indent)}"/>'
        + f'<w:jc w:val="{align}"/>'
        + (f'<w:outlineLvl w:val="{level - 1}"/>' if level else "")
    )


def styles() -> str:
    """The content of the styles part: every paragraph of a report has one of these and no setting of its own."""
    character = SIZE_3 + SPACING
    two, tight = 2 * character, SPACING
    song = _fonts(SONG, SONG)
    body = _layout("left", indent=two)
    heads = [_layout("left", indent=two, keep=True, level=level) for level in (1, 2, 3, 4)]
    number = {"FooterOdd": ("right", 0.0, SIZE_4), "FooterEven": ("left", SIZE_4, 0.0)}
    each = [
        _style(Look.BODY, "Normal", _fonts(BODY), SIZE_3, body, spacing=tight),
        *(
            _style(f"Heading{level}", f"heading {level}", _fonts(font), SIZE_3, layout, spacing=tight)
            for level, (font, layout) in enumerate(zip((HEAD, KAI, BODY, BODY), heads, strict=True), 1)
        ),
        _style(Look.ANNEX, "附件标记", _fonts(HEAD), SIZE_3, _layout("left"), spacing=tight),
        _style(Look.TITLE, "Title", _fonts(TITLE), SIZE_2, _layout("center", line=34.0, before=PITCH)),
        _style(Look.SUBTITLE, "Subtitle", _fonts(KAI), SIZE_3, _layout("center", after=PITCH), spacing=tight),
        _style(Look.CAPTION, "caption", _fonts(HEAD), SIZE_4, _layout("center", before=6.0, after=4.0, keep=True)),
        _style(Look.UNIT, "表格单位", _fonts(BODY), SMALL_4, _layout("right", line=18.0, keep=True)),
        _style(Look.NOTE, "表格注", _fonts(BODY), SIZE_5, _layout("left", line=16.0, before=3.0, after=8.0)),
        *_cells(),
        _style(
            Look.CLOSING,
            "落款",
            _fonts(BODY),
            SIZE_3,
            _layout("right", right=4 * character, keep=True),
            spacing=tight,
        ),
        *(
            _style(name, name, song, SIZE_4, _layout(align, line=SIZE_4, left=left, right=right))
            for name, (align, left, right) in number.items()
        ),
        _TABLE_STYLE,
    ]
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{_fonts(BODY)}{_sized(SIZE_3)}<w:lang w:val="en-US" w:eastAsia="zh-CN"/>'
        "</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
    )
    return defaults + "".join(each)


def cell_style(look: Look, size: float) -> str:
    """The style of a table's headers or cells in type of so many points."""
    return f"{look}{_SMALLER[size]}"


_SMALLER = {SMALL_4: "", SIZE_5: "5", SMALL_5: "5Small"}


def _cells() -> Iterator[str]:
    """Headers and cells of tables in every size of type that a table may take."""
    for size, name in _SMALLER.items():
        head, cell = (cell_style(look, size) for look in (Look.HEADER_CELL, Look.CELL))
        yield _style(head, f"表头{name}", _fonts(HEAD), size, _layout("center", line=0.0, keep=True))
        yield _style(cell, f"表格文字{name}", _fonts(BODY), size, _layout("center", line=0.0))


_EDGES = "".join(
    f'<w:{edge} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_TABLE_STYLE = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr/></w:style>'
    '<w:style w:type="table" w:styleId="ReportTable"><w:name w:val="报告表格"/>'
    f'<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{_EDGES}</w:tblBorders><w:tblCellMar>'
    '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
)
