"""The command that audits: every signed figure added again, and every file held against its hash."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from evalxl import library
from evalxl.cli.app import NoColorOption, PolicyOption, QuietOption, command, file_to_read, path_to_read, path_to_write
from evalxl.cli.terminal import Terminal


class AuditFormat(StrEnum):
    """How an audit is printed."""

    TEXT = "text"
    JSON = "json"


@command(example="evalxl audit 结果夹 收件夹 --output 审计.xlsx")
def audit(
    outbox: Annotated[Path, typer.Argument(metavar="OUTBOX", parser=path_to_read, help="要审计的结果文件夹。")],
    sources: Annotated[
        list[Path] | None,
        typer.Argument(metavar="INBOX", parser=path_to_read, help="那次运行的收件夹；合并的，给各区县的结果文件夹。"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", parser=path_to_write, help="写成工作簿（.xlsx），与签字件一并存档。"),
    ] = None,
    form: Annotated[AuditFormat, typer.Option("--format", help="输出格式。")] = AuditFormat.TEXT,
    trace: Annotated[
        str, typer.Option("--trace", metavar="CELL", help="列出一个数的来历，如 收支汇总!D12，或“文化局 项目支出”。")
    ] = "",
    previous: Annotated[
        list[Path] | None,
        typer.Option("--previous", metavar="OUTBOX", parser=path_to_read, help="那次运行对照的以前的结果文件夹。"),
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", parser=file_to_read, help="那次运行所用的名册。")
    ] = None,
    waivers: Annotated[
        Path | None, typer.Option("--waivers", metavar="FILE", parser=file_to_read, help="那次运行所用的豁免清单。")
    ] = None,
    recheck: Annotated[
        Path | None, typer.Option("--recheck", metavar="FILE", parser=file_to_read, help="那次运行所用的抽查表。")
    ] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="同时使用的进程数；不写则是一个。")] = None,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """审计结果文件夹：换一种读取方法重新相加汇总表的每个数，并核对每个文件没有被改动。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    if output is not None and output.suffix.lower() != ".xlsx":
        raise library.UsageError(f"{output} 不是 .xlsx 文件名，请改为 .xlsx。")
    if output is not None and _is_inside(output, [outbox, *(sources or [])]):
        raise library.UsageError(f"{output} 在要审计的文件夹里面，会被当作改动；请写到别处。")
    typed = library.Options(policy=policy, roster=roster, previous=previous or (), waivers=waivers, recheck=recheck)
    is_inbox = sources and not (sources[0] / library.RUN_JSON).exists()
    # a merge goes by the policy beside its districts' outboxes, and the districts by lists of their own
    known = library.beside(sources[0] if sources else outbox).only(*(_MADE_WITH if is_inbox else ("policy",)))
    terminal.say(known.words(typed))
    made_with = known.under(typed)
    with terminal.progress("审计") as advance:
        found = library.audit(
            outbox, sources or [], policy=made_with.get("policy"), roster=made_with.get("roster"),
            waivers=made_with.get("waivers"), recheck=made_with.get("recheck"),
            previous=made_with.get("previous", ()), jobs=jobs, progress=advance,
        )  # fmt: skip
    if output is not None:
        found.write(output)
        terminal.say(f"已写入 {output}。")
    if form is AuditFormat.JSON and not trace:
        terminal.put(found.to_json().encode())
    else:
        for line in (*(found.trace(trace) if trace else ()), *found.faults):
            terminal.tell(line)
    terminal.say(found.words)
    raise typer.Exit(found.exit_code)


_MADE_WITH = ("policy", "roster", "previous", "waivers", "recheck")


def _is_inside(path: Path, folders: list[Path]) -> bool:
    return any(path.resolve().is_relative_to(each.resolve()) for each in folders)
