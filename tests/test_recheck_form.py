"""抽查表.xlsx from draw to verdict: the projects stay drawn, what is filled in is checked at once and read back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from conftest import fill
from libreoffice import converted, needs_libreoffice

from evalxl import library
from evalxl.bureau.rechecks import read_rechecks
from evalxl.policy.policy import Policy
from evalxl.values.errors import UsageError

NAME = "示范区文化局"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    fill(folder / "a.xlsx", {"基本信息!B5": NAME})
    fill(folder / "b.xlsx", {"基本信息!B5": "示范区水利局"})
    return folder


def drawn(outbox: Path) -> list[tuple[str, str]]:
    """Department and project of every row of the form."""
    return [(str(row["部门"]), str(row["项目名称"])) for row in rows_of(outbox / "抽查表.xlsx")]


def rows_of(path: Path) -> list[dict[str, object]]:
    page = openpyxl.load_workbook(path, data_only=True)["抽查名单"]
    headers, *rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=3)]
    return [dict(zip(map(str, headers), row, strict=True)) for row in rows]


def rename(inbox: Path, name: str, old: str, new: str) -> None:
    """The department calls a project otherwise and sends its workbook again."""
    book = openpyxl.load_workbook(inbox / name)
    for row in book["项目"].iter_rows():
        for cell in row:
            if cell.value == old:
                cell.value = new
    book.save(inbox / name)


def note(outbox: Path) -> str:
    return str(openpyxl.load_workbook(outbox / "抽查表.xlsx")["抽查名单"]["A2"].value)


def test_what_is_drawn_stays_drawn_until_it_is_asked_for_anew(inbox: Path, tmp_path: Path) -> None:
    outbox, fresh = tmp_path / "out", tmp_path / "fresh"
    library.run(inbox, outbox)
    first = drawn(outbox)
    assert [department for department, _ in first] == [NAME, "示范区水利局"]
    before = (outbox / "抽查表.xlsx").read_bytes()
    library.run(inbox, outbox)
    assert (outbox / "抽查表.xlsx").read_bytes() == before

    # Six more projects would have others drawn; another department is drawn by lot as at first.
    fill(
        inbox / "a.xlsx",
        {"基本信息!B5": NAME} | {f"项目!B{row}": f"新项目{row}" for row in range(9, 21)}
        | {f"项目!G{row}": 1 for row in range(9, 21)},
    )  # fmt: skip
    fill(inbox / "c.xlsx", {"基本信息!B5": "示范区审计局"})
    library.run(inbox, fresh)
    assert len([each for each in drawn(fresh) if each[0] == NAME]) > 1
    library.run(inbox, outbox)
    assert set(first) <= set(drawn(outbox))
    assert {department for department, _ in set(drawn(outbox)) - set(first)} == {"示范区审计局"}

    # A run into another folder that is told of the earlier one keeps to it as well.
    library.run(inbox, tmp_path / "next", previous=[outbox])
    assert drawn(tmp_path / "next") == drawn(outbox)

    for _ in range(2):  # the reason stays on record
        library.run(inbox, outbox, redraw="样本泄露，经批准重抽")
        assert drawn(outbox) == drawn(fresh)
        assert "曾重新抽取，原因：样本泄露，经批准重抽。" in note(outbox)
        library.run(inbox, outbox)
    assert json.loads((outbox / "run.json").read_text(encoding="utf-8"))["sample"]["reason"] == "样本泄露，经批准重抽"
    with pytest.raises(UsageError, match="原因超过 200 字"):
        library.run(inbox, outbox, redraw="长" * 201)


def test_a_project_that_is_gone_is_told_and_may_come_back(inbox: Path, tmp_path: Path) -> None:
    outbox = tmp_path / "out"
    library.run(inbox, outbox)
    (_, project), _ = drawn(outbox)
    rename(inbox, "a.xlsx", project, "改了名的项目")
    library.run(inbox, outbox)
    assert (NAME, project) not in drawn(outbox)
    assert len(drawn(outbox)) == 2
    assert "原来抽中的 1 个项目已不在报送件中" in note(outbox)
    rename(inbox, "a.xlsx", "改了名的项目", project)
    library.run(inbox, outbox)
    assert (NAME, project) in drawn(outbox)


def test_a_merged_run_keeps_what_its_districts_have_drawn(inbox: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    fill(other / "d.xlsx", {"基本信息!B5": NAME, "基本信息!B7": "石家庄市桥西区"})
    library.run(inbox, tmp_path / "甲")
    library.run(other, tmp_path / "乙")
    library.merge([tmp_path / "甲", tmp_path / "乙"], tmp_path / "市")
    assert sorted(drawn(tmp_path / "市")) == sorted(drawn(tmp_path / "甲") + drawn(tmp_path / "乙"))
    library.merge([tmp_path / "市"], tmp_path / "省")
    assert sorted(drawn(tmp_path / "省")) == sorted(drawn(tmp_path / "市"))


def test_a_run_says_how_many_of_the_drawn_have_no_recheck_yet(inbox: Path, tmp_path: Path) -> None:
    def told(outbox: Path) -> tuple[list[str], str]:
        remarks = library.run(inbox, outbox, recheck=form).remarks
        page = openpyxl.load_workbook(outbox / "汇总表.xlsx")["复核差异"]
        return [each for each in remarks if "复核" in each and "D05" not in each], str(page["A2"].value)

    assert library.run(inbox, tmp_path / "out").remarks == []
    form = tmp_path / "抽查表.xlsx"
    shutil.copy(tmp_path / "out" / "抽查表.xlsx", form)
    write(form, "own", None)
    waiting = "抽中的 2 个项目中 1 个还没有复核结果。"
    remarks, summary = told(tmp_path / "a")
    assert remarks == [f"按抽查表（含结果夹里已填的）对照复核得分 1 项；{waiting}"]
    assert summary.endswith(waiting)
    write(form, "own", None, row=5)
    remarks, summary = told(tmp_path / "b")
    assert remarks == ["按抽查表（含结果夹里已填的）对照复核得分 2 项。"]
    assert "还没有复核结果" not in summary


@needs_libreoffice
def test_the_form_says_what_is_wrong_as_it_is_filled_in(inbox: Path, tmp_path: Path) -> None:
    library.run(inbox, tmp_path / "out")
    cases = [
        (None, None, ""), (None, "优秀", "请填复核得分"), ("90分", None, "复核得分应为数字"), (-1, None, "复核得分应为 0 至 100"),
        (101, None, "复核得分应为 0 至 100"), (90, "良好", "按得分应为“优秀”"), (20, "较差", "与自评相差 "), ("own", None, "√"),
    ]  # fmt: skip
    paths = []
    for number, (score, grade, _) in enumerate(cases):
        paths.append(tmp_path / f"{number}.xlsx")
        shutil.copy(tmp_path / "out" / "抽查表.xlsx", paths[-1])
        write(paths[-1], score, grade)
    shown = [str(rows_of(path)[0]["核对"] or "") for path in converted(paths, tmp_path)]
    assert all(said.startswith(wanted) for said, (*_, wanted) in zip(shown, cases, strict=True)), shown
    assert (shown[0], all(shown[1:])) == ("", True)


def write(path: Path, score: object, grade: str | None, row: int = 4) -> None:
    """Fill in a row, the first."""
    book = openpyxl.load_workbook(path)
    page = book["抽查名单"]
    at = {cell.value: cell.column for cell in page[3]}
    page.cell(row, at["复核得分"]).value = page.cell(row, at["自评得分"]).value if score == "own" else score
    page.cell(row, at["复核等级"]).value = grade
    book.save(path)


def test_what_is_filled_in_is_read_back_and_shown_again(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    library.run(inbox, tmp_path / "out")
    path = tmp_path / "out" / "抽查表.xlsx"
    write(path, "９０.5 分", "甲等")  # a wrong grade, a score as people type it
    with pytest.raises(
        UsageError, match=r"《抽查名单》第 4 行的复核等级“甲等”不是现行等级（优秀、良好、一般、较差），请改正后再运行。"
    ):
        read_rechecks(path, policy)
    write(path, "９０.5 分", "优秀")
    assert read_rechecks(path, policy)["score"].tolist() == [90.5]
    library.run(inbox, tmp_path / "next", recheck=path, previous=[tmp_path / "out"])
    again = rows_of(tmp_path / "next" / "抽查表.xlsx")[0]
    assert (again["复核得分"], again["复核等级"]) == (90.5, "优秀")


def test_what_is_filled_in_is_not_lost_by_a_run_into_the_same_outbox(inbox: Path, tmp_path: Path) -> None:
    path = tmp_path / "out" / "抽查表.xlsx"
    library.run(inbox, path.parent)
    write(path, 60, None)
    book = openpyxl.load_workbook(path)
    page = book["抽查名单"]
    at = {cell.value: cell.column for cell in page[3]}
    page.cell(4, at["复核人"]).value = "张三"
    book.save(path)
    done = library.run(inbox, path.parent)
    row = rows_of(path)[0]
    assert (row["复核得分"], row["复核人"]) == (60, "张三")
    assert "D05" in {each.rule for each in done.findings}
    assert any("抽查表" in each for each in done.remarks)
    before = path.read_bytes()
    library.run(inbox, path.parent)
    assert path.read_bytes() == before


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "复核.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "抽查名单"
    page.append(["部门", "项目名称", "复核得分", "复核等级"])
    for _ in range(12):
        page.append(["甲局", "项目", "好", "甲等"])
    book.save(path)
    with pytest.raises(UsageError) as wrong:
        read_rechecks(path, policy)
    assert str(wrong.value).startswith(
        f"复核结果 {path}《抽查名单》第 2 行的复核得分“好”不是 0 到 100 的数字；第 2 行的复核等级“甲等”"
    )
    assert str(wrong.value).endswith("等 24 处，请改正后再运行。")
