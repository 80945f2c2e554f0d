"""What a command does in the end: words and progress to stderr, data to stdout, one exit code.

Heavy modules are imported inside the commands, so that help answers at once.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.exceptions import TyperException

from evalxl import library

from evalxl.cli import template, run, audit, report, imports, rules, policy, serve, guide  # isort: skip  # noqa: F401 - each enters its commands, in the order of help
from evalxl.cli.app import app
from evalxl.cli.terminal import NobodyReads

EXIT_OK, EXIT_USAGE, EXIT_BUG, EXIT_OUTPUT, EXIT_INTERRUPTED = 0, 2, 4, 5, 130  # 1 and 3: see Outcome.exit_code


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; whatever goes wrong is one sentence, never a traceback."""
    if arguments is None:
        _in_utf8()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a GBK console has no sign for every character
    sys.exit(_guarded(lambda: app(args=arguments, standalone_mode=False)))


def _in_utf8() -> None:
    """Begin anew in UTF-8 where no file can have a Chinese name (LC_ALL=C with PYTHONUTF8=0): every output has one."""
    try:
        os.fsencode("汇总表.xlsx")
    except UnicodeEncodeError:
        os.execve(sys.executable, sys.orig_argv, os.environ | {"PYTHONUTF8": "1"})  # noqa: S606 - the same command


def _guarded(command: Callable[[], Any]) -> int:
    try:
        result = command()
    except NobodyReads:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left when it ends
        return EXIT_OUTPUT
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message(), err=True)
            return EXIT_USAGE
        return _complain(_in_chinese(error), EXIT_USAGE)
    except (KeyboardInterrupt, typer.Abort):
        return _complain(_INTERRUPTED, EXIT_INTERRUPTED)
    except library.UsageError as error:
        return _complain(str(error), EXIT_USAGE)
    except library.OutputError as error:
        return _complain(str(error), EXIT_OUTPUT)
    except library.RuleBug as error:
        return _complain(f"{error}。这是程序缺陷，本次结果不可信，请把这句话和有关工作簿发给维护人员。", EXIT_BUG)
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(at.filename).name} 第 {at.lineno} 行"
        return _complain(f"程序缺陷：{type(error).__name__}: {error}（{place}）。请把这句话发给维护人员。", EXIT_BUG)
    if result == EXIT_INTERRUPTED:  # typer answers Ctrl-C itself, without a word
        return _complain(_INTERRUPTED, EXIT_INTERRUPTED)
    return result if isinstance(result, int) else EXIT_OK


_INTERRUPTED = "已中断；原有的结果没有改动。已处理的部分（如有）留在结果文件夹的“未完成”里，下次运行接着用。"


def _in_chinese(error: TyperException) -> str:
    """What the command line's own parser complains of, as a sentence."""
    message = error.format_message()
    for pattern, sentence in _PARSER_WORDS:
        match = re.search(pattern, message)
        if match:
            meant = _meant(match[1], error) if "No such" in pattern else ""
            words = sentence.format(*match.groups())
            return f"{words}，是否指 {meant}？" if meant else f"{words}；用 evalxl --help 查看用法。"
    return f"用法不对（{message}）；用 evalxl --help 查看用法。"


def _meant(typed: str, error: TyperException) -> str:
    """The command or option that a mistyped one is most like; '' when it is like none."""
    parser = getattr(getattr(error, "ctx", None), "command", None)
    options = [name for each in getattr(parser, "params", ()) for name in each.opts]
    known = [*options, "--help"] if typed.startswith("-") else list(getattr(parser, "commands", ()))
    alike = 0.7 if typed.startswith("-") else 0.6  # --out is not --quiet, but rnu is run
    return next(iter(difflib.get_close_matches(typed.lower(), known, 1, alike)), "")


_PARSER_WORDS = (
    (r"Missing argument '?\[?([^'\]]+)", "缺少参数 {0}"),
    (r"Missing option '?([^']+)", "缺少选项 {0}"),
    (r"Missing command", "没有写命令"),
    (r"No such command '([^']*)'", "没有命令 {0}"),
    (r"No such option:? '?([^' =]+)", "没有选项 {0}"),
    (r"Invalid value for '?([^':]+)'?: .*greater than or equal to (\d+)", "{0} 的值不能小于 {1}"),
    (r"Invalid value for '?([^':]+)'?: .*less than or equal to (\d+)", "{0} 的值不能大于 {1}"),
    (r"Invalid value for '?([^':]+)'?: .*integer", "{0} 的值须为整数"),
    (r"Invalid value for '?([^':]+)'?: .* is not one of (.*?)\.?$", "{0} 的值不对，可用的有 {1}"),
    (r"Invalid value for '?([^':]+)", "{0} 的值不对"),
    (r"unexpected extra argument(?:\(s\)|s)? \(([^)]*)\)", "多了参数 {0}"),
    (r"Option '?([^' ]+)'? requires an argument", "选项 {0} 后面要写值"),
)


def _complain(sentence: str, code: int) -> int:
    typer.echo(f"evalxl：{sentence}", err=True)
    return code
