"""Every file that a bureau hands in may be anything: it is read, or one Chinese sentence says what is wrong with it."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import fill

from evalxl import library
from evalxl.bureau.policy_file import read_policy
from evalxl.bureau.rechecks import read_rechecks
from evalxl.bureau.roster import read_roster
from evalxl.bureau.waivers import read_waivers
from evalxl.intake.forms import declaration
from evalxl.layout.entries import read_entries
from evalxl.policy import policy as policies
from evalxl.store.earlier import load
from evalxl.values.errors import UsageError

_TODAY = dt.date(2024, 6, 1)
CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "a byte": b"\0",
    "junk": bytes(range(256)) * 40,
    "blanks": b" \r\n\t" * 50,
    "GBK": "名称 = \"示范区\"\n部门名称,联系人\n文化局,甲\n".encode("gbk"),
    "UTF-16": "name = \"示范区\"".encode("utf-16"),
    "a mark and nothing": b"\xef\xbb\xbf",
    "half a character": "示范".encode()[:-1],
    "brackets": b"a = " + b"[" * 10_000,
    "tables in tables": b"[" + b"a." * 20_000 + b"a]\n",
    "many dots": b"a" + b".a" * 400 + b" = 1\n",
    "digits": b"a = " + b"9" * 5_000,
    "no number": b"a = nan\nb = inf\nc = 1e400\n",
    "twice": b"a = 1\na = 2\n",
    "wrong ends": b"a = \"x\n",
    "a long key": b"a" * 100_000 + b" = 1\n",
    "controls": "name = \"甲\u202e\u200b\u0007乙\"\n".encode(),
    "a zip of nothing": b"PK\x05\x06" + bytes(18),
    "half a zip": b"PK\x03\x04" + bytes(200),
    "an old workbook cut off": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
    "a row of commas": b"," * 10_000 + b"\n",
    "many rows": b"a,b\n" * 20_000,
    "a quotation mark": b'"a,b\nc',
    "half a database": b"SQLite format 3\0" + bytes(84),
}  # fmt: skip
WRONG_VALUES = ('"x"', "[]", "{}", "-1", "1e9", "true", "1979-05-27", "[[1]]", '["\u0007"]', "nan")


def _policy(path: Path) -> object:
    return policies.load(path)


READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "policy": (".toml", _policy),
    "policy as a table": (".xlsx", read_policy),
    "policy as text": (".csv", read_policy),
    "layout": (".toml", read_entries),
    "layout as a table": (".xlsx", read_entries),
    "form": (".toml", declaration.load),
    "roster": (".csv", read_roster),
    "roster as a workbook": (".xlsx", read_roster),
    "waivers": (".csv", lambda path: read_waivers(path, _TODAY)),
    "waivers in an old workbook": (".xls", lambda path: read_waivers(path, _TODAY)),
    "rechecks": (".xlsx", lambda path: read_rechecks(path, policies.load())),
}


def in_one_sentence(act: Callable[[], object]) -> None:
    """Whatever is read is read, or refused with one line that no terminal is moved by."""
    try:
        act()
    except UsageError as refusal:
        said = str(refusal)
        assert said.endswith("。")
        assert len(said) <= 901
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", said)


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("reader", READERS)
def test_any_content_is_read_or_refused(reader: str, content: str, tmp_path: Path) -> None:
    suffix, read = READERS[reader]
    path = tmp_path / f"文件{suffix}"
    path.write_bytes(CONTENTS[content])
    in_one_sentence(lambda: read(path))


@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_refused(reader: str, tmp_path: Path) -> None:
    suffix, read = READERS[reader]
    folder, loop, nothing = tmp_path / f"夹{suffix}", tmp_path / f"圈{suffix}", tmp_path / f"无{suffix}"
    folder.mkdir()
    loop.symlink_to(loop)
    places = [folder, loop, nothing]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / f"管{suffix}")
        places.append(tmp_path / f"管{suffix}")  # reading it would wait for ever
    for path in places:
        with pytest.raises(UsageError, match=r"。$"):
            read(path)


@pytest.mark.parametrize("value", WRONG_VALUES)
def test_wrong_values_stand_in_no_entry_of_a_policy(value: str, tmp_path: Path) -> None:
    path = tmp_path / "规则.toml"
    shipped = policies.default()
    keys = [(name, key) for name, table in shipped.items() if isinstance(table, dict) for key in [*table, "zzz"]]
    for table, key in keys:
        path.write_text(f"[{table}]\n{key} = {value}\n", encoding="utf-8")
        in_one_sentence(lambda: policies.load(path))
    for table in shipped:
        path.write_text(f"{table} = {value}\n", encoding="utf-8")
        in_one_sentence(lambda: policies.load(path))


@pytest.mark.parametrize(
    ("sums", "words"),
    [
        ([("income_total", ["income_total"])], "“income_total”的组成里有它自己"),
        ([("income_total", ["basic"]), ("basic", ["income_total"])], "的组成里有它自己"),
        ([("income_total", ["basic", "basic"])], "“income_total”的组成里有一项写了两次"),
    ],
)
def test_a_sum_that_nobody_could_add_up_is_refused(
    sums: list[tuple[str, list[str]]], words: str, tmp_path: Path
) -> None:
    path = tmp_path / "规则.toml"
    entries = (f'[[sums]]\nrule = "B02"\ntotal = "{total}"\nparts = {parts!r}\n' for total, parts in sums)
    path.write_text("\n".join(entries), encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        policies.load(path)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "inf", "-Infinity%"])
def test_what_is_no_number_in_a_table_of_a_policy_is_refused(number: str, tmp_path: Path) -> None:
    path = tmp_path / "规则.csv"
    path.write_text(f"参数,取值,说明\nexplain_rate,{number},\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"。$"):
        read_policy(path)


@pytest.mark.parametrize("value", WRONG_VALUES)
def test_wrong_values_stand_in_no_entry_of_the_other_files(value: str, tmp_path: Path) -> None:
    inbox = tmp_path / "收件夹"
    inbox.mkdir()
    for key in ("policy", "roster", "waivers", "recheck", "layout", "previous", "report", "jobs", "zzz"):
        (tmp_path / "evalxl.toml").write_text(f"{key} = {value}\n", encoding="utf-8")
        in_one_sentence(lambda: library.beside(inbox))
    path = tmp_path / "表.toml"
    for key in ("name", "sheet", "column", "line", "change", "project", "department"):
        path.write_text(f"{key} = {value}\n", encoding="utf-8")
        in_one_sentence(lambda: read_entries(path))
        declaration.load.cache_clear()
        in_one_sentence(lambda: declaration.load(path))
        path.write_text(f"[[{key}]]\nsheet = {value}\ntitle = {value}\n", encoding="utf-8")
        in_one_sentence(lambda: read_entries(path))
        declaration.load.cache_clear()
        in_one_sentence(lambda: declaration.load(path))


@pytest.mark.parametrize("content", CONTENTS)
def test_the_choices_beside_an_inbox_are_read_or_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "收件夹").mkdir()
    (tmp_path / "evalxl.toml").write_bytes(CONTENTS[content])
    in_one_sentence(lambda: library.beside(tmp_path / "收件夹"))


@pytest.mark.parametrize("content", CONTENTS)
def test_an_earlier_run_is_read_or_refused(content: str, tmp_path: Path) -> None:
    outbox = tmp_path / "结果"
    outbox.mkdir()
    (outbox / "evalxl.sqlite").write_bytes(CONTENTS[content])
    (outbox / "run.json").write_bytes(CONTENTS[content])
    in_one_sentence(lambda: load(outbox))
    in_one_sentence(lambda: library.merge([outbox], tmp_path / "合并"))
    in_one_sentence(lambda: library.audit(outbox, []))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inbox, and the outbox of a finished run."""
    place = tmp_path_factory.mktemp("office")
    (place / "in").mkdir()
    fill(place / "in" / "a.xlsx", {})
    library.run(place / "in", place / "out")
    return place


@pytest.mark.parametrize("content", [*CONTENTS, "a list", "wrong kinds"])
def test_the_record_of_a_run_is_read_or_refused(content: str, office: Path, tmp_path: Path) -> None:
    others = {"a list": b"[1]", "wrong kinds": b'{"inputs": 3, "written": [1], "made_from": "x", "files": {}}'}
    outbox = tmp_path / "out"
    shutil.copytree(office / "out", outbox)
    (outbox / "run.json").write_bytes((CONTENTS | others)[content])
    in_one_sentence(lambda: library.audit(outbox, [office / "in"]))
    in_one_sentence(lambda: library.merge([outbox], tmp_path / "合并"))
    in_one_sentence(lambda: library.run(office / "in", tmp_path / "next", previous=[outbox]))


def test_names_in_an_earlier_run_move_no_terminal(tmp_path: Path) -> None:
    """Another machine's database may hold anything as text."""
    outbox = tmp_path / "结果"
    outbox.mkdir()
    with sqlite3.connect(outbox / "evalxl.sqlite") as database:
        database.execute("CREATE TABLE run (key TEXT, value TEXT)")
        database.execute("INSERT INTO run VALUES ('year', '\x1b[31m'), ('policy', '{}')")
    database.close()
    in_one_sentence(lambda: load(outbox))
