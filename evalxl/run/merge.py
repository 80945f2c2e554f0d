"""Merging finished runs: districts into a city, cities into a province, from their databases alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evalxl import layout
from evalxl.district import attendance as roll
from evalxl.district import sample as samples
from evalxl.district.attendance import Attendance
from evalxl.district.findings import Finding, in_reading_order
from evalxl.district.rechecks import Recheck, to_table
from evalxl.district.sample import Sample
from evalxl.district.tables import Bureau, concat, of_tables, shared
from evalxl.facts import grade as grading
from evalxl.facts.grade import Grades
from evalxl.policy.policy import Policy, made_with_another
from evalxl.run.district import Ended, Outcome, joined_coverage, names_of_whole, write_district
from evalxl.run.run import Run
from evalxl.store import files as out
from evalxl.store.earlier import Earlier, load, template_of
from evalxl.store.opening import check_whole
from evalxl.store.outbox import filling
from evalxl.store.parts import Parts, part_of
from evalxl.store.record import PolicyName
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold

_MOST = 60  # characters of a district's name, which every path of its workbooks begins with


@dataclass(frozen=True)
class _Part:
    """One run under the name it goes by in the merged one."""

    name: str
    outcome: Outcome
    levels: dict[str, str]  # workbook → its district, as a path of names
    came: Attendance | None
    sample: Sample | None
    rechecks: tuple[Recheck, ...]


def merge(outboxes: Sequence[Path], outbox: Path, policy: Policy, *, report: bool = False, common: bool = False) -> Run:
    """Merge finished runs into one outbox: summary, records, a database that can be merged again, the Word analysis.

    Every workbook's path begins with the name of its district. UsageError for runs of different years or policies,
    for what is no outbox, and for a workbook that two of them hold; OutputError when a file cannot be written.
    """
    _check_folders(outboxes, outbox)
    _check_layouts(outboxes, common=common)
    runs = [_load(path) for path in outboxes]
    _check_same(runs, policy)
    _check_apart(runs)
    names = _names(runs)
    made_from = dict(sorted(zip(names, [out.origin_of(path) for path in outboxes], strict=True)))
    parts = [_part(name, runs.pop(0)) for name in names]  # a run's own tables are let go, one after the other
    with filling(outbox) as stage:
        return _write(stage, sorted(parts, key=lambda part: part.name), made_from, policy, report)


def _load(path: Path) -> Earlier:
    """A run with every text held once: a province would not fit into memory otherwise."""
    check_whole(path)
    run = load(path, large=False)
    return replace(run, district=shared(run.district))


# ---------------------------------------------------------------- what may be merged


def _check_folders(outboxes: Sequence[Path], outbox: Path) -> None:
    if not outboxes:
        raise UsageError("没有给出要合并的结果文件夹。")
    places = [path.resolve() for path in outboxes]
    twice = [str(path) for path, count in Counter(places).items() if count > 1]
    if twice:
        raise UsageError(f"结果文件夹 {twice[0]} 写了两次，请去掉一个。")
    if outbox.resolve() in places:
        raise UsageError(f"存放合并结果的文件夹 {outbox} 是要合并的一个，请另指定一个。")
    if outbox.exists() and not outbox.is_dir():
        raise out.OutputError(f"{outbox} 是文件，不是文件夹；请另指定存放结果的文件夹。")


def _check_layouts(outboxes: Sequence[Path], *, common: bool) -> None:
    """All runs must have been read by the template in force, or, in common, by the standard one or more."""
    names = {path: template_of(path).layout for path in outboxes}
    other = {path: name for path, name in names.items() if name != layout.NAME}
    if not other or (common and not layout.NAME):
        return
    words = "，".join(f"{path} 用的是{f'“{name}”' if name else '标准表样'}" for path, name in names.items())
    if common:
        raise UsageError(f"只合并共有的栏目时，按标准表样合并，请去掉 --layout（{words}）。")
    remedy = "请用 --layout 给出各批所用的表样，或加 --common 只合并共有的栏目"
    raise UsageError(f"用不同表样得出的结果不能合并：{words}；{remedy}。")


def left_out(outboxes: Sequence[Path]) -> str:
    """What of the outboxes' own templates a merge in common leaves out, in words; '' where nothing is."""
    own = {path: template_of(path) for path in outboxes}
    told = [f"{path}（“{each.layout}”）的 {'、'.join(each.own)}" for path, each in own.items() if each.own]
    return f"只合并了共有的栏目，没有合并：{'；'.join(told)}。" if told and not layout.NAME else ""


def _check_same(runs: Sequence[Earlier], policy: Policy) -> None:
    years = {run.record.year: run.path for run in runs if run.record.year}
    if len(years) > 1:
        words = "，".join(f"{path} 是 {year} 年度" for year, path in sorted(years.items()))
        raise UsageError(f"不同年度的结果不能合并：{words}。")
    policies = {_policy_of(run).sha256: run for run in runs}
    if len(policies) > 1:
        words = "，".join(f"{run.path} 用的是“{_policy_of(run).name}”" for run in policies.values())
        raise UsageError(f"用不同规则文件得出的结果不能合并：{words}；请用同一规则文件重新运行。")
    if policy.sha256 not in policies:
        known = _policy_of(runs[0])
        raise UsageError(f"各批{made_with_another(known.name, known.sha256, policy)}")


def _check_apart(runs: Sequence[Earlier]) -> None:
    """No workbook and no department of a region may stand in two runs: it would count twice."""
    sent: dict[str, tuple[Path, str]] = {}
    for run in runs:
        books = run.district.workbooks[run.district.workbooks["readable"]]
        own = {sha256: book for book, sha256 in zip(books["workbook"], books["sha256"], strict=True) if sha256}
        for sha256, book in own.items():
            if sha256 in sent:
                other, known = sent[sha256]
                raise UsageError(
                    f"{run.path} 中的“{book}”与 {other} 中的“{known}”是同一文件，合并会重复计算，请去掉重复的。"
                )
        sent |= {sha256: (run.path, book) for sha256, book in own.items()}
    _check_departments(runs)


def _check_departments(runs: Sequence[Earlier]) -> None:
    reported: dict[tuple[str, str], Path] = {}
    for run in runs:
        general = run.district.general
        here = zip(*(general[name] for name in ("region", "department_key", "department")), strict=True)
        own_names = {(fold(region), key): department for region, key, department in here if fold(region) and key}
        for whose, department in own_names.items():
            if whose in reported:
                raise UsageError(
                    f"“{department}”在 {run.path} 和 {reported[whose]} 中都有，合并会重复计算，请只留一处。"
                )
        reported |= dict.fromkeys(own_names, run.path)


def _policy_of(run: Earlier) -> PolicyName:
    policy = run.record.policy
    if policy is None:
        raise UsageError(f"{run.path} 没有记录所用的规则文件，请重新运行那一批后再合并。")
    return policy


# ---------------------------------------------------------------- names


def _names(runs: Sequence[Earlier]) -> list[str]:
    """A name for each run that no other has: its region, its folder's name where the region does not tell, a number."""
    folders = [_plain(run.path.resolve().name if run.path.is_dir() else run.path.resolve().parent.name) for run in runs]
    names = [_region(run) or folder for run, folder in zip(runs, folders, strict=True)]
    shared = {name for name, count in Counter(names).items() if count > 1}
    names = [f"{name}（{folder}）" if name in shared else name for name, folder in zip(names, folders, strict=True)]
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name}（{seen[name]}）" if seen[name] > 1 else name)
    return unique


def _region(run: Earlier) -> str:
    """The region that a district's workbooks state, most of them; '' for a run that was itself merged."""
    if run.record.districts:
        return ""
    stated = Counter(region for region in run.district.workbooks["region"] if region)
    return _plain(max(sorted(stated), key=lambda region: stated[region])) if stated else ""


def _plain(name: str) -> str:
    """A name as one part of a path."""
    return out.safe_name(name)[:_MOST]


# ---------------------------------------------------------------- one run as a part of the whole


def _part(name: str, run: Earlier) -> _Part:
    d = run.district
    paths = {workbook: f"{name}/{workbook}" for workbook in d.workbooks["workbook"]}
    tables = {key: table.assign(workbook=table["workbook"].map(paths)) for key, table in d.tables.items()}
    places = {(paths[workbook], sheet): place for (workbook, sheet), place in d.places.items()}
    moved = of_tables(tables, places)
    grades = run.grades.assign(workbook=run.grades["workbook"].map(paths).astype(object))
    below = levels_of(run)
    levels = {path: f"{name}/{below[book]}" if below.get(book) else name for book, path in paths.items()}
    came = run.record.attendance.below(name) if run.record.attendance else None
    outcome = Outcome(
        moved,
        [_finding(each, name, paths) for each in run.findings],
        Grades(grades),  # the lines stay where they are
        run.coverage,
        parts=Parts((part_of(run.path, list(paths), f"{name}/"),)),
    )
    sample = run.record.sample.below(name) if run.record.sample else None
    rechecks = tuple(each.below(name) for each in run.record.rechecks)
    return _Part(name, outcome, levels, came, sample, rechecks)


def levels_of(run: Earlier) -> dict[str, str]:
    """The district of every workbook of a run that was itself merged: the path of names that its path begins with."""
    known = {each.name for each in run.record.districts}
    found = {}
    for workbook in run.district.workbooks["workbook"] if known else ():
        parts = workbook.split("/")
        found[workbook] = next((path for end in range(1, len(parts)) if (path := "/".join(parts[:end])) in known), "")
    return found


def _finding(finding: Finding, name: str, paths: Mapping[str, str]) -> Finding:
    """A finding below the name of its district; one that is about the whole district says of which."""
    if finding.workbook:
        return replace(finding, workbook=paths.get(finding.workbook, f"{name}/{finding.workbook}"))
    return replace(finding, message=f"{name}：{finding.message}")


# ---------------------------------------------------------------- the whole


def _write(stage: Path, parts: Sequence[_Part], made_from: Mapping[str, str], policy: Policy, report: bool) -> Run:
    from evalxl.outputs import records
    from evalxl.outputs.summary import Tally

    bureau = Bureau(rechecks=to_table(each for part in parts for each in part.rechecks))
    outcome = _join([part.outcome for part in parts], bureau)
    levels = {workbook: level for part in parts for workbook, level in part.levels.items()}
    known = [part.came for part in parts if part.came is not None]
    came = roll.joined(known, [part.name for part in parts if part.came is None])
    drawn = samples.joined({part.name: part.sample for part in parts if part.sample is not None})
    files = names_of_whole(report=report, merged=True)
    record = records.run_record(outcome.district, outcome.findings, policy, outcome.exit_code, files)
    counts = Counter(levels.values())
    record["made_from"] = {"districts": dict(made_from)}
    record["districts"] = [{"name": name, "workbooks": counts[name]} for name in sorted(counts)]
    d, findings, grades = outcome.district, outcome.findings, outcome.grades
    tally = Tally(d, findings, grades, policy, levels=levels, came=came, parts=outcome.parts, earlier=drawn)
    write_district(stage, tally, outcome, lambda: Ended(outcome, record), report=report)
    return Run(outcome, files)


def _join(outcomes: Sequence[Outcome], bureau: Bureau) -> Outcome:
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    return Outcome(
        replace(concat(outcome.district for outcome in outcomes), bureau=bureau),
        in_reading_order(findings),
        grading.merge([outcome.grades for outcome in outcomes]),
        joined_coverage(each for outcome in outcomes for each in outcome.coverage),
        parts=Parts([part for outcome in outcomes for part in outcome.parts.parts]),
    )
