"""Rules about performance indicators (I)."""

from evalxl.rules.i_indicators import entries, groups, results

__all__ = ["entries", "groups", "results"]
