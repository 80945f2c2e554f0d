"""What the workbooks say: files in, one district of long tables out."""

from evalxl.intake.read.workbooks import read, refuse

__all__ = ["read", "refuse"]
