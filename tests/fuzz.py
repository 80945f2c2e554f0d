"""Mutants of good workbooks, read in the company of a clean one: none may stop the run, get lost or harm the other.

``python tests/fuzz.py 2000 --seed 1`` makes and checks so many; the same seed makes the same mutants. With some of them
a whole year is lived through (fuzz_office.py): run with roster, reports and last year, rerun, next round, merge. A
mutant that ends or hangs its process is found out by checking its chunk again one by one. ``--keep DIR`` saves what was
found; ``--lived 1`` lives through the year with every chunk.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from fuzz_office import CLEAN, Office, clean_workbook, furnish, live_through
from mutants import mutant

from evalxl.district.findings import Severity
from evalxl.intake.inbox import inventory
from evalxl.policy import policy
from evalxl.rules import RULES, Scope
from evalxl.run import run as batch
from evalxl.run.district import Outcome
from evalxl.run.settings import Settings

CHUNK = 40  # mutants that are read together with one clean workbook
WORK = 400  # mutants a process checks before another takes over
PATIENCE = 120  # seconds of work on a chunk, before it counts as hung; a chunk takes one, a year with it twenty
LIVED = 10  # of so many chunks, a year is lived through with one
SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"


class Failure(NamedTuple):
    """A mutant, by its number, or the first of a chunk where no single one could be blamed, and what went wrong."""

    number: int
    reason: str


def bases() -> list[bytes]:
    """What the mutants are made from: a faithful copy, a large department and one with findings of its own."""
    return [(SAMPLES / f"鹿泉区{name}.xlsx").read_bytes() for name in ("政协", "教育局", "农业农村局")]


def fuzz(count: int, seed: int, first: int = 0, lived: int = LIVED, workers: int = 2) -> list[Failure]:
    """Make and check mutants; what went wrong, in the order of the mutants. With one of ``lived`` chunks live a year."""
    starts = range(first, first + count, WORK)
    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(lambda start: list(_watched(start, min(WORK, first + count - start), seed, lived)), starts)
        return sorted(failure for failures in found for failure in failures)


def _watched(start: int, count: int, seed: int, lived: int) -> Iterator[Failure]:
    """Check some mutants in a process of its own; when it dies, blame the mutant, and go on behind its chunk."""
    while count > 0:
        command = [sys.executable, __file__, str(count), "--seed", str(seed), "--first", str(start), "--work"]
        command += ["--lived", str(lived)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
        chunks = [json.loads(line) for line in done.stdout.splitlines()]
        for chunk in chunks:
            yield from (Failure(*each) for each in chunk)
        if done.returncode == 0:
            return
        start, count = start + CHUNK * len(chunks), count - CHUNK * len(chunks)
        reason = f"process ended with {done.returncode}: {done.stderr[-3000:]}"
        if count == 1:
            yield Failure(start, reason)
            return
        each = range(start, start + min(CHUNK, count))
        blamed = [failure for number in each for failure in _watched(number, 1, seed, lived)]
        yield from blamed or [Failure(start, f"{reason} (only together)")]
        start, count = start + CHUNK, count - CHUNK


class _Work(NamedTuple):
    """What a process checks mutants with."""

    seed: int
    lived: int
    sources: list[bytes]
    clean: dict[str, bytes]
    office: Office
    rules: policy.Policy


def _work(start: int, count: int, seed: int, lived: int) -> None:
    """Check some mutants chunk by chunk, one line of what went wrong for each chunk."""
    with tempfile.TemporaryDirectory() as name:
        folder, sources, rules = Path(name), bases(), policy.load()
        clean = {each: clean_workbook(folder / each).read_bytes() for each in CLEAN}
        work = _Work(seed, lived, sources, clean, furnish(folder, sources, rules), rules)
        for first in range(start, start + count, CHUNK):
            numbers = range(first, min(first + CHUNK, start + count))
            _be_patient(PATIENCE)
            failures = _narrowed(lambda some: _check(some, work), list(numbers))
            print(json.dumps(failures), flush=True)


def _be_patient(seconds: float) -> None:
    """End the process, with a traceback, when it has worked so long or waited ten times as long."""
    faulthandler.dump_traceback_later(10 * seconds, exit=True)
    if hasattr(signal, "setitimer"):  # time of work, not of waiting for a busy machine
        faulthandler.register(signal.SIGVTALRM, chain=True)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)


def _narrowed(check: Callable[[list[int]], list[Failure]], numbers: list[int]) -> list[Failure]:
    """What goes wrong with some mutants, brought down to the single ones where it can be."""
    failures = check(numbers)
    if not failures or len(numbers) == 1:
        return failures
    middle = len(numbers) // 2
    return _narrowed(check, numbers[:middle]) + _narrowed(check, numbers[middle:]) or failures


def _check(numbers: list[int], work: _Work) -> list[Failure]:
    with tempfile.TemporaryDirectory() as folder:
        inbox, outbox = Path(folder) / "in", Path(folder) / "out"
        inbox.mkdir()
        for name, data in work.clean.items():
            (inbox / name).write_bytes(data)
        for number in numbers:
            (inbox / f"{number}.xlsx").write_bytes(mutant(work.sources, work.seed, number))
        try:
            if numbers[0] // CHUNK % work.lived == 0:
                outcome = live_through(inbox, outbox, work.office, work.rules)
            else:
                outcome = batch.check_files(inventory(inbox), Settings(work.rules))
            _hold(inbox, outcome)
        except BaseException:
            return [Failure(numbers[0], traceback.format_exc(limit=-6))]
    return []


def _hold(inbox: Path, outcome: Outcome) -> None:
    """What must be true of any inbox: each file accounted for once, and the clean ones as good as alone."""
    names = sorted(path.name for path in inbox.iterdir())
    books = outcome.district.workbooks
    assert sorted(books["workbook"]) == names, "the spine"
    refused = Counter(books.loc[~books["readable"], "workbook"])
    told = Counter(
        each.workbook for each in outcome.findings if each.rule == "F12" and each.severity is not Severity.INFO
    )
    assert refused == told, "refused, but not told"
    found = [each for each in outcome.findings if each.workbook in CLEAN and RULES[each.rule].scope is Scope.WORKBOOK]
    assert not found, f"the clean workbooks: {found}"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--lived", type=int, default=LIVED)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        _work(given.first, given.count, given.seed, given.lived)
        return 0
    failures = fuzz(given.count, given.seed, given.first, given.lived)
    for failure in failures:
        print(f"mutant {failure.number} of seed {given.seed}: {failure.reason}\n")
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{given.seed}-{failure.number}.xlsx").write_bytes(
                mutant(bases(), given.seed, failure.number)
            )
    print(f"{given.count} mutants, {len(failures)} failures")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
