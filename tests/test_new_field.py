"""One more column of 项目, declared in the layout alone, appears in template, result and summary by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evalxl.layout import cell, column_number

_PROGRAM = """
import importlib.machinery, importlib.util, json, sys
from pathlib import Path


class Declared(importlib.machinery.SourceFileLoader):
    "The module of the standard sheets, with one more line."

    def get_code(self, name):
        source = Path(self.path).read_text(encoding="utf-8")
        at = source.index('        Field("{before}", "', source.index("PROJECTS = Sheet("))
        declared = '        Field("location", "项目地点", width=16, hint="写到乡镇、街道。"),\\n'
        return compile(source[:at] + declared + source[at:], self.path, "exec")


class Finder:
    def find_spec(self, name, path, target=None):
        if name != "evalxl.layout.standard":
            return None
        return importlib.util.spec_from_loader(name, Declared(name, str(Path(path[0]) / "standard.py")))


sys.meta_path.insert(0, Finder())

import openpyxl
from python_calamine import CalamineWorkbook
from evalxl.cli import main
from evalxl.layout import PROJECTS, SHEETS, template_cell
from evalxl.policy import policy
from evalxl.template import build

folder = Path(sys.argv[1])
filled = folder / "in" / "文化局.xlsx"
filled.parent.mkdir()
entries = {{
    "基本信息!" + template_cell(SHEETS[1], key): value
    for key, value in {{"department": "文化局", "region": "鹿泉区", "year": 2023}}.items()
}}
project = {{"name": "馆舍修缮", "unit": "文化局", "location": "获鹿镇", "initial": 10, "revised": 12, "executed": 9, "score": 91, "grade": "优秀"}}
entries |= {{f"{{PROJECTS.title}}!{{template_cell(PROJECTS, key, 5)}}": value for key, value in project.items()}}
build(filled, policy.load(), None, entries)
try:
    main(["run", str(filled.parent), str(folder / "out"), "--quiet", "--jobs", "1"])
except SystemExit as ended:
    code = ended.code


def rows(path, title):
    return CalamineWorkbook.from_path(path).get_sheet_by_name(title).to_python(skip_empty_area=False)


def record(path, title, header_row):
    table = rows(path, title)
    return list(map(list, zip(table[header_row - 1], table[header_row])))


template = openpyxl.load_workbook(filled)[PROJECTS.title]
check = template[template_cell(PROJECTS, "measure", 5)].offset(0, 1).value
print(json.dumps({{
    "code": code,
    "place": template_cell(PROJECTS, "location", 5),
    "check": check,
    "template": record(filled, PROJECTS.title, PROJECTS.HEADER_ROW),
    "result": record(next((folder / "out" / "结果").iterdir()), "项目", 3),
    "summary": record(folder / "out" / "汇总表.xlsx", "项目汇总", 3),
    "findings": json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))["findings"],
}}, default=str))
"""


@pytest.mark.parametrize(("before", "left"), [("initial", "实施单位"), ("executed", "全年预算数")])
def test_a_field_in_the_middle_appears_by_itself(before: str, left: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", _PROGRAM.format(before=before), str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name in ("template", "result", "summary"):
        shown = [[header.rstrip("*"), value] for header, value in found[name]]
        assert ["项目地点", "获鹿镇"] in shown, name
        headers = [header for header, _ in shown]
        assert headers[headers.index("项目地点") - 1] == left, name
        assert dict(shown)["项目名称"] == "馆舍修缮"
        assert dict(shown)["全年执行数"] == 9
    filled = _cells(found["check"], "=IF(COUNTA(")
    amounts = _cells(found["check"].partition("=0")[2], "IF(COUNTA(")
    assert found["place"] in filled
    assert found["place"] not in amounts
    assert len(amounts) == 3


def _cells(formula: str, start: str) -> set[str]:
    """The cells that a formula counts where it begins so."""
    areas = formula.partition(start)[2].partition(")")[0].replace("$", "").split(",")
    ends = [(area.partition(":")[0], area.rpartition(":")[2]) for area in areas]
    return {
        cell(5, at)
        for first, last in ends
        for at in range(*(column_number(end[0]) + by for end, by in ((first, 0), (last, 1))))
    }
