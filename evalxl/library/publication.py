"""Publishing, as it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evalxl.library.policy import PolicySource, in_force

if TYPE_CHECKING:
    from evalxl.run.publication import Publication


def publish(outbox: str | Path, out: str | Path, *, policy: PolicySource = None) -> Publication:
    """Write what may be published of an outbox: a report for each department that has passed, summary and ledger.

    Names of people and numbers that reach them are masked; projects that are not to be known are left out, their sum
    is told. What the office has filled into the ledger is kept, and held against what was filed. UsageError for a
    merged run, for another policy, and where a report has been changed by hand.
    """
    from evalxl.outputs.word import check_installed
    from evalxl.run.publication import publish as published

    check_installed()
    return published(Path(outbox), Path(out), in_force(policy))
