"""The command line's frame: the application, the options that several commands share, and the policy in force."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from evalxl import __version__
from evalxl.store.files import OutputError
from evalxl.values.errors import UsageError, cause

if TYPE_CHECKING:
    from evalxl.policy.policy import Policy

_HELP_WORDS = (  # what typer says of itself; words in the left column keep their width, which the right one hangs on
    (r"^Usage: ", "用法："), (r"^Options:$", "选项："), (r"^Arguments:$", "参数："), (r"^Commands:$", "命令："),
    (r"\[OPTIONS\]", "[选项]"), (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]…"),
    (r"Show this message and exit\.", "显示这段说明。"), (r"\[required\]", "【必填】"),
    (r"\[default: (.*?)\]", r"【默认 \1】"),
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


def command(name: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function among the commands."""
    return app.command(name, cls=_Command)


def path_to_read(text: str) -> Path:
    """A path to read from; UsageError for one that no file can have."""
    if not text.strip():  # an empty variable in somebody's script: never the current folder
        raise UsageError("有一个路径是空的，请检查命令中的每个路径。")
    why = _impossible(text)
    if why:
        raise UsageError(f"路径 {text} 用不了（{why}），请检查。")
    return Path(text)


def file_to_read(text: str) -> Path:
    """A file to read; UsageError for a folder."""
    path = path_to_read(text)
    if path.is_dir():
        raise UsageError(f"{path} 是文件夹，请给出文件本身。")
    return path


def path_to_write(text: str) -> Path:
    """A path to write to; OutputError for one that no file can have, UsageError for none at all."""
    why = _impossible(text)
    if why:
        raise OutputError(f"写不了 {text}（{why}）。请换一个路径。")
    return path_to_read(text)


def _impossible(text: str) -> str:
    """Why no file can have this path; '' where one could."""
    try:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            Path(text).stat()
    except OSError as error:
        return cause(error)
    except ValueError:  # an invisible NUL, which only a program can give
        return "有不可用的字符"
    return ""


def policy_to_read(text: str) -> Path:
    """The file of a policy that is named or is a file; UsageError says which name may have been meant."""
    from evalxl.policy.shipped import chosen

    path_to_read(text)
    return file_to_read(str(chosen(text)))


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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"evalxl {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本。")] = False,
) -> None:
    """部门整体支出绩效自评：制作填报模板，核对各部门报来的工作簿，生成结果和区县汇总表。"""


def load_policy(path: Path | None) -> Policy:
    """The policy in force, itself held against the rules about policies (G07)."""
    from evalxl.bureau.policy_file import place_in, read_policy
    from evalxl.district.tables import District
    from evalxl.rules import Scope
    from evalxl.rules.engine import check

    loaded = read_policy(path)
    if path is None:
        return loaded
    for finding in check(District(), loaded, Scope.POLICY).findings:
        where = place_in(path, ("schemes", loaded.head.scheme, "bands"))
        raise UsageError(f"规则文件 {path} {where}：{finding.message}{finding.fix}".replace(" ：", "："))
    for place, sentence in _unknown(loaded):
        raise UsageError(f"规则文件 {path} {place_in(path, place)}：{sentence}".replace(" ：", "："))
    return loaded


def _unknown(loaded: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """Names in a policy that neither the rulebook nor the template has, by their place."""
    from evalxl import layout
    from evalxl.policy.wording import asked
    from evalxl.rules import RULES
    from evalxl.rules.b_budget.sums import IDENTITIES

    for key in sorted(loaded.severity):
        rule, _, named = key.partition(".")
        if rule not in RULES:
            yield ("severity", key), f"没有规则 {rule}{asked(rule, RULES)}用 evalxl rules 可列出全部规则号。"
        if named and named not in layout.NAMES:
            guess = asked(named, sorted(layout.NAMES))
            yield ("severity", key), f"[severity] 中的“{named}”不是工作表名，也不是表头{guess}"
    identities = {*(each.rule for each in loaded.sums), *loaded.balance.rules.values()}
    only = "、".join(sorted(IDENTITIES))
    for rule in sorted(identities - IDENTITIES):
        yield ("sums",), f"合计关系不能归入规则 {rule}，只能归入 {only}。"


def new_file(out: Path, name: str, endings: tuple[str, ...] = (".xlsx",)) -> Path:
    """The file that a command is to make: never over one that is there."""
    file = out / name if out.is_dir() else out
    if file.suffix.lower() not in endings:
        raise UsageError(f"文件名 {file.name} 须以 {' 或 '.join(endings)} 结尾，或给出已有的文件夹。")
    if file.exists():
        raise UsageError(f"{file} 已经存在，为免覆盖填好的内容，请换一个文件名，或先删除它。")
    return file
