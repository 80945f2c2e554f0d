"""The commands that work on workbooks: check some, run a whole inbox, merge finished runs."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
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
    path_to_read,
    path_to_write,
)
from evalxl.cli.terminal import Terminal, findings_in_words
from evalxl.store.files import replacing
from evalxl.values.errors import UsageError

if TYPE_CHECKING:
    from evalxl.bureau.review import Round
    from evalxl.policy.policy import Policy
    from evalxl.run.district import Outcome


class Format(StrEnum):
    """How data is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


@command()
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
    from evalxl.run.run import check_files
    from evalxl.run.settings import Settings

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = load_policy(policy)
    sources = _sources(paths)
    if output is not None:
        _check_output(output, paths, policy)
    with terminal.progress("核对") as advance:
        outcome = check_files(sources, Settings(rulebook), advance)
    if output is not None:
        with replacing(output) as temporary:
            temporary.write_bytes(_listed(form, outcome, rulebook))
        terminal.say(f"已写入 {output}。")
    elif form is Format.TEXT:
        terminal.show_findings(outcome.district, outcome.findings)
    else:
        terminal.put(_listed(form, outcome, rulebook))
    raise typer.Exit(outcome.exit_code)


def _listed(form: Format, outcome: Outcome, rulebook: Policy) -> bytes:
    """The findings as a file holds them, always UTF-8; CSV with the mark that Excel and WPS tell UTF-8 by."""
    from evalxl.outputs import records

    d, findings = outcome.district, outcome.findings
    match form:
        case Format.JSON:
            content = records.document(d, findings, outcome.grades, outcome.coverage, rulebook)
            return records.to_json(content).encode()
        case Format.CSV:
            return records.to_csv(d, findings).encode("utf-8-sig")
        case Format.TEXT:
            return "".join(f"{line}\n" for line, _ in findings_in_words(d, findings)).encode()


def _check_output(output: Path, paths: list[Path], policy: Path | None) -> None:
    """Refuse to write over a workbook, over what is read, or among the files that are checked."""
    if output.suffix.lower() in _WORKBOOKS:
        raise UsageError(f"{output} 是工作簿的文件名，为免覆盖填好的内容没有写；请用 .json、.csv 或 .txt。")
    if output.exists() and not (output.is_file() or output.is_dir()):  # /dev/null would be replaced for everybody
        raise UsageError(f"{output} 不是普通文件，没有写；请另给一个文件名。")
    target = output.resolve()
    for path in [*paths, *([policy] if policy else [])]:
        if path.is_dir() and target.is_relative_to(path.resolve()):
            raise UsageError(f"{output} 在要核对的文件夹 {path} 里面，下次会被当作报来的文件；请写到别处。")
        if target == path.resolve() or (output.exists() and output.samefile(path)):
            raise UsageError(f"{output} 就是要读取的文件，为免覆盖没有写；请换一个文件名。")


_WORKBOOKS = (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt", ".et", ".ett", ".ods")


@command()
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
        typer.Option("--recheck", metavar="FILE", parser=file_to_read, help="填好《抽查名单》复核得分的汇总表。"),
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
    fresh: Annotated[bool, typer.Option("--fresh", help="全部重新处理，不沿用结果文件夹里上次的结果。")] = False,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """处理整个收件夹，为每个部门生成结果和退回件，并生成区县汇总表。"""
    from evalxl.bureau.rechecks import read_rechecks
    from evalxl.bureau.roster import read_roster
    from evalxl.district.tables import Bureau
    from evalxl.run import run as running
    from evalxl.run.settings import Settings

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = load_policy(policy)
    _check_report(report)
    outboxes = tuple(previous or ())
    bureau = Bureau(
        read_roster(roster) if roster else Bureau().roster, read_rechecks(recheck) if recheck else Bureau().rechecks
    )
    settings = Settings(rulebook, bureau, _round(outboxes, waivers), outboxes, report, jobs, cluster, fresh)
    with terminal.progress("处理") as advance:
        finished = running.run(inbox, outbox, settings, advance)
    terminal.show_run(finished, outbox)
    raise typer.Exit(finished.exit_code)


@command()
def merge(
    outboxes: Annotated[
        list[Path], typer.Argument(metavar="OUTBOX", parser=path_to_read, help="各区县（或各市）运行好的结果文件夹。")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", parser=path_to_write, help="存放合并结果的文件夹。")],
    report: Annotated[bool, typer.Option("--report", help="同时生成汇总分析报告（Word）。")] = False,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """合并几次运行的结果：区县合并成市，市合并成省；不需要收件夹。"""
    from evalxl.run.merge import merge as join

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = load_policy(policy)
    _check_report(report)
    finished = join(outboxes, out, rulebook, report=report)
    terminal.show_run(finished, out)
    raise typer.Exit(finished.exit_code)


def _check_report(wanted: bool) -> None:
    """Say before a long run that Word reports cannot be written, not after it."""
    if wanted:
        from evalxl.outputs.word import check_installed

        check_installed()


def _round(outboxes: tuple[Path, ...], waivers: Path | None) -> Round:
    """What findings are held against: the latest of the earlier runs, and the bureau's waivers as of today."""
    from evalxl.bureau.review import Round
    from evalxl.bureau.waivers import Waivers, read_waivers
    from evalxl.store.earlier import by_year

    given = read_waivers(waivers, dt.date.today()) if waivers else Waivers()
    year, latest = max(by_year(outboxes).items(), default=(0, None))
    return Round(latest, year, given)


def _sources(paths: list[Path]) -> list[tuple[str, Path]]:
    """The workbooks that some paths name; a folder stands for all files below it."""
    from evalxl.intake.inbox import inventory, known_as

    named: dict[Path, Path] = {}  # each file once, however often it is named → the path it is shown by
    for path in paths:
        if path.is_dir():
            named |= {file: Path(known_as(path, {})) / name for name, file in inventory(path)}
        elif path.exists():
            named[path.resolve() if path.is_symlink() else path] = path  # a link that is named is meant
        else:
            raise UsageError(f"没有 {path} 这个文件或文件夹，请检查路径。")
    found: dict[str, Path] = {}
    for file, shown in named.items():
        found[known_as(shown, found)] = file
    if not found:
        raise UsageError(f"{'、'.join(map(str, paths))} 里没有文件，请检查路径。")
    return sorted(found.items())
