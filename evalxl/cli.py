"""The command line: words and progress to stderr, data to stdout, one exit code (design.md section 4).

Heavy modules are imported inside the commands, so that help answers at once.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.exceptions import TyperException

from evalxl import __version__
from evalxl.findings import RuleBug, UsageError
from evalxl.terminal import Terminal
from evalxl.write.files import OutputError, replacing

if TYPE_CHECKING:
    from evalxl.policy import Policy

EXIT_OK, EXIT_USAGE, EXIT_BUG, EXIT_OUTPUT, EXIT_INTERRUPTED = 0, 2, 4, 5, 130  # 1 and 3: see batch.exit_code

app = typer.Typer(
    name="evalxl",
    help="部门整体支出绩效自评：制作填报模板，核对各部门报来的工作簿，生成结果和区县汇总表。",
    epilog="退出码：0 全部通过；1 有工作簿存在错误；2 用法或规则文件有误；3 有文件无法读取；"
    "4 程序缺陷；5 结果写不出；130 中断。",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Catalogue(StrEnum):
    """How the rulebook is printed."""

    TEXT = "text"
    JSON = "json"


class Format(StrEnum):
    """How data is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


PolicyOption = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="本区县的规则文件（TOML），只写要改的项。")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="不显示进度和说明。")]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="不用颜色。")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"evalxl {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本。")] = False,
) -> None:
    """部门整体支出绩效自评：制作填报模板，核对各部门报来的工作簿，生成结果和区县汇总表。"""


@app.command()
def template(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="模板文件（.xlsx），或存放模板的文件夹。")],
    year: Annotated[int | None, typer.Option("--year", min=2000, max=2100, help="预先填好的评价年度。")] = None,
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """制作空白填报模板，发给各部门填写。"""
    from evalxl.template import build

    terminal = Terminal(quiet=quiet, no_color=no_color)
    target = out / "budget_template.xlsx" if out.is_dir() else out
    if target.suffix.lower() != ".xlsx":
        raise UsageError(f"模板文件名 {target.name} 须以 .xlsx 结尾，或给出已有的文件夹。")
    rulebook = _load_policy(policy)
    if target.exists():
        raise UsageError(f"{target} 已经存在，为免覆盖填好的内容，请换一个文件名，或先删除它。")
    with replacing(target) as temporary:
        build(temporary, rulebook, year)
    terminal.say(f"已生成模板 {target}。")


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="工作簿，或存放工作簿的文件夹。")],
    policy: PolicyOption = None,
    output: Annotated[Format, typer.Option("--format", help="输出格式。")] = Format.TEXT,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """核对工作簿，列出发现的问题；不生成任何文件。"""
    from evalxl import batch
    from evalxl.write import records

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = _load_policy(policy)
    sources = _sources(paths)
    with terminal.progress("核对") as advance:
        outcome = batch.check_files(sources, rulebook, progress=advance)
    d, findings = outcome.district, outcome.findings
    if output is Format.JSON:
        content = records.document(d, findings, outcome.grades, outcome.coverage, rulebook)
        typer.echo(records.to_json(content), nl=False)
    elif output is Format.CSV:
        typer.echo(records.to_csv(d, findings), nl=False)
    else:
        terminal.show_findings(d, findings)
    raise typer.Exit(batch.exit_code(outcome))


@app.command()
def run(
    inbox: Annotated[Path, typer.Argument(metavar="INBOX", help="收件夹：各部门报来的工作簿。")],
    outbox: Annotated[Path, typer.Argument(metavar="OUTBOX", help="存放结果的文件夹，不能在收件夹里面。")],
    policy: PolicyOption = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="同时使用的进程数；不写则自动决定。")] = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """处理整个收件夹，为每个部门生成结果，并生成区县汇总表。"""
    from evalxl import batch

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = _load_policy(policy)
    with terminal.progress("处理") as advance:
        finished = batch.run(inbox, outbox, rulebook, jobs, advance)
    terminal.show_run(finished, outbox)
    raise typer.Exit(finished.exit_code)


@app.command()
def rules(
    identifier: Annotated[str | None, typer.Argument(metavar="[ID]", help="规则号，如 B01；不写则全部列出。")] = None,
    output: Annotated[Catalogue, typer.Option("--format", help="输出格式。")] = Catalogue.TEXT,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """列出规则；给出规则号则说明它要求什么、为什么、怎样处理。"""
    from evalxl.rules import catalogue
    from evalxl.rules.rule import NOT_CHECKABLE
    from evalxl.write.records import to_json

    terminal = Terminal(quiet=quiet, no_color=no_color)
    entries = catalogue.entries()
    if identifier is not None:
        entries = [entry for entry in entries if entry["id"] == identifier.upper()]
        if not entries:
            raise UsageError(f"没有规则 {identifier}；用 evalxl rules 可列出全部规则。")
    if output is Catalogue.JSON:
        typer.echo(to_json({"evalxl": __version__, "rules": entries, "not_checked": NOT_CHECKABLE}), nl=False)
    else:
        terminal.show_rules(entries, detailed=identifier is not None)


def _load_policy(path: Path | None) -> Policy:
    """The policy in force, itself held against the rules about policies (G07)."""
    from evalxl import policy
    from evalxl.check import check
    from evalxl.district import District
    from evalxl.rules import RULES, Scope
    from evalxl.rules.budget import IDENTITIES

    loaded = policy.load(path)
    for finding in check(District(), loaded, Scope.POLICY).findings:
        raise UsageError(f"规则文件 {path}：{finding.message}{finding.fix}")
    identities = {*(each.rule for each in loaded.sums), *loaded.balance.rules.values()}
    unknown = sorted((set(loaded.severity) - set(RULES)) | (identities - IDENTITIES))
    if unknown:
        only = f"合计关系只能归入 {'、'.join(sorted(IDENTITIES))}"
        raise UsageError(
            f"规则文件 {path}：没有规则 {'、'.join(unknown)}（{only}），用 evalxl rules 可列出全部规则号。"
        )
    return loaded


def _sources(paths: list[Path]) -> list[tuple[str, Path]]:
    """The workbooks that some paths name; a folder stands for all files below it."""
    from evalxl.batch import inventory

    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            found |= {(Path(path) / name).as_posix(): file for name, file in inventory(path)}
        elif path.exists():
            found[path.as_posix()] = path
        else:
            raise UsageError(f"没有 {path} 这个文件或文件夹，请检查路径。")
    if not found:
        raise UsageError(f"{'、'.join(map(str, paths))} 里没有文件，请检查路径。")
    return sorted(found.items())


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; whatever goes wrong is one sentence, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a GBK console has no sign for every character
    sys.exit(_guarded(lambda: app(args=arguments, standalone_mode=False)))


def _guarded(command: Callable[[], Any]) -> int:
    try:
        result = command()
    except UsageError as error:
        return _complain(str(error), EXIT_USAGE)
    except OutputError as error:
        return _complain(str(error), EXIT_OUTPUT)
    except RuleBug as error:
        return _complain(f"{error}。这是程序缺陷，本次结果不可信，请把这句话和有关工作簿发给维护人员。", EXIT_BUG)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message(), err=True)
            return EXIT_USAGE
        return _complain(_in_chinese(error), EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("已中断；已经写好的文件都保留。", EXIT_INTERRUPTED)
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(at.filename).name} 第 {at.lineno} 行"
        return _complain(f"程序缺陷：{type(error).__name__}: {error}（{place}）。请把这句话发给维护人员。", EXIT_BUG)
    return result if isinstance(result, int) else EXIT_OK


def _in_chinese(error: TyperException) -> str:
    """What the command line's own parser complains of, as a sentence."""
    message = error.format_message()
    for pattern, sentence in _PARSER_WORDS:
        match = re.search(pattern, message)
        if match:
            return sentence.format(*match.groups()) + "；用 evalxl --help 查看用法。"
    return f"用法不对（{message}）；用 evalxl --help 查看用法。"


_PARSER_WORDS = (
    (r"Missing argument '?\[?([^'\]]+)", "缺少参数 {0}"),
    (r"Missing option '?([^']+)", "缺少选项 {0}"),
    (r"Missing command", "没有写命令"),
    (r"No such command '([^']*)'", "没有命令 {0}"),
    (r"No such option:? '?([^' ]+)", "没有选项 {0}"),
    (r"Invalid value for '?([^':]+)'?: .*greater than or equal to (\d+)", "{0} 的值不能小于 {1}"),
    (r"Invalid value for '?([^':]+)'?: .*less than or equal to (\d+)", "{0} 的值不能大于 {1}"),
    (r"Invalid value for '?([^':]+)'?: .*integer", "{0} 的值须为整数"),
    (r"Invalid value for '?([^':]+)'?: .* is not one of (.*?)\.?$", "{0} 的值不对，可用的有 {1}"),
    (r"Invalid value for '?([^':]+)", "{0} 的值不对"),
    (r"unexpected extra argument[s]? \(([^)]*)\)", "多了参数 {0}"),
    (r"Option '?([^' ]+)'? requires an argument", "选项 {0} 后面要写值"),
)


def _complain(sentence: str, code: int) -> int:
    typer.echo(f"evalxl：{sentence}", err=True)
    return code
