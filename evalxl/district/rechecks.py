"""The bureau's rechecks as run.json holds them: whoever merges a run or audits it needs them too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from evalxl.district.tables import RECHECK_COLUMNS, frame, rows_of
from evalxl.values.quantities import NAN, given


class Recheck(NamedTuple):
    """What the bureau found of one project; ``level`` is its 区县 in a merged run."""

    row: float  # of the list that was handed in
    department_key: str
    unit_key: str
    key: str
    name: str
    score: float | None
    grade: str
    remark: str
    reviewer: str
    date: str
    level: str = ""

    def below(self, name: str) -> Recheck:
        """The same as a part of a merged run, under a name."""
        return self._replace(level=f"{name}/{self.level}" if self.level else name)


def to_records(rechecks: pd.DataFrame) -> list[Recheck]:
    """The table of rechecks as the record of a run keeps it."""
    return [Recheck(**row | {"score": row["score"] if given(row["score"]) else None}) for row in rows_of(rechecks)]


def to_table(rechecks: Iterable[Recheck]) -> pd.DataFrame:
    """The same as the table that a district holds."""
    rows = [tuple(each._replace(score=NAN if each.score is None else each.score)) for each in rechecks]
    return frame(RECHECK_COLUMNS, rows, {"row", "score"})
