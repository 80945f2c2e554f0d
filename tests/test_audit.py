"""The independent audit: nothing that is changed goes unseen, nothing that is right is doubted."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from departments import department, make, put, wrong
from rewritings import STYLES, packed, restyled

from evalxl import layout, library
from evalxl.audit.figures import sheets_of
from evalxl.cli.main import main
from evalxl.library import UsageError
from evalxl.outputs.summary.workbook import SIGNED
from evalxl.store.files import SUMMARY, sha256_of

NAMES = ("鹿泉区政协", "鹿泉区教育局", "鹿泉区水利局")


def _inbox(folder: Path, names: tuple[str, ...] = NAMES) -> Path:
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        entries = department(name, 700.13 + 11.1 * number)
        if number == 1:
            entries = wrong(entries)
        if number == 2:  # one amount as text, and the whole in yuan
            for (title, cell), value in list(entries.items()):
                if title in ("预算", "项目") and isinstance(value, float) and not 80 < value < 89:
                    entries[title, cell] = round(value * 10_000, 2)
            put(entries, layout.GENERAL, "money_unit", "元")
            put(entries, layout.BUDGET, "final", "1,105,300.00元", "project")
        make(folder / f"{name}.xlsx", entries)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    library.run(_inbox(folder / "in"), folder / "out")
    return folder


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    """An inbox and its outbox, to be spoilt."""
    shutil.copytree(made, tmp_path / "case")
    return tmp_path / "case"


def _audit(folder: Path, **more: object) -> library.AuditResult:
    return library.audit(folder / "out", [folder / "in"], **more)  # type: ignore[arg-type]


def test_what_nobody_has_touched_is_accounted_for(made: Path) -> None:
    found = _audit(made)
    assert (found.faults, found.exit_code) == ([], 0)
    told = json.loads(found.to_json())
    assert len(told["as_it_stands"]) + len(told["with_cells_taken_otherwise"]) > 100
    text = next(each for each in told["otherwise"] if each["sent"].endswith("元"))
    assert (text["workbook"], text["taken"], text["rule"]) == ("鹿泉区水利局.xlsx", "110.53", "F04")
    converted = {each["rule"] for each in told["otherwise"]}
    assert converted == {"F04", "F11"}
    sums = {(each["sheet"], each["what"]): each for each in told["with_cells_taken_otherwise"]}
    assert sums["收支汇总", "基本支出·决算数"]["value"] == "2133.69"  # 700.13 + 711.23 + 722.33
    assert sums["收支汇总", "基本支出·决算数"]["otherwise"] == 1


def test_several_processes_give_the_same_bytes(made: Path, tmp_path: Path) -> None:
    one, two = _audit(made), _audit(made, jobs=2)
    assert one.to_json() == two.to_json()
    one.write(tmp_path / "1.xlsx")
    two.write(tmp_path / "2.xlsx")
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()
    sheets = sheets_of(tmp_path / "1.xlsx")
    assert sheets.keys() == {"审计结论", "照原样计入", "另行计入"}
    title, note = sheets["审计结论"][0][0], sheets["审计结论"][1][0]
    assert title == "石家庄市鹿泉区2023年度汇总表审计"
    assert str(note).endswith(f"全部对得上。所审计的汇总表.xlsx：sha256 {sha256_of(made / 'out' / SUMMARY)}。")


def _numbers(path: Path) -> list[tuple[str, int, int]]:
    book = openpyxl.load_workbook(path, data_only=True)
    return [
        (title, cell.row, cell.column)
        for title in SIGNED
        if title in book.sheetnames
        for row in book[title].iter_rows()
        for cell in row
        if isinstance(cell.value, int | float)
    ]


def test_a_changed_figure_is_named_by_sheet_and_cell(case: Path) -> None:
    """Every number of the signed sheets, one in so many of them tried."""
    path = case / "out" / SUMMARY
    rng, original = random.Random(1), path.read_bytes()
    for title, row, column in rng.sample(_numbers(path), 12):
        book = openpyxl.load_workbook(path, data_only=True)
        cell = book[title].cell(row, column)
        cell.value += 0.01
        book.save(path)
        faults = _audit(case).faults
        assert [each for each in faults if each.startswith(f"{title}!")] != [], (title, cell.coordinate)
        assert all(each.startswith((f"{title}!{cell.coordinate}：", f"{SUMMARY}：")) for each in faults), faults
        path.write_bytes(original)


def test_changed_missing_and_exchanged_inputs_are_named(case: Path) -> None:
    first, second, third = (case / "in" / f"{name}.xlsx" for name in NAMES)
    data = first.read_bytes()
    first.write_bytes(data + b" ")
    shutil.copy(third, second)
    third.unlink()
    (case / "in" / "新来的.xlsx").write_bytes(data)
    found = _audit(case)
    words = "与运行时读取的不是同一内容，已被改动或调换。"
    named = [each for each in found.faults if "：" in each and each.split("：")[0].endswith(".xlsx")]
    assert sorted(named)[:3] == sorted(
        [f"{first.name}：{words}", f"{second.name}：{words}", f"{third.name}：不在收件夹里了。"]
    )
    assert "新来的.xlsx" in found.words


def test_a_changed_byte_of_any_file_is_told(case: Path) -> None:
    rng = random.Random(2)
    files = sorted(path for path in (case / "out").rglob("*") if path.is_file() and not path.name.startswith("."))
    assert len(files) >= 9
    for path in files:
        original = path.read_bytes()
        for at in rng.sample(range(len(original)), 3):
            path.write_bytes(original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :])
            with contextlib.suppress(UsageError):  # told too: what is changed cannot be read at all
                assert _audit(case).faults, (path.name, at)
        path.write_bytes(original)
    assert _audit(case).faults == []


def test_hashes_that_are_put_right_do_not_hide_a_changed_figure(case: Path) -> None:
    """Somebody who knows the format changes the tables and the hashes; the senders' cells say otherwise."""
    import hashlib
    import sqlite3

    from evalxl.outputs.records import to_json

    database = case / "out" / "evalxl.sqlite"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE budget SET final_fen = final_fen + 1 WHERE key = 'basic' AND workbook LIKE '%政协%'")
    connection.close()
    record = json.loads((case / "out" / "run.json").read_text(encoding="utf-8"))
    record["written"]["evalxl.sqlite"] = hashlib.sha256(database.read_bytes()).hexdigest()
    (case / "out" / "run.json").write_text(to_json(record), encoding="utf-8")
    faults = _audit(case).faults
    at = f"鹿泉区政协.xlsx：预算!{layout.template_cell(layout.BUDGET, 'final', 'basic')}"
    assert any(each.startswith(f"{at}：报送的是 700.13，计入的是 700.130001") for each in faults), faults


def test_the_chain_of_a_figure(made: Path) -> None:
    found = _audit(made)
    row = layout.BUDGET.row("basic")
    chain = found.trace("鹿泉区水利局 其中：项目支出")
    assert chain[0].endswith("鹿泉区水利局·其中：项目支出：110.53")
    assert "预算!" in chain[1]
    assert "报送的是“1,105,300.00元”，由文字或格式读作数字为 110.53（F04）" in chain[1]
    sheet = sheets_of(made / "out" / SUMMARY)["收支汇总"]
    at = next(number for number, each in enumerate(sheet, 1) if "基本支出" in each)
    chain = found.trace(f"收支汇总!D{at}")
    assert len(chain) == 4
    assert (
        f"鹿泉区政协　鹿泉区政协.xlsx　预算!D{row}：报送的是“700.13”，照原样计入为 700.13　sha256 "
        in chain[2] + chain[3] + chain[1]
    )
    with pytest.raises(UsageError, match="没有“收支汇总!Z99”这个相加得出的数"):
        found.trace("收支汇总!Z99")


def test_a_merged_run_is_held_against_its_districts(made: Path, tmp_path: Path) -> None:
    library.run(_inbox(tmp_path / "in2", ("鹿泉区司法局", "鹿泉区审计局")), tmp_path / "out2")
    districts = [made / "out", tmp_path / "out2"]
    library.merge(districts, tmp_path / "city")
    found = library.audit(tmp_path / "city", districts)
    assert found.faults == []
    assert {"区县汇总", "收支汇总"} <= {each["sheet"] for each in json.loads(found.to_json())["as_it_stands"]}
    lacking = library.audit(tmp_path / "city", districts[:1]).faults
    assert any("没有给出这个区县合并时所用的结果夹" in each for each in lacking)
    (tmp_path / "out2" / "findings.csv").write_bytes(b"")
    assert any(
        each.endswith("findings.csv：内容与运行时写出的不同，已被改动。")
        for each in library.audit(tmp_path / "city", districts).faults
    )


def test_a_next_round_names_the_round_before(case: Path) -> None:
    library.run(case / "in", case / "next", previous=[case / "out"])
    alone = library.audit(case / "next", [case / "in"])
    assert (alone.faults, alone.exit_code) == ([], 0)
    assert alone.words.endswith(
        "所核对的全部对得上。没有给出那次运行对照的结果夹，由各数推算的比例、增减、等级没有核对。"
        "那次运行对照的以前的结果有 1 个没有给出，没有核对它是否改动过，可用 --previous 给出。"
    )
    whole = library.audit(case / "next", [case / "in"], previous=[case / "out"])
    assert (whole.faults, "没有给出" in whole.words) == ([], False)
    shutil.copytree(case / "next", case / "another")
    also = library.audit(case / "next", [case / "in"], previous=[case / "out", case / "another"])
    assert also.faults == [f"{case / 'another'}：不是那次运行对照的结果夹，或已被改动。"]


def test_a_chain_is_followed_by_what_does_not_agree(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    library.run(case / "in", case / "next", previous=[case / "out"])

    def traced() -> tuple[object, list[str]]:
        with pytest.raises(SystemExit) as left:
            main(["audit", str(case / "next"), str(case / "in"), "--trace", "鹿泉区教育局 其中：项目支出"])
        return left.value.code, capsys.readouterr().out.splitlines()

    code, chain = traced()
    assert (code, len(chain)) == (0, 2)
    assert "鹿泉区教育局·其中：项目支出" in chain[0]
    (case / "next" / "findings.csv").unlink()
    assert traced() == (1, [*chain, "findings.csv：不见了，或打不开。"])


def test_the_signed_sheets_are_those_that_are_drawn_first(made: Path) -> None:
    drawn = list(sheets_of(made / "out" / SUMMARY))
    assert [each for each in SIGNED if each in drawn] == sorted(
        (each for each in SIGNED if each in drawn), key=SIGNED.index
    )
    assert {"总览", "部门汇总", "项目汇总", "收支汇总"} <= set(drawn)


def test_the_command(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(
            ["audit", str(made / "out"), str(made / "in"), "--output", str(tmp_path / "审计.xlsx"), "--format", "json"]
        )
    assert left.value.code == 0
    assert json.loads(capsys.readouterr().out)["exit_code"] == 0
    own = tmp_path / "本地.toml"
    own.write_text('[severity]\nN06 = "info"\n', encoding="utf-8")
    for arguments, words in (
        ([made / "in", made / "in"], "不是结果文件夹（里面没有 run.json）；audit 先写结果文件夹，再写收件夹。"),
        ([made / "out"], "请在结果夹后面给出那次运行的收件夹"),
        ([made / "out", made / "in", "--output", made / "in" / "a.xlsx"], "在要审计的文件夹里面"),
        ([made / "out", made / "in", "--output", "a.json"], "不是 .xlsx 文件名"),
        (
            [made / "out", made / "in", "--policy", "广东"],
            "与本次的“广东省规则（程序自带 guangdong）”不同；请用 --policy 默认。",
        ),
        ([made / "out", made / "in", "--policy", own], "与本次的名称相同而内容不同；请用 --policy 默认。"),
    ):
        with pytest.raises(SystemExit) as left:
            main(["audit", *map(str, arguments)])
        assert left.value.code == 2
        assert words in capsys.readouterr().err


def test_a_department_that_was_named_otherwise_last_year_is_compared_by_the_roster(tmp_path: Path) -> None:
    now, before = "鹿泉区卫生健康局", "鹿泉区卫生和计划生育局"
    roster = tmp_path / "名册.csv"
    roster.write_text(f"部门名称,曾用名\n鹿泉区卫生健康委员会,{now}、{before}\n", encoding="utf-8")
    for folder, name, year in (("last", before, 2022), ("in", now, 2023)):
        entries = department(name)
        put(entries, layout.GENERAL, "year", year)
        (tmp_path / folder).mkdir()
        make(tmp_path / folder / f"{name}.xlsx", entries)
    library.run(tmp_path / "last", tmp_path / "earlier")
    made_with = {"roster": roster, "previous": [tmp_path / "earlier"]}
    library.run(tmp_path / "in", tmp_path / "out", **made_with)  # type: ignore[arg-type]
    rows = sheets_of(tmp_path / "out" / SUMMARY)["部门汇总"]
    headers = next(row for row in rows if "部门" in row)
    line = dict(zip(headers, rows[rows.index(headers) + 1], strict=True))
    assert (line["部门"], line["来源文件"]) == ("鹿泉区卫生健康委员会", f"{now}.xlsx")
    assert line["支出增减"] == 0
    whole = _audit(tmp_path, **made_with)
    assert (whole.faults, "由各数推算" in whole.words) == ([], False)
    assert whole.words.startswith("重新相加")
    without = _audit(tmp_path, previous=made_with["previous"])
    assert without.faults == []
    assert "没有给出那次运行所用的名册，由各数推算的比例、增减、等级没有核对。" in without.words
    alone = _audit(tmp_path, roster=roster)
    assert alone.faults == []
    assert "那次运行对照的以前的结果有 1 个没有给出" in alone.words


@pytest.mark.parametrize("style", STYLES)
def test_every_way_of_writing_the_same_cells_is_read_again(style: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "甲.xlsx"
    make(path, department("鹿泉区政协"))
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    path.write_bytes(packed(restyled(parts, STYLES[style], random.Random(1))))
    library.run(tmp_path / "in", tmp_path / "out")
    found = _audit(tmp_path)
    assert found.faults == []
    assert len(json.loads(found.to_json())["as_it_stands"]) > 80


def test_the_lists_that_a_run_was_made_with_are_compared(case: Path) -> None:
    roster, other = case / "名册.csv", case / "另一名册.csv"
    roster.write_text("部门名称\n鹿泉区政协\n鹿泉区教育局\n鹿泉区水利局\n", encoding="utf-8")
    other.write_text("部门名称\n鹿泉区政协\n", encoding="utf-8")
    library.run(case / "in", case / "listed", roster=roster)

    def audited(**lists: Path) -> tuple[list[str], bool]:
        found = library.audit(case / "listed", [case / "in"], **lists)  # type: ignore[arg-type]
        return found.faults, "名册没有给出" in found.words

    assert audited() == ([], True)
    assert audited(roster=roster) == ([], False)
    assert audited(roster=other) == ([f"{other}：不是那次运行所用的名册，或已被改动。"], False)
    assert audited(waivers=other, roster=roster) == ([f"{other}：那次运行没有用豁免清单。"], False)
    (case / "evalxl.toml").write_text('roster = "另一名册.csv"\n', encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["audit", str(case / "listed"), str(case / "in")])
    assert ended.value.code == 1
