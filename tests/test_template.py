"""The template: what is in it, that it is the same every time, and that its formulas say what they should."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evalxl import layout
from evalxl.layout import BUDGET, GENERAL, INDICATORS, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Shape, Sheet
from evalxl.policy import policy
from evalxl.template import lists
from evalxl.template import workbook as template
from evalxl.template.instructions import band_words
from evalxl.template.references import verdict_cell
from evalxl.values.kinds import Kind

POLICY = policy.load()
Workbook = Any


def build(path: Path, **options: Any) -> Workbook:
    template.build(path, POLICY, **options)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return build(tmp_path_factory.mktemp("template") / "模板.xlsx")


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def fields() -> Iterator[tuple[Sheet, layout.Field]]:
    return ((sheet, field) for sheet in layout.DATA_SHEETS for field in sheet.fields)


# ---------------------------------------------------------------- the file


def test_two_builds_are_byte_identical(tmp_path: Path) -> None:
    template.build(tmp_path / "a.xlsx", POLICY, 2023, {"项目!B5": "会议费"})
    template.build(tmp_path / "b.xlsx", POLICY, 2023, {"项目!B5": "会议费"})
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert not list(tmp_path.glob("*.part"))


def test_the_file_is_small(tmp_path: Path) -> None:
    build(tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").stat().st_size < 100_000
    assert sum(map(len, parts(tmp_path / "a.xlsx").values())) < 700_000  # which costs its reader a millisecond


def test_version_stands_in_three_places(blank: Workbook) -> None:
    assert blank.custom_doc_props[lists.VERSION_NAME].value == layout.TEMPLATE_VERSION
    sheet, address = next(blank.defined_names[lists.VERSION_NAME].destinations)
    assert blank[sheet][address.replace("$", "")].value == layout.TEMPLATE_VERSION
    instructions = blank[layout.INSTRUCTIONS.title]
    assert any(layout.TEMPLATE_VERSION in str(cell.value) for row in instructions.iter_rows() for cell in row)
    assert blank.properties.title


def test_band_words_state_the_bands_in_force(blank: Workbook) -> None:
    assert band_words(POLICY)[0] == ("优秀", "85分（含）至100分")
    text = [str(cell.value) for row in blank[layout.INSTRUCTIONS.title].iter_rows() for cell in row]
    assert all(grade in text and scores in text for grade, scores in band_words(POLICY))


# ---------------------------------------------------------------- where things stand


def test_sheets_stand_in_the_order_of_the_layout(blank: Workbook) -> None:
    assert blank.sheetnames == [*(sheet.title for sheet in layout.SHEETS), layout.LISTS]
    assert blank[layout.LISTS].sheet_state == "hidden"


def test_every_header_and_label_stands_at_its_address(blank: Workbook) -> None:
    for sheet, field in fields():
        at = (sheet.row(field.key), 1) if sheet.shape is Shape.FORM else (sheet.HEADER_ROW, sheet.column(field.key))
        assert blank[sheet.title].cell(*at).value == field.title
    for line in BUDGET.lines:
        assert blank[BUDGET.title].cell(BUDGET.row(line.key), 1).value == line.label


def test_only_inputs_are_unlocked(blank: Workbook) -> None:
    for sheet in layout.DATA_SHEETS:
        page = blank[sheet.title]
        assert page.protection.sheet
        assert not page.protection.password
        assert not page.protection.formatColumns  # False means: not forbidden
        for row in page.iter_rows():
            for cell in row:
                if cell.has_style:
                    assert cell.protection.locked is not is_input(sheet, cell.row, cell.column), cell.coordinate
        if sheet.shape is Shape.TABLE:
            for field in sheet.fields:
                locked = column_format(page, sheet.column(field.key)).protection.locked
                assert locked is (field.computed or field.key == "index")


def column_format(page: Any, column: int) -> Any:
    """The format of a column; neighbours of the same format are stored as one."""
    return next(each for each in page.column_dimensions.values() if each.min <= column <= each.max)


def is_input(sheet: Sheet, row: int, column: int) -> bool:
    if row < sheet.FIRST_ROW or column >= sheet.check_column:
        return False
    if sheet.shape is Shape.FORM:
        return column == 2
    field = sheet.fields[column - 1]
    if sheet.shape is Shape.TABLE:
        return not field.computed and field.key != "index"
    computed = sheet.lines[row - sheet.FIRST_ROW].computed
    return column > 1 and not (computed and field.kind is Kind.AMOUNT)


def test_the_other_sheets_are_protected_throughout(blank: Workbook) -> None:
    for title in (layout.INSTRUCTIONS.title, layout.LISTS):
        assert blank[title].protection.sheet
        assert all(cell.protection.locked for row in blank[title].iter_rows() for cell in row)


def test_print_set_up(blank: Workbook) -> None:
    for sheet in layout.SHEETS:
        page = blank[sheet.title]
        assert page.page_setup.paperSize == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToWidth in (None, 1)
        assert (page.page_setup.orientation == "landscape") is sheet.landscape
        assert "&P" in (page.oddFooter.center.text or "")
        if sheet.shape is not Shape.TEXT:
            assert page.print_title_rows == f"${sheet.HEADER_ROW}:${sheet.HEADER_ROW}"
            assert page.freeze_panes is not None


# ---------------------------------------------------------------- drop-downs and tests of what is typed


def test_drop_downs_resolve_to_the_vocabularies(blank: Workbook) -> None:
    for sheet, field in fields():
        if field.kind is not Kind.CHOICE:
            continue
        rule = validation_at(blank, sheet, field)
        assert rule.type == "list"
        (title, address), *others = blank.defined_names[rule.formula1].destinations
        assert not others
        values = tuple(row[0].value for row in blank[title][address.replace("$", "")])
        assert values == POLICY.labels(field.choices)


def validation_at(workbook: Workbook, sheet: Sheet, field: layout.Field) -> Any:
    row = sheet.row(field.key) if sheet.shape is Shape.FORM else sheet.FIRST_ROW
    address = layout.cell(row, sheet.column(field.key))
    found = [rule for rule in workbook[sheet.title].data_validations.dataValidation if address in rule.sqref]
    assert len(found) == 1, f"{sheet.title}!{address}"
    return found[0]


def test_every_field_has_its_message_and_no_message_is_too_long(blank: Workbook) -> None:
    for sheet, field in fields():
        if field.computed or field.key in ("index", "line"):
            continue
        rule = validation_at(blank, sheet, field)
        if field.hint:
            assert rule.prompt == field.hint
            assert rule.promptTitle == field.header
        assert len(rule.promptTitle or "") <= 32
        assert len(rule.prompt or "") <= 255
        assert len(rule.error or "") <= 225
    for sheet in layout.DATA_SHEETS:
        assert all(len(rule.formula1 or "") <= 255 for rule in blank[sheet.title].data_validations.dataValidation)


def test_amounts_are_tested_on_every_line(blank: Workbook) -> None:
    rules = [rule for rule in blank[BUDGET.title].data_validations.dataValidation if rule.type == "decimal"]
    for line in BUDGET.lines:
        for key in layout.AMOUNT_COLUMNS:
            address = layout.template_cell(BUDGET, key, line.key)
            assert sum(address in rule.sqref for rule in rules) == (0 if line.computed else 1), address
    assert "万元" in rules[0].error
    assert rules[0].errorStyle in (None, "stop")


def test_repeated_names_only_warn(blank: Workbook) -> None:
    for sheet in (UNITS, PROJECTS):
        rule = validation_at(blank, sheet, sheet.by_key["name"])
        assert (rule.type, rule.errorStyle) == ("custom", "warning")


# ---------------------------------------------------------------- entries


def test_year_is_filled_in_and_stands_in_the_titles(tmp_path: Path) -> None:
    template.build(tmp_path / "a.xlsx", POLICY, 2023)
    values = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)
    assert values[GENERAL.title][layout.template_cell(GENERAL, "year")].value == 2023
    assert values[PROJECTS.title].cell(1, 1).value == "2023年度部门整体支出绩效自评 — 项目"


def test_entries_take_the_place_of_what_stands_there(tmp_path: Path, blank: Workbook) -> None:
    entries = {"预算!D22": 900, "基本信息!B5": "鹿泉区政协", "预算!D11": None, "项目!H5": "97.8%", "项目!B200": "=1+1"}
    filled = build(tmp_path / "a.xlsx", entries=entries)
    assert [filled[sheet][cell].value for sheet, cell in (key.split("!") for key in entries)] == list(entries.values())
    assert filled["项目"]["B200"].data_type == "s"
    assert not filled["项目"]["B200"].protection.locked
    for sheet, cell in (("预算", "D22"), ("预算", "D11"), ("项目", "H5")):
        assert filled[sheet][cell].fill.fgColor.rgb == blank[sheet][cell].fill.fgColor.rgb
        assert filled[sheet][cell].number_format == blank[sheet][cell].number_format
    assert filled["项目"]["H6"].value == "=" + rate_formula(6)


def rate_formula(row: int) -> str:
    return f'IF(COUNT(F{row},G{row})<2,"",IF(F{row}=0,"",G{row}/F{row}))'


@pytest.mark.parametrize("key", ["列表!A1", "预算", "预算!", "预算!22", "没有!A1"])
def test_an_address_off_the_template_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(KeyError):
        template.build(tmp_path / "a.xlsx", POLICY, None, {key: 1})


NOTES = {"预算!D22": "决算报表：本年支出合计\x07 930.00 万元", "基本信息!B5": "=1+1 <b>&"}


def test_notes_lie_on_their_cells_and_show_only_when_pointed_at(tmp_path: Path) -> None:
    noted = build(tmp_path / "a.xlsx", notes=NOTES)
    for key, text in NOTES.items():
        sheet, _, address = key.partition("!")
        comment = noted[sheet][address].comment
        assert (comment.text, comment.author) == (text.replace("\x07", ""), "evalxl")
        assert comment.height < 100 < comment.width
    drawings = [part.decode() for name, part in parts(tmp_path / "a.xlsx").items() if name.endswith(".vml")]
    assert len(drawings) == 2
    assert all("visibility:hidden" in drawing and "<x:Visible" not in drawing for drawing in drawings)


def test_notes_change_nothing_else_and_are_the_same_every_time(tmp_path: Path) -> None:
    for name, notes in (("none.xlsx", None), ("empty.xlsx", {}), ("a.xlsx", NOTES), ("b.xlsx", NOTES)):
        template.build(tmp_path / name, POLICY, None, complete(), notes)
    assert (tmp_path / "none.xlsx").read_bytes() == (tmp_path / "empty.xlsx").read_bytes()
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    plain, noted = (openpyxl.load_workbook(tmp_path / name) for name in ("none.xlsx", "a.xlsx"))
    for sheet in plain:
        assert cells_of(noted[sheet.title]) == cells_of(sheet)


def cells_of(sheet: Any) -> list[tuple[Any, int]]:
    """Values and styles; a formula of arrays is compared by its text."""
    return [(getattr(cell.value, "text", cell.value), cell.style_id) for row in sheet.iter_rows() for cell in row]


def test_a_note_off_the_template_is_refused_and_a_long_one_is_cut(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        template.build(tmp_path / "a.xlsx", POLICY, notes={"没有!A1": "x"})
    noted = build(tmp_path / "a.xlsx", notes={"预算!D5": "长" * 40_000})
    assert noted["预算"]["D5"].comment.text == "长" * 2_000


def test_stored_results_are_right_without_recalculation(tmp_path: Path) -> None:
    template.build(tmp_path / "a.xlsx", POLICY, None, complete())
    values = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)
    budget = values[BUDGET.title]
    for line, expected in {"income_total": 859.16, "income_grand": 859.16, "expenditure_grand": 859.16}.items():
        assert budget[layout.template_cell(BUDGET, "final", line)].value == expected
    assert budget[layout.template_cell(BUDGET, "final", "three_public")].value == 1.5
    assert values[PROJECTS.title][layout.template_cell(PROJECTS, "rate", 5)].value == 60 / 60
    assert values[BUDGET.title].cell(BUDGET.HEADER_ROW - 1, 1).value == "鹿泉区政协　金额单位：万元"


def test_a_formula_that_shows_nothing_is_stored_as_an_empty_text(tmp_path: Path) -> None:
    template.build(tmp_path / "a.xlsx", POLICY)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        sheets = [package.read(name).decode() for name in package.namelist() if "/worksheets/" in name]
    for sheet in sheets:
        for cell in sheet.split("<c ")[1:]:
            assert "<f" not in cell or 't="str"' in cell.partition(">")[0] or "<v></v>" not in cell


# ---------------------------------------------------------------- what the checks say, computed by LibreOffice


def complete() -> dict[str, object]:
    """A department without a fault, as entries."""
    filled: dict[str, object] = {}

    def fill(sheet: Sheet, row: int = 0, **values: object) -> None:
        filled.update(
            {f"{sheet.title}!{layout.template_cell(sheet, key, row)}": value for key, value in values.items()}
        )

    fill(GENERAL, department="鹿泉区政协", region="石家庄市鹿泉区", year=2023, unit_count=1, score=92.5, grade="优秀")
    fill(UNITS, 5, name="鹿泉区政协（本级）", nature="行政单位", funding="财政拨款")
    amounts = {"appropriation": 859.16, "basic": 753.83, "personnel": 700, "operating": 53.83, "project": 105.33}
    for line in BUDGET.lines:
        for key in layout.AMOUNT_COLUMNS:
            if not line.computed:
                address = f"{BUDGET.title}!{layout.template_cell(BUDGET, key, line.key)}"
                filled[address] = amounts.get(line.key, 1.5 if line.key == "reception" else 0)
    for row, amount in ((5, 60), (6, 45.33)):
        fill(PROJECTS, row, name=f"项目{row}", initial=amount, revised=amount, executed=amount, score=95, grade="优秀")
    for row in range(5, 8):
        fill(REVIEWERS, row, name=f"评价员{row}", workplace="鹿泉区政协", duty="科长")
    for field in NARRATIVE.fields:
        filled[f"{NARRATIVE.title}!{layout.template_cell(NARRATIVE, field.key)}"] = f"{field.header}已完成。"
    return filled


FAULTS: dict[str, object] = {
    "预算!D22": 859.61,  # 本年支出合计, 0.45 too much
    "项目!J5": "良好",
    "项目!G6": 50,
    "项目!I6": None,
    "基本信息!B9": 2,
    "指标!C5": "数量指标",
    "指标!I5": 10,
    "指标!J5": 11,
    "文字说明!B9": None,
}

no_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workbook]:
    """The template blank, complete, with faults and with unbalanced totals: filled in by openpyxl, so without any
    stored result, then computed by LibreOffice.
    """
    folder = tmp_path_factory.mktemp("office")
    template.build(folder / "模板.xlsx", POLICY)
    unbalanced = {f"预算!{layout.template_cell(BUDGET, 'final', line)}": None for line in carried()}
    cases = {"blank": {}, "complete": complete(), "faults": complete() | FAULTS}
    cases["unbalanced"] = complete() | unbalanced | {"预算!D5": 860}
    for name, entries in cases.items():
        workbook = openpyxl.load_workbook(folder / "模板.xlsx")
        for key, value in entries.items():
            sheet, _, address = key.partition("!")
            workbook[sheet][address].value = value
        workbook.save(folder / f"{name}.xlsx")
    command = [
        "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        "xlsx",
    ]
    files = [str(folder / f"{name}.xlsx") for name in cases]
    subprocess.run(
        [*command, "--outdir", str(folder / "out"), *files], check=True, capture_output=True, timeout=120
    )  # fmt: skip
    return {name: openpyxl.load_workbook(folder / "out" / f"{name}.xlsx", data_only=True) for name in cases}


def carried() -> tuple[str, ...]:
    return (*POLICY.balance.income[1:], *POLICY.balance.expenditure[1:])


def says(workbook: Workbook, sheet: Sheet, row: int) -> str:
    return workbook[sheet.title].cell(row, sheet.check_column).value or ""


def line_of(workbook: Workbook, sheet: Sheet) -> str:
    column = verdict_cell(sheet)
    return workbook[sheet.title][column].value or ""


@no_office
def test_the_blank_template_accuses_nobody(computed: dict[str, Workbook]) -> None:
    for sheet in layout.DATA_SHEETS:
        for row in computed["blank"][sheet.title].iter_rows(values_only=True):
            assert not any(isinstance(value, str) and value.startswith(("×", "#", "Err:")) for value in row)
    assert line_of(computed["blank"], GENERAL).startswith("○ 还有")
    assert line_of(computed["blank"], PROJECTS) == ""
    assert not any(says(computed["blank"], BUDGET, row) for row in range(BUDGET.FIRST_ROW, BUDGET.last_row + 1))


@no_office
def test_a_complete_workbook_passes(computed: dict[str, Workbook]) -> None:
    workbook = computed["complete"]
    assert line_of(workbook, GENERAL) == "全部核对通过 √"
    assert line_of(workbook, PROJECTS) == "项目 2 个，全年执行数合计 105.33，与《预算》项目支出一致 √"
    assert line_of(workbook, UNITS) == "单位 1 个 √"
    assert [says(workbook, PROJECTS, row) for row in (5, 6, 7)] == ["√", "√", ""]
    assert workbook[BUDGET.title][layout.template_cell(BUDGET, "final", "expenditure_total")].value == 859.16
    assert workbook[PROJECTS.title][layout.template_cell(PROJECTS, "rate", 6)].value == 1
    assert workbook[PROJECTS.title].cell(1, 1).value == "2023年度部门整体支出绩效自评 — 项目"


@no_office
def test_faults_are_named_with_the_difference(computed: dict[str, Workbook]) -> None:
    workbook = computed["faults"]
    assert says(workbook, BUDGET, BUDGET.row("expenditure_total")) == "× 决算数：比各项之和多 0.45"
    assert says(workbook, BUDGET, BUDGET.row("expenditure_grand")) == "× 决算数：收入总计比支出总计少 0.45"
    assert says(workbook, BUDGET, BUDGET.row("project")) == "× 决算数：比《项目》表全年执行数之和少 4.67"
    assert says(workbook, PROJECTS, 5) == "× 评价等级应为“优秀”"
    assert says(workbook, PROJECTS, 6) == "○ 缺自评得分；× 全年执行数大于全年预算数"
    assert says(workbook, GENERAL, GENERAL.row("unit_count")) == "× 《单位》表列了 1 个单位"
    assert line_of(workbook, UNITS) == "单位 1 个；× 《基本信息》填的是 2 个"
    assert line_of(workbook, INDICATORS) == (
        "× J5 得分大于分值；× H5 没有实际完成值，却有得分；× I5 起，部门整体指标的分值合计不是 100"
    )
    assert line_of(workbook, GENERAL) == (
        "× 尚有 11 处未通过：基本信息 1 处、单位 1 处、预算 3 处、项目 3 处、指标 3 处；○ 还有 2 处未填：项目 1 处、文字说明 1 处"
    )


@no_office
def test_an_imbalance_without_carry_over_asks_for_it(computed: dict[str, Workbook]) -> None:
    said = says(computed["unbalanced"], BUDGET, BUDGET.row("expenditure_grand"))
    assert said == "× 决算数：收入总计比支出总计多 0.84（如有年初结转或年末结转请填写）"
    assert "4 行未填" in line_of(computed["unbalanced"], BUDGET)
