"""The command that prints the policy in force, and writes a file to begin one's own with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evalxl import __version__
from evalxl.cli.app import NoColorOption, PolicyOption, QuietOption, command, load_policy, new_file, path_to_write
from evalxl.cli.terminal import Terminal
from evalxl.store.files import replacing

if TYPE_CHECKING:
    from evalxl.policy.policy import Policy


class Printed(StrEnum):
    """How the policy is printed."""

    TEXT = "text"
    JSON = "json"


@command("policy")
def show_policy(
    policy: PolicyOption = None,
    new: Annotated[
        Path | None,
        typer.Option(
            "--new", metavar="FILE", parser=path_to_write, help="不列出，写成可以改的文件：.toml，或 Excel 表 .xlsx。"
        ),
    ] = None,
    form: Annotated[Printed, typer.Option("--format", help="输出格式。")] = Printed.TEXT,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """列出现行的规则参数和规则级别；或写成一个文件，改成本区县的规则。"""
    from evalxl.outputs.records import to_json
    from evalxl.policy.entries import to_toml
    from evalxl.template.policy_table import policy_table

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = load_policy(policy)
    if new is not None:
        target = new_file(new, "本区规则.xlsx", (".xlsx", ".toml"))
        with replacing(target) as temporary:
            if target.suffix.lower() == ".toml":
                temporary.write_bytes(to_toml(rulebook).encode())
            else:
                policy_table(temporary, rulebook, demands())
        terminal.say(f"已生成 {target}，现在的值就是“{rulebook.head.name}”的值；改好后用 --policy {target} 指定。")
    elif form is Printed.JSON:
        terminal.put(to_json(_document(rulebook)).encode())
    else:
        terminal.show_policy(rulebook, demands())


def demands() -> dict[str, str]:
    """Every rule with what it demands and its usual severity."""
    from evalxl.rules import RULES

    return {name: f"{each.page['要求']}（通常为{each.severity.word}）" for name, each in RULES.items()}


def _document(rulebook: Policy) -> dict[str, object]:
    from evalxl.policy.shipped import SHIPPED
    from evalxl.rules import RULES

    rules = [
        {"id": name, "severity": rulebook.severity.get(name, each.severity.value), "usual": each.severity.value}
        for name, each in RULES.items()
    ]
    return {
        "evalxl": __version__,
        "policy": {"name": rulebook.head.name, "sha256": rulebook.sha256},
        "shipped": {name: list(others) for name, others in SHIPPED.items()},
        "values": rulebook.model_dump(mode="json", by_alias=True),
        "rules": rules,
    }
