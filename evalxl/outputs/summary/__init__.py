"""The district summary: every workbook received, every project, what was found, and what it adds up to."""

from evalxl.outputs.summary.workbook import Beside, write_summary

__all__ = ["Beside", "write_summary"]
