"""Merging finished runs: the whole is the sum of its parts, at any depth, and what does not fit together is refused."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import xlsxwriter
from conftest import fill, unpacked
from departments import POLICY, Entries, department, make, put, sheet, wrong
from summaries import rechecks_of, roster_of, rows_of

from evalxl import library
from evalxl.district.tables import Bureau
from evalxl.layout import GENERAL
from evalxl.policy import policy as policies
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.merge import merge
from evalxl.run.settings import Settings
from evalxl.store.earlier import load
from evalxl.values.errors import UsageError


def _of(region: str, entries: Entries, year: int = 2023) -> Entries:
    put(entries, GENERAL, "region", region)
    put(entries, GENERAL, "year", year)
    return entries


def _run(
    folder: Path, name: str, departments: Mapping[str, Entries], bureau: Bureau | None = None, policy: Policy = POLICY
) -> Path:
    inbox, outbox = folder / f"{name}收件", folder / name
    inbox.mkdir()
    for file, entries in departments.items():
        make(inbox / file, entries)
    batch.run(inbox, outbox, Settings(policy, bureau=bureau or Bureau()))
    return outbox


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three districts, in each of which the department of education goes by the same name; one sent two workbooks."""
    folder = tmp_path_factory.mktemp("runs")
    late = _of("石家庄市长安区", department("教育局", 5, (1.5,), 75))
    put(late, GENERAL, "date", "2024-03-30")
    broken = folder / "无极收件"
    broken.mkdir()
    (broken / "坏.xlsx").write_bytes(b"no workbook")
    make(broken / "教育局.xlsx", _of("石家庄市无极县", department("教育局", 3, (0.333333,), 66)))
    batch.run(
        broken,
        folder / "无极",
        Settings(POLICY, bureau=roster_of(("教育局", "", ""), ("人大", "", "张三"), ("坏", "", ""))),
    )
    return {
        "栾城": _run(folder, "栾城", {
            "教育局.xlsx": _of("石家庄市栾城区", department("教育局", 100.01, (10.5, 20), 90)),
            "民政局.xlsx": _of("石家庄市栾城区", wrong(department("民政局", 50))),
        }, roster_of(("教育局", "", ""), ("民政局", "", ""))),
        "长安": _run(folder, "长安", {
            "一/教育局.xlsx".replace("/", "_"): _of("石家庄市长安区", department("教育局", 7, (1.5,), 70)),
            "教育局（改）.xlsx": late,
        }, roster_of(("教育局", "", ""))),
        "无极": folder / "无极",
    }  # fmt: skip


@pytest.fixture(scope="module")
def city(runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("city") / "石家庄市"
    assert merge([runs["长安"], runs["栾城"]], out, POLICY).exit_code == 1
    return out


def _total(outbox: Path, header: str) -> float:
    rows = sheet(outbox / "汇总表.xlsx", "部门汇总")
    count = len(rows_of(outbox / "汇总表.xlsx", "部门汇总"))
    return float(rows[3 + count][rows[2].index(header)])


def _fen(outbox: Path, query: str) -> int:
    with sqlite3.connect(outbox / "evalxl.sqlite") as connection:
        return int(connection.execute(query).fetchone()[0])


def test_the_merged_totals_are_the_sums_of_the_districts(runs: dict[str, Path], city: Path, tmp_path: Path) -> None:
    province = tmp_path / "省"
    assert merge([city, runs["无极"]], province, POLICY).exit_code == 3
    for header in ("本年收入合计", "本年支出合计", "其中：项目支出", "全年支出预算", "项目数", "错误", "提醒", "提示"):
        parts = [_total(runs[name], header) for name in ("栾城", "长安")]
        assert _total(city, header) == pytest.approx(sum(parts), abs=5e-7), header
        assert _total(province, header) == pytest.approx(sum(parts) + _total(runs["无极"], header), abs=5e-7), header
    query = "SELECT SUM(final_fen) FROM budget"
    assert _fen(province, query) == sum(_fen(outbox, query) for outbox in runs.values())
    held = [row["结论"] for row in rows_of(province / "汇总表.xlsx", "核对") if row["结论"] in ("相符", "不符")]
    assert set(held) == {"相符"}


def test_every_row_names_its_district_as_a_path(runs: dict[str, Path], city: Path, tmp_path: Path) -> None:
    province = tmp_path / "省"
    merge([runs["无极"], city], province, POLICY)
    book = province / "汇总表.xlsx"
    assert [(row["区县"], row["部门"], row["来源文件"]) for row in rows_of(book, "部门汇总")] == [
        ("石家庄市/石家庄市栾城区", "教育局", "石家庄市/石家庄市栾城区/教育局.xlsx"),
        ("石家庄市/石家庄市栾城区", "民政局", "石家庄市/石家庄市栾城区/民政局.xlsx"),
        ("石家庄市/石家庄市长安区", "教育局", "石家庄市/石家庄市长安区/教育局（改）.xlsx"),
        ("石家庄市无极县", "教育局", "石家庄市无极县/教育局.xlsx"),
        ("石家庄市无极县", "坏", "石家庄市无极县/坏.xlsx"),
    ]
    for title in ("项目汇总", "问题清单", "抽查名单"):
        for row in rows_of(book, title):
            assert row["来源文件"] == "" or row["来源文件"].startswith(row["区县"] + "/"), title
    assert sheet(book, "总览")[0][0] == "石家庄市2023年度部门整体支出绩效自评汇总"


def test_the_districts_stand_side_by_side(runs: dict[str, Path], city: Path, tmp_path: Path) -> None:
    province = tmp_path / "省"
    merge([runs["无极"], city], province, POLICY)
    rows = rows_of(province / "汇总表.xlsx", "区县汇总")
    keys = (
        "区县",
        "收到文件",
        "计入汇总",
        "未读取",
        "重复",
        "未报送",
        "本年支出合计",
        "平均自评得分",
        "优秀",
        "良好",
        "一般",
        "一般占比",
    )
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("石家庄市/石家庄市栾城区", 2, 2, 0, 0, 0, pytest.approx(130.51 + 123_456_789.12), 91.05, 2, 0, 0, 0),
        ("石家庄市/石家庄市长安区", 2, 1, 0, 1, 0, 6.5, 75, 0, 1, 0, 0),
        ("石家庄市无极县", 2, 1, 1, 0, 1, 3.333333, 66, 0, 0, 1, 1),
    ]
    totals = sheet(province / "汇总表.xlsx", "区县汇总")[3 + 3]
    headers = sheet(province / "汇总表.xlsx", "区县汇总")[2]
    assert totals[headers.index("平均自评得分")] == _total(province, "整体自评得分") == 80.78
    missing = [row for row in rows_of(province / "汇总表.xlsx", "未报送与未读取") if row["情况"] == "未报送"]
    assert [(row["区县"], row["部门"], row["联系人"]) for row in missing] == [("石家庄市无极县", "人大", "张三")]


def test_what_was_found_is_carried_over_whole(runs: dict[str, Path], city: Path) -> None:
    def found(outbox: Path) -> list[dict[str, Any]]:
        content = json.loads((outbox / "findings.json").read_text(encoding="utf-8"))["findings"]
        return sorted(content, key=lambda each: (each["workbook"], each["id"]))

    regions = {"栾城": "石家庄市栾城区", "长安": "石家庄市长安区"}
    expected = [
        each | {"workbook": f"{region}/{each['workbook']}"}
        for name, region in regions.items()
        for each in found(runs[name])
    ]
    assert found(city) == sorted(expected, key=lambda each: (each["workbook"], each["id"]))
    coverage = {
        name: {each["rule"]: each for each in json.loads((outbox / "findings.json").read_text("utf-8"))["coverage"]}
        for name, outbox in (("city", city), *((name, runs[name]) for name in regions))
    }
    for rule, counts in coverage["city"].items():
        for key in ("passed", "failed", "not_applicable", "not_evaluated"):
            assert counts[key] == sum(coverage[name][rule][key] for name in regions), rule
    scores = load(city).grades.set_index("workbook")["score"].to_dict()
    assert scores["石家庄市栾城区/教育局.xlsx"] == 90


def test_a_finding_about_a_whole_district_says_of_which(runs: dict[str, Path], tmp_path: Path) -> None:
    merge([runs["无极"], runs["栾城"]], tmp_path / "o", POLICY)
    messages = [
        row["发现的问题"] for row in rows_of(tmp_path / "o" / "汇总表.xlsx", "问题清单") if row["规则"] == "D01"
    ]
    assert messages == ["石家庄市无极县：名册上的“人大”没有报送。"]


def test_the_order_of_the_outboxes_does_not_matter(runs: dict[str, Path], city: Path, tmp_path: Path) -> None:
    merge([runs["栾城"], runs["长安"]], tmp_path / "石家庄市", POLICY)
    for name in ("findings.json", "findings.csv", "run.json", "evalxl.sqlite"):
        assert (tmp_path / "石家庄市" / name).read_bytes() == (city / name).read_bytes(), name
    assert unpacked(tmp_path / "石家庄市" / "汇总表.xlsx") == unpacked(city / "汇总表.xlsx")
    record = json.loads((city / "run.json").read_text(encoding="utf-8"))
    assert record["districts"] == [
        {"name": "石家庄市栾城区", "workbooks": 2},
        {"name": "石家庄市长安区", "workbooks": 2},
    ]
    assert record["files"] == sorted(path.name for path in city.iterdir() if not path.name.startswith("."))


def test_no_sheet_links_to_files_that_are_not_there(city: Path) -> None:
    for page in openpyxl.load_workbook(city / "汇总表.xlsx"):
        links = [cell.hyperlink.target for row in page.iter_rows() for cell in row if cell.hyperlink]
        assert not [target for target in links if target], page.title


def test_districts_of_one_region_are_told_apart_by_their_folders(runs: dict[str, Path], tmp_path: Path) -> None:
    other = _run(tmp_path, "栾城二", {"水利局.xlsx": _of("石家庄市栾城区", department("水利局"))})
    merge([runs["栾城"], other], tmp_path / "o", POLICY)
    levels = {row["区县"] for row in rows_of(tmp_path / "o" / "汇总表.xlsx", "部门汇总")}
    assert levels == {"石家庄市栾城区（栾城）", "石家庄市栾城区（栾城二）"}


def test_different_years_do_not_merge(runs: dict[str, Path], tmp_path: Path) -> None:
    other = _run(tmp_path, "去年", {"a.xlsx": _of("石家庄市栾城区", department("教育局"), 2022)})
    with pytest.raises(UsageError, match=r"不同年度的结果不能合并：.*去年 是 2022 年度，.*栾城 是 2023 年度。"):
        merge([runs["栾城"], other], tmp_path / "o", POLICY)
    assert not (tmp_path / "o").exists()


def test_different_policies_do_not_merge(runs: dict[str, Path], tmp_path: Path) -> None:
    own = tmp_path / "另行规定.toml"
    own.write_text('[severity]\nN10 = "off"\n', encoding="utf-8")
    policy = policies.load(own)
    other = _run(tmp_path, "另行规定", {"a.xlsx": _of("石家庄市赵县", department("教育局"))}, policy=policy)
    with pytest.raises(UsageError, match="用不同规则文件得出的结果不能合并"):
        merge([runs["栾城"], other], tmp_path / "o", POLICY)
    with pytest.raises(UsageError, match="请用 --policy 给出同一文件"):
        merge([other], tmp_path / "o", POLICY)
    assert merge([other], tmp_path / "o", policy).exit_code == 0


def test_nothing_is_counted_twice(runs: dict[str, Path], city: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="栾城 写了两次"):
        merge([runs["栾城"], runs["长安"], runs["栾城"]], tmp_path / "o", POLICY)
    with pytest.raises(
        UsageError, match=r"栾城 中的“教育局.xlsx”与 .*石家庄市 中的“石家庄市栾城区/教育局.xlsx”是同一文件"
    ):
        merge([city, runs["栾城"]], tmp_path / "o", POLICY)
    copy = tmp_path / "副本"
    shutil.copytree(runs["长安"], copy)
    with pytest.raises(UsageError, match="合并会重复计算"):
        merge([runs["长安"], copy], tmp_path / "o", POLICY)
    assert not (tmp_path / "o").exists()


def test_runs_that_share_one_workbook_do_not_merge(runs: dict[str, Path], tmp_path: Path) -> None:
    inbox = tmp_path / "水利收件"
    inbox.mkdir()
    shutil.copyfile(runs["栾城"].parent / "栾城收件" / "民政局.xlsx", inbox / "借来的.xlsx")
    make(inbox / "水利局.xlsx", _of("石家庄市栾城区", department("水利局")))
    batch.run(inbox, tmp_path / "水利", Settings(POLICY))
    with pytest.raises(UsageError) as refused:
        merge([runs["长安"], runs["栾城"], tmp_path / "水利"], tmp_path / "o", POLICY)
    assert str(refused.value) == (
        f"{tmp_path / '水利'} 中的“借来的.xlsx”与 {runs['栾城']} 中的“民政局.xlsx”是同一文件，合并会重复计算，请去掉重复的。"
    )
    assert not (tmp_path / "o").exists()


def test_files_that_cannot_be_read_may_be_the_same(runs: dict[str, Path], tmp_path: Path) -> None:
    """Empty files are alike everywhere, and so is a notice that every district got."""
    inbox = tmp_path / "赵县收件"
    inbox.mkdir()
    (inbox / "坏.xlsx").write_bytes(b"no workbook")  # as in 无极
    (inbox / "空.xlsx").write_bytes(b"")
    for name in ("教育局", "民政局"):
        make(inbox / f"{name}.xlsx", _of("石家庄市赵县", department(name)))
    batch.run(inbox, tmp_path / "赵县", Settings(POLICY))
    done = merge([runs["无极"], tmp_path / "赵县"], tmp_path / "o", POLICY)
    assert len(done.outcome.district.workbooks) == 6
    (inbox / "教育局.xlsx").unlink()
    (inbox / "民政局.xlsx").unlink()
    batch.run(inbox, tmp_path / "只有坏的", Settings(POLICY))
    done = merge([tmp_path / "赵县", tmp_path / "只有坏的"], tmp_path / "p", POLICY)
    assert len(done.outcome.district.workbooks) == 6


def test_what_cannot_be_merged_is_one_sentence(runs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="没有给出要合并的结果文件夹"):
        merge([], tmp_path / "o", POLICY)
    with pytest.raises(UsageError, match="不是 evalxl 的结果文件夹"):
        merge([tmp_path], tmp_path / "o", POLICY)
    with pytest.raises(UsageError, match="是要合并的一个，请另指定一个"):
        merge([runs["栾城"], runs["长安"]], runs["长安"], POLICY)
    (tmp_path / "坏").mkdir()
    (tmp_path / "坏" / "evalxl.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(UsageError, match="已损坏"):
        merge([runs["栾城"], tmp_path / "坏"], tmp_path / "o", POLICY)


def test_a_district_without_a_roster_is_named_and_the_missing_of_others_are_not_lost(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    other = _run(tmp_path, "赵县", {"a.xlsx": _of("石家庄市赵县", department("教育局"))})
    merge([other, runs["无极"]], tmp_path / "o", POLICY, report=True)
    path = tmp_path / "o" / "汇总表.xlsx"
    rows = rows_of(path, "未报送与未读取")
    assert [(row["情况"], row["区县"], row["部门"]) for row in rows] == [
        ("未报送", "石家庄市无极县", "人大"),
        ("未读取", "石家庄市无极县", ""),
    ]
    assert "应报 3 个部门，已报 2 个（不含没有给名册的石家庄市赵县）。" in sheet(path, "未报送与未读取")[1][0]
    assert "已报÷应报，不含没有给名册的石家庄市赵县" in [value for row in sheet(path, "总览") for value in row]
    absent = {row["区县"]: row["未报送"] for row in rows_of(path, "区县汇总")}
    assert absent == {"石家庄市赵县": "", "石家庄市无极县": 1}
    tables = docx.Document(str(tmp_path / "o" / "汇总分析报告.docx")).tables
    covered = next(each for each in tables if each.cell(0, 0).text == "对象")
    assert [cell.text for cell in covered.rows[1].cells[:3]] == ["部门整体", "4", "2"]
    merge([tmp_path / "o"], tmp_path / "省", POLICY)
    came = load(tmp_path / "省").record.attendance
    assert came is not None
    assert came.unlisted == ("o/石家庄市赵县",)


def test_the_order_of_each_roster_outlasts_merges_and_what_is_no_report_is_listed_in_none(tmp_path: Path) -> None:
    names, inbox = ("教育局", "水利局", "民政局"), tmp_path / "栾城收件"
    inbox.mkdir()
    (inbox / "~$教育局.xlsx").write_bytes(b"whose workbook is open")
    for name in names:
        make(inbox / f"{name}.xlsx", _of("石家庄市栾城区", department(name)))
    listed = roster_of(("水利局", "", ""), ("民政局", "", ""), ("教育局", "", ""))
    batch.run(inbox, tmp_path / "栾城", Settings(POLICY, bureau=listed))
    without = {f"{name}.xlsx": _of("石家庄市赵县", department(name)) for name in names}
    merge([_run(tmp_path, "赵县", without), tmp_path / "栾城"], tmp_path / "市", POLICY)
    merge([tmp_path / "市"], tmp_path / "省", POLICY)
    expected = ["水利局", "民政局", "教育局", *sorted(names)]
    for outbox in ("市", "省"):
        for title in ("部门汇总", "项目汇总"):
            rows = rows_of(tmp_path / outbox / "汇总表.xlsx", title)
            assert list(dict.fromkeys(row["区县"][-3:] + row["部门"] for row in rows)) == [
                *(f"栾城区{name}" for name in expected[:3]), *(f"市赵县{name}" for name in expected[3:]),
            ], (outbox, title)  # fmt: skip


def test_where_no_district_gave_a_roster_nobody_is_said_to_be_missing(tmp_path: Path) -> None:
    other = _run(tmp_path, "赵县", {"a.xlsx": _of("石家庄市赵县", department("教育局"))})
    merge([other], tmp_path / "o", POLICY)
    assert rows_of(tmp_path / "o" / "汇总表.xlsx", "未报送与未读取") == []
    assert "没有给出名册" in sheet(tmp_path / "o" / "汇总表.xlsx", "未报送与未读取")[1][0]


def test_a_department_in_two_runs_of_one_region_is_refused(tmp_path: Path) -> None:
    for number, score in ((1, 88.2), (2, 88.3)):
        (tmp_path / f"in{number}").mkdir()
        fill(tmp_path / f"in{number}" / "a.xlsx", {"基本信息!B11": score})
        batch.run(tmp_path / f"in{number}", tmp_path / f"out{number}", Settings(POLICY))
    with pytest.raises(UsageError, match=r"“示范区文化局”在 .*out2 和 .*out1 中都有，合并会重复计算"):
        merge([tmp_path / "out1", tmp_path / "out2"], tmp_path / "city", POLICY)


def test_a_workbook_without_any_sheet_of_ours_does_not_stop_a_merge(tmp_path: Path) -> None:
    for number, name in ((1, "示范区水利局"), (2, "示范区教育局")):
        folder = tmp_path / f"in{number}"
        folder.mkdir()
        fill(folder / "a.xlsx", {"基本信息!B5": name})
        with xlsxwriter.Workbook(folder / f"别的{number}.xlsx") as other:
            other.add_worksheet("别的").write(0, 0, f"附件{number}")
        batch.run(folder, tmp_path / f"out{number}", Settings(POLICY))
    finished = merge([tmp_path / "out1", tmp_path / "out2"], tmp_path / "city", POLICY)
    assert len(finished.outcome.district.workbooks) == 4


def test_a_database_in_another_encoding_is_merged_too(runs: dict[str, Path], city: Path, tmp_path: Path) -> None:
    other = tmp_path / runs["长安"].name
    shutil.copytree(runs["长安"], other)
    database = other / "evalxl.sqlite"
    with contextlib.closing(sqlite3.connect(database)) as old:
        script = "\n".join(old.iterdump())
    database.unlink()
    with contextlib.closing(sqlite3.connect(database)) as new:
        new.execute("PRAGMA encoding = 'UTF-16'")
        new.executescript(script)
    (other / "run.json").unlink()  # which names the hash of the one that was written
    merge([other, runs["栾城"]], tmp_path / "out", POLICY)
    ours, theirs = (_grade_lines(outbox) for outbox in (tmp_path / "out", city))
    assert ours == theirs
    assert ours


def _grade_lines(outbox: Path) -> list[Any]:
    with contextlib.closing(sqlite3.connect(outbox / "evalxl.sqlite")) as database:
        return list(database.execute("SELECT * FROM grade_lines ORDER BY rowid"))


def test_rechecks_come_along_each_to_its_own_district(tmp_path: Path) -> None:
    """Two districts have a department and a project of the same names; only one of them was rechecked."""
    education = department("教育局", 7, (1.5,), 70)
    rechecked = rechecks_of((4.0, "教育局", "", "项目5", "项目5", 60.0, "", "资料不全"))
    outboxes = [
        _run(tmp_path, "甲", {"教育局.xlsx": _of("石家庄市甲区", dict(education))}, rechecked),
        _run(tmp_path, "乙", {"教育局.xlsx": _of("石家庄市乙区", dict(education))}),
    ]
    merge(outboxes, tmp_path / "市", POLICY)
    merge([tmp_path / "市"], tmp_path / "省", POLICY)
    for outbox, level in ((tmp_path / "市", "石家庄市甲区"), (tmp_path / "省", "市/石家庄市甲区")):
        differences = rows_of(outbox / "汇总表.xlsx", "复核差异")
        assert [(each["区县"], each["项目名称"], each["复核得分"], each["复核说明"]) for each in differences] == [
            (level, "项目5", 60.0, "资料不全")
        ]
        projects = rows_of(outbox / "汇总表.xlsx", "项目汇总")
        assert [each["区县"] for each in projects if each["复核得分"] != ""] == [level]
    assert library.audit(tmp_path / "市", outboxes).faults == []
    assert library.audit(outboxes[0], [tmp_path / "甲收件"]).faults == []
