"""The commands for whoever is new: the guides, and the sample district to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalxl import library
from evalxl.cli.app import NoColorOption, QuietOption, command, path_to_write
from evalxl.cli.terminal import Terminal


@command(example="evalxl guide accountant")
def guide(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="指南的名字，如 accountant；不写则列出全部。", show_default=False)
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", parser=path_to_write, help="写成网页的文件夹，双击就用浏览器打开。"),
    ] = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """列出随程序安装的指南和手册，显示其中一种，或全部写成网页。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    if name:
        terminal.put(library.guide(name).text.encode())
    elif out is not None:
        pages = library.guide_pages(out)
        terminal.say(f"已在 {out} 写成 {len(pages)} 个网页，请打开 {pages[0]}。")
    else:
        for each in library.guides():
            terminal.tell(f"{each.name}　{each.title}　{each.path}")


@command(example="evalxl demo 示例")
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=path_to_write, help="新的或空的文件夹，示例都放在里面。")
    ],
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """用示例区县的十本工作簿演示一遍：放好收件夹和名册，运行，列出结果。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    inbox = library.demo(folder)
    known = library.beside(inbox)
    outbox = folder / "结果夹"
    terminal.say(f"已放好收件夹 {inbox}。{known.words({})}")
    terminal.say(f"现在运行 evalxl run {inbox} {outbox}：")
    with terminal.progress("处理") as advance:
        finished = library.run(inbox, outbox, **known.under({"progress": advance}))
    terminal.show_run(finished)
