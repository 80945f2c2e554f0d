"""汇总分析报告: what the summary says, in the shape of an official report; every figure is from the tables."""

from __future__ import annotations

from pathlib import Path

from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word import check_installed
from evalxl.outputs.word.analysis.comparison import comparison
from evalxl.outputs.word.analysis.coverage import coverage
from evalxl.outputs.word.analysis.execution import execution
from evalxl.outputs.word.analysis.problems import problems
from evalxl.outputs.word.analysis.proposals import application, proposals
from evalxl.outputs.word.analysis.rechecks import rechecks
from evalxl.outputs.word.analysis.results import results
from evalxl.outputs.word.blocks import BLANK, Block, Heading, Look, Paragraph
from evalxl.outputs.word.title import title_lines

_CHAPTERS = (
    ("一、基本情况与自评覆盖", coverage),
    ("二、自评结果", results),
    ("三、预算执行情况", execution),
    ("四、存在的问题", problems),
    ("五、复核情况", rechecks),
    ("六、与上年比较", comparison),
    ("七、结果应用", application),
    ("八、下一步建议", proposals),
)
_SOURCE = "本报告各项数字均取自同时生成的《汇总表》，各表注明所据的工作表；金额保留两位小数，合计按未舍入的数计算。"


def write_analysis(path: Path, tally: Tally) -> None:
    """Write the report on a district, or on a merged run, as a Word document.

    UsageError where python-docx is not installed.
    """
    check_installed()
    from evalxl.outputs.word.document import render

    path.write_bytes(render("".join(_title(tally)), analysis_blocks(tally)))


def analysis_blocks(tally: Tally) -> list[Block]:
    """The whole report, chapter by chapter, from what came in to what is proposed."""
    chapters = [block for words, chapter in _CHAPTERS for block in (Heading(1, words), *chapter(tally))]
    return [
        Paragraph("\n".join(_title(tally)), Look.TITLE),
        Paragraph(_SOURCE),
        *chapters,
        Paragraph("", Look.CLOSING),
        Paragraph(f"{BLANK}（盖章）", Look.CLOSING),
        Paragraph(f"{BLANK}年{BLANK}月{BLANK}日", Look.CLOSING),
    ]


def _title(tally: Tally) -> list[str]:
    """The title in lines."""
    return title_lines(tally.scope, f"{tally.title.removeprefix(tally.scope)}分析报告")
