"""The rule about names of other departments in names of projects (P17)."""

from __future__ import annotations

import re

import pandas as pd

from evalxl.district.tables import District, rows_where
from evalxl.facts.names import department_names, own_names
from evalxl.policy.policy import Policy
from evalxl.rules.rule import INFO, Scope, rule
from evalxl.values.folding import fold

_ORGAN = re.compile(
    r".{2,}(?:局|委|委员会|办|办公室|联合会|总工会|党校|部|法院|检察院|商联)|工商联|妇联|残联|侨联|文联|科协|团委|政协|人大"
)


@rule(
    "P17",
    INFO,
    "projects.name",
    message="项目名称中有另一部门“{other}”。",
    fix="请核对项目是否属于本部门；属于代列的，请说明。",
    scope=Scope.DISTRICT,
)
def projects_are_own(d: District, p: Policy) -> pd.DataFrame:
    """项目名称中不宜有本批或名册中另一个部门的名称。
    理由：可能是另一部门的项目误列在本部门，或者代列资金而没有说明。
    按去掉地名的名称对照（工商联、水利局），只对照局、委、办、部、联合会一类机关；与本部门、下属单位名称互相包含的不算。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（政协列有“工商联专项业务费”）。
    举例：鹿泉区政协的项目“工商联专项业务费”，而本批有鹿泉区工商联。
    处理：核对项目归属；确由本部门列支的，在备注中说明。
    局限：名称里没有部门名称的代列项目看不出来。
    """
    cores = {name.core: name for name in department_names(d).values() if _ORGAN.fullmatch(name.core)}
    if not cores:
        return d.projects.iloc[:0]
    pattern = re.compile("|".join(sorted(map(re.escape, cores), key=len, reverse=True)))
    own = own_names(d)
    others = []
    for workbook, name in zip(d.projects["workbook"], d.projects["name"], strict=True):
        match = pattern.search(fold(name))
        others.append(cores[match[0]].shown if match and not own[workbook].mentions(match[0]) else "")
    return rows_where(d.projects, map(bool, others)).assign(other=[other for other in others if other])
