"""Imported once by the process from which checking processes fork off: all that a check needs."""

from evalxl import library

library.check_apart([{"a.xlsx": b""}])
