"""A year in a bureau's office, lived through with an inbox of mutants: every command that meets a workbook.

Roster and last year's results are at hand, a neighbouring district is merged with, reports are written of everything.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from conftest import fill
from python_calamine import CalamineWorkbook

from evalxl.bureau.review import Round
from evalxl.bureau.roster import read_roster
from evalxl.district.tables import Bureau
from evalxl.facts import grade
from evalxl.outputs.word import write_report
from evalxl.policy.policy import Policy
from evalxl.run import run as batch
from evalxl.run.district import Outcome
from evalxl.run.merge import merge
from evalxl.run.settings import Settings
from evalxl.store.earlier import load
from evalxl.transfer.migrate import migrate
from evalxl.transfer.prefill import prefill
from evalxl.values.errors import UsageError

YEAR = 2023  # of the mutants' bases and of the clean workbooks
CLEAN = {"示范区文化局.xlsx": "205001", "示范区档案馆.xlsx": "205002"}  # two, so that no mutant alone settles the year
_REGION = "基本信息!B7"
_ROSTER = (
    "部门编码,部门名称,曾用名或简称\n205001,示范区文化局,\n205002,示范区档案馆,\n109001,鹿泉区政协,政协鹿泉区委员会\n"
    "205004,鹿泉区教育局,\n301001,鹿泉区农业局,鹿泉区农业农村局\n999001,从不报送局,\n"
)


class Office(NamedTuple):
    """What lies in the office before the inbox is opened."""

    roster: Path
    last_year: Path  # outboxes
    neighbour: Path


def clean_workbook(path: Path, edit: dict[str, object] | None = None) -> Path:
    """One of the workbooks in which nothing is wrong, by its file name."""
    return fill(path, {"基本信息!B5": path.stem, "基本信息!B6": CLEAN.get(path.name, "")} | (edit or {}))


def furnish(folder: Path, bases: Sequence[bytes], rules: Policy) -> Office:
    """Make what lies in the office."""
    office = Office(folder / "roster.csv", folder / "last year", folder / "neighbour")
    office.roster.write_text(_ROSTER, encoding="utf-8")
    then, there = folder / "then", folder / "there"
    then.mkdir()
    there.mkdir()
    for name in CLEAN:
        clean_workbook(then / name, {"基本信息!B8": YEAR - 1})
    for number, data in enumerate(bases):
        (there / f"{number}.xlsx").write_bytes(data)
    clean_workbook(there / "邻区文化局.xlsx", {_REGION: "石家庄市邻区"})
    batch.run(then, office.last_year, Settings(rules, jobs=1))
    batch.run(there, office.neighbour, Settings(rules, jobs=1))
    return office


def live_through(inbox: Path, outbox: Path, office: Office, rules: Policy) -> Outcome:
    """Run, run again, run the next round, merge, write every report, move every workbook: each must end well."""
    given: dict[str, Any] = {"bureau": Bureau(read_roster(office.roster)), "report": True}
    given |= {"previous": (office.last_year,), "round": Round(office.last_year, YEAR - 1)}
    first = batch.run(inbox, outbox, Settings(rules, jobs=1, **given))
    _complete(first, outbox, inbox)
    before = _hashes(first, outbox)
    again = batch.run(inbox, outbox, Settings(rules, jobs=1, **given))
    _complete(again, outbox, inbox)
    assert _hashes(again, outbox) == before, "the same inbox gave other files the second time"
    assert again.exit_code == first.exit_code
    _merge(outbox, office, rules)
    _write_and_move(inbox, outbox, office, rules)
    _next_round(inbox, outbox, given, rules)
    return first.outcome


def _complete(run: batch.Run, outbox: Path, inbox: Path) -> None:
    """Each file that a run lists is there and can be opened, and each file of the inbox stands in its records."""
    assert not [name for name in run.files if not (outbox / name).is_file()], "a file of the run is missing"
    record = json.loads((outbox / "findings.json").read_text(encoding="utf-8"))
    names = sorted(path.name for path in inbox.iterdir())
    assert sorted(each["workbook"] for each in record["workbooks"]) == names, "findings.json"
    for name in run.files:
        if name.endswith(".xlsx"):
            CalamineWorkbook.from_path(outbox / name)


def _hashes(run: batch.Run, outbox: Path) -> dict[str, str]:
    return {name: hashlib.sha256((outbox / name).read_bytes()).hexdigest() for name in run.files}


def _merge(outbox: Path, office: Office, rules: Policy) -> None:
    """With a neighbour, of which the bases are the mutants' own: what is the same file or department is refused."""
    city = outbox.with_name("city")
    merged = merge([outbox], city, rules, report=True)
    assert not [name for name in merged.files if not (city / name).is_file()], "a file of the merged run is missing"
    with _but("合并会重复计算"):
        merge([outbox, office.neighbour], outbox.with_name("both"), rules, report=True)


@contextlib.contextmanager
def _but(words: str) -> Iterator[None]:
    """What may be refused, in these words and for no other reason."""
    try:
        yield
    except UsageError as error:
        if words not in str(error):
            raise


def _write_and_move(inbox: Path, outbox: Path, office: Office, rules: Policy) -> None:
    """A report of every workbook, whatever is wrong with it, as ``evalxl report`` writes it; every workbook moved."""
    stored = load(outbox).district
    grades, word, moved = grade.grade(stored, rules), outbox.with_name("report.docx"), outbox.with_name("moved.xlsx")
    readable = set(stored.workbooks["workbook"][stored.workbooks["readable"]])
    for workbook, one in stored.split():
        if workbook in readable:
            write_report(word, one, grades.of(workbook), rules)
            moved.unlink(missing_ok=True)
            with _but("等填报表"):  # none of the sheets is in it
                migrate(inbox / workbook, moved, rules)
    prefill(outbox.with_name("forms"), read_roster(office.roster), rules, YEAR + 1, stored)


def _next_round(inbox: Path, outbox: Path, given: dict[str, Any], rules: Policy) -> None:
    """Every other workbook comes again as its neighbour's bytes, one is withdrawn, and the round is held against."""
    later = inbox.with_name("later")
    shutil.copytree(inbox, later)
    mutants = sorted(path for path in later.iterdir() if path.name not in CLEAN)
    for one, other in zip(mutants[::2], mutants[1::2], strict=False):
        shutil.copyfile(other, one)
    if len(mutants) > 2:
        mutants[-1].unlink()
    known = {"previous": (*given["previous"], outbox), "round": Round(outbox, YEAR)}
    _complete(batch.run(later, outbox, Settings(rules, jobs=1, **given | known)), outbox, later)
