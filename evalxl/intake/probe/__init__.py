"""Whether a file is safe to read, and what the value reader would not tell us of it."""

from evalxl.intake.probe.contents import Oddity, Veil
from evalxl.intake.probe.facts import Probe, author_of
from evalxl.intake.probe.file import is_litter, probe
from evalxl.intake.probe.limits import MAX_FILE
from evalxl.intake.probe.refusals import Unreadable, refusal, stranger

__all__ = [
    "MAX_FILE", "Oddity", "Probe", "Unreadable", "Veil", "author_of", "is_litter", "probe", "refusal", "stranger",
]  # fmt: skip
