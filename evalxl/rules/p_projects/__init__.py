"""Rules about projects and their execution (P)."""

from evalxl.rules.p_projects import entries, figures, names, texts

__all__ = ["entries", "figures", "names", "texts"]
