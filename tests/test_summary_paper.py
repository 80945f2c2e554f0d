"""What of the summary is printed and signed: type that can be read, a line to sign on each page, like with like."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from departments import Checked, Entries, department, sheet
from summaries import budget_rows, checked_of, district_of, several, write  # noqa: F401 - a fixture

from evalxl.district.tables import Bureau, District
from evalxl.outputs.summary.sheet import linked
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Column
from evalxl.sheets.measure import width
from evalxl.sheets.table import Paper, write_records

A4_LANDSCAPE = (11.69 - 0.6) * 96  # pixels between the margins
LEAST_TYPE = 8.5 / 10  # of the type of ten points that the cells have


def printed_width(path: Path, title: str) -> float:
    """The pixels of the columns of a sheet that are printed."""
    page = openpyxl.load_workbook(path)[title]
    area = page[page.print_area.split("!")[1].replace("$", "")] if page.print_area else list(page.iter_rows())
    wide: dict[int, float] = {}
    for each in page.column_dimensions.values():
        wide |= dict.fromkeys(range(each.min, each.max + 1), each.width)
    return sum(wide[cell.column] for cell in area[2]) * 7


def signing_lines(path: Path) -> dict[str, tuple[bool, bool, bool]]:
    """Of each sheet whether it is to be signed, whether each page has a line for it, and whether one stands in cells."""
    book = openpyxl.load_workbook(path)
    marked = {str(row[1].value): row[2].value == "打印签字" for row in book["目录"].iter_rows(min_row=4)}
    return {
        title: (
            sign,
            "单位负责人" in (book[title].oddFooter.left.text or ""),
            any("单位负责人" in str(each) for row in book[title].iter_rows(values_only=True) for each in row),
        )
        for title, sign in marked.items()
    }


def levels_of(checked: Checked) -> dict[str, str]:
    books = checked.d.workbooks["workbook"]
    return {book: "石家庄市鹿泉区" if at % 2 else "石家庄市长安区" for at, book in enumerate(books)}


def test_every_page_that_is_signed_has_a_line_for_it_and_no_other(several: Checked, tmp_path: Path) -> None:
    with_last = several._replace(d=replace(several.d, bureau=Bureau(last_year=several.d)))
    for name, checked in (("一年.xlsx", several), ("两年.xlsx", with_last)):
        path = write(tmp_path / name, checked, levels=levels_of(checked))
        assert signing_lines(path) == {
            **dict.fromkeys(("总览", "区县汇总", "部门汇总", "项目汇总", "收支汇总"), (True, True, False)),
            **dict.fromkeys(("指标汇总", "问题清单", "未报送与未读取", "说明与豁免"), (False, False, False)),
            **dict.fromkeys(("抽查名单", "核对", "规则覆盖", "运行说明"), (False, False, False)),
        }


def test_the_number_of_a_signed_page_stands_at_the_right(several: Checked, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write(tmp_path / "s.xlsx", several))
    signed = ("总览", "部门汇总", "项目汇总", "收支汇总")
    assert [book[title].oddFooter.right.text.strip() for title in signed] == ["第 &P 页 共 &N 页"] * 4
    assert ["页" in book[title].oddFooter.left.text for title in signed] == [False] * 4


# ---------------------------------------------------------------- names that are linked


def drawn_names(path: Path, names: Sequence[str]) -> dict[str, tuple[bool, bool, bool]]:
    """Of names drawn in a narrow printed table whether each is linked, shrinks, and is broken over lines."""
    with Book(path, "") as book:
        columns = [
            Column("部门", most=34, of=lambda name: linked(str(name), "a.xlsx")),
            Column("核对", least=60, of=str),
        ]
        write_records(book.page("表"), "表", columns, names, paper=Paper("核对", 60))
    page = openpyxl.load_workbook(path)["表"]
    found = {}
    for cell, *_ in page.iter_rows(min_row=4):
        found[cell.value] = (
            cell.hyperlink is not None,
            bool(cell.alignment.shrinkToFit),
            bool(cell.alignment.wrap_text),
        )
    assert page.column_dimensions["A"].width >= min(34, max(map(width, names)) + 3)
    return found


def test_a_linked_name_stands_whole_on_one_line(tmp_path: Path) -> None:
    """LibreOffice breaks no link over lines: what is wider than its cell would be cut off."""
    name, longer = "示范区人力资源和社会保障局", "示范区人民政府政务服务和大数据管理办公室"
    assert drawn_names(tmp_path / "a.xlsx", [name]) == {name: (True, True, False)}
    assert drawn_names(tmp_path / "b.xlsx", [name, longer]) == dict.fromkeys((name, longer), (True, True, False))


def test_a_name_too_long_for_one_line_is_broken_and_not_linked(tmp_path: Path) -> None:
    name, longest = "示范区财政局", "示范区人民政府政务服务管理办公室（行政审批局、公共资源交易中心）"
    assert drawn_names(tmp_path / "a.xlsx", [name, longest]) == {
        name: (True, True, False),
        longest: (False, False, True),
    }


def test_the_districts_are_printed_in_type_that_can_be_read(several: Checked, tmp_path: Path) -> None:
    path = write(tmp_path / "s.xlsx", several, levels=levels_of(several))
    assert printed_width(path, "区县汇总") * LEAST_TYPE <= A4_LANDSCAPE
    rows = sheet(path, "区县汇总")
    at = rows[2].index("部门等级及占比")
    assert [row[at] for row in rows[3:6]] == [
        "优秀2 (67%)\n一般1 (33%)", "优秀2 (100%)", "优秀4 (80%)\n一般1 (20%)",
    ]  # fmt: skip
    assert rows[2][at + 1 :] == [
        "优秀", "优秀占比", "良好", "良好占比", "一般", "一般占比", "较差", "较差占比", "错误", "提醒", "提示",
    ]  # fmt: skip


# ---------------------------------------------------------------- two years of other departments


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, District]:
    folder = tmp_path_factory.mktemp("years")
    then: dict[str, Entries] = {
        f"{name}.xlsx": department(name, spent)
        for name, spent in (("鹿泉区政协", 100), ("鹿泉区教育局", 200), ("鹿泉区水利局", 700))
    }
    now = {"a.xlsx": department("鹿泉区政协", 110), "b.xlsx": department("鹿泉区教育局", 220)}
    for part in ("then", "now", "more"):
        (folder / part).mkdir()
    more = now | {"c.xlsx": department("鹿泉区司法局", 5)}
    return {
        "then": district_of(folder / "then", then),
        "now": district_of(folder / "now", now),
        "more": district_of(folder / "more", more),
    }


def beside(years: Mapping[str, District], now: str, then: str) -> Checked:
    return checked_of(replace(years[now], bureau=Bureau(last_year=years[then])))


def test_two_years_of_other_departments_are_not_compared_unsaid(years: Mapping[str, District], tmp_path: Path) -> None:
    path = write(tmp_path / "s.xlsx", beside(years, "more", "then"))
    note = str(sheet(path, "收支汇总")[1][0])
    assert (
        "注意：两年的部门不同。本年计入 3 个部门，上年计入 3 个，两年都有的 2 个（只有本年的 1 个，只有上年的 1 个）。"
        in note
    )
    (basic,) = [row for row in budget_rows(path) if row["项目"] == "基本支出"]
    assert [basic[header] for header in ("决算数", "上年决算数", "增减额")] == [335, 1000, -665]
    assert [basic[header] for header in ("两年都填部门数", "可比增减额")] == [2, 30]
    assert basic["可比增减率"] == pytest.approx(0.1)
    page = openpyxl.load_workbook(path)["收支汇总"]
    (row,) = [row for row in page.iter_rows() if row[0].value == "基本支出"]
    headers = [cell.value for cell in page[3]]
    marked = [head for head, cell in zip(headers, row, strict=True) if cell.fill.fgColor.rgb == "FFFFF2CC"]
    assert marked == ["增减额", "增减率"]
    assert page["A2"].fill.fgColor.rgb == "FFFFF2CC"
    assert printed_width(path, "收支汇总") * LEAST_TYPE <= A4_LANDSCAPE


def test_two_years_of_the_same_departments_are_compared_as_they_stand(
    years: Mapping[str, District], tmp_path: Path
) -> None:
    path = write(tmp_path / "s.xlsx", beside(years, "now", "now"))
    rows = sheet(path, "收支汇总")
    assert "注意" not in str(rows[1][0])
    assert rows[2][-2:] == ["增减额", "增减率"]
    assert openpyxl.load_workbook(path)["收支汇总"]["A2"].fill.fgColor.rgb != "FFFFF2CC"


def test_a_line_that_other_departments_fill_is_marked_alone(years: Mapping[str, District], tmp_path: Path) -> None:
    then = years["now"]
    blank = then.budget.copy()
    blank.loc[(blank["workbook"] == "b.xlsx") & (blank["key"] == "basic"), "final"] = float("nan")
    now = replace(then, bureau=Bureau(last_year=replace(then, budget=blank)))
    path = write(tmp_path / "s.xlsx", checked_of(now))
    assert "两年计入的都是这 2 个部门，但标黄的各行两年填列的部门不同" in str(sheet(path, "收支汇总")[1][0])
    page = openpyxl.load_workbook(path)["收支汇总"]
    at = [cell.value for cell in page[3]].index("增减额")
    marked = [row[0].value for row in page.iter_rows(min_row=4) if row[at].fill.fgColor.rgb == "FFFFF2CC"]
    assert marked == ["基本支出"]


# ---------------------------------------------------------------- the chart of the scores


def bars_named_in(path: Path) -> str:
    """The column that names the bars of the chart of scores."""
    with zipfile.ZipFile(path) as package:
        charts = [package.read(name).decode() for name in package.namelist() if name.startswith("xl/charts/chart")]
    (chart,) = [each for each in charts if "自评得分" in each]
    (category,) = re.findall(r"<c:cat>.*?<c:f>'?总览'?!\$([A-Z])\$\d+:\$\1\$\d+</c:f>", chart)
    return str(category)


@pytest.mark.parametrize(
    ("name", "scores", "column"),
    [
        ("鹿泉区教育局", (90, 80), "B"),
        ("鹿泉区教育局", (90, 90), "B"),
        ("鹿泉区人民政府政务服务和大数据管理办公室", (90, 80), "A"),
        ("鹿泉区人民政府政务服务和大数据管理办公室", (90, 90), "B"),
    ],
)
def test_every_bar_of_the_scores_can_be_told(name: str, scores: tuple[int, int], column: str, tmp_path: Path) -> None:
    named = zip((name, "鹿泉区水利局"), scores, strict=True)
    books = {f"{own}.xlsx": department(own, score=score) for own, score in named}
    path = write(tmp_path / "s.xlsx", checked_of(district_of(tmp_path, books)))
    assert bars_named_in(path) == column
