"""The command that takes over what departments already have: their reports and the forms of their projects."""

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

_UNREAD = 3  # the exit code where a file could not be read


@command("import", example="evalxl import 文化局自评表 --out 文化局.xlsx")
def import_(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|FOLDER", parser=path_to_read, help="自评报告（.docx）、自评表，或存放它们的文件夹。"
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="WORKBOOK|DIR",
            parser=path_to_write,
            help="要生成的工作簿（.xlsx）；各部门一个子文件夹的，写存放工作簿的文件夹。",
        ),
    ],
    form: Annotated[
        Path | None,
        typer.Option(
            "--form",
            metavar="FILE",
            parser=file_to_read,
            help="本地自评表的表样文件（TOML），只写与财政部表样不同的写法。",
        ),
    ] = None,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """把已有的自评报告、项目和部门整体自评表读入填报模板：每个数注明出处，标明待核对，拿不准的留空并列出。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    unread = False
    for each in library.gathered(sources, out, form=form, policy=policy):
        for line in ((f"{each.name}：",) if each.name else ()) + each.lines:
            terminal.tell(line)
        if each.summary:
            terminal.say(each.summary)
        unread |= each.unread
    raise typer.Exit(_UNREAD if unread else 0)
