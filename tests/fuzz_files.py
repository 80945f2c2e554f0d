"""Mutants of every other kind of file that evalxl is handed: each is read, or refused in one sentence, within seconds.

``python tests/fuzz_files.py 5000 --seed 3`` makes and reads so many, kind after kind; the same seed makes the same
mutants. Workbooks of today's format have a fuzzer of their own (fuzz.py), which lives through a whole year with them.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from forms import ods, xls
from fuzz_office import clean_workbook
from mutants import mutant, spoilt
from python_calamine import CalamineWorkbook
from self_evaluation_forms import MINISTRY, workbook

from evalxl import library
from evalxl.intake.forms import declaration
from evalxl.layout import overlay, standard

SECONDS = 60  # on one mutant, before it counts as hung
SAMPLES = Path(__file__).parent.parent / "samples"
_BOOK = SAMPLES / "luquan-2023" / "鹿泉区政协.xlsx"
_TOKENS = re.compile(rb'"[^"\n]*"|-?\d+(?:\.\d+)?|true|false|null|[^\s,:={}\[\]"]+')
_RAW = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ODD: tuple[bytes, ...] = (
    b"", b"0", b"-1", b"1e400", b"NaN", b"9" * 400, b"null", b"true", b'""', b"[]", b"{}", b'"\\u202e"', b'"\\ud800"', "部门".encode(),
    b"\xff", b'"x', b"[" * 3000, b"=1+1", b"../../x", b'"' + b"x" * 40_000 + b'"', b"1979-05-27", b"\n", b",,,", b"\x1b[2J",
)  # fmt: skip
_STORED: tuple[Any, ...] = (
    "[" * 100_000,
    None,
    -1,
    1e300,
    float("inf"),
    2**62,
    b"\0\xff",
    "",
    "x" * 9,
    "{",
    "[1]",
    '{"a": 1}',
    "\x1b[2J",
    0,
    0.5,
)


class Kind(NamedTuple):
    """A kind of file: good ones, how one is spoilt, and all that is done with it; it stands in a folder of its own."""

    name: str
    good: tuple[bytes, ...]
    spoil: Callable[[random.Random, bytes], bytes]
    use: Callable[[Path], object]


def _as_text(rng: random.Random, data: bytes) -> bytes:
    """Some words or values put in the place of others; now and then bytes."""
    for _ in range(rng.choice((1, 1, 2, 8))):
        spots = [match.span() for match in _TOKENS.finditer(data)]
        start, end = rng.choice(spots) if spots else (0, 0)
        data = data[:start] + rng.choice(_ODD) + data[end:]
    return spoilt(rng, data) if rng.random() < 0.2 else data


def _as_package(rng: random.Random, data: bytes) -> bytes:
    return mutant([data], rng.randrange(1 << 30), 0)


def _as_database(rng: random.Random, data: bytes) -> bytes:
    """Stored values replaced, a table lost or emptied, a column renamed; now and then bytes."""
    if rng.random() < 0.4:
        return spoilt(rng, data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        path.write_bytes(data)
        with closing(sqlite3.connect(path)) as database, database:
            for _ in range(rng.choice((1, 1, 3))):
                _change(rng, database)
        return path.read_bytes()


def _change(rng: random.Random, database: sqlite3.Connection) -> None:
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    if not tables:
        return
    table = rng.choice(tables)
    columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
    column, act = rng.choice(columns), rng.randrange(10)
    if act == 0:
        database.execute(f'DROP TABLE "{table}"')
    elif act == 1:
        database.execute(f'DELETE FROM "{table}"')
    elif act == 2:
        database.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "x"')
    elif act == 3:
        database.execute(f'INSERT INTO "{table}" SELECT * FROM "{table}"')
    else:
        where = "" if rng.random() < 0.5 else " WHERE rowid = 1"
        database.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ?{where}', (rng.choice(_STORED),))


def _beside(clean: bytes) -> Callable[[Path], None]:
    """Checked beside a workbook in which nothing is wrong: neither is lost, and the clean one stays so."""

    def use(path: Path) -> None:
        result = library.check({"文化局.xlsx": clean, path.name: path.read_bytes()})
        assert sorted(book.workbook for book in result.workbooks) == sorted(("文化局.xlsx", path.name)), "one was lost"
        accused = [each for each in result.findings if each.workbook == "文化局.xlsx"]
        assert not accused, f"the clean workbook: {accused}"

    return use


def _gather(path: Path) -> None:
    for gathering in library.gathered([path], path.with_name("out.xlsx")):
        assert gathering.summary.strip(), "nothing is said"


def _follow(outbox: Path) -> None:
    """A run after it, merge and audit."""
    _answered(lambda: library.run(outbox.parent / "in", outbox.parent / "next", previous=[outbox]))
    _answered(lambda: library.merge([outbox], outbox.parent / "city"))
    _answered(lambda: library.audit(outbox, [outbox.parent / "in"]))
    _answered(lambda: library.run(outbox.parent / "in", outbox))


def _answered(act: Callable[[], object]) -> None:
    """Whatever is done is done, or refused with a sentence that moves no terminal."""
    try:
        act()
    except (library.UsageError, library.OutputError) as refusal:
        said = str(refusal)
    else:
        return
    assert said.endswith("。"), f"no sentence: {said}"
    assert not _RAW.search(said), f"raw: {said!r}"


def _in_outbox(name: str, outbox: Path) -> Callable[[Path], None]:
    """Put the mutant into a copy of a finished outbox, and go on from there."""

    def use(path: Path) -> None:
        place = path.with_name("result")
        shutil.copytree(outbox, place)
        shutil.copytree(outbox.parent / "in", path.with_name("in"))
        shutil.move(path, place / name)
        _follow(place)

    return use


def kinds(folder: Path) -> list[Kind]:
    """Every kind, with good files made in a folder."""
    (folder / "in").mkdir()
    shutil.copy(_BOOK, folder / "in")
    library.run(folder / "in", folder / "out", report=True)
    report = next((folder / "out" / library.REPORTS).glob("*.docx")).read_bytes()
    source = CalamineWorkbook.from_path(_BOOK)
    grids: dict[str, list[list[Any]]] = {
        title: [[_plain(cell) for cell in row] for row in source.get_sheet_by_name(title).to_python()]
        for title in source.sheet_names
    }
    clean = clean_workbook(folder / "文化局.xlsx").read_bytes()
    outbox, form = folder / "out", folder / "form.xlsx"
    workbook(form, 自评表=MINISTRY)
    roster = (SAMPLES / "名册.csv").read_bytes()
    policy = (SAMPLES / "faithful-copy.toml").read_bytes()
    layouts = tuple(path.read_bytes() for path in sorted((SAMPLES / "layouts").glob("*.toml")))
    return [
        Kind("旧.xls", (xls(grids),), spoilt, _beside(clean)),
        Kind("开放.ods", (ods(grids),), _as_package, _beside(clean)),
        Kind("报告.docx", (report,), _as_package, _gather),
        Kind("自评表.xlsx", (form.read_bytes(),), _as_package, _gather),
        Kind("evalxl.sqlite", ((outbox / "evalxl.sqlite").read_bytes(),), _as_database, _in_outbox("evalxl.sqlite", outbox)),
        Kind("run.json", ((outbox / "run.json").read_bytes(),), _as_text, _in_outbox("run.json", outbox)),
        Kind("名册.csv", (roster,), _as_text, lambda path: library.run(path.parent, path.with_name("o"), roster=path)),
        Kind("规则.toml", (policy,), _as_text, lambda path: library.check(_BOOK, policy=path)),
        Kind("表样.toml", layouts, _as_text, _layout),
        Kind("自评.toml", (_forms().read_bytes(),), _as_text, declaration.load),
    ]  # fmt: skip


def _plain(value: object) -> float | str:
    return float(value) if isinstance(value, int | float) else str(value)


def _forms() -> Path:
    return Path(declaration.__file__).with_name("forms.toml")


def _layout(path: Path) -> object:
    with library.named_to_new_processes(path):
        return overlay.in_force(standard.SHEETS)


def fuzz(count: int, seed: int, first: int = 0, only: str = "") -> list[str]:
    """Make and read so many mutants, kind after kind or of one alone; what went wrong with which."""
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        every = [kind for kind in kinds(Path(folder)) if only in kind.name]
        for number in range(first, first + count):
            kind = every[number % len(every)]
            fault = _fault(kind, seed, number)
            if fault:
                faults.append(f"{kind.name}, mutant {number} of seed {seed}: {fault}")
    return faults


def _fault(kind: Kind, seed: int, number: int) -> str:
    rng = random.Random(f"{seed}:{number}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / kind.name
        path.write_bytes(kind.spoil(rng, rng.choice(kind.good)))
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            _answered(lambda: kind.use(path))
        except BaseException:
            return traceback.format_exc(limit=-8)[-3000:]
        finally:
            faulthandler.cancel_dump_traceback_later()
    return ""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kind", default="", help="a part of a file's name: sqlite, run.json, docx …")
    asked = parser.parse_args()
    faults = fuzz(asked.count, asked.seed, asked.first, asked.kind)
    for fault in faults:
        print(f"{fault}\n")
    print(f"{asked.count} mutants, {len(faults)} faults")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
