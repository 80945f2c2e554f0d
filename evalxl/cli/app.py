"""The command line's frame: the application, the options that several commands share, and the policy in force."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from evalxl import __version__, library
from evalxl.cli.terminal import Terminal

_HELP_WORDS = (  # what typer says of itself; words in the left column keep their width, which the right one hangs on
    (r"^Usage: ", "用法："), (r"^Options:$", "选项："), (r"^Arguments:$", "参数："), (r"^Commands:$", "命令："),
    (r"\[OPTIONS\]", "[选项]"), (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]…"),
    (r"Show this message and exit\.", "显示这段说明。"), (r"\[required\]", "【必填】"),
    (r"\[default: (\d+); (\d+)<=x<=(\d+)\]", r"【默认 \1；\2 至 \3】"), (r"\[default: (.*?)\]", r"【默认 \1】"),
    (r"\[x>=(\d+)\]", r"【\1 以上】"), (r"\[(\d+)<=x<=(\d+)\]", r"【\1 至 \2】"),
    (r"<Path>", "<path>"), (r"<list\[Path\]>", "<path>      "), (r"<int range>", "<number>   "),
)  # fmt: skip


def _in_chinese(page: str) -> str:
    """A page of help with typer's own words in Chinese."""
    for pattern, words in _HELP_WORDS:
        page = re.sub(pattern, words, page, flags=re.MULTILINE)
    return page


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return _in_chinese(super().get_help(ctx))


class _Commands(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return _in_chinese(super().get_help(ctx))


app = typer.Typer(
    name="evalxl",
    cls=_Commands,
    help="部门整体支出绩效自评：制作填报模板，核对各部门报来的工作簿，生成结果和区县汇总表。",
    epilog="退出码：0 全部通过；1 有工作簿存在错误；2 用法或规则文件有误；3 有文件无法读取；"
    "4 程序缺陷；5 结果写不出；130 中断。",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def command(name: str | None = None, *, example: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function among the commands; the example stands at the end of its help."""
    return app.command(name, cls=_Command, epilog=f"例：{example}")


def path_to_read(text: str) -> Path:
    """A path to read from; UsageError for one that no file can have."""
    if not text.strip():  # an empty variable in somebody's script: never the current folder
        raise library.UsageError("有一个路径是空的，请检查命令中的每个路径。")
    why = _impossible(text)
    if why:
        raise library.UsageError(f"路径 {text} 用不了（{why}），请检查。")
    return Path(text)


def file_to_read(text: str) -> Path:
    """A file to read; UsageError for a folder."""
    path = path_to_read(text)
    if path.is_dir():
        raise library.UsageError(f"{path} 是文件夹，请给出文件本身。")
    return path


def path_to_write(text: str) -> Path:
    """A path to write to; OutputError for one that no file can have, UsageError for none at all."""
    why = _impossible(text)
    if why:
        raise library.OutputError(f"写不了 {text}（{why}）。请换一个路径。")
    return path_to_read(text)


def _impossible(text: str) -> str:
    """Why no file can have this path; '' where one could."""
    try:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            Path(text).stat()
    except OSError as error:
        return library.cause(error)
    except ValueError:  # an invisible NUL, which only a program can give
        return "有不可用的字符"
    return ""


def policy_to_read(text: str) -> Path:
    """The file of a policy that is named or is a file; UsageError says which name may have been meant."""
    path_to_read(text)
    return file_to_read(str(library.policy_file(text)))


PolicyOption = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="NAME|FILE",
        parser=policy_to_read,
        help="自带的规则（如 guangdong 或 广东），或本区县的规则文件（.toml 或 Excel 表），只写要改的项。",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="不显示进度和说明。")]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="不用颜色。")]


def policy_in_force(terminal: Terminal, beside: library.Beside, typed: Path | None) -> library.PolicySource:
    """The policy that a command goes by: the one that is typed, else the one that evalxl.toml names, which is told."""
    known, options = beside.only("policy"), library.Options(policy=typed)
    terminal.say(known.words(options))
    return known.under(options).get("policy")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"evalxl {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本。")] = False,
    layout: Annotated[  # taken out before the commands are loaded (values.layout_file), and told here
        str, typer.Option("--layout", metavar="FILE", help="本区自己的表样；各命令都可以加，写在命令前后都行。")
    ] = "",
) -> None:
    """部门整体支出绩效自评：制作填报模板，核对各部门报来的工作簿，生成结果和区县汇总表。"""
