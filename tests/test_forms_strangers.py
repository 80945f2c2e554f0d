"""A department's folder as it lies there: forms of another year or department among its own, codes, late totals."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from drafts import typed
from self_evaluation_forms import MINISTRY, Row, edited, workbook

from evalxl.intake.forms.declaration import load
from evalxl.library.imports import gathered
from evalxl.policy import policy as policies
from evalxl.transfer.forms.department import Gathered
from evalxl.transfer.forms.gathering import gather
from evalxl.transfer.forms.listing import TITLE
from evalxl.values.errors import UsageError

POLICY, FORMS = policies.load(), load()


def _gathered(*paths: Path) -> Gathered:
    return gather([(path.name, path) for path in paths], FORMS, POLICY)


def _form(folder: Path, name: str, **edit: str) -> Path:
    """A project's form; ``year`` and ``department`` as they are written in it."""
    places = {"year": (3, 1), "department": (5, 4)}
    cells: dict[tuple[int, int], object] = {(4, 4): name}
    cells |= {places[key]: value for key, value in edit.items()}
    return workbook(folder / f"{name}.xlsx", 自评表=edited(MINISTRY, cells))


def _names(found: Gathered) -> list[object]:
    return [value for cell, value in found.entries.items() if cell.startswith("项目!B")]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ({"year": "（2022年度）"}, "是 2022 年度的，其余的是 2023 年度的，整份没有导入"),
        ({"department": "示范区教育局"}, "是“示范区教育局”的，其余的是“示范区文化局”的，整份没有导入"),
    ],
)
def test_a_form_of_another_year_or_department_is_named_whole(tmp_path: Path, edit: dict[str, str], why: str) -> None:
    own = [_form(tmp_path, f"项目{number}") for number in "甲乙"]
    found = _gathered(*own, _form(tmp_path, "外来的项目", **edit))
    assert _names(found) == ["项目甲", "项目乙"]
    assert [(each.file, each.why) for each in found.untaken if each.file == "外来的项目.xlsx"] == [
        ("外来的项目.xlsx", why)
    ]
    assert found.entries["基本信息!B5"] == "示范区文化局"
    assert found.entries["基本信息!B8"] == 2023
    assert found.projects == 2


def test_where_no_year_prevails_both_are_named(tmp_path: Path) -> None:
    found = _gathered(_form(tmp_path, "项目甲"), _form(tmp_path, "项目乙", year="（2022年度）"))
    assert _names(found) == ["项目甲", "项目乙"]
    assert "基本信息!B8" not in found.entries
    (told,) = [each for each in found.untaken if each.label == "评价年度"]
    assert (told.file, told.raw) == ("项目甲.xlsx", "（2023年度）")
    assert told.why.startswith("与另一处不一致（项目乙.xlsx《")


def test_an_office_of_the_department_is_no_stranger(tmp_path: Path) -> None:
    own = [_form(tmp_path, f"项目{number}") for number in "甲乙"]
    assert len(_names(_gathered(*own, _form(tmp_path, "项目丙", department="文化局")))) == 3


@pytest.mark.parametrize(
    "written", ["示范区文化局（219）", "示范区文化局(219)", "示范区文化局-219", "219-示范区文化局"]
)
def test_a_code_before_or_behind_the_name_has_its_own_field(tmp_path: Path, written: str) -> None:
    found = _gathered(_form(tmp_path, "项目甲", department=written))
    assert (found.entries["基本信息!B5"], found.entries["基本信息!B6"]) == ("示范区文化局", "219")


def test_the_total_below_remarks_is_read(tmp_path: Path) -> None:
    at = next(number for number, row in enumerate(MINISTRY) if row[0] == "总分")
    remark: Row = ["其他需要说明的事项", "<", "<", "无", "<", "<", "<", "<", "<", "<"]
    path = workbook(tmp_path / "a.xlsx", 自评表=[*MINISTRY[:at], remark, *MINISTRY[at:]])
    found = _gathered(path)
    assert found.entries["项目!I5"] == 97.18
    assert not [each for each in found.untaken if each.label.startswith("总分")]


def test_what_a_report_leaves_open_is_listed_with_file_field_and_sentence(tmp_path: Path) -> None:
    left = "2023年国土绿化完成情况较好，下拨资金88万元"
    typed(
        tmp_path / "报告.docx",
        "示范县林业局2023年度部门整体支出绩效自评报告",
        "一、部门概况",
        "负责林业。",
        f"{left}。",
    )
    out = tmp_path / "草稿.xlsx"
    list(gathered([tmp_path / "报告.docx"], out))
    rows = [row[1:] for row in openpyxl.load_workbook(out)[TITLE].iter_rows(min_row=4, values_only=True)]
    assert ("报告.docx", "报告", None, "整体自评得分", None, "没有找到整体自评得分，请补填。") in rows
    told = f"“{left}”中的 88万元 不能确定填在哪一格，没有填入。"
    assert ("报告.docx", "报告", None, None, left, told) in rows


_APART = (
    "，请把 --out 写成文件夹，每个部门各出一份（各部门的表各放一个子文件夹）；"
    "是同一个部门的，请先把表上的部门名称改一致。"
)


def _folder(root: Path, departments: dict[str, str]) -> Path:
    """A folder with one form in each sub-folder, by the department that it names."""
    for number, (folder, department) in enumerate(departments.items()):
        (root / folder).mkdir(parents=True, exist_ok=True)
        _form(root / folder, f"项目{number}号", department=department)
    return root


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["教育局", "海洋局", "文化局", "水务局"], "里面是 4 个部门的表（示范区教育局、示范区海洋局等）"),
        (["教育局", "海洋局"], "里面是 2 个部门的表（示范区教育局、示范区海洋局）"),
    ],
)
def test_forms_of_several_departments_become_no_one_workbook(tmp_path: Path, names: list[str], told: str) -> None:
    source = _folder(tmp_path / "全区", {f"{number}": f"示范区{name}" for number, name in enumerate(names)})
    with pytest.raises(UsageError) as raised:
        list(gathered([source], tmp_path / "全.xlsx"))
    assert str(raised.value) == told + _APART
    assert not (tmp_path / "全.xlsx").exists()
    done = list(gathered([source], tmp_path / "出"))
    assert [each.unread for each in done] == [False] * len(names)
    assert len(list((tmp_path / "出").iterdir())) == len(names)


def test_a_folder_of_folders_says_which_has_forms_of_several_departments(tmp_path: Path) -> None:
    source = _folder(tmp_path / "全区", {"文化局": "示范区文化局", "教育局": "示范区教育局"})
    _form(source / "文化局", "外来的项目", department="示范区海洋局")
    done = {each.name: each for each in gathered([source], tmp_path / "出")}
    target = tmp_path / "出" / "文化局.xlsx"
    told = f"没有生成 {target}：里面是 2 个部门的表（示范区海洋局、示范区文化局）{_APART}"
    assert (done["文化局"].lines, done["文化局"].summary, done["文化局"].unread) == ((), told, True)
    assert [path.name for path in (tmp_path / "出").iterdir()] == ["教育局.xlsx"]


@pytest.mark.parametrize("name", ["z.xls", "z.XLSM", "z.et", "z.docx"])
def test_a_file_of_another_kind_is_not_made_a_folder(tmp_path: Path, name: str) -> None:
    source = _folder(tmp_path / "全区", {"文化局": "示范区文化局"})
    with pytest.raises(UsageError) as raised:
        list(gathered([source], tmp_path / name))
    assert str(raised.value) == f"不能生成 {name}，--out 请写 .xlsx 文件名或文件夹。"
    assert not (tmp_path / name).exists()
