"""Blocks become a Word document; the same blocks are the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence

import docx
from docx.document import Document
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table as WordTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph as WordParagraph

from evalxl.outputs.word.base import base_document, pack
from evalxl.outputs.word.blocks import Block, Heading, Look, Paragraph, Table
from evalxl.outputs.word.fitting import fitted
from evalxl.outputs.word.page import WIDTH
from evalxl.outputs.word.styles import cell_style
from evalxl.values.folding import clean

_BLANK = re.compile("(＿{2,})")
_TOGETHER = 10  # rows of a table that is not torn over two pages


def render(title: str, blocks: Sequence[Block]) -> bytes:
    """The document as bytes; blanks to fill in are highlighted."""
    document = docx.Document(io.BytesIO(base_document(title)))
    caption, above_closing = "", _above_closing(blocks)
    for block in blocks:
        match block:
            case Heading():
                _write(document.add_paragraph(style=document.styles[f"Heading {block.level}"]), block.text)
            case Paragraph():
                paragraph = _styled(document.add_paragraph(), block.look)
                _write(paragraph, block.text)
                if block is above_closing:
                    paragraph.paragraph_format.keep_with_next = True
                caption = block.text if block.look is Look.CAPTION else caption
            case Table():
                _table(document, fitted(block, WIDTH), caption)
                caption = ""
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as package:
        return pack({name: package.read(name) for name in package.namelist()})


def _above_closing(blocks: Sequence[Block]) -> Block | None:
    """The last paragraph of the text, which stays on one page with seal and date below it."""
    text = [block for block in blocks if not (isinstance(block, Paragraph) and block.look is Look.CLOSING)]
    return text[-1] if len(text) < len(blocks) else None


def _styled(paragraph: WordParagraph, style: str) -> WordParagraph:
    """A paragraph in one of our styles, by id: python-docx looks names up, and only those it knows in English."""
    if style != Look.BODY:
        paragraph._p.get_or_add_pPr().get_or_add_pStyle().val = str(style)
    return paragraph


def _write(paragraph: WordParagraph, text: str) -> None:
    indent = "　" if text.startswith("　") else ""  # of a detail line in a table
    for part in _BLANK.split(indent + clean(text)):
        if not part:
            continue
        run = paragraph.add_run(part)
        # Without the hint, Word takes Chinese quotation marks and dashes from the Latin font, half as wide.
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")
        if _BLANK.fullmatch(part):
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _table(document: Document, block: Table, caption: str) -> None:
    table = document.add_table(len(block.rows) + 1, len(block.columns))
    table._tbl.tblPr.get_or_add_tblStyle().val = "ReportTable"
    if caption:  # what a screen reader says of it
        _describe(table, clean(caption))
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, word_column in zip(block.columns, table.columns, strict=True):
        word_column.width = Mm(column.width)
    header, *rows = table.rows
    aligned = ["center"] * len(block.columns)
    _row(header, block, [column.header for column in block.columns], Look.HEADER_CELL, aligned)
    _flag(header, "w:tblHeader")
    aligned = [column.align for column in block.columns]
    for row, texts in zip(rows, block.rows, strict=True):
        _row(row, block, texts, Look.CELL, aligned)
    together = rows[:-1] if len(rows) <= _TOGETHER else rows[:1]
    for row in [*together, *(rows[-1:] if block.with_next else ())]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _describe(table: WordTable, caption: str) -> None:
    words = OxmlElement("w:tblCaption")
    words.set(qn("w:val"), caption)
    table._tbl.tblPr.append(words)  # the last but one that the schema allows there, and nothing stands behind it


def _row(row: _Row, block: Table, texts: Iterable[str], look: Look, aligned: Sequence[str]) -> None:
    row.height = Mm(block.row_height)
    _flag(row, "w:cantSplit")
    for cell, text, column, align in zip(row.cells, texts, block.columns, aligned, strict=True):
        cell.width = Mm(column.width)
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        _fill(cell, text, cell_style(look, block.size), align)


def _fill(cell: _Cell, text: str, style: str, align: str) -> None:
    paragraph = _styled(cell.paragraphs[0], style)
    if align != "center":
        justify = OxmlElement("w:jc")
        justify.set(qn("w:val"), align)
        paragraph._p.get_or_add_pPr().append(justify)
    _write(paragraph, text)


def _flag(row: _Row, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))
