"""The command that serves the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalxl import library
from evalxl.cli.app import NoColorOption, PolicyOption, QuietOption, command, path_to_read, policy_in_force
from evalxl.cli.terminal import Terminal


@command(example="evalxl serve 自评 --open")
def serve(
    root: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", parser=path_to_read, help="收件夹所在的文件夹；写了才有工作台。"),
    ] = None,
    share: Annotated[bool, typer.Option("--share", help="让内网的其他电脑也能打开自查页；不带工作台。")] = False,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="HOST", help="内网中本机的其他名字（域名）；不写则只认本机名和地址。可写几次。"),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="端口；0 由系统挑一个。")] = 8765,
    browser: Annotated[bool, typer.Option("--open", help="同时打开浏览器。")] = False,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """启动网页：部门会计自查填好的工作簿；写了文件夹的，操作人员在工作台里运行、看结果。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    if share and root is not None:
        raise library.UsageError("--share 只提供自查页，不带工作台：请去掉文件夹，或去掉 --share。")
    if root is not None and not root.is_dir():
        raise library.UsageError(f"没有 {root} 这个文件夹，请检查路径。")
    # The self-check goes by the file in the folder that is served; each run of the desk by the one beside its inbox.
    chosen = policy_in_force(terminal, library.choices_in(root) if root is not None else library.Beside(), policy)
    try:
        from evalxl.serve.desk import Desk
        from evalxl.serve.server import Address
        from evalxl.serve.server import serve as start
    except ImportError:
        raise library.UsageError('网页要另装程序库：pip install "evalxl[serve]"。') from None
    desk = Desk(root.resolve(), policy) if root is not None else None
    start(desk, Address(port, share, tuple(name or ()), browser), chosen, terminal.tell)
    terminal.say("已停止。")
