"""Rules about projects and their execution (P)."""

from evalxl.rules.p_projects import entries, names, texts

__all__ = ["entries", "names", "texts"]
