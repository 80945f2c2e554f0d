"""The Word report of one department."""

from evalxl.outputs.word.page import GB_9704, PageSetup
from evalxl.outputs.word.report import check_installed, write_report

__all__ = ["GB_9704", "PageSetup", "check_installed", "write_report"]
