"""Everything that has a score: the projects, and the department as a whole."""

from __future__ import annotations

import pandas as pd

from evalxl.district.tables import District, once_per_district

_SCORED = ["workbook", "row", "sheet", "key", "name", "score", "grade", "grade_standard"]


@once_per_district
def scored(d: District) -> pd.DataFrame:
    """Whatever has a score and a grade: every project, and each department as a whole."""
    projects = d.projects.assign(sheet="projects")
    general = d.general.assign(sheet="general", key="", name="")
    return pd.concat([projects[_SCORED], general[_SCORED]], ignore_index=True)
