"""The sampling list: which projects of each department the bureau rechecks, drawn by lot and drawn again the same.

After the public practice of a 15 % random draw per department, at least one (domain.md section f).
"""

from __future__ import annotations

import hashlib
import math

import pandas as pd

from evalxl.district import District
from evalxl.policy import Policy


def draw(d: District, policy: Policy) -> pd.DataFrame:
    """The projects drawn, as rows of the projects table in its order.

    Each project gets a lot from the seed, its department, its unit and its name; the smallest lots of a department are
    drawn. So a draw depends neither on the order of files nor on what other departments report.
    """
    projects = d.projects[d.projects["key"] != ""]
    departments = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    names = zip(projects["workbook"], projects["unit_key"], projects["key"], projects["row"], strict=True)
    lots = [
        hashlib.sha256(f"{policy.sampling.seed}|{departments[book]}|{unit}|{key}|{row}".encode()).hexdigest()
        for book, unit, key, row in names
    ]
    ranked = projects.assign(lot=lots).sort_values(["workbook", "lot"])
    places = ranked.groupby("workbook").cumcount()
    counts = ranked.groupby("workbook")["lot"].transform("size")
    wanted = [max(policy.sampling.least, math.floor(policy.sampling.share * count + 0.5)) for count in counts]
    return ranked[places < pd.Series(wanted, index=ranked.index, dtype="int64")].sort_index().drop(columns="lot")
