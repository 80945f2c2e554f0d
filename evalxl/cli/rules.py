"""The command that prints the rulebook."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from evalxl import __version__, library
from evalxl.cli.app import NoColorOption, QuietOption, command
from evalxl.cli.terminal import Terminal


class Catalogue(StrEnum):
    """How the rulebook is printed."""

    TEXT = "text"
    JSON = "json"


@command(example="evalxl rules B01")
def rules(
    identifier: Annotated[str | None, typer.Argument(metavar="[ID]", help="规则号，如 B01；不写则全部列出。")] = None,
    output: Annotated[Catalogue, typer.Option("--format", help="输出格式。")] = Catalogue.TEXT,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """列出规则；给出规则号则说明它要求什么、为什么、怎样处理。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    entries = library.rules()
    if identifier is not None:
        entries = [entry for entry in entries if entry["id"] == identifier.upper()]
        if not entries:
            raise library.UsageError(f"没有规则 {identifier}；用 evalxl rules 可列出全部规则。")
    if output is Catalogue.JSON:
        content = {"evalxl": __version__, "rules": entries, "not_checked": library.unchecked()}
        terminal.put(library.to_json(content).encode())
    else:
        terminal.show_rules(entries, detailed=identifier is not None)
