"""Several people's workbooks checked at once and judged apart: the rules cost four times as much for one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from evalxl.library.policy import PolicySource, in_force
from evalxl.library.result import Result
from evalxl.library.sources import files_of

if TYPE_CHECKING:
    from evalxl.district.findings import Finding
    from evalxl.district.tables import District
    from evalxl.run.chunk import Judged


def check_apart(uploads: Sequence[Mapping[str, bytes]], *, policy: PolicySource = None) -> list[Result]:
    """Each upload checked as a district of its own, as ``check`` does; only the coverage is not counted by upload."""
    from evalxl.run.chunk import Chunk, read_and_check
    from evalxl.run.district import judged
    from evalxl.run.settings import Settings

    settings = Settings(in_force(policy))
    flat = {f"{number}/{name}": data for number, own in enumerate(uploads) for name, data in own.items()}
    with files_of(flat) as files:
        whole = read_and_check(Chunk(files, settings.policy))
    results = []
    for number, own in enumerate(uploads):
        part = _part(whole, {f"{number}/{name}": name for name in own})
        results.append(Result(judged([part], settings), settings.policy))
    return results


def _part(whole: Judged, names: Mapping[str, str]) -> Judged:
    """What is of some workbooks, under their own names."""
    from evalxl.facts.grade import Grades

    grades = [table[table["workbook"].isin(names)] for table in (whole.grades.departments, whole.grades.lines)]
    return replace(
        whole,
        district=_renamed(whole.district, names),
        findings=[_under_own_name(each, names) for each in whole.findings if each.workbook in names],
        grades=Grades(*(table.assign(workbook=table["workbook"].map(names).astype(object)) for table in grades)),
        coverage=[],
        digests={},
    )


def _under_own_name(finding: Finding, names: Mapping[str, str]) -> Finding:
    """The same, also where its words name the workbook, as they do of one that was not read."""
    known, name = finding.workbook, names[finding.workbook]
    words = {each: getattr(finding, each).replace(known, name) for each in ("message", "fix")}
    return replace(finding, workbook=name, **words)


def _renamed(d: District, names: Mapping[str, str]) -> District:
    from evalxl.district.tables import of_tables

    tables = {}
    for key, table in d.tables.items():
        own = table[table["workbook"].isin(names)].reset_index(drop=True)
        tables[key] = own.assign(workbook=own["workbook"].map(names).astype(object))
    places = {(names[book], sheet): place for (book, sheet), place in d.places.items() if book in names}
    return replace(of_tables(tables, places), bureau=d.bureau)
