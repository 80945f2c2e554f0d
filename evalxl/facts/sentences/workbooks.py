"""What the texts of a district state, read once for all rules, with the tables' rows that the words name."""

from __future__ import annotations

from collections import Counter

from evalxl.district.tables import District, once_per_district
from evalxl.facts.passages import Passage, passages, plain
from evalxl.facts.sentences.contexts import Names
from evalxl.facts.sentences.figures import Statement
from evalxl.facts.sentences.statements import read
from evalxl.values.quantities import given


@once_per_district
def names_of_texts(d: District) -> dict[str, Names]:
    """What the texts of each workbook may call by name; a project's or unit's place is that among the table's rows."""
    found = {}
    for workbook, department, year in zip(
        *(d.workbooks[key] for key in ("workbook", "department", "year")), strict=True
    ):
        projects = [row["name"] for row in d.by_workbook("projects").get(workbook, [])]
        often = Counter(map(plain, projects))
        units = [row["name"] for row in d.by_workbook("units").get(workbook, [])]
        found[workbook] = Names(
            year=int(year) if given(year) else 0,
            own=(plain(department),) if department else (),
            projects=tuple(plain(name) if often[plain(name)] == 1 else "" for name in projects),
            units=tuple("" if is_own(name, department) else plain(name) for name in units),
        )
    return found


def is_own(unit: str, department: str) -> bool:
    """Whether a unit is the department itself: 示范区文化局（本级）."""
    name = plain(unit)
    for mark in ("（本级）", "(本级)", "本级", "机关"):
        name = name.removesuffix(mark)
    return name == plain(department)


@once_per_district
def stated(d: District) -> list[tuple[Passage, list[Statement]]]:
    """The passages of all sheets with what each states; blank where it states nothing."""
    found = []
    names = names_of_texts(d)
    places = {
        (workbook, row["row"]): at
        for workbook, rows in d.by_workbook("projects").items()
        for at, row in enumerate(rows)
    }
    for each in passages(d, "narrative projects budget"):
        known = names.get(each.workbook, Names())
        if each.sheet == "projects":
            known = known._replace(project=places.get((each.workbook, each.row)))
        elif each.sheet == "budget":
            known = known._replace(lines=(each.key,) if each.key else ())
        found.append((each, read(each.text, known)))
    return found
