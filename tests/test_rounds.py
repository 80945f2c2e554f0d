"""The loop with the accountant, as it is lived: returned, corrected or explained, sent again, until accepted."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import fill
from libreoffice import converted, needs_libreoffice
from openpyxl.workbook import Workbook

from evalxl import library
from evalxl.bureau.review import Round
from evalxl.bureau.roster import read_roster
from evalxl.district.tables import Bureau
from evalxl.intake.read import findings_list
from evalxl.policy import policy as policies
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings

NAME = "示范区文化局"
# An error (a grade that does not follow from its score) and a warning (a low execution rate without a reason).
FAULTS = {"项目!J7": "优秀", "项目!K8": None}


class Office:
    """A bureau and a department that send a workbook to and fro."""

    def __init__(self, folder: Path, policy: Policy) -> None:
        self.folder, self.policy, self.rounds = folder, policy, 0
        self.bureau = Bureau()
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.book = fill(self.inbox / f"{NAME}.xlsx", FAULTS)

    def run(self) -> dict[str, Any]:
        """A run that knows the one before; gives back findings.json."""
        before = self._out(self.rounds) if self.rounds else None
        self.rounds += 1
        known = Round(before, 2023 if before else 0)
        batch.run(self.inbox, self._out(self.rounds), Settings(self.policy, round=known, bureau=self.bureau))
        return dict(json.loads((self._out(self.rounds) / "findings.json").read_text(encoding="utf-8")))

    def _out(self, number: int) -> Path:
        return self.folder / f"out{number}"

    @property
    def returned(self) -> Path:
        return self._out(self.rounds) / "退回" / f"{NAME}.xlsx"

    def send_back(self, correct: Callable[[Workbook], None]) -> None:
        """The department corrects its returned copy and sends it again."""
        book = openpyxl.load_workbook(self.returned if self.returned.exists() else self.book)
        correct(book)
        book.save(self.book)  # without results of formulas; reading adds the template's own totals up itself (F09)


def _explain(rule: str, words: str) -> Callable[[Workbook], None]:
    """Write beside each finding of a rule in 问题清单."""

    def write(book: Workbook) -> None:
        page = book[findings_list.TITLE]
        headers = next(row for row in page.iter_rows() if any(cell.value == findings_list.EXPLANATION for cell in row))
        at = {str(cell.value): cell.column for cell in headers if cell.value}
        for row in range(headers[0].row + 1, page.max_row + 1):
            if page.cell(row, at[findings_list.RULE]).value == rule:
                page.cell(row, at[findings_list.EXPLANATION]).value = words

    return write


def _told(content: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = [each for each in content["findings"] if each["rule"] != "F09"]  # openpyxl keeps no results of formulas
    return [(each["rule"], each.get("change", ""), each.get("explanation", "")) for each in found]


def _status(content: dict[str, Any]) -> str:
    return str(content["workbooks"][0]["status"])


@pytest.fixture
def office(tmp_path: Path, policy: Policy) -> Office:
    return Office(tmp_path, policy)


def test_three_rounds_until_accepted_with_explanation(office: Office) -> None:
    first = office.run()
    assert _told(first) == [("G01", "", ""), ("P09", "", "")]
    assert _status(first) == "returned"

    office.send_back(_explain("P09", "雨季停工，资金结转下年"))  # explained, the error left
    second = office.run()
    assert _told(second) == [("G01", "open", ""), ("P09", "open", "雨季停工，资金结转下年")]
    assert _status(second) == "returned"

    def correct(book: Workbook) -> None:
        book["项目"]["J7"] = "良好"

    office.send_back(correct)
    third = office.run()
    assert _told(third) == [("P09", "open", "雨季停工，资金结转下年")]
    assert [(each["rule"], each["change"]) for each in third["fixed"]] == [("G01", "fixed")]
    assert _status(third) == "accepted-with-explanation"

    def spoil(book: Workbook) -> None:
        book["项目"]["J7"] = "优秀"

    office.send_back(spoil)
    fourth = office.run()
    assert _told(fourth) == [("G01", "back", ""), ("P09", "open", "雨季停工，资金结转下年")]
    assert _status(fourth) == "returned"


def test_an_explanation_lapses_when_the_figures_change(office: Office) -> None:
    office.run()

    def other_figures(book: Workbook) -> None:
        _explain("P09", "雨季停工，资金结转下年")(book)
        book["项目"]["J7"] = "良好"
        book["项目"]["G8"] = 29
        book["项目"]["G5"] = 115

    office.send_back(other_figures)
    again = office.run()
    late = next(each for each in again["findings"] if each["rule"] == "P09")
    assert (late["explanation"], late["lapsed"]) == ("雨季停工，资金结转下年", True)
    assert _status(again) == "explain"


def test_an_error_cannot_be_explained_away(office: Office) -> None:
    office.run()

    def explain_all(book: Workbook) -> None:
        _explain("G01", "情况属实")(book)
        _explain("P09", "雨季停工")(book)

    office.send_back(explain_all)
    again = office.run()
    assert _told(again) == [("G01", "open", "情况属实"), ("P09", "open", "雨季停工")]
    assert _status(again) == "returned"


def test_marks_are_taken_off_what_is_corrected(office: Office) -> None:
    office.run()
    assert _marked(office.returned) == {"项目": ["J7", "K8"]}

    def correct(book: Workbook) -> None:
        book["项目"]["J7"] = "良好"

    office.send_back(correct)
    office.run()
    assert "J7" not in _marked(office.returned)["项目"]
    assert "K8" in _marked(office.returned)["项目"]


def _marked(path: Path) -> dict[str, list[str]]:
    """The cells with a note of ours, by sheet."""
    book = openpyxl.load_workbook(path)
    notes = {
        page.title: [cell.coordinate for row in page.iter_rows() for cell in row if cell.comment is not None]
        for page in book
    }
    return {title: cells for title, cells in notes.items() if cells}


def test_a_list_that_comes_back_without_its_workbook_explains_the_next(office: Office) -> None:
    office.run()

    def only_the_list(book: Workbook) -> None:
        _explain("P09", "雨季停工")(book)
        for title in book.sheetnames:
            if title != findings_list.TITLE:
                del book[title]

    def own(content: dict[str, Any]) -> list[tuple[str, str, str]]:
        return [each for each in _told(content) if each[0] in ("G01", "P09")]

    fill(office.inbox / "水利局.xlsx", {"基本信息!B5": "水利局"})  # of a year there is something to read
    office.send_back(only_the_list)
    assert own(office.run()) == []
    fill(office.book, FAULTS)
    assert own(office.run()) == [("G01", "open", ""), ("P09", "open", "雨季停工")]


def test_a_workbook_without_its_year_is_of_the_year_of_the_others(office: Office) -> None:
    """An explanation is not lost because the year was left out in one round."""
    fill(office.inbox / "水利局.xlsx", {"基本信息!B5": "水利局"})
    office.run()
    office.send_back(_explain("P09", "雨季停工"))
    office.run()
    explained = [("G01", "open", ""), ("P09", "open", "雨季停工")]
    for year in (None, 2023):
        fill(office.book, FAULTS | {"基本信息!B8": year})
        assert [each for each in _told(office.run()) if each[0] in ("G01", "P09")] == explained


def test_a_department_that_sends_a_fresh_workbook_keeps_its_explanation(office: Office) -> None:
    office.run()
    office.send_back(_explain("P09", "雨季停工"))
    office.run()
    shutil.copy(fill(office.folder / "fresh.xlsx", {"项目!K8": None}), office.book)
    third = office.run()
    assert _told(third) == [("P09", "open", "雨季停工")]
    assert _status(third) == "accepted-with-explanation"


def test_an_accepted_workbook_is_not_returned(office: Office) -> None:
    shutil.copy(fill(office.folder / "clean.xlsx", {}), office.book)
    content = office.run()
    assert _status(content) == "accepted"
    assert not office.returned.exists()


def test_what_was_corrected_once_is_not_corrected_again(office: Office) -> None:
    office.run()

    def correct(book: Workbook) -> None:
        book["项目"]["J7"] = "良好"

    office.send_back(correct)
    assert [each["rule"] for each in office.run()["fixed"]] == ["G01"]
    assert office.run()["fixed"] == []


def test_a_rule_switched_off_has_corrected_nothing(office: Office) -> None:
    office.run()
    office.policy = office.policy.model_copy(update={"severity": {"G01": "off"}})
    assert office.run()["fixed"] == []
    office.policy = policies.load()
    assert _told(office.run())[0] == ("G01", "open", "")


def test_text_in_several_cells_is_told_apart_by_the_cell(office: Office) -> None:
    shutil.copy(fill(office.folder / "text.xlsx", {"预算!D27": "无", "预算!D28": "甲", "预算!D6": "乙"}), office.book)
    office.run()
    shutil.copy(fill(office.folder / "less.xlsx", {"预算!D27": "无", "预算!D28": "甲"}), office.book)
    again = office.run()
    assert {each["change"] for each in again["findings"] if each["rule"] in ("F03", "F04")} == {"open"}
    assert [(each["rule"], "D6" in each["message"]) for each in again["fixed"] if each["rule"] == "F03"] == [
        ("F03", True)
    ]


def test_a_department_that_takes_its_roster_name_keeps_its_history(office: Office) -> None:
    listed = office.folder / "名册.csv"
    listed.write_text(f"部门名称,简称\n{NAME},区文化局\n", encoding="utf-8")
    office.bureau = Bureau(roster=read_roster(listed))
    shutil.copy(fill(office.folder / "short.xlsx", {**FAULTS, "基本信息!B5": "区文化局"}), office.book)
    office.run()
    shutil.copy(fill(office.folder / "full.xlsx", FAULTS), office.book)
    again = office.run()
    assert [told[:2] for told in _told(again)] == [("G01", "open"), ("P09", "open")]
    assert [each["rule"] for each in again["fixed"]] == ["D01"]


def test_a_department_that_sent_two_workbooks_twice_has_corrected_nothing(office: Office) -> None:
    """F06 stands at the copy that does not count, which is there still."""
    fill(office.inbox / f"{NAME}二.xlsx", FAULTS | {"基本信息!B15": "2024-02-01"})
    first = office.run()
    assert "F06" in {each["rule"] for each in first["findings"]}
    again = office.run()
    assert again["fixed"] == []
    assert {each["change"] for each in again["findings"]} == {"open"}


def test_what_was_explained_is_not_lost_where_the_last_round_is_forgotten(office: Office) -> None:
    office.run()
    office.send_back(_explain("P09", "雨季停工，资金结转下年"))
    office.run()
    outbox = office.folder / "out2"
    fill(office.book, {"项目!K8": None})  # a fresh workbook, the error corrected, the explanation not in it

    def again() -> batch.Run:
        return batch.run(office.inbox, outbox, Settings(office.policy))

    done = again()
    content = json.loads((outbox / "findings.json").read_text(encoding="utf-8"))
    assert [each for each in _told(content) if each[0] == "P09"] == [("P09", "", "雨季停工，资金结转下年")]
    assert _status(content) == "accepted-with-explanation"
    assert done.outcome.taken == 1
    assert not (outbox / "退回").exists() or not list((outbox / "退回").iterdir())  # there is nothing to be done
    before = (outbox / "汇总表.xlsx").read_bytes()
    assert again().outcome.taken == 1
    assert (outbox / "汇总表.xlsx").read_bytes() == before


def _absent(book: Path) -> None:
    book.unlink()


def _damaged(book: Path) -> None:
    book.write_bytes(book.read_bytes()[:1000])


@pytest.mark.parametrize("lose", [_absent, _damaged])
@pytest.mark.parametrize("forgotten", [False, True])
def test_what_is_known_of_a_department_outlasts_a_round_in_which_nothing_of_it_is_read(
    office: Office, lose: Callable[[Path], None], forgotten: bool
) -> None:
    """A workbook that is being changed while a run is at it costs that run, and no explanation."""
    fill(office.inbox / "乙局.xlsx", {"基本信息!B5": "示范区乙局"})
    office.run()
    office.send_back(_explain("P09", "雨季停工，资金结转下年"))
    office.run()
    fill(office.book, FAULTS)
    kept = office.book.read_bytes()
    lose(office.book)
    if forgotten:  # the same outbox again, without --previous
        batch.run(office.inbox, office.folder / "out2", Settings(office.policy))
    else:
        office.run()
    office.book.write_bytes(kept)
    again = [
        each for each in office.run()["findings"] if each["workbook"] == office.book.name and each["rule"][0] in "GP"
    ]
    assert [(each["rule"], each["change"], each.get("explanation", "")) for each in again] == [
        ("G01", "open", ""),
        ("P09", "open", "雨季停工，资金结转下年"),
    ]


def test_whom_to_write_to_and_what(office: Office) -> None:
    listed = office.folder / "名册.csv"
    listed.write_text(f"部门名称,联系人,联系电话\n{NAME},,\n示范区教育局,张三,0311\n", encoding="utf-8")
    office.bureau = Bureau(roster=read_roster(listed))
    (office.inbox / f"~${NAME}.xlsx").write_bytes(b"\x05")  # nobody's report
    (office.inbox / "民政局.xlsx").write_bytes(b"")
    (office.inbox / "水利局.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(50))  # the operator unpacks it
    office.run()
    page = openpyxl.load_workbook(office.folder / "out1" / "待办.xlsx")["待办"]
    headers, *rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=3)]
    told = [dict(zip(headers, row, strict=True)) for row in rows]
    states = {each["部门"]: each["状态"] for each in told}
    assert states == {"示范区教育局": "未报送", NAME: "退回", "民政局": "未读取", "水利局": "未读取"}
    words = {each["部门"]: each["发送文字"] for each in told}
    empty = "民政局：贵单位报送的文件“民政局.xlsx”是空文件，未读取；请重新报送（请尽快报来）。"
    assert (words["民政局"], words["水利局"]) == (empty, None)
    assert told[0]["联系人"] == "张三"
    own = next(each for each in told if each["部门"] == NAME)
    assert own["待办事项"].startswith("错误1条须改正，提醒1条须改正或书面说明（项目!J7 ")
    assert own["附件"] == f"退回/{NAME}.xlsx"
    assert own["发送文字"].startswith(f"{NAME}：贵单位的2023年度部门整体支出绩效自评表经审核，错误1条须改正")


def test_a_deadline_that_is_not_after_the_year_is_asked_about_once(office: Office) -> None:
    policy, asked = office.folder / "本区.toml", []
    days = ("2023-03-31", "2023-12-31", "2024-01-01")
    for day in days:
        policy.write_text(f"[policy]\ndeadline = {day}\n", encoding="utf-8")
        remarks = library.run(office.inbox, office.folder / "out", policy=policy).remarks
        asked.append([each for each in remarks if "deadline" in each])
    doubts = [
        f"规则文件的截止日期 {day} 不在评价年度（2023 年）之后，通常应在次年；"
        "可能是沿用了以前年度的规则文件，请核对 deadline，否则都会列为迟报（D08）。"
        for day in days[:2]
    ]
    assert asked == [[doubts[0]], [doubts[1]], []]


@needs_libreoffice
def test_the_days_left_are_put_in_words(office: Office) -> None:
    policy, lists, today = office.folder / "本区.toml", [], dt.date.today()
    (office.folder / "名册.csv").write_text("部门名称\n示范区财政局\n", encoding="utf-8")
    for days in (-971, 0, 30):
        policy.write_text(f"[policy]\ndeadline = {today + dt.timedelta(days)}\n", encoding="utf-8")
        out = office.folder / f"out {days}"
        library.run(office.inbox, out, policy=policy, roster=office.folder / "名册.csv")
        lists.append(office.folder / f"{days}.xlsx")
        shutil.copy(out / "待办.xlsx", lists[-1])
    shown = []
    for path in converted(lists, office.folder, "csv:Text - txt - csv (StarCalc):44,34,76,1"):
        *_, headers, first = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))[:4]
        shown.append(dict(zip(headers, first, strict=True))["剩余天数"])
    assert shown == ["已过 971 天", "今天截止", "30 天"]
