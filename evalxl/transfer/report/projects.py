"""Amounts of single projects that a report states in prose: project, column, year and unit all plain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from evalxl.facts.sentences.figures import About, Statement
from evalxl.facts.sentences.wordings import FINAL, INITIAL, REVISED
from evalxl.layout import PROJECTS
from evalxl.transfer.report.amounts import Sentences
from evalxl.transfer.report.tables import Record

_COLUMNS: dict[tuple[str, ...], str] = {(INITIAL,): "initial", (REVISED,): "revised", (FINAL,): "executed"}
_SLACK = 5_000.0  # fen: half of 0.01 万元


class Spoken(NamedTuple):
    """What prose states of the rows of projects: fen and sentence by row and field, and each sentence's amounts."""

    amounts: Mapping[tuple[int, str], tuple[float, str]]
    shown: Mapping[str, Sequence[str]]


def spoken_of(sentences: Sentences, records: Sequence[Record]) -> Spoken:
    """The amounts on which all sentences and the table agree; where they do not, none is taken."""
    projects = [record for record in records if record.sheet is PROJECTS]
    counts = Counter(str(record.values.get("name", "")) for record in projects)
    said: dict[tuple[int, str], list[tuple[str, Statement]]] = {}
    for sentence, statements in sentences:
        for each in statements:
            column = _COLUMNS.get(each.stages, "")
            if each.about is not About.AMOUNT or each.project is None or each.project >= len(projects):
                continue
            named_once = counts[str(projects[each.project].values.get("name", ""))] == 1
            if column and named_once and each.ours and each.year and each.unit is None and not each.lines:
                said.setdefault((each.project, column), []).append((sentence.strip(), each))
    amounts: dict[tuple[int, str], tuple[float, str]] = {}
    shown: dict[str, list[str]] = {}
    for (number, column), found in said.items():
        fen = [each.number.size for _, each in found]
        printed = projects[number].values.get(column)
        fen += [printed] if isinstance(printed, float) else []
        if max(fen) - min(fen) > _SLACK:
            continue
        amounts[number, column] = (fen[0], found[0][0])
        for sentence, each in found:
            shown.setdefault(sentence, []).append(each.number.shown)
    return Spoken(amounts, shown)
