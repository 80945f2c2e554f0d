"""What the Word report of a workbook says, block by block, before it is a document."""

from __future__ import annotations

from pathlib import Path

from evalxl.facts.grade import grade
from evalxl.intake.read import read
from evalxl.outputs.word.blocks import Block, Heading, Look, Paragraph, Table
from evalxl.outputs.word.content import report_blocks
from evalxl.outputs.word.figures import Figures
from evalxl.policy import policy as policies
from evalxl.policy.policy import Policy

POLICY = policies.load()


def content(path: Path, policy: Policy = POLICY) -> tuple[list[Block], list[str]]:
    d = read([(path.name, path)], policy)
    figures = Figures(d)
    return report_blocks(figures, grade(d, policy), policy), figures.blanks


def section(blocks: list[Block], heading: str) -> list[Block]:
    """The blocks below a heading, up to the next one."""
    start = next(i for i, block in enumerate(blocks) if isinstance(block, Heading) and heading in block.text) + 1
    end = next((i for i in range(start, len(blocks)) if isinstance(blocks[i], Heading)), len(blocks))
    return blocks[start:end]


def texts(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph) and block.look is Look.BODY]


def rows(blocks: list[Block]) -> list[tuple[str, ...]]:
    (table,) = (block for block in blocks if isinstance(block, Table))
    return [tuple(column.header.replace("\n", "") for column in table.columns), *table.rows]
