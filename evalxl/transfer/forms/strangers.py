"""What lies in a department's folder and is not of it: last year's form, the form of another department."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from evalxl.layout import GENERAL, template_address
from evalxl.transfer.forms.form import Reading, Said, Untaken
from evalxl.transfer.forms.ledger import REPORT
from evalxl.transfer.report.draft import Imported
from evalxl.values.folding import name_key

_MAJORITY = 2  # so many times as many sources say otherwise: fewer, and it cannot be told which is the stranger
_YEAR, _DEPARTMENT = (template_address(GENERAL, key) for key in ("year", "department"))

_Source = TypeVar("_Source", Reading, tuple[str, Imported])


@dataclass(frozen=True)
class Sender:
    """The year and the department that most sources are of; '' where that cannot be told."""

    year: str
    department: str


def sender(readings: list[Reading], reports: list[tuple[str, Imported]]) -> Sender:
    """Whose sources these are, by what most of them say."""
    heads = [*map(_of_reading, readings), *map(_of_report, reports)]
    return Sender(_most([year for year, _ in heads]), _most([department for _, department in heads]))


def _most(said: list[str]) -> str:
    counts = Counter(filter(None, map(name_key, said)))
    if not counts:
        return ""
    first, count = counts.most_common(1)[0]
    others = sum(number for each, number in counts.items() if not _is_within(each, first))
    return next(each for each in said if name_key(each) == first) if count >= _MAJORITY * max(others, 1) else ""


def departments(readings: list[Reading], reports: list[tuple[str, Imported]]) -> list[str]:
    """The departments that the sources name, each once as it is written first."""
    found: list[str] = []
    for _, name in [*map(_of_reading, readings), *map(_of_report, reports)]:
        if name and not any(_is_within(name_key(name), name_key(other)) for other in found):
            found.append(name)
    return found


def _is_within(one: str, other: str) -> bool:
    """Whether two names may be of one department: 水务局, 示范市水务局, 示范市水务局机关."""
    return one in other or other in one


def _of_reading(reading: Reading) -> tuple[str, str]:
    year, department = (reading.said.get(f"general.{key}") for key in ("year", "department"))
    return f"{year.value:.0f}" if year and isinstance(year.value, float | int) else "", _text(department)


def _text(said: Said | None) -> str:
    return str(said.value) if said else ""


def _of_report(report: tuple[str, Imported]) -> tuple[str, str]:
    entries = report[1].entries
    return str(entries.get(_YEAR, "")), str(entries.get(_DEPARTMENT, ""))


def own_readings(readings: list[Reading], own: Sender, untaken: list[Untaken]) -> list[Reading]:
    """The forms that are of the department and its year; the others are named whole."""
    return _own(readings, _of_reading, own, untaken, lambda each: (each.page.file, each.page.title, each.form.title))


def own_reports(reports: list[tuple[str, Imported]], own: Sender, untaken: list[Untaken]) -> list[tuple[str, Imported]]:
    """The reports that are of the department and its year; the others are named whole."""
    return _own(reports, _of_report, own, untaken, lambda each: (each[0], REPORT, "整份报告"))


def _own(
    sources: list[_Source],
    head: Callable[[_Source], tuple[str, str]],
    own: Sender,
    untaken: list[Untaken],
    place: Callable[[_Source], tuple[str, str, str]],
) -> list[_Source]:
    found: list[_Source] = []
    for source in sources:
        year, department = head(source)
        why = ""
        if year and own.year and year != own.year:
            why, raw = f"是 {year} 年度的，其余的是 {own.year} 年度的，整份没有导入", year
        elif department and own.department and not _is_within(name_key(department), name_key(own.department)):
            why, raw = f"是“{department}”的，其余的是“{own.department}”的，整份没有导入", department
        if why:
            file, page, label = place(source)
            untaken.append(Untaken(file, page, "", label, raw, why))
        else:
            found.append(source)
    return found
