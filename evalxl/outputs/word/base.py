"""The empty official document, as the bytes of a .docx file: made by code, without theme, grid or any date but one."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

from evalxl.outputs.word.page import A4, BOTTOM, FOOTER, LEFT, RIGHT, TOP, twips_of_mm
from evalxl.outputs.word.styles import BODY, HEAD, KAI, LATIN, SONG, TITLE, styles

_CREATED = "2026-01-01T00:00:00Z"  # the same whenever it is written, so that the same report is the same file
_FIXED = (2026, 1, 1, 0, 0, 0)
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml."


def base_document(title: str) -> bytes:
    """An empty document with all styles, opened and filled by ``document``."""
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relations(
            ("officeDocument", "word/document.xml"),
            ("metadata/core-properties", "docProps/core.xml"),
            ("extended-properties", "docProps/app.xml"),
        ),
        "docProps/core.xml": _core(title),
        "docProps/app.xml": _DECLARATION
        + '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
        "word/_rels/document.xml.rels": _relations(
            ("styles", "styles.xml"),
            ("settings", "settings.xml"),
            ("fontTable", "fontTable.xml"),
            ("footer", "footer1.xml"),
            ("footer", "footer2.xml"),
        ),
        "word/document.xml": _document(),
        "word/styles.xml": _word("styles", styles()),
        "word/settings.xml": _settings(),
        "word/fontTable.xml": _font_table(),
        "word/footer1.xml": _footer("FooterOdd"),
        "word/footer2.xml": _footer("FooterEven"),
    }
    return pack({name: content.encode() for name, content in parts.items()})


def pack(parts: dict[str, bytes]) -> bytes:
    """A package whose members carry a fixed date: the same parts are the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, _FIXED)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            member.create_system = 3
            package.writestr(member, content)
    return buffer.getvalue()


# ---------------------------------------------------------------- parts

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def _word(tag: str, content: str) -> str:
    return f'{_DECLARATION}<w:{tag} xmlns:w="{_W}" xmlns:r="{_R}">{content}</w:{tag}>'


def _content_types() -> str:
    kinds = {
        "/word/document.xml": _TYPES + "document.main+xml",
        "/word/styles.xml": _TYPES + "styles+xml",
        "/word/settings.xml": _TYPES + "settings+xml",
        "/word/fontTable.xml": _TYPES + "fontTable+xml",
        "/word/footer1.xml": _TYPES + "footer+xml",
        "/word/footer2.xml": _TYPES + "footer+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
    }
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    return (
        f'{_DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(*targets: tuple[str, str]) -> str:
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{package if kind.startswith("metadata") else _R}/{kind}" '
        f'Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_DECLARATION}<Relationships xmlns="{package}">{each}</Relationships>'


def _core(title: str) -> str:
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{_CREATED}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f"{_DECLARATION}<cp:coreProperties"
        ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title>{dates}</cp:coreProperties>"
    )


def _document() -> str:
    width, height = (twips_of_mm(length) for length in A4)
    margins = {
        "top": TOP,
        "right": RIGHT,
        "bottom": BOTTOM,
        "left": LEFT,
        "header": 15.0,
        "footer": FOOTER,
        "gutter": 0.0,
    }
    edges = " ".join(f'w:{name}="{twips_of_mm(length)}"' for name, length in margins.items())
    return _word(
        "document",
        '<w:body><w:sectPr><w:footerReference w:type="default" r:id="rId4"/>'
        f'<w:footerReference w:type="even" r:id="rId5"/><w:pgSz w:w="{width}" w:h="{height}"/>'
        f"<w:pgMar {edges}/></w:sectPr></w:body>",
    )


def _settings() -> str:
    compatible = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (("compatibilityMode", 15), ("overrideTableStyleFontSizeAndJustification", 1))
    )
    return _word(
        "settings",
        '<w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
        f'<w:characterSpacingControl w:val="doNotCompress"/><w:compat>{compatible}</w:compat>',
    )


def _font_table() -> str:
    """The fonts, each with the name it goes by on machines where the first one is not installed."""
    known = ((BODY, "FangSong"), (HEAD, "SimHei"), (KAI, "KaiTi"), (TITLE, "宋体"), (SONG, "SimSun"))
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>' for name, other in known
    )
    return _word("fonts", fonts + f'<w:font w:name="{LATIN}"><w:charset w:val="00"/></w:font>')


def _footer(style: str) -> str:
    """— 1 —, outside: right on odd pages, left on even ones."""

    def run(content: str) -> str:
        return f"<w:r>{content}</w:r>"

    field = "".join(
        run(f'<w:fldChar w:fldCharType="{kind}"/>')
        if kind
        else run('<w:instrText xml:space="preserve"> PAGE </w:instrText>')
        for kind in ("begin", "", "separate")
    )
    number = field + run("<w:t>1</w:t>") + run('<w:fldChar w:fldCharType="end"/>')
    dash = [
        run(f'<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t xml:space="preserve">{text}</w:t>')
        for text in ("— ", " —")
    ]
    return _word("ftr", f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{dash[0]}{number}{dash[1]}</w:p>')
