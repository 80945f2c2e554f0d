"""Indicators whose project is named only in the first of their rows, without the cells being merged.

A blank name means the department as a whole. Where the weights of a named row and of the unnamed ones below it come to
100 together, and the named ones alone do not, the name was meant for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.district.tables import Place
from evalxl.intake.read.cells import Notebook
from evalxl.intake.read.records import Records
from evalxl.layout import INDICATORS

_WHOLE = 100.0
_CENT = 0.005


def continue_names(indicators: Records, place: Place, notebook: Notebook) -> None:
    """Give unnamed rows the name above them where the weights say so, for all of a sheet or for none (rule F04)."""
    names, rows = indicators.columns["project"], indicators.rows
    if "project" not in place.columns or all(names) or not any(names):
        return
    weights = [float(weight) for weight in indicators.columns["weight"]]
    runs = [run for run in _runs([str(name) for name in names]) if run[0] < run[1]]  # not those above all
    unnamed = [run for run in runs if run[1] < run[2]]
    if not unnamed or not all(_is_whole(weights, *run) for run in unnamed):
        return
    for first, named, end in unnamed:
        for number in range(named, end):
            names[number] = names[first]
    number = unnamed[0][1]
    count = sum(end - named for _, named, end in unnamed)
    notebook.add(
        "names_continued", INDICATORS, title=place.title, field="project", row=int(rows[number]),
        column=place.columns["project"], label=INDICATORS.by_key["project"].header, raw=str(names[number]),
        value=str(count),
    )  # fmt: skip


def _runs(names: list[str]) -> Iterator[tuple[int, int, int]]:
    """Stretches of rows under one name: the first, the first unnamed one, and the end."""
    first = 0
    while first < len(names):
        named = first
        while named < len(names) and names[named] == names[first] and names[first]:
            named += 1
        end = named
        while end < len(names) and not names[end]:
            end += 1
        yield first, named, end
        first = end


def _is_whole(weights: list[float], first: int, named: int, end: int) -> bool:
    alone, together = sum(weights[first:named]), sum(weights[first:end])
    return abs(together - _WHOLE) <= _CENT and abs(alone - _WHOLE) > _CENT
