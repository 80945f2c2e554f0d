"""Rules about the narrative (N)."""

from evalxl.rules.n_narrative import amounts, copies, figures, repeats, sections

__all__ = ["amounts", "copies", "figures", "repeats", "sections"]
