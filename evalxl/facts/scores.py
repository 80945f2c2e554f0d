"""Everything that has a score: the projects, and the department as a whole."""

from __future__ import annotations

from evalxl.district.tables import District, Row, once_per_district


@once_per_district
def scored(d: District) -> list[Row]:
    """Whatever has a score and a grade: every project, and each department as a whole."""
    projects = [{**row, "sheet": "projects"} for row in d.rows("projects")]
    return [*projects, *({**row, "sheet": "general", "key": "", "name": ""} for row in d.rows("general"))]
