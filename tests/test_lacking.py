"""Inboxes in which something is lacking: a sheet, every sheet, every readable file. A run is complete all the same."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from conftest import fill
from python_calamine import CalamineWorkbook

from evalxl import layout
from evalxl.cli import main
from evalxl.intake.read import read
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.merge import merge
from evalxl.run.settings import Settings
from evalxl.transfer.migrate import migrate

NAME, OTHER = "示范区文化局", "示范区水利局"
TITLES = [sheet.title for sheet in layout.SHEETS]
OPTIONAL = {layout.INSTRUCTIONS.title, layout.INDICATORS.title}
MERGED = {
    "汇总表.xlsx",
    "抽查表.xlsx",
    "汇总分析报告.docx",
    "findings.json",
    "findings.csv",
    "run.json",
    "evalxl.sqlite",
}
WHOLE = MERGED | {"待办.xlsx"}


def without(path: Path, *titles: str) -> Path:
    """A workbook from which sheets are taken away, and nothing else is."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for title in titles:
        parts["xl/workbook.xml"], times = re.subn(
            f'<sheet name="{title}"[^>]*/>'.encode(), b"", parts["xl/workbook.xml"]
        )
        assert times == 1
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def evalxl(*arguments: object) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        main([*map(str, arguments)])
    return int(ended.value.code or 0)


def departments(outbox: Path) -> dict[str, tuple[str, object]]:
    """Name and score of every department as 部门汇总 shows them."""
    rows = CalamineWorkbook.from_path(outbox / "汇总表.xlsx").get_sheet_by_name("部门汇总").to_python()
    header = next(row for row in rows if "部门" in row)
    name, score, state = (header.index(each) for each in ("部门", "整体自评得分", "状态"))
    return {str(row[name]): (str(row[state]), row[score]) for row in rows[rows.index(header) + 1 :] if row[state]}


@pytest.mark.parametrize("title", TITLES)
def test_a_workbook_that_lacks_a_sheet_is_reported_merged_and_run_again(
    title: str, tmp_path: Path, policy: Policy
) -> None:
    inbox, outbox, city = tmp_path / "in", tmp_path / "out", tmp_path / "city"
    inbox.mkdir()
    without(fill(inbox / f"{NAME}.xlsx", {}), title)
    lost = title not in OPTIONAL
    first = batch.run(inbox, outbox, Settings(policy, report=True))
    assert [(each.rule, each.sheet) for each in first.outcome.findings] == ([("F01", title)] if lost else [])
    own = {f"退回/{NAME}.xlsx"} if lost else {f"报告/{NAME}.docx"}
    assert set(first.files) == WHOLE | {f"结果/{NAME}.xlsx"} | own
    score = "" if title == layout.GENERAL.title else 88.2
    shown = {NAME: ("退回" if lost else "通过", score)}
    assert (first.exit_code, departments(outbox)) == (int(lost), shown)
    again = batch.run(inbox, outbox, Settings(policy, report=True))
    assert (again.reused, again.exit_code, departments(outbox)) == (1, int(lost), shown)
    merged = merge([outbox], city, policy, report=True)
    assert (merged.exit_code, set(merged.files), departments(city)) == (int(lost), MERGED, shown)


@pytest.mark.parametrize("title", TITLES)
def test_a_report_is_written_of_a_workbook_that_lacks_a_sheet(
    title: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = without(fill(tmp_path / f"{NAME}.xlsx", {}), title)
    assert evalxl("report", path, "--out", tmp_path / "word") == 0
    words = capsys.readouterr().err
    assert words.count("\n") == 1
    assert words.startswith(f"已生成 {tmp_path / 'word' / NAME}.docx，")
    assert ("没有留空" in words) == (title in OPTIONAL)


def test_a_workbook_without_any_of_the_sheets_is_not_read_and_listed_all_the_same(
    tmp_path: Path, policy: Policy
) -> None:
    inbox, outbox, city = tmp_path / "in", tmp_path / "out", tmp_path / "city"
    inbox.mkdir()
    without(fill(inbox / f"{NAME}.xlsx", {}), *TITLES[1:])
    fill(inbox / f"{OTHER}.xlsx", {"基本信息!B5": OTHER, "基本信息!B6": "205002"})
    shown = {NAME: ("未读取", ""), OTHER: ("通过", 88.2)}
    assert (batch.run(inbox, outbox, Settings(policy, report=True)).exit_code, departments(outbox)) == (3, shown)
    assert (merge([outbox], city, policy, report=True).exit_code, departments(city)) == (3, shown)


def test_an_inbox_of_unreadable_files_alone_is_reported_and_merged(tmp_path: Path, policy: Policy) -> None:
    inbox, outbox, city = tmp_path / "in", tmp_path / "out", tmp_path / "city"
    inbox.mkdir()
    (inbox / f"{NAME}.xlsx").write_bytes(b"nothing")
    (inbox / f"{OTHER}.xlsx").touch()
    for _ in range(2):
        run = batch.run(inbox, outbox, Settings(policy, report=True))
        assert (run.exit_code, set(run.files)) == (3, WHOLE)
        assert departments(outbox) == {NAME: ("未读取", ""), OTHER: ("未读取", "")}
    assert merge([outbox], city, policy, report=True).exit_code == 3
    assert departments(city) == {NAME: ("未读取", ""), OTHER: ("未读取", "")}
    assert json.loads((city / "run.json").read_text(encoding="utf-8"))["counts"]["refused"] == 2


def test_an_empty_inbox_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    assert evalxl("run", tmp_path / "in", tmp_path / "out", "--report") == 2
    assert capsys.readouterr().err == f"evalxl：收件夹 {tmp_path / 'in'} 里没有文件，请检查路径。\n"
    assert not (tmp_path / "out").exists()


def test_a_unit_that_only_a_heading_states_is_stated_after_the_move(tmp_path: Path, policy: Policy) -> None:
    """Else what was 元 would be read as 万元."""
    old = without(fill(tmp_path / "old.xlsx", {"基本信息!B10": "元"}), layout.GENERAL.title)
    migrate(old, tmp_path / "new.xlsx", policy)
    before, after = (read([(name, tmp_path / name)], policy) for name in ("old.xlsx", "new.xlsx"))
    assert before.workbooks["money_unit"].tolist() == after.workbooks["money_unit"].tolist() == ["元"]
    amounts = [d.budget.set_index("key")["final"].dropna().to_dict() for d in (before, after)]
    assert amounts[0] == amounts[1]
    assert amounts[0]["appropriation"] == 90_000


def test_a_sheet_that_cannot_be_read_and_is_not_needed_is_named_when_a_workbook_is_moved(
    tmp_path: Path, policy: Policy
) -> None:
    old = fill(tmp_path / "old.xlsx", {})
    with zipfile.ZipFile(old) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    long = rb'<c r="\1" t="inlineStr"><is><t>' + b"x" * 33_000 + b"</t></is></c>"
    last = f"xl/worksheets/sheet{len(layout.SHEETS) + 1}.xml"
    parts[last] = re.sub(rb'<c r="(\w+)"[^>]*?(?:/>|>.*?</c>)', long, parts[last], count=1)
    with zipfile.ZipFile(old, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    moved = migrate(old, tmp_path / "new.xlsx", policy)
    assert moved.left == [f"《{layout.LISTS}》有一格超过 32767 字，表格软件存不下，没有移入。"]
    assert batch.check_files([("new.xlsx", tmp_path / "new.xlsx")], Settings(policy)).findings == []
