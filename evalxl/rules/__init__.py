"""The rulebook: every rule, by id. Importing a module enters its rules."""

from evalxl.rules import amounts, budget, files, grades, narrative, projects, reviewers, scores, units
from evalxl.rules.rule import RULES, Rule, Scope, Verdict

__all__ = [
    "RULES",
    "Rule",
    "Scope",
    "Verdict",
    "amounts",
    "budget",
    "files",
    "grades",
    "narrative",
    "projects",
    "reviewers",
    "scores",
    "units",
]
