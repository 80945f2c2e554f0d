"""The command that makes what is filled in: templates, blank or prefilled, and the roster."""

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


@command(example="evalxl template 模板.xlsx --year 2023")
def template(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", parser=path_to_write, help="要生成的文件（.xlsx），或已有的文件夹。")
    ],
    year: Annotated[int | None, typer.Option("--year", min=2000, max=2100, help="预先填好的评价年度。")] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            "--roster", metavar="FILE", parser=file_to_read, help="名册：为其中每个部门生成一份，填好名称、编码、年度。"
        ),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            "--previous", metavar="OUTBOX", parser=path_to_read, help="上年的结果文件夹：带出单位、评价组和年末结转。"
        ),
    ] = None,
    roster_blank: Annotated[bool, typer.Option("--roster-blank", help="生成空白的名册，供财政部门填写。")] = False,
    migrate: Annotated[
        Path | None,
        typer.Option(
            "--migrate", metavar="OLD", parser=file_to_read, help="把旧表的数据移到新模板，并列出没有移过去的。"
        ),
    ] = None,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """制作填报模板：空白的，或按名册预先填好的；也制作空白名册，或把旧表的数据移到新模板。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    if sum((roster is not None, roster_blank, migrate is not None)) > 1:
        raise library.UsageError("--roster、--roster-blank 和 --migrate 一次只能用一个。")
    if previous is not None and roster is None:
        raise library.UsageError("--previous 要和 --roster 一起用：按名册逐个部门带出上年的数据。")
    if roster is not None:
        written = library.filled_forms(out, roster, previous=previous, year=year, policy=policy)
        terminal.say(f"已在 {out} 生成 {len(written)} 份预填的模板。")
    elif migrate is not None:
        moved = library.migrated(migrate, out, policy=policy)
        for line in moved.lines:
            terminal.tell(line)
        terminal.say(f"已生成 {moved.path}；{_still_to_do(moved.left, moved.as_written)}。")
    elif roster_blank:
        terminal.say(f"已生成空白名册 {library.roster_blank(out, policy=policy)}。")
    else:
        terminal.say(f"已生成模板 {library.template(out, year=year, policy=policy)}。")


def _still_to_do(left: int, as_written: int) -> str:
    """What is still to be done by hand after moving a workbook."""
    if not left and not as_written:
        return "旧表的内容都移过去了，请核对"
    fill_in = f"没有移过去的 {left} 项，请对照旧表补填" if left else ""
    mend = f"照原文移入的 {as_written} 项，请改正" if as_written else ""
    return "；".join(filter(None, (fill_in, mend)))
