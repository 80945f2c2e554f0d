"""Returned copies of everything in the zoo that is read, and of what other programs saved: sound, or a list with a reason."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import fill
from copies import (
    FORM,
    RICH,
    TEMPLATE,
    TEMPLATE_MARKS,
    book,
    compare,
    filled,
    finding,
    grid,
    packed,
    parts,
    rich,
    strict,
)
from soundness import complaints
from zoo import ZOO

from evalxl.outputs import department
from evalxl.outputs.result import workbook as result
from evalxl.outputs.returned import CannotMark, mark, write_findings_workbook
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

# What is read and yet not marked, and why.
_LISTED = {
    "宏.xlsm": "含有宏，不能在原表上标注",
    "模板型.xlsx": "不是普通的 .xlsx 工作簿，不能在原表上标注",
    "万样式.xlsx": "单元格格式太多，不能在原表上标注",
    "百万格式行.xlsx": "单元格格式编号有误，不能在原表上标注",
    "四十万格式格.xlsx": "有工作表的行次序混乱，不能在原表上标注",
    "内嵌文档.xls": "是旧格式（.xls 或 .et），不能在原表上标注",
    "旧.xls": "是旧格式（.xls 或 .et），不能在原表上标注",
    "文字.et": "是旧格式（.xls 或 .et），不能在原表上标注",
    "旧.xlsx": "是旧格式（.xls 或 .et），不能在原表上标注",
    "开放.ods": "不是 .xlsx 工作簿，不能在原表上标注",
    "无类型.ods": "不是 .xlsx 工作簿，不能在原表上标注",
    "开放.xlsx": "不是 .xlsx 工作簿，不能在原表上标注",
    "空行到底.ods": "不是 .xlsx 工作簿，不能在原表上标注",
    "双字节.ods": "不是 .xlsx 工作簿，不能在原表上标注",
    "异前缀.ods": "不是 .xlsx 工作簿，不能在原表上标注",
    "类型在后.ods": "不是 .xlsx 工作簿，不能在原表上标注",
    "坏批注.xls": "是旧格式（.xls 或 .et），不能在原表上标注",
    "大写流.xls": "是旧格式（.xls 或 .et），不能在原表上标注",
    "老流.xls": "是旧格式（.xls 或 .et），不能在原表上标注",
    "宏表.xlsm": "含有宏，不能在原表上标注",
    "另择.xlsx": "有工作表的行次序混乱，不能在原表上标注",
    "根目录工作簿.xlsx": "不是普通的 .xlsx 工作簿，不能在原表上标注",
}
_ILL_FORMED = {"两个关系.xlsx", "未声明前缀.xlsx"}  # as they were sent: prefixes that nothing declares
_READ = [name for name, beast in ZOO.items() if not beast.code]


@pytest.mark.parametrize("name", _READ, ids=ascii)
def test_every_beast_that_is_read_is_marked_soundly_or_listed(tmp_path: Path, name: str) -> None:
    ZOO[name].make(tmp_path / name)
    before, findings = (tmp_path / name).read_bytes(), [finding("预算!A1"), finding("预算!C9")]
    if name in _LISTED:
        with pytest.raises(CannotMark) as refused:
            mark(before, "局", findings)
        assert str(refused.value) == _LISTED[name]
        return
    after = mark(before, "局", findings)
    assert mark(after, "局", findings) == after
    if name in _ILL_FORMED:
        return
    assert complaints(after) - complaints(before) == set()
    assert complaints(mark(after, "局", [])) - complaints(before) == set()


def _of_openpyxl(data: bytes) -> bytes:
    workbook, stream = openpyxl.load_workbook(io.BytesIO(data)), io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _capitals(data: bytes) -> bytes:
    """The same workbook with its content types in capitals and its main part's type as that of its kind of file."""
    types = parts(data)[FORM].decode().replace('"rels"', '"RELS"')
    main = re.search(r'<Override PartName="/xl/workbook.xml" (ContentType="[^"]*")/>', types)
    assert main is not None
    types = types.replace(main[0], "").replace(
        'Extension="xml" ContentType="application/xml"', f'Extension="XML" {main[1]}'
    )
    return packed(parts(data) | {FORM: types.encode()})


def test_every_workbook_that_a_run_writes_is_sound(tmp_path: Path, policy: Policy) -> None:
    """Summary, results, and the returned copies of a file of ours, of one in the strict variant, and of an older form."""
    inbox, outbox = tmp_path / "收件", tmp_path / "结果"
    inbox.mkdir()
    wrong = {"预算!D22": 903.0, "项目!J7": "优秀", "项目!K8": "空"}
    ways: dict[str, Callable[[bytes], bytes]] = {"甲局": bytes, "乙局": strict, "丙局": _capitals}
    for name, way in ways.items():
        path = fill(tmp_path / f"{name}.xlsx", wrong | {"基本信息!B5": f"示范区{name}"})
        (inbox / path.name).write_bytes(way(path.read_bytes()))
    batch.run(inbox, outbox, Settings(policy))
    found = {path.relative_to(outbox).as_posix(): complaints(path.read_bytes()) for path in outbox.rglob("*.xlsx")}
    assert found == {
        "汇总表.xlsx": set(),
        "待办.xlsx": set(),
        "抽查表.xlsx": set(),
        **{f"{folder}/示范区{name}.xlsx": set() for folder in ("结果", "退回") for name in ways},
    }


def test_a_copy_of_a_file_of_openpyxl_has_no_complaint_of_its_own(tmp_path: Path) -> None:
    before = _of_openpyxl(filled(tmp_path))
    after = mark(before, "局", TEMPLATE)
    assert complaints(after) - complaints(before) == set()
    compare(before, after, TEMPLATE_MARKS)


# ---------------------------------------------------------------- readers in other languages

_NODE = shutil.which("node")
_READERS = """
const XLSX = require('xlsx'), ExcelJS = require('exceljs'), found = {};
(async () => {
  for (const file of process.argv.slice(1)) {
    const sheets = found[file] = {};
    const book = XLSX.readFile(file);
    for (const name of book.SheetNames) for (const [at, cell] of Object.entries(book.Sheets[name]))
      if (at[0] !== '!' && cell.v !== undefined) sheets['SheetJS ' + name + '!' + at] = [cell.v, cell.f || ''];
    const other = new ExcelJS.Workbook();
    await other.xlsx.readFile(file);
    other.eachSheet(sheet => sheet.eachRow(row => row.eachCell(cell => {
      if (cell.master === cell && cell.value !== null)
        sheets['exceljs ' + sheet.name + '!' + cell.address] = JSON.stringify(cell.value); })));
  }
  console.log(JSON.stringify(found));
})();
"""


def _has_readers() -> bool:
    if _NODE is None:
        return False
    asked = "require.resolve('xlsx'); require.resolve('exceljs')"
    return subprocess.run([_NODE, "-e", asked], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _has_readers(), reason="needs node, with xlsx and exceljs where NODE_PATH says")
def test_sheetjs_and_exceljs_read_every_value_of_the_sender(tmp_path: Path) -> None:
    senders = {"rich": (rich(), RICH), "template": (filled(tmp_path), TEMPLATE)}
    for name, (data, findings) in senders.items():
        (tmp_path / f"{name}.xlsx").write_bytes(data)
        (tmp_path / f"{name} copy.xlsx").write_bytes(mark(data, "局", findings))
    files = [str(tmp_path / f"{name}{end}.xlsx") for name in senders for end in ("", " copy")]
    done = subprocess.run([str(_NODE), "-e", _READERS, *files], capture_output=True, check=True, env=os.environ)
    read = json.loads(done.stdout)
    for before, after in zip(files[::2], files[1::2], strict=True):
        assert len(read[before]) > 50
        assert {at: value for at, value in read[after].items() if " 问题清单!" not in at} == read[before]


# ---------------------------------------------------------------- only what was checked


@pytest.mark.parametrize(("change", "reason"), [("写入", "在处理过程中被改动"), ("删去", "在处理过程中不能再打开")])
def test_a_file_that_changed_meanwhile_is_not_marked(
    tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch, change: str, reason: str
) -> None:
    """Another workbook under the same name was neither probed nor checked: its marks would be those of the first."""
    inbox = tmp_path / "收件"
    inbox.mkdir()
    path = fill(inbox / "甲局.xlsx", {"预算!D22": 903.0})
    write = result.write_result

    def write_and_change(*arguments: Any) -> None:
        write(*arguments)
        path.unlink()
        if change == "写入":
            fill(path, {"基本信息!B5": "示范区乙局"})

    monkeypatch.setattr(department, "write_result", write_and_change)
    batch.run(inbox, tmp_path / "结果", Settings(policy))
    returned = tmp_path / "结果" / "退回" / "示范区文化局.xlsx"
    assert book(returned.read_bytes()).sheetnames == ["问题清单"]
    assert grid(returned.read_bytes())[1][0].startswith(
        f"报送的工作簿“甲局.xlsx”{reason}，不能在原表上标注，因此只列出问题清单。"
    )


def test_the_template_and_a_list_of_its_own_are_sound(tmp_path: Path) -> None:
    write_findings_workbook(tmp_path / "清单.xlsx", "局", "a.xls", TEMPLATE, "是旧格式（.xls），不能在原表上标注")
    template = Path(__file__).parent.parent / "templates" / "budget_template.xlsx"
    assert [complaints(path.read_bytes()) for path in (tmp_path / "清单.xlsx", template)] == [set(), set()]
