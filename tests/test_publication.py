"""What is published: nothing that identifies a person, no project that is not public, and a ledger that is held to."""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import zipfile
from pathlib import Path

import openpyxl
import pytest
from conftest import GOOD, fill
from processes import program

from evalxl import library
from evalxl.library import UsageError
from evalxl.run.publication import Publication

SECRETS = ("张三丰", "欧阳建国", "李四", "王五六", "13812345678", "138 1234 5678", "86429753", "7654321", "65554433", "zhang@sf.gov.cn",
           "130123197001011234")  # fmt: skip
HARMLESS = ("20500123", "13912340000901", "高峰期", "12345热线")
PEOPLE = {
    "基本信息!B7": "石家庄市鹿泉区", "基本信息!B13": "张三丰", "基本信息!B14": "0311-86429753", "基本信息!B16": "欧阳建国",
    "评价组!B5": "李四", "评价组!B6": "王五六", "评价组!B7": "高峰", "项目!C8": "13912340000901",
    "文字说明!B7": f"由局长欧阳建国任组长，李四、王五六参加，联系电话65554433，手机13812345678（138 1234 5678），{GOOD['文字说明!B7']}",
    "文字说明!B8": f"意见请电(0311)7654321或发zhang@sf.gov.cn，经办人身份证130123197001011234，12345热线高峰期另有专人。{GOOD['文字说明!B8']}",
    "文字说明!B12": f"由张三丰同志负责。{GOOD['文字说明!B12']}",
}  # fmt: skip
SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"
HIDDEN = "文物保护维修"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A run over a department that has passed and one that has not."""
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "文化局.xlsx", PEOPLE)
    shutil.copy(SAMPLES / "鹿泉区水利局.xlsx", tmp_path / "in")
    library.run(tmp_path / "in", tmp_path / "out")
    return tmp_path


def publish(office: Path) -> Publication:
    return library.publish(office / "out", office / "public")


def note(office: Path, name: str, **entries: str) -> None:
    """Write into the ledger as the office does; a name of '' is the whole report."""
    path = office / "public" / "公开台账.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["公开台账"]
    at = {cell.value: cell.column for cell in page[3]}
    for row in range(4, page.max_row + 1):
        whose = page.cell(row, at["部门"]).value, page.cell(row, at["项目名称"]).value or ""
        if whose == ("示范区文化局", name):
            for header, text in entries.items():
                page.cell(row, at[header]).value = text
    book.save(path)


def everything(folder: Path) -> str:
    """All texts of all parts of all files."""
    found = []
    for path in sorted(folder.iterdir()):
        with zipfile.ZipFile(path) as package:
            parts = [package.read(name).decode("utf-8", "replace") for name in package.namelist()]
        found += [path.name, *(re.sub("<[^>]*>", "", part) + part for part in parts)]
    return "\n".join(found)


def test_nobody_is_named_and_nothing_else_is_lost(office: Path) -> None:
    done = publish(office)
    assert (done.folder.name, done.files) == ("可公开", ("公开汇总表.xlsx", "示范区文化局.docx"))
    assert done.remarks == ("还没有通过的 1 个部门没有生成公开版：鹿泉区水利局。",)
    text = everything(done.folder)
    assert [each for each in SECRETS if each in text] == []
    assert [each for each in HARMLESS if each not in text] == []
    assert all(each in text for each in ("欧***任组长", "李*、王**参加", "高*", HIDDEN))
    assert "水利" not in text
    assert "退回" not in text


def test_a_project_that_is_not_public_is_left_out_and_counted(office: Path) -> None:
    whole = everything(publish(office).folder)
    note(office, HIDDEN, 是否公开="否", 不公开原因="涉密项目")
    done = publish(office)
    text = everything(done.folder)
    words = "另有 1 个项目按规定不公开，全年执行数合计 56.00 万元，已计入支出合计。"
    assert done.remarks == ("还没有通过的 1 个部门没有生成公开版：鹿泉区水利局。",)
    assert (HIDDEN in whole, HIDDEN in text, text.count(words)) == (True, False, 4)
    assert done.withheld == {"示范区文化局": 1}
    assert "涉密项目" not in text  # why is for the ledger, which is the office's own
    ledger = openpyxl.load_workbook(done.ledger)["公开台账"]
    assert "涉密项目" in [cell.value for row in ledger.iter_rows() for cell in row]
    assert "（不公开的项目）完成主体工程" in text
    assert "930.00" in text  # what the department spent, the project among it
    book = openpyxl.load_workbook(done.folder / "公开汇总表.xlsx", data_only=True)
    page = book["部门汇总"]
    headers, filed, total = (next(page.iter_rows(row, row, values_only=True)) for row in (3, 4, 5))
    asked = ("应评项目", "已评项目", "应评金额", "已评金额")
    assert [dict(zip(headers, filed, strict=True))[each] for each in asked] == [3, 3, 250.0, 250.0]
    assert [dict(zip(headers, total, strict=True))[each] for each in asked] == [3, 3, 250.0, 250.0]
    assert dict(zip(headers, filed, strict=True))["项目等级及占比"] == "优秀2 (67%)\n一般1 (33%)"  # HIDDEN's is 良好
    assert "应评、已评和等级只计公开的项目；" in str(page["A2"].value)
    assert "所列合计" in [row[1] for row in book["项目汇总"].iter_rows(values_only=True)]
    note(office, HIDDEN, 是否公开="是", 不公开原因="")
    assert everything(publish(office).folder) == whole


def test_the_ledger_is_kept_and_held_to(office: Path) -> None:
    publish(office)
    note(office, "", 公开日期="2024-05-01", 公开地址="https://example.gov.cn/1")
    note(office, HIDDEN, 公开日期="2024-05-01")
    assert len(publish(office).remarks) == 1
    note(office, HIDDEN, 是否公开="否")
    whose = "示范区文化局"
    doubts = {
        f"{whose}“{HIDDEN}”：已公开，现在不公开，请撤下或说明。",
        f"{whose}：2024-05-01公开以后有改动，请重新公开，并更新公开日期。",
    }
    for _ in range(2):  # said until something is done about it
        assert set(publish(office).remarks[1:]) == doubts
    note(office, HIDDEN, 公开日期="", 不公开原因="涉密项目")
    publish(office)
    note(office, "", 公开日期="2024-06-01")
    assert len(publish(office).remarks) == 1
    assert len(publish(office).remarks) == 1


def test_the_same_gives_the_same_bytes(office: Path) -> None:
    done = publish(office)
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in (*done.folder.iterdir(), done.ledger)}
    publish(office)
    assert before == {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in before}


def test_what_is_not_in_the_results_any_longer_stays_in_the_ledger(office: Path) -> None:
    publish(office)
    note(office, "群众文化活动", 公开日期="2024-05-01")
    fill(office / "in" / "文化局.xlsx", {**PEOPLE, "项目!B8": "群众文化节庆活动"})
    library.run(office / "in", office / "out")
    assert "示范区文化局“群众文化活动”：不在这批可以公开的结果里，而已公开，请核对。" in publish(office).remarks
    assert "示范区文化局“群众文化活动”：不在这批可以公开的结果里，而已公开，请核对。" in publish(office).remarks


def test_a_report_changed_by_hand_is_not_written_over(office: Path) -> None:
    path = publish(office).folder / "示范区文化局.docx"
    path.write_bytes(b"mine")
    note(office, HIDDEN, 是否公开="否", 不公开原因="涉密项目")
    with pytest.raises(UsageError, match="不是上次生成的样子"):
        publish(office)
    assert path.read_bytes() == b"mine"
    path.unlink()
    assert publish(office).files[1] == path.name


def test_a_department_that_is_kept_back_has_no_report(office: Path) -> None:
    shutil.copy(SAMPLES / "鹿泉区审计局.xlsx", office / "in")
    library.run(office / "in", office / "out")
    publish(office)
    note(office, "", 是否公开="否", 不公开原因="整体涉密")
    done = publish(office)
    assert done.files == ("公开汇总表.xlsx", "鹿泉区审计局.docx")
    assert sorted(path.name for path in done.folder.iterdir()) == sorted(done.files)
    assert "文化局" not in everything(done.folder)


@pytest.mark.parametrize("stated", ["不", "可能", "2024-05-01"])
def test_a_decision_that_is_none_is_refused(office: Path, stated: str) -> None:
    publish(office)
    note(office, HIDDEN, 是否公开=stated)
    with pytest.raises(UsageError, match=f"的是否公开“{stated}”不是“是”或“否”，请改正后再运行。"):
        publish(office)


def test_a_database_that_its_run_did_not_write_is_not_published(office: Path) -> None:
    with sqlite3.connect(office / "out" / "evalxl.sqlite") as database:
        database.execute("UPDATE projects SET score = 99")
    database.close()
    with pytest.raises(UsageError, match=r"与 run\.json 所记的不一致"):
        publish(office)
    assert not (office / "public").exists()


def test_nothing_is_published_before_anybody_is_through(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "a.xlsx", {"预算!D22": 1})
    library.run(tmp_path / "in", tmp_path / "out")
    with pytest.raises(UsageError, match="还没有一个部门通过"):
        library.publish(tmp_path / "out", tmp_path / "public")
    library.merge([tmp_path / "out"], tmp_path / "city")
    with pytest.raises(UsageError, match="是合并的结果"):
        library.publish(tmp_path / "city", tmp_path / "public")
    assert not (tmp_path / "public").exists()


def test_a_department_stands_there_as_in_the_signed_summary(tmp_path: Path) -> None:
    """Under the roster's name and in its order, also where it filed under its former one."""
    (tmp_path / "in").mkdir()
    for name in ("鹿泉区卫生健康局", "鹿泉区民政局"):
        shutil.copy(SAMPLES / f"{name}.xlsx", tmp_path / "in")
    roster = tmp_path / "名册.csv"
    roster.write_text("部门名称,曾用名\n鹿泉区社会事务局,鹿泉区民政局\n鹿泉区卫生健康局,\n", encoding="utf-8")
    library.run(tmp_path / "in", tmp_path / "out", roster=roster)
    done = library.publish(tmp_path / "out", tmp_path / "public")
    listed = []
    for path in (tmp_path / "out" / "汇总表.xlsx", done.folder / "公开汇总表.xlsx"):
        page = openpyxl.load_workbook(path)["项目汇总"]
        [(row, column)] = [(cell.row, cell.column) for each in page["A1:D6"] for cell in each if cell.value == "部门"]
        names = [page.cell(at, column).value for at in range(row + 1, page.max_row)]
        listed.append(list(dict.fromkeys(filter(None, names))))
    assert listed == [["鹿泉区社会事务局", "鹿泉区卫生健康局"]] * 2
    assert sorted(done.files) == ["公开汇总表.xlsx", "鹿泉区卫生健康局.docx", "鹿泉区社会事务局.docx"]


def test_what_departments_say_themselves_is_taken(tmp_path: Path) -> None:
    """With a template that asks for it; the ledger may keep back more, but publishes nothing that they keep back."""
    layout = Path(__file__).parent.parent / "samples" / "layouts" / "upward.toml"
    program("template", str(tmp_path / "t.xlsx"), "--layout", str(layout))
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    at = {cell.value: cell.column for cell in book["项目"][4]}
    headers = {str(each).rstrip("*"): column for each, column in at.items() if each}
    for place, value in GOOD.items():
        sheet, cell = place.split("!")
        if sheet != "项目":
            book[sheet][cell] = value
    standard = [
        "A",
        "项目名称",
        "项目编码",
        "实施单位",
        "年初预算数",
        "全年预算数",
        "全年执行数",
        "执行率",
        "自评得分",
        "评价等级",
        "偏差原因",
        "改进措施",
    ]
    for row in range(5, 9):
        for letter, header in zip("ABCDEFGHIJKL", standard, strict=True):
            if header in headers and header != "执行率" and f"项目!{letter}{row}" in GOOD:
                book["项目"].cell(row, headers[header]).value = GOOD[f"项目!{letter}{row}"]
        book["项目"].cell(row, headers["资金性质"]).value = "一般公共预算"
        book["项目"].cell(row, headers["是否公开"]).value = "否" if row == 7 else "是"
    book["项目"].cell(7, headers["不公开原因"]).value = "涉密项目"
    (tmp_path / "in").mkdir()
    book.save(tmp_path / "in" / "a.xlsx")
    program("run", str(tmp_path / "in"), str(tmp_path / "out"), "--layout", str(layout))
    done = program("report", str(tmp_path / "out"), "--public", "--out", str(tmp_path / "p"), "--layout", str(layout))
    assert done.returncode == 0, done.stderr
    text = everything(tmp_path / "p" / "可公开")
    assert (HIDDEN in text, "涉密" in text, "另有 1 个项目按规定不公开" in text) == (False, False, True)
    asked = (
        "已略去 1 个不公开的项目；文字里用简称、别的说法写到的，程序认不全，"
        "公开以前请通读这些部门的报告和公开汇总表：示范区文化局。"
    )
    assert asked in done.stderr.replace("\n", "")


def test_whoever_is_filed_is_named_nowhere_however_it_is_written(office: Path) -> None:
    """Also with the blank that a form puts into a short name; the reason of what is left out stands nowhere."""
    wording = "会计张三核对，会同李四和王 五六完成，请拨86429753，或０３１１８７６５４３２１、65554433，高峰期另有安排，下达1381.23万元。"
    edits = {"基本信息!B13": "张　三", "文字说明!B8": f"{wording}{GOOD['文字说明!B8']}"}
    fill(office / "in" / "文化局.xlsx", {**PEOPLE, **edits})
    library.run(office / "in", office / "out")
    publish(office)
    note(office, HIDDEN, 是否公开="否", 不公开原因=f"李四反映{HIDDEN}涉密，详询13812345678")
    text = everything(publish(office).folder)
    secret = (
        "张三",
        "张　三",
        "李四",
        "王 五六",
        "86429753",
        "０３１１８７６５４３２１",
        "65554433",
        "13812345678",
        HIDDEN,
        "涉密",
        "反映",
    )
    assert [each for each in secret if each in text] == []
    assert all(each in text for each in ("会计张*核对", "高峰期", "1381.23万元", "13912340000901"))


def test_a_report_that_is_not_due_any_longer_does_not_stay_among_the_published(office: Path) -> None:
    shutil.copy(SAMPLES / "鹿泉区审计局.xlsx", office / "in")
    library.run(office / "in", office / "out")
    path = publish(office).folder / "示范区文化局.docx"
    note(office, "", 公开日期="2024-05-01")
    fill(office / "in" / "文化局.xlsx", {**PEOPLE, "预算!D22": 1})
    library.run(office / "in", office / "out")
    kept = path.read_bytes()
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="已改过，而这次没有它的公开版"):
        publish(office)
    path.write_bytes(kept)
    assert "示范区文化局：不在这批可以公开的结果里，而已公开，请核对。" in publish(office).remarks
    assert not path.exists()
    fill(office / "in" / "文化局.xlsx", PEOPLE)
    library.run(office / "in", office / "out")
    assert [each for each in publish(office).remarks if "改动" in each and "文化局" in each] == []  # the same again
