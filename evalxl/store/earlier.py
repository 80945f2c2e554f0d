"""The outbox of an earlier run, read back from its evalxl.sqlite: last year's, an earlier round's, or one to merge."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Coverage, Finding, Past
from evalxl.district.sample import Sample
from evalxl.district.tables import District, Place, lean, of_tables
from evalxl.policy.policy import Policy, made_with_another
from evalxl.store import record, schema
from evalxl.store.findings import of_row, text_of
from evalxl.store.opening import EVERY_ROW, Database, Where, among, opened
from evalxl.store.schema import Damaged
from evalxl.values.errors import UsageError


@dataclass(frozen=True)
class Earlier:
    """A finished run: what it was made with, its tables, findings, grades and coverage."""

    path: Path
    record: record.Record
    district: District
    findings: list[Finding]
    grades: pd.DataFrame
    coverage: list[Coverage]


def load(path: Path, *, large: bool = True) -> Earlier:
    """Read an outbox; without its ``large`` tables, of each of their rows only whose it is.

    UsageError when it is none, was made by another layout, or its database is damaged.
    """
    with opened(path) as database:
        d = read_district(database, large=large)
        findings = [of_row(row) for row in database.rows(schema.FINDINGS)]
        grades = database.frame(schema.GRADES)
        books = set(d.workbooks["workbook"])
        if not {each.workbook for each in findings} <= books | {""}:
            raise Damaged("findings")
        if not (set(grades["workbook"]) <= books and grades["workbook"].is_unique):
            raise Damaged("grades")
        coverage = [_coverage(row) for row in database.rows(schema.COVERAGE)]
        return Earlier(path, _record(database), d, findings, grades, coverage)


def load_district(path: Path, *, large: bool = True) -> District:
    """The tables of an outbox alone."""
    with opened(path) as database:
        return read_district(database, large=large)


def load_district_under(path: Path, policy: Policy) -> District:
    """The same, to say something of it under a policy: UsageError where the run was made with another."""
    with opened(path) as database:
        check_policy(path, _record(database), policy)
        return read_district(database)


def check_policy(path: Path, made: record.Record, policy: Policy) -> None:
    """UsageError where a run was made with another policy or template than those in force."""
    named = made.policy
    if named is not None and named.sha256 != policy.sha256:
        raise UsageError(f"{path} {made_with_another(named.name, named.sha256, policy)}")
    if made.template.sha256 not in ("", layout.SHA256):
        raise UsageError(f"{path} 是按另一表样得出的，请用 --layout 给出那次所用的表样。")


def read_district(database: Database, where: Where = EVERY_ROW, *, large: bool = True) -> District:
    """The tables of a database, the ``large`` ones with all of their columns; Damaged for rows of no workbook."""
    like = District() if large else lean(District())
    tables = {
        name: database.frame(schema.LONG[name], [str(each) for each in table.columns], where)
        for name, table in like.tables.items()
    }
    workbooks = tables["workbooks"]["workbook"]
    if not workbooks.is_unique:
        raise Damaged("workbooks")
    for name, table in tables.items():
        if not set(table["workbook"]) <= set(workbooks):
            raise Damaged(name)
    places = dict(_places(database, where))
    if not {workbook for workbook, _ in places} <= set(workbooks):
        raise Damaged("places")
    return of_tables(tables, places)


def _places(database: Database, where: Where) -> Iterator[tuple[tuple[str, str], Place]]:
    made: dict[tuple[str, str, str], Place] = {}  # most workbooks are made from one template
    for workbook, sheet, *place in database.rows(schema.PLACES, where=where):
        title, columns, rows = place
        key = (title, columns, rows)
        if key not in made:
            made[key] = Place(text_of(title, "title"), _numbers(columns), _numbers(rows))
        yield (text_of(workbook, "workbook"), text_of(sheet, "sheet")), made[key]


def _numbers(packed: str) -> dict[str, int]:
    """Where fields lie: rows or columns by field."""
    found = json.loads(packed)
    if not isinstance(found, dict) or not all(type(number) is int and number > 0 for number in found.values()):
        raise Damaged("places")
    return found


def _coverage(row: tuple[Any, ...]) -> Coverage:
    rule, _, *counts = row
    if not all(type(count) is int and count >= 0 for count in counts):
        raise Damaged("coverage")
    return Coverage(text_of(rule, "rule"), *counts)


def read_history(path: Path, departments: set[str], *, others: bool = False) -> dict[str, Past]:
    """The findings of an earlier round about some departments, or all ``others``, the corrected ones too, by their ids.

    What is open comes last and stands: two workbooks of one department may have differed in the earlier round.
    """
    names = [each.name for each in fields(Past)]
    with opened(path) as database:
        some = among("department_key", sorted(departments), others=others)
        rows = database.rows(schema.HISTORY, names, some).fetchall()
        found = [Past(**dict(zip(names, (*map(text_of, row, names[:-1]), row[-1] == 1), strict=True))) for row in rows]
    return {past.id: past for past in sorted(found, key=lambda past: (not past.fixed, past.workbook))}


def read_departments(path: Path) -> list[tuple[str, str, str]]:
    """Of every workbook of an earlier round that was read: its name, its department's key and code."""
    columns = ("workbook", "department_key", "code")
    with opened(path) as database:
        rows = database.rows(schema.LONG["general"], columns)
        return [(text_of(book, "workbook"), text_of(key, "key"), text_of(code, "code")) for book, key, code in rows]


def read_findings(path: Path, rule: str) -> list[Finding]:
    """What an earlier round found by one rule."""
    with opened(path) as database:
        return [of_row(row) for row in database.rows(schema.FINDINGS, where=among("rule", [rule]))]


def _record(database: Database) -> record.Record:
    return record.from_rows(database.rows(schema.RUN))


def template_of(path: Path) -> record.TemplateName:
    """The template by which an outbox's workbooks were read; UsageError when it is no outbox."""
    with opened(path) as database:
        return _record(database).template


def year_of(path: Path) -> int:
    """The year an outbox is about; UsageError when it is no outbox or states no year."""
    with opened(path) as database:
        year = _record(database).year
    if year is None:
        raise UsageError(f"{path} 没有记录评价年度，不能用来对照。")
    return year


def sample_of(paths: Iterable[Path], year: int | None) -> Sample | None:
    """What was drawn for rechecking in a year, by the first of some outboxes that is about it and holds a draw."""
    for path in paths:
        with contextlib.suppress(UsageError), opened(path) as database:
            known = _record(database)
            if known.sample is not None and known.year == year:
                return known.sample
    return None


def by_year(paths: Iterable[Path]) -> dict[int, Path]:
    """Some outboxes by the year each is about; UsageError when two are about one year."""
    found: dict[int, Path] = {}
    for path in paths:
        year = year_of(path)
        if year in found:
            words = f"{found[year]} 和 {path} 都是 {year} 年度的结果"
            raise UsageError(f"{words}，--previous 每个年度只能给一个，evalxl.toml 里写的也算。")
        found[year] = path
    return found


def last_year(paths: Iterable[Path], year: int | None) -> District | None:
    """Of some outboxes the tables of the one about the year before; None where there is none.

    UsageError for an outbox that is neither of this year nor of the last: it would be compared as if it were.
    """
    known = by_year(paths)
    for each, path in known.items():
        if year is not None and each not in (year, year - 1):
            raise UsageError(
                f"{path} 是 {each} 年度的结果，而本批是 {year} 年度；"
                "--previous 只能给同一年度上一次的或上一年度的结果夹。"
            )
    return load_district(known[year - 1], large=False) if year is not None and year - 1 in known else None
