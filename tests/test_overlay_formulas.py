"""The live checks of a bureau's own template: every formula can be read, none fails, and what it tells is right."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from libreoffice import converted, needs_libreoffice
from openpyxl.formula import Tokenizer
from processes import program

pytestmark = pytest.mark.filterwarnings("ignore:Print area cannot be set")  # of openpyxl, which takes no name for one

# Titles that formulas must quote, headers with quotation marks, an own sheet of numbers alone, a column of text in the
# midst of the amounts, columns left out and moved, own fields in both forms, choices under one header on two sheets.
ODD = """
name = "怪表样"

[[change]]
sheet = "项目"
title = "2023 项目-支出"

[[change]]
sheet = "单位"
title = "R1C1"

[[change]]
sheet = "评价组"
title = "工作组（名单）"

[[sheet]]
title = "基础 数据(附)"

[[column]]
sheet = "基础 数据(附)"
header = "本年数"
kind = "金额"
required = true

[[column]]
sheet = "基础 数据(附)"
header = "上年数"
kind = "金额"

[[sheet]]
title = "A1"
shape = "表单"

[[column]]
sheet = "A1"
header = '是否"试点"'
kind = "分数"
required = true

[[column]]
sheet = "项目"
header = '是否"三保"'
kind = "选项"
choices = ["是", "否", '"待定"']
required = true

[[column]]
sheet = "单位"
header = '是否"三保"'
kind = "选项"
choices = ["甲", "乙"]
required = true

[[column]]
sheet = "基本信息"
header = "职工人数"
kind = "整数"

[[column]]
sheet = "文字说明"
header = "补充数"
kind = "分数"

[[column]]
sheet = "预算"
header = '情况"说明"'
after = "全年预算数"

[[change]]
sheet = "预算"
column = "决算数"
after = "项目"
title = '决算"数"'

[[line]]
label = '教育"收费"收入'
after = "事业收入"
part_of = "本年收入合计"

[[change]]
sheet = "项目"
column = "偏差原因"
left_out = true
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "怪.toml").write_text(ODD, encoding="utf-8")
    done = program("template", str(folder / "模板.xlsx"), "--layout", str(folder / "怪.toml"))
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return folder / "模板.xlsx"


def test_every_formula_can_be_read(template: Path) -> None:
    book = openpyxl.load_workbook(template)
    titles = set(book.sheetnames)
    formulas = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    formulas += [f"={each.value}" for each in book.defined_names.values()]
    assert len(formulas) > 100
    for formula in formulas:
        tokens = Tokenizer(formula).items
        assert sum(each.subtype == "OPEN" for each in tokens) == sum(each.subtype == "CLOSE" for each in tokens)
        for each in tokens:
            if each.subtype == "RANGE" and "!" in each.value:
                title = each.value.rpartition("!")[0]
                quoted = title.startswith("'") and title.endswith("'")
                assert (title[1:-1].replace("''", "'") if quoted else title) in titles
                assert quoted or re.fullmatch("[\u4e00-\u9fff]+", title)


@needs_libreoffice
def test_no_formula_fails_and_what_is_wrong_is_told(template: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template)
    page = book["2023 项目-支出"]
    headers = {str(cell.value).rstrip("*"): cell.column for cell in page[4]}
    page.cell(5, headers["项目名称"]).value = "甲项目"
    page.cell(5, headers["全年执行数"]).value = 3
    book["基础 数据(附)"]["B5"] = "十万"  # a number is wanted, and 本年数 is missing
    book["基础 数据(附)"]["A5"] = None
    general = book["基本信息"]
    at = {general.cell(row, 1).value: row for row in range(5, 30)}
    general.cell(at["职工人数"], 2).value = "三十人"
    budget = book["预算"]
    heads = [str(cell.value) for cell in budget[4]]
    budget.cell(5, heads.index('情况"说明"') + 1).value = "上级下达"  # a text among amounts is no wrong amount
    path = tmp_path / "填.xlsx"
    book.save(path)
    (computed,) = converted([path], tmp_path)
    shown = openpyxl.load_workbook(computed, data_only=True)
    texts = {
        sheet.title: [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        for sheet in shown
    }
    assert not [text for found in texts.values() for text in found if text.startswith(("#", "Err:"))]
    assert any('缺是否"三保"' in text for text in texts["2023 项目-支出"])
    assert any("A5 缺本年数" in text and "B5 上年数须为纯数字" in text for text in texts["基础 数据(附)"])
    assert any("职工人数须为纯数字" in text for text in texts["基本信息"])
    assert not [text for text in texts["预算"] if "金额须为纯数字" in text]
    assert not [text for text in texts["文字说明"] if "补充数" in text and "○" in text]
