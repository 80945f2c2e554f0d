"""The result and the summary: what is written is what was read, nothing a sender wrote acts, and totals are right."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.worksheet import Worksheet

from evalxl import layout
from evalxl.district.findings import Coverage, Finding, Severity
from evalxl.district.tables import District
from evalxl.facts.grade import Grades, grade
from evalxl.intake import read
from evalxl.layout import BUDGET, GENERAL, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Shape, template_cell
from evalxl.outputs.result.workbook import pieces, write_result
from evalxl.outputs.summary import Beside, write_summary
from evalxl.outputs.summary.sheet import MANY, wide_page
from evalxl.policy import policy
from evalxl.rules import Scope
from evalxl.rules.engine import check
from evalxl.sheets import book as style
from evalxl.sheets import xlsxwriter_inside
from evalxl.sheets.book import ROW_LIMIT, Book, Page
from evalxl.sheets.columns import shown
from evalxl.sheets.measure import CUT, TEXT_LIMIT, cell_text, width
from evalxl.sheets.rows import Formula
from evalxl.sheets.xlsxwriter_inside import PlainWorkbook
from evalxl.template import build

POLICY = policy.load()
RUN = {
    "evalxl": "0.1.0", "template": layout.TEMPLATE_VERSION, "year": 2023, "inbox": "收件夹",
    "policy": {"name": POLICY.head.name, "sha256": POLICY.sha256},
}  # fmt: skip
HOSTILE = (
    "=1+1",
    "@x",
    "[red]",
    "http://example.com/a",
    '=HYPERLINK("http://a")',
    "{=1}",
    "a\x07b\x0bc",
    "+1",
    "x" * 40_000,
)

Entries = dict[tuple[str, str], object]


class Checked(NamedTuple):
    d: District
    findings: list[Finding]
    grades: Grades
    coverage: list[Coverage]


def put(entries: Entries, sheet: layout.Sheet, key: str, value: object, row: int | str = 0) -> None:
    entries[sheet.title, template_cell(sheet, key, row)] = value


def department(
    name: str, basic: float = 753.83, projects: tuple[float, ...] = (50.11, 55.22), score: float = 92.1
) -> Entries:
    """What a department enters; every amount balances."""
    entries: Entries = {}
    general = {"department": name, "region": "石家庄市鹿泉区", "year": 2023, "unit_count": 1, "score": score,
               "money_unit": "万元", "grade": POLICY.grade(score), "preparer": "甲", "date": "2024-03-15"}  # fmt: skip
    for key, value in general.items():
        put(entries, GENERAL, key, value)
    for key, value in {
        "name": f"{name}（本级）",
        "nature": "行政单位",
        "funding": "财政拨款",
        "posts": 12,
        "staff": 10,
    }.items():
        put(entries, UNITS, key, value, 5)
    project = round(sum(projects), 6)
    total = round(basic + project, 6)
    amounts = dict.fromkeys((line.key for line in BUDGET.lines[:21] if not line.detail), 0.0)
    amounts |= dict.fromkeys(
        ("appropriation", "income_total", "income_grand", "expenditure_total", "expenditure_grand"), total
    )
    amounts |= {"basic": basic, "project": project}
    for line, amount in amounts.items():
        put(entries, BUDGET, "final", amount, line)
        put(entries, BUDGET, "revised", amount * 2, line)
    for row, amount in enumerate(projects, 5):
        record = {
            "name": f"项目{row}",
            "revised": round(amount * 1.05, 6),
            "executed": amount,
            "score": 88.7 if row % 2 else 80.2,
            "grade": "优秀" if row % 2 else "良好",
            "cause": "进度慢",
        }
        for key, value in record.items():
            put(entries, PROJECTS, key, value, row)
    for row in range(5, 8):
        for key, value in {
            "name": f"评价员{row}",
            "workplace": name if row > 5 else "区财政局",
            "duty": "科长",
            "title": "会计师",
        }.items():
            put(entries, REVIEWERS, key, value, row)
    for each in NARRATIVE.fields:
        put(entries, NARRATIVE, each.key, f"{name}按计划完成了年度各项工作，资金使用规范，{each.header}如实填报。")
    return entries


def make(path: Path, entries: Entries) -> None:
    """A filled-in workbook in the template's places."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    for sheet in layout.SHEETS:
        page = book.add_worksheet(sheet.title)
        for field in sheet.fields:
            at = (sheet.row(field.key) - 1, 0) if sheet.shape is Shape.FORM else (3, sheet.column(field.key) - 1)
            page.write_string(*at, field.title)
        for line in sheet.lines:
            page.write_string(sheet.row(line.key) - 1, 0, line.label)
        for (title, cell), value in entries.items():
            if title == sheet.title and value is not None:
                page.write(cell, value if not isinstance(value, str) else value[:TEXT_LIMIT])
    book.close()


def run(folder: Path, departments: list[Entries], broken: int = 0) -> Checked:
    """Read, check and grade some departments and some files that are no workbooks."""
    files = []
    for number, entries in enumerate(departments):
        path = folder / f"{number:02}.xlsx"
        make(path, entries)
        files.append((path.name, path))
    for number in range(broken):
        path = folder / f"坏{number}.xlsx"
        path.write_bytes(b"no workbook")
        files.append((path.name, path))
    d = read.read(files, POLICY)
    parts = [check(d, POLICY, scope) for scope in (Scope.WORKBOOK, Scope.DISTRICT)]
    findings = [finding for part in parts for finding in part.findings]
    return Checked(d, findings, grade(d, POLICY), [each for part in parts for each in part.coverage])


def wrong(entries: Entries) -> Entries:
    """The same department with a wrong total and a wrong grade."""
    entries = dict(entries)
    put(entries, BUDGET, "final", 123_456_789.12, "expenditure_total")
    put(entries, PROJECTS, "grade", "较差", 5)
    return entries


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    return run(tmp_path_factory.mktemp("one"), [wrong(department("鹿泉区政协"))])


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    departments = [
        department("鹿泉区政协"),
        wrong(department("鹿泉区教育局", 2000.005)),
        department("鹿泉区民政局", 0.1, (0.2, 0.123456)),
    ]
    unscored = department("鹿泉区水利局")
    put(unscored, GENERAL, "score", None)
    put(unscored, GENERAL, "grade", None)
    return run(tmp_path_factory.mktemp("several"), [*departments, unscored], broken=1)


def result(path: Path, checked: Checked) -> Path:
    write_result(path, checked.d, checked.findings, checked.grades, POLICY)
    return path


def summary(path: Path, checked: Checked, links: dict[str, str] | None = None) -> Path:
    write_summary(path, checked.d, checked.findings, checked.grades, checked.coverage, POLICY, Beside(links or {}))
    return path


def sheet(path: Path, title: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(title).to_python(skip_empty_area=False)


def columns(path: Path, title: str, count: int) -> dict[str, list[Any]]:
    """A table's values by header."""
    rows = sheet(path, title)
    return {header: [row[at] for row in rows[3 : 3 + count]] for at, header in enumerate(rows[2]) if header}


def wan(fen: list[float]) -> list[Any]:
    return ["" if value != value else value / 1e6 for value in fen]


def test_the_same_figures_give_the_same_bytes(one: Checked, several: Checked, tmp_path: Path) -> None:
    first, second = result(tmp_path / "a.xlsx", one), result(tmp_path / "b.xlsx", one)
    assert first.read_bytes() == second.read_bytes()
    first, second = summary(tmp_path / "c.xlsx", several), summary(tmp_path / "d.xlsx", several)
    assert first.read_bytes() == second.read_bytes()


class _TheirPage(Page):
    """What the cells are held against: XlsxWriter's own calls, in its order, and nothing of ours."""

    def block(self, first: int, columns: Sequence[style.Column]) -> None:
        if not self.sheet.constant_memory:
            super().block(first, columns)
            return
        for offset in range(len(columns[0][0])):
            values, looks = zip(*((own[offset], odd.get(offset, look)) for own, look, odd in columns), strict=True)
            self.line(first + offset, values, looks)

    def _link(self, row: int, column: int, target: str, text: str, look: Any) -> None:
        self.sheet.ignore_write_string = True  # the text stands in the cell already
        super()._link(row, column, target, text, look)
        self.sheet.ignore_write_string = False


def _by_xlsxwriter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsxwriter_inside, "RowSheet", Worksheet)
    monkeypatch.setattr(xlsxwriter_inside, "Strings", SharedStringTable)
    for name in ("_get_packager", "_store_workbook", "_prepare_format_properties"):
        monkeypatch.delattr(PlainWorkbook, name)
    monkeypatch.setattr(PlainWorkbook, "parts", [], raising=False)
    monkeypatch.setattr(style, "FastPage", _TheirPage)


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {each.filename: package.read(each) for each in package.infolist()}


@pytest.mark.parametrize("many", [100_000, 0], ids=["in memory", "row by row to disk"])
def test_rows_are_xlsxwriters_own_bytes(
    one: Checked, several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("evalxl.outputs.summary.sheet.MANY", many)
    monkeypatch.setattr("evalxl.outputs.summary.sheet.HELD", many)
    ours = _parts(result(tmp_path / "a.xlsx", one)), _parts(summary(tmp_path / "b.xlsx", several))
    _by_xlsxwriter(monkeypatch)
    theirs = _parts(result(tmp_path / "c.xlsx", one)), _parts(summary(tmp_path / "d.xlsx", several))
    assert ours == theirs
    assert [list(each) for each in ours] == [list(each) for each in theirs]


def _cells(path: Path) -> dict[tuple[str, str], tuple[object, ...]]:
    """Every cell with its value or formula, its look and its link; and what columns, rows and merges there are."""
    found: dict[tuple[str, str], tuple[object, ...]] = {}
    for page in openpyxl.load_workbook(path, rich_text=False):
        heights = {row: each.height for row, each in page.row_dimensions.items()}
        widths = {letter: each.width for letter, each in page.column_dimensions.items()}
        found[page.title, ""] = heights, widths, sorted(map(str, page.merged_cells.ranges)), page.print_title_rows
        for cell in (cell for row in page.iter_rows() for cell in row):
            link = cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location)
            look = repr((cell.font, cell.fill, cell.border, cell.alignment, cell.number_format, cell.protection.locked))
            found[page.title, cell.coordinate] = cell.value, link, look
    return found


@pytest.mark.parametrize("many", [100_000, 0], ids=["in memory", "row by row to disk"])
def test_public_calls_alone_draw_the_same_cells(
    one: Checked, several: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr("evalxl.outputs.summary.sheet.MANY", many)
    files = several.d.workbooks["workbook"]
    links = {name: f"结果/{name}" for name in files}

    def draw(folder: Path) -> list[dict[tuple[str, str], tuple[object, ...]]]:
        folder.mkdir()
        build(folder / "c.xlsx", POLICY, 2023, notes={"预算!" + template_cell(BUDGET, "final", "project"): "待核对"})
        paths = [result(folder / "a.xlsx", one), summary(folder / "b.xlsx", several, links), folder / "c.xlsx"]
        return [_cells(path) for path in paths]

    fast = draw(tmp_path / "fast")
    monkeypatch.setenv("EVALXL_XLSXWRITER", "public")
    monkeypatch.setattr(PlainWorkbook, "__init__", None)
    monkeypatch.setattr(xlsxwriter_inside.RowSheet, "__init__", None)
    monkeypatch.setattr(xlsxwriter_inside.GrowingSheet, "__init__", None)
    public = draw(tmp_path / "public")
    natural = [key for key in fast[2] if not key[1]]
    for key in natural:  # XlsxWriter alone cannot make a row tall that still grows
        fast[2][key], public[2][key] = fast[2][key][1:], public[2][key][1:]
    for ours, theirs in zip(fast, public, strict=True):
        assert ours == theirs


def test_a_text_is_never_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "<r>a</r>"
    for way in ("fast", "public"):
        monkeypatch.setenv("EVALXL_XLSXWRITER", way)
        with Book(tmp_path / "a.xlsx", text) as book:
            book.page("表").put(1, 1, text, book.look("text"))
        assert sheet(tmp_path / "a.xlsx", "表") == [[text]]


_VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from([*HOSTILE, " a", "a ", "<&>\"'", "_x0041_", "_x00_x0041_41_", "", None]),
    st.floats(allow_infinity=False), st.integers(-(2**53), 2**53), st.booleans(),
    st.builds(Formula, st.sampled_from(["A1<2", 'IF(A1>1,"是","&")']), st.floats(-1e9, 1e9)),
)  # fmt: skip
_ROWS = st.dictionaries(st.integers(2, 40), st.lists(_VALUES, min_size=1, max_size=30), max_size=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_ROWS, over=st.dictionaries(st.tuples(st.integers(1, 42), st.integers(1, 32)), _VALUES, max_size=5))
def test_any_row_is_xlsxwriters_own_bytes(
    rows: dict[int, list[object]], over: dict[tuple[int, int], object], tmp_path: Path
) -> None:
    def write(path: Path) -> dict[str, bytes]:
        with Book(path, "rows") as book:
            page = book.page("表")
            look, other = book.look("text"), book.look("amount")
            for row, values in rows.items():
                page.line(row, values, [look, other] * (len(values) // 2) + [look] * (len(values) % 2))
                page.rows(row, 10.0 + row)
            for (row, column), value in over.items():
                page.put(row, column, value, other)
        return _parts(path)

    ours = write(tmp_path / "a.xlsx")
    with pytest.MonkeyPatch.context() as monkeypatch:
        _by_xlsxwriter(monkeypatch)
        theirs = write(tmp_path / "b.xlsx")
    assert ours == theirs


def test_no_row_holds_what_a_sheet_cannot(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", "rows") as book:
        page, look = book.page("表"), book.look("text")
        with pytest.raises(ValueError, match="no such cells"):
            page.line(ROW_LIMIT + 1, ["a"], [look])
        with pytest.raises(ValueError, match="infinite"):
            page.line(1, [math.inf], [look])


def test_a_row_goes_to_disk_once(tmp_path: Path) -> None:
    with Book(tmp_path / "a.xlsx", "rows") as book:
        page, look = wide_page(book, "表", MANY + 1), book.look("text")
        page.line(1, ["a"], [look])
        page.put(2, 1, "b", look)
        for row in (1, 2):
            with pytest.raises(ValueError, match="has been written"):
                page.line(row, ["c"], [look])
        with pytest.raises(ValueError, match="refused"):
            page.put(1, 1, "c", look)
        page.line(3, ["d"], [look])
    assert sheet(tmp_path / "a.xlsx", "表") == [["a"], ["b"], ["d"]]


def test_result_shows_what_was_read(one: Checked, tmp_path: Path) -> None:
    path = result(tmp_path / "a.xlsx", one)
    budget = columns(path, "收支", len(one.d.budget))
    for key in layout.AMOUNT_COLUMNS:
        assert budget[BUDGET.by_key[key].header] == wan(one.d.budget[key].tolist())
    projects = columns(path, "项目", len(one.d.projects))
    assert projects["项目名称"] == one.d.projects["name"].tolist()
    assert projects["全年执行数"] == wan(one.d.projects["executed"].tolist())
    assert projects["计算执行率"] == pytest.approx([1 / 1.05, 1 / 1.05])
    assert columns(path, "评价组", 3)["姓名"] == one.d.reviewers["name"].tolist()
    assert len(columns(path, "问题", len(one.findings))["规则"]) == len(one.findings)


def test_every_row_names_its_source(one: Checked, tmp_path: Path) -> None:
    path = result(tmp_path / "a.xlsx", one)
    last = layout.column_letter(len(PROJECTS.fields))
    assert columns(path, "项目", 2)["来源"] == [f"A{row:.0f}:{last}{row:.0f}" for row in one.d.projects["row"]]
    assert columns(path, "文字说明", 1)["来源"] == [template_cell(NARRATIVE, "overview")]


def test_findings_lead_to_the_figure(one: Checked, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(result(tmp_path / "a.xlsx", one))
    listed = book["问题"]
    links = {row[3].value: row[3].hyperlink.location for row in listed.iter_rows(min_row=4) if row[3].hyperlink}
    title, address = links[f"预算!{template_cell(BUDGET, 'final', 'expenditure_total')}"].replace("'", "").split("!")
    marked = book[title][address]
    assert marked.value == 123_456_789.12
    assert marked.fill.fgColor.rgb == "FFFFC7CE"


def test_identities_are_formulas_with_their_results(one: Checked, tmp_path: Path) -> None:
    path = result(tmp_path / "a.xlsx", one)
    rows = [row for row in sheet(path, "收支") if str(row[0]).startswith("决算数：本年支出合计＝基本支出")]
    left, right, difference, _, verdict = rows[0][1:6]
    assert (left, right, verdict) == (123_456_789.12, 859.16, "× 不符")
    assert difference == pytest.approx(left - right)


def test_summary_shows_every_file(several: Checked, tmp_path: Path) -> None:
    path = summary(tmp_path / "s.xlsx", several, {"00.xlsx": "结果/鹿泉区政协.xlsx", "01.xlsx": "../../etc#x"})
    listed = columns(path, "部门汇总", 5)
    assert listed["来源文件"] == several.d.workbooks["workbook"].tolist()
    assert listed["状态"] == [
        "待说明",  # its short sections are the others', word for word: N06
        "退回",
        "待说明",
        "待说明",
        "未读取",
    ]  # the third spends a thousandth of the others: B08
    final = several.d.budget[several.d.budget["key"] == "expenditure_total"]["final"].tolist()
    assert listed["本年支出合计"] == [*wan(final), ""]
    assert columns(path, "未报送与未读取", 1)["文件"] == ["坏0.xlsx"]
    cells = [cell for row in openpyxl.load_workbook(path)["部门汇总"].iter_rows() for cell in row if cell.hyperlink]
    assert [(cell.coordinate, cell.hyperlink.target) for cell in cells] == [
        (layout.cell(4, 2), "结果\\鹿泉区政协.xlsx")
    ]


def test_totals_are_formulas_with_their_results(several: Checked, tmp_path: Path) -> None:
    path = summary(tmp_path / "s.xlsx", several)
    projects = several.d.projects
    at = 3 + len(projects)
    rows, formulas = sheet(path, "项目汇总"), openpyxl.load_workbook(path)["项目汇总"]
    headers = rows[2]
    for header, key in (("全年预算数", "revised"), ("全年执行数", "executed")):
        assert rows[at][headers.index(header)] == projects[key].sum() / 1e6
        assert str(formulas.cell(at + 1, headers.index(header) + 1).value).startswith("=SUM(")
    assert rows[at][headers.index("执行率")] == projects["executed"].sum() / projects["revised"].sum()
    departments = sheet(path, "部门汇总")
    assert departments[8][departments[2].index("整体自评得分")] == 92.1
    overview = [value for row in sheet(path, "总览") for value in row]
    assert departments[8][departments[2].index("本年支出合计")] in overview
    assert any("占全部支出合计的" in str(value) for value in overview)


def test_text_stays_text(tmp_path: Path) -> None:
    departments = []
    for text in HOSTILE:
        entries = department(text)
        for key in ("name", "cause"):
            put(entries, PROJECTS, key, text, 5)
        put(entries, NARRATIVE, "overview", text)
        departments.append(entries)
    checked = run(tmp_path, departments)
    path = summary(tmp_path / "汇总.xlsx", checked, {name: f"结果/{name}" for name in checked.d.workbooks["workbook"]})
    paths = [path]
    for workbook, d in checked.d.split():
        findings = [each for each in checked.findings if each.workbook == workbook]
        paths.append(tmp_path / f"结果{workbook}")
        write_result(paths[-1], d, findings, grade(d, POLICY), POLICY)
    for each in paths:
        for page in openpyxl.load_workbook(each):
            for cell in (cell for row in page.iter_rows() for cell in row):
                if cell.data_type == "f":
                    assert not any(text in str(cell.value) for text in HOSTILE), cell.value
                assert (
                    cell.hyperlink is None or cell.hyperlink.location or str(cell.hyperlink.target).startswith("结果\\")
                )
    assert columns(path, "项目汇总", 3)["项目名称"][0] == "=1+1"


def test_long_text_is_cut_and_says_so() -> None:
    assert cell_text("x" * 40_000).endswith(CUT)
    assert len(cell_text("𠮷" * 20_000).encode("utf-16-le")) // 2 <= TEXT_LIMIT
    assert cell_text("a\x07b\x00c") == "abc"


def test_narrative_goes_on_in_further_rows(tmp_path: Path) -> None:
    text = "\n".join("存在的问题较多。" * (50 * number) for number in range(1, 8))
    assert "".join(pieces(text)).replace("\n", "") == text.replace("\n", "")
    entries = department("鹿泉区政协")
    put(entries, NARRATIVE, "problems", text)
    checked = run(tmp_path, [entries])
    rows = sheet(result(tmp_path / "a.xlsx", checked), "文字说明")
    shown_text = "".join(str(row[1]) for row in rows if str(row[0]).startswith("存在的问题"))
    assert shown_text.replace("\n", "") == text.replace("\n", "")


def test_empty_and_single_districts_are_written(tmp_path: Path) -> None:
    nobody = run(tmp_path, [])
    rows = sheet(summary(tmp_path / "n.xlsx", nobody), "总览")
    assert any("没有收到工作簿" in str(value) for row in rows for value in row)
    alone = run(tmp_path, [department("鹿泉区政协")])
    path = summary(tmp_path / "e.xlsx", alone)
    assert sheet(path, "总览")[0][0] == "石家庄市鹿泉区2023年度部门整体支出绩效自评汇总"
    assert sheet(path, "问题清单")[3][0] == "没有发现问题"
    assert sheet(result(tmp_path / "r.xlsx", alone), "问题")[3][0] == "没有发现问题"


def test_a_workbook_without_most_sheets_is_written(tmp_path: Path) -> None:
    path = tmp_path / "少.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet(GENERAL.title)
    for field in GENERAL.fields:
        page.write_string(GENERAL.row(field.key) - 1, 0, field.title)
    book.close()
    d = read.read([("少.xlsx", path)], POLICY)
    findings = check(d, POLICY).findings
    write_result(tmp_path / "r.xlsx", d, findings, grade(d, POLICY), POLICY)
    assert "没有这张表" in str(sheet(tmp_path / "r.xlsx", "项目")[3][0])
    assert {each.severity for each in findings} >= {Severity.ERROR}


def numbers(path: Path) -> Iterator[tuple[str, str, float]]:
    """Every number of a workbook as its format shows it, with the width of its column or merged columns."""
    for page in openpyxl.load_workbook(path, data_only=True):
        joined = {area.coord.split(":")[0]: area for area in page.merged_cells.ranges}
        widths: dict[int, float] = {}
        for dimension in page.column_dimensions.values():
            widths |= dict.fromkeys(range(dimension.min, dimension.max + 1), dimension.width)
        for cell in (cell for row in page.iter_rows() for cell in row):
            if not isinstance(cell.value, int | float) or cell.alignment.shrink_to_fit:
                continue
            looks = {"0.00%": "rate", "0.0%": "rate", "#,##0": "count", "0": "index"}
            area = joined.get(cell.coordinate)
            last = area.max_col if area else cell.column
            room = sum(widths.get(column, 8.43) for column in range(cell.column, last + 1))
            text = shown(looks.get(cell.number_format, "amount"), cell.value)
            yield f"{page.title}!{cell.coordinate} {text}", text, room


def test_no_number_is_wider_than_its_column(one: Checked, several: Checked, tmp_path: Path) -> None:
    for path in (result(tmp_path / "a.xlsx", one), summary(tmp_path / "s.xlsx", several)):
        narrow = [where for where, text, room in numbers(path) if width(text) + 1 > room]
        assert not narrow


def test_every_sheet_is_set_up_for_printing(one: Checked, several: Checked, tmp_path: Path) -> None:
    for path in (result(tmp_path / "a.xlsx", one), summary(tmp_path / "s.xlsx", several)):
        for page in openpyxl.load_workbook(path):
            wide = page.page_setup.orientation == "landscape" and path.name == "s.xlsx"
            assert page.page_setup.paperSize in ((8, 9) if wide else (9,))  # A3 for the wide tables of a summary
            assert page.sheet_properties.pageSetUpPr.fitToPage
            assert page.page_setup.fitToWidth in (None, 1)
            assert "第 &P 页" in page.oddFooter.center.text.replace("&[Page]", "&P")


def test_another_program_computes_the_same(several: Checked, tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("soffice is not installed: nothing here can recompute the formulas")
    path = summary(tmp_path / "s.xlsx", several)
    stripped = openpyxl.load_workbook(path)  # openpyxl drops the results, so that they must be computed anew
    stripped.save(tmp_path / "without.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "out"),
        str(tmp_path / "without.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    formulas, compared = openpyxl.load_workbook(path), 0
    for title in formulas.sheetnames:
        mine, theirs = sheet(path, title), sheet(tmp_path / "out" / "without.xlsx", title)
        for cell in (cell for row in formulas[title].iter_rows() for cell in row if cell.data_type == "f"):
            at = (cell.row - 1, cell.column - 1)
            ours, other = mine[at[0]][at[1]], theirs[at[0]][at[1]]
            if isinstance(ours, str):  # a verdict, or the difference of two blanks
                assert ours == other, f"{title}!{cell.coordinate}"
                continue
            assert math.isclose(float(ours), float(other), rel_tol=1e-12, abs_tol=1e-9), f"{title}!{cell.coordinate}"
            compared += 1
    assert compared > 20


def test_one_module_reaches_into_xlsxwriter() -> None:
    public = {"xlsxwriter", "xlsxwriter.exceptions", "xlsxwriter.format"}
    reaching = set()
    for path in Path(xlsxwriter_inside.__file__).parents[1].rglob("*.py"):
        names = set(re.findall(r"^(?:from|import) (xlsxwriter[.\w]*)", path.read_text(encoding="utf-8"), re.MULTILINE))
        reaching |= {path.name} if names - public else set()
    assert reaching == {"xlsxwriter_inside.py"}
