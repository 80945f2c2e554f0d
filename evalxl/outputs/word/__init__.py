"""The Word report of one department."""

from evalxl.outputs.word.report import check_installed, write_report

__all__ = ["check_installed", "write_report"]
