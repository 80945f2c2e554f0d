"""The command that prints the policy in force, and writes a file to begin one's own with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evalxl import library
from evalxl.cli.app import NoColorOption, PolicyOption, QuietOption, command, path_to_write, policy_to_read
from evalxl.cli.terminal import Terminal


class Printed(StrEnum):
    """How the policy is printed."""

    TEXT = "text"
    JSON = "json"


@command("policy", example="evalxl policy --policy 湖南 --new 湖南规则.xlsx")
def show_policy(
    policy: PolicyOption = None,
    new: Annotated[
        Path | None,
        typer.Option(
            "--new", metavar="FILE", parser=path_to_write, help="不列出，写成可以改的文件：.toml，或 Excel 表 .xlsx。"
        ),
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(
            "--test", metavar="FILE", parser=policy_to_read, help="把规则文件中自设规则（Z01……）的例子逐个试一遍。"
        ),
    ] = None,
    form: Annotated[Printed, typer.Option("--format", help="输出格式。")] = Printed.TEXT,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """列出现行的规则参数和规则级别；或写成一个文件，改成本区县的规则。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    if test is not None:
        _try(terminal, test)
    elif new is not None:
        target, name = library.policy_to_change(policy, new)
        terminal.say(f"已生成 {target}，现在的值就是“{name}”的值；改好后用 --policy {target} 指定。")
    elif form is Printed.JSON:
        terminal.put(library.to_json(library.policy_document(policy)).encode())
    else:
        terminal.show_policy(library.policy_in_words(policy))


def _try(terminal: Terminal, policy: library.PolicySource) -> None:
    tried = library.tried_examples(policy)
    for each in tried:
        terminal.put(f"{each.rule} {each.words} {'√' if each.agrees else '× 与规则不符'}\n".encode())
    wrong = sum(not each.agrees for each in tried)
    terminal.say(f"共试了 {len(tried)} 个例子，{f'{wrong} 个与规则不符' if wrong else '都与规则相符'}。")
    if wrong:
        raise typer.Exit(1)
