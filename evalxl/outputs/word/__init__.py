"""The Word report of one department, and back: a typed report read into the template."""

from evalxl.outputs.word.page import GB_9704, PageSetup
from evalxl.outputs.word.report import check_installed, read_report, write_report
from evalxl.transfer.report.draft import Imported

__all__ = ["GB_9704", "Imported", "PageSetup", "check_installed", "read_report", "write_report"]
