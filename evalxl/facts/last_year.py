"""Which workbook of the last year is the same department's."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.district.directory import Directory, Listed, of_roster
from evalxl.district.tables import District, once_per_district
from evalxl.facts.submissions import superseded


@once_per_district
def last_year_of(d: District) -> dict[str, str]:
    """The workbook of last year's run that counted for each workbook's department, however it was named then."""
    if d.bureau.last_year is None:
        return {}
    return dict(_match(d, d.bureau.last_year))


def _match(d: District, last_year: District) -> Iterator[tuple[str, str]]:
    general = last_year.general[~last_year.general["workbook"].isin(superseded(last_year))]
    books = general["workbook"].tolist()
    before = Directory(
        [Listed(key, (), code) for key, code in zip(general["department_key"], general["code"], strict=True)]
    )
    listed = of_roster(d.bureau.roster)
    roster = Directory(listed)
    for workbook, key, code in zip(*(d.general[name] for name in ("workbook", "department_key", "code")), strict=True):
        entry = roster.find([key], code) if key else None
        names = [key, *([listed[entry].key, *listed[entry].others] if entry is not None else [])]
        found = before.find(names, code) if key else None
        if found is not None:
            yield workbook, books[found]


def last_amounts(d: District) -> dict[tuple[str, str], float]:
    """Last year's final amounts by this year's workbook and budget line."""
    if d.bureau.last_year is None:
        return {}
    budget = d.bureau.last_year.budget
    by_book: dict[str, dict[str, float]] = {}
    for book, key, final in zip(budget["workbook"], budget["key"], budget["final"], strict=True):
        by_book.setdefault(book, {})[key] = final
    return {
        (workbook, key): final
        for workbook, before in last_year_of(d).items()
        for key, final in by_book.get(before, {}).items()
    }
