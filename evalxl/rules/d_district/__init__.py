"""Rules about the district (D)."""

from evalxl.rules.d_district import district, roster

__all__ = ["district", "roster"]
