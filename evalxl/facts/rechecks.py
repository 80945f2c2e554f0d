"""What the bureau's own rechecks have shown beside the scores that the departments gave themselves."""

from __future__ import annotations

import pandas as pd

from evalxl.district.directory import Directory, of_roster
from evalxl.district.tables import District, Row, rows_of
from evalxl.facts.submissions import superseded
from evalxl.policy.policy import Policy
from evalxl.values.folding import short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import show


def as_filed(d: District) -> pd.DataFrame:
    """The rechecks with every department under the name that it filed under, where the roster knows both names."""
    rechecks = d.bureau.rechecks
    if rechecks.empty or d.bureau.roster.empty:
        return rechecks
    roster = Directory(of_roster(d.bureau.roster))
    # Of a name in a workbook that does not count nothing comes.
    counted = d.general[~d.general["workbook"].isin(superseded(d))]
    filed = set(counted["department_key"])
    by_entry: dict[int | None, str] = {
        entry: key
        for key, code in zip(counted["department_key"], counted["code"], strict=True)
        if key and (entry := roster.find([key], code)) is not None
    }
    given = rechecks["department_key"].tolist()
    keys = [key if key in filed else by_entry.get(roster.find([key]), key) for key in given]
    return rechecks.assign(department_key=pd.Series(keys, rechecks.index, object))


def rechecked_projects(d: District) -> list[tuple[Row, Row]]:
    """The projects for which a recheck has come back, each with the recheck."""
    departments = dict(zip(d.general["workbook"], d.general["department_key"], strict=True))
    wanted: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows_of(d.bureau.rechecks):
        wanted.setdefault((row["department_key"], row["key"], row["unit_key"]), []).insert(0, row)  # the last one holds
    found: list[tuple[Row, Row]] = []
    for row in rows_of(d.projects) if wanted else ():
        department = departments.get(row["workbook"], "")
        asked = [
            *wanted.get((department, row["key"], row["unit_key"]), ()),
            *wanted.get((department, row["key"], ""), ()),
        ]
        own = [each for each in asked if not each["level"] or row["workbook"].startswith(f"{each['level']}/")]
        if own:
            found.append((row, own[0]))
    return found


def unmatched(d: District) -> int:
    """How many of the projects rechecked are none of this run's; one recheck may be that of several projects."""
    matched = {_project(checked) for _, checked in rechecked_projects(d)}
    return len({_project(each) for each in rows_of(d.bureau.rechecks)} - matched)


def _project(recheck: Row) -> tuple[str, ...]:
    return recheck["level"], recheck["department_key"], recheck["key"], recheck["unit_key"]


_QUOTED = 200  # characters of the bureau's own words that a department is told


def recheck_gaps(d: District, p: Policy) -> list[Row]:
    """The projects whose recheck does not agree: score or grade differ, or the recheck contradicts itself."""
    records: list[Row] = []
    for row, checked in rechecked_projects(d):
        typed, earned = p.standard("grade", checked["grade"]), p.grade(checked["score"])
        own, other = p.grade(row["score"]) or row["grade_standard"], typed or earned
        torn = bool(typed and earned and typed != earned)
        doubt = (
            f"复核得分 {checked['score']:.2f} 应为“{earned}”，复核等级填的是“{typed}”，请财政部门核对" if torn else ""
        )
        gap = row["score"] - checked["score"]
        if abs(round(gap, 6)) > p.value("recheck_gap"):
            found = f"相差 {abs(gap):.2f} 分，超过 {p.value('recheck_gap'):g} 分"
        elif own and other and own != other:
            found = f"等级由“{own}”变为“{other}”"
        elif doubt:
            found = ""
        else:
            continue
        declared = f"{show(Kind.SCORE, row['score'])}（{own or '无等级'}）"
        rechecked = f"{show(Kind.SCORE, checked['score'])}（{other or '无等级'}）"
        found = "；".join(filter(None, (found, doubt)))
        remark = short(checked["remark"], _QUOTED)
        remedy = f"复核说明为“{remark}”，请对照核实得分依据" if remark else "请核实得分依据"
        records.append({**row, "found": found, "declared": declared, "rechecked": rechecked, "remedy": remedy})
    return records
