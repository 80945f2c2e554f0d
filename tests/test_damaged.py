"""Databases that are not what evalxl wrote: each is merged or refused in one sentence, soon, and never a traceback."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import fill

from evalxl.bureau.review import Round
from evalxl.library.forms import filled_forms, reports
from evalxl.policy import policy as policies
from evalxl.run.merge import merge
from evalxl.run.run import run
from evalxl.run.settings import Settings
from evalxl.store import opening, schema
from evalxl.store.earlier import load, read_history
from evalxl.store.files import DATABASE
from evalxl.store.parts import Part, read_part
from evalxl.values.errors import UsageError

POLICY = policies.load()
TABLES = {
    **schema.LONG,
    **{each.name: each for each in (schema.PLACES, schema.GRADES, schema.GRADE_LINES, schema.FINDINGS)},
    **{each.name: each for each in (schema.HISTORY, schema.COVERAGE, schema.RUN)},
}
STRANGE: tuple[Any, ...] = (
    None,
    -1,
    1e300,
    float("inf"),
    2**62,
    b"\x00\xff",
    "",
    "x" * 9,
    "{",
    "[1]",
    '{"a": "b"}',
    "\ud800",
)


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    (folder / "in").mkdir()
    fill(folder / "in" / "甲.xlsx", {"基本信息!B5": "甲局", "预算!D22": 903})
    fill(folder / "in" / "乙.xlsx", {"基本信息!B5": "乙局"})
    run(folder / "in", folder / "out", Settings(POLICY, report=False))
    return folder / "out"


@pytest.fixture
def copy(outbox: Path, tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    shutil.copy(outbox / DATABASE, tmp_path / "out" / DATABASE)
    return tmp_path / "out"


def read_everything(outbox: Path) -> None:
    """Everything that another run does with a database; UsageError is an answer, anything else is a fault."""
    with contextlib.suppress(UsageError):
        load(outbox)
    with contextlib.suppress(UsageError):
        read_history(outbox, {"甲局", "乙局"})
    with contextlib.suppress(UsageError):
        read_part(Part(outbox, ["甲.xlsx", "乙.xlsx"]), ["甲.xlsx"])
    with contextlib.suppress(UsageError):
        merge([outbox], outbox.parent / "whole", POLICY)
    shutil.rmtree(outbox.parent / "whole", ignore_errors=True)


def change(outbox: Path, statement: str, *values: Any) -> None:
    with contextlib.closing(sqlite3.connect(outbox / DATABASE)) as database, database:
        database.execute(statement, values)


@pytest.mark.parametrize("name", TABLES)
def test_a_value_of_another_kind_is_one_sentence(copy: Path, outbox: Path, name: str) -> None:
    drawn = random.Random(name)
    for column in drawn.sample(TABLES[name].columns, min(4, len(TABLES[name].columns))):
        value = drawn.choice([each for each in STRANGE if each != "\ud800"])
        change(copy, f'UPDATE "{name}" SET "{column.stored}" = ?', value)
        read_everything(copy)
        shutil.copy(outbox / DATABASE, copy / DATABASE)


@pytest.mark.parametrize("name", TABLES)
def test_a_missing_table_is_one_sentence(copy: Path, name: str) -> None:
    change(copy, f'DROP TABLE "{name}"')
    with pytest.raises(UsageError, match="已损坏，或由不同版本的 evalxl 生成"):
        merge([copy], copy.parent / "whole", POLICY) if name != "history" else read_history(copy, set())


@pytest.mark.parametrize("name", TABLES)
def test_a_run_into_an_outbox_whose_database_is_damaged_mends_it(copy: Path, outbox: Path, name: str) -> None:
    """Its last run is asked for explanations; who runs again for what is lost must not be refused for it."""
    change(copy, f'DROP TABLE "{name}"')
    run(outbox.parent / "in", copy, Settings(POLICY, report=False))
    assert load(copy).findings == load(outbox).findings
    assert read_history(copy, set(), others=True) == read_history(outbox, set(), others=True)
    change(copy, 'DROP TABLE "history"')
    with pytest.raises(UsageError, match="已损坏"):  # an earlier round that is given is not left out in silence
        run(outbox.parent / "in", outbox.parent / "again", Settings(POLICY, round=Round(copy, 2023)))


@pytest.mark.parametrize("name", ["findings", "budget", "indicators", "history"])
def test_a_view_in_the_place_of_a_table_is_not_read(copy: Path, name: str) -> None:
    change(copy, f'ALTER TABLE "{name}" RENAME TO t0')
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT t0.* FROM n, t0"
    change(copy, f'CREATE VIEW "{name}" AS {endless}')
    read_everything(copy)
    with pytest.raises(UsageError, match="已损坏"):
        read_history(copy, set()) if name == "history" else merge([copy], copy.parent / "whole", POLICY)


def test_a_computed_column_is_not_read(copy: Path) -> None:
    change(copy, "ALTER TABLE coverage RENAME COLUMN passed TO p")
    change(
        copy, "ALTER TABLE coverage ADD COLUMN passed GENERATED ALWAYS AS (length(hex(zeroblob(p + 100000)))) VIRTUAL"
    )
    with pytest.raises(UsageError, match="已损坏"):
        load(copy)


def test_reading_ends_when_its_time_is_over(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_SECONDS", -1e9)
    monkeypatch.setattr(opening, "_STEPS", 1)
    with pytest.raises(UsageError, match="已损坏"):
        load(copy)


def test_a_trigger_is_never_fired(copy: Path) -> None:
    change(copy, "CREATE TRIGGER t AFTER INSERT ON findings BEGIN DELETE FROM findings; END")
    before = load(copy).findings
    assert merge([copy], copy.parent / "whole", POLICY).outcome.findings
    assert load(copy).findings == before


def test_bytes_changed_at_random_are_one_sentence_or_no_matter(outbox: Path, copy: Path) -> None:
    data = (outbox / DATABASE).read_bytes()
    drawn = random.Random(7)
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(drawn.choice((1, 3, 30))):
            damaged[drawn.randrange(len(damaged))] = drawn.randrange(256)
        (copy / DATABASE).write_bytes(
            damaged[: drawn.choice((len(damaged), len(damaged), drawn.randrange(len(damaged))))]
        )
        read_everything(copy)


def test_a_change_that_is_none_is_one_sentence(copy: Path) -> None:
    change(copy, "UPDATE findings SET change = 'x'")
    with pytest.raises(UsageError, match="已损坏"):
        load(copy)


def test_a_database_that_its_run_did_not_write_is_one_sentence(outbox: Path, tmp_path: Path) -> None:
    """One byte of a text that was changed reads well and says something else; without run.json nobody could tell."""
    other = Path(shutil.copytree(outbox, tmp_path / "甲区"))
    roster = tmp_path / "名册.csv"
    roster.write_text("部门名称\n甲局\n", encoding="utf-8")
    data = (other / DATABASE).read_bytes()
    at = data.index(b"903")
    (other / DATABASE).write_bytes(data[:at] + b"8" + data[at + 1 :])
    for act in (
        lambda: merge([other], tmp_path / "市", POLICY),
        lambda: list(reports(other, tmp_path / "报告")),
        lambda: filled_forms(tmp_path / "模板", roster, previous=other, year=2024),
    ):
        with pytest.raises(UsageError) as refused:
            act()
        assert str(refused.value) == (
            f"{other / DATABASE} 与 run.json 所记的不一致，那次运行没有做完，或者文件已损坏、被改动；"
            "请重新运行那一批后再用。"
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["名册.csv", "甲区"]
    (other / DATABASE).write_bytes(data)
    assert merge([other], tmp_path / "市", POLICY).outcome.findings
    (other / "run.json").write_bytes(b"{")
    with pytest.raises(UsageError, match=r"run\.json 已损坏"):
        merge([other], tmp_path / "省", POLICY)
