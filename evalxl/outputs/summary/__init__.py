"""The district summary: every workbook received, every project, what was found, and what it adds up to."""

from evalxl.outputs.summary.about import About
from evalxl.outputs.summary.sheet import Links
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.summary.workbook import write_summary

__all__ = ["About", "Links", "Tally", "write_summary"]
