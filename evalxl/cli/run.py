"""The commands that work on workbooks: check some, run a whole inbox, merge finished runs."""

from __future__ import annotations

from enum import StrEnum
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
    policy_in_force,
)
from evalxl.cli.terminal import Terminal, findings_in_words


class Format(StrEnum):
    """How data is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@command(example="evalxl check 收件夹/示范区文化局.xlsx")
def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", parser=path_to_read, help="工作簿，或存放工作簿的文件夹。")
    ],
    policy: PolicyOption = None,
    form: Annotated[Format, typer.Option("--format", help="输出格式。")] = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", parser=path_to_write, help="写到文件里（UTF-8），已有的文件会被替换。"
        ),
    ] = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """核对工作簿，列出发现的问题；除 --output 外不生成任何文件。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    beside = library.beside(paths[0])
    chosen = policy_in_force(terminal, beside, policy)
    if output is not None:
        choices = [beside.path, *beside.files] if beside.written else []
        _check_output(output, [*paths, *choices, *([policy] if policy else [])])
    with terminal.progress("核对") as advance:
        result = library.check(paths, policy=chosen, progress=advance)
    if output is not None:
        with library.replacing(output) as temporary:
            temporary.write_bytes(_listed(form, result))
        terminal.say(f"已写入 {output}。")
    elif form is Format.TEXT:
        terminal.show_findings(result)
    else:
        terminal.put(_listed(form, result))
    raise typer.Exit(result.exit_code)


def _listed(form: Format, result: library.Result) -> bytes:
    """The findings as a file holds them, always UTF-8; CSV with the mark that Excel and WPS tell UTF-8 by."""
    match form:
        case Format.JSON:
            return result.to_json().encode()
        case Format.CSV:
            return result.to_csv().encode("utf-8-sig")
        case Format.TEXT:
            return "".join(f"{line}\n" for line, _ in findings_in_words(result)).encode()


def _check_output(output: Path, read: list[Path]) -> None:
    """Refuse to write over a workbook, over what is read, or among the files that are checked."""
    if output.suffix.lower() in _WORKBOOKS:
        raise library.UsageError(f"{output} 是工作簿的文件名，为免覆盖填好的内容没有写；请用 .json、.csv 或 .txt。")
    if output.exists() and not (output.is_file() or output.is_dir()):  # /dev/null would be replaced for everybody
        raise library.UsageError(f"{output} 不是普通文件，没有写；请另给一个文件名。")
    target = output.resolve()
    for path in read:
        if path.is_dir() and target.is_relative_to(path.resolve()):
            raise library.UsageError(f"{output} 在要核对的文件夹 {path} 里面，下次会被当作报来的文件；请写到别处。")
        if target == path.resolve() or (output.exists() and output.samefile(path)):
            raise library.UsageError(f"{output} 就是要读取的文件，为免覆盖没有写；请换一个文件名。")


_WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".et", ".ett", ".ods")


@command(example="evalxl run 收件夹 结果夹 --roster 名册.xlsx")
def run(
    inbox: Annotated[Path, typer.Argument(metavar="INBOX", parser=path_to_read, help="收件夹：各部门报来的工作簿。")],
    outbox: Annotated[
        Path, typer.Argument(metavar="OUTBOX", parser=path_to_write, help="存放结果的文件夹，不能在收件夹里面。")
    ],
    roster: Annotated[
        Path | None,
        typer.Option("--roster", metavar="FILE", parser=file_to_read, help="应报部门的名册（.xlsx 或 .csv）。"),
    ] = None,
    previous: Annotated[
        list[Path] | None,
        typer.Option(
            "--previous",
            metavar="OUTBOX",
            parser=path_to_read,
            help="以前的结果文件夹：同年的认作上一次，对照改了没有；上年的用来跨年对照。可写几次。",
        ),
    ] = None,
    waivers: Annotated[
        Path | None, typer.Option("--waivers", metavar="FILE", parser=file_to_read, help="财政部门批准的豁免清单。")
    ] = None,
    recheck: Annotated[
        Path | None,
        typer.Option("--recheck", metavar="FILE", parser=file_to_read, help="填好的抽查表。"),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="为没有错误的部门各生成一份 Word 自评报告，并生成汇总分析报告。")
    ] = False,
    policy: PolicyOption = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="同时使用的进程数；不写则自动决定。")] = None,
    cluster: Annotated[
        str,
        typer.Option("--cluster", metavar="ADDRESS", help="用 dask 集群处理：调度器地址（主机:端口）。"),
    ] = "",
    redraw: Annotated[
        str,
        typer.Option("--redraw", metavar="REASON", help="重新抽取复核的项目，写明原因；不写则本年度已抽定的不变。"),
    ] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="全部重新处理，不沿用结果文件夹里上次的结果。")] = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """处理整个收件夹，为每个部门生成结果和退回件，并生成区县汇总表。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    typed = library.Options(
        policy=policy, roster=roster, previous=previous or (), waivers=waivers, recheck=recheck, report=report,
        jobs=jobs, cluster=cluster, redraw=redraw, fresh=fresh,
    )  # fmt: skip
    known = library.beside(inbox, outbox)
    terminal.say(known.words(typed))
    with terminal.progress("处理") as advance:
        finished = library.run(inbox, outbox, **known.under({**typed, "progress": advance}))
    terminal.show_run(finished)
    raise typer.Exit(finished.exit_code)


@command(example="evalxl merge 甲区结果 乙区结果 --out 全市")
def merge(
    outboxes: Annotated[
        list[Path], typer.Argument(metavar="OUTBOX", parser=path_to_read, help="各区县（或各市）运行好的结果文件夹。")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", parser=path_to_write, help="存放合并结果的文件夹。")],
    report: Annotated[bool, typer.Option("--report", help="同时生成汇总分析报告（Word）。")] = False,
    common: Annotated[bool, typer.Option("--common", help="各批表样不同时，只合并标准表样有的栏目。")] = False,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """合并几次运行的结果：区县合并成市，市合并成省；不需要收件夹。"""
    terminal = Terminal(quiet=quiet, no_color=no_color)
    chosen = policy_in_force(terminal, library.beside(outboxes[0]), policy)
    finished = library.merge(outboxes, out, policy=chosen, report=report, common=common)
    words = library.left_out_in_common(outboxes) if common else ""
    if words:
        terminal.say(words)
    terminal.show_run(finished, merged=True)
    raise typer.Exit(finished.exit_code)
