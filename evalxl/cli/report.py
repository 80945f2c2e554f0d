"""The command that writes the Word report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalxl.cli.app import (
    NoColorOption,
    PolicyOption,
    QuietOption,
    command,
    load_policy,
    path_to_read,
    path_to_write,
)
from evalxl.cli.terminal import Terminal
from evalxl.district.findings import Severity
from evalxl.store.files import file_names, replacing
from evalxl.values.errors import UsageError


@command()
def report(
    source: Annotated[
        Path, typer.Argument(metavar="OUTBOX|WORKBOOK", parser=path_to_read, help="结果文件夹，或一本工作簿。")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", parser=path_to_write, help="存放报告的文件夹。")],
    policy: PolicyOption = None,
    quiet: QuietOption = False,
    no_color: NoColorOption = False,
) -> None:
    """生成部门整体支出绩效自评报告（Word），列出留空待填的地方。"""
    from evalxl.facts.grade import grade
    from evalxl.facts.submissions import superseded
    from evalxl.intake.read import read
    from evalxl.outputs.word import write_report
    from evalxl.rules.engine import check
    from evalxl.store.earlier import load_district

    terminal = Terminal(quiet=quiet, no_color=no_color)
    rulebook = load_policy(policy)
    if not source.exists():
        raise UsageError(f"没有 {source} 这个文件或文件夹，请检查路径。")
    d = load_district(source) if source.is_dir() else read([(source.name, source)], rulebook)
    books = d.workbooks[d.workbooks["readable"]]
    if books.empty:
        reasons = d.notes[d.notes["kind"] == "unreadable"]["value"].tolist()
        raise UsageError(f"{source} {reasons[0] if reasons else '里没有可以写成报告的工作簿'}，请核对。")
    names = file_names(zip(books["workbook"], books["department"], strict=True))
    there = next((name for name in names.values() if (out / f"{name}.docx").exists()), None)
    if there is not None:
        raise UsageError(f"{out} 里已有 {there}.docx，为免覆盖改过的报告，请换一个文件夹，或先移走它。")
    wrong = {each.workbook for each in check(d, rulebook).findings if each.severity is Severity.ERROR}
    later, grades = superseded(d), grade(d, rulebook)
    for workbook, one in d.split():
        if workbook in names:
            path = out / f"{names[workbook]}.docx"
            with replacing(path) as temporary:
                blanks = write_report(temporary, one, grades.of(workbook), rulebook)
            left = f"留空待填：{'、'.join(blanks)}。" if blanks else "没有留空。"
            doubt = "工作簿还有错误没有改正，报告中的数仅供参考。" if workbook in wrong else ""
            if workbook in later:
                doubt += f"同一部门以 {later[workbook]} 为准，这一份没有计入汇总。"
            terminal.say(f"已生成 {path}，{left}{doubt}")
