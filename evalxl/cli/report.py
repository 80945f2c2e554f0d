"""The commands about the Word report: write it, and read one back into the template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalxl import library
from evalxl.cli.app import (
    NoColorOption,
    PolicyOption,
    QuietOption,
    command,
    file_to_read,
    path_to_read,
    path_to_write,
)
from evalxl.cli.terminal import Terminal


@command(example="evalxl report 结果夹 --out 报告")
def report(
    source: Annotated[
        Path, typer.Argument(metavar="OUTBOX|WORKBOOK", parser=path_to_read, help="结果文件夹，或一本工作簿。")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", parser=path_to_write, help="存放报告的文件夹。")],
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """生成部门整体支出绩效自评报告（Word），列出留空待填的地方。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    for each in library.reports(source, out, policy=policy):
        left = f"留空待填：{'、'.join(each.blanks)}。" if each.blanks else "没有留空。"
        doubt = "工作簿还有错误没有改正，报告中的数仅供参考。" if each.wrong else ""
        if each.later:
            doubt += f"同一部门以 {each.later} 为准，这一份没有计入汇总。"
        terminal.say(f"已生成 {each.path}，{left}{doubt}")


@command("import", example="evalxl import 上年报告.docx --out 草稿.xlsx")
def import_(
    source: Annotated[Path, typer.Argument(metavar="REPORT", parser=file_to_read, help="自评报告（.docx）。")],
    out: Annotated[
        Path, typer.Option("--out", metavar="WORKBOOK", parser=path_to_write, help="要生成的工作簿（.xlsx）。")
    ],
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """把 Word 自评报告读回填报模板：每个数附原句，标明待核对，拿不准的留空并列出。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    done = library.imported(source, out, policy=policy)
    for doubt in done.lines:
        terminal.tell(doubt)
    terminal.say(f"已生成 {done.path}，读入 {done.moved} 格，都标有“待核对”；拿不准的 {done.left} 处已列出。")
