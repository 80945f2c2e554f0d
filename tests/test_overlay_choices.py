"""What stands in a bureau's own column of choices and is none of them."""

from __future__ import annotations

import json
from pathlib import Path

from processes import program


def test_a_word_that_is_no_choice_of_an_own_column_is_told(tmp_path: Path) -> None:
    """On a table and on a form; a choice however it is spaced, and a blank, are as they should be."""
    path = tmp_path / "本区.toml"
    entry = '[[column]]\nsheet = "{}"\nheader = "类别"\nkind = "选项"\nchoices = ["甲 类", "乙类"]\n'
    path.write_text(entry.format("项目") + entry.format("基本信息"), encoding="utf-8")
    filled = program(
        source=f"""
from evalxl.values.layout_file import choose
choose(["--layout={path}"])
from pathlib import Path
from conftest import fill
from evalxl.layout import GENERAL, PROJECTS, template_address
own = {{sheet: next(each.key for each in sheet.fields if each.own) for sheet in (GENERAL, PROJECTS)}}
told = dict(zip((5, 6, 7), ("丙类", "甲类", "")))
edit = {{template_address(PROJECTS, own[PROJECTS], row): value for row, value in told.items()}}
fill(Path({str(tmp_path / "部门.xlsx")!r}), edit | {{template_address(GENERAL, own[GENERAL]): "甲乙"}})
print(template_address(PROJECTS, own[PROJECTS], 5), template_address(GENERAL, own[GENERAL]))
"""
    )
    project, form = filled.stdout.split()
    done = program("check", str(tmp_path / "部门.xlsx"), "--format", "json", "--layout", str(path))
    told = [each for each in json.loads(done.stdout)["findings"] if "选项" in each["message"]]
    assert [(each["rule"], each["severity"], each["message"], each["fix"]) for each in told] == [
        ("F02", "warning", f"{form} 类别：“甲乙”不在规定的选项中。", "请选填：甲 类、乙类。"),
        ("F02", "warning", f"{project} 公共文化服务体系建设·类别：“丙类”不在规定的选项中。", "请选填：甲 类、乙类。"),
    ], filled.stderr
