"""The command that makes what is filled in: templates, blank or prefilled, and the roster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evalxl.cli.app import (
    NoColorOption,
    PolicyOption,
    QuietOption,
    command,
    file_to_read,
    load_policy,
    new_file,
    path_to_read,
    path_to_write,
)
from evalxl.cli.terminal import Terminal
from evalxl.store.files import replacing
from evalxl.values.errors import UsageError

if TYPE_CHECKING:
    from evalxl.policy.policy import Policy


@command()
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
    from evalxl import template as templates

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = load_policy(policy)
    if sum((roster is not None, roster_blank, migrate is not None)) > 1:
        raise UsageError("--roster、--roster-blank 和 --migrate 一次只能用一个。")
    if previous is not None and roster is None:
        raise UsageError("--previous 要和 --roster 一起用：按名册逐个部门带出上年的数据。")
    if roster is not None:
        if out.suffix.lower() == ".xlsx":
            raise UsageError(f"按名册生成的是许多份模板，{out} 要写文件夹的名字。")
        written = _prefill(out, roster, previous, rulebook, year)
        terminal.say(f"已在 {out} 生成 {len(written)} 份预填的模板。")
        return
    target = new_file(out, "名册.xlsx" if roster_blank else "budget_template.xlsx")
    if migrate is not None:
        from evalxl.transfer.migrate import migrate as move

        moved = move(migrate, target, rulebook)
        for line in (*moved.moved, *moved.left):
            terminal.tell(line)
        terminal.say(f"已生成 {target}；没有移过去的 {len(moved.left)} 项，请对照旧表补填。")
        return
    with replacing(target) as temporary:
        if roster_blank:
            from evalxl.template.roster import roster_blank as draw

            draw(temporary, rulebook)
        else:
            templates.build(temporary, rulebook, year)
    terminal.say(f"已生成{'空白名册' if roster_blank else '模板'} {target}。")


def _prefill(out: Path, roster: Path, previous: Path | None, policy: Policy, year: int | None) -> list[Path]:
    from evalxl.bureau.roster import read_roster
    from evalxl.store.earlier import load
    from evalxl.transfer.prefill import prefill

    return prefill(out, read_roster(roster), policy, year, load(previous).district if previous else None)
