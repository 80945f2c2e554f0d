"""The blank workbook that a department fills in, and the blank roster."""

from evalxl.template.workbook import build

__all__ = ["build"]
