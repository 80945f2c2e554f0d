"""evalxl: self-evaluations of departments' whole expenditure, from filled-in workbooks to a signed district summary."""

__version__ = "0.1.0"
