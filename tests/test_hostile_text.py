"""Nothing a sender wrote acts: no formula, link, markup, path or sheet name in any output comes from a workbook."""

from __future__ import annotations

import csv
import functools
import json
import os
import re
import sqlite3
import unicodedata
import zipfile
from pathlib import Path, PureWindowsPath
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.parsers import expat

import openpyxl
import pytest
from conftest import BLANK, fill

from evalxl import cli
from evalxl.facts.submissions import superseded
from evalxl.layout import GENERAL, INDICATORS, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Sheet, template_cell
from evalxl.policy import policy as policies
from evalxl.run import run as batch
from evalxl.run.run import Run
from evalxl.run.settings import Settings
from evalxl.sheets.measure import cell_text
from evalxl.store.files import FOLDERS, safe_name
from evalxl.values.folding import clean

HARMLESS = "示范区文化局"
HOSTILE = (
    "=1+1", "+1", "-2+3", "@SUM(A1)", "{=1}", '=HYPERLINK("http://example.com","点")', "=cmd|' /C calc'!A0", "＝1+1",
    "\t=1+1", "http://example.com/a", "mailto:a@example.com", "file:///etc/passwd", "internal:封面!A1", "external:a.xlsx",
    "ftp://example.com", "\\\\host\\share", "../../x", "/etc/passwd", "C:\\x", "a/b", "CON", "nul.txt", "COM¹", "aux .x",
    "History", "~$x", ".隐藏", "尾 . ", "[red]x[/red]", "[/]", "[link=http://a]x[/link]", "<b>&amp;</b>", "]]>", "<r>", "<r><t>x</r>", "<r><t>红</t></r>", "a\"b'c",
    "${x}{0}%s", "a\u202egpj.exe", "a\u200bb\u2066c", "👩\u200d💻𠮷", "_x0007_", "_xD800_", "a\x07b\x1b[31mc\x9b31m", "a\u2028b\x85c",
    "甲\n  错误 B01 假的", "局" * 200, "x" * 32_700,
)  # fmt: skip


def hostile_entries(text: str) -> dict[str, object]:
    """A text in every place of a workbook that takes one, with a wrong total so that the workbook goes back."""

    def at(sheet: Sheet, key: str, row: int | str = 0) -> str:
        return f"{sheet.title}!{template_cell(sheet, key, row)}"

    return {
        at(GENERAL, "department"): text, at(GENERAL, "region"): text, at(GENERAL, "preparer"): text,
        at(GENERAL, "head"): text, at(UNITS, "name", 5): text, at(UNITS, "nature", 5): text,
        at(PROJECTS, "name", 5): text, at(PROJECTS, "unit", 5): text, at(PROJECTS, "grade", 5): text,
        at(PROJECTS, "cause", 5): text, at(PROJECTS, "measure", 5): text, at(INDICATORS, "project", 5): text,
        at(INDICATORS, "level3", 5): text, at(INDICATORS, "target", 5): text, at(REVIEWERS, "name", 5): text,
        at(REVIEWERS, "workplace", 5): text, at(NARRATIVE, "overview"): text, at(NARRATIVE, "problems"): text,
        "预算!D22": 903,
    }  # fmt: skip


def _escape_controls(path: Path) -> None:
    """Control characters as spreadsheet programs store them; the template writes results of formulas as they are."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    if not any(re.search(rb"[\x00-\x08\x0b-\x1f]", content) for name, content in parts.items()):
        return
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", lambda m: b"_x%04X_" % ord(m[0]), content))


class Done(NamedTuple):
    inbox: Path
    outbox: Path
    run: Run
    names: dict[str, str]  # workbook → text


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """One run over a workbook for every hostile text, after one with a harmless text."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "inbox").mkdir()
    names = {f"{number:02}.xlsx": text for number, text in enumerate((HARMLESS, *HOSTILE))}
    for name, text in names.items():
        _escape_controls(fill(folder / "inbox" / name, hostile_entries(text)))
    run = batch.run(folder / "inbox", folder / "out", Settings(policies.load()))
    return Done(folder / "inbox", folder / "out", run, names)


def department(workbook: str, text: str) -> str:
    """What a department is called: what is left of its text, else the name of its file."""
    return clean(text) or workbook.removesuffix(".xlsx")


class Parts(NamedTuple):
    titles: list[str]
    formulas: dict[str, str]  # by sheet and cell
    links: list[Any]
    texts: set[str]


@functools.cache
def parts(path: Path) -> Parts:
    """What of a workbook might act, and its texts."""
    book = openpyxl.load_workbook(path)
    found = Parts(book.sheetnames, {}, [], set())
    for cell in (cell for page in book for row in page.iter_rows() for cell in row):
        if cell.data_type == "f":
            found.formulas[f"{cell.parent.title}!{cell.coordinate}"] = str(getattr(cell.value, "text", cell.value))
        elif isinstance(cell.value, str):
            found.texts.add(cell.value)
        if cell.hyperlink:
            found.links.append(cell.hyperlink)
    return found


def result_of(done: Done, text: str, folder: str = "结果") -> Path:
    """Where the outputs of the department of that name are, by what the summary of the run says."""
    workbook = next(name for name, each in done.names.items() if each == text)
    d = done.run.outcome.district
    readable, later = d.workbooks[d.workbooks["readable"]], superseded(d)
    from evalxl.store.files import file_names

    books = zip(readable["workbook"], readable["department"], strict=True)
    named = file_names(sorted(books, key=lambda each: (each[0] in later, each)))
    return done.outbox / folder / f"{named[workbook]}.xlsx"


def test_every_workbook_is_read_and_has_its_files_inside_the_outbox(done: Done) -> None:
    assert done.run.outcome.district.workbooks["readable"].all()
    outside = [path for path in done.outbox.parent.rglob("*") if path.is_file()]
    below = {path.relative_to(done.outbox).as_posix() for path in outside if path.is_relative_to(done.outbox)}
    assert {path.parent for path in outside} <= {done.inbox, done.outbox, *done.outbox.iterdir()}
    assert below == set(done.run.files)
    assert sum(name.startswith("结果/") for name in below) == len(done.names)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_a_result_has_the_formulas_and_sheets_of_a_harmless_one_and_leads_only_into_itself(
    done: Done, text: str
) -> None:
    result, harmless = parts(result_of(done, text)), parts(result_of(done, HARMLESS))
    assert (result.titles, result.formulas) == (harmless.titles, harmless.formulas)
    for link in result.links:
        assert link.target is None
        assert link.location.partition("!")[0].strip("'") in result.titles
    assert {cell_text(text)} - {""} <= result.texts


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_a_returned_copy_has_the_formulas_of_the_sender_and_no_others(done: Done, text: str) -> None:
    copy = parts(result_of(done, text, "退回"))
    source = parts(done.inbox / next(name for name, each in done.names.items() if each == text))
    assert copy.formulas == source.formulas
    assert copy.titles == [parts(result_of(done, HARMLESS, "退回")).titles[0], *source.titles]
    for link in copy.links:
        assert link.target is None
        assert link.location.partition("!")[0].strip("'") in copy.titles


def test_the_summary_computes_and_links_only_what_is_its_own(done: Done) -> None:
    path = done.outbox / "汇总表.xlsx"
    summary = parts(path)
    for where, formula in summary.formulas.items():
        words = set(re.findall(r"[A-Za-z_][\w.]*(?=\()", formula))
        assert words <= {"SUM", "SUMIF", "ROUND", "AVERAGE", "IF", "ABS", "COUNT", "COUNTIF"}, f"{where} {formula}"
        assert not re.search(r"[|\[\]{}\\]|https?:", formula), f"{where} {formula}"
    linked = set()
    for link in summary.links:
        if link.target is None:
            assert link.location.partition("!")[0].strip("'") in summary.titles
            continue
        target = PureWindowsPath(unquote(link.target))
        assert target.parts[0] in FOLDERS
        assert len(target.parts) == 2
        linked.add(done.outbox.joinpath(*target.parts))
    assert {each for each in linked if not each.exists()} == set()
    assert {cell_text(text) for text in HOSTILE} - {""} <= summary.texts


def test_every_part_of_every_workbook_is_sound_and_none_reaches_outside(done: Done) -> None:
    for path in sorted(done.outbox.rglob("*.xlsx")):
        with zipfile.ZipFile(path) as package:
            for member in package.namelist():
                assert not re.search(r"externalLink|vba|embeddings|activeX|connections|queryTable", member), path.name
                assert not member.startswith("/")
                assert ".." not in member.split("/")
                content = package.read(member)
                if member.endswith((".xml", ".rels", ".vml")):
                    expat.ParserCreate().Parse(content, True)
                    assert b"<!DOCTYPE" not in content
                for target in re.findall(rb'Target="([^"]*)" TargetMode="External"', content):
                    assert path.name == "汇总表.xlsx", target
                    assert target.decode().partition("\\")[0] in FOLDERS, target


def test_records_hold_the_texts_as_text(done: Done) -> None:
    content = json.loads((done.outbox / "findings.json").read_text(encoding="utf-8"))
    departments = {name: department(name, text) for name, text in done.names.items()}
    assert {book["workbook"]: book["department"] for book in content["workbooks"]} == departments
    with (done.outbox / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert len(rows) == len(content["findings"]) + 1
    for value in (value for row in rows for value in row):
        assert value[:1] not in tuple("=+-@\t\r") or re.fullmatch(r"[-+]?[\d,]+(\.\d+)?%?", value), value
    connection = sqlite3.connect(done.outbox / "evalxl.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    stored = dict(connection.execute("SELECT workbook, department FROM workbooks"))
    connection.close()
    assert stored == departments


def unshowable(text: str) -> set[str]:
    """Characters that would steer a terminal, or let a text pose as something else."""
    steering = {"\u061c", "\u200e", "\u200f", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
    return {each for each in text if each in steering or unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp")}


def test_the_terminal_shows_the_texts_as_they_are_each_on_its_line(
    done: Done, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["check", str(done.inbox), "--no-color"])
    said = capsys.readouterr().out
    assert unshowable(said) <= {"\n"}
    outcome = done.run.outcome
    assert len(said.splitlines()) == len(done.names) + 2 * sum(bool(each.workbook) for each in outcome.findings)
    for text in ("[red]x[/red]", "[/]", "[link=http://a]x[/link]", "=1+1", "<b>&amp;</b>", "${x}{0}%s"):
        assert f".xlsx　{text}　退回" in said


def test_the_closing_table_shows_the_texts_as_they_are(
    done: Done, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for name, text in done.names.items():
        if len(text) < 40:
            os.link(done.inbox / name, inbox / name)
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        cli.main(["run", str(inbox), str(tmp_path / "out"), "--no-color"])
    said = capsys.readouterr().err
    assert unshowable(said) <= {"\n"}
    for text in ("[red]x[/red]", "[/]", "[link=http://a]x[/link]", "=1+1", "<b>&amp;</b>", "${x}{0}%s"):
        assert text in said


# File names --------------------------------------------------------------------------------------------------------

FILE_NAMES = (
    "=cmd.xlsx", "a[final].xlsx", "it's \"x\".xlsx", "a\nb.xlsx", "a\n  错误 B01 假的.xlsx", "-rf.xlsx", "$(id).xlsx", "%s{0}.xlsx",
    " 空 格 .xlsx", "CON.xlsx", "a\u202exslx.exe", "a\x1b[31mb.xlsx", "a\x9b31m.xlsx", "[red]x.xlsx", "&lt;b&gt;.xlsx",
    "x" * 240 + ".xlsx", "审计局.xlsx".encode("gb18030"), b"\xff\xfe\x80.xlsx", "a\u2028b.xlsx", "http:__x.xlsx",
)  # fmt: skip


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Workbooks without a department: what they are called is all there is to call them by."""
    folder = tmp_path_factory.mktemp("named")
    (folder / "inbox").mkdir()
    book = fill(folder / "book.xlsx", {"基本信息!B5": BLANK}).read_bytes()
    for name in FILE_NAMES:
        (folder / "inbox" / os.fsdecode(name)).write_bytes(book)
    run = batch.run(folder / "inbox", folder / "out", Settings(policies.load()))
    return Done(folder / "inbox", folder / "out", run, {})


def test_odd_file_names_are_read_listed_and_written(named: Done, capsys: pytest.CaptureFixture[str]) -> None:
    books = named.run.outcome.district.workbooks
    assert len(books) == len(FILE_NAMES)
    assert books["readable"].all()
    written = {path.relative_to(named.outbox).as_posix() for path in named.outbox.rglob("*") if path.is_file()}
    assert written == set(named.run.files)
    assert sum(name.startswith("结果/") for name in written) == len(FILE_NAMES)
    for name in (*books["workbook"], *books["department"], *written):
        assert not unshowable(name), ascii(name)
    content = json.loads((named.outbox / "findings.json").read_text(encoding="utf-8"))
    assert [book["workbook"] for book in content["workbooks"]] == books["workbook"].to_list()
    with pytest.raises(SystemExit):
        cli.main(["check", str(named.inbox), "--no-color"])
    assert unshowable(capsys.readouterr().out) <= {"\n"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("COM¹", "_COM¹"),
        ("aux .x", "_aux .x"),
        ("conin$", "_conin$"),
        ("nul.txt", "_nul.txt"),
        ("null", "null"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("文\u200b化局", "文化局"),
        ("c\nd", "c_d"),
        ("\udc80\udcff", "未命名"),
        ("尾 . ", "尾"),
        ("e\u0301", "é"),
        ("</x>", "__x_"),
    ],
)
def test_a_name_makes_a_file_name_that_shows_what_it_is(name: str, safe: str) -> None:
    assert safe_name(name) == safe
