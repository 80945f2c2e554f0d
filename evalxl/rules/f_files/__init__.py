"""Rules about files and cells (F)."""

from evalxl.rules.f_files import cells, placeholders, workbooks

__all__ = ["cells", "placeholders", "workbooks"]
