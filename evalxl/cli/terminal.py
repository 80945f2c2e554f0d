"""What a person sees on the terminal: findings on stdout, words and progress on stderr, nothing when asked to be quiet.

Texts from workbooks are printed as they are, never as markup; signs are such as a GBK console has.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from evalxl.district.findings import Change, Finding, Severity, Status
from evalxl.store.files import REPORTS, RESULTS, RETURNED, SUMMARY, OutputError
from evalxl.values.errors import cause

if TYPE_CHECKING:
    from rich.console import Console

    from evalxl.district.tables import District
    from evalxl.policy.policy import Policy
    from evalxl.run.district import Outcome
    from evalxl.run.run import Run

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_STATUS_COLOURS = {
    Status.ACCEPTED: "green",
    Status.EXPLAINED: "green",
    Status.EXPLAIN: "yellow",
    Status.RETURNED: "red",
    Status.REFUSED: "red",
}
_SEVERITIES = {severity.value: severity for severity in Severity}


class NobodyReads(OutputError):
    """Whoever was to read the output has gone (``evalxl rules | head``): there is nobody to tell either."""


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Writing to stdout; what goes wrong there is an output that could not be written."""
    try:
        yield
    except BrokenPipeError:
        raise NobodyReads from None
    except OSError as error:
        raise OutputError(f"结果输出不了（{cause(error)}），请检查输出到的文件和磁盘空间。") from None


class Terminal:
    """The terminal, as quiet and as plain as asked for."""

    def __init__(self, *, quiet: bool, no_color: bool) -> None:
        self.quiet = quiet
        self.plain = no_color or bool(os.environ.get("NO_COLOR")) or not sys.stdout.isatty()
        self._no_color = no_color

    def say(self, sentence: str) -> None:
        """Tell the operator something."""
        if not self.quiet:
            typer.echo(sentence, err=True)

    def _console(self) -> Console:
        from rich.console import Console

        return Console(stderr=True, no_color=self._no_color or None, markup=False, highlight=False, emoji=False)

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

    def show_findings(self, d: District, findings: list[Finding]) -> None:
        """Every workbook with its status and findings, on stdout."""
        for line, colour in findings_in_words(d, findings):
            self.tell(line, colour)

    def show_run(self, finished: Run, outbox: Path) -> None:
        """The closing table of a run: what became of every department, and where the results lie."""
        if self.quiet:
            return
        from rich.table import Table
        from rich.text import Text

        from evalxl.outputs.records import statuses

        outcome = finished.outcome
        judged = statuses(outcome.district, outcome.findings)
        books = outcome.district.workbooks
        grades = outcome.grades.departments.set_index("workbook")["grade"].to_dict()
        console = self._console()
        if len(books) <= _MOST_ROWS:
            table = Table("部门", "状态", "等级", *(severity.word for severity in Severity), "文件")
            for workbook, department in zip(books["workbook"], books["department"], strict=True):
                status, counts = judged[workbook]
                numbers = [str(counts[severity]) for severity in Severity]
                state = Text(status.word, _STATUS_COLOURS[status])
                table.add_row(Text(department), state, grades.get(workbook) or "-", *numbers, Text(workbook))
            console.print(table)
        outcomes = Counter(status for status, _ in judged.values())
        words = "，".join(f"{each.word} {outcomes[each]}" for each in Status if outcomes[each])
        reused = f"其中 {finished.reused} 个没有变，沿用上次的结果。" if finished.reused else ""
        console.print(f"共 {len(books)} 个文件：{words}。{reused}")
        for sentence in (*_told_of(outcome), *_where(finished.files, outbox)):
            console.print(sentence, soft_wrap=True)

    def show_rules(self, entries: list[dict[str, str]], *, detailed: bool) -> None:
        """The rulebook as a list, or one rule in full, on stdout."""
        for entry in entries:
            severity = _SEVERITIES[entry["severity"]]
            if not detailed:
                self.tell(f"{entry['id']}　{severity.word}　{entry['demand']}")
                continue
            self.tell(f"{entry['id']}（{entry['family']}，{severity.word}）{entry['place']}")
            for word, key in (("要求", "demand"), ("理由", "reason"), ("依据", "source"), ("举例", "example")):
                self.tell(f"{word}：{entry[key]}")
            self.tell(f"处理：{entry['remedy']}")
            self.tell(f"局限：{entry['limits']}")
            self.tell(f"程序：{_file_of(entry['function'])}")

    def show_policy(self, policy: Policy, demands: Mapping[str, str]) -> None:
        """The policy in force on stdout: what it is, then every parameter, group by group, and every rule."""
        from itertools import groupby

        from rich.cells import cell_len

        from evalxl.policy.cells import written
        from evalxl.policy.entries import entries
        from evalxl.policy.shipped import shipped_in_words
        from evalxl.rules import RULES

        self.tell(f"规则：{policy.head.name}（校验值 {policy.sha256[:12]}）")
        self.tell(f"程序自带的：{shipped_in_words()}；用 --policy 名称 采用，用 evalxl policy --policy 名称 查看。")
        for group, members in groupby(entries(policy, demands), lambda entry: entry.group):
            every = list(members)
            self.tell(f"【{group}】", "blue")
            room = max(cell_len(each.name) for each in every)
            for each in every:
                usual = RULES.get(each.place[-1]) if each.place[0] == "severity" else None
                value = usual.severity.word if usual and each.value is None else written(each)
                cited = f"　依据：{each.cited.reference}" if each.cited else ""
                name = each.name + " " * (room - cell_len(each.name))
                self.tell(f"  {name}  {'-' if value == '' else value}　{each.sense}{cited}")


def findings_in_words(d: District, findings: list[Finding]) -> Iterator[tuple[str, str | None]]:
    """Every workbook with its status and findings, line by line, each with its colour; one thing a line."""
    from evalxl.outputs.records import statuses

    by_workbook: dict[str, list[Finding]] = {}
    for finding in findings:
        by_workbook.setdefault(finding.workbook, []).append(finding)
    departments = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    for workbook, (status, counts) in statuses(d, findings).items():
        numbers = "，".join(f"{severity.word} {counts[severity]}" for severity in Severity)
        head = f"{workbook}　{departments[workbook]}　{status.word}（{numbers}）"
        lines: list[tuple[str, str | None]] = [(head, _STATUS_COLOURS[status])]
        for finding in by_workbook.get(workbook, []):
            lines.append((f"  {finding.severity.word} {finding.rule} {finding.message}", _COLOURS[finding.severity]))
            lines.append((f"        → {finding.fix}", None))
        yield from ((line.replace("\n", " "), colour) for line, colour in lines)  # whatever a sender wrote


def _file_of(function: str) -> str:
    """A function's file and name, as a newcomer looks it up: evalxl/rules/budget.py 的 expenditure_adds_up."""
    module, _, name = function.rpartition(".")
    return f"{module.replace('.', '/')}.py 的 {name}"


_MOST_ROWS = 60  # more departments than a screen shows are better looked up in the summary


def _told_of(outcome: Outcome) -> Iterator[str]:
    """What a run has to say that is in no department's row: changes, the district's findings, copies, blanks."""
    changes = Counter(each.change for each in outcome.findings if each.change)
    changes[Change.FIXED.value] = len(outcome.fixed)
    if len(changes) > 1 or outcome.fixed:
        told = "，".join(f"{each.word} {changes[each.value]}" for each in Change if changes[each.value])
        yield f"与上一次相比：{told}。"
    yield from (
        f"{each.severity.word} {each.rule} {each.message}{each.fix}" for each in outcome.findings if not each.workbook
    )
    yield from (f"{workbook} {why}，请单独重新处理这一份。" for workbook, why in outcome.failed.items())
    yield from (f"{workbook} {why}，退回的是问题清单。" for workbook, why in sorted(outcome.unmarked.items()))
    from evalxl.facts.prevalence import prevalent_rules

    read = outcome.district.workbooks["workbook"][outcome.district.workbooks["readable"]]
    yield from (f"{each.words}。" for each in prevalent_rules(outcome.findings, read))
    for workbook, blanks in sorted(outcome.blanks.items()):
        if blanks:
            yield f"{workbook} 的报告留空待填：{'、'.join(blanks)}。"


def _where(files: list[str], outbox: Path) -> Iterator[str]:
    """Where the results lie."""
    yield f"汇总表：{outbox / SUMMARY}"
    for words, folder in (("各部门结果", RESULTS), ("退回修改的", RETURNED), ("自评报告", REPORTS)):
        if any(name.startswith(f"{folder}/") for name in files):
            yield f"{words}：{outbox / folder}"
