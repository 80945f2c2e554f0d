"""Rules about income and expenditure (B)."""

from evalxl.rules.b_budget import amounts, claims, magnitudes, sums

__all__ = ["amounts", "claims", "magnitudes", "sums"]
