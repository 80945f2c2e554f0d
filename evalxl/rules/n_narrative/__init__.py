"""Rules about the narrative (N)."""

from evalxl.rules.n_narrative import copies, problems, sections

__all__ = ["copies", "problems", "sections"]
