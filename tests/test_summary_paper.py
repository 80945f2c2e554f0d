"""What of the summary is printed and signed: type that can be read, a line to sign on each page, like with like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from departments import Checked, Entries, department, sheet
from summaries import budget_rows, checked_of, district_of, several, write  # noqa: F401 - a fixture

from evalxl.district.tables import Bureau, District

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


def signing_lines(path: Path) -> dict[str, bool]:
    """Of each sheet that is to be signed, whether each page of it has a line for the signatures."""
    book = openpyxl.load_workbook(path)
    marked = {str(row[1].value): row[2].value == "打印签字" for row in book["目录"].iter_rows(min_row=4)}
    return {title: "单位负责人" in (book[title].oddFooter.left.text or "") for title, sign in marked.items() if sign}


def levels_of(checked: Checked) -> dict[str, str]:
    books = checked.d.workbooks["workbook"]
    return {book: "石家庄市鹿泉区" if at % 2 else "石家庄市长安区" for at, book in enumerate(books)}


def test_every_page_that_is_signed_has_a_line_for_it(several: Checked, tmp_path: Path) -> None:
    with_last = several._replace(d=replace(several.d, bureau=Bureau(last_year=several.d)))
    for name, checked in (("一年.xlsx", several), ("两年.xlsx", with_last)):
        path = write(tmp_path / name, checked, levels=levels_of(checked))
        assert signing_lines(path) == dict.fromkeys(("总览", "区县汇总", "部门汇总", "项目汇总", "收支汇总"), True)


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
