"""A district's summary, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from departments import POLICY, Checked, Entries, department, make, put, sheet

from evalxl.district.tables import RECHECK_COLUMNS, ROSTER_COLUMNS, Bureau, District, frame
from evalxl.facts.grade import grade
from evalxl.intake import read
from evalxl.layout import BUDGET, GENERAL, INDICATORS
from evalxl.outputs.summary import About, Links, Tally, write_summary
from evalxl.rules.engine import check

HALF_FEN = 5e-7


def district_of(folder: Path, departments: Mapping[str, Entries], broken: Iterable[str] = ()) -> District:
    files = []
    for name, entries in departments.items():
        make(folder / name, entries)
        files.append((name, folder / name))
    for name in broken:
        (folder / name).write_bytes(b"no workbook")
        files.append((name, folder / name))
    return read.read(sorted(files), POLICY)


def checked_of(d: District) -> Checked:
    """A district held against the rules of workbooks alone, so that no department's findings depend on another's."""
    done = check(d, POLICY)
    return Checked(d, done.findings, grade(d, POLICY), done.coverage)


def write(
    path: Path, checked: Checked, links: Links | None = None, about: About | None = None, levels: Mapping[str, str] = {}
) -> Path:
    tally = Tally(checked.d, checked.findings, checked.grades, POLICY, levels)
    write_summary(path, tally, checked.coverage, lambda: (about or About())._replace(links=links or Links()))
    return path


def rows_of(path: Path, title: str) -> list[dict[str, Any]]:
    """A table's rows as records, without its numbering and its line of totals."""
    rows = sheet(path, title)
    found = []
    for row in rows[3:]:
        if not isinstance(row[0], float):
            break
        found.append({header: value for header, value in zip(rows[2], row, strict=True) if header not in ("", "序号")})
    return found


def with_indicator(entries: Entries, points: float) -> Entries:
    values = {"project": "项目5", "level1": "产出指标", "level2": "数量指标", "level3": "培训人次", "direction": "正向(≥)",
              "target": "100", "measure_unit": "人", "achieved": "90", "weight": 100, "points": points}  # fmt: skip
    for key, value in values.items():
        put(entries, INDICATORS, key, value, 5)
    return entries


def dated(entries: Entries, date: str) -> Entries:
    put(entries, GENERAL, "date", date)
    return entries


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """Four departments, one of which sent two workbooks, and a file that cannot be read."""
    departments = {
        "a.xlsx": with_indicator(department("鹿泉区政协"), 90),
        "b.xlsx": department("鹿泉区教育局", 2000.005, (10.5, 20.25, 0.000001)),
        "c旧.xlsx": dated(department("鹿泉区民政局", 99), "2024-03-01"),
        "c新.xlsx": dated(with_indicator(department("鹿泉区民政局", 0.1, (0.2, 0.123456), 70), 88), "2024-03-20"),
        "d.xlsx": department("鹿泉区水利局", 1, (), 86),
    }
    return checked_of(at_one_time(district_of(tmp_path_factory.mktemp("several"), departments, ["坏.xlsx"])))


def at_one_time(d: District) -> District:
    """The workbooks as if all had been saved at one moment, so that the date of the report decides."""
    return replace(d, workbooks=d.workbooks.assign(saved="2024-03-21T00:00:00Z"))


def budget_rows(path: Path) -> list[dict[str, Any]]:
    rows = sheet(path, "收支汇总")
    return [dict(zip(rows[2], row, strict=True)) for row in rows[3 : 3 + len(BUDGET.lines)]]


def roster_of(*names: tuple[str, str, str]) -> Bureau:
    """A roster of names with former names and whom to ask."""
    rows = [
        (number, "", name, name, aliases, contact, "", "") for number, (name, aliases, contact) in enumerate(names, 2)
    ]
    return Bureau(roster=frame(ROSTER_COLUMNS, [(float(row[0]), *row[1:]) for row in rows], {"row"}))


def rechecks_of(*rows: tuple[object, ...]) -> Bureau:
    """What a bureau hands in that has rechecked projects: rows of RECHECK_COLUMNS, without reviewers and dates."""
    return Bureau(rechecks=frame(RECHECK_COLUMNS, [(*row, "", "", "") for row in rows], {"row", "score"}))
