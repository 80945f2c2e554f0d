"""Rules about the narrative (N)."""

from evalxl.rules.n_narrative import amounts, copies, figures, problems, repeats, sections

__all__ = ["amounts", "copies", "figures", "problems", "repeats", "sections"]
