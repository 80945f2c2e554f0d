"""How fast evalxl is, as ratios taken in one run: `make bench`, or `python bench/bench.py [--quick|--full] [--write]`.

What is compared is timed in turn, round after round; a figure is the median of the rounds' ratios, so that what else
the machine does weighs on both sides. --full adds 17,000 workbooks; --write puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import others
import report
from corpus import COPIED, FAULTY, SEED, corpus

from evalxl.intake.inbox import inventory
from evalxl.intake.read import read
from evalxl.outputs.result.workbook import write_result
from evalxl.outputs.returned import mark
from evalxl.policy import policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings

Timed = dict[str, float]
Rounds = list[Timed]


def clock(work: Callable[..., Any], *calls: tuple[Any, ...]) -> float:
    """Seconds that a piece of work takes, done once or for each of some arguments."""
    start = time.perf_counter()
    for arguments in calls or [()]:
        work(*arguments)
    return time.perf_counter() - start


def ratio(rounds: Rounds, above: str, below: str) -> float:
    """The median of the rounds' ratios of two timings."""
    return median(each[above] / each[below] for each in rounds)


def pipeline(inbox: Path, rounds: int, scratch: Path) -> Rounds:
    """Floor, naive script and evalxl over the same workbooks, in turn."""
    sources, rulebook = inventory(inbox), policy.load()
    paths = [path for _, path in sources]
    batch.run(inbox, scratch / "first", Settings(rulebook, jobs=1))
    results = [others.result_cells(path) for path in sorted((scratch / "first" / "结果").iterdir())]
    timed: Rounds = []
    for number in range(rounds):
        out = scratch / f"round{number}"
        out.mkdir()
        each = {"raw": clock(lambda: others.raw_read(paths))}
        each["write"] = clock(others.write_again, *((cells, out / "a.xlsx") for cells in results))
        each["floor"] = each["raw"] + each["write"]
        each["check"] = clock(lambda: batch.check_files(sources, Settings(rulebook, jobs=1)))
        each["naive"] = clock(lambda: others.naive(paths, out / "naive"))  # noqa: B023
        each["run1"] = clock(lambda: batch.run(inbox, out / "one", Settings(rulebook, jobs=1)))  # noqa: B023
        each["run2"] = clock(lambda: batch.run(inbox, out / "two", Settings(rulebook, jobs=2)))  # noqa: B023
        each["burn1"] = clock(lambda: [others.burn(4_000_000) for _ in range(2)])
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(others.burn, [1, 1]))
            each["burn2"] = clock(lambda: list(pool.map(others.burn, [4_000_000] * 2)))
        shutil.rmtree(out)
        timed.append(each)
    return timed


def writers(inbox: Path, rounds: int, scratch: Path) -> Rounds:
    """Of some workbooks: the result against XlsxWriter with the same cells, the marked copy against openpyxl."""
    sources, rulebook = inventory(inbox)[:12], policy.load()
    outcome = batch.check_files(sources, Settings(rulebook, jobs=1))
    files = dict(sources)
    parts = list(read(sources, rulebook).split())
    path = scratch / "a.xlsx"
    by_book = {book: [each for each in outcome.findings if each.workbook == book] for book, _ in parts}
    cells = []
    for book, one in parts:
        write_result(path, one, by_book[book], outcome.grades.of(book), rulebook)
        cells.append(others.result_cells(path))
    like = next(each for each in outcome.findings if each.cell)
    flagged = [replace(like, id=f"{row}", sheet="指标", cell=f"J{row}") for row in range(5, 25)]
    places = [(each.sheet, each.cell) for each in flagged]

    def write_results() -> None:
        for book, one in parts:
            write_result(path, one, by_book[book], outcome.grades.of(book), rulebook)

    timed: Rounds = []
    for _ in range(rounds):
        each = {"again": clock(others.write_again, *((one, path) for one in cells))}
        each["result"] = clock(write_results)
        each["openpyxl"] = clock(others.annotate, *((files[book], places, path) for book, _ in parts))
        each["mark"] = clock(
            lambda: [path.write_bytes(mark(files[book].read_bytes(), book, flagged)) for book, _ in parts]
        )
        timed.append(each)
    return timed


def districts(count: int, rounds: int, scratch: Path) -> Rounds:
    """One process over a district that no rule of the district touches, one that it touches whole, and a faulty one."""
    inboxes = {"plain": corpus(count), "copied": corpus(count, kind=COPIED), "faulty": corpus(count, kind=FAULTY)}
    settings, faulty = Settings(policy.load(), jobs=1), [path for _, path in inventory(inboxes["faulty"])]
    timed: Rounds = []
    for number in range(rounds):
        each = {}
        for name, inbox in inboxes.items():
            out = scratch / f"{number}-{name}"
            each[name] = clock(batch.run, (inbox, out, settings))
            each[f"{name} again"] = clock(batch.run, (inbox, out, settings))
        each["naive"] = clock(others.naive, (faulty, scratch / f"{number}-naive"))
        shutil.rmtree(scratch)
        scratch.mkdir()
        timed.append(each)
    return timed


def one_by_one(inbox: Path, rounds: int) -> Rounds:
    """One workbook after the other in a warm process, as a page that checks what is dropped on it does: CPU time."""
    settings = Settings(policy.load(), jobs=1)
    sources = inventory(inbox)[:20]
    for source in sources[:3]:
        batch.check_files([source], settings)
    timed: Rounds = []
    for _ in range(rounds):
        start = time.process_time()
        for source in sources:
            batch.check_files([source], settings)
        timed.append({"cpu": (time.process_time() - start) / len(sources)})
    return timed


def start_up(rounds: int) -> Rounds:
    """The command's help against a Python that does nothing."""
    commands = {
        "pass": ["-c", "pass"], "help": ["-m", "evalxl", "--help"], "sub": ["-m", "evalxl", "run", "--help"],
    }  # fmt: skip
    return [
        {
            name: clock(lambda: subprocess.run([sys.executable, *words], capture_output=True, check=True))  # noqa: B023
            for name, words in commands.items()
        }
        for _ in range(rounds)
    ]


def alone(inbox: Path, jobs: int) -> Timed:
    """A whole run in a process of its own: seconds, and the peak memory (MB) of parent and largest worker."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, __file__, "--one", str(inbox), str(Path(scratch) / "out"), str(jobs)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
    return dict(json.loads(done.stdout))


def _one(inbox: str, outbox: str, jobs: str) -> None:
    look, done = others.children_peak(), threading.Event()

    def watch() -> None:
        while not done.wait(0.3):
            look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    seconds = clock(lambda: batch.run(Path(inbox), Path(outbox), Settings(policy.load(), jobs=int(jobs))))
    done.set()
    watcher.join()
    measured = {"seconds": seconds, "cpu": time.process_time(), "parent": others.own_peak(), "worker": look()}
    json.dump(measured, sys.stdout)


def measure(counts: list[int], sample: int, rounds: int) -> dict[str, Any]:
    """Everything, as plain data."""
    with tempfile.TemporaryDirectory() as scratch:
        inbox = corpus(sample, SEED)
        flow = pipeline(inbox, rounds, Path(scratch))
        written = writers(inbox, max(rounds, 5), Path(scratch))
        whole = districts(sample, rounds, Path(scratch) / "districts")
        single = one_by_one(inbox, max(rounds, 5))
    started = start_up(max(rounds, 7))
    scale = [{"workbooks": count, **alone(corpus(count, SEED), 2)} for count in counts]
    return {
        "sample": sample, "rounds": rounds, "seed": SEED, "pipeline": flow, "writers": written, "start": started,
        "districts": whole, "single": single,
        "scale": scale, "machine": f"{platform.system()} {platform.machine()}", "date": time.strftime("%Y-%m-%d"),
        "versions": {name: version(name) for name in ("pandas", "XlsxWriter", "python-calamine", "openpyxl")}
        | {"evalxl": version("evalxl"), "Python": platform.python_version()},
    }  # fmt: skip


def at_17000(scale: list[dict[str, float]]) -> tuple[float, str]:
    """The parent's memory (MB) at 17,000 workbooks: measured, or along the line through the last two runs."""
    last = scale[-1]
    if last["workbooks"] >= 17_000 or len(scale) < 2:
        return last["parent"], ""
    slope = (last["parent"] - scale[-2]["parent"]) / (last["workbooks"] - scale[-2]["workbooks"])
    return last["parent"] + slope * (17_000 - last["workbooks"]), ", extrapolated"


def figures(found: dict[str, Any]) -> list[report.Figure]:
    """The targets with what was measured."""
    flow, written, started, scale = (found[name] for name in ("pipeline", "writers", "start", "scale"))
    whole, single = found["districts"], median(each["cpu"] for each in found["single"]) * 1000
    each = [one["seconds"] / one["workbooks"] for one in scale]
    ceiling = ratio(flow, "burn1", "burn2")
    parent, how = at_17000(scale)
    last = scale[-1]
    rows = [
        report.Figure("check only / raw read of the same sheets", 4.0, ratio(flow, "check", "raw")),
        report.Figure("full batch, 1 process / floor A", 1.30, ratio(flow, "run1", "floor")),
        report.Figure("full batch, 2 processes / floor A", 0.80, ratio(flow, "run2", "floor")),
        report.Figure("naive script / full batch, 1 process", 2.2, ratio(flow, "naive", "run1"), least=True),
        report.Figure("naive / full batch, 1 process, many findings", 2.2, ratio(whole, "naive", "faulty"), least=True),
        report.Figure("all touched by a district rule / none", 1.10, ratio(whole, "copied", "plain")),
        report.Figure("the same run again / fresh, none touched", 0.30, ratio(whole, "plain again", "plain")),
        report.Figure("the same run again / fresh, all touched", 0.30, ratio(whole, "copied again", "copied")),
        report.Figure("one workbook checked in a warm process, CPU ms", 60, single),
        report.Figure("one result / XlsxWriter in memory, same cells", 1.0, ratio(written, "result", "again")),
        report.Figure("marked copy / openpyxl load, annotate, save", 0.10, ratio(written, "mark", "openpyxl")),
        report.Figure("`evalxl --help` / `python -c pass`", 6, ratio(started, "help", "pass")),
        report.Figure("`evalxl run --help` / `python -c pass`", 13, ratio(started, "sub", "pass")),
        report.Figure("own speed-up on 2 / that of pure arithmetic", 0.85, ratio(flow, "run1", "run2") / ceiling, True),
        report.Figure(f"memory of the parent at 17,000, MB{how}", 450, parent),
        report.Figure(f"memory of a worker at {last['workbooks']:,}, MB", 150, last["worker"]),
        report.Figure(
            f"the parent's own CPU at {last['workbooks']:,}, ms a workbook", 2.5, last["cpu"] / last["workbooks"] * 1000
        ),
    ]
    if len(scale) > 1:
        words = f"time a workbook at {scale[-1]['workbooks']:,} / at {scale[-2]['workbooks']:,}"
        rows.append(report.Figure(words, 1.10, each[-1] / each[-2]))
    return rows


def main() -> None:
    """The command line."""
    if sys.argv[1:2] == ["--one"]:
        return _one(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few workbooks, few rounds")
    parser.add_argument("--rounds", type=int, help="how often each thing is timed (5; 3 with --quick)")
    parser.add_argument("--full", action="store_true", help="also 17,000 workbooks")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--json", type=Path, default=Path(tempfile.gettempdir()) / "evalxl-bench.json")
    asked = parser.parse_args()
    counts = [100, 400] if asked.quick else [200, 2_000] + [17_000] * asked.full
    found = measure(counts, 100 if asked.quick else 200, asked.rounds or (3 if asked.quick else 5))
    asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    table = report.table(found, figures(found))
    sys.stdout.write(table + f"\nJSON: {asked.json}\n")
    if asked.write:
        report.into_docs(found, table)
    return None


if __name__ == "__main__":
    main()
