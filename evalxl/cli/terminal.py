"""What a person sees on the terminal: findings on stdout, words and progress on stderr, nothing when asked to be quiet.

Texts from workbooks are printed as they are, never as markup; signs are such as a GBK console has.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import typer

from evalxl import library

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}  # by severity
_STATUS_COLOURS = {
    "accepted": "green",
    "accepted-with-explanation": "green",
    "explain": "yellow",
    "returned": "red",
    "refused": "red",
}


class NobodyReads(Exception):
    """Whoever was to read the output has gone (``evalxl rules | head``): there is nobody to tell either."""


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Writing to stdout; what goes wrong there is an output that could not be written."""
    try:
        yield
    except BrokenPipeError:
        raise NobodyReads from None
    except OSError as error:
        raise library.OutputError(f"结果输出不了（{library.cause(error)}），请检查输出到的文件和磁盘空间。") from None


class Terminal:
    """The terminal, as quiet and as plain as asked for."""

    def __init__(self, *, quiet: bool, no_color: bool) -> None:
        self.quiet = quiet
        self.plain = no_color or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
        self._no_color = no_color or bool(os.environ.get("NO_COLOR"))

    def say(self, sentence: str) -> None:
        """Tell the operator something, if there is something to tell."""
        if sentence and not self.quiet:
            typer.echo(sentence, err=True)

    def _console(self) -> Console:
        from rich.console import Console

        # Told only that there are no colours, rich still sends the codes for bold.
        colours: Literal["auto"] | None = None if self._no_color else "auto"
        return Console(stderr=True, color_system=colours, markup=False, highlight=False, emoji=False)

    @contextlib.contextmanager
    def progress(self, verb: str) -> Iterator[Callable[[int, int], None]]:
        """A progress bar, told how many workbooks are done and how many there are; none when nobody watches."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda *_: None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._console(), transient=True) as bar:
            task = bar.add_task(verb, total=None)
            yield lambda done, total: bar.update(task, advance=done, total=total)

    def put(self, data: bytes) -> None:
        """Data on stdout, byte for byte: neither the console's encoding nor its line ends touch it."""
        with _writing():
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def tell(self, line: str, colour: str | None = None) -> None:
        """One line of words on stdout, in the console's encoding."""
        with _writing():
            typer.echo(line if self.plain or colour is None else typer.style(line, fg=colour))

    def show_findings(self, result: library.Result) -> None:
        """Every workbook with its status and findings, on stdout."""
        for line, colour in findings_in_words(result):
            self.tell(line, colour)

    def show_run(self, finished: library.RunResult, *, merged: bool = False) -> None:
        """The closing table of a run: what became of every department, where the results lie, and what comes next."""
        if self.quiet:
            return
        console = self._console()
        reports, lists = finished.reports, len(finished.workbooks) - len(finished.reports)
        if len(reports) <= _MOST_ROWS:
            table = _table(reports, console.width)
            console.print(table or "\n".join(_lines(reports)), soft_wrap=table is None)
        outcomes = Counter(book.status for book in reports)
        words = "，".join(f"{each.word} {outcomes[each]}" for each in library.Status if outcomes[each])
        reused = f"其中 {finished.reused} 个没有变，沿用上次的结果。" if finished.reused else ""
        beside = f"另有带着说明单独交回的问题清单 {lists} 份。" if lists else ""
        console.print(f"共 {len(reports)} 个文件{words and f'：{words}'}。{beside}{reused}")
        for sentence in (*finished.remarks, *_where(finished), _next_step(finished, merged=merged)):
            console.print(sentence, soft_wrap=True)

    def show_rules(self, entries: list[dict[str, str]], *, detailed: bool) -> None:
        """The rulebook as a list, or one rule in full, on stdout."""
        for entry in entries:
            severity = library.Severity(entry["severity"])
            if not detailed:
                self.tell(f"{entry['id']}　{severity.word}　{entry['demand']}")
                continue
            self.tell(f"{entry['id']}（{entry['family']}，{severity.word}）{entry['place']}")
            for word, key in (("要求", "demand"), ("理由", "reason"), ("依据", "source"), ("举例", "example")):
                self.tell(f"{word}：{entry[key]}")
            self.tell(f"处理：{entry['remedy']}")
            self.tell(f"局限：{entry['limits']}")
            self.tell(f"程序：{_file_of(entry['function'])}")

    def show_policy(self, policy: library.PolicyInWords) -> None:
        """The policy in force on stdout: what it is, then every parameter, group by group, and every rule."""
        from itertools import groupby

        from rich.cells import cell_len

        self.tell(f"规则：{policy.name}（校验值 {policy.sha256[:12]}）")
        self.tell(f"程序自带的：{policy.shipped}；用 --policy 名称 采用，用 evalxl policy --policy 名称 查看。")
        for group, members in groupby(policy.parameters, lambda each: each.group):
            every = list(members)
            self.tell(f"【{group}】", "blue")
            room = max(cell_len(each.name) for each in every)
            for each in every:
                cited = f"　依据：{each.cited}" if each.cited else ""
                name = each.name + " " * (room - cell_len(each.name))
                self.tell(f"  {name}  {each.value or '-'}　{each.sense}{cited}")


def findings_in_words(result: library.Result) -> Iterator[tuple[str, str | None]]:
    """Every workbook with its status and findings, line by line, each with its colour; one thing a line."""
    by_workbook: dict[str, list[library.Finding]] = {}
    for finding in result.findings:
        by_workbook.setdefault(finding.workbook, []).append(finding)
    for book in result.workbooks:
        counts = zip(library.Severity, (book.errors, book.warnings, book.infos), strict=True)
        numbers = "，".join(f"{severity.word} {count}" for severity, count in counts)
        head = f"{book.workbook}　{book.department}　{book.status.word}（{numbers}）"
        lines: list[tuple[str, str | None]] = [(head, _STATUS_COLOURS[book.status])]
        for finding in by_workbook.get(book.workbook, []):
            lines.append((f"  {finding.severity.word} {finding.rule} {finding.message}", _COLOURS[finding.severity]))
            lines.append((f"        → {finding.fix}", None))
        yield from ((line.replace("\n", " "), colour) for line, colour in lines)  # whatever a sender wrote


def _table(books: Sequence[library.Workbook], width: int) -> Table | None:
    """The closing table; a name that has no room goes on below, and nothing of it is cut off.

    A file that is called as its department is stands there once. None where the window is too narrow for a table.
    """
    from rich.cells import cell_len
    from rich.table import Column, Table
    from rich.text import Text

    words = ("状态", "等级", *(severity.word for severity in library.Severity))
    rows = [
        (book.status.word, book.grade or "-", *map(str, (book.errors, book.warnings, book.infos))) for book in books
    ]
    files = ["" if book.workbook == f"{book.department}.xlsx" else book.workbook for book in books]
    columns = len(words) + 1 + any(files)
    widths = [max(map(cell_len, column)) for column in zip(words, *rows, strict=True)]
    room = width - sum(widths) - columns * _PADDING - columns - 1  # for names; a line stands before each and at the end
    if room < _LEAST_NAMES:
        return None
    name = min(max(cell_len(book.department) for book in books), room - _LEAST_FILE if any(files) else room)
    table = Table(
        Column("部门", overflow="fold", min_width=name, max_width=name),
        *(Column(word, no_wrap=True, min_width=least) for word, least in zip(words, widths, strict=True)),
        # Without a width it is cut off where it does not fit.
        *([Column("文件", overflow="fold", max_width=room - name)] if any(files) else []),
    )
    for book, row, file in zip(books, rows, files, strict=True):
        state = Text(row[0], _STATUS_COLOURS[book.status])
        table.add_row(Text(book.department), state, *row[1:], *([Text(file)] if any(files) else []))
    return table


def _lines(books: Sequence[library.Workbook]) -> Iterator[str]:
    """The same without a table, for a narrow window."""
    for book in books:
        counts = zip(library.Severity, (book.errors, book.warnings, book.infos), strict=True)
        numbers = "，".join(f"{severity.word} {count}" for severity, count in counts)
        yield f"{book.department}　{book.status.word}　{book.grade or '-'}（{numbers}）　{book.workbook}"


def _file_of(function: str) -> str:
    """A function's file and name, as a newcomer looks it up: evalxl/rules/budget.py 的 expenditure_adds_up."""
    module, _, name = function.rpartition(".")
    return f"{module.replace('.', '/')}.py 的 {name}"


_LEAST_NAMES, _LEAST_FILE = 30, 12  # columns of a terminal
_PADDING = 2  # blanks in a cell beside what stands in it
_MOST_ROWS = 60  # more departments than a screen shows are better looked up in the summary


def _where(finished: library.RunResult) -> Iterator[str]:
    """Where the results lie."""
    yield f"汇总表：{finished.outbox / library.SUMMARY}"
    if library.PENDING in finished.files:
        yield f"待办：{finished.outbox / library.PENDING}"
    yield f"抽查表：{finished.outbox / library.RECHECKS}"
    for words, folder in (
        ("各部门结果", library.RESULTS),
        ("退回修改的", library.RETURNED),
        ("自评报告", library.REPORTS),
    ):
        if any(name.startswith(f"{folder}/") for name in finished.files):
            yield f"{words}：{finished.outbox / folder}"


def _next_step(finished: library.RunResult, *, merged: bool) -> str:
    """What the operator does now."""
    if not finished.steps:
        return "下一步：打开汇总表，看过《总览》和《核对》，用 evalxl audit 再核对一遍，然后签字。"
    if merged:
        return "下一步：请各区县办完还没有通过的，重新运行后再合并；都通过了，打开汇总表核对、签字。"
    steps = "；".join(finished.steps)
    asked = finished.comparable and not finished.compared
    again = f"原命令加上 --previous {finished.outbox} 再运行" if asked else "原命令再运行"
    return f"下一步：{steps}；报回的放进收件夹替换旧的，{again}。"
