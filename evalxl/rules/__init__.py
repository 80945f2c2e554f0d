"""The rulebook: every rule, by id. Importing a module enters its rules."""

from evalxl.rules import budget, files, grades, narrative, projects, reviewers, scores, units
from evalxl.rules.rule import RULES, Rule, Scope, Verdict

__all__ = [
    "RULES",
    "Rule",
    "Scope",
    "Verdict",
    "budget",
    "files",
    "grades",
    "narrative",
    "projects",
    "reviewers",
    "scores",
    "units",
]
