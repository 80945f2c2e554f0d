"""Rules about the narrative (N)."""

from evalxl.rules.n_narrative import copies, sections

__all__ = ["copies", "sections"]
