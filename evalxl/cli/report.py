"""The command that writes the Word report."""

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
    path_to_read,
    path_to_write,
    policy_in_force,
)
from evalxl.cli.terminal import Terminal


@command(example="evalxl report 结果夹 --out 报告")
def report(
    source: Annotated[
        Path, typer.Argument(metavar="OUTBOX|WORKBOOK", parser=path_to_read, help="结果文件夹，或一本工作簿。")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", parser=path_to_write, help="存放报告的文件夹。")],
    public: Annotated[
        bool,
        typer.Option("--public", help="生成可以公开的版本：略去不公开的项目，隐去姓名和电话，并写公开台账。"),
    ] = False,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """生成部门整体支出绩效自评报告（Word），列出留空待填的地方。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    if out.suffix.lower() in (".docx", ".doc", ".wps"):
        raise library.UsageError(f"--out 写的是存放报告的文件夹，报告按部门命名；请把 {out} 改为文件夹名。")
    chosen = policy_in_force(terminal, library.beside(source), policy)
    if public:
        _publish(terminal, source, out, chosen)
        return
    for each in library.reports(source, out, policy=chosen):
        left = f"留空待填：{'、'.join(each.blanks)}。" if each.blanks else "没有留空。"
        doubt = "工作簿还有错误没有改正，报告中的数仅供参考。" if each.wrong else ""
        if each.later:
            doubt += f"同一部门以 {each.later} 为准，这一份没有计入汇总。"
        terminal.say(f"已生成 {each.path}，{left}{doubt}")


def _publish(terminal: Terminal, source: Path, out: Path, policy: library.PolicySource) -> None:
    """Write what may be published, and say what is to be looked into before it is."""
    done = library.publish(source, out, policy=policy)
    for sentence in done.remarks:
        terminal.say(sentence)
    if done.withheld:
        terminal.say(
            f"已略去 {sum(done.withheld.values())} 个不公开的项目；文字里用简称、别的说法写到的，程序认不全，"
            f"公开以前请通读这些部门的报告和公开汇总表：{'、'.join(done.withheld)}。"
        )
    terminal.say(
        f"已生成 {len(done.files)} 个可以公开的文件，在 {done.folder}；公开以后，在 {done.ledger.name} 填写地址和日期。"
    )
