"""The rulebook: every rule, by id. The letter of an id names the module or package it stands in; importing enters it."""

from evalxl.district.findings import Verdict
from evalxl.rules import (
    b_budget,
    d_district,
    f_files,
    g_grades,
    i_indicators,
    n_narrative,
    p_projects,
    r_reviewers,
    s_scores,
    u_units,
    x_years,
)
from evalxl.rules.rule import FAMILIES, RULES, Rule, Scope

_ENTERED = sorted(RULES.values(), key=lambda rule: (list(FAMILIES).index(rule.id[0]), rule.id))
RULES.clear()
RULES.update({rule.id: rule for rule in _ENTERED})  # in the order people look them up

__all__ = [
    "FAMILIES",
    "RULES",
    "Rule",
    "Scope",
    "Verdict",
    "b_budget",
    "d_district",
    "f_files",
    "g_grades",
    "i_indicators",
    "n_narrative",
    "p_projects",
    "r_reviewers",
    "s_scores",
    "u_units",
    "x_years",
]
