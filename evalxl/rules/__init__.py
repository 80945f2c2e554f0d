"""The rulebook: every rule, by id. Importing a module enters its rules."""

from evalxl.district.findings import Verdict
from evalxl.rules import (
    amounts,
    budget,
    cells,
    claims,
    copies,
    district,
    files,
    grades,
    indicator_groups,
    indicator_values,
    indicators,
    magnitudes,
    narrative,
    placeholders,
    projects,
    reviewers,
    roster,
    scores,
    statements,
    units,
    years,
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
    "amounts",
    "budget",
    "cells",
    "claims",
    "copies",
    "district",
    "files",
    "grades",
    "indicator_groups",
    "indicator_values",
    "indicators",
    "magnitudes",
    "narrative",
    "placeholders",
    "projects",
    "reviewers",
    "roster",
    "scores",
    "statements",
    "units",
    "years",
]
